//! `proofreel budget`: what a month in the cloud uses of everything that is free, before anyone pays; and what a month used of it.

use std::path::Path;
use std::process::ExitCode;

use proofreel_insight::budget::{
    Amount, Basis, Channels, Demand, FirstDollar, Line, Measured, Month, Template, amount, findings, measured, percent,
    sentences, template, unrecorded,
};
use proofreel_model::policy::{allowance_law, writer_law};
use proofreel_operations::month;
use serde::Deserialize;

use crate::args::{BudgetArgs, Global};
use crate::exit::{Class, Failure};
use crate::usage::month_of;
use crate::{cloud, threads};

/// Reckons, tells, and with `--check` refuses what is too close to the end of an allowance.
pub fn budget(global: &Global, args: &BudgetArgs) -> Result<ExitCode, Failure> {
    let (template, measured) = (read_template(&args.template)?, read_measured(&args.measured)?);
    let basis = Basis { law: allowance_law(), template: &template, measured: &measured };
    // Those of a stack lie in its bucket.
    let channels = if args.cloud { Channels::default() } else { channels(args)? };
    let mut month = basis.month(channels).map_err(Failure::input)?;
    if let Some(text) = &args.month {
        threads::one()?.block_on(held_against(global, args, text, &basis, &mut month))?;
    }
    let first = basis.first_dollar(month.channels).map_err(Failure::input)?;
    let found = findings(&month);
    if global.json {
        let document = serde_json::json!({
            "month": month, "first_dollar": first, "warnings": found.warnings, "failures": found.failures,
            "measured": measured.measured, "machine": measured.machine,
        });
        println!("{document:#}");
    } else {
        if month.actual.is_some() {
            tell_actual(&month);
        } else {
            tell(&month, &first, &measured);
        }
        for warning in &found.warnings {
            println!("warning: {warning}");
        }
        for failure in &found.failures {
            println!("TOO MUCH: {failure}");
        }
    }
    Ok(if args.check && !found.failures.is_empty() { ExitCode::from(Class::Refused as u8) } else { ExitCode::SUCCESS })
}

/// Puts what the records say of a month beside what was reckoned: of this machine, or of a deployed stack with its own channels.
async fn held_against(
    global: &Global,
    args: &BudgetArgs,
    text: &str,
    basis: &Basis<'_>,
    reckoned: &mut Month,
) -> Result<(), Failure> {
    let day = match text {
        "now" => jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date(),
        text => month_of(text)?,
    };
    let (office, law) = cloud::governed(args.cloud, &global.state, &args.channels_dir).await?;
    if args.cloud {
        *reckoned = basis.month(Channels::of(&office.channels.profiles().await?)).map_err(Failure::input)?;
    }
    let recorded = month::recorded(&office, day).await?;
    basis.went(reckoned, &recorded, Some(&law)).map_err(Failure::input)
}

fn read(path: &Path, hint: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::input(format!("{}: {error}\n  hint: {hint}", path.display())))
}

fn read_template(path: &Path) -> Result<Template, Failure> {
    let text = read(path, "run it in the checkout, or give --template")?;
    template::parse(&text).map_err(|why| Failure::input(format!("{}: {why}", path.display())))
}

fn read_measured(path: &Path) -> Result<Measured, Failure> {
    let text = read(path, "`make cloud` measures a run and writes it")?;
    measured::parse(&text).map_err(|why| Failure::input(format!("{}: {why}", path.display())))
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
            let tokens = || file.writer.tokens.unwrap_or(writer_law().budget.tokens);
            channels.add(file.voice.first(), (!file.writer.providers.is_empty()).then(tokens));
        }
    }
    Ok(channels)
}

fn tell(month: &Month, first: &FirstDollar, measured: &Measured) {
    println!(
        "A month of {} channel(s), {:.0} episodes at most; triggers awake {:.1} h.",
        month.channels.all, month.runs, month.awake_hours
    );
    println!(
        "Reckoned from a run with a film of {:.0} s, measured on {} ({}).\n",
        measured.run.film_seconds, measured.measured, measured.machine
    );
    println!("{:<26} {:>14} {:>14} {:>7} {:>14}", "always free", "used", "free", "share", "left");
    let computed = |line: &Line| Some((line.clone(), line.computed?));
    for (line, used) in month.lines.iter().filter_map(computed).filter(|(_, used)| used.share.is_some()) {
        println!("{}", row(&line, used));
    }
    println!("\n{:<26} {:>14} {:>14}", "paid from the first unit", "used", "USD a month");
    for (line, used) in month.lines.iter().filter_map(computed).filter(|(_, used)| used.share.is_none()) {
        println!("{:<26} {:>14} {:>14.3}", line.name, amount(used.used), used.usd);
    }
    println!("\n{:<26} {:>14} {:>14} {:>14}", "function", "seconds", "MB", "MB on disk");
    for fit in &month.fits {
        let seconds = format!("{:.1} of {:.0}", fit.seconds, fit.timeout);
        let memory = format!("{:.0} of {:.0}", fit.memory_mb, fit.memory_limit_mb);
        let room = format!("{:.0} of {:.0}", fit.storage_mb, fit.storage_limit_mb);
        println!("{:<26} {seconds:>14} {memory:>14} {room:>14}", fit.name);
    }
    println!("\n{}", capacity(month.demand));
    println!("A month costs {:.2} USD after a year of runs.", month.usd);
    println!(
        "The first paid dollar: {}, from {} channel(s) like these on.{}",
        first.what,
        first.channels,
        first.first_to_end.as_ref().map_or_else(String::new, |(what, channels)| format!(
            " The first free allowance to end: {what}, at {channels} channels."
        ))
    );
}

/// What the busiest minutes ask of the table.
fn capacity(demand: Option<Demand>) -> String {
    let Some(demand) = demand else {
        return "Peak units of the table: not measured; `make cloud MEASURE=1` measures them.".into();
    };
    let carried = match (demand.share() > 1.0, demand.share_rested() > 1.0) {
        (false, _) => "It carries them whatever came before.",
        (true, false) => {
            "It carries them when it rested; what it refuses all the same is asked again, later and later."
        }
        (true, true) => "It refuses some, which are asked again, later and later.",
    };
    format!(
        "Peak units of the table, a second: {:.1} of {:.0} to read, {:.1} of {:.0} to write, mean of the busiest {:.0} minutes; \
         {:.0} and {:.0} with what it keeps when it rests, which Amazon does not promise. {carried}",
        demand.read,
        demand.read_units,
        demand.write,
        demand.write_units,
        allowance_law().burst.seconds / 60.0,
        demand.read_rested,
        demand.write_rested,
    )
}

fn row(line: &Line, used: Amount) -> String {
    let share = used.share.unwrap_or_default() * 100.0;
    let note = if line.slots { "  (places, not use)" } else { "" };
    format!(
        "{:<26} {:>14} {:>14} {share:>5.1} % {:>14}{note}",
        line.name,
        amount(used.used),
        amount(line.free),
        amount(used.left)
    )
}

/// A month as it went: what was reckoned for a whole one, what was used and what is left, and how it will end.
fn tell_actual(month: &Month) {
    for sentence in month.actual.iter().flat_map(sentences) {
        println!("{sentence}");
    }
    let width = month.lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(26);
    println!(
        "\n{:<width$} {:>13} {:>13} {:>8} {:>14} {:>13} {:>8}  known",
        "of what is free", "reckoned", "used", "share", "left", "month's end", "share"
    );
    let worded = |amount: Option<Amount>| amount.map_or_else(|| "–".to_owned(), |one| self::amount(one.used));
    for line in &month.lines {
        let Some(actual) = line.actual.as_ref().filter(|_| line.free > 0.0) else { continue };
        println!(
            "{:<width$} {:>13} {:>13} {:>8} {:>14} {:>13} {:>8}  {}",
            line.name,
            worded(line.computed),
            worded(actual.so_far),
            percent(actual.so_far.and_then(|used| used.share)),
            actual.so_far.map_or_else(|| "–".to_owned(), |used| amount(used.left)),
            worded(actual.projected),
            percent(actual.projected.and_then(|used| used.share)),
            actual.known.as_str()
        );
    }
    println!(
        "\n{:<width$} {:>13} {:>13} {:>8} {:>14} {:>13} {:>8}  known",
        "paid from the first unit", "reckoned", "used", "USD", "", "month's end", "USD"
    );
    let dollars = |amount: Option<Amount>| amount.map_or_else(|| "–".to_owned(), |one| format!("{:.3}", one.usd));
    for line in &month.lines {
        let Some(actual) = line.actual.as_ref().filter(|_| line.free <= 0.0) else { continue };
        println!(
            "{:<width$} {:>13} {:>13} {:>8} {:>14} {:>13} {:>8}  {}",
            line.name,
            worded(line.computed),
            worded(actual.so_far),
            dollars(actual.so_far),
            "",
            worded(actual.projected),
            dollars(actual.projected),
            actual.known.as_str()
        );
    }
    println!("\nWhat no record of ours knows whole, and where a person reads it:");
    for line in unrecorded(month) {
        println!("  {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also of files that are not whole: how many there are must not hang on that.
    #[test]
    fn channels_are_counted_by_who_speaks_and_writes() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        file("a.toml", "[voice]\nproviders = [\"google-speech\", \"polly\"]\n");
        file("b.toml", "[voice]\nproviders = [\"azure-speech\"]\n[writer]\nproviders = [\"groq\"]\ntokens = 1000\n");
        file("c.toml", "[voice]\nengine = \"polly\"\n[writer]\nproviders = [\"groq\"]\n");
        file("d.toml", "");
        let found = channels_of(folder.path()).unwrap();
        let tokens = 1_000 + writer_law().budget.tokens;
        assert_eq!(found, Channels { all: 4, polly: 1, google: 1, azure: 1, writing: 2, tokens });
    }
}
