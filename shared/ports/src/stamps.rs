use async_trait::async_trait;

use crate::PortError;

/// A stored file and a mark that changes when its content does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Its key.
    pub key: String,
    /// Whatever the store gives: an `ETag`, a digest.
    pub stamp: String,
}

/// Says what is stored and whether it changed: the part of a bucket that people write.
#[async_trait]
pub trait Stamps: Send + Sync {
    /// Files whose keys start with `prefix`, sorted by key.
    async fn stamps(&self, prefix: &str) -> Result<Vec<Stamp>, PortError>;
}
