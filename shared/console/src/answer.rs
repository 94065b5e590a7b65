//! Answers: pages, and one page for everything that is refused.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use proofreel_operations::OperationError;
use proofreel_pipeline::DriverError;
use proofreel_ports::PortError;
use proofreel_publishing::PublishError;

use crate::visitor::Visitor;

/// What every page shows around itself.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Who is signed in; empty for nobody.
    pub who: String,
    /// Token that its forms carry.
    pub csrf: String,
    /// Which entry of the navigation it belongs to.
    pub place: &'static str,
}

impl Frame {
    /// Of a signed-in person's page.
    pub fn of(visitor: &Visitor, place: &'static str) -> Self {
        Self { who: visitor.who.clone(), csrf: visitor.csrf.clone(), place }
    }
}

/// A page.
pub fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => {
            let kind = HeaderValue::from_static("text/html; charset=utf-8");
            (status, [(header::CONTENT_TYPE, kind)], html).into_response()
        }
        // A template that compiled has nothing to refuse.
        Err(error) => {
            tracing::error!(%error, "a page was not laid out");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// To another page, by GET.
pub fn see_other(path: &str) -> Response {
    let place = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// Why a request is not answered with what it asked for.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Nobody is signed in. With the address that was asked for, when the request came from another site: a browser keeps the
    /// cookie back then, and brings it when the page asks again by itself.
    SignIn(Option<String>),
    /// There is no such thing, or none that this person may see: the answer is the same.
    NotFound,
    /// Not this way.
    Method,
    /// A form or an address that this console did not make.
    Bad(&'static str),
    /// A form that is larger than any of ours.
    TooLarge,
    /// Not a form.
    Media,
    /// A part that the file does not have.
    Unsatisfiable,
    /// A request that another site made, or whose form is not of this session.
    Foreign(&'static str),
    /// Too many links were tried in vain.
    TooMany,
    /// The link was used, is too old, or never was.
    Link,
    /// A rule of the house.
    Refused {
        /// How.
        status: StatusCode,
        /// Why, in a sentence.
        why: String,
        /// What to do.
        hint: String,
        /// Where to go back to.
        back: String,
    },
    /// Storage did not answer.
    Storage(String),
}

impl Fault {
    /// The same with a way back.
    #[must_use]
    pub fn back_to(self, path: &str) -> Self {
        match self {
            Self::Refused { status, why, hint, .. } => Self::Refused { status, why, hint, back: path.to_owned() },
            other => other,
        }
    }

    fn refused(status: StatusCode, text: &str) -> Self {
        let (why, hint) = text.split_once("\n  hint: ").unwrap_or((text, ""));
        Self::Refused { status, why: why.to_owned(), hint: hint.to_owned(), back: "/".into() }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::SignIn(_) => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Media => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unsatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::Foreign(_) | Self::Link => StatusCode::FORBIDDEN,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Refused { status, .. } => *status,
            Self::Storage(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<PortError> for Fault {
    fn from(error: PortError) -> Self {
        match error {
            PortError::NotFound { .. } | PortError::IllegalKey { .. } => Self::NotFound,
            error => Self::Storage(error.to_string()),
        }
    }
}

impl From<DriverError> for Fault {
    fn from(error: DriverError) -> Self {
        match error {
            DriverError::Port(error) => error.into(),
            DriverError::NoSuchRun { .. } => Self::NotFound,
            error => Self::refused(StatusCode::CONFLICT, &error.to_string()),
        }
    }
}

impl From<PublishError> for Fault {
    fn from(error: PublishError) -> Self {
        let status = match &error {
            PublishError::NotAllowed { .. } => StatusCode::FORBIDDEN,
            PublishError::Port(_) => return Self::Storage(error.to_string()),
            _ => StatusCode::CONFLICT,
        };
        Self::refused(status, &error.to_string())
    }
}

impl From<OperationError> for Fault {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::Driver(error) => error.into(),
            OperationError::Publish(error) => error.into(),
            OperationError::Port(error) => error.into(),
            error => Self::refused(StatusCode::CONFLICT, &error.to_string()),
        }
    }
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage {
    frame: Frame,
    title: &'static str,
    why: String,
    hint: String,
    back: String,
    /// Where the page goes by itself.
    again: Option<String>,
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = self.status();
        let (mut again, mut back) = (None, "/".to_owned());
        let (title, why, hint) = match self {
            Self::SignIn(path) => {
                again = path;
                (
                    "Sign in",
                    "You are not signed in, or your session has ended.".to_owned(),
                    "Make a one-time link where Proofreel runs: proofreel console link --as NAME".to_owned(),
                )
            }
            Self::NotFound => {
                ("Not found", "There is nothing here, or nothing that you may see.".into(), String::new())
            }
            Self::Method => ("Not this way", "This address does not take that kind of request.".into(), String::new()),
            Self::Bad(why) => ("Not understood", why.into(), "Go back and fill in the form of the page.".into()),
            Self::TooLarge => ("Too large", "The form is larger than any form of this console.".into(), String::new()),
            Self::Media => ("Not a form", "Only the forms of this console are taken here.".into(), String::new()),
            Self::Unsatisfiable => ("No such part", "The file is shorter than that.".into(), String::new()),
            Self::Foreign(why) => ("Refused", why.into(), "Open the page anew and use its own form.".into()),
            Self::TooMany => (
                "Too many links",
                "Too many links were tried in vain from where you are.".into(),
                "Wait some minutes, then make a new link: proofreel console link --as NAME".into(),
            ),
            Self::Link => (
                "This link does not open anything",
                "It was used, or is too old, or was cut off on its way.".into(),
                "Make a new one where Proofreel runs: proofreel console link --as NAME".into(),
            ),
            Self::Refused { why, hint, back: path, .. } => {
                back = path;
                ("Refused", why, hint)
            }
            Self::Storage(why) => {
                tracing::error!(why, "storage failed a page");
                ("Try again", "Storage did not answer just now; nothing was lost.".into(), String::new())
            }
        };
        page(status, &FaultPage { frame: Frame::default(), title, why, hint, back, again })
    }
}
