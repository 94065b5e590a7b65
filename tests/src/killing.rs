//! Ends a function's process (SIGKILL) at one of the requests that it makes, and looks at what the stores hold afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream;
use jiff::Timestamp;
use proofreel_ports::Records;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::function::Function;
use crate::local_aws::{LocalAws, Server};
use crate::wire::{Fault, Request, Wire};

/// A request's time; nothing on the way takes any.
const ONE_TRY: Duration = Duration::from_secs(3);
/// Plays that go on at the same time. Most of them wait.
const AT_ONCE: usize = 8;

/// When the process dies: at this request, before it is carried out or after it was.
#[derive(Clone, Copy, Debug)]
pub struct Death {
    /// Number of the request, from 0.
    pub request: usize,
    /// It is carried out, and its answer comes too late.
    pub after: bool,
}

/// A function's process that is to die, and the line over which it asks.
pub struct Victim {
    /// The process. It has asked for its first event.
    pub function: Function,
    wire: Wire,
}

impl Victim {
    /// Starts the function with this environment on top of the stack's. Without a death it lives.
    pub async fn start(
        function: &str,
        stack: &LocalAws,
        more: &[(&'static str, String)],
        death: Option<Death>,
    ) -> Self {
        let pid = Arc::new(AtomicI32::new(0));
        let victim = Arc::clone(&pid);
        let wire = Wire::to(Some(stack.server().port()), move |number, _| match death {
            Some(death) if death.request == number => {
                let pid = Pid::from_raw(victim.load(Ordering::SeqCst)).expect("a process");
                kill_process(pid, Signal::KILL).expect("it lived");
                if death.after { Fault::LoseAnswer } else { Fault::LoseRequest }
            }
            _ => Fault::Pass,
        });
        let mut environment = [stack.over(&wire, 1, ONE_TRY).environment(), more.to_vec()].concat();
        for (name, value) in &mut environment {
            if *name == "AWS_ENDPOINT_URL" {
                wire.address().clone_into(value);
            }
        }
        let function = Function::start(function, &environment).await;
        pid.store(function.id(), Ordering::SeqCst);
        // Its start is not of the invocation's time.
        function.asked(1).await;
        Self { function, wire }
    }

    /// The requests that it made.
    pub fn requests(&self) -> Vec<Request> {
        self.wire.seen()
    }
}

/// A function with the stores as they are before it is asked: what is played whole, and again with each death.
pub trait Trial {
    /// What it came to, whoever brought it there.
    type End: Debug + PartialEq;

    /// What is tried, for whoever reads a failure.
    fn name(&self) -> &str;

    /// Plays it in a stack of its own, with a function that dies as told. What it came to, and the requests of the first process.
    fn play(&self, aws: &Arc<Server>, death: Option<Death>) -> impl Future<Output = (Self::End, Vec<Request>)>;

    /// Refuses a play that nobody disturbed and that came to something else than it should.
    ///
    /// # Panics
    /// When it did.
    fn must(&self, whole: &Self::End, requests: &[Request]);
}

/// Plays everything whole, and then with each of the deaths that `choose` gives for a trial's number and requests: it must come to the
/// same. Prints what `tests/bench/found.py` reads.
///
/// # Panics
/// When an end differs, or no death was chosen for a trial.
pub async fn kill<T: Trial>(aws: &Arc<Server>, trials: &[T], choose: impl Fn(usize, &[Request]) -> Vec<Death>) {
    let began = Instant::now();
    let wholes = stream::iter(trials).map(|trial| Box::pin(trial.play(aws, None)));
    let wholes: Vec<(T::End, Vec<Request>)> = wholes.buffered(AT_ONCE).collect().await;
    let mut all = Vec::new();
    for (number, (trial, (whole, requests))) in trials.iter().zip(&wholes).enumerate() {
        trial.must(whole, requests);
        let chosen = choose(number, requests);
        println!("{}: {} deaths at {} requests", trial.name(), chosen.len(), requests.len());
        assert!(!chosen.is_empty(), "{} changes nothing", trial.name());
        all.extend(chosen.into_iter().map(|death| (trial, whole, death)));
    }
    let killed = stream::iter(&all).map(|(trial, whole, death)| async move {
        let (end, _) = Box::pin(trial.play(aws, Some(*death))).await;
        assert_eq!(end, **whole, "{}, {death:?}: the same end, whoever brought it about", trial.name());
    });
    let killed = killed.buffer_unordered(AT_ONCE).count().await;
    println!("{killed} deaths, {:.1} s", began.elapsed().as_secs_f64());
    assert_eq!(killed, all.len());
}

/// The two deaths at each of so many requests.
pub fn deaths(requests: usize) -> Vec<Death> {
    (0..requests).flat_map(|request| [false, true].map(|after| Death { request, after })).collect()
}

/// The deaths at those of these requests that change something.
pub fn deaths_at_changes(requests: &[Request]) -> Vec<Death> {
    deaths(requests.len()).into_iter().filter(|death| changes(&requests[death.request])).collect()
}

/// The deaths that leave something different: two at a change, and one at a look, which leaves the same whether or not it was
/// answered.
pub fn deaths_that_differ(requests: &[Request]) -> Vec<Death> {
    deaths(requests.len()).into_iter().filter(|death| !death.after || changes(&requests[death.request])).collect()
}

/// True for a request that changes something.
fn changes(request: &Request) -> bool {
    let action = request.action();
    if action.is_empty() {
        // S3 and Lambda say it by the method; SNS is asked for nothing but mail.
        return !request.line.starts_with("GET ") && !request.line.starts_with("HEAD ");
    }
    ["delete", "put", "send", "update", "write"].iter().any(|verb| action.contains(verb))
}

/// At most so many of these deaths, spread over all of them; another `number` begins elsewhere.
pub fn spread(deaths: Vec<Death>, most: usize, number: usize) -> Vec<Death> {
    let step = deaths.len().div_ceil(most).max(1);
    deaths.into_iter().skip(number % step).step_by(step).collect()
}

/// All rows of a stack's table by partition and key, without what only says when they were written.
///
/// # Panics
/// When the stores do not answer.
pub async fn rows(stack: &LocalAws) -> BTreeMap<(String, String), Value> {
    let scanned = stack.clients.dynamodb.scan().table_name(&stack.table).send().await.expect("the table");
    assert!(scanned.last_evaluated_key().is_none(), "a table of one page");
    let partitions: BTreeSet<&String> = scanned.items().iter().filter_map(|item| item["pk"].as_s().ok()).collect();
    let records = stack.records();
    let mut rows = BTreeMap::new();
    for partition in partitions {
        for item in records.query(partition, "").await.expect("the rows") {
            rows.insert((partition.clone(), without_time(&item.sk)), timeless(item.body));
        }
    }
    rows
}

fn is_time(text: &str) -> bool {
    text.parse::<Timestamp>().is_ok()
}

/// A sort key whose time order comes from a time at its front.
fn without_time(sk: &str) -> String {
    match sk.split_once('#') {
        Some((time, rest)) if is_time(time) => format!("a time#{rest}"),
        _ => sk.to_owned(),
    }
}

/// Times, and digests that are taken over them: those of the audit chain. What is stored by its content has its digest in its key too.
fn timeless(value: Value) -> Value {
    match value {
        Value::String(text) if is_time(&text) => json!("a time"),
        Value::Array(all) => all.into_iter().map(timeless).collect(),
        Value::Object(all) => {
            let scrubbed = |(name, value): (String, Value)| {
                let chained = matches!(name.as_str(), "audit" | "digest" | "previous") && value.is_string();
                let value = if chained { json!("a digest") } else { timeless(value) };
                (name, value)
            };
            all.into_iter().map(scrubbed).collect()
        }
        other => other,
    }
}
