//! The weekly and the monthly page: made from the records, kept in the blobs, found again.
//!
//! | pk | sk | row |
//! |---|---|---|
//! | `reports#<channel>` | `week-2026-11-23`, `month-2026-11` | [`Kept`], its files under `reports/<channel>/<digest>` in the blobs |
//!
//! A report of the same period that is made again replaces the row; the bytes of the older one stay.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use proofreel_insight::baseline::{self, Of};
use proofreel_insight::figures::ByVideo;
use proofreel_insight::report::{self, Document, Monthly, Topic, Weekly};
use proofreel_insight::{budget, phase, sli, totals};
use proofreel_model::channel::ChannelProfile;
use proofreel_model::digest::BlobRef;
use proofreel_model::film::Film;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::records::RunHead;
use proofreel_model::stage::StageName;
use proofreel_model::topic::{ScoredTopic, TopicCandidates, TopicScores, TopicSelection};
use proofreel_ports::{Condition, Item};
use proofreel_publishing::{Publication, PublishState, shown_state};
use serde::{Deserialize, Serialize};

use crate::measure::pacific_today;
use crate::shelf::Shelf;
use crate::{Office, OperationError, governance};

/// The policy that a proposal patches, as this program was built with it.
const POLICY: &str = include_str!("../../../specs/policy/kpi.toml");
/// What the file is called that holds a month against all that is free.
const BUDGET: &str = "budget.md";
/// Topics that a weekly report names.
const TOPICS: usize = 5;

/// Of what time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From Monday to Sunday.
    Weekly,
    /// A calendar month.
    Monthly,
}

/// In what form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Markdown.
    Markdown,
    /// HTML with charts.
    Html,
    /// Plain text, for mail.
    Plain,
}

impl Form {
    /// Ending of its file.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Plain => "txt",
        }
    }
}

/// A report that was made, and is not kept yet.
#[derive(Clone, Debug)]
pub struct Made {
    /// Channel.
    pub channel: ChannelId,
    /// Of what time.
    pub period: Period,
    /// Its first day.
    pub from: Date,
    /// `week-2026-11-23` or `month-2026-11`.
    pub name: String,
    /// What it says.
    pub document: Document,
    /// Its files, name and text: the page in three forms; for a month the whole budget, and perhaps a patch of the policy and a draft
    /// ADR.
    pub files: Vec<(String, String)>,
}

impl Made {
    /// The page in one form.
    pub fn page(&self, form: Form) -> &str {
        let name = format!("{}.{}", self.name, form.ending());
        self.files.iter().find(|(file, _)| *file == name).map_or("", |(_, text)| text)
    }
}

/// A report that is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Channel.
    pub channel: ChannelId,
    /// Of what time.
    pub period: Period,
    /// Its first day.
    pub from: Date,
    /// `week-2026-11-23` or `month-2026-11`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What one must know, one sentence each.
    pub summary: Vec<String>,
    /// Words on the page.
    pub words: usize,
    /// When it was made.
    pub made_at: Timestamp,
    /// Its files by name.
    pub files: BTreeMap<String, BlobRef>,
}

/// Makes the report of the week or month that holds `day`; without one, of the last whole week or month. `others` are the
/// profiles of all channels.
///
/// # Errors
/// The records or blobs.
pub async fn make(
    office: &Office,
    profile: &ChannelProfile,
    others: &[ChannelProfile],
    period: Period,
    day: Option<Date>,
) -> Result<Made, OperationError> {
    let today = pacific_today(office.clock.as_ref())?;
    let ago = if period == Period::Weekly { 7.days() } else { 1.month() };
    let day = day.unwrap_or_else(|| today.saturating_sub(ago));
    let (from, last) = match period {
        Period::Weekly => (sli::monday(day), sli::monday(day).saturating_add(6.days())),
        Period::Monthly => (day.first_of_month(), day.last_of_month()),
    };
    let shelf = Shelf::read(office.records.as_ref(), profile.clone(), others, today.min(last)).await?;
    let (name, document, extra) = match period {
        Period::Weekly => (format!("week-{from}"), weekly(office, &shelf, from).await?, Vec::new()),
        Period::Monthly => {
            let mut profiles: Vec<ChannelProfile> = others.iter().filter(|one| one.id != profile.id).cloned().collect();
            profiles.push(profile.clone());
            let name = format!("month-{}", from.strftime("%Y-%m"));
            let budget = crate::month::budget(office, &profiles, from).await?;
            let (document, extra) = monthly(office, &shelf, from, (&budget, &format!("{name}-{BUDGET}"))).await?;
            (name, document, extra)
        }
    };
    let mut files = vec![
        (format!("{name}.{}", Form::Markdown.ending()), report::markdown(&document)),
        (format!("{name}.{}", Form::Html.ending()), report::html(&document)),
        (format!("{name}.{}", Form::Plain.ending()), report::plain(&document)),
    ];
    let document_json = serde_json::to_string(&document)
        .map_err(|error| OperationError::Unreadable { what: format!("report {name}"), why: error.to_string() })?;
    files.push((format!("{name}.json"), document_json));
    files.extend(extra.into_iter().map(|(what, text)| (format!("{name}-{what}"), text)));
    Ok(Made { channel: profile.id.clone(), period, from, name, document, files })
}

/// Keeps a report: its files first, its row last.
///
/// # Errors
/// The blobs or the records.
pub async fn keep(office: &Office, made: &Made) -> Result<Kept, OperationError> {
    let mut files = BTreeMap::new();
    for (name, text) in &made.files {
        let blob = office.blobs.store(&format!("reports/{}", made.channel), text.as_bytes()).await?;
        files.insert(name.clone(), blob);
    }
    let kept = Kept {
        channel: made.channel.clone(),
        period: made.period,
        from: made.from,
        name: made.name.clone(),
        title: made.document.title.clone(),
        summary: made.document.summary.clone(),
        words: made.document.words(),
        made_at: office.clock.now(),
        files,
    };
    let body = serde_json::to_value(&kept).map_err(|error| OperationError::Unreadable {
        what: format!("report {}", made.name),
        why: error.to_string(),
    })?;
    let item = Item { pk: partition(&made.channel), sk: made.name.clone(), body };
    office.records.put(item, Condition::None).await?;
    Ok(kept)
}

/// The reports of a channel that are kept, newest period first.
///
/// # Errors
/// The records.
pub async fn list(office: &Office, channel: &ChannelId) -> Result<Vec<Kept>, OperationError> {
    let mut kept: Vec<Kept> = Vec::new();
    for item in office.records.query(&partition(channel), "").await? {
        kept.push(serde_json::from_value(item.body).map_err(|error| OperationError::Unreadable {
            what: format!("report {} of {channel}", item.sk),
            why: error.to_string(),
        })?);
    }
    kept.sort_by(|a, b| (b.from, &b.name).cmp(&(a.from, &a.name)));
    Ok(kept)
}

/// One form of a kept report. The HTML has no script and asks nobody for anything; texts of strangers are escaped in it.
///
/// # Errors
/// It has no such form, or the blobs.
pub async fn read(office: &Office, kept: &Kept, form: Form) -> Result<String, OperationError> {
    let name = format!("{}.{}", kept.name, form.ending());
    let blob = kept.files.get(&name).ok_or_else(|| {
        OperationError::Input(format!("report {} has no file {name}\n  hint: make it again", kept.name))
    })?;
    let bytes = office.blobs.fetch(blob).await?;
    String::from_utf8(bytes).map_err(|error| OperationError::Unreadable { what: name, why: error.to_string() })
}

/// What a kept report says, for whoever lays it out anew; none of a report that was kept before that was.
///
/// # Errors
/// The blobs, or bytes that are no such document.
pub async fn document(office: &Office, kept: &Kept) -> Result<Option<Document>, OperationError> {
    let name = format!("{}.json", kept.name);
    let Some(blob) = kept.files.get(&name) else { return Ok(None) };
    let bytes = office.blobs.fetch(blob).await?;
    let read = serde_json::from_slice(&bytes);
    read.map(Some).map_err(|error| OperationError::Unreadable { what: name, why: error.to_string() })
}

fn partition(channel: &ChannelId) -> String {
    format!("reports#{channel}")
}

async fn weekly(office: &Office, shelf: &Shelf, week: Date) -> Result<Document, OperationError> {
    let sunday = week.saturating_add(6.days());
    let videos = ByVideo::of(&shelf.cards, &shelf.snapshots);
    let of = Of { channel: &shelf.profile.id, kind: shelf.profile.kind, today: shelf.today };
    let baselines = baseline::all(of, &videos);
    let mut levels = sli::levels(&shelf.attempts);
    levels.retain(|level| level.week == week);
    let incidents: Vec<_> = shelf
        .incidents
        .iter()
        .filter(|(_, incident)| incident.channel.as_ref().is_none_or(|channel| *channel == shelf.profile.id))
        .cloned()
        .collect();
    let bounds = governance::bounds(&shelf.profile, &shelf.recalibrations, shelf.today);
    let (decision, why) = governance::judged(&governance::compared(&videos, shelf.today).1, &bounds);
    let minutes = minutes(office, shelf).await?;
    let mut held = shelf.held();
    held.extend(films(office, shelf).await?);
    Ok(report::weekly(&Weekly {
        channel: &shelf.profile.id,
        name: &shelf.profile.name,
        week,
        cards: &shelf.cards,
        videos: &videos,
        baselines: &baselines,
        orders: &shelf.orders,
        decision,
        why: &why,
        totals: (&totals::of_channel(&shelf.snapshots, week, sunday), &totals::usual_week(&shelf.snapshots, week)),
        levels: &levels,
        costs: &shelf.costs(week, sunday, &minutes),
        providers: &shelf.providers(week, sunday),
        incidents: &incidents,
        held: &held,
        topics: &topics(office, shelf, sunday).await?,
        criteria: &shelf.criteria(),
        forecast: Some(&shelf.forecast()),
    }))
}

/// The document of a month, and the files that lie beside it.
async fn monthly(
    office: &Office,
    shelf: &Shelf,
    month: Date,
    budget: (&budget::Month, &str),
) -> Result<(Document, Vec<(&'static str, String)>), OperationError> {
    let last = month.last_of_month();
    let videos = ByVideo::of(&shelf.cards, &shelf.snapshots);
    let of = Of { channel: &shelf.profile.id, kind: shelf.profile.kind, today: shelf.today };
    let baselines = baseline::all(of, &videos);
    let proposal = report::proposal(&shelf.profile.id, shelf.profile.kind, shelf.today, &baselines, POLICY);
    let incidents: Vec<_> = shelf
        .incidents
        .iter()
        .filter(|(_, incident)| (month..=last).contains(&incident.created_at.to_zoned(TimeZone::UTC).date()))
        .cloned()
        .collect();
    let revenue = phase::revenue_by_month(&shelf.snapshots, shelf.today);
    let before = month.saturating_sub(1.month());
    let minutes = minutes(office, shelf).await?;
    let document = report::monthly(&Monthly {
        channel: &shelf.profile.id,
        name: &shelf.profile.name,
        month,
        cards: &shelf.cards,
        videos: &videos,
        baselines: &baselines,
        orders: &shelf.orders,
        costs: &shelf.costs(month, last, &minutes),
        incidents: &incidents,
        revenue: revenue.get(&month),
        totals: (
            &totals::of_channel(&shelf.snapshots, month, last),
            &totals::of_channel(&shelf.snapshots, before, before.last_of_month()),
        ),
        recalibrations: &shelf.recalibrations,
        experiments: &shelf.experiments,
        criteria: &shelf.criteria(),
        forecast: Some(&shelf.forecast()),
        proposal: proposal.as_ref(),
        budget: Some(budget),
    });
    let mut extra = vec![(BUDGET, report::markdown(&budget::document(budget.0)))];
    extra.extend(proposal.into_iter().flat_map(|one| [("policy.patch", one.patch), ("adr-draft.md", one.adr)]));
    Ok((document, extra))
}

/// Length of each run's film, minutes.
async fn minutes(office: &Office, shelf: &Shelf) -> Result<BTreeMap<RunId, f64>, OperationError> {
    let mut minutes = BTreeMap::new();
    for head in shelf.heads.iter().filter(|head| head.artifacts.contains_key(&StageName::Render)) {
        match office.read::<Film>(head, StageName::Render).await {
            Ok(film) => drop(minutes.insert(head.run_id.clone(), f64::from(film.duration_ms) / 60_000.0)),
            Err(error) if error.is_retryable() => return Err(error),
            // A film of another version, or one that is gone, has no length that could be read; its cost stands all the same.
            Err(_) => {}
        }
    }
    Ok(minutes)
}

/// Films that wait for a person: for a decision, or because publishing stopped at them.
async fn films(office: &Office, shelf: &Shelf) -> Result<Vec<(String, String)>, OperationError> {
    let rows = office.ledger().of_channel(&shelf.profile.id).await?;
    let why = |row: &Publication| match row.state {
        PublishState::AwaitingApproval => Some("its film is to be approved or rejected".to_owned()),
        PublishState::PublishLocked | PublishState::Failed => {
            let problem =
                row.problem.as_deref().and_then(|text| text.lines().next()).unwrap_or("no reason was recorded");
            Some(format!("{}: {problem}", shown_state(row.state)))
        }
        _ => None,
    };
    Ok(rows.iter().filter_map(|row| Some((row.run.to_string(), why(row)?))).collect())
}

/// Topics of the newest scoring that were neither taken nor refused, best first: what the next week may be about.
async fn topics(office: &Office, shelf: &Shelf, last: Date) -> Result<Vec<Topic>, OperationError> {
    let known = |head: &&RunHead| head.created_at.to_zoned(TimeZone::UTC).date() <= last;
    for head in shelf.heads.iter().filter(known) {
        let Some(blob) = head.artifacts.get(&StageName::TopicScoring) else { continue };
        let selection: TopicSelection = office.read(head, StageName::TopicScoring).await?;
        // Titles are the planner's; where its artifact cannot be read any more the id stands.
        let candidates = match office.read::<TopicCandidates>(head, StageName::Planner).await {
            Ok(candidates) => candidates.topic_candidates,
            Err(error) if error.is_retryable() => return Err(error),
            Err(_) => Vec::new(),
        };
        let title = |topic: &ScoredTopic| {
            let of = candidates.iter().find(|candidate| candidate.topic_id == topic.topic_id);
            of.map_or_else(|| topic.topic_id.to_string(), |candidate| candidate.title.clone())
        };
        let scores = |of: &TopicScores| {
            [
                of.audience_fit,
                of.novelty,
                of.monetization_potential,
                of.evidence_availability,
                of.production_feasibility,
            ]
        };
        let left =
            selection.scored.iter().filter(|topic| topic.topic_id != selection.selected && topic.refused.is_none());
        return Ok(left
            .take(TOPICS)
            .map(|topic| Topic {
                topic: title(topic),
                score: topic.total,
                scores: scores(&topic.scores),
                cite: blob.key.clone(),
            })
            .collect());
    }
    Ok(Vec::new())
}
