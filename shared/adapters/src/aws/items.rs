//! Rows as items of the table.
//!
//! ```text
//! pk     S   partition key
//! sk     S   sort key
//! body   M   the row; numbers are N, so that conditions and counters work inside the table
//! reals  L   JSON pointers of the numbers in the row that are no integers; left out when there are none
//! ```
//! DynamoDB has one kind of number and writes it its own way: 2.0 comes back as 2. JSON as this program reads it has
//! integers and reals, which differ; `reals` keeps them apart. A real that N cannot hold (beyond ±1e126, nearer to zero
//! than 1e-130, or −0) lies in the row as a text.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use proofreel_ports::{Item, PortError};
use serde_json::{Map, Number, Value};

/// Attribute names.
pub(super) const PK: &str = "pk";
pub(super) const SK: &str = "sk";
pub(super) const BODY: &str = "body";
pub(super) const REALS: &str = "reals";

/// An item as DynamoDB's client has it.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// The key of an item.
pub(super) fn key(pk: &str, sk: &str) -> Attributes {
    HashMap::from([(PK.to_owned(), text(pk)), (SK.to_owned(), text(sk))])
}

pub(super) fn text(of: &str) -> AttributeValue {
    AttributeValue::S(of.to_owned())
}

/// A whole row as an item.
pub(super) fn encode(item: &Item) -> Attributes {
    let mut reals = Vec::new();
    let body = attribute(&item.body, &mut String::new(), &mut reals);
    let mut attributes = key(&item.pk, &item.sk);
    attributes.insert(BODY.to_owned(), body);
    if !reals.is_empty() {
        attributes.insert(REALS.to_owned(), AttributeValue::L(reals.into_iter().map(AttributeValue::S).collect()));
    }
    attributes
}

/// A value alone, as a condition compares it, and whether it is a real.
pub(super) fn operand(value: &Value) -> (AttributeValue, bool) {
    let mut reals = Vec::new();
    let attribute = attribute(value, &mut String::new(), &mut reals);
    (attribute, reals.iter().any(String::is_empty))
}

/// The pointer of a top-level member.
pub(super) fn pointer(field: &str) -> String {
    format!("/{}", field.replace('~', "~0").replace('/', "~1"))
}

fn attribute(value: &Value, place: &mut String, reals: &mut Vec<String>) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(yes) => AttributeValue::Bool(*yes),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            None => AttributeValue::N(number.to_string()),
            Some(real) => {
                reals.push(place.clone());
                if fits(real) { AttributeValue::N(number.to_string()) } else { AttributeValue::S(number.to_string()) }
            }
        },
        Value::Array(values) => AttributeValue::L(
            values.iter().enumerate().map(|(n, value)| below(&format!("/{n}"), value, place, reals)).collect(),
        ),
        Value::Object(members) => AttributeValue::M(
            members.iter().map(|(name, value)| (name.clone(), below(&pointer(name), value, place, reals))).collect(),
        ),
    }
}

fn below(step: &str, value: &Value, place: &mut String, reals: &mut Vec<String>) -> AttributeValue {
    let length = place.len();
    place.push_str(step);
    let attribute = attribute(value, place, reals);
    place.truncate(length);
    attribute
}

/// Whether DynamoDB's numbers hold it: 38 digits, which every real's shortest form has, and these magnitudes.
fn fits(real: f64) -> bool {
    let size = real.abs();
    if size == 0.0 { real.is_sign_positive() } else { (1e-130..1e125).contains(&size) }
}

/// The row of an item.
pub(super) fn decode(mut attributes: Attributes) -> Result<Item, PortError> {
    let pk = take_text(&mut attributes, PK)?;
    let sk = take_text(&mut attributes, SK)?;
    let name = format!("{pk}/{sk}");
    let damaged = |found: &str| PortError::Damaged {
        key: name.clone(),
        expected: "a row written by Proofreel".into(),
        found: found.to_owned(),
    };
    let reals: Vec<String> = match attributes.remove(REALS) {
        None => Vec::new(),
        Some(AttributeValue::L(places)) => places.into_iter().filter_map(|place| place.as_s().ok().cloned()).collect(),
        Some(_) => return Err(damaged("`reals` is no list")),
    };
    let stored = attributes.remove(BODY).ok_or_else(|| damaged("it has no body"))?;
    let mut body = value(stored).map_err(|found| damaged(&found))?;
    for place in reals {
        let number = body.pointer_mut(&place).ok_or_else(|| damaged(&format!("no number at {place}")))?;
        let text = number.as_str().map_or_else(|| number.to_string(), str::to_owned);
        let real = text.parse().ok().and_then(Number::from_f64);
        *number = Value::Number(real.ok_or_else(|| damaged(&format!("`{text}` at {place} is no number")))?);
    }
    Ok(Item { pk, sk, body })
}

fn take_text(attributes: &mut Attributes, name: &str) -> Result<String, PortError> {
    match attributes.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(PortError::Damaged {
            key: "an item of the table".into(),
            expected: format!("a text as `{name}`"),
            found: "none".into(),
        }),
    }
}

fn value(stored: AttributeValue) -> Result<Value, String> {
    Ok(match stored {
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::Bool(yes) => Value::Bool(yes),
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::N(digits) => number(&digits)?,
        AttributeValue::L(values) => Value::Array(values.into_iter().map(value).collect::<Result<_, _>>()?),
        AttributeValue::M(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            // Maps have no order there; this one is always the same.
            members.sort_by(|a, b| a.0.cmp(&b.0));
            let members: Result<Map<_, _>, String> =
                members.into_iter().map(|(name, stored)| Ok((name, value(stored)?))).collect();
            Value::Object(members?)
        }
        other => return Err(format!("a value of a kind that JSON lacks: {other:?}")),
    })
}

/// The number of an N. An integer however it is written; what `reals` names becomes a real afterwards.
pub(super) fn number(digits: &str) -> Result<Value, String> {
    if let Ok(whole) = digits.parse::<i64>() {
        return Ok(whole.into());
    }
    if let Ok(whole) = digits.parse::<u64>() {
        return Ok(whole.into());
    }
    let real = digits.parse().ok().and_then(Number::from_f64);
    real.map(Value::Number).ok_or_else(|| format!("`{digits}` is no number"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn back(body: Value) -> Value {
        let item = Item { pk: "p".into(), sk: "s".into(), body };
        let mut stored = encode(&item);
        // As DynamoDB gives numbers back: without an exponent and without zeros behind the point.
        normalise(stored.get_mut(BODY).unwrap());
        decode(stored).unwrap().body
    }

    fn normalise(attribute: &mut AttributeValue) {
        match attribute {
            AttributeValue::N(digits) => {
                let real: f64 = digits.parse().unwrap();
                if digits.contains(['.', 'e']) {
                    *digits = format!("{real}");
                }
            }
            AttributeValue::L(values) => values.iter_mut().for_each(normalise),
            AttributeValue::M(members) => members.values_mut().for_each(normalise),
            _ => {}
        }
    }

    #[test]
    fn every_number_comes_back_as_it_was() {
        let body = json!({
            "whole": 2.0, "zero": 0.0, "negative zero": -0.0, "tenth": 0.1, "large": 1e16, "huge": 1.5e300, "tiny": 5e-324,
            "i64": [i64::MIN, i64::MAX], "u64": u64::MAX, "int": 2, "a/b": {"~": [1.0, 1]}, "text": "2.0",
        });
        let returned = back(body.clone());
        assert_eq!(returned, body);
        let sorted = |mut value: Value| {
            value.sort_all_objects();
            value.to_string()
        };
        assert_eq!(sorted(returned), sorted(body), "the sign of zero too");
        for body in [json!(1.0), json!([]), json!(null), json!("")] {
            assert_eq!(back(body.clone()).to_string(), body.to_string());
        }
    }

    #[test]
    fn what_another_program_wrote_is_told() {
        let mut stored = encode(&Item { pk: "p".into(), sk: "s".into(), body: json!({"x": 1}) });
        stored.insert(BODY.into(), AttributeValue::Ss(vec!["a".into()]));
        let error = decode(stored.clone()).unwrap_err().to_string();
        assert!(error.contains("p/s") && error.contains("JSON lacks"), "{error}");
        stored.remove(BODY);
        assert!(decode(stored).unwrap_err().to_string().contains("no body"));
        assert!(decode(Attributes::new()).unwrap_err().to_string().contains("pk"));
    }
}
