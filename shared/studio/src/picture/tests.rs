//! Every kind of picture, with texts far longer than is decent, in both formats.

mod kinds;
mod light;

use jiff::civil::Date;
use proofreel_model::channel::Look;
use proofreel_model::film::Format;
use proofreel_model::ids::FactId;
use proofreel_model::series::Frequency;
use proofreel_model::text::RichText;
use proofreel_model::unit::Unit;
use proofreel_model::visual::{Bar, Mark, RankedMember, TracePoint, Visual};

use super::{Picture, Shot, compose};
use crate::beats::Beats;
use crate::geometry::Area;
use crate::inscription::Role;
use crate::media::small;
use crate::ops::Op;
use crate::painter::Painter;
use crate::samples::{cited, sentence, series, span_of, trace, typesetter, usd};
use crate::theme::Theme;

const LONG: &str = "The seasonally adjusted national home price index of the twenty largest metropolitan areas";

fn bar(label: &str, figure: &str, value: f64, fact: &str) -> Bar {
    Bar {
        label: RichText::plain(label),
        figure: cited("", &[(fact, figure)], ""),
        value,
        fact: FactId::from(fact),
        emphasis: fact == "f001",
    }
}

fn member(n: usize, label: &str) -> RankedMember {
    let points = (0..20u32)
        .map(|k| TracePoint {
            date: year(k),
            value: 100.0 + f64::from(k) * ((n * 7) % 11) as f64 + n as f64,
            row: k + 1,
        })
        .collect();
    RankedMember { series: series(label), label: RichText::plain(label), points }
}

fn year(n: u32) -> Date {
    Date::new(2000 + n as i16, 1, 1).expect("date")
}

fn visuals() -> Vec<Visual> {
    let heading =
        cited(LONG, &[("f001", "127.3 percent")], " since the record began, which nobody expected at the time");
    let gold = trace("Gold", 360, |n| 300.0 + 200.0 * (n as f64 * 0.05).sin() + n as f64);
    let mut other = trace(LONG, 360, |n| 500.0 - n as f64 * 0.4);
    other.series = series("other");
    let mark = |month: usize, trace: u32, fact: &str| Mark {
        trace,
        date: gold.points[month].date,
        label: cited("", &[(fact, "$1,234.56")], " in the third quarter of 2019"),
        fact: FactId::from(fact),
    };
    let lines = |log_scale| Visual::Line {
        heading: heading.clone(),
        traces: vec![gold.clone(), other.clone()],
        marks: vec![
            mark(0, 0, "f001"),
            mark(40, 1, "f002"),
            mark(47, 0, "f003"),
            mark(359, 0, "f004"),
            mark(359, 1, "f005"),
        ],
        log_scale,
        ranges: Vec::new(),
    };
    let more = kinds::visuals(&heading, &gold, &other);
    let many = ["One", LONG, "Three", LONG, "Five", "Six", LONG, "Eight"];
    vec![
        Visual::Title {
            kicker: RichText::plain(LONG),
            heading: heading.clone(),
            backdrop: Some(gold.clone()),
            picture: None,
        },
        lines(false),
        lines(true),
        Visual::Bars {
            heading: heading.clone(),
            bars: many
                .iter()
                .enumerate()
                .map(|(n, label)| bar(label, "−1,234.56%", n as f64 * 13.0 - 40.0, &format!("f{n:03}")))
                .collect(),
            unit: Unit::percent(),
        },
        Visual::Ranking {
            heading: heading.clone(),
            members: (0..13).map(|n| member(n, if n % 3 == 0 { LONG } else { "Short" })).collect(),
            unit: usd(),
            frequency: Frequency::Annual,
            dates: (0..20).map(year).collect(),
            focus: 9,
        },
        Visual::Comparison {
            heading: heading.clone(),
            left: bar(LONG, "$27.4 trillion", -8.0, "f001"),
            right: bar(LONG, "−$1,234,567", 21.0, "f002"),
            delta: cited("", &[("f003", "+1,234.5 percentage points")], ""),
        },
        Visual::BigNumber {
            heading: heading.clone(),
            figure: cited("", &[("f001", "$1,234,567,890")], ""),
            fact: FactId::from("f001"),
            context: heading.clone(),
            backdrop: Some(gold),
        },
        Visual::Payoff {
            heading: heading.clone(),
            points: vec![heading.clone(), heading.clone(), heading.clone(), heading.clone()],
        },
        Visual::End {
            heading: RichText::plain("Sources"),
            sources: vec![RichText::plain(LONG); 7],
            small_print: vec![LONG.repeat(3), LONG.into()],
        },
    ]
    .into_iter()
    .chain(more)
    .collect()
}

/// Calls `check` with each picture in each format, and the times to look at it.
fn each(check: impl Fn(&Visual, &mut dyn Picture, &Theme, &[f32])) {
    let narration = [
        sentence("Here is ", &[("f001", "127.3 percent")], " of it."),
        sentence("And there ", &[("f002", "12")], " of that."),
    ];
    let beats = Beats::of(&span_of("s01", &narration, 0.5), &narration);
    let source = RichText::plain(format!("{LONG}, as of August 2026, {LONG}"));
    let on_screen = [cited(LONG, &[("f001", "127.3 percent")], ""), RichText::plain("Another line")];
    let times: Vec<f32> = (0..=12).map(|n| beats.seconds * n as f32 / 12.0).collect();
    for format in [Format::Landscape, Format::Portrait] {
        for captions in [false, true] {
            let theme =
                Theme::new(&Look::default(), format, captions, "A Channel with a Rather Long Name").expect("theme");
            for visual in visuals() {
                let mut type_ = typesetter();
                let shot = Shot {
                    visual: &visual,
                    source_line: &source,
                    on_screen: &on_screen,
                    beats: &beats,
                    theme: &theme,
                    photo: None,
                };
                let mut picture = compose(&shot, &mut type_).expect("composed");
                check(&visual, picture.as_mut(), &theme, &times);
            }
        }
    }
}

fn kind(visual: &Visual) -> String {
    format!("{visual:?}").chars().take_while(|c| c.is_alphanumeric()).collect()
}

#[test]
fn nothing_leaves_the_safe_area() {
    each(|visual, picture, theme, times| {
        let safe = theme.safe.grown(12.0);
        let ground = theme.palette.background;
        let base = picture.base();
        for (n, pixel) in base.pixels().iter().enumerate() {
            if (pixel.red(), pixel.green(), pixel.blue()) != (ground.r, ground.g, ground.b) {
                let (x, y) = ((n as u32 % base.width()) as f32, (n as u32 / base.width()) as f32);
                assert!(safe.has(x, y), "{} {:?}: the base reaches ({x}, {y})", kind(visual), theme.format);
            }
        }
        let mut type_ = typesetter();
        for t in times {
            for op in picture.ops(*t, &mut type_) {
                let area = match &op {
                    Op::Text { block, x, y, .. } => Area::new(*x as f32, *y, block.width, block.height),
                    Op::Fill { area, .. } | Op::Round { area, .. } => *area,
                    // Faint lines behind a card run from edge to edge.
                    _ => continue,
                };
                assert!(safe.grown(6.0).holds(area), "{} {:?} at {t}: {op:?}", kind(visual), theme.format);
            }
        }
    });
}

#[test]
fn texts_that_stand_still_do_not_overlap() {
    each(|visual, picture, theme, times| {
        let mut type_ = typesetter();
        let ops = picture.ops(times[times.len() - 1], &mut type_);
        let texts: Vec<Area> = ops
            .iter()
            .filter_map(|op| match op {
                Op::Text { block, x, y, opacity, .. } if *opacity > 100 => {
                    Some(Area::new(*x as f32, *y, block.width, block.height * 0.96))
                }
                _ => None,
            })
            .collect();
        for (n, a) in texts.iter().enumerate() {
            for b in &texts[n + 1..] {
                // Line boxes hold air above and below the letters.
                let (a, b) = (a.without(0.0, a.h * 0.1, 0.0, a.h * 0.1), b.without(0.0, b.h * 0.1, 0.0, b.h * 0.1));
                assert!(!a.overlaps(b), "{} {:?}: {a:?} and {b:?}", kind(visual), theme.format);
            }
        }
    });
}

#[test]
fn any_frame_can_be_drawn_without_those_before_it() {
    each(|visual, picture, theme, times| {
        if theme.caption_band.is_some() || theme.is_portrait() {
            return;
        }
        let mut type_ = typesetter();
        let base = picture.base().clone();
        let mut kept = Painter::new(&base);
        for t in times {
            let ops = picture.ops(*t, &mut type_);
            kept.show(&base, ops.clone());
            let mut fresh = Painter::new(&base);
            fresh.show(&base, ops);
            assert!(kept.canvas().data() == fresh.canvas().data(), "{} at {t}", kind(visual));
        }
    });
}

#[test]
fn something_moves_every_few_seconds() {
    each(|visual, picture, theme, _| {
        let mut type_ = typesetter();
        if theme.is_portrait() || matches!(visual, Visual::End { .. }) {
            return;
        }
        let start = picture.ops(0.1, &mut type_);
        let later = picture.ops(2.6, &mut type_);
        assert!(start != later, "{}", kind(visual));
    });
}

#[test]
fn a_line_has_begun_in_the_first_frame_of_its_scene() {
    each(|visual, picture, theme, _| {
        let lines = matches!(
            visual,
            Visual::Line { .. }
                | Visual::Area { .. }
                | Visual::Quote { .. }
                | Visual::Timeline { .. }
                | Visual::BeforeAfter { .. }
        );
        if !lines {
            return;
        }
        let ops = picture.ops(0.0, &mut typesetter());
        let layers = ops.iter().filter(|op| matches!(op, Op::Layer { .. })).map(Op::bounds);
        let widest = layers.map(|part| part.right - part.left).max();
        // A layer begins 12 pixels left of its line.
        assert!(widest.is_some_and(|wide| wide > 30), "{} {:?}: {widest:?}", kind(visual), theme.format);
    });
}

#[test]
fn no_chart_stands_still_to_the_eye_while_the_narration_speaks_of_the_whole() {
    // Two facts, then a long sentence of none: what moves is seen as the media check sees it.
    let long = "what lies between them is worth a look and nothing more than that can be said of it here ".repeat(2);
    let narration = [
        sentence("Here is ", &[("f001", "127.3 percent")], " of it and there "),
        sentence("is ", &[("f002", "12")], &format!(" of that, {long}.")),
    ];
    let beats = Beats::of(&span_of("s01", &narration, 0.5), &narration);
    let frames = &proofreel_model::policy::law().media.frames;
    let (nothing, theme) =
        (RichText::default(), Theme::new(&Look::default(), Format::Landscape, false, "").expect("theme"));
    let mut type_ = typesetter();
    for visual in visuals().iter().filter(|visual| visual.is_chart()) {
        let shot = Shot { visual, source_line: &nothing, on_screen: &[], beats: &beats, theme: &theme, photo: None };
        let mut picture = compose(&shot, &mut type_).expect("composed");
        let base = picture.base().clone();
        let mut painter = Painter::new(&base);
        let (mut first, mut since): (Vec<u8>, f32) = (Vec::new(), 0.0);
        for half in 0..(beats.seconds * 2.0) as u32 {
            let t = half as f32 / 2.0;
            painter.show(&base, picture.ops(t, &mut type_));
            let grey = small(half, painter.canvas()).grey;
            if first.is_empty() || grey.iter().zip(&first).any(|(a, b)| a.abs_diff(*b) > frames.still_step) {
                (first, since) = (grey, t);
            }
            let still = ((t - since) * 1000.0) as u32;
            assert!(still <= frames.still_ms, "{} stands still from {since} s to {t} s", kind(visual));
        }
    }
}

#[test]
fn ranked_values_are_observations_only() {
    let members: Vec<RankedMember> =
        (0..4).map(|n| member(n, &format!("Member {}", ["A", "B", "C", "D"][n]))).collect();
    let dates: Vec<Date> = (0..20).map(year).collect();
    let known: Vec<String> = members
        .iter()
        .flat_map(|member| &member.points)
        .map(|point| {
            proofreel_model::display::screen(point.value, &usd(), proofreel_model::display::Precision::Observed)
        })
        .collect();
    let visual = Visual::Ranking {
        heading: RichText::plain("Order"),
        members,
        unit: usd(),
        frequency: Frequency::Annual,
        dates,
        focus: 0,
    };
    let theme = Theme::new(&Look::default(), Format::Landscape, false, "").expect("theme");
    let beats = Beats::silent(8.0);
    let nothing = RichText::default();
    let mut type_ = typesetter();
    let shot =
        Shot { visual: &visual, source_line: &nothing, on_screen: &[], beats: &beats, theme: &theme, photo: None };
    let mut picture = compose(&shot, &mut type_).expect("composed");
    // Every text shown must be one that was set from a known string: set them all, then compare blocks by identity.
    let mut allowed = Vec::new();
    for t in 0..240 {
        for op in picture.ops(t as f32 / 30.0, &mut type_) {
            if let Op::Text { block, .. } = op
                && !allowed.contains(&block)
            {
                allowed.push(block);
            }
        }
    }
    // Four names, twenty dates, and no more values than there are observations.
    assert!(allowed.len() <= 4 + 20 + known.len(), "{} texts", allowed.len());
}

#[test]
fn everything_written_can_be_read_back() {
    each(|visual, picture, theme, times| {
        let mut type_ = typesetter();
        let texts = picture.texts(times[times.len() - 1], &mut type_);
        let all = |role: Role| {
            texts.iter().filter(|text| text.role == role).map(|text| text.text.as_str()).collect::<Vec<_>>()
        };
        let kind = kind(visual);
        assert!(texts.iter().all(|text| !text.text.contains('\u{a0}')));
        assert_eq!(all(Role::Brand), ["A Channel with a Rather Long Name"], "{kind}");
        assert!(all(Role::Source).iter().any(|text| text.starts_with("Source: ")), "{kind}");
        let heading = visual.texts().into_iter().find(|(place, _)| *place == "heading").expect("heading").1.text();
        assert_eq!(all(Role::Heading), [heading.as_str()], "{kind} {:?}", theme.format);
        if matches!(visual, Visual::Line { .. }) {
            assert!(all(Role::Tick).len() >= 4 && all(Role::Unit).len() == 1);
        }
    });
}
