//! What of a month is too near to the end of an allowance.

use proofreel_model::policy::allowance_law;

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
    if let Some(demand) = month.demand.filter(|demand| demand.share() > 1.0) {
        found.warnings.push(format!(
            "the table is asked for up to {:.1} reads and {:.1} writes a second in its busiest {:.0} minutes, and has {:.0} and {:.0} units: what it refuses is asked again, so runs take longer; raise them in infra/template.yaml, 25 of each are free",
            demand.read,
            demand.write,
            law.burst.seconds / 60.0,
            demand.read_units,
            demand.write_units
        ));
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
