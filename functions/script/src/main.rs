//! The script stage behind its queue: writes the words.

use std::process::ExitCode;

use proofreel_lambda::StageFunction;
use proofreel_stages::script::ScriptWriter;

fn main() -> ExitCode {
    proofreel_lambda::serve_stage(StageFunction::new(|| Box::new(ScriptWriter)))
}
