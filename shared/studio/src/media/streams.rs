//! Streams: what they are, how long they last, and whether frames follow one another evenly.

use proofreel_model::media::{MediaCode, MediaReport, StreamMeasures};
use serde::Deserialize;

use super::{Expectation, fault};
use crate::{FPS, SAMPLE_RATE};

#[derive(Deserialize)]
struct Streams {
    #[serde(default)]
    streams: Vec<Stream>,
}

#[derive(Deserialize)]
struct Stream {
    #[serde(default)]
    codec_type: String,
    codec_name: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    avg_frame_rate: Option<String>,
    duration: Option<String>,
    pix_fmt: Option<String>,
    nb_read_packets: Option<String>,
    sample_rate: Option<String>,
    channels: Option<u32>,
    color_range: Option<String>,
    color_space: Option<String>,
    color_primaries: Option<String>,
    color_transfer: Option<String>,
}

/// `30/1` → 30.
fn rate(text: &str) -> f64 {
    let (over, under) = text.split_once('/').unwrap_or((text, "1"));
    match (over.parse::<f64>(), under.parse::<f64>()) {
        (Ok(over), Ok(under)) if under > 0.0 => over / under,
        _ => 0.0,
    }
}

impl Stream {
    fn seconds(&self) -> f64 {
        self.duration.as_deref().and_then(|text| text.parse().ok()).unwrap_or(0.0)
    }

    fn colour(&self) -> String {
        let tag = |tag: &Option<String>| tag.clone().unwrap_or_else(|| "unknown".into());
        [&self.color_range, &self.color_space, &self.color_primaries, &self.color_transfer].map(tag).join("/")
    }
}

/// Colour as every film is tagged.
const COLOUR: &str = "tv/bt709/bt709/bt709";

/// Reads ffprobe's answer, and when the film's index has its frames come.
pub fn look(probed: &[u8], times: Option<Vec<f64>>, expected: &Expectation<'_>, report: &mut MediaReport) {
    let found: Streams = match serde_json::from_slice(probed) {
        Ok(found) => found,
        Err(error) => {
            let why = format!("ffprobe's answer cannot be read: {error}");
            report.findings.push(fault(MediaCode::Unreadable, why, "an error", "readable"));
            return;
        }
    };
    if !found.streams.iter().any(|stream| ["video", "audio"].contains(&stream.codec_type.as_str())) {
        let why = "there is neither picture nor sound in the file";
        report.findings.push(fault(MediaCode::Unreadable, why, 0, "a picture and a sound"));
        return;
    }
    let mut only = |kind: &str| {
        let of_kind: Vec<&Stream> = found.streams.iter().filter(|stream| stream.codec_type == kind).collect();
        if of_kind.len() != 1 {
            let what = format!("{kind} streams in the file");
            report.findings.push(fault(MediaCode::Streams, what, of_kind.len(), 1));
        }
        of_kind.first().copied()
    };
    let (video, audio) = (only("video"), only("audio"));
    let mut measures = StreamMeasures::default();
    if let Some(video) = video {
        measures.video_codec = video.codec_name.clone().unwrap_or_default();
        measures.pixel_format = video.pix_fmt.clone().unwrap_or_default();
        measures.colour = video.colour();
        (measures.width, measures.height) = (video.width.unwrap_or(0), video.height.unwrap_or(0));
        measures.fps = video.avg_frame_rate.as_deref().map_or(0.0, rate);
        measures.video_seconds = video.seconds();
        measures.frames = video.nb_read_packets.as_deref().and_then(|text| text.parse().ok()).unwrap_or(0);
        if let Some(times) = times {
            measures.uneven_frames = uneven(&times, expected.policy.streams.step_ms);
            if times.len() != measures.frames as usize {
                let what = "the file breaks off: frames in it, of those its index names";
                report.findings.push(fault(MediaCode::Unreadable, what, measures.frames, times.len()));
            }
        } else {
            let what = "when its frames are due cannot be told from its index";
            report.findings.push(fault(MediaCode::Unreadable, what, "an error", "readable"));
        }
    }
    if let Some(audio) = audio {
        measures.audio_codec = audio.codec_name.clone().unwrap_or_default();
        measures.sample_rate = audio.sample_rate.as_deref().and_then(|text| text.parse().ok()).unwrap_or(0);
        measures.channels = audio.channels.unwrap_or(0);
        measures.audio_seconds = audio.seconds();
    }
    report.streams.clone_from(&measures);
    let measured = measures;
    if video.is_some() {
        pictures(&measured, expected, report);
    }
    if audio.is_some() {
        sounds(&measured, expected, report);
    }
    let apart = (measured.video_seconds - measured.audio_seconds).abs() * 1000.0;
    let bound = expected.policy.streams.end_ms;
    if video.is_some() && audio.is_some() && apart > f64::from(bound) {
        let what = format!("picture ends at {:.3} s, sound at {:.3} s", measured.video_seconds, measured.audio_seconds);
        report.findings.push(fault(
            MediaCode::EndsApart,
            what,
            format!("{apart:.0} ms apart"),
            format!("at most {bound} ms"),
        ));
    }
}

/// Frames that do not stand where an even pace from zero puts them, `step_ms` of room.
fn uneven(times: &[f64], step_ms: f64) -> u32 {
    let off = |(n, time): &(usize, &f64)| (*time - *n as f64 / f64::from(FPS)).abs() * 1000.0 > step_ms;
    times.iter().enumerate().filter(off).count() as u32
}

fn pictures(measured: &StreamMeasures, expected: &Expectation<'_>, report: &mut MediaReport) {
    let (width, height) = expected.size;
    let rows = [
        ("the picture's codec", measured.video_codec.clone(), "h264".to_owned()),
        ("the pixel format", measured.pixel_format.clone(), "yuv420p".to_owned()),
        ("range, matrix, primaries and transfer", measured.colour.clone(), COLOUR.to_owned()),
        ("the picture's size", format!("{} × {}", measured.width, measured.height), format!("{width} × {height}")),
        ("frames a second", format!("{:.3}", measured.fps), format!("{FPS}.000")),
    ];
    for (what, is, must) in rows {
        if is != must {
            report.findings.push(fault(MediaCode::StreamFormat, what, is, must));
        }
    }
    if measured.frames != expected.frames {
        report.findings.push(fault(MediaCode::Length, "frames in the file", measured.frames, expected.frames));
    }
    if measured.uneven_frames > 0 {
        let bound = format!("none more than {} ms", expected.policy.streams.step_ms);
        report.findings.push(fault(
            MediaCode::FrameTimes,
            "frames do not follow one another evenly",
            format!("{} off their place", measured.uneven_frames),
            bound,
        ));
    }
    let off = (measured.video_seconds - expected.seconds()).abs() * 1000.0;
    let bound = expected.policy.streams.end_ms;
    if off > f64::from(bound) && measured.frames == expected.frames {
        report.findings.push(fault(
            MediaCode::Length,
            "the picture's length",
            format!("{:.3} s", measured.video_seconds),
            format!("{:.3} s ± {bound} ms", expected.seconds()),
        ));
    }
}

fn sounds(measured: &StreamMeasures, expected: &Expectation<'_>, report: &mut MediaReport) {
    let rows = [
        ("the sound's codec", measured.audio_codec.clone(), "aac".to_owned()),
        ("samples a second", measured.sample_rate.to_string(), SAMPLE_RATE.to_string()),
        ("channels", measured.channels.to_string(), "2".to_owned()),
    ];
    for (what, is, must) in rows {
        if is != must {
            report.findings.push(fault(MediaCode::StreamFormat, what, is, must));
        }
    }
    let off = (measured.audio_seconds - expected.seconds()).abs() * 1000.0;
    let bound = expected.policy.streams.end_ms;
    if off > f64::from(bound) {
        report.findings.push(fault(
            MediaCode::Length,
            "the sound's length",
            format!("{:.3} s", measured.audio_seconds),
            format!("{:.3} s ± {bound} ms", expected.seconds()),
        ));
    }
}
