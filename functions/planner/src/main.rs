//! The planner behind its queue: lists topic candidates.

use std::process::ExitCode;

use proofreel_lambda::StageFunction;
use proofreel_stages::planner::Planner;

fn main() -> ExitCode {
    proofreel_lambda::serve_stage(StageFunction::new(|| Box::new(Planner)))
}
