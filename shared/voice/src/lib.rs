//! The embedded neural voice: from written English to sound with word timings, without Python and without a network.
//!
//! `reading` and `g2p` turn text into phonemes, `network` predicts how they sound, `dsp` makes the sound, `timing` says
//! when each word is heard, and [`speaker::Speaker`] is all of it; `align` times words for voices that do not say when
//! they speak. The data comes from `hibari-tts` 0.2.1 (Apache-2.0).

pub mod align;
pub mod assets;
pub mod dsp;
pub mod g2p;
pub mod network;
pub mod reading;
pub mod speaker;
pub mod timing;
