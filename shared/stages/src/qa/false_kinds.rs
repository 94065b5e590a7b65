//! The newer kinds of picture: right as they are, and each with what could be wrong with it.

use proofreel_model::stage::StageName::SceneBuilder;
use proofreel_model::text::RichText;
use proofreel_model::visual::{Band, Bar, Mark, Quotation, RangeMark, RankedMember, Visual};

use super::false_words::{Mutation, write};
use super::fixture::{Episode, series};
use super::rules::Rule;

/// Pictures of the newer kinds, right in every respect, over the fixture's two prices.
#[allow(clippy::too_many_lines)] // one picture of each kind
pub fn kinds(e: &Episode) -> Vec<Visual> {
    let heading = || write(e, "{n0} over the window");
    let whole = || {
        let Visual::Title { backdrop: Some(trace), .. } = &e.scenes.scenes[0].visual else { panic!() };
        trace.clone()
    };
    let Visual::Line { traces: both, .. } = &e.scenes.scenes[4].visual else { panic!() };
    let date = |text: &str| text.parse::<jiff::civil::Date>().unwrap();
    let mark = |fact: &str, at: &str| Mark {
        trace: 0,
        date: date(at),
        label: write(e, &format!("{{{fact}:value:screen}}, {{{fact}:at:screen}}")),
        fact: fact.into(),
    };
    let bar = |label: &str, fact: &str| Bar {
        label: write(e, label),
        figure: write(e, &format!("{{{fact}:value:screen}}")),
        value: e.brief.fact(&fact.into()).unwrap().value,
        fact: fact.into(),
        emphasis: false,
    };
    let member = |n: usize, at: &[usize]| RankedMember {
        series: series(n),
        label: both[n].label.clone(),
        points: at.iter().map(|at| both[n].points[*at]).collect(),
    };
    let (unit, frequency) = (both[0].unit.clone(), both[0].frequency);
    let marks = || vec![mark("f002", "2025-06-01"), mark("f001", "2026-06-01")];
    let ranges = || {
        vec![RangeMark {
            trace: 0,
            from: date("2025-06-01"),
            to: date("2026-06-01"),
            label: write(e, "{f003:value:signed}"),
            fact: "f003".into(),
        }]
    };
    vec![
        Visual::Area { heading: heading(), traces: both.clone(), marks: marks(), ranges: ranges() },
        Visual::Columns {
            heading: heading(),
            trace: whole(),
            marks: marks(),
            lit: vec![date("2025-07-01")],
            ranges: ranges(),
        },
        Visual::Slope {
            heading: heading(),
            members: vec![member(1, &[17, 29]), member(0, &[17, 29])],
            unit,
            frequency,
            from: date("2025-06-01"),
            to: date("2026-06-01"),
            focus: 1,
        },
        Visual::Distribution {
            heading: heading(),
            trace: whole(),
            marks: vec![mark("f001", "2026-06-01")],
            average: Some(bar("Average", "f008")),
        },
        Visual::SmallMultiples { heading: heading(), traces: both.clone(), focus: 0 },
        Visual::Quote {
            heading: heading(),
            quote: Quotation {
                text: "Monthly averages of prices paid for metals.".into(),
                dataset: "metal-prices".into(),
                resource: "monthly".into(),
            },
            by: write(e, "From the description of the data: {src1}"),
            trace: whole(),
            marks: marks(),
            ranges: ranges(),
        },
        Visual::BeforeAfter {
            heading: heading(),
            trace: whole(),
            at: date("2025-12-01"),
            event: write(e, "The peak: {f004:at:screen}"),
            before: bar("Up to it", "f013"),
            after: bar("Since", "f007"),
            marks: vec![mark("f004", "2025-12-01")],
        },
    ]
}

/// The second scene with the picture of this kind, right as it is.
fn shown<'e>(e: &'e mut Episode, kind: &str) -> &'e mut Visual {
    let visual = kinds(e).into_iter().find(|visual| visual.kind() == kind).unwrap();
    e.scenes.scenes[1].visual = visual;
    &mut e.scenes.scenes[1].visual
}

/// The line under a recession that was not then.
fn recession(e: &mut Episode) -> Visual {
    let Visual::Quote { heading, trace, marks, ranges, .. } = shown(e, "quote").clone() else { panic!() };
    let label = RichText::plain("The Great Recession");
    let (from, to) = ("2025-01-01".parse().unwrap(), "2025-06-30".parse().unwrap());
    let (bands, note) = (vec![Band { label, from, to }], RichText::plain("Shaded: recessions"));
    Visual::Timeline { heading, trace, bands, note, marks, ranges }
}

pub const KINDS: &[Mutation] = &[
    ("an area below zero", Rule::PictureShape, SceneBuilder, |e| {
        let Visual::Area { traces, .. } = shown(e, "area") else { panic!() };
        traces[1].points[3].value = -1.0;
    }),
    ("a stack of other dates", Rule::PictureShape, SceneBuilder, |e| {
        let Visual::Area { traces, .. } = shown(e, "area") else { panic!() };
        traces[1].points.remove(3);
    }),
    ("a stacked point altered", Rule::PointAltered, SceneBuilder, |e| {
        let Visual::Area { traces, .. } = shown(e, "area") else { panic!() };
        traces[1].points[3].value += 1.0;
    }),
    ("a column lit that nobody speaks of", Rule::PictureShape, SceneBuilder, |e| {
        let Visual::Columns { lit, .. } = shown(e, "columns") else { panic!() };
        lit.push("2024-03-01".parse().unwrap());
    }),
    ("a column altered", Rule::PointAltered, SceneBuilder, |e| {
        let Visual::Columns { trace, .. } = shown(e, "columns") else { panic!() };
        trace.points[4].value *= 2.0;
    }),
    ("a slope from another date", Rule::PictureShape, SceneBuilder, |e| {
        let Visual::Slope { members, .. } = shown(e, "slope") else { panic!() };
        members[0].points.remove(0);
    }),
    ("a slope's end altered", Rule::PointAltered, SceneBuilder, |e| {
        let Visual::Slope { members, .. } = shown(e, "slope") else { panic!() };
        members[0].points[1].value -= 100.0;
    }),
    ("a part that is no share", Rule::PictureShape, SceneBuilder, |e| {
        let Visual::Distribution { average: Some(part), heading, .. } = shown(e, "distribution").clone() else {
            panic!()
        };
        e.scenes.scenes[1].visual = Visual::Share { heading, parts: vec![part] };
    }),
    ("a distribution with a hole", Rule::PictureShape, SceneBuilder, |e| {
        let Visual::Distribution { trace, .. } = shown(e, "distribution") else { panic!() };
        trace.points.remove(5);
    }),
    ("an average of something else", Rule::PictureShape, SceneBuilder, |e| {
        let Visual::BeforeAfter { after, .. } = shown(e, "before_after").clone() else { panic!() };
        let Visual::Distribution { average, .. } = shown(e, "distribution") else { panic!() };
        *average = Some(after);
    }),
    ("small charts of one series", Rule::PictureShape, SceneBuilder, |e| {
        let Visual::SmallMultiples { traces, .. } = shown(e, "small_multiples") else { panic!() };
        traces[1] = traces[0].clone();
    }),
    ("more small charts than can be read", Rule::PictureShape, SceneBuilder, |e| {
        let Visual::SmallMultiples { traces, .. } = shown(e, "small_multiples") else { panic!() };
        while traces.len() < 10 {
            let mut more = traces[0].clone();
            more.series.column = format!("Other {}", traces.len());
            traces.push(more);
        }
    }),
    ("a dot plot out of order", Rule::PictureShape, SceneBuilder, |e| {
        let Visual::Slope { mut members, unit, frequency, to, heading, .. } = shown(e, "slope").clone() else {
            panic!()
        };
        members.reverse();
        for member in &mut members {
            member.points.remove(0);
        }
        e.scenes.scenes[1].visual = Visual::DotPlot { heading, members, unit, frequency, at: to, focus: 0 };
    }),
    ("a quotation with a word changed", Rule::QuoteAltered, SceneBuilder, |e| {
        let Visual::Quote { quote, .. } = shown(e, "quote") else { panic!() };
        quote.text = quote.text.replace("paid", "asked");
    }),
    ("half a sentence quoted", Rule::QuoteAltered, SceneBuilder, |e| {
        let Visual::Quote { quote, .. } = shown(e, "quote") else { panic!() };
        quote.text = "averages of prices paid for metals.".into();
    }),
    ("a quotation with a number", Rule::NumberWithoutFact, SceneBuilder, |e| {
        let Visual::Quote { quote, .. } = shown(e, "quote") else { panic!() };
        quote.text = "There are eleven metals in the table.".into();
    }),
    ("a bracket on columns that moved", Rule::MarkMisplaced, SceneBuilder, |e| {
        let Visual::Columns { ranges, .. } = shown(e, "columns") else { panic!() };
        ranges[0].to = "2026-05-01".parse().unwrap();
    }),
    ("a bracket on a series that is stacked", Rule::SeriesMisplaced, SceneBuilder, |e| {
        let Visual::Area { ranges, .. } = shown(e, "area") else { panic!() };
        ranges[0].trace = 1;
    }),
    ("a bracket over a recession with another's figure", Rule::FigureWithoutFact, SceneBuilder, |e| {
        e.scenes.scenes[1].visual = recession(e);
        let label = write(e, "{f005:value:screen}");
        let Visual::Timeline { ranges, .. } = &mut e.scenes.scenes[1].visual else { panic!() };
        ranges[0].label = label;
    }),
    ("a recession without a name that was none", Rule::EventMisdated, SceneBuilder, |e| {
        let mut visual = recession(e);
        let Visual::Timeline { bands, .. } = &mut visual else { panic!() };
        bands[0].label = RichText::default();
        e.scenes.scenes[1].visual = visual;
    }),
    ("a recession moved", Rule::EventMisdated, SceneBuilder, |e| {
        e.scenes.scenes[1].visual = recession(e);
    }),
    ("a line parted elsewhere", Rule::EventMisdated, SceneBuilder, |e| {
        let Visual::BeforeAfter { at, .. } = shown(e, "before_after") else { panic!() };
        *at = "2025-10-01".parse().unwrap();
    }),
    ("before and after exchanged", Rule::EventMisdated, SceneBuilder, |e| {
        let Visual::BeforeAfter { before, after, .. } = shown(e, "before_after") else { panic!() };
        std::mem::swap(before, after);
    }),
];
