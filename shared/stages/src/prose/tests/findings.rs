//! Made-up findings of every kind, with their facts.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use proofreel_model::display;
use proofreel_model::fact::{Direction, Extreme, Fact, Formula, Moves};
use proofreel_model::finding::{Finding, FindingKind, FindingScore};
use proofreel_model::ids::FactId;
use proofreel_model::series::{Adjustment, Frequency, Money, SeriesInfo, SeriesName, SeriesRef};
use proofreel_model::unit::{Unit, UnitKind};

/// A made-up subject: its kind of unit, calendar and number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    pub(crate) unit: u8,
    pub(crate) frequency: Frequency,
    pub(crate) plural: bool,
}

fn series(name: &str) -> SeriesRef {
    SeriesRef {
        dataset: "set".into(),
        resource: "table".into(),
        date_column: "date".into(),
        column: name.into(),
        filter: BTreeMap::new(),
    }
}

fn unit(kind: u8) -> Unit {
    match kind {
        0 => Unit { per: Some("ounce".into()), ..Unit::plain(UnitKind::Currency { code: "USD".into() }) },
        1 => Unit::percent(),
        2 => Unit::plain(UnitKind::Index { base: None }),
        3 => Unit { multiplier: 1000.0, ..Unit::plain(UnitKind::Count { noun: Some("people".into()) }) },
        _ => Unit::plain(UnitKind::Unspecified),
    }
}

fn info(name: &str, subject: Subject) -> SeriesInfo {
    let metal = if name == "a" { "tin" } else { "zinc" };
    let words = if subject.plural { format!("US {metal} prices") } else { format!("the price of {metal}") };
    SeriesInfo {
        series: series(name),
        name: SeriesName {
            subject: words,
            short: format!("{} price", super::super::grammar::capitalised(metal)),
            plural: subject.plural,
        },
        unit: unit(subject.unit),
        frequency: subject.frequency,
        adjustment: Adjustment::Unadjusted,
        money: Money::Unknown,
        first: date(1913, 1, 1),
        last: date(2026, 6, 1),
        observations: 1361,
    }
}

struct Maker {
    subject: Subject,
    facts: Vec<Fact>,
    roles: BTreeMap<String, FactId>,
}

impl Maker {
    fn fact(&mut self, role: &str, formula: Formula, value: f64, unit: Unit) {
        let id = FactId(format!("f{:03}", self.facts.len() + 1));
        let display = display::display(value, &unit, &formula);
        let frequency = self.subject.frequency;
        let adjustment = Adjustment::Unadjusted;
        self.facts.push(Fact {
            id: id.clone(),
            formula,
            value,
            unit,
            frequency,
            display,
            adjustment,
            missing: 0,
            rows: Vec::new(),
        });
        self.roles.insert(role.to_owned(), id);
    }

    fn value(&mut self, role: &str, name: &str, at: Date, value: f64) {
        self.fact(role, Formula::Value { series: series(name), at }, value, unit(self.subject.unit));
    }

    fn change(&mut self, role: &str, name: &str, (from, a): (Date, f64), (to, b): (Date, f64)) {
        let series = series(name);
        if self.subject.unit == 1 {
            let unit = Unit::plain(UnitKind::PercentagePoints);
            self.fact(role, Formula::Change { series, from, to }, b - a, unit);
        } else {
            self.fact(role, Formula::PercentChange { series, from, to }, (b / a - 1.0) * 100.0, Unit::percent());
        }
    }

    fn span(&mut self, role: &str, from: Date, to: Date, value: f64) {
        let unit = Unit::plain(UnitKind::Duration { period: Frequency::Annual });
        self.fact(role, Formula::Elapsed { series: series("a"), from, to, period: Frequency::Annual }, value, unit);
    }

    fn months(&mut self, role: &str, (from, to): (Date, Date), value: f64) {
        let period = Frequency::Monthly;
        let unit = Unit::plain(UnitKind::Duration { period });
        self.fact(role, Formula::Elapsed { series: series("a"), from, to, period }, value, unit);
    }
}

#[allow(clippy::too_many_lines)] // a table of fifteen kinds
/// A finding of a kind whose earlier value is `a`, later value `b`, with `n` periods between.
pub(crate) fn finding(
    kind: FindingKind,
    subject: Subject,
    a: f64,
    b: f64,
    n: u16,
) -> (Finding, Vec<Fact>, Vec<SeriesInfo>) {
    use FindingKind as K;
    let (then, now) = (date(1980, 3, 4), date(2026, 6, 1));
    let mut make = Maker { subject, facts: Vec::new(), roles: BTreeMap::new() };
    let high = a.max(b);
    let low = a.min(b);
    let one = || series("a");
    let years = f64::from(n);
    match kind {
        K::Level => {
            make.fact("latest", Formula::Latest { series: one(), at: now }, b, unit(subject.unit));
            let average = Formula::Average { series: one(), from: then, to: now, observations: 9 };
            make.fact("average", average, a, unit(subject.unit));
        }
        K::YearOnYear | K::LongRun => {
            let early = if kind == K::YearOnYear { "year_ago" } else { "then" };
            make.fact("latest", Formula::Latest { series: one(), at: now }, b, unit(subject.unit));
            make.value(early, "a", then, a);
            make.change("change", "a", (then, a), (now, b));
            make.span("elapsed", then, now, years);
            if kind == K::LongRun && subject.unit != 1 {
                let growth = Formula::GrowthRate { series: one(), from: then, to: now };
                make.fact("growth", growth, ((b / a).powf(1.0 / years.max(1.0)) - 1.0) * 100.0, Unit::percent());
                let multiple = Formula::Multiple { series: one(), from: then, to: now };
                make.fact("multiple", multiple, b / a, Unit::plain(UnitKind::Multiple));
            }
        }
        K::Record | K::RecordSince => {
            make.fact("latest", Formula::Latest { series: one(), at: now }, b, unit(subject.unit));
            make.value(if kind == K::Record { "previous" } else { "then" }, "a", then, a);
            make.span("elapsed", then, now, years);
            let which = if b > a { Extreme::Highest } else { Extreme::Lowest };
            let since = Formula::RecordSince { series: one(), which, from: then, to: now };
            make.fact("since", since, years, Unit::plain(UnitKind::Duration { period: Frequency::Annual }));
        }
        K::OffPeak | K::WorstFall => {
            let (from, to) = if kind == K::OffPeak { ("peak", "latest") } else { ("peak", "trough") };
            make.value(from, "a", then, high);
            make.value(to, "a", now, low);
            if subject.unit == 1 {
                make.change("drawdown", "a", (then, high), (now, low));
            } else {
                let fall = Formula::Drawdown { series: one(), from: then, to: now };
                make.fact("drawdown", fall, (1.0 - low / high) * 100.0, Unit::percent());
            }
            make.span("elapsed", then, now, years);
            if n.is_multiple_of(2) {
                make.span("recovery", then, now, years + 1.0);
            }
        }
        K::Streak => {
            let direction = if b > a { Direction::Up } else { Direction::Down };
            let run = Formula::Streak { series: one(), direction, from: then, to: now, period: subject.frequency };
            make.fact("streak", run, years, Unit::plain(UnitKind::Duration { period: subject.frequency }));
            make.value("start", "a", then, a);
            make.value("end", "a", now, b);
            make.change("change", "a", (then, a), (now, b));
        }
        K::BiggestRise | K::BiggestDrop => {
            let (start, end) = if kind == K::BiggestRise { (low, high) } else { (high, low) };
            make.value("start", "a", then, start);
            make.value("end", "a", now, end);
            make.change("change", "a", (then, start), (now, end));
            let typical = Formula::TypicalMove { series: one(), step: 12, from: then, to: now };
            make.fact("typical", typical, 4.0 + years / 10.0, Unit::percent());
        }
        K::Crossing => {
            let crossing = Formula::Crossing { series: one(), other: series("b"), from: then, at: now };
            make.fact("crossing", crossing, high, unit(subject.unit));
            make.value("passed", "b", now, low);
            let gap = Formula::Gap { series: one(), other: series("b"), at: now };
            make.fact("gap", gap, b - a, unit(subject.unit).difference());
        }
        K::Versus => {
            make.change("first_change", "a", (then, a), (now, b));
            make.change("second_change", "b", (then, b), (now, a * 1.5));
            make.value("first_latest", "a", now, b);
            make.value("second_latest", "b", now, a * 1.5);
        }
        K::TurningPoint => {
            let middle = date(1999, 5, 1);
            let which = if b > a { Extreme::Highest } else { Extreme::Lowest };
            let turn = Formula::Extreme { series: one(), which, from: then, to: now, at: middle };
            make.fact("turn", turn, b, unit(subject.unit));
            make.value("before", "a", then, a);
            make.fact("latest", Formula::Latest { series: one(), at: now }, a * 1.1, unit(subject.unit));
            make.change("run", "a", (then, a), (middle, b));
            make.change("since", "a", (middle, b), (now, a * 1.1));
            make.span("elapsed", middle, now, years);
            let typical = Formula::TypicalMove { series: one(), step: 12, from: then, to: now };
            make.fact("typical", typical, 4.0 + years / 10.0, Unit::percent());
        }
        K::LeadLag => {
            let (series, other) = (one(), self::series("b"));
            let (moves, other_moves) = (Moves::Percent, Moves::Difference);
            for (role, lag, value) in [("correlation", 6, 0.71), ("unlagged", 0, 0.3 - years / 200.0)] {
                let (series, other) = (series.clone(), other.clone());
                let formula = Formula::Correlation { series, other, lag, moves, other_moves, from: then, to: now };
                make.fact(role, formula, value, Unit::plain(UnitKind::Coefficient));
            }
            let period = subject.frequency;
            let lead =
                Formula::LeadTime { series, other, longest: 24, moves, other_moves, from: then, to: now, period };
            make.fact("lag", lead, 6.0, Unit::plain(UnitKind::Duration { period }));
        }
        K::EpisodesCompared => {
            let [a_from, a_to, b_from, b_to] =
                [(2001, 3), (2001, 11), (2007, 12), (2009, 6)].map(|(y, m)| date(y, m, 5));
            make.change("first_move", "a", (a_from, a), (a_to, b));
            make.change("second_move", "a", (b_from, b), (b_to, a * 0.9));
            make.value("first_start", "a", a_from, a);
            make.value("first_end", "a", a_to, b);
            make.value("second_start", "a", b_from, b);
            make.value("second_end", "a", b_to, a * 0.9);
            if n.is_multiple_of(2) {
                make.months("first_lasted", (a_from, a_to), 8.0);
                make.months("second_lasted", (b_from, b_to), 18.0);
            }
        }
        K::PanelShare => {
            for (suffix, at, value) in [("now", now, 2.0 + years / 2.0), ("then", then, 66.0 - years / 2.0)] {
                let (series, members) = (one(), vec![one(), self::series("b")]);
                make.fact(&format!("share_{suffix}"), Formula::Share { series, members, at }, value, Unit::percent());
                let place = Formula::PanelRank { series: one(), members: vec![one()], which: Extreme::Highest, at };
                make.fact(&format!("rank_{suffix}"), place, 1.0, Unit::plain(UnitKind::Rank));
            }
            make.value("value_then", "a", then, low);
            make.value("value_now", "a", now, high);
        }
        K::RealVsNominal => {
            make.value("then", "a", then, a);
            make.value("now", "a", now, b);
            let (series, deflator, over) = (one(), series("b"), subject.frequency);
            make.fact(
                "nominal",
                Formula::PercentChange { series: one(), from: then, to: now },
                (b / a - 1.0) * 100.0,
                Unit::percent(),
            );
            let real = Formula::RealChange { series, deflator, from: then, to: now, over, observations: 1 };
            make.fact("real", real, (b / a / (1.0 + years / 9.0) - 1.0) * 100.0, Unit::percent());
            let prices = Formula::MeanChange { series: self::series("b"), from: then, to: now, over, observations: 1 };
            make.fact("prices", prices, years / 9.0 * 100.0, Unit::percent());
        }
        K::PanelLeader => {
            make.value("leader", "a", now, high);
            make.value("second", "b", now, low);
            let ratio = Formula::Ratio { series: one(), other: series("b"), at: now };
            make.fact("ratio", ratio, high / low, Unit::plain(UnitKind::Multiple));
        }
        K::PanelClimb => {
            for (role, at, rank) in [("rank_now", now, 2.0), ("rank_then", then, 2.0 + years)] {
                let place = Formula::PanelRank { series: one(), members: vec![one()], which: Extreme::Highest, at };
                make.fact(role, place, rank, Unit::plain(UnitKind::Rank));
            }
            make.value("value_then", "a", then, low);
            make.value("value_now", "a", now, high);
        }
        K::PanelGrowth => {
            for (role, name, value) in [("fastest", "a", 3.0 + years / 7.0), ("slowest", "b", 6.0 - years / 5.0)] {
                let growth = Formula::GrowthRate { series: series(name), from: then, to: now };
                make.fact(role, growth, value, Unit::percent());
            }
            make.value("fastest_now", "a", now, high);
            make.value("slowest_now", "b", now, low);
        }
    }
    let two = matches!(kind, K::RealVsNominal | K::LeadLag | K::Crossing | K::Versus | K::PanelLeader | K::PanelGrowth);
    let series = if two { vec![series("a"), series("b")] } else { vec![series("a")] };
    let finding = Finding { kind, series, roles: make.roles, score: FindingScore::default() };
    (finding, make.facts, vec![info("a", subject), info("b", subject)])
}
