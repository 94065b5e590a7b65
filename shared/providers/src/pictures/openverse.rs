//! Openverse, `GET /v1/images/` (<https://api.openverse.org/v1/>): works of many collections with their licences. The file comes through
//! Openverse's own `thumb` address, so that no host of a stranger is asked.

use async_trait::async_trait;
use proofreel_model::policy::picture_law;
use proofreel_ports::{ProviderInfo, SourceError};
use serde_json::Value;

use super::{Collection, Work, has_list, id_of, licence_at, listed, works};
use crate::source::{Desk, desk};

const INFO: ProviderInfo = ProviderInfo {
    name: "openverse",
    publisher: "Openverse",
    home: "https://openverse.org/",
    contract: "https://api.openverse.org/v1/",
    secret: None,
    licence: "of each work",
    id_form: "words",
    example: "gold bars",
    terms: None,
};

pub(super) struct Openverse;

#[async_trait]
impl Collection for Openverse {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, from: &Desk, base: &str, words: &str, licences: &[&str]) -> Result<Vec<Work>, SourceError> {
        let mut codes: Vec<&str> = licences.iter().filter_map(|id| code(id)).collect();
        codes.dedup();
        if codes.is_empty() {
            return Ok(Vec::new());
        }
        let (codes, most) = (codes.join(","), picture_law().search.results.to_string());
        let query = [
            ("q", words),
            ("license", &codes),
            ("category", "photograph"),
            ("extension", "jpg,png"),
            ("aspect_ratio", "wide"),
            ("size", "large"),
            ("mature", "false"),
            ("page_size", &most),
        ];
        let url = desk::address(base, &["images", ""], &query)?;
        let body = listed(from, &INFO, url, &|body| has_list(body, "/results")).await?;
        Ok(works(&body, "/results", |work| read(base, work)))
    }
}

/// Openverse's name of a licence of the law.
fn code(id: &str) -> Option<&'static str> {
    match id {
        "CC0-1.0" => Some("cc0"),
        "PDM-1.0" => Some("pdm"),
        _ if id.starts_with("CC-BY-") => Some("by"),
        _ => None,
    }
}

fn read(base: &str, work: &Value) -> Option<Work> {
    let id = id_of(work, "/id").filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'))?;
    let said = desk::maybe(work, "/license").to_ascii_lowercase();
    // Name and address must say the same.
    let licence = licence_at(&desk::maybe(work, "/license_url")).filter(|id| code(id) == Some(said.as_str()));
    let tags: Vec<String> = work
        .pointer("/tags")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|tag| desk::maybe(tag, "/name"))
        .collect();
    Some(Work {
        title: desk::maybe(work, "/title"),
        author: desk::maybe(work, "/creator"),
        page: desk::maybe(work, "/foreign_landing_url"),
        licence,
        about: tags.join(" "),
        file: format!("{base}/images/{id}/thumb/?full_size=true&compressed=true"),
        restricted: if work.pointer("/mature") == Some(&Value::Bool(true)) { "mature".into() } else { String::new() },
        id,
    })
}
