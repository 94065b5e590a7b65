//! Pictures and sound: from scenes and spoken sentences to a film, its captions and its thumbnails.
//!
//! The room knows nothing of topics, sources or QA. It draws what a [`proofreel_model::visual::Visual`] says, at the
//! time a sentence says it, and never writes a number that it was not given: texts are drawn as they come, ranked
//! values are source observations, and only axis ticks are made here.
//!
//! * [`film::make`] is the whole way: sound, picture, encoding, captions, thumbnails and the media check.
//! * [`mend::make`] makes a film that came out faulty once more, of nothing that was kept.
//! * [`share`] lets several workers make the segments of one film beforehand.
//! * [`reel::Reel`] draws any frame of a film without encoding it.

pub mod axis;
pub mod beats;
pub mod canvas;
pub mod captions;
pub mod colour;
pub mod cut;
pub mod encoder;
pub mod error;
pub mod film;
pub mod geometry;
pub mod inscription;
mod kept;
pub mod keys;
pub mod layout;
pub mod media;
pub mod mend;
pub mod motion;
mod mp4;
pub mod ops;
pub mod painter;
pub mod photo;
pub mod picture;
pub mod reel;
pub mod segment;
pub mod share;
pub mod shelf;
pub mod sound;
pub mod storyboard;
pub mod text;
pub mod theme;
pub mod thumbnail;
pub mod timeline;
pub mod tools;
pub mod yuv;

#[cfg(test)]
mod samples;

pub use error::StudioError;

/// Frames a second of every film.
pub const FPS: u32 = 30;
/// Samples a second of every film's sound.
pub const SAMPLE_RATE: u32 = 48_000;
/// Samples of one frame: a whole number, so that cuts in picture and sound fall together.
pub const SAMPLES_PER_FRAME: u32 = SAMPLE_RATE / FPS;
