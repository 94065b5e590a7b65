use async_trait::async_trait;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use proofreel_ports::{PortError, Waker};

use super::clients::request_limits;
use super::environment::sdk_config;
use super::errors::port_error;

/// The `Waker` port: a sweep of the batch function, which is asked for and not waited for.
#[derive(Clone, Debug)]
pub struct SweepWaker {
    lambda: Client,
    batch: String,
}

impl SweepWaker {
    /// Wakes the function of this name, with the region, credentials and endpoints of the environment.
    pub async fn from_env(batch: impl Into<String>) -> Self {
        Self { lambda: Client::new(&sdk_config(request_limits()).await), batch: batch.into() }
    }
}

#[async_trait]
impl Waker for SweepWaker {
    async fn wake(&self) -> Result<(), PortError> {
        let request = self.lambda.invoke().function_name(&self.batch).invocation_type(InvocationType::Event);
        match request.payload(Blob::new(r#"{"do":"sweep"}"#)).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(port_error(&self.batch, "lambda:InvokeFunction", &error)),
        }
    }
}
