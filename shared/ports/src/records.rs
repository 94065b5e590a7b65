use async_trait::async_trait;
use serde_json::Value;

use crate::PortError;

/// A row of the one table.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Partition key, for example `run#20261122t211924-k3f9`.
    pub pk: String,
    /// Sort key inside the partition, for example `stage#script#1#1`.
    pub sk: String,
    /// The row.
    pub body: Value,
}

/// What must hold for a write to happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Always.
    None,
    /// There is no such item.
    Absent,
    /// The item exists and its top-level member `field` equals `value`.
    Equals {
        /// Member of the body.
        field: String,
        /// Value it must have.
        value: Value,
    },
    /// The item is absent, or its top-level numeric member `field` is less than `value` (an expired lease).
    AbsentOrLess {
        /// Member of the body.
        field: String,
        /// Bound, exclusive.
        value: i64,
    },
}

/// One write of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Puts an item when the condition holds.
    Put {
        /// The item.
        item: Item,
        /// Its condition.
        condition: Condition,
    },
    /// Deletes an item when the condition holds.
    Delete {
        /// Partition key.
        pk: String,
        /// Sort key.
        sk: String,
        /// Its condition.
        condition: Condition,
    },
}

/// One table with `pk` and `sk`: DynamoDB, or SQLite.
#[async_trait]
pub trait Records: Send + Sync {
    /// The item, or `None`.
    async fn get(&self, pk: &str, sk: &str) -> Result<Option<Value>, PortError>;

    /// Puts one item; [`PortError::ConditionFailed`] when its condition does not hold.
    async fn put(&self, item: Item, condition: Condition) -> Result<(), PortError>;

    /// Items of a partition whose sort key starts with `prefix`, in sort-key order.
    async fn query(&self, pk: &str, prefix: &str) -> Result<Vec<Item>, PortError>;

    /// The last `most` items of a partition in sort-key order, the last one first. A store that can read backwards reads
    /// no more than these.
    async fn last(&self, pk: &str, most: usize) -> Result<Vec<Item>, PortError> {
        Ok(self.query(pk, "").await?.into_iter().rev().take(most).collect())
    }

    /// Adds `by` to the top-level integer member `field` of an item, creating both at zero; returns the new value.
    async fn add(&self, pk: &str, sk: &str, field: &str, by: i64) -> Result<i64, PortError>;

    /// All writes or none, at most 25 (DynamoDB takes 100; the bound keeps transactions small).
    async fn transact(&self, writes: Vec<Write>) -> Result<(), PortError>;
}
