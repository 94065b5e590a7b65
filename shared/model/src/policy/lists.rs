//! Lists of the law that a stage and the gate both read: licences, and subjects that carry a risk flag.

use serde::Deserialize;

/// Licences of data, by what they ask of a film that earns money.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licences {
    /// Commercial reuse, nothing owed.
    pub free: Vec<String>,
    /// Commercial reuse, credit owed.
    pub attribution: Vec<String>,
    /// Words that may follow a name beside its version.
    pub suffixes: Vec<String>,
    /// Words that make a licence unfit wherever they stand in its name.
    pub forbidden: Vec<Forbidden>,
}

/// Words that make a licence unfit.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forbidden {
    /// The words, lower case.
    pub words: String,
    /// Why the licence is unfit, as the end of a sentence.
    pub why: String,
}

/// Words of a subject that call for a risk flag.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risks {
    /// A subject that hurts people.
    pub sensitive_topic: Vec<String>,
    /// A regulator may care.
    pub regulatory_risk: Vec<String>,
}
