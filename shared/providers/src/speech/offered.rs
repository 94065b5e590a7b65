//! Which voices a provider offers to the key that is at hand: the cheapest question there is, a request and not a character.

use proofreel_model::policy::ProviderLaw;
use proofreel_ports::{Call, CallKind, Reach, Spend, WebAnswer, WebRequest};
use serde_json::Value;

use super::{Booth, azure, base_url, google};

/// Voices of all languages are a megabyte or less.
const MOST_BYTES: u64 = 4 << 20;

/// Names of the voices of a language ("en-US"), as channel files name them.
///
/// # Errors
/// Nobody knows such a provider, its terms forbid what is published, or it did not answer with voices; in words, with what to do where
/// that is known.
pub async fn offered(booth: &Booth, law: &ProviderLaw, provider: &str, language: &str) -> Result<Vec<String>, String> {
    let base = base_url(law, provider)?;
    let (path, list, name) = match provider {
        google::PROVIDER => (format!("/voices?languageCode={language}"), "/voices", "name"),
        azure::PROVIDER => ("/voices/list".to_owned(), "", "ShortName"),
        other => return Err(format!("{other} has no list of voices here")),
    };
    let mut request = WebRequest::get(format!("{base}{path}"));
    request.reach = Reach::Configured;
    request.limits.bytes = MOST_BYTES;
    request.limits.types = vec!["application/json".into()];
    let call = Call::new(provider, CallKind::Catalogue, request, booth.channel.clone()).run(booth.run.clone());
    let judge = |answer: &WebAnswer| names(&answer.body, list, name, language).map(|_| Spend::default());
    let answer = booth.outside.call(&call, &judge).await.map_err(|error| error.to_string())?;
    names(&answer.answer.body, list, name, language)
}

fn names(body: &[u8], list: &str, name: &str, language: &str) -> Result<Vec<String>, String> {
    let body: Value = serde_json::from_slice(body).map_err(|error| format!("no list of voices: {error}"))?;
    let voices = body.pointer(list).and_then(Value::as_array).ok_or("an answer without a list of voices")?;
    let all = voices.iter().map(|voice| voice[name].as_str().ok_or_else(|| format!("a voice without its `{name}`")));
    let all: Vec<&str> = all.collect::<Result<_, _>>()?;
    let spoken: Vec<String> = all.into_iter().filter(|name| name.starts_with(language)).map(str::to_owned).collect();
    if spoken.is_empty() { Err(format!("no voice speaks {language}")) } else { Ok(spoken) }
}
