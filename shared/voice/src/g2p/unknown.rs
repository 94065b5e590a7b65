//! Words that no dictionary has: a small network reads them letter by letter.

use std::collections::HashMap;
use std::sync::Arc;

use rten::{Model, ModelOptions, RunOptions, ThreadPool, ValueOrView};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};
use serde::Deserialize;

use crate::assets::{Assets, VoiceDataError};

const FILE: &str = "oov.onnx";

#[derive(Deserialize)]
struct Alphabet {
    #[serde(rename = "in")]
    letters: Vec<char>,
    #[serde(rename = "out")]
    phonemes: Vec<char>,
    maxlen: usize,
}

/// The network, loaded.
pub(super) struct Guesser {
    model: Model,
    /// Letter → its number, from 1.
    letters: HashMap<char, i32>,
    /// Phoneme of each number from 1; 0 is the blank.
    phonemes: Vec<char>,
    longest: usize,
    pool: Arc<ThreadPool>,
}

impl Guesser {
    pub(super) fn load(assets: &Assets) -> Result<Self, VoiceDataError> {
        let Alphabet { letters, phonemes, maxlen } = assets.json("oov.json")?;
        let fault = |error: rten::LoadError| VoiceDataError::unusable(FILE, error);
        Ok(Self {
            model: ModelOptions::with_all_ops().load(assets.bytes(FILE)?).map_err(fault)?,
            letters: letters.into_iter().zip(1..).collect(),
            phonemes,
            longest: maxlen,
            // One thread: one order of additions.
            pool: Arc::new(ThreadPool::with_num_threads(1)),
        })
    }

    /// The phonemes of a word; none when it has no letter that the network knows.
    pub(super) fn guess(&self, word: &str) -> Option<String> {
        let ids: Vec<i32> = word.chars().filter_map(|c| self.letters.get(&c).copied()).take(self.longest).collect();
        if ids.is_empty() {
            return None;
        }
        let input: ValueOrView = NdTensor::from_data([1, ids.len()], ids).into();
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let result: Tensor<i32> = self.model.run_one(input, Some(options)).ok()?.try_into().ok()?;
        let (mut out, mut last) = (String::new(), 0);
        for id in result.iter().copied() {
            // The same number twice in a row is one sound; a blank between them makes it two.
            if id != last && id > 0 {
                out.extend(self.phonemes.get(id as usize - 1));
            }
            last = id;
        }
        Some(out)
    }
}
