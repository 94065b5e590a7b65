//! The threads on which a command waits.

use tokio::runtime::{Builder, Runtime};

use crate::exit::Failure;

/// This thread alone: for commands that read and write stores.
pub fn one() -> Result<Runtime, Failure> {
    started(&mut Builder::new_current_thread())
}

/// A thread a processor: for commands that work or wait for several things at once.
pub fn many() -> Result<Runtime, Failure> {
    started(&mut Builder::new_multi_thread())
}

fn started(builder: &mut Builder) -> Result<Runtime, Failure> {
    Ok(builder.enable_all().build().map_err(|error| anyhow::anyhow!("tokio: {error}"))?)
}
