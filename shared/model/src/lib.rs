//! The nouns of Proofreel: artifacts, records, the channel profile and the policy numbers.
//!
//! Nothing here does I/O, waits, reads a clock or draws a random number. Every artifact is a serde
//! type whose JSON Schema is generated into `specs/schemas/` (see [`schema`]).

pub mod benchmark;
pub mod brief;
pub mod calls;
pub mod channel;
pub mod digest;
pub mod display;
pub mod edit;
pub mod envelope;
pub mod experiment;
pub mod fact;
pub mod film;
pub mod finding;
pub mod ids;
pub mod incident;
pub mod kpi;
pub mod media;
pub mod notices;
pub mod order;
pub mod outlook;
pub mod policy;
pub mod print;
pub mod qa;
pub mod records;
pub mod scenes;
pub mod schema;
pub mod script;
pub mod series;
pub mod stage;
pub mod stock;
pub mod text;
pub mod topic;
pub mod unit;
pub mod visual;
pub mod wish;

/// Version of the artifact schemas, quoted in every artifact as `schema_version`.
pub const SCHEMA_VERSION: &str = "1.3.0";

/// The serde default of every `schema_version` field.
pub fn schema_version() -> String {
    SCHEMA_VERSION.to_owned()
}
