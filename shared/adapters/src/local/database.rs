//! The file `state.db`: opening, schema, access from async code.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use proofreel_ports::PortError;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::{OpenError, sqlite_error};

/// Marks the file as ours: "PRFL".
const APPLICATION_ID: i64 = 0x5052_464c;
/// Newest schema known; `schema.sql` of version 1 is [`SCHEMA`].
const SCHEMA_VERSION: i64 = 1;
/// How long a write waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);

const SCHEMA: &str = "
CREATE TABLE records (
    pk TEXT NOT NULL,
    sk TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (pk, sk)
) WITHOUT ROWID;

-- A message. `receipt` is the newest proof of receipt, `holder` the worker that has it.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    body TEXT NOT NULL,
    visible_at_ms INTEGER NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0,
    receipt TEXT,
    holder TEXT
);
CREATE INDEX messages_by_queue ON messages (queue, visible_at_ms);
";

/// A connection shared by all tasks of the process. SQLite writes one transaction at a time anyway.
#[derive(Clone)]
pub(super) struct Database {
    connection: Arc<Mutex<Connection>>,
}

impl Database {
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        std::fs::create_dir_all(folder).map_err(|error| OpenError::folder(folder, error))?;
        let path = folder.join("state.db");
        let mut connection = connect(&path).map_err(|error| classify(&path, error))?;
        prepare(&mut connection, &path)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Runs `work` in one transaction on a thread that may block; all of it is committed, or none. `what` names
    /// the operation in errors.
    pub async fn transaction<T, F>(&self, what: &'static str, work: F) -> Result<T, PortError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, PortError> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let task = tokio::task::spawn_blocking(move || {
            // A panic inside drops its transaction, which rolls back: the connection is good.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            // Immediate: a transaction that reads first and writes later must not find the file changed in between.
            let transaction = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(|error| sqlite_error(what, &error))?;
            let answer = work(&transaction)?;
            transaction.commit().map_err(|error| sqlite_error(what, &error))?;
            Ok(answer)
        });
        joined(what, task).await
    }

    /// Runs `work` on a thread that may block, for a single reading statement.
    pub async fn read<T, F>(&self, what: &'static str, work: F) -> Result<T, PortError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let task = tokio::task::spawn_blocking(move || {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            work(&connection).map_err(|error| sqlite_error(what, &error))
        });
        joined(what, task).await
    }

    /// Lets the file grow to `pages` pages only, as a full disk would.
    #[cfg(test)]
    pub fn limit_pages(&self, pages: u32) {
        let connection = self.connection.lock().unwrap();
        connection.pragma_update(None, "max_page_count", pages).unwrap();
    }
}

async fn joined<T>(what: &str, task: tokio::task::JoinHandle<Result<T, PortError>>) -> Result<T, PortError> {
    task.await.unwrap_or_else(|error| Err(PortError::Unavailable { what: what.to_owned(), detail: error.to_string() }))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // The first read of the file: fails here when it is no database.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // FULL: a commit that returned survives a power cut. A run has some fifty commits.
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Makes the schema in a new file; refuses one that is newer or not ours.
fn prepare(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |source| classify(path, source);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let number = |pragma: &str| transaction.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id").map_err(failed)?, number("user_version").map_err(failed)?);
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    if application == APPLICATION_ID && version == SCHEMA_VERSION {
        return Ok(());
    }
    if application == APPLICATION_ID && version > SCHEMA_VERSION {
        return Err(OpenError::Newer { path: path.to_owned(), found: version, known: SCHEMA_VERSION });
    }
    if application != 0 || version != 0 || tables != 0 {
        let why = format!("application id {application:#x}, schema {version}, {tables} tables and indexes");
        return Err(OpenError::Foreign { path: path.to_owned(), why });
    }
    transaction.execute_batch(SCHEMA).map_err(failed)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(failed)?;
    transaction.commit().map_err(failed)
}

fn classify(path: &Path, source: rusqlite::Error) -> OpenError {
    let path: PathBuf = path.to_owned();
    match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => OpenError::Foreign { path, why: source.to_string() },
        _ => OpenError::Database { path, source },
    }
}
