//! A film shared by several workers: which segments are missing, who makes which, and making some of them.
//!
//! What is made lies on the shelf under its key, as [`crate::film::make`] would have put it there; `make` finds it.

use std::cmp::Reverse;
use std::path::Path;

use proofreel_model::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::cut::Cut;
use crate::encoder::remove;
use crate::error::StudioError;
use crate::film::{self, FilmOrder, Progress};
use crate::segment::{Bench, Segment, Toolchain, find_all, plan, render_all};
use crate::shelf::Shelf;
use crate::theme::Theme;
use crate::timeline::Timeline;
use crate::{FPS, captions, kept, media};

/// What one worker makes of a film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Names the film's timeline on the shelf, from which a worker knows all cuts without the speech.
    pub timeline: Digest,
    /// Numbers of the segments, in playing order.
    pub segments: Vec<usize>,
}

/// Divides what the shelf lacks of a film into at most `most` shares of nearly equal length, each of at least
/// `least_seconds` on average. None when less than two would come of it, the whole film is there, or it is too long to be drawn.
pub fn divide(
    order: &FilmOrder,
    most: usize,
    least_seconds: u32,
    shelf: &dyn Shelf,
) -> Result<Vec<Share>, StudioError> {
    let theme = Theme::new(&order.look, order.format, order.burn_captions, &order.brand)?;
    let toolchain = Toolchain::of(&order.tools, &order.fonts, &theme)?;
    let film = kept::key(order, &toolchain, &film::digests(&order.speech))?;
    if has(&film, &order.folder, shelf)? {
        return Ok(Vec::new());
    }
    let timeline = film::place(order)?;
    if media::too_long(timeline.frames(), timeline.words().len(), order.most_ms).is_some() {
        return Ok(Vec::new());
    }
    let segments = segments(order, &theme, &toolchain, &timeline)?.1;
    let mut missing = Vec::new();
    for (n, segment) in segments.iter().enumerate() {
        if !has(&segment.key, &order.folder, shelf)? {
            missing.push((n, segment.length()));
        }
    }
    let shares = deal(&missing, most, least_seconds * FPS);
    if shares.len() < 2 {
        return Ok(Vec::new());
    }
    let timeline = keep_timeline(&timeline, &order.folder, shelf)?;
    Ok(shares.into_iter().map(|segments| Share { timeline: timeline.clone(), segments }).collect())
}

/// The timeline of a share's film, when the shelf still has it. It is wanted in place of the speech.
pub fn timeline(share: &Share, folder: &Path, shelf: &dyn Shelf) -> Result<Option<Timeline>, StudioError> {
    let file = folder.join("timeline.json");
    if !shelf.fetch(&share.timeline, &file) {
        return Ok(None);
    }
    let bytes = std::fs::read(&file).ok().filter(|bytes| Digest::of(bytes) == share.timeline);
    remove(&file)?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Makes a share, and finds out about it what the media check wants. Without a timeline the order's speech is laid out anew. Segments that
/// the film does not have are left out: they were numbered by another version of this program.
pub fn make(
    order: &FilmOrder,
    share: &Share,
    timeline: Option<Timeline>,
    shelf: &dyn Shelf,
    progress: &(dyn Progress + Sync),
) -> Result<(), StudioError> {
    let theme = Theme::new(&order.look, order.format, order.burn_captions, &order.brand)?;
    let toolchain = Toolchain::of(&order.tools, &order.fonts, &theme)?;
    let timeline = match timeline {
        Some(timeline) => timeline,
        None => film::place(order)?,
    };
    let (cuts, all) = segments(order, &theme, &toolchain, &timeline)?;
    let own: Vec<Segment> = share.segments.iter().filter_map(|n| all.get(*n)).cloned().collect();
    progress.begin("render", own.iter().map(|segment| u64::from(segment.length())).sum());
    let bench = Bench { tools: &order.tools, fonts: &order.fonts, theme: &theme, cuts: &cuts };
    let (pieces, _) = render_all(&bench, &own, &order.folder, order.workers, shelf, progress)?;
    find_all(&bench, &own, &pieces, order.workers, shelf)?;
    for piece in &pieces {
        remove(piece)?;
    }
    progress.end();
    Ok(())
}

fn segments(
    order: &FilmOrder,
    theme: &Theme,
    toolchain: &Toolchain,
    timeline: &Timeline,
) -> Result<(Vec<Cut>, Vec<Segment>), StudioError> {
    let cues = captions::cues(&order.script, timeline);
    let cuts = Cut::all(&order.material(timeline, theme, &cues))?;
    let segments = plan(&cuts, toolchain)?;
    Ok((cuts, segments))
}

/// True when the shelf has a part.
fn has(key: &Digest, folder: &Path, shelf: &dyn Shelf) -> Result<bool, StudioError> {
    let file = folder.join("looked-at.part");
    let there = shelf.fetch(key, &file);
    remove(&file)?;
    Ok(there)
}

fn keep_timeline(timeline: &Timeline, folder: &Path, shelf: &dyn Shelf) -> Result<Digest, StudioError> {
    let bytes = serde_json::to_vec(timeline)
        .map_err(|error| StudioError::OutOfSpec(vec![format!("the film's timeline has no JSON: {error}")]))?;
    let (key, file) = (Digest::of(&bytes), folder.join("timeline.json"));
    std::fs::write(&file, bytes).map_err(|error| StudioError::io(format!("writing {}", file.display()), error))?;
    shelf.keep(&key, &file);
    remove(&file)?;
    Ok(key)
}

/// Deals (number, frames) out: the longest first, each to whoever has least. No share is empty.
fn deal(missing: &[(usize, u32)], most: usize, least_frames: u32) -> Vec<Vec<usize>> {
    let frames: u32 = missing.iter().map(|(_, frames)| frames).sum();
    let count = most.min((frames / least_frames.max(1)) as usize).min(missing.len());
    let mut shares: Vec<(u32, Vec<usize>)> = vec![(0, Vec::new()); count];
    let mut longest = missing.to_vec();
    longest.sort_by_key(|(n, frames)| (Reverse(*frames), *n));
    for (n, frames) in longest {
        if let Some((had, share)) = shares.iter_mut().min_by_key(|(had, _)| *had) {
            *had += frames;
            share.push(n);
        }
    }
    for (_, share) in &mut shares {
        share.sort_unstable();
    }
    shares.into_iter().map(|(_, share)| share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_nearly_equal_length_and_hold_each_segment_once() {
        let missing: Vec<(usize, u32)> = (0..13).map(|n| (n, 150 + 60 * (n as u32 % 5))).collect();
        for most in 1..=8 {
            let shares = deal(&missing, most, 300);
            assert_eq!(shares.len(), most);
            let mut all: Vec<usize> = shares.iter().flatten().copied().collect();
            all.sort_unstable();
            assert_eq!(all, (0..13).collect::<Vec<_>>());
            let length = |share: &Vec<usize>| share.iter().map(|n| missing[*n].1).sum::<u32>();
            let (shortest, longest) =
                (shares.iter().map(length).min().unwrap(), shares.iter().map(length).max().unwrap());
            assert!(longest - shortest <= 390, "{most} shares of {shortest} to {longest} frames");
        }
    }

    #[test]
    fn a_share_is_worth_a_worker_or_there_is_none() {
        assert!(deal(&[], 8, 300).is_empty());
        assert_eq!(deal(&[(4, 100), (7, 150)], 8, 300), Vec::<Vec<usize>>::new());
        assert_eq!(deal(&[(4, 400)], 8, 300), [[4]]);
        assert_eq!(deal(&[(0, 600), (1, 30), (2, 30)], 2, 300), [vec![0], vec![1, 2]]);
    }
}
