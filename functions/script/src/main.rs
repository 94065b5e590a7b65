//! The script stage behind its queue: writes the words, with the writers that the channel names where it names any.

use std::process::ExitCode;

use proofreel_lambda::StageFunction;
use proofreel_stages::script::ScriptWriter;

fn main() -> ExitCode {
    proofreel_lambda::serve_stage_with_guests(StageFunction::new(|| Box::new(ScriptWriter)))
}
