//! Text that cannot smuggle a number: plain words, and citations that code can check.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{FactId, SourceId};
use crate::series::SeriesRef;

/// Which side of a fact a citation shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The value.
    Value,
    /// The date the fact is about (`at`, else `to`).
    At,
    /// The start of its window (`from`).
    From,
    /// The end of its window (`to`, else `at`).
    To,
}

/// How a value or date is written. The words of each style are made by [`crate::display`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// For the ear: `$4,228`, `4.47 percent`, `$27.4 trillion`, `June 2026`.
    Spoken,
    /// Without the sign, where the words say the direction: `12.3 percent`.
    Magnitude,
    /// Rounded to what a listener keeps: `about $4,200`, `about 12 percent`.
    Rounded,
    /// Compact, for charts and thumbnails: `$4,228`, `4.47%`, `$27.4T`, `Jun 2026`.
    Screen,
    /// Compact with an explicit sign: `+12.3%`, `−0.4 pts`.
    Signed,
    /// For the ear, with both decimals, beside a number of the same unit that shows them: `$363.00`, `4.50 percent`.
    Hundredths,
    /// Compact, likewise: `$363.00`, `4.50%`.
    ScreenHundredths,
    /// Money without its cents, beside an amount of a thousand or more, which has none: `$872`.
    Whole,
    /// As an everyday multiple where one is exact enough: `doubled`-class words are verbs, this is `2.1 times`.
    Times,
    /// A rank or period as an ordinal: `third`, `12th`.
    Ordinal,
    /// The year of a date only: `2008`.
    Year,
    /// The writer's own words, rounding words included: `nearly doubled`, `more than $4,000`, `mid-2026`. Nothing
    /// makes them again: the gate reads them back and holds what it read against the fact.
    Written,
}

/// What a piece of text stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "cite", rename_all = "snake_case")]
pub enum Cite {
    /// A side of a fact in a style; the text must equal what [`crate::display::cite`] gives, or, when it is
    /// [`Style::Written`], read back as what the fact says.
    Fact {
        /// The fact.
        fact: FactId,
        /// Value or date.
        part: Part,
        /// Wording.
        style: Style,
    },
    /// The name of a series, as the package's descriptor gives it (subject or short name, any initial case).
    Series {
        /// The series.
        series: SeriesRef,
    },
    /// The title of a source.
    Source {
        /// The source.
        source: SourceId,
    },
    /// The channel's own name.
    Channel,
}

/// A run of text. Plain text holds no digit and no number word; what does is cited.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// What is read or shown.
    pub text: String,
    /// What it stands for; absent for plain words.
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    pub cite: Option<Cite>,
}

/// Text as spans; joined without separators it is what a viewer hears or reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RichText(pub Vec<Span>);

impl RichText {
    /// Text of plain words only.
    pub fn plain(text: impl Into<String>) -> Self {
        Self(vec![Span { text: text.into(), cite: None }])
    }

    /// The joined text.
    pub fn text(&self) -> String {
        self.0.iter().map(|span| span.text.as_str()).collect()
    }

    /// The facts cited, in order, repeats included.
    pub fn facts(&self) -> impl Iterator<Item = &FactId> {
        self.0.iter().filter_map(|span| match &span.cite {
            Some(Cite::Fact { fact, .. }) => Some(fact),
            _ => None,
        })
    }

    /// True when there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|span| span.text.trim().is_empty())
    }
}

impl std::fmt::Display for RichText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|span| f.write_str(&span.text))
    }
}
