//! Calls to the outside, governed: cache first, within quota, never stuck.
//!
//! [`Governor`] is the one implementation of [`proofreel_ports::Outside`]. A call goes through it like this:
//!
//! 1. Its normal form is looked up in the cache (`cache`); a fresh answer is given back, and counted for the channel that used it
//!    and the one that paid.
//! 2. A lease on the question is taken; a worker that does not get it waits for the other one's answer.
//! 3. A place is reserved on the account of the provider or model (`account`): one row, changed only if nobody else did (`ledger`).
//!    No call goes out without one.
//! 4. The request is sent with its key and a time limit, and its answer read for what it says about waiting (`hearing`).
//! 5. The judge decides; what was estimated becomes what was spent; a failure that may pass is tried again after a drawn wait, as far
//!    as the provider's retries are not used up; many in a row leave the provider alone for a while.
//! 6. The answer is kept, the lease let go, the usage written down (`usage`).
//!
//! An effect skips the cache and is sent once. What must hold stands in `specs/PROVIDERS.md`.

mod account;
mod cache;
mod governor;
mod hearing;
mod ledger;
mod likeness;
mod pause;
pub mod pruning;
pub mod usage;
mod window;

pub use account::Account;
pub use governor::{Doors, Governor};
pub use pause::{Pause, Sleep};
