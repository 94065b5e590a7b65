//! `/assets/{name}` and `/openapi.json`: what is the same for everybody.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use proofreel_model::digest::Digest;

use crate::answer::Fault;
use crate::review::PLAYER;
use crate::routes;

/// The pages' one style sheet.
const STYLE: &str = include_str!("../../assets/console.css");
/// Looks again while a run is under way.
const PROGRESS: &str = include_str!("../../assets/progress.js");
/// The sign of the tab.
const ICON: &str = include_str!("../../assets/icon.svg");

pub async fn show(
    name: Result<Path<String>, axum::extract::rejection::PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let Path(name) = name.map_err(|_| Fault::NotFound)?;
    let (text, kind) = match name.as_str() {
        "console.css" => (STYLE, "text/css; charset=utf-8"),
        "player.js" => (PLAYER, "text/javascript; charset=utf-8"),
        "progress.js" => (PROGRESS, "text/javascript; charset=utf-8"),
        "icon.svg" => (ICON, "image/svg+xml"),
        _ => return Err(Fault::NotFound),
    };
    let tag = format!("\"{}\"", Digest::of(text.as_bytes()).short());
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes());
    let lasting = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::ETAG, HeaderValue::from_str(&tag).map_err(|_| Fault::NotFound)?),
    ];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, lasting).into_response());
    }
    Ok((lasting, [(header::CONTENT_TYPE, kind)], text).into_response())
}

pub async fn openapi() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| routes::openapi().to_string());
    ([(header::CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}
