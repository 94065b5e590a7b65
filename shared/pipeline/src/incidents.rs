//! Incidents, the watchdog's beat and the owner's pauses in the one table.
//!
//! | pk | sk | row |
//! |---|---|---|
//! | `incidents` | `<time>#<run>#<stage>` or `<time>#<cause>` | [`Incident`] |
//! | `watchdog` | `beat` | when it last looked |
//! | `watchdog` | `pause#<from>#<channel>` | days on which the owner wants no episode |

use jiff::Timestamp;
use proofreel_model::incident::Incident;
use proofreel_ports::{Condition, Item, Records, Write};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::DriverError;
use crate::keys;

const WATCHDOG: &str = "watchdog";
const BEAT: &str = "beat";
const PAUSE: &str = "pause#";

/// All incidents with their sort keys, oldest first.
pub async fn incidents(records: &dyn Records) -> Result<Vec<(String, Incident)>, DriverError> {
    let items = records.query(keys::INCIDENTS, "").await?;
    items.into_iter().map(|item| Ok((item.sk.clone(), read(&item.sk, item.body)?))).collect()
}

/// The key under which the watchdog keeps an incident.
pub fn incident_key(incident: &Incident) -> String {
    format!("{:.9}#{}", incident.created_at, incident.cause)
}

/// The incident under a key, and the write that puts another state of it there while nobody else changed its state.
pub async fn incident(records: &dyn Records, sk: &str) -> Result<Option<Kept>, DriverError> {
    let Some(row) = records.get(keys::INCIDENTS, sk).await? else { return Ok(None) };
    let state = row.get("state").cloned();
    Ok(Some(Kept { sk: sk.to_owned(), incident: read(sk, row)?, state }))
}

/// An incident as it is stored.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its key.
    pub sk: String,
    /// The incident.
    pub incident: Incident,
    /// Its state as it was read; rows of dead letters were written without one.
    state: Option<Value>,
}

impl Kept {
    /// The write that puts `after` in its place, unless its state was changed in between.
    pub fn write(&self, after: &Incident) -> Result<Write, DriverError> {
        let condition = match &self.state {
            Some(state) => Condition::Equals { field: "state".into(), value: state.clone() },
            None => Condition::None,
        };
        Ok(Write::Put { item: item(keys::INCIDENTS, self.sk.clone(), after)?, condition })
    }
}

/// Stores an incident under its key.
pub async fn put_incident(records: &dyn Records, sk: &str, incident: &Incident) -> Result<(), DriverError> {
    put(records, keys::INCIDENTS, sk.to_owned(), incident).await
}

/// When the watchdog last looked; none before its first look.
pub async fn last_beat(records: &dyn Records) -> Result<Option<Timestamp>, DriverError> {
    let Some(row) = records.get(WATCHDOG, BEAT).await? else { return Ok(None) };
    let at = row.get("at").and_then(Value::as_str).and_then(|at| at.parse().ok());
    at.map(Some)
        .ok_or_else(|| DriverError::Unreadable { what: "the watchdog's beat".into(), why: "it has no time".into() })
}

/// Notes that the watchdog looked.
pub async fn put_beat(records: &dyn Records, at: Timestamp) -> Result<(), DriverError> {
    put(records, WATCHDOG, BEAT.to_owned(), &json!({ "at": at })).await
}

/// Days on which the owner wants no episode.
pub async fn pauses<T: DeserializeOwned>(records: &dyn Records) -> Result<Vec<T>, DriverError> {
    let items = records.query(WATCHDOG, PAUSE).await?;
    items.into_iter().map(|item| read(&item.sk, item.body)).collect()
}

/// Notes a pause under a name.
pub async fn put_pause<T: Serialize>(records: &dyn Records, name: &str, pause: &T) -> Result<(), DriverError> {
    put(records, WATCHDOG, format!("{PAUSE}{name}"), pause).await
}

async fn put<T: Serialize>(records: &dyn Records, pk: &str, sk: String, row: &T) -> Result<(), DriverError> {
    records.put(item(pk, sk, row)?, Condition::None).await?;
    Ok(())
}

fn item<T: Serialize>(pk: &str, sk: String, row: &T) -> Result<Item, DriverError> {
    let body = serde_json::to_value(row)
        .map_err(|error| DriverError::Unwritable { what: format!("row {sk} of {pk}"), why: error.to_string() })?;
    Ok(Item { pk: pk.to_owned(), sk, body })
}

fn read<T: DeserializeOwned>(sk: &str, body: Value) -> Result<T, DriverError> {
    serde_json::from_value(body)
        .map_err(|error| DriverError::Unreadable { what: format!("row {sk}"), why: error.to_string() })
}
