//! The reader in the quiet: while nothing of a picture is being said, a hair line runs along its record once more and
//! the observation under it is shown as the source has it.

use proofreel_model::ids::FactId;
use proofreel_model::visual::Trace;

use super::counter::{Counter, aside};
use super::plot::height_at;
use crate::beats::{Beats, Moment};
use crate::colour::Colour;
use crate::geometry::Area;
use crate::motion::{between, ease_both, opacity, progress};
use crate::ops::Op;
use crate::text::Typesetter;
use crate::theme::Theme;

/// A reading is shown when there is at least this much time for it, seconds.
const LEAST: f32 = 2.2;
/// A longer stretch is read more than once, seconds: one pass stays quick enough to be seen moving.
const LONGEST: f32 = 11.0;

/// Where a reader is when.
pub(super) struct Reader {
    /// Passes along the record.
    passes: Vec<Moment>,
    /// Horizontal places of the observations, in order.
    observed: Vec<f32>,
    /// Where a pass starts.
    from: f32,
}

impl Reader {
    /// A reader over observations at these places, while none of the `facts` is spoken of after the record was `drawn`.
    pub(super) fn new(beats: &Beats, facts: &[FactId], drawn: f32, observed: Vec<f32>) -> Self {
        let mut passes = Vec::new();
        for (from, until) in beats.quiet(facts, drawn + 0.3, LEAST) {
            let count = ((until - from) / LONGEST).ceil().max(1.0);
            let each = (until - from) / count;
            passes.extend((0..count as u32).map(|n| (from + n as f32 * each, from + (n + 1) as f32 * each)));
        }
        let from = observed.first().copied().unwrap_or_default();
        Self { passes, observed, from }
    }

    /// Starts its passes here instead of at the first observation, when enough of the record lies behind.
    pub(super) fn starting(mut self, from: f32) -> Self {
        if let (Some(first), Some(last)) = (self.observed.first(), self.observed.last())
            && from < first + (last - first) * 0.8
        {
            self.from = from;
        }
        self
    }

    /// Where it is at `t`, and how visible, 0–1; none while it rests.
    pub(super) fn at(&self, t: f32) -> Option<(f32, f32)> {
        let (from, until) = *self.passes.iter().find(|(from, until)| (*from..*until).contains(&t))?;
        let end = self.observed.last()?;
        let share = ease_both(progress(t, from, until - from));
        let shown = ease_both(progress(t, from, 0.3)).min(1.0 - ease_both(progress(t, until - 0.3, 0.3)));
        Some((between(self.from, *end, share), shown))
    }

    /// Number of the observation at or before `x`.
    pub(super) fn observation(&self, x: f32) -> usize {
        self.observed.partition_point(|at| *at <= x + 0.01).saturating_sub(1)
    }
}

/// A record with its reader: what a picture of one stretch of time shows under its head, and in the quiet.
pub(super) struct Record {
    reader: Reader,
    /// Value and date of the observation; none where several series would need one each.
    counter: Option<Counter>,
    /// Lines on which the reader sets a dot, with their colours.
    paths: Vec<(Vec<(f32, f32)>, Colour)>,
    plot: Area,
    /// When its drawing begins.
    begun: f32,
    beats: Beats,
}

impl Record {
    /// A record over a plot, drawn between `begun` and `drawn`.
    pub(super) fn new(
        (beats, facts): (&Beats, &[FactId]),
        (begun, drawn): (f32, f32),
        paths: Vec<(Vec<(f32, f32)>, Colour)>,
        plot: Area,
        counter: Option<Counter>,
    ) -> Self {
        let observed = paths.first().map_or_else(Vec::new, |(path, _)| path.iter().map(|point| point.0).collect());
        Self { reader: Reader::new(beats, facts, drawn, observed), counter, paths, plot, begun, beats: beats.clone() }
    }

    /// The observation that is being read at `t`, and how strongly, 0–1.
    pub(super) fn read(&self, t: f32) -> Option<(usize, f32)> {
        self.reader.at(t).map(|(x, shown)| (self.reader.observation(x), shown))
    }

    /// The hair line of a reader with a dot on every line.
    pub(super) fn hair(&self, t: f32, theme: &Theme, out: &mut Vec<Op>) {
        if let Some((x, shown)) = self.reader.at(t) {
            hair(x, shown, self.plot, self.paths.iter().map(|(path, colour)| (path.as_slice(), *colour)), theme, out);
        }
    }

    /// The observation under the reader, or under the `head` of the drawing; it steps back while a number is said.
    pub(super) fn count(&self, t: f32, head: f32, type_: &mut Typesetter, out: &mut Vec<Op>) {
        let shown = ease_both(progress(t, self.begun, 0.3));
        if let (Some(counter), true) = (&self.counter, shown > 0.0) {
            let x = self.reader.at(t).map_or(head, |(x, _)| x);
            counter.ops(self.reader.observation(x), (opacity(shown), aside(&self.beats, t)), type_, out);
        }
    }
}

/// The counter of a trace and the room that it needs.
pub(super) fn counter(trace: &Trace, theme: &Theme, type_: &mut Typesetter) -> (Counter, (f32, f32)) {
    let mut counter = Counter::new(trace, theme);
    let size = counter.size(type_);
    (counter, size)
}

/// A hair line with a dot on every line.
pub(super) fn hair<'p>(
    x: f32,
    shown: f32,
    plot: Area,
    paths: impl Iterator<Item = (&'p [(f32, f32)], Colour)>,
    theme: &Theme,
    out: &mut Vec<Op>,
) {
    let palette = &theme.palette;
    let line = Area::new(x.round() - 1.0, plot.y, 2.0, plot.h);
    out.push(Op::Fill { area: line, colour: palette.muted, opacity: opacity(shown * 0.5) });
    for (path, colour) in paths {
        let centre = (x, height_at(path, x));
        out.push(Op::Disc { centre, radius: 9.5, colour, opacity: opacity(shown) });
        out.push(Op::Disc { centre, radius: 4.0, colour: palette.background, opacity: opacity(shown) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_quiet_is_read_more_than_once_and_every_moment_of_it_moves() {
        let reader = Reader::new(&Beats::silent(30.0), &[], 5.0, vec![100.0, 200.0, 500.0]);
        assert_eq!(reader.passes.len(), 3, "{:?}", reader.passes);
        let places: Vec<Option<(f32, f32)>> = (60..295).map(|n| reader.at(n as f32 * 0.1)).collect();
        assert!(places.windows(4).all(|some| some[0] != some[3]), "{places:?}");
        assert!(places.iter().flatten().all(|(x, _)| (100.0..=500.0).contains(x)));
        assert_eq!([90.0, 100.0, 199.0, 200.0, 900.0].map(|x| reader.observation(x)), [0, 0, 0, 1, 2]);
    }

    #[test]
    fn a_reader_rests_while_the_record_is_drawn_and_in_short_pauses() {
        let reader = Reader::new(&Beats::silent(6.0), &[], 4.0, vec![0.0, 10.0]);
        assert!((0..60).all(|n| reader.at(n as f32 * 0.1).is_none()));
    }
}
