//! What of a month is too near to the end of an allowance.

use proofreel_model::policy::{AllowanceLaw, allowance_law};

use super::demand::Demand;
use super::month::Month;
use super::page::amount;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// From `allowances.warn` on.
    pub warnings: Vec<String>,
    /// From `allowances.fail` on.
    pub failures: Vec<String>,
}

/// Judges each line and function: a month that is under way by its end, if it goes on like this.
pub fn findings(month: &Month) -> Findings {
    let law = allowance_law();
    let mut found = Findings::default();
    let mut judge = |what: String, share: f64| {
        let told = format!("{what}: {:.0} %", share * 100.0);
        if share >= law.fail {
            found.failures.push(told);
        } else if share >= law.warn {
            found.warnings.push(told);
        }
    };
    for line in &month.lines {
        if let (Some(judged), Some(share)) = (line.judged(), line.share()) {
            judge(format!("{} ({} of {} {})", line.name, amount(judged.used), amount(line.free), line.unit), share);
        }
    }
    for fit in &month.fits {
        judge(
            format!(
                "function {} ({:.0} s of {:.0}, {:.0} MB of {:.0}, {:.0} MB of {:.0} on disk)",
                fit.name,
                fit.seconds,
                fit.timeout,
                fit.memory_mb,
                fit.memory_limit_mb,
                fit.storage_mb,
                fit.storage_limit_mb
            ),
            fit.share(),
        );
    }
    if let Some(demand) = month.demand.filter(|demand| demand.share_rested() > 1.0) {
        found.warnings.push(too_small(law, &demand));
    }
    let limit = law.limits.new_account_concurrency;
    if month.calls_at_once > f64::from(limit) {
        found.warnings.push(format!(
            "up to {:.0} calls at once, where a new account has {limit}: some messages wait for their next delivery; ask Amazon for more, it is free",
            month.calls_at_once
        ));
    }
    found
}

/// What to do about a table that gives less than is asked for even when it rested before, and what that costs.
fn too_small(law: &AllowanceLaw, demand: &Demand) -> String {
    let asked = [("dynamodb_read_units", demand.read), ("dynamodb_write_units", demand.write)];
    let of_law = |id: &str| law.allowance.iter().find(|allowance| allowance.id == id);
    let priced: Vec<_> = asked.iter().filter_map(|(id, units)| Some((of_law(id)?, units.ceil()))).collect();
    let usd: f64 = priced.iter().map(|(allowance, units)| allowance.cost(*units)).sum();
    let free = priced.iter().map(|(allowance, _)| allowance.free).fold(f64::INFINITY, f64::min);
    let cost = if usd > 0.0 {
        format!(
            "{usd:.2} USD a month beyond the {free:.0} of each that are free; up to these it costs nothing and helps as far as it goes"
        )
    } else {
        format!("which costs nothing while all tables of the account have no more than {free:.0} of each")
    };
    format!(
        "the table is asked for up to {:.1} reads and {:.1} writes a second in its busiest {:.0} minutes; it has {:.0} and {:.0} units, and gives {:.0} and {:.0} when it rested before: what it refuses is asked again, later and later, so runs take longer. ReadCapacityUnits {:.0} and WriteCapacityUnits {:.0} in infra/template.yaml carry it, {cost}",
        demand.read,
        demand.write,
        law.burst.seconds / 60.0,
        demand.read_units,
        demand.write_units,
        demand.read_rested,
        demand.write_rested,
        demand.read.ceil(),
        demand.write.ceil(),
    )
}
