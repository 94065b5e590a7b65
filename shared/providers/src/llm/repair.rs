//! Reading JSON out of what a model says: strictly where it is JSON, mended where it is nearly so.
//!
//! The mending is `jsonrepair-rs` (ADR 0037); finding the JSON among prose, and holding it against the wanted type, is here.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Read<T> {
    /// The value.
    pub value: T,
    /// True when the text ended before its JSON did: the last member may be half of what was meant.
    pub cut: bool,
}

/// Most places of a text that are looked at as the beginning of its JSON.
const PLACES: usize = 16;

/// Reads the first JSON of the wanted shape.
///
/// # Errors
/// Says what was found instead.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<Read<T>, String> {
    let text = answer_of(text);
    let mut found = "no JSON".to_owned();
    let mut fits = |value: Value, cut: bool| match serde_json::from_value(value) {
        Ok(value) => Some(Read { value, cut }),
        Err(error) => {
            found = format!("JSON of another shape: {error}");
            None
        }
    };
    // Strictly first: the whole text, then whatever JSON begins somewhere in it.
    if let Ok(value) = serde_json::from_str::<Value>(text)
        && let Some(read) = fits(value, false)
    {
        return Ok(read);
    }
    let places = || text.match_indices('{').map(|(at, _)| at).take(PLACES);
    for at in places() {
        let first = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>().next();
        if let Some(Ok(value)) = first
            && let Some(read) = fits(value, false)
        {
            return Ok(read);
        }
    }
    for at in places() {
        let open = without_fence(&text[at..]);
        let closed = open.rfind(['}', ']']).map(|end| &open[..=end]);
        for (candidate, cut) in closed.map(|text| (text, false)).into_iter().chain([(open, true)]) {
            let Ok(mended) = jsonrepair_rs::jsonrepair(candidate) else { continue };
            let cut = cut || !balanced(candidate);
            if let Ok(value) = serde_json::from_str::<Value>(&mended)
                && let Some(read) = fits(value, cut)
            {
                return Ok(read);
            }
        }
    }
    Err(found)
}

/// The answer proper: without a mark of order of bytes, and without what a reasoning model thought aloud.
fn answer_of(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}');
    text.rsplit_once("</think>").map_or(text, |(_, answer)| answer).trim()
}

/// The text up to a fence of a code block.
fn without_fence(text: &str) -> &str {
    text.find("\n```").map_or(text, |end| &text[..end]).trim_end()
}

/// Whether as many brackets close as open, texts left out.
fn balanced(text: &str) -> bool {
    let (mut depth, mut quote, mut escaped) = (0_i64, None, false);
    for c in text.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(mark) if c == mark => quote = None,
            Some(_) => {}
            None => match c {
                '"' => quote = Some(c),
                '{' | '[' => depth += 1,
                '}' | ']' => depth -= 1,
                _ => {}
            },
        }
    }
    depth == 0 && quote.is_none()
}

#[cfg(test)]
#[path = "repair_tests.rs"]
mod tests;
