//! The audit chain: who did what, one link after the other, each naming the one before.
//!
//! A link is written in the same transaction as what it tells of. Whoever changes, removes or slips in a link afterwards
//! breaks the chain at that place. Cutting off its end together with the head is not seen from inside: keep the head's
//! digest elsewhere (`proofreel audit verify` prints it, every decision's answer carries it) and verify against it.

use jiff::Timestamp;
use proofreel_model::digest::{Digest, canonical_json};
use proofreel_ports::{Condition, Item, Records, Write};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::PublishError;

const CHAIN: &str = "audit";
const HEAD: &str = "audit-head";
const ONLY: &str = "head";

/// What a link tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deed {
    /// Who did it: a person's name, `auto`, or `publisher`.
    pub who: String,
    /// What: `approve`, `reject`, `publish.session`, `token.used`, …
    pub what: String,
    /// What it was done to: a run, a channel, a setting.
    pub subject: String,
    /// The rest. No secrets.
    pub detail: Value,
}

impl Deed {
    /// A deed without detail.
    pub fn new(who: &str, what: &str, subject: impl std::fmt::Display) -> Self {
        Self { who: who.to_owned(), what: what.to_owned(), subject: subject.to_string(), detail: Value::Null }
    }

    /// The same with detail.
    #[must_use]
    pub fn with(self, detail: Value) -> Self {
        Self { detail, ..self }
    }
}

/// A link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Number, from 1 without gaps.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub deed: Deed,
    /// Digest of the link before; of nothing for the first.
    pub previous: Digest,
    /// Digest of this link without this member.
    pub digest: Digest,
}

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Links so far.
    pub number: u64,
    /// Digest of the last one.
    pub digest: Digest,
}

impl Head {
    fn before_all() -> Self {
        Self { number: 0, digest: Digest::of(b"") }
    }
}

impl Link {
    fn after(head: &Head, at: Timestamp, deed: Deed) -> Self {
        let mut link =
            Self { number: head.number + 1, at, deed, previous: head.digest.clone(), digest: Digest(String::new()) };
        link.digest = link.computed();
        link
    }

    fn computed(&self) -> Digest {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Some(members) = value.as_object_mut() {
            members.remove("digest");
        }
        Digest::of(&canonical_json(&value).unwrap_or_default())
    }
}

/// The end of the chain as stored.
pub async fn head(records: &dyn Records) -> Result<Head, PublishError> {
    match records.get(HEAD, ONLY).await? {
        None => Ok(Head::before_all()),
        Some(row) => serde_json::from_value(row).map_err(|error| PublishError::Unreadable {
            what: "the head of the audit chain".into(),
            why: error.to_string(),
        }),
    }
}

/// The writes that add a deed to the chain that ends in `head`. They hold only while it does.
pub fn writes(head: &Head, at: Timestamp, deed: Deed) -> [Write; 2] {
    let link = Link::after(head, at, deed);
    let end = json!({"number": link.number, "digest": link.digest});
    let condition = if head.number == 0 {
        Condition::Absent
    } else {
        Condition::Equals { field: "digest".into(), value: json!(head.digest) }
    };
    let row = Item { pk: CHAIN.into(), sk: key(link.number), body: json!(link) };
    [
        Write::Put { item: row, condition: Condition::Absent },
        Write::Put { item: Item { pk: HEAD.into(), sk: ONLY.into(), body: end }, condition },
    ]
}

fn key(number: u64) -> String {
    format!("{number:012}")
}

/// Links of the chain about a subject, oldest first; all of them when there is none.
pub async fn links(records: &dyn Records, subject: Option<&str>) -> Result<Vec<Link>, PublishError> {
    let mut links = Vec::new();
    for item in records.query(CHAIN, "").await? {
        let link: Link = serde_json::from_value(item.body).map_err(|error| PublishError::Unreadable {
            what: format!("link {} of the audit chain", item.sk),
            why: error.to_string(),
        })?;
        if subject.is_none_or(|subject| link.deed.subject == subject) {
            links.push(link);
        }
    }
    Ok(links)
}

/// Links about a subject among the newest `most` of the chain, the newest first. Reads no more than these.
pub async fn newest(records: &dyn Records, subject: &str, most: usize) -> Result<Vec<Link>, PublishError> {
    let links = records.last(CHAIN, most).await?.into_iter().map(|item| {
        serde_json::from_value::<Link>(item.body).map_err(|error| PublishError::Unreadable {
            what: format!("link {} of the audit chain", item.sk),
            why: error.to_string(),
        })
    });
    let links: Vec<Link> = links.collect::<Result<_, _>>()?;
    Ok(links.into_iter().filter(|link| link.deed.subject == subject).collect())
}

/// What verifying found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Links read.
    pub links: u64,
    /// The end of the chain.
    pub head: Head,
    /// What is wrong, in the order of the chain; nothing when it holds.
    pub faults: Vec<String>,
}

/// Reads the whole chain and computes every digest again. With `expected`, some link (or the head) must have that digest:
/// one that was noted elsewhere, so that a chain cut off at its end is seen too.
pub async fn verify(records: &dyn Records, expected: Option<&str>) -> Result<Verdict, PublishError> {
    let stored_head = head(records).await?;
    let mut faults = Vec::new();
    let mut last = Head::before_all();
    let mut seen = expected.is_none_or(|wanted| wanted == stored_head.digest.0);
    for item in records.query(CHAIN, "").await? {
        let Ok(link) = serde_json::from_value::<Link>(item.body) else {
            faults.push(format!("link {} is no link", item.sk));
            continue;
        };
        if item.sk != key(link.number) {
            faults.push(format!("link {} lies in the place of {}", link.number, item.sk));
        }
        if link.number != last.number + 1 {
            faults.push(format!("link {} follows link {}", link.number, last.number));
        }
        if link.previous != last.digest {
            faults.push(format!("link {} does not name the one before it", link.number));
        }
        if link.computed() != link.digest {
            faults.push(format!("link {} was changed after it was written", link.number));
        }
        seen |= expected.is_some_and(|wanted| wanted == link.digest.0);
        last = Head { number: link.number, digest: link.digest };
    }
    if stored_head != last {
        faults.push(format!("the chain ends with link {}, its head says {}", last.number, stored_head.number));
    }
    if !seen {
        faults.push("no link has the digest that was noted: the chain was cut off, or it is another chain".into());
    }
    Ok(Verdict { links: last.number, head: stored_head, faults })
}
