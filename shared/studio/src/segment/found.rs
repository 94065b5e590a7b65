//! What is found out about segments when they are made: decoded, and drawn a second time. It is kept with them, so that a
//! film in which one scene is new has one scene to look at.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use proofreel_model::policy::law;
use serde::{Deserialize, Serialize};

use super::{Bench, Segment};
use crate::encoder::remove;
use crate::error::StudioError;
use crate::media::drawn::Seen;
use crate::media::{Coded, Decoded, Redrawn, Shown, Small, Texts, redraw, redrawn};
use crate::reel::Material;
use crate::shelf::{Shelf, note, read_note};
use crate::text::Typesetter;
use crate::{FPS, keys};

/// What is found out about a segment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// It was decoded.
    pub decoded: Decoded,
    /// Some of its frames were drawn a second time.
    pub redrawn: Redrawn,
}

/// What of it is kept as JSON; frames in small follow, those that were decoded before those that were drawn.
#[derive(Deserialize, Serialize)]
struct Told<'a> {
    packets: Cow<'a, [String]>,
    shown: Cow<'a, Shown>,
    /// Numbers of the frames that were drawn.
    drawn: Vec<u32>,
    texts: Cow<'a, Texts>,
}

impl Found {
    /// As it is kept.
    pub fn to_bytes(&self) -> Result<Vec<u8>, StudioError> {
        let small = &self.redrawn.small;
        let told = Told {
            packets: Cow::Borrowed(&self.decoded.packets),
            shown: Cow::Borrowed(&self.decoded.shown),
            drawn: small.iter().map(|small| small.frame).collect(),
            texts: Cow::Borrowed(&self.redrawn.texts),
        };
        let drawn: Vec<u8> = small.iter().flat_map(|small| &small.grey).copied().collect();
        note(&told, &[self.decoded.shown.grey(), &drawn])
    }

    /// From [`Found::to_bytes`], with frames in small of so many cells; `None` when it is not that.
    pub fn from_bytes(bytes: &[u8], cells: usize) -> Option<Self> {
        let (told, frames) = read_note::<Told<'_>>(bytes)?;
        let mut shown = told.shown.into_owned();
        let drawn = shown.with_grey(frames, cells).filter(|drawn| drawn.len() == told.drawn.len() * cells)?;
        let small = told.drawn.into_iter().zip(drawn.chunks_exact(cells));
        Some(Self {
            decoded: Decoded { packets: told.packets.into_owned(), shown },
            redrawn: Redrawn {
                small: small.map(|(frame, grey)| Small { frame, grey: grey.to_vec() }).collect(),
                texts: told.texts.into_owned(),
            },
        })
    }
}

impl Found {
    /// True when it speaks of so many frames, and each that was drawn again can be compared with one that was decoded.
    fn is_of(&self, segment: &Segment) -> bool {
        let (shown, first) = (&self.decoded.shown, segment.frames.start);
        let decoded = |small: &Small| small.frame.checked_sub(first).is_some_and(|frame| shown.frame(frame).is_some());
        shown.frames == segment.length() && self.redrawn.small.iter().all(decoded)
    }
}

/// What is found out about each of the segments: from the shelf, else found now by `workers` threads and kept there.
pub fn find_all(
    bench: &Bench<'_>,
    segments: &[Segment],
    files: &[PathBuf],
    workers: usize,
    shelf: &dyn Shelf,
) -> Result<Vec<Found>, StudioError> {
    let mut found: Vec<Option<Found>> = Vec::new();
    for (segment, file) in segments.iter().zip(files) {
        let (key, note) = (keys::of("found", &segment.key)?, file.with_extension("found"));
        let kept = shelf.fetch(&key, &note).then(|| std::fs::read(&note).ok()).flatten();
        remove(&note)?;
        let kept = kept.and_then(|bytes| Found::from_bytes(&bytes, bench.cells()));
        found.push(kept.filter(|found| found.is_of(segment)));
    }
    let mut missing: Vec<usize> = (0..found.len()).filter(|n| found[*n].is_none()).collect();
    missing.sort_by_key(|n| std::cmp::Reverse(segments[*n].length()));
    // The longest first and by turns, so that all have about as much to do.
    let workers = workers.clamp(1, missing.len().max(1));
    let shares: Vec<Vec<usize>> =
        (0..workers).map(|first| missing.iter().skip(first).step_by(workers).copied().collect()).collect();
    let of_share =
        |share: &[usize]| find(bench, &share.iter().map(|n| (&segments[*n], &*files[*n])).collect::<Vec<_>>());
    let made: Vec<Vec<Found>> = std::thread::scope(|scope| {
        let threads: Vec<_> = shares.iter().map(|share| scope.spawn(|| of_share(share))).collect();
        let failed = || StudioError::BadScene { scene: "?".into(), why: "the checking thread failed".into() };
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(failed()))).collect::<Result<_, _>>()
    })?;
    for (n, made) in shares.into_iter().flatten().zip(made.into_iter().flatten()) {
        let note = files[n].with_extension("found");
        std::fs::write(&note, made.to_bytes()?)
            .map_err(|error| StudioError::io(format!("writing {}", note.display()), error))?;
        shelf.keep(&keys::of("found", &segments[n].key)?, &note);
        remove(&note)?;
        found[n] = Some(made);
    }
    Ok(found.into_iter().flatten().collect())
}

/// Decodes segments in one go, and draws each a second time.
fn find<'a>(bench: &Bench<'_>, segments: &[(&Segment, &'a Path)]) -> Result<Vec<Found>, StudioError> {
    let policy = &law().media;
    let coded = |(segment, file): &(&Segment, &'a Path)| -> Result<Coded<'a>, StudioError> {
        let drawn = redrawn(bench.cut(segment)?, &segment.frames, policy);
        let wanted = drawn.into_iter().map(|frame| frame - segment.frames.start).collect();
        Ok(Coded { file, frames: segment.length(), wanted })
    };
    let coded = segments.iter().map(coded).collect::<Result<Vec<_>, _>>()?;
    let decoded = Decoded::of_all(bench.tools, &coded, (bench.theme.width, bench.theme.height))?;
    let redrawn = segments.iter().map(|(segment, _)| {
        let type_ = Typesetter::new(bench.fonts)?;
        redraw(bench.cut(segment)?, &segment.frames, bench.theme, type_, policy)
    });
    decoded.into_iter().zip(redrawn).map(|(decoded, redrawn)| Ok(Found { decoded, redrawn: redrawn? })).collect()
}

/// What was found out about a whole film.
#[derive(Clone, Debug)]
pub struct FilmFound<'a> {
    /// Its picture, decoded.
    pub decoded: Decoded,
    /// Frames as they were drawn, in small and in order.
    pub small: Vec<Small>,
    /// Texts, scene by scene.
    pub seen: Vec<Seen<'a>>,
}

impl<'a> FilmFound<'a> {
    /// Lays together what was found out about its segments.
    pub fn of(found: Vec<Found>, segments: &[Segment], film: Material<'a>) -> Self {
        let scenes = film.scenes.scenes.iter().zip(&film.script.scenes);
        let seen = |(scene, words)| Seen { scene, words, frames: Vec::new(), passing: Vec::new() };
        let mut out = Self { decoded: Decoded::default(), small: Vec::new(), seen: scenes.map(seen).collect() };
        for (found, segment) in found.into_iter().zip(segments) {
            let first = film.timeline.scenes[segment.cut].frames.start;
            let in_film =
                |texts: Vec<_>| texts.into_iter().map(move |(frame, texts)| ((first + frame) * 1000 / FPS, texts));
            out.decoded.add(found.decoded);
            let Redrawn { small, texts } = found.redrawn;
            out.small.extend(small.into_iter().map(|small| Small { frame: first + small.frame, ..small }));
            out.seen[segment.cut].frames.extend(in_film(texts.looked_at));
            out.seen[segment.cut].passing.extend(in_film(texts.passing));
        }
        out
    }
}
