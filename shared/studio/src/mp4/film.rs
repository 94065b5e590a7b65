//! A film's file: the packets of its segments and of its sound, none of them changed, behind an index of where they lie.

use std::fmt::Display;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::num::NonZeroU32;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use shiguredo_mp4::aux::SampleTableAccessor;
use shiguredo_mp4::bitstream::aac::{Mp4aSampleEntryConfig, build_mp4a_box, parse_audio_specific_config};
use shiguredo_mp4::boxes::{Brand, EdtsBox, ElstBox, ElstEntry, FtypBox, MoovBox, SampleEntry, TrakBox};
use shiguredo_mp4::mux::{Mp4FileMuxer, Sample};
use shiguredo_mp4::{Either, Encode, FixedPointNumber, Mp4FileTime, TrackKind};

use super::{index, starts, track};
use crate::error::StudioError;
use crate::sound::{BLOCK, adts};
use crate::tools::Partial;
use crate::{FPS, SAMPLE_RATE, SAMPLES_PER_FRAME};

/// What is being done, for messages.
const DOING: &str = "joining the film";
/// Picture and sound come by turns of so many frames, so that a player finds both near one another.
const TURN: u64 = FPS as u64 / 2;
/// Ticks of a second, of the sound and of the film as a whole.
const TICKS: NonZeroU32 = NonZeroU32::new(SAMPLE_RATE).expect("samples a second");

/// Joins video-only files, in order, and a sound (see [`crate::sound::join`]) into an MP4 file that plays from its start: the
/// index comes first. Under its name it is whole, or it is not there.
///
/// # Errors
/// A segment that is no such file or not encoded as the first one is, a sound that is none, a full disk.
pub fn join(segments: &[PathBuf], sound: &Path, to: &Path) -> Result<(), StudioError> {
    let coded = std::fs::read(sound).map_err(|error| reading(sound, error))?;
    let frames = adts::frames(&coded).filter(|frames| !frames.is_empty());
    let frames = frames.ok_or_else(|| StudioError::BadSound(format!("{} is no coded sound", sound.display())))?;
    let pictures = segments.iter().map(|file| Picture::read(file)).collect::<Result<Vec<_>, _>>()?;
    let mut layout = Layout::new()?;
    let (mut shown, mut heard) = (0, 0);
    for (number, picture) in pictures.iter().enumerate() {
        if !picture.goes_on_from(&pictures[0]) {
            let what = format!("{} is not encoded as {} is", segments[number].display(), segments[0].display());
            return Err(StudioError::OutOfSpec(vec![what]));
        }
        for packet in SampleTableAccessor::new(&picture.track()?.mdia_box.minf_box.stbl_box).map_err(fault)?.samples() {
            let (place, bytes) = (packet.data_offset(), packet.data_size() as usize);
            layout.add(
                Sample {
                    track_kind: TrackKind::Video,
                    sample_entry: (shown == 0).then(|| picture.entry.clone()),
                    keyframe: packet.is_sync_sample(),
                    timescale: picture.timescale,
                    duration: packet.duration(),
                    composition_time_offset: packet.composition_time_offset(),
                    data_offset: layout.at,
                    data_size: bytes,
                },
                Source::Segment { number, place, bytes },
            )?;
            shown += 1;
            if shown % TURN == 0 {
                let until = (shown * u64::from(SAMPLES_PER_FRAME)).div_ceil(BLOCK) as usize;
                heard = layout.add_sound(&frames, heard..until.clamp(heard, frames.len()))?;
            }
        }
    }
    layout.add_sound(&frames, heard..frames.len())?;
    let first = pictures.first().ok_or_else(|| fault("it has no segment"))?.starts;
    let (head, sources) = layout.finish(first)?;
    let part = Partial::beside(to)?;
    copy(&head, &sources, segments, part.path())?;
    // Its parts were kept within bounds when they were made.
    part.keep(DOING, u64::MAX)
}

fn fault(why: impl Display) -> StudioError {
    StudioError::OutOfSpec(vec![format!("{DOING}: {why}")])
}

fn reading(file: &Path, error: std::io::Error) -> StudioError {
    StudioError::io(format!("reading {}", file.display()), error)
}

/// A segment: its index, and what all segments of a film have in common.
struct Picture {
    index: MoovBox,
    entry: SampleEntry,
    timescale: NonZeroU32,
    /// Where its first frame lies, in its own time: frames are due in another order than they are decoded in.
    starts: i64,
}

impl Picture {
    fn read(file: &Path) -> Result<Self, StudioError> {
        let bad = |why: &str| StudioError::OutOfSpec(vec![format!("{}: {why}", file.display())]);
        let index = File::open(file).and_then(|file| index(&file)).map_err(|error| reading(file, error))?;
        let track = track(&index, TrackKind::Video).ok_or_else(|| bad("it has no picture"))?;
        let [SampleEntry::Avc1(entry)] = track.mdia_box.minf_box.stbl_box.stsd_box.entries.as_slice() else {
            return Err(bad("its picture is not H.264"));
        };
        let [starts] = starts(track)[..] else { return Err(bad("it is cut")) };
        let (mut entry, timescale) = (entry.clone(), track.mdia_box.mdhd_box.timescale);
        // How many bits a second it takes, each has of its own.
        entry.unknown_boxes.retain(|own| own.box_type.as_bytes() != b"btrt");
        Ok(Self { entry: SampleEntry::Avc1(entry), timescale, starts, index })
    }

    fn track(&self) -> Result<&TrakBox, StudioError> {
        track(&self.index, TrackKind::Video).ok_or_else(|| fault("a segment has no picture"))
    }

    fn goes_on_from(&self, first: &Self) -> bool {
        (&self.entry, self.timescale, self.starts) == (&first.entry, first.timescale, first.starts)
    }
}

/// Where packets that lie one behind another come from.
enum Source<'a> {
    Segment { number: usize, place: u64, bytes: usize },
    Sound(&'a [u8]),
}

/// A film's packets, in the order in which they will lie.
struct Layout<'a> {
    muxer: Mp4FileMuxer,
    /// Where the next packet would lie if the muxer wrote the film's head.
    at: u64,
    sources: Vec<Source<'a>>,
}

impl<'a> Layout<'a> {
    fn new() -> Result<Self, StudioError> {
        let muxer = Mp4FileMuxer::new().map_err(fault)?;
        Ok(Self { at: muxer.initial_boxes_bytes().len() as u64, muxer, sources: Vec::new() })
    }

    fn add(&mut self, sample: Sample, source: Source<'a>) -> Result<(), StudioError> {
        self.muxer.append_sample(&sample).map_err(fault)?;
        self.at += sample.data_size as u64;
        match (self.sources.last_mut(), source) {
            (
                Some(Source::Segment { number, place, bytes }),
                Source::Segment { number: same, place: next, bytes: more },
            ) if *number == same && *place + *bytes as u64 == next => *bytes += more,
            (_, source) => self.sources.push(source),
        }
        Ok(())
    }

    /// Adds these frames of the sound; the number of the one that follows.
    fn add_sound(&mut self, frames: &[&'a [u8]], wanted: Range<usize>) -> Result<usize, StudioError> {
        for (n, frame) in frames.iter().enumerate().take(wanted.end).skip(wanted.start) {
            let packet = adts::packet(frame);
            let sample = Sample {
                track_kind: TrackKind::Audio,
                sample_entry: if n == 0 { Some(sound_entry(frame)?) } else { None },
                keyframe: true,
                timescale: TICKS,
                duration: BLOCK as u32,
                composition_time_offset: None,
                data_offset: self.at,
                data_size: packet.len(),
            };
            self.add(sample, Source::Sound(packet))?;
        }
        Ok(wanted.end)
    }

    /// The film's head, up to its first packet, and where the packets come from. `starts` is where the first frame lies.
    fn finish(mut self, starts: i64) -> Result<(Vec<u8>, Vec<Source<'a>>), StudioError> {
        let brands = vec![Brand::ISOM, Brand::ISO2, Brand::AVC1, Brand::MP41];
        let kind = FtypBox { major_brand: Brand::ISOM, minor_version: 0x200, compatible_brands: brands };
        let mut head = kind.encode_to_vec().map_err(fault)?;
        let written = self.muxer.initial_boxes_bytes().len() as i64;
        let finished = self.muxer.finalize().map_err(fault)?;
        let mut index = finished.moov_box().clone();
        edit(&mut index, starts);
        let data = finished.offset_and_bytes_pairs().last().map(|(_, head)| head.to_vec()).unwrap_or_default();
        let length = index.encode_to_vec().map_err(fault)?.len() + head.len() + data.len();
        // The muxer leaves room for a head of another length: everything lies that much nearer to the start, or further from it.
        let shift = length as i64 - written;
        for track in &mut index.trak_boxes {
            match &mut track.mdia_box.minf_box.stbl_box.stco_or_co64_box {
                Either::A(near) => {
                    for at in &mut near.chunk_offsets {
                        *at = u32::try_from(i64::from(*at) + shift).map_err(fault)?;
                    }
                }
                Either::B(far) => {
                    far.chunk_offsets.iter_mut().for_each(|at| *at = at.saturating_add_signed(shift));
                }
            }
        }
        head.extend(index.encode_to_vec().map_err(fault)?);
        head.extend(data);
        Ok((head, self.sources))
    }
}

/// Tells a player what to leave out: the picture begins with its first frame, the sound with its first sample, which lies
/// behind a block that the coder gives before it. Of when it was made the film says nothing: the same parts, the same bytes.
fn edit(index: &mut MoovBox, starts: i64) {
    const UNKNOWN: Mp4FileTime = Mp4FileTime::from_secs(0);
    (index.mvhd_box.creation_time, index.mvhd_box.modification_time) = (UNKNOWN, UNKNOWN);
    index.mvhd_box.timescale = TICKS;
    index.mvhd_box.duration = 0;
    for track in &mut index.trak_boxes {
        let (head, media) = (&mut track.tkhd_box, &mut track.mdia_box.mdhd_box);
        (head.creation_time, head.modification_time) = (UNKNOWN, UNKNOWN);
        (media.creation_time, media.modification_time) = (UNKNOWN, UNKNOWN);
        let all = media.duration * u64::from(SAMPLE_RATE) / u64::from(media.timescale.get());
        let is_sound = track.mdia_box.hdlr_box.handler_type == *b"soun";
        let (media_time, duration) = if is_sound { (BLOCK as i64, all.saturating_sub(BLOCK)) } else { (starts, all) };
        let entry = ElstEntry { edit_duration: duration, media_time, media_rate: FixedPointNumber::new(1, 0) };
        track.edts_box = Some(EdtsBox { elst_box: Some(ElstBox { entries: vec![entry] }), unknown_boxes: Vec::new() });
        head.duration = duration;
        index.mvhd_box.duration = index.mvhd_box.duration.max(duration);
    }
}

/// What a decoder is told of a sound with such frames. How many bits a second it takes is left open.
fn sound_entry(frame: &[u8]) -> Result<SampleEntry, StudioError> {
    let told = parse_audio_specific_config(&adts::config(frame)).map_err(fault)?;
    let open = Mp4aSampleEntryConfig { es_id: 2, buffer_size_db: 0, max_bitrate: 0, avg_bitrate: 0 };
    build_mp4a_box(&told, &open).map(SampleEntry::Mp4a).map_err(fault)
}

fn copy(head: &[u8], sources: &[Source<'_>], segments: &[PathBuf], to: &Path) -> Result<(), StudioError> {
    let writing = |error| StudioError::io(format!("{DOING}: {}", to.display()), error);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(to).map_err(writing)?);
    out.write_all(head).map_err(writing)?;
    let (mut open, mut packets) = (None, Vec::new());
    for source in sources {
        match source {
            Source::Sound(packet) => out.write_all(packet).map_err(writing)?,
            Source::Segment { number, place, bytes } => {
                let path = &segments[*number];
                let file = match open.take() {
                    Some((opened, file)) if opened == *number => file,
                    _ => File::open(path).map_err(|error| reading(path, error))?,
                };
                packets.resize(*bytes, 0);
                file.read_exact_at(&mut packets, *place).map_err(|error| reading(path, error))?;
                out.write_all(&packets).map_err(writing)?;
                open = Some((*number, file));
            }
        }
    }
    out.flush().map_err(writing)
}
