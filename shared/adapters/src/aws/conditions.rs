//! Conditions in DynamoDB's language.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use proofreel_ports::Condition;
use serde_json::Value;

use super::items::{Attributes, BODY, PK, REALS, operand, pointer, text};

/// A condition with the names and values it speaks of.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Expression {
    /// `None` when nothing is asked.
    pub(super) text: Option<String>,
    /// `#name` to attribute name.
    pub(super) names: Option<HashMap<String, String>>,
    /// `:name` to value.
    pub(super) values: Option<Attributes>,
}

impl Expression {
    fn new(text: &str, names: &[(&str, &str)], values: Vec<(&str, AttributeValue)>) -> Self {
        let names: HashMap<_, _> = names.iter().map(|(name, to)| ((*name).to_owned(), (*to).to_owned())).collect();
        let values: HashMap<_, _> = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { text: Some(text.to_owned()), names: Some(names), values: (!values.is_empty()).then_some(values) }
    }
}

/// `condition` as an expression.
pub(super) fn expression(condition: &Condition) -> Expression {
    match condition {
        Condition::None => Expression::default(),
        Condition::Absent => Expression::new("attribute_not_exists(#k)", &[("#k", PK)], Vec::new()),
        Condition::Equals { field, value } => equals(field, value),
        Condition::AbsentOrLess { field, value } => Expression::new(
            "attribute_not_exists(#k) OR (attribute_type(#b.#f, :number) AND #b.#f < :v)",
            &[("#k", PK), ("#b", BODY), ("#f", field)],
            vec![(":v", AttributeValue::N(value.to_string())), (":number", text("N"))],
        ),
    }
}

/// The table takes 1 and 1.0 for equal; the port does not. That the member exists is asked for by itself: moto takes one that
/// is not there for null.
fn equals(field: &str, value: &Value) -> Expression {
    let (wanted, real) = operand(value);
    let mut names = vec![("#b", BODY), ("#f", field)];
    let mut values = vec![(":v", wanted)];
    let mut condition = "attribute_exists(#b.#f) AND #b.#f = :v".to_owned();
    if value.is_number() {
        names.push(("#r", REALS));
        values.push((":p", text(&pointer(field))));
        condition.push_str(if real { " AND contains(#r, :p)" } else { " AND NOT contains(#r, :p)" });
    }
    Expression::new(&condition, &names, values)
}

/// Adding `by` to an integer member that stays one, of a row that exists.
pub(super) fn addable(field: &str, by: i64) -> Expression {
    let (least, most) = if by < 0 { (i64::MIN - by, i64::MAX) } else { (i64::MIN, i64::MAX - by) };
    let whole = |n: i64| AttributeValue::N(n.to_string());
    Expression::new(
        "attribute_exists(#k) AND NOT contains(#r, :p) AND (attribute_not_exists(#b.#f) OR \
         (attribute_type(#b.#f, :number) AND #b.#f BETWEEN :least AND :most))",
        &[("#k", PK), ("#b", BODY), ("#f", field), ("#r", REALS)],
        vec![
            (":least", whole(least)),
            (":most", whole(most)),
            (":p", text(&pointer(field))),
            (":number", text("N")),
            (":zero", whole(0)),
            (":by", whole(by)),
        ],
    )
}
