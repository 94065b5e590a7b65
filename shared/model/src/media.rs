//! The media check: what was measured in the finished film, and what is wrong with it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::film::{Loudness, MediaCheck};
use crate::ids::SceneId;
use crate::stage::StageName;

/// What can be wrong with a finished film.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaCode {
    /// The file cannot be read or decoded to its end.
    Unreadable,
    /// A stream is missing, or there is one too many.
    Streams,
    /// Codec, pixel format, size, rate or colour tags are not those ordered.
    StreamFormat,
    /// Frames or length are not those of the timeline.
    Length,
    /// The film is longer than an episode may be.
    Runtime,
    /// Frames do not follow one another at even steps.
    FrameTimes,
    /// Picture and sound do not end together.
    EndsApart,
    /// The picture shows nothing.
    BlankPicture,
    /// The picture does not move where it should.
    FrozenPicture,
    /// A frame is not the one that was drawn.
    PictureDiffers,
    /// Words are said, and nothing is heard.
    SilentWords,
    /// Nobody speaks for long inside a scene.
    LongSilence,
    /// Samples stand at full scale.
    Clipping,
    /// Integrated loudness is out of range.
    Loudness,
    /// The true peak is too high.
    TruePeak,
    /// A word stands in no caption.
    CaptionMissing,
    /// A caption shows at another time than its words.
    CaptionTime,
    /// The voice is heard at another time than its words.
    VoiceTime,
    /// A text does not fit its place and was cut.
    TextCut,
    /// A text lies outside the safe area.
    TextOutside,
    /// A text is too small to be read.
    TextSmall,
    /// A data scene does not name its source.
    NoSourceLine,
    /// A number on screen is no citation, no plotted observation and no axis tick.
    StrangeNumeral,
}

impl MediaCode {
    /// As in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Streams => "streams",
            Self::StreamFormat => "stream_format",
            Self::Length => "length",
            Self::Runtime => "runtime",
            Self::FrameTimes => "frame_times",
            Self::EndsApart => "ends_apart",
            Self::BlankPicture => "blank_picture",
            Self::FrozenPicture => "frozen_picture",
            Self::PictureDiffers => "picture_differs",
            Self::SilentWords => "silent_words",
            Self::LongSilence => "long_silence",
            Self::Clipping => "clipping",
            Self::Loudness => "loudness",
            Self::TruePeak => "true_peak",
            Self::CaptionMissing => "caption_missing",
            Self::CaptionTime => "caption_time",
            Self::VoiceTime => "voice_time",
            Self::TextCut => "text_cut",
            Self::TextOutside => "text_outside",
            Self::TextSmall => "text_small",
            Self::NoSourceLine => "no_source_line",
            Self::StrangeNumeral => "strange_numeral",
        }
    }

    /// True when it is about what is heard.
    pub fn is_heard(self) -> bool {
        matches!(self, Self::SilentWords | Self::VoiceTime | Self::Clipping | Self::Loudness | Self::TruePeak)
    }
}

/// What is to be done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "order", rename_all = "kebab-case")]
pub enum MediaOrder {
    /// A technical fault: render again.
    Rerender,
    /// A fault of words or scenes: back to this stage.
    Rewrite {
        /// The stage at fault.
        stage: StageName,
    },
    /// Neither would help: a person has to look.
    Hold,
}

/// Something wrong with the film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MediaFinding {
    /// What.
    pub code: MediaCode,
    /// The scene it lies in, when it lies in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene_id: Option<SceneId>,
    /// From when, milliseconds of the film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<u32>,
    /// What was measured, with its unit.
    pub measured: String,
    /// What it must be, with its unit.
    pub bound: String,
    /// What is wrong, in words.
    pub detail: String,
    /// What is to be done.
    #[serde(flatten)]
    pub order: MediaOrder,
}

/// What follows a pace in the finding of a film that is too long.
const PACE: &str = " words a minute";

impl MediaFinding {
    /// The finding of a film of so many seconds and words that is longer than `most` seconds. It tells the pace at which it
    /// was spoken, pauses included, so that the next one can be planned for it ([`measured_pace`]).
    pub fn too_long(seconds: f64, words: usize, most: u32) -> Self {
        let pace = words as f64 * 60.0 / seconds;
        Self {
            code: MediaCode::Runtime,
            scene_id: None,
            at_ms: None,
            measured: format!("{seconds:.1} s"),
            bound: format!("at most {most} s"),
            detail: format!("an episode may not run so long: plan for a voice that speaks {pace:.1}{PACE}"),
            order: MediaOrder::Rewrite { stage: StageName::SceneBuilder },
        }
    }
}

/// The pace that the reasons of a rewrite tell, words a minute: that of a film which came out too long.
pub fn measured_pace(reasons: &[String]) -> Option<f64> {
    let told = |reason: &String| {
        let before = reason.strip_prefix("media check: runtime: ")?.split_once(PACE)?.0;
        before.rsplit(' ').next()?.parse::<f64>().ok().filter(|pace| pace.is_finite())
    };
    reasons.iter().find_map(told)
}

/// A stretch of the film.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stretch {
    /// Start, milliseconds.
    pub start_ms: u32,
    /// End, milliseconds.
    pub end_ms: u32,
}

impl Stretch {
    /// Length, milliseconds.
    pub fn ms(self) -> u32 {
        self.end_ms.saturating_sub(self.start_ms)
    }
}

/// What the streams are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StreamMeasures {
    /// Video codec.
    pub video_codec: String,
    /// Pixel format.
    pub pixel_format: String,
    /// Range, matrix, primaries and transfer, separated by slashes.
    pub colour: String,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// Frames a second.
    pub fps: f64,
    /// Frames in the file.
    pub frames: u32,
    /// Frames that do not follow the one before at an even step.
    pub uneven_frames: u32,
    /// Frames that were decoded.
    pub decoded_frames: u32,
    /// End of the picture, seconds.
    pub video_seconds: f64,
    /// Audio codec.
    pub audio_codec: String,
    /// Samples a second.
    pub sample_rate: u32,
    /// Channels.
    pub channels: u32,
    /// End of the sound, seconds.
    pub audio_seconds: f64,
}

/// What the sound is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SoundMeasures {
    /// Integrated loudness, LUFS (EBU R 128).
    pub integrated_lufs: f64,
    /// Loudness range, LU (EBU Tech 3342).
    pub range_lu: f64,
    /// True peak, dBTP.
    pub true_peak_dbtp: f64,
    /// Samples at full scale, both channels.
    pub clipped_samples: u32,
    /// Longest time inside scenes with narration in which nobody speaks, milliseconds.
    pub longest_silence_ms: u32,
}

/// How captions lie on words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaptionMeasures {
    /// Words said.
    pub words: u32,
    /// Words that a caption shows.
    pub captioned: u32,
    /// Captions.
    pub cues: u32,
    /// Mean distance between the start of a caption and of its first word, milliseconds.
    pub mean_ms: f64,
    /// The largest such distance, milliseconds.
    pub max_ms: u32,
}

/// How the voice that is heard lies on the words as timed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VoiceMeasures {
    /// Starts of speech after a pause that were compared.
    pub onsets: u32,
    /// Mean of heard minus timed, milliseconds.
    pub mean_ms: f64,
    /// Mean distance, milliseconds.
    pub mean_distance_ms: f64,
    /// Speech over what lies beneath it while somebody speaks, decibels; absent when there is no bed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speech_over_bed_db: Option<f64>,
}

/// What the draw list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DrawnMeasures {
    /// Frames whose texts were read.
    pub frames: u32,
    /// Texts in them.
    pub texts: u32,
    /// Texts with a digit.
    pub numerals: u32,
    /// Of those: citations of a fact.
    pub cited: u32,
    /// Of those: plotted observations and their dates.
    pub observed: u32,
    /// Of those: axis ticks.
    pub ticks: u32,
}

/// The report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MediaReport {
    /// Streams.
    pub streams: StreamMeasures,
    /// Sound.
    pub sound: SoundMeasures,
    /// Stretches that show nothing.
    pub blank: Vec<Stretch>,
    /// Longest time that the picture stood still, where it may as well as where it may not.
    pub longest_still: Option<Stretch>,
    /// Frames compared with what was drawn.
    pub frames_compared: u32,
    /// Captions.
    pub captions: CaptionMeasures,
    /// Voice.
    pub voice: VoiceMeasures,
    /// Texts on screen.
    pub drawn: DrawnMeasures,
    /// What is wrong; empty when the film may go out.
    pub findings: Vec<MediaFinding>,
}

impl MediaReport {
    /// True when the film may go out.
    pub fn is_good(&self) -> bool {
        self.findings.is_empty()
    }

    /// What is to be done: the gravest order, a technical one first, then the earliest stage.
    pub fn order(&self) -> Option<MediaOrder> {
        self.findings.iter().map(|finding| finding.order).min()
    }
}

impl From<&MediaReport> for MediaCheck {
    fn from(report: &MediaReport) -> Self {
        Self {
            video_codec: report.streams.video_codec.clone(),
            width: report.streams.width,
            height: report.streams.height,
            fps: report.streams.fps,
            audio_codec: report.streams.audio_codec.clone(),
            video_seconds: report.streams.video_seconds,
            audio_seconds: report.streams.audio_seconds,
            loudness: Loudness {
                integrated_lufs: report.sound.integrated_lufs,
                true_peak_dbtp: report.sound.true_peak_dbtp,
            },
        }
    }
}

impl std::fmt::Display for MediaFinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(scene) = &self.scene_id {
            write!(f, "{scene} ")?;
        }
        if let Some(at) = self.at_ms {
            write!(f, "at {:.1} s ", f64::from(at) / 1000.0)?;
        }
        write!(f, "{}: {} ({}, must be {})", self.code.as_str(), self.detail, self.measured, self.bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_that_is_too_long_tells_the_pace_of_its_voice() {
        let finding = MediaFinding::too_long(381.7, 880, 360);
        let reason = format!("media check: {finding}");
        assert!(reason.contains("381.7 s") && reason.contains("360 s"), "{reason}");
        assert_eq!(measured_pace(&["scene-builder s02: other".to_owned(), reason]), Some(138.3));
        for other in
            ["media check: runtime: no pace", "I want 90 words a minute", "media check: runtime: NaN words a minute"]
        {
            assert_eq!(measured_pace(&[other.to_owned()]), None, "{other}");
        }
    }
}
