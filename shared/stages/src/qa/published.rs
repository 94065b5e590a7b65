//! What lies beside the artifacts and reaches the viewer: captions and metadata, held against script and film.
//!
//! Pure functions over texts, so that any stage or command that has them can ask. What a player shows must be what
//! the gate has read: captions say the narration word by word, metadata is what script and film give.

use proofreel_model::brief::Source;
use proofreel_model::film::{Film, Metadata};
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use serde_json::Value;

use super::dossier::{Findings, Place};
use super::filmed;
use super::intake::Judged;
use super::rules::Rule;
use crate::render::metadata::{self, House};

/// The files beside the artifacts; what is absent was not made yet.
#[derive(Clone, Debug, Default)]
pub struct Published {
    /// `film.json`.
    pub film: Option<Judged<Film>>,
    /// `captions.srt`.
    pub srt: Option<String>,
    /// `captions.vtt`.
    pub vtt: Option<String>,
    /// `metadata.json`.
    pub metadata: Option<Value>,
    /// Data packages at hand whose bytes are not those of the order: name, and how they differ.
    pub foreign: Vec<(String, String)>,
}

/// By what the metadata is made.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The channel's language.
    pub language: &'a str,
    /// Most bytes of a description.
    pub description_bytes: usize,
    /// Credits of stock pictures, as the description lists them.
    pub credits: &'a [String],
}

pub(super) fn place(name: impl Into<String>) -> Place<'static> {
    Place { owner: StageName::Render, scene: None, name: name.into() }
}

/// Packages that are not those of the order.
pub fn packages(published: &Published, findings: &mut Findings) {
    for (name, how) in &published.foreign {
        findings.add(Rule::SourceRecord, &Place::research(format!("package {name}")), how.clone());
    }
}

/// Checks captions and metadata against the script, its sources and the film.
pub fn check(script: &Script, sources: &[Source], published: &Published, rules: Rules<'_>, findings: &mut Findings) {
    let film = published.film.as_ref().and_then(|film| film.open(&place("film"), findings));
    let narrated = narration(script);
    for (name, text, read) in [
        ("captions.srt", &published.srt, subrip as fn(&str) -> Result<Vec<Cue>, String>),
        ("captions.vtt", &published.vtt, webvtt),
    ] {
        match text {
            Some(text) => {
                let cues = read(text);
                if let (Ok(cues), Some(film)) = (&cues, film) {
                    filmed::timed(name, cues, film, findings);
                }
                captions(name, cues, &narrated, findings);
            }
            None if film.is_some() => {
                findings.add(Rule::CaptionDiffers, &place(name), "is missing, but the film is there: render it again");
            }
            None => {}
        }
    }
    if let Some(film) = film {
        filmed::media(film, findings);
        spoken(film, &narrated, findings);
        timeline(script, film, findings);
    }
    described(script, sources, (film, published.metadata.as_ref()), rules, findings);
}

/// The chapters as `M:SS Title`, from the film's own times.
pub fn chapters(script: &Script, film: &Film) -> Vec<String> {
    metadata::chapters(&script.chapters, &film.timeline)
}

/// The narration, word by word.
pub fn narration(script: &Script) -> Vec<String> {
    let sentences = script.scenes.iter().flat_map(|scene| &scene.narration);
    sentences.flat_map(|sentence| words(&sentence.text.text())).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// A caption as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// Start, milliseconds.
    pub start_ms: u64,
    /// End, milliseconds.
    pub end_ms: u64,
    /// Its lines, joined by a space.
    pub text: String,
}

/// Reads a `SubRip` file in the strict form that rendering writes: a number that counts from one, a time line, text.
pub fn subrip(text: &str) -> Result<Vec<Cue>, String> {
    let mut cues = Vec::new();
    for (n, block) in blocks(text).into_iter().enumerate() {
        let [number, times, lines @ ..] = block.as_slice() else {
            return Err(format!("cue {} has no time line", n + 1));
        };
        if *number != (n + 1).to_string() {
            return Err(format!("cue {} is numbered `{number}`", n + 1));
        }
        cues.push(cue(n, times, ',', lines.join(" "))?);
    }
    in_order(&cues)?;
    Ok(cues)
}

/// Reads a `WebVTT` file in the strict form that rendering writes: the header, then time lines with text.
pub fn webvtt(text: &str) -> Result<Vec<Cue>, String> {
    let blocks = blocks(text);
    let Some((header, rest)) = blocks.split_first() else { return Err("is empty".into()) };
    if header.as_slice() != ["WEBVTT"] {
        return Err("does not begin with `WEBVTT` and an empty line".into());
    }
    let mut cues = Vec::new();
    for (n, block) in rest.iter().enumerate() {
        let [times, lines @ ..] = block.as_slice() else { return Err(format!("cue {} has no time line", n + 1)) };
        let text = lines.join(" ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        cues.push(cue(n, times, '.', text)?);
    }
    in_order(&cues)?;
    Ok(cues)
}

fn blocks(text: &str) -> Vec<Vec<&str>> {
    let mut out: Vec<Vec<&str>> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if line.trim().is_empty() {
            open = false;
        } else if open {
            if let Some(block) = out.last_mut() {
                block.push(line);
            }
        } else {
            out.push(vec![line]);
            open = true;
        }
    }
    out
}

fn cue(n: usize, times: &str, mark: char, text: String) -> Result<Cue, String> {
    let clock = |text: &str| -> Option<u64> {
        let (hms, ms) = text.split_once(mark)?;
        let digits = |part: &str, length: usize| {
            (part.len() == length && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u64>().ok())?
        };
        let mut parts = hms.split(':');
        let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
        let whole = digits(hours, 2)? * 3600 + digits(minutes, 2)? * 60 + digits(seconds, 2)?;
        parts.next().is_none().then_some(whole * 1000 + digits(ms, 3)?)
    };
    let read = || {
        let (start, end) = times.split_once(" --> ")?;
        Some((clock(start)?, clock(end)?))
    };
    let (start_ms, end_ms) = read().ok_or_else(|| format!("cue {}: `{times}` is no time line", n + 1))?;
    if text.trim().is_empty() {
        return Err(format!("cue {} is empty", n + 1));
    }
    Ok(Cue { start_ms, end_ms, text })
}

fn in_order(cues: &[Cue]) -> Result<(), String> {
    if let Some(n) = cues.iter().position(|cue| cue.end_ms <= cue.start_ms) {
        return Err(format!("cue {} ends before it begins", n + 1));
    }
    match cues.windows(2).position(|pair| pair[1].start_ms < pair[0].end_ms) {
        Some(n) => Err(format!("cue {} begins before the one before it ends", n + 2)),
        None => Ok(()),
    }
}

fn captions(name: &str, cues: Result<Vec<Cue>, String>, narrated: &[String], findings: &mut Findings) {
    let cues = match cues {
        Ok(cues) => cues,
        Err(why) => {
            findings.add(Rule::CaptionDiffers, &place(name), format!("{why}: render the captions again"));
            return;
        }
    };
    let shown: Vec<(usize, String)> = cues
        .iter()
        .enumerate()
        .flat_map(|(n, cue)| words(&cue.text).into_iter().map(move |word| (n + 1, word)))
        .collect();
    let first = (0..shown.len().max(narrated.len()))
        .find(|at| shown.get(*at).map(|(_, word)| word.as_str()) != narrated.get(*at).map(String::as_str));
    let Some(at) = first else { return };
    let cue = shown.get(at).or(shown.last()).map_or(1, |(cue, _)| *cue);
    findings.add(
        Rule::CaptionDiffers,
        &place(format!("{name} cue {cue}")),
        format!(
            "says `{}` where the narration says `{}`: render the captions again",
            around(&shown.iter().map(|(_, word)| word.as_str()).collect::<Vec<_>>(), at),
            around(&narrated.iter().map(String::as_str).collect::<Vec<_>>(), at)
        ),
    );
}

/// The word at a place with its neighbours.
fn around(words: &[&str], at: usize) -> String {
    let from = at.saturating_sub(2).min(words.len());
    let to = (at + 3).min(words.len());
    if at >= words.len() { "nothing more".into() } else { words[from..to].join(" ") }
}

/// The words that the film's record times are the narration's.
fn spoken(film: &Film, narrated: &[String], findings: &mut Findings) {
    let timed = film.words.iter().map(|word| word.text.as_str());
    if !timed.eq(narrated.iter().map(String::as_str)) {
        findings.add(Rule::CaptionDiffers, &place("film words"), "are not those of the narration: render it again");
    }
}

fn timeline(script: &Script, film: &Film, findings: &mut Findings) {
    let scenes = film.timeline.iter().map(|timing| &timing.scene_id);
    let mut end = 0;
    let runs_on = film.timeline.iter().all(|timing| {
        let good = timing.start_ms >= end && timing.end_ms > timing.start_ms;
        end = timing.end_ms;
        good
    });
    if !scenes.eq(script.scenes.iter().map(|scene| &scene.scene_id)) || !runs_on {
        findings.add(
            Rule::MetadataDiffers,
            &place("film timeline"),
            "does not hold the script's scenes one after another: render it again",
        );
    }
}

fn described(
    script: &Script,
    sources: &[Source],
    (film, file): (Option<&Film>, Option<&Value>),
    rules: Rules<'_>,
    findings: &mut Findings,
) {
    let Some(film) = film else {
        if file.is_some() {
            findings.add(
                Rule::MetadataDiffers,
                &place("metadata.json"),
                "stands without film.json, from which its chapters come: render the episode again",
            );
        }
        return;
    };
    let house = House {
        language: rules.language,
        description_bytes: rules.description_bytes,
        synthetic: film.metadata.contains_synthetic_media,
        credits: rules.credits,
    };
    let expected = match metadata::expected(script, sources, &film.timeline, house) {
        Ok(expected) => expected,
        Err(error) => {
            findings.add(Rule::MetadataDiffers, &place("metadata"), error.to_string().replace("\n ", ";"));
            return;
        }
    };
    compare("film metadata", &expected, &film.metadata, findings);
    match file.map(|file| serde_json::from_value::<Metadata>(file.clone())) {
        Some(Ok(metadata)) => compare("metadata.json", &expected, &metadata, findings),
        Some(Err(error)) => {
            findings.add(Rule::SchemaFailure, &place("metadata.json"), format!("does not follow its schema: {error}"));
        }
        None => findings.add(Rule::MetadataDiffers, &place("metadata.json"), "is missing, but the film is there"),
    }
}

fn compare(name: &str, expected: &Metadata, found: &Metadata, findings: &mut Findings) {
    let mut differ = |what: &str, wanted: &str, shown: &str| {
        if wanted != shown {
            let at = wanted.chars().zip(shown.chars()).take_while(|(a, b)| a == b).count();
            let cut = |text: &str| text.chars().skip(at.saturating_sub(20)).take(60).collect::<String>();
            findings.add(
                Rule::MetadataDiffers,
                &place(format!("{name} {what}")),
                format!("says `{}` where script and film give `{}`", cut(shown), cut(wanted)),
            );
        }
    };
    differ("title", &expected.title, &found.title);
    differ("title variants", &expected.title_variants.join("\n"), &found.title_variants.join("\n"));
    differ("description", &expected.description, &found.description);
    differ("tags", &expected.tags.join("\n"), &found.tags.join("\n"));
    differ("chapters", &expected.chapters.join("\n"), &found.chapters.join("\n"));
    differ("pinned comment", &expected.pinned_comment, &found.pinned_comment);
    differ("language", &expected.language, &found.language);
    let synthetic = |metadata: &Metadata| metadata.contains_synthetic_media.to_string();
    differ("synthetic media mark", &synthetic(expected), &synthetic(found));
}

#[cfg(test)]
mod tests {
    use super::*;

    const SRT: &str =
        "1\n00:00:00,000 --> 00:00:01,500\nGold & silver\n\n2\n00:00:02,000 --> 00:00:03,000\ntwo\nlines\n\n";
    const VTT: &str =
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nGold &amp; silver\n\n00:00:02.000 --> 00:00:03.000\ntwo\nlines\n\n";

    fn findings_of(text: &str, narrated: &str) -> Vec<String> {
        let mut findings = Findings::default();
        captions("captions.srt", subrip(text), &words(narrated), &mut findings);
        findings.into_report().into_iter().map(|finding| format!("{}: {}", finding.place, finding.detail)).collect()
    }

    #[test]
    fn both_forms_hold_the_same_cues() {
        assert_eq!(subrip(SRT).unwrap(), webvtt(VTT).unwrap());
        assert!(findings_of(SRT, "Gold & silver two lines").is_empty());
    }

    #[test]
    fn a_word_more_less_or_other_is_told_with_its_cue() {
        let told = findings_of(SRT, "Gold & silver three lines");
        assert!(told[0].starts_with("captions.srt cue 2: says `& silver two lines` where"), "{told:?}");
        assert!(findings_of(SRT, "Gold & silver two lines more")[0].contains("says `nothing more`"));
        assert!(findings_of(SRT, "Gold & silver two")[0].contains("the narration says `nothing more`"));
    }

    #[test]
    fn text_outside_the_cues_has_no_place_to_hide() {
        for broken in [
            &SRT.replace("1\n00:00:00", "7\n00:00:00"),
            &SRT.replace("00:00:01,500", "00:00:01.500"),
            &SRT.replace(" --> 00:00:03,000", " --> 00:00:01,000"),
            &SRT.replace("00:00:02,000", "00:00:01,000"),
            &format!("{SRT}profits rose 40 percent\n"),
            &SRT.replace("two\nlines", "  "),
        ] {
            assert!(subrip(broken).is_err(), "{broken}");
        }
        assert!(webvtt(&VTT.replace("WEBVTT", "WEBVTT buy now")).is_err());
        assert!(webvtt(&VTT.replacen("\n\n", "\n\nNOTE hidden\n\n", 1)).is_err());
    }
}
