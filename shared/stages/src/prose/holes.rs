//! A figure over a window with holes says so: the words are added to whatever sentence cites it.

use proofreel_model::fact::{Fact, Formula, reads_window};
use proofreel_model::text::{Cite, Part, RichText, Span};

use super::bound::Bound;
use super::composer::hash;
use super::plan::{Plan, Slot};

/// Ways to say it inside a sentence. `specs/policy/number_words.toml` lists them among the phrases the gate accepts.
const INSIDE: [&str; 4] = [
    ", gaps in the record left out",
    ", with the gaps in the record left out",
    ", missing readings left out",
    ", skipping the gaps in the record",
];
/// The same after a question.
const AFTER: &str = " Gaps in the record are left out.";

/// True when a citation of this part of a fact speaks of a window that has holes. A date of a record names the stretch
/// it was found in, the date of an average names only where that begins.
pub fn speaks_of_holes(fact: &Fact, part: Part) -> bool {
    let told = part == Part::Value || matches!(fact.formula, Formula::RecordSince { .. });
    fact.missing > 0 && told && reads_window(&fact.formula)
}

/// Adds the words where the text needs them and the slot is one of sentences; labels have no room for them.
pub fn told(mut text: RichText, plan: &Plan, bound: &Bound<'_>) -> RichText {
    let label = matches!(plan.slot, Slot::Heading | Slot::Title | Slot::Thumb | Slot::Card);
    let speaks = |span: &Span| match &span.cite {
        Some(Cite::Fact { fact, part, .. }) => bound.by_id(fact).is_some_and(|fact| speaks_of_holes(fact, *part)),
        _ => false,
    };
    let Some(at) = text.0.iter().position(speaks).filter(|_| !label) else { return text };
    let words = INSIDE[(hash(0, plan.name) % INSIDE.len() as u64) as usize];
    for span in text.0[at..].iter_mut().filter(|span| span.cite.is_none()) {
        let Some(end) = clause_end(&span.text) else { continue };
        if span.text[end..].starts_with(['.', ';', ':']) {
            span.text.insert_str(end, words);
            return text;
        }
        break;
    }
    match text.0.last_mut() {
        Some(last) if last.cite.is_none() => last.text.push_str(AFTER),
        _ => text.0.push(Span { text: AFTER.into(), cite: None }),
    }
    text
}

/// Where a plain text closes a sentence or one of its parts.
fn clause_end(text: &str) -> Option<usize> {
    text.char_indices()
        .find(|(at, c)| {
            matches!(c, '.' | ';' | ':' | '?' | '!') && text[at + 1..].chars().next().is_none_or(char::is_whitespace)
        })
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qa::lexicon::Lexicon;
    use crate::qa::reading::pieces;

    #[test]
    fn the_gate_accepts_every_way_of_saying_it() {
        let lexicon = Lexicon::embedded().unwrap();
        for words in INSIDE.into_iter().chain([AFTER]) {
            assert!(!lexicon.holes.hits(&pieces(&RichText::plain(words))).is_empty(), "{words}");
        }
    }
}
