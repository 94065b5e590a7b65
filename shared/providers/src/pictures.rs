//! Stock pictures, looked for once before a run is ordered: which work, under which licence, and the picture itself.
//!
//! One module for each provider, all behind one small port (`Collection`). What they say is the word of strangers: a work is left out when its licence is
//! missing or not on the list, when its author, title or address is not plain, when its words tell of people, or when its file is no
//! picture within the limits. Rules: `specs/PROVIDERS.md`, figures: `specs/policy/pictures.toml`.

mod commons;
mod file;
mod openverse;
mod pexels;
mod pixabay;

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::digest::{BlobRef, Digest};
use proofreel_model::policy::{PictureLaw, ProviderLaw, picture_law};
use proofreel_model::stock::{StockPicture, plain};
use proofreel_ports::{Call, CallKind, ProviderInfo, Reach, SourceError, Spend, WebAnswer, WebRequest};
use serde_json::Value;
use url::Url;

use crate::source::{Desk, desk};

pub use file::{Kept, keep};

/// Where kept pictures lie among the blobs.
pub const PREFIX: &str = "pictures";

/// A picture that was taken: its row of the ledger, and the bytes of what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The row.
    pub row: StockPicture,
    /// PNG.
    pub png: Vec<u8>,
}

/// A work as a provider lists it; every text is the provider's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Work {
    id: String,
    title: String,
    author: String,
    page: String,
    /// Identifier of the law's list; none when it is missing or not on it.
    licence: Option<String>,
    /// Tags, categories and descriptions: read for people and marks, and never shown.
    about: String,
    /// Address of the file.
    file: String,
    /// Something else that forbids it, in the provider's words.
    restricted: String,
}

/// A provider of pictures.
#[async_trait]
trait Collection: Send + Sync {
    /// What is known beforehand.
    fn info(&self) -> &'static ProviderInfo;

    /// Works that match some words, best first. `base` is where its interface begins, `licences` are those that are wanted.
    async fn search(&self, from: &Desk, base: &str, words: &str, licences: &[&str]) -> Result<Vec<Work>, SourceError>;
}

fn collection(id: &str) -> Option<&'static dyn Collection> {
    Some(match id {
        "openverse" => &openverse::Openverse,
        "commons" => &commons::Commons,
        "pexels" => &pexels::Pexels,
        "pixabay" => &pixabay::Pixabay,
        _ => return None,
    })
}

/// A picture for each subject of the channel, as far as it can be had, and why the rest could not. A channel that names none costs no call.
pub async fn gather(from: &Desk, providers: &ProviderLaw, channel: &ChannelProfile) -> (Vec<Taken>, Vec<String>) {
    let (mut taken, mut missing) = (Vec::new(), Vec::new());
    if channel.pictures.is_empty() {
        return (taken, missing);
    }
    for (subject, words) in &channel.pictures.subjects {
        let mut why = Vec::new();
        match first(from, providers, channel, (subject, words), &mut why).await {
            Some(one) => taken.push(one),
            None => missing.push(format!("no picture for {subject}: {}", why.join("; "))),
        }
    }
    (taken, missing)
}

/// Each provider of pictures tried with a plain search: what came, or what is wrong and what to do.
pub async fn probe(from: &Desk, providers: &ProviderLaw) -> Vec<(&'static str, Result<String, String>)> {
    let law = picture_law();
    let licences: Vec<&str> = law.licences.iter().map(|licence| licence.id.as_str()).collect();
    let mut seen = Vec::new();
    for one in law.providers.iter().filter_map(|provider| collection(&provider.id)) {
        let name = one.info().name;
        let outcome = match base_url(providers, name) {
            Ok(base) => one.search(from, &base, one.info().example, &licences).await.map_err(|error| error.to_string()),
            Err(why) => Err(why),
        };
        seen.push((name, outcome.map(|works| format!("{} pictures of {}", works.len(), one.info().example))));
    }
    seen
}

/// The first picture that may be used and can be had.
async fn first(
    from: &Desk,
    providers: &ProviderLaw,
    channel: &ChannelProfile,
    (subject, words): (&str, &str),
    why: &mut Vec<String>,
) -> Option<Taken> {
    let law = picture_law();
    let licences: Vec<&str> =
        law.licences.iter().map(|licence| licence.id.as_str()).filter(|id| channel.pictures.takes(id)).collect();
    for id in &channel.pictures.providers {
        let Some(one) = collection(id) else { continue };
        let base = match base_url(providers, id) {
            Ok(base) => base,
            Err(error) => {
                why.push(error);
                continue;
            }
        };
        let works = match one.search(from, &base, words, &licences).await {
            Ok(works) => works,
            Err(error) => {
                why.push(error.to_string().replace("\n  hint: ", ", "));
                continue;
            }
        };
        let (found, mut fetched, mut unfit) = (works.len(), 0, 0);
        for work in works.into_iter().take(law.search.results) {
            let Ok(row) = row(law, id, subject, &licences, &work, from) else {
                unfit += 1;
                continue;
            };
            if fetched == law.search.fetched {
                break;
            }
            fetched += 1;
            match fetch(from, law, &base, (id, &work.file)).await {
                Ok((original, kept)) => return Some(finished(row, &original, kept)),
                Err(error) => why.push(format!("{id} {}: {error}", row.id)),
            }
        }
        why.push(format!("{id} listed {found} works, of which {unfit} may not be used and {fetched} were fetched"));
    }
    None
}

fn finished(mut row: StockPicture, original: &[u8], kept: Kept) -> Taken {
    row.original = Digest::of(original);
    row.blob = BlobRef::to(PREFIX, &kept.png);
    (row.width, row.height) = (kept.width, kept.height);
    Taken { row, png: kept.png }
}

/// The row of a work that may be used; its picture comes later. The error says what keeps it out.
fn row(
    law: &PictureLaw,
    provider: &str,
    subject: &str,
    licences: &[&str],
    work: &Work,
    from: &Desk,
) -> Result<StockPicture, String> {
    let licence = work.licence.as_deref().filter(|id| licences.contains(id)).and_then(|id| law.licence(id));
    let Some(licence) = licence else { return Err("its licence is missing or not wanted".into()) };
    if !work.restricted.trim().is_empty() {
        return Err("it is restricted".into());
    }
    let told = format!("{} {}", work.title, work.about).to_lowercase();
    let shows = told
        .split(|sign: char| !sign.is_alphanumeric())
        .find(|word| law.refused.words.binary_search_by(|refused| refused.as_str().cmp(word)).is_ok());
    if let Some(word) = shows {
        return Err(format!("it may show a person or a mark ({word})"));
    }
    // What is given must be fit to be shown: a title that is left out would be a poorer credit than another work.
    let words = |text: &str, most: usize| {
        if text.trim().is_empty() { Ok(String::new()) } else { plain(text, most).ok_or("a text is not plain") }
    };
    let row = StockPicture {
        subject: subject.to_owned(),
        provider: provider.to_owned(),
        id: work.id.clone(),
        title: words(&work.title, law.texts.title)?,
        author: words(&work.author, law.texts.author)?,
        page: work.page.clone(),
        licence: licence.id.clone(),
        licence_url: licence.url.clone(),
        retrieved: from.today,
        original: Digest::of(b""),
        blob: BlobRef::to(PREFIX, b""),
        width: 0,
        height: 0,
    };
    match row.fault() {
        Some(fault) => Err(fault),
        None => Ok(row),
    }
}

/// The file of a work as it came, and as it is kept. It is asked for without any key, and only at hosts that the law or the operator names.
async fn fetch(
    from: &Desk,
    law: &PictureLaw,
    base: &str,
    (provider, address): (&str, &str),
) -> Result<(Vec<u8>, Kept), String> {
    let url = Url::parse(address).map_err(|error| format!("`{}` is no address: {error}", shown(address)))?;
    let base = Url::parse(base).map_err(|error| format!("base_url: {error}"))?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let hosts = law.provider(provider).map(|provider| provider.hosts.as_slice()).unwrap_or_default();
    let reach = if url.origin() == base.origin() {
        Reach::Configured
    } else if url.scheme() == "https" && url.port().is_none() && hosts.contains(&host) {
        Reach::Public
    } else {
        return Err(format!("its file lies at {}, which is no host of {provider}", shown(&host)));
    };
    let mut request = WebRequest::get(url);
    request.reach = reach;
    request.headers.push(("accept".into(), "image/jpeg, image/png".into()));
    request.limits.bytes = law.file.bytes;
    request.limits.seconds = law.file.seconds;
    let call = Call::new("web", CallKind::Media, request, from.channel.clone()).model(host);
    // Unpacking takes a second: the judge's picture is the one that is kept.
    let seen = Mutex::new(None);
    let judge = |answer: &WebAnswer| {
        let kept = keep(&answer.body, &law.file)?;
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(Spend::default())
    };
    let answer = from.outside.call(&call, &judge).await.map_err(|error| error.to_string())?.answer;
    let kept = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    let kept = kept.map_or_else(|| keep(&answer.body, &law.file), Ok)?;
    Ok((answer.body, kept))
}

/// A list of works in a provider's answer. `check` sees the answer before it is kept.
async fn listed(
    from: &Desk,
    info: &'static ProviderInfo,
    url: Url,
    check: desk::Check<'_>,
) -> Result<Value, SourceError> {
    let mut request = WebRequest::get(url);
    // The very host that the law or the operator names; a key is not carried on by a redirect.
    request.reach = Reach::Configured;
    request.headers.push(("accept".into(), "application/json".into()));
    let judge = |answer: &WebAnswer| {
        check(&desk::parse(&answer.body)?)?;
        Ok(Spend::default())
    };
    let call = Call::new(info.name, CallKind::Media, request, from.channel.clone());
    match from.outside.call(&call, &judge).await {
        Ok(answer) => desk::parse(&answer.answer.body).map_err(|what| desk::drift(info, what)),
        Err(error) => Err(desk::explained(info, &error, None)),
    }
}

/// True when a member is a list: what every provider's answer must have.
fn has_list(body: &Value, pointer: &str) -> Result<(), String> {
    match body.pointer(pointer) {
        Some(Value::Array(_)) => Ok(()),
        _ => Err(format!("`{}` is no list", pointer.trim_start_matches('/').replace('/', "."))),
    }
}

fn works(body: &Value, pointer: &str, read: impl Fn(&Value) -> Option<Work>) -> Vec<Work> {
    body.pointer(pointer).and_then(Value::as_array).into_iter().flatten().filter_map(read).collect()
}

/// An identifier, given as a number or as a text.
fn id_of(work: &Value, pointer: &str) -> Option<String> {
    match work.pointer(pointer)? {
        Value::String(text) if !text.is_empty() && text.len() <= 200 => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The law's licence that stands at an address, however it is written.
fn licence_at(address: &str) -> Option<String> {
    let bare = |address: &str| {
        let address = address.trim().to_ascii_lowercase();
        let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
        let rest = rest.strip_prefix("www.").unwrap_or(rest);
        let end = rest.find("/deed").unwrap_or(rest.len());
        Some(rest[..end].trim_end_matches('/').to_owned())
    };
    let wanted = bare(address)?;
    let found = picture_law().licences.iter().find(|licence| bare(&licence.url).as_ref() == Some(&wanted));
    found.map(|licence| licence.id.clone())
}

fn base_url(providers: &ProviderLaw, id: &str) -> Result<String, String> {
    let provider = providers.provider(id).ok_or_else(|| format!("no providers.toml names {id}"))?;
    if !provider.terms.commercial {
        return Err(format!("the terms of {} allow no commercial use", provider.name));
    }
    Ok(provider.base_url.trim_end_matches('/').to_owned())
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect::<String>().escape_debug().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_known_by_its_address_and_nothing_near_it() {
        for (address, id) in [
            ("https://creativecommons.org/licenses/by/4.0/", Some("CC-BY-4.0")),
            ("http://creativecommons.org/licenses/by/2.0", Some("CC-BY-2.0")),
            ("https://creativecommons.org/publicdomain/zero/1.0/deed.en", Some("CC0-1.0")),
            ("https://www.creativecommons.org/publicdomain/mark/1.0/", Some("PDM-1.0")),
            ("https://creativecommons.org/licenses/by-sa/4.0/", None),
            ("https://creativecommons.org/licenses/by-nc/4.0/", None),
            ("https://creativecommons.org/licenses/by/3.0/de/", None),
            ("https://creativecommons.org.evil.example/licenses/by/4.0/", None),
            ("https://evil.example/?https://creativecommons.org/licenses/by/4.0/", None),
            ("by", None),
            ("", None),
        ] {
            assert_eq!(licence_at(address).as_deref(), id, "{address}");
        }
    }
}
