//! What one run costs, as measured: `infra/measured.toml`, written by `make cloud`.

use jiff::civil::Date;
use serde::Deserialize;

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Day of the measurement.
    pub measured: Date,
    /// Where.
    pub machine: String,
    /// One run as a whole.
    pub run: Run,
    /// One function each.
    pub function: Vec<Function>,
}

/// One run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Length of the film, seconds.
    pub film_seconds: f64,
    /// Size of the film, bytes.
    pub film_bytes: f64,
    /// Everything that stays in the bucket for one run: artifacts, order, film, data, bytes.
    pub kept_bytes: f64,
    /// What expires: parts of the film, bytes.
    pub parts_bytes: f64,
    /// Rows of the table, bytes.
    pub table_bytes: f64,
    /// Characters that were spoken.
    pub characters: f64,
}

/// One function. Counts are of one call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Its name: a stage, or `batch`.
    pub name: String,
    /// Calls in one run; of `batch`, calls that were measured.
    pub calls: f64,
    /// Wall time of the longest call, seconds.
    pub seconds: f64,
    /// Processor time of a call, mean, seconds.
    pub cpu_seconds: f64,
    /// Memory at its peak, the programs it starts included, MB.
    pub memory_mb: f64,
    /// Room that it takes on its disk at its peak, MB; 0 in a file of before that was measured.
    #[serde(default)]
    pub storage_mb: f64,
    /// What it writes to its log, bytes.
    pub log_bytes: f64,
    /// Requests to SQS that the code makes itself.
    pub sqs: f64,
    /// Reads of S3 objects.
    pub s3_reads: f64,
    /// Writes and lists of S3 objects.
    pub s3_writes: f64,
    /// Keys that a process reads, each once; 0 in a file of before that was measured.
    #[serde(default)]
    pub keys: f64,
    /// Units of the table's reading capacity; none in a file of before that was measured.
    pub read_units: Option<f64>,
    /// Units of its writing capacity; none in a file of before that was measured.
    pub write_units: Option<f64>,
}

/// Reads the file's text.
///
/// # Errors
/// Why it is no such file.
pub fn parse(text: &str) -> Result<Measured, String> {
    toml::from_str(text).map_err(|error| format!("{error}\n  hint: it is written by `make cloud`, not by hand"))
}
