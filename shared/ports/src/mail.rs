use async_trait::async_trait;

use crate::{PortError, Secret};

/// Sends mail by a service that knows who reads a topic.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands over one mail; returning means that the service took it. `to` names the topic, `subject` is one line.
    async fn mail(&self, to: &Secret, subject: &str, text: &str) -> Result<(), PortError>;
}
