//! The function that reads each channel's figures, once a day.

use std::process::ExitCode;

fn main() -> ExitCode {
    proofreel_lambda::serve_rounds("measure")
}
