//! A function for tests whose planner misbehaves as `REHEARSAL` says: `panic` on its first execution, or `hang` for ever.

use std::process::ExitCode;
use std::sync::Arc;

use async_trait::async_trait;
use proofreel_lambda::StageFunction;
use proofreel_model::stage::StageName;
use proofreel_stages::{Context, DynStage, Outcome, StageError};
use proofreel_tests::rehearsal::{Act, Play};
use serde_json::Value;

/// Waits for ever, as for a service that never answers.
struct Hangs;

#[async_trait]
impl DynStage for Hangs {
    fn name(&self) -> StageName {
        StageName::Planner
    }

    fn reads(&self) -> &'static [StageName] {
        &[]
    }

    async fn run_json(&self, _: Value, _: &Context<'_>) -> Result<Outcome<Value>, StageError> {
        std::future::pending().await
    }
}

fn main() -> ExitCode {
    let acts: &[Act] = match std::env::var("REHEARSAL").as_deref() {
        Ok("hang") => return proofreel_lambda::serve_stage(StageFunction::new(|| Box::new(Hangs))),
        Ok("panic") => &[Act::Panic, Act::Advance],
        _ => &[Act::Advance],
    };
    let play = Arc::new(Play::new().with(StageName::Planner, 1, acts));
    proofreel_lambda::serve_stage(StageFunction::new(move || play.stages(&[StageName::Planner]).remove(0)))
}
