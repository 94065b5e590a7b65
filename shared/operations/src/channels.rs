//! The channels of an installation, as their files stand now.

use async_trait::async_trait;
use proofreel_model::channel::{self, ChannelProfile};
use proofreel_model::order::Order;
use proofreel_ports::PortError;

use crate::OperationError;

/// A channel's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelFile {
    /// Where it lies, for messages.
    pub name: String,
    /// TOML.
    pub text: String,
}

/// Where channel files lie: a folder on one machine, a bucket in the cloud.
#[async_trait]
pub trait Channels: Send + Sync {
    /// All files, by name.
    ///
    /// # Errors
    /// When the place cannot be read; a place with no file is empty.
    async fn files(&self) -> Result<Vec<ChannelFile>, PortError>;

    /// The profiles of all files that are whole; one that is not is told by the command that needs it.
    ///
    /// # Errors
    /// See [`Channels::files`].
    async fn profiles(&self) -> Result<Vec<ChannelProfile>, PortError> {
        let files = self.files().await?;
        Ok(files.iter().filter_map(|file| channel::parse(&file.name, &file.text).ok()).collect())
    }

    /// The channel's file as it is now, found by its id; the order's copy where there is none.
    ///
    /// # Errors
    /// When the file of this very channel is not whole.
    async fn current(&self, order: &Order) -> Result<ChannelProfile, OperationError> {
        for file in self.files().await? {
            // Only the file that names this channel must be whole.
            let table = toml::from_str::<toml::Table>(&file.text).unwrap_or_default();
            if table.get("id").and_then(|id| id.as_str()) == Some(order.channel.id.as_str()) {
                return channel::parse(&file.name, &file.text)
                    .map_err(|error| OperationError::Input(error.to_string()));
            }
        }
        Ok(order.channel.clone())
    }
}
