//! Research behind its queue: gathers facts about the topic.

use std::process::ExitCode;

use proofreel_lambda::StageFunction;
use proofreel_stages::research::Research;

fn main() -> ExitCode {
    proofreel_lambda::serve_stage(StageFunction::new(|| Box::new(Research)))
}
