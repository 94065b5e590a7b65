//! Which topics the data offers.

use jiff::civil::Date;
use proofreel_model::series::{Adjustment, SeriesName, SeriesRef};
use proofreel_model::topic::Angle;
use proofreel_model::unit::UnitKind;

use crate::calendar;
use crate::library::{Dataset, Library, Series};
use crate::mine::panels::Board;

/// A topic worth looking at.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicSeed {
    /// Series it rests on, the subject first.
    pub series: Vec<SeriesRef>,
    /// How to look at them.
    pub angle: Angle,
    /// Working title; holds no number but what a series' own name carries.
    pub title: String,
    /// What a person should know: holes, age, a narrow basis.
    pub notes: Vec<String>,
}

/// Versus topics inside a package, at most.
const PAIRS: usize = 3;
/// Versus topics across packages, at most.
const CROSS_PAIRS: usize = 8;
/// Years a series must span for a long view.
const LONG_VIEW: f64 = 15.0;

/// Every topic worth looking at, in the order of the packages. Deterministic.
pub fn discover(library: &Library) -> Vec<TopicSeed> {
    let mut seeds = Vec::new();
    let mut subjects: Vec<&Series> = Vec::new();
    for dataset in library.datasets() {
        let chosen = subjects_of(dataset);
        for series in &chosen {
            single(dataset, series, &mut seeds);
        }
        versus(&comparable_of(dataset), PAIRS, |a, b| a.info.unit == b.info.unit, &mut seeds);
        panels(library, dataset, &mut seeds);
        subjects.extend(chosen);
    }
    versus(&subjects, CROSS_PAIRS, |a, b| a.info.series.dataset != b.info.series.dataset, &mut seeds);
    seeds
}

fn span(series: &Series) -> f64 {
    (calendar::day_number(series.info.last) - calendar::day_number(series.info.first)) as f64 / 365.25
}

/// One series for each quantity: the finest, adjusted before unadjusted. Bare numbers without a unit are
/// subjects only where the package offers nothing else.
fn subjects_of(dataset: &Dataset) -> Vec<&Series> {
    let candidates: Vec<&Series> =
        dataset.series.iter().filter(|series| series.panel.is_none() && series.derived_from.is_none()).collect();
    let unadjusted = |series: &Series| series.info.adjustment == Adjustment::Unadjusted;
    let best = |series: &Series| {
        !candidates.iter().any(|other| {
            other.quantity == series.quantity
                && (other.info.frequency, unadjusted(other)) < (series.info.frequency, unadjusted(series))
        })
    };
    let with_unit = candidates.iter().any(|series| !matches!(series.info.unit.kind, UnitKind::Unspecified));
    candidates
        .iter()
        .copied()
        .filter(|series| best(series) && (!with_unit || !matches!(series.info.unit.kind, UnitKind::Unspecified)))
        .filter(|series| !series.info.name.subject.ends_with(" percentage") || candidates.len() == 1)
        .collect()
}

/// The subjects at each frequency, finest first, so that a daily series also meets a monthly one by its monthly form.
fn comparable_of(dataset: &Dataset) -> Vec<&Series> {
    let subjects = subjects_of(dataset);
    let mut all: Vec<&Series> = dataset
        .series
        .iter()
        .filter(|series| {
            subjects.iter().any(|subject| {
                subject.quantity == series.quantity
                    && (subject.info.frequency < series.info.frequency || subject.info.series == series.info.series)
            })
        })
        .collect();
    all.sort_by_key(|series| series.info.frequency);
    all
}

fn single(dataset: &Dataset, series: &Series, seeds: &mut Vec<TopicSeed>) {
    let name = &series.info.name;
    let stand = if name.plural { "stand" } else { "stands" };
    seed(dataset, series, Angle::StateOfPlay, format!("Where {} {stand} now", name.subject), seeds);
    // The whole record is told by the coarser series where that one begins much earlier.
    let longer = dataset.series.iter().find(|other| {
        other.quantity == series.quantity
            && other.info.frequency > series.info.frequency
            && span(other) > span(series) + 10.0
    });
    let long = longer.unwrap_or(series);
    if span(long) >= LONG_VIEW {
        seed(
            dataset,
            long,
            Angle::LongView,
            format!("{} over the long run", crate::naming::words::capitalise(&long.info.name.subject)),
            seeds,
        );
    }
    if span(series) >= LONG_VIEW && moves_both_ways(series) {
        seed(dataset, series, Angle::BoomAndBust, format!("The peaks and falls of {}", name.subject), seeds);
    }
}

fn seed(dataset: &Dataset, series: &Series, angle: Angle, title: String, seeds: &mut Vec<TopicSeed>) {
    let mut notes: Vec<String> = dataset
        .screening_of(&series.info.series)
        .filter(|finding| finding.excluded)
        .map(|finding| finding.note.clone())
        .collect();
    if series.info.observations < 24 {
        notes.push(format!("only {} observations", series.info.observations));
    }
    seeds.push(TopicSeed { series: vec![series.info.series.clone()], angle, title, notes });
}

/// True when the series fell by a tenth from a peak in the last fifty years, or a rate by its own usual spread.
fn moves_both_ways(series: &Series) -> bool {
    let relative = !series.info.unit.is_percent() && series.points.iter().all(|point| point.value > 0.0);
    let recent = series
        .points
        .partition_point(|point| calendar::day_number(series.info.last) - calendar::day_number(point.date) > 366 * 50);
    let values: Vec<f64> = series.points[recent..].iter().map(|point| point.value).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let spread = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
    let mut peak = values[0];
    values.iter().any(|value| {
        peak = peak.max(*value);
        if relative { 1.0 - value / peak > 0.1 } else { peak - value > spread }
    })
}

/// Pairs of one calendar whose changes can be compared, with ten common years: those that went furthest apart,
/// each series in two of them at most, in the order of the series.
fn versus(subjects: &[&Series], most: usize, fits: impl Fn(&Series, &Series) -> bool, seeds: &mut Vec<TopicSeed>) {
    let mut pairs: Vec<(usize, usize, f64)> = Vec::new();
    for (n, first) in subjects.iter().enumerate() {
        for (m, second) in subjects.iter().enumerate().skip(n + 1) {
            let same = first.info.frequency == second.info.frequency && first.quantity != second.quantity;
            if same && fits(first, second) {
                pairs.extend(contrast(first, second).map(|contrast| (n, m, contrast)));
            }
        }
    }
    pairs.sort_by(|a, b| b.2.total_cmp(&a.2));
    let mut chosen: Vec<(usize, usize)> = Vec::new();
    for (n, m, _) in pairs {
        let quantity = |n: usize| &subjects[n].quantity;
        let told = |n: usize| {
            chosen.iter().filter(|(a, b)| quantity(*a) == quantity(n) || quantity(*b) == quantity(n)).count()
        };
        let again = chosen.iter().any(|(a, b)| {
            [quantity(*a), quantity(*b)] == [quantity(n), quantity(m)]
                || [quantity(*b), quantity(*a)] == [quantity(n), quantity(m)]
        });
        if chosen.len() < most && !again && told(n) < 2 && told(m) < 2 {
            chosen.push((n, m));
        }
    }
    chosen.sort_unstable();
    seeds.extend(chosen.into_iter().map(|(n, m)| {
        let (first, second) = (&subjects[n].info, &subjects[m].info);
        TopicSeed {
            series: vec![first.series.clone(), second.series.clone()],
            angle: Angle::Versus,
            title: title_of_pair(&first.name, &second.name),
            notes: Vec::new(),
        }
    }));
}

/// How far two series went apart over their common years: log points, or fifths of a hundred points for rates.
/// `None` when they share less than ten years or one is told in percent and the other in points.
fn contrast(first: &Series, second: &Series) -> Option<f64> {
    let relative =
        |series: &Series| !series.info.unit.is_percent() && series.points.iter().all(|point| point.value > 0.0);
    let (start, end) = (first.info.first.max(second.info.first), first.info.last.min(second.info.last));
    if relative(first) != relative(second) || calendar::day_number(end) - calendar::day_number(start) <= 3650 {
        return None;
    }
    let change = |series: &Series| {
        let from = series.points.iter().find(|point| point.date >= start)?.value;
        let to = series.points.iter().rev().find(|point| point.date <= end)?.value;
        Some(if relative(series) { (to / from).ln() } else { (to - from) / 20.0 })
    };
    Some((change(first)? - change(second)?).abs())
}

fn title_of_pair(first: &SeriesName, second: &SeriesName) -> String {
    format!("{} against {}", crate::naming::words::capitalise(&first.subject), second.subject)
}

/// The panel itself, and the members that lead or climb. A second, smaller table of the same measure is
/// left to the larger one.
fn panels(library: &Library, dataset: &Dataset, seeds: &mut Vec<TopicSeed>) {
    for panel in &dataset.panels {
        let larger = dataset
            .panels
            .iter()
            .any(|other| other.subject == panel.subject && other.members.len() > panel.members.len());
        if larger {
            continue;
        }
        let Some(board) = Board::new(library, panel, Date::MAX) else { continue };
        let subjects = board.subjects();
        let mut notes = vec![format!("{} members are compared", panel.members.len())];
        if !panel.whole {
            notes.push("the members are a selection; no share of a total is computed".into());
        }
        seeds.push(TopicSeed {
            series: subjects.clone(),
            angle: Angle::Leaderboard,
            title: format!("Who leads in {}", panel.subject),
            notes,
        });
        for series in subjects.iter().filter_map(|member| library.series(member)).take(3) {
            single(dataset, series, seeds);
        }
        if let [first, second, ..] = subjects.as_slice()
            && let (Some(a), Some(b)) = (library.series(first), library.series(second))
        {
            let title = title_of_pair(&a.info.name, &b.info.name);
            seeds.push(TopicSeed {
                series: vec![first.clone(), second.clone()],
                angle: Angle::Versus,
                title,
                notes: Vec::new(),
            });
        }
    }
}
