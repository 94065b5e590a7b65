//! Number cells as people write them: thousands separators, signs, percent and currency marks.

use crate::descriptor::FieldText;

/// A cell of a number column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum NumberCell {
    /// Nothing there.
    Missing,
    /// A finite number.
    Value(f64),
    /// Something that is not a number.
    Text,
}

/// How a column writes its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NumberStyle {
    /// Decimal mark: `.` or `,`.
    pub decimal: char,
    /// A percent sign was seen.
    pub percent: bool,
    /// A currency sign was seen: its ISO code.
    pub currency: Option<&'static str>,
}

const MISSING: [&str; 16] =
    ["", "na", "n/a", "n.a.", "nan", "null", "none", "nil", "-", "--", "–", "—", ".", "..", "...", "#n/a"];
const CURRENCIES: [(&str, &str); 9] = [
    ("US$", "USD"),
    ("USD", "USD"),
    ("EUR", "EUR"),
    ("GBP", "GBP"),
    ("$", "USD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("¥", "JPY"),
    ("₹", "INR"),
];

/// Decides how a column writes its numbers: by the schema, else by its cells. A decimal comma is only
/// believed when some cell cannot be read with a decimal point.
pub(crate) fn style<'a>(cells: impl Iterator<Item = &'a str>, field: Option<&FieldText>) -> NumberStyle {
    let declared = field.and_then(|field| field.decimal);
    let mut style = NumberStyle { decimal: declared.unwrap_or('.'), percent: false, currency: None };
    let (mut point_only, mut comma_only) = (0u32, 0u32);
    for cell in cells {
        style.percent |= cell.contains('%');
        if style.currency.is_none() {
            style.currency = CURRENCIES
                .iter()
                .find(|(mark, _)| cell.starts_with(mark) || cell.starts_with(&format!("-{mark}")))
                .map(|(_, code)| *code);
        }
        if cell.contains([',', '.']) {
            match (bare(cell, '.').is_some(), bare(cell, ',').is_some()) {
                (true, false) => point_only += 1,
                (false, true) => comma_only += 1,
                _ => {}
            }
        }
    }
    if declared.is_none() && comma_only > point_only {
        style.decimal = ',';
    }
    style
}

/// Reads one cell.
pub(crate) fn read(cell: &str, style: NumberStyle, missing: &[String]) -> NumberCell {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}' || c == '\u{202f}');
    if MISSING.contains(&cell.to_lowercase().as_str()) || missing.iter().any(|mark| mark == cell) {
        return NumberCell::Missing;
    }
    bare(cell, style.decimal).map_or(NumberCell::Text, NumberCell::Value)
}

/// True for a cell that is a number only when the column's other decimal mark is assumed: `1.234,5` among `1234.5`.
pub(crate) fn other_mark(cell: &str, decimal: char) -> bool {
    bare(cell, if decimal == ',' { '.' } else { ',' }).is_some()
}

/// True for a cell whose one separator may be a decimal mark or a thousands separator: `1.234`, `35,270`.
pub(crate) fn ambiguous(cell: &str) -> bool {
    let digits = cell.trim().trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.split_once([',', '.']).is_some_and(|(whole, group)| {
        (1..=3).contains(&whole.len())
            && group.len() == 3
            && !whole.starts_with('0')
            && (whole.to_owned() + group).bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The number in a cell after its marks are taken off; `None` when something else is left.
fn bare(cell: &str, decimal: char) -> Option<f64> {
    let mut text = cell.trim();
    let mut negative = false;
    if let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        (text, negative) = (inner.trim(), true);
    }
    if let Some(rest) = text.strip_prefix(['-', '\u{2212}', '\u{2013}']) {
        (text, negative) = (rest.trim_start(), !negative);
    } else {
        text = text.strip_prefix('+').unwrap_or(text);
    }
    for (mark, _) in CURRENCIES {
        text = text.strip_prefix(mark).or_else(|| text.strip_suffix(mark)).unwrap_or(text).trim();
    }
    text = text.strip_suffix('%').unwrap_or(text).trim_end();
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once(decimal).unwrap_or((mantissa, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let mut digits = ungroup(whole, decimal)?;
    digits.push('.');
    digits.push_str(if fraction.is_empty() { "0" } else { fraction });
    if let Some(exponent) = exponent {
        let plain = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if plain.is_empty() || plain.len() > 3 || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        digits.push('e');
        digits.push_str(exponent);
    }
    let value: f64 = digits.parse().ok().filter(|value: &f64| value.is_finite())?;
    Some(if negative { -value } else { value })
}

/// The digits of the whole part without thousands separators, which must stand every three digits.
fn ungroup(whole: &str, decimal: char) -> Option<String> {
    if whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(if whole.is_empty() { "0".into() } else { whole.to_owned() });
    }
    let separator = whole.chars().find(|c| !c.is_ascii_digit())?;
    let allowed =
        matches!(separator, ',' | '.' | ' ' | '\'' | '’' | '_' | '\u{a0}' | '\u{202f}') && separator != decimal;
    let groups: Vec<&str> = whole.split(separator).collect();
    let fits = allowed
        && (1..=3).contains(&groups[0].len())
        && groups[1..].iter().all(|group| group.len() == 3)
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    fits.then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(cell: &str) -> NumberCell {
        read(cell, style([cell].into_iter(), None), &[])
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (cell, value) in [
            ("12", 12.0),
            ("-0.5", -0.5),
            ("1,234,567.5", 1_234_567.5),
            ("$4,228.00", 4228.0),
            ("-$5", -5.0),
            ("(3.5)", -3.5),
            ("4.47%", 4.47),
            ("\u{2212}7", -7.0),
            ("1e3", 1000.0),
            ("1 234", 1234.0),
            ("1.234,56", 1234.56),
            ("+2", 2.0),
            (".5", 0.5),
        ] {
            assert_eq!(one(cell), NumberCell::Value(value), "{cell}");
        }
    }

    #[test]
    fn what_is_not_a_number_is_said_to_be_text() {
        for cell in ["abc", "4.5p", "1.2.3", "12-3", "1,23,4", "inf", "1e", "0x1f", "1.2M", "%", "$"] {
            assert_eq!(one(cell), NumberCell::Text, "{cell}");
        }
        for cell in ["", " ", "n/a", "..", "NaN", "-"] {
            assert_eq!(one(cell), NumberCell::Missing, "{cell:?}");
        }
    }

    #[test]
    fn the_decimal_mark_is_a_matter_of_the_whole_column() {
        let column = ["1,5", "2,25", "1.000,0"];
        assert_eq!(style(column.into_iter(), None).decimal, ',');
        assert_eq!(style(["1,500", "2,250"].into_iter(), None).decimal, '.');
        assert_eq!(
            style(["$1", "5%"].into_iter(), None),
            NumberStyle { decimal: '.', percent: true, currency: Some("USD") }
        );
    }
}
