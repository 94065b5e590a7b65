//! What is wrong now, from the records alone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan as _};
use proofreel_model::calls::AllowanceLeft;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::incident::{Incident, IncidentKind, IncidentState};
use proofreel_model::policy::{Sli, slo_law};
use proofreel_model::records::{RunState, RunStatus};

use super::Condition;
use crate::sli::{self, Attempt};
use crate::slots::{self, Pause, Slot, SlotRun};
use crate::stats;

/// What the watchdog sees.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// Now.
    pub now: Timestamp,
    /// Channels that are watched.
    pub channels: &'a [ChannelId],
    /// Runs whose slot may still matter.
    pub runs: &'a [SlotRun],
    /// Rows of the run log of the last weeks.
    pub attempts: &'a [Attempt],
    /// Due times, where there is a schedule.
    pub schedule: Option<&'a [Timestamp]>,
    /// Days on which the owner wants no episode.
    pub pauses: &'a [Pause],
    /// The watchdog's last look; none before its first.
    pub last_beat: Option<Timestamp>,
    /// Each channel's phase, 0 where it is unknown.
    pub phases: &'a BTreeMap<ChannelId, u8>,
    /// What must never be, and is.
    pub broken: &'a [Broken],
    /// What is left of providers' allowances of a day or a month, as far as they were drawn on.
    pub left: &'a [AllowanceLeft],
}

/// A rule of the house that the records break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What makes it the same as before.
    pub cause: String,
    /// Channel.
    pub channel: ChannelId,
    /// Runs it is about.
    pub runs: Vec<RunId>,
    /// What is wrong, in a sentence.
    pub what: String,
    /// When it was done.
    pub since: Timestamp,
}

impl Seen<'_> {
    /// A channel's slots.
    pub fn slots(&self, channel: &ChannelId) -> Vec<Slot> {
        slots::without_paused(slots::slots(channel, self.runs, self.schedule, self.now), self.pauses)
    }
}

/// Everything that is wrong now. Causes are unique.
pub fn conditions(seen: &Seen<'_>) -> Vec<Condition> {
    let mut found = Vec::new();
    found.extend(silence(seen));
    for channel in seen.channels {
        found.extend(breached(seen, channel));
        found.extend(slow(seen, channel));
    }
    found.extend(seen.broken.iter().map(invariant));
    found.extend(over_objective(seen));
    found.extend(publish_failures(seen));
    found.extend(stuck(seen));
    found.extend(quotas(seen));
    found
}

fn hours(count: i64) -> jiff::Span {
    count.hours()
}

/// Nobody looked for too long, or the clock went back behind the last look.
fn silence(seen: &Seen<'_>) -> Option<Condition> {
    let last = seen.last_beat?;
    let paging = &slo_law().paging;
    let late = last.checked_add(hours(paging.beat_hours)).is_ok_and(|until| seen.now > until);
    let skewed = seen.now.checked_add(hours(paging.beat_hours)).is_ok_and(|until| last > until);
    if !late && !skewed {
        return None;
    }
    let what = if late {
        format!("the watchdog was silent from {last} to {}: nothing was watched in between", seen.now)
    } else {
        format!("the watchdog's last look is dated {last}, which has not come: a clock is wrong")
    };
    Some(Condition {
        cause: "watchdog_silent".into(),
        kind: IncidentKind::WatchdogSilent,
        channel: None,
        stage: None,
        tail: 1,
        since: last.min(seen.now),
        runs: Vec::new(),
        what,
        runbook: "watchdog-silent",
        pages: true,
    })
}

fn breached(seen: &Seen<'_>, channel: &ChannelId) -> Option<Condition> {
    let all = seen.slots(channel);
    let tail = slots::tail(&all);
    if tail.len() < *slo_law().paging.page_at.first()? {
        return None;
    }
    let whys: Vec<String> = tail.iter().rev().take(3).map(|slot| format!("{} {}", slot.due, slot.why)).collect();
    Some(Condition {
        cause: format!("slots#{channel}"),
        kind: IncidentKind::SloBreach,
        channel: Some(channel.clone()),
        stage: None,
        tail: tail.len(),
        since: tail.first()?.due,
        runs: tail.iter().filter_map(|slot| slot.run.clone()).collect(),
        what: format!(
            "{} slots in a row of channel {channel} were not kept; newest first: {}",
            tail.len(),
            whys.join("; ")
        ),
        runbook: "slo-breach",
        pages: true,
    })
}

/// Slots in a row whose stage was slower than its objective, of stages with too few attempts a week for a percentile: with two
/// runs a week nobody would ever be called otherwise. A slot in which the stage did not run neither counts nor resets.
fn slow(seen: &Seen<'_>, channel: &ChannelId) -> Vec<Condition> {
    let own: Vec<&Attempt> = seen.attempts.iter().filter(|attempt| attempt.channel == *channel).collect();
    let rows: Vec<Attempt> = own.iter().map(|attempt| (*attempt).clone()).collect();
    let by_week = sli::levels(&rows);
    let counted =
        |stage: &str| by_week.iter().any(|level| level.stage == stage && level.value(Sli::LatencyP95Minutes).is_some());
    let stages: BTreeSet<&str> =
        own.iter().map(|attempt| attempt.stage.as_str()).filter(|stage| !counted(stage)).collect();
    let slots = seen.slots(channel);
    let least = slo_law().paging.page_at.first().copied().unwrap_or(2);
    let mut found = Vec::new();
    for objective in slo_law().objective.iter().filter(|objective| objective.of == Sli::LatencyP95Minutes) {
        for stage in &stages {
            let minutes = |run: &RunId| {
                let of = own.iter().filter(|attempt| attempt.run == *run && attempt.stage == *stage);
                stats::quantile(&mut of.map(|attempt| attempt.latency_ms as f64 / 60_000.0).collect::<Vec<_>>(), 0.95)
            };
            let ran =
                slots.iter().rev().filter_map(|slot| Some((slot, slot.run.clone()?, minutes(slot.run.as_ref()?)?)));
            let tail: Vec<_> = ran.take_while(|(_, _, value)| objective.is_breached_by(*value)).collect();
            let (Some((_, _, newest)), Some((first, _, _))) = (tail.first(), tail.last()) else { continue };
            if tail.len() < least {
                continue;
            }
            found.push(Condition {
                cause: format!("{}#{channel}#{stage}", objective.name),
                kind: IncidentKind::SloBreach,
                channel: Some(channel.clone()),
                stage: stage.parse().ok(),
                tail: tail.len(),
                since: first.due,
                runs: tail.iter().rev().map(|(_, run, _)| run.clone()).collect(),
                what: format!(
                    "{stage} of channel {channel} took {newest:.1} minutes, objective {}, for {} slots in a row",
                    objective.bound(),
                    tail.len()
                ),
                runbook: runbook(&objective.runbook),
                pages: true,
            });
        }
    }
    found
}

fn invariant(broken: &Broken) -> Condition {
    Condition {
        cause: format!("invariant_broken#{}", broken.cause),
        kind: IncidentKind::InvariantBroken,
        channel: Some(broken.channel.clone()),
        stage: None,
        tail: 1,
        since: broken.since,
        runs: broken.runs.clone(),
        what: broken.what.clone(),
        runbook: "invariant-broken",
        pages: true,
    }
}

fn over_objective(seen: &Seen<'_>) -> Vec<Condition> {
    let this_week = sli::week_of(seen.now);
    // A week is judged when it is over: before, a rate is of whatever came first.
    let whole: Vec<Attempt> =
        seen.attempts.iter().filter(|attempt| sli::week_of(attempt.at) < this_week).cloned().collect();
    let phase = |channel: &ChannelId| seen.phases.get(channel).copied().unwrap_or(0);
    let least = slo_law().paging.page_at.first().copied().unwrap_or(2);
    sli::streaks(&sli::levels(&whole), phase)
        .into_iter()
        .filter(|streak| streak.weeks.len() >= least)
        .map(|streak| Condition {
            cause: format!("{}#{}#{}", streak.objective.name, streak.channel, streak.stage),
            kind: IncidentKind::SloBreach,
            channel: Some(streak.channel.clone()),
            stage: streak.stage.parse().ok(),
            tail: streak.weeks.len(),
            since: streak.weeks.first().map_or(seen.now, |week| start_of(*week, seen.now)),
            what: format!(
                "{} of {} in channel {} is {:.3}, objective {}, for {} weeks in a row",
                streak.objective.name,
                streak.stage,
                streak.channel,
                streak.value,
                streak.objective.bound(),
                streak.weeks.len()
            ),
            runs: streak.runs.into_iter().rev().take(20).collect(),
            runbook: runbook(&streak.objective.runbook),
            pages: true,
        })
        .collect()
}

fn start_of(day: jiff::civil::Date, otherwise: Timestamp) -> Timestamp {
    day.to_zoned(jiff::tz::TimeZone::UTC).map_or(otherwise, |zoned| zoned.timestamp())
}

/// The policy lives as long as the program, and so do its words.
fn runbook(name: &str) -> &'static str {
    slo_law().objective.iter().find(|objective| objective.runbook == name).map_or("slo-breach", |found| &found.runbook)
}

/// Publish stages whose newest row is a failure for good. A retry inside its budget is none.
fn publish_failures(seen: &Seen<'_>) -> Vec<Condition> {
    let stages = &slo_law().paging.publish_stages;
    let mut newest: BTreeMap<(&str, &str), &Attempt> = BTreeMap::new();
    for attempt in seen.attempts.iter().filter(|attempt| stages.contains(&attempt.stage)) {
        let slot = newest.entry((attempt.run.as_str(), attempt.stage.as_str())).or_insert(attempt);
        if attempt.at >= slot.at {
            *slot = attempt;
        }
    }
    newest
        .into_values()
        .filter(|attempt| attempt.status == RunStatus::Failure)
        .map(|attempt| Condition {
            cause: format!("publish_failed#{}", attempt.run),
            kind: IncidentKind::PublishFailed,
            channel: Some(attempt.channel.clone()),
            stage: attempt.stage.parse().ok(),
            tail: 1,
            since: attempt.at,
            runs: vec![attempt.run.clone()],
            what: format!(
                "{} of run {} (channel {}) failed: {}",
                attempt.stage,
                attempt.run,
                attempt.channel,
                attempt.error.as_deref().unwrap_or("no reason was recorded")
            ),
            runbook: "publish-failed",
            pages: true,
        })
        .collect()
}

/// Runs that stand still past their time: a ticket, which becomes a page with the slot.
fn stuck(seen: &Seen<'_>) -> Vec<Condition> {
    let patience = slo_law().paging.stuck_minutes.minutes();
    seen.runs
        .iter()
        .filter(|run| run.moved.checked_add(patience).is_ok_and(|until| seen.now > until))
        .filter_map(|run| match &run.state {
            RunState::Running { stage } => Some((run, *stage)),
            _ => None,
        })
        .map(|(run, stage)| Condition {
            cause: format!("stuck#{}", run.run),
            kind: IncidentKind::StuckRun,
            channel: Some(run.channel.clone()),
            stage: Some(stage),
            tail: 1,
            since: run.moved,
            runs: vec![run.run.clone()],
            what: format!("run {} (channel {}) has not moved since {}, at {stage}", run.run, run.channel, run.moved),
            runbook: "stuck-runs",
            pages: false,
        })
        .collect()
}

/// Allowances whose end is worth telling: one of a day that is so small that a good day empties it is not.
fn watched<'a>(seen: &Seen<'a>) -> impl Iterator<Item = &'a AllowanceLeft> + use<'a> {
    let least = slo_law().allowance.least_a_day;
    seen.left.iter().filter(move |left| !left.is_of_a_day() || left.most >= least)
}

/// Allowances that are nearly used up: a ticket. What is asked beyond them is refused before it goes out, and something else answers.
fn quotas(seen: &Seen<'_>) -> Vec<Condition> {
    let Some(rule) = slo_law().metric.iter().find(|rule| rule.name == QUOTA_LEFT) else { return Vec::new() };
    let low = watched(seen).filter(|left| rule.breaches(left.percent()));
    low.map(|left| Condition {
        cause: format!("quota_low#{}#{}", left.account, slug(&left.what)),
        kind: IncidentKind::QuotaLow,
        channel: None,
        stage: None,
        tail: 1,
        since: seen.now,
        runs: Vec::new(),
        what: if left.most == 0 {
            format!("{} says that nothing is left until {}: {}", left.account, left.until, left.what)
        } else {
            format!("{}: {} of {} {} are left until {}", left.account, left.units(), left.most, left.what, left.until)
        },
        runbook: "quota-low",
        pages: false,
    })
    .collect()
}

/// Words as part of a cause, which a person writes behind a command.
fn slug(words: &str) -> String {
    let words = words.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}

/// The gauge of the emptiest allowance.
const QUOTA_LEFT: &str = "QuotaLeft";

/// The composite metrics of this look, by name: few, without dimensions, so that they and their alarms stay free. What nobody
/// measured has no datapoint.
pub fn metrics(seen: &Seen<'_>, wrong: &[Condition], incidents: &[Incident]) -> BTreeMap<&'static str, f64> {
    let longest = seen
        .channels
        .iter()
        .map(|channel| slots::tail(&seen.slots(channel)).len())
        .chain(
            wrong.iter().filter(|condition| condition.kind == IncidentKind::SloBreach).map(|condition| condition.tail),
        )
        .max()
        .unwrap_or(0);
    let count = |kind: IncidentKind| wrong.iter().filter(|condition| condition.kind == kind).count() as f64;
    let open = |kind: IncidentKind| {
        incidents.iter().filter(|incident| incident.kind == kind && incident.state != IncidentState::Resolved).count()
            as f64
    };
    let mut gauges = BTreeMap::from([
        ("PublishFailed", count(IncidentKind::PublishFailed)),
        ("ConsecutiveBreaches", longest as f64),
        ("WatchdogBeat", 1.0),
        ("InvariantBroken", count(IncidentKind::InvariantBroken)),
        ("TokenBad", open(IncidentKind::ConsentLost)),
        ("DeadLetters", open(IncidentKind::DeadLetter)),
        ("StuckRuns", count(IncidentKind::StuckRun)),
    ]);
    let emptiest = watched(seen).map(AllowanceLeft::percent).min_by(f64::total_cmp);
    gauges.extend(emptiest.map(|percent| (QUOTA_LEFT, percent)));
    gauges
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;

    /// A look at runs of two a week, each with one attempt of render of so many minutes.
    fn slow_of(minutes: &[u64]) -> Vec<Condition> {
        let first = date(2026, 9, 7).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let at = |slot: usize| first + (slot as i64 * 84).hours();
        let run = |slot: usize| RunId::from(format!("r{slot}").as_str());
        let runs: Vec<SlotRun> = (0..minutes.len())
            .map(|slot| SlotRun {
                run: run(slot),
                channel: "demo".into(),
                state: RunState::Done,
                ordered: at(slot),
                moved: at(slot) + 30.minutes(),
            })
            .collect();
        let row = |slot: usize, stage: &str, minutes: u64| Attempt {
            channel: "demo".into(),
            run: run(slot),
            stage: stage.into(),
            visit: 1,
            status: RunStatus::Success,
            outcome: "advance".into(),
            error: None,
            latency_ms: minutes * 60_000,
            cost_usd: 0.0,
            outside_calls: None,
            cache_hits: None,
            sent: None,
            rate_limited: None,
            at: at(slot),
        };
        let attempts: Vec<Attempt> = minutes
            .iter()
            .enumerate()
            .flat_map(|(slot, minutes)| [row(slot, "script", 1), row(slot, "render", *minutes)])
            .collect();
        conditions(&Seen {
            now: at(minutes.len()),
            channels: &["demo".into()],
            runs: &runs,
            attempts: &attempts,
            schedule: None,
            pauses: &[],
            last_beat: None,
            phases: &BTreeMap::new(),
            broken: &[],
            left: &[],
        })
    }

    #[test]
    fn the_emptiest_allowance_is_a_gauge_and_below_a_tenth_a_ticket() {
        let now = date(2026, 11, 28).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let left = |account: &str, what: &str, used: u64, most: u64| AllowanceLeft {
            account: account.into(),
            what: what.into(),
            used,
            most,
            until: now + 8.hours(),
        };
        let phases = BTreeMap::new();
        let look = |left: &[AllowanceLeft]| {
            let seen = Seen {
                now,
                channels: &[],
                runs: &[],
                attempts: &[],
                schedule: None,
                pauses: &[],
                last_beat: None,
                phases: &phases,
                broken: &[],
                left,
            };
            let wrong = conditions(&seen);
            let gauges = metrics(&seen, &wrong, &[]);
            (wrong, gauges.get("QuotaLeft").copied())
        };
        assert_eq!(look(&[]), (Vec::new(), None), "what nobody drew on has no datapoint");
        let half = left("youtube", "units a day", 5_000, 10_000);
        let tenth = left("groq/llama", "tokens a day", 90, 100);
        assert_eq!(look(&[half.clone(), tenth.clone()]), (Vec::new(), Some(10.0)), "a tenth is enough");
        let (wrong, gauge) = look(&[half, tenth, left("bls", "requests a day", 491, 500)]);
        assert_eq!((gauge, wrong.len()), (Some(1.8), 1));
        assert_eq!(wrong[0].what, "bls: 9 of 500 requests a day are left until 2026-11-28T08:00:00Z");
        assert_eq!((wrong[0].cause.as_str(), wrong[0].pages), ("quota_low#bls#requests_a_day", false));
        // Twenty a day are there to be used; twenty a month are not.
        let least = slo_law().allowance.least_a_day;
        let small = left("gemini", "requests a day", least - 1, least - 1);
        assert_eq!(look(&[small]), (Vec::new(), None), "used well");
        assert_eq!(look(&[left("gemini", "requests a day", least, least)]).0.len(), 1);
        assert_eq!(look(&[left("polly", "requests a month", 20, 20)]).0.len(), 1);
        let (wrong, gauge) = look(&[left("youtube", "quotaExceeded", 0, 0)]);
        assert_eq!(gauge, Some(0.0));
        assert!(wrong[0].what.contains("youtube says that nothing is left until"), "{wrong:?}");
    }

    #[test]
    fn two_slow_slots_in_a_row_are_told_though_two_runs_a_week_have_no_percentile() {
        assert_eq!(slow_of(&[2, 14]), [], "one is none");
        assert_eq!(slow_of(&[14, 2, 14]), [], "nor are two with a good one between");
        assert_eq!(slow_of(&[14, 14, 10]), [], "the bound itself is kept, and ends it");
        let found = slow_of(&[2, 12, 14]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].cause.as_str(), found[0].tail), ("stage-latency-p95#demo#render", 2));
        assert!(found[0].what.contains("14.0 minutes, objective ≤ 10, for 2 slots in a row") && found[0].pages);
    }
}
