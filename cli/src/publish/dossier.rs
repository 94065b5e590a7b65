//! `proofreel dossier`: everything that an operator would send in an appeal, in one document.

use std::process::ExitCode;

use proofreel_model::ids::RunId;
use proofreel_model::stage::StageName;
use proofreel_pipeline::run_rows;
use proofreel_publishing::audit;
use serde_json::{Value, json};

use super::args::DossierArgs;
use super::{block, office};
use crate::args::Global;
use crate::exit::{Class, Failure};

pub fn dossier(global: &Global, args: &DossierArgs) -> Result<ExitCode, Failure> {
    let document = block(async {
        let office = office(&global.state, &args.channels_dir)?;
        let run = RunId::from(args.run.as_str());
        let candidate = office.candidate(&run).await?;
        let head = &candidate.head;
        let order = office.order(head).await?;
        // Artifacts are quoted as they are, so that those of every version can be.
        let brief: Value = office.read(head, StageName::Research).await?;
        let script: Value = office.read(head, StageName::Script).await?;
        let sources = brief["sources"].as_array().cloned().unwrap_or_default();
        let licences: Vec<Value> =
            sources.iter().map(|source| json!({"source": source["source_id"], "licence": source["licence"]})).collect();
        let rows = run_rows(office.records.as_ref(), &run).await?;
        let publication = office.ledger().of(&head.channel, &run).await?;
        let decisions = audit::links(office.records.as_ref(), Some(run.as_str())).await?;
        let chain = audit::verify(office.records.as_ref(), None).await?;
        let mut document = json!({
            "dossier": "1.0.0",
            "made_at": office.clock.now(),
            "program": env!("CARGO_PKG_VERSION"),
            "run": run,
            "channel": {"id": head.channel, "name": candidate.channel.name},
            "film": {"digest": candidate.film_digest, "title": candidate.film.metadata.title, "files": candidate.film.files,
                "duration_ms": candidate.film.duration_ms, "voice": candidate.film.voice, "metadata": candidate.film.metadata},
            "order": {"digest": head.order.digest, "as_of": order.as_of, "seed": order.seed},
            "packages": order.packages.iter().map(|package| json!({"name": package.name, "digest": package.digest, "files": package.files})).collect::<Vec<Value>>(),
        });
        let rest = json!({
            "sources": brief["sources"],
            "licences": licences,
            "pictures": order.pictures,
            "facts": brief["facts"],
            "writer": script["writer"],
            "authors": script["authors"],
            "disclosure": {"ai": script["ai_disclosure"], "disclaimer": script["disclaimer"], "synthetic_label": candidate.film.metadata.contains_synthetic_media},
            "gate": {"verdict": candidate.qa.verdict, "scenes": candidate.qa.scenes, "checklists": candidate.qa.checklists, "recomputed": candidate.qa.recomputed,
                "findings": candidate.qa.findings, "points_checked": candidate.qa.points_checked, "texts_checked": candidate.qa.texts_checked},
            "compared_with": order.recent_episodes.len(),
            "run_log": rows,
            "publication": publication.map(|row| row.shown()),
            "decisions": decisions,
            "audit": chain,
            "artifacts": head.artifacts,
        });
        if let (Some(members), Value::Object(rest)) = (document.as_object_mut(), rest) {
            members.extend(rest);
        }
        Ok(document)
    })?;
    let text = format!("{document:#}\n");
    match &args.out {
        None => print!("{text}"),
        Some(path) => {
            std::fs::write(path, text).map_err(|error| {
                Failure::new(
                    Class::Machine,
                    format!("{}: {error}\n  hint: name a file in a folder that you can write to", path.display()),
                )
            })?;
            println!("wrote {}", path.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}
