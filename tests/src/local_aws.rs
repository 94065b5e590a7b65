//! An AWS on this machine, for one test: `scripts/cloud/serve.py` on a free port of loopback. It dies with the test,
//! however the test ends, because it reads from a pipe that only the test holds.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType as Scalar,
};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_sqs::types::QueueAttributeName;
use proofreel_adapters::aws::{Clients, DynamoRecords, S3Blobs, S3Parts, SqsQueue};
use proofreel_model::digest::Digest;
use proofreel_model::stage::StageName;
use proofreel_ports::{Condition, Item, Parts, Queue, Records, Write};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::deployed::root;
use crate::fakes::World;
use crate::wire::Wire;

/// The region that all of it says it is in.
const REGION: &str = "us-east-1";
/// Writes that a transaction of the port takes.
const A_TRANSACTION: usize = 25;

/// Which emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emulator {
    /// The one that the whole cloud runs on.
    Ministack,
    /// The second opinion.
    Moto,
}

/// A running emulator.
#[derive(Debug)]
pub struct Server {
    port: u16,
    server: Child,
    _alive: ChildStdin,
    _folder: TempDir,
}

impl Server {
    /// Starts one with the stores and waits until it answers.
    pub fn start(emulator: Emulator) -> Arc<Self> {
        Self::start_with(emulator, "s3,sqs,dynamodb")
    }

    /// Starts one with these services and waits until it answers.
    pub fn start_with(emulator: Emulator, services: &str) -> Arc<Self> {
        let python = root().join(".cloud/bin/python");
        assert!(
            python.exists(),
            "{} is missing: these tests need the local AWS\n  hint: run scripts/cloud/install.sh (make setup-tests does), which needs PyPI once",
            python.display()
        );
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let name = match emulator {
            Emulator::Ministack => "ministack",
            Emulator::Moto => "moto",
        };
        let mut server = Command::new(&python)
            .arg(root().join("scripts/cloud/serve.py"))
            .arg(name)
            .envs([("SERVICES", services), ("LOG_LEVEL", "WARNING"), ("LAMBDA_EXECUTOR", "local")])
            .env("TMPDIR", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let alive = server.stdin.take().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Ok(port) = line.trim().parse() else { panic!("{name} did not start: {}", tail(&log)) };
        Arc::new(Self { port, server, _alive: alive, _folder: folder })
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Clients of it.
    pub fn clients(&self) -> Clients {
        Clients::new(&settings(&self.address(), 3, Duration::from_mins(1)))
    }

    /// A bucket, a table and these queues, which nobody else uses.
    pub async fn stack(self: &Arc<Self>, queues: &[&str]) -> LocalAws {
        LocalAws::new(Arc::clone(self), queues).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The server kills itself and what it started when the pipe closes; this is for one that hangs.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().rev().take(20).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// Settings of clients that ask `address`, with quick retries.
pub fn settings(address: &str, tries: u32, one_try: Duration) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(address)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "tests")))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::standard().with_max_attempts(tries).with_initial_backoff(Duration::from_millis(5)))
        .timeout_config(
            TimeoutConfig::builder().operation_attempt_timeout(one_try).operation_timeout(one_try * tries).build(),
        )
        .build()
}

/// A bucket, a table and queues that nobody else uses.
pub struct LocalAws {
    /// Clients.
    pub clients: Clients,
    /// Bucket.
    pub bucket: String,
    /// Table.
    pub table: String,
    /// What the queues' addresses begin with.
    pub prefix: String,
    server: Arc<Server>,
}

impl LocalAws {
    /// What the stack has, on a server of its own: a bucket, a table, a queue a stage and one for publishing.
    pub async fn deployed() -> Self {
        let queues: Vec<&str> = StageName::CHAIN.map(StageName::as_str).into_iter().chain(["publish"]).collect();
        Server::start(Emulator::Ministack).stack(&queues).await
    }

    async fn new(server: Arc<Server>, queues: &[&str]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let clients = server.clients();
        let name = format!("t{}-", NUMBER.fetch_add(1, Ordering::Relaxed));
        let (bucket, table) = (format!("{name}bucket"), format!("{name}table"));
        clients.s3.create_bucket().bucket(&bucket).send().await.unwrap();
        let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
        let text =
            |name: &str| AttributeDefinition::builder().attribute_name(name).attribute_type(Scalar::S).build().unwrap();
        let made = clients.dynamodb.create_table().table_name(&table).billing_mode(BillingMode::PayPerRequest);
        let made = made.key_schema(key("pk", KeyType::Hash)).key_schema(key("sk", KeyType::Range));
        made.attribute_definitions(text("pk")).attribute_definitions(text("sk")).send().await.unwrap();
        let mut url = String::new();
        for queue in queues.iter().chain(&["dead-letters"]) {
            let made = clients.sqs.create_queue().queue_name(format!("{name}{queue}")).send().await.unwrap();
            made.queue_url().unwrap().clone_into(&mut url);
        }
        let prefix = format!("{}/{}", server.address(), path(url.strip_suffix("dead-letters").unwrap()));
        Self { clients, bucket, table, prefix, server }
    }

    /// The same asked over a line, with a time limit for each of `tries`.
    #[must_use]
    pub fn over(&self, wire: &Wire, tries: u32, one_try: Duration) -> Self {
        let clients = Clients::new(&settings(wire.address(), tries, one_try));
        let prefix = format!("{}/{}", wire.address(), path(&self.prefix));
        let (bucket, table) = (self.bucket.clone(), self.table.clone());
        Self { clients, bucket, table, prefix, server: Arc::clone(&self.server) }
    }

    /// The server that it is on.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// What the environment of a function says here.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.server.address()),
            ("AWS_REGION", REGION.into()),
            ("AWS_ACCESS_KEY_ID", "test".into()),
            ("AWS_SECRET_ACCESS_KEY", "test".into()),
            ("PROOFREEL_TABLE", self.table.clone()),
            ("PROOFREEL_BUCKET", self.bucket.clone()),
            ("PROOFREEL_QUEUE_PREFIX", self.prefix.clone()),
            ("PROOFREEL_SECRETS", "/proofreel-tests/".into()),
        ]
    }

    /// Lets the stages' queues count by themselves, as the template does: what was received so often goes to the dead letters.
    pub async fn redrive_after(&self, receives: u32) {
        let dead = format!("{}dead-letters", self.prefix);
        let asked =
            self.clients.sqs.get_queue_attributes().queue_url(dead).attribute_names(QueueAttributeName::QueueArn);
        let told = asked.send().await.unwrap().attributes.unwrap();
        let arn = &told[&QueueAttributeName::QueueArn];
        let policy = json!({"deadLetterTargetArn": arn, "maxReceiveCount": receives}).to_string();
        for stage in StageName::CHAIN {
            let queue = self.clients.sqs.set_queue_attributes().queue_url(format!("{}{stage}", self.prefix));
            queue.attributes(QueueAttributeName::RedrivePolicy, &policy).send().await.unwrap();
        }
    }

    /// Puts a file that people write, over one that is there.
    pub async fn put_file(&self, key: &str, bytes: Vec<u8>) {
        self.clients.s3.put_object().bucket(&self.bucket).key(key).body(bytes.into()).send().await.unwrap();
    }

    /// Puts what a world of fakes holds into the stores: blobs, parts, rows, and the messages of its queues, all of them visible.
    pub async fn furnish(&self, world: &World) {
        for (key, bytes) in &world.blobs {
            self.put_file(key, bytes.to_vec()).await;
        }
        let folder = tempfile::tempdir().unwrap();
        for (key, bytes) in &world.parts {
            let file = folder.path().join("part");
            std::fs::write(&file, bytes).unwrap();
            self.parts().keep(&Digest(key.to_string()), &file).await.unwrap();
        }
        let row = |((pk, sk), body): (&(Arc<str>, Arc<str>), &Arc<Value>)| Write::Put {
            item: Item { pk: pk.to_string(), sk: sk.to_string(), body: Value::clone(body) },
            condition: Condition::None,
        };
        let rows: Vec<Write> = world.records.iter().map(row).collect();
        for some in rows.chunks(A_TRANSACTION) {
            self.records().transact(some.to_vec()).await.unwrap();
        }
        for (queue, messages) in &world.queues {
            for message in messages {
                self.queue().send(queue, &message.body, 0).await.unwrap();
            }
        }
    }

    /// The blobs of the bucket.
    pub fn blobs(&self) -> S3Blobs {
        S3Blobs::new(self.clients.s3.clone(), &self.bucket)
    }

    /// The parts in the bucket.
    pub fn parts(&self) -> S3Parts {
        S3Parts::new(self.clients.s3.clone(), &self.bucket)
    }

    /// The records of the table.
    pub fn records(&self) -> DynamoRecords {
        DynamoRecords::new(self.clients.dynamodb.clone(), &self.table)
    }

    /// The queues. Emulators overlook no message, so nothing is waited for.
    pub fn queue(&self) -> SqsQueue {
        SqsQueue::new(self.clients.sqs.clone(), &self.prefix).with_wait(0)
    }
}

/// The path of an address. A server names itself by a host of its own; only the path counts.
fn path(url: &str) -> &str {
    url.splitn(4, '/').nth(3).unwrap()
}
