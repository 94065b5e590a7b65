//! Segments decoded when they were made: a film that holds exactly their packets need not be decoded again.

use std::path::Path;

use proofreel_model::policy::law;
use shiguredo_mp4::TrackKind;

use super::packets::packets;
use super::shown::{Shown, Watcher};
use super::small_size;
use crate::FPS;
use crate::encoder::remove;
use crate::error::StudioError;
use crate::tools::Tools;

/// A piece of film as it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// Head and packets of the picture, each with length and checksum, in order of decoding.
    pub packets: Vec<String>,
    /// What its frames show.
    pub shown: Shown,
}

/// A segment to decode.
#[derive(Clone, Debug)]
pub struct Coded<'a> {
    /// Where it lies.
    pub file: &'a Path,
    /// Its length, frames.
    pub frames: u32,
    /// Frames to keep, in order.
    pub wanted: Vec<u32>,
}

impl Decoded {
    /// Decodes segments in one go: starting a decoder costs as much as decoding some seconds. They lie in one folder.
    pub fn of_all(tools: &Tools, segments: &[Coded<'_>], size: (u32, u32)) -> Result<Vec<Self>, StudioError> {
        let Some(first) = segments.first() else { return Ok(Vec::new()) };
        let (small, bounds) = (small_size(size), &law().media.frames);
        let cells = (small.0 * small.1) as usize;
        let seconds = |frames: u32| f64::from(frames) / f64::from(FPS);
        let list = first.file.with_extension("decode.list");
        write_list(segments.iter().map(|segment| segment.file), &list)?;
        let mut watchers: Vec<_> =
            segments.iter().map(|segment| Watcher::new(cells, &segment.wanted, bounds)).collect();
        let total: u32 = segments.iter().map(|segment| segment.frames).sum();
        let (mut given, mut now, mut left) = (0, 0, first.frames as usize * cells);
        let decoded = tools.decode_small(&list, true, small, seconds(total), |mut part| {
            given += part.len();
            while let Some(watcher) = watchers.get_mut(now).filter(|_| !part.is_empty()) {
                let (own, rest) = part.split_at(part.len().min(left));
                watcher.take(own);
                (part, left) = (rest, left - own.len());
                if left == 0 {
                    now += 1;
                    left = segments.get(now).map_or(0, |segment| segment.frames as usize * cells);
                }
            }
        });
        remove(&list)?;
        decoded?;
        let whole = given == total as usize * cells;
        let mut out = Vec::new();
        for (segment, mut watcher) in segments.iter().zip(watchers) {
            if !whole {
                // Frames are missing or too many: whose they are is told by decoding each by itself.
                watcher = Watcher::new(cells, &segment.wanted, bounds);
                tools.decode_small(segment.file, false, small, seconds(segment.frames), |part| watcher.take(part))?;
            }
            let packets = packets(segment.file, TrackKind::Video)
                .ok_or_else(|| StudioError::OutOfSpec(vec![format!("{} names no packets", segment.file.display())]))?;
            out.push(Self { packets, shown: watcher.done() });
        }
        Ok(out)
    }

    /// Adds the segment that follows. Its head must be the same, or the film will not be found to hold both.
    pub fn add(&mut self, next: Self) {
        let head = usize::from(self.packets.first().is_some_and(|head| next.packets.first() == Some(head)));
        self.packets.extend(next.packets.into_iter().skip(head));
        self.shown.add(&next.shown, &law().media.frames);
    }

    /// True when a film's picture consists of these packets, one after another, and of nothing else.
    pub fn is_all_of(&self, film: &Path) -> bool {
        !self.packets.is_empty() && packets(film, TrackKind::Video).is_some_and(|packets| packets == self.packets)
    }
}

/// Writes a list that ffmpeg's concat demuxer reads. The segments lie beside it.
fn write_list<'a>(segments: impl Iterator<Item = &'a Path>, to: &Path) -> Result<(), StudioError> {
    let mut text = String::from("ffconcat version 1.0\n");
    for segment in segments {
        // Names alone, beside the list: the list cannot name anything elsewhere.
        let name = segment.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        text.push_str(&format!("file {name}\n"));
    }
    std::fs::write(to, text).map_err(|error| StudioError::io(format!("writing {}", to.display()), error))
}
