//! Amazon's own client, which signs, sending through the one way out: characters are counted before a call, and what was spoken
//! once is kept.

use std::fmt;
use std::sync::Arc;

use aws_sdk_polly::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_ports::{
    Call, CallError, CallKind, Method, Outside, Reach, Secret, Spend, WebAnswer, WebError, WebLimits, WebRequest,
};

/// Amazon Polly among the providers of the law.
const PROVIDER: &str = "polly";
/// What Polly says it billed.
const BILLED: &str = "x-amzn-requestcharacters";
/// The headers that say what is asked for. All others differ from call to call (signature, date, number of the invocation), or come
/// anew from whoever sends (host, length): they go out, and are no part of the question.
const OF_THE_QUESTION: [&str; 2] = ["content-type", "accept"];
/// Seconds that an answer may take, and its most bytes: ten minutes of sound.
const LIMITS: WebLimits = WebLimits { bytes: 20 << 20, seconds: 55, types: Vec::new() };

/// Sends what Amazon's client signed, for a run of a channel.
#[derive(Clone)]
pub(super) struct Through {
    pub outside: Arc<dyn Outside>,
    pub channel: ChannelId,
    pub run: Option<RunId>,
}

impl fmt::Debug for Through {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Through").field("channel", &self.channel).finish_non_exhaustive()
    }
}

impl HttpClient for Through {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Through {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let through = self.clone();
        HttpConnectorFuture::new(async move { through.send(&request).await })
    }
}

impl Through {
    async fn send(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let strange = |why: &str| ConnectorError::user(why.into());
        let body = request.body().bytes().ok_or_else(|| strange("the request is a stream"))?.to_vec();
        if request.method() != "POST" {
            return Err(strange("speech is asked for by POST"));
        }
        let mut web = WebRequest {
            method: Method::Post,
            reach: Reach::Configured,
            body,
            limits: LIMITS,
            ..WebRequest::get(request.uri())
        };
        for (name, value) in request.headers() {
            match name.to_ascii_lowercase() {
                name if OF_THE_QUESTION.contains(&name.as_str()) => web.headers.push((name, value.to_owned())),
                name if name == "host" || name == "content-length" => {}
                name => web.secret_headers.push((name, Secret::new(value))),
            }
        }
        let characters = billed(&web.body);
        let spend = Spend { characters, ..Spend::default() };
        let call = Call::new(PROVIDER, CallKind::Speech, web, self.channel.clone()).spend(spend).run(self.run.clone());
        let judge = |answer: &WebAnswer| {
            let said = answer.header(BILLED).and_then(|text| text.trim().parse().ok());
            Ok(Spend { characters: said.unwrap_or(characters), ..Spend::default() })
        };
        match self.outside.call(&call, &judge).await {
            Ok(answer) => {
                let WebAnswer { status, headers, body, .. } = answer.answer;
                // What comes from the cache was billed when it was asked.
                let headers =
                    headers.into_iter().filter(|(name, _)| !(answer.cached && name.eq_ignore_ascii_case(BILLED)));
                response(status, headers, body)
            }
            Err(CallError::Status { status, why, .. }) => response(status, std::iter::empty(), why.into_bytes()),
            Err(error @ CallError::Web { source: WebError::Late { .. }, .. }) => {
                Err(ConnectorError::timeout(error.into()))
            }
            Err(error) => Err(ConnectorError::other(error.into(), None)),
        }
    }
}

fn response(
    status: u16,
    headers: impl Iterator<Item = (String, String)>,
    body: Vec<u8>,
) -> Result<HttpResponse, ConnectorError> {
    let status = status.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    for (name, value) in headers {
        // What is no header is no loss: the client reads the type and the count.
        let _ = response.headers_mut().try_insert(name, value);
    }
    Ok(response)
}

/// Characters that Polly bills for a request: those of its text that are in no tag.
fn billed(body: &[u8]) -> u64 {
    let asked: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = asked["Text"].as_str().unwrap_or_default();
    let mut tag = false;
    let outside_of_tags = text.chars().filter(|sign| {
        let counts = !tag && *sign != '<';
        tag = (tag || *sign == '<') && *sign != '>';
        counts
    });
    outside_of_tags.count() as u64
}
