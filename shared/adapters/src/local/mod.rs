//! One machine: everything in one state folder.
//!
//! ```text
//! <state>/state.db      records and queues (SQLite, write-ahead log)
//! <state>/blobs/…       content by key
//! <state>/parts/…       finished parts of films, a cache: may be deleted at any time
//! <state>/workers/…     one locked file per living process
//! ```
//! `SqliteStore` (feature `local`) is the `Records` and the `Queue` port, [`FileBlobs`] the `Blobs` port, [`FileParts`]
//! the `Parts` port. Several processes may share a folder; a process that dies leaves its lock behind open, and the
//! others see that at once.

mod blobs;
mod clock;
#[cfg(feature = "local")]
mod database;
mod error;
mod folder_host;
mod parts;
#[cfg(feature = "local")]
mod queue;
#[cfg(feature = "local")]
mod records;
#[cfg(feature = "local")]
mod store;
#[cfg(feature = "voice")]
pub mod voice;
#[cfg(feature = "local")]
mod worker;

pub use blobs::FileBlobs;
pub use clock::SystemClock;
pub use error::OpenError;
pub use folder_host::FolderHost;
#[cfg(feature = "aws")]
pub(crate) use error::io_error;
pub use parts::{FileParts, PartsSize};
#[cfg(feature = "local")]
pub use store::SqliteStore;
#[cfg(feature = "local")]
pub use worker::WorkerLock;
