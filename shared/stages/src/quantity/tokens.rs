//! Text cut into words, numerals and signs, each with its place in bytes.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Letters, with apostrophes inside.
    Word,
    /// ASCII digits, with separators of thousands and a decimal point.
    Number {
        /// What the digits say.
        value: f64,
        /// Digits behind the point.
        decimals: u32,
        /// True when commas set off the thousands.
        grouped: bool,
    },
    /// One sign for a fraction, as `¾`.
    Fraction(f64),
    /// Raised digits, as in `10⁶`.
    Raised(i32),
    /// Numerals of another script or form; their value where it is known.
    Foreign(Option<f64>),
    /// Any other sign.
    Sign(char),
}

/// A piece of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Token<'t> {
    /// What it is.
    pub shape: Shape,
    /// As written.
    pub raw: &'t str,
    /// In small letters, with straight apostrophes.
    pub lower: String,
    /// First byte.
    pub start: usize,
    /// Byte behind the last.
    pub end: usize,
    /// True when space, or the edge of the text, stands before it.
    pub spaced: bool,
}

impl Token<'_> {
    /// True for this sign.
    pub fn is(&self, sign: char) -> bool {
        self.shape == Shape::Sign(sign)
    }

    /// True for this word, in small letters.
    pub fn says(&self, word: &str) -> bool {
        self.shape == Shape::Word && self.lower == word
    }
}

/// True for what joins two words or numbers: a hyphen or a dash.
pub fn is_dash(token: &Token<'_>) -> bool {
    matches!(token.shape, Shape::Sign('-' | '‐' | '‑' | '–'))
}

/// The tokens of a text.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out: Vec<Token<'_>> = Vec::new();
    let mut at = 0;
    let mut spaced = true;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            spaced = true;
            at += c.len_utf8();
            continue;
        }
        let (shape, len) = shape_at(&text[at..], c);
        let raw = &text[at..at + len];
        out.push(Token { shape, raw, lower: raw.to_lowercase().replace('’', "'"), start: at, end: at + len, spaced });
        at += len;
        spaced = false;
    }
    out
}

fn shape_at(rest: &str, c: char) -> (Shape, usize) {
    if c.is_ascii_digit() {
        return number(rest);
    }
    if let Some(value) = fraction(c) {
        return (Shape::Fraction(value), c.len_utf8());
    }
    if let Some(digit) = raised(c) {
        let run: Vec<i32> = rest.chars().map_while(raised).collect();
        let len = rest.chars().take(run.len()).map(char::len_utf8).sum();
        let value = run.iter().fold(0_i32, |sum, digit| sum.saturating_mul(10).saturating_add(*digit));
        return (Shape::Raised(if run.len() == 1 { digit } else { value }), len);
    }
    if c.is_numeric() {
        let run: Vec<char> = rest.chars().take_while(|c| c.is_numeric() && !c.is_ascii_digit()).collect();
        let digits: Option<Vec<u32>> = run.iter().map(|c| digit_of_another_script(*c)).collect();
        let value = digits.map(|digits| digits.iter().fold(0.0, |sum, digit| sum * 10.0 + f64::from(*digit)));
        return (Shape::Foreign(value), run.iter().map(|c| c.len_utf8()).sum());
    }
    if c.is_alphabetic() {
        return (Shape::Word, word(rest));
    }
    (Shape::Sign(c), c.len_utf8())
}

fn word(rest: &str) -> usize {
    let mut end = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inner = matches!(c, '\'' | '’') && at > 0 && chars.peek().is_some_and(|(_, next)| next.is_alphabetic());
        if !c.is_alphabetic() && !inner {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

/// `1,234.5` is one number; `1,2` is two.
fn number(rest: &str) -> (Shape, usize) {
    let bytes = rest.as_bytes();
    let run = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = run(0);
    let mut grouped = false;
    if end <= 3 {
        while bytes.get(end) == Some(&b',') && run(end + 1) == 3 {
            end += 4;
            grouped = true;
        }
    }
    let mut decimals = 0;
    if bytes.get(end) == Some(&b'.') {
        decimals = run(end + 1);
        if decimals > 0 {
            end += 1 + decimals;
        }
    }
    let digits: String = rest[..end].chars().filter(|c| *c != ',').collect();
    // Only digits and one point: it always reads.
    let value = digits.parse().unwrap_or(f64::INFINITY);
    (Shape::Number { value, decimals: decimals as u32, grouped }, end)
}

fn fraction(c: char) -> Option<f64> {
    const SIGNS: [(char, f64, f64); 18] = [
        ('¼', 1.0, 4.0),
        ('½', 1.0, 2.0),
        ('¾', 3.0, 4.0),
        ('⅐', 1.0, 7.0),
        ('⅑', 1.0, 9.0),
        ('⅒', 1.0, 10.0),
        ('⅓', 1.0, 3.0),
        ('⅔', 2.0, 3.0),
        ('⅕', 1.0, 5.0),
        ('⅖', 2.0, 5.0),
        ('⅗', 3.0, 5.0),
        ('⅘', 4.0, 5.0),
        ('⅙', 1.0, 6.0),
        ('⅚', 5.0, 6.0),
        ('⅛', 1.0, 8.0),
        ('⅜', 3.0, 8.0),
        ('⅝', 5.0, 8.0),
        ('⅞', 7.0, 8.0),
    ];
    SIGNS.iter().find(|(sign, ..)| *sign == c).map(|(_, part, whole)| part / whole)
}

fn raised(c: char) -> Option<i32> {
    match c {
        '⁰' => Some(0),
        '¹' => Some(1),
        '²' => Some(2),
        '³' => Some(3),
        '⁴'..='⁹' => Some(c as i32 - '⁴' as i32 + 4),
        _ => None,
    }
}

fn digit_of_another_script(c: char) -> Option<u32> {
    const ZEROS: [u32; 14] = [
        0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0xFF10,
    ];
    let code = u32::from(c);
    if (0x1D7CE..=0x1D7FF).contains(&code) {
        return Some((code - 0x1D7CE) % 10);
    }
    ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)).map(|zero| code - zero)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(text: &str) -> Vec<Shape> {
        tokens(text).into_iter().map(|token| token.shape).collect()
    }

    #[test]
    fn numbers_keep_their_separators_and_leave_the_full_stop() {
        let number = |value, decimals, grouped| Shape::Number { value, decimals, grouped };
        assert_eq!(shapes("1,234.50."), [number(1234.5, 2, true), Shape::Sign('.')]);
        assert_eq!(shapes("1,2"), [number(1.0, 0, false), Shape::Sign(','), number(2.0, 0, false)]);
        assert_eq!(shapes("2026,"), [number(2026.0, 0, false), Shape::Sign(',')]);
    }

    #[test]
    fn other_scripts_are_read_and_marked() {
        assert_eq!(shapes("１２"), [Shape::Foreign(Some(12.0))]);
        assert_eq!(shapes("٣"), [Shape::Foreign(Some(3.0))]);
        assert_eq!(shapes("𝟏"), [Shape::Foreign(Some(1.0))]);
        assert_eq!(shapes("Ⅳ"), [Shape::Foreign(None)]);
        assert_eq!(shapes("10⁻"), [Shape::Number { value: 10.0, decimals: 0, grouped: false }, Shape::Sign('⁻')]);
        assert_eq!(shapes("¾")[0], Shape::Fraction(0.75));
    }
}
