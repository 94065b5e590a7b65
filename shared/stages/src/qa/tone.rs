//! What may not be said at all, or not without proof: superlatives, causes, advice, forecasts, "today".

use std::collections::BTreeSet;

use proofreel_model::fact::{Direction, Extreme, Formula};
use proofreel_model::finding::FindingKind;
use proofreel_model::ids::FactId;
use proofreel_model::text::{Cite, Part, RichText};

use super::dossier::{Dossier, Findings, series_of};
use super::lexicon::Hit;
use super::passages::Passage;
use super::patterns;
use super::reading::{Piece, pieces, sentences};
use super::rules::Rule;
use super::sweeping;

/// Checks the manner of a text.
pub fn check(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    let pieces = pieces(passage.text);
    superlatives(dossier, passage, &pieces, findings);
    let lexicon = dossier.lexicon;
    let place = &passage.place;
    if !patterns::may_tell_causes(dossier, passage) {
        for hit in lexicon.causal.hits(&pieces) {
            findings.add(
                Rule::CausalWording,
                place,
                format!("`{}` states a cause, which the data cannot show: say what and when, not why", hit.phrase),
            );
        }
    }
    for hit in lexicon.advice.hits(&pieces) {
        findings.add(Rule::AdviceWording, place, format!("`{}` is advice: say what the data shows", hit.phrase));
    }
    for hit in lexicon.prediction.hits(&pieces) {
        findings.add(
            Rule::PredictionWording,
            place,
            format!("`{}` speaks of the future, which the data does not hold", hit.phrase),
        );
    }
    current(dossier, passage, &pieces, findings);
    sweeping::check(dossier, passage, &pieces, findings);
    patterns::check(dossier, passage, &pieces, findings);
}

/// What the facts behind a text can prove, each independently of the others.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Proof {
    highest: bool,
    lowest: bool,
    /// All moves, places or runs were compared.
    pub most: bool,
    /// All observations were compared.
    pub absolute: bool,
    unrecovered: bool,
    /// Facts that carry the proof, and all facts of the claims that do.
    facts: BTreeSet<FactId>,
    /// Ways of the greatest moves that were proven.
    ways: Vec<Direction>,
}

impl Proof {
    /// A text that cites facts is judged by what it cites, and by the claims whose own facts these are; one that
    /// cites none by the facts and claims it rests on.
    pub fn of(dossier: &Dossier<'_>, passage: &Passage<'_>) -> Self {
        let mut proof = Self::default();
        let told: BTreeSet<&FactId> = told(passage.text).collect();
        let cited: BTreeSet<&FactId> = passage.text.facts().collect();
        let support = if cited.is_empty() { passage.support(dossier) } else { cited.iter().copied().collect() };
        for fact in support.into_iter().filter_map(|id| dossier.fact(id)) {
            let Some(which) = extreme_of(&fact.formula) else { continue };
            // The date of a peak beside the figures of something else proves nothing of these.
            if matches!(fact.formula, Formula::Extreme { .. }) && !told.is_empty() && !told.contains(&fact.id) {
                continue;
            }
            proof.highest |= which == Extreme::Highest;
            proof.lowest |= which == Extreme::Lowest;
            proof.most = true;
            proof.absolute |= !matches!(fact.formula, Formula::PanelRank { .. });
            proof.facts.insert(fact.id.clone());
        }
        for claim in &dossier.brief.key_facts {
            let finding = &claim.finding;
            // The newest value and the usual move stand beside many claims; only a record is about the newest itself.
            let own = |(role, id): (&String, &FactId)| {
                let shared = matches!(role.as_str(), "latest" | "typical") && finding.kind != FindingKind::Record;
                !shared && cited.contains(id)
            };
            let rests = passage.claims.is_empty() || passage.claims.contains(&&claim.claim_id);
            let meant = if cited.is_empty() { rests } else { finding.roles.iter().any(own) };
            proof.unrecovered |= rests && dossier.unrecovered.contains(&claim.claim_id);
            if !meant || !dossier.proven.contains(&claim.claim_id) {
                continue;
            }
            proof.most = true;
            proof.facts.extend(finding.roles.values().cloned());
            proof.ways.extend(way_of(finding.kind));
            let fact = |role: &str| finding.roles.get(role).and_then(|id| dossier.fact(id));
            if let (FindingKind::Record, Some(latest), Some(previous)) =
                (finding.kind, fact("latest"), fact("previous"))
            {
                proof.absolute = true;
                proof.highest |= latest.value >= previous.value;
                proof.lowest |= latest.value < previous.value;
            }
        }
        proof
    }
}

/// The direction whose greatest move a kind of finding is about.
fn way_of(kind: FindingKind) -> Option<Direction> {
    match kind {
        FindingKind::BiggestRise => Some(Direction::Up),
        FindingKind::BiggestDrop | FindingKind::WorstFall => Some(Direction::Down),
        _ => None,
    }
}

/// Facts whose value a text tells.
fn told(text: &RichText) -> impl Iterator<Item = &FactId> {
    text.0.iter().filter_map(|span| match &span.cite {
        Some(Cite::Fact { fact, part: Part::Value, .. }) => Some(fact),
        _ => None,
    })
}

/// Which extreme a formula finds among others.
fn extreme_of(formula: &Formula) -> Option<Extreme> {
    match formula {
        Formula::Extreme { which, .. }
        | Formula::RecordSince { which, .. }
        | Formula::Rank { which, .. }
        | Formula::PanelRank { which, .. } => Some(*which),
        _ => None,
    }
}

fn superlatives(dossier: &Dossier<'_>, passage: &Passage<'_>, pieces: &[Piece<'_>], findings: &mut Findings) {
    let lexicon = dossier.lexicon;
    let lists = [
        (&lexicon.highest, "a highest value"),
        (&lexicon.lowest, "a lowest value"),
        (&lexicon.most, "a comparison of all"),
        (&lexicon.absolute, "a record"),
        (&lexicon.unrecovered, "a peak that nothing reaches later"),
    ];
    if lists.iter().all(|(list, _)| list.hits(pieces).is_empty()) {
        return;
    }
    let proof = Proof::of(dossier, passage);
    let proven = [proof.highest, proof.lowest, proof.most, proof.absolute, proof.unrecovered];
    for (n, (list, needed)) in lists.into_iter().enumerate() {
        for sentence in sentences(pieces) {
            for hit in list.hits(sentence) {
                // A peak that never came back is spoken of behind the figures of its fall.
                let borne = n == 4 || bears(&proof, sentence, &hit);
                if !proven[n] || !borne {
                    let detail =
                        format!("`{}` needs a fact that proves {needed}: rest it on one, or say less", hit.phrase);
                    findings.add(Rule::SuperlativeUnproven, &passage.place, detail);
                } else if let Some(word) = turned(dossier, &proof, sentence, &hit) {
                    let detail = format!("`{} … {word}`, but the greatest move told goes the other way", hit.phrase);
                    findings.add(Rule::DirectionWrong, &passage.place, detail);
                }
            }
        }
    }
}

/// True when the citation nearest before or after a superlative belongs to what proves it, or none stands there.
fn bears(proof: &Proof, sentence: &[Piece<'_>], hit: &Hit) -> bool {
    let fact = |piece: &Piece<'_>| match piece {
        Piece::Cite { cite: Cite::Fact { fact, .. }, .. } => Some(proof.facts.contains(fact)),
        _ => None,
    };
    let before = sentence[..hit.first].iter().rev().find_map(fact);
    let after = sentence[hit.last + 1..].iter().find_map(fact);
    match (before, after) {
        (None, None) => true,
        (before, after) => before == Some(true) || after == Some(true),
    }
}

/// The word of direction that a superlative is joined to, when no greatest move of that way is told.
fn turned(dossier: &Dossier<'_>, proof: &Proof, sentence: &[Piece<'_>], hit: &Hit) -> Option<String> {
    const REACH: usize = 2;
    let near = |other: &&Hit| other.first > hit.last && other.first <= hit.last + REACH;
    let lists = [(&dossier.lexicon.up, Direction::Up), (&dossier.lexicon.down, Direction::Down)];
    let (word, way) =
        lists.into_iter().find_map(|(list, way)| Some((list.hits(sentence).iter().find(near)?.phrase.clone(), way)))?;
    (!proof.ways.is_empty() && !proof.ways.contains(&way)).then_some(word)
}

/// An observation outside its freshness window is not "today".
fn current(dossier: &Dossier<'_>, passage: &Passage<'_>, pieces: &[Piece<'_>], findings: &mut Findings) {
    let hits = dossier.lexicon.current.hits(pieces);
    if hits.is_empty() {
        return;
    }
    let stale = |dataset: &str| {
        dossier
            .brief
            .sources
            .iter()
            .any(|source| source.dataset == dataset && super::sources::is_stale(dossier, source))
    };
    let support = passage.support(dossier);
    let Some(fact) = support
        .into_iter()
        .filter_map(|id| dossier.fact(id))
        .find(|fact| series_of(&fact.formula).iter().any(|series| stale(&series.dataset)))
    else {
        return;
    };
    for hit in hits {
        findings.add(
            Rule::StaleAsCurrent,
            &passage.place,
            format!("`{}` of {}, whose source is outside its freshness window: give its date", hit.phrase, fact.id),
        );
    }
}
