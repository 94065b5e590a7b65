//! Reading a text the way a listener does: words, pauses and citations in order.

use proofreel_model::text::{Cite, RichText};

/// A piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece<'a> {
    /// A word of plain text.
    Word {
        /// Lower case, with straight apostrophes.
        lower: String,
        /// As written.
        raw: String,
    },
    /// Punctuation of plain text that a listener hears as a pause; `.` only where a sentence ends.
    Mark(char),
    /// A citation.
    Cite {
        /// What it cites.
        cite: &'a Cite,
        /// How it is worded.
        text: &'a str,
    },
}

/// Plain text between citations, or a citation. Neighbouring plain spans are one: a word may not be split to hide it.
#[derive(Clone, Debug, PartialEq)]
pub enum Run<'a> {
    /// Plain text.
    Plain(String),
    /// A citation.
    Cite(&'a Cite, &'a str),
}

/// The runs of a text.
pub fn runs(text: &RichText) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for span in &text.0 {
        match (&span.cite, runs.last_mut()) {
            (Some(cite), _) => runs.push(Run::Cite(cite, &span.text)),
            (None, Some(Run::Plain(plain))) => plain.push_str(&span.text),
            (None, _) => runs.push(Run::Plain(span.text.clone())),
        }
    }
    runs
}

/// The pieces of a text.
pub fn pieces(text: &RichText) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    for run in runs(text) {
        match run {
            Run::Plain(plain) => plain_pieces(&plain, &mut out),
            Run::Cite(cite, text) => out.push(Piece::Cite { cite, text }),
        }
    }
    out
}

/// True for punctuation that ends a sentence.
pub fn ends_sentence(mark: char) -> bool {
    matches!(mark, '.' | '?' | '!' | '…')
}

/// The sentences of a text, each as its pieces without the closing mark.
pub fn sentences<'p, 'a>(pieces: &'p [Piece<'a>]) -> Vec<&'p [Piece<'a>]> {
    pieces
        .split(|piece| matches!(piece, Piece::Mark(mark) if ends_sentence(*mark)))
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

/// Lower-case words of a text; hyphens and punctuation count as spaces.
pub fn words_of(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    plain_pieces(text, &mut out);
    out.into_iter()
        .filter_map(|piece| match piece {
            Piece::Word { lower, .. } => Some(lower),
            _ => None,
        })
        .collect()
}

/// Number of words that a voice says, numbers counted as written.
pub fn spoken_words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
}

fn plain_pieces(text: &str, out: &mut Vec<Piece<'_>>) {
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        if c.is_alphanumeric() {
            let start = at;
            while at < chars.len() && (chars[at].is_alphanumeric() || is_inner_apostrophe(&chars, at)) {
                at += 1;
            }
            let raw: String = chars[start..at].iter().collect();
            out.push(Piece::Word { lower: raw.to_lowercase().replace('’', "'"), raw });
            continue;
        }
        if matches!(c, ',' | ';' | ':' | '—' | '–' | '(' | ')' | '?' | '!' | '…')
            || (c == '.' && is_full_stop(&chars, at))
        {
            out.push(Piece::Mark(c));
        }
        at += 1;
    }
}

fn is_inner_apostrophe(chars: &[char], at: usize) -> bool {
    matches!(chars[at], '\'' | '’')
        && at > 0
        && chars[at - 1].is_alphanumeric()
        && chars.get(at + 1).is_some_and(|c| c.is_alphabetic())
}

/// A stop ends a sentence when space or nothing follows, unless it closes an initial (`U.S.`).
fn is_full_stop(chars: &[char], at: usize) -> bool {
    let followed = chars.get(at + 1).is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '”' | '\'' | '’' | ')'));
    let initial = at >= 1 && chars[at - 1].is_alphabetic() && (at < 2 || !chars[at - 2].is_alphanumeric());
    followed && !initial
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_model::text::Span;

    #[test]
    fn neighbouring_plain_spans_are_read_as_one_word() {
        let text = RichText(vec![Span { text: "tw".into(), cite: None }, Span { text: "o gains".into(), cite: None }]);
        assert!(matches!(&pieces(&text)[0], Piece::Word { lower, .. } if lower == "two"));
    }

    #[test]
    fn sentences_end_at_stops_but_not_at_initials() {
        let text = RichText::plain("The U.S. economy grew. Did it? It’s so");
        let pieces = pieces(&text);
        assert_eq!(sentences(&pieces).iter().map(|sentence| sentence.len()).collect::<Vec<_>>(), [5, 2, 2]);
        assert!(pieces.contains(&Piece::Word { lower: "it's".into(), raw: "It’s".into() }));
    }
}
