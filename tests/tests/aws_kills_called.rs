//! The functions that no queue feeds, killed (SIGKILL) before and after requests that they make to a local AWS: the four that the
//! clock calls (batch, measure, watchdog, report) and the one that people and programs call (gateway). Whoever called then calls again,
//! as Lambda repeats an event, a person sends a form again and a sender its message. What is in the stores must be what one call
//! leaves that nobody disturbed: nothing lost, nothing done twice; and who asks again is told that it is done, or what to do.
//!
//! Of what most of these calls change some points are tried on each commit; every request of all calls by `make night`.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_lambda::types::{FunctionCode, Runtime};
use aws_sdk_ssm::types::ParameterType;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofreel_adapters::local::SystemClock;
use proofreel_lambda::{Batch, BatchEvent, Place};
use proofreel_model::policy::Policy;
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Driver, Owner, Ports, run_rows};
use proofreel_ports::{Blobs, Condition, NoParts, Queue, Records};
use proofreel_publishing::audit;
use proofreel_tests::fakes::{FakeTriggers, World};
use proofreel_tests::function::Function;
use proofreel_tests::killing::{Death, Trial, Victim, deaths_at_changes, deaths_that_differ, kill, rows, spread};
use proofreel_tests::local_aws::{Emulator, LocalAws, Server, settings};
use proofreel_tests::rehearsal::{Mute, Play};
use proofreel_tests::wire::Request;
use serde_json::{Value, json};

#[path = "aws_kills_called/gateway.rs"]
mod gateway;
#[path = "aws_kills_called/scenes.rs"]
mod scenes;

use gateway::KEY;
use scenes::{Scene, Then, batch_runs, others, scenes};

const SERVICES: &str = "s3,sqs,dynamodb,lambda,iam,logs,sns,ssm,kms";
/// An invocation's time; none comes near it.
const LIMIT: Duration = Duration::from_mins(1);
/// Points of each function that are tried on each commit.
const SOME: usize = 2;
/// The queue of the triggers that are turned: nothing comes there, so that the local AWS wakes nobody.
const IDLE: &str = "idle";
/// The queue that reads the topic of the stack's alarms, as a person's mail address would.
const MAILBOX: &str = "mailbox";
/// An archive with nothing in it.
const EMPTY_ZIP: &[u8; 22] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// What it came to.
#[derive(Debug, PartialEq)]
pub struct End {
    /// Rows by partition and key, without times.
    rows: BTreeMap<(String, String), Value>,
    /// Keys of blobs; those of orders, artifacts and reports name their content.
    blobs: BTreeSet<String>,
    /// Messages by queue.
    sent: BTreeMap<String, BTreeSet<String>>,
    /// Subjects of the mails.
    mails: BTreeSet<String>,
    /// How the triggers stand.
    triggers: Vec<String>,
    /// The audit chain.
    deeds: Vec<String>,
    /// How many sessions of people there are.
    sessions: usize,
}

impl End {
    fn partition(&self, pk: &str) -> Vec<&Value> {
        self.rows.iter().filter(|((partition, _), _)| partition == pk).map(|(_, row)| row).collect()
    }

    fn sent_to(&self, queue: &str) -> usize {
        self.sent.get(queue).map_or(0, BTreeSet::len)
    }

    /// How often this was done.
    fn done(&self, deed: &str) -> usize {
        self.deeds.iter().filter(|done| *done == deed).count()
    }
}

/// A stack with what these functions call beside the stores.
struct Cloud {
    stack: LocalAws,
    lambda: aws_sdk_lambda::Client,
    /// Of the stages, and of publishing.
    triggers: [String; 2],
    topic: String,
}

impl Cloud {
    async fn furnished(aws: &Arc<Server>, world: &World) -> Self {
        let stages = StageName::CHAIN.map(StageName::as_str);
        let queues: Vec<&str> = stages.into_iter().chain(["publish", IDLE, MAILBOX]).collect();
        let stack = aws.stack(&queues).await;
        stack.furnish(world).await;
        let config = settings(&aws.address(), 3, LIMIT);
        let (lambda, sns) = (aws_sdk_lambda::Client::new(&config), aws_sdk_sns::Client::new(&config));
        let prefix = stack.prefix.rsplit('/').next().unwrap().to_owned();
        let arn = |queue: &str| format!("arn:aws:sqs:us-east-1:000000000000:{prefix}{queue}");
        let code = FunctionCode::builder().zip_file(EMPTY_ZIP.to_vec().into()).build();
        let made = lambda.create_function().function_name(&stack.table).runtime(Runtime::Providedal2023);
        let made = made.handler("bootstrap").role("arn:aws:iam::000000000000:role/test").code(code);
        made.send().await.unwrap();
        let trigger = async || {
            let made = lambda.create_event_source_mapping().function_name(&stack.table).event_source_arn(arn(IDLE));
            made.enabled(false).batch_size(1).send().await.unwrap().uuid.unwrap()
        };
        let triggers = [trigger().await, trigger().await];
        let topic = sns.create_topic().name(&stack.table).send().await.unwrap().topic_arn.unwrap();
        sns.subscribe().topic_arn(&topic).protocol("sqs").endpoint(arn(MAILBOX)).send().await.unwrap();
        Self { stack, lambda, triggers, topic }
    }

    /// What the template tells the functions beside the stores. The function that a decision wakes is not there: what was decided must
    /// not depend on it.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let [stages, publish] = self.triggers.clone();
        vec![
            ("PROOFREEL_MAPPINGS", stages),
            ("PROOFREEL_PUBLISH_MAPPING", publish),
            ("PROOFREEL_BATCH", "nobody".into()),
            ("PROOFREEL_TOPIC", self.topic.clone()),
        ]
    }

    fn ports(&self) -> Ports {
        Ports {
            blobs: Arc::new(self.stack.blobs()),
            records: Arc::new(self.stack.records()),
            queue: Arc::new(self.stack.queue()),
            clock: Arc::new(SystemClock),
        }
    }

    async fn start(&self, function: &str) -> Function {
        Function::start(function, &[self.stack.environment(), self.environment()].concat()).await
    }

    /// All messages of a queue, which are taken from it.
    async fn take(&self, queue: &str) -> Vec<String> {
        let (messages, queue, mut all) = (self.stack.queue(), format!("proofreel-{queue}"), Vec::new());
        loop {
            let some = messages.receive(&queue, 10, 60_000, 100).await.unwrap();
            if some.is_empty() {
                return all;
            }
            for message in some {
                messages.delete(&queue, &message.receipt).await.unwrap();
                all.push(message.body);
            }
        }
    }

    /// A sweep that nobody disturbs: in this process, because the function waits for dead letters a second a queue.
    async fn sweep(&self) {
        let scratch = tempfile::tempdir().unwrap();
        let (owner, folder) = (Owner::new("sweep"), scratch.path().to_owned());
        let place = Place { ports: self.ports(), parts: Arc::new(NoParts), owner, scratch: folder };
        let triggers = Arc::new(FakeTriggers::of(&["publish"], false));
        let batch = Batch::new(place, Policy::embedded(), Arc::new(self.stack.blobs()), triggers, Vec::new());
        Box::pin(batch.with_publishing("publish").handle(&BatchEvent::Sweep)).await.unwrap();
    }

    /// The watchdog looks when nobody can be sending a notice any more.
    async fn look(&self) {
        let records = self.stack.records();
        for mut item in records.query("notice-due", "").await.unwrap() {
            item.body["until"] = json!(0);
            records.put(item, Condition::None).await.unwrap();
        }
        let mut watchdog = self.start("watchdog").await;
        let looked = watchdog.invoke(json!({"do": "watch"}), LIMIT).await.expect("it lives");
        assert!(looked.is_ok(), "{looked:?}: {:#?}", watchdog.log());
    }

    async fn end(&self, who: &str) -> End {
        let (records, blobs) = (self.stack.records(), self.stack.blobs());
        let mut all = rows(&self.stack).await;
        for left in ["batch", "outbox", "notice-due"] {
            assert!(!all.keys().any(|(partition, _)| partition == left), "{who}: no {left} is left: {all:#?}");
        }
        // Who died before it wrote that it had told somebody is told of by another notice: twice rather than not at all.
        let told = |row: &Value| row["became"] == "sent";
        assert!(all.iter().all(|((partition, _), row)| partition != "notice" || told(row)), "{who}: {all:#?}");
        let sessions = all.keys().filter(|(partition, _)| partition == "console-session").count();
        // A session's row says when somebody was seen, and its key is drawn; whoever uses a link again has tried one in vain.
        all.retain(|(partition, _), _| !["notice", "console-session", "console-failed"].contains(&partition.as_str()));
        let mut keys = BTreeSet::new();
        for prefix in ["order/", "artifact/", "file/", "data/", "kpi/", "reports/", "sources/"] {
            keys.extend(blobs.list(prefix).await.unwrap());
        }
        let mut sent = BTreeMap::new();
        for queue in StageName::CHAIN.map(StageName::as_str).into_iter().chain(["publish"]) {
            let taken = self.take(queue).await;
            let bodies: BTreeSet<String> = taken.iter().cloned().collect();
            assert!(taken.len() <= 2 * bodies.len(), "{who}: one death, each message twice at most: {taken:?}");
            if !bodies.is_empty() {
                sent.insert(queue.to_owned(), bodies);
            }
        }
        assert_eq!(self.stack.queue().depth("proofreel-planner-dlq").await.unwrap(), (0, 0), "{who}: no dead letter");
        let letters: Vec<Value> =
            self.take(MAILBOX).await.iter().map(|letter| serde_json::from_str(letter).unwrap()).collect();
        let mails: BTreeSet<String> =
            letters.iter().map(|letter| letter["Subject"].as_str().unwrap().to_owned()).collect();
        assert!(letters.len() <= 3 * mails.len(), "{who}: {letters:#?}");
        let mut triggers = Vec::new();
        for trigger in &self.triggers {
            let asked = self.lambda.get_event_source_mapping().uuid(trigger).send().await.unwrap();
            triggers.push(asked.state.unwrap());
        }
        let verdict = audit::verify(&records, None).await.unwrap();
        assert!(verdict.faults.is_empty(), "{who}: {:?}", verdict.faults);
        let deeds = audit::links(&records, None).await.unwrap().into_iter().map(|link| link.deed.what).collect();
        End { rows: all, blobs: keys, sent, mails, triggers, deeds, sessions }
    }

    /// The planner takes what was sent to it, each message twice: nobody works a run twice.
    async fn plan(&self, end: &End, who: &str) {
        let Some(messages) = end.sent.get("planner") else { return };
        let scratch = tempfile::tempdir().unwrap();
        let stages = Arc::new(Play::new()).stages(&[StageName::Planner]);
        let driver = Driver::new(self.ports(), stages, Policy::embedded(), Arc::new(Mute), scratch.path().to_owned());
        let driver = driver.with_owner(Owner::new("planner"));
        for message in messages.iter().chain(messages) {
            driver.handle(message).await.unwrap();
        }
        for run in batch_runs() {
            let attempts = run_rows(&self.stack.records(), &run).await.unwrap();
            assert_eq!(attempts.len(), 1, "{who}: {run} was worked once: {attempts:?}");
        }
        assert_eq!(self.take("topic-scoring").await.len(), batch_runs().len(), "{who}: and went on once");
    }
}

/// The call answered well.
fn is_good(answer: &Result<Value, Value>) -> bool {
    let page = |answer: &Value| answer["head"]["statusCode"].as_u64();
    answer.as_ref().is_ok_and(|answer| page(answer).is_none_or(|status| status < 400))
}

/// The call was told in these words that there is nothing to do any more, or what to do.
fn is_told(answer: &Result<Value, Value>, (status, words): (u16, &str)) -> bool {
    let page = |answer: &Value| answer["page"].as_str().is_some_and(|page| page.contains(words));
    answer.as_ref().is_ok_and(|answer| answer["head"]["statusCode"] == status && page(answer))
}

impl Trial for Scene {
    type End = End;

    fn name(&self) -> &str {
        self.name
    }

    async fn play(&self, aws: &Arc<Server>, death: Option<Death>) -> (End, Vec<Request>) {
        let (cloud, who) = (Box::pin(Cloud::furnished(aws, &self.world)).await, format!("{}, {death:?}", self.name));
        let mut victim = Victim::start(self.function, &cloud.stack, &cloud.environment(), death).await;
        let answer = victim.function.invoke((self.call)(), LIMIT).await;
        assert_eq!(answer.is_none(), death.is_some(), "{who}: {answer:?}: {:#?}", victim.function.log());
        assert!(answer.iter().all(is_good), "{who}: {answer:?}: {:#?}", victim.function.log());
        let requests = victim.requests();
        drop(victim);
        if death.is_some() {
            let mut heir = cloud.start(self.function).await;
            let answer = heir.invoke((self.call)(), LIMIT).await.expect("it lives");
            let told = self.told.is_some_and(|told| is_told(&answer, told));
            assert!(is_good(&answer) || told, "{who}: {answer:?}: {:#?}", heir.log());
        }
        match self.then {
            Then::Nothing => {}
            Then::Sweep => Box::pin(cloud.sweep()).await,
            Then::Look => Box::pin(cloud.look()).await,
        }
        let end = Box::pin(cloud.end(&who)).await;
        Box::pin(cloud.plan(&end, &who)).await;
        (end, requests)
    }

    fn must(&self, whole: &End, _: &[Request]) {
        (self.must)(whole);
    }
}

/// Kills the functions of all scenes: at so many of the points at which they change something, or everywhere.
async fn die(scenes: Vec<Scene>, most: Option<usize>) {
    let aws = Server::start_with(Emulator::Ministack, SERVICES);
    let ssm = aws_sdk_ssm::Client::new(&settings(&aws.address(), 3, LIMIT));
    let key = format!("whsec_{}", STANDARD.encode(KEY));
    let kept = ssm.put_parameter().name("/proofreel-tests/webhook_anna").value(key).r#type(ParameterType::SecureString);
    kept.send().await.unwrap();
    let choose = |number: usize, requests: &[Request]| match most {
        Some(most) => {
            let changes = deaths_at_changes(requests);
            // From the middle of each share: the first change of many is a note that something begins.
            let middle = changes.len() / (2 * most);
            spread(changes, most, number + middle)
        }
        None => deaths_that_differ(requests),
    };
    kill(&aws, &scenes, choose).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_broken_off_here_and_there_and_made_again_leaves_what_one_call_leaves() {
    Box::pin(die(Box::pin(scenes()).await, Some(SOME))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "some minutes; run by `make night`"]
async fn a_call_broken_off_anywhere_and_made_again_leaves_what_one_call_leaves() {
    let mut scenes = Box::pin(scenes()).await;
    scenes.extend(Box::pin(others()).await);
    Box::pin(die(scenes, None)).await;
}
