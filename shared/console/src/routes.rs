//! The one table of addresses: the router is made of it, and so is `specs/openapi.json`.

use axum::routing::{MethodRouter, get, post};
use proofreel_model::channel::Visibility;
use proofreel_model::stage::StageName;
use serde_json::{Map, Value, json};

use crate::{Shared, pages};

/// What kind of text a parameter or a field takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any text, up to so many characters.
    Text(usize),
    /// A digest: 64 hexadecimal digits.
    Digest,
    /// A token of a link or a form: 43 signs of base64.
    Token,
    /// Nothing, or a time like `2026-12-01T16:00`, UTC.
    Time,
    /// Who sees a film.
    Visibility,
    /// A stage of the chain.
    Stage,
}

impl Kind {
    fn schema(self) -> Value {
        match self {
            Self::Text(most) => json!({"type": "string", "maxLength": most}),
            Self::Digest => json!({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
            Self::Token => json!({"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"}),
            Self::Time => json!({"type": "string", "examples": ["", "2026-12-01T16:00"]}),
            Self::Visibility => {
                let all = [Visibility::Public, Visibility::Unlisted, Visibility::Private];
                json!({"type": "string", "enum": all.map(Visibility::as_str)})
            }
            Self::Stage => json!({"type": "string", "enum": StageName::CHAIN.map(StageName::as_str)}),
        }
    }
}

/// A field of a form, or a parameter of an address.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// True when it must be there.
    pub required: bool,
    /// What it is.
    pub about: &'static str,
}

/// Who gets an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Open,
    /// Who is signed in.
    Session,
    /// Who signs the message.
    Signature,
}

/// An address with a method.
pub struct Route {
    /// `get` or `post`.
    pub method: &'static str,
    /// Its path, parameters in braces.
    pub path: &'static str,
    /// Its name.
    pub id: &'static str,
    /// What it is for.
    pub summary: &'static str,
    /// Who gets an answer.
    pub access: Access,
    /// Parameters after the question mark.
    pub query: &'static [Field],
    /// Fields of its form.
    pub form: &'static [Field],
    /// What may be answered, with media type; errors are pages.
    pub answers: &'static [(u16, &'static str, &'static str)],
    /// Who answers; none for what another room serves.
    pub(crate) handler: Option<fn() -> MethodRouter<Shared>>,
}

const HTML: &str = "text/html";
const NOTHING: &str = "";

const fn field(name: &'static str, kind: Kind, required: bool, about: &'static str) -> Field {
    Field { name, kind, required, about }
}

const CSRF: Field = field("csrf", Kind::Token, true, "The session's token, as its pages carry it");
const FILM: Field = field("film", Kind::Digest, true, "Digest of the film that was looked at");
const NEXT: Field = field("next", Kind::Text(200), false, "Where to go on to, a path of the console");
const PAGE: (u16, &str, &str) = (200, HTML, "The page");
const QUERY: (u16, &str, &str) = (400, HTML, "A parameter came twice, or there are too many");
const DONE: (u16, &str, &str) = (303, NOTHING, "Done; the page shows the state now");
const AGAINST: (u16, &str, &str) = (409, HTML, "A rule of the house speaks against it; the page says which");
const FORM_ANSWERS: &[(u16, &str, &str)] = &[
    DONE,
    (400, HTML, "A field is not what the form asks for"),
    AGAINST,
    (413, HTML, "The body is too large"),
    (415, HTML, "Not a form"),
];

const EDIT_ANSWERS: &[(u16, &str, &str)] = &[
    DONE,
    (400, HTML, "A field is not what the form asks for"),
    AGAINST,
    (413, HTML, "The body is too large"),
    (415, HTML, "Not a form"),
    (422, HTML, "The gate does not let the words pass; the page says why and keeps them"),
];

/// All of them.
pub const ROUTES: &[Route] = &[
    Route {
        method: "get",
        path: "/",
        id: "home",
        summary: "Channels at a glance: last run, what waits for a decision, incidents",
        access: Access::Session,
        query: &[],
        form: &[],
        answers: &[PAGE, AGAINST],
        handler: Some(|| get(pages::home::show)),
    },
    Route {
        method: "get",
        path: "/runs",
        id: "runs",
        summary: "The newest runs",
        access: Access::Session,
        query: &[field("channel", Kind::Text(64), false, "Only those of this channel")],
        form: &[],
        answers: &[PAGE, QUERY, AGAINST],
        handler: Some(|| get(pages::runs::show)),
    },
    Route {
        method: "get",
        path: "/runs/{run}",
        id: "run",
        summary: "An episode: film, decision, script with proofs, verdict, time and cost",
        access: Access::Session,
        query: &[],
        form: &[],
        answers: &[PAGE, AGAINST],
        handler: Some(|| get(pages::episode::show)),
    },
    Route {
        method: "get",
        path: "/runs/{run}/files/{name}",
        id: "file",
        summary: "A file of the film; parts of it on demand",
        access: Access::Session,
        query: &[],
        form: &[],
        answers: &[
            (200, "*/*", "The whole file"),
            (206, "*/*", "The part that was asked for, or its beginning"),
            (304, NOTHING, "It is the one that is known"),
            AGAINST,
            (416, HTML, "The file has no such part"),
        ],
        handler: Some(|| get(pages::files::show)),
    },
    Route {
        method: "post",
        path: "/runs/{run}/approve",
        id: "approve",
        summary: "Lets exactly this film pass",
        access: Access::Session,
        query: &[],
        form: &[
            CSRF,
            FILM,
            field("visibility", Kind::Visibility, true, "Who is to see it"),
            field("publish_at", Kind::Time, false, "When it becomes public; at once when empty"),
            field("override_reason", Kind::Text(2000), false, "Why it goes out although governance speaks against it"),
        ],
        answers: FORM_ANSWERS,
        handler: Some(|| post(pages::decide::approve)),
    },
    Route {
        method: "post",
        path: "/runs/{run}/reject",
        id: "reject",
        summary: "Sends the film back to the stage at fault",
        access: Access::Session,
        query: &[],
        form: &[
            CSRF,
            FILM,
            field("stage", Kind::Stage, true, "The stage whose fault it is"),
            field("reason", Kind::Text(2000), true, "Why, in a sentence"),
        ],
        answers: FORM_ANSWERS,
        handler: Some(|| post(pages::decide::reject)),
    },
    Route {
        method: "get",
        path: "/runs/{run}/edit",
        id: "edit-page",
        summary: "The words of an episode, to be changed",
        access: Access::Session,
        query: &[],
        form: &[],
        answers: &[PAGE, AGAINST],
        handler: Some(|| get(pages::edit::show)),
    },
    Route {
        method: "post",
        path: "/runs/{run}/edit",
        id: "edit",
        summary: "Changes the words of an episode, if the gate lets them pass",
        access: Access::Session,
        query: &[],
        form: &[
            CSRF,
            field("script", Kind::Text(64), false, "First digits of the digest of the script that was changed"),
            field("title", Kind::Text(200), false, "The title"),
            field("title_variant", Kind::Text(200), false, "The title variant that leads instead, by its words"),
            field("thumbnail", Kind::Text(20), false, "The thumbnail that leads, by its design"),
            field("description", Kind::Text(5000), false, "An entry a line"),
        ],
        answers: EDIT_ANSWERS,
        handler: Some(|| post(pages::edit::change)),
    },
    Route {
        method: "get",
        path: "/channels/{channel}",
        id: "channel",
        summary: "A channel's figures, standing orders and films",
        access: Access::Session,
        query: &[],
        form: &[],
        answers: &[PAGE, AGAINST],
        handler: Some(|| get(pages::channel::show)),
    },
    Route {
        method: "get",
        path: "/channels/{channel}/reports",
        id: "reports",
        summary: "The channel's kept reports, newest first",
        access: Access::Session,
        query: &[],
        form: &[],
        answers: &[PAGE, AGAINST],
        handler: Some(|| get(pages::reports::list)),
    },
    Route {
        method: "get",
        path: "/channels/{channel}/reports/{report}",
        id: "report",
        summary: "A weekly or monthly report with its charts",
        access: Access::Session,
        query: &[],
        form: &[],
        answers: &[PAGE, AGAINST],
        handler: Some(|| get(pages::reports::show)),
    },
    Route {
        method: "get",
        path: "/channels/{channel}/reports/{report}/files/{name}",
        id: "report-file",
        summary: "A file of a report, to be kept: the page in three forms, and of a month the patch and the draft ADR",
        access: Access::Session,
        query: &[],
        form: &[],
        answers: &[(200, "text/plain", "The file"), AGAINST],
        handler: Some(|| get(pages::reports::file)),
    },
    Route {
        method: "get",
        path: "/incidents",
        id: "incidents",
        summary: "What a person was called for, newest first",
        access: Access::Session,
        query: &[],
        form: &[],
        answers: &[PAGE, AGAINST],
        handler: Some(|| get(pages::incidents::show)),
    },
    Route {
        method: "get",
        path: "/sign-in",
        id: "sign-in-page",
        summary: "Shows the button that uses a one-time link; uses nothing",
        access: Access::Open,
        query: &[field("link", Kind::Token, false, "The link's token"), NEXT],
        form: &[],
        answers: &[PAGE, QUERY],
        handler: Some(|| get(pages::sign_in::show)),
    },
    Route {
        method: "post",
        path: "/sign-in",
        id: "sign-in",
        summary: "Uses a one-time link: once",
        access: Access::Open,
        query: &[],
        form: &[field("link", Kind::Token, true, "The link's token"), NEXT],
        answers: &[
            DONE,
            (400, HTML, "A field is not what the form asks for"),
            AGAINST,
            (413, HTML, "The body is too large"),
            (415, HTML, "Not a form"),
            (429, HTML, "Too many links were tried in vain"),
        ],
        handler: Some(|| post(pages::sign_in::enter)),
    },
    Route {
        method: "post",
        path: "/sign-out",
        id: "sign-out",
        summary: "Ends the session",
        access: Access::Session,
        query: &[],
        form: &[CSRF],
        answers: FORM_ANSWERS,
        handler: Some(|| post(pages::sign_in::leave)),
    },
    Route {
        method: "get",
        path: "/assets/{name}",
        id: "asset",
        summary: "Style, script and icon of the pages",
        access: Access::Open,
        query: &[],
        form: &[],
        answers: &[(200, "*/*", "The file"), (304, NOTHING, "It is the one that is known")],
        handler: Some(|| get(pages::assets::show)),
    },
    Route {
        method: "get",
        path: "/openapi.json",
        id: "openapi",
        summary: "This document",
        access: Access::Open,
        query: &[],
        form: &[],
        answers: &[(200, "application/json", "The document")],
        handler: Some(|| get(pages::assets::openapi)),
    },
    Route {
        method: "post",
        path: "/decide/{who}",
        id: "decide",
        summary: "Takes a signed decision (specs/PUBLISHING.md); every refusal is the same",
        access: Access::Signature,
        query: &[],
        form: &[],
        answers: &[
            (200, "application/json", "Decided, now or when it came first"),
            (401, "application/json", "Refused"),
        ],
        handler: None,
    },
];

/// The table as an `OpenAPI` 3.1 document.
pub fn openapi() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let members = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(members) = members.as_object_mut() {
            members.insert(route.method.into(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Proofreel console",
            "version": "1.0.0",
            "description": "Pages and forms of the console, and the door for signed decisions. Explained in specs/CONSOLE.md.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"securitySchemes": {
            "session": {"type": "apiKey", "in": "cookie", "name": "__Host-proofreel", "description": "The cookie that signing in gives; named `proofreel` on 127.0.0.1"},
            "signature": {"type": "apiKey", "in": "header", "name": "webhook-signature", "description": "Standard Webhooks: id, timestamp and signature"},
        }},
    })
}

fn operation(route: &Route) -> Value {
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = in_path
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    parameters.extend(route.query.iter().map(|field| {
        json!({"name": field.name, "in": "query", "required": field.required, "description": field.about, "schema": field.kind.schema()})
    }));
    if route.id == "file" {
        for (name, about) in [
            ("Range", "One part, in bytes"),
            ("If-None-Match", "What is known"),
            ("If-Range", "The part of this one only"),
        ] {
            parameters.push(json!({"name": name, "in": "header", "required": false, "description": about, "schema": {"type": "string"}}));
        }
    }
    let mut answers: Map<String, Value> = Map::new();
    let mut answer = |status: u16, kind: &str, about: &str| {
        let body = if kind.is_empty() {
            json!({"description": about})
        } else {
            json!({"description": about, "content": {kind: {"schema": if kind == "application/json" { json!({}) } else { json!({"type": "string"}) }}}})
        };
        answers.entry(status.to_string()).or_insert(body);
    };
    for (status, kind, about) in route.answers {
        answer(*status, kind, about);
    }
    answer(403, HTML, "Another site made the request, the console does not answer to this name, or the person may not");
    if route.access == Access::Session {
        answer(401, HTML, "Nobody is signed in");
    }
    if route.access != Access::Open || route.path.contains('{') {
        answer(404, HTML, "There is no such thing, or none that this person may see");
    }
    let unavailable = if route.access == Access::Signature { "application/json" } else { HTML };
    answer(503, unavailable, "Storage did not answer; try again");
    let mut operation = json!({"operationId": route.id, "summary": route.summary, "responses": answers});
    let Some(members) = operation.as_object_mut() else { return operation };
    if !parameters.is_empty() {
        members.insert("parameters".into(), parameters.into());
    }
    match route.access {
        Access::Open => drop(members.insert("security".into(), json!([]))),
        Access::Session => drop(members.insert("security".into(), json!([{"session": []}]))),
        Access::Signature => {
            members.insert("security".into(), json!([{"signature": []}]));
            members.insert(
                "requestBody".into(),
                json!({"required": true, "content": {"application/json": {"schema": {"type": "object"}}}}),
            );
        }
    }
    if !route.form.is_empty() {
        let properties: Map<String, Value> = route
            .form
            .iter()
            .map(|field| {
                let mut schema = field.kind.schema();
                if let Some(schema) = schema.as_object_mut() {
                    schema.insert("description".into(), field.about.into());
                }
                (field.name.to_owned(), schema)
            })
            .collect();
        let required: Vec<&str> = route.form.iter().filter(|field| field.required).map(|field| field.name).collect();
        let schema = json!({"type": "object", "properties": properties, "required": required});
        members.insert(
            "requestBody".into(),
            json!({"required": true, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}),
        );
    }
    operation
}
