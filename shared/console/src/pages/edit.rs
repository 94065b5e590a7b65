//! `/runs/{run}/edit`: the words of an episode, for whoever may change them.
//!
//! What a person writes is judged by the gate like any other text; here a form becomes a question to `proofreel-operations`.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use proofreel_model::edit::Changes;
use proofreel_model::ids::SceneId;
use proofreel_operations::edit::{self, Outcome, Request};
use proofreel_pipeline::run_head;
use proofreel_publishing::Role;

use super::episode::RunPath;
use crate::Shared;
use crate::answer::{Fault, Frame, page, see_other};
use crate::form::Fields;
use crate::visitor::{Signed, Visitor};

/// What comes before a scene's id in the name of its field.
const SCENE: &str = "scene-";

#[derive(Template)]
#[template(path = "edit.html")]
struct Edit {
    frame: Frame,
    run: String,
    base: String,
    titles: Vec<Choice>,
    thumbnails: Vec<Choice>,
    description: String,
    rows: usize,
    scenes: Vec<Words>,
    /// Why it cannot be changed now.
    shut: Vec<String>,
    /// What the gate has against the words that were sent.
    reasons: Vec<String>,
    /// The title that was sent.
    title: String,
}

/// One of several to lead.
struct Choice {
    value: String,
    label: String,
    picked: bool,
}

/// The same list with another one picked, when it is among them.
fn pick(mut choices: Vec<Choice>, value: &str) -> Vec<Choice> {
    if choices.iter().any(|choice| choice.value == value) {
        for choice in &mut choices {
            choice.picked = choice.value == value;
        }
    }
    choices
}

/// A scene's sentences, a line each.
struct Words {
    id: String,
    text: String,
    rows: usize,
}

fn words(id: String, text: String) -> Words {
    let rows = text.lines().map(|line| 1 + line.len() / 70).sum::<usize>().clamp(2, 12);
    Words { id, text, rows }
}

async fn laid_out(shared: &Shared, visitor: &Visitor, path: &RunPath) -> Result<Edit, Fault> {
    let form = edit::form(&shared.office, &path.0).await?;
    let head = run_head(shared.office.records.as_ref(), &path.0).await?;
    let profile = shared.office.channels.current(&shared.office.order(&head).await?).await?;
    let mut shut = Vec::new();
    if let Err(why) = &form.open {
        shut.extend(why.split("\n  hint: ").map(str::to_owned));
    }
    if !visitor.roles(&profile).contains(&Role::Operator) {
        shut.push("Only an operator of the channel changes its words.".into());
    }
    let description = form.description.join("\n");
    let as_above = Choice { value: String::new(), label: "As above".into(), picked: true };
    let variant = |title: &String| Choice { value: title.clone(), label: title.clone(), picked: false };
    let thumbnails = form.thumbnails.iter().enumerate().map(|(n, (design, words))| Choice {
        value: design.to_string(),
        label: words.clone(),
        picked: n == 0,
    });
    Ok(Edit {
        frame: Frame::of(visitor, "runs"),
        run: path.0.to_string(),
        base: form.base().to_owned(),
        title: form.titles.first().cloned().unwrap_or_default(),
        titles: std::iter::once(as_above).chain(form.titles.iter().skip(1).map(variant)).collect(),
        thumbnails: thumbnails.collect(),
        rows: words(String::new(), description.clone()).rows,
        description,
        scenes: form.scenes.into_iter().map(|(id, said)| words(id.to_string(), said.join("\n"))).collect(),
        shut,
        reasons: Vec::new(),
    })
}

pub async fn show(State(shared): State<Shared>, visitor: Visitor, path: RunPath) -> Result<Response, Fault> {
    let head = run_head(shared.office.records.as_ref(), &path.0).await?;
    visitor.must_see(&head)?;
    let form = laid_out(&shared, &visitor, &path).await.map_err(|fault| fault.back_to(&path.page()))?;
    Ok(page(StatusCode::OK, &form))
}

pub async fn change(State(shared): State<Shared>, path: RunPath, signed: Signed) -> Result<Response, Fault> {
    let back = path.page();
    let head = run_head(shared.office.records.as_ref(), &path.0).await?;
    signed.visitor.must_see(&head)?;
    let request = Request {
        who: signed.visitor.who.clone(),
        at_the_machine: signed.visitor.at_the_machine,
        changes: changes(&signed.fields)?,
        dry_run: false,
        until: None,
    };
    let outcome = edit::edit(&shared.office, &shared.driver, &path.0, &request).await;
    match outcome.map_err(|error| Fault::from(error).back_to(&back))? {
        Outcome::Refused { reasons } => {
            // The page again, with what was written: nobody types a script twice.
            let form = laid_out(&shared, &signed.visitor, &path).await.map_err(|fault| fault.back_to(&back))?;
            let form = Edit { reasons, ..kept(form, &signed.fields) };
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &form))
        }
        Outcome::Unchanged | Outcome::WouldPass { .. } => Ok(see_other(&format!("{back}#diff"))),
        Outcome::Done { .. } => {
            if let Some(works) = &shared.works {
                works.begin(&path.0, Some(&request.who));
            }
            Ok(see_other(&format!("{back}#work")))
        }
    }
}

/// The form with what was sent.
fn kept(form: Edit, fields: &Fields) -> Edit {
    let sent = |scene: Words| match fields.filled(&format!("{SCENE}{}", scene.id)) {
        Some(text) => words(scene.id, text.to_owned()),
        None => scene,
    };
    Edit {
        title: fields.get("title").to_owned(),
        titles: pick(form.titles, fields.get("title_variant")),
        thumbnails: pick(form.thumbnails, fields.get("thumbnail")),
        description: fields.get("description").to_owned(),
        scenes: form.scenes.into_iter().map(sent).collect(),
        ..form
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn changes(fields: &Fields) -> Result<Changes, Fault> {
    let thumbnail = fields.filled("thumbnail").map(str::parse).transpose();
    let thumbnail = thumbnail.map_err(|_: String| Fault::Bad("There is no such design of a thumbnail."))?;
    let mut scenes = BTreeMap::new();
    for (name, text) in fields.pairs() {
        if let Some(id) = name.strip_prefix(SCENE) {
            scenes.insert(SceneId::from(id), lines(text));
        }
    }
    Ok(Changes {
        base: fields.filled("script").map(str::to_owned),
        // A variant that was picked is the title; the field still holds the one before.
        title: fields.filled("title_variant").or(fields.filled("title")).map(str::to_owned),
        thumbnail,
        description: fields.filled("description").map(lines),
        scenes,
    })
}
