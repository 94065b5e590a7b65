//! Members that enter or leave a panel: a comparison over time holds only among those that have both dates.

use jiff::civil::Date;
use proofreel_model::brief::{ScreeningFinding, ScreeningKind};
use proofreel_model::series::Frequency;

use crate::calendar;
use crate::library::{Dataset, Panel, Series};
use crate::screening;

/// Notes the members of a panel, among the series from `first` on, that begin late or end early.
pub(super) fn note(dataset: &mut Dataset, first: usize, panel: &Panel) {
    let policy = screening::policy();
    let members: Vec<&Series> =
        dataset.series[first..].iter().filter(|series| !series.aggregate && series.panel.is_some()).collect();
    let (Some(start), Some(end)) =
        (members.iter().map(|series| begun(series)).min(), members.iter().map(|series| ended(series)).max())
    else {
        return;
    };
    let months = match panel.frequency {
        Frequency::Daily | Frequency::Weekly | Frequency::Monthly => 1,
        Frequency::Quarterly => 3,
        Frequency::Annual => 12,
    };
    let late = |from, to| calendar::month_number(to) - calendar::month_number(from) > months * policy.member_lag;
    let mut left: Vec<&Series> = members.iter().copied().filter(|series| late(ended(series), end)).collect();
    let mut joined: Vec<&Series> = members.iter().copied().filter(|series| late(start, begun(series))).collect();
    // The latest changes matter most to what is said of today.
    left.sort_by_key(|series| std::cmp::Reverse(ended(series)));
    joined.sort_by_key(|series| std::cmp::Reverse(begun(series)));
    let mut findings = Vec::new();
    let finding = |series: &Series, note: String| ScreeningFinding {
        series: series.info.series.clone(),
        kind: ScreeningKind::Survivorship,
        rows: rows(series),
        note: format!("{note}; comparisons over time are among the members that have both dates"),
        excluded: false,
    };
    let name = |series: &Series| series.info.series.filter.values().next().cloned().unwrap_or_default();
    for series in left.iter().take(policy.listed_members) {
        let note = format!(
            "`{}` leaves the panel: its last figure is of {}, the panel's of {end}",
            name(series),
            ended(series)
        );
        findings.push(finding(series, note));
    }
    for series in joined.iter().take(policy.listed_members) {
        let note = format!(
            "`{}` enters the panel late: its first figure is of {}, the panel's of {start}",
            name(series),
            begun(series)
        );
        findings.push(finding(series, note));
    }
    for (rest, what) in [(&left, "leave the panel"), (&joined, "enter the panel late")] {
        if let Some(series) = rest.get(policy.listed_members) {
            let note =
                format!("{} more members {what}, such as `{}`", rest.len() - policy.listed_members, name(series));
            findings.push(finding(series, note));
        }
    }
    dataset.screening.append(&mut findings);
}

/// First and last data row of a series.
fn rows(series: &Series) -> (u32, u32) {
    series.points.iter().fold((u32::MAX, 0), |(first, last), point| (first.min(point.row), last.max(point.row)))
}

/// First date of the source, be it usable or not.
fn begun(series: &Series) -> Date {
    series.taken_out.first().map_or(series.info.first, |out| series.info.first.min(*out))
}

/// Last date of the source, be it usable or not.
fn ended(series: &Series) -> Date {
    series.taken_out.last().map_or(series.info.last, |out| series.info.last.max(*out))
}
