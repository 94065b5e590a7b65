//! Chooses sentence plans: by seed, never the same opening again while another is left.

use std::collections::{BTreeMap, BTreeSet};

use proofreel_model::channel::Tone;
use proofreel_model::ids::{ClaimId, FactId};
use proofreel_model::print::{self, EpisodePrint};
use proofreel_model::text::{Cite, Part, RichText, Span};

use super::bound::Bound;
use super::plan::{Plan, Slot};
use super::{grammar, holes, template};

/// A sentence that a plan made.
#[derive(Clone, Debug, PartialEq)]
pub struct Composed {
    /// What is said.
    pub text: RichText,
    /// The plan.
    pub plan: &'static str,
    /// The claims whose facts it cites.
    pub claims: Vec<ClaimId>,
}

impl Composed {
    /// Its length in words.
    pub fn words(&self) -> usize {
        grammar::words(&self.text)
    }
}

/// What is wanted of a sentence.
#[derive(Clone, Copy)]
pub struct Wish<'w> {
    /// What it is for.
    pub slot: Slot,
    /// Longest it may be, words.
    pub max_words: usize,
    /// Length aimed at, words; nothing when any will do.
    pub about_words: Option<usize>,
    /// Facts that the scene has told already: a sentence with others is preferred.
    pub told: Option<&'w BTreeSet<FactId>>,
    /// Dates that the scene has said already: a figure is not dated by one of them again, where it can be told without.
    pub dates: Option<&'w BTreeSet<String>>,
    /// Facts whose values the picture shows: where it shows any, a sentence of these is preferred.
    pub shown: Option<&'w BTreeSet<FactId>>,
    /// Facts that are kept for the payoff: between hook and payoff only a claim's own statement tells them again. In the
    /// payoff, those that it is to give back.
    pub kept: Option<&'w BTreeSet<FactId>>,
    /// It must name a series, because the episode has several.
    pub named: bool,
}

impl Wish<'_> {
    /// A sentence for `slot` of at most `max_words` words.
    pub fn of(slot: Slot, max_words: usize) -> Self {
        Self { slot, max_words, about_words: None, told: None, dates: None, shown: None, kept: None, named: false }
    }
}

/// Remembers what an episode has said and how.
#[derive(Clone, Debug)]
pub struct Composer {
    seed: u64,
    tone: Tone,
    reasons: Vec<String>,
    used: BTreeMap<&'static str, u32>,
    openings: BTreeMap<String, u32>,
    last: String,
    head_before: String,
    /// The sentence before, where it leads into what comes next.
    bridge: Option<String>,
    texts: BTreeSet<String>,
    recent: Recent,
}

/// What the channel's recent episodes said, and how.
#[derive(Clone, Debug, Default)]
struct Recent {
    /// In how many of them a plan was used.
    plans: BTreeMap<String, u64>,
    /// How often sentences, titles and thumbnail words were said, citations replaced by their kinds, hashed.
    texts: BTreeMap<u32, u64>,
    /// How their sentences begin.
    openings: BTreeSet<String>,
}

impl Composer {
    /// A composer for one text. A plan named in one of the `reasons` of a rewrite is used only when no other fits.
    pub fn new(seed: u64, tone: Tone, reasons: &[String]) -> Self {
        Self {
            seed,
            tone,
            reasons: reasons.to_vec(),
            used: BTreeMap::new(),
            openings: BTreeMap::new(),
            last: String::new(),
            head_before: String::new(),
            bridge: None,
            texts: BTreeSet::new(),
            recent: Recent::default(),
        }
    }

    /// Prefers what the channel's recent episodes did not use.
    #[must_use]
    pub fn with_recent(mut self, episodes: &[EpisodePrint]) -> Self {
        for episode in episodes {
            for plan in episode.plans.iter().collect::<BTreeSet<_>>() {
                *self.recent.plans.entry(plan.clone()).or_default() += 1;
            }
            let titles = episode.titles.iter().map(|title| print::hash(title));
            // A thumbnail is listed with its design before its words.
            let words = episode.thumbnails.iter().filter_map(|thumbnail| thumbnail.split_once(' '));
            let words = words.map(|(_, words)| print::hash(words));
            for text in episode.sentences.iter().copied().chain(titles).chain(words) {
                *self.recent.texts.entry(text).or_default() += 1;
            }
            self.recent.openings.extend(episode.openings.iter().cloned());
        }
        self
    }

    /// The best sentence for the wish, without remembering it; `None` when no plan fits the data.
    pub fn propose(&self, plans: &[Plan], bound: &Bound<'_>, wish: Wish<'_>) -> Option<Composed> {
        let mut best: Option<(u64, u64, Composed)> = None;
        for (place, plan) in plans.iter().enumerate().filter(|(_, plan)| plan.slot == wish.slot && (plan.when)(bound)) {
            let Some(text) = template::fill(plan.text, bound) else { continue };
            let text = holes::told(text, plan, bound);
            let composed = Composed { claims: claims(&text, bound), text, plan: plan.name };
            if composed.words() > wish.max_words || self.texts.contains(&composed.text.text()) {
                continue;
            }
            // Tables whose order is a preference begin with what is said best.
            let preference = if plan.slot.is_ordered() { place as u64 } else { 0 };
            // What tells no figure can be said of no series.
            let figures = plan.slot != Slot::Watch || values(&composed.text).next().is_some();
            if wish.named && figures && !names_series(&composed.text) {
                continue;
            }
            if plan.slot.is_optional() && self.sounds_repeated(&composed.text.text()) {
                continue;
            }
            let dispensable = plan.slot.is_optional() || plan.slot == Slot::Sceptic;
            if dispensable && self.is_charged(plan) {
                continue;
            }
            if plan.slot == Slot::Detail && repeats(&composed.text, bound, wish.told) {
                continue;
            }
            let between = matches!(plan.slot, Slot::Detail | Slot::Insight | Slot::Sceptic);
            if between && kept_of(&composed.text, wish) > 0 {
                continue;
            }
            let cost = self.cost(plan, &composed, wish) + preference;
            let lot = hash(self.seed, plan.name);
            if best.as_ref().is_none_or(|(least, draw, _)| (cost, lot) < (*least, *draw)) {
                best = Some((cost, lot, composed));
            }
        }
        best.map(|(.., composed)| composed)
    }

    /// True when a rewrite names the plan.
    fn is_charged(&self, plan: &Plan) -> bool {
        self.reasons.iter().any(|reason| reason.contains(plan.name))
    }

    /// True when a listener would hear the same beginning again.
    fn sounds_repeated(&self, text: &str) -> bool {
        let openings = self.openings.get(&start(text, 3)).copied().unwrap_or(0);
        openings >= 2 || (!self.last.is_empty() && start(&self.last, 2) == start(text, 2))
    }

    /// Remembers a sentence as said.
    pub fn say(&mut self, composed: &Composed) {
        *self.used.entry(composed.plan).or_default() += 1;
        let text = composed.text.text();
        *self.openings.entry(start(&text, 3)).or_default() += 1;
        self.follow(&text);
        self.bridge = composed.plan.starts_with("bridge.").then(|| text.clone());
        self.texts.insert(text);
    }

    /// True when the sentence before asks.
    pub fn last_asks(&self) -> bool {
        self.last.trim_end().ends_with('?')
    }

    /// Takes `text` for the sentence that stands before the next.
    pub fn follow(&mut self, text: &str) {
        self.head_before = start(&self.last, 1);
        self.bridge = None;
        text.clone_into(&mut self.last);
    }

    /// [`propose`](Self::propose) and [`say`](Self::say).
    pub fn compose(&mut self, plans: &[Plan], bound: &Bound<'_>, wish: Wish<'_>) -> Option<Composed> {
        let composed = self.propose(plans, bound, wish)?;
        self.say(&composed);
        Some(composed)
    }

    fn cost(&self, plan: &Plan, composed: &Composed, wish: Wish<'_>) -> u64 {
        let text = composed.text.text();
        let mut cost = hash(self.seed.rotate_left(17), plan.name) % 12;
        if self.is_charged(plan) {
            cost += 10_000;
        }
        cost += 400 * u64::from(self.used.get(plan.name).copied().unwrap_or(0));
        let openings = u64::from(self.openings.get(&start(&text, 3)).copied().unwrap_or(0));
        cost += 60 * openings * openings.max(1);
        cost += match (start(&self.last, 2) == start(&text, 2), start(&self.last, 1) == start(&text, 1)) {
            (true, _) => 200,
            (false, true) => 30,
            _ => 0,
        };
        cost += if self.head_before == start(&text, 1) { 12 } else { 0 };
        // Who has just asked does not ask again before anything was answered.
        cost += if self.last_asks() && text.contains('?') { 90 } else { 0 };
        // What leads into a claim is not said again by it.
        cost += 35 * self.bridge.as_deref().map_or(0, |bridge| grammar::echoes(bridge, &text));
        // A question fits a channel that asks; elsewhere it stays the exception.
        cost += match (plan.tone, self.tone) {
            (Some(wanted), tone) if wanted != tone => 45,
            (Some(_), _) => 0,
            (None, _) => 4,
        };
        cost += self.heard_before(plan, &composed.text);
        if let Some(about) = wish.about_words {
            cost += 2 * about.abs_diff(composed.words()) as u64;
        }
        if let Some(told) = wish.told {
            let fresh = values(&composed.text).filter(|fact| !told.contains(*fact)).count() as u64;
            let cited = values(&composed.text).count() as u64;
            // Repeating figures bores; so does a sentence without any news.
            cost += 14 * (cited - fresh) + if fresh == 0 { 25 } else { 0 };
        }
        if plan.slot == Slot::Detail && dates_again(&composed.text, wish) {
            cost += 40;
        }
        if plan.slot == Slot::Lead {
            cost += 40 * kept_of(&composed.text, wish);
        }
        // What was kept for the payoff is given back before anything else is.
        if plan.slot == Slot::Takeaway && owed(wish).next().is_some() {
            cost += if values(&composed.text).any(|fact| owed(wish).any(|kept| kept == fact)) { 0 } else { 30 };
        }
        if let Some(shown) = wish.shown.filter(|shown| !shown.is_empty()) {
            // A figure that is said and not seen cannot be lit.
            cost += 8 * values(&composed.text).filter(|fact| !shown.contains(*fact)).count() as u64;
        }
        cost
    }
}

impl Composer {
    /// What it costs to sound like a recent episode: more than any taste, less than a repetition inside this one.
    fn heard_before(&self, plan: &Plan, text: &RichText) -> u64 {
        if self.recent.plans.is_empty() && self.recent.texts.is_empty() {
            return 0;
        }
        let normal = print::normal(text);
        let uses = self.recent.plans.get(plan.name).copied().unwrap_or(0);
        let opening = normal.split(' ').take(3).collect::<Vec<_>>().join(" ");
        let said = self.recent.texts.get(&print::hash(&normal)).copied().unwrap_or(0);
        40 * uses.min(4) + 60 * said.min(6) + 12 * u64::from(self.recent.openings.contains(&opening))
    }
}

/// True when a text tells more that was told than that is new.
///
/// Lengths of time do not count as repeated: "over those ten years" points back on purpose.
fn repeats(text: &RichText, bound: &Bound<'_>, told: Option<&BTreeSet<FactId>>) -> bool {
    let Some(told) = told else { return false };
    let (old, new): (Vec<&FactId>, Vec<&FactId>) = values(text).partition(|fact| told.contains(*fact));
    let old = old.into_iter().filter(|fact| !bound.is_duration(fact)).count();
    old > 0 && old >= new.len()
}

/// True when a text dates a figure that it tells by a date which the scene has said.
fn dates_again(text: &RichText, wish: Wish<'_>) -> bool {
    let Some(dates) = wish.dates else { return false };
    let dated = |span: &&Span| match &span.cite {
        Some(Cite::Fact { fact, .. }) => is_date(span) && values(text).any(|told| told == fact),
        _ => false,
    };
    text.0.iter().filter(dated).any(|span| dates.contains(&span.text))
}

/// How many figures a text tells that are kept for the payoff.
fn kept_of(text: &RichText, wish: Wish<'_>) -> u64 {
    wish.kept.map_or(0, |kept| values(text).filter(|fact| kept.contains(*fact)).count() as u64)
}

/// Figures kept for the payoff that it has not told yet.
fn owed(wish: Wish<'_>) -> impl Iterator<Item = &FactId> {
    let kept = wish.kept.into_iter().flatten();
    kept.filter(move |fact| wish.told.is_none_or(|told| !told.contains(*fact)))
}

fn names_series(text: &RichText) -> bool {
    text.0.iter().any(|span| matches!(span.cite, Some(Cite::Series { .. })))
}

/// True for a date of a fact.
pub fn is_date(span: &Span) -> bool {
    matches!(&span.cite, Some(Cite::Fact { part, .. }) if *part != Part::Value)
}

/// Facts whose value, and not only whose date, a text cites.
pub fn values(text: &RichText) -> impl Iterator<Item = &FactId> {
    text.0.iter().filter_map(|span| match &span.cite {
        Some(Cite::Fact { fact, part: Part::Value, .. }) => Some(fact),
        _ => None,
    })
}

/// The plans whose sentence would cite the value of `fact`.
pub fn citing(plans: &[Plan], bound: &Bound<'_>, fact: &FactId) -> Vec<Plan> {
    let cites = |plan: &&Plan| {
        (plan.when)(bound)
            && template::fill(plan.text, bound).is_some_and(|text| values(&text).any(|told| told == fact))
    };
    plans.iter().filter(cites).copied().collect()
}

/// The plans whose sentence would speak of one of these facts, by its value or by its date.
pub fn telling(plans: &[Plan], bound: &Bound<'_>, facts: &BTreeSet<FactId>) -> Vec<Plan> {
    let tells = |plan: &&Plan| {
        (plan.when)(bound)
            && template::fill(plan.text, bound).is_some_and(|text| text.facts().any(|told| facts.contains(told)))
    };
    plans.iter().filter(tells).copied().collect()
}

/// The plans whose sentence would cite the value of a fact.
pub fn stating(plans: &[Plan], bound: &Bound<'_>) -> Vec<Plan> {
    let states = |plan: &&Plan| {
        (plan.when)(bound) && template::fill(plan.text, bound).is_some_and(|text| values(&text).next().is_some())
    };
    plans.iter().filter(states).copied().collect()
}

/// The plans whose sentence would set the value of a fact against that of another.
pub fn comparing(plans: &[Plan], bound: &Bound<'_>) -> Vec<Plan> {
    let compares = |plan: &&Plan| {
        (plan.when)(bound) && template::fill(plan.text, bound).is_some_and(|text| values(&text).nth(1).is_some())
    };
    plans.iter().filter(compares).copied().collect()
}

/// The plans whose sentence would cite the value of no fact but those of `told`.
pub fn repeating(plans: &[Plan], bound: &Bound<'_>, told: &BTreeSet<FactId>) -> Vec<Plan> {
    let known = |plan: &&Plan| {
        template::fill(plan.text, bound).is_some_and(|text| values(&text).all(|fact| told.contains(fact)))
    };
    plans.iter().filter(known).copied().collect()
}

fn claims(text: &RichText, bound: &Bound<'_>) -> Vec<ClaimId> {
    let mut out: Vec<ClaimId> = Vec::new();
    for claim in text.facts().filter_map(|fact| bound.claim_of(fact)) {
        if !out.contains(claim) {
            out.push(claim.clone());
        }
    }
    out
}

/// The first `words` words, in small letters and without punctuation: what a listener hears as the same beginning.
pub fn start(text: &str, words: usize) -> String {
    let words: Vec<&str> =
        text.split_whitespace().take(words).map(|word| word.trim_matches(|c: char| !c.is_alphanumeric())).collect();
    words.join(" ").to_lowercase()
}

/// FNV-1a over the seed and a name, finished so that near seeds give far numbers.
pub fn hash(seed: u64, name: &str) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for byte in seed.to_le_bytes().into_iter().chain(name.bytes()) {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    state ^= state >> 33;
    state = state.wrapping_mul(0xff51_afd7_ed55_8ccd);
    state ^ (state >> 33)
}

#[cfg(test)]
mod tests {
    use proofreel_model::finding::FindingKind;
    use proofreel_model::series::Frequency;

    use super::*;
    use crate::prose::tests::{Subject, finding};
    use crate::prose::{Evidence, plans};

    #[test]
    fn a_line_beside_a_picture_can_be_held_to_what_was_said() {
        let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
        let (found, facts, infos) = finding(FindingKind::LongRun, subject, 94.92, 178.0, 12);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&found, evidence).unwrap();
        let cards = |told: &[&str]| {
            let told: BTreeSet<FactId> = told.iter().filter_map(|role| found.roles.get(*role)).cloned().collect();
            let plans = repeating(plans::of(found.kind), &bound, &told);
            plans.iter().filter(|plan| plan.slot == Slot::Card).map(|plan| plan.name).collect::<Vec<_>>()
        };
        assert_eq!(cards(&["then", "latest"]), ["long.card"]);
        assert_eq!(cards(&["multiple"]), ["long.card.times"]);
        assert!(cards(&["elapsed"]).is_empty());
    }

    #[test]
    fn a_figure_that_is_kept_for_the_payoff_is_told_by_a_claim_alone() {
        let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
        let (found, facts, infos) = finding(FindingKind::RealVsNominal, subject, 94.92, 178.0, 12);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&found, evidence).unwrap();
        let kept = BTreeSet::from([found.roles["real"].clone()]);
        let told = |slot, kept| {
            let wish = Wish { kept, ..Wish::of(slot, 40) };
            let pick = |seed| Composer::new(seed, Tone::Calm, &[]).propose(plans::of(found.kind), &bound, wish);
            let texts = (0..40).filter_map(pick).map(|composed| composed.text);
            texts.filter(|text| values(text).any(|fact| *fact == found.roles["real"])).count()
        };
        assert!(told(Slot::Detail, None) > 0);
        assert_eq!(told(Slot::Detail, Some(&kept)), 0);
        // Each way to state this claim needs it.
        assert_eq!(told(Slot::Lead, Some(&kept)), 40);
    }

    #[test]
    fn what_the_picture_shows_is_told_before_what_it_does_not() {
        let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
        let (found, facts, infos) = finding(FindingKind::RealVsNominal, subject, 94.92, 178.0, 12);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&found, evidence).unwrap();
        let of = |roles: &[&str]| roles.iter().map(|role| found.roles[*role].clone()).collect::<BTreeSet<FactId>>();
        let (told, bars) = (of(&["real"]), of(&["nominal", "prices", "real"]));
        let picked = |shown| {
            let wish = Wish { told: Some(&told), shown, ..Wish::of(Slot::Detail, 30) };
            let pick = |seed| Composer::new(seed, Tone::Calm, &[]).propose(plans::of(found.kind), &bound, wish);
            (0..40).filter_map(pick).map(|composed| composed.plan).collect::<BTreeSet<_>>()
        };
        // The levels at both ends are on no bar.
        assert!(picked(None).contains("real.plain_money"));
        assert_eq!(picked(Some(&bars)).into_iter().collect::<Vec<_>>(), ["real.prices"]);
    }

    #[test]
    fn a_date_that_was_said_is_not_said_again() {
        let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
        let (found, facts, infos) = finding(FindingKind::TurningPoint, subject, 94.92, 178.0, 12);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&found, evidence).unwrap();
        let start = plans::of(found.kind).iter().filter(|plan| plan.name.starts_with("turn.started"));
        let start: Vec<Plan> = start.copied().collect();
        let dated = start.iter().find(|plan| plan.text.contains("{before:in}")).unwrap();
        let said = template::fill(dated.text, &bound).unwrap();
        let dates: BTreeSet<String> =
            said.0.iter().filter(|span| is_date(span)).map(|span| span.text.clone()).collect();
        assert_eq!(dates.len(), 1);
        for seed in 0..40 {
            let wish = Wish { dates: Some(&dates), ..Wish::of(Slot::Detail, 30) };
            let composed = Composer::new(seed, Tone::Calm, &[]).propose(&start, &bound, wish).unwrap();
            assert!(!composed.text.0.iter().any(is_date), "{}", composed.text.text());
        }
    }

    #[test]
    fn a_claim_does_not_say_again_what_led_into_it() {
        let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
        let (found, facts, infos) = finding(FindingKind::TurningPoint, subject, 94.92, 178.0, 12);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&found, evidence).unwrap();
        let bridge: Vec<Plan> =
            plans::bridges(found.kind).iter().filter(|plan| plan.name == "bridge.turn.corner").copied().collect();
        for seed in 0..40 {
            let mut composer = Composer::new(seed, Tone::Calm, &[]);
            composer.compose(&bridge, &bound, Wish::of(Slot::Bridge, 14)).unwrap();
            let lead = composer.compose(plans::of(found.kind), &bound, Wish::of(Slot::Lead, 40)).unwrap();
            assert_ne!(lead.plan, "turn.corner", "{}", lead.text.text());
            assert!(composer.bridge.is_none(), "only the next sentence is held against it");
        }
    }
}
