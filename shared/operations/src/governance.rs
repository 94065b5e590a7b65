//! The word of channel governance from the channel's figures, and the card of a film that was published.

use jiff::civil::Date;
use proofreel_insight::figures::{ByVideo, VideoFigures};
use proofreel_insight::trigger::{self, Decision};
use proofreel_model::channel::ChannelProfile;
use proofreel_model::kpi::{Metric, Recalibration, VideoCard};
use proofreel_model::policy::{Thresholds, kpi_law};
use proofreel_model::stage::StageName;
use proofreel_pipeline::kpi;
use proofreel_publishing::{Candidate, Governance, Publication};

use crate::{Office, OperationError};

/// The bounds a channel goes by on a day: its newest recalibration's, or the start values of its kind.
pub fn bounds(profile: &ChannelProfile, recalibrations: &[Recalibration], today: Date) -> Thresholds {
    newest(recalibrations, today).map_or(*kpi_law().thresholds(profile.kind), |last| last.bounds)
}

/// The recalibration in force on a day.
pub fn newest(recalibrations: &[Recalibration], today: Date) -> Option<&Recalibration> {
    recalibrations.iter().rev().find(|one| one.as_of <= today)
}

/// The age, days, at which most of a channel's videos have figures, and these figures, oldest video first.
pub fn compared(videos: &ByVideo<'_>, today: Date) -> ((i32, i32), Vec<VideoFigures>) {
    let by_age = kpi_law().baseline.ages.iter().map(|age| (*age, videos.at_age(*age, today)));
    by_age.max_by_key(|(age, figures)| (figures.len(), std::cmp::Reverse(age.0))).unwrap_or_default()
}

/// Publish, hold or rework the next episode, and which figures say so. `uploads` are of one age, oldest first.
pub fn judged(uploads: &[VideoFigures], bounds: &Thresholds) -> (Decision, String) {
    let last = |metric: Metric| uploads.iter().rev().find_map(|video| video.value(metric));
    let (ctr, avd) = (last(Metric::Ctr), last(Metric::AvdShare));
    let decision = trigger::decide(bounds, ctr, avd);
    let (ctr_bound, avd_bound) = match decision {
        Decision::Rework => (bounds.hold_ctr, bounds.hold_avd_share),
        _ => (bounds.ctr, bounds.avd_share),
    };
    let said = |name: &str, value: Option<f64>, bound: f64| {
        value
            .filter(|value| *value < bound)
            .map(|value| format!("{name} {:.1} %, {:.1} % are wanted", value * 100.0, bound * 100.0))
    };
    let parts: Vec<String> =
        [said("CTR", ctr, ctr_bound), said("AVD", avd, avd_bound)].into_iter().flatten().collect();
    (decision, parts.join(", "))
}

/// Publish, hold or rework, as `proofreel kpi judge` would say today.
///
/// # Errors
/// When the figures cannot be read.
pub async fn word(office: &Office, channel: &ChannelProfile) -> Result<Governance, OperationError> {
    let (records, today) = (office.records.as_ref(), office.clock.today());
    let (snapshots, cards) = (kpi::snapshots(records, &channel.id).await?, kpi::videos(records, &channel.id).await?);
    let (_, uploads) = compared(&ByVideo::of(&cards, &snapshots), today);
    let bounds = bounds(channel, &kpi::recalibrations(records, &channel.id).await?, today);
    let (decision, why) = judged(&uploads, &bounds);
    Ok(match decision {
        Decision::Publish { measured: true } => Governance::Publish,
        Decision::Publish { measured: false } => Governance::Unmeasured,
        Decision::Hold { .. } => Governance::Hold { why },
        Decision::Rework => Governance::Rework { stage: StageName::Script, why },
    })
}

/// Tells the figures' side of a video that was published on YouTube. Written again it says the same.
///
/// # Errors
/// When the row cannot be written.
pub async fn note_video(office: &Office, candidate: &Candidate, row: &Publication) -> Result<(), OperationError> {
    let (Some(video), Some(at), Some("youtube")) = (row.step.video(), row.published_at, row.host.as_deref()) else {
        return Ok(());
    };
    let card = VideoCard {
        video_id: video.0.clone(),
        title: candidate.film.metadata.title.clone(),
        published: Some(at.to_zoned(jiff::tz::TimeZone::UTC).date()),
        length_seconds: Some(f64::from(candidate.film.duration_ms) / 1000.0),
        run: Some(row.run.clone()),
    };
    Ok(kpi::put_video(office.records.as_ref(), &row.channel, &card).await?)
}
