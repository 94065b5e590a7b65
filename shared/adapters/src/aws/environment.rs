//! What the environment says about Amazon: region, credentials, endpoints.

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

/// Most tries of a request, the first one included. Between them the client waits longer and longer.
const TRIES: u32 = 4;

/// Region, credentials and endpoints as every Amazon tool finds them (variables, profile files, the role of the machine
/// or the function), with these time limits.
pub(super) async fn sdk_config(timeouts: TimeoutConfig) -> SdkConfig {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
        .timeout_config(timeouts)
        .load()
        .await
}
