//! QA behind its queue: recomputes every number and judges.

use std::process::ExitCode;

use proofreel_lambda::StageFunction;
use proofreel_stages::qa::Qa;

fn main() -> ExitCode {
    proofreel_lambda::serve_stage(StageFunction::new(|| Box::new(Qa)))
}
