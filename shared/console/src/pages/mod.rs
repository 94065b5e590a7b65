//! The pages, one file each.

pub mod assets;
pub mod channel;
pub mod decide;
pub mod dossier;
pub mod edit;
pub mod episode;
pub mod files;
pub mod home;
pub mod incidents;
pub mod reports;
pub mod runs;
pub mod sign_in;
pub mod work;

use proofreel_model::records::{RunHead, RunState};
use proofreel_model::stage::StageName;
use proofreel_operations::Office;
use proofreel_pipeline::UnreadableRun;
use proofreel_publishing::{Publication, PublishState, shown_state};
use serde_json::Value;

use crate::visitor::Visitor;

/// A run on one line of a list.
#[derive(Clone, Debug)]
pub struct RunLine {
    /// Its id.
    pub run: String,
    /// Its channel.
    pub channel: String,
    /// Title, or topic before there is one.
    pub title: String,
    /// Where it is.
    pub state: String,
    /// How the state is coloured: `good`, `bad`, `open` or nothing.
    pub mood: &'static str,
    /// When it was ordered.
    pub ordered: String,
    /// Its stages, and how far they are in words.
    pub stages: Vec<Mark>,
    pub progress: String,
}

/// A stage on the timeline of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where its bar begins, of 70.
    pub x: usize,
    /// How it is coloured: `good`, `bad`, `open` or nothing before it was done.
    pub mood: &'static str,
}

/// The stages of a run as marks, and in words.
fn stages(head: &RunHead) -> (Vec<Mark>, String) {
    let at = match &head.state {
        RunState::Running { stage } | RunState::Held { stage, .. } => Some((*stage, "open")),
        RunState::Rejected { stage, .. } | RunState::Failed { stage, .. } => Some((*stage, "bad")),
        RunState::Done | RunState::Stopped { .. } => None,
    };
    let mood = |stage: StageName| match at {
        Some((here, mood)) if here == stage => mood,
        _ if head.artifacts.contains_key(&stage) => "good",
        _ => "",
    };
    let marks: Vec<Mark> =
        StageName::CHAIN.iter().enumerate().map(|(n, stage)| Mark { x: n * 10, mood: mood(*stage) }).collect();
    let done = marks.iter().filter(|mark| mark.mood == "good").count();
    let here = at.map(|(stage, _)| format!(", at {stage}")).unwrap_or_default();
    (marks, format!("{done} of {} stages done{here}", StageName::CHAIN.len()))
}

/// Runs that the person may see of those whose rows cannot be read: of a channel that is not named, whoever sees any.
pub fn unreadable(visitor: &Visitor, runs: Vec<UnreadableRun>) -> Vec<UnreadableRun> {
    let anything = visitor.at_the_machine || visitor.channels().next().is_some();
    runs.into_iter().filter(|run| run.channel.as_ref().map_or(anything, |channel| visitor.sees(channel))).collect()
}

impl RunLine {
    /// Reads what a list shows of a run.
    pub async fn of(office: &Office, head: &RunHead, publication: Option<&Publication>) -> Self {
        let (state, mood) = state(head, publication);
        let (stages, progress) = stages(head);
        Self {
            stages,
            progress,
            run: head.run_id.to_string(),
            channel: head.channel.to_string(),
            title: title(office, head).await,
            state,
            mood,
            ordered: head.created_at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        }
    }
}

/// True when the run's film waits for a person's decision.
pub fn waits(head: &RunHead, publication: Option<&Publication>) -> bool {
    let Some(film) = head.artifacts.get(&StageName::Render) else { return false };
    let fit = !head.draft && head.state == RunState::Done;
    fit && publication.is_none_or(|row| match row.state {
        PublishState::AwaitingApproval => true,
        PublishState::Approved | PublishState::Rejected => row.film != film.digest,
        _ => false,
    })
}

/// Where a run is, in words, and how that is coloured.
pub fn state(head: &RunHead, publication: Option<&Publication>) -> (String, &'static str) {
    match &head.state {
        RunState::Running { stage } => (format!("at {stage}"), ""),
        RunState::Stopped { after } => (format!("stopped after {after}"), "open"),
        RunState::Held { stage, .. } => (format!("held at {stage}"), "open"),
        RunState::Rejected { stage, .. } => (format!("refused by {stage}"), "bad"),
        RunState::Failed { stage, .. } => (format!("failed at {stage}"), "bad"),
        RunState::Done if head.draft => ("draft".into(), ""),
        RunState::Done if waits(head, publication) => ("awaiting approval".into(), "open"),
        RunState::Done => match publication {
            Some(row) => (shown_state(row.state).into(), mood(row.state)),
            None => ("done".into(), "good"),
        },
    }
}

fn mood(state: PublishState) -> &'static str {
    match state {
        PublishState::Approved | PublishState::Published => "good",
        PublishState::AwaitingApproval | PublishState::Publishing => "open",
        PublishState::Failed | PublishState::PublishLocked | PublishState::Rejected | PublishState::Retracted => "bad",
    }
}

/// Title of the script, else the topic. A list has no use for a fault of one run, so one that cannot be read has no title.
async fn title(office: &Office, head: &RunHead) -> String {
    let read = async |stage: StageName| {
        let blob = head.artifacts.get(&stage)?;
        serde_json::from_slice::<Value>(&office.blobs.fetch(blob).await.ok()?).ok()
    };
    if let Some(script) = read(StageName::Script).await
        && let Some(spans) = script.pointer("/titles/0").and_then(Value::as_array)
    {
        return spans.iter().filter_map(|span| span.get("text").and_then(Value::as_str)).collect();
    }
    if let Some(selection) = read(StageName::TopicScoring).await
        && let Some(topic) = selection.get("selected").and_then(Value::as_str)
    {
        return topic.to_owned();
    }
    "no topic yet".into()
}
