//! The order of an episode: hook, proofs, insight, payoff, end; and how many words each may take.

use std::collections::BTreeSet;

use proofreel_model::brief::KeyFact;
use proofreel_model::finding::FindingKind;
use proofreel_model::ids::{ClaimId, FactId};
use proofreel_model::media::measured_pace;
use proofreel_model::scenes::NarrativeRole;
use proofreel_model::topic::Angle;

use crate::prose::composer::values;
use crate::prose::plans::INSIGHT;
use crate::prose::{Slot, Story, Wish};
use crate::{Context, StageError};

/// Seconds kept from the shortest and longest runtime.
const MARGIN_SECONDS: u32 = 8;
/// Words of the hook: its chapter must last ten seconds for a player to show it.
const HOOK_WORDS: usize = 27;
/// Words of an insight scene, of the payoff, of the end card.
const INSIGHT_WORDS: usize = 48;
const PAYOFF_WORDS: usize = 48;
const END_WORDS: usize = 19;
/// Words of a proof scene that has enough to tell and does not tire: some sixteen seconds.
const PROOF_WORDS: usize = 40;
/// Words of a proof scene about a kind that has little to tell.
const LITTLE_WORDS: usize = 40;
/// Words of a proof scene about a kind that an earlier scene has told of.
const SECOND_WORDS: usize = 68;
/// A picture stands at most this long, seconds.
const LONGEST_SCENE: f64 = 30.0;
/// From this length on an episode pauses for a second insight, seconds.
const SECOND_INSIGHT: u32 = 230;
/// Claims that an insight or a payoff may set against each other.
const JOINED: usize = 10;

/// What a scene shows, before it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shot {
    /// The title card.
    Title,
    /// A chart of the scene's first claim.
    Chart,
    /// A number that stands for the whole.
    Insight,
    /// What to keep.
    Payoff,
    /// Sources and small print.
    End,
}

/// A scene in outline.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub role: NarrativeRole,
    pub shot: Shot,
    pub claims: Vec<ClaimId>,
    pub kind: Option<FindingKind>,
    pub words: usize,
}

/// All scenes in outline.
#[derive(Clone, Debug)]
pub(super) struct Outline {
    pub steps: Vec<Step>,
    /// Figures that the hook is to tell, and the payoff to give back.
    pub promised: BTreeSet<FactId>,
    words_per_minute: f64,
}

impl Outline {
    /// Plans an episode of the channel's length. A brief with few claims gives a shorter one rather than a padded one.
    pub fn plan(story: Story<'_>, context: &Context<'_>) -> Result<Self, StageError> {
        let channel = &context.order.channel;
        let words_per_minute = context.words_per_minute();
        let (least, most) = context.policy.episode.runtime_seconds;
        // A film that came out too long tells how fast its voice really is.
        let slow = measured_pace(context.reasons).map(|pace| pace.clamp(words_per_minute / 2.0, words_per_minute));
        // A little inside the law's bounds, so that a sentence more or less does not break them; more so the second time.
        let margin = if slow.is_some() { 2 * MARGIN_SECONDS } else { MARGIN_SECONDS };
        let seconds = channel.episode.target_seconds.clamp(least + MARGIN_SECONDS, most - margin);
        let total = (f64::from(seconds) * slow.unwrap_or(words_per_minute) / 60.0).round() as usize;
        // With several series the comparison is the insight, and it is needed at the end.
        let single = story.brief.topic.series.len() == 1;
        let insights = 1 + usize::from(single && seconds >= SECOND_INSIGHT);
        let around = HOOK_WORDS + insights * INSIGHT_WORDS + PAYOFF_WORDS + END_WORDS;
        let for_proofs = total.saturating_sub(around);
        let wanted = (for_proofs as f64 / PROOF_WORDS as f64).round().max(3.0) as usize;
        let told = tellable(story, wanted, context);
        if told.is_empty() {
            return Err(StageError::refused(
                "the brief holds no claim that can be shown",
                "choose another topic with --topic",
            ));
        }
        let longest = (LONGEST_SCENE * words_per_minute / 60.0) as usize;
        let mut ordered = ordered(told, story.brief.topic.angle);
        if context.reasons.iter().any(|reason| reason.starts_with("scene-builder") && reason.contains(" sameness: ")) {
            // Asked for another order of scenes: the opening claim stays, the others change places.
            let others = ordered.get_mut(1..).unwrap_or_default();
            others.rotate_left((context.visit as usize).saturating_sub(1) % others.len().max(1));
        }
        let mut proofs: Vec<Step> = ordered
            .iter()
            .zip(shares(&ordered, for_proofs, longest))
            .map(|(claim, words)| Step {
                role: NarrativeRole::Proof,
                shot: Shot::Chart,
                claims: vec![claim.claim_id.clone()],
                kind: Some(claim.finding.kind),
                words,
            })
            .collect();
        let all: Vec<ClaimId> = ordered.iter().map(|claim| claim.claim_id.clone()).collect();
        let joined = joinable(&ordered, story);
        let insight = |claims: Vec<ClaimId>| Step {
            role: NarrativeRole::Insight,
            shot: Shot::Insight,
            claims,
            kind: None,
            words: INSIGHT_WORDS,
        };
        if insights > 1 && proofs.len() >= 6 {
            // The pause looks back on what was told so far, where that already says something together.
            let at = proofs.len() * 3 / 5;
            let so_far = joinable(&ordered[..at], story);
            if let Some(words) = insight_words(story, &so_far, context) {
                proofs.insert(at, Step { words, ..insight(so_far) });
            }
        }
        let (hook, promised) = promise(story, &joined, &all, context);
        let mut steps =
            vec![Step { role: NarrativeRole::Hook, shot: Shot::Title, claims: hook, kind: None, words: HOOK_WORDS }];
        // What was promised is given back before the rest.
        let kept = led_by(&steps[0].claims, &joined);
        steps.append(&mut proofs);
        steps.push(insight(joined));
        let close = |shot, claims, words| Step { role: NarrativeRole::Payoff, shot, claims, kind: None, words };
        steps.push(close(Shot::Payoff, kept, PAYOFF_WORDS));
        steps.push(close(Shot::End, Vec::new(), END_WORDS));
        for (n, step) in steps.iter_mut().enumerate() {
            let scene = format!("scene-builder {} times: dead_air", super::scene_id(n));
            if context.reasons.iter().any(|reason| reason.starts_with(&scene)) {
                // What could not be filled with words gets less time.
                step.words = step.words * 3 / 5;
            }
        }
        Ok(Self { steps, promised, words_per_minute })
    }

    /// Seconds that so many words take.
    pub fn seconds(&self, words: usize) -> f64 {
        // Tenths keep planned times readable.
        (words as f64 * 600.0 / self.words_per_minute).round() / 10.0
    }
}

/// Words for each claim: equal shares, but no more than its kind can fill; what one leaves goes to the others. The second
/// claim of a kind has only the sentences that the first did not take.
fn shares(claims: &[&KeyFact], total: usize, longest: usize) -> Vec<usize> {
    let again = |n: usize| claims[..n].iter().any(|before| before.finding.kind == claims[n].finding.kind);
    let most = |n: usize| match claims[n].finding.kind {
        kind if fills_little(kind) => LITTLE_WORDS.min(longest),
        _ if again(n) => SECOND_WORDS.min(longest),
        _ => longest,
    };
    let mut words = vec![0; claims.len()];
    let mut left = total;
    loop {
        let open: Vec<usize> = (0..claims.len()).filter(|n| words[*n] < most(*n)).collect();
        if left == 0 || open.is_empty() {
            return words;
        }
        let each = (left / open.len()).max(1);
        for n in open {
            let more = each.min(most(n) - words[n]).min(left);
            words[n] += more;
            left -= more;
        }
    }
}

/// Kinds whose few facts are soon told.
fn fills_little(kind: FindingKind) -> bool {
    use FindingKind as K;
    matches!(
        kind,
        K::YearOnYear | K::Level | K::RecordSince | K::Crossing | K::PanelClimb | K::PanelGrowth | K::PanelLeader
    )
}

/// The strongest claims, at most `wanted`: of each kind one before any comes again, then no more than two of a kind and
/// series while others are left. Among those that come again, kinds that the angle tells of come first: a second climb
/// belongs to a leaderboard, a second crossing to a comparison.
///
/// A claim whose scene a rewrite called redundant gives its place to another.
fn tellable<'a>(story: Story<'a>, wanted: usize, context: &Context<'_>) -> Vec<&'a KeyFact> {
    let redundant = |claim: &&KeyFact| {
        let named = |reason: &String| {
            let (place, fault) = reason.split_once(": ").unwrap_or((reason, ""));
            let claims = place.split_once(" claims ").map_or("", |(_, claims)| claims);
            fault.starts_with("redundant_scene") && claims.split(", ").any(|id| id == claim.claim_id.as_str())
        };
        context.reasons.iter().any(named)
    };
    let mut claims: Vec<&KeyFact> = story.brief.key_facts.iter().filter(|claim| !redundant(claim)).collect();
    let own = order(story.brief.topic.angle);
    let mut told: Vec<&KeyFact> = Vec::new();
    for (limit, of_kind) in [(1, true), (1, false), (2, false), (usize::MAX, false)] {
        for &claim in &claims {
            let alike = told.iter().filter(|other| {
                other.finding.kind == claim.finding.kind && (of_kind || other.finding.series == claim.finding.series)
            });
            if told.len() < wanted
                && alike.count() < limit
                && !told.iter().any(|other| other.claim_id == claim.claim_id)
            {
                told.push(claim);
            }
        }
        // Stable: claims keep the order of their strength.
        claims.sort_by_key(|claim| !own.contains(&claim.finding.kind));
    }
    told
}

/// The order in which an angle tells its kinds.
fn order(angle: Angle) -> &'static [FindingKind] {
    use FindingKind as K;
    match angle {
        Angle::StateOfPlay => &[
            K::Level,
            K::YearOnYear,
            K::RecordSince,
            K::Record,
            K::OffPeak,
            K::TurningPoint,
            K::Streak,
            K::BiggestRise,
            K::BiggestDrop,
            K::WorstFall,
            K::LongRun,
            K::EpisodesCompared,
            K::RealVsNominal,
        ],
        Angle::LongView => &[
            K::LongRun,
            K::RealVsNominal,
            K::Record,
            K::Level,
            K::BiggestRise,
            K::BiggestDrop,
            K::WorstFall,
            K::Streak,
            K::RecordSince,
            K::OffPeak,
            K::TurningPoint,
            K::YearOnYear,
        ],
        Angle::BoomAndBust => &[
            K::OffPeak,
            K::WorstFall,
            K::TurningPoint,
            K::BiggestDrop,
            K::EpisodesCompared,
            K::BiggestRise,
            K::Streak,
            K::Record,
            K::RecordSince,
            K::Level,
            K::LongRun,
            K::YearOnYear,
        ],
        Angle::Versus => &[
            K::Versus,
            K::Crossing,
            K::LeadLag,
            K::YearOnYear,
            K::Level,
            K::LongRun,
            K::OffPeak,
            K::WorstFall,
            K::BiggestRise,
            K::BiggestDrop,
            K::Record,
        ],
        Angle::Leaderboard => {
            &[K::PanelLeader, K::PanelShare, K::PanelGrowth, K::PanelClimb, K::LongRun, K::YearOnYear, K::Record]
        }
    }
}

/// Place of a kind in the order of an angle; what the angle does not name comes last.
fn place(kind: FindingKind, angle: Angle) -> usize {
    let order = order(angle);
    order.iter().position(|other| *other == kind).unwrap_or(order.len())
}

fn ordered(mut told: Vec<&KeyFact>, angle: Angle) -> Vec<&KeyFact> {
    // Stable: claims of a kind keep the order of their strength.
    told.sort_by_key(|claim| place(claim.finding.kind, angle));
    // The same kind twice in a row sounds like a list: set another between where there is one.
    for n in 1..told.len().saturating_sub(1) {
        if told[n].finding.kind == told[n - 1].finding.kind && told[n + 1].finding.kind != told[n].finding.kind {
            told.swap(n, n + 1);
        }
    }
    told
}

/// Claims that can be set against each other: one of a kind, about the subject or comparing series.
fn joinable(told: &[&KeyFact], story: Story<'_>) -> Vec<ClaimId> {
    let mut kinds = BTreeSet::new();
    let subject = story.subject().map(|info| &info.series);
    let own = told.iter().filter(|claim| subject.is_some_and(|s| crate::prose::story::speaks_of(claim, s)));
    let claims: Vec<ClaimId> =
        own.filter(|claim| kinds.insert(claim.finding.kind)).map(|claim| claim.claim_id.clone()).take(JOINED).collect();
    if claims.is_empty() { told.iter().take(1).map(|claim| claim.claim_id.clone()).collect() } else { claims }
}

/// Words of the insights that these claims allow; `None` when they are too few for a scene.
fn insight_words(story: Story<'_>, claims: &[ClaimId], context: &Context<'_>) -> Option<usize> {
    let bound = story.joined(claims)?;
    let mut composer = story.composer(context, "outline");
    let wish = Wish::of(Slot::Insight, context.policy.qa.max_sentence_words);
    let words: usize =
        (0..2).filter_map(|_| composer.compose(INSIGHT, &bound, wish)).map(|composed| composed.words()).sum();
    (words >= INSIGHT_WORDS / 2 + 4).then_some(words.min(INSIGHT_WORDS))
}

/// The claims behind the surprising fact of the hook, and the figures that tell it.
fn promise(
    story: Story<'_>,
    joined: &[ClaimId],
    all: &[ClaimId],
    context: &Context<'_>,
) -> (Vec<ClaimId>, BTreeSet<FactId>) {
    let composer = story.composer(context, "hook");
    let surprise = story.joined(joined).and_then(|bound| {
        let wish = Wish::of(Slot::Surprise, HOOK_WORDS);
        let plans = crate::directives::surprises(&composer, context, story.brief.topic.angle, &bound, wish);
        crate::directives::another(&composer, context, &plans, &bound, wish).propose(&plans, &bound, wish)
    });
    let figures = surprise.iter().flat_map(|composed| values(&composed.text)).cloned().collect();
    let claims = surprise.map(|composed| composed.claims).unwrap_or_default();
    (if claims.is_empty() { all.iter().take(1).cloned().collect() } else { claims }, figures)
}

/// All of these claims, those that are among `first` before the others.
fn led_by(first: &[ClaimId], all: &[ClaimId]) -> Vec<ClaimId> {
    let (mut led, rest): (Vec<ClaimId>, Vec<ClaimId>) = all.iter().cloned().partition(|id| first.contains(id));
    led.extend(rest);
    led
}

impl Step {
    /// The one thing the scene is for.
    pub fn objective(&self, story: Story<'_>) -> String {
        let subject = story.subject().map_or("the series", |info| info.name.subject.as_str());
        match (self.shot, self.kind) {
            (Shot::Title, _) => format!("Promise what the episode shows about {subject}, and give a reason to stay."),
            (Shot::Chart, Some(kind)) => format!("Show {} and prove it.", crate::research::noun(kind)),
            (Shot::Chart, None) => format!("Show {subject}."),
            (Shot::Insight, _) => "Say what the evidence means when its parts are set against each other.".into(),
            (Shot::Payoff, _) => "Give back what was promised, and say what to hold the next release against.".into(),
            (Shot::End, _) => "Name the sources, the making and the limits.".into(),
        }
    }

    /// Directions for a writer.
    pub fn directions(&self) -> &'static str {
        match self.shot {
            Shot::Title => "State the promise in the opening sentence, then the most surprising fact.",
            Shot::Chart => "State the claim, then what gives it scale. No cause, no forecast.",
            Shot::Insight => "Compare claims; a number without a comparison is no insight.",
            Shot::Payoff => "Answer the hook. Say what to remember, and what to compare the next release with.",
            Shot::End => "Close in a sentence: where the figures come from.",
        }
    }
}

#[cfg(test)]
mod tests {
    use proofreel_model::media::MediaFinding;

    use super::*;
    use crate::qa::fixture::{episode, with_context};

    #[test]
    fn a_film_that_came_out_too_long_is_planned_for_the_pace_of_its_voice() {
        let mut e = episode();
        e.order.channel.episode.target_seconds = 360;
        let words = |reasons: &[String]| {
            with_context(&e, |context| {
                let outline = Outline::plan(Story { brief: &e.brief }, &Context { reasons, ..*context }).unwrap();
                outline.steps.iter().map(|step| step.words).sum::<usize>()
            })
        };
        let first = words(&[]);
        // What was planned took a little longer than the law allows: the voice is half as fast as it is taken to be.
        let finding = MediaFinding::too_long(361.0, first, 360);
        let second = words(&[format!("media check: {finding}")]);
        assert!(second < first, "{second} of {first} words");
        assert!(second as f64 * 361.0 / first as f64 <= 360.0, "{second} of {first} words still take too long");
        // A pace that no voice has is not believed.
        let finding = MediaFinding::too_long(36_000.0, first, 360);
        assert!(words(&[format!("media check: {finding}")]) * 3 > first);
    }

    #[test]
    fn what_was_promised_leads_and_nothing_is_lost() {
        let ids = |names: &[&str]| names.iter().map(|name| ClaimId::from(*name)).collect::<Vec<_>>();
        let all = ids(&["c1", "c2", "c3", "c4"]);
        assert_eq!(led_by(&ids(&["c3"]), &all), ids(&["c3", "c1", "c2", "c4"]));
        // A promise that rests on a claim which is not joined changes nothing.
        assert_eq!(led_by(&ids(&["c9"]), &all), all);
    }
}
