//! The door to live public data: a provider's series as data packages of the very shape that an operator's own have.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;

/// What is known of a provider before it is asked anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderInfo {
    /// Name in channel files, commands and `specs/policy/providers.toml`.
    pub name: &'static str,
    /// Who publishes, as viewers see it.
    pub publisher: &'static str,
    /// Home page of the data.
    pub home: &'static str,
    /// The published contract that the connector was built from.
    pub contract: &'static str,
    /// Name of the secret, where a key is needed or helps.
    pub secret: Option<KeyNeed>,
    /// Licence under which most of it comes; a series may say otherwise.
    pub licence: &'static str,
    /// How an id of a series is written.
    pub id_form: &'static str,
    /// An id that exists.
    pub example: &'static str,
    /// Terms that an operator must have read before figures are kept, where there are such.
    pub terms: Option<&'static str>,
}

/// A key and where to get it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyNeed {
    /// Name of the secret.
    pub secret: &'static str,
    /// Where a key is given out.
    pub url: &'static str,
    /// False where the provider answers without a key, less.
    pub required: bool,
}

/// A series as a catalogue lists it. Texts are the provider's.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct SeriesEntry {
    /// Id by which it is fetched.
    pub id: String,
    /// Title.
    pub title: String,
    /// Unit in the provider's words.
    pub unit: String,
    /// Frequency in the provider's words.
    pub frequency: String,
    /// First and last period, as far as known.
    pub span: Option<(String, String)>,
    /// When the provider last changed it, as it says.
    pub updated: String,
}

/// A series described.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct SeriesCard {
    /// As the catalogue lists it.
    #[serde(flatten)]
    pub entry: SeriesEntry,
    /// Notes of the provider, shortened.
    pub notes: String,
    /// Who publishes this series.
    pub publisher: String,
    /// Its licence.
    pub licence: String,
    /// Where a person can see it.
    pub url: String,
    /// Day of the next release, where the provider publishes a calendar.
    pub next_release: Option<String>,
}

/// A fetched data package: `datapackage.json` and the CSV files that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePackage {
    /// `name` of the descriptor.
    pub name: String,
    /// Content by path inside the package.
    pub files: BTreeMap<String, Vec<u8>>,
    /// When the oldest of its answers came from the provider.
    pub fetched_at: Timestamp,
    /// Observations in it, holes not counted.
    pub observations: usize,
    /// Observations that the provider says are missing.
    pub holes: usize,
}

/// Why a source gave nothing. There is no half of a series: what is incomplete is an error. No text carries a key.
#[derive(Debug, Error)]
pub enum SourceError {
    /// A key is needed, or was refused.
    #[error(
        "{provider}: {why}\n  hint: get a key at {url} and keep it as the secret `{secret}` (PROOFREEL_{} in the environment, or secrets.toml of the state folder)",
        .secret.to_uppercase()
    )]
    Key {
        /// Provider.
        provider: String,
        /// Missing or refused.
        why: String,
        /// Name of the secret.
        secret: String,
        /// Where to get one.
        url: String,
    },
    /// Not an id as this provider writes it, or it knows no such series.
    #[error("{provider} has no series `{id}`: {why}\n  hint: {hint}")]
    Unknown {
        /// Provider.
        provider: String,
        /// What was asked for.
        id: String,
        /// What is wrong.
        why: String,
        /// How to write it.
        hint: String,
    },
    /// The answer is not of the published shape.
    #[error(
        "{provider} answered in a form that this version does not know: {what}\n  hint: the provider may have changed its interface; the last good copy is kept in use. See {contract}"
    )]
    Drift {
        /// Provider.
        provider: String,
        /// Field that is missing or wrong.
        what: String,
        /// The contract.
        contract: String,
    },
    /// Fewer rows came than were promised.
    #[error("{provider} gave {got} of {promised} rows of `{id}`\n  hint: nothing of it is used; try again later")]
    CutShort {
        /// Provider.
        provider: String,
        /// Series.
        id: String,
        /// Rows that came.
        got: usize,
        /// Rows promised.
        promised: usize,
    },
    /// The provider has no way to search.
    #[error("{provider} offers no search in its interface\n  hint: look for the series at {place}")]
    NoSearch {
        /// Provider.
        provider: String,
        /// Where a person can look.
        place: String,
    },
    /// The call was not made or failed.
    #[error("{0}")]
    Call(String),
    /// Secrets could not be read.
    #[error(transparent)]
    Port(#[from] crate::PortError),
}

/// A provider of live data.
#[async_trait]
pub trait DataSource: Send + Sync {
    /// What is known of it beforehand.
    fn info(&self) -> &'static ProviderInfo;

    /// Series whose words match, best first, `most` of them.
    async fn search(&self, query: &str, most: usize) -> Result<Vec<SeriesEntry>, SourceError>;

    /// What the provider says about a series.
    async fn describe(&self, id: &str) -> Result<SeriesCard, SourceError>;

    /// The whole series as a data package, or an error: never a part of it.
    async fn fetch(&self, id: &str) -> Result<SourcePackage, SourceError>;
}
