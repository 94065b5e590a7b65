//! `proofreel budget`: what a month in the cloud uses of everything that is free, before anyone pays.

mod law;
mod measured;
mod schedule;
mod template;
mod usage;

use std::path::Path;
use std::process::ExitCode;

use proofreel_model::policy::writer_law;
use serde::Deserialize;

use crate::args::{BudgetArgs, Global};
use crate::exit::{Class, Failure};
use law::{Law, law};
use usage::{Basis, Channels, FirstDollar, Line, Month};

/// Reckons, tells, and with `--check` refuses what is too close to the end of an allowance.
pub fn budget(global: &Global, args: &BudgetArgs) -> Result<ExitCode, Failure> {
    let (template, measured) = (template::read(&args.template)?, measured::read(&args.measured)?);
    let basis = Basis { law: law(), template: &template, measured: &measured };
    let channels = channels(args)?;
    let month = basis.month(channels).map_err(Failure::input)?;
    let first = basis.first_dollar(channels).map_err(Failure::input)?;
    let found = findings(law(), &month);
    if global.json {
        let document = serde_json::json!({
            "month": month, "first_dollar": first, "warnings": found.warnings, "failures": found.failures,
            "measured": measured.measured, "machine": measured.machine,
        });
        println!("{document:#}");
    } else {
        tell(&month, &first, &measured);
        for warning in &found.warnings {
            println!("warning: {warning}");
        }
        for failure in &found.failures {
            println!("TOO MUCH: {failure}");
        }
    }
    Ok(if args.check && !found.failures.is_empty() { ExitCode::from(Class::Refused as u8) } else { ExitCode::SUCCESS })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ChannelFile {
    voice: VoiceTable,
    writer: WriterTable,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct VoiceTable {
    engine: String,
    providers: Vec<String>,
}

impl VoiceTable {
    /// Who speaks when nothing fails.
    fn first(&self) -> &str {
        self.providers.first().unwrap_or(&self.engine)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WriterTable {
    providers: Vec<String>,
    tokens: Option<u64>,
}

/// The channels of the folder, or as many as asked for, of which as large a part asks somebody outside.
fn channels(args: &BudgetArgs) -> Result<Channels, Failure> {
    let found = channels_of(&args.channels_dir)?;
    let Some(all) = args.channels else { return Ok(found) };
    Ok(found.like(all))
}

fn channels_of(folder: &Path) -> Result<Channels, Failure> {
    let fail = |error: std::io::Error| {
        Failure::input(format!(
            "{}: {error}\n  hint: --channels-dir names the folder of the channel files",
            folder.display()
        ))
    };
    let mut channels = Channels::default();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).map_err(fail)?;
            let file: ChannelFile =
                toml::from_str(&text).map_err(|error| Failure::input(format!("{}: {error}", path.display())))?;
            channels.all += 1;
            let speaks = |provider: &str| u32::from(file.voice.first() == provider);
            channels.polly += speaks("polly");
            channels.google += speaks("google-speech");
            channels.azure += speaks("azure-speech");
            if !file.writer.providers.is_empty() {
                channels.writing += 1;
                channels.tokens += file.writer.tokens.unwrap_or(writer_law().budget.tokens);
            }
        }
    }
    Ok(channels)
}

#[derive(Default)]
struct Findings {
    warnings: Vec<String>,
    failures: Vec<String>,
}

fn findings(law: &Law, month: &Month) -> Findings {
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
        if let Some(share) = line.share {
            // A slot is taken or not; all of them may be.
            let share = if line.slots && share <= 1.0 { 0.0 } else { share };
            judge(format!("{} ({} of {} {})", line.name, amount(line.used), amount(line.free), line.unit), share);
        }
    }
    for fit in &month.fits {
        judge(
            format!(
                "function {} ({:.0} s of {:.0}, {:.0} MB of {:.0})",
                fit.name, fit.seconds, fit.timeout, fit.memory_mb, fit.memory_limit_mb
            ),
            fit.share(),
        );
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

fn tell(month: &Month, first: &FirstDollar, measured: &measured::Measured) {
    println!(
        "A month of {} channel(s), {:.0} episodes at most; triggers awake {:.1} h.",
        month.channels.all, month.runs, month.awake_hours
    );
    println!(
        "Reckoned from a run with a film of {:.0} s, measured on {} ({}).\n",
        measured.run.film_seconds, measured.measured, measured.machine
    );
    println!("{:<26} {:>14} {:>14} {:>7} {:>14}", "always free", "used", "free", "share", "left");
    for line in month.lines.iter().filter(|line| line.share.is_some()) {
        println!("{}", row(line));
    }
    println!("\n{:<26} {:>14} {:>14}", "paid from the first unit", "used", "USD a month");
    for line in month.lines.iter().filter(|line| line.share.is_none()) {
        println!("{:<26} {:>14} {:>14.3}", line.name, amount(line.used), line.usd);
    }
    println!("\n{:<26} {:>14} {:>14}", "function", "seconds", "MB");
    for fit in &month.fits {
        let seconds = format!("{:.1} of {:.0}", fit.seconds, fit.timeout);
        let memory = format!("{:.0} of {:.0}", fit.memory_mb, fit.memory_limit_mb);
        println!("{:<26} {seconds:>14} {memory:>14}", fit.name);
    }
    println!("\nA month costs {:.2} USD after a year of runs.", month.usd);
    println!(
        "The first paid dollar: {}, from {} channel(s) like these on.{}",
        first.what,
        first.channels,
        first.first_to_end.as_ref().map_or_else(String::new, |(what, channels)| format!(
            " The first free allowance to end: {what}, at {channels} channels."
        ))
    );
}

fn row(line: &Line) -> String {
    let share = line.share.unwrap_or_default() * 100.0;
    let note = if line.slots { "  (places, not use)" } else { "" };
    format!(
        "{:<26} {:>14} {:>14} {share:>5.1} % {:>14}{note}",
        line.name,
        amount(line.used),
        amount(line.free),
        amount(line.left)
    )
}

/// A number for people: thousands apart, as many decimals as tell something.
fn amount(value: f64) -> String {
    if !value.is_finite() {
        return "no limit".into();
    }
    if value < 100.0 {
        let text = format!("{value:.3}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
