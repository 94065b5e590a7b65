//! The ports made real. [`local`] is one machine: SQLite and a directory; [`aws`] is Amazon's services.
//!
//! What is linked is chosen by feature: `local` (SQLite), `voice` (the embedded voice), `aws` (S3, DynamoDB, SQS), `triggers`,
//! `secrets` (SSM) and `polly`. Clock, blobs, parts and secrets in a folder are always there.
//!
//! Architecture invariant: an adapter knows its device and nothing else; it holds no rule of the product.

pub mod aws;
#[cfg(feature = "voice")]
mod cast;
mod keys;
pub mod local;
#[cfg(feature = "voice")]
mod remote;
mod secret_names;
#[cfg(feature = "voice")]
mod speech;
#[cfg(feature = "voice")]
mod ssml;
#[cfg(feature = "voice")]
mod voices;
#[cfg(any(feature = "local", feature = "aws"))]
mod writes;

#[cfg(feature = "voice")]
pub use cast::Cast;
#[cfg(feature = "voice")]
pub use remote::RemoteVoice;
#[cfg(feature = "voice")]
pub use voices::{LazyVoice, voice, voice_folders};
