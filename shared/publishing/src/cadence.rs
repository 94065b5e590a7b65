//! How often a channel publishes: a sweep that catches up must not flood it.

use jiff::{SignedDuration, Timestamp};
use proofreel_model::ids::RunId;
use proofreel_model::policy::publishing::CadenceLaw;

use crate::publication::{Publication, PublishState};

/// When the next film may go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CadenceWait {
    /// From then on.
    pub until: Timestamp,
    /// Which rule.
    pub why: String,
}

/// When a row's film became or will become public. A film whose upload is under way counts from its last change.
fn moment(row: &Publication, under_way: bool) -> Option<Timestamp> {
    let planned = row.approval.as_ref().and_then(|approval| approval.publish_at);
    match row.state {
        PublishState::Published | PublishState::PublishLocked | PublishState::Retracted => {
            row.published_at.max(planned)
        }
        PublishState::Publishing if under_way => Some(planned.unwrap_or(row.updated_at)),
        _ => None,
    }
}

/// What the cadence says to a film of `run` that would be public at `when`; nothing when it may. `under_way` counts films
/// whose upload has begun too: asked before an upload; not asked before it is made public, where they would wait for
/// each other.
pub fn cadence(
    rows: &[Publication],
    run: &RunId,
    when: Timestamp,
    law: &CadenceLaw,
    per_week: Option<u32>,
    under_way: bool,
) -> Option<CadenceWait> {
    let week = SignedDuration::from_hours(7 * 24);
    let gap = SignedDuration::from_hours(i64::from(law.least_hours_between));
    let most = per_week.unwrap_or(law.uploads_per_week);
    let mut moments: Vec<Timestamp> =
        rows.iter().filter(|row| row.run != *run).filter_map(|row| moment(row, under_way)).collect();
    moments.sort();
    let near = moments.iter().copied().filter(|moment| moment.duration_since(when).abs() < gap);
    if let Some(last) = near.max() {
        let why = format!("another film of the channel goes public within {} hours", law.least_hours_between);
        return Some(CadenceWait { until: last + gap, why });
    }
    let recent: Vec<Timestamp> =
        moments.into_iter().filter(|moment| *moment <= when && *moment > when - week).collect();
    if recent.len() >= most as usize {
        // Once the oldest of the last `most` has left the window.
        let oldest = recent[recent.len() - most as usize];
        let why = format!("{} films within seven days, {most} are allowed", recent.len());
        return Some(CadenceWait { until: oldest + week, why });
    }
    None
}
