//! Those from outside that a channel invites: language models at the writing desk, voices before the microphone.

use std::path::Path;
use std::sync::Arc;

use proofreel_adapters::Cast;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::ids::RunId;
use proofreel_model::policy::ProviderLaw;
use proofreel_ports::Outside;
use proofreel_providers::llm::{Narrator, Providers};
use proofreel_providers::speech::{Booth, service};

use crate::exit::Failure;
use crate::outside::{outside, provider_law};
use crate::state::Workshop;

/// The workshop with the writers and voices that the channel names; as it was when it names none. The budget is the run's.
pub fn invited(
    workshop: Workshop,
    state: &Path,
    channel: &ChannelProfile,
    run: Option<&RunId>,
) -> Result<Workshop, Failure> {
    if channel.writer.providers.is_empty() && !channel.voice.is_remote() {
        return Ok(workshop);
    }
    let law = provider_law(state)?;
    // One door for both: the run log asks it what the run's calls came to.
    let (outside, _) = outside(state)?;
    let mut workshop = workshop.with_outside(Arc::clone(&outside));
    if channel.voice.is_remote() {
        workshop = workshop.with_cast(Arc::new(cast(&outside, &law, channel, run)?));
    }
    if channel.writer.providers.is_empty() {
        return Ok(workshop);
    }
    let Some(providers) = Providers::new(outside, &law, &channel.writer, (&channel.id, run)) else {
        return Err(Failure::input(format!(
            "none of the providers {} is in the law\n  hint: name one of specs/policy/providers.toml, or add yours to providers.toml of the state folder",
            channel.writer.providers.join(", ")
        )));
    };
    let narrator = Narrator::new(providers).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(workshop.with_writer(Arc::new(narrator)))
}

/// The voices that the channel names in its order, and behind them the one of this machine.
fn cast(
    outside: &Arc<dyn Outside>,
    law: &ProviderLaw,
    channel: &ChannelProfile,
    run: Option<&RunId>,
) -> Result<Cast, Failure> {
    let booth = Booth { outside: Arc::clone(outside), channel: channel.id.clone(), run: run.cloned() };
    let of = |provider: &str| service(&booth, law, &channel.voice, provider);
    Cast::named(&channel.voice, outside, (&channel.id, run), of).map_err(Failure::input)
}
