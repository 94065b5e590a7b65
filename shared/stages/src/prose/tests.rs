//! Every plan over many findings: what no sentence may do, whatever the data.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use proofreel_model::channel::Tone;
use proofreel_model::display;
use proofreel_model::fact::{Direction, Extreme, Fact, Formula, Moves};
use proofreel_model::finding::{Finding, FindingKind, FindingScore};
use proofreel_model::ids::FactId;
use proofreel_model::series::{Adjustment, Frequency, SeriesInfo, SeriesName, SeriesRef};
use proofreel_model::text::{Cite, RichText};
use proofreel_model::unit::{Unit, UnitKind};
use proptest::prelude::*;

use super::check::{number_word, uncited_number};
use super::plan::{Plan, Slot};
use super::{Bound, Composer, Evidence, Wish, plans, template};

const KINDS: &[FindingKind] = &FindingKind::ALL;

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
            short: format!("{} price", super::grammar::capitalised(metal)),
            plural: subject.plural,
        },
        unit: unit(subject.unit),
        frequency: subject.frequency,
        adjustment: Adjustment::Unadjusted,
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

fn subjects() -> impl Strategy<Value = Subject> {
    let frequency = prop_oneof![
        Just(Frequency::Daily),
        Just(Frequency::Weekly),
        Just(Frequency::Monthly),
        Just(Frequency::Quarterly),
        Just(Frequency::Annual)
    ];
    (0u8..5, frequency, any::<bool>()).prop_map(|(unit, frequency, plural)| Subject { unit, frequency, plural })
}

/// What holds of every sentence and label.
fn is_sound(text: &RichText, facts: &[Fact], plan: &Plan) -> Result<(), TestCaseError> {
    let said = text.text();
    prop_assert_eq!(uncited_number(text), None, "{}: {}", plan.name, said);
    prop_assert!(!said.contains("  ") && !said.contains(" ,") && !said.contains(" ."), "{}: {}", plan.name, said);
    prop_assert!(!said.starts_with(char::is_lowercase), "{}: {}", plan.name, said);
    for span in &text.0 {
        if let Some(Cite::Fact { fact, part, style }) = &span.cite {
            let fact = facts.iter().find(|other| &other.id == fact).unwrap();
            prop_assert_eq!(display::cite(fact, *part, *style), Some(span.text.clone()));
        }
    }
    let words: Vec<&str> = said.split_whitespace().collect();
    for pair in words.windows(2).filter(|pair| matches!(pair[0], "a" | "an")) {
        prop_assert_eq!(pair[0], super::grammar::article(pair[1]), "{}: {}", plan.name, said);
    }
    let sentence = matches!(plan.slot, Slot::Lead | Slot::Detail);
    prop_assert!(!sentence || said.ends_with(['.', '?']), "{}: {}", plan.name, said);
    Ok(())
}

/// A rise is never told with a word of falling, and the other way round.
fn direction_is_right(said: &str, rises: bool) -> bool {
    let wrong: &[&str] =
        if rises { &["fell", "shrank", "declines", "shed"] } else { &["rose", "grew", "gains", "added"] };
    !said.split(|c: char| !c.is_alphabetic()).any(|word| wrong.contains(&word))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_plan_is_sound_over_any_finding(
        kind in 0..KINDS.len(), subject in subjects(), a in 0.05f64..9000.0, b in 0.05f64..9000.0, n in 0u16..130,
    ) {
        let (finding, facts, infos) = finding(KINDS[kind], subject, a, b, n);
        for historical in [false, true] {
            let evidence = Evidence { facts: &facts, series: &infos, historical };
            let bound = Bound::finding(&finding, evidence).unwrap();
            let tables = [plans::of(finding.kind), plans::bridges(finding.kind), plans::primers(finding.kind)];
            for plan in tables.into_iter().flatten().filter(|plan| (plan.when)(&bound)) {
                let Some(text) = template::fill(plan.text, &bound) else { continue };
                is_sound(&text, &facts, plan)?;
                let moves = matches!(finding.kind, FindingKind::YearOnYear | FindingKind::LongRun | FindingKind::Streak);
                if moves && plan.slot != Slot::Primer && plan.slot != Slot::Bridge {
                    prop_assert!(direction_is_right(&text.text(), b > a), "{}: {}", plan.name, text.text());
                }
            }
        }
    }

    #[test]
    fn the_same_seed_composes_the_same_sentence(kind in 0..KINDS.len(), subject in subjects(), seed in any::<u64>()) {
        let (finding, facts, infos) = finding(KINDS[kind], subject, 35.0, 4228.0, 46);
        let evidence = Evidence { facts: &facts, series: &infos, historical: true };
        let bound = Bound::finding(&finding, evidence).unwrap();
        let compose = || {
            let mut composer = Composer::new(seed, Tone::Calm, &[]);
            (0..3).map(|_| composer.compose(plans::of(finding.kind), &bound, Wish::of(Slot::Lead, 40))).collect::<Vec<_>>()
        };
        prop_assert_eq!(compose(), compose());
    }
}

/// All tables over joined claims.
fn joined_tables() -> Vec<&'static [Plan]> {
    use proofreel_model::topic::Angle as A;
    let mut all = vec![
        plans::SURPRISE,
        plans::TITLE,
        plans::THUMB,
        plans::THUMB_ANY,
        plans::THUMB_PAIR,
        plans::INSIGHT,
        plans::IN_WORDS,
        plans::NUMBER,
        plans::NUMBER_IN_SHORT,
        plans::SCEPTIC,
        plans::TAKEAWAY,
        plans::WATCH,
        plans::SCOPE,
        plans::SIGN_OFF,
        plans::COMMENT,
        plans::PROMISE_PLAIN,
    ];
    all.extend([A::StateOfPlay, A::LongView, A::BoomAndBust, A::Versus, A::Leaderboard].map(plans::promises));
    all
}

fn own_roles(kind: FindingKind) -> Vec<String> {
    let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
    let mut roles: Vec<String> = finding(kind, subject, 3.0, 5.0, 2).0.roles.into_keys().collect();
    roles.extend(["gap", "ratio", "share", "multiple", "recovery"].map(str::to_owned));
    roles
}

#[test]
fn plans_parse_name_known_roles_and_hold_no_number_words() {
    let mut names = std::collections::BTreeSet::new();
    let mut look = |plan: &'static Plan, known: &dyn Fn(&str) -> bool| {
        assert!(names.insert(plan.name), "{} is the name of two plans", plan.name);
        let roles = template::roles(plan.text).unwrap_or_else(|| panic!("{} does not parse: {}", plan.name, plan.text));
        for role in roles {
            assert!(known(role), "{} names `{role}`, which its finding does not have", plan.name);
        }
        for words in template::plain_words(plan.text).unwrap() {
            assert_eq!(number_word(words), None, "{}: {words}", plan.name);
        }
    };
    for &kind in KINDS {
        let roles = own_roles(kind);
        for plan in plans::of(kind) {
            look(plan, &|role| roles.iter().any(|known| known == role));
        }
    }
    let joined: Vec<String> = KINDS
        .iter()
        .flat_map(|kind| own_roles(*kind).into_iter().map(|role| format!("{}.{role}", super::bound::alias(*kind))))
        .collect();
    for plan in joined_tables().into_iter().flatten() {
        look(plan, &|role| role == "newest" || joined.iter().any(|known| known == role));
    }
}

#[test]
fn every_kind_has_leads_details_a_heading_and_a_card() {
    for &kind in KINDS {
        let count = |slot| plans::of(kind).iter().filter(|plan| plan.slot == slot).count();
        assert!(count(Slot::Lead) >= 4, "{kind:?} has {} leads", count(Slot::Lead));
        assert!(count(Slot::Detail) >= 3, "{kind:?} has {} details", count(Slot::Detail));
        assert!(count(Slot::Heading) >= 1 && count(Slot::Card) >= 1, "{kind:?}");
    }
}

#[test]
fn rates_move_in_points_and_prices_in_percent() {
    let say = |unit| {
        let subject = Subject { unit, frequency: Frequency::Monthly, plural: false };
        let (finding, facts, infos) = finding(FindingKind::YearOnYear, subject, 4.0, 4.5, 1);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&finding, evidence).unwrap();
        template::fill("{S} {change?rose|fell} by {change:m}.", &bound).unwrap().text()
    };
    assert_eq!(say(1), "The price of tin rose by 0.5 percentage points.");
    assert_eq!(say(0), "The price of tin rose by 12.5 percent.");
}

#[test]
fn since_is_said_only_of_what_runs_on() {
    let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
    let (finding, facts, mut infos) = finding(FindingKind::Versus, subject, 40.0, 90.0, 2);
    let heading = |infos: &[SeriesInfo]| {
        let evidence = Evidence { facts: &facts, series: infos, historical: true };
        let bound = Bound::finding(&finding, evidence).unwrap();
        let composer = Composer::new(7, Tone::Calm, &[]);
        composer.propose(plans::of(finding.kind), &bound, Wish::of(Slot::Heading, 40)).unwrap().text.text()
    };
    assert!(heading(&infos).ends_with(" since 1980"), "{}", heading(&infos));
    // One of both lines goes on: what is told of both ended before now.
    infos[1].last = date(2028, 6, 1);
    assert!(heading(&infos).ends_with(", 1980 to 2026"), "{}", heading(&infos));
}

#[test]
fn a_fall_is_promised_and_given_back_and_no_rise_answers_for_it() {
    let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
    let wildest = plans::SURPRISE.iter().find(|plan| plan.name == "surprise.wildest").unwrap();
    let not_back = plans::TAKEAWAY.iter().find(|plan| plan.name == "takeaway.deepest_not_back").unwrap();
    // Of an odd number of years the fixture's fall is not made good.
    for (years, open) in [(7, true), (8, false)] {
        let (mut fall, facts, infos) = finding(FindingKind::WorstFall, subject, 40.0, 180.0, years);
        fall.roles = fall.roles.into_iter().map(|(role, id)| (format!("worst.{role}"), id)).collect();
        let evidence = Evidence { facts: &facts, series: &infos, historical: true };
        let bound = Bound::finding(&fall, evidence).unwrap();
        assert!(!(wildest.when)(&bound));
        assert_eq!((not_back.when)(&bound), open, "{years}");
        assert!(template::fill(not_back.text, &bound).is_some());
    }
}

#[test]
fn verbs_and_pronouns_follow_the_number_of_the_subject() {
    let say = |plural, unit| {
        let subject = Subject { unit, frequency: Frequency::Daily, plural };
        let (finding, facts, infos) = finding(FindingKind::YearOnYear, subject, 8.0, 7.0, 1);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&finding, evidence).unwrap();
        template::fill(
            "{latest:in} {s} {v:is|are} {a change:m} {change?rise|fall} from {its} level; {it} moved.",
            &bound,
        )
        .unwrap()
        .text()
    };
    assert_eq!(say(false, 0), "On June 1, 2026, the price of tin is a 12.5 percent fall from its level; it moved.");
    assert_eq!(say(true, 0), "On June 1, 2026, US tin prices are a 12.5 percent fall from their level; they moved.");
    assert_eq!(say(true, 2), "On June 1, 2026, US tin prices are a 12.5 percent fall from its level; the index moved.");
}

#[test]
fn a_rewrite_avoids_the_plan_it_names() {
    let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
    let (finding, facts, infos) = finding(FindingKind::LongRun, subject, 35.0, 4228.0, 46);
    let evidence = Evidence { facts: &facts, series: &infos, historical: true };
    let bound = Bound::finding(&finding, evidence).unwrap();
    let lead = |reasons: &[String]| {
        let composer = Composer::new(7, Tone::Calm, reasons);
        composer.propose(plans::of(finding.kind), &bound, Wish::of(Slot::Lead, 40)).unwrap().plan
    };
    let before = lead(&[]);
    assert_ne!(before, lead(&[format!("s02 narration 1 (plan {before}): long_sentence")]));
}

#[test]
fn openings_do_not_repeat_while_others_are_left() {
    let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
    let (finding, facts, infos) = finding(FindingKind::OffPeak, subject, 35.0, 4228.0, 46);
    let evidence = Evidence { facts: &facts, series: &infos, historical: true };
    let bound = Bound::finding(&finding, evidence).unwrap();
    for seed in 0..50 {
        let mut composer = Composer::new(seed, Tone::Calm, &[]);
        let starts: Vec<String> = (0..4)
            .filter_map(|_| composer.compose(plans::of(finding.kind), &bound, Wish::of(Slot::Lead, 40)))
            .map(|composed| super::composer::start(&composed.text.text(), 3))
            .collect();
        let mut distinct = starts.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 4, "{starts:?}");
    }
}
