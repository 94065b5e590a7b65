//! What a scene shows. Every number drawn is a cited text or a point that names its source row.

mod views;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::FactId;
use crate::series::{Frequency, SeriesRef};
use crate::stock::Backing;
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

/// A stretch of time with a name: one of the windows of `specs/policy/crises.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Band {
    /// How it is called, as the law calls it; the first letter may be a capital. Empty without a usual name.
    pub label: RichText,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// Words of a data package, letter for letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quotation {
    /// A whole sentence of the description of the resource, without any digit.
    pub text: String,
    /// `name` of the data package.
    pub dataset: String,
    /// `name` of the resource.
    pub resource: String,
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
        /// A stock picture behind it all, in place of the line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picture: Option<Backing>,
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
    /// One series, or several stacked on each other, filled from zero. No value is negative; what is stacked has the
    /// same dates and unit, the subject lowest.
    Area {
        /// What the chart says.
        heading: RichText,
        /// The series, at most four.
        traces: Vec<Trace>,
        /// Labelled points; on the first trace only.
        marks: Vec<Mark>,
        /// Bracketed stretches; on the first trace only.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ranges: Vec<RangeMark>,
    },
    /// Every observation of a stretch as a column from the zero line; what is negative hangs below it.
    Columns {
        /// What the chart says.
        heading: RichText,
        /// The observations, at most 60.
        trace: Trace,
        /// Labelled columns.
        marks: Vec<Mark>,
        /// Dates of the columns that the scene speaks of; inside the dates of the marks' facts.
        lit: Vec<Date>,
        /// Bracketed stretches.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ranges: Vec<RangeMark>,
    },
    /// Several members at two dates, joined by straight lines.
    Slope {
        /// What the chart says.
        heading: RichText,
        /// Two to eight members, each with its observations at both dates.
        members: Vec<RankedMember>,
        /// Unit of the values.
        unit: Unit,
        /// Calendar of the dates.
        frequency: Frequency,
        /// The earlier date.
        from: Date,
        /// The later date.
        to: Date,
        /// Member emphasised (index).
        focus: u32,
    },
    /// A part of a whole, at one date or two: a square of a hundred cells each, of which the part is filled.
    Share {
        /// What the chart says.
        heading: RichText,
        /// The parts, the earlier first; each stands for a share fact of the same whole.
        parts: Vec<Bar>,
    },
    /// Every observation of a series as a dot over its value, with the present one lit.
    Distribution {
        /// What the chart says.
        heading: RichText,
        /// All observations of the series.
        trace: Trace,
        /// Labelled observations.
        marks: Vec<Mark>,
        /// The average, drawn as an upright line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        average: Option<Bar>,
    },
    /// Several series of one unit, or two of any, each in a small chart of its own.
    SmallMultiples {
        /// What the charts say.
        heading: RichText,
        /// Two to nine series.
        traces: Vec<Trace>,
        /// Series emphasised (index).
        focus: u32,
    },
    /// Members of a panel on one scale at one date, each a dot on a line of its own; places without a map.
    DotPlot {
        /// What the chart says.
        heading: RichText,
        /// Three to twelve members with their observation, from the highest to the lowest.
        members: Vec<RankedMember>,
        /// Unit of the values.
        unit: Unit,
        /// Calendar of the date.
        frequency: Frequency,
        /// The date.
        at: Date,
        /// Member emphasised (index).
        focus: u32,
    },
    /// What a data package says of its figures, in its own words, over the line that it speaks of.
    Quote {
        /// What is quoted.
        heading: RichText,
        /// The words.
        quote: Quotation,
        /// Whose words they are.
        by: RichText,
        /// The series that they are about.
        trace: Trace,
        /// Labelled points.
        marks: Vec<Mark>,
        /// Bracketed stretches.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ranges: Vec<RangeMark>,
    },
    /// Named stretches of time over the line that ran through them.
    Timeline {
        /// What the chart says.
        heading: RichText,
        /// The line.
        trace: Trace,
        /// The stretches, the earliest first.
        bands: Vec<Band>,
        /// What is shaded, and who dated it.
        note: RichText,
        /// Labelled points.
        marks: Vec<Mark>,
        /// Bracketed stretches.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ranges: Vec<RangeMark>,
    },
    /// A line parted by an event, with what it did before and after.
    BeforeAfter {
        /// What the chart says.
        heading: RichText,
        /// The line.
        trace: Trace,
        /// Date of the event: one of the points, neither the first nor the last.
        at: Date,
        /// What happened at it.
        event: RichText,
        /// The move up to the event.
        before: Bar,
        /// The move from the event on.
        after: Bar,
        /// Labelled points.
        marks: Vec<Mark>,
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
