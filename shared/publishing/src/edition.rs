//! The exact thing that is approved: bytes, texts and terms under one digest.

use jiff::Timestamp;
use proofreel_model::channel::{ChannelProfile, Visibility};
use proofreel_model::digest::{Digest, canonical_json};
use proofreel_model::film::{Film, FilmFile, Metadata};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_ports::VideoCard;
use serde::{Deserialize, Serialize};

use crate::error::PublishError;

/// What is published: two equal editions are the same film with the same words on the same terms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edition {
    /// Channel.
    pub channel: ChannelId,
    /// Run.
    pub run: RunId,
    /// Digest of the film artifact, which is what the review page shows.
    pub film: Digest,
    /// The video.
    pub video: FilmFile,
    /// Timed captions.
    pub captions: Option<FilmFile>,
    /// All thumbnails.
    pub thumbnails: Vec<FilmFile>,
    /// Length, milliseconds.
    pub duration_ms: u32,
    /// Title, description, tags, language, disclosure.
    pub metadata: Metadata,
    /// Who sees it.
    pub visibility: Visibility,
    /// When, if not at once.
    pub publish_at: Option<Timestamp>,
    /// Made for children.
    pub made_for_kids: Option<bool>,
    /// The host's category.
    pub category: u32,
    /// Playlist to join.
    pub playlist: Option<String>,
    /// Subscribers are told.
    pub notify_subscribers: bool,
}

impl Edition {
    /// The edition of a film on a channel's terms.
    pub fn of(
        run: &RunId,
        channel: &ChannelProfile,
        film_digest: &Digest,
        film: &Film,
        visibility: Visibility,
        publish_at: Option<Timestamp>,
    ) -> Result<Self, PublishError> {
        let unfit = |why: &str| PublishError::Unfit {
            run: run.clone(),
            why: why.into(),
            hint: "produce the episode to its end; only a finished film can be published".into(),
        };
        let publishing = &channel.publishing;
        let video = film.files.iter().find(|file| file.media_type.starts_with("video/"));
        let video = video.ok_or_else(|| unfit("its film has no video"))?;
        Ok(Self {
            channel: channel.id.clone(),
            run: run.clone(),
            film: film_digest.clone(),
            video: video.clone(),
            captions: film.files.iter().find(|file| file.name == "captions.srt").cloned(),
            thumbnails: film.files.iter().filter(|file| file.name.starts_with("thumbnail")).cloned().collect(),
            duration_ms: film.duration_ms,
            metadata: film.metadata.clone(),
            visibility,
            publish_at,
            made_for_kids: publishing.made_for_kids,
            category: publishing.category,
            playlist: publishing.playlist.clone(),
            notify_subscribers: publishing.notify_subscribers,
        })
    }

    /// Its digest: what an approval names.
    pub fn digest(&self) -> Digest {
        // Texts, numbers and lists always become JSON.
        Digest::of(&canonical_json(self).unwrap_or_default())
    }

    /// The files that leave the house.
    pub fn files(&self) -> impl Iterator<Item = &FilmFile> {
        std::iter::once(&self.video).chain(&self.captions).chain(self.thumbnails.first())
    }
}

/// What a host is told of an edition.
pub fn card_of(edition: &Edition) -> VideoCard {
    VideoCard {
        title: edition.metadata.title.clone(),
        description: edition.metadata.description.clone(),
        tags: edition.metadata.tags.clone(),
        category: edition.category,
        language: edition.metadata.language.clone(),
        made_for_kids: edition.made_for_kids,
        contains_synthetic_media: edition.metadata.contains_synthetic_media,
        visibility: edition.visibility,
        publish_at: edition.publish_at,
        notify_subscribers: edition.notify_subscribers,
        playlist: edition.playlist.clone(),
        marker: format!("proofreel-{}-{}", edition.channel, edition.run),
    }
}
