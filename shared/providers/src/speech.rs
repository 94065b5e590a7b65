//! Speech by Google and Microsoft, asked through the one way out: characters are counted before a call, and what comes back is
//! kept by text, voice and settings. What is no sound, is cut short or cannot belong to its text is not kept.

mod azure;
mod google;
mod offered;
mod wav;

use std::sync::Arc;

use proofreel_model::channel::VoiceSettings;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::ProviderLaw;
use proofreel_ports::{Outside, SpeechService};

pub use azure::AzureSpeech;
pub use google::GoogleSpeech;
pub use offered::offered;

/// Samples a second that are asked for.
const SAMPLE_RATE: u32 = 24_000;
/// Seconds that an answer may take.
const PATIENCE_SECONDS: u64 = 60;

/// Who asks, and through what.
#[derive(Clone)]
pub struct Booth {
    /// The one way out.
    pub outside: Arc<dyn Outside>,
    /// Channel that asks.
    pub channel: ChannelId,
    /// Run that asks, if one does.
    pub run: Option<RunId>,
}

/// The service of a provider by its name in the law, or why it may not be asked; none for a provider whose own client signs.
pub fn service(
    booth: &Booth,
    law: &ProviderLaw,
    settings: &VoiceSettings,
    provider: &str,
) -> Option<Result<Arc<dyn SpeechService>, String>> {
    match provider {
        google::PROVIDER => {
            Some(GoogleSpeech::new(booth.clone(), law, &settings.google).map(|service| Arc::new(service) as _))
        }
        azure::PROVIDER => {
            Some(AzureSpeech::new(booth.clone(), law, &settings.azure).map(|service| Arc::new(service) as _))
        }
        _ => None,
    }
}

/// Address of a provider that may be asked for what is published; the error says why not.
fn base_url(law: &ProviderLaw, id: &str) -> Result<String, String> {
    let provider = law.provider(id).ok_or_else(|| format!("no providers.toml names {id}"))?;
    if !provider.terms.commercial {
        return Err(format!("the terms of {} allow no commercial use", provider.name));
    }
    Ok(provider.base_url.trim_end_matches('/').to_owned())
}
