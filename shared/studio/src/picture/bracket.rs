//! Brackets: a stretch of a line, marked while what happened over it is said.

use proofreel_model::ids::FactId;
use proofreel_model::visual::RangeMark;

use super::frame::{Text, label};
use super::grid::plot_height;
use super::pace::reached;
use super::plot::{Plot, height_at};
use super::{Shot, voice};
use crate::beats::{Beats, Moment};
use crate::colour::Colour;
use crate::geometry::Area;
use crate::inscription::Role;
use crate::motion::{ease_both, opacity, progress};
use crate::ops::Op;
use crate::text::{TextStyle, Typesetter, Weight};
use crate::theme::Theme;

/// Least height of a plot below brackets, ticks of its axis: a lower one shows no line any more.
const LEAST: f32 = 4.0;

/// The ranges, where any of them is said and a plot inside `body` stays high enough below their strip; else none.
pub fn fitting<'r>(ranges: &'r [RangeMark], body: Area, shot: &Shot<'_>) -> &'r [RangeMark] {
    let said = ranges.iter().any(|range| shot.beats.first(&range.fact).is_some());
    let left = plot_height(body, height(shot.theme), shot.theme);
    if said && left >= shot.theme.scale.tick * LEAST { ranges } else { &[] }
}

/// Height of the strip that these ranges need above a plot, pixels.
pub fn strip(ranges: &[RangeMark], theme: &Theme) -> f32 {
    if ranges.is_empty() { 0.0 } else { height(theme) }
}

fn height(theme: &Theme) -> f32 {
    style(theme).size * 1.5
}

fn style(theme: &Theme) -> TextStyle {
    TextStyle::display(theme.scale.label * 1.25, Weight::Bold).tabular().role(Role::Figure)
}

/// A line of a plot on its way.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    /// Where its points lie.
    pub path: &'a [(f32, f32)],
    /// Times and shares of the way between which its head moves.
    pub keys: &'a [(f32, f32)],
    /// Its colour.
    pub colour: Colour,
}

/// The brackets over the lines of a plot. They stand in one strip above it, so one is shown at a time.
pub struct Brackets(Vec<Bracket>);

impl Brackets {
    /// Brackets of those ranges that are said, each over its own of the `ways`; [`strip`] says what room they need.
    pub fn new(ranges: &[RangeMark], ways: &[Way<'_>], plot: &Plot, shot: &Shot<'_>, type_: &mut Typesetter) -> Self {
        let mut out: Vec<(Bracket, Vec<f32>)> = Vec::new();
        for range in ranges {
            let way = ways.get(range.trace as usize);
            out.extend(way.and_then(|way| Bracket::new(range, way, plot, shot, type_)));
        }
        let (mut brackets, starts): (Vec<Bracket>, Vec<Vec<f32>>) = out.into_iter().unzip();
        for (bracket, turns) in brackets.iter_mut().zip(take_turns(&starts)) {
            bracket.turns = turns;
        }
        Self(brackets)
    }

    /// The facts that they show.
    pub fn facts(&self) -> impl Iterator<Item = &FactId> {
        self.0.iter().map(|bracket| &bracket.fact)
    }

    /// The strip above a plot in which no label of a point may lie: none without brackets.
    pub fn taken(&self, plot: &Plot, theme: &Theme) -> Option<Area> {
        let high = height(theme);
        let strip = Area::new(plot.area.x, plot.area.y - high, plot.area.w, high);
        (!self.0.is_empty()).then_some(strip)
    }

    /// The stretches of an upright that no label of a bracket stands on at `t`: it opens as the label comes, and goes on
    /// above and below it, because a name that hangs on nothing belongs to no place.
    pub fn around(&self, upright: Area, t: f32) -> Vec<Area> {
        let labels: Vec<Area> =
            self.0.iter().filter_map(|bracket| opening(bracket.label.area(), bracket.written(t))).collect();
        let parts = around_words(upright.centre_x(), (upright.y, upright.bottom()), &labels);
        parts.into_iter().map(|(from, to)| Area { y: from, h: to - from, ..upright }).collect()
    }

    /// What lies below the lines: the shaded stretch. What lies above: bar, ends and label. The ends stop at the `labels` of
    /// points that are there at `t` and go on below them, so that no stroke runs through a word.
    pub fn ops(&self, t: f32, beats: &Beats, theme: &Theme, labels: &[Area], under: &mut Vec<Op>, over: &mut Vec<Op>) {
        for bracket in &self.0 {
            bracket.ops(t, beats.emphasis(&bracket.fact, t), theme, labels, under, over);
        }
    }
}

/// What the ends of brackets leave free for a label of a point of which so much is there, 0–1: it opens as the label comes.
pub fn opening(label: Area, share: f32) -> Option<Area> {
    let high = label.h * share;
    (share > 0.0).then_some(Area { y: label.centre_y() - high / 2.0, h: high, ..label })
}

/// The stretches of an upright at `x` from `top` to `foot` that no word stands on.
pub fn around_words(x: f32, (top, foot): (f32, f32), words: &[Area]) -> Vec<(f32, f32)> {
    let grown = words.iter().map(|word| word.grown(CLEAR));
    let mut crossed: Vec<Area> = grown.filter(|word| word.x < x && x < word.right()).collect();
    crossed.sort_by(|a, b| a.y.total_cmp(&b.y));
    let (mut out, mut from) = (Vec::new(), top);
    for word in crossed {
        out.push((from, word.y.min(foot)));
        from = from.max(word.bottom());
    }
    out.push((from, foot));
    out.retain(|(from, to)| to - from > 1.0);
    out
}

/// A bracket over a stretch, with its label.
struct Bracket {
    label: Text,
    /// The two points of the line.
    ends: [(f32, f32); 2],
    /// Height of the bracket's bar.
    y: f32,
    /// Floor of the plot.
    floor: f32,
    colour: Colour,
    fact: FactId,
    /// When it is there, each time until another one takes its place.
    turns: Vec<Moment>,
}

/// What the bar leaves free on both sides of its label, pixels.
const GAP: f32 = 10.0;
/// What an upright leaves free around a word, pixels.
const CLEAR: f32 = 6.0;
/// How long a bracket takes to go, and how long before the next one it begins to, seconds.
const LEAVES: f32 = 0.25;
const BEFORE: f32 = 0.05;

impl Bracket {
    /// The bracket of a range over its line, and when its turns begin: as its fact is said, and not before the head of
    /// the line is there. None of a fact that nobody says.
    fn new(
        range: &RangeMark,
        way: &Way<'_>,
        plot: &Plot,
        shot: &Shot<'_>,
        type_: &mut Typesetter,
    ) -> Option<(Self, Vec<f32>)> {
        let (beats, theme) = (shot.beats, shot.theme);
        let said = beats.moments(&range.fact);
        if said.is_empty() {
            return None;
        }
        let x = |date| plot.area.x + plot.dates.share(date) * plot.area.w;
        let ends = [x(range.from), x(range.to)].map(|x| (x, height_at(way.path, x)));
        let (first, last) = (way.path.first()?.0, way.path.last()?.0);
        let arrived = reached(way.keys, ((ends[1].0 - first) / (last - first).max(1e-3)).clamp(0.0, 1.0));
        let style = style(theme);
        let block = label(&range.label, &style, (plot.area.w * 0.8, style.size * 1.3), theme, type_);
        let strip = plot.area.y - height(theme);
        // In the bar where it has room for its label, else the bar runs below the label.
        let inside = ends[1].0 - ends[0].0 > block.width + 2.0 * GAP;
        let top = if inside { strip + (height(theme) - block.height) / 2.0 } else { strip };
        let y = if inside { plot.area.y - height(theme) / 2.0 } else { (top + block.height + 4.0).min(plot.area.y) };
        let middle = f32::midpoint(ends[0].0, ends[1].0);
        // A wide label over a narrow stretch stands beside its ends rather than outside the plot.
        let left = (middle - block.width / 2.0).min(plot.area.right() - block.width).max(plot.area.x);
        let ink = way.colour.readable_on(theme.palette.background, 4.5);
        let label = Text::plain(block, left, top, ink);
        let start = |said: f32| (said - 0.25).max(arrived - 0.1).min((beats.seconds - 0.6).max(0.0));
        let starts: Vec<f32> = said.iter().map(|(from, _)| start(*from)).collect();
        let (colour, fact, floor) = (way.colour, range.fact.clone(), plot.area.bottom());
        Some((Self { label, ends, y, floor, colour, fact, turns: Vec::new() }, starts))
    }

    /// The turn that it has at `t`, also while it leaves.
    fn turn(&self, t: f32) -> Option<Moment> {
        self.turns.iter().rfind(|(from, until)| t > *from && t < *until - BEFORE + LEAVES).copied()
    }

    /// How much of its label is there at `t`, 0–1.
    fn written(&self, t: f32) -> f32 {
        self.turn(t).map_or(0.0, |turn| remains(turn, t) * ease_both(progress(t, turn.0 + 0.1, 0.3)))
    }

    fn ops(&self, t: f32, lit: f32, theme: &Theme, labels: &[Area], under: &mut Vec<Op>, over: &mut Vec<Op>) {
        let Some(turn) = self.turn(t) else { return };
        let (from, leave) = (turn.0, remains(turn, t));
        let grown = ease_both(progress(t, from, 0.55));
        if grown <= 0.0 || leave <= 0.0 {
            return;
        }
        let shown = leave * (0.45 + 0.55 * lit.max(1.0 - progress(t, from + 0.3, 0.6)));
        let [(left, y_left), (right, y_right)] = self.ends;
        let head = left + (right - left) * grown;
        under.push(Op::Fill {
            area: Area::new(left, self.y, (head - left).max(1.0), self.floor - self.y),
            colour: self.colour,
            opacity: opacity(leave * (0.06 + 0.10 * lit)),
        });
        let stroke =
            |from, to, width, share: f32| Op::Stroke { from, to, width, colour: self.colour, opacity: opacity(share) };
        for (x, y, there) in [(left, y_left, true), (right, y_right, grown >= 1.0)] {
            if there {
                let parts = around_words(x, (self.y, y - 12.0), labels);
                over.extend(parts.into_iter().map(|(from, to)| stroke((x, from), (x, to), 2.0, shown * 0.75)));
            }
        }
        // While it is said a light runs along it, from the earlier date to the later.
        if lit > 0.5 && grown >= 1.0 {
            let way = ((t - from) / 1.4).fract();
            let x = left + (right - left) * ease_both(way);
            voice(over, (x, self.y), 7.0, self.colour, 0.0, lit);
        }
        // The bar makes room for its label, unless it runs below.
        let mut gap = self.label.area().grown(GAP);
        if self.y > self.label.area().bottom() {
            gap = Area { x: self.ends[1].0, w: 0.0, ..gap };
        }
        for (a, b) in [(left, head.min(gap.x)), (left.max(gap.right()), head)] {
            if b - a > 1.0 {
                over.push(stroke((a, self.y), (b, self.y), 3.0, shown));
            }
        }
        let written = self.written(t);
        if written > 0.0 {
            let ink = self.label.ink;
            let colour = theme.palette.muted.towards(ink, (0.25 + lit).min(1.0));
            over.push(Text { ink: colour, accent: colour, ..self.label.clone() }.op(opacity(written), 0.0));
        }
    }
}

/// How much of a bracket is left at `t` of a turn, 0–1.
fn remains((_, until): Moment, t: f32) -> f32 {
    1.0 - ease_both(progress(t, until - BEFORE, LEAVES))
}

/// Of several that stand in one place each makes room for the next, and has another turn when it is said again: the turns
/// of each, by when each of them would begin.
fn take_turns(starts: &[Vec<f32>]) -> Vec<Vec<Moment>> {
    let mut all: Vec<(f32, usize)> =
        starts.iter().enumerate().flat_map(|(n, starts)| starts.iter().map(move |start| (*start, n))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Who is said twice in a row stays.
    all.dedup_by_key(|start| start.1);
    let mut out = vec![Vec::new(); starts.len()];
    for (k, (from, n)) in all.iter().enumerate() {
        out[*n].push((*from, all.get(k + 1).map_or(f32::MAX, |next| next.0)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::typesetter;
    use crate::text::ink;

    #[test]
    fn one_bracket_is_shown_at_a_time_and_comes_back_when_it_is_said_again() {
        let turns = take_turns(&[vec![1.0, 9.0], vec![4.0, 5.0], vec![7.0]]);
        assert_eq!(turns[0], [(1.0, 4.0), (9.0, f32::MAX)]);
        // Said twice in a row, it does not go in between.
        assert_eq!(turns[1], [(4.0, 7.0)]);
        assert_eq!(turns[2], [(7.0, 9.0)]);
        let there = |t: f32| turns.iter().flatten().filter(|turn| turn.0 <= t && t < turn.1).count();
        assert!((10..140).all(|n| there(n as f32 * 0.1) == 1));
        assert!(take_turns(&[]).is_empty());
    }

    #[test]
    fn the_string_of_a_name_goes_on_above_and_below_the_label_of_a_bracket() {
        let block = typesetter().set(&ink("62.1%"), &TextStyle::new(40.0, Weight::Bold), None);
        let label = Text::plain(block, 300.0, 200.0, Colour::WHITE);
        let (written, string) = (label.area(), Area::new(label.area().centre_x() - 1.0, 100.0, 2.0, 300.0));
        let bracket = Bracket {
            label,
            ends: [(100.0, 500.0), (700.0, 600.0)],
            y: written.centre_y(),
            floor: 800.0,
            colour: Colour::WHITE,
            fact: FactId::from("f001"),
            turns: vec![(2.0, f32::MAX)],
        };
        let brackets = Brackets(vec![bracket]);
        assert_eq!(brackets.around(string, 1.0), [string], "before it is there");
        let parts = brackets.around(string, 4.0);
        assert_eq!(parts.len(), 2, "{parts:?}");
        assert!(parts[0].y == string.y && parts[0].bottom() < written.y, "{parts:?}");
        assert!(parts[1].y > written.bottom() && (parts[1].bottom() - string.bottom()).abs() < 1e-3, "{parts:?}");
        // One that hangs elsewhere does not make room.
        let aside = Area { x: written.right() + 60.0, ..string };
        assert_eq!(brackets.around(aside, 4.0), [aside]);
    }

    #[test]
    fn an_upright_stops_at_labels_and_goes_on_below_them() {
        let label = |x: f32, y: f32| Area::new(x, y, 200.0, 40.0);
        let whole = (100.0, 500.0);
        assert_eq!(around_words(300.0, whole, &[]), [whole]);
        assert_eq!(around_words(300.0, whole, &[label(400.0, 200.0)]), [whole], "beside it");
        let two = [label(220.0, 300.0), label(150.0, 160.0)];
        assert_eq!(around_words(300.0, whole, &two), [(100.0, 154.0), (206.0, 294.0), (346.0, 500.0)]);
        // One that stands on the point leaves nothing below, one that lies beneath it takes nothing.
        assert_eq!(around_words(300.0, whole, &[label(220.0, 456.0)]), [(100.0, 450.0)]);
        assert_eq!(around_words(300.0, whole, &[label(220.0, 520.0)]), [whole]);
        assert_eq!(around_words(300.0, whole, &[label(220.0, 80.0)]), [(126.0, 500.0)]);
        // A bar below its point has no ends.
        assert!(around_words(300.0, (100.0, 90.0), &[]).is_empty());
        // It opens as the label comes.
        assert_eq!(opening(label(220.0, 300.0), 0.0), None);
        assert_eq!(opening(label(220.0, 300.0), 0.5), Some(Area::new(220.0, 310.0, 200.0, 20.0)));
    }
}
