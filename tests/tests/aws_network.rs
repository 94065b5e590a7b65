//! The adapters of S3, DynamoDB and SQS on a line that misbehaves: each call ends in time, with the right answer or with
//! an error that says what to do; what was carried out is not carried out twice.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::time::{Duration, Instant};

use proofreel_model::digest::Digest;
use proofreel_ports::{Blobs, Condition, Item, Parts, PortError, Queue, Records, Write};
use proofreel_tests::local_aws::{Emulator, LocalAws, Server};
use proofreel_tests::wire::{Fault, Request, Wire};
use serde_json::{Value, json};

/// How long one try may take here.
const TRY: Duration = Duration::from_secs(2);
const TRIES: u32 = 3;
/// Longer than any call may take.
const LONG: Duration = Duration::from_secs(45);

fn item(sk: &str, n: i64) -> Item {
    Item { pk: "p".into(), sk: sk.into(), body: json!({"n": n}) }
}

/// A stack asked over a line on which `script` says what happens.
fn over(
    stack: &LocalAws,
    aws: &Server,
    script: impl Fn(usize, &Request) -> Fault + Send + Sync + 'static,
) -> (LocalAws, Wire) {
    let wire = Wire::to(Some(aws.port()), script);
    (stack.over(&wire, TRIES, TRY), wire)
}

/// The same fault for the first `count` requests.
fn first(count: usize, fault: Fault) -> impl Fn(usize, &Request) -> Fault + Send + Sync + 'static {
    move |number, _| if number < count { fault.clone() } else { Fault::Pass }
}

fn refusal(status: &'static str, code: &str) -> Fault {
    let body = json!({"__type": format!("com.amazonaws#{code}"), "message": "as told by the test"}).to_string();
    Fault::Answer(status, "content-type: application/x-amz-json-1.0\r\nx-amzn-requestid: r\r\n", body)
}

/// A transaction that Amazon cancelled, with one reason for each of its writes.
fn cancelled(reasons: &[&str]) -> Fault {
    let told: Vec<Value> = reasons.iter().map(|code| json!({"Code": code, "Message": "as told by the test"})).collect();
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", reasons.join(", ")),
        "CancellationReasons": told,
    });
    let head = "content-type: application/x-amz-json-1.0\r\nx-amzn-requestid: r\r\n";
    Fault::Answer("400 Bad Request", head, body.to_string())
}

fn s3_refusal(status: &'static str, code: &str) -> Fault {
    let body =
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>as told by the test</Message></Error>");
    Fault::Answer(status, "content-type: application/xml\r\nx-amz-request-id: r\r\n", body)
}

fn page() -> Fault {
    Fault::Answer("200 OK", "content-type: text/html\r\n", "<html><body>Please sign in</body></html>".into())
}

fn detail(error: &PortError) -> String {
    assert!(matches!(error, PortError::Unavailable { .. }) && error.is_retryable(), "{error:?}");
    error.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_passes_over_is_tried_again_and_succeeds() {
    let aws = Server::start(Emulator::Ministack);
    let faults = [
        refusal("400 Bad Request", "ThrottlingException"),
        refusal("400 Bad Request", "ProvisionedThroughputExceededException"),
        refusal("500 Internal Server Error", "InternalServerError"),
        Fault::Answer("503 Service Unavailable", "", String::new()),
        Fault::Answer("502 Bad Gateway", "content-type: text/html\r\n", "<html>bad gateway</html>".into()),
        Fault::LoseRequest,
        Fault::LoseAnswer,
        Fault::Truncate(5),
    ];
    let mut calls = tokio::task::JoinSet::new();
    for fault in faults {
        let stack = aws.stack(&["q"]).await;
        let port = aws.port();
        calls.spawn(async move {
            let line = |fault: &Fault| stack.over(&Wire::to(Some(port), first(2, fault.clone())), TRIES, TRY);
            let told = format!("{fault:?}");
            let records = line(&fault).records();
            records.put(item("s", 1), Condition::Absent).await.expect(&told);
            assert_eq!(line(&fault).records().get("p", "s").await.expect(&told), Some(json!({"n": 1})), "{told}");
            assert_eq!(line(&fault).records().query("p", "").await.expect(&told).len(), 1, "{told}");
            let writes = vec![
                Write::Put { item: item("a", 1), condition: Condition::Absent },
                Write::Delete {
                    pk: "p".into(),
                    sk: "s".into(),
                    condition: Condition::Equals { field: "n".into(), value: json!(1) },
                },
            ];
            line(&fault).records().transact(writes).await.expect(&told);
            let queue = line(&fault).queue();
            queue.send("q", "m", 0).await.expect(&told);
            assert!(queue.depth("q").await.expect(&told).0 >= 1, "{told}");
            let fault = match fault {
                Fault::Answer("400 Bad Request", ..) => s3_refusal("503 Slow Down", "SlowDown"),
                other => other,
            };
            line(&fault).blobs().put_if_absent("k", b"content").await.expect(&told);
            assert_eq!(line(&fault).blobs().get("k").await.expect(&told), b"content", "{told}");
            assert!(line(&fault).blobs().exists("k").await.expect(&told), "{told}");
            assert_eq!(line(&fault).blobs().list("").await.expect(&told), ["k"], "{told}");
            line(&fault).blobs().delete("k").await.expect(&told);
        });
    }
    tokio::time::timeout(LONG, async {
        while let Some(done) = calls.join_next().await {
            done.unwrap();
        }
    })
    .await
    .unwrap();
}

/// The answers to the first tries are lost although they were carried out.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_carried_out_is_not_done_twice() {
    let aws = Server::start(Emulator::Ministack);
    let stack = aws.stack(&["q"]).await;
    let lost = || first(1, Fault::LoseAnswer);
    let (line, wire) = over(&stack, &aws, lost());
    line.records().put(item("s", 1), Condition::Absent).await.unwrap();
    assert_eq!(wire.seen().len(), 2, "it was asked twice and is one write");

    let (line, wire) = over(&stack, &aws, lost());
    let condition = Condition::Equals { field: "n".into(), value: json!(1) };
    line.records().transact(vec![Write::Put { item: item("s", 2), condition }]).await.unwrap();
    assert_eq!(wire.seen().len(), 2, "its token is known again");
    assert_eq!(stack.records().get("p", "s").await.unwrap(), Some(json!({"n": 2})));

    // The first request finds that there is no row yet.
    let (line, wire) = over(&stack, &aws, |number, request| {
        if number > 0 && request.action() == "updateitem" { Fault::LoseAnswer } else { Fault::Pass }
    });
    let error = line.records().add("p", "counter", "n", 1).await.unwrap_err();
    assert!(detail(&error).contains("nobody can tell whether 1 was added to n"), "{error}");
    assert_eq!(
        wire.seen().iter().filter(|request| request.action() == "updateitem").count(),
        2,
        "asked once, when the row stood"
    );
    assert_eq!(stack.records().add("p", "counter", "n", 0).await.unwrap(), 1);

    let (line, _) = over(&stack, &aws, lost());
    line.blobs().put_if_absent("k", b"one").await.unwrap();
    assert_eq!(stack.blobs().get("k").await.unwrap(), b"one");
    assert!(!stack.blobs().put_if_absent("k", b"two").await.unwrap());

    // Somebody else took the place while our answer was lost: that is no success.
    let (line, _) = over(&stack, &aws, first(1, Fault::LoseRequest));
    stack.records().put(item("place", 7), Condition::None).await.unwrap();
    let taken = line.records().put(item("place", 8), Condition::Absent).await;
    assert!(matches!(taken, Err(PortError::ConditionFailed { .. })), "{taken:?}");
}

/// Amazon cancels what meets a transaction at the same row, and says so in two ways; local clouds let one wait for the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_meets_another_transaction_is_asked_again_in_place() {
    let aws = Server::start(Emulator::Ministack);
    let stack = aws.stack(&[]).await;
    let conflict = || refusal("400 Bad Request", "TransactionConflictException");
    let writes = || ["a", "b"].map(|sk| Write::Put { item: item(sk, 1), condition: Condition::Absent }).to_vec();

    let (line, wire) = over(&stack, &aws, first(3, cancelled(&["None", "TransactionConflict"])));
    line.records().transact(writes()).await.unwrap();
    assert_eq!(wire.seen().len(), 4, "cancelled three times, then done");
    assert_eq!(stack.records().query("p", "").await.unwrap().len(), 2);

    let (line, wire) = over(&stack, &aws, first(3, conflict()));
    line.records().put(item("s", 1), Condition::Absent).await.unwrap();
    assert_eq!(wire.seen().len(), 4);

    let (line, wire) = over(&stack, &aws, first(3, conflict()));
    assert_eq!(line.records().add("p", "s", "n", 2).await.unwrap(), 3, "added once");
    assert_eq!(wire.seen().len(), 4);

    // What the other transaction left behind decides, also where a conflict is told beside it.
    let (line, wire) = over(&stack, &aws, first(1, conflict()));
    let taken = line.records().put(item("s", 1), Condition::Absent).await;
    assert!(matches!(taken, Err(PortError::ConditionFailed { .. })), "{taken:?}");
    assert_eq!(wire.seen().len(), 2);
    let (line, wire) = over(&stack, &aws, first(1, cancelled(&["TransactionConflict", "ConditionalCheckFailed"])));
    let taken = line.records().transact(writes()).await;
    assert!(matches!(&taken, Err(PortError::ConditionFailed { what }) if what == "p/b"), "{taken:?}");
    assert_eq!(wire.seen().len(), 1);

    // One that never goes away is told, as something that passes over.
    let stays = |fault: Fault| over(&stack, &aws, first(usize::MAX, fault));
    let (puts, adds, many) = (stays(conflict()), stays(conflict()), stays(cancelled(&["TransactionConflict", "None"])));
    let (put, add, transact) = (puts.0.records(), adds.0.records(), many.0.records());
    let answers = tokio::join!(
        put.put(item("t", 1), Condition::Absent),
        add.add("p", "s", "n", 1),
        transact.transact(vec![Write::Put { item: item("u", 1), condition: Condition::None }]),
    );
    for (answer, wire) in [(answers.0, puts.1), (answers.1.map(|_| ()), adds.1), (answers.2, many.1)] {
        let told = detail(&answer.unwrap_err());
        assert!(told.contains("TransactionConflict") && told.contains("tried again later"), "{told}");
        assert_eq!(wire.seen().len(), 8, "{told}");
    }
    assert_eq!(stack.records().get("p", "s").await.unwrap(), Some(json!({"n": 3})), "and nothing happened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_stays_is_told_with_what_to_do() {
    let aws = Server::start(Emulator::Ministack);
    let stack = aws.stack(&["q"]).await;
    for (status, code, why) in [
        ("400 Bad Request", "ThrottlingException", "asked too often"),
        ("400 Bad Request", "ProvisionedThroughputExceededException", "raise the capacity"),
        ("400 Bad Request", "UnrecognizedClientException", "AWS_PROFILE"),
        ("400 Bad Request", "ExpiredTokenException", "begun again"),
        ("400 Bad Request", "AccessDeniedException", "give the role this action"),
        ("400 Bad Request", "ResourceNotFoundException", "PROOFREEL_TABLE"),
        ("500 Internal Server Error", "InternalServerError", "status 500"),
    ] {
        let (line, wire) = over(&stack, &aws, first(usize::MAX, refusal(status, code)));
        let error = line.records().get("p", "s").await.unwrap_err();
        assert!(detail(&error).contains(why) && error.to_string().contains("dynamodb:GetItem"), "{code}: {error}");
        let error = line.records().put(item("s", 1), Condition::Absent).await.unwrap_err();
        assert!(detail(&error).contains(why), "{code}: {error}");
        let error = line.queue().send("q", "m", 0).await.unwrap_err();
        assert!(detail(&error).contains(why) && error.to_string().contains("sqs:SendMessage"), "{code}: {error}");
        assert!(wire.seen().len() < 20, "{code}: {} requests", wire.seen().len());
    }
    for (status, code, why) in [
        ("503 Slow Down", "SlowDown", "asked too often"),
        ("403 Forbidden", "AccessDenied", "give the role this action"),
        ("403 Forbidden", "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
        ("404 Not Found", "NoSuchBucket", "deploy the stack"),
    ] {
        let (line, _) = over(&stack, &aws, first(usize::MAX, s3_refusal(status, code)));
        let error = line.blobs().get("k").await.unwrap_err();
        assert!(detail(&error).contains(why) && error.to_string().contains("s3:GetObject"), "{code}: {error}");
        let error = line.blobs().put_if_absent("k", b"x").await.unwrap_err();
        assert!(detail(&error).contains(why), "{code}: {error}");
    }
    let (line, _) = over(&stack, &aws, first(usize::MAX, refusal("400 Bad Request", "ValidationException")));
    let refused = line.records().put(item("s", 1), Condition::None).await.unwrap_err();
    assert!(matches!(refused, PortError::Refused { .. }) && !refused.is_retryable(), "{refused:?}");
    for body in ["", "\u{1}", "x".repeat((1 << 20) + 1).as_str()] {
        assert!(matches!(stack.queue().send("q", body, 0).await, Err(PortError::Refused { .. })));
    }
    let (nobody, _) = over(&stack, &aws, first(usize::MAX, Fault::LoseRequest));
    let error = nobody.records().get("p", "s").await.unwrap_err();
    assert!(
        detail(&error).contains("the connection failed") && error.to_string().contains("AWS_ENDPOINT_URL"),
        "{error}"
    );
}

/// A proxy or a hotel's network answers everything with a page: nothing of it is believed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_is_no_answer() {
    let aws = Server::start(Emulator::Ministack);
    let stack = aws.stack(&["q"]).await;
    stack.blobs().put_if_absent("k", b"content").await.unwrap();
    let (line, _) = over(&stack, &aws, first(usize::MAX, page()));
    let (blobs, records, queue) = (line.blobs(), line.records(), line.queue());
    detail(&blobs.put_if_absent("new", b"x").await.unwrap_err());
    detail(&blobs.get("k").await.unwrap_err());
    detail(&blobs.exists("k").await.unwrap_err());
    detail(&blobs.list("").await.unwrap_err());
    detail(&blobs.delete("k").await.unwrap_err());
    detail(&records.get("p", "s").await.unwrap_err());
    detail(&records.query("p", "").await.unwrap_err());
    detail(&records.put(item("s", 1), Condition::Absent).await.unwrap_err());
    detail(&records.add("p", "s", "n", 1).await.unwrap_err());
    detail(&records.transact(vec![Write::Put { item: item("s", 1), condition: Condition::None }]).await.unwrap_err());
    detail(&queue.send("q", "m", 0).await.unwrap_err());
    detail(&queue.receive("q", 1, 1000, 5).await.unwrap_err());
    detail(&queue.delete("q", "receipt").await.unwrap_err());
    detail(&queue.postpone("q", "receipt", 0).await.unwrap_err());
    detail(&queue.depth("q").await.unwrap_err());
    assert_eq!(stack.blobs().list("").await.unwrap(), ["k"], "and nothing happened");
}

/// Nothing, or next to nothing, comes: every call gives up.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_hangs() {
    let aws = Server::start(Emulator::Ministack);
    let stack = aws.stack(&["q"]).await;
    let film = vec![7; 300_000];
    stack.blobs().put_if_absent("film", &film).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (part, to) = (Digest::of(b"part"), folder.path().join("to"));
    std::fs::write(&to, &film).unwrap();
    stack.parts().keep(&part, &to).await.unwrap();
    let began = Instant::now();
    for fault in [Fault::Silence(Duration::from_mins(2)), Fault::Drip(Duration::from_millis(40))] {
        let (line, _) = over(&stack, &aws, first(usize::MAX, fault.clone()));
        let (blobs, parts, records, queue) = (line.blobs(), line.parts(), line.records(), line.queue());
        let call = async {
            let answers = tokio::join!(
                blobs.get("film"),
                blobs.put_if_absent("k", &film),
                records.get("p", "s"),
                records.put(item("s", 1), Condition::Absent),
                queue.send("q", "m", 0),
                queue.receive("q", 1, 1000, 5),
                parts.fetch(&part, &to),
            );
            for error in [
                answers.0.map(|_| ()).unwrap_err(),
                answers.1.map(|_| ()).unwrap_err(),
                answers.2.map(|_| ()).unwrap_err(),
                answers.3.unwrap_err(),
                answers.4.unwrap_err(),
                answers.5.map(|_| ()).unwrap_err(),
                answers.6.map(|_| ()).unwrap_err(),
            ] {
                assert!(
                    detail(&error).contains("time") || error.to_string().contains("broke off"),
                    "{fault:?}: {error}"
                );
            }
        };
        tokio::time::timeout(LONG, call).await.unwrap();
    }
    let (line, _) = over(&stack, &aws, first(usize::MAX, Fault::DripBody(Duration::from_millis(5))));
    let (blobs, parts) = (line.blobs(), line.parts());
    let (read, fetched) =
        tokio::time::timeout(LONG, async { tokio::join!(blobs.get("film"), parts.fetch(&part, &to)) }).await.unwrap();
    assert!(detail(&read.unwrap_err()).contains("broke off"));
    assert!(detail(&fetched.unwrap_err()).contains("broke off"));
    println!("all gave up within {:.0} s", began.elapsed().as_secs_f64());
    assert_eq!(std::fs::read(&to).unwrap(), film, "a fetch that failed leaves the file as it was");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A body that breaks off is asked for again; one that was changed on its way or in the bucket is not believed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn half_a_film_is_no_film() {
    let aws = Server::start(Emulator::Ministack);
    let stack = aws.stack(&[]).await;
    let film: Vec<u8> = (0..400_000_u32).map(|n| (n % 251) as u8).collect();
    stack.blobs().put_if_absent("film", &film).await.unwrap();
    let (line, wire) = over(&stack, &aws, first(2, Fault::Truncate(100_000)));
    assert_eq!(line.blobs().get("film").await.unwrap(), film);
    assert_eq!(wire.seen().len(), 3);
    let (line, _) = over(&stack, &aws, first(usize::MAX, Fault::Truncate(100_000)));
    assert!(detail(&line.blobs().get("film").await.unwrap_err()).contains("broke off"));

    let folder = tempfile::tempdir().unwrap();
    let (part, to) = (Digest::of(b"part"), folder.path().join("to"));
    std::fs::write(&to, &film).unwrap();
    stack.parts().keep(&part, &to).await.unwrap();
    let (line, _) = over(&stack, &aws, first(usize::MAX, Fault::Truncate(100_000)));
    assert!(detail(&line.parts().fetch(&part, &to).await.unwrap_err()).contains("broke off"));
    // Another content under a part's key: it is removed and made anew.
    let key = format!("parts/{part}");
    let put = stack.clients.s3.put_object().bucket(&stack.bucket).key(&key).metadata("sha256", Digest::of(&film).0);
    put.body(b"another film".to_vec().into()).send().await.unwrap();
    assert!(!stack.parts().fetch(&part, &to).await.unwrap());
    assert!(!stack.blobs().exists(&key).await.unwrap());
    assert_eq!(std::fs::read(&to).unwrap(), film);
}
