//! Providers in order, and at the end what always answers.

use std::fmt::Display;
use std::future::Future;

use proofreel_model::calls::CallKind;
use proofreel_model::ids::{ChannelId, RunId};

use crate::Outside;

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

    /// Asks one provider after the other until one answers; when none does, `fallback`, which is told why and always answers.
    /// That it had to is noted through `outside`.
    pub async fn ask<T, E, F, Asked>(
        &self,
        outside: &dyn Outside,
        mut ask: F,
        fallback: impl FnOnce(&[(String, String)]) -> T + Send,
    ) -> Routed<T>
    where
        E: Display,
        F: FnMut(&'a str) -> Asked + Send,
        Asked: Future<Output = Result<T, E>> + Send,
    {
        let mut failures = Vec::new();
        for provider in &self.providers {
            match ask(provider).await {
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
