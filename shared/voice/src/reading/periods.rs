//! Quarters, halves, fiscal years and short months: "Q2 2026" is the second quarter of 2026.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::words::month;

const NAMES: [&str; 4] = ["first", "second", "third", "fourth"];
/// Words behind which a period takes an article.
const PREPOSITIONS: [&str; 20] = [
    "in", "of", "from", "to", "since", "by", "for", "until", "till", "through", "during", "between", "and", "than",
    "after", "before", "versus", "vs", "over", "into",
];

struct Patterns {
    /// `Q2`, `2Q`, `H1`, perhaps with a year behind it.
    behind: Regex,
    number_first: Regex,
    /// `2026Q2`, `2026-Q2`.
    year_first: Regex,
    span: Regex,
    fiscal: Regex,
    months: Regex,
    month_year: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    let year = r"(?:[-/ ]?['’]?((?:19|20)\d\d)|[-/'’](\d\d))?";
    Some(Patterns {
        behind: Regex::new(&format!(r"^([QH])([1-4]){year}$")).ok()?,
        number_first: Regex::new(r"^([1-4])([QH])(?:[-/]?['’]?((?:19|20)?\d\d))?$").ok()?,
        year_first: Regex::new(r"^((?:19|20)\d\d)[-/: ]?([QH])([1-4])$").ok()?,
        span: Regex::new(r"^([QH])([1-4])[-–/]([QH])([1-4])$").ok()?,
        fiscal: Regex::new(r"^([FC])Y['’]?((?:19|20)?\d\d)$").ok()?,
        months: Regex::new(r"^([A-Z][a-z]{2,3})[-–/]([A-Z][a-z]{2,3})$").ok()?,
        month_year: Regex::new(r"^([A-Z][a-z]{2,3})[-–'’]{1,2}((?:19|20)?\d\d)$").ok()?,
    })
});

fn group<'a>(found: &Captures<'a>, number: usize) -> &'a str {
    found.get(number).map_or("", |group| group.as_str())
}

/// "second quarter", "first half"; a half has no third.
fn name(letter: &str, number: &str) -> Option<String> {
    let at: usize = number.parse().ok()?;
    match letter {
        "Q" => Some(format!("{} quarter", NAMES.get(at.checked_sub(1)?)?)),
        _ => Some(format!("{} half", NAMES[..2].get(at.checked_sub(1)?)?)),
    }
}

fn full(year: &str) -> String {
    let recent = if year.parse::<u32>().is_ok_and(|value| value > 60) { "19" } else { "20" };
    if year.len() == 2 { format!("{recent}{year}") } else { year.to_owned() }
}

/// Whether a token is a year by itself.
pub(super) fn is_year(core: &str) -> bool {
    core.len() == 4 && core.parse::<u32>().is_ok_and(|year| (1800..=2200).contains(&year))
}

/// The words of a period; `before` is the word in front in lower case, `next` the token behind, empty after a pause.
pub(super) fn said(core: &str, before: &str, next: &str) -> Option<String> {
    let patterns = PATTERNS.as_ref()?;
    let (core, owner) = match core.strip_suffix("'s").or_else(|| core.strip_suffix("’s")) {
        Some(stem) => (stem, "'s"),
        None => (core, ""),
    };
    let the = if PREPOSITIONS.contains(&before) { "the " } else { "" };
    if let Some(found) = patterns.behind.captures(core) {
        let year = [group(&found, 3), group(&found, 4)].concat();
        return Some(format!("{the}{}{owner}", dated(&name(group(&found, 1), group(&found, 2))?, &year, next)));
    }
    if let Some(found) = patterns.number_first.captures(core) {
        let named = name(group(&found, 2), group(&found, 1))?;
        return Some(format!("{the}{}{owner}", dated(&named, group(&found, 3), next)));
    }
    if let Some(found) = patterns.year_first.captures(core) {
        let named = name(group(&found, 2), group(&found, 3))?;
        return Some(format!("{the}{named} of {}{owner}", group(&found, 1)));
    }
    if let Some(found) = patterns.span.captures(core) {
        let (first, second) = (name(group(&found, 1), group(&found, 2))?, name(group(&found, 3), group(&found, 4))?);
        let link = if core.contains('/') { "over" } else { "to" };
        return Some(dated(&format!("{the}{first} {link} {second}"), "", next));
    }
    if let Some(found) = patterns.fiscal.captures(core) {
        let kind = if group(&found, 1) == "F" { "fiscal year" } else { "calendar year" };
        return Some(format!("{kind} {}{owner}", full(group(&found, 2))));
    }
    if let Some(found) = patterns.months.captures(core) {
        return Some(format!("{} to {}", month(group(&found, 1))?, month(group(&found, 2))?));
    }
    if let Some(found) = patterns.month_year.captures(core) {
        return Some(format!("{} {}", month(group(&found, 1))?, full(group(&found, 2))));
    }
    let digits = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let dated = digits(next) || (digits(before) && before.len() < 3);
    month(core).filter(|_| dated).map(str::to_owned)
}

fn dated(name: &str, year: &str, next: &str) -> String {
    if !year.is_empty() {
        format!("{name} of {}", full(year))
    } else if is_year(next) {
        format!("{name} of")
    } else {
        name.to_owned()
    }
}
