use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use aws_sdk_ssm::types::ParameterType;
use proofreel_ports::{PortError, Secret, Secrets};
use tokio::sync::Mutex;

use super::clients::request_limits;
use super::environment::sdk_config;
use super::errors::{genuine, port_error};
use crate::secret_names::check_name;

/// The `Secrets` port in SSM parameters of the type `SecureString`, named `<prefix><name>`.
///
/// Each is asked for once a process, also when there is none: a key that an operator changes counts for processes that
/// begin later. A parameter of another type is refused, because whoever may list parameters may read it.
pub struct SsmSecrets {
    ssm: Client,
    prefix: String,
    known: Mutex<BTreeMap<String, Option<Secret>>>,
}

impl SsmSecrets {
    /// With the region, credentials and endpoints of the environment; `prefix` is for example `/proofreel-dev/`.
    pub async fn from_env(prefix: impl Into<String>) -> Self {
        Self::new(Client::new(&sdk_config(request_limits()).await), prefix)
    }

    /// The parameters below `prefix`, asked for by this client.
    pub fn new(ssm: Client, prefix: impl Into<String>) -> Self {
        Self { ssm, prefix: prefix.into(), known: Mutex::default() }
    }

    async fn ask(&self, name: &str) -> Result<Option<Secret>, PortError> {
        let parameter = format!("{}{name}", self.prefix);
        let request = self.ssm.get_parameter().name(&parameter).with_decryption(true);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if matches!(error.as_service_error(), Some(GetParameterError::ParameterNotFound(_))) => {
                return Ok(None);
            }
            Err(error) => return Err(port_error(&parameter, "ssm:GetParameter", &error)),
        };
        genuine(&parameter, "ssm:GetParameter", &answer)?;
        let Some(found) = answer.parameter else { return Ok(None) };
        if found.r#type() != Some(&ParameterType::SecureString) {
            return Err(PortError::Refused {
                what: parameter.clone(),
                why: format!(
                    "it is no SecureString, so others may have read it\n  hint: delete it, replace the key, and put it with `aws ssm put-parameter --type SecureString --name {parameter}`"
                ),
            });
        }
        let value = found.value().unwrap_or_default().trim();
        Ok((!value.is_empty()).then(|| Secret::new(value)))
    }
}

#[async_trait]
impl Secrets for SsmSecrets {
    async fn get(&self, name: &str) -> Result<Option<Secret>, PortError> {
        check_name(name)?;
        // Held while asking: of many that want it at once, one asks.
        let mut known = self.known.lock().await;
        if let Some(found) = known.get(name) {
            return Ok(found.clone());
        }
        let found = self.ask(name).await?;
        known.insert(name.to_owned(), found.clone());
        Ok(found)
    }
}
