//! `proofreel kpi show`.

use std::process::ExitCode;

use proofreel_insight::baseline::{self, Of};
use proofreel_insight::figures::{ByVideo, VideoFigures};
use proofreel_insight::sparkline::sparkline;
use proofreel_insight::trigger;
use proofreel_model::kpi::{Baseline, Basis, KpiSnapshot, Metric, Subject};
use proofreel_model::policy::kpi_law;
use proofreel_operations::Office;
use proofreel_pipeline::kpi;

use super::{ChannelArgs, day_of, profile};
use crate::args::Global;
use crate::exit::Failure;

/// Newest videos that the table lists.
const LISTED: usize = 12;

pub async fn show(global: &Global, args: &ChannelArgs, office: &Office) -> Result<ExitCode, Failure> {
    let profile = profile(&args.channel)?;
    let today = day_of(args.as_of)?;
    let records = office.records.as_ref();
    let (snapshots, cards) = (kpi::snapshots(records, &profile.id).await?, kpi::videos(records, &profile.id).await?);
    let videos = ByVideo::of(&cards, &snapshots);
    let of = Of { channel: &profile.id, kind: profile.kind, today };
    let baselines = baseline::all(of, &videos);
    let orders = kpi::standing_orders(records, &profile.id).await?;
    let standing: Vec<_> = orders.iter().filter(|order| order.stands_on(today)).collect();
    let whole = videos.whole(today);
    if global.json {
        let listed: Vec<_> = whole.iter().map(as_json).collect();
        let document = serde_json::json!({
            "channel": profile.id, "as_of": today, "baselines": baselines, "videos": listed, "standing_orders": standing,
        });
        println!("{document:#}");
        return Ok(ExitCode::SUCCESS);
    }
    if snapshots.is_empty() {
        println!("no figures yet; import some with: proofreel kpi import FILE --channel {}", args.channel.display());
        return Ok(ExitCode::SUCCESS);
    }
    println!("{}  as of {today}, {} videos, {} figures kept", profile.name, whole.len(), snapshots.len());
    print_api(&snapshots);
    print_baselines(&videos, &baselines, today);
    print_videos(&whole, &baselines, &cards);
    for order in standing {
        println!(
            "order     {} until {}: {} ({} owns it)",
            order.kind.as_str(),
            order.expires,
            order.reason,
            order.owner
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// What YouTube's API gave, raw: nothing is derived of it unless the owner accepted the amendment.
fn print_api(snapshots: &[KpiSnapshot]) {
    let api: Vec<&KpiSnapshot> = snapshots.iter().filter(|row| row.is_of_api()).collect();
    let Some(newest) = api.iter().map(|row| row.day).max() else { return };
    let used = if kpi_law().derived.api_amendment_accepted {
        "they are used like the owner's export"
    } else {
        "kept and shown as they are: no baseline, RPM, order or forecast uses them (specs/REPORTING.md, derived metrics)"
    };
    println!("YouTube   {} figures of its API until {newest}; {used}", api.len());
    let channel = api.iter().rev().find(|row| row.subject == Subject::Channel && row.figures.views.is_some());
    if let Some(row) = channel {
        println!("          the channel on {}: {}", row.day, serde_json::to_string(&row.figures).unwrap_or_default());
    }
}

fn as_json(video: &VideoFigures) -> serde_json::Value {
    let values: serde_json::Map<String, serde_json::Value> =
        Metric::ALL.iter().map(|metric| (key(*metric), serde_json::json!(video.value(*metric)))).collect();
    serde_json::json!({
        "video_id": video.video_id, "published": video.published, "age_days": video.age, "views": video.views,
        "engaged_views": video.engaged_views, "impressions": video.impressions, "revenue_usd": video.revenue_usd,
        "counting": video.counting, "values": values, "evidence": video.evidence,
    })
}

fn key(metric: Metric) -> String {
    serde_json::to_value(metric).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn print_baselines(videos: &ByVideo<'_>, baselines: &[Baseline], today: jiff::civil::Date) {
    println!(
        "\n{:<15} {:<10} {:>8}  {:<19} {:>6}  newest on the right",
        "baseline", "age, days", "median", "90 % interval", "videos"
    );
    for line in baselines {
        let figures = videos.at_age(line.age, today);
        let values: Vec<Option<f64>> =
            figures.iter().rev().take(30).rev().map(|video| video.value(line.metric)).collect();
        if values.iter().all(Option::is_none) {
            continue;
        }
        let age =
            if line.age.1 > 9999 { format!("{}+", line.age.0) } else { format!("{}–{}", line.age.0, line.age.1) };
        let (low, high) = (line.metric.worded(line.interval.0), line.metric.worded(line.interval.1));
        let basis = if line.basis == Basis::Prior { "  start value, too few videos" } else { "" };
        println!(
            "{:<15} {age:<10} {:>8}  {:<19} {:>6}  {}{basis}",
            line.metric.name(),
            line.metric.worded(line.value),
            format!("{low} – {high}"),
            line.videos,
            sparkline(&values)
        );
    }
}

fn print_videos(whole: &[VideoFigures], baselines: &[Baseline], cards: &[proofreel_model::kpi::VideoCard]) {
    println!(
        "\n{:<12} {:<11} {:>9} {:>8} {:>9} {:>8} {:>8}  title",
        "video", "published", "views", "CTR", "AVD share", "RPM", "RPM eng."
    );
    for video in whole.iter().rev().take(LISTED) {
        let value = |metric: Metric| {
            let Some(value) = video.value(metric) else { return "–".to_owned() };
            let of = |line: &&Baseline| line.metric == metric && (line.age.0..=line.age.1).contains(&video.age);
            let below = baselines.iter().find(of).is_some_and(|line| trigger::is_below(video, metric, line));
            format!("{}{}", if below { "▼" } else { "" }, metric.worded(value))
        };
        let title = cards.iter().find(|card| card.video_id == video.video_id).map_or("", |card| card.title.as_str());
        println!(
            "{:<12} {:<11} {:>9} {:>8} {:>9} {:>8} {:>8}  {}",
            video.video_id,
            video.published.map_or_else(|| "–".into(), |day| day.to_string()),
            video.views,
            value(Metric::Ctr),
            value(Metric::AvdShare),
            value(Metric::RpmViews),
            value(Metric::RpmEngaged),
            title.chars().take(40).collect::<String>()
        );
    }
    println!(
        "▼ below its baseline; – unknown, too few views, or counted in two ways (before and after 24 August 2026)"
    );
}
