//! The media check, the encoder, the limits of the studio's programs, and the music bed.

use serde::Deserialize;

/// `specs/policy/media.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Media {
    /// Streams and their times.
    pub streams: Streams,
    /// Pictures.
    pub frames: Frames,
    /// Sound.
    pub sounds: Sounds,
    /// Captions and voice against words.
    pub captions: Captions,
    /// Texts on screen.
    pub drawing: Drawing,
    /// How pictures are encoded.
    pub encoder: Encoder,
    /// Programs.
    pub limits: Limits,
    /// Music.
    pub bed: MusicBed,
}

/// Streams and their times.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Streams {
    /// How far picture, sound and timeline may end apart, milliseconds.
    pub end_ms: u32,
    /// How far a frame's time may lie off its place, milliseconds.
    pub step_ms: f64,
}

/// Pictures, looked at in small and grey (0–255).
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frames {
    /// A frame whose grey values lie within this is blank.
    pub blank_spread: u8,
    /// Longest stretch of blank frames, milliseconds.
    pub blank_ms: u32,
    /// A picture stands still while no grey value moves by more than this.
    pub still_step: u8,
    /// Longest time it may stand still while somebody speaks, milliseconds.
    pub still_ms: u32,
    /// Mean distance in grey between a frame and the one drawn, at most.
    pub differs: f64,
    /// The same of any part.
    pub differs_most: u8,
    /// How often a frame is drawn again and compared, milliseconds.
    pub compare_every_ms: u32,
}

/// Sound.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sounds {
    /// Integrated loudness, LUFS.
    pub target_lufs: f64,
    /// How far it may be off, LU.
    pub tolerance_lu: f64,
    /// Highest true peak, dBTP.
    pub true_peak_dbtp: f64,
    /// A sample from here on is at full scale, 0–1.
    pub full_scale: f32,
    /// Most samples at full scale.
    pub clipped_samples: u32,
    /// Below this nothing is heard, dBFS in the band of speech.
    pub silence_dbfs: f64,
    /// Longest time that words stay unheard, milliseconds.
    pub silent_words_ms: u32,
    /// Longest time without a word inside a scene with narration, milliseconds.
    pub long_silence_ms: u32,
    /// Longest time without a word at the end, and of a scene without narration, milliseconds.
    pub closing_silence_ms: u32,
}

/// Captions and voice against words.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Captions {
    /// Start of a caption against its first word: the mean, milliseconds.
    pub mean_ms: f64,
    /// The same: the largest, milliseconds.
    pub max_ms: u32,
    /// Heard against timed starts of speech: the mean, milliseconds.
    pub voice_ms: f64,
    /// Pauses from which a start of speech is looked for, milliseconds.
    pub pause_ms: u32,
}

/// Texts on screen.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawing {
    /// Frames of each scene whose texts are read.
    pub looked_at: u32,
    /// Pixels that a text may reach beyond the safe area.
    pub slack_px: f32,
}

/// How every picture is encoded, by libx264.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encoder {
    /// How much work goes into making the file small.
    pub preset: Preset,
    /// Quantiser of every picture: 0 loses nothing, 51 most. Key frames get three less.
    pub quantiser: u8,
}

/// Presets of libx264, the fastest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// The least work, the largest file.
    Ultrafast,
    /// Little work.
    Superfast,
    /// Less work than most do.
    Veryfast,
    /// libx264's own.
    Medium,
}

impl Preset {
    /// As libx264 calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ultrafast => "ultrafast",
            Self::Superfast => "superfast",
            Self::Veryfast => "veryfast",
            Self::Medium => "medium",
        }
    }
}

/// What a program that the studio starts may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Seconds, whatever the work.
    pub seconds: u64,
    /// Seconds more for each second of film.
    pub seconds_per_film_second: u64,
    /// Bytes written, whatever the work.
    pub bytes: u64,
    /// Bytes more for each second of film.
    pub bytes_per_film_second: u64,
}

/// The music under the voice. Levels are loudness differences to the speech, decibels.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MusicBed {
    /// The bed lies at least this far below the speech while somebody speaks.
    pub speech_over_bed_db: f64,
    /// And this far in pauses.
    pub pause_db: f64,
    /// How fast it goes down before a word, milliseconds.
    pub attack_ms: u32,
    /// How fast it comes back, milliseconds.
    pub release_ms: u32,
    /// Pauses shorter than this do not bring it back, milliseconds.
    pub bridge_ms: u32,
    /// Fade at the start, milliseconds.
    pub fade_in_ms: u32,
    /// Fade at the end, milliseconds.
    pub fade_out_ms: u32,
    /// Sounds at scene turns lie this far below the speech.
    pub turn_db: f64,
}
