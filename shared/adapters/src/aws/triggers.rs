use async_trait::async_trait;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::ProvideErrorMetadata;
use proofreel_ports::{PortError, TriggerState, Triggers};

use super::clients::request_limits;
use super::environment::sdk_config;
use super::errors::port_error;

/// The `Triggers` port in Lambda's event source mappings, by their UUIDs.
#[derive(Clone, Debug)]
pub struct MappingTriggers {
    lambda: Client,
}

impl MappingTriggers {
    /// With the region, credentials and endpoints of the environment.
    pub async fn from_env() -> Self {
        Self { lambda: Client::new(&sdk_config(request_limits()).await) }
    }
}

#[async_trait]
impl Triggers for MappingTriggers {
    async fn state(&self, trigger: &str) -> Result<TriggerState, PortError> {
        let asked = self.lambda.get_event_source_mapping().uuid(trigger).send().await;
        let mapping = asked.map_err(|error| port_error(trigger, "lambda:GetEventSourceMapping", &error))?;
        match mapping.state() {
            Some("Enabled") => Ok(TriggerState::On),
            Some("Disabled") => Ok(TriggerState::Off),
            Some("Enabling") => Ok(TriggerState::Turning { on: Some(true) }),
            Some("Disabling") => Ok(TriggerState::Turning { on: Some(false) }),
            Some("Creating" | "Updating") => Ok(TriggerState::Turning { on: None }),
            other => Err(PortError::Unavailable {
                what: format!("the event source mapping {trigger}"),
                detail: format!(
                    "it is {}\n  hint: deploy the stack again, which makes it anew",
                    other.unwrap_or("in no state")
                ),
            }),
        }
    }

    async fn turn(&self, trigger: &str, on: bool) -> Result<(), PortError> {
        match self.lambda.update_event_source_mapping().uuid(trigger).enabled(on).send().await {
            Ok(_) => Ok(()),
            // Somebody else is changing it at this moment; whoever comes next looks again.
            Err(error) if error.code() == Some("ResourceInUseException") => Err(PortError::Unavailable {
                what: format!("the event source mapping {trigger}"),
                detail: "it is being changed by somebody else\n  hint: the next sweep tries again".into(),
            }),
            Err(error) => Err(port_error(trigger, "lambda:UpdateEventSourceMapping", &error)),
        }
    }
}
