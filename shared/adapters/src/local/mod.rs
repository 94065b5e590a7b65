//! One machine: everything in one state folder.
//!
//! ```text
//! <state>/state.db      records and queues (SQLite, write-ahead log)
//! <state>/blobs/…       content by key
//! <state>/parts/…       finished parts of films, a cache: may be deleted at any time
//! <state>/workers/…     one locked file per living process
//! <state>/secrets.toml  keys of providers, as an operator wrote them; for nobody else to read
//! ```
//! `SqliteStore` (feature `local`) is the `Records`, the `Queue` and the `Letters` port, [`FileBlobs`] the `Blobs` port, [`FileParts`]
//! the `Parts` port. Several processes may share a folder; a process that dies leaves its lock behind open, and the
//! others see that at once.

mod blobs;
mod clock;
#[cfg(feature = "local")]
mod database;
mod error;
mod folder_host;
#[cfg(feature = "local")]
mod letters;
mod pager;
mod parts;
#[cfg(feature = "local")]
mod queue;
#[cfg(feature = "local")]
mod records;
mod secrets;
#[cfg(feature = "local")]
mod store;
#[cfg(feature = "voice")]
pub mod voice;
#[cfg(feature = "local")]
mod worker;

pub use blobs::FileBlobs;
pub use clock::SystemClock;
pub use error::OpenError;
#[cfg(feature = "aws")]
pub(crate) use error::io_error;
pub use folder_host::FolderHost;
pub use pager::FilePager;
pub use parts::{FileParts, PartsSize};
pub use secrets::LocalSecrets;
#[cfg(feature = "local")]
pub use store::SqliteStore;
#[cfg(feature = "local")]
pub use worker::WorkerLock;
