//! Reading the law and an operator's changes to it.

use thiserror::Error;
use toml::{Table, Value};

use super::{Auth, Day, ProviderLaw};
use crate::calls::CallKind;

const LAW: &str = include_str!("../../../../../specs/policy/providers.toml");
const KINDS: &str = "writer, models, data, catalogue, page, feed, demand, speech, media, effect";

/// Why an operator's `providers.toml` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("providers.toml: {problem}\n  hint: {hint}")]
pub struct ProvidersError {
    /// Where and what.
    pub problem: String,
    /// What to do.
    pub hint: String,
}

fn fault(problem: impl Into<String>, hint: impl Into<String>) -> ProvidersError {
    ProvidersError { problem: problem.into(), hint: hint.into() }
}

/// The law of `specs/policy/providers.toml`, with the changes of an operator's file of the same shape: each member named there
/// replaces the law's; a provider that the law does not know must be given in full.
pub fn providers(overrides: Option<&str>) -> Result<ProviderLaw, ProvidersError> {
    let mut law: Table =
        toml::from_str(LAW).map_err(|error| fault(error.to_string(), "this build is broken; build it again"))?;
    if let Some(text) = overrides {
        let own: Table =
            toml::from_str(text).map_err(|error| fault(error.to_string().trim(), "see specs/PROVIDERS.md"))?;
        lone_table(&own, &law)?;
        merge(&mut law, own);
    }
    let read: ProviderLaw = Value::Table(law).try_into().map_err(|error: toml::de::Error| {
        let problem = error.to_string().trim().to_owned();
        let hint = near(&problem).unwrap_or_else(|| {
            "every member is explained in specs/PROVIDERS.md; a provider of your own needs name, serves, base_url, as_of and source"
                .into()
        });
        fault(problem, hint)
    })?;
    check(&read)?;
    Ok(read)
}

/// A provider in the operator's file that the law does not know, and that looks like a slip of one that it does.
fn lone_table(own: &Table, law: &Table) -> Result<(), ProvidersError> {
    let names = |table: &Table| -> Vec<String> {
        table.get("providers").and_then(Value::as_table).map(|all| all.keys().cloned().collect()).unwrap_or_default()
    };
    let known = names(law);
    for name in names(own).into_iter().filter(|name| !known.contains(name)) {
        let whole = own["providers"][&name].get("base_url").is_some();
        if !whole {
            let hint = match nearest(&name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "a provider of your own needs name, serves, base_url, as_of and source".into(),
            };
            return Err(fault(format!("there is no provider `{name}`"), hint));
        }
    }
    Ok(())
}

fn merge(law: &mut Table, own: Table) {
    for (key, value) in own {
        match (law.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => {
                law.insert(key, value);
            }
        }
    }
}

fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.map(|name| (strsim::jaro_winkler(wrong, name), name));
    scored.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|best| best.0 > 0.75).map(|best| best.1)
}

/// "did you mean" for serde's "unknown field `x`, expected one of `a`, `b`".
fn near(problem: &str) -> Option<String> {
    let (_, rest) = problem.split_once("unknown field `").or_else(|| problem.split_once("unknown variant `"))?;
    let mut words = rest.split('`').step_by(2);
    let wrong = words.next()?;
    let known: Vec<&str> = rest.split('`').skip(2).step_by(2).collect();
    Some(match nearest(wrong, known.iter().copied()) {
        Some(best) => format!("did you mean `{best}`?"),
        None => format!("known are {}", known.join(", ")),
    })
}

fn check(law: &ProviderLaw) -> Result<(), ProvidersError> {
    for kind in CallKind::ALL {
        if !law.freshness.contains_key(&kind) {
            return Err(fault(format!("freshness.{kind} is missing"), format!("give every kind one: {KINDS}")));
        }
    }
    for (kind, route) in &law.routes {
        for id in route {
            let provider = law.provider(id).ok_or_else(|| {
                let near = nearest(id, law.providers.keys().map(String::as_str));
                fault(
                    format!("routes.{kind} names `{id}`, which is no provider"),
                    near.map_or_else(
                        || "see `proofreel usage --providers`".into(),
                        |near| format!("did you mean `{near}`?"),
                    ),
                )
            })?;
            if !provider.serves.contains(kind) {
                return Err(fault(
                    format!("routes.{kind} names `{id}`, which does not serve {kind}"),
                    format!("add \"{kind}\" to providers.{id}.serves, or take it off the route"),
                ));
            }
        }
    }
    let retry = law.retry;
    if retry.tries == 0 || !(0.0..=1.0).contains(&retry.earned) || law.breaker.failures == 0 {
        return Err(fault(
            "retry.tries and breaker.failures begin at 1, retry.earned lies in 0–1",
            "see specs/PROVIDERS.md",
        ));
    }
    law.providers.iter().try_for_each(|(id, _)| check_provider(law, id))
}

fn check_provider(law: &ProviderLaw, id: &str) -> Result<(), ProvidersError> {
    let provider = &law.providers[id];
    let at = |member: &str| format!("providers.{id}.{member}");
    let plain = !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !plain {
        return Err(fault(format!("providers.{id}"), "an id has small letters, digits and hyphens only"));
    }
    let url = provider.base_url.as_str();
    if !(url.is_empty() || url.starts_with("https://") || url.starts_with("http://")) || url.ends_with('/') {
        return Err(fault(
            format!("{} is {url:?}", at("base_url")),
            "write https://host/path without a final slash; empty for addresses that come from data",
        ));
    }
    if let Day::Midnight(zone) = &provider.day
        && jiff::tz::TimeZone::get(zone).is_err()
    {
        return Err(fault(
            format!("{} names the time zone {zone:?}", at("day")),
            "use a name of the IANA list, for example \"America/Los_Angeles\"",
        ));
    }
    if let Some(pool) = &provider.pool
        && law.provider(pool).is_none_or(|other| other.pool.is_some())
    {
        return Err(fault(format!("{} is {pool:?}", at("pool")), "name a provider that has no pool itself"));
    }
    if (provider.key_needed || provider.auth != Auth::None) && provider.secret.is_none() {
        return Err(fault(format!("{} is missing", at("secret")), "name the key, for example \"groq_api_key\""));
    }
    let prices = provider.price;
    if [prices.million_tokens, prices.million_characters, prices.million_units, prices.thousand_requests]
        .iter()
        .any(|price| !price.is_finite() || *price < 0.0)
    {
        return Err(fault(at("price"), "a price is zero or more US dollars"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::providers::{Counts, Freshness};

    #[test]
    fn the_law_loads_and_every_limit_says_where_and_when_it_was_read() {
        let law = ProviderLaw::embedded();
        assert!(law.providers.len() >= 45, "{}", law.providers.len());
        for (id, provider) in &law.providers {
            assert!(provider.as_of.year() >= 2025 && !provider.source.is_empty(), "{id}");
            assert!(!provider.serves.is_empty(), "{id}");
        }
        assert_eq!(law.freshness[&CallKind::Effect].seconds, 0, "an effect is never cached");
    }

    #[test]
    fn an_operators_member_replaces_the_laws_and_leaves_its_neighbours() {
        let law =
            providers(Some("[providers.groq.limits.requests]\nday = 14\n[freshness.feed]\nseconds = 60\n")).unwrap();
        let (_, limits, _) = law.counted("groq", Some("some-model")).unwrap();
        assert_eq!((limits.requests.day, limits.requests.minute), (Some(14), Some(30)));
        assert_eq!(law.freshness[&CallKind::Feed].seconds, 60);
    }

    #[test]
    fn slips_are_refused_with_the_word_that_was_meant() {
        let cases = [
            ("[providers.grok]\nenabled = false\n", "did you mean `groq`?"),
            ("[providers.groq]\nenable = false\n", "did you mean `enabled`?"),
            ("[providers.groq.limits.requests]\ndays = 3\n", "did you mean `day`?"),
            ("[freshness.feeds]\nseconds = 3\n", "did you mean `feed`?"),
            ("[routes]\nwriter = [\"gemni\"]\n", "did you mean `gemini`?"),
            ("[routes]\nwriter = [\"fred\"]\n", "add \"writer\" to providers.fred.serves"),
            ("[providers.groq]\nday = { midnight = \"Pacific\" }\n", "America/Los_Angeles"),
            ("[providers.groq]\nbase_url = \"groq.com\"\n", "https://host/path"),
            ("[providers.mine]\nbase_url = \"http://127.0.0.1:1\"\n", "needs name, serves"),
            ("[providers.wikipedia]\npool = \"wikipedia\"\n", "no pool itself"),
        ];
        for (text, hint) in cases {
            let error = providers(Some(text)).expect_err(text);
            assert!(error.hint.contains(hint), "{text}: {error}");
        }
    }

    #[test]
    fn rows_are_counted_by_model_by_bucket_or_by_pool() {
        let law = ProviderLaw::embedded();
        let row = |id: &str, model: Option<&str>| law.counted(id, model).unwrap().0;
        assert_eq!(row("groq", Some("m")), "groq/m");
        assert_eq!(row("youtube", Some("search.list")), "youtube/search.list");
        assert_eq!(row("youtube", Some("videos.list")), "youtube", "all other methods share one bucket");
        assert_eq!(row("commons", None), row("wikipedia", None), "one limit for all of Wikimedia");
        assert_eq!(law.provider("youtube").unwrap().counts, Counts::Provider);
        assert!(law.counted("nobody", None).is_none());
    }

    #[test]
    fn terms_bound_the_cache() {
        let mut provider = ProviderLaw::embedded().provider("fred").unwrap().clone();
        let law = ProviderLaw::embedded();
        provider.terms.keep_seconds = Some(100);
        assert_eq!(law.freshness(CallKind::Data, &provider).seconds, 100);
        assert_eq!(law.freshness(CallKind::Data, &provider).stale_seconds, 0);
        provider.terms.may_cache = false;
        let Freshness { seconds, stale_seconds, .. } = law.freshness(CallKind::Data, &provider);
        assert_eq!((seconds, stale_seconds), (0, 0));
    }

    #[test]
    fn a_price_is_rounded_up_to_the_millionth() {
        let polly = ProviderLaw::embedded().provider("polly").unwrap().price;
        assert_eq!(polly.micro_usd(0, 97_500, 0, 13), 1_560_000);
        assert_eq!(polly.micro_usd(0, 0, 0, 1), 0);
    }
}
