//! What a month asks of the services, and what that is of each allowance.

use std::collections::BTreeMap;

use super::Basis;
use super::measured::Function as Cost;
use super::template::{Function, Trigger};

/// Receives and deletes that Lambda's poller makes for each message.
const POLLERS_REQUESTS: f64 = 2.0;

/// What a month asks, or what it asked so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Load {
    /// Minutes that have gone by.
    pub minutes: f64,
    /// Calls by function.
    pub calls: BTreeMap<String, f64>,
    /// Seconds by function, all calls together.
    pub seconds: BTreeMap<String, f64>,
    /// Calls by schedules.
    pub scheduled: f64,
    /// Minutes that triggers of stages are awake.
    pub awake_minutes: f64,
    /// Minutes that the publisher's trigger is awake.
    pub publish_minutes: f64,
    /// Bytes that leave for the internet.
    pub sent_bytes: f64,
    /// Bytes that lie in the bucket.
    pub kept_bytes: f64,
    /// Bytes of the table.
    pub table_bytes: f64,
    /// Mails.
    pub mails: f64,
    /// Characters that Polly was asked for, sound and marks.
    pub polly: f64,
    /// Characters that Google speaks.
    pub google: f64,
    /// Characters that Azure speaks.
    pub azure: f64,
    /// Tokens of models.
    pub tokens: f64,
}

impl Load {
    /// Sum of something a call over all functions that were measured.
    fn sum(&self, measured: &[Cost], of: impl Fn(&Cost) -> f64) -> f64 {
        let calls = |function: &Cost| self.calls.get(&function.name).copied().unwrap_or_default();
        measured.iter().map(|function| calls(function) * of(function)).sum()
    }
}

impl Basis<'_> {
    /// Units of the allowance that a load takes.
    pub(super) fn units(&self, load: &Load, id: &str) -> Result<f64, String> {
        let Self { law, template, measured } = self;
        let gb = |bytes: f64| bytes / 1e9;
        let sum = |of: &dyn Fn(&Cost) -> f64| load.sum(&measured.function, of);
        Ok(match id {
            "lambda_requests" => load.calls.values().sum(),
            "lambda_gb_seconds" => {
                let of = |function: &Function| {
                    load.seconds.get(&function.name).copied().unwrap_or_default() * function.memory_mb / 1024.0
                };
                template.functions.iter().map(of).sum()
            }
            "lambda_disk_gb_seconds" => {
                let of = |function: &Function| {
                    let paid_mb = (function.storage_mb - law.limits.free_storage_mb).max(0.0);
                    load.seconds.get(&function.name).copied().unwrap_or_default() * paid_mb / 1024.0
                };
                template.functions.iter().map(of).sum()
            }
            "kms_requests" => sum(&|function| function.keys * self.new_processes(&function.name)),
            "sqs_requests" => self.polls(load) + sum(&|function| function.sqs + POLLERS_REQUESTS),
            "dynamodb_read_units" => template.read_units,
            "dynamodb_write_units" => template.write_units,
            "dynamodb_gb" => gb(load.table_bytes),
            "cloudwatch_alarms" => template.alarms,
            "cloudwatch_metrics" => template.metrics,
            "cloudwatch_dashboards" => template.dashboards,
            "cloudwatch_log_gb" => gb(sum(&|function| function.log_bytes + law.assumed.platform_log_bytes)),
            "scheduler_calls" => load.scheduled,
            "sns_mails" => load.mails,
            // Films are seen through the console, and fetched there: what leaves was streamed.
            "transfer_out_gb" | "lambda_streamed_gb" => gb(load.sent_bytes),
            "s3_gb" => gb(load.kept_bytes),
            "s3_writes" => sum(&|function| function.s3_writes),
            "s3_reads" => sum(&|function| function.s3_reads),
            "polly_characters" => load.polly,
            "google_characters" => load.google,
            "azure_characters" => load.azure,
            "model_tokens" => load.tokens,
            other => return Err(format!("nobody has said how much of `{other}` is used")),
        })
    }

    /// The share of a function's calls that meets a process which has read no key yet: whoever is called by a clock or a message
    /// may be a new one each time, the console's visitors find one that runs.
    fn new_processes(&self, name: &str) -> f64 {
        let visited = self.template.functions.iter().any(|function| function.name == name && function.has_address);
        if visited { self.law.assumed.console_cold } else { 1.0 }
    }

    /// Receives of triggers that are awake and find nothing.
    fn polls(&self, load: &Load) -> f64 {
        let minutes = |function: &Function, trigger: Trigger| match (trigger.awake, function.name.as_str()) {
            (true, _) => load.minutes,
            (false, "publish") => load.publish_minutes,
            (false, _) => load.awake_minutes,
        };
        let awake = self.template.functions.iter().filter_map(|function| Some(minutes(function, function.trigger?)));
        awake.sum::<f64>() * self.law.polling.requests_per_minute
    }
}
