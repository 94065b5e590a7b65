use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_ports::{Letter, Letters, PortError};
use rusqlite::params;

use super::error::sqlite_error;
use super::store::SqliteStore;

/// Ends the name of every queue of dead letters.
const DEAD: &str = "-dlq";

/// Among all queues of the file. A letter is hidden while it is in hand, as any message.
#[async_trait]
impl Letters for SqliteStore {
    async fn take(&self, most: usize, hold_ms: u64) -> Result<Vec<Letter>, PortError> {
        let (now, worker) = (self.now_ms(), self.worker.id().to_owned());
        let until = now.saturating_add(i64::try_from(hold_ms).unwrap_or(i64::MAX));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.database
            .transaction("taking dead letters", move |transaction| {
                let failed = |error| sqlite_error("taking dead letters", &error);
                let rows = transaction
                    .prepare_cached(
                        "SELECT id, queue, body, receives, visible_at_ms FROM messages
                         WHERE visible_at_ms <= ?1 AND substr(queue, -4) = ?2 ORDER BY visible_at_ms, id LIMIT ?3",
                    )
                    .and_then(|mut find| {
                        find.query_map(params![now, DEAD, most], |row| {
                            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
                        })?
                        .collect::<rusqlite::Result<Vec<(i64, String, String, u32, i64)>>>()
                    })
                    .map_err(failed)?;
                let mut letters = Vec::new();
                for (id, queue, body, receives, since) in rows {
                    let received = receives + 1;
                    // What the time of release gives back is part of the proof: the letter keeps its age.
                    let receipt = format!("{id}-{received}@{since}");
                    transaction
                        .prepare_cached(
                            "UPDATE messages SET visible_at_ms = ?2, receives = ?3, receipt = ?4, holder = ?5 WHERE id = ?1",
                        )
                        .and_then(|mut update| update.execute(params![id, until, received, receipt, worker]))
                        .map_err(failed)?;
                    let since = Timestamp::from_millisecond(since).unwrap_or(Timestamp::UNIX_EPOCH);
                    letters.push(Letter { id: id.to_string(), queue, receipt, body, received, since });
                }
                Ok(letters)
            })
            .await
    }

    async fn release(&self, letter: &Letter) -> Result<(), PortError> {
        let (receipt, since) = (letter.receipt.clone(), letter.since.as_millisecond());
        self.database
            .transaction("releasing a dead letter", move |transaction| {
                transaction
                    .execute(
                        "UPDATE messages SET visible_at_ms = ?2, holder = NULL WHERE receipt = ?1",
                        params![receipt, since],
                    )
                    .map(|_| ())
                    .map_err(|error| sqlite_error("releasing a dead letter", &error))
            })
            .await
    }

    async fn remove(&self, letter: &Letter) -> Result<(), PortError> {
        proofreel_ports::Queue::delete(self, &letter.queue, &letter.receipt).await
    }
}
