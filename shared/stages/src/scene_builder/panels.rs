//! Pictures of a panel: its members in order, at two dates, or each on its own.

use jiff::civil::Date;
use proofreel_model::brief::KeyFact;
use proofreel_model::display::dates;
use proofreel_model::series::SeriesRef;
use proofreel_model::text::RichText;
use proofreel_model::topic::Angle;
use proofreel_model::visual::{RankedMember, Trace, TracePoint, Visual};

use super::parts::{bar, needs_log, short};
use super::pictures::Gallery;
use crate::prose::Bound;

/// Members in a ranking at a time, and dates that it passes through.
pub(super) const RANKED: usize = 10;
const RANKING_DATES: usize = 12;
/// Members in a slope, in a dot plot, in small charts, and stacked.
const SLOPES: usize = 6;
const DOTS: usize = 10;
const SMALL: usize = 6;
const STACKED: usize = 4;

/// A member of the subject's panel with its observations.
type Observed<'a> = (&'a SeriesRef, &'a [TracePoint]);

impl<'a> Gallery<'a, '_> {
    /// All members of the panel of a series.
    fn members(&self, focus: &SeriesRef) -> Vec<Observed<'a>> {
        let library = self.library();
        let panel = library.panel(focus);
        panel
            .into_iter()
            .flat_map(|panel| &panel.members)
            .filter_map(|member| library.series(member).map(|series| (member, series.points.as_slice())))
            .collect()
    }

    /// The members with an observation at a date, the highest first.
    fn at(&self, focus: &SeriesRef, date: Date) -> Vec<(Observed<'a>, f64)> {
        let members = self.members(focus).into_iter();
        let mut out: Vec<(Observed<'a>, f64)> =
            members.filter_map(|member| Some((member, value_at(member.1, date)?))).collect();
        out.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.0.cmp(b.0.0)));
        out
    }

    /// A member with its observations at some dates.
    fn ranked(&self, (series, points): Observed<'_>, picked: &[Date]) -> Option<RankedMember> {
        let label = RichText(vec![short(self.info(series)?)]);
        let points: Vec<TracePoint> = points.iter().filter(|point| picked.contains(&point.date)).copied().collect();
        (!points.is_empty()).then(|| RankedMember { series: series.clone(), label, points })
    }

    pub(super) fn ranking(&self, claim: &KeyFact, heading: &RichText) -> Option<Visual> {
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

    /// The subject and its nearest in the order of the later date, at two dates.
    pub(super) fn slope(
        &self,
        claim: &KeyFact,
        bound: &Bound<'_>,
        heading: &RichText,
        roles: [&str; 2],
    ) -> Option<Visual> {
        let focus = claim.finding.series.first()?;
        let info = self.info(focus)?;
        let [from, to] = roles.map(|role| bound.fact(role).and_then(|fact| dates(&fact.formula).2));
        let (from, to) = (from?, to?);
        let both: Vec<(Observed<'_>, f64)> =
            self.at(focus, to).into_iter().filter(|(member, _)| value_at(member.1, from).is_some()).collect();
        let own = both.iter().position(|(member, _)| member.0 == focus)?;
        let start = own.saturating_sub(SLOPES / 2).min(both.len().saturating_sub(SLOPES));
        let near = both.iter().skip(start).take(SLOPES);
        let members: Vec<RankedMember> =
            near.filter_map(|(member, _)| self.ranked(*member, &[from, to])).filter(|m| m.points.len() == 2).collect();
        let at = members.iter().position(|member| &member.series == focus)?;
        (members.len() >= 3 && from < to).then(|| Visual::Slope {
            heading: heading.clone(),
            members,
            unit: info.unit.clone(),
            frequency: info.frequency,
            from,
            to,
            focus: u32::try_from(at).unwrap_or(0),
        })
    }

    /// The slope of a leaderboard in which the subject passed another or was passed, which one line alone does not show.
    pub(super) fn reshuffle(
        &self,
        claim: &KeyFact,
        bound: &Bound<'_>,
        heading: &RichText,
        roles: [&str; 2],
    ) -> Option<Visual> {
        if self.story().brief.topic.angle != Angle::Leaderboard {
            return None;
        }
        let slope = self.slope(claim, bound, heading, roles)?;
        let crossing = matches!(&slope, Visual::Slope { members, focus, .. } if crosses(members, *focus as usize));
        crossing.then_some(slope)
    }

    /// The highest members on one scale, the subject among them.
    pub(super) fn dot_plot(
        &self,
        claim: &KeyFact,
        bound: &Bound<'_>,
        heading: &RichText,
        role: &str,
    ) -> Option<Visual> {
        let focus = claim.finding.series.first()?;
        let info = self.info(focus)?;
        let date = dates(&bound.fact(role)?.formula).2?;
        let all = self.at(focus, date);
        let top = all.iter().take(DOTS);
        let members: Vec<RankedMember> = top.filter_map(|(member, _)| self.ranked(*member, &[date])).collect();
        let at = members.iter().position(|member| &member.series == focus)?;
        (members.len() >= 4).then(|| Visual::DotPlot {
            heading: heading.clone(),
            members,
            unit: info.unit.clone(),
            frequency: info.frequency,
            at: date,
            focus: u32::try_from(at).unwrap_or(0),
        })
    }

    /// The series of a claim and the highest others, each in a small chart.
    pub(super) fn small_multiples(&self, claim: &KeyFact, heading: &RichText) -> Option<Visual> {
        let focus = claim.finding.series.first()?;
        let info = self.info(focus)?;
        let mut shown: Vec<&SeriesRef> = claim.finding.series.iter().collect();
        for ((member, _), _) in self.at(focus, info.last) {
            if shown.len() < SMALL && !shown.contains(&member) {
                shown.push(member);
            }
        }
        let alike = |series: &&SeriesRef| {
            self.info(series).is_some_and(|other| other.unit == info.unit && other.frequency == info.frequency)
        };
        let traces: Vec<Trace> =
            shown.into_iter().filter(alike).filter_map(|series| self.trace(series, None, &[])).collect();
        let subject = traces.first().is_some_and(|trace| &trace.series == focus);
        // Zero is the floor of each: what goes below it needs a larger chart.
        let above = traces.iter().flat_map(|trace| &trace.points).all(|point| point.value >= 0.0);
        (traces.len() >= 4 && subject && above).then(|| Visual::SmallMultiples {
            heading: heading.clone(),
            traces,
            focus: 0,
        })
    }

    /// Two series of different units over the stretch in which they are compared, each in a chart of its own: one axis
    /// cannot hold both, and one line alone does not show a comparison.
    pub(super) fn side_by_side(&self, claim: &KeyFact, bound: &Bound<'_>, heading: &RichText) -> Option<Visual> {
        let [first, second, ..] = claim.finding.series.as_slice() else { return None };
        if self.info(first)?.unit == self.info(second)?.unit {
            return None;
        }
        // Each from its own first to its own last reading: two calendars need not share a day.
        let stretch = |role: &str| {
            let (_, from, to) = dates(&bound.fact(role)?.formula);
            Some((from?, to?))
        };
        let (own, other) = (stretch("first_change")?, stretch("second_change")?);
        let traces = vec![self.trace(first, Some(own), &[])?, self.trace(second, Some(other), &[])?];
        let above = traces.iter().flat_map(|trace| &trace.points).all(|point| point.value >= 0.0);
        above.then(|| Visual::SmallMultiples { heading: heading.clone(), traces, focus: 0 })
    }

    /// The subject with the next in the order of its latest date on top of it, where the panel is a whole.
    pub(super) fn stacked(&self, claim: &KeyFact, heading: &RichText) -> Option<Visual> {
        let focus = claim.finding.series.first()?;
        let last = self.info(focus)?.last;
        self.library().panel(focus).filter(|panel| panel.whole)?;
        let mut shown: Vec<Observed<'_>> =
            self.members(focus).into_iter().filter(|(series, _)| *series == focus).collect();
        shown.extend(self.at(focus, last).into_iter().map(|(member, _)| member).filter(|(series, _)| *series != focus));
        shown.truncate(STACKED);
        let has = |date: Date| shown.iter().all(|(_, points)| value_at(points, date).is_some());
        let traces: Vec<Trace> = shown
            .iter()
            .filter_map(|(series, _)| self.trace(series, None, &[]))
            .map(|trace| Trace { points: trace.points.into_iter().filter(|point| has(point.date)).collect(), ..trace })
            .collect();
        let fits = |trace: &Trace| trace.points.len() > 2 && trace.points.iter().all(|point| point.value >= 0.0);
        (traces.len() >= 2 && traces.iter().all(fits)).then(|| Visual::Area {
            heading: heading.clone(),
            traces,
            marks: Vec::new(),
            ranges: Vec::new(),
        })
    }

    /// One series filled from zero, where zero is near enough to show its moves.
    pub(super) fn area(
        &self,
        claim: &KeyFact,
        bound: &Bound<'_>,
        heading: &RichText,
        roles: &[&str],
        window: Option<(Date, Date)>,
    ) -> Option<Visual> {
        let Visual::Line { traces, marks, ranges, .. } = self.line(claim, bound, heading, roles, window)? else {
            return None;
        };
        let values = || traces.iter().flat_map(|trace| &trace.points).map(|point| point.value);
        let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
        let level = traces.first().is_some_and(|trace| !needs_log(trace));
        (level && least >= 0.0 && least <= most * 0.55).then(|| Visual::Area {
            heading: heading.clone(),
            traces,
            marks,
            ranges,
        })
    }
}

/// Two shares of one whole.
pub(super) fn share(bound: &Bound<'_>, heading: &RichText, roles: &[&str]) -> Option<Visual> {
    let last = roles.len().checked_sub(1)?;
    let parts: Option<Vec<_>> = roles.iter().enumerate().map(|(n, role)| bar(bound, role, n == last)).collect();
    Some(Visual::Share { heading: heading.clone(), parts: parts? })
}

/// True when the subject was above another at the first date and is below it at the last, or the other way round.
fn crosses(members: &[RankedMember], focus: usize) -> bool {
    let ends = |member: &RankedMember| Some((member.points.first()?.value, member.points.last()?.value));
    let Some(own) = members.get(focus).and_then(ends) else { return false };
    let passes = |a: (f64, f64), b: (f64, f64)| a.0 < b.0 && a.1 > b.1;
    members.iter().filter_map(ends).any(|other| passes(own, other) || passes(other, own))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn member(values: [f64; 2]) -> RankedMember {
        let series = SeriesRef {
            dataset: "d".into(),
            resource: "r".into(),
            date_column: "Year".into(),
            column: "Value".into(),
            filter: std::collections::BTreeMap::new(),
        };
        let points = values.iter().zip([2000, 2020]).map(|(value, year)| TracePoint {
            date: jiff::civil::date(year, 1, 1),
            value: *value,
            row: 1,
        });
        RankedMember { series, label: RichText::plain("A"), points: points.collect() }
    }

    #[test]
    fn lines_cross_where_the_subject_passes_or_is_passed() {
        let members = [member([9.0, 20.0]), member([5.0, 6.0]), member([3.0, 12.0])];
        assert_eq!([0, 1, 2, 3].map(|focus| crosses(&members, focus)), [false, true, true, false]);
        assert!(!crosses(&[member([5.0, 12.0]), member([5.0, 6.0])], 0), "equal at first is no passing");
    }
}
