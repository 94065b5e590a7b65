//! What the operator's command, the console and a function do alike.
//!
//! The rooms below this one do not know each other; here they are put together over ports, without a store, a network or a terminal.

pub mod bucket_channels;
mod channels;
mod decisions;
mod error;
pub mod governance;
mod office;
pub mod sources;

pub use bucket_channels::BucketChannels;
pub use channels::{ChannelFile, Channels};
pub use decisions::{OfficeRuns, key_rings};
pub use error::OperationError;
pub use office::Office;
