//! What the integration tests share: fakes, the conformance suites of the ports, and the crash simulator.
//!
//! | module | what it is |
//! |---|---|
//! | [`conformance`] | one suite a port, run on every adapter: `blobs_conformance(make)` and so on |
//! | [`deployed`] | what a deploy makes: the stores of a local AWS with queues, files, functions |
//! | [`fakes`] | all ports over one in-memory [`World`](fakes::World) that can be copied, compared and broken |
//! | [`function`], [`runtime_api`] | a function's real binary under the Lambda runtime API |
//! | [`killing`] | ends a function's process at its requests, one after the other, and looks at what the stores hold afterwards |
//! | [`local_aws`] | S3, DynamoDB and SQS on loopback for one test, which die with it |
//! | [`names`] | a name server that changes its mind |
//! | [`poller`] | what Lambda does between a queue and a function |
//! | [`rehearsal`] | cheap stages over the real artifact types: a rewrite, an output file, faults on demand |
//! | [`site`] | a web site on loopback that fails in every way in which sites fail |
//! | [`stage_door`] | one world with a driver, which proves on its way out that nothing is left over |
//! | [`wire`] | a line between clients and a local AWS that loses, cuts, delays and invents |
//! | [`youtube`] | a YouTube that follows its contract and fails wherever it may, and a channel that publishes there |
//! | [`crash`] | runs the real driver over the fakes and kills it at every await |
//! | [`storm`] | the same in random weather, by seed: several functions at once, and everything that queues and storage can do to them |

// Test support: a failed expectation is how a test says no.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

pub mod conformance;
pub mod crash;
pub mod deployed;
pub mod fakes;
pub mod function;
pub mod killing;
pub mod local_aws;
pub mod names;
pub mod poller;
pub mod rehearsal;
pub mod runtime_api;
pub mod site;
pub mod stage_door;
pub mod storm;
pub mod wire;
pub mod youtube;
