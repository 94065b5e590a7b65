//! `proofreel work`: help another process with a run.

use std::process::ExitCode;
use std::sync::Arc;

use proofreel_model::channel::VoiceSettings;
use proofreel_model::ids::RunId;
use proofreel_pipeline::run_head;

use crate::args::{Global, WorkArgs};
use crate::episode;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::runs;
use crate::state::Workshop;
use crate::threads;
use crate::writers;

pub fn work(global: &Global, args: &WorkArgs) -> Result<ExitCode, Failure> {
    let runtime = threads::many()?;
    let (run, workers) = (RunId::from(args.run.as_str()), usize::from(args.render_workers));
    let head = runtime.block_on(async {
        let printer = Arc::new(Printer::new(global.quiet));
        let bare = Workshop::open(&global.state, &VoiceSettings::default(), Arc::clone(&printer))?;
        run_head(&bare.store, &run).await?;
        let order = episode::order(&bare, &run).await?;
        let workshop = bare.with_voice(&order.channel.voice, printer).with_workers(workers);
        let workshop = writers::invited(workshop, &global.state, &order.channel, Some(&run))?;
        Ok::<_, Failure>(workshop.driver.work_side_by_side(&run, workers).await?)
    })?;
    if global.json {
        println!("{:#}", serde_json::json!({ "status": "ok", "run": run, "state": head.state }));
    } else {
        println!("{run} is {}", runs::state(&head));
        println!("its folder is written by whoever ordered it, or by: proofreel produce --resume {run}");
    }
    Ok(ExitCode::SUCCESS)
}
