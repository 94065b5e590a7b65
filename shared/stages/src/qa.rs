//! The gate: every number recomputed, every word beside it weighed, and a verdict by the law.
//!
//! QA trusts no artifact. Facts are recomputed from the package bytes by code apart from the miner's, plotted
//! points are compared with their rows, citations are worded again, and plain text is searched for numbers in
//! any disguise. The rules are in [`rules`], the word lists in `specs/policy/number_words.toml`.

pub(crate) mod backing;
pub mod checklists;
pub mod citations;
pub mod crises;
pub mod direction;
pub mod dossier;
pub mod ends;
mod filmed;
pub mod flat;
pub mod grave;
pub mod ground;
pub mod intake;
pub mod joins;
pub mod lexicon;
mod licensing;
mod lists;
pub mod measures;
pub mod numerals;
pub mod pacing;
pub mod packaging;
pub mod passages;
mod patterns;
pub mod pictures;
pub mod proofs;
pub mod published;
pub mod reading;
pub mod recomputation;
pub mod retention;
mod risks;
pub mod rules;
pub mod sameness;
pub mod scores;
pub mod seasons;
mod shapes;
pub mod slots;
pub mod sources;
pub mod strangers;
mod stretches;
pub mod structure;
mod sweeping;
pub mod told;
pub mod tone;
mod unsaid;
pub mod verdict;

#[cfg(test)]
mod false_claims;
#[cfg(test)]
mod false_joins;
#[cfg(test)]
mod false_kinds;
#[cfg(test)]
mod false_structure;
#[cfg(test)]
mod false_words;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod staging;

use async_trait::async_trait;
use proofreel_model::brief::ResearchBrief;
use proofreel_model::digest::{Digest, canonical_json};
use proofreel_model::qa::{Decision, QaReport};
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use serde::Deserialize;

use crate::contract::{Context, Outcome, Stage, StageError};
use crate::render::metadata;
use dossier::{Dossier, Findings, Place};
use ground::Ground;
use intake::Judged;
use lexicon::Lexicon;
use published::Published;

/// The QA stage.
#[derive(Clone, Copy, Debug, Default)]
pub struct Qa;

/// What QA reads.
#[derive(Debug, Deserialize)]
pub struct QaInput {
    /// Output of research.
    pub brief: Judged<ResearchBrief>,
    /// Output of the scene builder.
    pub scenes: Judged<Scenes>,
    /// Output of the script stage.
    pub script: Judged<Script>,
}

impl QaInput {
    /// Artifacts that are at hand in their types.
    ///
    /// # Errors
    /// When one of them cannot be written as JSON.
    pub fn of(brief: ResearchBrief, scenes: Scenes, script: Script) -> Result<Self, StageError> {
        Ok(Self { brief: judged(brief)?, scenes: judged(scenes)?, script: judged(script)? })
    }
}

fn judged<T: serde::Serialize>(artifact: T) -> Result<Judged<T>, StageError> {
    let raw = serde_json::to_value(&artifact)
        .map_err(|error| StageError::Failed(format!("an artifact cannot be written as JSON: {error}")))?;
    Ok(Judged { raw, typed: Ok(artifact) })
}

#[async_trait]
impl Stage for Qa {
    const NAME: StageName = StageName::Qa;
    const READS: &'static [StageName] = &[StageName::Research, StageName::SceneBuilder, StageName::Script];
    type Input = QaInput;
    type Output = QaReport;

    async fn run(&self, input: Self::Input, context: &Context<'_>) -> Result<Outcome<Self::Output>, StageError> {
        let report = judge(&input, context)?;
        Ok(match report.verdict.clone() {
            Decision::Pass => Outcome::advance(report),
            Decision::Rewrite { stage, reasons } => Outcome::Rewrite { stage, reasons, report },
            Decision::Reject { reasons } => Outcome::Reject { reasons, report: Some(report) },
        })
    }
}

/// Judges an episode. The same artifacts and packages give the same report.
///
/// # Errors
/// Only when the judge itself is broken: word lists that do not load, an artifact that cannot be written.
pub fn judge(input: &QaInput, context: &Context<'_>) -> Result<QaReport, StageError> {
    judge_published(input, &Published::default(), &Ground::new(context.packages), context)
}

/// Judges an episode with what lies beside its artifacts. `ground` must be over the context's packages; many episodes
/// of the same packages may share it.
///
/// # Errors
/// As [`judge`].
pub fn judge_published(
    input: &QaInput,
    published: &Published,
    ground: &Ground<'_>,
    context: &Context<'_>,
) -> Result<QaReport, StageError> {
    let script_bytes = canonical_json(&input.script.raw)
        .map_err(|error| StageError::Failed(format!("the script cannot be written as JSON: {error}")))?;
    let mut findings = Findings::default();
    let owned = |owner, name: &str| Place { owner, scene: None, name: name.into() };
    let brief = input.brief.open(&owned(StageName::Research, "brief"), &mut findings);
    let scenes = input.scenes.open(&owned(StageName::SceneBuilder, "scenes"), &mut findings);
    let script = input.script.open(&owned(StageName::Script, "script"), &mut findings);

    published::packages(published, &mut findings);

    let (mut recomputed, mut scored) = (Vec::new(), Vec::new());
    if let (Some(brief), Some(scenes), Some(script)) = (brief, scenes, script) {
        let lexicon = Lexicon::embedded().map_err(StageError::Failed)?;
        let library = passages::series_named(brief, scenes, script)
            .into_iter()
            .filter_map(|series| Some((series.clone(), context.library.series(series)?.info.clone())))
            .collect();
        let mut dossier = Dossier::new((brief, scenes, script), (context.order, context.policy, &lexicon), library);
        context.progress.begin("recomputing every number", brief.facts.len() as u64);
        recomputed = recomputation::check(&dossier, ground, &mut findings);
        seasons::check(&dossier, &mut findings);
        context.progress.at(brief.facts.len() as u64);
        context.progress.end();
        dossier.proven = proofs::check(&dossier, ground, context.library, &mut findings);
        dossier.unrecovered = proofs::unrecovered(&dossier, context.library);
        dossier.made = sources::made(brief, context);
        dossier.known_words = strangers::known_words(&dossier);
        pictures::check(&dossier, ground, &mut findings);
        words(&dossier, &mut findings);
        crises::check_bars(&dossier, &mut findings);
        sources::check(&dossier, &mut findings);
        licensing::check(&dossier, &mut findings);
        backing::check(&dossier, &mut findings);
        risks::check(&dossier, &mut findings);
        structure::check(&dossier, &mut findings);
        packaging::check(&dossier, &mut findings);
        pacing::check(&dossier, &mut findings);
        retention::check(&dossier, &mut findings);
        unsaid::check(&dossier, &mut findings);
        sameness::check(&dossier, &mut findings);
        let rules = published::Rules {
            language: &context.order.channel.language,
            description_bytes: context.policy.episode.description_bytes,
            credits: &metadata::credits(scenes, context.order),
        };
        published::check(script, &metadata::shown(&brief.sources, scenes), published, rules, &mut findings);
        let measured = measures::check(&dossier, &mut findings);
        scored = scores::all(&dossier, &measured, &findings);
    }
    let answers = checklists::answer(&findings, &recomputed);
    let verdict = verdict::decide(&context.policy.qa, script, &findings, &scored, &answers);
    let checklists = answers.into_iter().map(|(item, _)| item).collect();
    Ok(QaReport {
        schema_version: proofreel_model::schema_version(),
        verdict,
        scenes: scored,
        checklists,
        recomputed,
        points_checked: findings.points,
        texts_checked: findings.texts,
        citations_checked: findings.citations,
        findings: findings.into_report(),
        script_digest: Digest::of(&script_bytes),
        media: None,
    })
}

/// Every text that can reach a viewer.
fn words(dossier: &Dossier<'_>, findings: &mut Findings) {
    for passage in passages::all(dossier) {
        citations::check(dossier, &passage, findings);
        numerals::check(dossier, &passage, findings);
        direction::check(dossier, &passage, findings);
        joins::check(dossier, &passage, findings);
        slots::check(dossier, &passage, findings);
        crises::check(dossier, &passage, findings);
        told::check(dossier, &passage, findings);
        tone::check(dossier, &passage, findings);
        strangers::check(dossier, &passage, findings);
        grave::check(dossier, &passage, findings);
        flat::check(dossier, &passage, findings);
    }
    for (text, place) in passages::plain_strings(dossier) {
        numerals::check_string(dossier, text, &place, findings);
        flat::check_string(dossier, text, &place, findings);
    }
    grave::names(dossier, findings);
}
