//! The adapters of S3, DynamoDB and SQS over the wire against a local AWS: the very suites that the adapters of one
//! machine pass. Where the local AWS differs from the real one stands in specs/CLOUD.md.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::sync::Arc;
use std::time::Duration;

use proofreel_ports::{Blobs, Parts, Records};
use proofreel_tests::conformance::{
    QueueBench, blobs_conformance, parts_conformance, queue_conformance, records_conformance,
};
use proofreel_tests::local_aws::{Emulator, Server};

/// Queues of the suite.
const QUEUES: [&str; 3] = ["q", "a", "b"];

async fn everything(emulator: Emulator) {
    let aws = Server::start(emulator);
    tokio::join!(
        blobs_conformance(async || Arc::new(aws.stack(&[]).await.blobs()) as Arc<dyn Blobs>),
        parts_conformance(async || Arc::new(aws.stack(&[]).await.parts()) as Arc<dyn Parts>),
        records_conformance(async || Arc::new(aws.stack(&[]).await.records()) as Arc<dyn Records>),
        queue_conformance(async || QueueBench {
            queue: Arc::new(aws.stack(&QUEUES).await.queue()),
            pass: Box::new(|ms| Box::pin(tokio::time::sleep(Duration::from_millis(ms + 100)))),
            scale: 3,
            // Moto lets an old receipt unhide and delete, as Amazon may.
            forgets: emulator == Emulator::Ministack,
        }),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s3_dynamodb_and_sqs_of_ministack() {
    Box::pin(everything(Emulator::Ministack)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s3_dynamodb_and_sqs_of_moto() {
    Box::pin(everything(Emulator::Moto)).await;
}
