//! The function behind the schedules: begins the week's runs, and lets the triggers of the queues follow the work.

use std::process::ExitCode;

fn main() -> ExitCode {
    proofreel_lambda::serve_batch()
}
