//! `/sign-in` and `/sign-out`.
//!
//! Opening a link only shows a button: programs that look into mail open links too, and must not use them up.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use proofreel_model::policy::console_law;
use proofreel_operations::ClientAddress;
use proofreel_publishing::Role;

use crate::answer::{Fault, Frame, page, see_other};
use crate::form::{Fields, own_path};
use crate::sessions::{self, Token};
use crate::visitor::{Signed, Unsigned};
use crate::{Console, Shared};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    frame: Frame,
    link: String,
    next: String,
}

/// The most that a person is on a channel.
pub fn role_word(roles: &BTreeSet<Role>) -> &'static str {
    if roles.contains(&Role::Operator) && roles.contains(&Role::Approver) {
        "operator and approver"
    } else if roles.contains(&Role::Operator) {
        "operator"
    } else if roles.contains(&Role::Approver) {
        "approver"
    } else {
        "viewer"
    }
}

pub async fn show(RawQuery(query): RawQuery) -> Result<Response, Fault> {
    let fields = Fields::read(query.unwrap_or_default().as_bytes(), console_law().form.fields)
        .ok_or(Fault::Bad("A parameter came twice, or there are too many."))?;
    let link = Token::read(fields.get("link")).map(|link| link.reveal().to_owned()).unwrap_or_default();
    let next = own_path(fields.get("next")).unwrap_or("/").to_owned();
    Ok(page(StatusCode::OK, &SignIn { frame: Frame::default(), link, next }))
}

pub async fn enter(
    State(shared): State<Shared>,
    address: Option<Extension<ClientAddress>>,
    Unsigned(fields): Unsigned,
) -> Result<Response, Fault> {
    let address = address.map(|Extension(address)| address.0).unwrap_or_default();
    if sessions::is_throttled(&shared.office, &address).await? {
        return Err(Fault::TooMany);
    }
    let entered = match Token::read(fields.get("link")) {
        Some(link) => sessions::sign_in(&shared.office, &link).await?,
        None => None,
    };
    let Some((token, who)) = entered else {
        sessions::note_failure(&shared.office, &address).await?;
        tracing::warn!("a link was tried in vain");
        return Err(Fault::Link);
    };
    tracing::info!(who, "signed in");
    let mut answer = see_other(own_path(fields.get("next")).unwrap_or("/"));
    set_cookie(&shared, &mut answer, token.reveal(), console_law().session.absolute_hours * 3600);
    Ok(answer)
}

pub async fn leave(State(shared): State<Shared>, signed: Signed) -> Result<Response, Fault> {
    sessions::sign_out(&shared.office, signed.visitor.token()).await?;
    let mut answer = see_other("/sign-in");
    set_cookie(&shared, &mut answer, "", 0);
    Ok(answer)
}

fn set_cookie(console: &Console, answer: &mut Response, value: &str, seconds: i64) {
    let secure = if console.is_secure() { "; Secure" } else { "" };
    let cookie =
        format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}", console.cookie_name());
    // A token is of letters, digits, - and _.
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
}
