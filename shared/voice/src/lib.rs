//! The embedded neural voice: from written English to sound with word timings, without Python and without a network.
//!
//! `reading` and `g2p` turn text into phonemes. The data comes from `hibari-tts` 0.2.1 (Apache-2.0).

pub mod assets;
pub mod g2p;
pub mod reading;
