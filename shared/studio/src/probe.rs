//! The media check: what the finished file is, measured from outside, and whether that is what it must be.

use std::path::Path;

use proofreel_model::film::{Format, MediaCheck};
use serde::Deserialize;

use crate::FPS;
use crate::error::StudioError;
use crate::sound::{TARGET_LUFS, TRUE_PEAK_LIMIT, measure_file};
use crate::tools::Tools;

#[derive(Deserialize)]
struct Probed {
    streams: Vec<Stream>,
}

#[derive(Deserialize)]
struct Stream {
    codec_type: String,
    codec_name: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    avg_frame_rate: Option<String>,
    duration: Option<String>,
    pix_fmt: Option<String>,
}

/// `30/1` → 30.
fn rate(text: &str) -> f64 {
    let (over, under) = text.split_once('/').unwrap_or((text, "1"));
    match (over.parse::<f64>(), under.parse::<f64>()) {
        (Ok(over), Ok(under)) if under > 0.0 => over / under,
        _ => 0.0,
    }
}

/// Probes a film and measures its sound.
pub fn probe(tools: &Tools, file: &Path) -> Result<MediaCheck, StudioError> {
    let json = tools.probe(file)?;
    let probed: Probed = serde_json::from_slice(&json)
        .map_err(|error| StudioError::OutOfSpec(vec![format!("ffprobe's answer cannot be read: {error}")]))?;
    let stream = |kind: &str| {
        let mut found = probed.streams.iter().filter(|stream| stream.codec_type == kind);
        match (found.next(), found.next()) {
            (Some(stream), None) => Ok(stream),
            (None, _) => Err(StudioError::OutOfSpec(vec![format!("there is no {kind} stream")])),
            _ => Err(StudioError::OutOfSpec(vec![format!("there is more than one {kind} stream")])),
        }
    };
    let (video, audio) = (stream("video")?, stream("audio")?);
    if video.pix_fmt.as_deref() != Some("yuv420p") {
        return Err(StudioError::OutOfSpec(vec![format!("the pixel format is {:?}, not yuv420p", video.pix_fmt)]));
    }
    let seconds = |stream: &Stream| stream.duration.as_deref().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    Ok(MediaCheck {
        video_codec: video.codec_name.clone().unwrap_or_default(),
        width: video.width.unwrap_or(0),
        height: video.height.unwrap_or(0),
        fps: video.avg_frame_rate.as_deref().map_or(0.0, rate),
        audio_codec: audio.codec_name.clone().unwrap_or_default(),
        video_seconds: seconds(video),
        audio_seconds: seconds(audio),
        loudness: measure_file(tools, file)?,
    })
}

/// Everything in which a film differs from what it must be; empty when it may go out. `seconds` is its length as planned.
pub fn faults(check: &MediaCheck, format: Format, seconds: f64) -> Vec<String> {
    let mut out = Vec::new();
    let (width, height) = format.size();
    if check.video_codec != "h264" {
        out.push(format!("the video is {}, not h264", check.video_codec));
    }
    if check.audio_codec != "aac" {
        out.push(format!("the sound is {}, not aac", check.audio_codec));
    }
    if (check.width, check.height) != (width, height) {
        out.push(format!("the picture is {} × {}, not {width} × {height}", check.width, check.height));
    }
    if (check.fps - f64::from(FPS)).abs() > 1e-6 {
        out.push(format!("it runs at {} frames a second, not {FPS}", check.fps));
    }
    if (check.video_seconds - check.audio_seconds).abs() > 0.05 {
        out.push(format!("picture ends at {:.3} s and sound at {:.3} s", check.video_seconds, check.audio_seconds));
    }
    if (check.video_seconds - seconds).abs() > 0.05 {
        out.push(format!("it lasts {:.3} s, not {seconds:.3} s", check.video_seconds));
    }
    let loudness = check.loudness;
    if (loudness.integrated_lufs - TARGET_LUFS).abs() > 1.0 {
        out.push(format!("its loudness is {:.1} LUFS, not {TARGET_LUFS} ± 1", loudness.integrated_lufs));
    }
    if loudness.true_peak_dbtp > TRUE_PEAK_LIMIT {
        out.push(format!("its true peak is {:.2} dBTP, above {TRUE_PEAK_LIMIT}", loudness.true_peak_dbtp));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_model::film::Loudness;

    fn good() -> MediaCheck {
        MediaCheck {
            video_codec: "h264".into(),
            width: 1920,
            height: 1080,
            fps: 30.0,
            audio_codec: "aac".into(),
            video_seconds: 120.0,
            audio_seconds: 120.01,
            loudness: Loudness { integrated_lufs: -14.2, true_peak_dbtp: -1.3 },
        }
    }

    #[test]
    fn a_film_in_specification_has_no_faults() {
        assert_eq!(faults(&good(), Format::Landscape, 120.0), Vec::<String>::new());
    }

    #[test]
    fn each_property_is_checked() {
        let spoiled: [fn(&mut MediaCheck); 8] = [
            |c| c.video_codec = "vp9".into(),
            |c| c.audio_codec = "opus".into(),
            |c| c.width = 1280,
            |c| c.fps = 29.97,
            |c| c.audio_seconds = 120.2,
            |c| (c.video_seconds, c.audio_seconds) = (119.0, 119.0),
            |c| c.loudness.integrated_lufs = -16.0,
            |c| c.loudness.true_peak_dbtp = -0.4,
        ];
        for spoil in spoiled {
            let mut check = good();
            spoil(&mut check);
            assert_eq!(faults(&check, Format::Landscape, 120.0).len(), 1, "{check:?}");
        }
    }

    #[test]
    fn a_file_that_is_no_film_is_an_error() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("film.mp4");
        std::fs::write(&file, b"not a film").expect("file");
        assert!(probe(&Tools::from_environment(), &file).is_err());
    }
}
