//! Render behind its queue: speaks, draws, encodes and checks the film. A channel's voices from outside are asked through the one
//! way out, in their order; the embedded one is the last.
//!
//! The programs, fonts and the voice's data come with a layer: `PROOFREEL_FFMPEG`, `PROOFREEL_FFPROBE` (or `PATH`),
//! `PROOFREEL_FONTS` and `PROOFREEL_VOICE_DIR` say where they lie.

use std::process::ExitCode;
use std::sync::Arc;

use proofreel_adapters::LazyVoice;
use proofreel_lambda::StageFunction;
use proofreel_stages::render::Render;

fn main() -> ExitCode {
    let render = StageFunction::new(|| Box::new(Render::default())).with_offer();
    proofreel_lambda::serve_stage_with_guests(render.with_voice(|settings| Arc::new(LazyVoice::new(settings.clone()))))
}
