//! What every table asks of a transaction.

use std::collections::BTreeSet;

use proofreel_ports::{Condition, PortError, Write};

/// Most writes of one transaction.
const MAX_WRITES: usize = 25;

/// What no store takes: too many writes, or two to one item.
pub(crate) fn check_shape(writes: &[Write]) -> Result<(), PortError> {
    if writes.len() > MAX_WRITES {
        let why = format!("{} writes in one transaction, at most {MAX_WRITES} are allowed", writes.len());
        return Err(PortError::IllegalKey { key: "transaction".into(), why });
    }
    let mut seen = BTreeSet::new();
    for write in writes {
        let (pk, sk, _) = parts(write);
        if !seen.insert((pk, sk)) {
            let why = "written twice in one transaction".to_owned();
            return Err(PortError::IllegalKey { key: format!("{pk}/{sk}"), why });
        }
    }
    Ok(())
}

/// Partition key, sort key and condition of a write.
pub(crate) fn parts(write: &Write) -> (&str, &str, &Condition) {
    match write {
        Write::Put { item, condition } => (&item.pk, &item.sk, condition),
        Write::Delete { pk, sk, condition } => (pk, sk, condition),
    }
}
