//! Figures of one row that must agree with each other, and rows with their total.

use proofreel_model::kpi::{KpiSnapshot, Span, Subject};
use proofreel_model::policy::kpi_law;

use super::Import;

/// Adds a note for each kind of disagreement, with examples. Nothing is repaired or left out.
pub fn agree(import: &mut Import) {
    let mut notes = Vec::new();
    notes.extend(told("watch time is not views × average view duration", import, watch));
    notes.extend(told("revenue ÷ views is not the RPM beside it", import, rpm));
    notes.extend(total(import));
    import.notes.extend(notes);
}

fn told(what: &str, import: &Import, differs: fn(&KpiSnapshot) -> Option<(String, bool)>) -> Option<String> {
    let checked: Vec<(&KpiSnapshot, String, bool)> = import
        .snapshots
        .iter()
        .filter_map(|snapshot| differs(snapshot).map(|(figures, agrees)| (snapshot, figures, agrees)))
        .collect();
    let wrong: Vec<_> = checked.iter().filter(|(.., agrees)| !agrees).collect();
    if wrong.is_empty() {
        return None;
    }
    let examples: Vec<String> = wrong
        .iter()
        .take(kpi_law().agree.examples)
        .map(|(snapshot, figures, _)| format!("{}: {figures}", snapshot.subject.key()))
        .collect();
    Some(format!("{what} in {} of {} rows: {}", wrong.len(), checked.len(), examples.join("; ")))
}

/// Watch time lies between views × AVD and views × (AVD + what it was cut by).
fn watch(snapshot: &KpiSnapshot) -> Option<(String, bool)> {
    let law = &kpi_law().agree;
    let figures = &snapshot.figures;
    // Since the break, AVD and watch time follow the engaged views.
    let views = figures.engaged_views.or(figures.views)?;
    let (avd, hours) = (figures.avd_seconds?, figures.watch_hours?);
    let watched = hours * 3600.0;
    let slack = law.watch_share * watched.max(views * avd);
    let all_views = figures.views.unwrap_or(views);
    let fits = |views: f64| watched >= views * avd - slack && watched <= views * (avd + law.duration_seconds) + slack;
    Some((format!("{views} × {avd} s, {hours} h"), fits(views) || fits(all_views)))
}

fn rpm(snapshot: &KpiSnapshot) -> Option<(String, bool)> {
    let law = &kpi_law().agree;
    let figures = &snapshot.figures;
    let (views, revenue) = (figures.views.filter(|views| *views > 0.0)?, figures.revenue_usd?);
    let told = *figures.other.get("rpm")?;
    let own = revenue / views * 1000.0;
    let agrees = (own - told).abs() <= law.rpm_floor.max(law.rpm_share * told.abs());
    Some((format!("{own:.3} against {told:.3}"), agrees))
}

/// Rows against the row of totals.
fn total(import: &Import) -> Option<String> {
    let law = &kpi_law().agree;
    let of_total = |snapshot: &&KpiSnapshot| snapshot.subject == Subject::Channel && snapshot.span == Span::Total;
    let total = import.snapshots.iter().find(of_total)?.figures.views.filter(|views| *views > 0.0)?;
    let rows: Vec<f64> = import
        .snapshots
        .iter()
        .filter(|snapshot| snapshot.subject != Subject::Channel && snapshot.span == Span::Total)
        .filter_map(|snapshot| snapshot.figures.views)
        .collect();
    if rows.is_empty() {
        return None;
    }
    let share = rows.iter().sum::<f64>() / total;
    if (share - 1.0).abs() <= law.total_share {
        return None;
    }
    let why = if share < 1.0 { "the table does not list everything" } else { "the total is of something else" };
    Some(format!("the {} rows hold {:.1} % of the total's views: {why}", rows.len(), share * 100.0))
}
