//! Rows that many workers change: read, change, write if nobody else did.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use proofreel_ports::{Condition, Item, PortError, Records};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::pause::Pause;

/// Times that a change is tried before the storage counts as not to be had. Each loss is another worker's gain, so it takes
/// hundreds of workers on one row to come near.
const TRIES: u32 = 1_000;

/// A row with a version, by which a change knows that nobody came between.
pub trait Row: Default + Serialize + DeserializeOwned + Send {
    /// Its version.
    fn version(&mut self) -> &mut i64;
}

/// Changes rows.
#[derive(Clone)]
pub struct Ledger {
    records: Arc<dyn Records>,
    pause: Arc<dyn Pause>,
    rng: Arc<Mutex<fastrand::Rng>>,
    /// Workers of one process queue up here instead of losing against each other in the store.
    turns: Arc<Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>>,
}

impl Ledger {
    /// A ledger over `records`.
    pub fn new(records: Arc<dyn Records>, pause: Arc<dyn Pause>, seed: u64) -> Self {
        let rng = Arc::new(Mutex::new(fastrand::Rng::with_seed(seed)));
        Self { records, pause, rng, turns: Arc::default() }
    }

    /// The records below.
    pub fn records(&self) -> &dyn Records {
        self.records.as_ref()
    }

    /// A number from 0 to 1.
    pub fn luck(&self) -> f64 {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }

    /// Reads a row, lets `change` at it, and writes it when `change` says so; again from the start when another worker wrote it
    /// meanwhile. `change` may be called more than once.
    pub async fn change<R: Row, T: Send>(
        &self,
        pk: &str,
        sk: &str,
        mut change: impl FnMut(&mut R) -> (T, bool) + Send,
    ) -> Result<T, PortError> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(format!("{pk}/{sk}")).or_default())
        };
        for lost in 0..TRIES {
            {
                let _mine = turn.lock().await;
                let stored = self.records.get(pk, sk).await?;
                let mut row: R = match &stored {
                    Some(body) => read(pk, sk, body)?,
                    None => R::default(),
                };
                let before = *row.version();
                let (told, write) = change(&mut row);
                if !write {
                    return Ok(told);
                }
                *row.version() = before + 1;
                let condition = match stored {
                    Some(_) => Condition::Equals { field: "version".into(), value: before.into() },
                    None => Condition::Absent,
                };
                let body = serde_json::to_value(&row).map_err(|error| damaged(pk, sk, &error))?;
                match self.records.put(Item { pk: pk.into(), sk: sk.into(), body }, condition).await {
                    Ok(()) => return Ok(told),
                    Err(PortError::ConditionFailed { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            let most_us = 1_000u64 << lost.min(7);
            self.pause.pause(Duration::from_micros((most_us as f64 * self.luck()) as u64)).await;
        }
        Err(PortError::Unavailable { what: format!("{pk}/{sk}"), detail: format!("other workers won {TRIES} times") })
    }
}

/// A row that cannot be read stops the call: an account that is damaged must not pass for an empty one.
pub fn read<R: DeserializeOwned>(pk: &str, sk: &str, body: &Value) -> Result<R, PortError> {
    R::deserialize(body).map_err(|error| damaged(pk, sk, &error))
}

fn damaged(pk: &str, sk: &str, error: &dyn std::fmt::Display) -> PortError {
    PortError::Damaged { key: format!("{pk}/{sk}"), expected: "a row of the governor".into(), found: error.to_string() }
}
