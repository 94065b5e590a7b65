//! A month's use of every allowance, from template, cadence and measurement.

use serde::Serialize;

use super::law::{Law, Price};
use super::measured::Measured;
use super::template::{Function, Template, Trigger};

/// Receives and deletes that Lambda's poller makes for each message.
const POLLERS_REQUESTS: f64 = 2.0;
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
    /// So many channels like these.
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

/// One allowance.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Name in the law.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Used a month.
    pub used: f64,
    /// Free a month; 0 where nothing is.
    pub free: f64,
    /// What is counted.
    pub unit: String,
    /// Used of free; none where nothing is free.
    pub share: Option<f64>,
    /// Free and not used.
    pub left: f64,
    /// True for places that a deploy takes and use does not fill.
    pub slots: bool,
    /// US dollars a month for what is not free.
    pub usd: f64,
    /// Where and when the allowance was read.
    pub source: String,
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
}

impl Fit {
    /// The larger share of time and memory.
    pub fn share(&self) -> f64 {
        (self.seconds / self.timeout).max(self.memory_mb / self.memory_limit_mb)
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
    /// Free allowances and what is paid from the first unit.
    pub lines: Vec<Line>,
    /// Functions.
    pub fits: Vec<Fit>,
    /// US dollars.
    pub usd: f64,
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

/// What is reckoned from.
pub struct Basis<'a> {
    /// Prices.
    pub law: &'a Law,
    /// Deployment.
    pub template: &'a Template,
    /// Measurement.
    pub measured: &'a Measured,
}

impl Basis<'_> {
    /// A month with so many channels.
    pub fn month(&self, channels: Channels) -> Result<Month, String> {
        let Self { law, template, measured } = self;
        let all = f64::from(channels.all);
        let runs = all * template.starts;
        let scheduled: f64 = template.functions.iter().map(|function| function.scheduled).sum();
        let reports = template.functions.iter().find(|function| function.name == "report");
        let reports = reports.map_or(0.0, |function| function.scheduled);
        let fits = template.functions.iter().map(|function| self.fit(function)).collect::<Result<Vec<_>, _>>()?;

        // Sums over functions of something a call, in a month.
        let sum = |of: &dyn Fn(&super::measured::Function) -> f64| -> f64 {
            let calls = |f: &super::measured::Function| {
                let deployed = template.functions.iter().find(|function| function.name == f.name);
                match deployed.map(|function| (function.scheduled, function.has_address)) {
                    None => 0.0,
                    Some((times, _)) if times > 0.0 => times,
                    Some((_, true)) => runs * law.assumed.console_calls,
                    Some(_) => f.calls * runs,
                }
            };
            measured.function.iter().map(|function| calls(function) * of(function)).sum()
        };
        let time_of = |name: &str| {
            fits.iter().find(|fit| fit.name == name).map_or((0.0, 0.0), |fit| (fit.seconds, fit.memory_limit_mb))
        };
        let gb_seconds = sum(&|function| {
            let (seconds, memory_mb) = time_of(&function.name);
            seconds * memory_mb / 1024.0
        });
        let awake_minutes = self.awake_minutes(all, &fits);
        let month_minutes = f64::from(law.days) * 1_440.0;
        // A film may be approved at any hour, and wakes its trigger for itself.
        let publish_minutes = (awake_minutes + runs * law.assumed.minutes_to_sleep).min(month_minutes);
        let minutes = |function: &Function, trigger: Trigger| match (trigger.awake, function.name.as_str()) {
            (true, _) => month_minutes,
            (false, "publish") => publish_minutes,
            (false, _) => awake_minutes,
        };
        let polls: f64 = template
            .functions
            .iter()
            .filter_map(|function| Some(minutes(function, function.trigger?) * law.polling.requests_per_minute))
            .sum();
        let gb = |bytes: f64| bytes / 1e9;
        let kept = law.assumed.months_kept;
        let expiring = measured.run.parts_bytes * runs * law.assumed.parts_days / f64::from(law.days);
        let used = |id: &str| -> Result<f64, String> {
            Ok(match id {
                "lambda_requests" => sum(&|_| 1.0),
                "lambda_gb_seconds" => gb_seconds,
                "sqs_requests" => polls + sum(&|function| function.sqs + POLLERS_REQUESTS),
                "dynamodb_read_units" => template.read_units,
                "dynamodb_write_units" => template.write_units,
                "dynamodb_gb" => gb(measured.run.table_bytes * runs * kept),
                "cloudwatch_alarms" => template.alarms,
                "cloudwatch_metrics" => template.metrics,
                "cloudwatch_dashboards" => template.dashboards,
                "cloudwatch_log_gb" => gb(sum(&|function| function.log_bytes + law.assumed.platform_log_bytes)),
                "scheduler_calls" => scheduled,
                // Alarms and their ends, a mail for each film that waits, and each channel's pages.
                "sns_mails" => template.alarms * law.assumed.mails_per_alarm + runs + all * reports,
                "transfer_out_gb" => gb(measured.run.film_bytes * runs * law.assumed.film_downloads),
                "s3_gb" => gb(measured.run.kept_bytes * runs * kept + expiring),
                "s3_writes" => sum(&|function| function.s3_writes),
                "s3_reads" => sum(&|function| function.s3_reads),
                // Asked for the sound and for the marks of its words: both are billed.
                "polly_characters" => 2.0 * measured.run.characters * f64::from(channels.polly) * template.starts,
                "google_characters" => measured.run.characters * f64::from(channels.google) * template.starts,
                "azure_characters" => measured.run.characters * f64::from(channels.azure) * template.starts,
                "model_tokens" => channels.tokens as f64 * template.starts,
                other => return Err(format!("nobody has said how much of `{other}` is used")),
            })
        };
        let lines = law.allowance.iter().chain(&law.paid).map(|price| Ok(line(price, used(&price.id)?)));
        let lines = lines.collect::<Result<Vec<_>, String>>()?;
        Ok(Month {
            channels,
            runs,
            awake_hours: awake_minutes / 60.0,
            calls_at_once: self.calls_at_once(all),
            usd: lines.iter().map(|line| line.usd).sum(),
            lines,
            fits,
        })
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
        })
    }

    /// Minutes a month that triggers are awake: every batch's work, and the time until the next sweep finds none left.
    fn awake_minutes(&self, channels: f64, fits: &[Fit]) -> f64 {
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
        let batch = work / 60.0 + self.law.assumed.minutes_to_sleep;
        (batch * self.template.starts).min(f64::from(self.law.days) * 1_440.0)
    }

    /// A run is in one stage at a time; only render splits its work.
    fn calls_at_once(&self, channels: f64) -> f64 {
        let triggers =
            || self.template.functions.iter().filter_map(|function| Some((&function.name, function.trigger?)));
        let films: f64 = triggers().filter(|(name, _)| *name == "render").map(|(_, trigger)| trigger.concurrency).sum();
        let texts: f64 = triggers().filter(|(name, _)| *name != "render").map(|(_, trigger)| trigger.concurrency).sum();
        films + texts.min(channels) + 1.0
    }

    /// What the first paid dollar would be spent on, if channels like these were added.
    pub fn first_dollar(&self, channels: Channels) -> Result<FirstDollar, String> {
        let (mut dollar, mut ended) = (None, None);
        for all in 1..=MOST_CHANNELS {
            let month = self.month(channels.like(all))?;
            if ended.is_none() {
                let over = month.lines.iter().find(|line| !line.slots && line.share.is_some_and(|share| share > 1.0));
                ended = over.map(|line| (line.name.clone(), all));
            }
            if dollar.is_none() && month.usd >= 1.0 {
                let most = month.lines.iter().max_by(|a, b| a.usd.total_cmp(&b.usd));
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

fn line(price: &Price, used: f64) -> Line {
    Line {
        id: price.id.clone(),
        name: price.name.clone(),
        used,
        free: price.free,
        unit: price.unit.clone(),
        share: (price.free > 0.0).then(|| used / price.free),
        left: (price.free - used).max(0.0),
        slots: price.slots,
        usd: price.cost(used),
        source: format!("{}, {}", price.source, price.seen),
    }
}
