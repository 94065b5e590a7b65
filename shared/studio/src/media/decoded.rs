//! Segments decoded when they were made: a film that holds exactly their packets need not be decoded again.

use std::path::Path;

use shiguredo_mp4::TrackKind;

use super::packets::packets;
use super::small_size;
use crate::FPS;
use crate::encoder::remove;
use crate::error::StudioError;
use crate::tools::Tools;

/// A piece of film as it was found: digests of its packets, and every frame in small and grey.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// Head and packets of the picture, each with length and digest, in order of decoding.
    pub packets: Vec<String>,
    /// Frames one after another.
    pub grey: Vec<u8>,
}

impl Decoded {
    /// Decodes segments of so many frames each, in one go: starting a decoder costs as much as decoding some seconds.
    /// The segments lie in one folder.
    pub fn of_all(tools: &Tools, files: &[(&Path, u32)], size: (u32, u32)) -> Result<Vec<Self>, StudioError> {
        let Some((first, _)) = files.first() else { return Ok(Vec::new()) };
        let small = small_size(size);
        let cells = (small.0 * small.1) as usize;
        let seconds = |frames: u32| f64::from(frames) / f64::from(FPS);
        let list = first.with_extension("decode.list");
        write_list(files.iter().map(|(file, _)| *file), &list)?;
        let total: u32 = files.iter().map(|(_, frames)| frames).sum();
        let all = tools.decode_small(&list, true, small, seconds(total), |_| ());
        remove(&list)?;
        let all = all?;
        let (mut rest, whole) = (all.as_slice(), all.len() == total as usize * cells);
        let mut out = Vec::new();
        for (file, frames) in files {
            let grey = if whole {
                let (grey, after) = rest.split_at(*frames as usize * cells);
                rest = after;
                grey.to_vec()
            } else {
                // Frames are missing or too many: whose they are is told by decoding each by itself.
                tools.decode_small(file, false, small, seconds(*frames), |_| ())?
            };
            let packets = packets(file, TrackKind::Video)
                .ok_or_else(|| StudioError::OutOfSpec(vec![format!("{} names no packets", file.display())]))?;
            out.push(Self { packets, grey });
        }
        Ok(out)
    }

    /// Adds the segment that follows. Its head must be the same, or the film will not be found to hold both.
    pub fn add(&mut self, next: Self) {
        let head = usize::from(self.packets.first().is_some_and(|head| next.packets.first() == Some(head)));
        self.packets.extend(next.packets.into_iter().skip(head));
        self.grey.extend(next.grey);
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
