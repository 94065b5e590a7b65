//! `proofreel usage prune`: kept answers that are of no use any more.

use std::collections::BTreeSet;
use std::process::ExitCode;

use jiff::Timestamp;
use proofreel_adapters::local::FileBlobs;
use proofreel_governor::pruning;
use proofreel_pipeline::list_runs;
use proofreel_ports::Blobs;
use serde_json::{Value, json};

use crate::args::Global;
use crate::exit::{Class, Failure};
use crate::outside::provider_law;
use crate::state::open_records;

/// Where bodies of answers lie among the blobs.
const ANSWERS: &str = "answers/";

pub(super) async fn prune(global: &Global, dry_run: bool) -> Result<ExitCode, Failure> {
    let law = provider_law(&global.state)?;
    let records = open_records(&global.state)?;
    let blobs = FileBlobs::open(&global.state.join("blobs"))?;
    let mut held = BTreeSet::new();
    let list = list_runs(&records, usize::MAX).await?;
    // What a run that cannot be read refers to is not known: nothing may be thrown away under it.
    if let Some(run) = list.unreadable.first() {
        return Err(Failure::new(
            Class::Refused,
            format!("{}: {}\n  hint: mend or remove that row, then prune", run.run, run.why),
        ));
    }
    for head in list.heads {
        keys(&serde_json::to_value(&head).map_err(anyhow::Error::from)?, &mut held);
        // An order that is gone refers to nothing.
        if let Ok(order) = blobs.fetch(&head.order).await {
            keys(&serde_json::from_slice(&order).unwrap_or(Value::Null), &mut held);
        }
    }
    let pruned = pruning::prune((&records, &blobs), &law, Timestamp::now(), &held, dry_run).await?;
    if global.json {
        println!("{:#}", json!({ "status": "ok", "dry_run": dry_run, "pruned": pruned }));
        return Ok(ExitCode::SUCCESS);
    }
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1_000_000.0);
    println!(
        "{} answers {}: {} too old for any use, {} replaced by newer ones, {} beyond {} MB; {} of bodies",
        pruned.expired + pruned.superseded + pruned.surplus,
        if dry_run { "would go" } else { "went" },
        pruned.expired,
        pruned.superseded,
        pruned.surplus,
        law.keep.megabytes,
        megabytes(pruned.bytes)
    );
    if pruned.held > 0 {
        println!("{} bodies stay because runs refer to them", pruned.held);
    }
    println!("{} answers stay, {}", pruned.kept, megabytes(pruned.kept_bytes));
    Ok(ExitCode::SUCCESS)
}

/// Keys of answers that a document names, wherever they stand in it.
fn keys(document: &Value, found: &mut BTreeSet<String>) {
    match document {
        Value::String(text) if text.starts_with(ANSWERS) => {
            found.insert(text.clone());
        }
        Value::Array(items) => {
            for item in items {
                keys(item, found);
            }
        }
        Value::Object(members) => {
            for member in members.values() {
                keys(member, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_wherever_they_stand() {
        let mut found = BTreeSet::new();
        keys(&json!({"a": [{"key": "answers/1"}, "packages/2"], "b": "see answers/3"}), &mut found);
        assert_eq!(found, BTreeSet::from(["answers/1".to_owned()]));
    }
}
