//! The package's reader, part by part: normalise, cut into words, tag, look up, guess.

use fancy_regex::Regex;

use super::lexicon::Lexicon;
use super::normalise::Normaliser;
use super::owners;
use super::pattern::{compiled, group};
use super::sounds::{Sounder, Token};
use super::tagger::Tagger;
use super::tokenise::Tokeniser;
use super::unknown::Guesser;
use crate::assets::{Assets, VoiceDataError};

/// All that turns spoken text into phonemes.
pub(super) struct Pipeline {
    normaliser: Normaliser,
    tokeniser: Tokeniser,
    tagger: Tagger,
    pub(super) lexicon: Lexicon,
    guesser: Guesser,
    sounder: Sounder,
    link: Regex,
}

impl Pipeline {
    pub(super) fn load(assets: &Assets) -> Result<Self, VoiceDataError> {
        // The tagger and the dictionaries are most of the work: side by side.
        let (tagger, lexicon) = std::thread::scope(|scope| {
            let tagger = scope.spawn(|| Tagger::load(assets));
            (tagger.join(), Lexicon::load(assets))
        });
        Ok(Self {
            normaliser: Normaliser::load(assets)?,
            tokeniser: Tokeniser::load(assets)?,
            tagger: tagger.map_err(|_| VoiceDataError::unusable("tagger.json.gz", "reading it stopped"))??,
            lexicon: lexicon?,
            guesser: Guesser::load(assets)?,
            sounder: Sounder::new()?,
            link: compiled(r"\[([^\]]+)\]\(([^\)]*)\)")?,
        })
    }

    /// Phonemes of a text that needs no rewriting, cut where it has spaces.
    fn chunks(&self, text: &str) -> Vec<String> {
        let mut chunks = vec![String::new()];
        for token in self.sounder.sound(self.tokens(text), &self.lexicon, &self.guesser) {
            if let (Some(last), Some(phonemes)) = (chunks.last_mut(), &token.phonemes) {
                last.push_str(phonemes);
            }
            if token.space {
                chunks.push(String::new());
            }
        }
        chunks
    }

    /// Tokens with their tags; `[word](/phonemes/)` is one token whose sound is given.
    fn tokens(&self, text: &str) -> Vec<Token> {
        let (mut out, mut from) = (Vec::new(), 0);
        for found in self.link.captures_iter(text).flatten() {
            let Some(whole) = found.get(0) else { continue };
            self.tagged(&text[from..whole.start()], &mut out);
            let space = text[whole.end()..].starts_with(char::is_whitespace);
            let given = group(&found, 2).strip_prefix('/').and_then(|given| given.strip_suffix('/'));
            let given = given.map(|given| given.trim_end_matches('/').to_owned());
            out.push(Token::new(group(&found, 1).to_owned(), "NN", space, given));
            from = whole.end();
        }
        self.tagged(&text[from..], &mut out);
        out
    }

    fn tagged(&self, text: &str, out: &mut Vec<Token>) {
        let (words, spaces): (Vec<String>, Vec<bool>) = self.tokeniser.bits(text).into_iter().unzip();
        let tags = self.tagger.tags(&words);
        let tokens = words.iter().zip(spaces).zip(tags);
        out.extend(tokens.map(|((word, space), tag)| Token::new(word.clone(), tag, space, None)));
    }

    /// Phoneme characters of spoken words, each with the owner of its word, spaces between words with the owner of the
    /// word in front; only characters for which `is_spoken` holds.
    pub(super) fn phonemes(
        &self,
        words: &[&str],
        owners: &[usize],
        is_spoken: impl Fn(char) -> bool,
    ) -> Vec<(char, usize)> {
        let text = self.normaliser.normal(&words.join(" "));
        let after: Vec<&str> = text.split_whitespace().collect();
        let owners = owners::carried(words, owners, &after);
        let mut chunks = self.chunks(&after.join(" "));
        if chunks.len() == after.len() + 1 && chunks.last().is_some_and(String::is_empty) {
            chunks.pop();
        }
        if chunks.len() != after.len() {
            // The cut went astray: word by word loses no more than the context.
            chunks = after.iter().map(|word| self.chunks(word).concat()).collect();
        }
        let mut out: Vec<(char, usize)> = Vec::new();
        for (chunk, owner) in chunks.iter().zip(owners) {
            let mut chars = chunk.chars().filter(|c| is_spoken(*c)).peekable();
            if let (Some(_), Some((_, in_front))) = (chars.peek(), out.last().copied()) {
                out.push((' ', in_front));
            }
            out.extend(chars.map(|c| (c, owner)));
        }
        out
    }
}
