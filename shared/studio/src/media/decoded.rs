//! Segments decoded when they were made: a film that holds exactly their packets need not be decoded again.

use std::path::Path;

use super::small_size;
use crate::FPS;
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

/// Length and digest of what begins a stream and of each of its packets; times are left to the probe of the film.
fn packets(tools: &Tools, file: &Path, seconds: f64) -> Result<Vec<String>, StudioError> {
    let text = tools.packets(file, seconds)?;
    let last_two = |line: &str| -> Option<String> {
        let mut cells = line.rsplit(',').map(str::trim);
        let (digest, length) = (cells.next()?, cells.next()?);
        Some(format!("{length} {digest}"))
    };
    Ok(String::from_utf8_lossy(&text)
        .lines()
        .filter(|line| line.starts_with("#extradata") || !line.starts_with('#'))
        .filter_map(last_two)
        .collect())
}

impl Decoded {
    /// Decodes a segment.
    pub fn of(tools: &Tools, file: &Path, size: (u32, u32), frames: u32) -> Result<Self, StudioError> {
        let seconds = f64::from(frames) / f64::from(FPS);
        Ok(Self { packets: packets(tools, file, seconds)?, grey: tools.decode_small(file, small_size(size), seconds)? })
    }

    /// Adds the segment that follows. Its head must be the same, or the film will not be found to hold both.
    pub fn add(&mut self, next: Self) {
        let head = usize::from(self.packets.first().is_some_and(|head| next.packets.first() == Some(head)));
        self.packets.extend(next.packets.into_iter().skip(head));
        self.grey.extend(next.grey);
    }

    /// True when a film's picture consists of these packets, one after another, and of nothing else.
    pub fn is_all_of(&self, tools: &Tools, film: &Path, seconds: f64) -> Result<bool, StudioError> {
        Ok(!self.packets.is_empty() && packets(tools, film, seconds)? == self.packets)
    }

    /// As it is kept.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.packets.join("\n").into_bytes();
        bytes.push(0);
        bytes.extend(&self.grey);
        bytes
    }

    /// From [`Decoded::to_bytes`]; `None` when it is not that.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == 0)?;
        let text = std::str::from_utf8(&bytes[..end]).ok()?;
        Some(Self { packets: text.lines().map(str::to_owned).collect(), grey: bytes[end + 1..].to_vec() })
    }
}
