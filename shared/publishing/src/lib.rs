//! Publish once, approved, and visibly so.
//!
//! # The idea
//! One row a run ([`Publication`]) holds what was decided about its film and how far its upload is. Every change of it is
//! one transaction with a link of the audit chain: **no audit row, no change**. The row never expires.
//!
//! ```text
//!             approve                 publish                 read back
//!  awaiting ───────────► approved ───────────► publishing ───────────► published ──► retracted
//!  approval ◄─────────── (a byte changed:          │   └──────────────► publish-locked
//!     │ reject            void)                    └──────────────────► failed
//!     ▼
//!  rejected ──► (the stage at fault makes it again) ──► awaiting approval
//! ```
//! `publishing` has steps of its own ([`Step`]): intent, session, bytes, uploaded, verified. What the host was asked to do
//! is written down before it is asked; what cannot be asked twice is asked the session first. When that is lost, the
//! marker finds the video, or a person does: nothing is ever uploaded again by itself.
//!
//! # Where to read on
//! [`Edition`] is the exact thing that is approved, [`Desk`] the verbs of people, [`Publisher`] the protocol with the host,
//! [`audit`] the chain, [`webhook`] how a decision comes from outside.
//!
//! Architecture invariants: nothing here knows a host, a store or a network; the clock is the port's; nothing sleeps.

pub mod audit;
mod auto;
mod cadence;
mod desk;
mod edition;
mod edits;
mod error;
mod governance;
mod ledger;
mod open;
mod publication;
mod publisher;
mod roles;
pub mod webhook;

pub use auto::{AutoEvidence, auto_faults};
pub use cadence::{CadenceWait, cadence};
pub use desk::{Candidate, Desk, Terms};
pub use edition::{Edition, card_of};
pub use edits::{EditRecord, Edited};
pub use error::PublishError;
pub use governance::Governance;
pub use ledger::{Ledger, Switch};
pub use open::Open;
pub use publication::{
    Approval, ApprovalWay, Extra, Publication, PublishState, Rejection, Retraction, Step, shown_state,
};
pub use publisher::{Outcome, Publisher};
pub use roles::{Role, roles_of};
