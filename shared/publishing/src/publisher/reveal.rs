//! From a private video to a public one: checked, dressed, shown, read back.

use jiff::{SignedDuration, Timestamp};
use proofreel_model::channel::Visibility;
use proofreel_ports::{HostError, HostedVideo, Processing, VideoId};
use serde_json::json;

use super::{Outcome, Publisher, Walk};
use crate::audit::Deed;
use crate::desk::{Candidate, Desk};
use crate::edition::{Edition, card_of};
use crate::error::PublishError;
use crate::publication::{Extra, Publication, PublishState, Step};

impl Publisher {
    fn poll(&self) -> Timestamp {
        self.ledger.now() + SignedDuration::from_secs(i64::from(self.law.upload.poll_seconds))
    }

    /// Waits for the host and compares what it has with the film: a truncated upload is processed and shown like a whole one.
    pub(super) async fn verify(
        &self,
        edition: &Edition,
        video: &VideoId,
        since: Timestamp,
    ) -> Result<Walk, PublishError> {
        let lag = SignedDuration::from_mins(i64::from(self.law.upload.listing_lag_minutes));
        let hosted = match self.host.look(video).await {
            Ok(hosted) => hosted,
            Err(HostError::NoSuchVideo { .. }) if self.ledger.now() < since + lag => {
                return Ok(Walk::Stop(Outcome::Waits {
                    until: self.poll(),
                    why: "the host does not show the video yet".into(),
                }));
            }
            Err(error @ HostError::NoSuchVideo { .. }) => {
                self.park(edition, format!("{error}: it was removed there, or never was")).await?;
                return Ok(Walk::On);
            }
            Err(error) => return Err(self.failed(edition, error).await),
        };
        if hosted.visibility != Visibility::Private {
            // The account may set another default: nobody sees what was not checked.
            self.host.hide(video).await?;
        }
        match &hosted.processing {
            Processing::Running => {
                let longest = SignedDuration::from_hours(i64::from(self.law.upload.most_processing_hours));
                if self.ledger.now() >= since + longest {
                    self.park(edition, format!("video {video} has been in processing for {longest:#}")).await?;
                    return Ok(Walk::On);
                }
                Ok(Walk::Stop(Outcome::Waits { until: self.poll(), why: "the host is processing the video".into() }))
            }
            Processing::Failed { why } => {
                self.park(edition, format!("the host could not process video {video}: {why}; it stays private"))
                    .await?;
                Ok(Walk::On)
            }
            Processing::Succeeded => {
                if let Some(why) = self.difference(edition, &hosted) {
                    self.park(edition, format!("video {video} is not the film: {why}; it stays private")).await?;
                    return Ok(Walk::On);
                }
                self.change(&edition.channel, &edition.run, |row| {
                    let mut row = row.filter(|row| matches!(row.step, Step::Uploaded { .. }))?;
                    row.state = PublishState::Publishing;
                    row.step = Step::Verified { video: video.clone() };
                    let deed = Deed::new("publisher", "publish.verified", &row.run)
                        .with(json!({"video": video, "duration_ms": hosted.duration_ms, "bytes": hosted.bytes}));
                    Some((row, deed))
                })
                .await?;
                Ok(Walk::On)
            }
        }
    }

    /// In what the host's video differs from the film.
    fn difference(&self, edition: &Edition, hosted: &HostedVideo) -> Option<String> {
        if let Some(bytes) = hosted.bytes.filter(|bytes| *bytes != edition.video.bytes) {
            return Some(format!("{bytes} bytes instead of {}", edition.video.bytes));
        }
        match hosted.duration_ms {
            // A folder decodes nothing, and has the very bytes.
            None if hosted.bytes.is_some() => None,
            None => Some("the host names neither length nor size".into()),
            Some(ms) if ms.abs_diff(u64::from(edition.duration_ms)) > self.law.verify.duration_ms => {
                Some(format!("{ms} ms long instead of {}", edition.duration_ms))
            }
            Some(_) => None,
        }
    }

    /// Thumbnail, captions, playlist; then the switch, the approval and the pace once more; then the one update, which may
    /// be repeated; then what the host says of it.
    pub(super) async fn reveal(
        &self,
        candidate: &Candidate,
        edition: &Edition,
        row: &Publication,
        video: &VideoId,
    ) -> Result<Walk, PublishError> {
        self.ledger.must_be_on().await?;
        if let Some(extra) = wanted(edition).into_iter().find(|extra| !row.extras.contains(extra)) {
            return self.dress(edition, video, extra).await;
        }
        self.keep_pace(candidate, edition, false).await?;
        if !self.take_turn(edition).await? {
            return Ok(Walk::On);
        }
        let mut card = card_of(edition);
        // A time that has passed is now: the host would take it for "at once" anyway, or refuse it.
        card.publish_at = card.publish_at.filter(|at| *at > self.ledger.now());
        if let Err(error) = self.host.update(video, &card).await {
            return Err(self.failed(edition, error).await);
        }
        let hosted = self.host.look(video).await?;
        let shown = match card.publish_at {
            Some(at) => {
                hosted.visibility == Visibility::Private
                    && hosted.publish_at.is_some_and(|set| set.as_second() == at.as_second())
            }
            None => hosted.visibility == edition.visibility,
        };
        let locked = !shown && hosted.visibility == Visibility::Private;
        let problem = if locked {
            Some(format!(
                "asked for {}, the host keeps it private: the account's settings, or a project that is locked until it is audited (https://support.google.com/youtube/contact/yt_api_form)",
                card.publish_at.map_or_else(|| card.visibility.to_string(), |at| format!("public at {at}")),
            ))
        } else if !shown {
            Some(format!("asked for {}, the host says {}", card.visibility, hosted.visibility))
        } else {
            unlike(&hosted, edition)
        };
        let now = self.ledger.now();
        let after = self
            .change(&edition.channel, &edition.run, |row| {
                let mut row = row.filter(|row| matches!(row.step, Step::Verified { .. }))?;
                row.step = Step::Public { video: video.clone() };
                // A folder moves what it shows.
                row.address = Some(self.host.address(video));
                row.state = if shown { PublishState::Published } else { PublishState::PublishLocked };
                row.published_at = Some(edition.publish_at.map_or(now, |at| at.max(now)));
                row.problem.clone_from(&problem);
                let what = if shown { "publish.public" } else { "publish.locked" };
                let deed = Deed::new("publisher", what, &row.run).with(
                    json!({"video": video, "visibility": hosted.visibility, "publish_at": hosted.publish_at, "problem": problem}),
                );
                Some((row, deed))
            })
            .await?;
        // Taken back while it was being shown: hidden again, whoever was last.
        let after = if after.retraction.is_some() { self.hide(&after).await? } else { after };
        Ok(Walk::Stop(Outcome::Rests(Box::new(after))))
    }

    async fn dress(&self, edition: &Edition, video: &VideoId, extra: Extra) -> Result<Walk, PublishError> {
        let done = match extra {
            Extra::Thumbnail => match edition.thumbnails.first() {
                Some(file) => self.host.thumbnail(video, &file.media_type, self.whole(file).await?).await,
                None => Ok(()),
            },
            Extra::Captions => match &edition.captions {
                Some(file) => self.host.captions(video, &edition.metadata.language, self.whole(file).await?).await,
                None => Ok(()),
            },
            Extra::Playlist => match &edition.playlist {
                Some(playlist) => self.host.join(video, playlist).await,
                None => Ok(()),
            },
        };
        if let Err(error) = done {
            return Err(self.failed(edition, error).await);
        }
        self.change(&edition.channel, &edition.run, |row| {
            let mut row =
                row.filter(|row| matches!(row.step, Step::Verified { .. }) && !row.extras.contains(&extra))?;
            row.state = PublishState::Publishing;
            row.problem = None;
            row.extras.insert(extra);
            let deed = Deed::new("publisher", "publish.extra", &row.run).with(json!({ "extra": extra }));
            Some((row, deed))
        })
        .await?;
        Ok(Walk::On)
    }

    /// Takes a video back, as often as it is asked to: written first, then done.
    pub async fn retract(
        &self,
        candidate: &Candidate,
        who: &str,
        at_the_machine: bool,
        reason: &str,
    ) -> Result<Publication, PublishError> {
        let row = Desk::new(self.ledger.clone()).retract(candidate, who, at_the_machine, reason).await?;
        self.hide(&row).await
    }

    /// Makes a retracted video private and reads that back. Doing it twice does nothing more.
    ///
    /// # Errors
    /// The host did not hide it; storage.
    pub async fn hide(&self, row: &Publication) -> Result<Publication, PublishError> {
        let taken_back = row.step.video().filter(|_| row.retraction.is_some()).cloned();
        let Some(video) = taken_back else { return Ok(row.clone()) };
        match self.host.hide(&video).await {
            // Gone is hidden.
            Ok(()) | Err(HostError::NoSuchVideo { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        match self.host.look(&video).await {
            Ok(hosted) if hosted.visibility == Visibility::Private && hosted.publish_at.is_none() => {}
            Err(HostError::NoSuchVideo { .. }) => {}
            Ok(hosted) => {
                let why = format!("it was asked to hide {video} and says {}", hosted.visibility);
                return Err(HostError::Transient { host: self.host.name().into(), why }.into());
            }
            Err(error) => return Err(error.into()),
        }
        self.change(&row.channel, &row.run, |row| {
            let mut row = row.filter(|row| row.state != PublishState::Retracted)?;
            row.state = PublishState::Retracted;
            row.address = Some(self.host.address(&video));
            if let Some(retraction) = &mut row.retraction {
                retraction.done = true;
            }
            let deed = Deed::new("publisher", "retract.hidden", &row.run).with(json!({ "video": video }));
            Some((row, deed))
        })
        .await
    }
}

/// What this edition's video gets.
fn wanted(edition: &Edition) -> Vec<Extra> {
    let mut extras = Vec::new();
    if !edition.thumbnails.is_empty() {
        extras.push(Extra::Thumbnail);
    }
    if edition.captions.is_some() {
        extras.push(Extra::Captions);
    }
    if edition.playlist.is_some() {
        extras.push(Extra::Playlist);
    }
    extras
}

/// What the host shows otherwise than it was told, though visibility and schedule are right.
fn unlike(hosted: &HostedVideo, edition: &Edition) -> Option<String> {
    if hosted.title.trim() != edition.metadata.title.trim() {
        return Some(format!("the host shows another title: {}", hosted.title));
    }
    if hosted.contains_synthetic_media == Some(false) && edition.metadata.contains_synthetic_media {
        return Some("the host does not show the label of synthetic media".into());
    }
    None
}
