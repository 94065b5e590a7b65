//! Plain text holds no number, in any script, word or disguise.

use proofreel_model::text::{RichText, Span};

use super::dossier::{Dossier, Findings, Place};
use super::passages::{Passage, Use};
use super::reading::{Piece, Run, pieces, runs};
use super::rules::Rule;

/// Checks the plain spans of a text.
pub fn check(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    if passage.usage == Use::Credit {
        check_rich(dossier, &without_source_records(dossier, passage.text), &passage.place, findings);
    } else {
        check_rich(dossier, passage.text, &passage.place, findings);
    }
}

fn check_rich(dossier: &Dossier<'_>, text: &RichText, place: &Place<'_>, findings: &mut Findings) {
    for run in runs(text) {
        if let Run::Plain(plain) = run {
            characters(&plain, place, findings);
        }
    }
    let pieces = pieces(text);
    words(dossier, &pieces, place, findings);
    months(dossier, &pieces, place, findings);
    roman(dossier, &pieces, place, findings);
}

/// Checks a plain string that a viewer can see.
pub fn check_string(dossier: &Dossier<'_>, text: &str, place: &Place<'_>, findings: &mut Findings) {
    check_rich(dossier, &RichText::plain(without_series_names(dossier, text)), place, findings);
}

/// True for words that assert no number or date and hide nothing, judged before an episode is made of them.
pub fn is_plain(lexicon: &super::lexicon::Lexicon, text: &str) -> bool {
    let rich = RichText::plain(text);
    let pieces = pieces(&rich);
    let named = |piece: &Piece<'_>| match piece {
        Piece::Word { raw, .. } => {
            lexicon.months.contains(raw) || lexicon.ambiguous_months.contains(raw) || (raw.len() >= 2 && is_roman(raw))
        }
        _ => false,
    };
    let odd = |c: char| c.is_numeric() || !is_legible(c) || matches!(c, '%' | '$' | '€' | '£' | '¥' | '₹');
    lexicon.numbers.hits(&pieces).is_empty() && !pieces.iter().any(named) && !text.chars().any(odd)
}

/// Addresses and licences of the brief's sources, as the descriptor words them, assert no figure.
pub fn without_source_records(dossier: &Dossier<'_>, text: &RichText) -> RichText {
    // A short licence (`CC0`) counts only where the words say that it is one.
    let licences = dossier.brief.sources.iter().map(|source| format!("licence: {}", source.licence));
    let records: Vec<String> = dossier.brief.sources.iter().map(|source| source.url.clone()).chain(licences).collect();
    let mut records: Vec<&str> = records.iter().map(String::as_str).filter(|record| !record.is_empty()).collect();
    records.sort_by_key(|record| std::cmp::Reverse(record.len()));
    let keep = |span: &Span| {
        if span.cite.is_some() { span.clone() } else { Span { text: remove_whole(&span.text, &records), cite: None } }
    };
    RichText(text.0.iter().map(keep).collect())
}

/// Names that the packages give their series may hold digits (a ten-year yield) and may stand in a tag or title.
pub fn without_series_names(dossier: &Dossier<'_>, text: &str) -> String {
    let mut names: Vec<&str> = dossier
        .library
        .values()
        .flat_map(|info| [info.name.short.as_str(), info.name.subject.as_str()])
        .filter(|name| name.len() > 3)
        .collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    remove_whole(text, &names)
}

/// `text` without those of `parts` that stand in it, in any ASCII case, with nothing alphanumeric touching them.
fn remove_whole(text: &str, parts: &[&str]) -> String {
    let mut out = text.to_owned();
    for part in parts {
        let part = part.to_ascii_lowercase();
        let mut from = 0;
        // ASCII case changes no length, so places in the lower-case copy are places in the text.
        while let Some(at) = out.to_ascii_lowercase()[from..].find(&part).map(|at| at + from) {
            let end = at + part.len();
            let apart = !out[..at].ends_with(char::is_alphanumeric) && !out[end..].starts_with(char::is_alphanumeric);
            if apart {
                out.replace_range(at..end, " ");
                from = at + 1;
            } else {
                from = end;
            }
        }
    }
    out
}

/// Letters and punctuation of English prose. All else may hide or imitate: zero-width and direction marks,
/// Cyrillic and Greek look-alikes, mathematical and full-width forms.
fn is_legible(c: char) -> bool {
    c.is_ascii_graphic()
        || matches!(
            c,
            ' ' | '\u{a0}'
                | '“'
                | '”'
                | '‘'
                | '’'
                | '–'
                | '—'
                | '…'
                | '·'
                | '•'
                | '→'
                | '€'
                | '£'
                | '¥'
                | '₹'
                | '©'
                | '&'
        )
        || matches!(c, '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{17f}')
}

fn characters(plain: &str, place: &Place<'_>, findings: &mut Findings) {
    if let Some(c) = plain.chars().find(|c| c.is_numeric()) {
        let near = near(plain, c);
        findings.add(
            Rule::NumberWithoutFact,
            place,
            format!("plain text holds the numeral `{c}` in `{near}`: cite a fact instead"),
        );
    }
    if let Some(c) = plain.chars().find(|c| !is_legible(*c) && !c.is_numeric()) {
        findings.add(
            Rule::HiddenCharacter,
            place,
            format!(
                "plain text holds U+{:04X}, which can hide or imitate another character: leave it out",
                u32::from(c)
            ),
        );
    }
    if plain.contains(['%', '$', '€', '£', '¥', '₹']) {
        let c = plain.chars().find(|c| matches!(c, '%' | '$' | '€' | '£' | '¥' | '₹')).unwrap_or('%');
        findings.add(Rule::UnitTampered, place, format!("plain text holds `{c}`: units belong to the cited value"));
    }
}

/// The word around the first `c`.
fn near(plain: &str, c: char) -> &str {
    plain.split_whitespace().find(|word| word.contains(c)).unwrap_or(plain)
}

fn words(dossier: &Dossier<'_>, pieces: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    let lexicon = dossier.lexicon;
    for hit in lexicon.numbers.hits(pieces) {
        findings.add(
            Rule::NumberWithoutFact,
            place,
            format!("`{}` asserts a number: cite a fact, or say it without", hit.phrase),
        );
    }
    for piece in pieces {
        let Piece::Word { lower, .. } = piece else { continue };
        for suffix in &lexicon.number_suffixes {
            if lower.strip_suffix(suffix.as_str()).is_some_and(|stem| lexicon.numbers.has_word(stem)) {
                findings.add(
                    Rule::NumberWithoutFact,
                    place,
                    format!("`{lower}` asserts a number: cite a fact, or say it without"),
                );
            }
        }
    }
}

fn months(dossier: &Dossier<'_>, pieces: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    let lexicon = dossier.lexicon;
    for (n, piece) in pieces.iter().enumerate() {
        let Piece::Word { raw, .. } = piece else { continue };
        let opens = n == 0 || matches!(pieces[n - 1], Piece::Mark(mark) if super::reading::ends_sentence(mark));
        if lexicon.months.contains(raw) || (!opens && lexicon.ambiguous_months.contains(raw)) {
            findings.add(
                Rule::DateWithoutFact,
                place,
                format!("`{raw}` names a date in plain text: cite the date of a fact"),
            );
        }
    }
}

fn roman(dossier: &Dossier<'_>, pieces: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    for piece in pieces {
        let Piece::Word { raw, .. } = piece else { continue };
        if raw.len() >= 2 && is_roman(raw) && !dossier.lexicon.roman_exceptions.contains(raw) {
            findings.add(
                Rule::NumberWithoutFact,
                place,
                format!("`{raw}` is a Roman numeral: cite a fact, or say it without"),
            );
        }
    }
}

/// True for a well-formed upper-case Roman numeral: reading it and writing it again gives the same.
fn is_roman(word: &str) -> bool {
    const STEPS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let (mut rest, mut value) = (word, 0);
    for (step, letters) in STEPS {
        while let Some(tail) = rest.strip_prefix(letters) {
            rest = tail;
            value += step;
        }
    }
    if !rest.is_empty() {
        return false;
    }
    let mut again = String::new();
    for (step, letters) in STEPS {
        while value >= step {
            again.push_str(letters);
            value -= step;
        }
    }
    again == word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roman_numerals_are_told_from_words() {
        assert!(["II", "IV", "XIX", "MMXXVI"].iter().all(|word| is_roman(word)));
        assert!(!["IIII", "VX", "Ii", "GDP", "MILD", "USA"].iter().any(|word| is_roman(word)));
    }

    #[test]
    fn only_whole_records_are_taken_out() {
        assert_eq!(remove_whole("See https://x.org/a1 and b", &["https://x.org/a1"]), "See   and b");
        assert_eq!(remove_whole("CC-BY-4.01", &["CC-BY-4.0"]), "CC-BY-4.01");
    }

    #[test]
    fn disguises_are_not_legible() {
        for c in [
            '\u{200b}',
            '\u{202e}',
            '\u{430}',
            '\u{3bf}',
            '\u{ff11}',
            '\u{1d7cf}',
            '\u{feff}',
            '\u{ad}',
            '一',
            '\n',
            '\t',
        ] {
            assert!(!is_legible(c), "U+{:04X}", u32::from(c));
        }
    }
}
