//! Tokens and where sentences end.

use std::sync::LazyLock;

use regex::Regex;

/// Short titles and the like: the dot behind them ends no sentence.
const TITLES: [&str; 15] =
    ["mr", "mrs", "ms", "dr", "prof", "gen", "gov", "sen", "rep", "st", "vs", "approx", "e.g", "i.e", "cf"];
/// The dot behind them ends no sentence before a number ("No. 3", "Aug. 18"; but "She said no. Then").
const BEFORE_NUMBERS: [&str; 16] =
    ["no", "nos", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "est", "approx"];
const COMPANIES: [&str; 4] = ["inc", "corp", "co", "ltd"];
/// Behind a dotted acronym ("the U.S. The …") only a word that opens sentences ends one.
const OPENERS: [&str; 42] = [
    "The",
    "A",
    "An",
    "In",
    "On",
    "At",
    "By",
    "For",
    "From",
    "But",
    "And",
    "Yet",
    "So",
    "It",
    "Its",
    "This",
    "That",
    "These",
    "Those",
    "There",
    "They",
    "We",
    "He",
    "She",
    "You",
    "What",
    "Why",
    "How",
    "When",
    "While",
    "Since",
    "As",
    "If",
    "Only",
    "Now",
    "Then",
    "Here",
    "Still",
    "Meanwhile",
    "Between",
    "After",
    "With",
];

static EDGES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?s)^(["“‘'(\[{«]*)(.*?)([.,;:!?…"”’')\]}»]*)$"#).ok());
static DOTTED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(?:[A-Z]\.)+[A-Z]$").ok());

/// A token without the marks around it, and these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) lead: &'a str,
    pub(super) core: &'a str,
    pub(super) trail: &'a str,
}

/// Takes the marks off a token.
pub(super) fn parts(token: &str) -> Parts<'_> {
    let Some(found) = EDGES.as_ref().and_then(|edges| edges.captures(token)) else {
        return Parts { core: token, ..Parts::default() };
    };
    let part = |number| found.get(number).map_or("", |part| part.as_str());
    Parts { lead: part(1), core: part(2), trail: part(3) }
}

/// "U.S": capitals with dots between them.
pub(super) fn is_dotted(core: &str) -> bool {
    DOTTED.as_ref().is_some_and(|dotted| dotted.is_match(core))
}

/// For each token whether a sentence ends behind it: the voice speaks a sentence at a time.
pub fn sentence_ends(tokens: &[&str]) -> Vec<bool> {
    let mut out = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let Parts { core, trail, .. } = parts(token);
        let next = tokens.get(at + 1).map_or("", |next| next.trim_start_matches(['"', '“', '‘', '\'', '(', '[']));
        let mut stop = trail.contains(['.', '!', '?', '…']);
        if stop && !next.is_empty() && !trail.contains(['!', '?']) {
            let name = core.to_lowercase();
            let name = name.as_str();
            let initial = core.len() == 1 && core.bytes().all(|b| b.is_ascii_uppercase());
            if next.starts_with(char::is_lowercase) || TITLES.contains(&name) || initial {
                stop = false;
            } else if BEFORE_NUMBERS.contains(&name) {
                stop = !next.starts_with(|c: char| c.is_ascii_digit());
            } else if is_dotted(core) || COMPANIES.contains(&name) || ["a.m", "p.m"].contains(&name) {
                stop = OPENERS.contains(&parts(next).core);
            }
        }
        out.push(stop || at + 1 == tokens.len());
    }
    out
}
