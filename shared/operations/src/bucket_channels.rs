//! Channel files as they lie in the bucket now.

use std::sync::Arc;

use async_trait::async_trait;
use proofreel_ports::{Blobs, PortError};

use crate::{ChannelFile, Channels};

/// Where channel files lie in the bucket.
pub const CHANNELS: &str = "channels/";

/// True for the key of a channel's file: right below the folder.
pub fn is_channel_file(key: &str) -> bool {
    let id = key.strip_prefix(CHANNELS).and_then(|name| name.strip_suffix(".toml"));
    id.is_some_and(|id| !id.contains('/'))
}

/// The channel files of a bucket, read anew each time: what an operator changed counts at once.
pub struct BucketChannels(pub Arc<dyn Blobs>);

#[async_trait]
impl Channels for BucketChannels {
    async fn files(&self) -> Result<Vec<ChannelFile>, PortError> {
        let mut files = Vec::new();
        for name in self.0.list(CHANNELS).await?.into_iter().filter(|key| is_channel_file(key)) {
            let bytes = match self.0.get(&name).await {
                // Taken away between the list and the look.
                Err(PortError::NotFound { .. }) => continue,
                bytes => bytes?,
            };
            files.push(ChannelFile { text: String::from_utf8_lossy(&bytes).into_owned(), name });
        }
        Ok(files)
    }
}
