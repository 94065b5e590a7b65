//! Pixabay, `GET /api/` (<https://pixabay.com/api/docs/>). Its licence allows commercial use of a picture that is part of something new; answers
//! must be kept for a day, which the law's freshness of pictures exceeds.

use async_trait::async_trait;
use proofreel_model::policy::picture_law;
use proofreel_ports::{KeyNeed, ProviderInfo, SourceError};
use serde_json::Value;

use super::{Collection, Work, has_list, id_of, listed, works};
use crate::source::{Desk, desk};

const INFO: ProviderInfo = ProviderInfo {
    name: "pixabay",
    publisher: "Pixabay",
    home: "https://pixabay.com/",
    contract: "https://pixabay.com/api/docs/",
    secret: Some(KeyNeed { secret: "pixabay_api_key", url: "https://pixabay.com/api/docs/", required: true }),
    licence: "Pixabay",
    id_form: "words",
    example: "gold bars",
    terms: None,
};

pub(super) struct Pixabay;

#[async_trait]
impl Collection for Pixabay {
    fn info(&self) -> &'static ProviderInfo {
        &INFO
    }

    async fn search(&self, from: &Desk, base: &str, words: &str, licences: &[&str]) -> Result<Vec<Work>, SourceError> {
        if !licences.contains(&INFO.licence) {
            return Ok(Vec::new());
        }
        let law = picture_law();
        let (most, short, long) =
            (law.search.results.to_string(), law.file.least_px.0.to_string(), law.file.least_px.1.to_string());
        let query = [
            ("q", words),
            ("image_type", "photo"),
            ("orientation", "horizontal"),
            ("safesearch", "true"),
            ("min_width", &long),
            ("min_height", &short),
            ("per_page", &most),
        ];
        let url = desk::address(base, &[""], &query)?;
        let body = listed(from, &INFO, url, &|body| has_list(body, "/hits")).await?;
        Ok(works(&body, "/hits", read))
    }
}

fn read(work: &Value) -> Option<Work> {
    Some(Work {
        id: id_of(work, "/id")?,
        title: String::new(),
        author: desk::maybe(work, "/user"),
        page: desk::maybe(work, "/pageURL"),
        licence: Some(INFO.licence.into()),
        about: desk::maybe(work, "/tags"),
        file: desk::maybe(work, "/largeImageURL"),
        restricted: if desk::maybe(work, "/type") == "photo" { String::new() } else { "no photograph".into() },
    })
}
