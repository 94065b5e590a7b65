//! Pexels, `GET /v1/search` (<https://www.pexels.com/api/documentation/>). Its licence allows commercial use; its API asks that photographer
//! and Pexels are named.

use async_trait::async_trait;
use proofreel_model::policy::picture_law;
use proofreel_ports::{KeyNeed, ProviderInfo, SourceError};
use serde_json::Value;

use super::{Collection, Work, has_list, id_of, listed, works};
use crate::source::{Desk, desk};

const INFO: ProviderInfo = ProviderInfo {
    name: "pexels",
    publisher: "Pexels",
    home: "https://www.pexels.com/",
    contract: "https://www.pexels.com/api/documentation/",
    secret: Some(KeyNeed { secret: "pexels_api_key", url: "https://www.pexels.com/api/", required: true }),
    licence: "Pexels",
    id_form: "words",
    example: "gold bars",
    terms: None,
};

pub(super) struct Pexels;

#[async_trait]
impl Collection for Pexels {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, from: &Desk, base: &str, words: &str, licences: &[&str]) -> Result<Vec<Work>, SourceError> {
        if !licences.contains(&INFO.licence) {
            return Ok(Vec::new());
        }
        let most = picture_law().search.results.to_string();
        let query = [("query", words), ("orientation", "landscape"), ("size", "large"), ("per_page", &most)];
        let url = desk::address(base, &["v1", "search"], &query)?;
        let body = listed(from, &INFO, url, &|body| has_list(body, "/photos")).await?;
        Ok(works(&body, "/photos", read))
    }
}

fn read(work: &Value) -> Option<Work> {
    Some(Work {
        id: id_of(work, "/id")?,
        title: String::new(),
        author: desk::maybe(work, "/photographer"),
        page: desk::maybe(work, "/url"),
        licence: Some(INFO.licence.into()),
        // What the picture shows, told for those who do not see it.
        about: desk::maybe(work, "/alt"),
        file: desk::maybe(work, "/src/large2x"),
        restricted: String::new(),
    })
}
