//! A channel's own figures: the YouTube Analytics API for views, watch time, retention and revenue, and the Reporting API's reach
//! reports, which are the only place where impressions and click-through rate exist.
//!
//! Contracts: `youtubeAnalytics` v2 (revision 20240707) and `youtubereporting` v1 (revision 20260506). Days are Pacific days. An
//! answer ends silently with the last day that is whole; the caller reads two to three days late.

mod query;
mod reach;

use jiff::civil::Date;
use proofreel_model::ids::ChannelId;
use proofreel_ports::{
    Answer, Call, CallError, CallKind, Clock, HostError, Judge, Method, Outside, Reach, Secret, Spend, WebAnswer,
    WebRequest,
};
use thiserror::Error;
use url::Url;

use crate::youtube::Tokens;

pub use query::{Curve, Revenue};
pub use reach::{REACH_REPORT, Report, parse_reach};

/// Where the two interfaces lie when the law names no address.
const QUERY: &str = "https://youtubeanalytics.googleapis.com/v2";
const REPORTING: &str = "https://youtubereporting.googleapis.com/v1";

/// Why figures could not be read.
#[derive(Debug, Error)]
pub enum FiguresError {
    /// No access: secrets, consent.
    #[error(transparent)]
    Access(#[from] HostError),
    /// The call was not made, or was refused.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The answer is not what the contract says.
    #[error(
        "{what} of YouTube cannot be read: {why}\n  hint: the interface may have changed; import a Studio export meanwhile (`proofreel kpi import`)"
    )]
    Shape {
        /// What was asked.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

/// Reads a channel's figures.
pub struct Analytics<'a> {
    outside: &'a dyn Outside,
    clock: &'a dyn Clock,
    oauth: &'a Tokens,
    channel: ChannelId,
    query_base: String,
    reporting_base: String,
}

impl<'a> Analytics<'a> {
    /// A client for a channel whose owner consented.
    pub fn new(outside: &'a dyn Outside, clock: &'a dyn Clock, oauth: &'a Tokens, channel: ChannelId) -> Self {
        Self {
            outside,
            clock,
            oauth,
            channel,
            query_base: outside.address(query::PROVIDER).unwrap_or_else(|| QUERY.into()),
            reporting_base: outside.address(reach::PROVIDER).unwrap_or_else(|| REPORTING.into()),
        }
    }

    /// One read with the channel's token. What is asked of "my channel" has the same address for every channel, so the channel is
    /// named in it (`quotaUser`, which Google's interfaces take everywhere): its answer is kept for it alone.
    async fn get(&self, provider: &str, url: String, judge: Judge<'_>) -> Result<Answer, FiguresError> {
        let mut url =
            Url::parse(&url).map_err(|error| FiguresError::Shape { what: "an address", why: error.to_string() })?;
        url.query_pairs_mut().append_pair("quotaUser", self.channel.as_str());
        let request = WebRequest { reach: Reach::Configured, ..WebRequest::get(url) };
        self.ask(provider, CallKind::Data, request, judge).await
    }

    /// One write with the channel's token, sent once.
    async fn post(&self, provider: &str, url: String, body: &serde_json::Value) -> Result<Answer, FiguresError> {
        let request = WebRequest {
            method: Method::Post,
            reach: Reach::Configured,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.to_string().into_bytes(),
            ..WebRequest::get(url)
        };
        self.ask(provider, CallKind::Effect, request, &is_json).await
    }

    async fn ask(
        &self,
        provider: &str,
        kind: CallKind,
        mut request: WebRequest,
        judge: Judge<'_>,
    ) -> Result<Answer, FiguresError> {
        let token = self.oauth.access(self.outside, self.clock, &self.channel).await?;
        request.secret_headers.push(("authorization".into(), Secret::new(format!("Bearer {}", token.reveal()))));
        let call = Call::new(provider, kind, request, self.channel.clone());
        let answer = self.outside.call(&call, judge).await?;
        // An effect's answer comes back whatever its status.
        if answer.answer.status >= 400 {
            let why = String::from_utf8_lossy(&answer.answer.body).chars().take(300).collect();
            return Err(CallError::Status { provider: provider.into(), status: answer.answer.status, why }.into());
        }
        Ok(answer)
    }
}

/// Takes a JSON object; a page of HTML with a good status is none.
fn is_json(answer: &WebAnswer) -> Result<Spend, String> {
    match serde_json::from_slice::<serde_json::Value>(&answer.body) {
        Ok(value) if value.is_object() => Ok(Spend::default()),
        Ok(_) => Err("it is no JSON object".into()),
        Err(error) => Err(format!("it is no JSON: {error}")),
    }
}

/// `20260920` or `2026-09-20`: both occur.
fn day(text: &str) -> Option<Date> {
    let plain: String = text.chars().filter(|sign| *sign != '-').collect();
    if plain.len() != 8 || !plain.is_ascii() {
        return None;
    }
    Date::new(plain[..4].parse().ok()?, plain[4..6].parse().ok()?, plain[6..].parse().ok()?).ok()
}

#[cfg(test)]
mod tests;
