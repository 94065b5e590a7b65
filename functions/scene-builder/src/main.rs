//! The scene builder behind its queue: structures scenes and chooses pictures.

use std::process::ExitCode;

use proofreel_lambda::StageFunction;
use proofreel_stages::scene_builder::SceneBuilder;

fn main() -> ExitCode {
    proofreel_lambda::serve_stage(StageFunction::new(|| Box::new(SceneBuilder)))
}
