//! A month as the records tell it, held against what was reckoned and against what is free.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use proofreel_model::calls::CallCounts;
use proofreel_model::ids::RunId;
use proofreel_model::policy::{Counts, ProviderLaw, Windows};
use proofreel_model::stage::StageName;

use super::load::Load;
use super::month::{Fit, Month, Went};
use super::table::{Actual, Amount, Known, Line};
use super::{Basis, Measured};
use crate::cost::ProviderUse;
use crate::sli::Attempt;

/// Part of a month from which on its end is foreseen, days: a morning says nothing about thirty days.
const FORESEEN_FROM: f64 = 1.0;

/// A film that was finished.
#[derive(Clone, Debug, PartialEq)]
pub struct Film {
    /// Its run.
    pub run: RunId,
    /// Size of the video, bytes.
    pub bytes: u64,
    /// When.
    pub at: Timestamp,
}

/// What the records know of a month, of all channels. Months are those of UTC, as Amazon bills them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// A day of the month.
    pub month: Date,
    /// When it was looked at.
    pub now: Timestamp,
    /// Runs that were ordered in it.
    pub ordered: Vec<RunId>,
    /// Runs that there were at its end, or are now.
    pub runs: usize,
    /// Attempts of stages that ended in it.
    pub attempts: Vec<Attempt>,
    /// Films that were finished in it.
    pub films: Vec<Film>,
    /// Bytes of all that [`Recorded::ordered`] refer to, each content once.
    pub kept_bytes: u64,
    /// The governor's rows of the month.
    pub usage: Vec<ProviderUse>,
    /// Notices that were sent by mail.
    pub mails: usize,
    /// Runs whose rows cannot be read.
    pub unreadable: Vec<String>,
}

/// Days of the month that have gone by, and days it has. A month that is over has gone by whole, one that has not come not at all.
pub fn elapsed(month: Date, now: Timestamp) -> (f64, f64) {
    let of_days = f64::from(month.days_in_month());
    let first = month.first_of_month().to_zoned(TimeZone::UTC).map_or(now, |zoned| zoned.timestamp());
    let days = now.duration_since(first).as_secs_f64() / 86_400.0;
    (days.clamp(0.0, of_days), of_days)
}

impl Recorded {
    /// The end of the month, or now where it is not over.
    fn until(&self) -> Timestamp {
        let last = self.month.last_of_month().saturating_add(1.day());
        last.to_zoned(TimeZone::UTC).map_or(self.now, |zoned| zoned.timestamp().min(self.now))
    }

    /// Counts of one provider, or of all.
    fn used(&self, provider: Option<&str>) -> CallCounts {
        let of = self.usage.iter().filter(|row| provider.is_none_or(|id| row.provider == id));
        of.fold(CallCounts::default(), |sum, row| sum.plus(&row.counts))
    }

    /// Minutes in which triggers were awake: from each attempt's beginning to the sweep that finds nothing left.
    fn awake_minutes(&self, to_sleep: f64) -> f64 {
        let minute = |at: Timestamp| at.as_millisecond() as f64 / 60_000.0;
        let (first, last) = (minute(self.until()) - elapsed(self.month, self.now).0 * 1_440.0, minute(self.until()));
        let span = |attempt: &Attempt| {
            let ended = minute(attempt.at);
            ((ended - attempt.latency_ms as f64 / 60_000.0).max(first), (ended + to_sleep).min(last))
        };
        let mut spans: Vec<(f64, f64)> = self.attempts.iter().map(span).collect();
        spans.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut awake, mut until) = (0.0, f64::NEG_INFINITY);
        for (from, to) in spans {
            awake += (to - from.max(until)).max(0.0);
            until = until.max(to);
        }
        awake
    }
}

impl Basis<'_> {
    /// Puts what the records say beside what was reckoned. With a law of providers, their own allowances of a day or a month follow,
    /// as far as they were asked for anything.
    ///
    /// # Errors
    /// See [`Basis::month`].
    pub fn went(&self, month: &mut Month, recorded: &Recorded, providers: Option<&ProviderLaw>) -> Result<(), String> {
        let (days, of_days) = elapsed(recorded.month, recorded.now);
        let load = self.recorded_load(recorded, &self.fits()?);
        let whole = days >= of_days;
        let foreseen = whole || days >= FORESEEN_FROM;
        // Of what lies there the runs of this month added so much.
        let added = recorded.ordered.len() as f64 / recorded.runs.max(1) as f64;
        let runs: BTreeSet<String> = recorded.attempts.iter().map(|attempt| format!("run#{}", attempt.run)).collect();
        let all = self.law.allowance.iter().chain(&self.law.paid);
        for (line, allowance) in month.lines.iter_mut().zip(all) {
            let used = self.units(&load, &allowance.id)?;
            let known = known(&allowance.id);
            let rest = if whole { 0.0 } else { (of_days - days) / days.max(f64::MIN_POSITIVE) };
            let end = match (known, allowance.id.as_str()) {
                (Known::Deployed, _) => used,
                (_, "s3_gb" | "dynamodb_gb") => used * (1.0 + added * rest),
                _ => used * (1.0 + rest),
            };
            let cites = match known {
                Known::Counted => self.cites(recorded, &allowance.id),
                Known::Reckoned => runs.iter().cloned().collect(),
                Known::Deployed | Known::Unknown => Vec::new(),
            };
            line.actual = Some(Actual {
                known,
                so_far: Some(Amount::of(allowance, used)),
                projected: foreseen.then(|| Amount::of(allowance, end)),
                cites,
            });
        }
        let usd = |of: &dyn Fn(&Actual) -> Option<Amount>| {
            month.lines.iter().filter_map(|line| of(line.actual.as_ref()?)).map(|amount| amount.usd).sum::<f64>()
        };
        let counts = recorded.used(None);
        month.actual = Some(Went {
            month: recorded.month.strftime("%Y-%m").to_string(),
            days,
            of_days,
            runs: recorded.ordered.len(),
            attempts: recorded.attempts.len(),
            latency_ms: recorded.attempts.iter().map(|attempt| attempt.latency_ms).sum(),
            films: recorded.films.len(),
            calls: counts.calls,
            awake_hours: load.awake_minutes / 60.0,
            usd: usd(&|actual| actual.so_far),
            projected_usd: foreseen.then(|| usd(&|actual| actual.projected)),
            providers_usd: counts.cost_micro_usd as f64 / 1e6,
            unreadable: recorded.unreadable.clone(),
        });
        if let Some(providers) = providers {
            let told: BTreeSet<&str> =
                self.law.allowance.iter().filter_map(|allowance| allowance.provider.as_deref()).collect();
            month.lines.extend(of_providers(providers, recorded, &told, (days, of_days)));
        }
        Ok(())
    }

    /// What the month asked so far: stages as their attempts say; what leaves no attempt by schedule and film, as measured.
    fn recorded_load(&self, recorded: &Recorded, fits: &[Fit]) -> Load {
        let Self { law, template, measured } = self;
        let (days, _) = elapsed(recorded.month, recorded.now);
        let part = days / f64::from(law.days);
        let films = recorded.films.len() as f64;
        let mut load = Load { minutes: days * 1_440.0, ..Load::default() };
        for function in &template.functions {
            let own = || recorded.attempts.iter().filter(|attempt| attempt.stage == function.name);
            let longest = fits.iter().find(|fit| fit.name == function.name).map_or(0.0, |fit| fit.seconds);
            let (calls, seconds) = if function.name.parse::<StageName>().is_ok() {
                (own().count() as f64, own().map(|attempt| attempt.latency_ms as f64 / 1_000.0).sum())
            } else {
                let calls = match (function.scheduled, function.has_address) {
                    (times, _) if times > 0.0 => times * part,
                    (_, true) => films * law.assumed.console_calls,
                    _ => films * calls_of_run(measured, &function.name),
                };
                (calls, calls * longest)
            };
            load.calls.insert(function.name.clone(), calls);
            load.seconds.insert(function.name.clone(), seconds);
        }
        load.scheduled = template.functions.iter().map(|function| function.scheduled * part).sum();
        load.awake_minutes = recorded.awake_minutes(law.assumed.minutes_to_sleep);
        load.publish_minutes = (load.awake_minutes + films * law.assumed.minutes_to_sleep).min(load.minutes);
        let bytes: f64 = recorded.films.iter().map(|film| film.bytes as f64).sum();
        load.sent_bytes = bytes * law.assumed.film_downloads;
        let kept_since = recorded.until().as_millisecond() as f64 - law.assumed.parts_days * 86_400_000.0;
        let fresh = recorded.films.iter().filter(|film| film.at.as_millisecond() as f64 >= kept_since).count() as f64;
        // All runs keep what those of this month do; where there are none, what the measured one does.
        let kept_of_run = match recorded.ordered.len() {
            0 => measured.run.kept_bytes,
            runs => recorded.kept_bytes as f64 / runs as f64,
        };
        load.kept_bytes = recorded.runs as f64 * kept_of_run + fresh * measured.run.parts_bytes;
        load.table_bytes = recorded.runs as f64 * measured.run.table_bytes;
        load.mails = recorded.mails as f64 + (template.alarms * law.assumed.mails_per_alarm * part).round();
        load.polly = recorded.used(Some("polly")).characters as f64;
        load.google = recorded.used(Some("google-speech")).characters as f64;
        load.azure = recorded.used(Some("azure-speech")).characters as f64;
        load.tokens = recorded.used(None).tokens as f64;
        load
    }

    /// The rows that a counted line is of.
    fn cites(&self, recorded: &Recorded, id: &str) -> Vec<String> {
        let by = self.law.allowance.iter().find(|allowance| allowance.id == id);
        let by = by.and_then(|allowance| allowance.provider.as_deref());
        let of = |row: &&ProviderUse| match (id, by) {
            ("model_tokens", _) => row.counts.tokens > 0,
            ("polly_characters", _) => row.provider == "polly",
            (_, Some(by)) => row.provider == by,
            _ => false,
        };
        recorded.usage.iter().filter(of).map(ProviderUse::key).collect()
    }
}

fn calls_of_run(measured: &Measured, name: &str) -> f64 {
    measured.function.iter().find(|function| function.name == name).map_or(0.0, |function| function.calls)
}

/// How it is known what was used of an allowance of the law.
fn known(id: &str) -> Known {
    match id {
        "polly_characters" | "google_characters" | "azure_characters" | "model_tokens" => Known::Counted,
        "dynamodb_read_units" | "dynamodb_write_units" => Known::Deployed,
        id if id.starts_with("cloudwatch_") && id != "cloudwatch_log_gb" => Known::Deployed,
        _ => Known::Reckoned,
    }
}

/// What is counted of a call, as the law of providers names it.
type Counted = (&'static str, fn(&CallCounts) -> u64);

/// Every unit in which a provider may limit.
const COUNTED: [Counted; 4] = [
    ("requests", |counts| counts.calls),
    ("tokens", |counts| counts.tokens),
    ("characters", |counts| counts.characters),
    ("units", |counts| counts.units),
];

/// The allowances of a day and a month that providers give, of those who were asked. `told` are providers whose characters of a
/// month stand in the law of allowances.
fn of_providers(
    law: &ProviderLaw,
    recorded: &Recorded,
    told: &BTreeSet<&str>,
    (days, of_days): (f64, f64),
) -> Vec<Line> {
    // Who shares another one's counters is counted with it.
    let mut by_account: BTreeMap<&str, Vec<&ProviderUse>> = BTreeMap::new();
    for row in recorded.usage.iter().filter(|row| row.counts.calls > 0) {
        let Some(provider) = law.provider(&row.provider) else { continue };
        by_account.entry(provider.pool.as_deref().unwrap_or(&row.provider)).or_default().push(row);
    }
    let mut lines = Vec::new();
    for (id, rows) in by_account {
        let Some(provider) = law.provider(id) else { continue };
        let limits =
            [provider.limits.requests, provider.limits.tokens, provider.limits.characters, provider.limits.units];
        let cites: Vec<String> = rows.iter().map(|row| row.key()).collect();
        let by_model = provider.counts == Counts::Model || !provider.models.is_empty();
        for ((what, of), Windows { day, month, .. }) in COUNTED.into_iter().zip(limits) {
            let line = |span: &str, words: &str, free: u64, actual: Actual| Line {
                id: format!("{id}:{what}:{span}"),
                name: format!("{}, {words}", provider.name),
                free: free as f64,
                unit: what.to_owned(),
                slots: false,
                computed: None,
                read_at: (actual.known == Known::Unknown).then(|| {
                    "`proofreel usage --left`: it is counted by model, which no row of a day names".to_owned()
                }),
                actual: Some(actual),
                source: format!("{}, {}", provider.source, provider.as_of),
            };
            let unknown = || Actual { known: Known::Unknown, so_far: None, projected: None, cites: cites.clone() };
            let counted = |used: u64, end: f64, free: u64| Actual {
                known: Known::Counted,
                so_far: Some(Amount::free_of(free as f64, used as f64)),
                projected: (days >= FORESEEN_FROM).then(|| Amount::free_of(free as f64, end)),
                cites: cites.clone(),
            };
            if let Some(free) = day {
                let mut by_day: BTreeMap<Date, u64> = BTreeMap::new();
                for row in &rows {
                    *by_day.entry(row.day).or_default() += of(&row.counts);
                }
                let most = by_day.into_values().max().unwrap_or_default();
                let actual = if by_model { unknown() } else { counted(most, most as f64, free) };
                lines.push(line("day", &format!("{what}, fullest day"), free, actual));
            }
            let is_told = what == "characters" && told.contains(id);
            if let Some(free) = month.filter(|_| !is_told) {
                let used: u64 = rows.iter().map(|row| of(&row.counts)).sum();
                let end = used as f64 * of_days / days.max(f64::MIN_POSITIVE);
                let actual = if by_model { unknown() } else { counted(used, end, free) };
                lines.push(line("month", &format!("{what} a month"), free, actual));
            }
        }
    }
    lines
}
