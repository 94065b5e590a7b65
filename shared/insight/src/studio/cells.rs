//! Cells: numbers, percentages and durations as exports and spreadsheets write them.

/// The file's text: UTF-8 with or without a byte-order mark, or UTF-16 with one.
pub fn text(bytes: &[u8]) -> Result<String, String> {
    let wide = |big: bool| {
        let units: Vec<u16> = bytes[2..]
            .chunks_exact(2)
            .map(
                |pair| {
                    if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) }
                },
            )
            .collect();
        String::from_utf16(&units).map_err(|_| "it is damaged UTF-16".to_owned())
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(false),
        [0xfe, 0xff, ..] => wide(true),
        _ => {
            let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
            if text.contains('\0') {
                return Err("it holds zero bytes".into());
            }
            Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned())
        }
    }
}

/// The delimiter that the header has most of; spreadsheets of some locales write `;` or a tab.
pub fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |sign: u8| header.bytes().filter(|byte| *byte == sign).count();
    [b';', b'\t'].into_iter().filter(|sign| count(*sign) > count(b',')).max_by_key(|sign| count(*sign)).unwrap_or(b',')
}

/// True for a cell that says that there is no figure.
pub fn is_empty(cell: &str) -> bool {
    matches!(cell.trim(), "" | "-" | "–" | "—" | "N/A" | "n/a" | "--")
}

/// A number: `1234.5`, `1,234.5`, `1.234,5` (where a comma is the decimal sign), `3.16 %`, `$12.30`.
pub fn number(cell: &str, comma_is_decimal: bool) -> Option<f64> {
    let mut plain: String = cell
        .trim()
        .chars()
        .filter(|sign| !sign.is_whitespace() && !matches!(sign, '\u{a0}' | '\u{202f}' | '%' | '$' | '\''))
        .map(|sign| if sign == '−' { '-' } else { sign })
        .collect();
    let (dot, comma) = (plain.rfind('.'), plain.rfind(','));
    let decimal_comma = match (dot, comma) {
        (Some(dot), Some(comma)) => comma > dot,
        (None, Some(_)) => comma_is_decimal,
        _ => false,
    };
    if decimal_comma {
        plain = plain.replace('.', "").replace(',', ".");
    } else if comma.is_some() {
        let whole = plain.split('.').next().unwrap_or_default();
        // A thousands sign stands before three digits, or it is none.
        if whole.split(',').skip(1).any(|group| group.len() != 3) {
            return None;
        }
        plain = plain.replace(',', "");
    }
    if !plain.starts_with(|sign: char| sign.is_ascii_digit() || sign == '-' || sign == '.') {
        return None;
    }
    plain.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Seconds: `0:03:25`, `00:03:25`, `3:25`, or a plain number of seconds.
pub fn seconds(cell: &str, comma_is_decimal: bool) -> Option<f64> {
    let cell = cell.trim();
    if !cell.contains(':') {
        return number(cell, comma_is_decimal).filter(|value| *value >= 0.0);
    }
    let parts: Vec<&str> = cell.split(':').collect();
    if cell.starts_with('-') || !(2..=3).contains(&parts.len()) {
        return None;
    }
    let mut total = 0.0;
    for (at, part) in parts.iter().enumerate() {
        let value = number(part, comma_is_decimal).filter(|value| *value >= 0.0)?;
        if at > 0 && value >= 60.0 {
            return None;
        }
        total = total * 60.0 + value;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_both_worlds() {
        for (cell, decimal, value) in [
            ("1234.5", false, 1234.5),
            ("1,234,567", false, 1_234_567.0),
            ("1,234.5", false, 1234.5),
            ("1.234,5", true, 1234.5),
            ("3,16", true, 3.16),
            ("3.16 %", false, 3.16),
            ("−70", false, -70.0),
            ("$12.30", false, 12.3),
        ] {
            assert_eq!(number(cell, decimal), Some(value), "{cell}");
        }
        for cell in ["1,23", "text", "1e", "nan", "inf", "12-05"] {
            assert_eq!(number(cell, false), None, "{cell}");
        }
    }

    #[test]
    fn durations_in_clock_and_seconds() {
        for (cell, value) in
            [("0:03:25", 205.0), ("00:03:25", 205.0), ("3:25", 205.0), ("2553", 2553.0), ("1:00:00", 3600.0)]
        {
            assert_eq!(seconds(cell, false), Some(value), "{cell}");
        }
        for cell in ["0:75:00", "1:2:3:4", "-0:10", "May 8"] {
            assert_eq!(seconds(cell, false), None, "{cell}");
        }
    }

    #[test]
    fn texts_with_marks_and_wide_ones_are_one_text() {
        let plain = text("Content,Views\n".as_bytes()).unwrap();
        let marked = text(b"\xef\xbb\xbfContent,Views\n").unwrap();
        let wide: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("Content,Views\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(plain, marked);
        assert_eq!(plain, text(&wide).unwrap());
        assert!(text(b"PK\x03\x04\x00\x00").is_err());
        assert_eq!((delimiter("a;b;c,d"), delimiter("a,b"), delimiter("a\tb")), (b';', b',', b'\t'));
    }
}
