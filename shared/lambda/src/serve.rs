//! The mains' one call: log, stores and clients once, then events until Lambda ends the process.

use std::fmt::Display;
use std::process::ExitCode;
use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use proofreel_adapters::aws::{Clients, DynamoRecords, S3Blobs, S3Parts, SqsQueue};
use proofreel_model::policy::Policy;
use proofreel_pipeline::Ports;
use proofreel_ports::Clock;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument;

#[cfg(feature = "triggers")]
use crate::batch::{Batch, BatchEvent, BatchReport};
use crate::consume::Consumer;
use crate::deadline::Deadline;
use crate::environment::{Environment, log_level, owner};
use crate::log;
use crate::metrics::Metrics;
use crate::stage::{Place, StageFunction};

/// Why a function ends before Lambda ends it.
type Fatal = Box<dyn std::error::Error + Send + Sync>;

/// Serves a stage behind its queue.
pub fn serve_stage(function: StageFunction) -> ExitCode {
    let name = function.name().to_string();
    run(&name.clone(), async move {
        let (place, _) = stores(&Environment::read()?).await;
        let clock = Arc::clone(&place.ports.clock);
        let consumer = Arc::new(Consumer::new(function, place, Policy::embedded()));
        answer_events(name, move |event: SqsEvent, deadline| {
            let (consumer, clock) = (Arc::clone(&consumer), Arc::clone(&clock));
            async move {
                let answer: Result<SqsBatchResponse, _> = consumer.consume(event, deadline).await;
                write_metrics(consumer.metrics(), clock.as_ref());
                answer.map_err(|error| told("Nameless", error))
            }
        })
        .await
    })
}

/// Serves the schedules.
#[cfg(feature = "triggers")]
pub fn serve_batch() -> ExitCode {
    run("batch", async {
        let environment = Environment::read()?;
        let (place, blobs) = stores(&environment).await;
        let clock = Arc::clone(&place.ports.clock);
        let triggers = Arc::new(proofreel_adapters::aws::MappingTriggers::from_env().await);
        let batch = Arc::new(Batch::new(place, Policy::embedded(), Arc::new(blobs), triggers, environment.mappings));
        answer_events("batch".into(), move |event: BatchEvent, _| {
            let (batch, clock) = (Arc::clone(&batch), Arc::clone(&clock));
            async move {
                let report: Result<BatchReport, _> = batch.handle(&event).await;
                write_metrics(batch.metrics(), clock.as_ref());
                report.map_err(|error| told("BatchError", error))
            }
        })
        .await
    })
}

/// Starts the log and works `serve` on this thread alone: an invocation is one message, and what computes does so on
/// threads of its own.
fn run(name: &str, serve: impl Future<Output = Result<(), Fatal>>) -> ExitCode {
    log::start(&log_level(), log::to_stdout());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(serve),
        Err(error) => Err(error.into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(function = name, %error, "the function cannot go on");
            ExitCode::FAILURE
        }
    }
}

/// The clients and the stores behind the ports.
async fn stores(environment: &Environment) -> (Place, S3Blobs) {
    let clients = Clients::from_env().await;
    let blobs = S3Blobs::new(clients.s3.clone(), environment.bucket.clone());
    let ports = Ports {
        blobs: Arc::new(blobs.clone()),
        records: Arc::new(DynamoRecords::new(clients.dynamodb.clone(), environment.table.clone())),
        queue: Arc::new(SqsQueue::new(clients.sqs.clone(), environment.queue_prefix.clone())),
        clock: Arc::new(proofreel_adapters::local::SystemClock),
    };
    let parts = Arc::new(S3Parts::new(clients.s3.clone(), environment.bucket.clone()));
    let place = Place { ports, parts, owner: owner(), scratch: std::env::temp_dir().join("proofreel") };
    (place, blobs)
}

/// Asks Lambda for events and answers them. A panic in here is told to Lambda by its runtime as a failed invocation.
async fn answer_events<E, R, F, A>(function: String, answer: F) -> Result<(), Fatal>
where
    E: DeserializeOwned,
    R: Serialize,
    F: Fn(E, Deadline) -> A,
    A: Future<Output = Result<R, Diagnostic>>,
{
    let service = service_fn(|event: LambdaEvent<E>| {
        let context = event.context;
        let span = tracing::info_span!(
            "invocation",
            function,
            request_id = context.request_id,
            trace_id = context.xray_trace_id.as_deref(),
        );
        answer(event.payload, Deadline::at(context.deadline)).instrument(span)
    });
    Runtime::new(service).run().await
}

fn write_metrics(metrics: &Metrics, clock: &dyn Clock) {
    if let Some(line) = metrics.take(clock.now()) {
        (log::to_stdout())(&line);
    }
}

fn told(kind: &str, error: impl Display) -> Diagnostic {
    tracing::error!(%error, "invocation failed");
    Diagnostic { error_type: kind.to_owned(), error_message: error.to_string() }
}
