//! The grammar of the three headers, read to the letter.
//!
//! A reader that is generous here can be made to overflow by a timestamp, or to verify one text and act on another: an id
//! with a dot in it moves the border between id, timestamp and body.

use proofreel_model::policy::publishing::WebhookLaw;

use super::keys::TAG_BYTES;

/// Longest timestamp: ten digits last until the year 2286.
const TIMESTAMP_DIGITS: usize = 10;

/// The three headers, well formed.
pub struct Headers {
    /// Id of the message.
    pub id: String,
    /// Seconds since 1970.
    pub timestamp: u64,
    /// The timestamp as it came, which is what was signed.
    pub timestamp_text: String,
    /// Tags of version 1.
    pub tags: Vec<[u8; TAG_BYTES]>,
}

/// Not what the scheme says. Why is for the log, never for the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl Headers {
    /// Reads the headers: each must come once, in the scheme's own form.
    pub fn read<'a>(law: &WebhookLaw, values: impl Fn(&'static str) -> Vec<&'a [u8]>) -> Result<Self, Malformed> {
        let one = |name: &'static str, missing: &'static str| match values(name).as_slice() {
            [value] => std::str::from_utf8(value).map_err(|_| Malformed("a header is not ASCII")),
            _ => Err(Malformed(missing)),
        };
        let id = one("webhook-id", "not exactly one id")?;
        let timestamp = one("webhook-timestamp", "not exactly one timestamp")?;
        let signature = one("webhook-signature", "not exactly one signature header")?;
        Ok(Self {
            id: read_id(id, law.id_characters)?,
            timestamp: read_timestamp(timestamp)?,
            timestamp_text: timestamp.to_owned(),
            tags: read_signatures(signature, law.signatures)?,
        })
    }

    /// True when the timestamp lies so near to now, on either side.
    pub fn is_fresh(&self, now_seconds: i64, law: &WebhookLaw) -> bool {
        u64::try_from(now_seconds).is_ok_and(|now| now.abs_diff(self.timestamp) <= law.tolerance_seconds)
    }
}

fn read_id(text: &str, most: usize) -> Result<String, Malformed> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if text.is_empty() || text.len() > most || !text.bytes().all(legal) {
        return Err(Malformed("the id is not 1 to 64 letters, digits, _ and -"));
    }
    Ok(text.to_owned())
}

fn read_timestamp(text: &str) -> Result<u64, Malformed> {
    let whole = (1..=TIMESTAMP_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !whole || text.starts_with('0') {
        return Err(Malformed("the timestamp is not a whole number in digits"));
    }
    // Ten digits always fit.
    text.parse().map_err(|_| Malformed("the timestamp is too large"))
}

/// `v1,<base64>`, several with one space between them. Other versions are passed over, as the scheme asks.
fn read_signatures(text: &str, most: usize) -> Result<Vec<[u8; TAG_BYTES]>, Malformed> {
    use base64::Engine as _;
    let mut tags = Vec::new();
    for (n, part) in text.split(' ').enumerate() {
        if n >= most {
            return Err(Malformed("too many signatures"));
        }
        let Some((version, encoded)) = part.split_once(',') else {
            return Err(Malformed("a signature without version"));
        };
        let known_form = version.strip_prefix('v').is_some_and(|rest| {
            (1..=4).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        if !known_form {
            return Err(Malformed("a signature of no version"));
        }
        if version != "v1" {
            continue;
        }
        let decoded = base64::engine::general_purpose::STANDARD.decode(encoded);
        let tag = decoded.ok().and_then(|bytes| <[u8; TAG_BYTES]>::try_from(bytes).ok());
        tags.push(tag.ok_or(Malformed("a signature is not the base64 of 32 bytes"))?);
    }
    if tags.is_empty() {
        return Err(Malformed("no signature of version 1"));
    }
    Ok(tags)
}
