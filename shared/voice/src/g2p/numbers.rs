//! Numbers in words, as the voice's package wants them: "one thousand, two hundred and thirty-four".

const ONES: [&str; 20] = [
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
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [&str; 12] = [
    "",
    "thousand",
    "million",
    "billion",
    "trillion",
    "quadrillion",
    "quintillion",
    "sextillion",
    "septillion",
    "octillion",
    "nonillion",
    "decillion",
];
const ODD_ORDINALS: [(&str, &str); 7] = [
    ("one", "first"),
    ("two", "second"),
    ("three", "third"),
    ("five", "fifth"),
    ("eight", "eighth"),
    ("nine", "ninth"),
    ("twelve", "twelfth"),
];

/// The value of a run of digits, or none when it is longer than a person would say as one number (36 digits).
pub(super) fn value_of(digits: &str) -> Option<u128> {
    if digits.len() > 36 { None } else { digits.parse().ok() }
}

/// The name of one digit; any other character has none.
pub(super) fn digit(c: char) -> Option<&'static str> {
    c.to_digit(10).map(|value| ONES[value as usize])
}

fn below_thousand(n: usize) -> String {
    let mut words = String::new();
    if n >= 100 {
        words = format!("{} hundred", ONES[n / 100]);
        if n.is_multiple_of(100) {
            return words;
        }
        words.push_str(" and ");
    }
    match n % 100 {
        rest @ 0..20 => words.push_str(ONES[rest]),
        rest => {
            words.push_str(TENS[rest / 10]);
            if rest % 10 > 0 {
                words.push('-');
                words.push_str(ONES[rest % 10]);
            }
        }
    }
    words
}

/// "twenty-one", "one thousand and one", "one million, two hundred thousand and five".
pub(super) fn cardinal(n: u128) -> String {
    if n < 1000 {
        return below_thousand(n as usize);
    }
    let mut groups = Vec::new();
    let (mut rest, mut scale) = (n, 0);
    while rest > 0 {
        let group = (rest % 1000) as usize;
        if group > 0 {
            let name = SCALES[scale];
            groups.push(below_thousand(group) + if name.is_empty() { "" } else { " " } + name);
        }
        rest /= 1000;
        scale += 1;
    }
    groups.reverse();
    let last_is_small = !n.is_multiple_of(1000) && n % 1000 < 100;
    match groups.split_last() {
        Some((last, head)) if last_is_small && !head.is_empty() => format!("{} and {last}", head.join(", ")),
        _ => groups.join(", "),
    }
}

/// "twenty-third", "one hundred and first".
pub(super) fn ordinal(n: u128) -> String {
    let words = cardinal(n);
    let at = words.rfind([' ', '-']).map_or(0, |found| found + 1);
    let (head, last) = words.split_at(at);
    let last = if let Some((_, odd)) = ODD_ORDINALS.iter().find(|(word, _)| *word == last) {
        (*odd).to_owned()
    } else if let Some(stem) = last.strip_suffix('y') {
        format!("{stem}ieth")
    } else {
        format!("{last}th")
    };
    format!("{head}{last}")
}

/// A year: "nineteen oh-five", "two thousand and five", "twenty ten", "nineteen hundred".
pub(super) fn year(n: u128) -> String {
    let (high, low) = (n / 100, n % 100);
    if high == 0 || (high.is_multiple_of(10) && low < 10) || high >= 100 {
        return cardinal(n);
    }
    let tail = match low {
        0 => "hundred".to_owned(),
        1..10 => format!("oh-{}", cardinal(low)),
        _ => cardinal(low),
    };
    format!("{} {tail}", cardinal(high))
}

/// "three point one four"; zeros at the end are not read. None when the whole part is too long or not digits.
pub(super) fn decimal(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut words = cardinal(value_of(if whole.is_empty() { "0" } else { whole })?);
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        words.push_str(" point");
        for c in fraction.chars() {
            words.push(' ');
            words.push_str(digit(c)?);
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words() {
        assert_eq!(cardinal(0), "zero");
        assert_eq!(cardinal(1_234), "one thousand, two hundred and thirty-four");
        assert_eq!(cardinal(1_001), "one thousand and one");
        assert_eq!(cardinal(1_200_000), "one million, two hundred thousand");
        assert_eq!(cardinal(2_000_020), "two million and twenty");
        assert_eq!(cardinal(5_020), "five thousand and twenty");
        assert_eq!(ordinal(101), "one hundred and first");
        assert_eq!(ordinal(20), "twentieth");
        assert_eq!(ordinal(23), "twenty-third");
        assert_eq!(ordinal(12), "twelfth");
        assert_eq!(year(1905), "nineteen oh-five");
        assert_eq!(year(2005), "two thousand and five");
        assert_eq!(year(2026), "twenty twenty-six");
        assert_eq!(year(1900), "nineteen hundred");
        assert_eq!(decimal("94.920").as_deref(), Some("ninety-four point nine two"));
        assert_eq!(decimal(".5").as_deref(), Some("zero point five"));
        assert_eq!(value_of("1234567890123456789012345678901234567"), None);
    }
}
