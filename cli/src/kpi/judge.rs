//! `proofreel kpi judge`.

use std::process::ExitCode;

use proofreel_insight::baseline::{self, Of};
use proofreel_insight::figures::ByVideo;
use proofreel_insight::trigger;
use proofreel_model::kpi::{Metric, Outcome};
use proofreel_model::policy::kpi_law;
use proofreel_pipeline::kpi;

use super::{JudgeArgs, day_of, profile};
use crate::args::Global;
use crate::exit::Failure;
use crate::state::open_records;

pub async fn judge(global: &Global, args: &JudgeArgs) -> Result<ExitCode, Failure> {
    let profile = profile(&args.of.channel)?;
    let today = day_of(args.of.as_of)?;
    let records = open_records(&global.state)?;
    let (snapshots, cards) = (kpi::snapshots(&records, &profile.id).await?, kpi::videos(&records, &profile.id).await?);
    let videos = ByVideo::of(&cards, &snapshots);
    let of = Of { channel: &profile.id, kind: profile.kind, today };
    let baselines = baseline::all(of, &videos);
    let mut orders = kpi::standing_orders(&records, &profile.id).await?;
    // Judged at the age at which most of the channel's newest videos have figures.
    let ages = &kpi_law().baseline.ages;
    let by_age: Vec<_> = ages.iter().map(|age| (*age, videos.at_age(*age, today))).collect();
    let Some((age, uploads)) = by_age.iter().max_by_key(|(age, figures)| (figures.len(), std::cmp::Reverse(age.0)))
    else {
        return Err(Failure::input("specs/policy/kpi.toml names no ages"));
    };
    for order in &mut orders {
        order.outcome = trigger::outcome(order, uploads, today);
    }
    let fresh = trigger::orders(of, *age, uploads, &orders);
    let start = kpi_law().thresholds(profile.kind);
    let anew = trigger::recalibrated(start, &baselines);
    let last = |metric: Metric| uploads.iter().rev().find_map(|video| video.value(metric));
    let decision = trigger::decide(anew.as_ref().unwrap_or(start), last(Metric::Ctr), last(Metric::AvdShare));
    orders.extend(fresh.iter().cloned());
    if !args.dry_run {
        kpi::put_judgement(&records, &profile.id, &baselines, &orders).await?;
    }
    if global.json {
        let document = serde_json::json!({
            "status": if args.dry_run { "dry_run" } else { "stored" }, "channel": profile.id, "as_of": today,
            "age_days": age, "uploads": uploads.len(), "baselines": baselines.len(), "given": fresh, "orders": orders,
            "decision": decision,
            "thresholds": anew.map(|anew| serde_json::json!({
                "ctr": anew.ctr, "hold_ctr": anew.hold_ctr, "avd_share": anew.avd_share,
                "hold_avd_share": anew.hold_avd_share, "retention_30s": anew.retention_30s, "rpm_views": anew.rpm_views,
            })),
        });
        println!("{document:#}");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} uploads at an age of {} to {} days; {} baselines drawn", uploads.len(), age.0, age.1, baselines.len());
    for order in &orders {
        let became = match &order.outcome {
            Outcome::Open if fresh.contains(order) => "given now".to_owned(),
            Outcome::Open if order.stands_on(today) => "stands".to_owned(),
            Outcome::Open => "waits for its figures".to_owned(),
            Outcome::Expired => "expired without a measure".to_owned(),
            Outcome::Measured { before, after, uploads, recovered, .. } => format!(
                "{} → {} over {uploads} uploads, {}",
                order.metric.worded(*before),
                order.metric.worded(*after),
                if *recovered { "recovered" } else { "not recovered" }
            ),
        };
        println!(
            "order     {:<10} {} to {}: {}; {became}",
            order.kind.as_str(),
            order.issued,
            order.expires,
            order.reason
        );
    }
    println!("decision  {}", serde_json::to_string(&decision).unwrap_or_default());
    if let Some(anew) = anew {
        println!(
            "proposed  publish from CTR {:.2} % and AVD {:.1} %, rework below {:.2} % and {:.1} % (policy: {:.2} %, {:.1} %); `proofreel report monthly` writes it as a patch",
            anew.ctr * 100.0,
            anew.avd_share * 100.0,
            anew.hold_ctr * 100.0,
            anew.hold_avd_share * 100.0,
            start.ctr * 100.0,
            start.avd_share * 100.0
        );
    }
    Ok(ExitCode::SUCCESS)
}
