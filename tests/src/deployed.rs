//! What `make deploy` makes: stores with a queue a stage, what people put into the bucket, functions and their triggers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_sdk_lambda::types::{Environment, FunctionCode, FunctionResponseType, Runtime};
use proofreel_adapters::aws::{DynamoRecords, S3Blobs, SqsQueue};
use proofreel_model::stage::StageName;

use crate::local_aws::{Emulator, LocalAws, Stack, settings};

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Keys and bytes of the gold package's files.
pub fn gold_package() -> Vec<(String, Vec<u8>)> {
    let (data, mut folders, mut files) = (root().join("data"), vec![root().join("data/gold")], Vec::new());
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let key = format!("data/{}", path.strip_prefix(&data).expect("below data").display());
                files.push((key, std::fs::read(path).expect("the file")));
            }
        }
    }
    files
}

/// A local AWS of its own with everything that functions need.
pub struct Deployed {
    aws: LocalAws,
    stack: Stack,
    lambda: aws_sdk_lambda::Client,
}

impl Deployed {
    /// Starts it and makes what the stack makes, but no functions.
    pub async fn new() -> Self {
        let aws = LocalAws::start_with(Emulator::Ministack, "s3,sqs,dynamodb,lambda,iam,logs");
        let stages: Vec<&str> = StageName::CHAIN.iter().map(|stage| stage.as_str()).collect();
        let stack = aws.stack(&stages).await;
        let lambda = aws_sdk_lambda::Client::new(&settings(&aws.address(), 3, Duration::from_secs(60)));
        Self { aws, stack, lambda }
    }

    /// What the environment of a function says here.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.aws.address()),
            ("AWS_REGION", "us-east-1".into()),
            ("AWS_ACCESS_KEY_ID", "test".into()),
            ("AWS_SECRET_ACCESS_KEY", "test".into()),
            ("PROOFREEL_TABLE", self.stack.table.clone()),
            ("PROOFREEL_BUCKET", self.stack.bucket.clone()),
            ("PROOFREEL_QUEUE_PREFIX", self.stack.prefix.clone()),
        ]
    }

    /// The bucket's blobs.
    pub fn blobs(&self) -> S3Blobs {
        self.stack.blobs()
    }

    /// The table's rows.
    pub fn records(&self) -> DynamoRecords {
        self.stack.records()
    }

    /// The queues.
    pub fn queue(&self) -> SqsQueue {
        self.stack.queue()
    }

    /// Puts a file that people write, over one that is there.
    pub async fn put_file(&self, key: &str, bytes: Vec<u8>) {
        let put = self.stack.clients.s3.put_object().bucket(&self.stack.bucket).key(key).body(bytes.into());
        put.send().await.expect("the file is put");
    }

    /// Makes a function of this zip file and a mapping from its stage's queue; returns the mapping's UUID.
    pub async fn make_function(&self, stage: StageName, zip: Vec<u8>) -> String {
        let variables = self.environment().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let function = self
            .lambda
            .create_function()
            .function_name(stage.as_str())
            .runtime(Runtime::Providedal2023)
            .handler("bootstrap")
            .role("arn:aws:iam::000000000000:role/test")
            .timeout(120)
            .environment(Environment::builder().set_variables(Some(variables)).build())
            .code(FunctionCode::builder().zip_file(zip.into()).build());
        function.send().await.expect("the function is made");
        let queue = format!("{}{stage}", self.stack.prefix.rsplit('/').next().unwrap_or_default());
        let mapping = self
            .lambda
            .create_event_source_mapping()
            .function_name(stage.as_str())
            .event_source_arn(format!("arn:aws:sqs:us-east-1:000000000000:{queue}"))
            .batch_size(1)
            .function_response_types(FunctionResponseType::ReportBatchItemFailures);
        mapping.send().await.expect("the mapping is made").uuid.unwrap_or_default()
    }

    /// How a mapping stands, in Lambda's word.
    pub async fn mapping_state(&self, mapping: &str) -> String {
        let asked = self.lambda.get_event_source_mapping().uuid(mapping).send().await;
        asked.expect("the mapping is there").state.unwrap_or_default()
    }
}
