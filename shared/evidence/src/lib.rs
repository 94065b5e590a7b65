//! Evidence: from data packages to screened series, ranked findings and facts, and back again.
//!
//! Four doors: [`Library::load`] reads packages, [`discover`] says what can be told about them, [`mine`]
//! finds and ranks the points of one topic with their facts, and [`recompute`](fn@recompute) computes a fact
//! again from the raw bytes with code of its own.

mod aggregates;
mod calendar;
mod charset;
mod dates;
mod descriptor;
mod discover;
mod error;
mod library;
mod load;
mod mine;
mod naming;
mod numbers;
mod origin;
mod package;
mod path;
mod recompute;
mod revisions;
mod screening;
mod shape;
mod table;
mod trace;
mod units;

pub use descriptor::{Descriptor, descriptor_files};
pub use discover::{TopicSeed, discover};
pub use error::EvidenceError;
pub use library::{Dataset, Library, MIN_OBSERVATIONS, Panel, ResourceInfo, Series};
pub use mine::{Mined, mine};
pub use origin::Publisher;
pub use package::PackageBytes;
pub use recompute::{RecomputeError, Recomputer, Revised, read_point, recompute, revised};
pub use trace::trace;
