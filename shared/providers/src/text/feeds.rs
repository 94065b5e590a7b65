//! Feeds: RSS, Atom, RDF and JSON feed, read by a kept library; nothing in them is expanded, followed or run.

use feed_rs::parser;
use proofreel_ports::{CallKind, ProviderInfo, SourceError};
use url::Url;

use crate::source::{Desk, desk, package};

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "url",
    publisher: "a feed",
    home: "https://www.rssboard.org/rss-specification",
    contract: "https://www.rfc-editor.org/rfc/rfc4287",
    secret: None,
    licence: "not stated",
    id_form: "the address of a feed",
    example: "https://example.org/feed.xml",
    terms: None,
};

/// Items of a feed that are looked at.
const MOST: usize = 500;

/// A feed, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Feed {
    /// Its title.
    pub title: String,
    /// Its items, as they stand.
    pub items: Vec<Item>,
}

/// An item of a feed. Texts are without markup.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Item {
    /// Title.
    pub title: String,
    /// Address, when it is an http one.
    pub link: String,
    /// Day of publishing, `YYYY-MM-DD`; empty when it is not said.
    pub day: String,
    /// Summary, shortened.
    pub summary: String,
}

/// Reads a feed's bytes.
///
/// # Errors
/// Bytes that are no feed, or a document that declares entities: no feed needs them.
pub fn read(bytes: &[u8]) -> Result<Feed, SourceError> {
    if declares_entities(bytes) {
        return Err(desk::drift(&INFO, "it declares entities, which no feed needs"));
    }
    let feed = parser::parse(bytes).map_err(|error| desk::drift(&INFO, format!("no feed ({error})")))?;
    let words =
        |text: &Option<feed_rs::model::Text>| text.as_ref().map(|text| plain(&text.content)).unwrap_or_default();
    let items = feed.entries.iter().take(MOST).map(|entry| Item {
        title: words(&entry.title),
        link: entry
            .links
            .iter()
            .map(|link| link.href.as_str())
            .find(|href| Url::parse(href).is_ok_and(|url| matches!(url.scheme(), "http" | "https")))
            .unwrap_or_default()
            .to_owned(),
        day: entry.published.or(entry.updated).map(|at| at.format("%Y-%m-%d").to_string()).unwrap_or_default(),
        summary: words(&entry.summary),
    });
    Ok(Feed { title: words(&feed.title), items: items.collect() })
}

/// Fetches and reads a feed.
pub async fn fetch(from: &Desk, address: &str) -> Result<Feed, SourceError> {
    let url = Url::parse(address).map_err(|error| desk::unknown(&INFO, address, error.to_string()))?;
    read(&from.feed(&INFO, CallKind::Feed, url).await?)
}

/// True when a document type declares entities, in any encoding whose letters are ASCII's.
fn declares_entities(bytes: &[u8]) -> bool {
    let head: Vec<u8> = bytes.iter().filter(|byte| **byte != 0).map(u8::to_ascii_uppercase).collect();
    head.windows(8).any(|window| window == b"<!ENTITY")
}

/// Text without markup.
fn plain(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return package::clip(html);
    }
    let document = dom_query::Document::fragment(html);
    document.select("script, style, template, noscript, iframe, object").remove();
    package::clip(&document.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_text_without_markup() {
        let feed = read(
            br#"<rss version="2.0"><channel><title>News &amp; figures</title><item><title>Rates &lt;b&gt;rise&lt;/b&gt;</title>
            <link>https://example.org/1</link><pubDate>Fri, 27 Nov 2026 10:00:00 GMT</pubDate>
            <description><![CDATA[<p>Up.<script>alert(1)</script></p>]]></description></item>
            <item><title>Odd</title><link>javascript:alert(1)</link></item></channel></rss>"#,
        )
        .unwrap();
        assert_eq!((feed.title.as_str(), feed.items.len()), ("News & figures", 2));
        let item = &feed.items[0];
        assert_eq!(
            (item.title.as_str(), item.day.as_str(), item.summary.as_str()),
            ("Rates rise", "2026-11-27", "Up.")
        );
        assert_eq!(feed.items[1].link, "");
    }

    #[test]
    fn a_bomb_is_refused_unread() {
        let bomb = b"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><rss><channel><title>&b;</title></channel></rss>";
        assert!(read(bomb).unwrap_err().to_string().contains("entities"));
        let wide: Vec<u8> = bomb.iter().flat_map(|byte| [*byte, 0]).collect();
        assert!(read(&wide).is_err());
        assert!(read(b"").is_err() && read(b"{}").is_err() && read(b"<html></html>").is_err());
    }
}
