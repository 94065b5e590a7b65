//! The picture of a claim: the chart that shows its point, over the stretch of time that the point is about.

use jiff::civil::Date;
use proofreel_evidence::{Library, trace};
use proofreel_model::brief::KeyFact;
use proofreel_model::display::dates;
use proofreel_model::fact::Fact;
use proofreel_model::finding::FindingKind;
use proofreel_model::policy::law;
use proofreel_model::series::{SeriesInfo, SeriesRef};
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::visual::{Bar, Mark, RankedMember, Trace, TracePoint, Visual};

use crate::Context;
use crate::prose::{Bound, Composer, Slot, Story, Wish, plans};

use super::cards::{self, cited};
use super::outline::{Outline, Shot, Step};
use super::stretches::{moves, ranges};

/// Largest over smallest value from which a line needs a logarithmic axis to show its early years.
const LOG_SPAN: f64 = 20.0;
/// Members in a ranking at a time, and dates that it passes through.
const RANKED: usize = 10;
const RANKING_DATES: usize = 12;
/// Words of a chart's heading.
const HEADING_WORDS: usize = 12;

/// Draws the scenes of an episode and remembers what it has drawn.
pub(super) struct Gallery<'a, 'c> {
    story: Story<'a>,
    context: &'a Context<'c>,
    /// Kind of picture and window of the scene before.
    last: Option<(&'static str, Option<(Date, Date)>)>,
    numbers: Vec<String>,
}

impl<'a, 'c> Gallery<'a, 'c> {
    pub(super) fn new(story: Story<'a>, context: &'a Context<'c>) -> Self {
        Self { story, context, last: None, numbers: Vec::new() }
    }

    /// The picture of a step; `None` when its series cannot be drawn at all.
    pub(super) fn picture(&mut self, step: &Step, outline: &Outline, composer: &mut Composer) -> Option<Visual> {
        let visual = match step.shot {
            Shot::Title => cards::title(self.story, &told(outline), self.backdrop(), composer, self.context)?,
            Shot::Chart => self.chart(step, composer)?,
            Shot::Insight => {
                let bound = self.story.joined(&step.claims)?;
                let backdrop = self.backdrop();
                match cards::insight(&bound, backdrop, &mut self.numbers) {
                    Some(visual) => visual,
                    // Without a number that stands for the whole, the evidence is shown once more.
                    None => self.chart(step, composer)?,
                }
            }
            Shot::Payoff => cards::payoff(self.story, &step.claims, composer).or_else(|| self.chart(step, composer))?,
            Shot::End => cards::end(self.story, self.context),
        };
        self.last = Some((described(&visual), window(&visual)));
        Some(visual)
    }

    fn library(&self) -> &'a Library {
        self.context.library
    }

    fn chart(&self, step: &Step, composer: &mut Composer) -> Option<Visual> {
        let (claim, bound) = step.claims.iter().find_map(|id| self.story.claim(id))?;
        let heading = composer
            .compose(plans::of(claim.finding.kind), &bound, Wish::of(Slot::Heading, HEADING_WORDS))
            .map_or_else(|| RichText::plain(cards::chapter(claim.finding.kind)), |heading| heading.text);
        let mut options = self.options(claim, &bound, &heading);
        // Two scenes in a row should not show the same kind of picture over the same stretch.
        if let Some(last) = &self.last {
            let other = options.iter().position(|visual| (described(visual), window(visual)) != *last);
            if let Some(other) = other.filter(|at| *at > 0) {
                options.swap(0, other);
            }
        }
        options.into_iter().next()
    }

    /// Pictures that show a claim, the best first.
    fn options(&self, claim: &KeyFact, bound: &Bound<'_>, heading: &RichText) -> Vec<Visual> {
        use FindingKind as K;
        let whole = |roles: &[&str]| self.line(claim, bound, heading, roles, None);
        let near = |from: &str, to: &str, roles: &[&str]| {
            let window = around(bound, from, to)?;
            self.line(claim, bound, heading, roles, Some(window))
        };
        let beside = |left: &str, right: &str, delta: &str| comparison(bound, heading, left, right, delta);
        let found = match claim.finding.kind {
            K::Level => vec![whole(&["latest"]), beside("average", "latest", "gap")],
            K::YearOnYear => vec![
                near("year_ago", "latest", &["year_ago", "latest"]),
                beside("year_ago", "latest", "change"),
                whole(&["latest"]),
            ],
            K::LongRun => vec![
                near("then", "latest", &["then", "latest"]),
                beside("then", "latest", "change"),
                whole(&["latest"]),
            ],
            K::Record => vec![whole(&["latest", "previous"])],
            K::RecordSince => vec![near("then", "latest", &["then", "latest"]), whole(&["latest"])],
            K::OffPeak => vec![
                near("peak", "latest", &["peak", "latest"]),
                beside("peak", "latest", "drawdown"),
                whole(&["peak", "latest"]),
            ],
            K::WorstFall => vec![near("peak", "trough", &["peak", "trough"]), whole(&["peak", "trough"])],
            K::Streak => vec![near("start", "end", &["start", "end"]), whole(&["end"])],
            K::BiggestRise | K::BiggestDrop => vec![
                near("start", "end", &["start", "end"]),
                bars(bound, heading, &["typical", "change"]),
                beside("start", "end", "change"),
                whole(&["end"]),
            ],
            K::Crossing => vec![self.pair(claim, bound, heading, &["crossing"]), whole(&["crossing"])],
            K::Versus => vec![
                self.pair(claim, bound, heading, &["first_latest", "second_latest"]),
                bars(bound, heading, &["first_change", "second_change"]),
                whole(&["first_latest"]),
            ],
            K::RealVsNominal => vec![
                bars(bound, heading, &["nominal", "prices", "real"]),
                near("then", "now", &["then", "now"]),
                whole(&["then", "now"]),
            ],
            K::TurningPoint => {
                vec![near("before", "latest", &["before", "turn", "latest"]), whole(&["before", "turn", "latest"])]
            }
            K::LeadLag => vec![
                self.pair(claim, bound, heading, &[]),
                bars(bound, heading, &["unlagged", "correlation"]),
                whole(&[]),
            ],
            K::EpisodesCompared => vec![
                bars(bound, heading, &["first_move", "second_move"]),
                near("first_start", "second_end", &["first_start", "first_end", "second_start", "second_end"]),
                whole(&["first_end", "second_end"]),
            ],
            K::PanelShare => vec![
                beside("share_then", "share_now", ""),
                bars(bound, heading, &["share_then", "share_now"]),
                whole(&["value_then", "value_now"]),
            ],
            K::PanelLeader => vec![bars(bound, heading, &["leader", "second"]), self.ranking(claim, heading)],
            K::PanelClimb => vec![self.ranking(claim, heading), whole(&["value_then", "value_now"])],
            K::PanelGrowth => vec![bars(bound, heading, &["fastest", "slowest"]), self.ranking(claim, heading)],
        };
        let mut found: Vec<Visual> = found.into_iter().flatten().collect();
        if found.is_empty() {
            found.extend(whole(&[]));
        }
        found
    }

    fn info(&self, series: &SeriesRef) -> Option<&'a SeriesInfo> {
        self.library().series(series).map(|series| &series.info)
    }

    /// A series as a line over a window, with the dates of `keep` kept when it is thinned.
    fn trace(&self, series: &SeriesRef, window: Option<(Date, Date)>, keep: &[Date]) -> Option<Trace> {
        let info = self.info(series)?;
        let (from, to) = window.unzip();
        let points = trace(self.library(), series, from, to, self.context.policy.episode.trace_points, keep)?;
        (points.len() >= 2).then(|| Trace {
            series: series.clone(),
            label: RichText(vec![short(info)]),
            unit: info.unit.clone(),
            frequency: info.frequency,
            points,
        })
    }

    fn backdrop(&self) -> Option<Trace> {
        self.trace(&self.story.subject()?.series, None, &[])
    }

    fn line(
        &self,
        claim: &KeyFact,
        bound: &Bound<'_>,
        heading: &RichText,
        roles: &[&str],
        window: Option<(Date, Date)>,
    ) -> Option<Visual> {
        let series = claim.finding.series.first()?;
        let marked = marked(bound, roles);
        let moves = moves(bound);
        let ends = moves.iter().flat_map(|(_, from, to)| [*from, *to]);
        let keep: Vec<Date> = marked.iter().map(|(_, date)| *date).chain(ends).collect();
        let trace = self.trace(series, window, &keep)?;
        let (marks, ranges) = (marks(&[&trace], &marked), ranges(&[&trace], &moves));
        let log_scale = needs_log(&trace);
        Some(Visual::Line { heading: heading.clone(), traces: vec![trace], marks, log_scale, ranges })
    }

    /// Two lines of one unit on the dates they share.
    fn pair(&self, claim: &KeyFact, bound: &Bound<'_>, heading: &RichText, roles: &[&str]) -> Option<Visual> {
        let [first, second, ..] = claim.finding.series.as_slice() else { return None };
        let (a, b) = (self.info(first)?, self.info(second)?);
        if a.unit != b.unit {
            return None;
        }
        let window = (a.first.max(b.first), a.last.min(b.last));
        let marked = marked(bound, roles);
        let moves = moves(bound);
        let ends = moves.iter().flat_map(|(_, from, to)| [*from, *to]);
        let keep: Vec<Date> = marked.iter().map(|(_, date)| *date).chain(ends).collect();
        let traces = vec![self.trace(first, Some(window), &keep)?, self.trace(second, Some(window), &keep)?];
        let drawn: Vec<&Trace> = traces.iter().collect();
        let (marks, ranges) = (marks(&drawn, &marked), ranges(&drawn, &moves));
        let log_scale = traces.iter().any(needs_log);
        Some(Visual::Line { heading: heading.clone(), traces, marks, log_scale, ranges })
    }

    fn ranking(&self, claim: &KeyFact, heading: &RichText) -> Option<Visual> {
        let focus = claim.finding.series.first()?;
        let panel = self.library().panel(focus)?;
        let info = self.info(focus)?;
        let all: Vec<(&SeriesRef, &[TracePoint])> = panel
            .members
            .iter()
            .filter_map(|member| self.library().series(member).map(|series| (member, series.points.as_slice())))
            .collect();
        let own = self.library().series(focus)?;
        let picked = spread(own.points.iter().map(|point| point.date).collect());
        let mut shown: Vec<&SeriesRef> = vec![focus];
        for date in &picked {
            let mut at: Vec<(&SeriesRef, f64)> =
                all.iter().filter_map(|(member, points)| Some((*member, value_at(points, *date)?))).collect();
            at.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
            for (member, _) in at.into_iter().take(RANKED) {
                if !shown.contains(&member) {
                    shown.push(member);
                }
            }
        }
        let members: Vec<RankedMember> = shown
            .iter()
            .filter_map(|member| {
                let (_, points) = all.iter().find(|(other, _)| other == member)?;
                let info = self.info(member)?;
                let points: Vec<TracePoint> =
                    points.iter().filter(|point| picked.contains(&point.date)).copied().collect();
                Some(RankedMember { series: (*member).clone(), label: RichText(vec![short(info)]), points })
            })
            .filter(|member| !member.points.is_empty())
            .collect();
        let at = members.iter().position(|member| &member.series == focus)?;
        (members.len() >= 2 && picked.len() >= 2).then(|| Visual::Ranking {
            heading: heading.clone(),
            members,
            unit: info.unit.clone(),
            frequency: info.frequency,
            dates: picked,
            focus: u32::try_from(at).unwrap_or(0),
        })
    }
}

/// Claims told in proofs, which the promise may name.
fn told(outline: &Outline) -> Vec<proofreel_model::ids::ClaimId> {
    outline.steps.iter().filter(|step| step.shot == Shot::Chart).flat_map(|step| step.claims.iter().cloned()).collect()
}

fn short(info: &SeriesInfo) -> Span {
    Span { text: info.name.short.clone(), cite: Some(Cite::Series { series: info.series.clone() }) }
}

fn value_at(points: &[TracePoint], date: Date) -> Option<f64> {
    points.binary_search_by_key(&date, |point| point.date).ok().map(|at| points[at].value)
}

/// At most [`RANKING_DATES`] dates, evenly spread, the first and last among them.
fn spread(dates: Vec<Date>) -> Vec<Date> {
    let last = dates.len().saturating_sub(1);
    if dates.len() <= RANKING_DATES {
        return dates;
    }
    (0..RANKING_DATES).filter_map(|n| dates.get(n * last / (RANKING_DATES - 1)).copied()).collect()
}

/// A rate near zero is no growth story, whatever its ratio.
fn needs_log(trace: &Trace) -> bool {
    let points = &trace.points;
    if trace.unit.is_percent() {
        return false;
    }
    let least = points.iter().map(|point| point.value).fold(f64::INFINITY, f64::min);
    let most = points.iter().map(|point| point.value).fold(0.0, f64::max);
    least > 0.0 && most / least > LOG_SPAN
}

/// Facts to mark with the date of their point.
fn marked<'f>(bound: &Bound<'f>, roles: &[&str]) -> Vec<(&'f Fact, Date)> {
    roles.iter().filter_map(|role| bound.fact(role)).filter_map(|fact| Some((fact, dates(&fact.formula).0?))).collect()
}

/// Labelled points; each on the trace of its own series, at one of its points.
fn marks(traces: &[&Trace], marked: &[(&Fact, Date)]) -> Vec<Mark> {
    let mut out: Vec<Mark> = Vec::new();
    for (fact, date) in marked {
        let own = crate::research::series_of(&fact.formula);
        let Some(at) = traces.iter().position(|trace| own.first() == Some(&&trace.series)) else { continue };
        let drawn = traces[at].points.iter().any(|point| point.date == *date);
        if !drawn || out.iter().any(|mark| mark.date == *date && mark.trace as usize == at) {
            continue;
        }
        let span = |part, style| {
            let text = proofreel_model::display::cite(fact, part, style)?;
            Some(Span { text, cite: Some(Cite::Fact { fact: fact.id.clone(), part, style }) })
        };
        let (Some(value), Some(when)) = (span(Part::Value, Style::Screen), span(Part::At, Style::Screen)) else {
            continue;
        };
        let label = RichText(vec![value, Span { text: " · ".into(), cite: None }, when]);
        out.push(Mark { trace: u32::try_from(at).unwrap_or(0), date: *date, label, fact: fact.id.clone() });
    }
    out
}

/// The stretch between two facts, with some of the line before and after it for scale.
fn around(bound: &Bound<'_>, from: &str, to: &str) -> Option<(Date, Date)> {
    let start = dates(&bound.fact(from)?.formula).0?;
    let end = dates(&bound.fact(to)?.formula).0?;
    let info = bound.info(0, None)?;
    let days = i64::from(end.since(start).ok()?.get_days()).max(1);
    // A short stretch needs more of its surroundings to be understood.
    let margin = jiff::Span::new().days(if days < 800 { days * 2 } else { days / 5 });
    let first = start.checked_sub(margin).unwrap_or(info.first).max(info.first);
    let last = end.checked_add(margin).unwrap_or(info.last).min(info.last);
    Some((first, last))
}

fn bar(bound: &Bound<'_>, role: &str, emphasis: bool) -> Option<Bar> {
    let fact = bound.fact(role)?;
    let figure = RichText(vec![cited(bound, role, Part::Value, Style::Screen)?]);
    let named = |n: usize| bound.info(n, None).map(|info| RichText(vec![short(info)]));
    let label = match role {
        "average" if fact.missing > 0 => RichText::plain("Long average, gaps left out"),
        "average" => RichText::plain("Long average"),
        "typical" if fact.missing > 0 => RichText::plain("Typical yearly move, gaps left out"),
        "typical" => RichText::plain("Typical yearly move"),
        "leader" | "fastest" | "first_change" | "first_latest" => named(0)?,
        "second" | "slowest" | "second_change" | "second_latest" => named(1)?,
        "first_move" | "second_move" => {
            // A label stands alone: "The oil embargo recession".
            let name = &law().crises.of(&fact.formula, fact.frequency)?.name;
            let first: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
            RichText::plain(first + name.get(1..).unwrap_or_default())
        }
        "unlagged" => RichText::plain("At the same time"),
        "correlation" => RichText(vec![
            Span { text: "Shifted by ".into(), cite: None },
            cited(bound, "lag", Part::Value, Style::Screen)?,
        ]),
        "nominal" => RichText::plain("As published"),
        "real" => RichText::plain("After the rise of prices"),
        "prices" => RichText::plain("Consumer prices"),
        "change" => {
            RichText(vec![Span { text: "Year to ".into(), cite: None }, cited(bound, role, Part::To, Style::Screen)?])
        }
        _ => RichText(vec![cited(bound, role, Part::At, Style::Screen)?]),
    };
    Some(Bar { label, figure, value: fact.value, fact: fact.id.clone(), emphasis })
}

fn comparison(bound: &Bound<'_>, heading: &RichText, left: &str, right: &str, delta: &str) -> Option<Visual> {
    let unit = |role: &str| bound.fact(role).map(|fact| &fact.unit);
    if unit(left)? != unit(right)? || bound.value(left) < 0.0 || bound.value(right) < 0.0 {
        return None;
    }
    let change = if delta.is_empty() {
        vec![Span { text: "then and now".into(), cite: None }]
    } else if delta == "drawdown" {
        // In points the fall carries its sign; in percent it is counted as a positive fall.
        let signed = bound.value(delta) < 0.0;
        let mut spans = vec![cited(bound, delta, Part::Value, Style::Screen)?];
        spans.extend((!signed).then(|| Span { text: " lower".into(), cite: None }));
        spans
    } else {
        vec![cited(bound, delta, Part::Value, Style::Signed)?]
    };
    Some(Visual::Comparison {
        heading: heading.clone(),
        left: bar(bound, left, false)?,
        right: bar(bound, right, true)?,
        delta: RichText(change),
    })
}

/// Bars of one unit; negative bars would need an axis that this picture does not have.
fn bars(bound: &Bound<'_>, heading: &RichText, roles: &[&str]) -> Option<Visual> {
    let unit = bound.fact(roles.first()?)?.unit.clone();
    let fits = |role: &&&str| bound.fact(role).is_some_and(|fact| fact.unit == unit && fact.value > 0.0);
    if roles.iter().filter(fits).count() != roles.len() {
        return None;
    }
    let last = roles.len() - 1;
    let emphasised = |n: usize, role: &str| {
        if matches!(role, "leader" | "second" | "fastest" | "slowest" | "first_change" | "second_change") {
            n == 0
        } else {
            n == last
        }
    };
    let bars: Option<Vec<Bar>> =
        roles.iter().enumerate().map(|(n, role)| bar(bound, role, emphasised(n, role))).collect();
    Some(Visual::Bars { heading: heading.clone(), bars: bars?, unit })
}

/// Kind of a picture in words.
pub(super) fn described(visual: &Visual) -> &'static str {
    match visual {
        Visual::Title { .. } => "Title card with the promise over a faint line of the subject.",
        Visual::Line { traces, .. } if traces.len() > 1 => {
            "Lines on one axis, drawn as they are told, with labelled points."
        }
        Visual::Line { log_scale: true, .. } => {
            "A line on a logarithmic axis, drawn as it is told, with labelled points."
        }
        Visual::Line { .. } => "A line drawn as it is told, with labelled points.",
        Visual::Bars { .. } => "Bars of one unit, growing as they are named.",
        Visual::Ranking { .. } => "A ranking that reorders itself from date to date.",
        Visual::Comparison { .. } => "Two values side by side, with what lies between.",
        Visual::BigNumber { .. } => "A single large number over a faint line.",
        Visual::Payoff { .. } => "What to keep, in short lines.",
        Visual::End { .. } => "Sources, disclosure and disclaimer.",
    }
}

fn window(visual: &Visual) -> Option<(Date, Date)> {
    let trace = match visual {
        Visual::Line { traces, .. } => traces.first()?,
        _ => return None,
    };
    Some((trace.points.first()?.date, trace.points.last()?.date))
}
