//! What happened, in words and with a way to it.

use proofreel_model::digest::Digest;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::incident::Page;
use proofreel_model::notices::About;
use proofreel_publishing::{Publication, PublishState};
use serde::{Deserialize, Serialize};

use crate::reports::{Form, Made};
use crate::{Office, OperationError};

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Names it: the same key is told once.
    pub key: String,
    /// What it is about.
    pub about: About,
    /// Channel it concerns, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// One line.
    pub title: String,
    /// The rest.
    pub text: String,
    /// Where to go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// True when it says that something is over.
    #[serde(default)]
    pub resolved: bool,
    /// What it belongs to.
    pub cause: String,
}

impl Event {
    /// A page: its words make it this one and no other.
    pub fn of_page(page: &Page, console: Option<&str>) -> Self {
        let words = Digest::of(format!("{}\n{}\n{}", page.title, page.text, page.resolved).as_bytes());
        let revision = page.cause.starts_with("revision#");
        // `kind#channel…`, or `kind#run…`, which the teller looks up.
        let channel = page.cause.split('#').nth(1).filter(|name| !name.is_empty()).map(ChannelId::from);
        Self {
            key: format!("page#{}#{}", page.cause, words.short()),
            about: if revision { About::Revision } else { About::Page },
            channel,
            title: page.title.clone(),
            text: page.text.clone(),
            link: console.map(|console| format!("{console}/incidents")),
            resolved: page.resolved,
            cause: page.cause.clone(),
        }
    }

    /// A report that was made: its whole page for mail, of which a chat shows the beginning.
    pub fn of_report(made: &Made, console: Option<&str>) -> Self {
        let channel = &made.channel;
        Self {
            key: format!("report#{channel}#{}", made.name),
            about: About::Report,
            channel: Some(channel.clone()),
            title: made.document.title.clone(),
            text: made.page(Form::Plain).to_owned(),
            link: console.map(|console| format!("{console}/channels/{channel}")),
            resolved: false,
            cause: format!("report#{channel}"),
        }
    }

    /// A trial.
    pub(super) fn trial(console: Option<&str>) -> Self {
        Self {
            key: "trial".into(),
            about: About::Decision,
            channel: None,
            title: "Proofreel can reach you".into(),
            text: "This is a trial: `proofreel notices test` sent it. Nothing happened and nothing is to be done."
                .into(),
            link: console.map(str::to_owned),
            resolved: false,
            cause: "trial".into(),
        }
    }

    /// The words as a page.
    pub(super) fn page(&self) -> Page {
        Page { title: self.title.clone(), text: self.text.clone(), resolved: self.resolved, cause: self.cause.clone() }
    }
}

/// Where a run's decision is made on the console. A run's name has no sign that an address would take amiss.
fn at_the_decision(console: &str, run: &RunId) -> Option<String> {
    let plain = run.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain.then(|| format!("{console}/runs/{run}#decision"))
}

/// What a publication is to tell: a film that waits, or one that was taken back.
pub(super) async fn of_publication(
    office: &Office,
    row: &Publication,
    console: Option<&str>,
) -> Result<Option<Event>, OperationError> {
    let run = &row.run;
    let title = async || match office.candidate(run).await {
        Ok(candidate) => Ok(candidate.film.metadata.title),
        Err(error) if error.is_retryable() => Err(error),
        // A film that cannot be read is told by its run.
        Err(_) => Ok(run.to_string()),
    };
    let event = |about: About, key: String, title: String, text: String| Event {
        key,
        about,
        channel: Some(row.channel.clone()),
        title,
        text,
        link: console.and_then(|console| at_the_decision(console, run)),
        resolved: false,
        cause: format!("{}#{run}", about.as_str()),
    };
    match (row.state, &row.retraction) {
        (PublishState::AwaitingApproval, _) => {
            let title = title().await?;
            let text = format!(
                "“{title}” of channel {} is finished and waits for a person.\nRun: {run}\nDecide: proofreel approve {run}, or proofreel reject {run}",
                row.channel
            );
            let key = format!("decision#{run}#{}", row.film.short());
            Ok(Some(event(About::Decision, key, format!("a film waits for your decision: {title}"), text)))
        }
        (PublishState::Retracted, Some(retraction)) => {
            let title = title().await?;
            let text = format!(
                "“{title}” of channel {} was taken back by {}.\nReason: {}\nRun: {run}\nThe correction to post: proofreel dossier {run}",
                row.channel, retraction.by, retraction.reason
            );
            Ok(Some(event(
                About::Retraction,
                format!("retraction#{run}"),
                format!("a film was taken back: {title}"),
                text,
            )))
        }
        _ => Ok(None),
    }
}
