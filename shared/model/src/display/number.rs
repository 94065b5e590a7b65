//! Numbers in words: thousands separators, scale words, currency signs, plurals.

use crate::unit::{Unit, UnitKind};

/// How many digits a value deserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Copied from the source: up to two decimals.
    Observed,
    /// Computed: one decimal, none from a hundred up, two below a tenth.
    Computed,
    /// Already rounded by the caller to two digits: as many decimals as they need, none of them zero.
    Rounded,
}

impl Precision {
    pub(super) fn of(observation: bool) -> Self {
        if observation { Self::Observed } else { Self::Computed }
    }

    fn decimals(self, magnitude: f64) -> usize {
        match self {
            Self::Observed => 2,
            Self::Computed | Self::Rounded if magnitude >= 99.95 => 0,
            Self::Computed if magnitude < 0.095 => 2,
            Self::Rounded if magnitude < 0.095 => 3,
            Self::Rounded if magnitude < 0.95 => 2,
            Self::Computed | Self::Rounded => 1,
        }
    }
}

/// Rounds to two significant digits.
pub(super) fn two_digits(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10f64.powf(value.abs().log10().floor() - 1.0);
    (value / scale).round() * scale
}

/// `1234567.5` → `1,234,567.5`: fixed decimals with trailing zeros trimmed, half away from zero.
fn grouped(magnitude: f64, decimals: usize, keep_zeros: bool) -> String {
    // Nudged by a relative epsilon so that 0.125 written as 0.12499999… rounds as a person would.
    let text = format!("{:.decimals$}", magnitude * (1.0 + 1e-12));
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::with_capacity(text.len() + 4);
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    let fraction = if keep_zeros { fraction } else { fraction.trim_end_matches('0') };
    if !fraction.is_empty() && (!keep_zeros || fraction.bytes().any(|b| b != b'0')) {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

const SCALES: [(f64, &str, &str); 3] = [(1e12, " trillion", "T"), (1e9, " billion", "B"), (1e6, " million", "M")];

/// A large magnitude as `27.4` and its scale word; `None` below a million.
fn scaled(magnitude: f64) -> Option<(String, &'static str, &'static str)> {
    let at = SCALES.iter().position(|(scale, ..)| magnitude >= scale * 0.9995)?;
    let digits = |scale: f64| {
        let value = magnitude / scale;
        // Three or four digits are what a listener keeps.
        grouped(
            value,
            if value >= 999.5 {
                0
            } else if value >= 9.995 {
                1
            } else {
                2
            },
            false,
        )
    };
    let (scale, word, letter) = SCALES[at];
    Some((digits(scale), word, letter))
}

fn money_sign(code: &str) -> String {
    match code {
        "USD" => "$".into(),
        "EUR" => "€".into(),
        "GBP" => "£".into(),
        "JPY" => "¥".into(),
        "INR" => "₹".into(),
        other => format!("{other} "),
    }
}

/// Digits of a plain quantity: scale word from a million, no decimals from a thousand.
fn quantity(magnitude: f64, precision: Precision, keep_zeros: bool) -> (String, &'static str, &'static str) {
    if let Some(scaled) = scaled(magnitude) {
        return scaled;
    }
    let decimals = if magnitude >= 999.5 { 0 } else { precision.decimals(magnitude) };
    let decimals = if keep_zeros && magnitude < 999.5 && precision != Precision::Rounded { 2 } else { decimals };
    (grouped(magnitude, decimals, keep_zeros), "", "")
}

fn is_one(digits: &str) -> bool {
    digits == "1"
}

const SMALL: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/// Small whole numbers as words, others in digits: `three`, `14`.
fn counted(value: f64) -> String {
    SMALL
        .get(value as usize)
        .filter(|_| value >= 0.0 && value.fract() == 0.0)
        .map_or_else(|| grouped(value, 0, false), |word| (*word).to_owned())
}

/// The value for the ear: `$4,228`, `minus 0.4 percent`, `161.3 million people`, `three years`.
pub fn spoken(value: f64, unit: &Unit, precision: Precision) -> String {
    let magnitude = (value * unit.multiplier).abs();
    let body = match &unit.kind {
        UnitKind::Currency { code } => {
            let (digits, word, _) = quantity(magnitude, precision, true);
            format!("{}{digits}{word}", money_sign(code))
        }
        UnitKind::Percent => format!("{} percent", grouped(magnitude, precision.decimals(magnitude), false)),
        UnitKind::PercentagePoints => {
            let digits = grouped(magnitude, precision.decimals(magnitude), false);
            let noun = if is_one(&digits) { "percentage point" } else { "percentage points" };
            format!("{digits} {noun}")
        }
        UnitKind::Index { .. } => grouped(magnitude, precision.decimals(magnitude).max(1), false),
        UnitKind::IndexPoints => {
            let digits = grouped(magnitude, precision.decimals(magnitude), false);
            let noun = if is_one(&digits) { "point" } else { "points" };
            format!("{digits} {noun}")
        }
        UnitKind::Count { noun } => {
            let (digits, word, _) = quantity(magnitude, precision, false);
            noun.as_ref().map_or_else(|| format!("{digits}{word}"), |noun| format!("{digits}{word} {noun}"))
        }
        UnitKind::Unspecified => {
            let (digits, word, _) = quantity(magnitude, precision, false);
            format!("{digits}{word}")
        }
        UnitKind::Coefficient => grouped(magnitude, 2, true),
        UnitKind::Multiple => {
            // What is rounded already is not rounded again: 0.249 is "about 0.25 times", not 0.3.
            let tenths = usize::from(magnitude < 9.95);
            let decimals = if precision == Precision::Rounded { precision.decimals(magnitude) } else { tenths };
            format!("{} times", grouped(magnitude, decimals, false))
        }
        UnitKind::Rank => ordinal(magnitude as u64),
        UnitKind::Duration { period } => {
            let plural = if magnitude == 1.0 { "" } else { "s" };
            format!("{} {}{plural}", counted(magnitude), period.noun())
        }
    };
    if value < 0.0 && body.bytes().any(|b| (b'1'..=b'9').contains(&b)) { format!("minus {body}") } else { body }
}

/// The value for charts and thumbnails: `$4,228`, `−0.4%`, `$27.4T`, `161.3M`, `3 yrs`.
pub fn screen(value: f64, unit: &Unit, precision: Precision) -> String {
    let magnitude = (value * unit.multiplier).abs();
    let body = match &unit.kind {
        UnitKind::Currency { code } => {
            let (digits, _, letter) = quantity(magnitude, precision, true);
            format!("{}{digits}{letter}", money_sign(code))
        }
        UnitKind::Percent => format!("{}%", grouped(magnitude, precision.decimals(magnitude), false)),
        UnitKind::PercentagePoints | UnitKind::IndexPoints => {
            format!("{} pts", grouped(magnitude, precision.decimals(magnitude), false))
        }
        UnitKind::Index { .. } => grouped(magnitude, precision.decimals(magnitude).max(1), false),
        UnitKind::Count { .. } | UnitKind::Unspecified => {
            let (digits, _, letter) = quantity(magnitude, precision, false);
            format!("{digits}{letter}")
        }
        UnitKind::Coefficient => grouped(magnitude, 2, true),
        UnitKind::Multiple => format!("{}×", grouped(magnitude, usize::from(magnitude < 9.95), false)),
        UnitKind::Rank => format!("#{}", grouped(magnitude, 0, false)),
        UnitKind::Duration { period } => {
            let plural = if magnitude == 1.0 { "" } else { "s" };
            format!("{} {}{plural}", grouped(magnitude, 0, false), period.noun())
        }
    };
    if value < 0.0 && body.bytes().any(|b| (b'1'..=b'9').contains(&b)) { format!("−{body}") } else { body }
}

/// [`screen`] with a plus sign on a positive value.
pub fn signed(value: f64, unit: &Unit, precision: Precision) -> String {
    let text = screen(value, unit, precision);
    if value > 0.0 { format!("+{text}") } else { text }
}

/// From here on an amount rounds to a thousand, and has no decimals.
pub(super) const THOUSAND: f64 = 999.5;
/// From here on the cents of an amount are at most half a hundredth of it.
const HUNDRED: f64 = 99.5;

/// Money without its cents, from a hundred to a thousand: `$872`. `None` for all else.
pub fn in_whole(value: f64, unit: &Unit) -> Option<String> {
    let magnitude = value * unit.multiplier;
    match &unit.kind {
        UnitKind::Currency { code } if (HUNDRED..THOUSAND).contains(&magnitude) => {
            Some(format!("{}{}", money_sign(code), grouped(magnitude, 0, false)))
        }
        _ => None,
    }
}

/// The digits of a magnitude with both decimals, zeros kept; `None` where no decimals belong: at a thousand and more,
/// and at what rounds to nothing.
fn hundredths(magnitude: f64) -> Option<String> {
    if magnitude >= THOUSAND {
        return None;
    }
    let digits = format!("{:.2}", magnitude * (1.0 + 1e-12));
    digits.bytes().any(|b| (b'1'..=b'9').contains(&b)).then_some(digits)
}

/// [`spoken`] with both decimals, for money and rates: `$363.00`, `4.50 percent`. `None` for other units, and where no
/// decimals belong.
pub fn spoken_in_hundredths(value: f64, unit: &Unit) -> Option<String> {
    let digits = hundredths((value * unit.multiplier).abs())?;
    let minus = if value < 0.0 { "minus " } else { "" };
    match &unit.kind {
        UnitKind::Currency { code } => Some(format!("{minus}{}{digits}", money_sign(code))),
        UnitKind::Percent => Some(format!("{minus}{digits} percent")),
        _ => None,
    }
}

/// [`screen`] with both decimals, for money and rates: `$363.00`, `4.50%`. `None` as for [`spoken_in_hundredths`].
pub fn screen_in_hundredths(value: f64, unit: &Unit) -> Option<String> {
    let digits = hundredths((value * unit.multiplier).abs())?;
    let minus = if value < 0.0 { "−" } else { "" };
    match &unit.kind {
        UnitKind::Currency { code } => Some(format!("{minus}{}{digits}", money_sign(code))),
        UnitKind::Percent => Some(format!("{minus}{digits}%")),
        _ => None,
    }
}

/// `first` … `ninth`, then `10th`, `21st`, `112th`.
pub(super) fn ordinal(n: u64) -> String {
    const WORDS: [&str; 10] =
        ["zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
    if let Some(word) = usize::try_from(n).ok().and_then(|n| WORDS.get(n)) {
        return (*word).to_owned();
    }
    let suffix = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Frequency;

    fn usd() -> Unit {
        Unit::plain(UnitKind::Currency { code: "USD".into() })
    }

    #[test]
    fn money_keeps_cents_below_a_thousand_and_scales_above_a_million() {
        assert_eq!(spoken(85.4, &usd(), Precision::Observed), "$85.40");
        assert_eq!(spoken(85.0, &usd(), Precision::Observed), "$85");
        assert_eq!(spoken(4228.0, &usd(), Precision::Observed), "$4,228");
        assert_eq!(spoken(27_360_935_000_000.0, &usd(), Precision::Observed), "$27.4 trillion");
        assert_eq!(screen(27_360_935_000_000.0, &usd(), Precision::Observed), "$27.4T");
        assert_eq!(spoken(999_600.0, &usd(), Precision::Observed), "$1 million");
        assert_eq!(spoken(-12.5, &usd(), Precision::Computed), "minus $12.50");
    }

    #[test]
    fn percent_and_points_agree_in_number() {
        assert_eq!(spoken(4.47, &Unit::percent(), Precision::Observed), "4.47 percent");
        assert_eq!(spoken(223.345, &Unit::percent(), Precision::Computed), "223 percent");
        let points = Unit::plain(UnitKind::PercentagePoints);
        assert_eq!(spoken(1.0, &points, Precision::Computed), "1 percentage point");
        assert_eq!(spoken(-0.6, &points, Precision::Computed), "minus 0.6 percentage points");
        assert_eq!(signed(0.6, &points, Precision::Computed), "+0.6 pts");
        assert_eq!(signed(-0.0, &points, Precision::Computed), "0 pts");
    }

    #[test]
    fn counts_scale_by_the_sources_multiplier() {
        let people = Unit { kind: UnitKind::Count { noun: Some("people".into()) }, per: None, multiplier: 1000.0 };
        assert_eq!(spoken(161_346.0, &people, Precision::Observed), "161.3 million people");
        assert_eq!(screen(161_346.0, &people, Precision::Observed), "161.3M");
    }

    #[test]
    fn durations_and_ordinals() {
        let years = Unit::plain(UnitKind::Duration { period: Frequency::Annual });
        assert_eq!(spoken(3.0, &years, Precision::Computed), "three years");
        assert_eq!(spoken(1.0, &years, Precision::Computed), "one year");
        assert_eq!(spoken(14.0, &years, Precision::Computed), "14 years");
        assert_eq!([1, 11, 12, 21, 22, 103].map(ordinal), ["first", "11th", "12th", "21st", "22nd", "103rd"]);
    }

    #[test]
    fn hundredths_keep_their_zeros_where_decimals_belong() {
        let spoken = |value| spoken_in_hundredths(value, &usd());
        assert_eq!(spoken(363.0).as_deref(), Some("$363.00"));
        assert_eq!(spoken(-363.34).as_deref(), Some("minus $363.34"));
        assert_eq!([spoken(999.5), spoken(27.4e12), spoken(0.004)], [None, None, None]);
        assert_eq!(spoken_in_hundredths(4.5, &Unit::percent()).as_deref(), Some("4.50 percent"));
        assert_eq!(screen_in_hundredths(-4.5, &Unit::percent()).as_deref(), Some("−4.50%"));
        assert_eq!(screen_in_hundredths(85.0, &usd()).as_deref(), Some("$85.00"));
        assert_eq!(screen_in_hundredths(3.0, &Unit::plain(UnitKind::Rank)), None);
        let whole = |value| in_whole(value, &usd());
        assert_eq!([whole(871.96).as_deref(), whole(999.4).as_deref()], [Some("$872"), Some("$999")]);
        assert_eq!(
            [whole(99.4), whole(1_224.5), whole(-871.96), in_whole(363.0, &Unit::percent())],
            [None, None, None, None]
        );
        // What has both decimals anyway is written as it always is: that is how such a number is known.
        assert_eq!(spoken(363.34), Some(super::spoken(363.34, &usd(), Precision::Observed)));
    }

    #[test]
    fn rounding_keeps_two_digits() {
        assert_eq!(two_digits(4228.0), 4200.0);
        assert_eq!(two_digits(0.0347), 0.035);
    }
}
