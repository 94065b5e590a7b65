use async_trait::async_trait;
use proofreel_ports::{Condition, Item, PortError, Records, Write};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};

use super::error::sqlite_error;
use super::store::SqliteStore;
use crate::writes::{check_shape, parts};

#[async_trait]
impl Records for SqliteStore {
    async fn get(&self, pk: &str, sk: &str) -> Result<Option<Value>, PortError> {
        let (pk, sk) = (pk.to_owned(), sk.to_owned());
        let name = format!("{pk}/{sk}");
        let text = self.database.read("reading a record", move |connection| body(connection, &pk, &sk)).await?;
        text.map(|text| parse(&name, &text)).transpose()
    }

    async fn put(&self, item: Item, condition: Condition) -> Result<(), PortError> {
        self.transact(vec![Write::Put { item, condition }]).await
    }

    async fn query(&self, pk: &str, prefix: &str) -> Result<Vec<Item>, PortError> {
        let (pk, prefix) = (pk.to_owned(), prefix.to_owned());
        let partition = pk.clone();
        let rows = self
            .database
            .read("querying records", move |connection| {
                let mut statement =
                    connection.prepare_cached("SELECT sk, body FROM records WHERE pk = ?1 AND sk >= ?2 ORDER BY sk")?;
                let mut found = statement.query(params![partition, prefix])?;
                let mut rows = Vec::new();
                // Compared here and not in SQL: no sign of a prefix can be taken for a wildcard.
                while let Some(row) = found.next()? {
                    let sk: String = row.get(0)?;
                    if !sk.starts_with(&prefix) {
                        break;
                    }
                    rows.push((sk, row.get::<_, String>(1)?));
                }
                Ok(rows)
            })
            .await?;
        rows.into_iter()
            .map(|(sk, text)| Ok(Item { body: parse(&format!("{pk}/{sk}"), &text)?, pk: pk.clone(), sk }))
            .collect()
    }

    async fn last(&self, pk: &str, most: usize) -> Result<Vec<Item>, PortError> {
        let (pk, most) = (pk.to_owned(), i64::try_from(most).unwrap_or(i64::MAX));
        let partition = pk.clone();
        let rows = self
            .database
            .read("querying records", move |connection| {
                connection
                    .prepare_cached("SELECT sk, body FROM records WHERE pk = ?1 ORDER BY sk DESC LIMIT ?2")?
                    .query_map(params![partition, most], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect::<rusqlite::Result<Vec<(String, String)>>>()
            })
            .await?;
        rows.into_iter()
            .map(|(sk, text)| Ok(Item { body: parse(&format!("{pk}/{sk}"), &text)?, pk: pk.clone(), sk }))
            .collect()
    }

    async fn add(&self, pk: &str, sk: &str, field: &str, by: i64) -> Result<i64, PortError> {
        let (pk, sk, field) = (pk.to_owned(), sk.to_owned(), field.to_owned());
        self.database
            .transaction("adding to a record", move |transaction| {
                let name = format!("{pk}/{sk}");
                let mut row = stored(transaction, &pk, &sk)?.unwrap_or_else(|| Value::Object(Map::new()));
                let wrong = |why: &str| PortError::IllegalKey { key: format!("{name}.{field}"), why: why.to_owned() };
                let members = row.as_object_mut().ok_or_else(|| wrong("the record is no object"))?;
                let before = match members.get(&field) {
                    None => 0,
                    Some(value) => value.as_i64().ok_or_else(|| wrong("the member is no integer"))?,
                };
                let after = before.checked_add(by).ok_or_else(|| wrong("the sum is too large"))?;
                members.insert(field.clone(), after.into());
                put(transaction, &pk, &sk, &row)?;
                Ok(after)
            })
            .await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), PortError> {
        check_shape(&writes)?;
        self.database
            .transaction("writing records", move |transaction| {
                for write in &writes {
                    let (pk, sk, condition) = parts(write);
                    if !holds(condition, stored(transaction, pk, sk)?.as_ref()) {
                        // Returning an error drops the transaction, which rolls it back.
                        return Err(PortError::ConditionFailed { what: format!("{pk}/{sk}") });
                    }
                    match write {
                        Write::Put { item, .. } => put(transaction, pk, sk, &item.body)?,
                        Write::Delete { .. } => {
                            transaction
                                .prepare_cached("DELETE FROM records WHERE pk = ?1 AND sk = ?2")
                                .and_then(|mut statement| statement.execute(params![pk, sk]))
                                .map_err(|error| sqlite_error("deleting a record", &error))?;
                        }
                    }
                }
                Ok(())
            })
            .await
    }
}

fn holds(condition: &Condition, stored: Option<&Value>) -> bool {
    match condition {
        Condition::None => true,
        Condition::Absent => stored.is_none(),
        Condition::Equals { field, value } => stored.is_some_and(|row| row.get(field) == Some(value)),
        Condition::AbsentOrLess { field, value } => stored.is_none_or(|row| match row.get(field) {
            Some(Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => whole < *value,
                (None, Some(real)) => real < *value as f64,
                (None, None) => false,
            },
            _ => false,
        }),
    }
}

fn body(connection: &Connection, pk: &str, sk: &str) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare_cached("SELECT body FROM records WHERE pk = ?1 AND sk = ?2")?;
    statement.query_row(params![pk, sk], |row| row.get(0)).optional()
}

fn stored(connection: &Connection, pk: &str, sk: &str) -> Result<Option<Value>, PortError> {
    let text = body(connection, pk, sk).map_err(|error| sqlite_error("reading a record", &error))?;
    text.map(|text| parse(&format!("{pk}/{sk}"), &text)).transpose()
}

fn put(connection: &Connection, pk: &str, sk: &str, row: &Value) -> Result<(), PortError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO records (pk, sk, body) VALUES (?1, ?2, ?3)")
        .and_then(|mut statement| statement.execute(params![pk, sk, row.to_string()]))
        .map(|_| ())
        .map_err(|error| sqlite_error("writing a record", &error))
}

fn parse(name: &str, text: &str) -> Result<Value, PortError> {
    serde_json::from_str(text).map_err(|error| PortError::Damaged {
        key: name.to_owned(),
        expected: "JSON".into(),
        found: error.to_string(),
    })
}
