//! JSON Schema checks on everything that is read from or written to storage.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::Value;

/// Most complaints told about one document; the rest is counted.
const TOLD: usize = 3;

/// Validators by schema name. The schemas are compiled into the program, so one validator a name is enough
/// for its whole life, however many drivers there are.
static VALIDATORS: LazyLock<Mutex<BTreeMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

fn validator(name: &str) -> Result<Arc<Validator>, String> {
    // A panic elsewhere cannot leave the map half changed, so a poisoned lock is still good.
    let mut known = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = known.get(name) {
        return Ok(Arc::clone(found));
    }
    let schema = proofreel_model::schema::by_name(name).ok_or_else(|| format!("there is no schema `{name}`"))?;
    let compiled = jsonschema::validator_for(schema.as_value())
        .map_err(|error| format!("the schema `{name}` does not compile: {error}"))?;
    let compiled = Arc::new(compiled);
    known.insert(name.to_owned(), Arc::clone(&compiled));
    Ok(compiled)
}

/// Checks `document` against the schema `name`; the error says where and what, one line.
pub(crate) fn check(name: &str, document: &Value) -> Result<(), String> {
    let validator = validator(name)?;
    let mut complaints = validator.iter_errors(document).map(|error| {
        let place = error.instance_path().to_string();
        format!("{}: {error}", if place.is_empty() { "/" } else { place.as_str() })
    });
    let told: Vec<String> = complaints.by_ref().take(TOLD).collect();
    if told.is_empty() {
        return Ok(());
    }
    let more = complaints.count();
    let rest = if more == 0 { String::new() } else { format!(" (and {more} more)") };
    Err(format!("{}{rest}", told.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_is_accepted_or_the_place_is_named() {
        let scenes = json!({"schema_version": "1.1.0", "scenes": []});
        assert_eq!(check("scenes", &scenes), Ok(()));
        let wrong = check("scenes", &json!({"schema_version": 1, "scenes": [7]})).unwrap_err();
        assert!(wrong.contains("/schema_version") && wrong.contains("/scenes/0"), "{wrong}");
    }

    #[test]
    fn every_artifact_of_the_chain_has_a_schema_that_compiles() {
        for stage in proofreel_model::stage::StageName::CHAIN {
            assert!(validator(stage.artifact()).is_ok(), "{stage}");
        }
        assert!(validator("order").is_ok());
        assert!(check("nonsense", &json!(1)).unwrap_err().contains("nonsense"));
    }
}
