//! A line parted by an event, with its move before and after in large figures.

use jiff::civil::Date;
use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;
use proofreel_model::visual::{Bar, Mark, Trace};

use super::frame::{Frame, Text, label, written};
use super::grid::{Room, Sweep, axes, calendar, extremes};
use super::pins::{Pin, Spot, draw, pins};
use super::reader::{self, Record};
use super::{Base, Picture, Shot};
use crate::axis::ValueAxis;
use crate::beats::Beats;
use crate::error::StudioError;
use crate::geometry::Area;
use crate::inscription::Role;
use crate::motion::{arrive, opacity};
use crate::ops::Op;
use crate::text::{TextStyle, Typesetter, Weight, plain_pieces};
use crate::theme::Theme;

/// What the picture shows.
pub struct Parted<'a> {
    /// The line.
    pub trace: &'a Trace,
    /// Where it is parted.
    pub at: Date,
    /// What happened there.
    pub event: &'a RichText,
    /// The move before, the move after.
    pub sides: [&'a Bar; 2],
    /// Labelled points.
    pub marks: &'a [Mark],
}

/// How long before it is said a figure begins to appear, seconds.
const BEFORE: f32 = 0.3;

struct Side {
    label: Text,
    figure: Text,
    fact: FactId,
    at: f32,
}

/// Before and after.
pub struct BeforeAfter {
    frame: Frame,
    sides: [Side; 2],
    event: Text,
    cut: Area,
    cut_at: f32,
    sweeps: [Sweep; 2],
    pins: Vec<Pin>,
    record: Record,
    beats: Beats,
    theme: Theme,
}

impl BeforeAfter {
    /// Lays the sides, the event and the line out.
    #[allow(clippy::too_many_lines)] // one picture laid out from top to bottom
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        what: &Parted<'_>,
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let (theme, beats) = (shot.theme, shot.beats);
        let (palette, scale) = (&theme.palette, theme.scale);
        let (mut counter, aside) = reader::counter(what.trace, theme, type_);
        let (mut frame, place) = Frame::beside(shot, heading, aside, type_)?;
        counter.stand(place);
        let body = frame.body;
        let colours = [palette.contrast, palette.accent];
        let mut sides = [0, 1].map(|n| {
            let bar = what.sides[n];
            let room = body.w * 0.44;
            let style = TextStyle::display(scale.heading * 1.35, Weight::ExtraBold).role(Role::Figure);
            let figure = type_.fit(&plain_pieces(&bar.figure), &style, room, style.size * 1.15, 1, 0.5);
            let label_style = TextStyle::new(scale.label, Weight::SemiBold);
            let label = label(&bar.label, &label_style, (room, scale.label * 1.35), theme, type_);
            let label_y = body.y + figure.height + 2.0;
            let colour = colours[n].readable_on(palette.background, 4.5);
            let at = beats.entrance(&bar.fact, BEFORE, n, 2);
            Side {
                figure: Text::plain(figure, body.x, body.y, colour),
                label: Text::plain(label, body.x, label_y, palette.muted),
                fact: bar.fact.clone(),
                at,
            }
        });
        let head = sides.iter().map(|side| side.label.area().bottom()).fold(body.y, f32::max) - body.y + 20.0;
        let event_style = TextStyle::new(scale.label, Weight::Bold);
        let event = label(what.event, &event_style, (body.w * 0.8, scale.label * 1.35), theme, type_);
        let below = body.without(0.0, head + event.height + 8.0, 0.0, 0.0);
        let (low, high) = extremes([what.trace]);
        let values = ValueAxis::linear(low, high, &what.trace.unit, 4, false);
        let dates = calendar([what.trace]);
        let plot = axes(&mut frame.base, below, (values, dates, &what.trace.unit), Room::default(), theme, type_);
        let cut_x = plot.area.x + plot.dates.share(what.at) * plot.area.w;
        // What came after stands over its part of the line, where what came before leaves room.
        let [before, after] = &mut sides;
        let wide = |side: &Side| side.figure.area().w.max(side.label.area().w);
        let least = body.x + wide(before) + 64.0;
        let x = (cut_x + 18.0).max(least).min(body.right() - wide(after));
        (after.figure.x, after.label.x) = (x, x);
        let event_y = body.y + head;
        let event_x =
            (cut_x - event.width / 2.0).clamp(plot.area.x, (plot.area.right() - event.width).max(plot.area.x));
        let foot = event_y + event.height + 4.0;
        let cut = Area::new(cut_x - 1.5, foot, 3.0, plot.area.bottom() - foot);
        let event = Text::plain(event, event_x, event_y, palette.ink);
        // One pace for the whole way, shared by both parts: a move is drawn when it is spoken of (SCENE_SPEC, `before_after`).
        let end = what.trace.points.last().map_or(what.at, |point| point.date);
        let drawn =
            |n: usize, date: Date| Mark { trace: 0, date, label: what.event.clone(), fact: what.sides[n].fact.clone() };
        let stops: Vec<Mark> = what.marks.iter().cloned().chain([drawn(0, what.at), drawn(1, end)]).collect();
        let whole = Sweep::line(&plot, what.trace, (&stops, &[]), (colours[1], false), beats)?;
        let cut_at = whole.reaches(cut_x);
        // Nor does a figure stand there before its move is drawn, unless it is said sooner.
        for (side, drawn) in sides.iter_mut().zip([cut_at, whole.span().1]) {
            let said = beats.first(&side.fact).map_or(f32::MAX, |said| said - BEFORE);
            side.at = side.at.max(drawn.min(said));
        }
        let part = |n: usize| -> Result<Sweep, StudioError> {
            let keep = |date: Date| if n == 0 { date <= what.at } else { date >= what.at };
            let points = what.trace.points.iter().filter(|point| keep(point.date)).copied().collect();
            let trace = Trace { points, ..what.trace.clone() };
            let path = plot.path(&trace);
            let layer = plot.layer(&path, colours[n], 6.0, false)?;
            let ends = path.first().zip(path.last()).map_or((0.0, 1.0), |(a, b)| (a.0, b.0));
            let mut keys: Vec<(f32, f32)> = Vec::new();
            let along = |x: f32| ((x - ends.0) / (ends.1 - ends.0).max(1e-3)).clamp(0.0, 1.0);
            let (start, end) = if n == 0 { (whole.keys[0].0, cut_at) } else { (cut_at, whole.span().1) };
            // The whole way has begun in the first frame.
            keys.push((start, if n == 0 { along(whole.head(start)) } else { 0.0 }));
            for mark in what.marks.iter().filter(|mark| keep(mark.date)) {
                let x = plot.area.x + plot.dates.share(mark.date) * plot.area.w;
                let (at, share) = (whole.reaches(x), along(x));
                if keys.last().is_some_and(|last| share > last.1 && at > last.0) && share < 1.0 {
                    keys.push((at, share));
                }
            }
            let before = keys.last().map_or(start, |key| key.0);
            keys.push((end.max(before + 0.3), 1.0));
            Ok(Sweep { layer, path, keys, colour: colours[n] })
        };
        let sweeps = [part(0)?, part(1)?];
        let spots: Vec<Spot> = what
            .marks
            .iter()
            .filter_map(|mark| {
                let point = what.trace.points.iter().find(|point| point.date == mark.date)?;
                let centre = plot.at(point.date, point.value);
                let colour = colours[usize::from(mark.date > what.at)];
                Some(Spot { centre, colour, there: whole.reaches(centre.0) })
            })
            .collect();
        // Nothing stands right of the plot: a label of the last point may reach there.
        let wide = body.right() - plot.area.x;
        let bounds = Area::new(plot.area.x, below.y, wide, plot.area.bottom() - below.y - 4.0);
        let mut taken = written(&frame.base);
        taken.extend([cut, event.area()]);
        let pins = pins(what.marks, &spots, std::slice::from_ref(&whole.path), (bounds, &taken), shot, type_);
        let mut facts: Vec<FactId> = pins.iter().map(|pin| pin.fact().clone()).collect();
        facts.extend(sides.iter().map(|side| side.fact.clone()));
        let drawn = (sweeps[0].span().0, sweeps[1].span().1);
        let lines = vec![(whole.path.clone(), whole.colour)];
        let record = Record::new((beats, &facts), drawn, lines, plot.area, Some(counter));
        Ok(Self { frame, sides, event, cut, cut_at, sweeps, pins, record, beats: beats.clone(), theme: theme.clone() })
    }
}

impl Picture for BeforeAfter {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, type_: &mut Typesetter) -> Vec<Op> {
        let (palette, mut out) = (&self.theme.palette, Vec::new());
        self.frame.ops(t, &mut out);
        let share = arrive(t, self.cut_at - 0.3, 0.6);
        if share > 0.0 {
            let area = Area { h: self.cut.h * share, ..self.cut };
            out.push(Op::Fill { area, colour: palette.muted, opacity: opacity(0.7) });
            out.push(self.event.op(opacity(share), 0.0));
        }
        let turned = t >= self.cut_at;
        self.sweeps[0].ops(t, !turned, &self.theme, &mut out);
        if turned {
            self.sweeps[1].ops(t, true, &self.theme, &mut out);
        }
        for side in &self.sides {
            let shown = arrive(t, side.at, 0.5);
            if shown <= 0.0 {
                continue;
            }
            let lit = self.beats.emphasis(&side.fact, t);
            let colour = side.figure.ink.towards(palette.ink, lit * 0.4);
            let figure = Text { ink: colour, accent: colour, ..side.figure.clone() };
            out.push(figure.op(opacity(shown), (1.0 - shown) * 14.0));
            out.push(side.label.op(opacity(shown), 0.0));
        }
        self.record.hair(t, &self.theme, &mut out);
        self.record.count(t, self.sweeps[usize::from(turned)].head(t), type_, &mut out);
        draw(&self.pins, t, &self.beats, &self.theme, &mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use proofreel_model::channel::Look;
    use proofreel_model::film::Format;
    use proofreel_model::script::Sentence;
    use proofreel_model::visual::Visual;

    use super::*;
    use crate::samples::{cited, sentence, span_of, trace, typesetter};

    fn parted(beats: &Beats) -> BeforeAfter {
        let line = trace("Gold", 240, |n| 300.0 + (n % 24) as f64);
        let bar = |label: &str, figure, fact: &str| Bar {
            label: RichText::plain(label),
            figure: cited("", &[(fact, figure)], ""),
            value: 1.0,
            fact: FactId::from(fact),
            emphasis: false,
        };
        let (before, after) = (bar("1990 to the turn", "+10 %", "f001"), bar("since the turn", "-5 %", "f002"));
        let theme = Theme::new(&Look::default(), Format::Landscape, true, "Brand").expect("theme");
        let visual = Visual::End { heading: RichText::default(), sources: Vec::new(), small_print: Vec::new() };
        let source = RichText::plain("World Bank");
        let shot = Shot { visual: &visual, source_line: &source, on_screen: &[], beats, theme: &theme, photo: None };
        // Late in the line, so that an even pace would come there late.
        let (at, event) = (line.points[220].date, RichText::plain("The turn"));
        let what = Parted { trace: &line, at, event: &event, sides: [&before, &after], marks: &[] };
        BeforeAfter::new(&shot, &RichText::plain("Gold"), &what, &mut typesetter()).expect("laid out")
    }

    /// When the picture has drawn each move, and when it shows each figure.
    fn times(picture: &BeforeAfter) -> [(f32, f32); 2] {
        let drawn = [picture.cut_at, picture.sweeps[1].span().1];
        [0, 1].map(|n| (drawn[n], picture.sides[n].at))
    }

    fn spoken(narration: &[Sentence]) -> Beats {
        Beats::of(&span_of("s01", narration, 0.4), narration)
    }

    #[test]
    fn a_move_is_drawn_and_its_figure_there_when_it_is_spoken_of() {
        let told = |words: usize| {
            let words = "word ".repeat(words);
            let beats =
                spoken(&[sentence(&words, &[("f001", "10 %")], "."), sentence(&words, &[("f002", "5 %")], "of it.")]);
            let said = ["f001", "f002"].map(|fact| beats.first(&fact.into()).expect("said"));
            (times(&parted(&beats)), said)
        };
        for words in [6, 12] {
            let (times, said) = told(words);
            for ((drawn, shown), said) in times.into_iter().zip(said) {
                assert!(drawn <= said && said - drawn < 0.5, "drawn at {drawn}, said at {said}");
                assert!(shown <= said && said - shown < 0.5, "shown at {shown}, said at {said}");
            }
        }
        let (times, said) = told(1);
        for ((_, shown), said) in times.into_iter().zip(said) {
            assert!(shown <= said.max(0.3), "what is said is shown, however early: {shown}, said at {said}");
        }
    }

    #[test]
    fn a_figure_that_nobody_says_waits_for_its_move() {
        let beats = spoken(&[sentence(&"word ".repeat(40), &[("f009", "10 %")], ".")]);
        for (drawn, shown) in times(&parted(&beats)) {
            assert!(drawn <= shown && shown - drawn < 0.1, "drawn at {drawn}, shown at {shown}");
        }
    }
}
