//! The driver: it makes a chain of pure stages durable.
//!
//! # The idea
//! A stage is a pure step from artifacts to the next artifact. Everything that may go wrong around it
//! (a crash, a duplicate message, a full disk, a worker that was thought dead) is handled here, once, so
//! that a stage never has to know. The promise: **started runs reach an end state, each stage is recorded once per
//! visit, and the artifacts are the bytes that a run without any fault would have given.**
//!
//! # A message's way through [`Driver::handle`]
//! ```text
//!  message "do stage S of run R, visit V"
//!     │
//!     ├─ is that what the run waits for? ──no──► re-send what is still in the run's outbox, forget the message
//!     ├─ claim (R, S, V) with a lease ─────no──► another worker has it: ask for the message again later
//!     ├─ load order and artifacts by reference; check digest and JSON Schema; pass the gates
//!     ├─ run the stage (a panic is a failed attempt); check what it gave against its schema
//!     ├─ store the output and its files under their digests
//!     ├─ ONE TRANSACTION: pipeline_runs row · completion · head of the run · outbox · claim removed
//!     └─ send the outbox, then delete it
//! ```
//! A crash between any two of these is repaired by the message, which comes back. All that is outside the
//! transaction can be done twice without harm: content is stored under its digest, and a second message for
//! the same visit finds the visit done.
//!
//! # What lies where in the one table
//! | pk | sk | row |
//! |---|---|---|
//! | `run#<run>` | `head` | [`RunHead`](proofreel_model::records::RunHead) with the message the run waits for |
//! | `run#<run>` | `log#<stage>#<visit>#<attempt>` | [`PipelineRun`](proofreel_model::records::PipelineRun) |
//! | `run#<run>` | `done#<stage>#<visit>` | the visit's completion, written once |
//! | `run#<run>` | `claim#<stage>#<visit>` | who is at work; gone when the visit is done |
//! | `active` | `<run>` | runs that wait for a stage or are at one; the sweep looks after those that stand still |
//! | `incidents` | `<time>#<run>#<stage>`, `<time>#letter#<id>` | what a person should know of; what a person dropped, and why |
//! | `run#<run>` | `gather#<stage>#<visit>` | works of a divided visit and how many are left; gone when the visit is done |
//! | `outbox` | `<run>#<stage>#<visit>` | a message decided but perhaps not yet sent |
//! | `runs` | `<created_at>#<run>` | the list of runs |
//!
//! A part of a divided visit has log, completion, claim and outbox rows of its own, with `#p<part>` behind the visit; the
//! message that gathers lies in the outbox with `#gather` behind it.
//!
//! # Where to read on
//! [`Chain`] says what follows what, `course` is the pure state machine of a run, [`Driver`] has the
//! operator's verbs (start, resume, draft), `handle` the path above, `parts` what several workers share, `worker` the loop of
//! the one-machine runtime, `runs` what `proofreel runs` reads, `letters` what `proofreel dlq` does, `edits` how a person's words come into a run, `intake` and `ordering` what comes before a run.
//!
//! Architecture invariants: no stage logic, no storage product and no provider is named in this crate; it
//! reads no clock but the port's; only `worker` sleeps.

mod backoff;
mod chain;
mod commit;
mod course;
mod driver;
mod edits;
mod error;
mod gates;
mod handle;
pub mod incidents;
mod intake;
mod keys;
pub mod kpi;
mod lease;
mod letters;
mod observer;
mod ordering;
mod outbox;
mod packages;
mod parts;
mod patience;
mod runs;
mod schemas;
mod sweep;
mod work;
mod worker;

pub use backoff::{delay_ms, spread_ms};
pub use chain::{Chain, QueueNaming, dead_letters};
pub use driver::{Driver, Ports};
pub use edits::{Edit, EditPlan, must_be_editable};
pub use error::DriverError;
pub use handle::Handled;
pub use intake::{IntakeError, package_digest, read_packages};
pub use lease::Owner;
pub use letters::{Opened, ParkedLetter, Redriven};
pub use observer::{Observer, Unobserved};
pub use ordering::{Compare, order_of};
pub use packages::{load_packages, load_pictures, store_packages, store_pictures};
pub use runs::{RunList, UnreadableRun, list_runs, run_head, run_rows, runs_between};
pub use sweep::Swept;
pub use worker::Step;
