use std::path::Path;

use async_trait::async_trait;
use proofreel_model::digest::Digest;

use crate::PortError;

/// Finished parts of films by the digest of all that they depend on: a cache. Nothing is lost when a part is
/// forgotten; it is made anew.
#[async_trait]
pub trait Parts: Send + Sync {
    /// Writes a copy of a part to `to`. False when it is not there; a part that was damaged while it lay there is not.
    async fn fetch(&self, key: &Digest, to: &Path) -> Result<bool, PortError>;

    /// Keeps a copy of the file at `from` as this part. What is kept under the key already may stay.
    async fn keep(&self, key: &Digest, from: &Path) -> Result<(), PortError>;

    /// Removes a part, so that the one made next is kept in its place. One that is not there is forgotten already.
    async fn forget(&self, key: &Digest) -> Result<(), PortError>;
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoParts;

#[async_trait]
impl Parts for NoParts {
    async fn fetch(&self, _: &Digest, _: &Path) -> Result<bool, PortError> {
        Ok(false)
    }

    async fn keep(&self, _: &Digest, _: &Path) -> Result<(), PortError> {
        Ok(())
    }

    async fn forget(&self, _: &Digest) -> Result<(), PortError> {
        Ok(())
    }
}
