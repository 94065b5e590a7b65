//! The function that makes a page a week and a month for every channel.

use std::process::ExitCode;

fn main() -> ExitCode {
    proofreel_lambda::serve_rounds("report")
}
