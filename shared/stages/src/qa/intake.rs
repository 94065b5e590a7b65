//! Reading the artifacts: one that does not follow its schema is judged, not dropped.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::dossier::{Findings, Place};
use super::rules::Rule;

/// An artifact as it came, and as its type when it follows the schema.
#[derive(Clone, Debug)]
pub struct Judged<T> {
    /// As it came.
    pub raw: Value,
    /// As its type, or what is wrong with it.
    pub typed: Result<T, String>,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Judged<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Value::deserialize(deserializer)?;
        let typed = T::deserialize(&raw).map_err(|error| error.to_string());
        Ok(Self { raw, typed })
    }
}

impl<T> Judged<T> {
    /// The artifact, or a finding at `place`.
    pub fn open(&self, place: &Place<'_>, findings: &mut Findings) -> Option<&T> {
        match &self.typed {
            Ok(artifact) => Some(artifact),
            Err(error) => {
                let flag = names_unknown_flag(&self.raw);
                match flag {
                    Some(flag) => findings.add(
                        Rule::UnknownRiskFlag,
                        place,
                        format!("holds the risk flag `{flag}`, which the law does not know"),
                    ),
                    None => findings.add(Rule::SchemaFailure, place, format!("does not follow its schema: {error}")),
                }
                None
            }
        }
    }
}

fn names_unknown_flag(raw: &Value) -> Option<String> {
    let scenes = raw.get("scenes")?.as_array()?;
    let flags = scenes.iter().filter_map(|scene| scene.get("risk_flags")?.as_array()).flatten();
    flags
        .into_iter()
        .find(|flag| proofreel_model::scenes::RiskFlag::deserialize(*flag).is_err())
        .map(|flag| flag.as_str().map_or_else(|| flag.to_string(), str::to_owned))
}
