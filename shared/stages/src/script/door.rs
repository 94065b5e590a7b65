//! What a stranger's sentence must be before it may be judged at all.
//!
//! The gate proves what is said of the data; it cannot know who or what else a stranger brings up. So a sentence of an
//! outside writer must tell a fact, speak of nobody and of no other thing, and hold nothing but prose.

use proofreel_model::fact::{Direction, Extreme, Fact, Formula};
use proofreel_model::policy::WriterRules;
use proofreel_model::series::SeriesInfo;
use proofreel_model::text::{Cite, Part, RichText};
use proofreel_ports::WrittenSentence;

use crate::qa::direction::{direction_of, is_level};
use crate::qa::lexicon::Lexicon;
use crate::qa::reading::{Piece, pieces, words_of};
use crate::quantity::binder::{Offer, bind};

/// What the sentences of a scene are held against.
pub struct Door<'a> {
    /// Bounds and words of the law.
    pub rules: &'a WriterRules,
    /// How far the truth may lie from what is written.
    pub tolerance: &'a proofreel_model::policy::Tolerance,
    /// Word lists.
    pub lexicon: &'a Lexicon,
    /// Facts of the scene.
    pub facts: Vec<&'a Fact>,
    /// Series of those facts.
    pub subjects: Vec<&'a SeriesInfo>,
    /// Every series of the brief: naming another one is seen.
    pub series: Vec<&'a SeriesInfo>,
}

impl Door<'_> {
    /// The sentences of an answer as cited text.
    ///
    /// # Errors
    /// Every reason why they are sent back.
    pub fn admit(&self, sentences: &[WrittenSentence], budget: usize) -> Result<Vec<RichText>, Vec<String>> {
        if sentences.is_empty() || sentences.len() > self.rules.sentences {
            return Err(vec![format!("write 1 to {} sentences, not {}", self.rules.sentences, sentences.len())]);
        }
        let mut reasons = Vec::new();
        let mut admitted = Vec::new();
        for (n, sentence) in sentences.iter().enumerate() {
            match self.sentence(sentence) {
                Ok(text) => admitted.push(text),
                Err(why) => reasons.extend(why.into_iter().map(|why| format!("sentence {}: {why}", n + 1))),
            }
        }
        let words: usize = sentences.iter().map(|sentence| sentence.text.split_whitespace().count()).sum();
        let least = (budget as f64 * self.rules.under_share) as usize;
        let most = budget + self.rules.over_words;
        if !(least..=most).contains(&words) {
            reasons.push(format!("the scene has {words} words: write {least} to {most}"));
        }
        if reasons.is_empty() { Ok(admitted) } else { Err(reasons) }
    }

    fn sentence(&self, sentence: &WrittenSentence) -> Result<RichText, Vec<String>> {
        // Length and characters first: nothing else reads what is not prose.
        self.prose(&sentence.text).map_err(|why| vec![why])?;
        let mut facts = Vec::new();
        for id in &sentence.facts {
            match self.facts.iter().find(|fact| fact.id == *id) {
                Some(fact) => facts.push(*fact),
                None => {
                    return Err(vec![format!("names the fact `{}`, which was not offered", printable(id.as_str()))]);
                }
            }
        }
        let offer =
            Offer { facts, series: self.series.clone(), excuses: &self.lexicon.excuses, tolerance: self.tolerance };
        let text =
            bind(&sentence.text, &offer).map_err(|loose| loose.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        let mut reasons = Vec::new();
        reasons.extend(self.strangers(&text));
        reasons.extend(self.directions(&text));
        reasons.extend(self.superlatives(&text));
        reasons.extend(self.aside(&text));
        let told = |span: &proofreel_model::text::Span| matches!(span.cite, Some(Cite::Fact { part: Part::Value, .. }));
        if !text.0.iter().any(told) {
            reasons.push("tells no value of a fact: nothing in it can be checked".into());
        }
        if reasons.is_empty() { Ok(text) } else { Err(reasons) }
    }

    /// A person's sentence as cited text, with a note on each number in it that is no fact's: it stays plain then, and QA, whose
    /// word counts, refuses it. A person may ask and say things that tell no fact; where a fact is told, the direction and the
    /// record that are said must be its own.
    ///
    /// # Errors
    /// Every reason why it is no sentence for narration.
    pub fn by_person(&self, text: &str) -> Result<(RichText, Vec<String>), Vec<String>> {
        self.prose(text).map_err(|why| vec![why])?;
        let (text, notes) = self.bound(text);
        let states = text.facts().next().is_some() && !text.text().ends_with('?');
        let unproven = || self.directions(&text).into_iter().chain(self.superlatives(&text)).collect();
        let reasons: Vec<String> = if states { unproven() } else { Vec::new() };
        if reasons.is_empty() { Ok((text, notes)) } else { Err(reasons) }
    }

    /// Records that a person's title or description claims, and no fact told in the same text proves. QA takes any fact of the
    /// episode for it there, which is enough for the house's own words. A question claims nothing.
    pub fn overclaims(&self, text: &RichText) -> Vec<String> {
        if text.text().ends_with('?') { Vec::new() } else { self.superlatives(text) }
    }

    /// Text with its numbers and names tied to facts and series; plain, with a note on each, where a number is no fact's.
    pub fn bound(&self, text: &str) -> (RichText, Vec<String>) {
        let offer = Offer {
            facts: self.facts.clone(),
            series: self.series.clone(),
            excuses: &self.lexicon.excuses,
            tolerance: self.tolerance,
        };
        match bind(text, &offer) {
            Ok(text) => (text, Vec::new()),
            Err(loose) => (RichText::plain(text), loose.iter().map(ToString::to_string).collect()),
        }
    }

    /// One sentence of plain English prose.
    fn prose(&self, text: &str) -> Result<(), String> {
        let length = text.chars().count();
        if text.trim().is_empty() || length > self.rules.characters {
            return Err(format!("has {length} characters: write up to {}", self.rules.characters));
        }
        if text.trim() != text || text.contains("  ") {
            return Err("has space to spare at an edge or inside".into());
        }
        let prose = |c: char| {
            c.is_alphanumeric()
                || matches!(
                    c,
                    ' ' | '.'
                        | ','
                        | ';'
                        | ':'
                        | '?'
                        | '!'
                        | '\''
                        | '’'
                        | '"'
                        | '“'
                        | '”'
                        | '('
                        | ')'
                        | '-'
                        | '–'
                        | '—'
                        | '%'
                        | '$'
                        | '€'
                        | '£'
                        | '¥'
                        | '₹'
                        | '−'
                        | '+'
                        | '&'
                        | '/'
                        | '×'
                )
        };
        if let Some(c) = text.chars().find(|c| !prose(*c)) {
            return Err(format!("holds U+{:04X}, which is no sign of prose", u32::from(c)));
        }
        if !text.ends_with(['.', '?', '!'])
            || !text.starts_with(|c: char| c.is_uppercase() || c.is_numeric() || c == '$')
        {
            return Err("is no whole sentence: begin with a capital and end with a stop".into());
        }
        let words = words_of(text);
        let refused = self.rules.refused.iter().find(|phrase| holds(&words, phrase));
        match refused {
            Some(phrase) => Err(format!("`{phrase}` has no place in narration")),
            None => Ok(()),
        }
    }

    /// Names and subjects that no fact of the scene speaks of.
    fn strangers(&self, text: &RichText) -> Vec<String> {
        let mut reasons = Vec::new();
        let known: Vec<String> = self
            .subjects
            .iter()
            .flat_map(|info| words_of(&format!("{} {}", info.name.subject, info.name.short)))
            .collect();
        for span in &text.0 {
            if let Some(Cite::Series { series }) = &span.cite
                && !self.subjects.iter().any(|info| info.series == *series)
            {
                reasons.push(format!("speaks of `{}`, which is no series of this scene", span.text));
            }
        }
        let pieces = pieces(text);
        for (n, piece) in pieces.iter().enumerate() {
            let Piece::Word { lower, raw } = piece else { continue };
            let opens = n == 0 || matches!(pieces[n - 1], Piece::Mark('.' | '?' | '!' | '…'));
            let capital = raw.starts_with(char::is_uppercase);
            let word = lower.strip_suffix("'s").unwrap_or(lower);
            if known.iter().any(|known| known == word) || raw == "I" {
                continue;
            }
            if capital && !opens {
                reasons.push(format!("`{raw}` is a name that no fact of this scene knows"));
            } else if capital && opens && !self.rules.openers.iter().any(|opener| opener == word) {
                reasons.push(format!("begins with `{raw}`, which may be a name: begin with a plain word"));
            } else if self.rules.subjects.iter().any(|subject| subject == word) {
                reasons.push(format!("brings up `{raw}`, of which no fact of this scene is"));
            }
        }
        reasons
    }

    /// Words in a row that cite nothing: a few lead to a fact, many say something that nobody can check.
    fn aside(&self, text: &RichText) -> Option<String> {
        let (mut run, mut longest) = (0, 0);
        for span in &text.0 {
            let words = words_of(&span.text).len();
            run = if span.cite.is_some() { 0 } else { run + words };
            longest = longest.max(run);
        }
        let most = self.rules.loose_words;
        (longest > most).then(|| {
            format!("has {longest} words in a row that tell nothing of a fact, a date or a series: at most {most}")
        })
    }

    /// A highest or lowest that is said must be that of a fact told in the sentence; wider claims are not a stranger's.
    fn superlatives(&self, text: &RichText) -> Vec<String> {
        let told: Vec<Extreme> = text
            .facts()
            .filter_map(|id| self.facts.iter().find(|fact| fact.id == *id))
            .filter_map(|fact| extreme_of(&fact.formula))
            .collect();
        let pieces = pieces(text);
        let lexicon = self.lexicon;
        let bounded = [(&lexicon.highest, Extreme::Highest), (&lexicon.lowest, Extreme::Lowest)];
        let unproven = bounded.into_iter().filter(|(_, which)| !told.contains(which)).map(|(list, _)| list);
        unproven
            .chain([&lexicon.most, &lexicon.absolute, &lexicon.unrecovered])
            .flat_map(|list| list.hits(&pieces))
            .map(|hit| format!("`{}` claims more than a fact told in the sentence proves", hit.phrase))
            .collect()
    }

    /// A rise or fall that is said must be that of a fact told in the sentence.
    fn directions(&self, text: &RichText) -> Vec<String> {
        let told: Vec<&Fact> =
            text.facts().filter_map(|id| self.facts.iter().find(|fact| fact.id == *id).copied()).collect();
        let mut proven: Vec<Direction> = told.iter().filter_map(|fact| direction_of(fact)).collect();
        for (n, first) in told.iter().enumerate().filter(|(_, fact)| is_level(fact)) {
            for second in told[n + 1..].iter().filter(|fact| is_level(fact)) {
                // Two heights of one series are a move, whichever is told first.
                let (a, b) = (
                    proofreel_model::display::dates(&first.formula).0,
                    proofreel_model::display::dates(&second.formula).0,
                );
                let same = series(first) == series(second);
                let earlier_first = if a <= b { (first.value, second.value) } else { (second.value, first.value) };
                if same && a != b && earlier_first.0 != earlier_first.1 {
                    proven.push(if earlier_first.1 > earlier_first.0 { Direction::Up } else { Direction::Down });
                }
            }
        }
        let pieces = pieces(text);
        let said = self.lexicon.up.hits(&pieces).into_iter().map(|hit| (hit, Direction::Up));
        said.chain(self.lexicon.down.hits(&pieces).into_iter().map(|hit| (hit, Direction::Down)))
            .filter(|(_, way)| !proven.contains(way))
            .map(|(hit, _)| format!("`{}` says a way that no fact told in the sentence goes", hit.phrase))
            .collect()
    }
}

fn extreme_of(formula: &Formula) -> Option<Extreme> {
    match formula {
        Formula::Extreme { which, .. }
        | Formula::RecordSince { which, .. }
        | Formula::Rank { which, .. }
        | Formula::PanelRank { which, .. } => Some(*which),
        _ => None,
    }
}

fn series(fact: &Fact) -> Option<&proofreel_model::series::SeriesRef> {
    proofreel_model::fact::series_of(&fact.formula).first().copied()
}

/// True when the words of `phrase` stand in a row.
fn holds(words: &[String], phrase: &str) -> bool {
    let phrase = words_of(phrase);
    !phrase.is_empty() && words.windows(phrase.len()).any(|run| run == phrase)
}

/// A stranger's string as it may stand in a message: short, and of plain signs only.
pub fn printable(text: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ' | '/' | ':');
    text.chars().filter(plain).take(40).collect::<String>().trim().to_owned()
}
