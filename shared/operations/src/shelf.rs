//! What reports and phases are computed from, read from the records of one channel.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use proofreel_insight::cost::{self, ChannelCost, ProviderCost, ProviderUse, RunCost, Spent};
use proofreel_insight::figures::ByVideo;
use proofreel_insight::forecast::{self, Forecast};
use proofreel_insight::phase::{self, Criterion, Known, Neighbour, Rewrites};
use proofreel_insight::sli::Attempt;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::digest::{Digest, canonical_json};
use proofreel_model::experiment::Experiment;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::incident::Incident;
use proofreel_model::kpi::{Baseline, KpiSnapshot, Recalibration, StandingOrder, VideoCard};
use proofreel_model::policy::kpi_law;
use proofreel_model::records::{RunHead, RunState};
use proofreel_pipeline::{incidents, kpi, list_runs, run_rows};
use proofreel_ports::Records;

use crate::OperationError;

/// Newest runs that are read.
const MOST_RUNS: usize = 5000;
/// Days over which a channel's pace of publishing is taken.
const PACE_DAYS: i64 = 56;

/// Everything that the records say of a channel.
pub struct Shelf {
    /// Its file.
    pub profile: ChannelProfile,
    /// Day that is asked about.
    pub today: Date,
    /// Its videos.
    pub cards: Vec<VideoCard>,
    /// Its figures.
    pub snapshots: Vec<KpiSnapshot>,
    /// Its baselines as they were last drawn.
    pub baselines: Vec<Baseline>,
    /// Times its bounds were drawn anew.
    pub recalibrations: Vec<Recalibration>,
    /// Experiments with its videos.
    pub experiments: Vec<Experiment>,
    /// All orders that it was ever given.
    pub orders: Vec<StandingOrder>,
    /// Its runs, newest first, without drafts.
    pub heads: Vec<RunHead>,
    /// Their attempts.
    pub attempts: Vec<Attempt>,
    /// Incidents of all channels, with their keys.
    pub incidents: Vec<(String, Incident)>,
    /// What providers were asked for this month and the one before.
    pub usage: Vec<ProviderUse>,
    /// What its runs spent at providers.
    pub spent: Vec<Spent>,
    /// Rewrites by run.
    pub rewrites: Vec<Rewrites>,
    /// All channels.
    pub channels: Vec<Neighbour>,
}

impl Shelf {
    /// Reads it. `others` are the profiles of all channels; one of the same id is taken once.
    ///
    /// # Errors
    /// The records.
    pub async fn read(
        records: &dyn Records,
        profile: ChannelProfile,
        others: &[ChannelProfile],
        today: Date,
    ) -> Result<Self, OperationError> {
        let id = profile.id.clone();
        let mut heads = list_runs(records, MOST_RUNS).await?.heads;
        heads.retain(|head| head.channel == id && !head.draft);
        let mut attempts = Vec::new();
        for head in &heads {
            attempts.extend(run_rows(records, &head.run_id).await?.iter().map(Attempt::of));
        }
        let mut channels = Vec::new();
        for other in others.iter().filter(|other| other.id != id).chain([&profile]) {
            channels.push(neighbour(records, other, today).await?);
        }
        let rewrites = heads.iter().map(|head| Rewrites {
            run: head.run_id.clone(),
            day: head.created_at.to_zoned(TimeZone::UTC).date(),
            rewrites: head.rewrites,
        });
        Ok(Self {
            rewrites: rewrites.collect(),
            cards: kpi::videos(records, &id).await?,
            snapshots: kpi::snapshots(records, &id).await?,
            baselines: kpi::baselines(records, &id).await?,
            experiments: kpi::experiments(records, &id).await?,
            recalibrations: kpi::recalibrations(records, &id).await?,
            orders: kpi::standing_orders(records, &id).await?,
            incidents: incidents::incidents(records).await?,
            usage: usage(records, today).await?,
            spent: spent(records, &id).await?,
            profile,
            today,
            heads,
            attempts,
            channels,
        })
    }

    /// Exit criteria of all phases.
    pub fn criteria(&self) -> Vec<Criterion> {
        phase::criteria(&Known {
            channel: &self.profile.id,
            today: self.today,
            cards: &self.cards,
            snapshots: &self.snapshots,
            baselines: &self.baselines,
            orders: &self.orders,
            attempts: &self.attempts,
            rewrites: &self.rewrites,
            channels: &self.channels,
        })
    }

    /// The forecast at the age that most videos have figures of.
    pub fn forecast(&self) -> Forecast {
        let videos = ByVideo::of(&self.cards, &self.snapshots);
        let by_age = kpi_law().baseline.ages.iter().map(|age| videos.at_age(*age, self.today));
        let figures = by_age.max_by_key(Vec::len).unwrap_or_default();
        let since = self.today.saturating_sub(jiff::Span::new().days(PACE_DAYS));
        let lately =
            self.cards.iter().filter(|card| card.published.is_some_and(|day| since < day && day <= self.today));
        let month = f64::from(proofreel_model::policy::phase_law().forecast.days);
        let pace = lately.count() as f64 * month / PACE_DAYS as f64;
        forecast::forecast(&figures, (pace > 0.0).then_some(pace), kpi_law().thresholds(self.profile.kind))
    }

    /// Costs of the runs whose last attempt was on these days, both included.
    pub fn costs(&self, from: Date, to: Date, minutes: &BTreeMap<RunId, f64>) -> Vec<ChannelCost> {
        let mut costs = cost::costs(&self.attempts, &self.spent, minutes);
        costs.retain(|cost| (from..=to).contains(&cost.day));
        costs
    }

    /// Costs by provider on these days, both included.
    pub fn providers(&self, from: Date, to: Date) -> Vec<ProviderCost> {
        let rows: Vec<ProviderUse> = self.usage.iter().filter(|row| (from..=to).contains(&row.day)).cloned().collect();
        cost::by_provider(&rows, &self.profile.id)
    }

    /// Runs that wait for a person, with why.
    pub fn held(&self) -> Vec<(String, String)> {
        let why = |head: &RunHead| match &head.state {
            RunState::Held { reason, .. } => Some((head.run_id.to_string(), reason.clone())),
            _ => None,
        };
        self.heads.iter().filter_map(why).collect()
    }
}

/// The governor's rows of usage of this month and the one before.
async fn usage(records: &dyn Records, today: Date) -> Result<Vec<ProviderUse>, OperationError> {
    let mut rows = usage_of(records, today.first_of_month().saturating_sub(jiff::Span::new().months(1))).await?;
    rows.extend(usage_of(records, today).await?);
    Ok(rows)
}

/// The governor's rows of usage of the month of a day.
pub(crate) async fn usage_of(records: &dyn Records, day: Date) -> Result<Vec<ProviderUse>, OperationError> {
    let pk = format!("usage#{}", day.strftime("%Y-%m"));
    let rows = records.query(&pk, "").await?.into_iter().map(|item| {
        serde_json::from_value(item.body).map_err(|error| OperationError::Unreadable {
            what: format!("row {} of {pk}", item.sk),
            why: error.to_string(),
        })
    });
    rows.collect()
}

/// The governor's rows of what the channel's runs spent.
async fn spent(records: &dyn Records, channel: &ChannelId) -> Result<Vec<Spent>, OperationError> {
    let pk = format!("channel_costs#{channel}");
    let rows = records.query(&pk, "").await?.into_iter().map(|item| {
        let row: Result<RunCost, _> = serde_json::from_value(item.body);
        row.map(Spent::from).map_err(|error| OperationError::Unreadable {
            what: format!("row {} of {pk}", item.sk),
            why: error.to_string(),
        })
    });
    rows.collect()
}

async fn neighbour(records: &dyn Records, profile: &ChannelProfile, today: Date) -> Result<Neighbour, OperationError> {
    // Two channels that differ only in their names have one configuration.
    let bare = ChannelProfile { id: "".into(), name: String::new(), ..profile.clone() };
    let bytes = canonical_json(&bare).map_err(|error| OperationError::Unreadable {
        what: format!("channel {}", profile.id),
        why: error.to_string(),
    })?;
    let cards = kpi::videos(records, &profile.id).await?;
    Ok(Neighbour {
        channel: profile.id.clone(),
        config: Digest::of(&bytes).to_string(),
        published: cards.iter().filter(|card| card.published.is_some_and(|day| day <= today)).count(),
        baselines: kpi::baselines(records, &profile.id).await?.len(),
    })
}
