//! Works what the console's forms sent back, behind its pages, as `proofreel produce --resume` would: one run after the other.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use proofreel_console::{Work, Works};
use proofreel_model::channel::VoiceSettings;
use proofreel_model::ids::RunId;
use proofreel_model::records::RunState;

use crate::args::Global;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::publish::{self, block};
use crate::state::Workshop;
use crate::{episode, notices, writers};

/// Where the work is done.
#[derive(Clone)]
pub struct Bench {
    /// State folder and how much is said.
    pub global: Global,
    /// Where episodes' folders lie.
    pub out: PathBuf,
    /// Where channel files lie.
    pub channels: PathBuf,
    /// Where `proofreel publish` put films.
    pub published: PathBuf,
}

/// A run to be worked.
struct Job {
    run: RunId,
    what: What,
}

/// What is to be done.
enum What {
    /// Make it, and offer its film; whoever is named edited it.
    Make(Option<String>),
    /// Hide its film; that person took it back.
    Hide(String),
}

type Known = Arc<Mutex<BTreeMap<RunId, Work>>>;

/// A worker behind the console, in a thread of its own.
pub struct Behind {
    jobs: Mutex<Sender<Job>>,
    known: Known,
}

impl Behind {
    /// Starts it; it ends with the process. What it was at then goes on from its last stage when it is begun again.
    pub fn start(bench: Bench) -> Self {
        Self::working(move |job: &Job| {
            let ended = catch_unwind(AssertUnwindSafe(|| block(done(&bench, job))));
            match ended {
                Ok(Ok(())) => None,
                Ok(Err(failure)) => Some(failure.message),
                Err(_) => Some("it broke off by a fault of the program; the run log says where".to_owned()),
            }
        })
    }

    /// With what is done to a job; it says what went wrong.
    fn working(work: impl Fn(&Job) -> Option<String> + Send + 'static) -> Self {
        let (jobs, queue): (Sender<Job>, Receiver<Job>) = channel();
        let known = Known::default();
        let told = Arc::clone(&known);
        std::thread::spawn(move || {
            while let Ok(job) = queue.recv() {
                set(&told, &job.run, Some(Work::Runs));
                let failed = work(&job).map(Work::Failed);
                set(&told, &job.run, failed);
            }
        });
        Self { jobs: Mutex::new(jobs), known }
    }
}

fn set(known: &Known, run: &RunId, work: Option<Work>) {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    match work {
        Some(work) => drop(known.insert(run.clone(), work)),
        None => drop(known.remove(run)),
    }
}

impl Works for Behind {
    fn begin(&self, run: &RunId, editor: Option<&str>) {
        // A run that is being worked is asked for once more all the same: it may just have come to its rest, and a run at rest
        // costs nothing.
        if self.work(run) == Some(Work::Waits) && editor.is_none() {
            return;
        }
        self.send(Job { run: run.clone(), what: What::Make(editor.map(str::to_owned)) });
    }

    fn withdraw(&self, run: &RunId, who: &str) {
        self.send(Job { run: run.clone(), what: What::Hide(who.to_owned()) });
    }

    fn work(&self, run: &RunId) -> Option<Work> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(run).cloned()
    }
}

impl Behind {
    fn send(&self, job: Job) {
        let run = job.run.clone();
        set(&self.known, &run, Some(Work::Waits));
        let sent = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).send(job);
        if sent.is_err() {
            let gone = "the worker behind the console is gone; start the console anew";
            set(&self.known, &run, Some(Work::Failed(gone.into())));
        }
    }
}

async fn done(bench: &Bench, job: &Job) -> Result<(), Failure> {
    match &job.what {
        What::Make(editor) => Box::pin(made(bench, &job.run, editor.as_deref())).await,
        What::Hide(who) => Box::pin(hidden(bench, &job.run, who)).await,
    }
}

/// Hides a film that was taken back.
async fn hidden(bench: &Bench, run: &RunId, who: &str) -> Result<(), Failure> {
    let office = publish::office(&bench.global.state, &bench.channels)?;
    let head = proofreel_pipeline::run_head(office.records.as_ref(), run).await?;
    let Some(row) = office.ledger().of(&head.channel, run).await? else { return Ok(()) };
    publish::taken_back(&bench.global, &office, &row, &bench.published, who).await.map(drop)
}

/// Works the run to its rest, writes its folder, and puts the film before the approvers.
async fn made(bench: &Bench, run: &RunId, editor: Option<&str>) -> Result<(), Failure> {
    let global = &bench.global;
    let printer = Arc::new(Printer::new(true));
    let bare = Workshop::open(&global.state, &VoiceSettings::default(), Arc::clone(&printer))?;
    let order = episode::order(&bare, run).await?;
    let workshop = bare.with_voice(&order.channel.voice, printer);
    let workshop = writers::invited(workshop, &global.state, &order.channel, Some(run))?;
    let head = proofreel_pipeline::run_head(&workshop.store, run).await?;
    if !matches!(head.state, RunState::Running { .. }) {
        return Ok(());
    }
    workshop.driver.resume(run, None).await?;
    let head = workshop.driver.work_until_idle(run).await?;
    episode::write(&workshop, &head, &bench.out).await?;
    // What a rejection has made anew counts as ordered by the account that the console runs under, as with `produce --resume`.
    if let Some(office) = publish::offer(&workshop, &head, editor, &bench.channels).await? {
        notices::catch_up(global, &office).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[test]
    fn one_after_the_other_and_what_went_wrong_is_told() {
        let (go, gate) = sync_channel::<()>(0);
        let (tell, told) = sync_channel::<String>(8);
        let gate = Mutex::new(gate);
        let behind = Behind::working(move |job: &Job| {
            let told = match &job.what {
                What::Make(editor) => format!("{} {}", job.run, editor.as_deref().unwrap_or("-")),
                What::Hide(who) => format!("{} hidden for {who}", job.run),
            };
            tell.send(told).unwrap();
            gate.lock().unwrap().recv().unwrap();
            (job.run.as_str() == "b").then(|| "no room".to_owned())
        });
        let (a, b) = (RunId::from("a"), RunId::from("b"));
        behind.begin(&a, Some("otto"));
        assert_eq!(told.recv().unwrap(), "a otto");
        assert_eq!(behind.work(&a), Some(Work::Runs));
        behind.begin(&b, None);
        behind.begin(&b, None);
        assert_eq!(behind.work(&b), Some(Work::Waits));
        go.send(()).unwrap();
        assert_eq!(told.recv().unwrap(), "b -");
        assert_eq!(behind.work(&a), None, "it came to its rest");
        go.send(()).unwrap();
        // Asked twice while it waited, it was done once; the next thing that is heard of is the third.
        behind.begin(&a, None);
        assert_eq!(told.recv().unwrap(), "a -");
        assert_eq!(behind.work(&b), Some(Work::Failed("no room".into())));
        behind.withdraw(&a, "otto");
        go.send(()).unwrap();
        assert_eq!(told.recv().unwrap(), "a hidden for otto");
        go.send(()).unwrap();
    }
}
