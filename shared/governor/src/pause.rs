//! Waiting, given from outside so that a test does not.

use std::time::Duration;

use async_trait::async_trait;

/// Waits. In tests and in the bench it moves the clock instead.
#[async_trait]
pub trait Pause: Send + Sync {
    /// Comes back after `span`.
    async fn pause(&self, span: Duration);
}

/// Really waits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sleep;

#[async_trait]
impl Pause for Sleep {
    async fn pause(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}
