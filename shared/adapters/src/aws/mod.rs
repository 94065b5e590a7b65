//! Amazon's services: S3, DynamoDB and SQS behind the feature `aws`, SSM's parameters behind `secrets`, mail by SNS behind `mail`, Polly behind `polly`. Without them this room is
//! empty and says how to get them.
//!
//! Every call ends: a request has a time limit, is tried again where that is safe, and its error says what to do. What is
//! believed carries Amazon's request id; a page of a proxy does not.

#[cfg(feature = "aws")]
mod blobs;
#[cfg(feature = "aws")]
mod bucket_host;
#[cfg(feature = "aws")]
mod clients;
#[cfg(feature = "aws")]
mod conditions;
#[cfg(any(feature = "aws", feature = "polly"))]
mod environment;
#[cfg(feature = "aws")]
mod errors;
#[cfg(feature = "aws")]
mod items;
#[cfg(feature = "aws")]
mod letters;
#[cfg(feature = "mail")]
mod mail;
#[cfg(feature = "polly")]
mod marks;
#[cfg(feature = "aws")]
mod parts;
#[cfg(feature = "polly")]
mod polly;
#[cfg(feature = "aws")]
mod queue;
#[cfg(feature = "aws")]
mod records;
#[cfg(feature = "secrets")]
mod secrets;
#[cfg(feature = "aws")]
mod stamps;
#[cfg(feature = "polly")]
mod through;
#[cfg(feature = "triggers")]
mod triggers;
#[cfg(feature = "triggers")]
mod waker;

#[cfg(feature = "voice")]
use std::sync::Arc;

#[cfg(feature = "aws")]
pub use aws_sdk_s3::Client as S3Client;
#[cfg(feature = "aws")]
pub use blobs::S3Blobs;
#[cfg(feature = "aws")]
pub use bucket_host::S3Host;
#[cfg(feature = "aws")]
pub use clients::Clients;
#[cfg(feature = "mail")]
pub use mail::SnsMail;
#[cfg(feature = "aws")]
pub use parts::S3Parts;
#[cfg(feature = "polly")]
pub use polly::PollyVoice;
#[cfg(feature = "voice")]
use proofreel_model::channel::VoiceSettings;
#[cfg(feature = "voice")]
use proofreel_model::ids::{ChannelId, RunId};
#[cfg(feature = "voice")]
use proofreel_ports::{Outside, Voice, VoiceError};
#[cfg(feature = "aws")]
pub use queue::SqsQueue;
#[cfg(feature = "aws")]
pub use records::DynamoRecords;
#[cfg(feature = "secrets")]
pub use secrets::SsmSecrets;
#[cfg(feature = "triggers")]
pub use triggers::MappingTriggers;
#[cfg(feature = "triggers")]
pub use waker::SweepWaker;

/// The Polly voice with a channel's settings, or why there is none.
#[cfg(feature = "polly")]
#[allow(clippy::unnecessary_wraps)] // without the feature there is an error
pub(crate) fn polly(settings: &VoiceSettings) -> Result<Arc<dyn Voice>, VoiceError> {
    Ok(Arc::new(PollyVoice::from_environment(settings)))
}

/// The same voice through the one way out.
#[cfg(feature = "polly")]
#[allow(clippy::unnecessary_wraps)] // without the feature there is an error
pub(crate) fn polly_through(
    settings: &VoiceSettings,
    outside: Arc<dyn Outside>,
    whose: (&ChannelId, Option<&RunId>),
) -> Result<Arc<dyn Voice>, VoiceError> {
    Ok(Arc::new(PollyVoice::through(settings, outside, whose)))
}

/// The same voice through the one way out, or why there is none.
#[cfg(all(feature = "voice", not(feature = "polly")))]
pub(crate) fn polly_through(
    settings: &VoiceSettings,
    _: Arc<dyn Outside>,
    _: (&ChannelId, Option<&RunId>),
) -> Result<Arc<dyn Voice>, VoiceError> {
    polly(settings)
}

/// The Polly voice with a channel's settings, or why there is none.
#[cfg(all(feature = "voice", not(feature = "polly")))]
pub(crate) fn polly(_: &VoiceSettings) -> Result<Arc<dyn Voice>, VoiceError> {
    Err(VoiceError::Unavailable {
        engine: "Amazon Polly".into(),
        detail: "this program was built without it".into(),
        hint: "build with `cargo build --release -p proofreel-cli --features polly`, or set `engine = \"embedded\"` under [voice]".into(),
    })
}
