//! `proofreel dossier`: everything that an operator would send in an appeal, in one document.

use std::process::ExitCode;

use proofreel_model::ids::RunId;

use super::args::DossierArgs;
use super::block;
use crate::args::Global;
use crate::exit::{Class, Failure};

pub fn dossier(global: &Global, args: &DossierArgs) -> Result<ExitCode, Failure> {
    let document = block(async {
        let office = args.place.office_of(global, &args.channels_dir).await?;
        Ok(proofreel_operations::dossier::of(&office, &RunId::from(args.run.as_str())).await?)
    })?;
    let text = format!("{document:#}\n");
    match &args.out {
        None => print!("{text}"),
        Some(path) => {
            std::fs::write(path, text).map_err(|error| {
                Failure::new(
                    Class::Machine,
                    format!("{}: {error}\n  hint: name a file in a folder that you can write to", path.display()),
                )
            })?;
            println!("wrote {}", path.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}
