//! A local AWS (ministack) for one test: it ends with the test, however that ends.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::types::{AttributeDefinition, KeySchemaElement, KeyType, ProvisionedThroughput, ScalarAttributeType};
use aws_sdk_s3::config::Credentials;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use proofreel_adapters::aws::{Clients, DynamoRecords, S3Blobs, SqsQueue};
use proofreel_model::stage::StageName;

use crate::deployed::root;

const REGION: &str = "eu-central-1";
const BUCKET: &str = "proofreel-test";
const TABLE: &str = "proofreel-test";

/// The server, with a bucket, a table, a queue a stage and the dead letters.
pub struct LocalAws {
    _server: Child,
    endpoint: String,
    prefix: String,
    /// The clients, pointed at it.
    pub clients: Clients,
}

impl LocalAws {
    /// Starts it and makes what the stack makes.
    pub async fn deployed() -> Self {
        let python = root().join(".cloud/emulators/bin/python");
        assert!(python.is_file(), "{} is not there: run `make setup`", python.display());
        let mut server = Command::new(python)
            .arg(root().join("scripts/cloud/serve.py"))
            .arg("ministack")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LAMBDA_EXECUTOR", "local")
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the local AWS starts");
        let mut port = String::new();
        let told = server.stdout.take().map(|out| BufReader::new(out).read_line(&mut port));
        assert!(told.is_some_and(|told| told.is_ok()) && !port.trim().is_empty(), "the local AWS did not start");
        let endpoint = format!("http://127.0.0.1:{}", port.trim());
        let clients = Clients::new(&config(&endpoint).await);
        let prefix = make(&clients).await;
        Self { _server: server, endpoint, prefix, clients }
    }

    /// What the environment of a function says here.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_REGION", REGION.into()),
            ("AWS_ACCESS_KEY_ID", "test".into()),
            ("AWS_SECRET_ACCESS_KEY", "test".into()),
            ("PROOFREEL_TABLE", TABLE.into()),
            ("PROOFREEL_BUCKET", BUCKET.into()),
            ("PROOFREEL_QUEUE_PREFIX", self.prefix.clone()),
        ]
    }

    /// The bucket's blobs.
    pub fn blobs(&self) -> S3Blobs {
        S3Blobs::new(self.clients.s3.clone(), BUCKET)
    }

    /// The table's rows.
    pub fn records(&self) -> DynamoRecords {
        DynamoRecords::new(self.clients.dynamodb.clone(), TABLE)
    }

    /// The queues.
    pub fn queue(&self) -> SqsQueue {
        SqsQueue::new(self.clients.sqs.clone(), self.prefix.clone()).with_wait(0)
    }

    /// Puts a file that people write, over one that is there.
    pub async fn put_file(&self, key: &str, bytes: Vec<u8>) {
        let put = self.clients.s3.put_object().bucket(BUCKET).key(key).body(bytes.into());
        put.send().await.expect("the file is put");
    }
}

async fn config(endpoint: &str) -> SdkConfig {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .endpoint_url(endpoint)
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .load()
        .await
}

/// Bucket, table and queues; returns the queues' address up to the stage's name.
async fn make(clients: &Clients) -> String {
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder().location_constraint(REGION.into()).build();
    let bucket = clients.s3.create_bucket().bucket(BUCKET).create_bucket_configuration(place);
    bucket.send().await.expect("the bucket is made");
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    let text = |name: &str| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build()
    };
    let throughput = ProvisionedThroughput::builder().read_capacity_units(5).write_capacity_units(5).build();
    let table = clients
        .dynamodb
        .create_table()
        .table_name(TABLE)
        .key_schema(key("pk", KeyType::Hash).expect("a key"))
        .key_schema(key("sk", KeyType::Range).expect("a key"))
        .attribute_definitions(text("pk").expect("an attribute"))
        .attribute_definitions(text("sk").expect("an attribute"))
        .provisioned_throughput(throughput.expect("a throughput"));
    table.send().await.expect("the table is made");
    let mut prefix = String::new();
    for name in StageName::CHAIN.iter().map(|stage| stage.as_str()).chain(["dead-letters"]) {
        let made = clients.sqs.create_queue().queue_name(format!("test-{name}")).send().await;
        let url = made.expect("the queue is made").queue_url.unwrap_or_default();
        prefix = url.strip_suffix(name).unwrap_or_default().to_owned();
    }
    prefix
}
