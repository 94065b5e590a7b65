//! What is judged, with its lookups, and the list that collects what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use proofreel_model::brief::{KeyFact, ResearchBrief, Source};
use proofreel_model::fact::Fact;
pub use proofreel_model::fact::series_of;
use proofreel_model::ids::{ClaimId, FactId, SceneId, SourceId};
use proofreel_model::order::Order;
use proofreel_model::policy::Policy;
use proofreel_model::qa::QaFinding;
use proofreel_model::scenes::{Scene, Scenes};
use proofreel_model::script::Script;
use proofreel_model::series::{SeriesInfo, SeriesRef};
use proofreel_model::stage::StageName;

use super::lexicon::Lexicon;
use super::rules::{Rule, Severity};

/// The three artifacts under judgement and what they are judged by.
pub struct Dossier<'a> {
    /// Research brief.
    pub brief: &'a ResearchBrief,
    /// Scenes.
    pub scenes: &'a Scenes,
    /// Script.
    pub script: &'a Script,
    /// The order.
    pub order: &'a Order,
    /// Numbers of the law.
    pub policy: &'a Policy,
    /// Word lists.
    pub lexicon: &'a Lexicon,
    /// Series as their packages describe them, for those that the artifacts name.
    pub library: BTreeMap<SeriesRef, SeriesInfo>,
    /// Claims whose superlative was proven over the whole series, see [`super::proofs`].
    pub proven: BTreeSet<ClaimId>,
    /// Claims whose peak no later observation reaches.
    pub unrecovered: BTreeSet<ClaimId>,
    /// Each source with the series that it made, by what the packages say, see [`super::sources`].
    pub made: BTreeSet<(SourceId, SeriesRef)>,
    /// Words of the names that the brief may speak of, see [`super::strangers`].
    pub known_words: BTreeSet<String>,
    facts: BTreeMap<&'a FactId, &'a Fact>,
    claims: BTreeMap<&'a ClaimId, &'a KeyFact>,
    sources: BTreeMap<&'a SourceId, &'a Source>,
}

impl<'a> Dossier<'a> {
    /// Sets the artifacts side by side.
    pub fn new(
        (brief, scenes, script): (&'a ResearchBrief, &'a Scenes, &'a Script),
        (order, policy, lexicon): (&'a Order, &'a Policy, &'a Lexicon),
        library: BTreeMap<SeriesRef, SeriesInfo>,
    ) -> Self {
        Self {
            brief,
            scenes,
            script,
            order,
            policy,
            lexicon,
            library,
            proven: BTreeSet::new(),
            unrecovered: BTreeSet::new(),
            made: BTreeSet::new(),
            known_words: BTreeSet::new(),
            facts: brief.facts.iter().map(|fact| (&fact.id, fact)).collect(),
            claims: brief.key_facts.iter().map(|claim| (&claim.claim_id, claim)).collect(),
            sources: brief.sources.iter().map(|source| (&source.source_id, source)).collect(),
        }
    }

    /// The fact with this id.
    pub fn fact(&self, id: &FactId) -> Option<&'a Fact> {
        self.facts.get(id).copied()
    }

    /// The claim with this id.
    pub fn claim(&self, id: &ClaimId) -> Option<&'a KeyFact> {
        self.claims.get(id).copied()
    }

    /// The source with this id.
    pub fn source(&self, id: &SourceId) -> Option<&'a Source> {
        self.sources.get(id).copied()
    }

    /// The scene with this id.
    pub fn scene(&self, id: &SceneId) -> Option<&'a Scene> {
        self.scenes.scenes.iter().find(|scene| &scene.scene_id == id)
    }

    /// Sources that the brief gives for a claim.
    pub fn claim_sources(&self, claim: &ClaimId) -> impl Iterator<Item = &'a SourceId> {
        self.brief
            .key_fact_sources
            .iter()
            .filter(move |entry| &entry.claim == claim)
            .flat_map(|entry| &entry.source_ids)
    }

    /// Words that the voice says in a minute, see [`crate::contract::words_per_minute`].
    pub fn words_per_minute(&self) -> f64 {
        crate::contract::words_per_minute(self.policy, self.order)
    }
}

/// What is wrong, in the order found, with what was counted on the way.
#[derive(Default)]
pub struct Findings {
    list: Vec<(Rule, QaFinding)>,
    seen: BTreeSet<(Rule, Option<SceneId>, String, String)>,
    /// Plotted points compared with their rows.
    pub points: u32,
    /// Texts read.
    pub texts: u32,
    /// Citations worded again.
    pub citations: u32,
}

/// Where something is: its stage, scene and place.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// The stage that owns it.
    pub owner: StageName,
    /// The scene, when it is inside one.
    pub scene: Option<&'a SceneId>,
    /// The place in words.
    pub name: String,
}

impl<'a> Place<'a> {
    /// A place of the research brief.
    pub fn research(name: impl Into<String>) -> Self {
        Self { owner: StageName::Research, scene: None, name: name.into() }
    }

    /// A place of the script outside any scene.
    pub fn script(name: impl Into<String>) -> Self {
        Self { owner: StageName::Script, scene: None, name: name.into() }
    }

    /// A place of a scene's structure or picture.
    pub fn scene(scene: &'a SceneId, name: impl Into<String>) -> Self {
        Self { owner: StageName::SceneBuilder, scene: Some(scene), name: name.into() }
    }

    /// A place of a scene's words.
    pub fn narration(scene: &'a SceneId, name: impl Into<String>) -> Self {
        Self { owner: StageName::Script, scene: Some(scene), name: name.into() }
    }
}

impl Findings {
    /// Notes a breach once.
    pub fn add(&mut self, rule: Rule, place: &Place<'_>, detail: impl Into<String>) {
        let detail = detail.into();
        if !self.seen.insert((rule, place.scene.cloned(), place.name.clone(), detail.clone())) {
            return;
        }
        let finding = QaFinding {
            rule: rule.name().to_owned(),
            scene_id: place.scene.cloned(),
            place: place.name.clone(),
            detail,
            owner: place.owner,
            fatal: rule.severity() > Severity::Minor,
        };
        self.list.push((rule, finding));
    }

    /// True when something was found at this place.
    pub fn charged(&self, place: &Place<'_>) -> bool {
        self.list.iter().any(|(_, finding)| finding.scene_id.as_ref() == place.scene && finding.place == place.name)
    }

    /// Every breach with its rule.
    pub fn all(&self) -> &[(Rule, QaFinding)] {
        &self.list
    }

    /// The breaches as they stand in the report.
    pub fn into_report(self) -> Vec<QaFinding> {
        self.list.into_iter().map(|(_, finding)| finding).collect()
    }
}
