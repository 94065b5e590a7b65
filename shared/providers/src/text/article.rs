//! The body of an article page, found by a kept library (a port of Readability). Measured in `tests/bench/articles.md`.

use dom_smoothie::{Config, Readability, TextMode};
use proofreel_ports::{CallKind, SourceError};
use url::Url;

use super::feeds::INFO;
use crate::source::{Desk, desk, package};

/// Elements of a page that are looked at: a page of more is no article.
const MAX_ELEMENTS: usize = 60_000;
/// Bytes of a page.
const MAX_BYTES: usize = 8 << 20;
/// Elements inside each other: a tree's cost grows with the square of its depth, and a page of a few hundred kilobytes that
/// nests without end holds a processor for many seconds.
const MAX_DEPTH: usize = 1_000;
/// Elements that need no end, or none of their own: they nest in nothing.
const UNENDED: [&str; 31] = [
    "area", "base", "br", "col", "colgroup", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option",
    "p", "param", "path", "rect", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "use", "wbr",
    "circle", "line",
];

/// An article.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Article {
    /// Title.
    pub title: String,
    /// Body, plain text.
    pub text: String,
    /// Who wrote it, as the page says.
    pub byline: String,
    /// Site, as the page says.
    pub site: String,
    /// Day of publishing, as the page says; empty when it does not.
    pub published: String,
}

/// Finds the body in a page.
///
/// # Errors
/// A page without an article, or one larger than an article is.
pub fn extract(html: &str, address: &str) -> Result<Article, SourceError> {
    if html.len() > MAX_BYTES {
        return Err(desk::drift(&INFO, format!("the page has {} bytes", html.len())));
    }
    if nests_deeper(html, MAX_DEPTH) {
        return Err(desk::drift(&INFO, format!("the page nests deeper than {MAX_DEPTH} elements")));
    }
    // Paragraphs, lines and cells come apart: in pages without a blank between their tags one sentence would run into the next.
    let config = Config { max_elements_to_parse: MAX_ELEMENTS, text_mode: TextMode::Formatted, ..Config::default() };
    let base = Url::parse(address).ok().map(|_| address);
    let found = Readability::new(html, base, Some(config))
        .and_then(|mut reader| reader.parse())
        .map_err(|error| desk::unknown(&INFO, address, format!("no article is found in the page ({error})")))?;
    Ok(Article {
        title: package::clip(&found.title),
        text: found.text_content.trim().to_owned(),
        byline: package::clip(&found.byline.unwrap_or_default()),
        site: package::clip(&found.site_name.unwrap_or_default()),
        published: package::clip(&found.published_time.unwrap_or_default()),
    })
}

/// Fetches a page and finds its article.
pub async fn fetch(from: &Desk, address: &str) -> Result<Article, SourceError> {
    let url = Url::parse(address).map_err(|error| desk::unknown(&INFO, address, error.to_string()))?;
    let bytes = from.feed(&INFO, CallKind::Page, url).await?;
    let (encoding, _) = encoding_rs::Encoding::for_bom(&bytes).unwrap_or((declared(&bytes), 0));
    extract(&encoding.decode(&bytes).0, address)
}

/// True when elements stand inside each other deeper than `most`, seen from the tags alone, in one pass.
fn nests_deeper(html: &str, most: usize) -> bool {
    let mut depth = 0_usize;
    for rest in html.split('<').skip(1) {
        let (closes, name) = rest.strip_prefix('/').map_or((false, rest), |name| (true, name));
        let name: String =
            name.chars().take(12).take_while(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        if name.is_empty() || UNENDED.contains(&name.as_str()) {
            continue;
        }
        depth = if closes { depth.saturating_sub(1) } else { depth + 1 };
        if depth > most {
            return true;
        }
    }
    false
}

/// The encoding that a page's first kilobyte declares; UTF-8 when it declares none and reads as such.
fn declared(bytes: &[u8]) -> &'static encoding_rs::Encoding {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_lowercase();
    let named = head.split("charset=").nth(1).map(|rest| {
        rest.trim_start_matches(['"', '\'', ' '])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
            .collect::<String>()
    });
    match named.and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes())) {
        Some(encoding) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => encoding_rs::UTF_8,
        None => encoding_rs::WINDOWS_1252,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> String {
        format!(
            "<html><head><title>Prices rose | Site</title></head><body><nav><a href=/>Home</a> <a href=/x>More</a></nav>{body}<footer>Imprint</footer></body></html>"
        )
    }

    #[test]
    fn the_body_is_found_and_the_rest_is_left() {
        let sentence =
            "Prices of bread rose in the spring, said the office, and those of milk fell a little in the same months. ";
        let body = (0..8).map(|_| format!("<p>{}</p>", sentence.repeat(3))).collect::<Vec<_>>().concat();
        let article = extract(&page(&format!("<article>{body}</article>")), "https://example.org/a").unwrap();
        assert!(
            article.text.contains("Prices of bread")
                && !article.text.contains("Imprint")
                && !article.text.contains("Home")
        );
        assert!(article.title.contains("Prices rose"));
        assert!(article.text.contains("the same months.\n"), "paragraphs come apart: {}", article.text);
    }

    #[test]
    fn a_page_without_an_article_and_one_without_end_are_refused() {
        assert!(extract("", "https://example.org/").is_err());
        for deep in ["<div>", "<b>", "<x-y a=\"1\">", "<DIV><p>"] {
            let error = extract(&page(&deep.repeat(MAX_DEPTH + 1)), "https://example.org/").unwrap_err().to_string();
            assert!(error.contains("nests deeper"), "{deep}: {error}");
        }
        assert!(!nests_deeper(&"<p>one<br><li><div>two</div>".repeat(5_000), MAX_DEPTH));
    }

    #[test]
    fn the_declared_encoding_is_used() {
        assert_eq!(declared(b"<meta charset=\"windows-1251\">").name(), "windows-1251");
        assert_eq!(declared("<p>é".as_bytes()).name(), "UTF-8");
        assert_eq!(declared(b"<p>\xe9").name(), "windows-1252");
    }
}
