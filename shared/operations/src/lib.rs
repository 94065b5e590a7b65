//! What the operator's command, the console and a function do alike.
//!
//! The rooms below this one do not know each other; here they are put together over ports, without a store, a network or a terminal.

pub mod bucket_channels;
mod channels;
pub mod consent;
pub mod correction;
mod decisions;
pub mod dossier;
pub mod edit;
mod error;
pub mod governance;
pub mod incidents;
pub mod measure;
pub mod month;
pub mod notices;
mod office;
pub mod raise;
pub mod rejection;
pub mod reports;
pub mod revisions;
pub mod settings;
pub mod shelf;
pub mod sources;
pub mod watch;

pub use bucket_channels::BucketChannels;
pub use channels::{ChannelFile, Channels};
pub use decisions::{OfficeRuns, key_rings};
pub use error::OperationError;
pub use office::Office;

/// Where a request came from, as whoever serves it knows: put into its extensions, so that what was tried in vain is counted
/// by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub String);
