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
mod bell;
#[cfg(feature = "rounds")]
mod clockwork;
mod consume;
mod deadline;
mod environment;
#[cfg(feature = "gateway")]
mod gateway;
mod log;
mod messages;
mod metrics;
mod publish;
#[cfg(feature = "rounds")]
mod rounds;
mod serve;
mod stage;
#[cfg(feature = "world")]
mod world;

pub use batch::{Batch, BatchError, BatchEvent, BatchReport, SourceDesks};
#[cfg(feature = "rounds")]
pub use batch::{BucketPackages, CurrentPackages};
pub use bell::{Bell, PUBLISH_QUEUE, Summons};
pub use consume::Consumer;
pub use deadline::Deadline;
#[cfg(feature = "gateway")]
pub use gateway::{Counter, waking};
pub use messages::{Nameless, TakesMessages};
pub use metrics::{Metric, Metrics, NAMESPACE};
pub use proofreel_pipeline::ParkedLetter;
pub use publish::{Hosts, Publishing};
#[cfg(feature = "rounds")]
pub use rounds::{Round, Rounds};
#[cfg(feature = "triggers")]
pub use serve::serve_batch;
#[cfg(feature = "gateway")]
pub use serve::serve_gateway;
#[cfg(feature = "rounds")]
pub use serve::serve_rounds;
pub use serve::serve_stage;
#[cfg(feature = "world")]
pub use serve::{serve_publish, serve_stage_with_guests};
pub use stage::{Cast, Guest, Guests, Place, StageFunction};
