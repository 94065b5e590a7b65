//! The word of channel governance from the channel's figures, and the card of a film that was published.

use jiff::civil::Date;
use proofreel_insight::figures::{ByVideo, VideoFigures};
use proofreel_insight::trigger::{self, Decision};
use proofreel_model::channel::ChannelProfile;
use proofreel_model::experiment::{Experiment, ExperimentType};
use proofreel_model::kpi::{Metric, OrderKind, Recalibration, VideoCard};
use proofreel_model::policy::{Thresholds, kpi_law};
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_model::text::RichText;
use proofreel_pipeline::kpi;
use proofreel_publishing::{Candidate, Governance, Publication};

use crate::measure::pacific_day;
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
    let parts: Vec<String> = [said("CTR", ctr, ctr_bound), said("AVD", avd, avd_bound)].into_iter().flatten().collect();
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
    // The film is out: a machine without a table of time zones must not make a failure of that.
    let by_hours = || (at - jiff::SignedDuration::from_hours(8)).to_zoned(jiff::tz::TimeZone::UTC).date();
    let day = pacific_day(at).unwrap_or_else(|_| by_hours());
    let card = VideoCard {
        video_id: video.0.clone(),
        title: candidate.film.metadata.title.clone(),
        published: Some(day),
        length_seconds: Some(f64::from(candidate.film.duration_ms) / 1000.0),
        run: Some(row.run.clone()),
    };
    let records = office.records.as_ref();
    kpi::put_video(records, &row.channel, &card).await?;
    let known: Vec<String> = kpi::experiments(records, &row.channel).await?.iter().map(Experiment::key).collect();
    let begun = match office.read::<Script>(&candidate.head, StageName::Script).await {
        Ok(script) => experiments(&script, row, &card.video_id, day),
        Err(error) if error.is_retryable() => return Err(error),
        // The film is out; a script that cannot be read any more is no reason to say that publishing failed.
        Err(_) => Vec::new(),
    };
    let begun = begun.into_iter().filter(|one| !known.contains(&one.key()));
    Ok(kpi::put_experiments(records, &row.channel, &begun.collect::<Vec<_>>()).await?)
}

/// What the film tries because of standing orders: another title and thumbnail under a packaging order, another opening under a
/// hook order.
fn experiments(script: &Script, row: &Publication, video_id: &str, start: Date) -> Vec<Experiment> {
    let texts = |all: &[RichText]| all.iter().map(RichText::text).collect::<Vec<_>>();
    let mut begun = Vec::new();
    for obeyed in &script.obeyed {
        let tried = match obeyed.kind {
            OrderKind::Packaging => vec![
                (ExperimentType::Title, texts(&script.titles)),
                (
                    ExperimentType::Thumbnail,
                    script
                        .thumbnails
                        .iter()
                        .map(|variant| format!("{}: {}", variant.design, variant.words.text()))
                        .collect(),
                ),
            ],
            OrderKind::Hook => vec![(ExperimentType::Hook, texts(&script.hooks))],
            OrderKind::Script => Vec::new(),
        };
        begun.extend(tried.into_iter().map(|(experiment_type, variants)| Experiment {
            channel: row.channel.clone(),
            video_id: video_id.to_owned(),
            run: row.run.clone(),
            experiment_type,
            variants,
            order: obeyed.order.clone(),
            start,
            end: None,
            ctr: None,
            avd: None,
            decision: None,
        }));
    }
    begun
}
