//! Words that are a known word with an ending: -s, -ed, -ing, as American English sounds them.

use super::lexicon::{Lexicon, Word};

/// Sounds behind which a t becomes a flap: "setting", "started".
fn flaps(c: char) -> bool {
    "AIOWYiuæɑəɛɪɹʊʌ".contains(c)
}

/// The last sound, and the one before it.
fn last_two(stem: &str) -> (Option<char>, Option<char>) {
    let mut back = stem.chars().rev();
    (back.next(), back.next())
}

/// The stem without its last sound.
fn shortened(stem: &str) -> &str {
    let mut chars = stem.chars();
    chars.next_back();
    chars.as_str()
}

/// Phonemes with the sound of -s.
pub(super) fn add_s(stem: &str) -> Option<String> {
    let end = match last_two(stem).0? {
        'p' | 't' | 'k' | 'f' | 'θ' => "s",
        's' | 'z' | 'ʃ' | 'ʒ' | 'ʧ' | 'ʤ' => "ᵻz",
        _ => "z",
    };
    Some(format!("{stem}{end}"))
}

/// Phonemes with the sound of -ed.
pub(super) fn add_ed(stem: &str) -> Option<String> {
    let (last, before) = last_two(stem);
    Some(match (last?, before) {
        ('p' | 'k' | 'f' | 'θ' | 'ʃ' | 's' | 'ʧ', _) => format!("{stem}t"),
        ('t', None) => format!("{stem}ɪd"),
        ('t', Some(c)) if flaps(c) => format!("{}ɾᵻd", shortened(stem)),
        ('d' | 't', _) => format!("{stem}ᵻd"),
        _ => format!("{stem}d"),
    })
}

/// Phonemes with the sound of -ing.
pub(super) fn add_ing(stem: &str) -> Option<String> {
    match last_two(stem) {
        (None, _) => None,
        (Some('t'), Some(c)) if flaps(c) => Some(format!("{}ɾɪŋ", shortened(stem))),
        _ => Some(format!("{stem}ɪŋ")),
    }
}

impl Lexicon {
    /// The plural of a listed word.
    pub(super) fn plural(&self, word: &str) -> Option<String> {
        add_s(&self.listed(Word::alone(word, None))?)
    }

    /// A plural, a third person or a possessive.
    pub(super) fn with_s(&self, word: Word<'_>) -> Option<String> {
        let text = word.text;
        let count = text.chars().count();
        let stem = text.strip_suffix('s').filter(|_| count >= 3)?;
        let known = |stem: Option<&str>| stem.filter(|stem| self.is_known(stem)).map(str::to_owned);
        let stem = known(Some(stem).filter(|stem| !stem.ends_with('s')))
            .or_else(|| {
                let plural = text.strip_suffix("es").filter(|stem| count > 4 && !stem.ends_with('i'));
                known(text.strip_suffix("'s").or(plural))
            })
            .or_else(|| {
                let stem = format!("{}y", text.strip_suffix("ies").filter(|_| count > 4)?);
                self.is_known(&stem).then_some(stem)
            })?;
        add_s(&self.listed(word.with(&stem))?)
    }

    /// A past tense.
    pub(super) fn with_ed(&self, word: Word<'_>) -> Option<String> {
        let text = word.text;
        let count = text.chars().count();
        let stem = text.strip_suffix('d').filter(|_| count >= 4)?;
        let known = |stem: &&str| self.is_known(stem);
        let stem = Some(stem)
            .filter(|stem| !stem.ends_with('d'))
            .filter(known)
            .or_else(|| text.strip_suffix("ed").filter(|stem| count > 4 && !stem.ends_with('e')).filter(known))?;
        add_ed(&self.listed(word.with(stem))?)
    }

    /// A present participle.
    pub(super) fn with_ing(&self, word: Word<'_>) -> Option<String> {
        let count = word.text.chars().count();
        let stem = word.text.strip_suffix("ing").filter(|_| count >= 5)?;
        if count > 5 && self.is_known(stem) {
            return add_ing(&self.listed(word.with(stem))?);
        }
        let with_e = format!("{stem}e");
        if self.is_known(&with_e) {
            return add_ing(&self.listed(word.with(&with_e))?);
        }
        let single = shortened(stem);
        if count > 5 && is_doubled(stem) && self.is_known(single) {
            return add_ing(&self.listed(word.with(single))?);
        }
        None
    }
}

/// "plann", "trafick": a consonant written twice because of the ending, or "ck".
fn is_doubled(stem: &str) -> bool {
    let (last, before) = last_two(stem);
    stem.ends_with("ck") || (last == before && last.is_some_and(|c| "bcdgklmnprstvxz".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_sound_as_their_stem_asks() {
        assert_eq!(add_s("ɹˈAt").as_deref(), Some("ɹˈAts"));
        assert_eq!(add_s("pɹˈIs").as_deref(), Some("pɹˈIsᵻz"));
        assert_eq!(add_s("jˈɪɹ").as_deref(), Some("jˈɪɹz"));
        assert_eq!(add_ed("stˈɑɹt").as_deref(), Some("stˈɑɹɾᵻd"));
        assert_eq!(add_ed("pˈɑst").as_deref(), Some("pˈɑstᵻd"));
        assert_eq!(add_ing("sˈɛt").as_deref(), Some("sˈɛɾɪŋ"));
        assert!(is_doubled("plann") && is_doubled("traffick") && !is_doubled("land"));
    }
}
