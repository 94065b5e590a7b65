//! Sound as it is heard: decoded once, measured as it goes by, and known again by its packets.

use std::path::Path;

use proofreel_model::media::SoundMeasures;
use proofreel_model::policy::law;
use serde::{Deserialize, Serialize};

use super::packets::{Track, packets};
use crate::SAMPLE_RATE;
use crate::error::StudioError;
use crate::sound::Meter;
use crate::tools::Tools;

/// Steps of the envelope, milliseconds.
pub(super) const STEP_MS: u32 = 10;
/// The band in which a voice is told from what lies beneath it, hertz.
const BAND: (f64, f64) = (300.0, 3400.0);
/// What digital silence is called, decibels.
pub(super) const SILENT_DB: f64 = -120.0;

/// What was heard in a file's sound.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Heard {
    /// Head, first heard sample and packets of the sound; empty when they cannot be told apart.
    pub packets: Vec<String>,
    /// Loudness, peaks and clipping.
    pub sound: SoundMeasures,
    /// Level of the band of speech in each step of 10 ms, dBFS.
    pub levels: Vec<f64>,
}

impl Heard {
    /// Decodes the sound of a file that should last so many seconds; one that is far longer is an error.
    pub fn of(tools: &Tools, file: &Path, seconds: f64) -> Result<Self, StudioError> {
        // Our own sound is alike on both sides, and one side is half the work.
        let (sound, levels) = match Ear::listen(tools, file, seconds, true)? {
            Some(heard) => heard,
            None => Ear::listen(tools, file, seconds, false)?.unwrap_or_default(),
        };
        Ok(Self { packets: packets(file, Track::Sound).unwrap_or_default(), sound, levels })
    }

    /// True when a film's sound consists of these packets, one after another, and of nothing else.
    pub fn is_all_of(&self, film: &Path) -> bool {
        !self.packets.is_empty() && packets(film, Track::Sound).is_some_and(|packets| packets == self.packets)
    }
}

/// What hears decoded samples as they go by.
struct Ear {
    /// Both sides are taken to be alike.
    alike: bool,
    /// They were not.
    differ: bool,
    meter: Meter,
    band: Band,
    levels: Vec<f64>,
    clipped: u32,
    energy: f64,
    count: usize,
    /// Samples of one part, kept to be used again.
    samples: Vec<f32>,
}

impl Ear {
    /// Measures and levels of a sound; none when it was taken to be alike on both sides and is not.
    fn listen(
        tools: &Tools,
        file: &Path,
        seconds: f64,
        alike: bool,
    ) -> Result<Option<(SoundMeasures, Vec<f64>)>, StudioError> {
        let mut ear = Self {
            alike,
            differ: false,
            meter: Meter::of_all(alike)?,
            band: Band::new(),
            levels: Vec::new(),
            clipped: 0,
            energy: 0.0,
            count: 0,
            samples: Vec::new(),
        };
        tools.decode_sound(file, seconds, |part| ear.hear(part))?;
        if ear.differ { Ok(None) } else { ear.told().map(Some) }
    }

    fn hear(&mut self, part: &[u8]) -> Result<(), StudioError> {
        let full_scale = law().media.sounds.full_scale;
        let step = (SAMPLE_RATE * STEP_MS / 1000) as usize;
        self.differ |= self.alike && part.chunks_exact(8).any(|pair| pair[..4] != pair[4..]);
        if self.differ {
            return Ok(());
        }
        self.samples.clear();
        for pair in part.chunks_exact(8) {
            let side = |n: usize| f32::from_le_bytes([pair[n], pair[n + 1], pair[n + 2], pair[n + 3]]);
            let (left, right) = (side(0), side(4));
            self.samples.push(left);
            if !self.alike {
                self.samples.push(right);
            }
            self.clipped += u32::from(left.abs() >= full_scale) + u32::from(right.abs() >= full_scale);
            let heard = self.band.next(f64::from(left + right) / 2.0);
            self.energy += heard * heard;
            self.count += 1;
            if self.count == step {
                self.levels.push(decibels(self.energy / self.count as f64));
                (self.energy, self.count) = (0.0, 0);
            }
        }
        self.meter.add(&self.samples)
    }

    fn told(self) -> Result<(SoundMeasures, Vec<f64>), StudioError> {
        let peak = self.meter.true_peak()?;
        let finite = |value: f64| if value.is_finite() { value } else { SILENT_DB };
        let sound = SoundMeasures {
            integrated_lufs: finite(self.meter.loudness()?),
            range_lu: finite(self.meter.range()?),
            true_peak_dbtp: decibels(peak * peak),
            clipped_samples: self.clipped,
            longest_silence_ms: 0,
        };
        Ok((sound, self.levels))
    }
}

fn decibels(power: f64) -> f64 {
    if power > 0.0 { (10.0 * power.log10()).max(SILENT_DB) } else { SILENT_DB }
}

/// Second-order sections of a band-pass (Butterworth, bilinear transform).
struct Band([Section; 2]);

struct Section {
    b: [f64; 3],
    a: [f64; 2],
    x: [f64; 2],
    y: [f64; 2],
}

impl Section {
    fn new(hertz: f64, high: bool) -> Self {
        let k = (std::f64::consts::PI * hertz / f64::from(SAMPLE_RATE)).tan();
        let norm = 1.0 / (1.0 + std::f64::consts::SQRT_2 * k + k * k);
        let b = if high { [norm, -2.0 * norm, norm] } else { [k * k * norm, 2.0 * k * k * norm, k * k * norm] };
        let a = [2.0 * (k * k - 1.0) * norm, (1.0 - std::f64::consts::SQRT_2 * k + k * k) * norm];
        Self { b, a, x: [0.0; 2], y: [0.0; 2] }
    }

    fn next(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.b[1] * self.x[0] + self.b[2] * self.x[1]
            - self.a[0] * self.y[0]
            - self.a[1] * self.y[1];
        (self.x, self.y) = ([x, self.x[0]], [y, self.y[0]]);
        y
    }
}

impl Band {
    fn new() -> Self {
        Self([Section::new(BAND.0, true), Section::new(BAND.1, false)])
    }

    fn next(&mut self, x: f64) -> f64 {
        self.0.iter_mut().fold(x, |x, section| section.next(x))
    }
}
