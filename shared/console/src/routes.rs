//! The one table of addresses: the router is made of it, and so is `specs/openapi.json`.

use axum::routing::{MethodRouter, get, post};
use proofreel_model::channel::Visibility;
use proofreel_model::stage::StageName;
use serde_json::{Value, json};

use crate::{Shared, pages};

mod document;

pub use document::openapi;

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
const INCIDENT: Field = field("incident", Kind::Text(300), true, "Key of the incident");
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
        method: "post",
        path: "/runs/{run}/retract",
        id: "retract",
        summary: "Takes a published film back: it becomes private, and the correction is handed over",
        access: Access::Session,
        query: &[],
        form: &[CSRF, field("reason", Kind::Text(2000), true, "Why; part of the correction")],
        answers: FORM_ANSWERS,
        handler: Some(|| post(pages::decide::retract)),
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
        method: "post",
        path: "/runs/{run}/work",
        id: "work",
        summary: "Goes on with a run that was sent back and that nobody works",
        access: Access::Session,
        query: &[],
        form: &[CSRF],
        answers: FORM_ANSWERS,
        handler: Some(|| post(pages::work::go_on)),
    },
    Route {
        method: "get",
        path: "/runs/{run}/dossier",
        id: "dossier",
        summary: "Everything about an episode in one document, for an appeal",
        access: Access::Session,
        query: &[],
        form: &[],
        answers: &[(200, "application/json", "The document"), AGAINST],
        handler: Some(|| get(pages::dossier::show)),
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
        method: "post",
        path: "/incidents/take",
        id: "take-incident",
        summary: "Takes an incident: from now on it is theirs",
        access: Access::Session,
        query: &[],
        form: &[CSRF, INCIDENT],
        answers: FORM_ANSWERS,
        handler: Some(|| post(pages::incidents::take)),
    },
    Route {
        method: "post",
        path: "/incidents/resolve",
        id: "resolve-incident",
        summary: "Ends an incident, with how it ended",
        access: Access::Session,
        query: &[],
        form: &[
            CSRF,
            INCIDENT,
            field("resolution", Kind::Text(2000), true, "How it ended"),
            field("follow_up", Kind::Text(2000), false, "What is to be done so that it does not come back"),
        ],
        answers: FORM_ANSWERS,
        handler: Some(|| post(pages::incidents::resolve)),
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
