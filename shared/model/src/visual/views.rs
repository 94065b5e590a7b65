//! The same parts out of every kind of picture, so that a check need not know the kinds.

use super::{Bar, Mark, RangeMark, RankedMember, Trace, Visual};
use crate::stock::Backing;
use crate::text::RichText;

impl Visual {
    /// Name of the kind, as in the artifact.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Title { .. } => "title",
            Self::Line { .. } => "line",
            Self::Bars { .. } => "bars",
            Self::Area { .. } => "area",
            Self::Columns { .. } => "columns",
            Self::Slope { .. } => "slope",
            Self::Share { .. } => "share",
            Self::Distribution { .. } => "distribution",
            Self::SmallMultiples { .. } => "small_multiples",
            Self::DotPlot { .. } => "dot_plot",
            Self::Quote { .. } => "quote",
            Self::Timeline { .. } => "timeline",
            Self::BeforeAfter { .. } => "before_after",
            Self::Ranking { .. } => "ranking",
            Self::Comparison { .. } => "comparison",
            Self::BigNumber { .. } => "big_number",
            Self::Payoff { .. } => "payoff",
            Self::End { .. } => "end",
        }
    }

    /// Traces drawn, backdrops included.
    pub fn traces(&self) -> Vec<&Trace> {
        match self {
            Self::Line { traces, .. } | Self::Area { traces, .. } | Self::SmallMultiples { traces, .. } => {
                traces.iter().collect()
            }
            Self::Columns { trace, .. }
            | Self::Distribution { trace, .. }
            | Self::Quote { trace, .. }
            | Self::Timeline { trace, .. }
            | Self::BeforeAfter { trace, .. } => vec![trace],
            Self::Title { backdrop, .. } | Self::BigNumber { backdrop, .. } => backdrop.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The stock picture behind the card.
    pub fn backing(&self) -> Option<&Backing> {
        if let Self::Title { picture, .. } = self { picture.as_ref() } else { None }
    }

    /// Labelled points.
    pub fn marks(&self) -> &[Mark] {
        match self {
            Self::Line { marks, .. }
            | Self::Area { marks, .. }
            | Self::Columns { marks, .. }
            | Self::Distribution { marks, .. }
            | Self::Quote { marks, .. }
            | Self::Timeline { marks, .. }
            | Self::BeforeAfter { marks, .. } => marks,
            _ => &[],
        }
    }

    /// Bracketed stretches.
    pub fn ranges(&self) -> &[RangeMark] {
        match self {
            Self::Line { ranges, .. }
            | Self::Area { ranges, .. }
            | Self::Columns { ranges, .. }
            | Self::Quote { ranges, .. }
            | Self::Timeline { ranges, .. } => ranges,
            _ => &[],
        }
    }

    /// Bars, and whatever else is as large as its fact, with their names.
    pub fn bars(&self) -> Vec<(&'static str, &Bar)> {
        match self {
            Self::Bars { bars, .. } => bars.iter().map(|bar| ("bar", bar)).collect(),
            Self::Share { parts, .. } => parts.iter().map(|part| ("part", part)).collect(),
            Self::Comparison { left, right, .. } => vec![("left bar", left), ("right bar", right)],
            Self::BeforeAfter { before, after, .. } => vec![("before", before), ("after", after)],
            Self::Distribution { average, .. } => average.iter().map(|average| ("average", average)).collect(),
            _ => Vec::new(),
        }
    }

    /// Members of a panel with their observations.
    pub fn members(&self) -> &[RankedMember] {
        match self {
            Self::Ranking { members, .. } | Self::Slope { members, .. } | Self::DotPlot { members, .. } => members,
            _ => &[],
        }
    }

    /// True when the picture plots a series or compares values as a chart.
    pub fn is_chart(&self) -> bool {
        !matches!(self, Self::Title { .. } | Self::BigNumber { .. } | Self::Payoff { .. } | Self::End { .. })
    }

    /// What the picture says; every kind has a heading.
    pub fn heading(&self) -> &RichText {
        match self {
            Self::Title { heading, .. }
            | Self::Line { heading, .. }
            | Self::Bars { heading, .. }
            | Self::Area { heading, .. }
            | Self::Columns { heading, .. }
            | Self::Slope { heading, .. }
            | Self::Share { heading, .. }
            | Self::Distribution { heading, .. }
            | Self::SmallMultiples { heading, .. }
            | Self::DotPlot { heading, .. }
            | Self::Quote { heading, .. }
            | Self::Timeline { heading, .. }
            | Self::BeforeAfter { heading, .. }
            | Self::Ranking { heading, .. }
            | Self::Comparison { heading, .. }
            | Self::BigNumber { heading, .. }
            | Self::Payoff { heading, .. }
            | Self::End { heading, .. } => heading,
        }
    }

    /// Every text of the picture with its place, for checks that must see all of them. A quotation is no text of ours:
    /// it is held against its package instead. The labels of backdrops are not drawn.
    pub fn texts(&self) -> Vec<(&'static str, &RichText)> {
        let mut out = vec![("heading", self.heading())];
        match self {
            Self::Title { kicker, .. } => out.push(("kicker", kicker)),
            Self::Line { traces, .. } | Self::Area { traces, .. } | Self::SmallMultiples { traces, .. } => {
                out.extend(traces.iter().map(|trace| ("trace label", &trace.label)));
            }
            Self::Comparison { delta, .. } => out.push(("delta", delta)),
            Self::Quote { by, .. } => out.push(("by", by)),
            Self::Timeline { bands, note, .. } => {
                out.push(("note", note));
                let named = bands.iter().filter(|band| !band.label.is_empty());
                out.extend(named.map(|band| ("band", &band.label)));
            }
            Self::BeforeAfter { event, .. } => out.push(("event", event)),
            Self::BigNumber { figure, context, .. } => out.extend([("figure", figure), ("context", context)]),
            Self::Payoff { points, .. } => out.extend(points.iter().map(|point| ("point", point))),
            Self::End { sources, .. } => out.extend(sources.iter().map(|source| ("source", source))),
            _ => {}
        }
        out.extend(self.ranges().iter().map(|range| ("range", &range.label)));
        out.extend(self.marks().iter().map(|mark| ("mark", &mark.label)));
        out.extend(self.members().iter().map(|member| ("member", &member.label)));
        for (_, bar) in self.bars() {
            out.extend([("bar label", &bar.label), ("bar figure", &bar.figure)]);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pictures_made_before_they_had_brackets_are_read_and_written_as_they_were() {
        let trace = json!({
            "series": { "dataset": "d", "resource": "r", "date_column": "date", "column": "c" },
            "label": [{ "text": "Gold" }],
            "unit": { "kind": "percent", "multiplier": 1.0 },
            "frequency": "monthly",
            "points": [],
        });
        let quote = json!({ "text": "Monthly averages.", "dataset": "d", "resource": "r" });
        let older = [
            json!({ "kind": "area", "heading": [], "traces": [trace], "marks": [] }),
            json!({ "kind": "columns", "heading": [], "trace": trace, "marks": [], "lit": [] }),
            json!({ "kind": "quote", "heading": [], "quote": quote, "by": [], "trace": trace, "marks": [] }),
            json!({ "kind": "timeline", "heading": [], "trace": trace, "bands": [], "note": [], "marks": [] }),
        ];
        for older in older {
            let visual: Visual = serde_json::from_value(older.clone()).unwrap();
            assert!(visual.ranges().is_empty() && visual.marks().is_empty(), "{older}");
            assert_eq!(serde_json::to_value(&visual).unwrap(), older);
        }
    }
}
