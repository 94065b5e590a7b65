//! `specs/policy/publishing.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

/// How films are approved, uploaded and made public.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishingLaw {
    /// Approvals.
    pub approval: ApprovalLaw,
    /// How often a channel publishes.
    pub cadence: CadenceLaw,
    /// Approval without a person.
    pub auto: AutoLaw,
    /// The upload.
    pub upload: UploadLaw,
    /// What the host has against what was sent.
    pub verify: VerifyLaw,
    /// Revisions of sources.
    pub revisions: RevisionsLaw,
    /// Consents of channels' owners.
    pub consent: ConsentLaw,
    /// The webhook.
    pub webhook: WebhookLaw,
    /// YouTube's limits.
    pub youtube: YoutubeLaw,
}

/// Approvals.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalLaw {
    /// Days after which an unused approval is void.
    pub valid_days: u32,
    /// First digits of the digest that whoever approves must name.
    pub code_digits: usize,
}

/// How often a channel publishes.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CadenceLaw {
    /// Films within seven days.
    pub uploads_per_week: u32,
    /// Hours between two films.
    pub least_hours_between: u32,
}

/// Approval without a person.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutoLaw {
    /// Films of the channel that a person approved and that are public.
    pub least_published: u32,
    /// Of its films, retracted ones at most.
    pub most_retracted: u32,
    /// Lowest score that a scene may have.
    pub least_scene_score: u8,
}

/// The upload.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadLaw {
    /// Chunk, KiB.
    pub chunk_kib: u64,
    /// Tries of one chunk.
    pub chunk_tries: u32,
    /// Minutes in which a listing may not show what is there.
    pub listing_lag_minutes: u32,
    /// Seconds between two looks at a video in processing.
    pub poll_seconds: u32,
    /// Hours of processing after which a person is told.
    pub most_processing_hours: u32,
}

/// What the host has against what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyLaw {
    /// Tolerance of the length, milliseconds.
    pub duration_ms: u64,
}

/// Revisions of sources.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevisionsLaw {
    /// Hours after which published films are held against their sources again.
    pub every_hours: i64,
}

/// Consents of channels' owners.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentLaw {
    /// Days before the end of a consent that ends by itself, at which somebody is called.
    pub warn_days: u32,
}

/// The webhook.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookLaw {
    /// Seconds that a timestamp may lie off, either way.
    pub tolerance_seconds: u64,
    /// Largest body, bytes.
    pub body_bytes: usize,
    /// Longest id, characters.
    pub id_characters: usize,
    /// Most signatures looked at.
    pub signatures: usize,
    /// Least and most length of a key, bytes.
    pub key_bytes: (usize, usize),
    /// Days that a key holds after it was replaced.
    pub rotation_days: u32,
}

/// YouTube's limits.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YoutubeLaw {
    /// Longest title, characters.
    pub title_characters: usize,
    /// Longest description, bytes.
    pub description_bytes: usize,
    /// Longest list of tags, characters with commas and quotation marks.
    pub tags_characters: usize,
    /// Largest thumbnail, bytes.
    pub thumbnail_bytes: u64,
    /// Largest captions, bytes.
    pub captions_bytes: u64,
    /// Largest video, bytes.
    pub video_bytes: u64,
    /// What a call takes of the day's units.
    pub units: YoutubeUnits,
}

/// What a call takes of the day's units.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the methods' own names
pub struct YoutubeUnits {
    pub list: u64,
    pub update: u64,
    pub thumbnail: u64,
    pub captions_list: u64,
    pub captions_insert: u64,
    pub playlist_insert: u64,
}

/// The law this program was built with.
///
/// # Panics
/// Never in a program that passed its tests: a test loads the file.
#[allow(clippy::expect_used)] // compiled in, and a test loads it
pub fn law() -> &'static PublishingLaw {
    static LAW: OnceLock<PublishingLaw> = OnceLock::new();
    LAW.get_or_init(|| {
        toml::from_str(include_str!("../../../../specs/policy/publishing.toml")).expect("specs/policy/publishing.toml")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_loads_and_a_chunk_is_what_youtube_takes() {
        assert_eq!(law().upload.chunk_kib % 256, 0);
        assert!(law().webhook.key_bytes.0 >= 24 && law().approval.code_digits >= 8);
    }
}
