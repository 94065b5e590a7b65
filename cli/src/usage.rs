//! `proofreel usage`: what calls to the outside came to.

mod prune;
mod table;

use std::path::Path;
use std::process::ExitCode;

use jiff::civil::Date;
use proofreel_governor::usage::{UsageRow, month};
use proofreel_model::calls::{AllowanceLeft, CallCounts};
use serde_json::json;

use crate::args::{Global, UsageArgs, UsageCommand};
use crate::cloud::{self, Place};
use crate::exit::Failure;
use crate::threads;

/// Nothing here asks a channel's file.
const CHANNELS: &str = "channels";

pub fn usage(global: &Global, args: &UsageArgs) -> Result<ExitCode, Failure> {
    if let Some(UsageCommand::Prune { dry_run }) = args.command {
        return threads::one()?.block_on(prune::prune(global, dry_run));
    }
    let runtime = threads::one()?;
    if args.providers || args.left {
        let (office, law) = runtime.block_on(cloud::governed(args.cloud, &global.state, Path::new(CHANNELS)))?;
        if args.left {
            let now = jiff::Timestamp::now();
            let found = runtime.block_on(proofreel_governor::usage::left(office.records.as_ref(), &law, now))?;
            tell_left(global, found, args.provider.as_deref());
        } else if global.json {
            table::providers_json(&law);
        } else {
            table::providers(&law);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let first = match &args.month {
        Some(text) => month_of(text)?,
        None => jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date(),
    };
    let mut rows = runtime.block_on(async {
        let place = Place::open(args.cloud, &global.state).await?;
        Ok::<_, Failure>(month(place.records.as_ref(), first).await?)
    })?;
    rows.retain(|row| {
        args.channel.as_ref().is_none_or(|channel| row.channel.as_str() == channel)
            && args.provider.as_ref().is_none_or(|provider| row.provider == *provider)
    });
    let total = total(&rows);
    if global.json {
        let document = json!({
            "month": format!("{:04}-{:02}", first.year(), first.month()),
            "rows": rows,
            "total": total,
            "hit_rate": total.hit_rate(),
            "throttled_rate": total.throttled_rate(),
        });
        println!("{document:#}");
    } else {
        table::print(&rows, &total, first);
    }
    Ok(ExitCode::SUCCESS)
}

/// What is left, the emptiest first.
fn tell_left(global: &Global, mut left: Vec<AllowanceLeft>, provider: Option<&str>) {
    left.retain(|left| provider.is_none_or(|id| left.account.split('/').next() == Some(id)));
    if global.json {
        let all = left.iter().map(|left| json!({ "left": left, "percent": left.percent() }));
        println!("{:#}", json!({ "accounts": all.collect::<Vec<_>>() }));
    } else {
        table::left(&left);
    }
}

fn total(rows: &[UsageRow]) -> CallCounts {
    rows.iter().fold(CallCounts::default(), |sum, row| sum.plus(&row.counts))
}

/// The first day of `2026-11`.
pub fn month_of(text: &str) -> Result<Date, Failure> {
    let wrong = || Failure::input(format!("`{text}` is no month\n  hint: write it like 2026-11"));
    let (year, month) = text.split_once('-').ok_or_else(wrong)?;
    let exact = year.len() == 4 && month.len() == 2;
    let date = Date::new(year.parse().map_err(|_| wrong())?, month.parse().map_err(|_| wrong())?, 1);
    date.ok().filter(|_| exact).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_four_digits_and_two() {
        assert_eq!(month_of("2026-11").unwrap(), jiff::civil::date(2026, 11, 1));
        for wrong in ["2026", "2026-13", "2026-1", "26-11", "2026-11-01", "x-y", ""] {
            assert!(month_of(wrong).unwrap_err().message.contains("hint: write it like 2026-11"), "{wrong}");
        }
    }
}
