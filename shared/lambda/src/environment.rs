//! What a function is told by its environment, and the stores it stands for. Read and built once, before the first event.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use proofreel_pipeline::Owner;
use thiserror::Error;

use crate::metrics::NAMESPACE;

/// Why a function cannot begin.
#[derive(Debug, Error)]
pub enum EnvironmentError {
    /// A variable is not there.
    #[error("{0} is not set\n  hint: infra/template.yaml sets it; specs/CLOUD.md says what it holds")]
    Missing(&'static str),
    /// A variable says what nobody knows.
    #[cfg(feature = "world")]
    #[error("{0} is `{1}`\n  hint: {2}")]
    Unknown(&'static str, String, &'static str),
}

/// Names of what a function works with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Environment {
    pub table: String,
    pub bucket: String,
    pub queue_prefix: String,
    #[cfg_attr(not(feature = "triggers"), allow(dead_code))] // only the batch turns triggers
    pub mappings: Vec<String>,
    /// The mapping of the function that publishes.
    #[cfg_attr(not(feature = "triggers"), allow(dead_code))]
    pub publish_mapping: Option<String>,
    /// What the names of secrets begin with.
    #[cfg_attr(not(any(feature = "world", feature = "gateway")), allow(dead_code))] // few have keys
    pub secrets: Option<String>,
    /// Where films go: `folder` or `youtube`.
    #[cfg_attr(not(feature = "world"), allow(dead_code))]
    pub publish_to: Option<String>,
    /// The console's own address, for what leads there.
    #[cfg_attr(not(feature = "rounds"), allow(dead_code))]
    pub console: Option<String>,
    /// The batch function's name.
    #[cfg_attr(not(feature = "gateway"), allow(dead_code))]
    pub batch: Option<String>,
    /// The topic of the stack's alarms.
    #[cfg_attr(not(feature = "rounds"), allow(dead_code))]
    pub topic: Option<String>,
}

impl Environment {
    pub fn read() -> Result<Self, EnvironmentError> {
        Self::from(|name| env::var(name).ok())
    }

    /// What the names of secrets begin with, for a function that cannot do without.
    #[cfg(any(feature = "world", feature = "gateway"))]
    pub fn secrets(&self) -> Result<String, EnvironmentError> {
        self.secrets.clone().ok_or(EnvironmentError::Missing("PROOFREEL_SECRETS"))
    }

    /// True when films go to YouTube, false when they go to the bucket's own folder.
    #[cfg(feature = "world")]
    pub fn publishes_to_youtube(&self) -> Result<bool, EnvironmentError> {
        match self.publish_to.as_deref() {
            Some("youtube") => Ok(true),
            Some("folder") | None => Ok(false),
            Some(other) => {
                Err(EnvironmentError::Unknown("PROOFREEL_PUBLISH_TO", other.into(), "write folder or youtube"))
            }
        }
    }

    /// The function that sweeps, for one that wakes it.
    #[cfg(feature = "gateway")]
    pub fn batch(&self) -> Result<String, EnvironmentError> {
        self.batch.clone().ok_or(EnvironmentError::Missing("PROOFREEL_BATCH"))
    }

    fn from(variable: impl Fn(&str) -> Option<String>) -> Result<Self, EnvironmentError> {
        let named = |name: &'static str| {
            variable(name).filter(|value| !value.is_empty()).ok_or(EnvironmentError::Missing(name))
        };
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mappings = given("PROOFREEL_MAPPINGS").unwrap_or_default();
        Ok(Self {
            table: named("PROOFREEL_TABLE")?,
            bucket: named("PROOFREEL_BUCKET")?,
            queue_prefix: named("PROOFREEL_QUEUE_PREFIX")?,
            publish_mapping: given("PROOFREEL_PUBLISH_MAPPING"),
            secrets: given("PROOFREEL_SECRETS"),
            publish_to: given("PROOFREEL_PUBLISH_TO"),
            console: given("PROOFREEL_CONSOLE"),
            batch: given("PROOFREEL_BATCH"),
            topic: given("PROOFREEL_TOPIC"),
            mappings: mappings.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect(),
        })
    }
}

/// Level of the log, see [`crate::log::start`].
pub(crate) fn log_level() -> String {
    env::var("PROOFREEL_LOG").ok().filter(|level| !level.is_empty()).unwrap_or_else(|| "info".into())
}

/// Where this stack's metrics stand in CloudWatch: its own name, as the template says.
pub(crate) fn namespace() -> String {
    env::var("PROOFREEL_NAMESPACE").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| NAMESPACE.into())
}

/// This process's name among all workers ever: the sandbox's log stream, and the process in it. A sandbox outlives a
/// process that crashed, and an emulator may give all sandboxes one stream.
pub(crate) fn owner() -> Owner {
    let stream = env::var("AWS_LAMBDA_LOG_STREAM_NAME").unwrap_or_else(|_| "no-stream".into());
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    Owner::new(format!("{stream}/{}-{since_1970:x}", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_is_missing_or_empty_is_named() {
        let set = |name: &str| (name != "PROOFREEL_BUCKET").then(|| name.to_lowercase());
        let error = Environment::from(set).unwrap_err().to_string();
        assert!(error.contains("PROOFREEL_BUCKET") && error.contains("hint"), "{error}");
        let error = Environment::from(|_| Some(String::new())).unwrap_err().to_string();
        assert!(error.contains("PROOFREEL_TABLE"), "{error}");
    }

    #[test]
    fn mappings_are_a_list_and_may_be_none() {
        let of = |mappings: &str| {
            let value = mappings.to_owned();
            Environment::from(move |name| Some(if name == "PROOFREEL_MAPPINGS" { value.clone() } else { "x".into() }))
                .unwrap()
                .mappings
        };
        assert_eq!(of("a, b,"), ["a", "b"]);
        assert!(of("").is_empty());
    }

    #[test]
    fn two_processes_of_one_sandbox_have_two_names() {
        assert_ne!(owner().id(), owner().id());
    }
}
