//! The five criteria, each computed from what the candidate and the channel say of themselves.

use std::collections::BTreeSet;

use proofreel_model::channel::ChannelKind;
use proofreel_model::topic::{Angle, TopicCandidate, TopicScores};

use super::demand;
use crate::Context;
use crate::freshness::words;

/// Findings from which evidence counts as plentiful.
const PLENTY: f64 = 14.0;
/// Observations from which a line counts as rich.
const RICH: f64 = 240.0;

/// Scores a candidate, with a clause on each criterion.
pub(super) fn judge(candidate: &TopicCandidate, context: &Context<'_>) -> (TopicScores, Vec<String>) {
    let vocabulary = vocabulary(candidate, context);
    let (audience_fit, fit) = audience_fit(candidate, &vocabulary, context);
    let (novelty, new) = novelty(candidate, context);
    let (monetization_potential, pays) = monetization(&vocabulary, context);
    let findings = f64::from(candidate.findings);
    let evidence_availability = five(0.55 * (findings / PLENTY).min(1.0) + 0.45 * candidate.strength);
    let evidence =
        format!("evidence {evidence_availability:.1}: {findings:.0} findings, strength {:.2}", candidate.strength);
    let observations = candidate.series.first().map_or(0.0, |info| f64::from(info.observations));
    let notes = 0.1 * candidate.notes.len().min(3) as f64;
    let production_feasibility =
        five((0.5 * (observations / RICH).sqrt().min(1.0) + 0.5 * (findings / 8.0).min(1.0) - notes).max(0.0));
    let made = format!(
        "production {production_feasibility:.1}: {observations:.0} observations to draw, {} notes",
        candidate.notes.len()
    );
    let scores =
        TopicScores { audience_fit, novelty, monetization_potential, evidence_availability, production_feasibility };
    (scores, vec![fit, new, pays, evidence, made])
}

/// 0–1 to 1–5, with one decimal.
fn five(share: f64) -> f64 {
    ((1.0 + 4.0 * share.clamp(0.0, 1.0)) * 10.0).round() / 10.0
}

/// Words of the candidate's packages and series.
pub(super) fn vocabulary(candidate: &TopicCandidate, context: &Context<'_>) -> BTreeSet<String> {
    let mut out: BTreeSet<String> = words(&candidate.title).into_iter().collect();
    for info in &candidate.series {
        out.extend(words(&info.name.subject));
        out.extend(words(&info.name.short));
        out.extend(words(&info.series.dataset));
        if let Some(dataset) = context.library.dataset(&info.series.dataset) {
            out.extend(words(&dataset.title));
        }
    }
    out
}

/// True when all words of an interest are among these.
pub(crate) fn names(interest: &str, vocabulary: &BTreeSet<String>) -> bool {
    words(interest).iter().all(|word| vocabulary.iter().any(|own| same(own, word)))
}

/// Singular and plural of a word count as the same.
fn same(a: &str, b: &str) -> bool {
    a == b || a.strip_suffix('s') == Some(b) || b.strip_suffix('s') == Some(a)
}

fn audience_fit(candidate: &TopicCandidate, vocabulary: &BTreeSet<String>, context: &Context<'_>) -> (f64, String) {
    let channel = &context.order.channel;
    let hits: Vec<&str> =
        channel.interests.iter().filter(|interest| names(interest, vocabulary)).map(String::as_str).collect();
    let base: f64 = match (channel.interests.is_empty(), hits.len()) {
        (true, _) => 3.0,
        (false, 0) => 1.5,
        (false, 1) => 4.0,
        (false, _) => 4.5,
    };
    // What a kind of channel tells best: the present for news, the long record for education.
    let suits = matches!(
        (channel.kind, candidate.angle),
        (ChannelKind::News, Angle::StateOfPlay | Angle::Versus)
            | (ChannelKind::Education, Angle::LongView | Angle::Leaderboard)
            | (ChannelKind::Finance, Angle::BoomAndBust | Angle::StateOfPlay)
    );
    let demand = demand::of(&hits, context);
    let lift = demand.as_ref().map_or(0.0, |demand| demand.lift);
    let score = ((base + if suits { 0.5 } else { 0.0 }).min(5.0) + lift).clamp(1.0, 5.0);
    let mut why = if hits.is_empty() {
        "no interest of the channel is named".to_owned()
    } else {
        format!("matches {}", hits.join(", "))
    };
    if let Some(demand) = demand {
        why.push_str(&format!(", demand {:+.1} ({})", demand.lift, demand.why));
    }
    (score, format!("audience {score:.1}: {why}"))
}

fn novelty(candidate: &TopicCandidate, context: &Context<'_>) -> (f64, String) {
    let id = candidate.topic_id.as_str();
    let series = id.rsplit_once('/').map_or(id, |(series, _)| series);
    let dataset = id.split('/').next().unwrap_or(id);
    let recent = &context.order.recent_topics;
    let (score, why) = if recent.contains(&candidate.topic_id) {
        (1.0, "covered recently")
    } else if recent.iter().any(|topic| topic.as_str().rsplit_once('/').is_some_and(|(head, _)| head == series)) {
        (2.0, "its series was covered recently, from another angle")
    } else if recent.iter().any(|topic| topic.as_str().split('/').next() == Some(dataset)) {
        (3.0, "its package was covered recently")
    } else {
        (5.0, "not covered recently")
    };
    (score, format!("novelty {score:.1}: {why}"))
}

fn monetization(vocabulary: &BTreeSet<String>, context: &Context<'_>) -> (f64, String) {
    let scoring = &context.policy.scoring;
    for subject in &scoring.subjects {
        if let Some(word) = subject.words.iter().find(|word| vocabulary.contains(*word)) {
            return (subject.score, format!("monetization {:.1}: its subject is {word}", subject.score));
        }
    }
    (scoring.other_subject, format!("monetization {:.1}: its subject is on no list", scoring.other_subject))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_becomes_one_to_five() {
        assert_eq!([five(-1.0), five(0.0), five(0.5), five(2.0)], [1.0, 1.0, 3.0, 5.0]);
    }

    #[test]
    fn a_plural_matches_its_singular() {
        assert!(same("prices", "price") && same("house", "houses") && !same("gas", "gold"));
    }
}
