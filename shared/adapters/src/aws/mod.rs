//! Amazon's services. Without the feature `aws` this room is empty and says how to get it.

#[cfg(feature = "aws")]
mod marks;
#[cfg(feature = "aws")]
mod polly;
#[cfg(feature = "aws")]
mod ssml;

use std::sync::Arc;

#[cfg(feature = "aws")]
pub use polly::PollyVoice;
use proofreel_model::channel::VoiceSettings;
use proofreel_ports::{Voice, VoiceError};

/// The Polly voice with a channel's settings, or why there is none.
#[cfg(feature = "aws")]
#[allow(clippy::unnecessary_wraps)] // without the feature there is an error
pub(crate) fn polly(settings: &VoiceSettings) -> Result<Arc<dyn Voice>, VoiceError> {
    Ok(Arc::new(PollyVoice::from_environment(settings)))
}

/// The Polly voice with a channel's settings, or why there is none.
#[cfg(not(feature = "aws"))]
pub(crate) fn polly(_: &VoiceSettings) -> Result<Arc<dyn Voice>, VoiceError> {
    Err(VoiceError::Unavailable {
        engine: "Amazon Polly".into(),
        detail: "this program was built without it".into(),
        hint: "build with `cargo build --release -p proofreel-cli --features aws`, or set `engine = \"embedded\"` under [voice]".into(),
    })
}
