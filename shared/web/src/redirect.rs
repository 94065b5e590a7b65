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
        // Only the address that was asked for has this path: nobody is sent on with it.
        if let Some(secret) = self.request.secret_path.as_ref().filter(|_| self.hops == 0) {
            let text = secret.reveal();
            let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
            url.set_path(path);
            url.set_query(query);
        }
        if self.at_home && !self.request.secret_query.is_empty() {
            let pairs = self.request.secret_query.iter().map(|(key, secret)| (key.as_str(), secret.reveal()));
            url.query_pairs_mut().extend_pairs(pairs);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use proofreel_ports::Secret;

    use super::*;

    const KEY: &str = "k-1234567890";

    fn request(method: Method) -> WebRequest {
        let mut request = WebRequest { method, ..WebRequest::get("https://example.org/a") };
        request.secret_query.push(("key".into(), Secret::new(KEY)));
        request
    }

    fn goes(method: Method, hops: &[&str]) -> Result<(String, bool), Rule> {
        let request = request(method);
        let scrub = Scrub::of(&request);
        let mut journey = Journey::new(&request, Url::parse(&request.url).map_err(|_| Rule::Form)?);
        for hop in hops {
            journey.on(hop, &scrub).map_err(|refusal| refusal.rule)?;
        }
        Ok((journey.to_send().to_string(), journey.at_home))
    }

    #[test]
    fn secrets_stay_with_the_first_origin() {
        let key = format!("key={KEY}");
        assert_eq!(goes(Method::Get, &["/b?c=1"]), Ok((format!("https://example.org/b?c=1&{key}"), true)));
        assert_eq!(
            goes(Method::Get, &[&format!("b?{key}&c=1")]),
            Ok((format!("https://example.org/b?c=1&{key}"), true))
        );
        for away in ["https://www.example.org/b", "https://example.net/b", "//other.example.org/b"] {
            let (url, at_home) = goes(Method::Get, &[away]).unwrap_or_default();
            assert!(!at_home && url.ends_with("/b"), "{url}");
        }
        let round = goes(Method::Head, &["https://example.net/b", "https://example.org/c"]);
        assert_eq!(round, Ok(("https://example.org/c".into(), false)));
        assert_eq!(goes(Method::Get, &[&format!("https://example.net/?x={KEY}")]), Err(Rule::Secret));
        assert_eq!(goes(Method::Get, &[&format!("/{KEY}/b")]), Err(Rule::Secret));
    }

    #[test]
    fn a_path_that_is_a_secret_goes_to_the_address_asked_for_and_no_further() {
        let mut request = WebRequest { method: Method::Post, ..WebRequest::get("https://hooks.example.org/") };
        request.secret_path = Some(Secret::new("/services/T0/B0/canary-of-a-path?wait=true"));
        let scrub = Scrub::of(&request);
        let mut journey = Journey::new(&request, Url::parse(&request.url).unwrap());
        assert_eq!(journey.to_send().as_str(), "https://hooks.example.org/services/T0/B0/canary-of-a-path?wait=true");
        assert!(!journey.url.as_str().contains("canary"));
        assert!(!scrub.text("no such hook: /services/T0/B0/canary-of-a-path").contains("canary"));
        assert!(!scrub.text("hook canary-of-a-path is gone").contains("canary"));
        let mut request = WebRequest { method: Method::Get, ..request };
        request.url = "https://hooks.example.org/".into();
        journey = Journey::new(&request, Url::parse(&request.url).unwrap());
        journey.on("/elsewhere", &scrub).unwrap();
        assert_eq!(journey.to_send().as_str(), "https://hooks.example.org/elsewhere");
    }

    #[test]
    fn hops_are_few_judged_and_never_down() {
        assert_eq!(goes(Method::Get, &["http://example.org/"]), Err(Rule::Downgrade));
        assert_eq!(goes(Method::Get, &["https://127.0.0.1/"]), Err(Rule::Address));
        assert_eq!(goes(Method::Get, &["file:///etc/passwd"]), Err(Rule::Scheme));
        assert_eq!(goes(Method::Get, &["https://example.org:8443/"]), Err(Rule::Port));
        assert_eq!(goes(Method::Get, &["/\\127.0.0.1/"]), Err(Rule::Form));
        assert_eq!(goes(Method::Post, &["/b"]), Err(Rule::Resend));
        let most = law().web.most_redirects;
        assert!(goes(Method::Get, &vec!["/b"; most]).is_ok());
        assert_eq!(goes(Method::Get, &vec!["/b"; most + 1]), Err(Rule::Redirects));
    }
}
