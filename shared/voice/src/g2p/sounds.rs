//! From words and marks to their sounds: words are read from the last to the first, because what follows decides
//! between "the" and "the"; compounds are read in the longest stretches that are known.

use fancy_regex::Regex;

use super::lexicon::{Ahead, Lexicon, currency};
use super::pattern::compiled;
use super::stress::{self, PRIMARY, is_consonant, is_vowel};
use super::unknown::Guesser;
use crate::assets::VoiceDataError;

/// Marks that are phonemes of the voice.
const MARKS: &str = ";:,.!?—…\"“”";
/// Tags of marks and symbols.
const MARK_TAGS: [&str; 11] = [".", ",", "-LRB-", "-RRB-", "``", "\"\"", "''", ":", "$", "#", "NFP"];
const SYMBOLS: [(char, &str); 14] = [
    ('/', "slˈæʃ"),
    ('=', "ˈikwᵊlz"),
    ('+', "plˈʌs"),
    ('&', "ænd"),
    ('@', "æt"),
    ('%', "pəɹsˈɛnt"),
    ('#', "hˈæʃ"),
    ('*', "ˈæstəɹˌɪsk"),
    ('~', "tˈɪldə"),
    ('^', "kˈɛɹət"),
    ('<', "lˈɛs ðən"),
    ('>', "ɡɹˈATəɹ ðən"),
    ('|', ""),
    ('—', "—"),
];

fn is_pause(c: char) -> bool {
    MARKS.contains(c) && !"\"“”".contains(c)
}

fn is_joint(text: &str) -> bool {
    text.chars().all(|c| "',-._‘’/".contains(c))
}

/// A word or mark of the text, or a part of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) tag: String,
    /// White space follows.
    pub(super) space: bool,
    pub(super) phonemes: Option<String>,
    /// Read in place of the text.
    alias: Option<&'static str>,
    /// It does not begin in the middle of a compound.
    head: bool,
    /// The currency sign in front of the number.
    sign: Option<String>,
    /// A pause between words stands in front of it inside a compound.
    apart: bool,
}

impl Token {
    pub(super) fn new(text: String, tag: &str, space: bool, phonemes: Option<String>) -> Self {
        Self { text, tag: tag.to_owned(), space, phonemes, head: true, ..Self::default() }
    }
}

/// Compounds and what to do with them.
pub(super) struct Sounder {
    parts: Regex,
    pieces: Regex,
}

impl Sounder {
    pub(super) fn new() -> Result<Self, VoiceDataError> {
        let (upper, lower, letter) = ("[A-ZÀ-ÖØ-Þ]", "[a-zß-öø-ÿ]", r"[\p{L}\p{Nl}\p{No}]");
        let parts = [
            format!(r"^['‘’]+|{upper}(?={upper}{lower})|(?:^-)?(?:\d?[,.]?\d)+|[-_]+|['‘’]{{2,}}"),
            format!(r"{letter}*?(?:['‘’]{letter})*?{lower}(?={upper})|{letter}+(?:['‘’]{letter})*"),
            r"[^\w\-'‘’]|['‘’]+$".to_owned(),
        ];
        let pieces = format!(r"{letter}+(?:['’]{letter}+)*|\d+(?:[,.]\d+)*|[^\w\s]+");
        Ok(Self { parts: compiled(&parts.join("|"))?, pieces: compiled(&pieces)? })
    }

    /// Gives every token its phonemes; tokens without space between them come back as one.
    pub(super) fn sound(&self, tokens: Vec<Token>, lexicon: &Lexicon, guesser: &Guesser) -> Vec<Token> {
        let mut groups = self.groups(tokens);
        let mut ahead = Ahead::default();
        for group in groups.iter_mut().rev() {
            match group {
                Group::Single(token) => {
                    if token.phonemes.is_none() {
                        token.phonemes =
                            read(token, ahead, lexicon).or_else(|| Some(self.guessed(&token.text, lexicon, guesser)));
                    }
                    ahead = looking(ahead, token.phonemes.as_deref(), token);
                }
                Group::Compound(parts) => self.compound(parts, &mut ahead, lexicon, guesser),
            }
        }
        let mut out: Vec<Token> = groups.into_iter().map(Group::merged).collect();
        for phonemes in out.iter_mut().filter_map(|token| token.phonemes.as_mut()) {
            *phonemes = phonemes.replace('ɾ', "T").replace('ʔ', "t");
        }
        out
    }

    /// Takes words apart, sounds the marks, and gathers what has no space between.
    fn groups(&self, tokens: Vec<Token>) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut sign: Option<String> = None;
        let next_is_number: Vec<bool> = tokens.iter().skip(1).map(|token| token.tag == "CD").chain([false]).collect();
        for (token, next_is_number) in tokens.into_iter().zip(next_is_number) {
            let mut parts = if token.phonemes.is_some() { vec![token] } else { self.parts(token) };
            let texts: Vec<String> = parts.iter().map(|part| part.text.clone()).collect();
            let count = parts.len();
            for (at, part) in parts.iter_mut().enumerate().filter(|(_, part)| part.phonemes.is_none()) {
                let last = at + 1 == count;
                if part.tag == "$" && currency(&part.text).is_some() {
                    sign = Some(part.text.clone());
                    part.phonemes = Some(String::new());
                } else if let Some(mark) = mark_sound(part) {
                    part.phonemes = Some(mark);
                } else if sign.is_some() {
                    if part.tag != "CD" {
                        sign = None;
                    } else if last && !next_is_number {
                        part.sign.clone_from(&sign);
                    }
                } else if at > 0 && !last && part.text == "2" && between_letters(&texts[at - 1], &texts[at + 1]) {
                    part.alias = Some("to");
                }
            }
            for part in parts {
                push(&mut groups, part);
            }
        }
        // A compound of one part is a word like any other.
        let plain = |group: Group| match group {
            Group::Compound(mut parts) if parts.len() == 1 => parts.pop().map_or(Group::Compound(parts), Group::Single),
            group => group,
        };
        groups.into_iter().map(plain).collect()
    }

    fn parts(&self, token: Token) -> Vec<Token> {
        let mut parts: Vec<Token> = self
            .parts
            .find_iter(&token.text)
            .flatten()
            .map(|found| Token::new(found.as_str().to_owned(), &token.tag, false, None))
            .collect();
        if let Some(last) = parts.last_mut() {
            last.space = token.space;
            return parts;
        }
        vec![token]
    }

    /// Reads the longest known stretches of a compound from its end; if one part is unknown, all of it is guessed.
    fn compound(&self, parts: &mut [Token], ahead: &mut Ahead, lexicon: &Lexicon, guesser: &Guesser) {
        let (mut left, mut right) = (0, parts.len());
        while left < right {
            let stretch = &parts[left..right];
            let whole = stretch.iter().all(|part| part.phonemes.is_none()).then(|| merged(stretch));
            let read = whole.as_ref().and_then(|whole| Some((read(whole, *ahead, lexicon)?, whole)));
            if let Some((phonemes, whole)) = read {
                *ahead = looking(*ahead, Some(&phonemes), whole);
                parts[left].phonemes = Some(phonemes);
                for part in &mut parts[left + 1..right] {
                    part.phonemes = Some(String::new());
                }
                (left, right) = (0, left);
            } else if left + 1 < right {
                left += 1;
            } else {
                right -= 1;
                if parts[right].phonemes.is_none() {
                    if !is_joint(&parts[right].text) {
                        let phonemes = Some(self.guessed(&merged(parts).text, lexicon, guesser));
                        parts[0].phonemes = phonemes;
                        for part in &mut parts[1..] {
                            part.phonemes = Some(String::new());
                        }
                        return;
                    }
                    parts[right].phonemes = Some(String::new());
                }
                left = 0;
            }
        }
        resolve(parts);
    }

    /// An unknown word: letters by the network, digits as a number, symbols by name.
    fn guessed(&self, text: &str, lexicon: &Lexicon, guesser: &Guesser) -> String {
        let said = self.pieces.find_iter(text).flatten().filter_map(|piece| {
            let piece = piece.as_str();
            let name = |c| SYMBOLS.iter().find(|(symbol, _)| *symbol == c).map_or("", |(_, name)| name);
            match piece.chars().next()? {
                c if c.is_ascii_digit() => lexicon.number(piece, None, false),
                c if c.is_alphanumeric() => guesser.guess(piece),
                _ => Some(piece.chars().map(name).collect()),
            }
        });
        let said: Vec<String> = said.filter(|phonemes| !phonemes.is_empty()).collect();
        said.join(" ")
    }
}

/// A token, or several without space between them.
enum Group {
    Single(Token),
    Compound(Vec<Token>),
}

impl Group {
    fn merged(self) -> Token {
        let parts = match self {
            Self::Single(token) => return token,
            Self::Compound(parts) => parts,
        };
        let mut phonemes = String::new();
        for part in &parts {
            let sound = part.phonemes.as_deref().unwrap_or_default();
            if part.apart && !sound.is_empty() && phonemes.chars().next_back().is_some_and(|c| !c.is_whitespace()) {
                phonemes.push(' ');
            }
            phonemes.push_str(sound);
        }
        Token { phonemes: Some(phonemes), ..merged(&parts) }
    }
}

fn push(groups: &mut Vec<Group>, mut part: Token) {
    if part.alias.is_some() || part.phonemes.is_some() {
        groups.push(Group::Single(part));
    } else if let Some(Group::Compound(parts)) = groups.last_mut()
        && parts.last().is_some_and(|last| !last.space)
    {
        part.head = false;
        parts.push(part);
    } else if part.space {
        groups.push(Group::Single(part));
    } else {
        groups.push(Group::Compound(vec![part]));
    }
}

fn between_letters(before: &str, after: &str) -> bool {
    before.chars().next_back().is_some_and(char::is_alphabetic) && after.chars().next().is_some_and(char::is_alphabetic)
}

/// The sound of a mark; none for a word.
fn mark_sound(part: &Token) -> Option<String> {
    let dash = part.text == "-" || part.text == "–";
    match part.tag.as_str() {
        ":" if dash => Some("—".into()),
        tag if MARK_TAGS.contains(&tag) && !part.text.chars().all(|c| c.is_ascii_alphabetic()) => Some(match tag {
            "-LRB-" => "(".into(),
            "-RRB-" => ")".into(),
            "``" => "“".into(),
            "\"\"" | "''" => "”".into(),
            _ => part.text.chars().filter(|c| MARKS.contains(*c)).collect(),
        }),
        _ => None,
    }
}

fn read(token: &Token, ahead: Ahead, lexicon: &Lexicon) -> Option<String> {
    lexicon.said(token.alias.unwrap_or(&token.text), &token.tag, ahead, token.sign.as_deref(), token.head)
}

/// What the words in front of `token` see ahead.
fn looking(ahead: Ahead, phonemes: Option<&str>, token: &Token) -> Ahead {
    let telling = |c: &char| is_vowel(*c) || is_consonant(*c) || is_pause(*c);
    let first = phonemes.and_then(|phonemes| phonemes.chars().find(telling));
    Ahead {
        vowel: first.map_or(ahead.vowel, |c| (!is_pause(c)).then(|| is_vowel(c))),
        to: ["to", "To"].contains(&token.text.as_str()) || (token.text == "TO" && ["TO", "IN"].contains(&&*token.tag)),
    }
}

/// Parts as one word, with the tag of the heaviest (capitals count double).
fn merged(parts: &[Token]) -> Token {
    let weight =
        |part: &Token| -> usize { part.text.chars().map(|c| if c.to_lowercase().eq([c]) { 1 } else { 2 }).sum() };
    let mut heaviest = &parts[0];
    for part in &parts[1..] {
        if weight(part) > weight(heaviest) {
            heaviest = part;
        }
    }
    Token {
        text: parts.iter().map(|part| part.text.as_str()).collect(),
        tag: heaviest.tag.clone(),
        space: parts[parts.len() - 1].space,
        head: parts[0].head,
        sign: parts.iter().filter_map(|part| part.sign.clone()).max(),
        apart: parts[0].apart,
        ..Token::default()
    }
}

/// Settles pauses and stress inside a compound that was read in parts.
fn resolve(parts: &mut [Token]) {
    let text: String = parts.iter().map(|part| part.text.as_str()).collect();
    let kind = |c: char| {
        if c.is_alphabetic() {
            0
        } else if c.is_ascii_digit() {
            1
        } else {
            2
        }
    };
    let mut kinds = text.chars().filter(|c| !is_joint(&c.to_string())).map(kind);
    let first = kinds.next();
    let apart = text.contains('/') || kinds.any(|kind| Some(kind) != first);
    for part in &mut parts[1..] {
        part.apart = apart;
    }
    if apart {
        return;
    }
    let mut heard: Vec<(bool, usize, usize)> = parts
        .iter()
        .enumerate()
        .filter_map(|(at, part)| part.phonemes.as_ref().filter(|p| !p.is_empty()).map(|phonemes| (at, phonemes)))
        .map(|(at, phonemes)| (phonemes.contains(PRIMARY), stress::weight(phonemes), at))
        .collect();
    let soften = |part: &mut Token| {
        part.phonemes = part.phonemes.as_ref().map(|phonemes| stress::apply(phonemes, Some(-0.5)));
    };
    if heard.len() == 2 && parts[heard[0].2].text.chars().count() == 1 {
        soften(&mut parts[heard[1].2]);
    } else if heard.len() >= 2 && heard.iter().filter(|(stressed, ..)| *stressed).count() > heard.len().div_ceil(2) {
        heard.sort_unstable();
        for (_, _, at) in &heard[..heard.len() / 2] {
            soften(&mut parts[*at]);
        }
    }
}
