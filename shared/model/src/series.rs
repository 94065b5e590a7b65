//! Which numbers: references to series inside data packages, and the calendar they follow.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How often a series is observed, and what one of its dates stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Calendar or trading days.
    Daily,
    /// Weeks, named by the day the source gives.
    Weekly,
    /// Calendar months; the day of the date carries no meaning.
    Monthly,
    /// Calendar quarters; the date lies anywhere inside the quarter.
    Quarterly,
    /// Calendar years.
    Annual,
}

impl Frequency {
    /// Singular English noun of one period.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Daily => "day",
            Self::Weekly => "week",
            Self::Monthly => "month",
            Self::Quarterly => "quarter",
            Self::Annual => "year",
        }
    }

    /// Observations in one year, nominally (a daily series is taken as trading days).
    pub fn per_year(self) -> u32 {
        match self {
            Self::Daily => 252,
            Self::Weekly => 52,
            Self::Monthly => 12,
            Self::Quarterly => 4,
            Self::Annual => 1,
        }
    }
}

/// Whether a source removed the season from a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// Seasonally adjusted.
    Adjusted,
    /// Not seasonally adjusted: a month compares with the same month only.
    Unadjusted,
    /// The source does not say.
    #[default]
    Unknown,
}

/// What the money of a series is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Money {
    /// Each amount in the money of its own day: current prices, nominal.
    Current,
    /// All amounts in the money of the same day: constant prices, real.
    Constant,
    /// The source does not say, or the series is no money.
    #[default]
    Unknown,
}

impl Money {
    #[allow(clippy::trivially_copy_pass_by_ref)] // the shape that serde asks for
    fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

/// One column of one resource of one data package, for one member of a panel when it is long.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct SeriesRef {
    /// `name` of the data package.
    pub dataset: String,
    /// `name` of the resource.
    pub resource: String,
    /// Header of the column that holds the dates.
    pub date_column: String,
    /// Header of the column that holds the values.
    pub column: String,
    /// Column = value conditions that select one member of a long table; empty for a wide one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filter: BTreeMap<String, String>,
}

impl SeriesRef {
    /// A stable, readable key: `dataset/resource/column[/member…]`.
    pub fn key(&self) -> String {
        let mut key = format!("{}/{}/{}", self.dataset, self.resource, self.column);
        for value in self.filter.values() {
            key.push('/');
            key.push_str(value);
        }
        key
    }
}

/// How a series is spoken of. Every name comes from the package's descriptor, never from a writer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeriesName {
    /// Noun phrase with its article as inside a sentence: `the price of gold`, `US unemployment`.
    pub subject: String,
    /// Short label for charts and thumbnails, capitalised: `Gold`, `Unemployment rate`.
    pub short: String,
    /// True when the subject takes a plural verb.
    #[serde(default)]
    pub plural: bool,
}

impl SeriesName {
    /// The short label in at most three words, where it has more and they allow it: without remark, without what a share is of,
    /// without `spot price`, and of what is left the last words. `WTI crude oil spot price` is `WTI crude oil`. `None` where the
    /// label is as brief already, or where what is left would be no name.
    pub fn brief(&self) -> Option<String> {
        const MOST: usize = 3;
        /// Words that join names or point at them, and are no part of a brief one.
        const JOINTS: [&str; 16] =
            ["a", "all", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "per", "the", "to", "with"];
        if self.short.split_whitespace().count() <= MOST {
            return None;
        }
        let bare = self.short.split([',', '(', ':']).next()?;
        let (head, is_cut) = bare.split_once(" of ").map_or((bare, false), |(head, _)| (head, true));
        let mut words: Vec<&str> = head.split_whitespace().collect();
        if is_cut && words.len() < 2 {
            return None;
        }
        for general in [["price", "prices"], ["spot", "spot"]] {
            if words.len() > 2 && words.last().is_some_and(|last| general.contains(&last.to_lowercase().as_str())) {
                words.pop();
            }
        }
        let kept = &words[words.len().saturating_sub(MOST)..];
        let is_word = |word: &&str| {
            word.chars().any(char::is_alphabetic)
                && !word.chars().any(char::is_numeric)
                && !JOINTS.contains(&word.to_lowercase().as_str())
        };
        if kept.is_empty() || !kept.iter().all(is_word) {
            return None;
        }
        let mut letters = kept.join(" ");
        if let Some(first) = letters.chars().next() {
            letters.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
        }
        Some(letters)
    }
}

/// What a stage needs to know of a series without its points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeriesInfo {
    /// Where its numbers are.
    pub series: SeriesRef,
    /// How it is called.
    pub name: SeriesName,
    /// Unit of its values.
    pub unit: crate::unit::Unit,
    /// Its calendar.
    pub frequency: Frequency,
    /// Seasonal adjustment.
    pub adjustment: Adjustment,
    /// Worth of its money.
    #[serde(default, skip_serializing_if = "Money::is_unknown")]
    pub money: Money,
    /// Date of the first usable observation.
    pub first: Date,
    /// Date of the last usable observation.
    pub last: Date,
    /// Number of usable observations.
    pub observations: u32,
}

#[cfg(test)]
mod tests {
    use super::SeriesName;

    #[test]
    fn a_long_label_has_a_brief_form_of_its_own_words() {
        let brief = |short: &str| SeriesName { subject: String::new(), short: short.into(), plural: false }.brief();
        for (short, expected) in [
            ("WTI crude oil spot price", Some("WTI crude oil")),
            ("Europe Brent crude oil spot price, monthly average", Some("Brent crude oil")),
            ("Unemployed share of labor force", Some("Unemployed share")),
            ("10 year US government bond yield", Some("Government bond yield")),
            ("Gold price, annual average", Some("Gold price")),
            ("Gold price", None),
            ("Outside the labor force", None),
            ("Index of consumer prices", None),
        ] {
            assert_eq!(brief(short).as_deref(), expected, "{short}");
        }
    }
}
