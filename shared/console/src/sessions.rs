//! One-time links and sessions, as rows.
//!
//! | pk | sk | row |
//! |---|---|---|
//! | `console-link` | digest of the token | who, until when; gone once it was used |
//! | `console-session` | digest of the token | who, since when, last seen |
//! | `console-failed` | `<window>#<digest of the address>` | links tried in vain |
//!
//! Tokens are 256 random bits and stand in no row: whoever reads the table cannot sign in with what is there. A link
//! becomes a session in one transaction with its link of the audit chain, so it is used once whoever races.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use proofreel_model::digest::Digest;
use proofreel_model::policy::console_law;
use proofreel_operations::Office;
use proofreel_ports::{Condition, Item, PortError, Records, Write};
use proofreel_publishing::PublishError;
use proofreel_publishing::audit::{self, Deed};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

const LINKS: &str = "console-link";
const SESSIONS: &str = "console-session";
const FAILED: &str = "console-failed";

/// Bytes of a token.
const TOKEN_BYTES: usize = 32;
/// Signs of a token in base64.
const TOKEN_SIGNS: usize = 43;
/// Tries of a transaction that others of the audit chain overtake.
const TRIES: u32 = 40;
/// Rows that are cleared away at a time; a transaction takes no more than 25 writes.
const CLEARED: usize = 24;

/// A secret that was given to a person: of a link or of a session.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    /// A new one.
    fn draw() -> Result<Self, PublishError> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes)
            .map_err(|error| PortError::Unavailable { what: "random numbers".into(), detail: error.to_string() })?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Reads what a browser sent; none when it has not the form of a token.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (text.len() == TOKEN_SIGNS && text.bytes().all(legal)).then(|| Self(text.to_owned()))
    }

    /// As it is given to a person.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn row(&self) -> String {
        Digest::of(self.0.as_bytes()).0
    }

    /// The token that forms of this session carry: bound to it, and of no use for signing in.
    pub fn csrf(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.csrf_tag())
    }

    fn csrf_tag(&self) -> Vec<u8> {
        // A key of any length will do for HMAC.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()) else { return Vec::new() };
        mac.update(b"proofreel console form");
        mac.finalize().into_bytes().to_vec()
    }

    /// True when a form carries this session's token; takes the same time whatever it carries.
    pub(crate) fn is_csrf(&self, given: &str) -> bool {
        let own = self.csrf();
        !own.is_empty() && bool::from(own.as_bytes().ct_eq(given.as_bytes()))
    }
}

/// A link's row.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct LinkRow {
    who: String,
    machine: bool,
    /// Seconds since 1970.
    expires_at: i64,
}

/// A session's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Person, as channel files name them.
    pub who: String,
    /// True when the link was made on the machine of the state folder.
    pub machine: bool,
    /// When it began, seconds since 1970.
    pub since: i64,
    /// When a page was asked for last, seconds since 1970.
    pub seen: i64,
}

impl Session {
    fn is_over(&self, now: i64) -> bool {
        let law = &console_law().session;
        now - self.seen >= law.idle_minutes * 60 || now - self.since >= law.absolute_hours * 3600
    }
}

fn typed<T: DeserializeOwned>(row: serde_json::Value) -> Option<T> {
    serde_json::from_value(row).ok()
}

fn item(pk: &str, sk: String, row: &impl Serialize) -> Item {
    Item { pk: pk.to_owned(), sk, body: serde_json::to_value(row).unwrap_or_default() }
}

/// Makes a one-time link's token for a person. `machine` is true for whoever runs the command where the state folder lies.
///
/// # Errors
/// When the rows cannot be written.
pub async fn make_link(office: &Office, who: &str, machine: bool) -> Result<Token, PublishError> {
    let now = office.clock.now();
    clear(office, now).await?;
    let token = Token::draw()?;
    let row =
        LinkRow { who: who.to_owned(), machine, expires_at: now.as_second() + console_law().link.valid_minutes * 60 };
    let write = Write::Put { item: item(LINKS, token.row(), &row), condition: Condition::Absent };
    recorded(office, &Deed::new(who, "console.link", who), || vec![write.clone()]).await?;
    Ok(token)
}

/// Turns a link into a session, once; none when there is no such link any more.
///
/// # Errors
/// When the rows cannot be read or written.
pub async fn sign_in(office: &Office, link: &Token) -> Result<Option<(Token, String)>, PublishError> {
    let now = office.clock.now().as_second();
    let Some(row) = office.records.get(LINKS, &link.row()).await?.and_then(typed::<LinkRow>) else { return Ok(None) };
    if row.expires_at <= now {
        return Ok(None);
    }
    let token = Token::draw()?;
    let session = Session { who: row.who.clone(), machine: row.machine, since: now, seen: now };
    let used = Condition::Equals { field: "expires_at".into(), value: row.expires_at.into() };
    let writes = || {
        vec![
            Write::Delete { pk: LINKS.into(), sk: link.row(), condition: used.clone() },
            Write::Put { item: item(SESSIONS, token.row(), &session), condition: Condition::Absent },
        ]
    };
    for _ in 0..TRIES {
        let head = audit::head(office.records.as_ref()).await?;
        let mut all = writes();
        all.extend(audit::writes(&head, office.clock.now(), Deed::new(&row.who, "console.sign-in", &row.who)));
        match office.records.transact(all).await {
            Ok(()) => return Ok(Some((token, row.who))),
            // Either somebody else added to the chain, or the link was used in between.
            Err(PortError::ConditionFailed { .. }) => {
                if office.records.get(LINKS, &link.row()).await?.is_none() {
                    return Ok(None);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(PublishError::Busy { run: "the audit chain".into() })
}

/// The session of a token, while it lasts; notes that it was seen.
///
/// # Errors
/// When the rows cannot be read or written.
pub async fn session(office: &Office, token: &Token) -> Result<Option<Session>, PortError> {
    let now = office.clock.now().as_second();
    let Some(mut session) = office.records.get(SESSIONS, &token.row()).await?.and_then(typed::<Session>) else {
        return Ok(None);
    };
    if session.is_over(now) {
        office.records.transact(vec![delete(SESSIONS, token.row())]).await?;
        return Ok(None);
    }
    if now - session.seen >= console_law().session.touch_minutes * 60 {
        // Whoever signed out in between stays out.
        let condition = Condition::Equals { field: "seen".into(), value: session.seen.into() };
        session.seen = now;
        match office.records.put(item(SESSIONS, token.row(), &session), condition).await {
            Ok(()) | Err(PortError::ConditionFailed { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(session))
}

/// Ends a session.
///
/// # Errors
/// When the row cannot be deleted.
pub async fn sign_out(office: &Office, token: &Token) -> Result<(), PortError> {
    office.records.transact(vec![delete(SESSIONS, token.row())]).await
}

/// Ends all sessions and links of a person; says how many there were.
///
/// # Errors
/// When the rows cannot be read or written.
pub async fn revoke(office: &Office, who: &str) -> Result<usize, PublishError> {
    let mut ended = 0;
    for pk in [SESSIONS, LINKS] {
        for row in office.records.query(pk, "").await? {
            if row.body.get("who").and_then(serde_json::Value::as_str) == Some(who) {
                office.records.transact(vec![delete(pk, row.sk)]).await?;
                ended += 1;
            }
        }
    }
    office.ledger().note(Deed::new(who, "console.revoke", who)).await?;
    Ok(ended)
}

fn delete(pk: &str, sk: String) -> Write {
    Write::Delete { pk: pk.to_owned(), sk, condition: Condition::None }
}

/// Which window a moment lies in, and the row of an address in it.
fn window(now: Timestamp, address: &str) -> String {
    let window = now.as_second() / (console_law().link.window_minutes * 60);
    format!("{window:012}#{}", Digest::of(address.as_bytes()).short())
}

/// True when too many links were tried in vain from this address: then none is looked up.
///
/// # Errors
/// When the row cannot be read.
pub async fn is_throttled(office: &Office, address: &str) -> Result<bool, PortError> {
    let row = office.records.get(FAILED, &window(office.clock.now(), address)).await?;
    let count = row.and_then(|row| row.get("count").and_then(serde_json::Value::as_i64)).unwrap_or(0);
    Ok(count >= console_law().link.failed)
}

/// Counts a link that was tried in vain.
///
/// # Errors
/// When the row cannot be written.
pub async fn note_failure(office: &Office, address: &str) -> Result<(), PortError> {
    office.records.add(FAILED, &window(office.clock.now(), address), "count", 1).await?;
    Ok(())
}

/// Clears away what is over: some of it, each time that a link is made.
async fn clear(office: &Office, now: Timestamp) -> Result<(), PublishError> {
    let seconds = now.as_second();
    let records: &dyn Records = office.records.as_ref();
    let mut over = Vec::new();
    for row in records.query(LINKS, "").await? {
        over.extend(
            typed::<LinkRow>(row.body).filter(|link| link.expires_at <= seconds).map(|_| delete(LINKS, row.sk)),
        );
    }
    for row in records.query(SESSIONS, "").await? {
        over.extend(
            typed::<Session>(row.body).filter(|session| session.is_over(seconds)).map(|_| delete(SESSIONS, row.sk)),
        );
    }
    let current = window(now, "");
    let current = current.split('#').next().unwrap_or_default();
    let failures = records.query(FAILED, "").await?;
    over.extend(failures.into_iter().filter(|row| row.sk.as_str() < current).map(|row| delete(FAILED, row.sk)));
    over.truncate(CLEARED);
    if !over.is_empty() {
        records.transact(over).await?;
    }
    Ok(())
}

/// Writes rows and a deed together.
async fn recorded(office: &Office, deed: &Deed, writes: impl Fn() -> Vec<Write>) -> Result<(), PublishError> {
    for _ in 0..TRIES {
        let head = audit::head(office.records.as_ref()).await?;
        let mut all = writes();
        all.extend(audit::writes(&head, office.clock.now(), deed.clone()));
        match office.records.transact(all).await {
            Err(PortError::ConditionFailed { .. }) => {}
            done => return Ok(done?),
        }
    }
    Err(PublishError::Busy { run: "the audit chain".into() })
}

/// How long a link holds, for people.
pub fn link_minutes() -> i64 {
    console_law().link.valid_minutes
}
