//! Captions and metadata: each number there is one of the script's, or unproven.

use proofreel_model::film::Metadata;
use proofreel_model::stock::StockPicture;
use proofreel_model::text::RichText;
use proofreel_stages::qa::published::{Cue, chapters, subrip, webvtt};
use proofreel_studio::timeline::{Token, tokens};

use super::collect::{plain, text};
use super::{Audit, Number, Parts, Unproven};

/// Captions longer than this are compared word by word in place, without looking for the best alignment.
const ALIGNED_WORDS: usize = 4000;

/// Checks what lies beside the artifacts; what is absent was not made yet.
pub fn check(parts: &Parts<'_>, audit: &mut Audit) {
    let published = &parts.case.folder.published;
    let narrated: Vec<Token> = parts
        .script
        .scenes
        .iter()
        .flat_map(|scene| &scene.narration)
        .flat_map(|sentence| tokens(&sentence.text))
        .collect();
    for (name, file, read) in [
        ("captions.srt", &published.srt, subrip as fn(&str) -> Result<Vec<Cue>, String>),
        ("captions.vtt", &published.vtt, webvtt),
    ] {
        let Some(file) = file else { continue };
        match read(file) {
            Ok(cues) => captions(name, &cues, &narrated, audit),
            Err(why) => audit.unproven.push(Unproven { place: name.into(), text: format!("the file {why}") }),
        }
    }
    if let Some(metadata) = &published.metadata {
        match serde_json::from_value::<Metadata>(metadata.clone()) {
            Ok(metadata) => described(parts, &metadata, audit),
            Err(error) => audit.unproven.push(Unproven {
                place: "metadata.json".into(),
                text: format!("the file does not follow its schema: {error}"),
            }),
        }
    }
}

fn captions(name: &str, cues: &[Cue], narrated: &[Token], audit: &mut Audit) {
    let shown: Vec<(usize, &str)> = cues
        .iter()
        .enumerate()
        .flat_map(|(n, cue)| cue.text.split_whitespace().map(move |word| (n + 1, word)))
        .collect();
    let said = align(&shown, narrated);
    for ((cue, word), at) in shown.iter().zip(said).filter(|((_, word), _)| word.contains(char::is_numeric)) {
        let place = format!("{name} cue {cue}");
        match at.map(|at| &narrated[at]) {
            Some(token) if !token.facts.is_empty() => {
                for fact in &token.facts {
                    // Right when the citation that it repeats is right, which is checked where it is narrated.
                    let narrated = audit.numbers.iter().filter(|number| number.fact == fact.as_str());
                    let wrong = narrated.clone().find(|number| !number.agrees && number.place.contains("narration"));
                    let note = wrong.map(|number| number.note.clone()).unwrap_or_default();
                    audit.numbers.push(Number {
                        place: place.clone(),
                        text: (*word).to_owned(),
                        fact: fact.to_string(),
                        agrees: note.is_empty(),
                        note,
                    });
                }
            }
            Some(token) if !token.series.is_empty() => {}
            _ => audit.unproven.push(Unproven { place, text: (*word).to_owned() }),
        }
    }
}

/// For each caption word the narrated word that it is: the longest common sequence.
fn align(shown: &[(usize, &str)], narrated: &[Token]) -> Vec<Option<usize>> {
    let same = |a: usize, b: usize| shown[a].1 == narrated[b].text;
    if shown.len() > ALIGNED_WORDS || narrated.len() > ALIGNED_WORDS {
        return (0..shown.len()).map(|n| (n < narrated.len() && same(n, n)).then_some(n)).collect();
    }
    let width = narrated.len() + 1;
    let mut longest = vec![0u16; (shown.len() + 1) * width];
    for a in (0..shown.len()).rev() {
        for b in (0..narrated.len()).rev() {
            longest[a * width + b] = if same(a, b) {
                longest[(a + 1) * width + b + 1] + 1
            } else {
                longest[(a + 1) * width + b].max(longest[a * width + b + 1])
            };
        }
    }
    let (mut out, mut a, mut b) = (vec![None; shown.len()], 0, 0);
    while a < shown.len() && b < narrated.len() {
        if same(a, b) {
            out[a] = Some(b);
            a += 1;
            b += 1;
        } else if longest[(a + 1) * width + b] >= longest[a * width + b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    out
}

fn described(parts: &Parts<'_>, metadata: &Metadata, audit: &mut Audit) {
    let script = parts.script;
    let film = parts.case.folder.published.film.as_ref().and_then(|film| film.typed.as_ref().ok());
    let clocked = film.map(|film| chapters(script, film)).unwrap_or_default();
    let titles: Vec<&RichText> = script.titles.iter().collect();
    line(parts, "metadata title", &metadata.title, &titles, audit);
    for (n, title) in metadata.title_variants.iter().enumerate() {
        line(parts, &format!("metadata title variant {}", n + 1), title, &titles, audit);
    }
    let lines: Vec<&RichText> = script.description.iter().collect();
    // The credit of a stock picture is the ledger's, word for word: the version of a licence and addresses hold its only digits.
    let rows = parts.case.order.pictures.iter().filter(|row| row.fault().is_none());
    let credits: Vec<String> = rows.map(StockPicture::attribution).collect();
    for (n, said) in metadata.description.lines().enumerate() {
        let house = [&script.ai_disclosure, &script.disclaimer];
        // A chapter begins with its place in the film, which is measured, not claimed.
        let known = clocked.iter().chain(&credits).any(|known| known == said);
        if !known && !house.iter().any(|house| *house == said) {
            line(parts, &format!("metadata description line {}", n + 1), said, &lines, audit);
        }
    }
    for (n, said) in metadata.chapters.iter().enumerate().filter(|(_, said)| !clocked.contains(said)) {
        plain(parts, &format!("metadata chapter {}", n + 1), said, audit);
    }
    for (n, tag) in metadata.tags.iter().enumerate().filter(|(_, tag)| !script.tags.contains(tag)) {
        plain(parts, &format!("metadata tag {}", n + 1), tag, audit);
    }
    line(parts, "metadata pinned comment", &metadata.pinned_comment, &[&script.pinned_comment], audit);
}

/// A published line is one of the script's, with its citations; else its digits are unproven.
fn line(parts: &Parts<'_>, place: &str, said: &str, known: &[&RichText], audit: &mut Audit) {
    match known.iter().find(|rich| rich.text() == said) {
        Some(rich) => text(parts, place, rich, audit),
        None => plain(parts, place, said, audit),
    }
}
