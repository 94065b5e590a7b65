//! `/channels/{channel}`: a channel's figures, what was ordered because of them, and its films.

use askama::Template;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use proofreel_insight::baseline::{self, Of};
use proofreel_insight::figures::ByVideo;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::{Metric, Outcome, StandingOrder};
use proofreel_operations::{governance, reports};
use proofreel_pipeline::kpi;
use proofreel_publishing::{Publication, shown_state};

use super::episode::is_id;
use crate::Shared;
use crate::answer::{Fault, Frame, page};
use crate::chart::{Chart, HEIGHT, WIDTH, chart};
use crate::visitor::Visitor;

/// Newest reports that the page names.
const NEWEST: usize = 3;

#[derive(Template)]
#[template(path = "channel.html")]
struct Channel {
    frame: Frame,
    name: String,
    id: String,
    audience: String,
    people: Vec<(&'static str, String)>,
    governance: Option<String>,
    age: String,
    charts: Vec<Chart>,
    width: f64,
    height: f64,
    orders: Vec<Order>,
    /// Names and titles of the newest reports.
    reports: Vec<(String, String)>,
    films: Vec<Film>,
}

/// A standing order.
struct Order {
    kind: &'static str,
    reason: String,
    until: String,
    state: String,
    mood: &'static str,
}

/// A film of the channel.
struct Film {
    run: String,
    state: &'static str,
    published: String,
    address: Option<String>,
}

/// The channel that an address names.
pub struct ChannelPath(pub ChannelId);

impl FromRequestParts<Shared> for ChannelPath {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Fault> {
        let path = Path::<String>::from_request_parts(parts, shared).await.map_err(|_| Fault::NotFound)?.0;
        if is_id(&path) { Ok(Self(ChannelId(path))) } else { Err(Fault::NotFound) }
    }
}

pub async fn show(State(shared): State<Shared>, visitor: Visitor, path: ChannelPath) -> Result<Response, Fault> {
    let office = &shared.office;
    let profile = visitor.channel(&path.0).ok_or(Fault::NotFound)?;
    let (charts, age) = charts(&shared, profile).await?;
    let today = office.clock.today();
    let mut orders = kpi::standing_orders(office.records.as_ref(), &profile.id).await?;
    orders.reverse();
    let kept = reports::list(office, &profile.id).await?;
    let mut films = office.ledger().of_channel(&profile.id).await?;
    films.reverse();
    let named = |names: &[String]| if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
    let publishing = &profile.publishing;
    Ok(page(
        StatusCode::OK,
        &Channel {
            frame: Frame::of(&visitor, "home"),
            name: profile.name.clone(),
            id: profile.id.to_string(),
            audience: profile.audience.clone(),
            people: vec![
                ("operators", named(&publishing.operators)),
                ("approvers", named(&publishing.approvers)),
                ("viewers", named(&publishing.viewers)),
            ],
            governance: governance::word(office, profile).await?.objection(),
            age,
            charts,
            width: WIDTH,
            height: HEIGHT,
            orders: orders.iter().map(|order| self::order(order, today)).collect(),
            reports: kept.iter().take(NEWEST).map(|kept| (kept.name.clone(), kept.title.clone())).collect(),
            films: films.iter().map(film).collect(),
        },
    ))
}

/// Each metric at the age that most films have figures of, which is what governance looks at too.
async fn charts(shared: &Shared, profile: &ChannelProfile) -> Result<(Vec<Chart>, String), Fault> {
    let (records, today) = (shared.office.records.as_ref(), shared.office.clock.today());
    let (snapshots, cards) = (kpi::snapshots(records, &profile.id).await?, kpi::videos(records, &profile.id).await?);
    let videos = ByVideo::of(&cards, &snapshots);
    let (age, figures) = governance::compared(&videos, today);
    if figures.is_empty() {
        return Ok((Vec::new(), String::new()));
    }
    let of = Of { channel: &profile.id, kind: profile.kind, today };
    let bounds = &governance::bounds(profile, &kpi::recalibrations(records, &profile.id).await?, today);
    let title =
        |id: &str| cards.iter().find(|card| card.video_id == id).map_or(id.to_owned(), |card| card.title.clone());
    let charts = Metric::ALL.into_iter().map(|metric| {
        let values: Vec<_> = figures.iter().map(|video| (title(&video.video_id), video.value(metric))).collect();
        let band = baseline::one(of, metric, age, &figures).map(|baseline| baseline.interval);
        chart(metric.name(), &values, band, baseline::prior(bounds, metric), |value| metric.worded(value))
    });
    let charts = charts.filter(|chart| !chart.dots.is_empty());
    Ok((charts.collect(), format!("{} to {} days after publishing", age.0, age.1)))
}

fn order(order: &StandingOrder, today: jiff::civil::Date) -> Order {
    let (state, mood) = match &order.outcome {
        Outcome::Open if order.stands_on(today) => ("stands".to_owned(), "open"),
        Outcome::Open | Outcome::Expired => ("ran out".to_owned(), ""),
        Outcome::Measured { before, after, recovered, .. } => (
            format!("{} before, {} after", order.metric.worded(*before), order.metric.worded(*after)),
            if *recovered { "good" } else { "bad" },
        ),
    };
    Order { kind: order.kind.as_str(), reason: order.reason.clone(), until: order.expires.to_string(), state, mood }
}

fn film(row: &Publication) -> Film {
    Film {
        run: row.run.to_string(),
        state: shown_state(row.state),
        published: row.published_at.map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default(),
        // What a host said is not trusted: only a plain web address becomes a link.
        address: row.address.clone().filter(|address| address.starts_with("https://")),
    }
}
