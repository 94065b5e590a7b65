//! The mains' one call: log, stores and clients once, then events until Lambda ends the process.

use std::fmt::Display;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use futures::FutureExt;
use futures::future::Shared;
use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
#[cfg(feature = "world")]
use proofreel_adapters::aws::S3Host;
use proofreel_adapters::aws::{Clients, DynamoRecords, S3Blobs, S3Client, S3Parts, SqsQueue};
#[cfg(feature = "gateway")]
use proofreel_adapters::aws::{SsmSecrets, SweepWaker};
use proofreel_adapters::local::SystemClock;
use proofreel_model::policy::Policy;
#[cfg(any(feature = "world", feature = "gateway"))]
use proofreel_operations::{BucketChannels, Office};
use proofreel_pipeline::Ports;
use proofreel_ports::Clock;
use serde::Serialize;
use serde::de::DeserializeOwned;
#[cfg(any(feature = "rounds", feature = "gateway"))]
use tokio::sync::OnceCell;
use tracing::Instrument;

#[cfg(feature = "rounds")]
use crate::batch::BucketPackages;
#[cfg(feature = "triggers")]
use crate::batch::{Batch, BatchEvent, BatchReport};
#[cfg(feature = "rounds")]
use crate::clockwork::Clockwork;
use crate::consume::Consumer;
use crate::deadline::Deadline;
use crate::environment::{Environment, log_level, namespace, owner};
#[cfg(feature = "gateway")]
use crate::gateway::{Counter, door, waking};
use crate::log;
use crate::messages::TakesMessages;
use crate::metrics::Metrics;
#[cfg(feature = "world")]
use crate::publish::Publishing;
#[cfg(feature = "rounds")]
use crate::rounds::Round;
#[cfg(feature = "gateway")]
use crate::stage::silent_driver;
use crate::stage::{Place, StageFunction};
#[cfg(feature = "world")]
use crate::world::{Chosen, World};

/// Why a function ends before Lambda ends it.
type Fatal = Box<dyn std::error::Error + Send + Sync>;

/// What answers events, made with the first of them: a function that is started asks for its event at once (ADR 0053).
type Later<T> = Shared<Pin<Box<dyn Future<Output = Arc<T>> + Send>>>;

fn later<T>(made: impl Future<Output = T> + Send + 'static) -> Later<T> {
    let made: Pin<Box<dyn Future<Output = Arc<T>> + Send>> = Box::pin(async { Arc::new(made.await) });
    made.shared()
}

/// Serves a stage behind its queue.
pub fn serve_stage(function: StageFunction) -> ExitCode {
    let name = function.name().to_string();
    run(&name.clone(), async move {
        let environment = Environment::read()?;
        let consumer =
            later(async move { Consumer::new(function, stores(&environment).await.place, Policy::embedded()) });
        answer_messages(name, consumer).await
    })
}

/// Serves a stage whose words may come from the writers that a channel names, or, where it speaks, from its voices.
#[cfg(feature = "world")]
pub fn serve_stage_with_guests(function: StageFunction) -> ExitCode {
    let name = function.name().to_string();
    run(&name.clone(), async move {
        let environment = Environment::read()?;
        let prefix = environment.secrets()?;
        let consumer = later(async move {
            let place = stores(&environment).await.place;
            let world = World::new(place.ports.clone(), prefix);
            Consumer::new(function.with_guests(Arc::new(world)), place, Policy::embedded())
        });
        answer_messages(name, consumer).await
    })
}

/// Serves publishing behind its queue.
#[cfg(feature = "world")]
pub fn serve_publish() -> ExitCode {
    run("publish", async {
        let environment = Environment::read()?;
        let (prefix, to_youtube) = (environment.secrets()?, environment.publishes_to_youtube()?);
        let publishing = later(async move {
            let stores = stores(&environment).await;
            let ports = stores.place.ports;
            let host = (!to_youtube).then(|| S3Host::new(stores.s3, environment.bucket.clone()));
            let hosts = Chosen { world: World::new(ports.clone(), prefix), folder: host };
            Publishing::new(office(&ports), ports.queue, Arc::new(hosts), Policy::embedded())
        });
        answer_messages("publish".into(), publishing).await
    })
}

async fn answer_messages<T: TakesMessages + 'static>(name: String, taker: Later<T>) -> Result<(), Fatal> {
    answer_events(name, move |event: SqsEvent, deadline| {
        let taker = taker.clone();
        async move {
            let taker = taker.await;
            let answer = taker.consume(event, deadline).await;
            write_metrics(taker.metrics());
            answer.map_err(|error| told("Nameless", error))
        }
    })
    .await
}

/// Serves what the clock asks for.
#[cfg(feature = "rounds")]
pub fn serve_rounds(name: &'static str) -> ExitCode {
    run(name, async move {
        let environment = Environment::read()?;
        let prefix = environment.secrets()?;
        let clockwork = later(async move {
            let Stores { place, blobs, .. } = stores(&environment).await;
            let ports = place.ports;
            let (office, world) = (office(&ports), Arc::new(World::new(ports.clone(), prefix)));
            let packages = BucketPackages::new(ports, Arc::new(blobs), Arc::clone(&world) as _, place.scratch);
            Clockwork {
                world,
                office,
                packages: Arc::new(packages),
                topic: environment.topic,
                console: environment.console,
                made: OnceCell::new(),
            }
        });
        answer_events(name.into(), move |round: Round, _| {
            let clockwork = clockwork.clone();
            async move {
                let clockwork = clockwork.await;
                let rounds = clockwork.rounds().await.map_err(|error| told("WorldError", error))?;
                let made = rounds.make(round).await;
                write_metrics(&rounds.metrics);
                let made = made.map_err(|error| told("OperationError", error))?;
                tracing::info!(made = %made, "round made");
                Ok(made)
            }
        })
        .await
    })
}

/// Serves the router that `build` makes behind a Function URL, its answers streamed. It is made with the first request; what failed
/// then is tried again with the next.
#[cfg(feature = "gateway")]
pub fn serve_gateway<B, F>(build: B) -> ExitCode
where
    B: Fn(Counter) -> F + Send + Sync + 'static,
    F: Future<Output = Result<axum::Router, Fatal>> + Send,
{
    run("gateway", async {
        let environment = Environment::read()?;
        let (prefix, batch) = (environment.secrets()?, environment.batch()?);
        let made = Arc::new((OnceCell::new(), environment, prefix, batch, build));
        lambda_http::run_with_streaming_response(service_fn(move |request: lambda_http::Request| {
            let made = Arc::clone(&made);
            async move {
                let (router, environment, prefix, batch, build) = made.as_ref();
                let router = router.get_or_try_init(|| async {
                    let stores = stores(environment).await;
                    let office = office(&stores.place.ports);
                    let secrets = Arc::new(SsmSecrets::from_env(prefix.clone()).await);
                    let driver = Arc::new(silent_driver(&stores.place, Policy::embedded()));
                    let door = Arc::new(door(&office, &driver, secrets.as_ref()).await?);
                    let waker = Arc::new(SweepWaker::from_env(batch.clone()).await);
                    Ok::<_, Fatal>(waking(build(Counter { office, driver, door }).await?, waker))
                });
                Ok::<_, Fatal>(lambda_http::Service::call(&mut router.await?.clone(), request).await?)
            }
        }))
        .await
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
        #[cfg(feature = "world")]
        let prefix = environment.secrets()?;
        let batch = later(async move {
            let stores = stores(&environment).await;
            let triggers = Arc::new(proofreel_adapters::aws::MappingTriggers::from_env().await);
            #[cfg(feature = "world")]
            let world = World::new(stores.place.ports.clone(), prefix);
            let blobs = Arc::new(stores.blobs);
            let batch = Batch::new(stores.place, Policy::embedded(), blobs, triggers, environment.mappings);
            #[cfg(feature = "world")]
            let batch = batch.with_sources(Arc::new(world));
            match environment.publish_mapping {
                Some(trigger) => batch.with_publishing(trigger),
                None => batch,
            }
        });
        answer_events("batch".into(), move |event: BatchEvent, _| {
            let batch = batch.clone();
            async move {
                let batch = batch.await;
                let report: Result<BatchReport, _> = batch.handle(&event).await;
                write_metrics(batch.metrics());
                let report = report.map_err(|error| told("BatchError", error))?;
                // Members of the line, so that a query can ask for each; the runbooks do.
                let BatchReport { sent, buried, revived, called, awake, turned, .. } = report;
                let (begun, known) = (report.begun.join(" "), report.known.join(" "));
                tracing::info!(begun, known, sent, buried, revived, called, awake, turned, "batch done");
                Ok(report)
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
    #[cfg_attr(not(any(feature = "triggers", feature = "rounds")), allow(dead_code))]
    // whoever reads packages lists what lies in it
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
        clock: Arc::new(SystemClock),
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

fn write_metrics(metrics: &Metrics) {
    if let Some(line) = metrics.take(&namespace(), SystemClock.now()) {
        (log::to_stdout())(&line);
    }
}

fn told(kind: &str, error: impl Display) -> Diagnostic {
    tracing::error!(%error, "invocation failed");
    Diagnostic { error_type: kind.to_owned(), error_message: error.to_string() }
}
