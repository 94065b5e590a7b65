use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError as TransactError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem,
};
use proofreel_ports::{Condition, Item, PortError, Records, Write};
use serde_json::Value;

use super::clients::pause;
use super::conditions::{Expression, addable, expression};
use super::errors::{genuine, is_unsure, port_error};
use super::items::{Attributes, BODY, PK, SK, decode, encode, key, number, text};
use crate::writes::{check_shape, parts};

/// Tries of a write whose outcome is not known.
const TRIES: u32 = 4;
/// Tries of a write that met a transaction.
const ENCOUNTERS: u32 = 8;

/// The `Records` port in a DynamoDB table with the keys `pk` and `sk`. Reads are consistent.
///
/// A write whose answer was lost may have been carried out. A put is asked again and then finds its own row, which counts
/// as written; a transaction carries a token by which DynamoDB knows it again; an addition is not asked again, and its
/// error says that nobody can tell. What meets another transaction is surely not carried out: it is asked again in place.
#[derive(Clone, Debug)]
pub struct DynamoRecords {
    dynamodb: Client,
    table: String,
}

impl DynamoRecords {
    /// The records of `table`.
    pub fn new(dynamodb: Client, table: impl Into<String>) -> Self {
        Self { dynamodb, table: table.into() }
    }

    /// One put. Tried again by the client only when it surely was not carried out.
    async fn put_once(&self, item: Attributes, when: Expression) -> Result<(), Refusal> {
        let request = self
            .dynamodb
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .set_condition_expression(when.text)
            .set_expression_attribute_names(when.names)
            .set_expression_attribute_values(when.values)
            .return_values_on_condition_check_failure(OnFailure::AllOld);
        let error = match request.customize().config_override(careful()).send().await {
            Ok(answer) => return genuine(&self.table, "dynamodb:PutItem", &answer).map_err(Refusal::Unsure),
            Err(error) => error,
        };
        let unsure = is_unsure(&error);
        let told = port_error(&self.table, "dynamodb:PutItem", &error);
        match error.into_service_error() {
            PutItemError::ConditionalCheckFailedException(failed) => Err(Refusal::Condition(failed.item)),
            PutItemError::TransactionConflictException(_) => Err(Refusal::Conflict(told)),
            _ if unsure => Err(Refusal::Unsure(told)),
            _ => Err(Refusal::Other(told)),
        }
    }

    /// One addition to a row that exists, asked again while transactions are at that row: they let nothing be added.
    async fn add_apart(&self, pk: &str, sk: &str, field: &str, by: i64) -> Result<i64, Refusal> {
        let mut encounters = 0;
        loop {
            match self.add_once(pk, sk, field, by).await {
                Err(Refusal::Conflict(_)) if encounters + 1 < ENCOUNTERS => pause(encounters).await,
                answer => return answer,
            }
            encounters += 1;
        }
    }

    /// The addition, asked once.
    async fn add_once(&self, pk: &str, sk: &str, field: &str, by: i64) -> Result<i64, Refusal> {
        let when = addable(field, by);
        let request = self
            .dynamodb
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(pk, sk)))
            .update_expression("SET #b.#f = if_not_exists(#b.#f, :zero) + :by")
            .set_condition_expression(when.text)
            .set_expression_attribute_names(when.names)
            .set_expression_attribute_values(when.values)
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(OnFailure::AllOld);
        let error = match request.customize().config_override(careful()).send().await {
            Ok(answer) => {
                genuine(&self.table, "dynamodb:UpdateItem", &answer).map_err(Refusal::Unsure)?;
                return sum(answer.attributes.as_ref(), field).map_err(Refusal::Other);
            }
            Err(error) => error,
        };
        let unsure = is_unsure(&error);
        let told = port_error(&name(pk, sk), "dynamodb:UpdateItem", &error);
        match error.into_service_error() {
            UpdateItemError::ConditionalCheckFailedException(failed) => Err(Refusal::Condition(failed.item)),
            UpdateItemError::TransactionConflictException(_) => Err(Refusal::Conflict(told)),
            _ if unsure => Err(Refusal::Unsure(told)),
            _ => Err(Refusal::Other(told)),
        }
    }
}

/// Why a write was not done.
enum Refusal {
    /// Its condition did not hold for this item.
    Condition(Option<Attributes>),
    /// A transaction was at the row, so it surely was not.
    Conflict(PortError),
    /// Perhaps it was.
    Unsure(PortError),
    /// It surely was not.
    Other(PortError),
}

#[async_trait]
impl Records for DynamoRecords {
    async fn get(&self, pk: &str, sk: &str) -> Result<Option<Value>, PortError> {
        let what = name(pk, sk);
        let request = self.dynamodb.get_item().table_name(&self.table).set_key(Some(key(pk, sk))).consistent_read(true);
        let answer = request.send().await.map_err(|error| port_error(&what, "dynamodb:GetItem", &error))?;
        genuine(&what, "dynamodb:GetItem", &answer)?;
        answer.item.map(|item| decode(item).map(|item| item.body)).transpose()
    }

    async fn put(&self, item: Item, condition: Condition) -> Result<(), PortError> {
        let what = name(&item.pk, &item.sk);
        let (attributes, mut unsure) = (encode(&item), false);
        let (mut tries, mut encounters) = (0, 0);
        loop {
            match self.put_once(attributes.clone(), expression(&condition)).await {
                Ok(()) => return Ok(()),
                Err(Refusal::Condition(found)) => {
                    // What a lost try left behind.
                    let found = found.filter(|_| unsure).map(decode).transpose()?;
                    let ours = found.is_some_and(|found| found.body == item.body);
                    return if ours { Ok(()) } else { Err(PortError::ConditionFailed { what }) };
                }
                Err(Refusal::Unsure(_)) if tries + 1 < TRIES => {
                    unsure = true;
                    pause(tries).await;
                    tries += 1;
                }
                Err(Refusal::Conflict(_)) if encounters + 1 < ENCOUNTERS => {
                    pause(encounters).await;
                    encounters += 1;
                }
                Err(Refusal::Unsure(error) | Refusal::Conflict(error) | Refusal::Other(error)) => {
                    return Err(renamed(error, &what, &item.body));
                }
            }
        }
    }

    async fn query(&self, pk: &str, prefix: &str) -> Result<Vec<Item>, PortError> {
        let what = name(pk, prefix);
        let mut request = self
            .dynamodb
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .expression_attribute_names("#k", PK)
            .expression_attribute_values(":k", text(pk))
            .key_condition_expression("#k = :k");
        // An empty prefix is no operand there; it asks for all.
        if !prefix.is_empty() {
            request = request
                .key_condition_expression("#k = :k AND begins_with(#s, :s)")
                .expression_attribute_names("#s", SK)
                .expression_attribute_values(":s", text(prefix));
        }
        let mut pages = request.into_paginator().send();
        let mut items = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| port_error(&what, "dynamodb:Query", &error))?;
            genuine(&what, "dynamodb:Query", &page)?;
            for item in page.items.unwrap_or_default() {
                items.push(decode(item)?);
            }
        }
        Ok(items)
    }

    async fn last(&self, pk: &str, most: usize) -> Result<Vec<Item>, PortError> {
        let what = name(pk, "");
        let mut items = Vec::new();
        let mut from = None;
        while items.len() < most {
            let request = self
                .dynamodb
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .expression_attribute_names("#k", PK)
                .expression_attribute_values(":k", text(pk))
                .key_condition_expression("#k = :k")
                .scan_index_forward(false)
                .limit(i32::try_from(most - items.len()).unwrap_or(i32::MAX))
                .set_exclusive_start_key(from);
            let page = request.send().await.map_err(|error| port_error(&what, "dynamodb:Query", &error))?;
            genuine(&what, "dynamodb:Query", &page)?;
            for item in page.items.unwrap_or_default() {
                items.push(decode(item)?);
            }
            from = page.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        Ok(items)
    }

    async fn add(&self, pk: &str, sk: &str, field: &str, by: i64) -> Result<i64, PortError> {
        let wrong = |why: &str| PortError::IllegalKey { key: format!("{}.{field}", name(pk, sk)), why: why.to_owned() };
        for _ in 0..TRIES {
            match self.add_apart(pk, sk, field, by).await {
                Ok(sum) => return Ok(sum),
                Err(Refusal::Condition(Some(_))) => {
                    return Err(wrong("the member is no integer, or the sum is too large"));
                }
                Err(Refusal::Condition(None)) => {
                    let empty =
                        Item { pk: pk.to_owned(), sk: sk.to_owned(), body: Value::Object(serde_json::Map::new()) };
                    match self.put(empty, Condition::Absent).await {
                        // Somebody else's is as good.
                        Ok(()) | Err(PortError::ConditionFailed { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
                Err(Refusal::Unsure(PortError::Unavailable { what, detail })) => {
                    let detail = format!("nobody can tell whether {by} was added to {field}: {detail}");
                    return Err(PortError::Unavailable { what, detail });
                }
                Err(Refusal::Unsure(error) | Refusal::Conflict(error) | Refusal::Other(error)) => return Err(error),
            }
        }
        Err(PortError::Unavailable { what: name(pk, sk), detail: "the row is removed as often as it is made".into() })
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), PortError> {
        check_shape(&writes)?;
        if writes.is_empty() {
            return Ok(());
        }
        let items = writes.iter().map(|write| self.transact_item(write)).collect::<Result<Vec<_>, _>>()?;
        let mut tries = 0;
        loop {
            // Every send has a token of its own, which its tries by the client share.
            let request = self.dynamodb.transact_write_items().set_transact_items(Some(items.clone()));
            let error = match request.send().await {
                Ok(answer) => return genuine(&self.table, "dynamodb:TransactWriteItems", &answer),
                Err(error) => error,
            };
            match outcome(&error, &writes) {
                Some(PortError::Unavailable { .. }) if tries + 1 < ENCOUNTERS => pause(tries).await,
                Some(reason) => return Err(reason),
                None => return Err(port_error(&described(&writes), "dynamodb:TransactWriteItems", &error)),
            }
            tries += 1;
        }
    }
}

impl DynamoRecords {
    fn transact_item(&self, write: &Write) -> Result<TransactWriteItem, PortError> {
        let when = expression(parts(write).2);
        let built = match write {
            Write::Put { item, .. } => Put::builder()
                .table_name(&self.table)
                .set_item(Some(encode(item)))
                .set_condition_expression(when.text)
                .set_expression_attribute_names(when.names)
                .set_expression_attribute_values(when.values)
                .build()
                .map(|put| TransactWriteItem::builder().put(put).build()),
            Write::Delete { pk, sk, .. } => Delete::builder()
                .table_name(&self.table)
                .set_key(Some(key(pk, sk)))
                .set_condition_expression(when.text)
                .set_expression_attribute_names(when.names)
                .set_expression_attribute_values(when.values)
                .build()
                .map(|delete| TransactWriteItem::builder().delete(delete).build()),
        };
        built.map_err(|error| PortError::Refused { what: self.table.clone(), why: error.to_string() })
    }
}

/// Why a transaction was cancelled: the first write whose condition failed, or what stood in its way. `None` when it was
/// not cancelled.
fn outcome(error: &SdkError<TransactError>, writes: &[Write]) -> Option<PortError> {
    let Some(TransactError::TransactionCanceledException(cancelled)) = error.as_service_error() else { return None };
    let reasons = || cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or("None")).zip(writes);
    let named = |write: &Write| {
        let (pk, sk, _) = parts(write);
        name(pk, sk)
    };
    if let Some((_, write)) = reasons().find(|(code, _)| *code == "ConditionalCheckFailed") {
        return Some(PortError::ConditionFailed { what: named(write) });
    }
    let (code, write) = reasons().find(|(code, _)| *code != "None").unzip();
    let (code, what) = (code.unwrap_or("no reason given"), write.map_or_else(|| described(writes), named));
    let said = cancelled.message().unwrap_or_default();
    Some(match code {
        "ItemCollectionSizeLimitExceeded" | "ValidationError" => {
            PortError::Refused { what, why: format!("{code}: {said}\n  hint: {SMALLER}") }
        }
        _ => PortError::Unavailable {
            what,
            detail: format!(
                "the transaction was cancelled (dynamodb:TransactWriteItems, {code}: {said})\n  hint: it is tried again later"
            ),
        },
    })
}

/// What to do with a row that is too large.
const SMALLER: &str = "a row holds at most 400 KB; large content belongs into a blob, and the row names it";

/// An error about a row, with its length when that may be the reason.
fn renamed(error: PortError, what: &str, body: &Value) -> PortError {
    match error {
        PortError::Refused { why, .. } => PortError::Refused {
            what: what.to_owned(),
            why: format!("{why} (the row has {} bytes as JSON)\n  hint: {SMALLER}", body.to_string().len()),
        },
        PortError::Unavailable { detail, .. } => PortError::Unavailable { what: what.to_owned(), detail },
        other => other,
    }
}

fn name(pk: &str, sk: &str) -> String {
    format!("{pk}/{sk}")
}

fn described(writes: &[Write]) -> String {
    let (pk, sk, _) = writes.first().map_or(("", "", &Condition::None), parts);
    format!("{} and {} more", name(pk, sk), writes.len().saturating_sub(1))
}

/// The member's value after an addition.
fn sum(attributes: Option<&Attributes>, field: &str) -> Result<i64, PortError> {
    let stored = attributes.and_then(|attributes| attributes.get(BODY)?.as_m().ok()?.get(field));
    let digits = stored.and_then(|stored: &AttributeValue| stored.as_n().ok());
    digits.and_then(|digits| number(digits).ok()?.as_i64()).ok_or_else(|| PortError::Unavailable {
        what: field.to_owned(),
        detail: "DynamoDB did not tell the sum".into(),
    })
}

/// A configuration under which the client itself tries again only what was surely not carried out.
fn careful() -> Builder {
    Builder::new().retry_classifier(OnlyTheRefused)
}

/// Forbids another try when the first one may have had its effect.
#[derive(Debug)]
struct OnlyTheRefused;

impl ClassifyRetry for OnlyTheRefused {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let refused = context.response().is_some_and(|response| response.status().as_u16() < 500);
        if error.is_operation_error() && refused { RetryAction::NoActionIndicated } else { RetryAction::RetryForbidden }
    }

    fn name(&self) -> &'static str {
        "only what was refused"
    }
}
