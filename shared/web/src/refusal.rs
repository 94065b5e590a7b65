//! Why an address may not be reached.

use std::fmt;

use thiserror::Error;

/// The rule that refuses, by its name in `specs/FETCHING.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Not an absolute address, or written so that two programs could read it differently.
    Form,
    /// Neither http nor https.
    Scheme,
    /// A user name or password before the host.
    Credentials,
    /// A port that no public web server has.
    Port,
    /// A name that is not public.
    Name,
    /// A name that has no address.
    Unresolved,
    /// An address that is not public.
    Address,
    /// Redirected too often.
    Redirects,
    /// Redirected from https to http.
    Downgrade,
    /// Something that was to be sent, redirected.
    Resend,
    /// A secret where everybody sees it.
    Secret,
    /// A header that is the client's own affair.
    Header,
    /// The site keeps the page from programs.
    Robots,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "form",
            Self::Scheme => "scheme",
            Self::Credentials => "credentials",
            Self::Port => "port",
            Self::Name => "name",
            Self::Unresolved => "unresolved",
            Self::Address => "address",
            Self::Redirects => "redirects",
            Self::Downgrade => "downgrade",
            Self::Resend => "resend",
            Self::Secret => "secret",
            Self::Header => "header",
            Self::Robots => "robots",
        })
    }
}

/// A refusal: the rule, and what it found.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{rule}: {reason}")]
pub struct Refusal {
    /// Rule.
    pub rule: Rule,
    /// What it found, in words.
    pub reason: String,
}

impl Refusal {
    pub(crate) fn new(rule: Rule, reason: impl Into<String>) -> Self {
        Self { rule, reason: reason.into() }
    }
}
