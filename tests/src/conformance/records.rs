use std::collections::BTreeSet;
use std::sync::Arc;

use proofreel_ports::{Condition, Item, PortError, Records, Write};
use serde_json::{Value, json};

/// Tasks that add to one counter at once.
const ADDERS: usize = 100;

/// Runs every check of the [`Records`] contract, each on a table of its own.
pub async fn records_conformance(make: impl AsyncFn() -> Arc<dyn Records>) {
    rows_are_kept_as_given(make().await.as_ref()).await;
    numbers_are_kept_as_given(make().await.as_ref()).await;
    every_condition_on_put(make().await.as_ref()).await;
    every_condition_on_delete(make().await.as_ref()).await;
    whole_numbers_and_reals_differ(make().await.as_ref()).await;
    all_or_nothing(make().await.as_ref()).await;
    the_write_that_failed_is_named(make().await.as_ref()).await;
    transactions_that_no_store_takes(make().await.as_ref()).await;
    queried_by_prefix_in_order(make().await.as_ref()).await;
    read_from_the_end(make().await.as_ref()).await;
    large_rows_and_long_partitions(make().await.as_ref()).await;
    counters(make().await.as_ref()).await;
    a_hundred_adders_lose_nothing(make().await).await;
    one_of_many_wins_a_condition(make().await).await;
    transactions_do_not_interleave(make().await).await;
}

fn item(pk: &str, sk: &str, body: Value) -> Item {
    Item { pk: pk.into(), sk: sk.into(), body }
}

fn equals(field: &str, value: Value) -> Condition {
    Condition::Equals { field: field.into(), value }
}

fn less(field: &str, value: i64) -> Condition {
    Condition::AbsentOrLess { field: field.into(), value }
}

#[allow(clippy::needless_pass_by_value)] // an answer is asked once, where it is given
fn failed(answer: Result<(), PortError>) -> bool {
    matches!(answer, Err(PortError::ConditionFailed { .. }))
}

async fn rows_are_kept_as_given(records: &dyn Records) {
    let body = json!({
        "text": "quote \" slash \\ line\nß €", "empty": "", "null": null, "yes": true, "list": [1, "two", {"three": [3]}],
        "int": 9_007_199_254_740_993_i64, "nothing": {}, "none": [], "deep": {"e": "", "ключ": "値 🎬"}, "negative": -5, "real": 0.1, "nested": {"b": 1, "a": 2},
    });
    records.put(item("p", "s", body.clone()), Condition::None).await.unwrap();
    assert_eq!(records.get("p", "s").await.unwrap(), Some(body));
    assert_eq!(records.get("p", "other").await.unwrap(), None);
    assert_eq!(records.get("other", "s").await.unwrap(), None);
    records.put(item("p", "s", json!({"new": 1})), Condition::None).await.unwrap();
    assert_eq!(records.get("p", "s").await.unwrap(), Some(json!({"new": 1})), "a put replaces the whole row");
}

async fn read_from_the_end(records: &dyn Records) {
    for (pk, sk) in [("p", "a"), ("p", "b"), ("p", "ba"), ("p", "c"), ("q", "z"), ("o", "z")] {
        records.put(item(pk, sk, json!({"sk": sk})), Condition::None).await.unwrap();
    }
    let last = async |pk: &str, most: usize| -> Vec<String> {
        records.last(pk, most).await.unwrap().into_iter().map(|item| item.sk).collect()
    };
    assert_eq!(last("p", 2).await, ["c", "ba"]);
    assert_eq!(last("p", 4).await, ["c", "ba", "b", "a"]);
    assert_eq!(last("p", 50).await, ["c", "ba", "b", "a"]);
    assert!(last("p", 0).await.is_empty() && last("none", 5).await.is_empty());
    let newest = records.last("p", 1).await.unwrap();
    assert_eq!(newest, [item("p", "c", json!({"sk": "c"}))]);
}

/// Numbers as `serde_json` has them: an integer stays one, a real stays one, and no digit is lost.
async fn numbers_are_kept_as_given(records: &dyn Records) {
    let body = json!({
        "whole real": 2.0, "zero": 0.0, "negative zero": -0.0, "tenth": 0.1, "third": 1.0 / 3.0, "large": 1e16, "long": 1e22,
        "largest": f64::MAX, "smallest": 5e-324, "i64": [i64::MIN, -1, 0, i64::MAX], "u64": u64::MAX, "deep": [[{"a/b~": [1.0, 1]}]],
    });
    records.put(item("p", "s", body.clone()), Condition::None).await.unwrap();
    let sorted = |mut value: Value| {
        value.sort_all_objects();
        value.to_string()
    };
    assert_eq!(sorted(records.get("p", "s").await.unwrap().unwrap()), sorted(body.clone()));
    assert_eq!(sorted(records.query("p", "").await.unwrap().remove(0).body), sorted(body));
}

async fn every_condition_on_put(records: &dyn Records) {
    let row = |n: i64| item("p", "s", json!({"n": n, "who": "me", "text": "7"}));
    assert!(failed(records.put(row(0), equals("n", json!(0))).await), "nothing equals what is absent");
    records.put(row(1), Condition::Absent).await.unwrap();
    assert!(failed(records.put(row(2), Condition::Absent).await));
    records.put(row(3), equals("n", json!(1))).await.unwrap();
    assert!(failed(records.put(row(4), equals("n", json!(1))).await), "n is 3 by now");
    assert!(failed(records.put(row(4), equals("none", json!(1))).await), "a member that is not there equals nothing");
    assert!(failed(records.put(row(4), equals("none", Value::Null)).await));
    records.put(row(5), equals("who", json!("me"))).await.unwrap();
    records.put(row(6), less("n", 6)).await.unwrap();
    assert!(failed(records.put(row(7), less("n", 6)).await), "the bound is exclusive");
    records.put(row(8), less("n", 7)).await.unwrap();
    assert!(failed(records.put(row(9), less("none", 100)).await), "a missing member is not less");
    assert!(failed(records.put(row(9), less("text", 100)).await), "a text is not less");
    records.put(item("p", "fresh", json!({"n": 1})), less("n", -100)).await.unwrap();
    records.put(row(-3), Condition::None).await.unwrap();
    records.put(row(10), less("n", -2)).await.unwrap();
    let stored = records.get("p", "s").await.unwrap().unwrap();
    assert_eq!(stored["n"], json!(10), "no refused write left a trace");
}

async fn every_condition_on_delete(records: &dyn Records) {
    let delete = |condition| records.transact(vec![Write::Delete { pk: "p".into(), sk: "s".into(), condition }]);
    delete(Condition::None).await.unwrap();
    delete(Condition::Absent).await.unwrap();
    delete(less("n", 5)).await.unwrap();
    assert!(failed(delete(equals("n", json!(1))).await));
    records.put(item("p", "s", json!({"n": 1})), Condition::None).await.unwrap();
    assert!(failed(delete(Condition::Absent).await));
    assert!(failed(delete(equals("n", json!(2))).await));
    assert!(failed(delete(less("n", 1)).await));
    assert!(records.get("p", "s").await.unwrap().is_some());
    delete(equals("n", json!(1))).await.unwrap();
    assert_eq!(records.get("p", "s").await.unwrap(), None);
}

async fn whole_numbers_and_reals_differ(records: &dyn Records) {
    records.put(item("p", "s", json!({"real": 2.0, "whole": 2, "half": 0.5})), Condition::None).await.unwrap();
    let put = |condition| records.put(item("p", "s", json!({"real": 2.0, "whole": 2, "half": 0.5})), condition);
    assert!(failed(put(equals("real", json!(2))).await));
    assert!(failed(put(equals("whole", json!(2.0))).await));
    put(equals("real", json!(2.0))).await.unwrap();
    put(equals("whole", json!(2))).await.unwrap();
    put(equals("half", json!(0.5))).await.unwrap();
    put(less("half", 1)).await.unwrap();
    assert!(failed(put(less("half", 0)).await));
    assert!(records.add("p", "s", "real", 1).await.is_err(), "a real cannot be counted");
    assert!(records.add("p", "s", "half", 1).await.is_err());
    assert_eq!(records.get("p", "s").await.unwrap(), Some(json!({"real": 2.0, "whole": 2, "half": 0.5})));
}

async fn all_or_nothing(records: &dyn Records) {
    let put = |sk: &str, condition| Write::Put { item: item("p", sk, json!({"n": 1})), condition };
    records.put(item("p", "kept", json!({"n": 0})), Condition::None).await.unwrap();
    // The write that fails stands at every place in turn.
    for place in 0..4 {
        let mut writes = vec![
            put("a", Condition::None),
            put("b", Condition::Absent),
            Write::Delete { pk: "p".into(), sk: "kept".into(), condition: Condition::None },
        ];
        writes.insert(place, put("never", equals("n", json!(1))));
        assert!(failed(records.transact(writes).await), "place {place}");
        let left: Vec<_> = records.query("p", "").await.unwrap().into_iter().map(|item| item.sk).collect();
        assert_eq!(left, ["kept"], "place {place}");
    }
    let writes = (0..25).map(|n| put(&format!("{n:02}"), Condition::Absent)).collect();
    records.transact(writes).await.unwrap();
    assert_eq!(records.query("p", "").await.unwrap().len(), 26);
    records.transact(Vec::new()).await.unwrap();
}

async fn the_write_that_failed_is_named(records: &dyn Records) {
    let put = |sk: &str, condition| Write::Put { item: item("p", sk, json!({"n": 1})), condition };
    records.put(item("p", "taken", json!({"n": 0})), Condition::None).await.unwrap();
    let writes = vec![put("first", Condition::Absent), put("taken", Condition::Absent), put("last", Condition::None)];
    match records.transact(writes).await {
        Err(PortError::ConditionFailed { what }) => assert_eq!(what, "p/taken"),
        other => panic!("{other:?}"),
    }
    match records.put(item("p", "taken", json!({"n": 0})), Condition::Absent).await {
        Err(PortError::ConditionFailed { what }) => assert_eq!(what, "p/taken", "the same content again is no excuse"),
        other => panic!("{other:?}"),
    }
}

async fn transactions_that_no_store_takes(records: &dyn Records) {
    let put = |sk: String| Write::Put { item: item("p", &sk, json!({})), condition: Condition::None };
    let too_many = records.transact((0..26).map(|n| put(n.to_string())).collect()).await;
    assert!(matches!(too_many, Err(PortError::IllegalKey { .. })), "{too_many:?}");
    let twice = records.transact(vec![put("s".into()), put("s".into())]).await;
    assert!(matches!(twice, Err(PortError::IllegalKey { .. })), "{twice:?}");
    assert!(records.query("p", "").await.unwrap().is_empty());
}

async fn queried_by_prefix_in_order(records: &dyn Records) {
    let keys = [
        "a#1",
        "a#10",
        "a#2",
        "a%1",
        "a_1",
        "a",
        "A",
        "b",
        "ab",
        "a\u{10ffff}",
        "a\u{e4}",
        "%",
        "_",
        "*",
        "[a]",
        "'; --",
    ];
    for sk in keys {
        records.put(item("p", sk, json!({"sk": sk})), Condition::None).await.unwrap();
    }
    records.put(item("p2", "a#1", json!({})), Condition::None).await.unwrap();
    let all: BTreeSet<&str> = keys.into_iter().collect();
    for prefix in ["", "a", "a#", "a#1", "a%", "a_", "%", "_", "*", "[", "'", "A", "zz", "a\u{10ffff}"] {
        let found = records.query("p", prefix).await.unwrap();
        let expected: Vec<&str> = all.iter().copied().filter(|sk| sk.starts_with(prefix)).collect();
        assert_eq!(found.iter().map(|item| item.sk.as_str()).collect::<Vec<_>>(), expected, "prefix {prefix:?}");
        assert!(found.iter().all(|item| item.pk == "p" && item.body == json!({"sk": item.sk})));
    }
    assert!(records.query("p%", "").await.unwrap().is_empty());
    assert!(records.query("none", "").await.unwrap().is_empty());
}

async fn large_rows_and_long_partitions(records: &dyn Records) {
    let large = json!({"text": "ß".repeat(190_000)});
    records.put(item("p", "large", large.clone()), Condition::None).await.unwrap();
    assert_eq!(records.get("p", "large").await.unwrap(), Some(large));
    // DynamoDB takes 400 KB; a store that takes more is as good, one that says "try again" is not.
    match records.put(item("p", "too large", json!({"text": "x".repeat(420_000)})), Condition::None).await {
        Ok(()) => {}
        Err(error @ PortError::Refused { .. }) => {
            assert!(error.to_string().contains("p/too large") && error.to_string().contains("hint:"), "{error}");
            assert_eq!(records.get("p", "too large").await.unwrap(), None);
        }
        Err(error) => panic!("{error}"),
    }
    // Two megabytes: more than one page of a query.
    for n in 0..20 {
        records
            .put(item("long", &format!("s{n:02}"), json!({"n": n, "text": "y".repeat(100_000)})), Condition::None)
            .await
            .unwrap();
    }
    let rows = records.query("long", "s").await.unwrap();
    assert_eq!(rows.iter().map(|row| row.body["n"].as_i64().unwrap()).collect::<Vec<_>>(), (0..20).collect::<Vec<_>>());
    assert_eq!(records.query("long", "s1").await.unwrap().len(), 10);
}

async fn counters(records: &dyn Records) {
    assert_eq!(records.add("p", "c", "n", 5).await.unwrap(), 5, "item and member start at zero");
    assert_eq!(records.add("p", "c", "n", -7).await.unwrap(), -2);
    assert_eq!(records.add("p", "c", "m", 0).await.unwrap(), 0);
    records.put(item("p", "row", json!({"text": "kept", "n": 40})), Condition::None).await.unwrap();
    assert_eq!(records.add("p", "row", "n", 2).await.unwrap(), 42);
    assert_eq!(records.get("p", "row").await.unwrap(), Some(json!({"text": "kept", "n": 42})));
    assert!(records.add("p", "row", "text", 1).await.is_err(), "a text cannot be added to");
    records
        .put(item("p", "edge", json!({"most": i64::MAX, "least": i64::MIN, "a/b~c.d#:": 1})), Condition::None)
        .await
        .unwrap();
    assert!(records.add("p", "edge", "most", 1).await.is_err(), "a sum that no integer holds");
    assert!(records.add("p", "edge", "least", -1).await.is_err());
    assert_eq!(records.add("p", "edge", "most", -1).await.unwrap(), i64::MAX - 1);
    assert_eq!(records.add("p", "edge", "least", i64::MAX).await.unwrap(), -1);
    assert_eq!(records.add("p", "edge", "a/b~c.d#:", 1).await.unwrap(), 2, "any name is a name");
    assert_eq!(records.get("p", "c").await.unwrap(), Some(json!({"n": -2, "m": 0})));
}

async fn a_hundred_adders_lose_nothing(records: Arc<dyn Records>) {
    let adders: Vec<_> = (0..ADDERS)
        .map(|_| {
            let records = Arc::clone(&records);
            tokio::spawn(async move { records.add("p", "c", "n", 1).await.unwrap() })
        })
        .collect();
    let mut answers = BTreeSet::new();
    for adder in adders {
        answers.insert(adder.await.unwrap());
    }
    assert_eq!(answers, (1..=i64::try_from(ADDERS).unwrap()).collect(), "each adder saw a value of its own");
}

async fn one_of_many_wins_a_condition(records: Arc<dyn Records>) {
    for condition in [Condition::Absent, equals("round", json!(0)), less("round", 1)] {
        let sk = format!("{condition:?}");
        if condition != Condition::Absent {
            records.put(item("p", &sk, json!({"round": 0})), Condition::None).await.unwrap();
        }
        let racers: Vec<_> = (0..50)
            .map(|racer| {
                let (records, sk, condition) = (Arc::clone(&records), sk.clone(), condition.clone());
                tokio::spawn(
                    async move { records.put(item("p", &sk, json!({"round": 1, "who": racer})), condition).await },
                )
            })
            .collect();
        let mut won = 0;
        for racer in racers {
            won += u32::from(racer.await.unwrap().is_ok());
        }
        assert_eq!(won, 1, "{sk}");
    }
}

/// Fifty tasks move one unit each between two rows; the sum never changes.
async fn transactions_do_not_interleave(records: Arc<dyn Records>) {
    let row = |sk: &str, n: i64| item("p", sk, json!({"n": n}));
    records.put(row("left", 50), Condition::None).await.unwrap();
    records.put(row("right", 0), Condition::None).await.unwrap();
    let movers: Vec<_> = (0..50)
        .map(|_| {
            let records = Arc::clone(&records);
            tokio::spawn(async move {
                loop {
                    let read = async |sk: &str| records.get("p", sk).await.unwrap().unwrap()["n"].as_i64().unwrap();
                    let (left, right) = (read("left").await, read("right").await);
                    let moved = records.transact(vec![
                        Write::Put {
                            item: item("p", "left", json!({"n": left - 1})),
                            condition: equals("n", json!(left)),
                        },
                        Write::Put {
                            item: item("p", "right", json!({"n": right + 1})),
                            condition: equals("n", json!(right)),
                        },
                    ]);
                    match moved.await {
                        Ok(()) => return,
                        Err(error) => assert!(failed(Err(error))),
                    }
                }
            })
        })
        .collect();
    for mover in movers {
        mover.await.unwrap();
    }
    assert_eq!(records.get("p", "left").await.unwrap(), Some(json!({"n": 0})));
    assert_eq!(records.get("p", "right").await.unwrap(), Some(json!({"n": 50})));
}
