//! The writer's own look at its plain words: no digit, no number word.

use proofreel_model::text::RichText;

/// Words that state a number or a share, which only a fact may do.
const NUMBER_WORDS: [&str; 75] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "million",
    "millions",
    "billion",
    "billions",
    "trillion",
    "trillions",
    "dozen",
    "dozens",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "thirds",
    "half",
    "halves",
    "halved",
    "quarter",
    "quarters",
    "double",
    "doubled",
    "doubles",
    "triple",
    "tripled",
    "twice",
    "thrice",
    "once",
    "single",
    "couple",
    "pair",
    "most",
    "majority",
    "nearly",
    "percent",
    "decade",
    "decades",
    "century",
    "centuries",
];

/// The first word of a plain text that holds a digit or states a number; `None` when it is clean.
pub fn number_word(text: &str) -> Option<&str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\'')).find(|word| {
        word.chars().any(char::is_numeric) || NUMBER_WORDS.contains(&word.trim_matches('\'').to_lowercase().as_str())
    })
}

/// The first such word in the plain spans of a text.
pub fn uncited_number(text: &RichText) -> Option<&str> {
    text.0.iter().filter(|span| span.cite.is_none()).find_map(|span| number_word(&span.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_number_words_are_seen_and_their_look_alikes_are_not() {
        assert_eq!(number_word("it doubled again"), Some("doubled"));
        assert_eq!(number_word("up by 3"), Some("3"));
        assert_eq!(number_word("at least one of them"), Some("one"));
        assert_eq!(number_word("none of someone's weight, often, at the seconds' end"), None);
    }
}
