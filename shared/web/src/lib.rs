//! The one HTTP client: what may be reached, and what an answer may cost. The law is `specs/FETCHING.md`.
//!
//! | module | what it decides |
//! |---|---|
//! | [`target`] | whether an address may be asked at all, as it is written |
//! | [`address`] | whether an IP address is public |
//! | `resolve` | which addresses a name has, asked once and judged before anything connects |
//! | `client` | one exchange: sending, redirects, time |
//! | `body` | how much of a body is read, compressed and not |
//! | `media_type` | whether the answer is of the kind that was asked for |
//! | `scrub` | that no secret comes back in an answer, or gets into an error |
//! | `robots` | whether a site lets programs read a page |
//! | `charset` | text from bytes |
//!
//! Nothing else in this repository opens a connection; `clippy.toml` and `tests/tests/house.rs` hold everybody to it.

pub mod address;
mod body;
mod charset;
mod client;
mod media_type;
mod redirect;
mod refusal;
mod resolve;
mod robots;
mod scrub;
pub mod target;
mod tls;

pub use charset::text;
pub use client::{Client, ClientError, Identity};
pub use refusal::{Refusal, Rule};
pub use resolve::{Resolver, System};
