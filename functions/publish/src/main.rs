//! Publishing behind its queue: offers finished films, and publishes approved ones once.
//!
//! `PROOFREEL_PUBLISH_TO` says where: `folder`, which is the bucket's `published/`, or `youtube`.

use std::process::ExitCode;

fn main() -> ExitCode {
    proofreel_lambda::serve_publish()
}
