//! Wikimedia Commons, `MediaWiki` action API (<https://www.mediawiki.org/wiki/API:Imageinfo>): files with the licence that their page states.

use async_trait::async_trait;
use dom_query::Document;
use proofreel_model::policy::picture_law;
use proofreel_ports::{ProviderInfo, SourceError};
use serde_json::Value;

use super::{Collection, Work, licence_at, listed, works};
use crate::source::{Desk, desk};

const INFO: ProviderInfo = ProviderInfo {
    name: "commons",
    publisher: "Wikimedia Commons",
    home: "https://commons.wikimedia.org/",
    contract: "https://www.mediawiki.org/wiki/API:Imageinfo",
    secret: None,
    licence: "of each file",
    id_form: "words",
    example: "gold bars",
    terms: None,
};

/// Width of the file that is asked for, pixels: the service makes it.
const WIDTH: &str = "1920";
const FIELDS: &str = "Artist|ObjectName|ImageDescription|Categories|License|LicenseUrl|Restrictions";

pub(super) struct Commons;

#[async_trait]
impl Collection for Commons {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, from: &Desk, base: &str, words: &str, _: &[&str]) -> Result<Vec<Work>, SourceError> {
        let (words, most) = (format!("{words} filetype:bitmap"), picture_law().search.results.to_string());
        let query = [
            ("action", "query"),
            ("format", "json"),
            ("formatversion", "2"),
            ("generator", "search"),
            ("gsrsearch", &words),
            ("gsrnamespace", "6"),
            ("gsrlimit", &most),
            ("prop", "imageinfo"),
            ("iiprop", "url|size|mime|extmetadata"),
            ("iiurlwidth", WIDTH),
            ("iiextmetadatafilter", FIELDS),
            ("maxlag", "5"),
        ];
        let url = desk::address(base, &["api.php"], &query)?;
        let mut body = listed(from, &INFO, url, &complaint).await?;
        if let Some(pages) = body.pointer_mut("/query/pages").and_then(Value::as_array_mut) {
            // They come by page number; `index` is the rank.
            pages.sort_by_key(|page| page.get("index").and_then(Value::as_u64).unwrap_or(u64::MAX));
        }
        Ok(works(&body, "/query/pages", read))
    }
}

fn complaint(body: &Value) -> Result<(), String> {
    if let Some(error) = body.get("error") {
        return Err(format!("Commons says: {} {}", desk::maybe(error, "/code"), desk::maybe(error, "/info")));
    }
    // Nothing found: an answer without `query`, but a whole one.
    match body.pointer("/query/pages") {
        Some(Value::Array(_)) => Ok(()),
        None if body.get("batchcomplete").is_some() => Ok(()),
        _ => Err("`query.pages` is no list".into()),
    }
}

fn read(page: &Value) -> Option<Work> {
    let id = desk::maybe(page, "/title");
    let file = page.pointer("/imageinfo/0")?;
    let field = |name: &str| words(&desk::maybe(file, &format!("/extmetadata/{name}/value")));
    let name = field("ObjectName");
    let licence = licence_at(&field("LicenseUrl"));
    // The short name of the licence and its address must say the same: `cc-by-4.0`, `cc0`.
    let said = field("License").to_ascii_lowercase();
    let licence = licence.filter(|id| id.to_ascii_lowercase() == said || (id == "CC0-1.0" && said == "cc0"));
    let address = [desk::maybe(file, "/thumburl"), desk::maybe(file, "/url")];
    Some(Work {
        title: if name.is_empty() { stem(&id) } else { name },
        author: field("Artist"),
        page: desk::maybe(file, "/descriptionurl"),
        licence,
        about: format!("{} {} {id}", field("Categories"), field("ImageDescription")),
        file: address.into_iter().find(|address| !address.is_empty())?,
        restricted: field("Restrictions"),
        id,
    })
}

/// The words of a bit of HTML.
fn words(html: &str) -> String {
    Document::fragment(html).text().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `File:Bars_of_gold.jpg` as a title.
fn stem(id: &str) -> String {
    let name = id.split_once(':').map_or(id, |(_, name)| name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).replace('_', " ")
}
