//! Who asks, and what they may do: by their session, and by the channels' files as they stand now.

use std::collections::BTreeSet;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use proofreel_model::channel::ChannelProfile;
use proofreel_model::ids::ChannelId;
use proofreel_model::policy::console_law;
use proofreel_model::records::RunHead;
use proofreel_publishing::{Role, roles_of};

use crate::answer::Fault;
use crate::form::Fields;
use crate::guard;
use crate::sessions::{self, Token};
use crate::{Console, Shared};

/// A signed-in person.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Name, as channel files have it.
    pub who: String,
    /// True for somebody at the machine of the state folder.
    pub at_the_machine: bool,
    /// Token that forms carry.
    pub csrf: String,
    /// Channels as their files stand now.
    pub profiles: Vec<ChannelProfile>,
    token: Token,
}

impl Visitor {
    /// What the person is on a channel.
    pub fn roles(&self, channel: &ChannelProfile) -> BTreeSet<Role> {
        roles_of(channel, &self.who, self.at_the_machine)
    }

    /// Channels that the person may look at.
    pub fn channels(&self) -> impl Iterator<Item = &ChannelProfile> {
        self.profiles.iter().filter(|profile| !self.roles(profile).is_empty())
    }

    /// The file of a channel that the person may look at.
    pub fn channel(&self, id: &ChannelId) -> Option<&ChannelProfile> {
        self.channels().find(|profile| profile.id == *id)
    }

    /// True when the person may look at the channel's runs. Of a channel without a file, whoever is at the machine may.
    pub fn sees(&self, id: &ChannelId) -> bool {
        match self.profiles.iter().find(|profile| profile.id == *id) {
            Some(profile) => !self.roles(profile).is_empty(),
            None => self.at_the_machine,
        }
    }

    /// Refuses a run that is not theirs to see, as if it were not there.
    pub fn must_see(&self, head: &RunHead) -> Result<(), Fault> {
        if self.sees(&head.channel) { Ok(()) } else { Err(Fault::NotFound) }
    }

    /// The session's token.
    pub(crate) fn token(&self) -> &Token {
        &self.token
    }
}

/// Values of a cookie of this name.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut values = pairs
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(known, _)| *known == name)
        .map(|(_, value)| value);
    // Two cookies of one name: somebody slipped one in.
    values.next().filter(|_| values.next().is_none())
}

async fn visitor(console: &Console, headers: &HeaderMap) -> Result<Option<Visitor>, Fault> {
    let Some(token) = cookie(headers, console.cookie_name()).and_then(Token::read) else { return Ok(None) };
    let Some(session) = sessions::session(&console.office, &token).await? else { return Ok(None) };
    Ok(Some(Visitor {
        at_the_machine: session.machine && console.at_the_machine,
        who: session.who,
        csrf: token.csrf(),
        profiles: console.office.channels.profiles().await?,
        token,
    }))
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Fault> {
        let found = visitor(shared, &parts.headers).await?;
        found.ok_or_else(|| Fault::SignIn(guard::asked_from_elsewhere(parts)))
    }
}

/// A form of this console, sent by whoever it was shown to.
pub struct Signed {
    /// Who.
    pub visitor: Visitor,
    /// What was filled in.
    pub fields: Fields,
}

impl FromRequest<Shared> for Signed {
    type Rejection = Fault;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Fault> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, shared).await?;
        let fields = fields(&parts.headers, body).await?;
        if !visitor.token.is_csrf(fields.get("csrf")) {
            return Err(Fault::Foreign("The form does not belong to your session."));
        }
        Ok(Self { visitor, fields })
    }
}

/// A form that nobody has to be signed in for.
pub struct Unsigned(pub Fields);

impl FromRequest<Shared> for Unsigned {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &Shared) -> Result<Self, Fault> {
        let (parts, body) = request.into_parts();
        Ok(Self(fields(&parts.headers, body).await?))
    }
}

async fn fields(headers: &HeaderMap, body: Body) -> Result<Fields, Fault> {
    let law = &console_law().form;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Fault::Media);
    }
    let bytes = to_bytes(body, law.body_bytes).await.map_err(|_| Fault::TooLarge)?;
    Fields::read(&bytes, law.fields).ok_or(Fault::Bad("A field came twice, or there are too many."))
}
