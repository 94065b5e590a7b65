//! The console and the webhook behind a Function URL: the same pages as `proofreel console`, streamed.

use std::process::ExitCode;

use proofreel_console::{Console, Hosts, router};
use proofreel_lambda::{Counter, serve_gateway};
use proofreel_publishing::webhook::routes;

fn main() -> ExitCode {
    serve_gateway(async |Counter { office, driver, door, address }| {
        // The front of a Function URL has looked at the name; an address of one's own is looked at here.
        let host = address.and_then(|address| Some(address.strip_prefix("https://")?.trim_end_matches('/').to_owned()));
        let hosts = host.map_or(Hosts::Any, |host| Hosts::Named(vec![host]));
        Ok(router(Console { office, driver, webhook: routes(door), hosts, at_the_machine: false, works: None }))
    })
}
