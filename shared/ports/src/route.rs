//! Providers in order, and at the end what always answers.

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use proofreel_model::calls::{CallCounts, CallKind};
use proofreel_model::ids::{ChannelId, RunId};

use crate::{Answer, Call, CallError, Judge, Outside};

/// Providers to ask for one kind of call, in order.
#[derive(Clone, Debug)]
pub struct Route<'a> {
    kind: CallKind,
    providers: Vec<&'a str>,
    channel: &'a ChannelId,
    run: Option<&'a RunId>,
}

/// What a route came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed<T> {
    /// The answer.
    pub value: T,
    /// The provider that gave it; none when the embedded fallback did.
    pub provider: Option<String>,
    /// Providers that could not, and why, in the order in which they were asked.
    pub failures: Vec<(String, String)>,
}

impl<'a> Route<'a> {
    /// A route over `providers`, usually `ProviderLaw::route(kind)`.
    pub fn new(kind: CallKind, providers: Vec<&'a str>, channel: &'a ChannelId, run: Option<&'a RunId>) -> Self {
        Self { kind, providers, channel, run }
    }

    /// Asks `ask` with one provider after the other: first through a door that only gives kept answers, so that nothing is asked twice
    /// because another provider had answered it, then through `outside`. When none answers, `fallback` does, which is told why and
    /// cannot fail; that it had to is noted.
    pub async fn ask<T, E, F, Asked>(
        &self,
        outside: &Arc<dyn Outside>,
        mut ask: F,
        fallback: impl FnOnce(&[(String, String)]) -> T + Send,
    ) -> Routed<T>
    where
        T: Send,
        E: Display + Send,
        F: FnMut(&'a str, Arc<dyn Outside>) -> Asked + Send,
        Asked: Future<Output = Result<T, E>> + Send,
    {
        let kept: Arc<dyn Outside> = Arc::new(KeptOnly(Arc::clone(outside)));
        for provider in &self.providers {
            if let Ok(value) = ask(provider, Arc::clone(&kept)).await {
                return Routed { value, provider: Some((*provider).to_owned()), failures: Vec::new() };
            }
        }
        let mut failures = Vec::new();
        for provider in &self.providers {
            match ask(provider, Arc::clone(outside)).await {
                Ok(value) => return Routed { value, provider: Some((*provider).to_owned()), failures },
                Err(error) => failures.push(((*provider).to_owned(), error.to_string())),
            }
        }
        let why = match failures.last() {
            None => "no provider is on the route".to_owned(),
            Some((_, last)) => format!("{} of {} could not; the last: {last}", failures.len(), self.providers.len()),
        };
        outside.fell_back(self.kind, self.channel, self.run, &why).await;
        Routed { value: fallback(&failures), provider: None, failures }
    }
}

/// A door that gives kept answers and lets nothing out.
pub struct KeptOnly(pub Arc<dyn Outside>);

#[async_trait]
impl Outside for KeptOnly {
    async fn call(&self, call: &Call, judge: Judge<'_>) -> Result<Answer, CallError> {
        let nothing = || CallError::Unusable { provider: call.provider.clone(), why: "no answer is kept".into() };
        self.0.kept(call, judge).await?.ok_or_else(nothing)
    }

    async fn kept(&self, call: &Call, judge: Judge<'_>) -> Result<Option<Answer>, CallError> {
        self.0.kept(call, judge).await
    }

    async fn fell_back(&self, kind: CallKind, channel: &ChannelId, run: Option<&RunId>, why: &str) {
        self.0.fell_back(kind, channel, run, why).await;
    }

    fn take_counts(&self, run: &RunId) -> CallCounts {
        self.0.take_counts(run)
    }
}
