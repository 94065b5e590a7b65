//! The newer kinds of picture with indecent texts.

use proofreel_model::ids::FactId;
use proofreel_model::series::Frequency;
use proofreel_model::text::RichText;
use proofreel_model::visual::{Band, Mark, Quotation, RangeMark, RankedMember, Trace, TracePoint, Visual};

use super::{LONG, bar, member, year};
use crate::samples::{cited, series, usd};

fn part(n: usize, from: i16, value: impl Fn(usize) -> f64) -> Trace {
    let points = (0..24usize)
        .map(|k| TracePoint { date: jiff::civil::date(from + k as i16, 1, 1), value: value(k), row: k as u32 + 1 })
        .collect();
    let name = if n.is_multiple_of(2) { LONG } else { "Short" };
    let (label, unit) = (RichText::plain(name), usd());
    Trace { series: series(&format!("part {n}")), label, unit, frequency: Frequency::Annual, points }
}

/// One of each kind.
#[allow(clippy::too_many_lines)] // one of each kind
pub fn visuals(heading: &RichText, gold: &Trace, other: &Trace) -> Vec<Visual> {
    let heading = || heading.clone();
    let mark = |trace: &Trace, at: usize, fact: &str| Mark {
        trace: 0,
        date: trace.points[at].date,
        label: cited("", &[(fact, "$1,234.56")], " in the third quarter of 2019"),
        fact: FactId::from(fact),
    };
    let range = |trace: &Trace, from: usize, to: usize, fact: &str| RangeMark {
        trace: 0,
        from: trace.points[from].date,
        to: trace.points[to].date,
        label: cited("", &[(fact, "+1,234.5%")], " a year over all of the stretch"),
        fact: FactId::from(fact),
    };
    let ranges = |trace: &Trace, ends: [usize; 3]| {
        vec![range(trace, ends[0], ends[1], "f001"), range(trace, ends[0], ends[2], "f002")]
    };
    let marks = vec![mark(gold, 0, "f001"), mark(gold, 47, "f002"), mark(gold, 359, "f003")];
    let parts: Vec<Trace> = (0..4).map(|n| part(n, 2000, |k| 40.0 + (k * (n + 1)) as f64)).collect();
    let swings = part(1, 2000, |k| (k as f64 * 0.7).sin() * 900.0);
    let members = |dates: &[u32]| -> Vec<RankedMember> {
        (0..8)
            .map(|n| {
                let whole = member(n, if n % 3 == 0 { LONG } else { "Short" });
                let points =
                    whole.points.iter().filter(|p| dates.iter().any(|d| year(*d) == p.date)).copied().collect();
                RankedMember { points, ..whole }
            })
            .collect()
    };
    let band = |from: i16, to: i16| Band {
        label: RichText::plain("The disinflation recession"),
        from: jiff::civil::date(from, 3, 1),
        to: jiff::civil::date(to, 5, 31),
    };
    let (first, last) = (gold.points[0].date.year(), gold.points[359].date.year());
    vec![
        Visual::Area {
            heading: heading(),
            traces: vec![gold.clone()],
            marks: marks.clone(),
            ranges: ranges(gold, [0, 47, 359]),
        },
        Visual::Area { heading: heading(), traces: parts.clone(), marks: Vec::new(), ranges: Vec::new() },
        Visual::Columns {
            heading: heading(),
            lit: swings.points[4..9].iter().map(|point| point.date).collect(),
            marks: vec![mark(&swings, 4, "f001"), mark(&swings, 8, "f002"), mark(&swings, 9, "f003")],
            ranges: ranges(&swings, [2, 4, 9]),
            trace: swings,
        },
        Visual::Slope {
            heading: heading(),
            members: members(&[0, 19]),
            unit: usd(),
            frequency: Frequency::Annual,
            from: year(0),
            to: year(19),
            focus: 3,
        },
        Visual::Share {
            heading: heading(),
            parts: vec![bar(LONG, "13.72%", 13.72, "f001"), bar(LONG, "100.00%", 100.0, "f002")],
        },
        Visual::Distribution {
            heading: heading(),
            trace: gold.clone(),
            marks: vec![marks[2].clone()],
            average: Some(bar(LONG, "$1,234.56", gold.points[40].value, "f002")),
        },
        Visual::SmallMultiples {
            heading: heading(),
            traces: (0..6).map(|n| part(n, 1990 + n as i16, |k| (k * k) as f64 + 1e6)).collect(),
            focus: 2,
        },
        Visual::DotPlot {
            heading: heading(),
            members: members(&[19]),
            unit: usd(),
            frequency: Frequency::Annual,
            at: year(19),
            focus: 3,
        },
        Visual::Quote {
            heading: heading(),
            quote: Quotation { text: format!("{LONG}, {LONG}."), dataset: "sample".into(), resource: "data".into() },
            by: RichText::plain(LONG),
            trace: other.clone(),
            marks: vec![Mark { trace: 0, ..mark(other, 359, "f001") }],
            ranges: ranges(other, [12, 48, 300]),
        },
        Visual::Timeline {
            heading: heading(),
            trace: gold.clone(),
            bands: (first..last).step_by(4).map(|from| band(from, from + 1)).collect(),
            note: RichText::plain(LONG),
            marks: marks.clone(),
            ranges: ranges(gold, [47, 200, 359]),
        },
        Visual::BeforeAfter {
            heading: heading(),
            trace: gold.clone(),
            at: gold.points[47].date,
            event: cited("The turn of ", &[("f002", "the third quarter of 2019")], ""),
            before: bar(LONG, "+1,234.5 percentage points", 3.0, "f001"),
            after: bar(LONG, "−1,234.5 percentage points", 4.0, "f002"),
            marks,
        },
    ]
}
