//! What a month in the cloud uses of everything that is free: reckoned before it comes, and held against what the records say once
//! it is under way.
//!
//! One arithmetic for both: a `load::Load` is what a month asks of the services, made from the schedule or from the records,
//! and [`Basis`] turns it into amounts of each allowance.

mod actual;
mod demand;
mod findings;
mod load;
pub mod measured;
mod month;
mod page;
pub mod schedule;
mod table;
pub mod template;

use std::sync::OnceLock;

use proofreel_model::policy::{AllowanceLaw, allowance_law};

pub use actual::{Film, Recorded, elapsed};
pub use demand::Demand;
pub use findings::{Findings, findings};
pub use measured::Measured;
pub use month::{Channels, FirstDollar, Fit, Month, Went};
pub use page::{amount, document, fullest, percent, sentences, unrecorded};
pub use table::{Actual, Amount, Known, Line};
pub use template::Template;

/// What is reckoned from.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    /// What is free, and prices.
    pub law: &'a AllowanceLaw,
    /// Deployment.
    pub template: &'a Template,
    /// Measurement.
    pub measured: &'a Measured,
}

/// Template and measurement of the checkout that this program was built from: what `make deploy` deploys with it.
///
/// # Panics
/// Never in a program that passed its tests: a test reads both.
#[allow(clippy::expect_used)] // both are compiled in and a test reads them
pub fn own() -> Basis<'static> {
    static OWN: OnceLock<(Template, Measured)> = OnceLock::new();
    let (template, measured) = OWN.get_or_init(|| {
        let template = template::parse(include_str!("../../../infra/template.yaml")).expect("infra/template.yaml");
        (template, measured::parse(include_str!("../../../infra/measured.toml")).expect("infra/measured.toml"))
    });
    Basis { law: allowance_law(), template, measured }
}

#[cfg(test)]
mod actual_tests;
#[cfg(test)]
mod tests;
