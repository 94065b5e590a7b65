//! The clients of S3, DynamoDB and SQS, built once a process, and how long they wait.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;

use super::environment::sdk_config;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(3);
/// How long one try may take, beside what it moves.
const TRY: Duration = Duration::from_secs(8);
/// How long a request may take with all its tries, beside what it moves.
const REQUEST: Duration = Duration::from_secs(40);
/// The slowest that bytes may move, a second.
const SLOWEST: u64 = 1 << 20;
/// First pause between two tries that this crate makes itself.
const PAUSE: Duration = Duration::from_millis(50);

/// One client a service. Cheap to clone: clones share connections.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Amazon S3.
    pub s3: aws_sdk_s3::Client,
    /// Amazon DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Amazon SQS.
    pub sqs: aws_sdk_sqs::Client,
}

impl Clients {
    /// Clients with the region, credentials and endpoints of the environment (`AWS_REGION`, `AWS_PROFILE`,
    /// `AWS_ENDPOINT_URL` …). Nothing is asked over the network yet; what is missing is told by the first call.
    pub async fn from_env() -> Self {
        Self::new(&sdk_config(request_limits()).await)
    }

    /// Clients with these settings.
    pub fn new(config: &SdkConfig) -> Self {
        // A server named by address has no name below it for every bucket.
        let elsewhere = config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        let s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(elsewhere).build();
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
        }
    }
}

/// Limits of a request that moves next to nothing.
pub(super) fn request_limits() -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(TRY).operation_timeout(REQUEST).build()
}

/// A client's limits, with the time on top that `bytes` may take, and `waiting` that the service was asked to wait.
pub(super) fn limits(known: Option<&TimeoutConfig>, bytes: u64, waiting: Duration) -> TimeoutConfig {
    let (one, all) = (
        known.and_then(TimeoutConfig::operation_attempt_timeout).unwrap_or(TRY),
        known.and_then(TimeoutConfig::operation_timeout).unwrap_or(REQUEST),
    );
    let longer = moving(bytes) + waiting;
    TimeoutConfig::builder().operation_attempt_timeout(one + longer).operation_timeout(all + longer).build()
}

/// How long a body of `bytes` may take to arrive.
pub(super) fn patience(known: Option<&TimeoutConfig>, bytes: u64) -> Duration {
    known.and_then(TimeoutConfig::operation_attempt_timeout).unwrap_or(TRY) + moving(bytes)
}

fn moving(bytes: u64) -> Duration {
    Duration::from_secs(bytes / SLOWEST)
}

/// Waits before the next try: longer after each one, and not as long as others who failed at the same moment.
pub(super) async fn pause(tries: u32) {
    let most = PAUSE.saturating_mul(1 << tries.min(6));
    let share = RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64;
    tokio::time::sleep(most.mul_f64(share.midpoint(1.0))).await;
}
