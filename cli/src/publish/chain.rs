//! `proofreel audit`: the chain of decisions.

use std::process::ExitCode;
use std::sync::Arc;

use proofreel_ports::Records;
use proofreel_publishing::audit as chain;
use serde_json::json;

use super::args::{ChainArgs, ChainCommand};
use super::block;
use crate::args::Global;
use crate::cloud::Place;
use crate::exit::{Class, Failure};
use crate::state::open_records;

pub fn audit(global: &Global, args: &ChainArgs) -> Result<ExitCode, Failure> {
    block(async {
        let records: Arc<dyn Records> = if args.cloud {
            Place::open(true, &global.state).await?.records
        } else {
            Arc::new(open_records(&global.state)?)
        };
        match &args.command {
            ChainCommand::List { run } => {
                for link in chain::links(records.as_ref(), run.as_deref()).await? {
                    println!("{}", json!(link));
                }
                Ok(ExitCode::SUCCESS)
            }
            ChainCommand::Verify { expect } => {
                let verdict = chain::verify(records.as_ref(), expect.as_deref()).await?;
                if global.json {
                    println!("{:#}", json!(verdict));
                } else {
                    println!("{} links, the last one {}", verdict.links, verdict.head.digest);
                    verdict.faults.iter().for_each(|fault| println!("broken  {fault}"));
                    if verdict.faults.is_empty() {
                        println!("the chain holds; note its digest elsewhere and verify with --expect later");
                    }
                }
                Ok(if verdict.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(Class::Refused as u8) })
            }
        }
    })
}
