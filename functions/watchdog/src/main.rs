//! The function that looks, once an hour, and calls a person.

use std::process::ExitCode;

fn main() -> ExitCode {
    proofreel_lambda::serve_rounds("watchdog")
}
