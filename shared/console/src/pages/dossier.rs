//! `/runs/{run}/dossier`: everything about an episode in one document.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use proofreel_operations::dossier;
use proofreel_pipeline::run_head;

use super::episode::RunPath;
use crate::Shared;
use crate::answer::Fault;
use crate::visitor::Visitor;

pub async fn show(State(shared): State<Shared>, visitor: Visitor, path: RunPath) -> Result<Response, Fault> {
    let head = run_head(shared.office.records.as_ref(), &path.0).await?;
    visitor.must_see(&head)?;
    let document =
        dossier::of(&shared.office, &path.0).await.map_err(|error| Fault::from(error).back_to(&path.page()))?;
    // To be kept and sent, not looked at: a browser puts it into a file.
    let name = format!("attachment; filename=\"dossier-{}.json\"", path.0);
    let kept = HeaderValue::from_str(&name).map_err(|_| Fault::NotFound)?;
    let kind = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, kept)], format!("{document:#}\n")).into_response())
}
