//! A channel's language models at the writing desk.

use std::path::Path;
use std::sync::Arc;

use proofreel_model::channel::ChannelProfile;
use proofreel_model::ids::RunId;
use proofreel_providers::llm::{Narrator, Providers};

use crate::exit::Failure;
use crate::outside::{outside, provider_law};
use crate::state::Workshop;

/// The workshop with the writers that the channel names; as it was when it names none. The budget is the run's.
pub fn invited(
    workshop: Workshop,
    state: &Path,
    channel: &ChannelProfile,
    run: Option<&RunId>,
) -> Result<Workshop, Failure> {
    if channel.writer.providers.is_empty() {
        return Ok(workshop);
    }
    let law = provider_law(state)?;
    let (outside, _) = outside(state)?;
    let Some(providers) = Providers::new(Arc::clone(&outside), &law, &channel.writer, (&channel.id, run)) else {
        return Err(Failure::input(format!(
            "none of the providers {} is in the law\n  hint: name one of specs/policy/providers.toml, or add yours to providers.toml of the state folder",
            channel.writer.providers.join(", ")
        )));
    };
    let narrator = Narrator::new(providers).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(workshop.with_writer(Arc::new(narrator), outside))
}
