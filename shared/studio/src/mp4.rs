//! MP4 files (ISO/IEC 14496-12), read and written by `shiguredo_mp4` (ADR 0100). Their index tells a decoder how to begin, and
//! where each packet lies and when it is due.

mod film;
#[cfg(test)]
mod tests;

pub use film::join;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use shiguredo_mp4::boxes::{MoovBox, TrakBox};
use shiguredo_mp4::{BoxHeader, Decode, TrackKind};

/// Most bytes of an index: four hundred hours of film have less.
const MOST: u64 = 1 << 30;

/// The index of a file; what else is in it, its packets above all, is passed over.
///
/// # Errors
/// A file that cannot be read, or is no such file.
pub fn index(mut file: &File) -> io::Result<MoovBox> {
    let mut at = 0;
    loop {
        file.seek(SeekFrom::Start(at))?;
        let mut head = Vec::with_capacity(BoxHeader::MAX_SIZE);
        file.take(BoxHeader::MAX_SIZE as u64).read_to_end(&mut head)?;
        let (found, _) = BoxHeader::decode(&head).map_err(io::Error::other)?;
        let length = found.box_size.get();
        if found.box_type == MoovBox::TYPE && length <= MOST {
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(at))?;
            file.take(length).read_to_end(&mut bytes)?;
            return MoovBox::decode(&bytes).map(|(index, _)| index).map_err(io::Error::other);
        }
        // Zero is said of a box that reaches to the end of the file.
        at = at.checked_add(length).filter(|_| length > 0).ok_or(io::ErrorKind::UnexpectedEof)?;
    }
}

/// The first track of this kind.
pub fn track(index: &MoovBox, kind: TrackKind) -> Option<&TrakBox> {
    let handler = match kind {
        TrackKind::Video => *b"vide",
        TrackKind::Audio => *b"soun",
        TrackKind::Subtitle => *b"subt",
    };
    index.trak_boxes.iter().find(|track| track.mdia_box.hdlr_box.handler_type == handler)
}

/// Where in a track its first moment lies, for each of its edits, in the track's own time; a track that is not edited begins
/// at its start.
pub fn starts(track: &TrakBox) -> Vec<i64> {
    let edits = track.edts_box.as_ref().and_then(|edits| edits.elst_box.as_ref());
    edits.map_or_else(|| vec![0], |edits| edits.entries.iter().map(|edit| edit.media_time).collect())
}
