//! An AWS on this machine, for one test: `scripts/cloud/serve.py` on a free port of loopback. It dies with the test,
//! however the test ends, because it reads from a pipe that only the test holds.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType as Scalar,
};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use proofreel_adapters::aws::{Clients, DynamoRecords, S3Blobs, S3Parts, SqsQueue};
use tempfile::TempDir;

/// Which emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emulator {
    /// The one that the whole cloud runs on.
    Ministack,
    /// The second opinion.
    Moto,
}

/// A running emulator.
pub struct LocalAws {
    port: u16,
    server: Child,
    _alive: ChildStdin,
    _folder: TempDir,
}

impl LocalAws {
    /// Starts one with the stores and waits until it answers.
    pub fn start(emulator: Emulator) -> Self {
        Self::start_with(emulator, "s3,sqs,dynamodb")
    }

    /// Starts one with these services and waits until it answers.
    pub fn start_with(emulator: Emulator, services: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let python = root.join(".cloud/bin/python");
        assert!(
            python.exists(),
            "{} is missing: these tests need the local AWS\n  hint: run scripts/cloud/install.sh (make setup does), which needs PyPI once",
            python.display()
        );
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let name = match emulator {
            Emulator::Ministack => "ministack",
            Emulator::Moto => "moto",
        };
        let mut server = Command::new(&python)
            .arg(root.join("scripts/cloud/serve.py"))
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
        Self { port, server, _alive: alive, _folder: folder }
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
        Clients::new(&settings(&self.address(), 3, Duration::from_secs(60)))
    }

    /// A bucket, a table and queues of its own.
    pub async fn stack(&self, queues: &[&str]) -> Stack {
        Stack::new(self.clients(), &self.address(), queues).await
    }
}

impl Drop for LocalAws {
    fn drop(&mut self) {
        // The server kills itself and what it started when the pipe closes; this is for one that hangs.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn tail(log: &PathBuf) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().rev().take(20).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// Settings of clients that ask `address`, with quick retries.
pub fn settings(address: &str, tries: u32, one_try: Duration) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
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
pub struct Stack {
    /// Clients.
    pub clients: Clients,
    /// Bucket.
    pub bucket: String,
    /// Table.
    pub table: String,
    /// What the queues' addresses begin with.
    pub prefix: String,
}

impl Stack {
    async fn new(clients: Clients, address: &str, queues: &[&str]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
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
        // The server names itself by a host of its own; the path is what counts.
        let path = url.strip_suffix("dead-letters").unwrap().splitn(4, '/').nth(3).unwrap();
        let prefix = format!("{address}/{path}");
        Self { clients, bucket, table, prefix }
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

    /// The same stack asked through another address, for example a proxy's, with these clients.
    pub fn through(&self, address: &str, clients: Clients) -> Self {
        let path = self.prefix.splitn(4, '/').nth(3).unwrap();
        let prefix = format!("{address}/{path}");
        Self { clients, bucket: self.bucket.clone(), table: self.table.clone(), prefix }
    }
}
