//! Slots: when an episode was due, and whether it was in its promised state at its deadline.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::slo_law;
use proofreel_model::records::{RunHead, RunState};
use serde::Serialize;

use crate::sli::monday;

/// How a slot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotState {
    /// In its promised state by its deadline.
    Good,
    /// Not in it at its deadline.
    Breached,
    /// Its deadline has not come, or a person owns it, or the owner paused it: neither counts nor resets.
    Open,
}

/// One slot of a channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Slot {
    /// Channel.
    pub channel: ChannelId,
    /// When it was due.
    pub due: Timestamp,
    /// How it stands.
    pub state: SlotState,
    /// Its run; none when none was ordered.
    pub run: Option<RunId>,
    /// Why it is breached, in words.
    pub why: String,
}

/// A run as slots see it.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotRun {
    /// Run.
    pub run: RunId,
    /// Channel.
    pub channel: ChannelId,
    /// Where it is.
    pub state: RunState,
    /// When it was ordered.
    pub ordered: Timestamp,
    /// When it last moved.
    pub moved: Timestamp,
}

impl SlotRun {
    /// What a head row tells; drafts fill no slot.
    pub fn of(head: &RunHead) -> Option<Self> {
        (!head.draft).then(|| Self {
            run: head.run_id.clone(),
            channel: head.channel.clone(),
            state: head.state.clone(),
            ordered: head.created_at,
            moved: head.updated_at,
        })
    }
}

/// Due times by the schedule of the batch, from `from` to `to`.
pub fn due_times(from: Date, to: Date) -> Vec<Timestamp> {
    let paging = &slo_law().paging;
    let mut week = monday(from);
    let mut due = Vec::new();
    while week <= to {
        for day in &paging.slot_days {
            let day = week.saturating_add(i64::from(*day).days());
            let time = Time::new(paging.slot_hour, 0, 0, 0).unwrap_or(Time::midnight());
            if (from..=to).contains(&day) {
                due.extend(day.to_datetime(time).to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp()));
            }
        }
        week = week.saturating_add(7.days());
    }
    due
}

/// Days on which the owner wants no episode: their slots neither count nor reset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Pause {
    /// Channel; all when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// First day, UTC.
    pub from: Date,
    /// Last day, UTC.
    pub until: Date,
}

impl Pause {
    fn holds(&self, slot: &Slot) -> bool {
        let day = slot.due.to_zoned(TimeZone::UTC).date();
        self.channel.as_ref().is_none_or(|channel| *channel == slot.channel) && (self.from..=self.until).contains(&day)
    }
}

/// The slots with those of paused days open.
pub fn without_paused(mut slots: Vec<Slot>, pauses: &[Pause]) -> Vec<Slot> {
    for slot in &mut slots {
        if pauses.iter().any(|pause| pause.holds(slot)) {
            (slot.state, slot.why) = (SlotState::Open, String::new());
        }
    }
    slots
}

/// Slots of a channel in order of due time. Without a schedule, each run is a slot of its own, due when it was ordered.
pub fn slots(channel: &ChannelId, runs: &[SlotRun], schedule: Option<&[Timestamp]>, now: Timestamp) -> Vec<Slot> {
    let deadline = slo_law().paging.deadline_minutes.minutes();
    let mut own: Vec<&SlotRun> = runs.iter().filter(|run| run.channel == *channel).collect();
    own.sort_by_key(|run| (run.ordered, run.run.clone()));
    let slot = |due: Timestamp, run: Option<&SlotRun>| {
        let until = due.saturating_add(deadline).unwrap_or(due);
        let (state, why) = judged(run, until, now);
        Slot { channel: channel.clone(), due, state, run: run.map(|run| run.run.clone()), why }
    };
    match schedule {
        None => own.into_iter().map(|run| slot(run.ordered, Some(run))).collect(),
        Some(due) => due
            .iter()
            .filter(|due| **due <= now)
            .map(|due| {
                let until = due.saturating_add(deadline).unwrap_or(*due);
                // The best run of the slot: an order that failed may have been followed by one that did not.
                let of = own.iter().filter(|run| *due <= run.ordered && run.ordered < until);
                slot(*due, of.max_by_key(|run| (matches!(run.state, RunState::Done), run.ordered)).copied())
            })
            .collect(),
    }
}

fn judged(run: Option<&SlotRun>, deadline: Timestamp, now: Timestamp) -> (SlotState, String) {
    let Some(run) = run else {
        let over = now >= deadline;
        let state = if over { SlotState::Breached } else { SlotState::Open };
        return (state, if over { "nothing was ordered".into() } else { String::new() });
    };
    match &run.state {
        RunState::Done if run.moved <= deadline => (SlotState::Good, String::new()),
        RunState::Done => (SlotState::Breached, "done only after its deadline".into()),
        // The clock stops while a person owns it, or stopped it.
        RunState::Held { .. } | RunState::Stopped { .. } => (SlotState::Open, String::new()),
        _ if now < deadline => (SlotState::Open, String::new()),
        RunState::Running { stage } => (SlotState::Breached, format!("still at {stage}")),
        RunState::Rejected { stage, .. } => (SlotState::Breached, format!("rejected by {stage}")),
        RunState::Failed { stage, .. } => (SlotState::Breached, format!("failed at {stage}")),
    }
}

/// The unbroken tail of breached slots, oldest first. Open slots neither count nor reset.
pub fn tail(slots: &[Slot]) -> Vec<&Slot> {
    let mut tail: Vec<&Slot> = slots
        .iter()
        .rev()
        .filter(|slot| slot.state != SlotState::Open)
        .take_while(|slot| slot.state == SlotState::Breached)
        .collect();
    tail.reverse();
    tail
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proofreel_model::stage::StageName;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn run(id: &str, ordered: &str, moved: &str, state: RunState) -> SlotRun {
        SlotRun { run: id.into(), channel: "demo".into(), state, ordered: at(ordered), moved: at(moved) }
    }

    fn failed() -> RunState {
        RunState::Failed { stage: StageName::Render, error: "disk".into() }
    }

    #[test]
    fn slots_are_due_on_monday_and_thursday_and_a_missing_run_is_a_breach() {
        let due = due_times(date(2026, 11, 2), date(2026, 11, 12));
        assert_eq!(due.len(), 4);
        let runs = [
            run("a", "2026-11-02T06:01:00Z", "2026-11-02T06:20:00Z", RunState::Done),
            run("b", "2026-11-05T06:01:00Z", "2026-11-05T19:00:00Z", RunState::Done),
            run("c", "2026-11-09T06:01:00Z", "2026-11-09T06:02:00Z", failed()),
        ];
        let slots = slots(&"demo".into(), &runs, Some(&due), at("2026-11-12T18:00:00Z"));
        let told: Vec<(SlotState, &str)> = slots.iter().map(|slot| (slot.state, slot.why.as_str())).collect();
        assert_eq!(
            told,
            [
                (SlotState::Good, ""),
                (SlotState::Breached, "done only after its deadline"),
                (SlotState::Breached, "failed at render"),
                (SlotState::Breached, "nothing was ordered"),
            ]
        );
        assert_eq!(tail(&slots).len(), 3);
    }

    #[test]
    fn what_a_person_owns_neither_counts_nor_resets() {
        let held = RunState::Held { stage: StageName::Qa, reason: "rewrites".into() };
        let runs = [
            run("a", "2026-11-02T06:00:00Z", "2026-11-02T06:01:00Z", failed()),
            run("b", "2026-11-05T06:00:00Z", "2026-11-05T06:01:00Z", held),
            run("c", "2026-11-09T06:00:00Z", "2026-11-09T06:01:00Z", failed()),
        ];
        let all = slots(&"demo".into(), &runs, None, at("2026-11-12T00:00:00Z"));
        assert_eq!(tail(&all).iter().map(|slot| slot.run.clone().unwrap().0).collect::<Vec<_>>(), ["a", "c"]);
        let early = slots(&"demo".into(), &runs, None, at("2026-11-09T07:00:00Z"));
        assert_eq!(tail(&early).len(), 1, "before its deadline a failed run may still be mended");
    }
}
