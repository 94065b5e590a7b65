//! Spans of time in text: "2m59.56s", "120ms", "5.289s", "in 7 minutes".

/// Phrases after which a provider says how long.
const PHRASES: [&str; 6] = ["try again in ", "retry in ", "retry after ", "again after ", "please wait ", "reset in "];

/// A whole text that is a span, milliseconds.
pub fn span_ms(text: &str) -> Option<i64> {
    let (ms, rest) = leading(text.trim())?;
    rest.trim().is_empty().then_some(ms)
}

/// The span after the first phrase that announces one, milliseconds.
pub fn delay_in_text(text: &str) -> Option<i64> {
    let small = text.to_ascii_lowercase();
    PHRASES.iter().filter_map(|phrase| small.split_once(phrase)).find_map(|(_, rest)| Some(leading(rest)?.0))
}

/// The span at the beginning of a text, and what follows it.
fn leading(mut text: &str) -> Option<(i64, &str)> {
    let mut total = None;
    while let Some((ms, rest)) = one(text) {
        total = Some(total.unwrap_or(0.0) + ms);
        text = rest;
    }
    total.filter(|ms| *ms <= 1e13).map(|ms: f64| (ms.ceil() as i64, text))
}

/// A number with its unit.
fn one(text: &str) -> Option<(f64, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..digits].parse().ok()?;
    let rest = text[digits..].trim_start_matches(' ');
    let unit = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let factor = match &rest[..unit] {
        "ms" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1_000.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000.0,
        "h" | "hr" | "hour" | "hours" => 3_600_000.0,
        "d" | "day" | "days" => 86_400_000.0,
        _ => return None,
    };
    Some((number * factor, rest[unit..].trim_start_matches(' ')))
}
