//! What was used: a row for each day, provider, channel and kind.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proofreel_model::calls::{AllowanceLeft, CallCounts, CallKind};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::{CallLimits, ProviderLaw};
use proofreel_ports::{PortError, Records};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::ledger::{Ledger, Row, read};

/// Name under which askings that the embedded fallback answered are counted.
pub const EMBEDDED: &str = "embedded";
/// The most of a reason that is kept.
const WHY_CHARS: usize = 300;
/// Reasons that are told apart in a row; more are counted together.
const REASONS: usize = 20;

/// A row of `call_usage`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UsageRow {
    /// Raised with each write.
    pub version: i64,
    /// Day, UTC.
    pub day: Date,
    /// Provider, or [`EMBEDDED`].
    pub provider: String,
    /// Channel that asked.
    pub channel: ChannelId,
    /// What for.
    pub kind: String,
    /// The counts.
    pub counts: CallCounts,
    /// Hits by the channel whose call had paid for the answer.
    pub paid_by: BTreeMap<String, u64>,
    /// Askings for which no call was made, or the fallback answered, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Accounts with an allowance of a day or a month that these calls drew on: a provider, or `provider/model`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub accounts: BTreeSet<String>,
    /// The last reason in full, its time and run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_refusal: Option<Refusal>,
}

/// A row of `channel_costs`: what a run asked of a provider, and what it cost. Rows of days do not know the run, the run's log
/// does not know the provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CostRow {
    /// Raised with each write.
    pub version: i64,
    /// Channel that asked.
    pub channel: ChannelId,
    /// Run that asked.
    pub run: RunId,
    /// Provider.
    pub provider: String,
    /// The counts.
    pub counts: CallCounts,
}

impl Row for CostRow {
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
}

/// Why a call was not made, or why the fallback had to answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: String,
    /// The run that asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

impl Row for UsageRow {
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
}

impl Row for Account {
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
}

/// What one asking adds to a row.
#[derive(Clone, Debug, Default)]
pub struct Added {
    /// Counts.
    pub counts: CallCounts,
    /// The account that was drawn on, where it has an allowance of a day or a month.
    pub account: Option<String>,
    /// The channel that had paid for a hit.
    pub paid_by: Option<ChannelId>,
    /// Reason in few words, and in full.
    pub refusal: Option<(String, String)>,
}

/// Who asked whom, for what.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// Provider.
    pub provider: &'a str,
    /// Kind.
    pub kind: CallKind,
    /// Channel.
    pub channel: &'a ChannelId,
    /// Run.
    pub run: Option<&'a RunId>,
}

/// Adds to the row of the day.
pub async fn add(ledger: &Ledger, asker: Asker<'_>, added: &Added, now: Timestamp) -> Result<(), PortError> {
    let day = now.to_zoned(TimeZone::UTC).date();
    let pk = partition(day);
    let sk = format!("{:02}#{}#{}#{}", day.day(), asker.provider, asker.channel, asker.kind);
    let change = |row: &mut UsageRow| {
        row.day = day;
        asker.provider.clone_into(&mut row.provider);
        row.channel = asker.channel.clone();
        asker.kind.as_str().clone_into(&mut row.kind);
        row.counts = row.counts.plus(&added.counts);
        if let Some(paid_by) = &added.paid_by {
            *row.paid_by.entry(paid_by.to_string()).or_default() += 1;
        }
        if let Some(account) = added.account.as_ref().filter(|_| added.counts.calls > 0) {
            row.accounts.insert(account.clone());
        }
        if let Some((short, full)) = &added.refusal {
            let known = row.refused.len() < REASONS || row.refused.contains_key(short);
            *row.refused.entry(if known { short.clone() } else { "other".into() }).or_default() += 1;
            let why = full.chars().take(WHY_CHARS).collect();
            row.last_refusal = Some(Refusal { at: now, why, run: asker.run.cloned() });
        }
        ((), true)
    };
    ledger.change(&pk, &sk, change).await?;
    // What came from the cache cost nothing; the run log counts it.
    let paying = asker.run.filter(|_| added.counts.calls > 0);
    let Some(run) = paying else { return Ok(()) };
    let change = |row: &mut CostRow| {
        row.channel = asker.channel.clone();
        row.run = run.clone();
        asker.provider.clone_into(&mut row.provider);
        row.counts = row.counts.plus(&added.counts);
        ((), true)
    };
    ledger.change(&format!("channel_costs#{}", asker.channel), &format!("{run}#{}", asker.provider), change).await
}

fn partition(day: Date) -> String {
    format!("usage#{:04}-{:02}", day.year(), day.month())
}

/// The rows of the month in which `day` lies, in order of day, provider, channel and kind.
pub async fn month(records: &dyn Records, day: Date) -> Result<Vec<UsageRow>, PortError> {
    let pk = partition(day);
    let items = records.query(&pk, "").await?;
    items.iter().map(|item| read(&pk, &item.sk, &item.body)).collect()
}

/// The account of a provider, or of one of its models, as it stands: for people who ask why.
pub async fn account(records: &dyn Records, row: &str) -> Result<Option<Account>, PortError> {
    let pk = format!("quota#{row}");
    records.get(&pk, "account").await?.map(|body| read(&pk, "account", &body)).transpose()
}

/// True when there is an allowance of a day or a month among the limits.
pub(crate) fn is_long(limits: &CallLimits) -> bool {
    let spans = [limits.requests, limits.tokens, limits.characters, limits.units];
    spans.iter().any(|windows| windows.day.is_some() || windows.month.is_some())
}

/// What is left of the allowances of a day or a month that were drawn on this month, the emptiest first.
pub async fn left(records: &dyn Records, law: &ProviderLaw, now: Timestamp) -> Result<Vec<AllowanceLeft>, PortError> {
    /// Days of a month in which a provider's day or month may still be one of the month before.
    const FIRST_DAYS: i8 = 2;
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut rows = month(records, today).await?;
    if today.day() <= FIRST_DAYS {
        rows.extend(month(records, today.first_of_month().yesterday().unwrap_or(today)).await?);
    }
    let mut names = BTreeSet::new();
    for row in rows.into_iter().filter(|row| row.counts.calls > 0) {
        // Rows from before accounts were named have the provider's alone.
        if row.accounts.is_empty() {
            names.insert(row.provider);
        }
        names.extend(row.accounts);
    }
    let mut left = Vec::new();
    for name in names {
        let (id, model) = name.split_once('/').map_or((name.as_str(), None), |(id, model)| (id, Some(model)));
        let Some((row, limits, provider)) = law.counted(id, model).filter(|(_, limits, _)| is_long(limits)) else {
            continue;
        };
        let (Ok(zone), Some(account)) = (TimeZone::get(provider.day.zone()), account(records, &row).await?) else {
            continue;
        };
        left.extend(account.left(&row, (&limits, &provider.day, &zone), now));
    }
    left.sort_by(|a, b| a.percent().total_cmp(&b.percent()));
    Ok(left)
}
