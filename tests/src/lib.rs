//! What the integration tests share: fakes, the conformance suites of the ports, and the crash simulator.
//!
//! | module | what it is |
//! |---|---|
//! | [`conformance`] | one suite a port, run on every adapter: `blobs_conformance(make)` and so on |
//! | [`fakes`] | all ports over one in-memory [`World`](fakes::World) that can be copied, compared and broken |
//! | [`rehearsal`] | cheap stages over the real artifact types: a rewrite, an output file, faults on demand |
//! | [`local_aws`] | an AWS on this machine for one test, which dies with it |
//! | [`stage_door`] | one world with a driver, which proves on its way out that nothing is left over |
//! | [`wire`] | a line between clients and a local AWS that loses, cuts, delays and invents |
//! | [`crash`] | runs the real driver over the fakes and kills it at every await |

// Test support: a failed expectation is how a test says no.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

pub mod conformance;
pub mod crash;
pub mod fakes;
pub mod local_aws;
pub mod rehearsal;
pub mod stage_door;
pub mod wire;
