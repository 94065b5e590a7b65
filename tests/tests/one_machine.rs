//! The real driver on the real one-machine storage.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proofreel_adapters::local::{FileBlobs, SqliteStore, SystemClock};
use proofreel_model::policy::Policy;
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Chain, Driver, Owner, Ports, QueueNaming, run_rows};
use proofreel_ports::Records;
use proofreel_tests::rehearsal::{Act, Mute, Play, order};

/// A driver as the command line builds it, and its store.
fn open(folder: &Path, play: &Arc<Play>) -> (Driver, SqliteStore) {
    let store = SqliteStore::open(folder, Arc::new(SystemClock)).unwrap();
    let blobs = FileBlobs::open(&folder.join("blobs")).unwrap();
    let worker = Arc::clone(store.worker());
    let owner = Owner::with_probe(worker.id().to_owned(), move |id| worker.is_alive(id));
    let ports = Ports {
        blobs: Arc::new(blobs),
        records: Arc::new(store.clone()),
        queue: Arc::new(store.clone()),
        clock: Arc::new(SystemClock),
    };
    let driver =
        Driver::new(ports, play.stages(&StageName::CHAIN), Policy::embedded(), Arc::new(Mute), folder.join("scratch"))
            .with_chain(Chain::default().with_queues(QueueNaming::PerRun))
            .with_owner(owner);
    (driver, store)
}

fn play() -> Arc<Play> {
    Arc::new(Play::new().with(StageName::Qa, 1, &[Act::Rewrite(StageName::Script)]))
}

async fn undisturbed() -> RunHead {
    let folder = tempfile::tempdir().unwrap();
    let (driver, _store) = open(folder.path(), &play());
    let run = driver.start(&order(), None).await.unwrap();
    driver.work_until_idle(&run).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_over_sqlite_and_files_leaves_its_artifacts_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (driver, store) = open(folder.path(), &play());
    let began = Instant::now();
    let run = driver.start(&order(), None).await.unwrap();
    let head = driver.work_until_idle(&run).await.unwrap();
    println!("a run of nine visits: {:.0} ms", began.elapsed().as_secs_f64() * 1000.0);
    assert_eq!(head.state, RunState::Done);
    for blob in head.artifacts.values().chain(head.files.values()) {
        driver.ports().blobs.fetch(blob).await.unwrap();
    }
    assert_eq!(run_rows(&store, &run).await.unwrap().len(), 9);
    assert!(store.query("outbox", "").await.unwrap().is_empty());
    assert!(store.query(&format!("run#{run}"), "claim#").await.unwrap().is_empty());
    assert!(std::fs::read_dir(folder.path().join("scratch")).unwrap().next().is_none(), "scratch is empty");
}

/// The process is cut off again and again, at moments that move through the run; each next one opens the folder anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_cut_off_many_times_gives_the_same_artifacts_without_waiting_for_leases() {
    let expected = undisturbed().await;
    for step_us in [700, 1900, 4300, 9100] {
        let folder = tempfile::tempdir().unwrap();
        let play = play();
        let began = Instant::now();
        let run = {
            let (driver, _store) = open(folder.path(), &play);
            driver.start(&order(), None).await.unwrap()
        };
        let mut cuts = 0;
        let head = loop {
            let (driver, _store) = open(folder.path(), &play);
            let work = async {
                driver.resume(&run, None).await?;
                driver.work_until_idle(&run).await
            };
            // Longer and longer, so that every run gets through in the end.
            match tokio::time::timeout(Duration::from_micros(step_us * (cuts + 1)), work).await {
                Ok(head) => break head.unwrap(),
                Err(_) => cuts += 1,
            }
        };
        assert_eq!(
            (&head.state, &head.artifacts, &head.files),
            (&RunState::Done, &expected.artifacts, &expected.files)
        );
        assert!(began.elapsed() < Duration::from_mins(1), "it waited for a lease");
        println!("{cuts} cuts, {} executions of 9, {:.1} s", play.executions(), began.elapsed().as_secs_f64());
    }
}

/// Two processes are asked for the same run: each visit is done once, and both see the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_at_one_run_share_its_work() {
    let folder = tempfile::tempdir().unwrap();
    let play = play();
    let ((one, store), (two, _other)) = (open(folder.path(), &play), open(folder.path(), &play));
    let run = one.start(&order(), None).await.unwrap();
    let (first, second) = tokio::join!(one.work_until_idle(&run), two.work_until_idle(&run));
    assert_eq!((first.unwrap().state, second.unwrap().state), (RunState::Done, RunState::Done));
    assert_eq!(play.executions(), 9);
    assert_eq!(run_rows(&store, &run).await.unwrap().len(), 9);
}

/// Many runs side by side in one folder.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn runs_side_by_side_do_not_touch_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let play = Arc::new(Play::new());
    let workers: Vec<_> = (0..6)
        .map(|_| {
            let (driver, store) = open(folder.path(), &play);
            tokio::spawn(async move {
                let run = driver.start(&order(), None).await.unwrap();
                (driver.work_until_idle(&run).await.unwrap(), store)
            })
        })
        .collect();
    let mut runs = std::collections::BTreeSet::new();
    for worker in workers {
        let (head, _store) = worker.await.unwrap();
        assert_eq!(head.state, RunState::Done);
        runs.insert(head.run_id);
    }
    assert_eq!((runs.len(), play.executions()), (6, 42));
}
