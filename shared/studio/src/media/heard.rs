//! Sound as it is heard: decoded once, measured as it goes by, and known again by its packets.

use std::path::Path;

use proofreel_model::media::SoundMeasures;
use proofreel_model::policy::law;
use serde::{Deserialize, Serialize};
use shiguredo_mp4::TrackKind;

use super::packets::packets;
use crate::SAMPLE_RATE;
use crate::error::StudioError;
use crate::sound::{GATE_LUFS, Meter, integrated, range};
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

/// What was heard in a piece of a film's sound, such that several make a film's.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct HeardPart {
    /// Momentary loudness, a tenth of a second apart, LUFS; without what the gate leaves out.
    momentary: Vec<f64>,
    /// Short-term loudness, a second apart, LUFS; likewise.
    short_term: Vec<f64>,
    /// Highest true peak, as a factor of full scale.
    peak: f64,
    /// Samples at full scale, of both sides.
    clipped: u32,
    /// Level of the band of speech in each step of 10 ms, dBFS.
    levels: Vec<f64>,
}

impl HeardPart {
    /// Hears decoded samples that sound on both sides.
    pub fn of(samples: &[f32]) -> Result<Self, StudioError> {
        const TENTH: usize = SAMPLE_RATE as usize / 10;
        let (mut out, mut meter, mut steps) = (Self::default(), Meter::of_moments()?, Steps::new());
        let full_scale = law().media.sounds.full_scale;
        for (n, part) in (1..).zip(samples.chunks(TENTH)) {
            meter.add(part)?;
            for sample in part {
                out.clipped += 2 * u32::from(sample.abs() >= full_scale);
                steps.hear(f64::from(*sample));
            }
            let is_whole = part.len() == TENTH;
            if is_whole && n >= 4 {
                out.momentary.extend(Some(meter.momentary()?).filter(|lufs| *lufs > GATE_LUFS));
            }
            if is_whole && n >= 30 && n % 10 == 0 {
                out.short_term.extend(Some(meter.short_term()?).filter(|lufs| *lufs > GATE_LUFS));
            }
        }
        out.peak = meter.true_peak()?;
        out.levels = steps.levels;
        Ok(out)
    }

    /// Integrated loudness, LUFS; minus infinity for silence.
    pub fn loudness(&self) -> f64 {
        integrated(&self.momentary)
    }

    /// Highest true peak, dBTP.
    pub fn true_peak_dbtp(&self) -> f64 {
        decibels(self.peak * self.peak)
    }
}

impl Heard {
    /// Decodes the sound of a file that should last so many seconds; one that is far longer is an error.
    pub fn of(tools: &Tools, file: &Path, seconds: f64) -> Result<Self, StudioError> {
        // Our own sound is alike on both sides, and one side is half the work.
        let (sound, levels) = match Ear::listen(tools, file, seconds, true)? {
            Some(heard) => heard,
            None => Ear::listen(tools, file, seconds, false)?.unwrap_or_default(),
        };
        Ok(Self { packets: packets(file, TrackKind::Audio).unwrap_or_default(), sound, levels })
    }

    /// What is heard in a film of these pieces, each with its first sample; the film has so many. Moments that lie over a joint,
    /// where nobody speaks, count for neither side (as `ebur128` measures several files together).
    pub fn of_parts(parts: &[(u64, &HeardPart)], samples: u64, packets: Vec<String>) -> Self {
        let all = |values: fn(&HeardPart) -> &Vec<f64>| -> Vec<f64> {
            parts.iter().flat_map(|(_, part)| values(part)).copied().collect()
        };
        let finite = |value: f64| if value.is_finite() { value } else { SILENT_DB };
        let sound = SoundMeasures {
            integrated_lufs: finite(integrated(&all(|part| &part.momentary))),
            range_lu: range(&all(|part| &part.short_term)),
            true_peak_dbtp: parts.iter().map(|(_, part)| part.true_peak_dbtp()).fold(SILENT_DB, f64::max),
            clipped_samples: parts.iter().map(|(_, part)| part.clipped).sum(),
            longest_silence_ms: 0,
        };
        let step = u64::from(SAMPLE_RATE * STEP_MS / 1000);
        let level = |n: u64| {
            // Pieces have steps of their own: the one in which this step's middle lies.
            let middle = n * step + step / 2;
            let (start, part) = parts.iter().rev().find(|(start, _)| *start <= middle)?;
            part.levels.get(((middle - start) / step) as usize).or(part.levels.last()).copied()
        };
        let levels = (0..samples / step).map(|n| level(n).unwrap_or(SILENT_DB)).collect();
        Self { packets, sound, levels }
    }

    /// True when a film's sound consists of these packets, one after another, and of nothing else.
    pub fn is_all_of(&self, film: &Path) -> bool {
        !self.packets.is_empty() && packets(film, TrackKind::Audio).is_some_and(|packets| packets == self.packets)
    }
}

/// What hears decoded samples as they go by.
struct Ear {
    /// Both sides are taken to be alike.
    alike: bool,
    /// They were not.
    differ: bool,
    meter: Meter,
    steps: Steps,
    clipped: u32,
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
            steps: Steps::new(),
            clipped: 0,
            samples: Vec::new(),
        };
        tools.decode_sound(file, "mov", seconds, |part| ear.hear(part))?;
        if ear.differ { Ok(None) } else { ear.told().map(Some) }
    }

    fn hear(&mut self, part: &[u8]) -> Result<(), StudioError> {
        let full_scale = law().media.sounds.full_scale;
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
            self.steps.hear(f64::from(left + right) / 2.0);
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
        Ok((sound, self.steps.levels))
    }
}

fn decibels(power: f64) -> f64 {
    if power > 0.0 { (10.0 * power.log10()).max(SILENT_DB) } else { SILENT_DB }
}

/// Levels of the band of speech, step by step.
struct Steps {
    band: Band,
    levels: Vec<f64>,
    energy: f64,
    count: usize,
}

impl Steps {
    fn new() -> Self {
        Self { band: Band::new(), levels: Vec::new(), energy: 0.0, count: 0 }
    }

    fn hear(&mut self, sample: f64) {
        const STEP: usize = (SAMPLE_RATE * STEP_MS / 1000) as usize;
        let heard = self.band.next(sample);
        self.energy += heard * heard;
        self.count += 1;
        if self.count == STEP {
            self.levels.push(decibels(self.energy / STEP as f64));
            (self.energy, self.count) = (0.0, 0);
        }
    }
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
