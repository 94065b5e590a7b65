//! `/runs`: the newest runs.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use futures::future::join_all;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::console_law;
use proofreel_pipeline::{UnreadableRun, list_runs};
use proofreel_publishing::Publication;

use super::RunLine;
use crate::Shared;
use crate::answer::{Fault, Frame, page};
use crate::form::Fields;
use crate::visitor::Visitor;

/// Artifacts that are read at once.
const AT_ONCE: usize = 10;

#[derive(Template)]
#[template(path = "runs.html")]
struct Runs {
    frame: Frame,
    runs: Vec<RunLine>,
    channels: Vec<(String, String)>,
    channel: String,
    unreadable: Vec<UnreadableRun>,
}

pub async fn show(
    State(shared): State<Shared>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let office = &shared.office;
    let fields = Fields::read(query.unwrap_or_default().as_bytes(), console_law().form.fields)
        .ok_or(Fault::Bad("A parameter came twice, or there are too many."))?;
    let wanted = fields.filled("channel").map(ChannelId::from);
    let list = list_runs(office.records.as_ref(), console_law().page.runs).await?;
    let mut heads = list.heads;
    heads.retain(|head| visitor.sees(&head.channel) && wanted.as_ref().is_none_or(|id| *id == head.channel));
    let mut unreadable = super::unreadable(&visitor, list.unreadable);
    unreadable.retain(|run| wanted.is_none() || run.channel == wanted);
    let mut rows: BTreeMap<RunId, Publication> = BTreeMap::new();
    for channel in heads.iter().map(|head| &head.channel).collect::<std::collections::BTreeSet<_>>() {
        rows.extend(office.ledger().of_channel(channel).await?.into_iter().map(|row| (row.run.clone(), row)));
    }
    let mut runs = Vec::new();
    for some in heads.chunks(AT_ONCE) {
        runs.extend(join_all(some.iter().map(|head| RunLine::of(office, head, rows.get(&head.run_id)))).await);
    }
    let channels = visitor.channels().map(|profile| (profile.id.to_string(), profile.name.clone())).collect();
    let channel = wanted.map(|id| id.to_string()).unwrap_or_default();
    Ok(page(StatusCode::OK, &Runs { frame: Frame::of(&visitor, "runs"), runs, channels, channel, unreadable }))
}
