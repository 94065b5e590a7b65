//! `proofreel doctor --online`: every live source, every model and every voice of a provider, asked now and never out of the cache.

use std::path::Path;
use std::sync::Arc;

use jiff::ToSpan as _;
use proofreel_model::channel::{self, VoiceSettings, WriterSettings};
use proofreel_model::ids::ChannelId;
use proofreel_model::policy::ProviderLaw;
use proofreel_ports::{CallKind, Outside, Secrets};
use proofreel_providers::demand::{pageviews, rivals};
use proofreel_providers::llm::Model;
use proofreel_providers::source::{self, Desk, PROVIDERS, Statement};
use proofreel_providers::speech::{Booth, offered};
use proofreel_providers::text::wikipedia;

use super::{Finding, Verdict, good, lacks};
use crate::args::Global;
use crate::exit::Failure;
use crate::outside;
use crate::sources::{NO_CHANNEL, today};

/// What every provider says. One that fails degrades: kept copies and the embedded voice are used meanwhile.
pub(super) async fn findings(global: &Global, channel: Option<&Path>) -> Result<Vec<Finding>, Failure> {
    let (voice, writer) = match channel {
        None => (VoiceSettings::default(), WriterSettings::default()),
        Some(path) => {
            let file = path.display().to_string();
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::input(format!("{file}: {error}\n  hint: name a channel file")))?;
            let profile = channel::parse(&file, &text).map_err(Failure::input)?;
            (profile.voice, profile.writer)
        }
    };
    let ((outside, secrets), law) = outside::uncached(&global.state)?;
    let nobody = ChannelId(NO_CHANNEL.into());
    let booth = Booth { outside: Arc::clone(&outside), channel: nobody.clone(), run: None };
    let desk = Desk { outside, secrets: Arc::clone(&secrets), channel: nobody, today: today() };
    let mut all = sources(&desk).await;
    all.extend(around(&desk, secrets.as_ref()).await?);
    all.extend(pictures(&desk, &law).await);
    all.extend(models(&desk.outside, &law, secrets.as_ref(), &writer).await?);
    all.extend(voices(&booth, &law, secrets.as_ref(), &voice).await?);
    Ok(all)
}

/// Every live source by its example.
async fn sources(desk: &Desk) -> Vec<Finding> {
    let mut all = Vec::new();
    // An address has no server of its own to try.
    for info in PROVIDERS.into_iter().filter(|info| info.name != "url") {
        let Some(connector) = source::connector(info.name, desk, &Statement::default()) else { continue };
        all.push(match connector.describe(info.example).await {
            Ok(card) => good(info.name, card.entry.title),
            Err(error) => {
                failed(info.name, &error.to_string(), "try again later; the last good copy is used meanwhile")
            }
        });
    }
    all
}

/// What is read around a channel's subjects: an article's lead, its page views, and with a key another channel.
async fn around(desk: &Desk, secrets: &dyn Secrets) -> Result<Vec<Finding>, Failure> {
    const ARTICLE: &str = "Inflation";
    const CHANNEL: &str = "@worldbank";
    let hint = "try again later; a run does without meanwhile";
    let mut all = vec![match wikipedia::lead(desk, "en", ARTICLE).await {
        Ok(lead) => good("wikipedia", format!("{}, revision {}", lead.title, lead.revision)),
        Err(error) => failed("wikipedia", &error.to_string(), hint),
    }];
    let day = |back: i64| desk.today.saturating_sub(back.days());
    all.push(match pageviews::views(desk, "en.wikipedia", ARTICLE, day(7), day(1)).await {
        Ok(views) => good("pageviews", format!("{} days of {}", views.days.len(), views.article)),
        Err(error) => failed("pageviews", &error.to_string(), hint),
    });
    let key = rivals::INFO.secret.map_or("", |need| need.secret);
    all.push(if secrets.get(key).await?.is_none() {
        good("youtube", format!("not set up: there is no key `{key}`"))
    } else {
        match rivals::read(desk, CHANNEL, 1).await {
            Ok(rival) => good("youtube", format!("{} has {} new video", rival.title, rival.videos.len())),
            Err(error) => failed("youtube", &error.to_string(), hint),
        }
    });
    Ok(all)
}

/// Every provider of language models that a channel names or whose key is there, by its list of models: no token is spent.
async fn models(
    outside: &Arc<dyn Outside>,
    law: &ProviderLaw,
    secrets: &dyn Secrets,
    settings: &WriterSettings,
) -> Result<Vec<Finding>, Failure> {
    let (mut all, mut unset) = (Vec::new(), Vec::new());
    let route = law.route(CallKind::Writer).into_iter().map(str::to_owned);
    let mut ids = settings.providers.clone();
    ids.extend(route.filter(|id| !settings.providers.contains(id)));
    for (place, id) in ids.iter().enumerate() {
        let (named, secret) = (place < settings.providers.len(), law.provider(id).and_then(|held| held.secret.clone()));
        let has_key = match &secret {
            Some(name) => secrets.get(name).await?.is_some(),
            // A server of one's own is tried where a channel wants it.
            None => named,
        };
        if !has_key && !named {
            unset.extend(secret);
            continue;
        }
        let nobody = (ChannelId(NO_CHANNEL.into()), None);
        let Some(model) = Model::new(Arc::clone(outside), (law, id), settings, nobody) else {
            let hint = "name one of `proofreel usage --providers`, or add yours to providers.toml of the state folder";
            all.push(lacks(id, Verdict::Degraded, "no providers.toml names it", hint));
            continue;
        };
        all.push(match model.quiet().choice().await {
            Ok((first, count)) => good(id, format!("{first} of its {count} models would write")),
            Err(error) => failed(id, &error.to_string(), "try again later; the next provider of the channel writes"),
        });
    }
    if !unset.is_empty() {
        all.push(good("models", format!("not set up: there is no key {}", unset.join(", "))));
    }
    Ok(all)
}

/// Every provider of stock pictures by a plain search: no file is fetched.
async fn pictures(desk: &Desk, law: &ProviderLaw) -> Vec<Finding> {
    let seen = proofreel_providers::pictures::probe(desk, law).await.into_iter();
    seen.map(|(name, outcome)| match outcome {
        Ok(found) => good(name, found),
        Err(why) => failed(name, &why, "try again later; films of channels with `[pictures]` do without meanwhile"),
    })
    .collect()
}

/// Every voice of a provider whose key is there, by its list of voices: no character is spent.
async fn voices(
    booth: &Booth,
    law: &ProviderLaw,
    secrets: &dyn Secrets,
    settings: &VoiceSettings,
) -> Result<Vec<Finding>, Failure> {
    let wanted = [("google-speech", settings.google.voice.as_str()), ("azure-speech", settings.azure.voice.as_str())];
    let mut all = Vec::new();
    for (provider, voice) in wanted {
        let Some(held) = law.provider(provider).filter(|held| held.enabled) else { continue };
        let key = held.secret.as_deref().unwrap_or_default();
        let named = settings.providers.iter().any(|name| name == provider);
        if secrets.get(key).await?.is_none() {
            let seen = format!("not set up: there is no key `{key}`");
            all.push(if named {
                let hint = format!("put {key} = \"…\" into secrets.toml of the state folder");
                lacks(provider, Verdict::Degraded, seen, &hint)
            } else {
                good(provider, seen)
            });
            continue;
        }
        let language = voice.splitn(3, '-').take(2).collect::<Vec<_>>().join("-");
        all.push(offer(provider, voice, offered(booth, law, provider, &language).await));
    }
    #[cfg(feature = "polly")]
    {
        let named = settings.providers.iter().any(|name| name == "polly");
        all.push(if named || settings.engine == channel::VoiceEngine::Polly {
            let polly = proofreel_adapters::aws::PollyVoice::from_environment(settings);
            let outcome = polly.offered().await.map_err(|error| error.to_string());
            offer("polly", &settings.polly.voice, outcome)
        } else {
            // To look for credentials is to ask the machine's network where there are none.
            good("polly", "not asked: name a channel whose voice it is with --channel")
        });
    }
    Ok(all)
}

/// What a list of voices means for the one that is to speak.
fn offer(provider: &str, voice: &str, outcome: Result<Vec<String>, String>) -> Finding {
    match outcome {
        Ok(names) if names.iter().any(|name| name == voice) => {
            good(provider, format!("{voice} is one of its {} voices of that language", names.len()))
        }
        Ok(names) => {
            let some = names.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
            let hint = format!("name one that it has in the channel file, such as {some}");
            lacks(provider, Verdict::Degraded, format!("it has no voice {voice}"), &hint)
        }
        Err(why) => failed(provider, &why, "try again later; the next voice of the order speaks meanwhile"),
    }
}

/// What failed, with its own hint or this one.
fn failed(part: &str, why: &str, hint: &str) -> Finding {
    let (what, hint) = why.split_once("\n  hint: ").unwrap_or((why, hint));
    lacks(part, Verdict::Degraded, what, hint)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use jiff::Timestamp;
    use proofreel_model::digest::Digest;
    use proofreel_ports::{Answer, Call, CallError, Judge, PortError, Secret, WebAnswer};

    use super::*;

    /// Google offers one voice; Azure refuses.
    struct Two;

    #[async_trait]
    impl Outside for Two {
        async fn call(&self, call: &Call, judge: Judge<'_>) -> Result<Answer, CallError> {
            let provider = call.provider.clone();
            if provider == "azure-speech" {
                return Err(CallError::Unusable { provider, why: "it refused the key\n  hint: check the key".into() });
            }
            let body = br#"{"voices": [{"name": "en-US-Wavenet-A"}]}"#.to_vec();
            let answer = WebAnswer { status: 200, headers: Vec::new(), body, url: call.request.url.clone() };
            judge(&answer).map_err(|why| CallError::Useless { provider, why })?;
            let digest = Digest::of(&answer.body);
            Ok(Answer { answer, fetched_at: Timestamp::UNIX_EPOCH, cached: false, stale: false, digest })
        }
    }

    /// Groq has a model that is wanted, Gemini none, and nobody else knows the key.
    struct Lists;

    #[async_trait]
    impl Outside for Lists {
        async fn call(&self, call: &Call, judge: Judge<'_>) -> Result<Answer, CallError> {
            let provider = call.provider.clone();
            assert_eq!(call.kind, CallKind::Models, "a list costs no token");
            let body = match provider.as_str() {
                "groq" => r#"{"data": [{"id": "whisper-large-v3"}, {"id": "openai/gpt-oss-120b"}]}"#,
                "gemini" => r#"{"data": [{"id": "models/embedding-001"}]}"#,
                _ => {
                    let why = "it refused the key\n  hint: check the key".into();
                    return Err(CallError::Unusable { provider, why });
                }
            };
            let body = body.as_bytes().to_vec();
            let answer = WebAnswer { status: 200, headers: Vec::new(), body, url: call.request.url.clone() };
            judge(&answer).map_err(|why| CallError::Useless { provider, why })?;
            let digest = Digest::of(&answer.body);
            Ok(Answer { answer, fetched_at: Timestamp::UNIX_EPOCH, cached: false, stale: false, digest })
        }
    }

    #[tokio::test]
    async fn models_are_tried_by_their_list_where_there_is_a_key_or_a_wish() {
        let (outside, law): (Arc<dyn Outside>, _) = (Arc::new(Lists), ProviderLaw::embedded());
        let usual = WriterSettings::default();
        let none = models(&outside, law, &Keys(false), &usual).await.unwrap_or_default();
        assert_eq!(none.len(), 1, "one line for all that nobody set up");
        assert!(none[0].verdict == Verdict::Good && none[0].seen.contains("groq_api_key"), "{}", none[0].seen);

        let wish = WriterSettings { providers: vec!["ollama".into(), "nobody".into(), "groq".into()], ..usual };
        let all = models(&outside, law, &Keys(true), &wish).await.unwrap_or_default();
        let of = |id: &str| all.iter().find(|finding| finding.part == id);
        let (verdict, seen) = of("groq").map_or((Verdict::Missing, ""), |found| (found.verdict, found.seen.as_str()));
        assert_eq!((verdict, seen), (Verdict::Good, "openai/gpt-oss-120b of its 2 models would write"));
        for (id, said) in
            [("gemini", "none of the models"), ("ollama", "refused the key"), ("nobody", "no providers.toml")]
        {
            let found = of(id).map(|found| (found.verdict, found.seen.contains(said), found.hint.is_some()));
            assert_eq!(found, Some((Verdict::Degraded, true, true)), "{id}");
        }
        assert_eq!(all.iter().filter(|finding| finding.part == "groq").count(), 1);
    }

    struct Keys(bool);

    #[async_trait]
    impl Secrets for Keys {
        async fn get(&self, _: &str) -> Result<Option<Secret>, PortError> {
            Ok(self.0.then(|| Secret::new("k")))
        }
    }

    /// Verdict, what was seen and the hint, of Google and Azure.
    async fn told(keys: bool, settings: &VoiceSettings) -> Vec<(Verdict, String, String)> {
        let booth = Booth { outside: Arc::new(Two), channel: ChannelId(NO_CHANNEL.into()), run: None };
        let law = ProviderLaw::embedded();
        let all = voices(&booth, law, &Keys(keys), settings).await.unwrap_or_default();
        let two = all.into_iter().filter(|finding| finding.part != "polly");
        two.map(|finding| (finding.verdict, finding.seen, finding.hint.unwrap_or_default())).collect()
    }

    #[tokio::test]
    async fn a_voice_without_a_key_is_told_and_one_with_a_key_is_tried() {
        let usual = VoiceSettings::default();
        for (verdict, seen, _) in told(false, &usual).await {
            assert_eq!(verdict, Verdict::Good);
            assert!(seen.starts_with("not set up: there is no key `"), "{seen}");
        }
        let named = VoiceSettings { providers: vec!["azure-speech".into()], ..usual.clone() };
        let unset = told(false, &named).await;
        let [google, azure] = &unset[..] else { panic!("two voices") };
        assert_eq!((google.0, azure.0), (Verdict::Good, Verdict::Degraded), "the channel wants it");
        assert!(azure.2.contains("azure_speech_key = "), "{}", azure.2);

        let set = told(true, &usual).await;
        let [google, azure] = &set[..] else { panic!("two voices") };
        assert_eq!((google.0, google.1.as_str()), (Verdict::Degraded, "it has no voice en-US-Neural2-D"));
        assert!(google.2.contains("en-US-Wavenet-A"), "{}", google.2);
        assert_eq!((azure.0, azure.2.as_str()), (Verdict::Degraded, "check the key"));
        assert!(azure.1.contains("refused the key"), "{}", azure.1);

        let mut other = usual;
        other.google.voice = "en-US-Wavenet-A".into();
        let google = told(true, &other).await.remove(0);
        assert_eq!(google.0, Verdict::Good, "{}", google.1);
    }
}
