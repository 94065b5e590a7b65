//! Decisions from outside, signed after the Standard Webhooks scheme (id, timestamp, HMAC-SHA256 over the raw body).
//!
//! # Order of the looks
//! size of the body, grammar of the headers, age of the timestamp, signature, and only then the JSON inside. Whatever is
//! wrong, the answer is the same: a stranger learns nothing about runs, people or keys. Only a fault of our own storage
//! has another one, so that the sender tries again.
//!
//! The five minutes are about the timestamp alone. An id is remembered for ever: what was decided is never decided anew.

mod decision;
mod door;
mod grammar;
mod keys;

pub use decision::{Asked, Candidates, Decision, DeskDecisions, Outcome};
pub use door::{Answered, Door, router, routes};
pub use grammar::{Headers, Malformed};
pub use keys::{BadKey, Key, KeyRing, sign};
