//! Narration: sentences for each scene within its words.

use std::collections::{BTreeMap, BTreeSet};

use proofreel_model::finding::FindingKind;
use proofreel_model::ids::FactId;
use proofreel_model::scenes::{NarrativeRole, Scene};
use proofreel_model::script::ScriptScene;
use proofreel_model::text::RichText;
use proofreel_model::visual::Visual;

use super::draft::Draft;
use crate::Context;
use crate::directives;
use crate::prose::bound::Reference;
use crate::prose::composer::{citing, comparing, hash, repeating, telling, values};
use crate::prose::plans::{
    self, IN_WORDS, INSIGHT, INTO_ANYTHING, INTO_EVIDENCE, INTO_INSIGHT, INTO_PAYOFF, NOMINAL, NUMBER, NUMBER_IN_SHORT,
    SCEPTIC, SCOPE, SIGN_OFF, TAKEAWAY, WATCH, bridges, primers,
};
use crate::prose::{Bound, Composed, Composer, Plan, Slot, Story, Wish};
use crate::scene_builder::card_figure;

/// Words by which a scene may run over its budget for the sake of a whole sentence.
const OVERRUN: usize = 5;
/// Words kept for saying how far the figures run.
const SCOPE_WORDS: usize = 14;
/// Words kept for saying in what money the figures are.
const NOMINAL_WORDS: usize = 12;
/// Years over which inflation makes a difference that is told.
const LONG_YEARS: i16 = 10;
/// A bridge has at most this many words.
const BRIDGE_WORDS: usize = 14;
/// A sentence that tells a line of the payoff may have so many words, however long the others were.
const LINE_WORDS: usize = 24;
/// A sentence below this many words is not worth adding for length alone.
const SHORTEST: usize = 6;

/// Writes all scenes in order. What a scene leaves unused or runs over is carried to the next.
pub(super) fn narrate(
    scenes: &[Scene],
    story: Story<'_>,
    composer: &mut Composer,
    context: &Context<'_>,
) -> Vec<ScriptScene> {
    let (scoped, promised) = (!story.is_historical(), BTreeMap::new());
    let (priced, repeating) = (false, false);
    let mut narrator = Narrator { story, composer, context, carry: 0, scoped, priced, proofs: 0, promised, repeating };
    let mut drafts: Vec<Draft> = scenes.iter().map(|scene| narrator.draft(scene, scenes)).collect();
    narrator.top_up(scenes, &mut drafts);
    scenes
        .iter()
        .zip(drafts)
        .map(|(scene, draft)| ScriptScene {
            scene_id: scene.scene_id.clone(),
            on_screen_text: narrator.beside(scene, &draft.told),
            narration: draft.sentences,
        })
        .collect()
}

struct Narrator<'a, 'c, 'p> {
    story: Story<'a>,
    composer: &'p mut Composer,
    context: &'p Context<'c>,
    /// Words left over (or overdrawn, negative) by the scenes so far.
    carry: i64,
    /// Whether the age of the figures has been told.
    scoped: bool,
    /// Whether it has been told in what money the figures are.
    priced: bool,
    proofs: usize,
    /// How often each figure of the hook was told so far, lengths of time aside: "those seven years" points back on
    /// purpose.
    promised: BTreeMap<FactId, usize>,
    /// Whether such a figure may be told however often it was.
    repeating: bool,
}

impl Narrator<'_, '_, '_> {
    fn draft(&mut self, scene: &Scene, all: &[Scene]) -> Draft {
        let planned = i64::from(scene.word_budget);
        let budget = (planned + self.carry).clamp(planned * 7 / 10, planned * 7 / 5).max(8) as usize;
        let draft = match (scene.narrative_role, &scene.visual) {
            (NarrativeRole::Hook, _) => self.hook(scene, budget),
            (NarrativeRole::Proof, _) => self.proof(scene, budget),
            (NarrativeRole::Insight, _) => self.insight(scene, budget, is_last_insight(scene, all)),
            (NarrativeRole::Payoff, Visual::End { sources, .. }) => self.end(sources.len(), budget),
            (NarrativeRole::Payoff, _) => self.payoff(scene, budget),
        };
        self.carry += planned - draft.words as i64;
        draft
    }

    /// When scenes fell short of their words, or all of them of the shortest episode, those with more to tell tell more.
    fn top_up(&mut self, scenes: &[Scene], drafts: &mut [Draft]) {
        let planned: i64 = scenes.iter().map(|scene| i64::from(scene.word_budget)).sum();
        let seconds = f64::from(self.context.policy.episode.runtime_seconds.0);
        let least = (seconds * self.context.words_per_minute() / 60.0).ceil() as i64;
        for (scene, draft) in scenes.iter().zip(drafts.iter_mut()) {
            let under = least - (planned - self.carry);
            // What is missing of the shortest episode may be less than a sentence has.
            let short = if under > 0 { self.carry.max(SHORTEST as i64) } else { self.carry };
            let is_long_enough = under <= 0 && short * 40 < planned;
            if is_long_enough || scene.narrative_role != NarrativeRole::Proof {
                continue;
            }
            let Some((claim, mut bound)) = scene.key_claims.first().and_then(|id| self.story.claim(id)) else {
                continue;
            };
            bound.reference = Reference::Pronoun;
            if let Some(last) = draft.sentences.last() {
                self.composer.follow(&last.text.text());
            }
            let before = draft.words;
            let budget = (scene.word_budget as usize * 3 / 2).min(before + short.unsigned_abs() as usize);
            self.fill(draft, claim.finding.kind, &bound, budget);
            self.carry -= (draft.words - before) as i64;
        }
    }

    /// A noun alone, "the price", is clear only where the episode has a single subject.
    fn short_reference(&self) -> Reference {
        if self.story.brief.topic.series.len() == 1 { Reference::Noun } else { Reference::Full }
    }

    fn longest(&self) -> usize {
        directives::sentence_words(self.context)
    }

    /// Composes for `draft`; true when something was added.
    fn add(
        &mut self,
        draft: &mut Draft,
        plans: &[Plan],
        bound: &Bound<'_>,
        slot: Slot,
        max_words: usize,
        about: Option<usize>,
    ) -> bool {
        let max_words = max_words.min(self.longest());
        let kept = if slot == Slot::Takeaway { self.owed() } else { self.kept() };
        let (told, shown, kept) = (Some(&draft.told), Some(&draft.shown), Some(&kept));
        let dates = draft.dates();
        let wish = Wish { about_words: about, told, dates: Some(&dates), shown, kept, ..Wish::of(slot, max_words) };
        // With several series, "it fell" leaves a listener asking what fell.
        let several = self.story.brief.topic.series.len() > 1;
        let named =
            several && matches!(slot, Slot::Lead | Slot::Surprise | Slot::Insight | Slot::Takeaway | Slot::Watch);
        let composed = self.composer.compose(plans, bound, Wish { named, ..wish });
        // At the end of a film of several series, a figure without a name is given to the wrong one.
        let unnamed = named && matches!(slot, Slot::Lead | Slot::Surprise);
        match composed.or_else(|| if unnamed { self.composer.compose(plans, bound, wish) } else { None }) {
            Some(composed) => {
                for fact in values(&composed.text) {
                    if let Some(times) = self.promised.get_mut(fact) {
                        *times += 1;
                    }
                }
                draft.add(composed);
                true
            }
            None => false,
        }
    }

    /// Figures of the hook that were told as often as the law wants: the payoff is to give them back.
    fn kept(&self) -> BTreeSet<FactId> {
        if self.repeating {
            return BTreeSet::new();
        }
        let most = self.context.policy.episode.promise_tellings;
        self.promised.iter().filter(|(_, times)| **times >= most).map(|(fact, _)| fact.clone()).collect()
    }

    /// What the payoff owes: the figures that were kept for it, or, where its evidence told the promise by its ends alone and
    /// nothing had to be kept, all that the hook told.
    fn owed(&self) -> BTreeSet<FactId> {
        let kept = self.kept();
        if kept.is_empty() { self.promised.keys().cloned().collect() } else { kept }
    }

    fn hook(&mut self, scene: &Scene, budget: usize) -> Draft {
        let mut draft = Draft::default();
        if let Visual::Title { heading, .. } = &scene.visual {
            let promise = Composed { text: heading.clone(), plan: "title.promise", claims: Vec::new() };
            self.composer.say(&promise);
            draft.add(promise);
        }
        if let Some(bound) = self.story.joined(&scene.key_claims) {
            let wish = Wish::of(Slot::Surprise, self.longest());
            let angle = self.story.brief.topic.angle;
            let plans = directives::surprises(self.composer, self.context, angle, &bound, wish);
            *self.composer = directives::another(self.composer, self.context, &plans, &bound, wish);
            while draft.left(budget) >= SHORTEST {
                // A hook without a surprise is none: a long name may take the words it needs.
                let max = if draft.sentences.len() == 1 { self.longest() } else { draft.left(budget) + OVERRUN };
                if draft.sentences.len() > 2 || !self.add(&mut draft, &plans, &bound, Slot::Surprise, max, None) {
                    break;
                }
            }
            let figures = draft.told.iter().filter(|fact| !bound.is_duration(fact));
            self.promised = figures.map(|fact| (fact.clone(), 1)).collect();
        }
        draft
    }

    fn proof(&mut self, scene: &Scene, budget: usize) -> Draft {
        // Words that point at marks speak of both ends of a stretch of one line.
        let line = matches!(&scene.visual, Visual::Line { .. } | Visual::Timeline { .. } | Visual::BeforeAfter { .. });
        let marked = line && scene.visual.traces().len() == 1 && scene.visual.marks().len() > 1;
        let shown = scene.visual.texts().into_iter().flat_map(|(_, text)| values(text)).cloned().collect();
        let mut draft = Draft { looks: marked, shown, ..Draft::default() };
        self.proofs += 1;
        for id in &scene.key_claims {
            let Some((claim, mut bound)) = self.story.claim(id) else { continue };
            let kind = claim.finding.kind;
            let table = if self.proofs > 1 { bridges(kind) } else { INTO_EVIDENCE };
            self.bridge(&mut draft, table, &bound);
            let own = claim.finding.series.len() == 1
                && self.story.subject().is_some_and(|subject| claim.finding.series.first() == Some(&subject.series));
            let lot = hash(self.context.order.seed, scene.scene_id.as_str());
            bound.reference =
                if own && self.proofs > 1 && lot % 5 < 3 { self.short_reference() } else { Reference::Full };
            self.add(&mut draft, plans::of(kind), &bound, Slot::Lead, self.longest(), Some(budget / 2));
            bound.reference = Reference::Pronoun;
            let scoping = !self.scoped && bound.has("newest");
            // Where inflation is taken out, all is said.
            self.priced |= kind == FindingKind::RealVsNominal;
            let pricing = !self.priced && bound.is_nominal() && bound.compares_over(LONG_YEARS, None);
            let kept = usize::from(scoping) * SCOPE_WORDS + usize::from(pricing) * NOMINAL_WORDS;
            self.fill(&mut draft, kind, &bound, budget.saturating_sub(kept));
            // What it compares over long may be a share, or not have been told.
            if pricing && bound.compares_over(LONG_YEARS, Some(&draft.told)) {
                self.priced = self.add(&mut draft, NOMINAL, &bound, Slot::Scope, 24, None);
            }
            self.scope(&mut draft, &bound);
        }
        draft
    }

    /// Gives a reason to stay where the scene before did not end with a question.
    fn bridge(&mut self, draft: &mut Draft, plans: &[Plan], bound: &Bound<'_>) {
        if !draft.sentences.is_empty() || (self.proofs == 1 && self.composer.last_asks()) {
            return;
        }
        if !self.add(draft, plans, bound, Slot::Bridge, BRIDGE_WORDS, None) {
            self.add(draft, INTO_ANYTHING, bound, Slot::Bridge, BRIDGE_WORDS, None);
        }
    }

    /// Says how far the figures run, where the newest of them is first told.
    fn scope(&mut self, draft: &mut Draft, bound: &Bound<'_>) {
        if !self.scoped && self.add(draft, SCOPE, bound, Slot::Scope, 24, None) {
            self.scoped = true;
        }
    }

    /// Details of the claim, then an explanation of its measure, as far as the words go.
    fn fill(&mut self, draft: &mut Draft, kind: FindingKind, bound: &Bound<'_>, budget: usize) {
        let mut explained = 0;
        while draft.left(budget) >= SHORTEST {
            let max = draft.left(budget) + OVERRUN;
            let news = plans::of(kind);
            if self.has_news(draft, bound, max, news)
                && self.add(draft, news, bound, Slot::Detail, max, Some(max.min(18)))
            {
                continue;
            }
            let looking = draft.looks && explained > 0 && self.add(draft, primers(kind), bound, Slot::Look, max, None);
            if looking || (explained < 2 && self.add(draft, primers(kind), bound, Slot::Primer, max, None)) {
                draft.looks &= !looking;
                explained += 1;
                continue;
            }
            if draft.left(budget) < 2 * SHORTEST || !self.add(draft, news, bound, Slot::Detail, max, Some(max.min(18)))
            {
                break;
            }
        }
    }

    /// True when a detail would tell a fact that the scene has not told.
    fn has_news(&self, draft: &Draft, bound: &Bound<'_>, max: usize, plans: &[Plan]) -> bool {
        let kept = self.kept();
        let (told, shown, kept) = (Some(&draft.told), Some(&draft.shown), Some(&kept));
        let wish = Wish { told, shown, kept, ..Wish::of(Slot::Detail, max.min(self.longest())) };
        self.composer
            .propose(plans, bound, wish)
            .is_some_and(|composed| values(&composed.text).any(|fact| !draft.told.contains(fact)))
    }

    fn insight(&mut self, scene: &Scene, budget: usize, last: bool) -> Draft {
        let mut draft = Draft::default();
        let Some(mut bound) = self.story.joined(&scene.key_claims) else { return draft };
        bound.reference = self.short_reference();
        self.bridge(&mut draft, INTO_INSIGHT, &bound);
        let bridged = draft.sentences.len();
        // The sceptic has the last word of the last insight, when there is room for both.
        let sceptic = last && budget >= 40;
        let for_insight = if sceptic { budget * 3 / 5 } else { budget };
        self.shown(&mut draft, scene, &bound);
        if draft.sentences.len() > bridged && !draft.compares() {
            // A number in short sets nothing against anything: a comparison stands beside it, however few words are left.
            self.add(&mut draft, &comparing(INSIGHT, &bound), &bound, Slot::Insight, self.longest(), None);
        }
        while draft.left(for_insight) >= SHORTEST {
            let max = draft.left(for_insight).max(28) + OVERRUN;
            if !self.add(&mut draft, INSIGHT, &bound, Slot::Insight, max, None) {
                break;
            }
        }
        if draft.sentences.len() == bridged {
            // Better a figure once more than an insight that says nothing.
            self.repeating = true;
            self.add(&mut draft, INSIGHT, &bound, Slot::Insight, for_insight.max(28) + OVERRUN, None);
            self.repeating = false;
        }
        let silent = draft.sentences.len() == bridged;
        if silent || (sceptic && draft.left(budget) >= 2 * SHORTEST) {
            let max = if silent { draft.left(budget).max(16) } else { draft.left(budget) } + OVERRUN;
            self.add(&mut draft, SCEPTIC, &bound, Slot::Sceptic, max, None);
        }
        draft
    }

    /// Says the number that the card shows, by a comparison where there is one, without a figure that is kept for the payoff
    /// where that can be. A plan that a rewrite names is used only where no other says the number.
    fn shown(&mut self, draft: &mut Draft, scene: &Scene, bound: &Bound<'_>) {
        let Visual::BigNumber { fact, .. } = &scene.visual else { return };
        // These are for figures that are kept; elsewhere they would say again what a comparison has said.
        let in_words: &[Plan] = if self.kept().is_empty() { &[] } else { IN_WORDS };
        let tables = [INSIGHT, in_words, NUMBER, NUMBER_IN_SHORT].map(|table| citing(table, bound, fact));
        let (good, bad): (Vec<Vec<Plan>>, Vec<Vec<Plan>>) = tables
            .into_iter()
            .map(|plans| plans.into_iter().partition::<Vec<Plan>, _>(|plan| !self.is_charged(plan)))
            .unzip();
        let again = good.iter().chain(&bad).map(|plans| (plans, true));
        // A number alone sets nothing against anything: rather than that, a figure is repeated.
        let comparing = good.iter().take(3).map(|plans| (plans, false));
        for (plans, repeating) in comparing.chain(again) {
            self.repeating = repeating;
            let said = self.add(draft, plans, bound, Slot::Insight, self.longest(), None);
            self.repeating = false;
            if said {
                return;
            }
        }
    }

    /// True when a rewrite names the plan.
    fn is_charged(&self, plan: &Plan) -> bool {
        self.context.reasons.iter().any(|reason| reason.contains(plan.name))
    }

    /// The plans that no rewrite names.
    fn uncharged(&self, plans: Vec<Plan>) -> Vec<Plan> {
        plans.into_iter().filter(|plan| !self.is_charged(plan)).collect()
    }

    fn payoff(&mut self, scene: &Scene, budget: usize) -> Draft {
        let lines: &[RichText] = if let Visual::Payoff { points, .. } = &scene.visual { points } else { &[] };
        let shown: BTreeSet<FactId> = lines.iter().flat_map(RichText::facts).cloned().collect();
        let mut draft = Draft { shown: shown.clone(), ..Draft::default() };
        let Some(mut bound) = self.story.joined(&scene.key_claims) else { return draft };
        bound.reference = self.short_reference();
        self.bridge(&mut draft, INTO_PAYOFF, &bound);
        let bridged = draft.sentences.len();
        let for_takeaway = budget * 3 / 5;
        while draft.left(for_takeaway) >= SHORTEST {
            let max =
                if draft.sentences.len() == bridged { self.longest() } else { draft.left(for_takeaway) + OVERRUN };
            if draft.sentences.len() > bridged + 1 || !self.add(&mut draft, TAKEAWAY, &bound, Slot::Takeaway, max, None)
            {
                break;
            }
        }
        // What comes last tells a line that is left, where it can; each of the others has a sentence of its own.
        let max = draft.left(budget).max(16) + OVERRUN;
        let figures: Vec<BTreeSet<FactId>> = lines.iter().map(card_figure).collect();
        let left: BTreeSet<FactId> = figures.iter().filter(|line| !draft.cites(line)).flatten().cloned().collect();
        let mut last = Draft { shown, told: draft.told.clone(), ..Draft::default() };
        let watch = self.uncharged(telling(WATCH, &bound, &left));
        if !self.add(&mut last, &watch, &bound, Slot::Watch, max, None) {
            self.add(&mut last, WATCH, &bound, Slot::Watch, max, None);
        }
        if let Some(sentence) = draft.sentences.last() {
            self.composer.follow(&sentence.text.text());
        }
        for (line, figure) in lines.iter().zip(&figures).filter(|(_, figure)| !figure.is_empty()) {
            let whole: BTreeSet<FactId> = line.facts().cloned().collect();
            for facts in [figure, &whole] {
                // As far as the scene's time lets anyone speak.
                let most = (scene.word_budget as usize * 8 / 5).saturating_sub(draft.words + last.words);
                let most = most.max(LINE_WORDS);
                if draft.cites(facts) || last.cites(facts) || self.tell(&mut draft, facts, most, scene, &bound) {
                    break;
                }
            }
        }
        draft.append(last);
        if let Some(sentence) = draft.sentences.last() {
            self.composer.follow(&sentence.text.text());
        }
        if draft.sentences.len() == bridged {
            // A brief of a kind no takeaway speaks of still repeats its strongest claim.
            if let Some((claim, bound)) = scene.key_claims.first().and_then(|id| self.story.claim(id)) {
                self.add(&mut draft, plans::of(claim.finding.kind), &bound, Slot::Lead, self.longest(), None);
            }
        }
        draft
    }

    /// Tells one of these facts, which a line of the payoff's card is there for: by a sentence that looks at the whole, else as
    /// its claim states it. True when something was added.
    fn tell(
        &mut self,
        draft: &mut Draft,
        facts: &BTreeSet<FactId>,
        most: usize,
        scene: &Scene,
        joined: &Bound<'_>,
    ) -> bool {
        let short = Some(SHORTEST);
        if self.add(draft, &telling(TAKEAWAY, joined, facts), joined, Slot::Takeaway, most, short) {
            return true;
        }
        // A promise is to be given back here: it costs nothing to state it.
        self.repeating = true;
        let told = scene.key_claims.iter().any(|id| {
            self.story.claim(id).is_some_and(|(claim, bound)| {
                let stated = self.uncharged(telling(plans::of(claim.finding.kind), &bound, facts));
                self.add(draft, &stated, &bound, Slot::Lead, most, short)
            })
        });
        self.repeating = false;
        told
    }

    fn end(&mut self, sources: usize, budget: usize) -> Draft {
        let mut draft = Draft::default();
        if let Some(mut bound) = self.story.joined(&[]) {
            bound.sources = Some(sources);
            self.add(&mut draft, SIGN_OFF, &bound, Slot::SignOff, budget + OVERRUN, Some(budget));
        }
        draft
    }

    /// The claim in short beside its picture: by figures that the scene has told, where they make a line.
    fn beside(&mut self, scene: &Scene, told: &BTreeSet<FactId>) -> Vec<RichText> {
        let composer = self.story.composer(self.context, "beside");
        let card = |id| {
            let (claim, bound) = self.story.claim(id)?;
            let (plans, wish) = (plans::of(claim.finding.kind), Wish::of(Slot::Card, 10));
            let card = composer.propose(&repeating(plans, &bound, told), &bound, wish);
            card.or_else(|| composer.propose(plans, &bound, wish)).map(|card| card.text)
        };
        match scene.narrative_role {
            // The hook says a figure that its title does not: who watches without sound shall see it too.
            NarrativeRole::Proof | NarrativeRole::Hook => scene.key_claims.iter().find_map(card).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

fn is_last_insight(scene: &Scene, all: &[Scene]) -> bool {
    all.iter()
        .rfind(|other| other.narrative_role == NarrativeRole::Insight)
        .is_some_and(|last| last.scene_id == scene.scene_id)
}
