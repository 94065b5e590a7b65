//! The stages of the chain, one module each, named as in the plan.
//!
//! A stage is a pure step from artifacts to the next artifact: it never stores, retries, reads a clock or
//! names a provider. What it may use is in its [`Context`].

pub mod contract;
pub mod directives;
mod freshness;
mod licence;
pub mod planner;
pub mod prose;
pub mod qa;
pub mod quantity;
pub mod render;
pub mod research;
mod risk;
pub mod scene_builder;
pub mod script;
pub mod topic_scoring;

pub use contract::{Context, DynStage, Outcome, OutputFile, Stage, StageError};

/// Every stage of the chain, in order.
pub fn chain() -> Vec<Box<dyn DynStage>> {
    vec![
        Box::new(planner::Planner),
        Box::new(topic_scoring::TopicScoring),
        Box::new(research::Research),
        Box::new(scene_builder::SceneBuilder),
        Box::new(script::ScriptWriter),
        Box::new(qa::Qa),
        Box::new(render::Render::default()),
    ]
}
