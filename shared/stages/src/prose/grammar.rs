//! Small English: articles, prepositions, capitals and the comma after a day.

use std::collections::BTreeSet;

use proofreel_model::series::Frequency;
use proofreel_model::text::{Cite, Part, RichText, Span};

/// `a` or `an` before a word or numeral, by its sound: `an 8 percent rise`, `an 11th`, `a 1.8`, `an $80 gain`.
pub fn article(word: &str) -> &'static str {
    let spoken = word.trim_start_matches(['$', '€', '£', '¥', '₹', '−', '+', '"']);
    let digits: String = spoken.chars().take_while(char::is_ascii_digit).collect();
    let vowel = if digits.is_empty() {
        let lower = spoken.to_lowercase();
        let silent_or_y = ["hour", "honest", "heir"].iter().any(|start| lower.starts_with(start));
        let consonant_sound =
            ["one", "once", "uni", "use", "eur", "u.s", "us "].iter().any(|start| lower.starts_with(start))
                || lower == "us";
        silent_or_y || (lower.starts_with(['a', 'e', 'i', 'o', 'u']) && !consonant_sound)
    } else {
        // "eight…", "eleven" and "eighteen" begin with a vowel; 110 and 180 begin with "one hundred".
        let leading = digits.len() % 3;
        let group = if leading == 0 { &digits[..digits.len().min(3)] } else { &digits[..leading] };
        let grouped = spoken.as_bytes().get(digits.len()) == Some(&b',');
        let head = if grouped || digits.len() <= 3 { digits.as_str() } else { group };
        head.starts_with('8') || head == "11" || head == "18"
    };
    if vowel { "an" } else { "a" }
}

/// The preposition before a spoken date of this calendar: `on` a day, `in` everything else.
pub fn at(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Daily => "on ",
        _ => "in ",
    }
}

/// Nouns of the field that count as one thing among others, so that a sentence does not name one without its article.
const COUNTED: &str = "average balance bill budget cost deficit fee force index level median number percentage population \
    premium price rate ratio reserve share spread stock supply surplus total value wage yield";

/// True for the last word of a phrase that wants an article: `price`, `Rate`.
pub fn is_counted(noun: &str) -> bool {
    COUNTED.split(' ').any(|counted| noun.eq_ignore_ascii_case(counted))
}

/// The noun that a phrase is about: the last word before its first preposition; `None` when it begins with one.
pub fn head(phrase: &str) -> Option<&str> {
    const LEANING: &str = "of in at for from per to under over outside not with without by";
    let leans = |word: &&str| LEANING.split(' ').any(|leaning| word.eq_ignore_ascii_case(leaning));
    phrase.split_whitespace().take_while(|word| !leans(word)).last()
}

/// The noun that may stand for a subject that has been named: `the price` for `the price of gold`, `the yield` for
/// `the 10 year US government bond yield`; `None` when the noun alone would not be understood.
pub fn head_noun(subject: &str) -> Option<String> {
    const HEADS: [&str; 9] = ["price", "yield", "rate", "index", "share", "wage", "spread", "ratio", "balance"];
    const BARE: [&str; 8] =
        ["prices", "wages", "inflation", "unemployment", "employment", "GDP", "output", "production"];
    let before_of = subject.split(" of ").next().unwrap_or(subject);
    let head = before_of.split_whitespace().last()?;
    if subject.eq_ignore_ascii_case(head) {
        return None;
    }
    let bare = BARE.contains(&head).then(|| head.to_owned());
    bare.or_else(|| HEADS.contains(&head).then(|| format!("the {head}")))
}

/// Upper-cases the first letter of a text.
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |head| head.to_uppercase().chain(chars).collect())
}

/// Makes spans a sentence: joins plain neighbours, sets the comma that follows a full date inside a sentence,
/// capitalises each start. `None` when the start cannot be capitalised, because it is a fact in small letters.
pub fn sentence(spans: Vec<Span>) -> Option<RichText> {
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for mut span in spans {
        if span.text.is_empty() {
            continue;
        }
        if span.cite.is_none() && out.last().is_some_and(ends_with_full_date) && span.text.starts_with(' ') {
            span.text.insert(0, ',');
        }
        match out.last_mut() {
            Some(last) if last.cite.is_none() && span.cite.is_none() => last.text.push_str(&span.text),
            _ => out.push(span),
        }
    }
    for n in 0..out.len() {
        if out[n].cite.is_none() {
            out[n].text = capitalised_after_stops(&out[n].text);
        }
        let starts = n == 0 || out[n - 1].text.trim_end().ends_with(['?', '!', '.']) && out[n - 1].cite.is_none();
        if starts {
            capitalise_start(&mut out[n])?;
        }
    }
    Some(RichText(out))
}

/// Upper-cases the letter after a question mark, a full stop or an exclamation mark inside plain words.
fn capitalised_after_stops(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut due = false;
    for c in text.chars() {
        if due && c.is_alphabetic() {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
        due = matches!(c, '?' | '.' | '!') || (due && c == ' ');
    }
    out
}

fn capitalise_start(first: &mut Span) -> Option<()> {
    if first.text.starts_with(char::is_lowercase) {
        if matches!(first.cite, Some(Cite::Fact { .. })) {
            return None;
        }
        first.text = capitalised(&first.text);
    }
    Some(())
}

/// True for `August 18, 2026`, after which English sets a comma when the sentence goes on.
fn ends_with_full_date(span: &Span) -> bool {
    let Some(Cite::Fact { part, .. }) = &span.cite else { return false };
    *part != Part::Value && span.text.contains(", ")
}

/// Whitespace-separated words, the unit of every word budget.
pub fn words(text: &RichText) -> usize {
    text.text().split_whitespace().count()
}

/// How many words of weight a sentence has in common with the one before it: those of which one begins with the other.
pub fn echoes(before: &str, text: &str) -> u64 {
    /// Words that only join, point or count.
    const LIGHT: &str = "about after also before below between both does each else even ever every figure figures from give goes \
        have here into itself more most much nothing only over same should some something still such than that them then \
        there these they this those until were what when where which with year years";
    let weighty = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase);
        words.filter(|word| word.chars().count() > 3 && LIGHT.split(' ').all(|light| light != word)).collect()
    };
    let said = weighty(before);
    let heard =
        |word: &&String| said.iter().any(|other| other.starts_with(word.as_str()) || word.starts_with(other.as_str()));
    weighty(text).iter().filter(heard).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_echo_in_whatever_form() {
        assert_eq!(echoes("Every line has corners; look for the last.", "Look for the corner in May 1999."), 2);
        assert_eq!(echoes("What is worth keeping?", "Keep that in mind, and what it is worth."), 2);
        assert_eq!(echoes("And what about the pace?", "What went before it?"), 0);
    }

    #[test]
    fn a_subject_shrinks_to_its_noun_only_where_that_is_understood() {
        assert_eq!(head_noun("the price of gold").as_deref(), Some("the price"));
        assert_eq!(head_noun("the 10 year US government bond yield").as_deref(), Some("the yield"));
        assert_eq!(head_noun("US consumer prices").as_deref(), Some("prices"));
        assert_eq!(head_noun("the unemployed share of the US labor force").as_deref(), Some("the share"));
        assert_eq!(head_noun("the GDP of China").as_deref(), Some("GDP"));
        assert_eq!(head_noun("the number of jobs"), None);
        assert_eq!(head_noun("inflation"), None);
    }

    #[test]
    fn the_head_of_a_phrase_stands_before_its_first_preposition() {
        assert_eq!(head("WTI crude oil spot price"), Some("price"));
        assert_eq!(head("share of American adults in work"), Some("share"));
        assert_eq!(head("Outside the labor force"), None);
        assert!(is_counted("Rate") && !is_counted("rates") && !is_counted("unemployment"));
    }

    #[test]
    fn a_sentence_begins_with_a_capital_wherever_it_begins() {
        let plain = |text: &str| Span { text: text.into(), cite: None };
        let made = sentence(vec![plain("when? "), plain("in spring, "), plain("they say. it rained")]).unwrap();
        assert_eq!(made.text(), "When? In spring, they say. It rained");
    }

    #[test]
    fn the_article_follows_the_sound() {
        for (word, expected) in [
            ("8.2 percent", "an"),
            ("80 percent", "an"),
            ("11 percent", "an"),
            ("11.5 percent", "an"),
            ("18 percent", "an"),
            ("1.8 percent", "a"),
            ("110 percent", "a"),
            ("180 percent", "a"),
            ("11,000 people", "an"),
            ("1,100 people", "a"),
            ("$8.50", "an"),
            ("$18 million", "an"),
            ("7 percent", "a"),
            ("ounce", "an"),
            ("one year", "a"),
            ("eight years", "an"),
            ("US yield", "a"),
            ("barrel", "a"),
        ] {
            assert_eq!(article(word), expected, "{word}");
        }
    }
}
