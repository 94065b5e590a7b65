//! The seven public packages: what is loaded, what is screened out, what is mined, and that all of it recomputes.

mod support;

use jiff::civil::{Date, date};
use proofreel_evidence::{Library, PackageBytes, Recomputer, discover, mine, trace};
use proofreel_model::brief::ScreeningKind;
use proofreel_model::fact::Formula;
use proofreel_model::finding::FindingKind;
use proofreel_model::series::{Adjustment, Frequency};
use proofreel_model::topic::Angle;
use proofreel_model::unit::UnitKind;
use support::{PACKAGES, public};

const DAY: Date = date(2026, 11, 22);

fn loaded(name: &str) -> Option<(Vec<PackageBytes>, Library)> {
    let packages = vec![public(name)?];
    let library = Library::load(&packages).unwrap_or_else(|error| panic!("{name}: {error}"));
    Some((packages, library))
}

#[test]
fn every_topic_of_every_package_has_six_findings_whose_facts_recompute() {
    for name in PACKAGES {
        let Some((packages, library)) = loaded(name) else { continue };
        let recomputer = Recomputer::new(&packages);
        let seeds = discover(&library);
        assert!(!seeds.is_empty(), "{name}");
        for seed in seeds {
            let mined = mine(&library, &seed.series, seed.angle, DAY);
            assert!(mined.findings.len() >= 6, "{name}: {} has {} findings", seed.title, mined.findings.len());
            for fact in &mined.facts {
                let value = recomputer
                    .fact(fact)
                    .unwrap_or_else(|error| panic!("{name} {} {:?}: {error}", fact.id, fact.formula));
                assert!(
                    (value - fact.value).abs() <= 1e-9 * fact.value.abs().max(1e-9),
                    "{name} {}: {value} {}",
                    fact.id,
                    fact.value
                );
            }
            for finding in &mined.findings {
                recomputer
                    .claim(finding, &mined.facts, DAY)
                    .unwrap_or_else(|error| panic!("{name} {:?}: {error}", finding.kind));
            }
            assert_eq!(mined, mine(&library, &seed.series, seed.angle, DAY), "mining is deterministic");
        }
    }
}

#[test]
fn plotted_points_are_source_rows() {
    for name in PACKAGES {
        let Some((packages, library)) = loaded(name) else { continue };
        let recomputer = Recomputer::new(&packages);
        for series in library.datasets()[0].series.iter().take(20) {
            let keep = [series.points[series.points.len() / 3].date];
            let points = trace(&library, &series.info.series, None, None, 300, &keep).unwrap();
            assert!(points.len() <= 300 && points.iter().any(|point| point.date == keep[0]));
            for point in points {
                assert_eq!(recomputer.point(&series.info.series, point.row), Ok((point.date, point.value)));
            }
        }
    }
}

#[test]
fn gold_before_1960_is_annual_and_units_are_dollars_an_ounce() {
    let Some((_, library)) = loaded("gold-prices") else { return };
    let dataset = &library.datasets()[0];
    let (monthly, annual) = (&dataset.series[0], &dataset.series[1]);
    assert_eq!((monthly.info.first, monthly.info.observations), (date(1960, 1, 1), 798));
    assert_eq!((annual.info.frequency, annual.info.observations), (Frequency::Annual, 192));
    assert_eq!(
        (monthly.info.name.subject.as_str(), monthly.info.unit.per.as_deref()),
        ("the price of gold", Some("ounce"))
    );
    assert!(dataset.screening.iter().any(|finding| finding.kind == ScreeningKind::Stuck && finding.rows == (1, 1524)));
    assert_ne!(monthly.info.name, annual.info.name);
    // The long view goes to the longer record.
    let long = discover(&library).into_iter().find(|seed| seed.angle == Angle::LongView).unwrap();
    assert_eq!(long.series[0].resource, "annual");
}

#[test]
fn consumer_prices_are_an_unadjusted_index_and_their_derived_column_is_known() {
    let Some((_, library)) = loaded("cpi-us") else { return };
    let dataset = &library.datasets()[0];
    assert_eq!(dataset.series[0].info.unit.kind, UnitKind::Index { base: Some("1982-84=100".into()) });
    assert_eq!(
        (dataset.series[0].info.adjustment, dataset.series[0].info.name.subject.as_str()),
        (Adjustment::Unadjusted, "US consumer prices")
    );
    assert!(dataset.series[1].derived_from.is_some());
    let mined = mine(&library, &[dataset.series[0].info.series.clone()], Angle::StateOfPlay, DAY);
    assert!(
        mined.findings.iter().all(|finding| !matches!(finding.kind, FindingKind::Level | FindingKind::Streak)),
        "an unadjusted index has no level and no streak"
    );
    let change = mined
        .facts
        .iter()
        .find(|fact| matches!(&fact.formula, Formula::PercentChange { from, .. } if *from == date(2025, 5, 1)))
        .unwrap();
    assert_eq!(change.display, "4.2%");
}

#[test]
fn oil_names_and_calendars_differ() {
    let Some((_, library)) = loaded("oil-prices") else { return };
    let names: Vec<(&str, Frequency)> = library.datasets()[0]
        .series
        .iter()
        .map(|series| (series.info.name.subject.as_str(), series.info.frequency))
        .collect();
    assert_eq!(
        names,
        [
            ("the Europe Brent crude oil spot price", Frequency::Daily),
            ("the monthly average Europe Brent crude oil spot price", Frequency::Monthly),
            ("the WTI crude oil spot price", Frequency::Monthly),
        ]
    );
    assert!(discover(&library).iter().any(|seed| seed.angle == Angle::Versus));
}

#[test]
fn yields_are_told_in_points_and_never_in_percent_of_percent() {
    let Some((_, library)) = loaded("bond-yields-us-10y") else { return };
    for angle in [Angle::StateOfPlay, Angle::LongView, Angle::BoomAndBust] {
        let series = library.datasets()[0].series[0].info.series.clone();
        let mined = mine(&library, &[series], angle, DAY);
        let relative = |formula: &Formula| {
            matches!(
                formula,
                Formula::PercentChange { .. }
                    | Formula::Multiple { .. }
                    | Formula::GrowthRate { .. }
                    | Formula::Drawdown { .. }
            )
        };
        assert!(mined.facts.iter().all(|fact| !relative(&fact.formula)));
        let moves = mined
            .facts
            .iter()
            .filter(|fact| matches!(fact.formula, Formula::Change { .. } | Formula::TypicalMove { .. }));
        assert!(moves.into_iter().all(|fact| fact.unit.kind == UnitKind::PercentagePoints));
    }
}

#[test]
fn employment_counts_have_no_unit_and_contradicting_rows_are_out() {
    let Some((_, library)) = loaded("employment-us") else { return };
    let dataset = &library.datasets()[0];
    for series in &dataset.series {
        let percent = series.info.series.column.ends_with("_percent");
        let expected = if percent { UnitKind::Percent } else { UnitKind::Unspecified };
        assert_eq!(series.info.unit.kind, expected, "{}", series.info.series.column);
    }
    let population = &dataset.series[0];
    assert!(population.points.iter().all(|point| point.date != date(1947, 1, 1)));
    assert!(discover(&library).iter().flat_map(|seed| &seed.series).all(|series| series.column.ends_with("_percent")));
}

#[test]
fn house_prices_prefer_the_adjusted_column() {
    let Some((_, library)) = loaded("house-prices-us") else { return };
    let series = &library.datasets()[0].series;
    assert_eq!((series[0].info.adjustment, series[1].info.adjustment), (Adjustment::Unadjusted, Adjustment::Adjusted));
    assert_eq!(
        (series[0].info.name.subject.as_str(), series[1].info.name.subject.as_str()),
        ("unadjusted US house prices", "US house prices")
    );
    assert!(discover(&library).iter().flat_map(|seed| &seed.series).all(|series| series.column == "National-US-SA"));
}

#[test]
fn aggregates_are_not_ranked_with_countries() {
    let Some((_, library)) = loaded("gdp") else { return };
    let dataset = &library.datasets()[0];
    let panel = dataset.panels.iter().max_by_key(|panel| panel.members.len()).unwrap();
    assert_eq!((panel.members.len(), panel.aggregates.len(), panel.whole), (213, 48, true));
    let mined = mine(&library, &panel.members[..1], Angle::Leaderboard, DAY);
    let leader = mined.findings.iter().find(|finding| finding.kind == FindingKind::PanelLeader).unwrap();
    assert_eq!(leader.series[0].filter["Country Name"], "United States");
    let share = mined.facts.iter().find(|fact| leader.roles.get("share") == Some(&fact.id)).unwrap();
    assert!((26.0..27.0).contains(&share.value), "{}", share.value);
    assert_eq!(library.series(&panel.members[0]).unwrap().info.name.subject, "the GDP of Afghanistan");
    // The small table is a selection: no share of a total.
    let small = dataset.panels.iter().min_by_key(|panel| panel.members.len()).unwrap();
    assert!(!small.whole && small.unit.multiplier == 1e12);
}
