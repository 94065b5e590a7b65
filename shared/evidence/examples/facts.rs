//! Prints what the miner sees in data packages: `cargo run -p proofreel-evidence --example facts -- FOLDER…`.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use jiff::civil::date;
use proofreel_evidence::{Library, PackageBytes, Recomputer, descriptor_files, discover, mine};
use proofreel_model::digest::Digest;
use proofreel_model::display;

#[allow(clippy::too_many_lines)]
fn main() -> Result<(), Box<dyn Error>> {
    let folders: Vec<String> = std::env::args().skip(1).collect();
    let packages = folders.iter().map(|folder| read(Path::new(folder))).collect::<Result<Vec<_>, _>>()?;
    let library = Library::load(&packages)?;
    for dataset in library.datasets() {
        println!("== {} · {} · {} · {:?}", dataset.name, dataset.title, dataset.licence, dataset.publishers);
        for series in dataset.series.iter().take(14) {
            let info = &series.info;
            println!(
                "  {} | {} | {:?} | {:?} {:?} {} {}..{}",
                info.name.subject,
                info.name.short,
                info.unit,
                info.frequency,
                info.adjustment,
                info.observations,
                info.first,
                info.last
            );
        }
        for panel in &dataset.panels {
            println!(
                "  panel {} {} members {} aggregates, whole {}",
                panel.subject,
                panel.members.len(),
                panel.aggregates.len(),
                panel.whole
            );
        }
        for finding in dataset.screening.iter().filter(|f| f.excluded).take(8) {
            println!("  screening {:?} {:?} {}", finding.kind, finding.rows, finding.note);
        }
        for note in &dataset.left_out {
            println!("  left out {note}");
        }
    }
    let day = date(2026, 11, 22);
    let recomputer = Recomputer::new(&packages);
    for seed in discover(&library) {
        println!(
            "\n-- {:?}: {} | {}",
            seed.angle,
            seed.title,
            seed.series.iter().map(proofreel_model::series::SeriesRef::key).collect::<Vec<_>>().join(", ")
        );
        let mined = mine(&library, &seed.series, seed.angle, day);
        for fact in &mined.facts {
            match recomputer.fact(fact) {
                Ok(value) if (value - fact.value).abs() <= 1e-9 * fact.value.abs().max(1.0) => {}
                other => println!("  DISAGREES {} {:?} {:?}", fact.id, other, fact.value),
            }
        }
        for finding in &mined.findings {
            if let Err(error) = recomputer.claim(finding, &mined.facts, day) {
                println!("  UNTRUE {error}");
            }
            let score = &finding.score;
            let who: Vec<&str> =
                finding.series.iter().filter_map(|s| library.series(s)).map(|s| s.info.name.short.as_str()).collect();
            let roles: Vec<String> = finding
                .roles
                .iter()
                .filter_map(|(role, id)| {
                    let fact = mined.facts.iter().find(|fact| &fact.id == id)?;
                    let (at, from, _) = display::dates(&fact.formula);
                    let date = |date: Option<jiff::civil::Date>| {
                        date.map_or_else(String::new, |date| display::screen_date(date, fact.frequency))
                    };
                    Some(format!(
                        "{role}={} [{}{}{}]",
                        fact.display,
                        date(from),
                        if from.is_some() { ".." } else { "" },
                        date(at)
                    ))
                })
                .collect();
            println!(
                "  {:.2} (s{:.1} e{:.1} r{:.1} a{:.1}) {:?} {}: {}",
                score.total,
                score.surprise,
                score.effect,
                score.recency,
                score.relevance,
                finding.kind,
                who.join(" / "),
                roles.join("  ")
            );
        }
    }
    Ok(())
}

fn read(folder: &Path) -> Result<PackageBytes, Box<dyn Error>> {
    let bytes = fs::read(folder.join("datapackage.json"))?;
    let descriptor = descriptor_files(&bytes, &folder.display().to_string())?;
    let mut files = BTreeMap::new();
    for path in descriptor.files {
        files.insert(path.clone(), fs::read(folder.join(path))?);
    }
    let digest = Digest::of(&bytes);
    files.insert("datapackage.json".to_owned(), bytes);
    Ok(PackageBytes { name: descriptor.name, digest, files })
}
