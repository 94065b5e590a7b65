//! Evidence: from data packages to screened series, ranked findings and facts, and back again.

mod package;

pub use package::PackageBytes;

/// All data packages of a run, loaded and screened.
#[derive(Debug, Default)]
pub struct Library {}
