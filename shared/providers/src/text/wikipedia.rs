//! Wikipedia, `MediaWiki` action API: the lead of an article, with the revision it was taken from.
//!
//! Contract: <https://www.mediawiki.org/wiki/API:Query>, <https://www.mediawiki.org/wiki/Extension:TextExtracts>. The text is CC BY-SA 4.0:
//! it is context for a person or a model, and is not read out. The client sends the User-Agent with contact that Wikimedia asks for.

use proofreel_ports::{CallKind, ProviderInfo, SourceError};
use serde_json::Value;

use crate::source::{Desk, desk};

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "wikipedia",
    publisher: "Wikipedia",
    home: "https://en.wikipedia.org/",
    contract: "https://www.mediawiki.org/wiki/API:Query",
    secret: None,
    licence: "CC-BY-SA-4.0",
    id_form: "an article's title",
    example: "Inflation",
    terms: None,
};

/// The lead of an article.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Lead {
    /// Title, after redirects.
    pub title: String,
    /// Plain text of the lead section.
    pub text: String,
    /// Revision it was taken from.
    pub revision: u64,
    /// When that revision was made.
    pub revised: String,
    /// Address of that revision.
    pub url: String,
    /// Licence of the text.
    pub licence: &'static str,
}

/// The lead of the article of this title in a language's Wikipedia (`en`).
///
/// # Errors
/// No such article, a page that only tells articles apart, or an answer of another shape.
pub async fn lead(from: &Desk, language: &str, title: &str) -> Result<Lead, SourceError> {
    let plain = (2..=12).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let titled = !title.trim().is_empty()
        && title.chars().count() <= 255
        && !title.contains(['|', '#', '<', '>', '[', ']', '{', '}', '\n']);
    if !plain || !titled {
        return Err(desk::unknown(&INFO, title, "it cannot be a title"));
    }
    let query = [
        ("action", "query"),
        ("format", "json"),
        ("prop", "extracts|revisions|pageprops"),
        ("rvprop", "ids|timestamp"),
        ("ppprop", "disambiguation"),
        ("exintro", "1"),
        ("explaintext", "1"),
        ("redirects", "1"),
        ("maxlag", "5"),
        ("titles", title),
    ];
    let url = desk::address(&format!("https://{language}.wikipedia.org/w/api.php"), &[], &query)?;
    let read = from.json(&INFO, CallKind::Page, url, None, &complaint).await?;
    let pages = desk::at(&INFO, &read.body, "/query/pages")?;
    let page = pages
        .as_object()
        .and_then(|pages| pages.values().next())
        .ok_or_else(|| desk::drift(&INFO, "`query.pages` is empty"))?;
    if page.get("missing").is_some() || page.get("invalid").is_some() {
        return Err(desk::unknown(&INFO, title, "there is no such article"));
    }
    if page.pointer("/pageprops/disambiguation").is_some() {
        return Err(desk::unknown(&INFO, title, "the title stands for several articles"));
    }
    let revision = desk::at(&INFO, page, "/revisions/0/revid")?
        .as_u64()
        .ok_or_else(|| desk::drift(&INFO, "`revid` is no number"))?;
    Ok(Lead {
        title: desk::text(&INFO, page, "/title")?,
        text: desk::text(&INFO, page, "/extract")?,
        revision,
        revised: desk::text(&INFO, page, "/revisions/0/timestamp")?,
        url: format!("https://{language}.wikipedia.org/w/index.php?oldid={revision}"),
        licence: INFO.licence,
    })
}

/// What `MediaWiki` says is wrong, with status 200.
fn complaint(body: &Value) -> Result<(), String> {
    match body.get("error") {
        Some(error) => Err(format!("Wikipedia says: {} {}", desk::maybe(error, "/code"), desk::maybe(error, "/info"))),
        None => Ok(()),
    }
}
