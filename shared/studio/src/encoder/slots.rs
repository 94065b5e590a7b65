//! Frames kept where the kernel can hand them to the encoder page by page: what did not change is not copied again.
//!
//! Two frames and the pages between them lie in a file that is only memory. A frame is brought up to date by writing the
//! rows that changed, and its pages are spliced into the pipe (splice(2)): that costs no copy, no new pages and nothing
//! to give back. What is in the pipe must not be written again before it was read; see [`Slots::new`].

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::Errno;
use rustix::pipe::{SpliceFlags, fcntl_getpipe_size, splice};

use crate::yuv::Rows;

/// The smallest page of any machine, bytes. Larger pages need fewer slots, so that counting in these is safe.
const PAGE: usize = 4096;

/// Frames in memory, given by turns.
pub struct Slots {
    memory: File,
    width: usize,
    height: usize,
    /// For each frame in memory the rows in which it is behind.
    behind: Vec<Rows>,
    next: usize,
}

/// A frame that went through in part: the rest must go another way.
pub struct Rest {
    /// Bytes that are in the pipe.
    pub from: usize,
    /// Why no more went.
    pub error: io::Error,
}

impl Slots {
    /// Room for as many frames of planar YUV 4:2:0 as are needed so that a frame has left the pipe when its turn comes
    /// again: the pipe is a queue of so many pages, and all the others were put in behind it. `None` where the machine
    /// has no such files; frames are then written.
    pub fn new(pipe: impl AsFd, width: u32, height: u32) -> Option<Self> {
        let (width, height) = (width as usize, height as usize);
        let frame = (width * height * 3 / 2).max(1);
        let queue = fcntl_getpipe_size(pipe).ok()?.div_ceil(PAGE);
        let slots = 1 + queue.div_ceil(frame.div_ceil(PAGE));
        let memory = File::from(memfd_create("frames", MemfdFlags::CLOEXEC).ok()?);
        memory.set_len((frame * slots) as u64).ok()?;
        Some(Self { memory, width, height, behind: vec![Rows::whole(height as u32); slots], next: 0 })
    }

    /// Hands on a frame, which differs from the last one in these rows only.
    pub fn give(&mut self, pipe: impl AsFd, frame: &[u8], changed: &Rows) -> Result<(), Rest> {
        for behind in &mut self.behind {
            behind.add_all(changed);
        }
        let start = (self.next * frame.len()) as u64;
        let rows = std::mem::take(&mut self.behind[self.next]);
        self.next = (self.next + 1) % self.behind.len();
        for part in rows.ranges().iter().flat_map(|rows| self.planes(rows)) {
            let written = self.memory.write_all_at(&frame[part.clone()], start + part.start as u64);
            written.map_err(|error| Rest { from: 0, error })?;
        }
        debug_assert!(self.holds(frame, start), "a row changed that was not told");
        let (mut at, end) = (start, start + frame.len() as u64);
        while at < end {
            let left = (end - at) as usize;
            match splice(&self.memory, Some(&mut at), &pipe, None, left, SpliceFlags::empty()) {
                Ok(0) => return Err(Rest { from: (at - start) as usize, error: io::ErrorKind::UnexpectedEof.into() }),
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(Rest { from: (at - start) as usize, error: error.into() }),
            }
        }
        Ok(())
    }

    /// Where rows (even ones) lie in the three planes.
    fn planes(&self, rows: &Range<u32>) -> [Range<usize>; 3] {
        let (top, bottom) = (rows.start as usize, rows.end as usize);
        let (luma, half) = (self.width * self.height, self.width / 2);
        let chroma = |plane: usize| plane + top / 2 * half..plane + bottom / 2 * half;
        [top * self.width..bottom * self.width, chroma(luma), chroma(luma + luma / 4)]
    }

    fn holds(&self, frame: &[u8], start: u64) -> bool {
        let mut held = vec![0; frame.len()];
        self.memory.read_exact_at(&mut held, start).is_ok() && held == frame
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// What comes out of a pipe into which frames were given, read by somebody who is always late.
    fn through(size: (u32, u32), frames: &[(Vec<u8>, Rows)]) -> Vec<u8> {
        let (out, into) = rustix::pipe::pipe().expect("pipe");
        let mut slots = Slots::new(&into, size.0, size.1).expect("files in memory");
        let length = frames.iter().map(|(frame, _)| frame.len()).sum();
        let reader = std::thread::spawn(move || {
            let (mut out, mut read, mut bytes) = (File::from(out), vec![0; 1021], Vec::with_capacity(length));
            while let Ok(count @ 1..) = out.read(&mut read) {
                bytes.extend(&read[..count]);
                std::thread::yield_now();
            }
            bytes
        });
        for (frame, rows) in frames {
            assert!(slots.give(&into, frame, rows).is_ok());
        }
        drop(into);
        reader.join().expect("read")
    }

    fn moving(size: (u32, u32), count: u32) -> Vec<(Vec<u8>, Rows)> {
        let (width, height) = (size.0 as usize, size.1 as usize);
        let mut frame = vec![0u8; width * height * 3 / 2];
        let mut out = vec![(frame.clone(), Rows::whole(size.1))];
        for n in 1..count {
            let top = (n * 6 % size.1) & !1;
            let rows = top..(top + 4).min(size.1);
            for plane in
                [0..width * height, width * height..width * height * 5 / 4, width * height * 5 / 4..frame.len()]
            {
                let (across, halves) = if plane.start == 0 { (width, 1) } else { (width / 2, 2) };
                let part = rows.start as usize / halves * across..rows.end as usize / halves * across;
                frame[plane][part].fill(n as u8);
            }
            let mut changed = Rows::default();
            changed.add(rows);
            out.push((frame.clone(), changed));
        }
        out
    }

    #[test]
    fn every_frame_comes_out_as_it_was_given_whatever_its_size() {
        // Many frames in the pipe at once; about one; and one that goes through in many turns.
        for (size, count) in [((16, 8), 3000), ((64, 36), 900), ((320, 180), 60), ((640, 360), 20)] {
            let frames = moving(size, count);
            let want: Vec<u8> = frames.iter().flat_map(|(frame, _)| frame.clone()).collect();
            assert!(through(size, &frames) == want, "{size:?}");
        }
    }

    #[test]
    fn nobody_at_the_other_end_is_told() {
        let (out, into) = rustix::pipe::pipe().expect("pipe");
        let mut slots = Slots::new(&into, 64, 36).expect("files in memory");
        drop(out);
        let rest = slots.give(&into, &[7; 64 * 36 * 3 / 2], &Rows::whole(36)).expect_err("refused");
        assert_eq!((rest.from, rest.error.kind()), (0, io::ErrorKind::BrokenPipe));
    }
}
