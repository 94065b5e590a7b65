//! Every adapter of a storage port against the port's suite.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use proofreel_adapters::local::{FileBlobs, FileParts, SqliteStore, SystemClock};
use proofreel_ports::{Blobs, Clock, Parts, PortError, Queue, Records};
use proofreel_tests::conformance::{
    QueueBench, blobs_conformance, parts_conformance, queue_conformance, records_conformance,
};
use proofreel_tests::fakes::{Memory, World};
use tempfile::TempDir;

/// A new folder below `root` at every call.
fn fresh(root: &TempDir) -> std::path::PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    root.path().join(NUMBER.fetch_add(1, Ordering::Relaxed).to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_fake_blobs() {
    blobs_conformance(async || Arc::new(Memory::default()) as Arc<dyn Blobs>).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn blobs_in_a_directory() {
    let root = tempfile::tempdir().unwrap();
    blobs_conformance(async || Arc::new(FileBlobs::open(&fresh(&root)).unwrap()) as Arc<dyn Blobs>).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_fake_records() {
    records_conformance(async || Arc::new(Memory::default()) as Arc<dyn Records>).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn records_in_sqlite() {
    let root = tempfile::tempdir().unwrap();
    records_conformance(async || {
        Arc::new(SqliteStore::open(&fresh(&root), Arc::new(SystemClock)).unwrap()) as Arc<dyn Records>
    })
    .await;
}

/// Two processes' connections to one file: the locks of the file must do what the mutex of one connection does.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn records_in_sqlite_from_two_connections() {
    struct Alternating([SqliteStore; 2], AtomicU32);
    impl Alternating {
        fn next(&self) -> &SqliteStore {
            &self.0[self.1.fetch_add(1, Ordering::Relaxed) as usize % 2]
        }
    }
    #[async_trait::async_trait]
    impl Records for Alternating {
        async fn get(&self, pk: &str, sk: &str) -> Result<Option<serde_json::Value>, PortError> {
            self.next().get(pk, sk).await
        }
        async fn put(
            &self,
            item: proofreel_ports::Item,
            condition: proofreel_ports::Condition,
        ) -> Result<(), PortError> {
            self.next().put(item, condition).await
        }
        async fn query(&self, pk: &str, prefix: &str) -> Result<Vec<proofreel_ports::Item>, PortError> {
            self.next().query(pk, prefix).await
        }
        async fn add(&self, pk: &str, sk: &str, field: &str, by: i64) -> Result<i64, PortError> {
            self.next().add(pk, sk, field, by).await
        }
        async fn transact(&self, writes: Vec<proofreel_ports::Write>) -> Result<(), PortError> {
            self.next().transact(writes).await
        }
    }
    let root = tempfile::tempdir().unwrap();
    records_conformance(async || {
        let folder = fresh(&root);
        let open = || SqliteStore::open(&folder, Arc::new(SystemClock)).unwrap();
        Arc::new(Alternating([open(), open()], AtomicU32::new(0))) as Arc<dyn Records>
    })
    .await;
}

fn moved_by_hand(memory: &Memory, queue: Arc<dyn Queue>) -> QueueBench {
    let memory = memory.clone();
    QueueBench {
        queue,
        pass: Box::new(move |ms| {
            memory.pass(i64::try_from(ms).unwrap());
            Box::pin(std::future::ready(()))
        }),
        scale: 1,
        forgets: true,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_fake_queue() {
    queue_conformance(async || {
        let memory = Memory::of(World::at(1_000_000));
        moved_by_hand(&memory, Arc::new(memory.clone()))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn queues_in_sqlite() {
    let root = tempfile::tempdir().unwrap();
    queue_conformance(async || {
        let clock = Memory::of(World::at(1_000_000));
        let store = SqliteStore::open(&fresh(&root), Arc::new(clock.clone())).unwrap();
        moved_by_hand(&clock, Arc::new(store))
    })
    .await;
}

#[tokio::test]
async fn parts_in_a_folder() {
    let root = tempfile::tempdir().unwrap();
    parts_conformance(async || Arc::new(FileParts::open(&fresh(&root), 1 << 30).unwrap()) as Arc<dyn Parts>).await;
}

#[tokio::test]
async fn a_flipped_bit_in_a_file_is_noticed() {
    let root = tempfile::tempdir().unwrap();
    let blobs = FileBlobs::open(root.path()).unwrap();
    let stored = blobs.store("artifact", b"{\"value\": 4.1}\n").await.unwrap();
    let path = root.path().join(&stored.key);
    let good = std::fs::read(&path).unwrap();
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, bad).unwrap();
        assert!(matches!(blobs.fetch(&stored).await, Err(PortError::Damaged { .. })), "bit {bit}");
    }
    for length in 0..good.len() {
        std::fs::write(&path, &good[..length]).unwrap();
        assert!(matches!(blobs.fetch(&stored).await, Err(PortError::Damaged { .. })), "cut to {length}");
    }
}

#[test]
fn the_system_clock_runs_in_utc() {
    let (before, now) = (Timestamp::now(), SystemClock.now());
    assert!(now >= before && SystemClock.today() == now.to_zoned(jiff::tz::TimeZone::UTC).date());
}
