//! The packets of a film, by which it is known again: what was found out about the same packets before holds for them still.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use shiguredo_mp4::aux::SampleTableAccessor;
use shiguredo_mp4::boxes::SampleEntry;
use shiguredo_mp4::{Encode, TrackKind};

use crate::mp4;

/// What a decoder is told before the first packet; `None` when it is neither H.264 nor AAC.
fn head(entry: &SampleEntry) -> Option<Vec<u8>> {
    match entry {
        SampleEntry::Avc1(picture) => picture.avcc_box.encode_to_vec().ok(),
        SampleEntry::Mp4a(sound) => {
            Some(sound.esds_box.es.dec_config_descr.dec_specific_info.as_ref()?.payload.clone())
        }
        _ => None,
    }
}

/// Length and checksum of what begins a track and of each of its packets, in order of decoding; times are left
/// to [`times`], but for what a decoder is to leave out at the start of a sound. `None` when the file is no such
/// film, which decoding it tells better.
pub fn packets(file: &Path, wanted: TrackKind) -> Option<Vec<String>> {
    let file = File::open(file).ok()?;
    let index = mp4::index(&file).ok()?;
    let track = mp4::track(&index, wanted)?;
    let table = SampleTableAccessor::new(&track.mdia_box.minf_box.stbl_box).ok()?;
    let heads = table.stbl_box().stsd_box.entries.iter().map(|entry| Some(line(&head(entry)?)));
    let mut out = heads.collect::<Option<Vec<_>>>()?;
    if wanted == TrackKind::Audio {
        out.push(mp4::starts(track).iter().map(i64::to_string).collect::<Vec<_>>().join(" "));
    }
    let (all, mut bytes) = (file.metadata().ok()?.len(), Vec::new());
    for packet in table.samples() {
        let length = u64::from(packet.data_size());
        // An index may promise more than there is memory for.
        packet.data_offset().checked_add(length).filter(|end| *end <= all)?;
        bytes.resize(length as usize, 0);
        // Without a buffer: between two packets of a track lie those of the other.
        file.read_exact_at(&mut bytes, packet.data_offset()).ok()?;
        out.push(line(&bytes));
    }
    Some(out)
}

/// When each frame of the picture is due, seconds and in order, as the file's index says. `None` when it cannot be read, names more
/// frames than the file has bytes, or cuts the picture anywhere but at its start.
pub fn times(file: &Path) -> Option<Vec<f64>> {
    let file = File::open(file).ok()?;
    let index = mp4::index(&file).ok()?;
    let track = mp4::track(&index, TrackKind::Video)?;
    let [begins] = mp4::starts(track)[..] else { return None };
    if begins < 0 {
        return None;
    }
    let ticks = f64::from(track.mdia_box.mdhd_box.timescale.get());
    let table = SampleTableAccessor::new(&track.mdia_box.minf_box.stbl_box).ok()?;
    if u64::from(table.sample_count()) > file.metadata().ok()?.len() {
        return None;
    }
    let due = table.samples().map(|frame| {
        let decoded = i64::try_from(frame.timestamp()).ok()?;
        let due = decoded.checked_add(frame.composition_time_offset().unwrap_or(0))?.checked_sub(begins)?;
        Some(due as f64 / ticks)
    });
    let mut times = due.collect::<Option<Vec<_>>>()?;
    times.sort_by(f64::total_cmp);
    Some(times)
}

/// Length and checksum of a packet: packets are told from those that were damaged or belong elsewhere, by the thousand and in
/// order, and nobody forges them. For that a digest would be ten times too dear (ADR 0102).
pub(crate) fn line(bytes: &[u8]) -> String {
    format!("{} {:08x}", bytes.len(), crc32fast::hash(bytes))
}
