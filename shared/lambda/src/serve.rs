//! The mains' one call: log, stores and clients once, then events until Lambda ends the process.

use std::fmt::Display;
use std::process::ExitCode;
use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
#[cfg(feature = "world")]
use proofreel_adapters::aws::S3Host;
use proofreel_adapters::aws::{Clients, DynamoRecords, S3Blobs, S3Client, S3Parts, SqsQueue};
#[cfg(feature = "gateway")]
use proofreel_adapters::aws::{SsmSecrets, SweepWaker};
use proofreel_model::policy::Policy;
#[cfg(any(feature = "world", feature = "gateway"))]
use proofreel_operations::{BucketChannels, Office};
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
#[cfg(feature = "gateway")]
use crate::gateway::{Counter, waking};
use crate::log;
use crate::metrics::Metrics;
#[cfg(feature = "world")]
use crate::publish::Publishing;
#[cfg(feature = "gateway")]
use crate::stage::silent_driver;
use crate::stage::{Place, StageFunction};
#[cfg(feature = "world")]
use crate::world::{Chosen, To, World};

/// Why a function ends before Lambda ends it.
type Fatal = Box<dyn std::error::Error + Send + Sync>;

/// Serves a stage behind its queue.
pub fn serve_stage(function: StageFunction) -> ExitCode {
    let name = function.name().to_string();
    run(&name.clone(), async move {
        let stores = stores(&Environment::read()?).await;
        answer_stage(name, function, stores.place).await
    })
}

async fn answer_stage(name: String, function: StageFunction, place: Place) -> Result<(), Fatal> {
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
}

/// Serves a stage whose words may come from the writers that a channel names.
#[cfg(feature = "world")]
pub fn serve_writing_stage(function: StageFunction) -> ExitCode {
    let name = function.name().to_string();
    run(&name.clone(), async move {
        let environment = Environment::read()?;
        let stores = stores(&environment).await;
        let world = World::new(stores.place.ports.clone(), environment.secrets()?);
        answer_stage(name, function.with_guests(Arc::new(world)), stores.place).await
    })
}

/// Serves publishing behind its queue.
#[cfg(feature = "world")]
pub fn serve_publish() -> ExitCode {
    run("publish", async {
        let environment = Environment::read()?;
        let stores = stores(&environment).await;
        let ports = stores.place.ports.clone();
        let to = match environment.publish_to.as_deref() {
            Some("youtube") => To::Youtube,
            Some("folder") | None => To::Folder(S3Host::new(stores.s3, environment.bucket.clone())),
            Some(other) => return Err(format!("PROOFREEL_PUBLISH_TO is `{other}`\n  hint: folder or youtube").into()),
        };
        let world = World::new(ports.clone(), environment.secrets()?);
        let office = office(&ports);
        let (messages, clock) = (ports.queue, ports.clock);
        let hosts = Arc::new(Chosen { world, to });
        let publishing = Arc::new(Publishing::new(office, messages, hosts, Policy::embedded()));
        answer_events("publish".into(), move |event: SqsEvent, deadline| {
            let (publishing, clock) = (Arc::clone(&publishing), Arc::clone(&clock));
            async move {
                let answer: Result<SqsBatchResponse, _> = publishing.consume(event, deadline).await;
                write_metrics(publishing.metrics(), clock.as_ref());
                answer.map_err(|error| told("Nameless", error))
            }
        })
        .await
    })
}

/// Serves the router that `build` makes behind a Function URL, its answers streamed.
#[cfg(feature = "gateway")]
pub fn serve_gateway<B, F>(build: B) -> ExitCode
where
    B: FnOnce(Counter) -> F,
    F: Future<Output = Result<axum::Router, Fatal>>,
{
    run("gateway", async {
        let environment = Environment::read()?;
        let stores = stores(&environment).await;
        let ports = stores.place.ports.clone();
        let office = office(&ports);
        let secrets = Arc::new(SsmSecrets::from_env(environment.secrets()?).await);
        let waker = Arc::new(SweepWaker::from_env(environment.batch()?).await);
        let driver = Arc::new(silent_driver(&stores.place, Policy::embedded()));
        let router = build(Counter { office, driver, secrets, address: environment.console }).await?;
        lambda_http::run_with_streaming_response(waking(router, waker)).await
    })
}

/// The installation as operations see it.
#[cfg(any(feature = "world", feature = "gateway"))]
fn office(ports: &Ports) -> Office {
    Office {
        records: Arc::clone(&ports.records),
        blobs: Arc::clone(&ports.blobs),
        clock: Arc::clone(&ports.clock),
        channels: Arc::new(BucketChannels(Arc::clone(&ports.blobs))),
    }
}

/// Serves the schedules.
#[cfg(feature = "triggers")]
pub fn serve_batch() -> ExitCode {
    run("batch", async {
        let environment = Environment::read()?;
        let stores = stores(&environment).await;
        let clock = Arc::clone(&stores.place.ports.clock);
        let triggers = Arc::new(proofreel_adapters::aws::MappingTriggers::from_env().await);
        let blobs = Arc::new(stores.blobs);
        let batch = Batch::new(stores.place, Policy::embedded(), blobs, triggers, environment.mappings);
        let batch = Arc::new(match environment.publish_mapping {
            Some(trigger) => batch.with_publishing(trigger),
            None => batch,
        });
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
struct Stores {
    place: Place,
    #[cfg_attr(not(feature = "triggers"), allow(dead_code))] // the batch lists what lies in it
    blobs: S3Blobs,
    #[cfg_attr(not(feature = "world"), allow(dead_code))] // publishing writes films with it
    s3: S3Client,
}

async fn stores(environment: &Environment) -> Stores {
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
    Stores { place, blobs, s3: clients.s3 }
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
