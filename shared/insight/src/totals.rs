//! What a channel did in some days, added up, and what is usual for it.

use jiff::ToSpan as _;
use jiff::civil::Date;
use proofreel_model::kpi::{KpiSnapshot, Span, Subject};
use proofreel_model::policy::kpi_law;

use crate::figures::may_derive;
use crate::stats;

/// Sums over days. A figure that no day tells is unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Views.
    pub views: Option<f64>,
    /// Watch time, hours.
    pub watch_hours: Option<f64>,
    /// Revenue, US dollars.
    pub revenue_usd: Option<f64>,
    /// Days that had figures.
    pub days: usize,
    /// Keys of the snapshots.
    pub evidence: Vec<String>,
}

/// Weeks before one that say what is usual.
const USUAL_WEEKS: i64 = 8;

/// The channel's days from `from` to `to`, both included. Of one day the owner's export beats the API, of which nothing is
/// reckoned unless the policy allows it.
pub fn of_channel(snapshots: &[KpiSnapshot], from: Date, to: Date) -> Totals {
    let days: Vec<&KpiSnapshot> = snapshots
        .iter()
        .filter(|row| row.subject == Subject::Channel && row.span == Span::Day && (from..=to).contains(&row.day))
        .filter(|row| may_derive(&row.source))
        .collect();
    let counts =
        |row: &&&KpiSnapshot| !row.is_of_api() || !days.iter().any(|other| other.day == row.day && !other.is_of_api());
    let days: Vec<&KpiSnapshot> = days.iter().filter(counts).copied().collect();
    let sum = |of: fn(&KpiSnapshot) -> Option<f64>| {
        let known: Vec<f64> = days.iter().filter_map(|row| of(row)).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>())
    };
    Totals {
        views: sum(|row| row.figures.views),
        watch_hours: sum(|row| row.figures.watch_hours),
        revenue_usd: sum(|row| row.figures.revenue_usd),
        days: days.len(),
        evidence: days.iter().map(|row| row.key()).collect(),
    }
}

/// The median of the whole weeks before `week` (a Monday), eight at most. Weeks on the other side of the day on which the counting
/// of views changed do not say what is usual after it.
pub fn usual_week(snapshots: &[KpiSnapshot], week: Date) -> Totals {
    let side = |week: Date| week >= kpi_law().view_break;
    let weeks: Vec<Totals> = (1..=USUAL_WEEKS)
        .map(|back| week.saturating_sub((7 * back).days()))
        .filter(|earlier| side(*earlier) == side(week))
        .map(|earlier| of_channel(snapshots, earlier, earlier.saturating_add(6.days())))
        .filter(|totals| totals.days == 7)
        .collect();
    let middle = |of: fn(&Totals) -> Option<f64>| stats::median(&mut weeks.iter().filter_map(of).collect::<Vec<_>>());
    Totals {
        views: middle(|week| week.views),
        watch_hours: middle(|week| week.watch_hours),
        revenue_usd: middle(|week| week.revenue_usd),
        days: weeks.len() * 7,
        evidence: weeks.iter().flat_map(|week| week.evidence.iter().cloned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proofreel_model::digest::Digest;
    use proofreel_model::kpi::{Counting, Figures, KpiSource};

    use super::*;

    fn day(day: Date, views: f64, source: KpiSource) -> KpiSnapshot {
        KpiSnapshot {
            channel: "demo".into(),
            subject: Subject::Channel,
            day,
            span: Span::Day,
            counting: Counting::of(Span::Day, day, None),
            figures: Figures { views: Some(views), ..Figures::default() },
            source,
        }
    }

    fn export() -> KpiSource {
        KpiSource::StudioExport { digest: Digest::of(b"x"), line: 2 }
    }

    #[test]
    fn a_usual_week_is_the_median_of_whole_weeks_of_one_way_of_counting() {
        let monday = date(2026, 9, 14);
        let mut rows = Vec::new();
        // Six weeks before: three before the break with far more views, three after it.
        for back in 1..=6i64 {
            let each = if back <= 3 { 100.0 * back as f64 } else { 9000.0 };
            for weekday in 0..7i64 {
                rows.push(day(monday.saturating_sub((7 * back - weekday).days()), each, export()));
            }
        }
        let usual = usual_week(&rows, monday);
        assert_eq!((usual.views, usual.days, usual.watch_hours), (Some(1400.0), 21, None));
        // A week with a hole says nothing.
        rows.remove(0);
        assert_eq!(usual_week(&rows, monday).days, 14);
    }

    #[test]
    fn nothing_is_added_up_of_the_api_without_the_amendment() {
        let monday = date(2026, 9, 14);
        let rows = [
            day(monday, 5.0, KpiSource::Api { report: "reports.query".into() }),
            day(monday.saturating_add(1.days()), 7.0, export()),
        ];
        let found = of_channel(&rows, monday, monday.saturating_add(6.days()));
        assert_eq!((found.views, found.days, found.evidence.len()), (Some(7.0), 1, 1));
    }
}
