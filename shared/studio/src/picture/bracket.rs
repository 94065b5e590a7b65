//! Brackets: a stretch of a line, marked while what happened over it is said.

use proofreel_model::ids::FactId;
use proofreel_model::visual::RangeMark;

use super::frame::{Text, label};
use super::plot::{Plot, height_at};
use super::{Shot, voice};
use crate::colour::Colour;
use crate::geometry::Area;
use crate::inscription::Role;
use crate::motion::{ease_both, opacity, progress};
use crate::ops::Op;
use crate::text::{TextStyle, Typesetter, Weight};
use crate::theme::Theme;

/// Height of the strip that brackets need above a plot, pixels.
pub fn strip(theme: &Theme) -> f32 {
    style(theme).size * 1.5
}

fn style(theme: &Theme) -> TextStyle {
    TextStyle::display(theme.scale.label * 1.25, Weight::Bold).tabular().role(Role::Figure)
}

/// A bracket over a stretch, with its label.
pub struct Bracket {
    label: Text,
    /// The two points of the line.
    ends: [(f32, f32); 2],
    /// Height of the bracket's bar.
    y: f32,
    /// Floor of the plot.
    floor: f32,
    colour: Colour,
    fact: FactId,
    /// When it appears, and when another one takes its place.
    during: (f32, f32),
}

impl Bracket {
    /// The bracket of a range over its line; `there` tells when the head of the line has reached a share of its way.
    pub fn new(
        range: &RangeMark,
        plot: &Plot,
        path: &[(f32, f32)],
        colour: Colour,
        there: impl Fn(f32) -> f32,
        shot: &Shot<'_>,
        type_: &mut Typesetter,
    ) -> Option<Self> {
        let (beats, theme) = (shot.beats, shot.theme);
        let spoken = beats.first(&range.fact)?;
        let x = |date| plot.area.x + plot.dates.share(date) * plot.area.w;
        let ends = [x(range.from), x(range.to)].map(|x| (x, height_at(path, x)));
        let (first, last) = (path.first()?.0, path.last()?.0);
        let arrived = there(((ends[1].0 - first) / (last - first).max(1e-3)).clamp(0.0, 1.0));
        let style = style(theme);
        let block = label(&range.label, &style, (plot.area.w * 0.8, style.size * 1.3), theme, type_);
        let y = plot.area.y - strip(theme) / 2.0;
        let middle = f32::midpoint(ends[0].0, ends[1].0);
        // A wide label over a narrow stretch stands beside its ends rather than outside the plot.
        let left = (middle - block.width / 2.0).min(plot.area.right() - block.width).max(plot.area.x);
        let label =
            Text::plain(block.clone(), left, y - block.height / 2.0, colour.readable_on(theme.palette.background, 4.5));
        let from = (spoken - 0.25).max(arrived - 0.1).min((beats.seconds - 0.6).max(0.0));
        Some(Self {
            label,
            ends,
            y,
            floor: plot.area.bottom(),
            colour,
            fact: range.fact.clone(),
            during: (from, f32::MAX),
        })
    }

    /// Of several that would stand in one place each makes room for the next.
    pub fn take_turns(brackets: &mut [Self]) {
        brackets.sort_by(|a, b| a.during.0.total_cmp(&b.during.0));
        for n in 1..brackets.len() {
            brackets[n - 1].during.1 = brackets[n].during.0;
        }
    }

    /// The fact it shows.
    pub fn fact(&self) -> &FactId {
        &self.fact
    }

    /// What lies below the line: the shaded stretch. What lies above: bar, ends and label.
    pub fn ops(&self, t: f32, lit: f32, theme: &Theme, under: &mut Vec<Op>, over: &mut Vec<Op>) {
        let (from, until) = self.during;
        let leave = 1.0 - ease_both(progress(t, until - 0.05, 0.25));
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
                over.push(stroke((x, self.y), (x, (y - 12.0).max(self.y)), 2.0, shown * 0.75));
            }
        }
        // While it is said a light runs along it, from the earlier date to the later.
        if lit > 0.5 && grown >= 1.0 {
            let way = ((t - from) / 1.4).fract();
            let x = left + (right - left) * ease_both(way);
            voice(over, (x, self.y), 7.0, self.colour, 0.0, lit);
        }
        // The bar makes room for its label.
        let gap = self.label.area().grown(10.0);
        for (a, b) in [(left, head.min(gap.x)), (left.max(gap.right()), head)] {
            if b - a > 1.0 {
                over.push(stroke((a, self.y), (b, self.y), 3.0, shown));
            }
        }
        let written = ease_both(progress(t, from + 0.1, 0.3));
        if written > 0.0 {
            let ink = self.label.ink;
            let colour = theme.palette.muted.towards(ink, (0.25 + lit).min(1.0));
            over.push(Text { ink: colour, accent: colour, ..self.label.clone() }.op(opacity(leave * written), 0.0));
        }
    }
}
