//! `proofreel webhook`: the door for signed decisions, on one machine.

use std::process::ExitCode;
use std::sync::Arc;

use proofreel_model::policy::publishing::law;
use proofreel_operations::{OfficeRuns, key_rings};
use proofreel_publishing::webhook::{DeskDecisions, Door, Key, router};

use super::args::WebhookArgs;
use super::{block, office};
use crate::args::Global;
use crate::cloud::Place;
use crate::exit::{Class, Failure};
use crate::outside::outside;

pub fn webhook(global: &Global, args: &WebhookArgs) -> Result<ExitCode, Failure> {
    block(async {
        let office = office(&global.state, &args.channels_dir)?;
        let (_, secrets) = outside(&global.state)?;
        let rings = key_rings(&office, secrets.as_ref()).await?;
        if rings.is_empty() {
            return Err(Failure::input(
                "no approver has a key\n  hint: name approvers under [publishing] in a channel's file, then `proofreel auth webhook NAME`",
            ));
        }
        let people: Vec<String> = rings.keys().cloned().collect();
        let desk = office.desk();
        let driver = Arc::new(Place::open(false, &global.state).await?.driver);
        let candidates = OfficeRuns { office, driver };
        let mut nobody = [0; 32];
        getrandom::fill(&mut nobody)
            .map_err(|error| Failure::new(Class::Machine, format!("no random numbers: {error}")))?;
        let nobody = Key::of(nobody.to_vec(), &law().webhook).map_err(|error| anyhow::anyhow!("{error}"))?;
        let door = Door::new(DeskDecisions { desk, candidates }, rings, nobody);
        let listener = tokio::net::TcpListener::bind(args.listen).await.map_err(|error| {
            Failure::new(
                Class::Machine,
                format!("{}: {error}\n  hint: choose another address with --listen", args.listen),
            )
        })?;
        let address = listener.local_addr().map_err(|error| anyhow::anyhow!("{error}"))?;
        println!("decisions of {} at http://{address}/decide/NAME", people.join(", "));
        let until = async { drop(tokio::signal::ctrl_c().await) };
        axum::serve(listener, router(Arc::new(door)))
            .with_graceful_shutdown(until)
            .await
            .map_err(|error| Failure::new(Class::Machine, format!("{address}: {error}")))?;
        Ok(ExitCode::SUCCESS)
    })
}
