//! `proofreel fetch`: one public address, judged, and read as the pipeline would read it: through the governor.

use std::io::Write as _;
use std::net::IpAddr;
use std::process::ExitCode;
use std::sync::Arc;

use async_trait::async_trait;
use proofreel_ports::{Answer, Call, CallError, CallKind, Reach, WebError, WebRequest, take};
use proofreel_web::{Client, Identity, Refusal, Resolver, Rule, System, target, text};
use serde_json::json;

use crate::args::{FetchArgs, Global};
use crate::exit::{Class, Failure};
use crate::outside;
use crate::threads;

/// Judges an address, and fetches it unless only the verdict was asked for.
pub fn fetch(global: &Global, args: &FetchArgs) -> Result<ExitCode, Failure> {
    let runtime = threads::one()?;
    if args.check {
        let names = args.resolve.iter().map(|text| named(text)).collect::<Result<_, _>>()?;
        let client = Client::with_resolver(&Identity::from_environment(), Arc::new(Named(names)))
            .map_err(|error| Failure::new(Class::Machine, error.to_string()))?;
        return Ok(tell_verdict(global, &args.url, runtime.block_on(client.check(&args.url))));
    }
    // What cannot be asked at all needs no state folder.
    let host = target::read(&args.url, Reach::Public).map_err(|refusal| refused(&args.url, &refusal))?;
    let host = host.host_str().unwrap_or_default().to_owned();
    let (outside, _) = outside::outside(&global.state)?;
    let call = Call::new("web", CallKind::Page, WebRequest::get(&args.url), CHANNEL.into()).model(host);
    let answer = runtime.block_on(outside.call(&call, &take)).map_err(failure)?;
    tell_answer(global, args, &answer)
}

/// Who asks, in the usage: an operator at the command line.
const CHANNEL: &str = "operator";

/// Names that the operator gave addresses to; all others are the system's affair.
struct Named(Vec<(String, IpAddr)>);

#[async_trait]
impl Resolver for Named {
    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, String> {
        let bare = name.trim_end_matches('.');
        let given: Vec<IpAddr> =
            self.0.iter().filter(|(known, _)| known == bare).map(|(_, address)| *address).collect();
        if given.is_empty() { System.resolve(name).await } else { Ok(given) }
    }
}

fn named(text: &str) -> Result<(String, IpAddr), Failure> {
    let parts = text.split_once('=').and_then(|(name, address)| Some((name, address.parse().ok()?)));
    parts.map(|(name, address)| (name.trim_end_matches('.').to_ascii_lowercase(), address)).ok_or_else(|| {
        Failure::input(format!("--resolve {text}: give NAME=ADDRESS, for example example.org=93.184.216.34"))
    })
}

/// Exit code 0 for an address that may be fetched, 1 for one that is refused. A name without an address here and now leads
/// nowhere, so it is allowed, and judged again when it is fetched.
fn tell_verdict(global: &Global, url: &str, verdict: Result<Vec<IpAddr>, Refusal>) -> ExitCode {
    let url = target::shown(url);
    let (allowed, rule, reason, addresses) = match verdict {
        Ok(addresses) => (true, None, None, addresses),
        Err(refusal) => {
            (refusal.rule == Rule::Unresolved, Some(refusal.rule.to_string()), Some(refusal.reason), Vec::new())
        }
    };
    if global.json {
        let verdict = if allowed { "allow" } else { "refuse" };
        let document = json!({"url": url, "verdict": verdict, "rule": rule, "reason": reason, "addresses": addresses});
        println!("{document:#}");
    } else {
        match (&rule, &reason) {
            (Some(rule), Some(reason)) if allowed => {
                println!("allow {url}\n  {rule}: {reason}; its address is judged when it is fetched");
            }
            (Some(rule), Some(reason)) => println!("refuse {url}\n  {rule}: {reason}"),
            _ => {
                let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                println!("allow {url}\n  {}", addresses.join(", "));
            }
        }
    }
    if allowed { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

fn tell_answer(global: &Global, args: &FetchArgs, answer: &Answer) -> Result<ExitCode, Failure> {
    let web = &answer.answer;
    if let Some(file) = &args.out {
        std::fs::write(file, &web.body)
            .map_err(|error| Failure::new(Class::Machine, format!("{}: {error}", file.display())))?;
    }
    if global.json {
        let body = args.out.is_none().then(|| text(web));
        let document = json!({
            "url": web.url, "status": web.status, "headers": web.headers, "bytes": web.body.len(), "text": body,
            "fetched_at": answer.fetched_at, "cached": answer.cached, "digest": answer.digest,
        });
        println!("{document:#}");
    } else if args.out.is_none() {
        let mut out = std::io::stdout().lock();
        out.write_all(text(web).as_bytes()).map_err(|error| Failure::new(Class::Machine, error.to_string()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn refused(url: &str, refusal: &Refusal) -> Failure {
    Failure::new(Class::Refused, format!("{} is refused: {refusal}", target::shown(url)))
}

fn failure(error: CallError) -> Failure {
    let class = match &error {
        CallError::Web { source: WebError::Refused { .. }, .. } | CallError::Quota { .. } | CallError::Open { .. } => {
            Class::Refused
        }
        _ => Class::Unexpected,
    };
    Failure::new(class, error.to_string())
}
