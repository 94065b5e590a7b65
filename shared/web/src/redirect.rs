//! Redirects: followed by hand, each hop judged like the first, secrets only for the origin they were meant for.

use proofreel_model::policy::law;
use proofreel_ports::{Method, WebRequest};
use url::Url;

use crate::refusal::{Refusal, Rule};
use crate::scrub::Scrub;
use crate::target;

/// Where a request has come to.
pub(crate) struct Journey<'a> {
    request: &'a WebRequest,
    /// The next address to ask.
    pub url: Url,
    /// True while every hop had the first one's origin.
    pub at_home: bool,
    hops: usize,
}

impl<'a> Journey<'a> {
    pub(crate) fn new(request: &'a WebRequest, url: Url) -> Self {
        Self { request, url, at_home: true, hops: 0 }
    }

    /// Goes where an answer points to.
    pub(crate) fn on(&mut self, location: &str, scrub: &Scrub) -> Result<(), Refusal> {
        if !matches!(self.request.method, Method::Get | Method::Head) {
            return Err(Refusal::new(Rule::Resend, "it sends on what was meant for it"));
        }
        self.hops += 1;
        let most = law().web.most_redirects;
        if self.hops > most {
            return Err(Refusal::new(Rule::Redirects, format!("more than {most} redirects")));
        }
        let mut next = target::follow(&self.url, location)?;
        let home = self.at_home && next.origin() == self.url.origin();
        if scrub.finds(next.as_str()) {
            // The answer repeats the secret in its link. At home it is taken out and sent again as it should be.
            let kept: Vec<(String, String)> = next
                .query_pairs()
                .filter(|(key, _)| !self.request.secret_query.iter().any(|(secret, _)| secret == key))
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect();
            next.set_query(None);
            if !kept.is_empty() {
                next.query_pairs_mut().extend_pairs(kept);
            }
            if !home || scrub.finds(next.as_str()) {
                return Err(Refusal::new(Rule::Secret, "it carries a secret to another place"));
            }
        }
        self.at_home = home;
        self.url = next;
        Ok(())
    }

    /// The address with the request's secret parameters, for sending only.
    pub(crate) fn to_send(&self) -> Url {
        let mut url = self.url.clone();
        if self.at_home && !self.request.secret_query.is_empty() {
            let pairs = self.request.secret_query.iter().map(|(key, secret)| (key.as_str(), secret.reveal()));
            url.query_pairs_mut().extend_pairs(pairs);
        }
        url
    }
}
