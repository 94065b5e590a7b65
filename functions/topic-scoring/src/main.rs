//! Topic scoring behind its queue: scores the candidates and selects one.

use std::process::ExitCode;

use proofreel_lambda::StageFunction;
use proofreel_stages::topic_scoring::TopicScoring;

fn main() -> ExitCode {
    proofreel_lambda::serve_stage(StageFunction::new(|| Box::new(TopicScoring)))
}
