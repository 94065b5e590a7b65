//! Everything between the Lambda runtime and the driver.
//!
//! # The idea
//! A function is a main of some lines: it names its stage and hands it to this room. What differs between one machine and
//! the cloud is here, once: an event is taken apart record by record, a deadline is kept, the answer names what must come
//! back, the log is JSON, the metrics are few. The stage and the driver do not know.
//!
//! # A message's way
//! ```text
//!  SQS event ─► Consumer: for each record
//!                 ├─ too little time left ──────────► back at once, untouched
//!                 ├─ no message of the chain ───────► dead letters with the reason
//!                 ├─ Driver::handle, within the time left
//!                 │     recorded, stale ────────────► done
//!                 │     retry, busy ────────────────► visible again after what the driver says
//!                 │     storage failed, panic ──────► visible again after a back-off
//!                 └─ the answer names every record that is not done
//! ```

mod batch;
mod consume;
mod deadline;
mod environment;
mod log;
mod metrics;
mod serve;
mod stage;

pub use batch::{Batch, BatchError, BatchEvent, BatchReport};
pub use consume::{Consumer, Nameless};
pub use deadline::Deadline;
pub use metrics::{Metric, Metrics, NAMESPACE};
pub use proofreel_pipeline::ParkedLetter;
#[cfg(feature = "triggers")]
pub use serve::serve_batch;
pub use serve::serve_stage;
pub use stage::{Place, StageFunction};
