//! The channel's recent episodes, which a new one must not resemble.

use jiff::civil::Date;
use proofreel_model::brief::ResearchBrief;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::policy::Policy;
use proofreel_model::print::{self, EpisodePrint};
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_pipeline::list_runs;

use crate::episode;
use crate::exit::Failure;
use crate::state::Workshop;

/// `--compare-with all`.
const ALL: &str = "all";

/// Prints of the episodes that a new one is compared with, newest first: the published ones, and those of the runs
/// named by `--compare-with`.
///
/// A run of `all` counts when it belongs to the channel, is finished and no draft, and its day lies inside the
/// channel's recent window; so many as `qa.sameness.recent_episodes` are taken.
pub async fn episodes(
    workshop: &Workshop,
    channel: &ChannelProfile,
    as_of: Date,
    compare_with: &[String],
) -> Result<Vec<EpisodePrint>, Failure> {
    let heads = list_runs(&workshop.store).await?;
    let every = compare_with.iter().any(|name| name == ALL);
    for name in compare_with.iter().filter(|name| *name != ALL) {
        if !heads.iter().any(|head| head.run_id == RunId::from(name.as_str())) {
            return Err(Failure::input(format!(
                "--compare-with: there is no run {name}\n  hint: see `proofreel runs`"
            )));
        }
    }
    let mut found: Vec<(Date, RunId, EpisodePrint)> = Vec::new();
    for head in &heads {
        let named = compare_with.iter().any(|name| RunId::from(name.as_str()) == head.run_id);
        let own = head.channel == channel.id && matches!(head.state, RunState::Done) && !head.draft;
        if !(named || (own && (every || published(head)))) {
            continue;
        }
        let order: Order = episode::read(workshop, &head.order).await?;
        let age = as_of.since(order.as_of).map_or(i64::MAX, |span| i64::from(span.get_days()));
        if !named && !(0..=i64::from(channel.governance.recent_days)).contains(&age) {
            continue;
        }
        let print = of(workshop, head).await?;
        match print {
            Some(print) => found.push((order.as_of, head.run_id.clone(), print)),
            None if named => {
                return Err(Failure::input(format!(
                    "--compare-with: run {} has no script\n  hint: name a run that got as far as the script",
                    head.run_id
                )));
            }
            None => {}
        }
    }
    found.sort_by(|a, b| (b.0, &b.1).cmp(&(a.0, &a.1)));
    found.truncate(Policy::embedded().qa.sameness.recent_episodes);
    Ok(found.into_iter().map(|(.., print)| print).collect())
}

/// True for a run that went beyond its film. The chain of this version ends with render, so none has: the same
/// command gives the same episode however often it is repeated.
fn published(head: &RunHead) -> bool {
    head.artifacts.keys().any(|stage| *stage > StageName::Render)
}

/// The print of a run's episode, when it got as far as a script.
async fn of(workshop: &Workshop, head: &RunHead) -> Result<Option<EpisodePrint>, Failure> {
    let brief: Option<ResearchBrief> = episode::artifact(workshop, head, StageName::Research).await?;
    let scenes: Option<Scenes> = episode::artifact(workshop, head, StageName::SceneBuilder).await?;
    let script: Option<Script> = episode::artifact(workshop, head, StageName::Script).await?;
    Ok(match (brief, scenes, script) {
        (Some(brief), Some(scenes), Some(script)) => Some(print::of(&brief.topic.topic_id, &scenes, &script)),
        _ => None,
    })
}
