//! Money against prices: what a change is worth once the rise of consumer prices is taken out.

use jiff::civil::Date;
use proofreel_model::finding::FindingKind;
use proofreel_model::policy::{Real, law};
use proofreel_model::series::{Frequency, Money};
use proofreel_model::unit::UnitKind;

use super::draft::Draft;
use super::ledger::Ledger;
use super::view::View;
use crate::calendar;
use crate::library::{Library, Series};

/// Real-against-nominal findings of a series of money, by the first price index of its currency's area in the library.
///
/// Members of a panel are left alone: their money was converted from many currencies, each with prices of its own.
pub(super) fn find(
    view: &View<'_>,
    library: &Library,
    as_of: Date,
    weight: f64,
    ledger: &mut Ledger,
    drafts: &mut Vec<Draft>,
) {
    let UnitKind::Currency { code } = &view.info.unit.kind else { return };
    let own = library.series(view.series());
    if !view.relative || view.info.money == Money::Constant || own.is_none_or(|series| series.panel.is_some()) {
        return;
    }
    let policy = &law().mining.real;
    let over = match view.frequency() {
        Frequency::Daily | Frequency::Weekly => Frequency::Monthly,
        frequency => frequency,
    };
    let prices = library.datasets().iter().flat_map(|dataset| {
        let about = format!("{} {}", dataset.name, dataset.title);
        dataset.series.iter().filter(move |series| is_price_index(series, &about, dataset, code, policy))
    });
    let deflator = prices.filter_map(|series| View::new(series, as_of)).find_map(|view| Prices::new(view, over));
    let Some(prices) = deflator else { return };
    let end = (0..view.points.len()).rev().find(|at| prices.mean(view.points[*at].date).is_some());
    let Some(end) = end else { return };
    for years in &policy.spans {
        let Some(then) = view.years_before(end, *years) else { continue };
        if told(view, &prices, (then, end), weight, ledger, drafts) {
            return;
        }
    }
}

/// One span; false when prices are not known at its start or hardly moved.
fn told(
    view: &View<'_>,
    prices: &Prices<'_>,
    (then, end): (usize, usize),
    weight: f64,
    ledger: &mut Ledger,
    drafts: &mut Vec<Draft>,
) -> bool {
    let (from, to) = (view.points[then].date, view.points[end].date);
    let (Some(base), Some(last)) = (prices.mean(from), prices.mean(to)) else { return false };
    let rise = (last.0 / base.0 - 1.0) * 100.0;
    if rise.abs() < law().mining.real.least_percent {
        return false;
    }
    let nominal = view.move_between(then, end);
    let real = ((1.0 + nominal / 100.0) / (last.0 / base.0) - 1.0) * 100.0;
    let years = (calendar::day_number(to) - calendar::day_number(from)) as f64 / 365.25;
    drafts.push(Draft {
        kind: FindingKind::RealVsNominal,
        series: vec![view.series().clone(), prices.view.series().clone()],
        roles: vec![
            ("nominal", ledger.change(view, then, end)),
            ("real", ledger.real_change(view, prices, (then, end), real, (base.1.clone(), last.1.clone()))),
            ("prices", ledger.mean_change(prices, rise, (base.1, last.1))),
            ("then", ledger.value(view, then)),
            ("now", ledger.value(view, end)),
        ],
        // The more of the rise was prices, or the sign itself turned, the more a viewer wonders.
        surprise: if nominal.signum() == real.signum() { 0.5 + 0.3 * (rise / (rise.abs() + 100.0)).abs() } else { 1.0 },
        effect: view.effect(real / years.sqrt()),
        age: view.years_to_end(end),
        weight,
    });
    true
}

/// A price index and the period over which it is averaged.
pub(super) struct Prices<'a> {
    pub view: View<'a>,
    pub over: Frequency,
    /// Observations in such a period.
    pub observations: u32,
}

impl<'a> Prices<'a> {
    fn new(view: View<'a>, over: Frequency) -> Option<Self> {
        let own = view.frequency();
        let fits = !matches!(own, Frequency::Daily | Frequency::Weekly) && own <= over;
        fits.then(|| Self { observations: own.per_year() / over.per_year(), over, view })
    }

    /// Mean of the whole period that holds a date, with the places averaged.
    fn mean(&self, date: Date) -> Option<(f64, std::ops::Range<usize>)> {
        let wanted = calendar::period(date, self.over);
        let points = self.view.points;
        let start = points.partition_point(|point| calendar::period(point.date, self.over) < wanted);
        let end = start + self.observations as usize;
        let inside = points.get(start..end)?;
        let whole = inside.iter().all(|point| calendar::period(point.date, self.over) == wanted);
        let mean = inside.iter().map(|point| point.value).sum::<f64>() / f64::from(self.observations);
        (whole && mean > 0.0).then_some((mean, start..end))
    }
}

/// True for an index of all consumer prices in the area of a currency, as far as its descriptor tells.
fn is_price_index(
    series: &Series,
    about: &str,
    dataset: &crate::library::Dataset,
    currency: &str,
    policy: &Real,
) -> bool {
    let table = dataset.resources.iter().find(|table| table.name == series.info.series.resource);
    let table = table.map_or(String::new(), |table| format!("{} {}", table.title, table.description));
    let name = format!("{} {}", series.info.name.subject, series.info.name.short);
    let Some(places) = policy.areas.get(currency) else { return false };
    let holds = |text: &str, list: &[String]| list.iter().any(|phrase| contains(text, phrase));
    let all = format!("{name} {about} {table}");
    matches!(series.info.unit.kind, UnitKind::Index { .. })
        && series.panel.is_none()
        && series.derived_from.is_none()
        && holds(&all, &policy.words)
        && holds(&all, places)
        && !holds(&name, &policy.part_words)
}

/// True when a text holds a phrase as whole words, whatever their case.
fn contains(text: &str, phrase: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase()
            .replace("u.s.", "us")
            .replace("u.k.", "uk")
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (text, phrase) = (words(text), words(phrase));
    !phrase.is_empty() && text.windows(phrase.len()).any(|window| window == phrase.as_slice())
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn phrases_are_found_as_whole_words() {
        assert!(contains("US consumer prices", "consumer prices"));
        assert!(contains("CPI, U.S. city average", "US"));
        assert!(!contains("Consumer prices of Austria", "US"));
    }
}
