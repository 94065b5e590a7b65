//! Channel files in the audit chain: a change of one is a link, written as soon as somebody decides, publishes or watches.
//!
//! People change the files with an editor, or by deploying; no program is there at that moment. Whoever works under the changed file
//! first writes what changed. Files hold names of secrets, never secrets.

use std::collections::BTreeMap;

use proofreel_model::digest::Digest;
use proofreel_ports::{Condition, Item, Write};
use proofreel_publishing::PublishError;
use proofreel_publishing::audit::Deed;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Office, OperationError};

/// Partition of the files as they were last seen, by channel.
const SEEN: &str = "channel-settings";

/// A channel's file as it was last seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Seen {
    digest: Digest,
    settings: Value,
}

/// Writes a link for each channel file that is another one than when somebody last looked; says which channels these are. The first
/// sight of a file is no change.
///
/// # Errors
/// Storage. A file that is no TOML is told by the command that needs it.
pub async fn note(office: &Office) -> Result<Vec<String>, OperationError> {
    let mut changed = Vec::new();
    for file in office.channels.files().await? {
        let Ok(table) = toml::from_str::<toml::Table>(&file.text) else { continue };
        let Some(id) = table.get("id").and_then(|id| id.as_str()).map(str::to_owned) else { continue };
        let now = Seen { digest: Digest::of(file.text.as_bytes()), settings: json!(table) };
        let stored = office.records.get(SEEN, &id).await?;
        let before = stored.and_then(|row| serde_json::from_value::<Seen>(row).ok());
        if before.as_ref().is_some_and(|before| before.digest == now.digest) {
            continue;
        }
        let item = Item { pk: SEEN.into(), sk: id.clone(), body: json!(now) };
        let Some(before) = before else {
            // Of two who look at once both see the same.
            office.records.put(item, Condition::None).await?;
            continue;
        };
        let condition = Condition::Equals { field: "digest".into(), value: json!(before.digest) };
        let deed = Deed::new("channel-file", "config.changed", &id).with(json!({
            "file": file.name, "before": before.digest, "after": now.digest,
            "changed": difference(&before.settings, &now.settings),
        }));
        match office.ledger().put_with(vec![Write::Put { item, condition }], deed).await {
            Ok(()) => changed.push(id),
            // Somebody else wrote the same link.
            Err(PublishError::Busy { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(changed)
}

/// Notes that a channel's consent is used, and what for.
///
/// # Errors
/// Storage.
pub async fn token_used(office: &Office, channel: &str, who: &str, what_for: &str) -> Result<(), OperationError> {
    let deed = Deed::new(who, "token.used", channel).with(json!({ "for": what_for }));
    Ok(office.ledger().note(deed).await?)
}

/// What differs, by dotted name: before and after, nothing where it is not there.
fn difference(before: &Value, after: &Value) -> BTreeMap<String, [Value; 2]> {
    let mut found = BTreeMap::new();
    compare("", before, after, &mut found);
    found
}

fn compare(name: &str, before: &Value, after: &Value, found: &mut BTreeMap<String, [Value; 2]>) {
    if let (Value::Object(old), Value::Object(new)) = (before, after) {
        let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys {
            let inner = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            compare(&inner, old.get(key).unwrap_or(&Value::Null), new.get(key).unwrap_or(&Value::Null), found);
        }
    } else if before != after {
        found.insert(name.to_owned(), [before.clone(), after.clone()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named_with_both_values() {
        let before = json!({"id": "demo", "publishing": {"approvers": ["anna"], "two_persons": true}, "gone": 1});
        let after =
            json!({"id": "demo", "publishing": {"approvers": ["anna", "eve"], "two_persons": true}, "new": "x"});
        let found = serde_json::to_value(difference(&before, &after)).unwrap();
        let wanted = json!({
            "gone": [1, null], "new": [null, "x"], "publishing.approvers": [["anna"], ["anna", "eve"]],
        });
        assert_eq!(found, wanted);
        assert!(difference(&after, &after).is_empty());
    }
}
