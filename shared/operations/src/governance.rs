//! The word of channel governance from the channel's figures, and the card of a film that was published.

use jiff::civil::Date;
use proofreel_insight::figures::{ByVideo, VideoFigures};
use proofreel_insight::trigger::{self, Decision};
use proofreel_model::channel::ChannelProfile;
use proofreel_model::experiment::{Experiment, ExperimentType};
use proofreel_model::ids::RunId;
use proofreel_model::kpi::{Metric, Obeyed, OrderKind, Recalibration, VideoCard};
use proofreel_model::policy::{Thresholds, kpi_law};
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_model::text::RichText;
use proofreel_pipeline::{kpi, run_head};
use proofreel_publishing::{Candidate, Governance, Publication, PublishState};

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
    let new = match office.read::<Script>(&candidate.head, StageName::Script).await {
        Ok(script) => tried(&script, false),
        Err(error) if error.is_retryable() => return Err(error),
        // The film is out; a script that cannot be read any more is no reason to say that publishing failed.
        Err(_) => Vec::new(),
    };
    let new = new.into_iter().map(|tried| begun(tried, row, &card.video_id, day));
    let new = new.filter(|one| !known.contains(&one.key()));
    Ok(kpi::put_experiments(records, &row.channel, &new.collect::<Vec<_>>()).await?)
}

/// What a film tries because of a standing order: what is varied, its variants with the one that leads first, and the order.
type Tried = (ExperimentType, Vec<String>, String);

/// What a film tries because of standing orders: another title and thumbnail under a packaging order, another opening under a
/// hook order, another comment to pin under a script order. `by_hand` asks for what a person does at the host, or for the rest.
fn tried(script: &Script, by_hand: bool) -> Vec<Tried> {
    let texts = |all: &[RichText]| all.iter().map(RichText::text).collect::<Vec<_>>();
    let of = |kind: OrderKind| match kind {
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
        // Where nothing else could be said there is nothing to try.
        OrderKind::Script if script.other_comments.is_empty() => Vec::new(),
        OrderKind::Script => {
            let mut comments = vec![script.pinned_comment.text()];
            comments.extend(script.other_comments.iter().map(RichText::text));
            vec![(ExperimentType::PinnedComment, comments)]
        }
    };
    let of_order = |obeyed: &Obeyed| {
        let order = obeyed.order.clone();
        of(obeyed.kind).into_iter().map(move |(what, variants)| (what, variants, order.clone()))
    };
    script.obeyed.iter().flat_map(of_order).filter(|(what, ..)| what.is_by_hand() == by_hand).collect()
}

/// The row of an experiment that begins on a day.
fn begun((experiment_type, variants, order): Tried, row: &Publication, video_id: &str, start: Date) -> Experiment {
    Experiment {
        channel: row.channel.clone(),
        video_id: video_id.to_owned(),
        run: row.run.clone(),
        experiment_type,
        variants,
        order,
        start,
        end: None,
        ctr: None,
        avd: None,
        decision: None,
    }
}

/// What came of it that somebody said that the comment is pinned.
#[derive(Clone, Debug, PartialEq)]
pub enum Pinned {
    /// The experiment begins.
    Begun(Experiment),
    /// It had begun before: it is kept as it was.
    Already(Experiment),
    /// No order had another comment tried.
    Nothing,
}

/// Begins the experiment of a comment to pin, on the day that a person did it: the API pins none, so nothing else knows.
///
/// # Errors
/// The film is not public on YouTube, the day is before that or after the first age of `kpi.baseline.ages`, or what is stored
/// cannot be read or written.
pub async fn pinned(office: &Office, run: &RunId, day: Date) -> Result<Pinned, OperationError> {
    let head = run_head(office.records.as_ref(), run).await?;
    let row = office.ledger().of(&head.channel, run).await?;
    let public = row.filter(|row| row.state == PublishState::Published && row.host.as_deref() == Some("youtube"));
    let of = |row: Publication| Some((row.step.video()?.0.clone(), row.published_at?, row));
    let Some((video, at, row)) = public.and_then(of) else {
        return Err(OperationError::Input(format!(
            "run {run} is not public on YouTube\n  hint: say it when the comment is pinned under the published video"
        )));
    };
    let script: Script = office.read(&head, StageName::Script).await?;
    let Some(new) = tried(&script, true).into_iter().next().map(|tried| begun(tried, &row, &video, day)) else {
        return Ok(Pinned::Nothing);
    };
    let records = office.records.as_ref();
    let mut known = kpi::experiments(records, &row.channel).await?.into_iter();
    if let Some(old) = known.find(|one| one.video_id == new.video_id && one.experiment_type == new.experiment_type) {
        return Ok(Pinned::Already(old));
    }
    in_time(pacific_day(at)?, day)?;
    kpi::put_experiments(records, &row.channel, std::slice::from_ref(&new)).await?;
    Ok(Pinned::Begun(new))
}

/// Whether what a person did to a video on a day can still be told from its figures.
fn in_time(published: Date, day: Date) -> Result<(), OperationError> {
    let age = day.since(published).map_or(0, |span| span.get_days());
    let late = kpi_law().baseline.ages.first().map_or(0, |(_, last)| *last);
    if (0..=late).contains(&age) {
        return Ok(());
    }
    let why = if age < 0 {
        format!("{day} is before the video was published, {published}")
    } else {
        format!(
            "{day} is {age} days after the video was published: past day {late} most have watched without the comment"
        )
    };
    Err(OperationError::Input(format!(
        "{why}\n  hint: name the day with --day; a comment pinned later is no experiment"
    )))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    fn script(others: &[&str]) -> Script {
        let text = |text: &str| json!([{"text": text}]);
        let obeyed =
            |kind: &str| json!({"order": format!("2026-10-01#{kind}"), "kind": kind, "how": "as the order says"});
        serde_json::from_value(json!({
            "writer": "embedded 1.0.0", "scenes": [], "titles": [text("Second"), text("First")], "thumbnails": [],
            "hooks": [text("Which one?")], "description": [], "tags": [], "chapters": [],
            "pinned_comment": text("What would you have guessed?"),
            "other_comments": others.iter().map(|other| text(other)).collect::<Vec<_>>(),
            "ai_disclosure": "", "disclaimer": "", "obeyed": [obeyed("packaging"), obeyed("hook"), obeyed("script")],
        }))
        .unwrap()
    }

    #[test]
    fn a_comment_is_tried_from_when_it_is_pinned_and_the_rest_from_publishing() {
        let kinds = |by_hand| tried(&script(&["Which surprised you?"]), by_hand).into_iter().map(|(what, ..)| what);
        let published: Vec<_> = kinds(false).collect();
        assert_eq!(published, [ExperimentType::Title, ExperimentType::Thumbnail, ExperimentType::Hook]);
        assert_eq!(
            tried(&script(&["Which surprised you?"]), true),
            [(
                ExperimentType::PinnedComment,
                vec!["What would you have guessed?".to_owned(), "Which surprised you?".to_owned()],
                "2026-10-01#script".to_owned()
            )]
        );
        assert!(tried(&script(&[]), true).is_empty(), "nothing else could be said");
    }

    #[test]
    fn a_comment_pinned_too_late_is_no_experiment() {
        let published = date(2026, 10, 5);
        let last = kpi_law().baseline.ages[0].1;
        let after =
            |days: i32| in_time(published, published.checked_add(jiff::Span::new().days(days)).unwrap()).is_ok();
        assert_eq!([after(0), after(last), after(last + 1), after(-1)], [true, true, false, false]);
    }
}
