//! The sentences of a scene under work, and what they have told.

use std::collections::BTreeSet;

use proofreel_model::ids::FactId;
use proofreel_model::script::Sentence;

use crate::prose::Composed;
use crate::prose::composer::{is_date, values};

/// The sentences of a scene under work.
#[derive(Default)]
pub(super) struct Draft {
    /// What is said so far.
    pub(super) sentences: Vec<Sentence>,
    /// Facts whose values were told.
    pub(super) told: BTreeSet<FactId>,
    /// Facts whose values the chart shows.
    pub(super) shown: BTreeSet<FactId>,
    /// Its length in words.
    pub(super) words: usize,
    /// Whether words may still point at marks on a line chart.
    pub(super) looks: bool,
}

impl Draft {
    /// Takes a sentence in.
    pub(super) fn add(&mut self, composed: Composed) {
        self.words += composed.words();
        self.told.extend(values(&composed.text).cloned());
        self.sentences.push(Sentence { text: composed.text, claims: composed.claims, plan: composed.plan.to_owned() });
    }

    /// Takes over the sentences of another draft.
    pub(super) fn append(&mut self, other: Self) {
        self.words += other.words;
        self.told.extend(other.told);
        self.sentences.extend(other.sentences);
    }

    /// Whether a sentence speaks of one of these facts, by its value or by its date.
    pub(super) fn cites(&self, facts: &BTreeSet<FactId>) -> bool {
        self.sentences.iter().any(|sentence| sentence.text.facts().any(|fact| facts.contains(fact)))
    }

    /// Dates that were said, as they were spoken.
    pub(super) fn dates(&self) -> BTreeSet<String> {
        let spans = self.sentences.iter().flat_map(|sentence| &sentence.text.0);
        spans.filter(|span| is_date(span)).map(|span| span.text.clone()).collect()
    }

    /// Words of `budget` that are left.
    pub(super) fn left(&self, budget: usize) -> usize {
        budget.saturating_sub(self.words)
    }

    /// Whether a sentence sets a figure against another, as the gate asks of an insight that tells nothing new.
    pub(super) fn compares(&self) -> bool {
        self.sentences.iter().any(|sentence| values(&sentence.text).nth(1).is_some())
    }
}
