//! Connectors to live public data. Each is built from its provider's published contract, asks [`proofreel_ports::Outside`]
//! and gives data packages of the shape that evidence loads. Rules they all keep: `specs/SOURCES.md`.

pub mod bea;
pub mod bls;
pub mod by_address;
pub(crate) mod desk;
pub mod ecb;
pub mod eia;
pub mod eurostat;
pub mod fred;
mod json_stat;
pub mod oecd;
pub mod owid;
pub(crate) mod package;
mod period;
mod sdmx_csv;
pub mod sec;
pub mod treasury;
mod words;
pub mod world_bank;

use proofreel_ports::{DataSource, ProviderInfo};

pub use by_address::Statement;
pub use desk::Desk;
pub use package::package_name;

/// All providers, in the order in which they are listed.
pub const PROVIDERS: [&ProviderInfo; 12] = [
    &fred::INFO,
    &world_bank::INFO,
    &bls::INFO,
    &bea::INFO,
    &treasury::INFO,
    &sec::INFO,
    &eurostat::INFO,
    &ecb::INFO,
    &oecd::INFO,
    &eia::INFO,
    &owid::INFO,
    &by_address::INFO,
];

/// The connector of a provider; none for a name that is not in [`PROVIDERS`]. `statement` is what the operator says of a
/// lone table by its address.
pub fn connector(name: &str, desk: &Desk, statement: &Statement) -> Option<Box<dyn DataSource>> {
    let desk = desk.clone();
    Some(match name {
        "fred" => Box::new(fred::Fred(desk)),
        "world-bank" => Box::new(world_bank::WorldBank(desk)),
        "bls" => Box::new(bls::Bls(desk)),
        "bea" => Box::new(bea::Bea(desk)),
        "sec" => Box::new(sec::Sec(desk)),
        "eurostat" => Box::new(eurostat::Eurostat(desk)),
        "ecb" => Box::new(ecb::Ecb(desk)),
        "oecd" => Box::new(oecd::Oecd(desk)),
        "eia" => Box::new(eia::Eia(desk)),
        "owid" => Box::new(owid::Owid(desk)),
        "treasury" => Box::new(treasury::Treasury(desk)),
        "url" => Box::new(by_address::ByAddress { desk, statement: statement.clone() }),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_listed_has_its_connector_and_a_name_of_its_own() {
        let mut names = std::collections::BTreeSet::new();
        for info in PROVIDERS {
            assert!(names.insert(info.name), "{} twice", info.name);
            assert!(info.contract.starts_with("https://") && info.home.starts_with("https://"), "{}", info.name);
        }
    }
}
