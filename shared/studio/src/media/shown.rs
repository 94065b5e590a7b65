//! What a film shows when it is decoded: of each frame as much as the check looks at. All its frames, in small as they are, would be
//! ten megabytes a minute, to be kept, fetched and copied with every film.

use proofreel_model::policy::Frames;
use serde::{Deserialize, Serialize};

/// What was seen in frames that follow one another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Shown {
    /// How many.
    pub frames: u32,
    /// Stretches that show nothing, in order.
    pub blank: Vec<Blank>,
    /// Stretches of two frames and more in which none differs from the first: its number, and the one after the last.
    pub still: Vec<(u32, u32)>,
    /// Numbers of the frames that are kept, in order.
    kept: Vec<u32>,
    /// Number of the frame that the last ones do not differ from.
    open: u32,
    /// The first frame, that with the number `open`, and those that are kept, in small and one after another; nothing without frames.
    #[serde(skip)]
    grey: Vec<u8>,
}

/// A stretch that shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Blank {
    /// Its first frame.
    pub from: u32,
    /// The one after its last.
    pub to: u32,
    /// Mean luma of its first frame, 0–255.
    pub mean: u8,
}

impl Shown {
    /// Cells of a frame.
    fn cells(&self) -> usize {
        self.grey.len() / (self.kept.len() + 2)
    }

    /// The frame with this number, in small, when it was kept.
    pub fn frame(&self, number: u32) -> Option<&[u8]> {
        let place = self.kept.binary_search(&number).ok()?;
        self.grey.chunks_exact(self.cells().max(1)).nth(place + 2)
    }

    /// The frames that are kept with it, as bytes behind what is told of it.
    pub fn grey(&self) -> &[u8] {
        &self.grey
    }

    /// Takes up frames of so many cells again and gives what follows them; `None` when they are not all there.
    pub fn with_grey<'a>(&mut self, bytes: &'a [u8], cells: usize) -> Option<&'a [u8]> {
        if !self.is_sound() {
            return None;
        }
        let count = if self.frames == 0 { 0 } else { self.kept.len() + 2 };
        let (grey, rest) = bytes.split_at_checked(count * cells)?;
        self.grey = grey.to_vec();
        Some(rest)
    }

    /// True when numbers are in order and of its own frames: it is read from a file.
    fn is_sound(&self) -> bool {
        in_order(self.still.iter().copied(), self.frames)
            && in_order(self.blank.iter().map(|blank| (blank.from, blank.to)), self.frames)
            && self.kept.is_sorted_by(|a, b| a < b)
            && self.kept.last().is_none_or(|last| *last < self.frames)
            && self.open < self.frames.max(1)
    }

    /// Adds frames that follow. A stretch goes on over the joint when the first of them is as the stretch's first is, and as long as
    /// they do not differ from that one: frames on either side may differ by twice the step.
    pub fn add(&mut self, next: &Self, law: &Frames) {
        if next.frames == 0 {
            return;
        }
        if self.frames == 0 {
            self.clone_from(next);
            return;
        }
        let (behind, cells) = (self.frames, next.cells());
        for blank in &next.blank {
            let Blank { from, to, mean } = *blank;
            match self.blank.last_mut() {
                Some(last) if last.to == behind + from => last.to = behind + to,
                _ => self.blank.push(Blank { from: behind + from, to: behind + to, mean }),
            }
        }
        let goes_on = alike(&self.grey[cells..2 * cells], &next.grey[..cells], law.still_step);
        let mut still = next.still.as_slice();
        if goes_on {
            let mut end = 1;
            if let [(0, to), rest @ ..] = still {
                (end, still) = (*to, rest);
            }
            self.still.pop_if(|(from, _)| *from == self.open);
            self.still.push((self.open, behind + end));
        }
        self.still.extend(still.iter().map(|(from, to)| (behind + from, behind + to)));
        if !goes_on || next.open > 0 {
            self.open = behind + next.open;
            self.grey[cells..2 * cells].copy_from_slice(&next.grey[cells..2 * cells]);
        }
        self.kept.extend(next.kept.iter().map(|number| behind + number));
        self.grey.extend_from_slice(&next.grey[2 * cells..]);
        self.frames += next.frames;
    }
}

/// True when stretches of so many frames follow one another.
fn in_order(mut stretches: impl Iterator<Item = (u32, u32)>, frames: u32) -> bool {
    let mut at = 0;
    stretches.all(|(from, to)| {
        let before = std::mem::replace(&mut at, to);
        before <= from && from < to && to <= frames
    })
}

/// True when no cell of two frames differs by more than `step`.
fn alike(a: &[u8], b: &[u8], step: u8) -> bool {
    // By lines, not by cells: the greatest of many differences is found at once, the first that is too great is not.
    const LINE: usize = 256;
    let near = |a: &[u8], b: &[u8]| a.iter().zip(b).fold(0, |most: u8, (a, b)| most.max(a.abs_diff(*b))) <= step;
    a.chunks(LINE).zip(b.chunks(LINE)).all(|(a, b)| near(a, b))
}

/// Looks at frames as they are decoded.
pub struct Watcher<'a> {
    law: &'a Frames,
    cells: usize,
    /// Numbers of the frames to keep, in order, that are still to come.
    wanted: &'a [u32],
    /// A frame of which the rest is still to come.
    begun: Vec<u8>,
    shown: Shown,
}

impl<'a> Watcher<'a> {
    /// For frames of so many cells; those that are `wanted`, in order, are kept.
    pub fn new(cells: usize, wanted: &'a [u32], law: &'a Frames) -> Self {
        Self { law, cells: cells.max(1), wanted, begun: Vec::new(), shown: Shown::default() }
    }

    /// Takes what follows, wherever it ends.
    pub fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.begun.is_empty() && bytes.len() >= self.cells {
                let (frame, rest) = bytes.split_at(self.cells);
                self.look(frame);
                bytes = rest;
                continue;
            }
            let (more, rest) = bytes.split_at(bytes.len().min(self.cells - self.begun.len()));
            self.begun.extend_from_slice(more);
            bytes = rest;
            if self.begun.len() == self.cells {
                let frame = std::mem::take(&mut self.begun);
                self.look(&frame);
                self.begun = frame;
                self.begun.clear();
            }
        }
    }

    /// Frames so far.
    pub fn frames(&self) -> u32 {
        self.shown.frames
    }

    /// What was seen. Part of a frame at the end is none.
    pub fn done(self) -> Shown {
        self.shown
    }

    fn look(&mut self, frame: &[u8]) {
        let (number, cells, shown) = (self.shown.frames, self.cells, &mut self.shown);
        shown.frames += 1;
        let (low, high) = frame.iter().fold((u8::MAX, 0), |(low, high), grey| (low.min(*grey), high.max(*grey)));
        if high.saturating_sub(low) <= self.law.blank_spread {
            match shown.blank.last_mut() {
                Some(blank) if blank.to == number => blank.to += 1,
                _ => {
                    let mean = frame.iter().map(|grey| u32::from(*grey)).sum::<u32>() / cells as u32;
                    shown.blank.push(Blank { from: number, to: number + 1, mean: mean as u8 });
                }
            }
        }
        if number == 0 {
            shown.grey = [frame, frame].concat();
        } else if alike(&shown.grey[cells..2 * cells], frame, self.law.still_step) {
            match shown.still.last_mut() {
                Some((from, to)) if *from == shown.open => *to += 1,
                _ => shown.still.push((shown.open, number + 1)),
            }
        } else {
            shown.open = number;
            shown.grey[cells..2 * cells].copy_from_slice(frame);
        }
        if let [wanted, rest @ ..] = self.wanted
            && *wanted == number
        {
            self.wanted = rest;
            shown.kept.push(number);
            shown.grey.extend_from_slice(frame);
        }
    }
}

#[cfg(test)]
mod tests {
    use proofreel_model::policy::law;
    use proptest::prelude::*;

    use super::*;

    const CELLS: usize = 8;

    fn shown(frames: &[[u8; CELLS]], wanted: &[u32], piece: usize) -> Shown {
        let mut watcher = Watcher::new(CELLS, wanted, &law().media.frames);
        frames.concat().chunks(piece.max(1)).for_each(|piece| watcher.take(piece));
        watcher.done()
    }

    #[test]
    fn what_was_kept_is_taken_up_whole_or_not_at_all() {
        let shown = shown(&[[1; CELLS], [1; CELLS], [90; CELLS]], &[1], 5);
        let taken = |told: &Shown, bytes: &[u8]| {
            let mut told = told.clone();
            told.with_grey(bytes, CELLS).map(<[u8]>::to_vec).map(|rest| (told, rest))
        };
        let bytes = [shown.grey(), &[7; 3]].concat();
        assert_eq!(taken(&shown, &bytes), Some((shown.clone(), vec![7; 3])));
        assert_eq!(taken(&shown, &bytes[..bytes.len() - 4]), None, "a frame is missing");
        let damages: [fn(&mut Shown); 5] = [
            |shown| shown.still = vec![(2, 1)],
            |shown| shown.still = vec![(0, 4)],
            |shown| shown.blank[0].to = u32::MAX,
            |shown| shown.kept = vec![3],
            |shown| shown.open = 3,
        ];
        for (n, damage) in damages.into_iter().enumerate() {
            let mut other = shown.clone();
            damage(&mut other);
            assert_eq!(taken(&other, &bytes), None, "damage {n}");
        }
    }

    proptest! {
        /// However frames come in and wherever they are parted, the same is seen (of frames that differ by more than twice the step or not
        /// at all).
        #[test]
        fn what_is_seen_does_not_depend_on_where_a_film_is_parted(
            levels in prop::collection::vec((0u8..3, 0usize..CELLS), 1..40), at in 0usize..40, piece in 1usize..30,
        ) {
            let frame = |(level, place): &(u8, usize)| {
                let mut frame = [100; CELLS];
                frame[*place] = 100 + level * 60;
                frame
            };
            let frames: Vec<_> = levels.iter().map(frame).collect();
            let wanted: Vec<u32> = (0..frames.len() as u32).filter(|n| n % 3 == 1).collect();
            let whole = shown(&frames, &wanted, piece);
            let (before, after) = frames.split_at(at.min(frames.len()));
            let (first, second): (Vec<u32>, Vec<u32>) = wanted.iter().partition(|n| (**n as usize) < before.len());
            let second: Vec<u32> = second.iter().map(|n| n - before.len() as u32).collect();
            let mut joined = shown(before, &first, 1);
            joined.add(&shown(after, &second, piece), &law().media.frames);
            prop_assert_eq!(&joined, &whole);
            for n in wanted {
                prop_assert_eq!(whole.frame(n), Some(&frames[n as usize][..]));
            }
            prop_assert_eq!(whole.frame(frames.len() as u32), None);
            // As stretches were found by looking at all frames at once.
            let mut first = 0;
            let mut still = Vec::new();
            for n in 1..=frames.len() {
                if frames.get(n) != frames.get(first) {
                    still.extend((n - first > 1).then_some((first as u32, n as u32)));
                    first = n;
                }
            }
            prop_assert_eq!(&whole.still, &still);
            let blank = frames.iter().filter(|frame| frame.iter().all(|grey| *grey == 100)).count();
            prop_assert_eq!(whole.blank.iter().map(|blank| (blank.to - blank.from) as usize).sum::<usize>(), blank);
        }
    }
}
