//! What `make deploy` makes: stores with a queue a stage, what people put into the bucket, functions and their triggers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_sdk_lambda::types::{Environment, FunctionCode, FunctionResponseType, Runtime};
use proofreel_model::stage::StageName;

use crate::local_aws::{Emulator, LocalAws, Server, settings};

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

/// A local AWS that also runs functions, each woken by the queue of its stage.
pub struct Deployed {
    /// Its stores, with a queue a stage.
    pub stores: LocalAws,
    lambda: aws_sdk_lambda::Client,
}

impl Deployed {
    /// Starts it; no function is made yet.
    pub async fn new() -> Self {
        let server = Server::start_with(Emulator::Ministack, "s3,sqs,dynamodb,lambda,iam,logs");
        let queues: Vec<&str> = StageName::CHAIN.map(StageName::as_str).into_iter().chain(["publish"]).collect();
        let lambda = aws_sdk_lambda::Client::new(&settings(&server.address(), 3, Duration::from_mins(1)));
        Self { stores: server.stack(&queues).await, lambda }
    }

    /// Makes a function of this zip file and a mapping from its stage's queue; returns the mapping's UUID.
    pub async fn make_function(&self, stage: StageName, zip: Vec<u8>) -> String {
        let variables = self.stores.environment().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
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
        let queue = format!("{}{stage}", self.stores.prefix.rsplit('/').next().unwrap_or_default());
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
