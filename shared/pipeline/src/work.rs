//! The work of one attempt: load, check, pass the gates, run, check, store.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use proofreel_model::digest::{BlobRef, canonical_json};
use proofreel_model::envelope::Envelope;
use proofreel_model::order::Order;
use proofreel_model::qa::QaReport;
use proofreel_model::stage::StageName;
use proofreel_ports::{PortError, Progress, Writer};
use proofreel_stages::{Context, Outcome, OutputFile, StageError};
use serde_json::{Map, Value};

use crate::course::Decision;
use crate::driver::Driver;
use crate::error::DriverError;
use crate::handle::Attempt;
use crate::packages::{LoadError, Loaded, load_pictures};
use crate::parts::Way;
use crate::{gates, keys, schemas};

/// Times a scratch folder is tried to be made.
const FOLDER_TRIES: u32 = 16;

/// What an attempt came to.
pub(crate) enum Work {
    /// The visit was decided upon.
    Decided(Decision),
    /// The visit is to be divided into these works.
    Divided(Vec<Value>),
    /// A part is done.
    Part,
}

/// Why an attempt gave no decision.
pub(crate) enum Fault {
    /// Storage failed: nothing can be recorded either, the message comes back.
    Storage(DriverError),
    /// Another attempt may succeed.
    Retryable(String),
    /// The time was over. No fault of the work: another attempt goes on, and does not count as one that failed.
    OutOfTime(String),
    /// No other attempt will succeed.
    Permanent(String),
}

impl From<PortError> for Fault {
    fn from(error: PortError) -> Self {
        match error {
            PortError::NotFound { .. } | PortError::Damaged { .. } => {
                Self::Permanent(format!("{error}\n  hint: restore the state folder from a copy, or start a new run"))
            }
            PortError::IllegalKey { .. } | PortError::Refused { .. } => Self::Permanent(error.to_string()),
            other => Self::Storage(other.into()),
        }
    }
}

impl From<StageError> for Fault {
    fn from(error: StageError) -> Self {
        match error {
            StageError::OutOfTime => Self::OutOfTime(error.to_string()),
            StageError::Failed(why) => Self::Retryable(why),
            StageError::Refused { .. } => Self::Permanent(error.to_string()),
        }
    }
}

impl Driver {
    /// Does the attempt's work. What it stores is stored under its digest, so doing it twice changes nothing.
    pub(crate) async fn perform(&self, attempt: &Attempt<'_>, progress: &dyn Progress) -> Result<Work, Fault> {
        let message = &attempt.message;
        let stage = self
            .stages
            .get(&message.stage)
            .ok_or_else(|| Fault::Storage(DriverError::NoStage { stage: message.stage.to_string() }))?;
        let order = self.order(&message.order).await?;
        self.pass_gates(message, &order).await?;
        let input = self.input(message, stage.reads()).await?;
        let loaded = match attempt.way {
            // Dividing and parts are about artifacts; a worker that only does parts never screens the packages.
            Way::Part(_) => Arc::new(Loaded::default()),
            _ => self.packages.load(self.ports.blobs.as_ref(), &order).await.map_err(|error| match error {
                LoadError::Port(error) => Fault::from(error),
                LoadError::Unusable(why) => Fault::Permanent(why),
            })?,
        };
        let pictures = if message.stage == StageName::Render {
            load_pictures(self.ports.blobs.as_ref(), &order.pictures).await?
        } else {
            Vec::new()
        };
        let scratch = Scratch::prepare(&self.scratch, message, attempt.claim.attempt).map_err(Fault::Storage)?;
        let context = Context {
            order: &order,
            library: &loaded.library,
            packages: &loaded.packages,
            pictures: &pictures,
            policy: &self.policy,
            voice: self.voice.as_ref(),
            writer: self.writer.as_ref().map(|writer| writer as &dyn Writer),
            parts: self.parts.as_ref(),
            progress,
            scratch: &scratch.folder,
            visit: message.visit,
            reasons: &message.reasons,
        };
        match &attempt.way {
            Way::Part(work) => {
                stage.part_json(input, &context, work.clone()).await?;
                return Ok(Work::Part);
            }
            Way::Divide => {
                let works = stage.divide_json(input.clone(), &context, self.most_parts).await?;
                if works.len() > 1 {
                    return Ok(Work::Divided(works));
                }
            }
            Way::Whole | Way::Gather => {}
        }
        let outcome = stage.run_json(input, &context).await?;
        self.keep(message.stage, outcome, &scratch.folder).await.map(Work::Decided)
    }

    /// Checks and stores what a stage gave.
    async fn keep(&self, stage: StageName, outcome: Outcome<Value>, scratch: &Path) -> Result<Decision, Fault> {
        Ok(match outcome {
            Outcome::Advance { output, files } => {
                let output = self.keep_artifact(stage, &output).await?;
                let mut kept = BTreeMap::new();
                for file in &files {
                    let bytes = read_output(stage, file, scratch)?;
                    let blob = self.ports.blobs.store(keys::FILES, &bytes).await?;
                    if kept.insert(file.name.clone(), blob).is_some() {
                        return Err(Fault::Permanent(format!(
                            "the {stage} stage gave two files named `{}`",
                            file.name
                        )));
                    }
                }
                Decision::Advance { output, files: kept }
            }
            Outcome::Rewrite { stage: target, reasons, report } => {
                if !self.chain.is_before(target, stage) {
                    return Err(Fault::Permanent(format!(
                        "the {stage} stage wants {target} to be done again, which does not come before it"
                    )));
                }
                Decision::Rewrite { target, reasons, report: self.keep_artifact(stage, &report).await? }
            }
            Outcome::Hold(reason) => Decision::Hold { reason },
            Outcome::Reject { reasons, report } => {
                let report = match report {
                    Some(report) => Some(self.keep_artifact(stage, &report).await?),
                    None => None,
                };
                Decision::Reject { reasons, report }
            }
        })
    }

    async fn keep_artifact(&self, stage: StageName, artifact: &Value) -> Result<BlobRef, Fault> {
        let name = stage.artifact();
        schemas::check(name, artifact).map_err(|why| {
            Fault::Permanent(format!(
                "the {stage} stage gave an invalid {name}: {why}\n  hint: this is a defect of the program; please report it"
            ))
        })?;
        let bytes = canonical_json(artifact)
            .map_err(|error| Fault::Permanent(format!("the {name} of {stage} cannot be written as JSON: {error}")))?;
        Ok(self.ports.blobs.store(keys::ARTIFACTS, &bytes).await?)
    }

    /// The order of a message, checked once per process.
    pub(crate) async fn order(&self, blob: &BlobRef) -> Result<Arc<Order>, Fault> {
        if let Some((digest, order)) = self.last_order.lock().unwrap_or_else(PoisonError::into_inner).as_ref()
            && *digest == blob.digest
        {
            return Ok(Arc::clone(order));
        }
        let document = self.document("order", blob).await?;
        let order: Order = serde_json::from_value(document)
            .map_err(|error| Fault::Permanent(format!("the order cannot be read: {error}\n  hint: start a new run")))?;
        let order = Arc::new(order);
        *self.last_order.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((blob.digest.clone(), Arc::clone(&order)));
        Ok(order)
    }

    async fn pass_gates(&self, message: &Envelope, order: &Order) -> Result<(), Fault> {
        if !message.stage.is_ops() {
            return Ok(());
        }
        let verdict: Option<QaReport> = match message.artifacts.get(&StageName::Qa) {
            None => None,
            Some(blob) => Some(
                serde_json::from_value(self.document(StageName::Qa.artifact(), blob).await?)
                    .map_err(|error| Fault::Permanent(format!("the verdict of QA cannot be read: {error}")))?,
            ),
        };
        let script = message.artifacts.get(&StageName::Script);
        gates::admit(message.stage, order, verdict.as_ref(), script)
            .map_err(|refusal| Fault::Permanent(format!("{}\n  hint: {}", refusal.what, refusal.hint)))
    }

    /// `{artifact name: artifact}` of the stages read.
    async fn input(&self, message: &Envelope, reads: &[StageName]) -> Result<Value, Fault> {
        let mut input = Map::new();
        for read in reads {
            let blob = message.artifacts.get(read).ok_or_else(|| {
                Fault::Permanent(format!(
                    "the {} stage needs the {} of {read}, which is not there\n  hint: start a new run",
                    message.stage,
                    read.artifact()
                ))
            })?;
            input.insert(read.artifact().to_owned(), self.document(read.artifact(), blob).await?);
        }
        Ok(Value::Object(input))
    }

    /// A stored JSON document, checked against its digest and its schema.
    async fn document(&self, name: &str, blob: &BlobRef) -> Result<Value, Fault> {
        let bytes = self.ports.blobs.fetch(blob).await?;
        let wrong = |why: String| {
            Fault::Permanent(format!(
                "{} is no valid {name}: {why}\n  hint: it is from another version; start a new run",
                blob.key
            ))
        };
        let document: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        schemas::check(name, &document).map_err(wrong)?;
        Ok(document)
    }
}

/// The empty folder of one attempt; removed with its content when the attempt ends.
struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    fn prepare(root: &Path, message: &Envelope, attempt: u32) -> Result<Self, DriverError> {
        let run = root.join(message.run.as_str());
        let part = message.share.part().map_or(String::new(), |part| format!("-p{part}"));
        let folder = |attempt: u32| run.join(format!("{}-{}{part}-{attempt}", message.stage, message.visit));
        // What attempts that died left behind.
        for earlier in 1..attempt {
            remove_folder(&folder(earlier))?;
        }
        let folder = folder(attempt);
        remove_folder(&folder)?;
        make_folder(&folder)?;
        Ok(Self { folder })
    }
}

/// Another worker's attempt that ends may take the run's folder away between the making of it and of ours.
fn make_folder(folder: &Path) -> Result<(), DriverError> {
    for _ in 1..FOLDER_TRIES {
        match std::fs::create_dir_all(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            made => return made.map_err(|error| unusable(folder, &error)),
        }
    }
    std::fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Best effort: the next attempt or the next run clears what stays.
        if let Err(error) = remove_folder(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "scratch folder not removed");
        }
        if let Some(run) = self.folder.parent() {
            // Fails while another stage's folder is in it, which is then not ours to remove.
            let _ = std::fs::remove_dir(run);
        }
    }
}

fn remove_folder(folder: &Path) -> Result<(), DriverError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unusable(folder, &error)),
        _ => Ok(()),
    }
}

fn unusable(folder: &Path, error: &std::io::Error) -> DriverError {
    use std::io::ErrorKind;
    if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        return PortError::NoSpace { what: folder.display().to_string() }.into();
    }
    DriverError::Scratch { folder: folder.display().to_string(), why: error.to_string() }
}

/// The bytes of an output file, which must lie in the scratch folder and have a plain name.
fn read_output(stage: StageName, file: &OutputFile, scratch: &Path) -> Result<Vec<u8>, Fault> {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '_' | '-');
    if file.name.is_empty() || file.name.starts_with('.') || !file.name.chars().all(plain) {
        return Err(Fault::Permanent(format!(
            "the {stage} stage gave a file with the name `{}`, which is not plain",
            file.name
        )));
    }
    let lost = |error: std::io::Error| {
        Fault::Retryable(format!("cannot read {}, which the {stage} stage gave: {error}", file.path.display()))
    };
    let path = file.path.canonicalize().map_err(lost)?;
    if !path.starts_with(scratch.canonicalize().map_err(lost)?) {
        return Err(Fault::Permanent(format!(
            "the {stage} stage gave {}, which is outside its folder",
            file.path.display()
        )));
    }
    std::fs::read(path).map_err(lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_file_has_a_plain_name_and_lies_in_the_scratch_folder() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = folder.path().join("scratch");
        std::fs::create_dir(&scratch).unwrap();
        let (inside, outside) = (scratch.join("raw"), folder.path().join("secret"));
        std::fs::write(&inside, "film").unwrap();
        std::fs::write(&outside, "secret").unwrap();
        std::os::unix::fs::symlink(&outside, scratch.join("link")).unwrap();
        let read = |name: &str, path: &Path| {
            read_output(StageName::Render, &OutputFile { name: name.into(), path: path.to_owned() }, &scratch)
        };
        assert!(matches!(read("video.mp4", &inside), Ok(bytes) if bytes == b"film"));
        for name in ["", ".", "..", "../video", "a/b", ".hidden", "a b", "ä"] {
            assert!(matches!(read(name, &inside), Err(Fault::Permanent(_))), "{name}");
        }
        for path in [outside.clone(), scratch.join("link"), scratch.join("../secret")] {
            assert!(matches!(read("video.mp4", &path), Err(Fault::Permanent(_))), "{}", path.display());
        }
        assert!(matches!(read("video.mp4", &scratch.join("none")), Err(Fault::Retryable(_))));
    }
}
