//! `proofreel schemas`: the JSON Schemas of all artifacts and records.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::args::SchemasArgs;
use crate::exit::{Class, Failure};

pub fn schemas(args: &SchemasArgs) -> Result<ExitCode, Failure> {
    let mut differing = Vec::new();
    if !args.check {
        std::fs::create_dir_all(&args.out).with_context(|| args.out.display().to_string())?;
    }
    for named in proofreel_model::schema::all() {
        let path = args.out.join(format!("{}.schema.json", named.name));
        let mut text = serde_json::to_string_pretty(&named.schema).context("schema as JSON")?;
        text.push('\n');
        if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        differing.push(path.display().to_string());
        if !args.check {
            std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        }
    }
    if args.check && !differing.is_empty() {
        return Err(Failure::new(
            Class::Input,
            format!(
                "the schemas differ from the Rust types: {}\n  hint: run `make schemas` and commit",
                differing.join(", ")
            ),
        ));
    }
    for path in differing {
        println!("wrote {path}");
    }
    Ok(ExitCode::SUCCESS)
}
