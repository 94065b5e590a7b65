use std::collections::BTreeSet;

use async_trait::async_trait;
use proofreel_ports::{Delivery, PortError, Queue};
use rusqlite::{Connection, OptionalExtension, params};

use super::error::sqlite_error;
use super::store::SqliteStore;
use super::worker::WorkerLock;

/// A row about to be received.
struct Candidate {
    id: i64,
    body: String,
    receives: u32,
}

#[async_trait]
impl Queue for SqliteStore {
    async fn send(&self, queue: &str, body: &str, delay_ms: u64) -> Result<(), PortError> {
        let (queue, body, visible_at) = (queue.to_owned(), body.to_owned(), later(self.now_ms(), delay_ms));
        self.database
            .transaction("sending a message", move |transaction| {
                transaction
                    .execute(
                        "INSERT INTO messages (queue, body, visible_at_ms) VALUES (?1, ?2, ?3)",
                        params![queue, body, visible_at],
                    )
                    .map(|_| ())
                    .map_err(|error| sqlite_error("sending a message", &error))
            })
            .await
    }

    async fn receive(
        &self,
        queue: &str,
        max: u32,
        visibility_ms: u64,
        max_receives: u32,
    ) -> Result<Vec<Delivery>, PortError> {
        let (queue, now, worker) = (queue.to_owned(), self.now_ms(), self.worker.clone());
        let hidden_until = later(now, visibility_ms);
        // Looking first costs no write lock: most looks find nothing.
        let empty = {
            let queue = queue.clone();
            self.database.read("looking at a queue", move |connection| depth(connection, &queue, now)).await? == (0, 0)
        };
        if empty {
            return Ok(Vec::new());
        }
        self.database
            .transaction("receiving messages", move |transaction| {
                let failed = |error| sqlite_error("receiving messages", &error);
                free_the_deads(transaction, &queue, now, &worker).map_err(failed)?;
                let mut deliveries = Vec::new();
                while deliveries.len() < max as usize {
                    let Some(message) = candidate(transaction, &queue, now).map_err(failed)? else { break };
                    if message.receives >= max_receives {
                        bury(transaction, &queue, message.id, now).map_err(failed)?;
                        continue;
                    }
                    let receive_count = message.receives + 1;
                    let receipt = format!("{}-{receive_count}", message.id);
                    transaction
                        .prepare_cached(
                            "UPDATE messages SET visible_at_ms = ?2, receives = ?3, receipt = ?4, holder = ?5 WHERE id = ?1",
                        )
                        .and_then(|mut update| {
                            update.execute(params![message.id, hidden_until, receive_count, receipt, worker.id()])
                        })
                        .map_err(failed)?;
                    deliveries.push(Delivery { receipt, body: message.body, receive_count });
                    if visibility_ms == 0 {
                        break; // It is visible again already; once a call is enough.
                    }
                }
                Ok(deliveries)
            })
            .await
    }

    async fn delete(&self, queue: &str, receipt: &str) -> Result<(), PortError> {
        let (queue, receipt) = (queue.to_owned(), receipt.to_owned());
        self.database
            .transaction("deleting a message", move |transaction| {
                transaction
                    .execute("DELETE FROM messages WHERE queue = ?1 AND receipt = ?2", params![queue, receipt])
                    .map(|_| ())
                    .map_err(|error| sqlite_error("deleting a message", &error))
            })
            .await
    }

    async fn postpone(&self, queue: &str, receipt: &str, delay_ms: u64) -> Result<(), PortError> {
        let (queue, receipt, visible_at) = (queue.to_owned(), receipt.to_owned(), later(self.now_ms(), delay_ms));
        self.database
            .transaction("postponing a message", move |transaction| {
                transaction
                    .execute(
                        "UPDATE messages SET visible_at_ms = ?3, holder = NULL WHERE queue = ?1 AND receipt = ?2",
                        params![queue, receipt, visible_at],
                    )
                    .map(|_| ())
                    .map_err(|error| sqlite_error("postponing a message", &error))
            })
            .await
    }

    async fn depth(&self, queue: &str) -> Result<(u64, u64), PortError> {
        let (queue, now) = (queue.to_owned(), self.now_ms());
        self.database.read("looking at a queue", move |connection| depth(connection, &queue, now)).await
    }
}

fn later(now_ms: i64, delay_ms: u64) -> i64 {
    now_ms.saturating_add(i64::try_from(delay_ms).unwrap_or(i64::MAX))
}

fn depth(connection: &Connection, queue: &str, now: i64) -> rusqlite::Result<(u64, u64)> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FILTER (WHERE visible_at_ms <= ?2), count(*) FILTER (WHERE visible_at_ms > ?2)
         FROM messages WHERE queue = ?1",
    )?;
    let count = |row: &rusqlite::Row<'_>, at: usize| row.get::<_, i64>(at).map(i64::unsigned_abs);
    statement.query_row(params![queue, now], |row| Ok((count(row, 0)?, count(row, 1)?)))
}

/// Makes visible what dead workers hold. In the cloud only time can tell; on one machine the lock files do.
fn free_the_deads(connection: &Connection, queue: &str, now: i64, worker: &WorkerLock) -> rusqlite::Result<()> {
    let holders: BTreeSet<String> = connection
        .prepare_cached(
            "SELECT DISTINCT holder FROM messages WHERE queue = ?1 AND visible_at_ms > ?2 AND holder IS NOT NULL",
        )?
        .query_map(params![queue, now], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for holder in holders.iter().filter(|holder| worker.is_alive(holder) == Some(false)) {
        connection.execute(
            "UPDATE messages SET visible_at_ms = ?3, holder = NULL WHERE queue = ?1 AND holder = ?2 AND visible_at_ms > ?3",
            params![queue, holder, now],
        )?;
    }
    Ok(())
}

fn candidate(connection: &Connection, queue: &str, now: i64) -> rusqlite::Result<Option<Candidate>> {
    connection
        .prepare_cached(
            "SELECT id, body, receives FROM messages WHERE queue = ?1 AND visible_at_ms <= ?2
             ORDER BY visible_at_ms, id LIMIT 1",
        )?
        .query_row(params![queue, now], |row| {
            Ok(Candidate { id: row.get(0)?, body: row.get(1)?, receives: row.get(2)? })
        })
        .optional()
}

/// Moves a message to the dead letters, where it starts anew.
fn bury(connection: &Connection, queue: &str, id: i64, now: i64) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE messages SET queue = ?2, visible_at_ms = ?3, receives = 0, receipt = NULL, holder = NULL WHERE id = ?1",
        params![id, format!("{queue}-dlq"), now],
    )?;
    Ok(())
}
