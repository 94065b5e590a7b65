//! The acoustic network: from phonemes to the parameters of a sound, frame by frame.
//!
//! `rten` runs the untouched ONNX file. Besides the six outputs of the file the duration predictor's result is read,
//! an inner node of the graph, because it says when each phoneme is spoken.

use std::sync::Arc;

use rten::{ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::NdTensor;

use crate::assets::{Assets, NETWORK, VoiceDataError};

/// Frequency bins of a frame, 0 to 12 kHz.
pub const BINS: usize = 601;
/// Frames of one step of the duration predictor: 25 ms.
pub const FRAMES_PER_STEP: usize = 2;
/// The graph's node that holds the length of each phoneme in steps.
const DURATIONS: &str = "/Clip_output_0";

/// What the network predicts of one piece. The spectra are stored bin by bin: value `bin * count + frame`.
#[derive(Clone, Debug, PartialEq)]
pub struct Frames {
    /// Number of frames, 12.5 ms each.
    pub count: usize,
    /// Natural logarithm of the harmonic part's magnitude.
    pub harmonic: Vec<f32>,
    /// Phase turn of the harmonic part; its hyperbolic tangent is in units of π.
    pub turn: Vec<f32>,
    /// Natural logarithm of the noise part's magnitude.
    pub noise: Vec<f32>,
    /// Natural logarithm of the free part's magnitude.
    pub free: Vec<f32>,
    /// Phase of the free part, radians.
    pub phase: Vec<f32>,
    /// Fundamental frequency of each frame, Hz; below 40 the frame is unvoiced.
    pub pitch: Vec<f32>,
    /// Length of each phoneme, the silent one at either end included, in steps of 25 ms.
    pub steps: Vec<u32>,
}

/// The loaded network. The same phonemes give the same bits on the same kind of processor.
pub struct Network {
    model: rten::Model,
    inputs: [NodeId; 2],
    outputs: [NodeId; 7],
    pool: Arc<ThreadPool>,
}

impl Network {
    /// Loads the file (some tenths of a second).
    pub fn load(assets: &Assets) -> Result<Self, VoiceDataError> {
        let unusable = |detail: String| VoiceDataError::unusable(NETWORK, detail);
        let model = ModelOptions::with_all_ops().load(assets.bytes(NETWORK)?).map_err(|e| unusable(e.to_string()))?;
        let node = |name: &str| model.node_id(name).map_err(|e| unusable(format!("{name}: {e}")));
        let inputs = [node("ids")?, node("speed")?];
        let [harmonic, turn, noise, free, phase, pitch] = *model.output_ids() else {
            return Err(unusable(format!("it has {} outputs, not 6", model.output_ids().len())));
        };
        let outputs = [harmonic, turn, noise, free, phase, pitch, node(DURATIONS)?];
        // One thread: one order of additions.
        Ok(Self { model, inputs, outputs, pool: Arc::new(ThreadPool::with_num_threads(1)) })
    }

    /// Predicts a piece from the numbers of its phonemes (without the silence around it) at `speed` times the voice's
    /// own pace. The error is a sentence for people.
    pub fn run(&self, phonemes: &[i32], speed: f32) -> Result<Frames, String> {
        let mut ids = Vec::with_capacity(phonemes.len() + 2);
        ids.push(0);
        ids.extend_from_slice(phonemes);
        ids.push(0);
        let length = ids.len();
        let ids: ValueOrView = NdTensor::from_data([1, length], ids).into();
        let speed: ValueOrView = NdTensor::from_data([1], vec![speed]).into();
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let inputs = vec![(self.inputs[0], ids), (self.inputs[1], speed)];
        let values = self.model.run_n(inputs, self.outputs, Some(options)).map_err(|e| e.to_string())?;
        let [harmonic, turn, noise, free, phase, pitch, steps] = values;
        let pitch = floats(pitch)?;
        let count = pitch.len();
        let spectrum = |value: Value| -> Result<Vec<f32>, String> {
            let values = floats(value)?;
            if values.len() == BINS * count {
                Ok(values)
            } else {
                Err(format!("the network gave {} values for {count} frames", values.len()))
            }
        };
        let frames = Frames {
            count,
            harmonic: spectrum(harmonic)?,
            turn: spectrum(turn)?,
            noise: spectrum(noise)?,
            free: spectrum(free)?,
            phase: spectrum(phase)?,
            pitch,
            steps: lengths(steps)?,
        };
        let total: usize = frames.steps.iter().map(|steps| *steps as usize).sum();
        if frames.steps.len() != length || total * FRAMES_PER_STEP != count {
            return Err(format!(
                "{} lengths of {total} steps for {length} phonemes, {count} frames",
                frames.steps.len()
            ));
        }
        Ok(frames)
    }
}

fn floats(value: Value) -> Result<Vec<f32>, String> {
    match value {
        Value::FloatTensor(tensor) => Ok(tensor.into_data()),
        other => Err(format!("the network gave {:?} where numbers were due", other.dtype())),
    }
}

fn lengths(value: Value) -> Result<Vec<u32>, String> {
    match value {
        Value::FloatTensor(tensor) => Ok(tensor.into_data().into_iter().map(|steps| steps.round() as u32).collect()),
        Value::Int32Tensor(tensor) => Ok(tensor.into_data().into_iter().map(|steps| steps.max(0) as u32).collect()),
        other => Err(format!("the network gave {:?} where lengths were due", other.dtype())),
    }
}
