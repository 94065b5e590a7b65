//! A month's use of every allowance, from template, cadence and measurement.

use proofreel_model::channel::{ChannelProfile, VoiceEngine};
use proofreel_model::policy::writer_law;
use serde::Serialize;

use super::Basis;
use super::demand::Demand;
use super::load::Load;
use super::table::Line;
use super::template::Function;

/// Channels that are tried for the first paid dollar.
const MOST_CHANNELS: u32 = 2_000;

/// How many channels there are, and how many of them ask whom outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Channels {
    /// All.
    pub all: u32,
    /// Those that Polly speaks for: by `[voice] engine`, or as the first of its `providers`.
    pub polly: u32,
    /// Those that Google speaks for.
    pub google: u32,
    /// Those that Azure speaks for.
    pub azure: u32,
    /// Those with writers from outside.
    pub writing: u32,
    /// The tokens that these may use for an episode, together.
    pub tokens: u64,
}

impl Channels {
    /// Counts one more channel: who speaks for it when nothing fails, and, where somebody outside writes, the tokens of an episode.
    pub fn add(&mut self, speaks: &str, writes: Option<u64>) {
        self.all += 1;
        self.polly += u32::from(speaks == "polly");
        self.google += u32::from(speaks == "google-speech");
        self.azure += u32::from(speaks == "azure-speech");
        self.writing += u32::from(writes.is_some());
        self.tokens += writes.unwrap_or_default();
    }

    /// The channels of these profiles.
    pub fn of(profiles: &[ChannelProfile]) -> Self {
        let mut channels = Self::default();
        for profile in profiles {
            let engine = if profile.voice.engine == VoiceEngine::Polly { "polly" } else { "embedded" };
            let speaks = profile.voice.providers.first().map_or(engine, String::as_str);
            let tokens = || profile.writer.tokens.unwrap_or(writer_law().budget.tokens);
            channels.add(speaks, (!profile.writer.providers.is_empty()).then(tokens));
        }
        channels
    }

    /// So many channels like these.
    #[must_use]
    pub fn like(self, all: u32) -> Self {
        let part = |of: u64| (of * u64::from(all)).div_ceil(u64::from(self.all.max(1)));
        let few = |of: u32| part(u64::from(of)) as u32;
        Self {
            all,
            polly: few(self.polly),
            google: few(self.google),
            azure: few(self.azure),
            writing: few(self.writing),
            tokens: part(self.tokens),
        }
    }
}

/// Whether a function fits its time and memory.
#[derive(Clone, Debug, Serialize)]
pub struct Fit {
    /// Function.
    pub name: String,
    /// Estimate of its longest call on Lambda, seconds.
    pub seconds: f64,
    /// Its time-out, seconds.
    pub timeout: f64,
    /// Memory at its peak, MB.
    pub memory_mb: f64,
    /// Memory it has, MB.
    pub memory_limit_mb: f64,
    /// Room on its disk at its peak, MB.
    pub storage_mb: f64,
    /// Room it has, MB.
    pub storage_limit_mb: f64,
}

impl Fit {
    /// The largest share of time, memory and disk.
    pub fn share(&self) -> f64 {
        let room = self.storage_mb / self.storage_limit_mb;
        (self.seconds / self.timeout).max(self.memory_mb / self.memory_limit_mb).max(room)
    }
}

/// A month.
#[derive(Clone, Debug, Serialize)]
pub struct Month {
    /// Channels.
    pub channels: Channels,
    /// Runs.
    pub runs: f64,
    /// Hours that triggers are awake.
    pub awake_hours: f64,
    /// Calls at the same time, at most.
    pub calls_at_once: f64,
    /// What the busiest minutes ask of the table's capacity; none where it was not measured.
    pub demand: Option<Demand>,
    /// Free allowances and what is paid from the first unit.
    pub lines: Vec<Line>,
    /// Functions.
    pub fits: Vec<Fit>,
    /// US dollars of a month after a year of runs.
    pub usd: f64,
    /// The month as it went, where one was asked about.
    pub actual: Option<Went>,
}

/// A month as the records tell it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Went {
    /// `2026-11`.
    pub month: String,
    /// Days of it that have gone by.
    pub days: f64,
    /// Days it has.
    pub of_days: f64,
    /// Runs that were ordered.
    pub runs: usize,
    /// Attempts of stages that ended.
    pub attempts: usize,
    /// Wall time of these, milliseconds.
    pub latency_ms: u64,
    /// Films that were finished.
    pub films: usize,
    /// Calls to the outside that went out.
    pub calls: u64,
    /// Hours that triggers were awake, as far as the attempts tell it.
    pub awake_hours: f64,
    /// US dollars at Amazon so far.
    pub usd: f64,
    /// US dollars at Amazon when the month is over.
    pub projected_usd: Option<f64>,
    /// US dollars at list price of what providers were asked for, as the governor counted.
    pub providers_usd: f64,
    /// Runs whose rows cannot be read: their use is not in the table.
    pub unreadable: Vec<String>,
}

/// What a bill would begin with.
#[derive(Clone, Debug, Serialize)]
pub struct FirstDollar {
    /// What most of it is for.
    pub what: String,
    /// Channels from which on a month costs a dollar.
    pub channels: u32,
    /// The free allowance that ends first, and the channels at which it does.
    pub first_to_end: Option<(String, u32)>,
}

impl Basis<'_> {
    /// A month with so many channels.
    ///
    /// # Errors
    /// A function that nobody measured, or an allowance that nobody reckons.
    pub fn month(&self, channels: Channels) -> Result<Month, String> {
        let fits = self.fits()?;
        let load = self.load(channels, &fits);
        let all = self.law.allowance.iter().chain(&self.law.paid);
        let lines = all.map(|allowance| Ok(Line::computed(allowance, self.units(&load, &allowance.id)?)));
        let lines = lines.collect::<Result<Vec<_>, String>>()?;
        Ok(Month {
            channels,
            runs: f64::from(channels.all) * self.template.starts,
            awake_hours: load.awake_minutes / 60.0,
            calls_at_once: self.calls_at_once(f64::from(channels.all)),
            demand: self.demand(f64::from(channels.all), &fits),
            usd: lines.iter().filter_map(|line| line.computed).map(|computed| computed.usd).sum(),
            lines,
            fits,
            actual: None,
        })
    }

    /// How each function would go on Lambda.
    pub(super) fn fits(&self) -> Result<Vec<Fit>, String> {
        self.template.functions.iter().map(|function| self.fit(function)).collect()
    }

    /// What a whole month asks, by the schedule.
    fn load(&self, channels: Channels, fits: &[Fit]) -> Load {
        let Self { law, template, measured } = self;
        let runs = f64::from(channels.all) * template.starts;
        let mut load = Load { minutes: f64::from(law.days) * 1_440.0, ..Load::default() };
        for function in &template.functions {
            let of_run = measured.function.iter().find(|measured| measured.name == function.name);
            let calls = match function {
                Function { scheduled, .. } if *scheduled > 0.0 => *scheduled,
                Function { has_address: true, .. } => runs * law.assumed.console_calls,
                _ => of_run.map_or(0.0, |measured| measured.calls) * runs,
            };
            let seconds = fits.iter().find(|fit| fit.name == function.name).map_or(0.0, |fit| fit.seconds);
            load.seconds.insert(function.name.clone(), calls * seconds);
            load.calls.insert(function.name.clone(), calls);
        }
        load.scheduled = template.functions.iter().map(|function| function.scheduled).sum();
        load.awake_minutes = self.awake_minutes(f64::from(channels.all), fits);
        // A film may be approved at any hour, and wakes its trigger for itself.
        load.publish_minutes = (load.awake_minutes + runs * law.assumed.minutes_to_sleep).min(load.minutes);
        let expiring = measured.run.parts_bytes * runs * law.assumed.parts_days / f64::from(law.days);
        let kept = law.assumed.months_kept;
        load.sent_bytes = measured.run.film_bytes * runs * law.assumed.film_downloads;
        load.kept_bytes = measured.run.kept_bytes * runs * kept + expiring;
        load.table_bytes = measured.run.table_bytes * runs * kept;
        let pages = template.functions.iter().find(|function| function.name == "report");
        let pages = f64::from(channels.all) * pages.map_or(0.0, |function| function.scheduled);
        // Alarms and their ends, a mail for each film that waits, and each channel's pages.
        load.mails = template.alarms * law.assumed.mails_per_alarm + runs + pages;
        let spoken = |by: u32| measured.run.characters * f64::from(by) * template.starts;
        // Asked for the sound and for the marks of its words: both are billed.
        load.polly = 2.0 * spoken(channels.polly);
        load.google = spoken(channels.google);
        load.azure = spoken(channels.azure);
        load.tokens = channels.tokens as f64 * template.starts;
        load
    }

    /// How a function's longest call would go on Lambda: where processor time is what it waits for, a function with less
    /// memory than a whole processor needs longer.
    fn fit(&self, function: &Function) -> Result<Fit, String> {
        let measured = self.measured.function.iter().find(|measured| measured.name == function.name);
        let measured = measured.ok_or_else(|| {
            format!(
                "the function `{}` is deployed and was never measured\n  hint: `make cloud` measures it",
                function.name
            )
        })?;
        let processors = function.memory_mb / self.law.limits.processor_mb;
        let seconds = measured.seconds.max(measured.cpu_seconds * self.law.assumed.slower / processors);
        Ok(Fit {
            name: function.name.clone(),
            seconds,
            timeout: function.timeout,
            memory_mb: measured.memory_mb,
            memory_limit_mb: function.memory_mb,
            storage_mb: measured.storage_mb,
            storage_limit_mb: function.storage_mb,
        })
    }

    /// Minutes that stages work on a batch.
    pub(super) fn batch_minutes(&self, channels: f64, fits: &[Fit]) -> f64 {
        let work: f64 = self
            .template
            .functions
            .iter()
            .filter_map(|function| {
                let trigger = function.trigger?;
                let calls = self.measured.function.iter().find(|measured| measured.name == function.name)?.calls;
                let seconds = fits.iter().find(|fit| fit.name == function.name)?.seconds;
                // Calls of all channels, as many at a time as the trigger lets through.
                Some(seconds * (calls * channels / trigger.concurrency).max(1.0).ceil())
            })
            .sum();
        work / 60.0
    }

    /// Minutes a month that triggers are awake: every batch's work, and the time until the next sweep finds none left.
    fn awake_minutes(&self, channels: f64, fits: &[Fit]) -> f64 {
        let batch = self.batch_minutes(channels, fits) + self.law.assumed.minutes_to_sleep;
        (batch * self.template.starts).min(f64::from(self.law.days) * 1_440.0)
    }

    /// A run is in one stage at a time; only render splits its work. Clock and console call beside runs.
    fn calls_at_once(&self, channels: f64) -> f64 {
        let triggers =
            || self.template.functions.iter().filter_map(|function| Some((&function.name, function.trigger?)));
        let films: f64 = triggers().filter(|(name, _)| *name == "render").map(|(_, trigger)| trigger.concurrency).sum();
        let texts: f64 = triggers().filter(|(name, _)| *name != "render").map(|(_, trigger)| trigger.concurrency).sum();
        films + texts.min(channels) + self.law.limits.beside_runs
    }

    /// What the first paid dollar would be spent on, if channels like these were added.
    ///
    /// # Errors
    /// See [`Basis::month`].
    pub fn first_dollar(&self, channels: Channels) -> Result<FirstDollar, String> {
        let (mut dollar, mut ended) = (None, None);
        for all in 1..=MOST_CHANNELS {
            let month = self.month(channels.like(all))?;
            if ended.is_none() {
                let over = month.lines.iter().find(|line| !line.slots && line.share().is_some_and(|share| share > 1.0));
                ended = over.map(|line| (line.name.clone(), all));
            }
            if dollar.is_none() && month.usd >= 1.0 {
                let usd = |line: &Line| line.computed.map_or(0.0, |computed| computed.usd);
                let most = month.lines.iter().max_by(|a, b| usd(a).total_cmp(&usd(b)));
                dollar = most.map(|line| (line.name.clone(), all));
            }
            if dollar.is_some() && ended.is_some() {
                break;
            }
        }
        let (what, channels) = dollar.unwrap_or_else(|| ("nothing".into(), MOST_CHANNELS));
        Ok(FirstDollar { what, channels, first_to_end: ended })
    }
}
