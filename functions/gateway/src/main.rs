//! The console and the webhook behind a Function URL: the same pages as `proofreel console`, streamed.

use std::process::ExitCode;

use proofreel_console::{Console, Hosts, router};
use proofreel_lambda::{Counter, serve_gateway};
use proofreel_publishing::webhook::routes;

fn main() -> ExitCode {
    serve_gateway(async |Counter { office, driver, door }| {
        // The front of a Function URL routes by the name and lets no other through, whatever address people use before it.
        let hosts = Hosts::Any;
        Ok(router(Console { office, driver, webhook: routes(door), hosts, at_the_machine: false, works: None }))
    })
}
