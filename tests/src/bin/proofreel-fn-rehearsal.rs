//! A function for tests: the stage that `REHEARSAL_STAGE` names (the planner where it names none), with a cheap body, its film
//! in `REHEARSAL_PARTS` parts. The planner misbehaves as `REHEARSAL` says: `panic` on its first execution, `hang` for ever, or
//! `compute` without ever waiting until its time is over.

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

/// Computes and never waits, as for a film; asks now and then whether time is left, or never.
struct Computes;

#[async_trait]
impl DynStage for Computes {
    fn name(&self) -> StageName {
        StageName::Planner
    }

    fn reads(&self) -> &'static [StageName] {
        &[]
    }

    async fn run_json(&self, _: Value, context: &Context<'_>) -> Result<Outcome<Value>, StageError> {
        while !context.progress.out_of_time() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        Err(StageError::OutOfTime)
    }
}

fn main() -> ExitCode {
    let acts: &[Act] = match std::env::var("REHEARSAL").as_deref() {
        Ok("hang") => return proofreel_lambda::serve_stage(StageFunction::new(|| Box::new(Hangs))),
        Ok("compute") => return proofreel_lambda::serve_stage(StageFunction::new(|| Box::new(Computes))),
        Ok("panic") => &[Act::Panic, Act::Advance],
        _ => &[Act::Advance],
    };
    let stage = std::env::var("REHEARSAL_STAGE").ok().and_then(|name| name.parse().ok()).unwrap_or(StageName::Planner);
    let parts = std::env::var("REHEARSAL_PARTS").ok().and_then(|parts| parts.parse().ok()).unwrap_or(0);
    let play = Arc::new(Play::new().with(stage, 1, acts).with_parts(parts));
    let function = StageFunction::new(move || play.stages(&[stage]).remove(0));
    // As the real one: whoever ends the run has its film offered.
    proofreel_lambda::serve_stage(if stage == StageName::Render { function.with_offer() } else { function })
}
