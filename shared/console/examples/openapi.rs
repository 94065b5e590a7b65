//! Writes the console's `OpenAPI` document: `cargo run -p proofreel-console --example openapi > specs/openapi.json`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let document = proofreel_model::digest::canonical_json(&proofreel_console::routes::openapi())?;
    std::io::stdout().write_all(&document)
}
