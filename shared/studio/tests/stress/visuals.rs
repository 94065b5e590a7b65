//! Pictures of every kind over values, counts and names at the ends of what data can bring.

use std::collections::BTreeMap;

use jiff::civil::Date;
use proofreel_model::display::{Precision, screen, signed};
use proofreel_model::ids::FactId;
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::unit::{Unit, UnitKind};
use proofreel_model::visual::{Band, Bar, Mark, Quotation, RangeMark, RankedMember, Trace, TracePoint, Visual};

/// Shapes of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    Ordinary,
    Negative,
    Mixed,
    Zero,
    Tiny,
    Huge,
    Equal,
    Outlier,
}

impl Values {
    pub const ALL: [Self; 8] =
        [Self::Ordinary, Self::Negative, Self::Mixed, Self::Zero, Self::Tiny, Self::Huge, Self::Equal, Self::Outlier];

    fn at(self, n: usize, member: usize) -> f64 {
        let wave = 100.0 + n as f64 * 0.7 + 30.0 * ((n + 3 * member) as f64 * 0.37).sin() + member as f64 * 11.0;
        match self {
            Self::Ordinary => wave,
            Self::Negative => -wave,
            Self::Mixed => (n as f64 * 0.9 + member as f64 * 1.7).sin() * 50.0,
            Self::Zero => 0.0,
            Self::Tiny => wave * 1e-8,
            Self::Huge => wave * 1e13,
            Self::Equal => 42.0,
            Self::Outlier => {
                if (n + member).is_multiple_of(7) && n > 0 {
                    1e6
                } else {
                    1.0 + n as f64 * 0.01
                }
            }
        }
    }
}

/// What a picture is made of.
#[derive(Clone, Copy, Debug)]
pub struct Material {
    pub kind: &'static str,
    pub values: Values,
    pub points: usize,
    pub members: usize,
    pub short: &'static str,
    pub long: &'static str,
    pub unit: usize,
}

/// Every kind of picture, and the variants of some.
pub const KINDS: [&str; 26] = [
    "title",
    "line",
    "lines",
    "bars",
    "ranking",
    "comparison",
    "big_number",
    "payoff",
    "end",
    "area",
    "stacked",
    "columns",
    "slope",
    "share",
    "distribution",
    "small_multiples",
    "dot_plot",
    "quote",
    "timeline",
    "before_after",
    "line_log",
    "line_ranges",
    "area_ranges",
    "columns_ranges",
    "quote_ranges",
    "timeline_ranges",
];

pub fn fact(n: usize) -> FactId {
    FactId(format!("f{n:03}"))
}

/// Plain words around one citation of a fact.
pub fn cited(before: &str, n: usize, text: &str, after: &str) -> RichText {
    let cite = Cite::Fact { fact: fact(n), part: Part::Value, style: Style::Screen };
    let plain = |text: &str| Span { text: text.into(), cite: None };
    let spans = vec![plain(before), Span { text: text.into(), cite: Some(cite) }, plain(after)];
    RichText(spans.into_iter().filter(|span| !span.text.is_empty()).collect())
}

fn series(column: &str) -> SeriesRef {
    SeriesRef {
        dataset: "sample".into(),
        resource: "data".into(),
        date_column: "date".into(),
        column: column.into(),
        filter: BTreeMap::default(),
    }
}

fn day(n: usize, yearly: bool) -> Date {
    if yearly {
        Date::new(1966 + n as i16, 1, 1).expect("date")
    } else {
        Date::new(1976 + (n / 12) as i16, (n % 12) as i8 + 1, 1).expect("date")
    }
}

impl Material {
    fn unit(&self) -> Unit {
        match self.unit % 4 {
            0 => Unit { kind: UnitKind::Currency { code: "USD".into() }, per: Some("ounce".into()), multiplier: 1.0 },
            1 => Unit::percent(),
            2 => Unit { kind: UnitKind::Count { noun: Some("people".into()) }, per: None, multiplier: 1000.0 },
            _ => Unit::plain(UnitKind::Index { base: Some("January 2000 = 100".into()) }),
        }
    }

    fn written(&self, value: f64) -> String {
        screen(value, &self.unit(), Precision::Observed)
    }

    fn points(&self, count: usize, member: usize) -> Vec<TracePoint> {
        let yearly = count <= 60;
        (0..count)
            .map(|n| TracePoint { date: day(n, yearly), value: self.values.at(n, member), row: n as u32 + 2 })
            .collect()
    }

    fn name(&self, n: usize) -> RichText {
        RichText::plain(if n.is_multiple_of(2) { self.long } else { self.short })
    }

    fn trace(&self, count: usize, member: usize) -> Trace {
        let frequency = if count <= 60 { Frequency::Annual } else { Frequency::Monthly };
        let series = series(&format!("m{member}"));
        Trace { series, label: self.name(member), unit: self.unit(), frequency, points: self.points(count, member) }
    }

    /// Without anything below zero, which some kinds never show.
    fn above(trace: Trace) -> Trace {
        let points = trace.points.iter().map(|point| TracePoint { value: point.value.abs(), ..*point }).collect();
        Trace { points, ..trace }
    }

    fn mark(&self, trace: &Trace, number: usize, at: usize, n: usize) -> Mark {
        let point = trace.points[at.min(trace.points.len() - 1)];
        let label = cited("", n, &self.written(point.value), &format!(" in {}", point.date.year()));
        Mark { trace: number as u32, date: point.date, label, fact: fact(n) }
    }

    /// Marks at the first, a middle and the last point.
    fn marks(&self, trace: &Trace) -> Vec<Mark> {
        let last = trace.points.len() - 1;
        let mut places = vec![0, last / 2, last];
        places.dedup();
        places.into_iter().enumerate().map(|(n, at)| self.mark(trace, 0, at, n + 1)).collect()
    }

    fn bar(&self, n: usize) -> Bar {
        let value = self.values.at(n, n);
        Bar {
            label: self.name(n),
            figure: cited("", n + 1, &self.written(value), ""),
            value,
            fact: fact(n + 1),
            emphasis: n == 0,
        }
    }

    fn ranked(&self, count: usize, dates: &[usize]) -> Vec<RankedMember> {
        (0..count)
            .map(|n| RankedMember {
                series: series(&format!("m{n}")),
                label: self.name(n),
                points: dates
                    .iter()
                    .map(|k| TracePoint { date: day(*k, true), value: self.values.at(*k, n), row: *k as u32 + 2 })
                    .collect(),
            })
            .collect()
    }

    pub fn heading(&self) -> RichText {
        let value = self.values.at(self.points / 2, 0);
        cited(&format!("{} reached ", self.long), 1, &self.written(value), " in its best year")
    }

    #[allow(clippy::too_many_lines)] // one of each kind
    pub fn visual(&self) -> Visual {
        let heading = self.heading();
        let trace = self.trace(self.points, 0);
        match self.kind {
            "title" => Visual::Title {
                kicker: RichText::plain(self.long),
                heading,
                backdrop: (self.members > 1).then_some(trace),
                picture: None,
            },
            "line" => Visual::Line {
                marks: self.marks(&trace),
                heading,
                traces: vec![trace],
                log_scale: false,
                ranges: vec![],
            },
            "line_log" => {
                let trace = Self::above(trace);
                let marks = self.marks(&trace);
                Visual::Line { heading, marks, traces: vec![trace], log_scale: true, ranges: vec![] }
            }
            "line_ranges" => {
                let (marks, ranges) = (self.last_mark(&trace), self.ranges(&trace));
                Visual::Line { heading, traces: vec![trace], marks, log_scale: false, ranges }
            }
            "lines" => {
                let traces: Vec<Trace> =
                    (0..self.members.clamp(2, 4)).map(|member| self.trace(self.points, member)).collect();
                let last = self.points - 1;
                let marks = traces.iter().enumerate().map(|(n, trace)| self.mark(trace, n, last, n + 1)).collect();
                Visual::Line { heading, traces, marks, log_scale: false, ranges: vec![] }
            }
            "bars" => {
                Visual::Bars { heading, bars: (0..self.members).map(|n| self.bar(n)).collect(), unit: self.unit() }
            }
            "ranking" => {
                let dates: Vec<usize> = (0..self.points.min(60)).collect();
                Visual::Ranking {
                    heading,
                    members: self.ranked(self.members.max(2), &dates),
                    unit: self.unit(),
                    frequency: Frequency::Annual,
                    dates: dates.iter().map(|n| day(*n, true)).collect(),
                    focus: self.members.max(2) as u32 - 1,
                }
            }
            "comparison" => {
                let change = signed(self.values.at(1, 1) - self.values.at(0, 0), &self.unit(), Precision::Rounded);
                Visual::Comparison {
                    heading,
                    left: self.bar(0),
                    right: Bar { label: RichText::plain(self.long), ..self.bar(1) },
                    delta: cited("", 3, &change, ""),
                }
            }
            "big_number" => Visual::BigNumber {
                figure: cited("", 1, &self.written(self.values.at(9, 1)), ""),
                fact: fact(1),
                context: cited(&format!("{}: ", self.short), 2, &self.written(self.values.at(3, 1)), ""),
                backdrop: (self.members > 1).then_some(trace),
                heading,
            },
            "payoff" => Visual::Payoff {
                heading: RichText::plain("What to keep"),
                points: (1..=self.members.clamp(2, 4))
                    .map(|n| cited(&format!("{} stands at ", self.long), n, &self.written(self.values.at(n, n)), ""))
                    .collect(),
            },
            "end" => self.end(),
            _ => self.newer(heading, trace),
        }
    }

    fn end(&self) -> Visual {
        Visual::End {
            heading: RichText::plain("Sources"),
            sources: (0..self.members.min(7))
                .map(|n| cited(&format!("{}, {}, figures to ", self.long, self.short), n + 1, "July 2026", ""))
                .collect(),
            small_print: vec![
                "Script and voice were made by software; every number was computed again from its source.".into(),
                "This is information, not advice. Past figures say nothing certain about the future.".into(),
            ],
        }
    }

    fn last_mark(&self, trace: &Trace) -> Vec<Mark> {
        vec![self.mark(trace, 0, trace.points.len() - 1, 1)]
    }

    /// The whole of a line, and a part of it.
    fn ranges(&self, trace: &Trace) -> Vec<RangeMark> {
        let last = trace.points.len() - 1;
        let range = |from: usize, to: usize, n: usize| RangeMark {
            trace: 0,
            from: trace.points[from].date,
            to: trace.points[to].date,
            label: cited("", n, &signed(self.values.at(to, 0), &self.unit(), Precision::Rounded), " over the stretch"),
            fact: fact(n),
        };
        let mut ranges = vec![range(0, last, 3)];
        if last > 3 {
            ranges.push(range(last / 3, last / 2, 2));
        }
        ranges
    }

    /// The same kind with brackets, which take the place of most of its marks.
    fn bracketed(&self, kind: &'static str, heading: RichText, trace: Trace) -> Visual {
        let mut visual = Self { kind, ..*self }.newer(heading, trace);
        let Some(drawn) = visual.traces().into_iter().next().cloned() else { return visual };
        if let Visual::Area { marks, ranges, .. }
        | Visual::Columns { marks, ranges, .. }
        | Visual::Quote { marks, ranges, .. }
        | Visual::Timeline { marks, ranges, .. } = &mut visual
        {
            (*marks, *ranges) = (self.last_mark(&drawn), self.ranges(&drawn));
        }
        visual
    }

    #[allow(clippy::too_many_lines)] // one of each kind
    fn newer(&self, heading: RichText, trace: Trace) -> Visual {
        match self.kind {
            "area" => {
                let trace = Self::above(trace);
                Visual::Area { heading, marks: self.marks(&trace), traces: vec![trace], ranges: vec![] }
            }
            "stacked" => Visual::Area {
                heading,
                traces: (0..self.members.clamp(2, 4))
                    .map(|member| Self::above(self.trace(self.points, member)))
                    .collect(),
                marks: vec![],
                ranges: vec![],
            },
            "columns" => {
                let trace = self.trace(self.points.min(60), 0);
                let lit = trace.points.iter().take(3).map(|point| point.date).collect();
                Visual::Columns { heading, marks: self.marks(&trace), lit, trace, ranges: vec![] }
            }
            "slope" => Visual::Slope {
                heading,
                members: self.ranked(self.members.clamp(2, 8), &[0, 20]),
                unit: self.unit(),
                frequency: Frequency::Annual,
                from: day(0, true),
                to: day(20, true),
                focus: 1,
            },
            "share" => {
                let percent = |n: usize| (self.values.at(n * 9, n).abs() % 100.0).min(100.0);
                let part = |n: usize| Bar {
                    figure: cited("", n + 1, &screen(percent(n), &Unit::percent(), Precision::Observed), ""),
                    value: percent(n),
                    label: RichText::plain(if n == 0 { self.long } else { self.short }),
                    ..self.bar(n)
                };
                Visual::Share { heading, parts: (0..self.members.clamp(1, 2)).map(part).collect() }
            }
            "distribution" => Visual::Distribution {
                heading,
                marks: vec![self.mark(&trace, 0, trace.points.len() - 1, 1)],
                average: Some(Bar {
                    value: trace.points[0].value,
                    label: RichText::plain("The average"),
                    ..self.bar(1)
                }),
                trace,
            },
            "small_multiples" => Visual::SmallMultiples {
                heading,
                // Six are the most that are ever built; nine long names do not fit an upright picture with captions.
                traces: (0..self.members.clamp(2, 6)).map(|member| self.trace(self.points, member)).collect(),
                focus: 1,
            },
            "dot_plot" => {
                let mut members = self.ranked(self.members.clamp(3, 12), &[20]);
                members.sort_by(|a, b| b.points[0].value.total_cmp(&a.points[0].value));
                let frequency = Frequency::Annual;
                Visual::DotPlot { heading, members, unit: self.unit(), frequency, at: day(20, true), focus: 1 }
            }
            "quote" => Visual::Quote {
                heading,
                quote: Quotation {
                    text: format!(
                        "The figures of {} are those of {}, as the publisher has them.",
                        self.long, self.short
                    ),
                    dataset: "sample".into(),
                    resource: "data".into(),
                },
                by: RichText::plain(self.long),
                marks: self.last_mark(&trace),
                trace,
                ranges: vec![],
            },
            "timeline" => {
                let last = trace.points.len() - 1;
                let names = ["the 1980s double-dip recession", "the financial crisis", "the pandemic recession"];
                let band = |n: usize, name: &str| Band {
                    label: RichText::plain(name),
                    from: trace.points[last * n / 4].date,
                    to: trace.points[(last * n / 4 + last / 9 + 1).min(last)].date,
                };
                let bands = names.iter().enumerate().map(|(n, name)| band(n, name)).collect();
                let note = RichText::plain("Shaded: recessions as the National Bureau of Economic Research dates them");
                Visual::Timeline { heading, bands, note, marks: self.marks(&trace), trace, ranges: vec![] }
            }
            "before_after" => Visual::BeforeAfter {
                heading,
                at: trace.points[trace.points.len() / 2].date,
                event: cited("The turn of ", 2, &trace.points[trace.points.len() / 2].date.year().to_string(), ""),
                before: Bar { label: RichText::plain("Before"), ..self.bar(0) },
                after: Bar { label: RichText::plain("After"), ..self.bar(2) },
                marks: self.marks(&trace),
                trace,
            },
            "area_ranges" => self.bracketed("area", heading, trace),
            "columns_ranges" => self.bracketed("columns", heading, trace),
            "quote_ranges" => self.bracketed("quote", heading, trace),
            "timeline_ranges" => self.bracketed("timeline", heading, trace),
            other => panic!("no kind {other}"),
        }
    }
}
