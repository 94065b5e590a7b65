//! Text as SSML that no service can misread: everything a text holds is escaped, and where each token lies is known.

use std::collections::BTreeMap;
use std::ops::Range;

/// How a service wants its documents.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    /// Tags before the text.
    pub(crate) open: String,
    /// Tags behind it.
    pub(crate) close: String,
    /// Most characters of the text, pronunciations included.
    pub(crate) billed: usize,
    /// Most of the whole document.
    pub(crate) total: usize,
    /// What `total` counts: bytes, or characters.
    pub(crate) in_bytes: bool,
    /// `<mark name="n"/>` stands before the n-th token of the whole text.
    pub(crate) marks: bool,
}

/// A request's text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The SSML document.
    pub(crate) ssml: String,
    /// First token.
    pub(crate) first: usize,
    /// Bytes of each token in `ssml`, its tags included.
    pub(crate) places: Vec<Range<usize>>,
    /// Characters of its text, pronunciations included.
    pub(crate) billed: usize,
}

/// Splits tokens into as few documents as the limits allow: after a sentence where there is one, else after a clause,
/// else between words. The error names a token that is too long by itself.
pub(crate) fn documents(
    tokens: &[&str],
    pronounce: &BTreeMap<String, String>,
    form: &Form,
) -> Result<Vec<Part>, String> {
    let marked = |n: usize, said: Said| {
        let mark = if form.marks && said.sounds { format!("<mark name=\"{n}\"/>") } else { String::new() };
        Said { xml: mark + &said.xml, ..said }
    };
    let said: Vec<Said> = tokens.iter().enumerate().map(|(n, token)| marked(n, say(token, pronounce))).collect();
    let size = |text: &str| if form.in_bytes { text.len() } else { text.chars().count() };
    let around = size(&form.open) + size(&form.close);
    let mut out = Vec::new();
    let mut first = 0;
    while first < said.len() {
        let (mut billed, mut total, mut fits) = (0, around, first);
        while let Some(next) = said.get(fits) {
            billed += next.billed + 1;
            total += size(&next.xml) + 1;
            if billed > form.billed || total > form.total {
                break;
            }
            fits += 1;
        }
        if fits == first {
            return Err(format!(
                "the word that begins with {:?} is too long",
                tokens[first].chars().take(40).collect::<String>()
            ));
        }
        let end = if fits == said.len() { fits } else { break_before(tokens, first, fits) };
        let mut ssml = form.open.clone();
        let mut places = Vec::new();
        for (n, one) in said[first..end].iter().enumerate() {
            if n > 0 {
                ssml.push(' ');
            }
            let start = ssml.len();
            ssml.push_str(&one.xml);
            places.push(start..ssml.len());
        }
        ssml.push_str(&form.close);
        let billed = said[first..end].iter().map(|one| one.billed + 1).sum();
        out.push(Part { ssml, first, places, billed });
        first = end;
    }
    Ok(out)
}

/// The last good place to break in `first..fits`.
fn break_before(tokens: &[&str], first: usize, fits: usize) -> usize {
    let ends = |marks: &'static [char]| {
        (first + 1..=fits).rev().find(|n| tokens[n - 1].trim_end_matches(['"', '”', '’', ')']).ends_with(marks))
    };
    ends(&['.', '!', '?', '…']).or_else(|| ends(&[',', ';', ':', '—'])).unwrap_or(fits)
}

struct Said {
    xml: String,
    billed: usize,
    /// There is a letter or a digit in it.
    sounds: bool,
}

/// A token's XML. The punctuation around the word stays outside of a pronunciation's tags.
fn say(token: &str, pronounce: &BTreeMap<String, String>) -> Said {
    let word = |c: char| c.is_alphanumeric();
    let (start, end) = (token.find(word), token.rfind(word));
    let (Some(start), Some(end)) = (start, end) else {
        return Said { xml: escape(token), billed: token.chars().count(), sounds: false };
    };
    let end = end + token[end..].chars().next().map_or(1, char::len_utf8);
    let (before, core, after) = (&token[..start], &token[start..end], &token[end..]);
    let (core, possessive) = match core.strip_suffix("'s").or_else(|| core.strip_suffix("’s")) {
        Some(stem) if !pronounce.contains_key(core) && pronounce.contains_key(stem) => (stem, "'s"),
        _ => (core, ""),
    };
    let spoken = pronounce.get(core).map(String::as_str);
    let phonemes = spoken.and_then(|s| s.strip_prefix('/')?.strip_suffix('/')).and_then(ipa);
    let middle = match (spoken, phonemes) {
        (_, Some(ipa)) if possessive.is_empty() => {
            format!("<phoneme alphabet=\"ipa\" ph=\"{}\">{}</phoneme>", escape(&ipa), escape(core))
        }
        (Some(alias), None) if !alias.starts_with('/') => {
            format!("<sub alias=\"{}{possessive}\">{}</sub>", escape(alias), escape(core))
        }
        _ => format!("{}{possessive}", escape(core)),
    };
    let billed = token.chars().count().max(spoken.map_or(0, |alias| alias.chars().count()));
    Said { xml: format!("{}{middle}{}", escape(before), escape(after)), billed, sounds: true }
}

/// Phonemes of the embedded voice in the International Phonetic Alphabet; `None` when one is not known.
fn ipa(phonemes: &str) -> Option<String> {
    let mut out = String::new();
    for c in phonemes.chars() {
        match c {
            'A' => out.push_str("eɪ"),
            'I' => out.push_str("aɪ"),
            'O' => out.push_str("oʊ"),
            'W' => out.push_str("aʊ"),
            'Y' => out.push_str("ɔɪ"),
            'ʤ' => out.push_str("dʒ"),
            'ʧ' => out.push_str("tʃ"),
            'T' | 'ɾ' => out.push('t'),
            'ᵊ' => out.push('ə'),
            'ᵻ' => out.push('ɪ'),
            'ɡ' | 'g' => out.push('ɡ'),
            'ˈ' | 'ˌ' | 'ː' | 'æ' | 'ɑ' | 'ɔ' | 'ə' | 'ɚ' | 'ɛ' | 'ɜ' | 'ɝ' | 'ɪ' | 'ʊ' | 'ʌ' | 'ɹ' | 'ð' | 'θ'
            | 'ʃ' | 'ʒ' | 'ŋ' => {
                out.push(c);
            }
            'a'..='z' => out.push(c),
            ' ' | '.' => {}
            _ => return None,
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Escapes what XML reads as markup and leaves out what it does not allow.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(word, spoken)| ((*word).to_owned(), (*spoken).to_owned())).collect()
    }

    fn form() -> Form {
        Form {
            open: "<speak>".into(),
            close: "</speak>".into(),
            billed: 2_900,
            total: 5_900,
            in_bytes: false,
            marks: false,
        }
    }

    fn one(text: &str, pronounce: &BTreeMap<String, String>) -> Part {
        let tokens: Vec<&str> = text.split_whitespace().collect();
        documents(&tokens, pronounce, &form()).unwrap().remove(0)
    }

    #[test]
    fn a_hostile_text_stays_text() {
        let part = one("AT&T </speak><audio src=\"x\"/> \u{1b}[2J rose", &BTreeMap::new());
        assert_eq!(part.ssml, "<speak>AT&amp;T &lt;/speak&gt;&lt;audio src=&quot;x&quot;/&gt; [2J rose</speak>");
        assert_eq!(&part.ssml[part.places[0].clone()], "AT&amp;T");
        assert_eq!(&part.ssml[part.places[4].clone()], "rose");
    }

    #[test]
    fn pronunciations_become_tags_and_keep_the_punctuation_outside() {
        let pronounce = table(&[("WTI", "W T I"), ("COMEX", "/kˈOmˌɛks/"), ("X", "/☃/"), ("Q&A", "<break/>")]);
        let part = one("(WTI’s WTI, COMEX. X Q&A", &pronounce);
        assert_eq!(
            part.ssml,
            "<speak>(<sub alias=\"W T I's\">WTI</sub> <sub alias=\"W T I\">WTI</sub>, \
             <phoneme alphabet=\"ipa\" ph=\"kˈoʊmˌɛks\">COMEX</phoneme>. X \
             <sub alias=\"&lt;break/&gt;\">Q&amp;A</sub></speak>"
        );
    }

    #[test]
    fn a_long_text_is_split_behind_sentences_and_loses_nothing() {
        let text = "The price of gold rose again, and nobody knew why. ".repeat(150);
        let tokens: Vec<&str> = text.split_whitespace().collect();
        let parts = documents(&tokens, &BTreeMap::new(), &form()).unwrap();
        assert_eq!(parts.len(), 3);
        let mut next = 0;
        for part in &parts {
            assert_eq!(part.first, next);
            next += part.places.len();
            assert!(part.ssml.chars().count() <= 2_920);
            assert!(part.ssml.ends_with("why.</speak>"));
        }
        assert_eq!(next, tokens.len());
        let escaped = "&".repeat(1_000);
        let parts = documents(&[&escaped, &escaped], &BTreeMap::new(), &form()).unwrap();
        assert_eq!(parts.len(), 2, "escapes count among the 6,000");
        assert!(documents(&["x".repeat(3_000).as_str()], &BTreeMap::new(), &form()).is_err());
    }

    #[test]
    fn marks_number_the_words_of_the_whole_text_and_bytes_may_be_the_measure() {
        let tokens = ["Gold", "—", "é", "up."];
        let form = Form { marks: true, in_bytes: true, total: 50, ..form() };
        let parts = documents(&tokens, &BTreeMap::new(), &form).unwrap();
        let ssml: Vec<&str> = parts.iter().map(|part| part.ssml.as_str()).collect();
        assert_eq!(
            ssml,
            [
                "<speak><mark name=\"0\"/>Gold —</speak>",
                "<speak><mark name=\"2\"/>é</speak>",
                "<speak><mark name=\"3\"/>up.</speak>"
            ]
        );
        assert_eq!((parts[1].first, parts[0].billed), (2, 7));
    }
}
