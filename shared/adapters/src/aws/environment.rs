//! What the environment says about Amazon: region, credentials, endpoints.

use std::path::Path;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::OnceCell;

/// Most tries of a request, the first one included. Between them the client waits longer and longer.
const TRIES: u32 = 4;
/// The one file with all certificates that the image of a function trusts: Amazon Linux, and Debian for who tries it there.
const BUNDLES: [&str; 2] = ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"];

/// Region, credentials and endpoints as every Amazon tool finds them (variables, profile files, the role of the machine
/// or the function), with these time limits. Looked for once a process; connections are shared by the clients of all
/// services.
pub(super) async fn sdk_config(timeouts: TimeoutConfig) -> SdkConfig {
    static FOUND: OnceCell<SdkConfig> = OnceCell::const_new();
    FOUND.get_or_init(find).await.to_builder().timeout_config(timeouts).build()
}

async fn find() -> SdkConfig {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    let http = match BUNDLES.iter().filter(|_| in_a_function()).find_map(|file| trusting(Path::new(file))) {
        Some(context) => http.tls_context(context).build_https(),
        None => http.build_https(),
    };
    let retries = RetryConfig::standard().with_max_attempts(TRIES);
    aws_config::defaults(BehaviorVersion::latest()).http_client(OnDemand(http)).retry_config(retries).load().await
}

/// The same client without its warming up: it would read and decode all certificates once for each of Amazon's clients that
/// is built, and throw the result away each time. The first request does it, once.
#[derive(Debug)]
struct OnDemand(SharedHttpClient);

impl HttpClient for OnDemand {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

/// The usual way reads the bundle, and then a folder that holds each of its certificates again, in more than a
/// hundred files (ADR 0031). The image of a function is known, so the bundle is enough there. Who sets
/// `SSL_CERT_FILE` or `SSL_CERT_DIR` means the usual way.
fn in_a_function() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some();
    set("AWS_LAMBDA_FUNCTION_NAME") && !set("SSL_CERT_FILE") && !set("SSL_CERT_DIR")
}

/// What trusts the certificates of a file; none when there is no such file, or nothing in it.
fn trusting(bundle: &Path) -> Option<TlsContext> {
    let certificates = std::fs::read(bundle).ok()?;
    let begin = b"-----BEGIN CERTIFICATE-----";
    certificates.windows(begin.len()).any(|bytes| bytes == begin).then_some(())?;
    TlsContext::builder().with_trust_store(TrustStore::empty().with_pem_certificate(certificates)).build().ok()
}
