//! One machine: everything in one state folder.
//!
//! ```text
//! <state>/state.db      records and queues (SQLite, write-ahead log)
//! <state>/blobs/…       content by key
//! <state>/parts/…       finished parts of films, a cache: may be deleted at any time
//! <state>/workers/…     one locked file per living process
//! ```
//! [`SqliteStore`] is the `Records` and the `Queue` port, [`FileBlobs`] the `Blobs` port. Several processes may
//! share a folder; a process that dies leaves its lock behind open, and the others see that at once.

mod blobs;
mod clock;
mod database;
mod error;
mod parts;
mod queue;
mod records;
mod store;
pub mod voice;
mod worker;

pub use blobs::FileBlobs;
pub use clock::SystemClock;
pub use error::OpenError;
pub use parts::{FileParts, PartsSize};
pub use store::SqliteStore;
pub use worker::WorkerLock;
