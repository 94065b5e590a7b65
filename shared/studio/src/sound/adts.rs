//! Coded sound as a stream of frames that say their own length (ADTS, ISO/IEC 13818-7, 6.2): it is cut and joined
//! anywhere between two of them.

use shiguredo_mp4::bitstream::aac::parse_adts_frame;

/// The frames of a stream, each with its head; none when it is no such stream.
pub fn frames(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let (head, packet) = parse_adts_frame(bytes).ok()?;
        let (frame, rest) = bytes.split_at(usize::from(head.frame_length));
        out.push(Some(frame).filter(|_| !packet.is_empty())?);
        bytes = rest;
    }
    Some(out)
}

/// What a frame holds behind its head: a packet of an MP4 file.
pub fn packet(frame: &[u8]) -> &[u8] {
    parse_adts_frame(frame).map_or(&[], |(_, packet)| packet)
}

/// What an MP4 file tells a decoder of a stream with such frames: profile, rate and channels (ISO/IEC 14496-3, 1.6.2.1).
pub fn config(frame: &[u8]) -> [u8; 2] {
    let (kind, rate) = (u16::from(frame[2] >> 6) + 1, u16::from(frame[2] >> 2 & 15));
    let channels = u16::from(frame[2] & 1) << 2 | u16::from(frame[3] >> 6);
    (kind << 11 | rate << 7 | channels << 3).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_falls_apart_into_its_frames() {
        // Heads that ffmpeg wrote: AAC-LC, 48 kHz, two channels; 9 and 12 bytes long.
        let one = [0xff, 0xf1, 0x4c, 0x80, 0x01, 0x3f, 0xfc, 0x21, 0x10];
        let two = [0xff, 0xf1, 0x4c, 0x80, 0x01, 0x9f, 0xfc, 0x21, 0x70, 1, 2, 3];
        let stream = [&one[..], &two[..]].concat();
        assert_eq!(frames(&stream), Some(vec![&one[..], &two[..]]));
        assert_eq!(frames(&stream[..20]), None, "cut short");
        assert_eq!(frames(b"<html>"), None);
        assert_eq!(config(&one), [0x11, 0x90]);
        assert_eq!(packet(&two), [0x21, 0x70, 1, 2, 3]);
    }
}
