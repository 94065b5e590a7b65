//! What a scene shows. Every number drawn is a cited text or a point that names its source row.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::FactId;
use crate::series::{Frequency, SeriesRef};
use crate::text::RichText;
use crate::unit::Unit;

/// A plotted observation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TracePoint {
    /// Date as the source gives it.
    pub date: Date,
    /// Value as the source gives it.
    pub value: f64,
    /// 1-based data row it was read from.
    pub row: u32,
}

/// A series to plot. Points are source observations, thinned but never averaged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trace {
    /// Where the points come from.
    pub series: SeriesRef,
    /// Direct label.
    pub label: RichText,
    /// Unit of the values.
    pub unit: Unit,
    /// Calendar.
    pub frequency: Frequency,
    /// In date order, at most 600.
    pub points: Vec<TracePoint>,
}

/// A labelled point on a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mark {
    /// Which trace (index).
    pub trace: u32,
    /// Date of the point; one of the trace's points.
    pub date: Date,
    /// Label, for example value and month.
    pub label: RichText,
    /// The fact it shows; emphasised while narration cites this fact.
    pub fact: FactId,
}

/// A stretch between two points of a line, bracketed while what happened over it is said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RangeMark {
    /// Which trace (index).
    pub trace: u32,
    /// Where the stretch begins; one of the trace's points.
    pub from: Date,
    /// Where it ends; one of the trace's points.
    pub to: Date,
    /// What happened over it, for example `+293%`.
    pub label: RichText,
    /// The fact it shows, whose window is the stretch.
    pub fact: FactId,
}

/// A bar, a side of a comparison or a row of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bar {
    /// What it stands for.
    pub label: RichText,
    /// Written value.
    pub figure: RichText,
    /// Length; equals the fact's value.
    pub value: f64,
    /// The fact it shows.
    pub fact: FactId,
    /// Drawn in the accent colour.
    pub emphasis: bool,
}

/// A place in a ranking at one date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RankedMember {
    /// Where its values come from.
    pub series: SeriesRef,
    /// Name of the member.
    pub label: RichText,
    /// In date order; one entry for each of the ranking's dates that the member has.
    pub points: Vec<TracePoint>,
}

/// The picture of a scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Visual {
    /// Title card over a faint line of the topic's series.
    Title {
        /// Small line above: the channel's or the theme's name.
        kicker: RichText,
        /// The promise, at most about twelve words.
        heading: RichText,
        /// Drawn faintly behind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        backdrop: Option<Trace>,
    },
    /// One to four lines, drawn as they are told.
    Line {
        /// What the chart says.
        heading: RichText,
        /// The lines, the subject first.
        traces: Vec<Trace>,
        /// Labelled points.
        marks: Vec<Mark>,
        /// Logarithmic value axis.
        log_scale: bool,
        /// Bracketed stretches.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ranges: Vec<RangeMark>,
    },
    /// Two to eight bars of one unit.
    Bars {
        /// What the chart says.
        heading: RichText,
        /// Bars in reading order.
        bars: Vec<Bar>,
        /// Unit of all bars.
        unit: Unit,
    },
    /// Members of a panel, reordering from the first date to the last.
    Ranking {
        /// What the chart says.
        heading: RichText,
        /// Members shown, at most ten at a time.
        members: Vec<RankedMember>,
        /// Unit of the values.
        unit: Unit,
        /// Calendar of the dates.
        frequency: Frequency,
        /// Dates passed through, first to last.
        dates: Vec<Date>,
        /// Member emphasised (index).
        focus: u32,
    },
    /// Two values side by side, and what lies between.
    Comparison {
        /// What is compared.
        heading: RichText,
        /// Earlier or first.
        left: Bar,
        /// Later or second.
        right: Bar,
        /// The difference in words, for example `+27.1%`.
        delta: RichText,
    },
    /// One number that carries the scene.
    BigNumber {
        /// Line above the number.
        heading: RichText,
        /// The number.
        figure: RichText,
        /// The fact it shows.
        fact: FactId,
        /// Line below: against what.
        context: RichText,
        /// Drawn faintly behind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        backdrop: Option<Trace>,
    },
    /// What to take home: two to four short lines.
    Payoff {
        /// Heading.
        heading: RichText,
        /// The lines.
        points: Vec<RichText>,
    },
    /// End card: sources, disclosure and disclaimer.
    End {
        /// Heading.
        heading: RichText,
        /// Source lines.
        sources: Vec<RichText>,
        /// Plain small print: disclosure and disclaimer.
        small_print: Vec<String>,
    },
}

impl Visual {
    /// Traces drawn, backdrops included.
    pub fn traces(&self) -> Vec<&Trace> {
        match self {
            Self::Line { traces, .. } => traces.iter().collect(),
            Self::Title { backdrop, .. } | Self::BigNumber { backdrop, .. } => backdrop.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// True when the picture plots a series or compares values as a chart.
    pub fn is_chart(&self) -> bool {
        matches!(self, Self::Line { .. } | Self::Bars { .. } | Self::Ranking { .. } | Self::Comparison { .. })
    }

    /// Every text of the picture with its place, for checks that must see all of them.
    pub fn texts(&self) -> Vec<(&'static str, &RichText)> {
        fn bar(bar: &Bar) -> [(&'static str, &RichText); 2] {
            [("bar label", &bar.label), ("bar figure", &bar.figure)]
        }
        let mut out = Vec::new();
        match self {
            Self::Title { kicker, heading, .. } => out.extend([("kicker", kicker), ("heading", heading)]),
            Self::Line { heading, marks, traces, ranges, .. } => {
                out.push(("heading", heading));
                out.extend(traces.iter().map(|trace| ("trace label", &trace.label)));
                out.extend(marks.iter().map(|mark| ("mark", &mark.label)));
                out.extend(ranges.iter().map(|range| ("range", &range.label)));
            }
            Self::Bars { heading, bars, .. } => {
                out.push(("heading", heading));
                out.extend(bars.iter().flat_map(bar));
            }
            Self::Ranking { heading, members, .. } => {
                out.push(("heading", heading));
                out.extend(members.iter().map(|member| ("member", &member.label)));
            }
            Self::Comparison { heading, left, right, delta } => {
                out.extend([("heading", heading), ("delta", delta)]);
                out.extend(bar(left).into_iter().chain(bar(right)));
            }
            Self::BigNumber { heading, figure, context, .. } => {
                out.extend([("heading", heading), ("figure", figure), ("context", context)]);
            }
            Self::Payoff { heading, points } => {
                out.push(("heading", heading));
                out.extend(points.iter().map(|point| ("point", point)));
            }
            Self::End { heading, sources, .. } => {
                out.push(("heading", heading));
                out.extend(sources.iter().map(|source| ("source", source)));
            }
        }
        // The trace labels of backdrops are not drawn.
        out
    }
}
