//! `proofreel kpi judge`.

use std::process::ExitCode;

use proofreel_insight::report::decided;
use proofreel_model::ids::RunId;
use proofreel_model::kpi::Outcome;
use proofreel_operations::governance::Pinned;
use proofreel_operations::{Office, governance, measure};
use proofreel_pipeline::kpi;

use super::{ChannelArgs, JudgeArgs, PinnedArgs, day_of, profile};
use crate::args::Global;
use crate::exit::Failure;

pub async fn judge(global: &Global, args: &JudgeArgs, office: &Office) -> Result<ExitCode, Failure> {
    let profile = profile(&args.of.channel)?;
    let today = day_of(args.of.as_of)?;
    let judged = measure::judge(office, &profile, today, args.dry_run).await?;
    if global.json {
        let mut document = serde_json::json!(judged);
        document["status"] = if args.dry_run { "dry_run" } else { "stored" }.into();
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
    let why = if judged.why.is_empty() { String::new() } else { format!(" ({})", judged.why) };
    println!("decision  the next episode is to {}{why}", decided(judged.decision));
    let of = &judged.thresholds;
    println!(
        "bounds    publish from CTR {:.1} % and AVD {:.1} %, rework below {:.1} % and {:.1} %",
        of.ctr * 100.0,
        of.avd_share * 100.0,
        of.hold_ctr * 100.0,
        of.hold_avd_share * 100.0
    );
    if let Some(anew) = &judged.recalibration {
        println!(
            "          drawn anew from {} videos; why: proofreel kpi bounds --channel {}",
            anew.videos,
            args.of.channel.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// `proofreel kpi bounds`: the bounds in force, and the records of how they came to be.
pub async fn bounds(global: &Global, args: &ChannelArgs, office: &Office) -> Result<ExitCode, Failure> {
    let (profile, today) = (profile(&args.channel)?, day_of(args.as_of)?);
    let kept = kpi::recalibrations(office.records.as_ref(), &profile.id).await.map_err(Failure::from)?;
    let bounds = governance::bounds(&profile, &kept, today);
    if global.json {
        println!(
            "{:#}",
            serde_json::json!({ "channel": profile.id, "as_of": today, "bounds": bounds, "recalibrations": kept })
        );
        return Ok(ExitCode::SUCCESS);
    }
    match governance::newest(&kept, today) {
        Some(_) => kept.iter().rev().filter(|one| one.as_of <= today).for_each(|one| println!("{}", one.markdown())),
        None => println!(
            "{}: the start values of its kind (specs/policy/kpi.toml); they are drawn anew by `kpi judge` once enough videos are measured",
            profile.id
        ),
    }
    Ok(ExitCode::SUCCESS)
}

/// `proofreel kpi pinned`: a person did what the API cannot.
pub async fn pinned(global: &Global, args: &PinnedArgs, office: &Office) -> Result<ExitCode, Failure> {
    let (run, day) = (RunId::from(args.run.as_str()), day_of(args.day)?);
    let (status, experiment) = match governance::pinned(office, &run, day).await? {
        Pinned::Begun(experiment) => ("begun", Some(experiment)),
        Pinned::Already(experiment) => ("already", Some(experiment)),
        Pinned::Nothing => ("nothing", None),
    };
    if global.json {
        println!("{:#}", serde_json::json!({ "status": status, "run": run, "experiment": experiment }));
        return Ok(ExitCode::SUCCESS);
    }
    match experiment {
        Some(one) if status == "begun" => {
            println!(
                "the experiment of order {} begins on {}; `proofreel kpi judge` measures it",
                one.order, one.start
            );
        }
        Some(one) => println!("it began on {} and is kept as it was", one.start),
        None => println!("no order had another comment tried on {run}: there is nothing to measure"),
    }
    Ok(ExitCode::SUCCESS)
}
