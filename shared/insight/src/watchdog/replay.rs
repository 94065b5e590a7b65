//! Scripted incidents, none of which may be missed, and quiet days, on none of which anybody may be called.

use std::collections::BTreeMap;

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use proofreel_model::records::{RunState, RunStatus};

use super::*;
use crate::sli::Attempt;
use crate::slots::{Pause, SlotRun, due_times};

const CHANNEL: &str = "demo";
const STAGES: [&str; 4] = ["research", "script", "render", "publish"];

/// A run log that is written forward in time, and the watchdog over it.
struct World {
    now: Timestamp,
    due: Vec<Timestamp>,
    runs: Vec<SlotRun>,
    attempts: Vec<Attempt>,
    pauses: Vec<Pause>,
    broken: Vec<Broken>,
    incidents: Vec<Incident>,
    pages: Vec<Page>,
    beat: Option<Timestamp>,
    random: fastrand::Rng,
}

/// How a slot goes.
#[derive(Clone, Copy, PartialEq)]
enum Goes {
    Well,
    /// After a failed attempt that was tried again.
    WithRetry,
    /// Shortly before its deadline.
    Late,
    AfterDeadline,
    Fails,
    Rejected,
    Hangs,
    Held,
    /// The scheduler is off, or the owner is on holiday.
    Nothing,
    PublishFails,
    /// Each stage needs longer than the objective, and repeats itself.
    Slowly,
    Repeating,
    /// A stage that runs once a slot needs longer than the objective.
    OneSlow,
}

impl World {
    fn new(seed: u64) -> Self {
        let now = date(2026, 1, 5).to_zoned(TimeZone::UTC).unwrap().timestamp();
        Self {
            now,
            due: Vec::new(),
            runs: Vec::new(),
            attempts: Vec::new(),
            pauses: Vec::new(),
            broken: Vec::new(),
            incidents: Vec::new(),
            pages: Vec::new(),
            beat: None,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    fn row(&mut self, run: &str, stage: &str, status: RunStatus, minutes: u64, at: Timestamp) {
        self.attempts.push(Attempt {
            channel: CHANNEL.into(),
            run: run.into(),
            stage: stage.into(),
            visit: 1,
            status,
            outcome: "advance".into(),
            error: (status == RunStatus::Failure).then(|| "the token was refused".into()),
            latency_ms: minutes * 60_000,
            cost_usd: 0.0,
            outside_calls: None,
            cache_hits: None,
            sent: None,
            rate_limited: None,
            at,
        });
    }

    /// The slot of this moment; what comes of it is written at once, dated as it would be.
    fn slot(&mut self, goes: Goes) -> RunId {
        let due = self.now;
        let run = format!("r{}", due.as_second());
        self.due.push(due);
        if goes == Goes::Nothing {
            return run.as_str().into();
        }
        let stage = |name: &str| name.parse().unwrap();
        let (state, after) = match goes {
            Goes::Late => (RunState::Done, 11.hours()),
            Goes::AfterDeadline => (RunState::Done, 13.hours()),
            Goes::Fails => (RunState::Failed { stage: stage("render"), error: "disk".into() }, 20.minutes()),
            Goes::Rejected => (RunState::Rejected { stage: stage("qa"), reasons: Vec::new() }, 20.minutes()),
            Goes::Hangs => (RunState::Running { stage: stage("render") }, 20.minutes()),
            Goes::Held => (RunState::Held { stage: stage("qa"), reason: "approval".into() }, 20.minutes()),
            _ => (RunState::Done, 30.minutes()),
        };
        let moved = due + after;
        self.runs.push(SlotRun { run: run.as_str().into(), channel: CHANNEL.into(), state, ordered: due, moved });
        // Several attempts a stage, so that a week has enough for a rate.
        for (at, name) in STAGES.iter().enumerate() {
            for part in 0..11u32 {
                let minutes = if goes == Goes::Slowly { 14 } else { 2 };
                let repeats = goes == Goes::Repeating && part % 3 == 0;
                let status = if repeats { RunStatus::Retry } else { RunStatus::Success };
                self.row(&run, name, status, minutes, due + (at as i64 * 5).minutes());
            }
        }
        let minutes = if goes == Goes::OneSlow { 14 } else { 2 };
        self.row(&run, "scene-builder", RunStatus::Success, minutes, due + 4.minutes());
        if goes == Goes::WithRetry {
            self.row(&run, "script", RunStatus::Retry, 1, due + 6.minutes());
        }
        if goes == Goes::PublishFails {
            self.row(&run, "publish", RunStatus::Failure, 1, due + 25.minutes());
        }
        run.as_str().into()
    }

    /// A look, whose beat an hourly watchdog would have left an hour ago unless it was silent.
    fn look(&mut self, beat: Option<Timestamp>) {
        self.beat = beat;
        let old = self.now - 60.days().try_into_hours();
        self.runs.retain(|run| run.ordered > old);
        self.attempts.retain(|attempt| attempt.at > old);
        self.due.retain(|due| *due > old);
        let channels = [ChannelId::from(CHANNEL)];
        let visible: Vec<Attempt> = self.attempts.iter().filter(|row| row.at <= self.now).cloned().collect();
        let runs: Vec<SlotRun> = self.runs.iter().map(|run| as_of(run, self.now)).collect();
        let seen = Seen {
            now: self.now,
            channels: &channels,
            runs: &runs,
            attempts: &visible,
            schedule: Some(&self.due),
            pauses: &self.pauses,
            last_beat: beat,
            phases: &BTreeMap::new(),
            broken: &self.broken,
            left: &[],
        };
        let look = look(self.now, &conditions(&seen), &self.incidents);
        for incident in look.incidents {
            let same = |known: &Incident| known.cause == incident.cause && known.created_at == incident.created_at;
            match self.incidents.iter().position(same) {
                Some(at) => self.incidents[at] = incident,
                None => self.incidents.push(incident),
            }
        }
        self.pages.extend(look.pages);
    }

    fn usual_look(&mut self) {
        self.look(Some(self.now - 1.hours()));
    }

    /// Half a week: the slot, a look while it may still be mended, one after its deadline, one before the next slot.
    fn half_week(&mut self, goes: Goes, monday: bool) -> RunId {
        self.now += 6.hours();
        let run = self.slot(goes);
        let rest = if monday { 72 } else { 96 };
        for after in [3, 13, rest - 6] {
            let before = self.now;
            self.now += i64::from(after).hours();
            self.usual_look();
            self.now = before;
        }
        self.now += i64::from(rest - 6).hours();
        run
    }

    fn quiet_week(&mut self) {
        self.half_week(Goes::Well, true);
        self.half_week(Goes::Well, false);
    }

    fn calls(&self) -> Vec<&Page> {
        self.pages.iter().filter(|page| !page.resolved).collect()
    }
}

/// A span of whole days as hours, since an instant knows no days.
trait Hours {
    fn try_into_hours(self) -> jiff::Span;
}

impl Hours for jiff::Span {
    fn try_into_hours(self) -> jiff::Span {
        (i64::from(self.get_days()) * 24).hours()
    }
}

/// The run as the store had it then: until it moved for the last time, it was running.
fn as_of(run: &SlotRun, now: Timestamp) -> SlotRun {
    if run.moved <= now {
        return run.clone();
    }
    // A run that works moves with each stage.
    SlotRun { state: RunState::Running { stage: "script".parse().unwrap() }, moved: now, ..run.clone() }
}

/// An incident of a kind, and the cause that must be told exactly once before it is over, and resolved after.
fn incident(world: &mut World, kind: usize) -> String {
    let slots = format!("slots#{CHANNEL}");
    let both = |world: &mut World, goes: Goes| {
        world.half_week(goes, true);
        world.half_week(goes, false);
    };
    match kind {
        0 => both(world, Goes::Fails),
        1 => both(world, Goes::Nothing),
        2 => both(world, Goes::Rejected),
        3 => both(world, Goes::AfterDeadline),
        4 => {
            // One after the other, with a slot between that a person owns.
            world.half_week(Goes::Fails, true);
            world.half_week(Goes::Held, false);
            world.half_week(Goes::Hangs, true);
            world.half_week(Goes::Well, false);
            return slots;
        }
        5 => {
            let run = world.half_week(Goes::PublishFails, true);
            let at = world.now;
            world.row(run.as_str(), "publish", RunStatus::Success, 1, at);
            world.half_week(Goes::Well, false);
            return format!("publish_failed#{run}");
        }
        6 => {
            // The watchdog dies over the night, and is started again.
            world.half_week(Goes::Well, true);
            world.look(Some(world.now - 9.hours()));
            world.half_week(Goes::Well, false);
            return "watchdog_silent".into();
        }
        7 => {
            // A clock that was ahead, and was put right.
            world.half_week(Goes::Well, true);
            world.look(Some(world.now + 30.hours()));
            world.half_week(Goes::Well, false);
            return "watchdog_silent".into();
        }
        8 => {
            both(world, Goes::OneSlow);
            return format!("stage-latency-p95#{CHANNEL}#scene-builder");
        }
        9 => {
            // Two runs published one film; somebody takes one back.
            let runs = vec![world.half_week(Goes::Well, true), world.half_week(Goes::Well, false)];
            let what = "film f was published 2 times on youtube".to_owned();
            let channel = CHANNEL.into();
            world.broken.push(Broken { cause: "youtube#film#f".into(), channel, runs, what, since: world.now });
            world.half_week(Goes::Well, true);
            world.broken.clear();
            world.half_week(Goes::Well, false);
            return "invariant_broken#youtube#film#f".into();
        }
        10 => {
            both(world, Goes::Slowly);
            both(world, Goes::Slowly);
            return format!("stage-latency-p95#{CHANNEL}#script");
        }
        _ => {
            both(world, Goes::Repeating);
            both(world, Goes::Repeating);
            return format!("stage-retry-rate#{CHANNEL}#script");
        }
    }
    slots
}

#[test]
fn two_hundred_incidents_are_told_once_each_and_resolved() {
    let law = slo_law().replay;
    let mut world = World::new(law.seed);
    for number in 0..law.incidents {
        // Long enough after the one before that its weeks are out of sight.
        for _ in 0..3 {
            world.quiet_week();
        }
        world.pages.clear();
        world.incidents.clear();
        let cause = incident(&mut world, number % 12);
        for _ in 0..2 {
            world.quiet_week();
        }
        let told = world.calls().iter().filter(|page| page.cause == cause).count();
        assert_eq!(told, 1, "incident {number}, {cause}: {:?}", world.pages);
        let over = world.pages.iter().filter(|page| page.cause == cause && page.resolved).count();
        assert_eq!(over, 1, "incident {number}, {cause} was not said to be over");
        let kept = world.incidents.iter().find(|incident| incident.cause == cause).unwrap();
        assert_eq!(kept.state, IncidentState::Resolved);
        assert!(kept.timeline.len() >= 3 && kept.runbook.is_some() && kept.since.is_some());
    }
}

#[test]
fn ten_thousand_quiet_days_call_nobody() {
    let law = slo_law().replay;
    let mut world = World::new(law.seed + 1);
    let mut bad_before = false;
    for half in 0..law.quiet_days * 2 / 7 {
        let draw = world.random.f64();
        let goes = match draw {
            draw if draw < law.retry => Goes::WithRetry,
            draw if draw < law.retry + law.late => Goes::Late,
            draw if draw < law.retry + law.late + 0.02 => Goes::Held,
            // A single breach is none, nor is a single slow stage: the next slot is kept.
            draw if draw < law.retry + law.late + 0.03 && !bad_before => Goes::OneSlow,
            draw if draw < law.retry + law.late + 0.04 && !bad_before => Goes::Fails,
            draw if draw < law.retry + law.late + 0.07 => {
                let day = (world.now + 6.hours()).to_zoned(TimeZone::UTC).date();
                world.pauses.push(Pause { channel: None, from: day, until: day });
                Goes::Nothing
            }
            _ => Goes::Well,
        };
        // What neither counts nor resets keeps the breach before it.
        bad_before =
            matches!(goes, Goes::Fails | Goes::OneSlow) || (bad_before && matches!(goes, Goes::Held | Goes::Nothing));
        world.half_week(goes, half % 2 == 0);
        world.pauses.drain(..world.pauses.len().saturating_sub(30));
    }
    let days =
        (world.now.as_second() - date(2026, 1, 5).to_zoned(TimeZone::UTC).unwrap().timestamp().as_second()) / 86_400;
    assert!(days >= law.quiet_days as i64 - 7, "{days}");
    assert_eq!(world.calls(), Vec::<&Page>::new());
}

#[test]
fn a_long_outage_is_told_at_two_four_and_eight_slots() {
    let mut world = World::new(5);
    world.quiet_week();
    for half in 0..9 {
        world.half_week(Goes::Fails, half % 2 == 0);
    }
    assert_eq!(world.calls().len(), 3);
    let incident = &world.incidents[0];
    assert_eq!((incident.pages, incident.runs.len(), world.incidents.len()), (3, 9, 1));
    world.half_week(Goes::Well, false);
    assert_eq!(world.incidents[0].state, IncidentState::Resolved);
}

#[test]
fn a_page_says_what_since_when_which_runs_and_what_to_do() {
    let mut world = World::new(6);
    let run = world.half_week(Goes::PublishFails, true);
    let page = &world.pages[0];
    for part in [
        "failed: the token was refused",
        "Since 2026-01-05T06:25:00Z",
        run.as_str(),
        "proofreel runs show",
        "OPERATIONS.md#publish-failed",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    // It fails again on the same day after it seemed mended: the same incident, and no second call.
    let at = world.now;
    world.row(run.as_str(), "publish", RunStatus::Success, 1, at);
    world.now += 1.minutes();
    let first = world.pages.len();
    let paged = world.incidents[0].paged_at;
    world.incidents[0].paged_at = Some(world.now);
    world.usual_look();
    world.row(run.as_str(), "publish", RunStatus::Failure, 1, world.now);
    world.usual_look();
    assert!(paged.is_some() && world.pages[first..].iter().all(|page| page.resolved));
    assert_eq!((world.incidents.len(), world.incidents[0].state), (1, IncidentState::Open));
}

#[test]
fn due_times_of_the_replay_are_those_of_the_schedule() {
    let mut world = World::new(1);
    world.quiet_week();
    assert_eq!(world.due, due_times(date(2026, 1, 5), date(2026, 1, 11)));
}
