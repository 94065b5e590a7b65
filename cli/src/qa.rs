//! `proofreel qa`: the gate again, over folders as they are now, and the media check of their films.

mod film;

use std::path::Path;
use std::process::ExitCode;

use proofreel_adapters::LazyVoice;
use proofreel_model::policy::Policy;
use proofreel_model::qa::{Decision, QaFinding, QaReport};
use proofreel_ports::Silent;
use proofreel_stages::Context;
use proofreel_stages::qa::judge_published;
use serde_json::{Value, json};

use crate::args::{AuditArgs, Global};
use crate::audit::{self, Case};
use crate::exit::{Class, Failure};

pub fn qa(global: &Global, args: &AuditArgs) -> Result<ExitCode, Failure> {
    let policy = Policy::embedded();
    // The gate never speaks; a context has a voice all the same.
    let voice = LazyVoice::new(proofreel_model::channel::VoiceSettings::default());
    let booth = film::Booth::new(global.quiet || global.json);
    let answers = audit::each(global, args, |case| {
        let report = judge(case, &policy, &voice)?;
        Ok(Answer { report, film: booth.check(case.path, &case.folder)? })
    })?;
    if global.json {
        let documents: Vec<Value> = answers.iter().map(|(folder, answer)| document(folder, answer)).collect();
        println!("{:#}", Value::Array(documents));
    } else {
        for (folder, answer) in &answers {
            match answer {
                Ok(answer) => {
                    print(folder, &answer.report);
                    answer.film.print();
                }
                Err(failure) => eprintln!("{}  not judged\n  error: {}", folder.display(), failure.message),
            }
        }
        if answers.len() > 1 {
            let passed = answers.iter().filter(|(_, answer)| answer.as_ref().is_ok_and(passes)).count();
            let failed = answers.iter().filter(|(_, answer)| answer.is_err()).count();
            println!(
                "{} folders: {passed} pass, {} do not, {failed} not judged",
                answers.len(),
                answers.len() - passed - failed
            );
        }
    }
    Ok(audit::exit(&answers, passes))
}

fn judge(case: &Case<'_>, policy: &Policy, voice: &LazyVoice) -> Result<QaReport, Failure> {
    let context = Context {
        order: case.order,
        library: &case.loaded.library,
        packages: &case.loaded.packages,
        pictures: &[],
        policy,
        voice,
        writer: None,
        parts: &proofreel_ports::NoParts,
        progress: &Silent,
        scratch: Path::new(""),
        visit: 1,
        reasons: &[],
    };
    judge_published(&case.folder.input, &case.folder.published, case.ground, &context)
        .map_err(|error| Failure::new(Class::Unexpected, error.to_string()))
}

/// What a folder's words and its film were found to be.
struct Answer {
    report: QaReport,
    film: film::Filmed,
}

fn passes(answer: &Answer) -> bool {
    answer.report.verdict == Decision::Pass && answer.film.is_good()
}

fn verdict(report: &QaReport) -> (&'static str, Option<&'static str>) {
    match &report.verdict {
        Decision::Pass => ("pass", None),
        Decision::Rewrite { stage, .. } => ("rewrite", Some(stage.as_str())),
        Decision::Reject { .. } => ("reject", None),
    }
}

fn document(folder: &Path, answer: &Result<Answer, Failure>) -> Value {
    let folder = folder.display().to_string();
    match answer {
        Ok(Answer { report, film }) => {
            let (verdict, stage) = verdict(report);
            json!({
                "folder": folder, "verdict": verdict, "stage": stage, "findings": report.findings, "scores": report.scenes,
                "facts": report.recomputed.len(), "points": report.points_checked, "citations": report.citations_checked,
                "film": film.document(),
            })
        }
        Err(failure) => json!({"folder": folder, "verdict": null, "error": failure.message}),
    }
}

fn print(folder: &Path, report: &QaReport) {
    let (word, stage) = verdict(report);
    let by = stage.map(|stage| format!(" by {stage}")).unwrap_or_default();
    println!("{}  {word}{by}", folder.display());
    println!(
        "  {} facts recomputed, {} plotted points and {} citations compared",
        report.recomputed.len(),
        report.points_checked,
        report.citations_checked
    );
    for finding in &report.findings {
        println!("  {}", line(finding));
        println!("      {}", finding.detail);
    }
    println!(
        "  {:<8} {:>8} {:>9} {:>7} {:>9} {:>10} {:>7} {:>9}",
        "scene", "factual", "alignment", "source", "evidence", "continuity", "clarity", "retention"
    );
    for scene in &report.scenes {
        let scores = &scene.scores;
        println!(
            "  {:<8} {:>8} {:>9} {:>7} {:>9} {:>10} {:>7} {:>9}",
            scene.scene_id.as_str(),
            scores.factual_accuracy,
            scores.claim_evidence_alignment,
            scores.source_traceability,
            scores.evidence_source_consistency,
            scores.logical_continuity,
            scores.viewer_clarity,
            scores.retention_risk
        );
    }
    if let Decision::Reject { reasons } = &report.verdict {
        for reason in reasons {
            println!("  because {}", reason.split(':').next().unwrap_or(reason));
        }
    }
}

/// `s03 narration 2: direction_wrong, for script`; a note that stops nothing says so.
fn line(finding: &QaFinding) -> String {
    let scene = finding.scene_id.as_ref().map(|id| format!("{id} ")).unwrap_or_default();
    let weight = if finding.fatal { "" } else { " (a note)" };
    format!("{scene}{}: {}, for {}{weight}", finding.place, finding.rule, finding.owner)
}
