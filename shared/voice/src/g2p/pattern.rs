//! Patterns with a look to either side.

use fancy_regex::Regex;

use crate::assets::VoiceDataError;

/// A match with its groups.
pub(super) type Found<'a> = fancy_regex::Captures<'a, str>;

/// Compiles a pattern.
pub(super) fn compiled(pattern: &str) -> Result<Regex, VoiceDataError> {
    Regex::new(pattern).map_err(|error| VoiceDataError::unusable(pattern, error))
}

/// Where the first match of `pattern` ends.
pub(super) fn first_end(pattern: &Regex, text: &str) -> Option<usize> {
    pattern.find(text).ok().flatten().map(|found| found.end())
}

/// Where the first match of `pattern` starts.
pub(super) fn starts(pattern: &Regex, text: &str) -> Option<usize> {
    pattern.find(text).ok().flatten().map(|found| found.start())
}

/// `text` with every match replaced by what `rewrite` makes of it; none leaves the match as it stands.
pub(super) fn rewritten(pattern: &Regex, text: &str, rewrite: impl Fn(&Found<'_>) -> Option<String>) -> String {
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for found in pattern.captures_iter(text).flatten() {
        let Some(whole) = found.get(0) else { continue };
        if let Some(new) = rewrite(&found) {
            out.push_str(&text[from..whole.start()]);
            out.push_str(&new);
            from = whole.end();
        }
    }
    out.push_str(&text[from..]);
    out
}

/// The text of a group, empty when it took no part.
pub(super) fn group<'a>(found: &Found<'a>, number: usize) -> &'a str {
    found.get(number).map_or("", |group| group.as_str())
}

/// A group that lists `words`, the longest first, each taken literally.
pub(super) fn any_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut words: Vec<&str> = words.into_iter().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.iter().map(|word| fancy_regex::escape(word)).collect::<Vec<_>>().join("|")
}
