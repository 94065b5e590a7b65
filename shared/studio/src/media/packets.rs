//! Packets of a film's picture or sound, read from the MP4 file itself: which bytes a decoder would get, in its order.
//!
//! Boxes by ISO/IEC 14496-12; only what ffmpeg writes without fragments is understood.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;

use proofreel_model::digest::Digest;

/// Most bytes of an index: four hundred hours of film have less.
const MOST: u64 = 1 << 30;

/// A track of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// H.264.
    Picture,
    /// AAC.
    Sound,
}

impl Track {
    /// Kind of its handler.
    fn handler(self) -> &'static [u8] {
        match self {
            Self::Picture => b"vide",
            Self::Sound => b"soun",
        }
    }

    /// What a decoder is told before the first packet.
    fn head(self, entry: &[u8]) -> Option<&[u8]> {
        // Bytes of a sample entry before its own boxes.
        const PICTURE: usize = 78;
        const SOUND: usize = 28;
        match self {
            Self::Picture => child(child(entry, *b"avc1")?.get(PICTURE..)?, *b"avcC"),
            Self::Sound => specific(child(child(entry, *b"mp4a")?.get(SOUND..)?, *b"esds")?),
        }
    }
}

/// What is specific to the decoder in a stream's descriptors (ISO/IEC 14496-1): they lie one in another, each with its
/// kind and a length of up to four bytes.
fn specific(descriptors: &[u8]) -> Option<&[u8]> {
    let mut rest = descriptors.get(4..)?;
    loop {
        let kind = *rest.first()?;
        let wide = rest.iter().skip(1).take_while(|byte| **byte & 0x80 != 0).count() + 1;
        let length = rest.get(1..=wide)?.iter().fold(0usize, |length, byte| (length << 7) | usize::from(byte & 0x7f));
        let content = rest.get(wide + 1..)?;
        rest = match kind {
            // Number and flags of the stream; kind, size and rates of the decoder.
            3 => content.get(3..)?,
            4 => content.get(13..)?,
            5 => return content.get(..length),
            _ => return None,
        };
    }
}

/// Where in a track its first heard sample lies, for each of its edits, in the track's own time.
fn starts(track: &[u8]) -> Option<String> {
    let Some(edits) = child(track, *b"edts").and_then(|edits| child(edits, *b"elst")) else { return Some("0".into()) };
    // Edits of the first version are of four bytes each.
    let count = word(edits, 4).filter(|_| edits.first() == Some(&0))? as usize;
    let starts = (0..count).map(|n| word(edits, 12 + n * 12).map(|start| start.to_string()));
    Some(starts.collect::<Option<Vec<_>>>()?.join(" "))
}

/// Length and digest of what begins a track and of each of its packets, in order of decoding; times are left to the
/// probe of the film, but for what a decoder is to leave out at the start of a sound. `None` when the file is no such
/// film, which decoding it tells better.
pub fn packets(file: &Path, wanted: Track) -> Option<Vec<String>> {
    let file = File::open(file).ok()?;
    let index = top(&mut BufReader::new(&file), *b"moov").ok()?;
    let (track, table) = tracks(&index).find_map(|track| {
        let media = child(track, *b"mdia")?;
        // Version, flags and a reserved word come before the kind.
        let is_wanted = child(media, *b"hdlr")?.get(8..12)? == wanted.handler();
        is_wanted.then(|| Some((track, child(child(media, *b"minf")?, *b"stbl")?))).flatten()
    })?;
    let head = wanted.head(child(table, *b"stsd")?.get(8..)?)?;
    let mut out = vec![line(head)];
    if wanted == Track::Sound {
        out.push(starts(track)?);
    }
    let mut bytes = Vec::new();
    for (place, length) in places(table)? {
        bytes.resize(length, 0);
        // Without a buffer: between two packets of a track lie those of the other.
        file.read_exact_at(&mut bytes, place).ok()?;
        out.push(line(&bytes));
    }
    Some(out)
}

/// Length and digest of a packet.
pub(crate) fn line(bytes: &[u8]) -> String {
    format!("{} {}", bytes.len(), Digest::of(bytes))
}

/// Where each sample of a track lies, and how long it is.
fn places(table: &[u8]) -> Option<Vec<(u64, usize)>> {
    let sizes = child(table, *b"stsz")?;
    let (same, count) = (word(sizes, 4)?, word(sizes, 8)? as usize);
    let length = |n: usize| if same > 0 { Some(same) } else { word(sizes, 12 + n * 4) };
    let (wide, chunks) = match child(table, *b"stco") {
        Some(chunks) => (false, chunks),
        None => (true, child(table, *b"co64")?),
    };
    let chunk = |n: usize| {
        let at = 8 + n * if wide { 8 } else { 4 };
        let first = u64::from(word(chunks, at)?);
        if wide { Some((first << 32) | u64::from(word(chunks, at + 4)?)) } else { Some(first) }
    };
    let runs = child(table, *b"stsc")?;
    let run = |n: usize| Some((word(runs, 8 + n * 12)? as usize, word(runs, 12 + n * 12)?));
    let (mut out, mut at) = (Vec::new(), 0);
    for n in 0..word(chunks, 4)? as usize {
        // A run holds from its first chunk, counted from 1, to the next run's.
        while run(at + 1).is_some_and(|(first, _)| first <= n + 1) {
            at += 1;
        }
        let mut place = chunk(n)?;
        for _ in 0..run(at)?.1 {
            let length = length(out.len())?;
            out.push((place, length as usize));
            place += u64::from(length);
        }
    }
    (out.len() == count).then_some(out)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Kind and content of the boxes that lie one after another.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (length, kind) = (word(bytes, 0)? as usize, bytes.get(4..8)?.try_into().ok()?);
        let content = bytes.get(8..length)?;
        bytes = &bytes[length..];
        Some((kind, content))
    })
}

fn child(bytes: &[u8], wanted: [u8; 4]) -> Option<&[u8]> {
    boxes(bytes).find_map(|(kind, content)| (kind == wanted).then_some(content))
}

fn tracks(index: &[u8]) -> impl Iterator<Item = &[u8]> {
    boxes(index).filter_map(|(kind, content)| (kind == *b"trak").then_some(content))
}

/// Content of a box of the file itself; the others are passed over.
fn top(file: &mut (impl Read + Seek), wanted: [u8; 4]) -> io::Result<Vec<u8>> {
    loop {
        let mut head = [0; 8];
        file.read_exact(&mut head)?;
        let [a, b, c, d, kind @ ..] = head;
        let mut content = u64::from(u32::from_be_bytes([a, b, c, d])).saturating_sub(8);
        if [a, b, c, d] == [0, 0, 0, 1] {
            let mut long = [0; 8];
            file.read_exact(&mut long)?;
            content = u64::from_be_bytes(long).saturating_sub(16);
        }
        if kind == wanted {
            let mut bytes = Vec::new();
            file.take(content.min(MOST)).read_to_end(&mut bytes)?;
            return Ok(bytes);
        }
        file.seek(SeekFrom::Current(i64::try_from(content).map_err(io::Error::other)?))?;
    }
}
