//! What every adapter of a storage port must do, as code. Each suite is given a function that makes a fresh,
//! empty store, so the same suite runs on the fakes, on one machine's files and, over the wire, on the cloud.

mod blobs;
mod parts;
mod queue;
mod records;

pub use blobs::blobs_conformance;
pub use parts::parts_conformance;
pub use queue::{QueueBench, queue_conformance};
pub use records::records_conformance;
