//! The word of channel governance from the channel's figures, and the card of a film that was published.

use proofreel_insight::baseline::{self, Of};
use proofreel_insight::figures::ByVideo;
use proofreel_insight::trigger::{self, Decision};
use proofreel_model::channel::ChannelProfile;
use proofreel_model::kpi::{Metric, VideoCard};
use proofreel_model::policy::kpi_law;
use proofreel_model::stage::StageName;
use proofreel_pipeline::kpi;
use proofreel_publishing::{Candidate, Governance, Publication};

use crate::{Office, OperationError};

/// Publish, hold or rework, as `proofreel kpi judge` would say today.
///
/// # Errors
/// When the figures cannot be read.
pub async fn word(office: &Office, channel: &ChannelProfile) -> Result<Governance, OperationError> {
    let records = office.records.as_ref();
    let today = office.clock.today();
    let (snapshots, cards) = (kpi::snapshots(records, &channel.id).await?, kpi::videos(records, &channel.id).await?);
    let videos = ByVideo::of(&cards, &snapshots);
    let baselines = baseline::all(Of { channel: &channel.id, kind: channel.kind, today }, &videos);
    let by_age: Vec<_> = kpi_law().baseline.ages.iter().map(|age| (*age, videos.at_age(*age, today))).collect();
    let Some((_, uploads)) = by_age.iter().max_by_key(|(age, figures)| (figures.len(), std::cmp::Reverse(age.0)))
    else {
        return Ok(Governance::Unmeasured);
    };
    let start = kpi_law().thresholds(channel.kind);
    let anew = trigger::recalibrated(start, &baselines);
    let bounds = anew.as_ref().unwrap_or(start);
    let last = |metric: Metric| uploads.iter().rev().find_map(|video| video.value(metric));
    let (ctr, avd) = (last(Metric::Ctr), last(Metric::AvdShare));
    let said = |name: &str, value: Option<f64>, bound: f64| {
        value
            .filter(|value| *value < bound)
            .map(|value| format!("{name} {:.1} %, {:.1} % are wanted", value * 100.0, bound * 100.0))
    };
    let why = |ctr_bound: f64, avd_bound: f64| {
        let parts: Vec<String> =
            [said("CTR", ctr, ctr_bound), said("AVD", avd, avd_bound)].into_iter().flatten().collect();
        parts.join(", ")
    };
    Ok(match trigger::decide(bounds, ctr, avd) {
        Decision::Publish { measured: true } => Governance::Publish,
        Decision::Publish { measured: false } => Governance::Unmeasured,
        Decision::Hold { .. } => Governance::Hold { why: why(bounds.ctr, bounds.avd_share) },
        Decision::Rework => {
            Governance::Rework { stage: StageName::Script, why: why(bounds.hold_ctr, bounds.hold_avd_share) }
        }
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
