//! Reading a channel file: one clear error, with its line and what was expected.

mod look;
mod pictures;
mod surroundings;
mod voice;
mod writer;

use thiserror::Error;

use super::{CaptionMode, CaptionStyle, ChannelProfile};

/// Why a channel file was refused.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{file}:{line}: {problem}\n  hint: {hint}")]
pub struct ChannelError {
    /// The file as the operator named it.
    pub file: String,
    /// 1-based line of the fault.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub hint: String,
}

/// Reads and validates a channel profile.
pub fn parse(file: &str, text: &str) -> Result<ChannelProfile, ChannelError> {
    let mut profile: ChannelProfile = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        let problem = error.message().replace('\n', " ");
        let hint = unknown_field_hint(&problem)
            .unwrap_or_else(|| "see channels/README.md for every key, its type and its range".into());
        ChannelError { file: file.into(), line, problem, hint }
    })?;
    check(&profile).map_err(|(key, problem, hint)| ChannelError {
        file: file.into(),
        line: line_of_key(text, &key),
        problem,
        hint,
    })?;
    if let Some(mode) = profile.episode.captions {
        profile.episode.burn_captions = mode != CaptionMode::Off;
        profile.look.captions = if mode == CaptionMode::Karaoke { CaptionStyle::Karaoke } else { CaptionStyle::Plain };
    }
    Ok(profile)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// The line of a key, given with its tables and dots (`look.palette.accent`) or alone; the first line when it is not
/// found.
fn line_of_key(text: &str, key: &str) -> usize {
    let mut table = String::new();
    for (n, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if let Some(name) = line.strip_prefix('[') {
            name.split(']').next().unwrap_or_default().trim().clone_into(&mut table);
            continue;
        }
        let name = line.split(['=', ' ']).next().unwrap_or_default();
        let full = if table.is_empty() { name.to_owned() } else { format!("{table}.{name}") };
        if !name.is_empty() && (full == key || name == key) {
            return n + 1;
        }
    }
    // In an inline table: the line of the table.
    key.rsplit_once('.').map_or(1, |(table, _)| line_of_key(text, table))
}

/// "did you mean" for serde's "unknown field `x`, expected one of `a`, `b`".
fn unknown_field_hint(problem: &str) -> Option<String> {
    let (_, rest) = problem.split_once("unknown field `")?;
    let (wrong, rest) = rest.split_once('`')?;
    let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    let best = known
        .iter()
        .copied()
        .max_by(|a, b| strsim::jaro_winkler(wrong, a).total_cmp(&strsim::jaro_winkler(wrong, b)))?;
    Some(if strsim::jaro_winkler(wrong, best) > 0.75 {
        format!("did you mean `{best}`?")
    } else {
        format!("known keys here: {}", known.join(", "))
    })
}

/// Key, what is wrong, what to do.
type Fault = (String, String, String);

fn check(profile: &ChannelProfile) -> Result<(), Fault> {
    let fault = |key: &str, problem: String, hint: &str| Err((key.to_owned(), problem, hint.to_owned()));
    let id = profile.id.as_str();
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return fault("id", format!("`id` is `{id}`"), "use lower-case letters, digits and hyphens");
    }
    if profile.name.trim().is_empty() || profile.name.chars().any(char::is_numeric) {
        return fault(
            "name",
            format!("`name` is `{}`", profile.name),
            "give a name without digits: every digit a viewer sees must be a fact's",
        );
    }
    if !profile.language.starts_with("en") {
        return fault(
            "language",
            format!("`language` is `{}`", profile.language),
            "the embedded writer and voice speak English: use en, en-US or en-GB",
        );
    }
    if profile.sources.is_empty() {
        return fault("sources", "`sources` is empty".into(), "name at least one folder that holds data packages");
    }
    let seconds = profile.episode.target_seconds;
    if !(120..=360).contains(&seconds) {
        return fault(
            "target_seconds",
            format!("`target_seconds` is {seconds}"),
            "an episode runs two to six minutes: use 120 to 360",
        );
    }
    voice::check(&profile.voice)?;
    if profile.governance.max_rewrites > 10 {
        return fault("max_rewrites", format!("`max_rewrites` is {}", profile.governance.max_rewrites), "use 0 to 10");
    }
    for (key, text) in
        [("disclaimer", &profile.governance.disclaimer), ("ai_disclosure", &profile.governance.ai_disclosure)]
    {
        if text.trim().is_empty() || text.chars().any(char::is_numeric) {
            return fault(
                key,
                format!("`{key}` is `{text}`"),
                "write a sentence without digits: every digit a viewer sees must be a fact's",
            );
        }
    }
    if let Some((key, problem, hint)) = profile.publishing.fault() {
        return fault(key, problem, hint);
    }
    if let Some((key, problem, hint)) = profile.notices.fault(false) {
        return fault(key, problem, hint);
    }
    surroundings::check(profile)?;
    pictures::check(profile)?;
    writer::check(&profile.writer)?;
    look::check(&profile.look)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"../data\"]\n";

    #[test]
    fn a_minimal_file_takes_the_defaults() {
        let profile = parse("x.toml", GOOD).unwrap();
        assert_eq!(profile.episode.target_seconds, 150);
        assert_eq!(profile.governance.max_rewrites, 2);
    }

    #[test]
    fn a_wrong_key_names_its_line_and_the_right_one() {
        let error = parse("x.toml", &format!("{GOOD}[episode]\ntarget_second = 130\n")).unwrap_err();
        assert_eq!(error.line, 7);
        assert_eq!(error.hint, "did you mean `target_seconds`?");
    }

    #[test]
    fn a_wrong_type_names_its_line() {
        let error = parse("x.toml", &format!("{GOOD}[episode]\ntarget_seconds = \"long\"\n")).unwrap_err();
        assert_eq!(error.line, 7);
        assert!(error.problem.contains("expected u32"), "{error}");
    }

    #[test]
    fn a_wrong_range_names_its_line_and_the_range() {
        let error = parse("x.toml", &format!("{GOOD}[episode]\ntarget_seconds = 30\n")).unwrap_err();
        assert_eq!((error.line, error.hint.contains("120 to 360")), (7, true));
    }

    #[test]
    fn captions_are_off_plain_or_karaoke_and_win_over_the_old_key() {
        let read = |rest: &str| parse("x.toml", &format!("{GOOD}[episode]\n{rest}\n")).unwrap();
        let burned = |rest: &str| (read(rest).episode.burn_captions, read(rest).look.captions);
        assert_eq!(burned("burn_captions = true"), (true, CaptionStyle::Plain));
        assert_eq!(burned("captions = \"plain\""), (true, CaptionStyle::Plain));
        assert_eq!(burned("captions = \"karaoke\""), (true, CaptionStyle::Karaoke));
        assert!(!burned("burn_captions = true\ncaptions = \"off\"").0);
    }

    #[test]
    fn digits_in_operator_text_are_refused() {
        let error = parse("x.toml", &GOOD.replace("\"Demo\"", "\"Top 10\"")).unwrap_err();
        assert_eq!(error.line, 2);
    }
}
