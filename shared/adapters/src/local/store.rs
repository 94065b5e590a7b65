use std::path::Path;
use std::sync::Arc;

use proofreel_ports::Clock;

use super::database::Database;
use super::error::OpenError;
use super::worker::WorkerLock;

/// The `Records` and `Queue` ports in one SQLite file. Cheap to clone; all clones are one worker.
#[derive(Clone)]
pub struct SqliteStore {
    pub(super) database: Database,
    pub(super) worker: Arc<WorkerLock>,
    pub(super) clock: Arc<dyn Clock>,
}

impl SqliteStore {
    /// Opens `<folder>/state.db`, making folder and file when they are not there, and signs this process in as
    /// a worker. Visibility and delays of messages are counted on `clock`. Blocks for some milliseconds.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let database = Database::open(folder)?;
        let worker = Arc::new(WorkerLock::sign_in(folder)?);
        Ok(Self { database, worker, clock })
    }

    /// This process as a worker: its name for claims, and who else lives.
    pub fn worker(&self) -> &Arc<WorkerLock> {
        &self.worker
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::SystemClock;
    use proofreel_ports::{Condition, Item, PortError, Queue, Records};
    use rusqlite::Connection;
    use serde_json::json;

    fn open(folder: &Path) -> Result<SqliteStore, OpenError> {
        SqliteStore::open(folder, Arc::new(SystemClock))
    }

    fn item(sk: &str, body: serde_json::Value) -> Item {
        Item { pk: "p".into(), sk: sk.into(), body }
    }

    #[tokio::test]
    async fn what_was_written_is_there_after_opening_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.put(item("s", json!({"n": 1.5})), Condition::None).await.unwrap();
        store.send("q", "hello", 0).await.unwrap();
        drop(store);
        let store = open(folder.path()).unwrap();
        assert_eq!(store.get("p", "s").await.unwrap(), Some(json!({"n": 1.5})));
        assert_eq!(store.depth("q").await.unwrap(), (1, 0));
    }

    #[test]
    fn a_newer_schema_is_refused_with_both_versions() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path()).unwrap());
        Connection::open(folder.path().join("state.db")).unwrap().pragma_update(None, "user_version", 9).unwrap();
        let error = open(folder.path()).err().unwrap().to_string();
        assert!(error.contains("schema 9") && error.contains("up to 1") && error.contains("hint:"), "{error}");
    }

    #[test]
    fn another_programs_database_and_a_text_file_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.db");
        Connection::open(&file).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
        assert!(matches!(open(folder.path()), Err(OpenError::Foreign { .. })));
        std::fs::write(&file, "a shopping list that is long enough to be read as a header of a database ".repeat(20))
            .unwrap();
        let before = std::fs::read(&file).unwrap();
        assert!(matches!(open(folder.path()), Err(OpenError::Foreign { .. })));
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }

    #[tokio::test]
    async fn a_full_disk_is_told_as_such_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.put(item("kept", json!({"n": 1})), Condition::None).await.unwrap();
        store.database.limit_pages(12);
        let big = json!({"text": "x".repeat(200_000)});
        let error = store.put(item("big", big), Condition::None).await.unwrap_err();
        assert!(matches!(error, PortError::NoSpace { .. }), "{error}");
        assert_eq!(store.get("p", "big").await.unwrap(), None);
        assert_eq!(store.get("p", "kept").await.unwrap(), Some(json!({"n": 1})));
    }

    #[tokio::test]
    async fn messages_in_the_hands_of_a_dead_process_are_free_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let (dies, lives) = (open(folder.path()).unwrap(), open(folder.path()).unwrap());
        dies.send("q", "one", 0).await.unwrap();
        assert_eq!(dies.receive("q", 1, 900_000, 5).await.unwrap().len(), 1);
        assert!(lives.receive("q", 1, 900_000, 5).await.unwrap().is_empty(), "its holder lives");
        drop(dies);
        let again = lives.receive("q", 1, 900_000, 5).await.unwrap();
        assert_eq!((again.len(), again[0].receive_count), (1, 2));
    }
}
