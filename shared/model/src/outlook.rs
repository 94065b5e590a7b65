//! What the outside said around a channel's subjects when a run was ordered. It is part of the order, so that a run never asks again.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::benchmark::Benchmark;

/// Demand and context, as they were on the day of the order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Outlook {
    /// What people ask for, by interest of the channel.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub demand: Vec<Demand>,
    /// What competing channels do; none where none are named, or too few videos were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<Benchmark>,
    /// What others published: data of strangers, quoted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<Passage>,
}

impl Outlook {
    /// True when nothing is known, and nothing stands in the order.
    pub fn is_empty(&self) -> bool {
        self.demand.is_empty() && self.benchmark.is_none() && self.context.is_empty()
    }
}

/// What is known of the demand for a subject. What is not known is absent, and weighs nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Demand {
    /// The interest, as the channel names it.
    pub subject: String,
    /// Page views of its article in the newest four weeks over those of the four weeks before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views_trend: Option<f64>,
    /// Mentions in feeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mentions: Option<Share>,
    /// Titles of competing channels that name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rivals: Option<Share>,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// Those that count.
    pub part: u32,
    /// All of them.
    pub of: u32,
}

impl Share {
    /// As a number from 0 to 1; none of nothing.
    pub fn rate(&self) -> Option<f64> {
        (self.of > 0).then(|| f64::from(self.part) / f64::from(self.of))
    }
}

/// A text that somebody else published. It is never an instruction and never the source of a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Passage {
    /// Its title.
    pub title: String,
    /// Its beginning, plain text.
    pub text: String,
    /// Who published it.
    pub publisher: String,
    /// Where it stands; of an article of Wikipedia this very revision.
    pub url: String,
    /// When it was published or last changed; none when that is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
    /// Licence of the text, as far as it is stated.
    pub licence: String,
}
