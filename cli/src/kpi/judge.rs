//! `proofreel kpi judge`.

use std::path::Path;
use std::process::ExitCode;

use proofreel_model::kpi::Outcome;
use proofreel_model::policy::kpi_law;
use proofreel_operations::measure;

use super::{JudgeArgs, day_of, profile};
use crate::args::Global;
use crate::exit::Failure;
use crate::publish::office;

pub async fn judge(global: &Global, args: &JudgeArgs) -> Result<ExitCode, Failure> {
    let profile = profile(&args.of.channel)?;
    let today = day_of(args.of.as_of)?;
    let office = office(&global.state, Path::new("channels"))?;
    let judged = measure::judge(&office, &profile, today, args.dry_run).await?;
    let start = kpi_law().thresholds(profile.kind);
    if global.json {
        let mut document = serde_json::json!(judged);
        document["status"] = if args.dry_run { "dry_run" } else { "stored" }.into();
        document["thresholds"] = serde_json::json!(judged.anew.map(|anew| serde_json::json!({
                "ctr": anew.ctr, "hold_ctr": anew.hold_ctr, "avd_share": anew.avd_share,
                "hold_avd_share": anew.hold_avd_share, "retention_30s": anew.retention_30s, "rpm_views": anew.rpm_views,
        })));
        println!("{document:#}");
        return Ok(ExitCode::SUCCESS);
    }
    let (age, drawn) = (judged.age_days, judged.baselines.len());
    println!("{} uploads at an age of {} to {} days; {drawn} baselines drawn", judged.uploads, age.0, age.1);
    for order in &judged.orders {
        let became = match &order.outcome {
            Outcome::Open if judged.given.contains(order) => "given now".to_owned(),
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
    println!("decision  {}", serde_json::to_string(&judged.decision).unwrap_or_default());
    if let Some(anew) = &judged.anew {
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
