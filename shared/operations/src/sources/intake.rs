//! The live series of a channel on their way into a run: fetched when due, else the last good copy with its age told.

use std::path::PathBuf;

use jiff::Timestamp;
use proofreel_model::channel::LiveSource;
use proofreel_ports::DataSource;
use proofreel_providers::source::{self, Desk, Statement};

use super::kept::Kept;
use crate::OperationError;

/// One series of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Provider.
    pub provider: String,
    /// Series.
    pub series: String,
    /// Days after which it is due; none when only a command fetches it.
    pub due_days: Option<u32>,
    /// What the operator says of it.
    pub statement: Statement,
}

impl Wanted {
    /// Name under which it is kept.
    pub fn name(&self) -> String {
        source::package_name(&self.provider, &self.series)
    }
}

/// What became of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// The kept copy is not due yet.
    Kept {
        /// Its age.
        days: i64,
    },
    /// It was fetched; whether its figures changed.
    Fetched {
        /// True when they did.
        changed: bool,
    },
    /// It was not fetched; the last good copy is used.
    Fallback {
        /// Its age.
        days: i64,
        /// Why it was not fetched.
        why: String,
    },
    /// It was not fetched, and there is no copy.
    Missing {
        /// Why.
        why: String,
    },
    /// It would be fetched.
    Due,
}

/// A series and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The series.
    pub wanted: Wanted,
    /// What became of it.
    pub came: Came,
    /// Folder of the package to use.
    pub folder: Option<PathBuf>,
}

impl Outcome {
    /// True when it was to be fetched and was not.
    pub fn is_trouble(&self) -> bool {
        matches!(self.came, Came::Fallback { .. } | Came::Missing { .. })
    }

    /// For a person.
    pub fn told(&self) -> String {
        let (provider, series) = (&self.wanted.provider, &self.wanted.series);
        let days = |days: i64| match days {
            0 => "from today".to_owned(),
            1 => "one day old".to_owned(),
            days => format!("{days} days old"),
        };
        match &self.came {
            Came::Kept { days: age } => format!("{provider} {series}: kept copy, {}", days(*age)),
            Came::Fetched { changed: true } => format!("{provider} {series}: fetched"),
            Came::Fetched { changed: false } => format!("{provider} {series}: fetched, nothing has changed"),
            Came::Fallback { days: age, why } => {
                format!("{provider} {series}: the last good copy is used, {}; it was not fetched: {why}", days(*age))
            }
            Came::Missing { why } => {
                format!("{provider} {series}: left out, there is no copy yet; it was not fetched: {why}")
            }
            Came::Due => format!("{provider} {series}: would be fetched"),
        }
    }
}

/// The series that a channel's live sources name, checked: unknown providers and unread terms are refused.
///
/// # Errors
/// With the name that was meant, or the terms to read.
pub fn wanted(live: &[&LiveSource]) -> Result<Vec<Wanted>, OperationError> {
    let mut all: Vec<Wanted> = Vec::new();
    for entry in live {
        let info = super::known(&entry.provider)?;
        if let Some(terms) = info.terms.filter(|_| !entry.terms_read) {
            return Err(OperationError::Input(format!(
                "{}: {terms}\n  hint: when you have read them and may go on, write `terms_read = true` into its [[sources]] table",
                entry.provider
            )));
        }
        let statement = Statement {
            title: entry.title.clone(),
            publisher: entry.publisher.clone(),
            licence: entry.licence.clone(),
            unit: entry.unit.clone(),
        };
        for series in &entry.series {
            let one = Wanted {
                provider: entry.provider.clone(),
                series: series.clone(),
                due_days: entry.refresh.days(),
                statement: statement.clone(),
            };
            if all.iter().any(|other| other.name() == one.name()) {
                return Err(OperationError::Input(format!(
                    "{} {series} is named twice\n  hint: leave one of them out",
                    entry.provider
                )));
            }
            all.push(one);
        }
    }
    Ok(all)
}

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Fetch what is due.
    Due,
    /// Fetch everything.
    All,
    /// Fetch nothing; say what would be.
    Dry,
    /// Fetch nothing; use the copies.
    Offline,
}

/// Goes through the series one after the other: providers count calls by the minute.
pub async fn gather(series: &[Wanted], kept: &Kept, desk: Option<&Desk>, now: Timestamp, mode: Mode) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(series.len());
    for wanted in series {
        outcomes.push(one(wanted, kept, desk, now, mode).await);
    }
    outcomes
}

async fn one(wanted: &Wanted, kept: &Kept, desk: Option<&Desk>, now: Timestamp, mode: Mode) -> Outcome {
    let name = wanted.name();
    let copy = kept.copy(&name);
    let age = copy.as_ref().map(|copy| copy.age_days(now));
    let due = match (age, wanted.due_days) {
        (None, _) => true,
        (Some(age), Some(days)) => age >= i64::from(days),
        (Some(_), None) => false,
    };
    let with = |came, folder| Outcome { wanted: wanted.clone(), came, folder };
    let folder = copy.as_ref().map(|copy| kept.folder(&name, copy));
    let days = age.unwrap_or_default();
    if !due && mode != Mode::All {
        return with(Came::Kept { days }, folder);
    }
    if mode == Mode::Dry {
        return with(Came::Due, folder);
    }
    let connector = desk
        .filter(|_| mode != Mode::Offline)
        .and_then(|desk| source::connector(&wanted.provider, desk, &wanted.statement));
    let outcome = match connector {
        Some(connector) => fetched(connector.as_ref(), wanted, kept).await,
        None => Err("nothing is fetched with --offline".to_owned()),
    };
    match outcome {
        Ok(copy) => {
            let changed = folder.as_ref() != Some(&kept.folder(&name, &copy));
            with(Came::Fetched { changed }, Some(kept.folder(&name, &copy)))
        }
        Err(why) if folder.is_some() => with(Came::Fallback { days, why }, folder),
        Err(why) => with(Came::Missing { why }, None),
    }
}

async fn fetched(connector: &dyn DataSource, wanted: &Wanted, kept: &Kept) -> Result<super::kept::Copy, String> {
    let package = connector.fetch(&wanted.series).await.map_err(|error| error.to_string())?;
    let series = (wanted.provider.as_str(), wanted.series.as_str());
    kept.keep(series, &wanted.name(), &package).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_providers_unread_terms_and_repeats_are_refused() {
        let of = |provider: &str, series: &[&str]| LiveSource {
            provider: provider.into(),
            series: series.iter().map(|id| (*id).to_owned()).collect(),
            ..LiveSource::default()
        };
        for (live, said) in [
            (of("euro", &["x"]), "did you mean `eurostat`?"),
            (of("fred", &["UNRATE"]), "terms_read = true"),
            (of("ecb", &["X/Y", "X/Y"]), "named twice"),
        ] {
            let message = wanted(&[&live]).unwrap_err().to_string();
            assert!(message.contains(said), "{message}");
        }
        let read = LiveSource { terms_read: true, ..of("fred", &["UNRATE"]) };
        assert_eq!(wanted(&[&read]).unwrap()[0].name(), "fred-unrate");
    }
}
