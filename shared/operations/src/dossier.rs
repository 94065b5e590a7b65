//! The dossier: everything that an operator would send in an appeal, in one document.

use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::policy::Policy;
use proofreel_model::print;
use proofreel_model::records::RunHead;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_model::topic::TopicSelection;
use proofreel_pipeline::run_rows;
use proofreel_publishing::audit;
use serde_json::{Value, json};

use crate::{Office, OperationError};

/// Name, version and digest of every specification, policy and prompt, a line each; made when this is built.
const LAW: &str = include_str!(concat!(env!("OUT_DIR"), "/law.tsv"));
/// What is installed or bundled beside the program, with its licences.
const BUNDLED: &str = include_str!("../../../NOTICE");

/// The dossier of a run with a film.
///
/// # Errors
/// There is no such run, it has no film yet, or storage fails.
pub async fn of(office: &Office, run: &RunId) -> Result<Value, OperationError> {
    let candidate = office.candidate(run).await?;
    let head = &candidate.head;
    let order = office.order(head).await?;
    // Artifacts are quoted as they are, so that those of every version can be.
    let brief: Value = office.read(head, StageName::Research).await?;
    let script: Value = office.read(head, StageName::Script).await?;
    let rows = run_rows(office.records.as_ref(), run).await?;
    let publication = office.ledger().of(&head.channel, run).await?;
    let decisions = audit::links(office.records.as_ref(), Some(run.as_str())).await?;
    let chain = audit::verify(office.records.as_ref(), None).await?;
    let (film, qa) = (&candidate.film, &candidate.qa);
    let packages: Vec<Value> = order
        .packages
        .iter()
        .map(|package| json!({"name": package.name, "digest": package.digest, "files": package.files}))
        .collect();
    let mut document = json!({
        "dossier": "1.1.0",
        "made_at": office.clock.now(),
        "program": env!("CARGO_PKG_VERSION"),
        "run": run,
        "channel": {"id": head.channel, "name": candidate.channel.name},
        "film": {"digest": candidate.film_digest, "title": film.metadata.title, "files": film.files,
            "duration_ms": film.duration_ms, "voice": film.voice, "metadata": film.metadata},
        "order": {"digest": head.order.digest, "as_of": order.as_of, "seed": order.seed},
        "packages": packages,
        "sources": brief["sources"],
        "licences": licences(&brief),
        "bundled": BUNDLED,
        "facts": brief["facts"],
        "writer": script["writer"],
        "authors": script["authors"],
        "disclosure": {"ai": script["ai_disclosure"], "disclaimer": script["disclaimer"],
            "synthetic_label": film.metadata.contains_synthetic_media},
        "gate": {"verdict": qa.verdict, "scenes": qa.scenes, "checklists": qa.checklists, "recomputed": qa.recomputed,
            "findings": qa.findings, "points_checked": qa.points_checked, "texts_checked": qa.texts_checked},
        "sameness": sameness(office, head, &order).await?,
        "law": law(),
        "run_log": rows,
        "publication": publication.map(|row| row.shown()),
        "decisions": decisions,
        "audit": chain,
        "artifacts": head.artifacts,
    });
    // The ledger of stock pictures; empty where the order has none.
    document["pictures"] = json!(order.pictures);
    Ok(document)
}

fn licences(brief: &Value) -> Vec<Value> {
    let sources = brief["sources"].as_array().cloned().unwrap_or_default();
    sources.iter().map(|source| json!({"source": source["source_id"], "licence": source["licence"]})).collect()
}

/// How much the episode is like each recent one that it was held against, part by part, and the bound; computed as QA does.
async fn sameness(office: &Office, head: &RunHead, order: &Order) -> Result<Value, OperationError> {
    let law = Policy::embedded().qa.sameness;
    let read = async {
        let scenes: Scenes = office.read(head, StageName::SceneBuilder).await?;
        let script: Script = office.read(head, StageName::Script).await?;
        let chosen: TopicSelection = office.read(head, StageName::TopicScoring).await?;
        Ok::<_, OperationError>(print::of(&chosen.selected, &scenes, &script))
    };
    let own = match read.await {
        Ok(own) => own,
        Err(error) if error.is_retryable() => return Err(error),
        // Artifacts of another version are quoted, not computed with.
        Err(error) => return Ok(json!({"compared": order.recent_episodes.len(), "unknown": error.to_string()})),
    };
    let scores: Vec<Value> = order
        .recent_episodes
        .iter()
        .take(law.recent_episodes)
        .map(|other| {
            let parts = own.likeness(other);
            json!({
                "topic": other.topic_id, "total": law.weights.total(&parts), "sentences": parts.sentences,
                "phrases": parts.phrases, "openings": parts.openings, "titles": parts.titles,
                "structure": parts.structure, "visuals": parts.visuals,
            })
        })
        .collect();
    Ok(json!({"threshold": law.threshold, "compared": scores.len(), "scores": scores}))
}

/// The specifications, policies and prompts of the program that writes the dossier. Prompts that were used stand with their
/// versions and digests among the authors.
fn law() -> Vec<Value> {
    let lines = LAW.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    lines
        .filter_map(|line| match line[..] {
            [name, version, sha256] => Some(json!({"name": name, "version": version, "sha256": sha256})),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_is_listed_with_versions_and_digests() {
        let law = law();
        let of = |name: &str| law.iter().find(|one| one["name"] == name).cloned().unwrap_or_default();
        let publishing = include_str!("../../../specs/PUBLISHING.md");
        assert!(publishing.contains(&format!("Version {}", of("PUBLISHING.md")["version"].as_str().unwrap())));
        assert_eq!(of("PUBLISHING.md")["sha256"], proofreel_model::digest::Digest::of(publishing.as_bytes()).0);
        assert_eq!(of("prompts/narrate.md")["version"].as_str().unwrap().split('.').count(), 3);
        assert!(law.iter().any(|one| one["name"] == "policy/qa.toml") && law.len() > 30);
    }
}
