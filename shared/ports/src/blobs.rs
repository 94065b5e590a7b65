use async_trait::async_trait;
use proofreel_model::digest::BlobRef;

use crate::PortError;

/// Content by key: S3, or a directory.
///
/// Keys are `/`-separated segments of `[A-Za-z0-9._-]`, never empty, never `.` or `..`.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Stores `bytes` under `key` unless the key exists. Returns true when it was written now;
    /// an existing blob is left as it is. A reader never sees half a blob.
    async fn put_if_absent(&self, key: &str, bytes: &[u8]) -> Result<bool, PortError>;

    /// The content at `key`, or [`PortError::NotFound`].
    async fn get(&self, key: &str) -> Result<Vec<u8>, PortError>;

    /// True when `key` exists.
    async fn exists(&self, key: &str) -> Result<bool, PortError>;

    /// Keys that start with `prefix`, sorted.
    async fn list(&self, prefix: &str) -> Result<Vec<String>, PortError>;

    /// Removes `key`; removing what is not there is no error.
    async fn delete(&self, key: &str) -> Result<(), PortError>;

    /// At most `length` bytes of the content at `key`, from byte `offset` on; fewer at its end, none beyond it. For large
    /// files an adapter reads these bytes only.
    async fn read_range(&self, key: &str, offset: u64, length: u64) -> Result<Vec<u8>, PortError> {
        let whole = self.get(key).await?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(whole.len());
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(whole.len() - from);
        Ok(whole[from..from + length].to_vec())
    }

    /// The content of a reference, checked against its digest ([`PortError::Damaged`] when it differs).
    async fn fetch(&self, blob: &BlobRef) -> Result<Vec<u8>, PortError> {
        let bytes = self.get(&blob.key).await?;
        let found = proofreel_model::digest::Digest::of(&bytes);
        if found == blob.digest {
            Ok(bytes)
        } else {
            Err(PortError::Damaged {
                key: blob.key.clone(),
                expected: blob.digest.to_string(),
                found: found.to_string(),
            })
        }
    }

    /// Stores `bytes` under `prefix` and their digest.
    async fn store(&self, prefix: &str, bytes: &[u8]) -> Result<BlobRef, PortError> {
        let blob = BlobRef::to(prefix, bytes);
        self.put_if_absent(&blob.key, bytes).await?;
        Ok(blob)
    }
}
