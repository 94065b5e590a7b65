//! JSON Schemas of all artifacts and records, generated from the types.

use schemars::{JsonSchema, Schema, schema_for};

/// A document shape that is written to `specs/schemas/<name>.schema.json`.
pub struct NamedSchema {
    /// File stem.
    pub name: &'static str,
    /// The schema.
    pub schema: Schema,
}

fn named<T: JsonSchema>(name: &'static str) -> NamedSchema {
    NamedSchema { name, schema: schema_for!(T) }
}

/// Every schema, sorted by name.
pub fn all() -> Vec<NamedSchema> {
    let mut all = vec![
        named::<crate::order::Order>("order"),
        named::<crate::topic::TopicCandidates>("topic_candidates"),
        named::<crate::topic::TopicSelection>("topic_selection"),
        named::<crate::brief::ResearchBrief>("brief"),
        named::<crate::scenes::Scenes>("scenes"),
        named::<crate::script::Script>("script"),
        named::<crate::qa::QaReport>("qa"),
        named::<crate::film::Film>("film"),
        named::<crate::film::Metadata>("metadata"),
        named::<Vec<crate::fact::Fact>>("facts"),
        named::<crate::channel::ChannelProfile>("channel"),
        named::<crate::records::PipelineRun>("pipeline_run"),
        named::<crate::records::RunHead>("run_head"),
        named::<crate::kpi::KpiSnapshot>("kpi_snapshot"),
        named::<crate::kpi::Baseline>("kpi_baseline"),
        named::<crate::kpi::Recalibration>("kpi_recalibration"),
        named::<crate::experiment::Experiment>("metadata_experiment"),
        named::<crate::kpi::StandingOrder>("standing_order"),
        named::<crate::incident::Incident>("incident"),
    ];
    all.sort_by_key(|schema| schema.name);
    all
}

/// The schema with this name.
pub fn by_name(name: &str) -> Option<Schema> {
    all().into_iter().find(|schema| schema.name == name).map(|named| named.schema)
}
