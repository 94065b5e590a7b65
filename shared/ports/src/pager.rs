use async_trait::async_trait;
use proofreel_model::incident::Page;

use crate::PortError;

/// Calls a person. What was told to this port is told once: who calls it decides what is worth a call.
#[async_trait]
pub trait Pager: Send + Sync {
    /// Tells one page; returning means that it is on its way.
    async fn page(&self, page: &Page) -> Result<(), PortError>;
}
