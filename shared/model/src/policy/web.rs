//! What may be fetched, and what an answer may cost.

use serde::Deserialize;

/// `specs/policy/web.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Web {
    /// Most redirects of one request.
    pub most_redirects: usize,
    /// Longest time until a connection stands, seconds.
    pub connect_seconds: u64,
    /// Kept of the body of an error, bytes.
    pub error_bytes: u64,
    /// Most header lines of an answer.
    pub most_headers: usize,
    /// Ports that a stranger's address may name.
    pub ports: Vec<u16>,
    /// Shortest secret that is looked for in answers, bytes.
    pub least_secret: usize,
    /// Bytes of a page in which its encoding may be named.
    pub meta_bytes: usize,
    /// robots.txt.
    pub robots: RobotsLaw,
    /// Names that are refused unseen; the first that fits gives the reason.
    pub names: Vec<RefusedNames>,
    /// Addresses that are refused; the first that fits gives the reason.
    pub ranges: Vec<RefusedRange>,
}

/// robots.txt.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RobotsLaw {
    /// Hours a site's rules are kept.
    pub hours: u64,
    /// Bytes of a file that are read.
    pub bytes: u64,
    /// Seconds a site has to give it.
    pub seconds: u64,
    /// Sites whose rules are kept.
    pub sites: usize,
}

/// Names that are refused.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedNames {
    /// Reason.
    pub why: String,
    /// Last labels of the names, in small letters.
    pub ends: Vec<String>,
}

/// Addresses that are refused.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedRange {
    /// Range, in CIDR notation.
    pub net: String,
    /// What it is.
    pub name: String,
}
