//! `proofreel doctor --online`: every live source and every voice of a provider, asked now and never out of the cache.

use std::path::Path;
use std::sync::Arc;

use proofreel_model::channel::{self, VoiceSettings};
use proofreel_model::ids::ChannelId;
use proofreel_model::policy::ProviderLaw;
use proofreel_ports::Secrets;
use proofreel_providers::source::{self, Desk, PROVIDERS, Statement};
use proofreel_providers::speech::{Booth, offered};

use super::{Finding, Verdict, good, lacks};
use crate::args::Global;
use crate::exit::Failure;
use crate::outside;
use crate::sources::{NO_CHANNEL, today};

/// What every provider says. One that fails degrades: kept copies and the embedded voice are used meanwhile.
pub(super) async fn findings(global: &Global, channel: Option<&Path>) -> Result<Vec<Finding>, Failure> {
    let settings = match channel {
        None => VoiceSettings::default(),
        Some(path) => {
            let file = path.display().to_string();
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::input(format!("{file}: {error}\n  hint: name a channel file")))?;
            channel::parse(&file, &text).map_err(Failure::input)?.voice
        }
    };
    let ((outside, secrets), law) = outside::uncached(&global.state)?;
    let nobody = ChannelId(NO_CHANNEL.into());
    let booth = Booth { outside: Arc::clone(&outside), channel: nobody.clone(), run: None };
    let desk = Desk { outside, secrets: Arc::clone(&secrets), channel: nobody, today: today() };
    let mut all = sources(&desk).await;
    all.extend(pictures(&desk, &law).await);
    all.extend(voices(&booth, &law, secrets.as_ref(), &settings).await?);
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
        let voice = &settings.polly.voice;
        let polly = proofreel_adapters::aws::PollyVoice::from_environment(settings);
        let outcome = polly.offered().await.map_err(|error| error.to_string());
        let named = settings.providers.iter().any(|name| name == "polly");
        all.push(match outcome {
            // Without credentials nobody set it up.
            Err(why) if !named && settings.engine != channel::VoiceEngine::Polly => {
                good("polly", format!("not set up: {}", why.lines().next().unwrap_or_default()))
            }
            outcome => offer("polly", voice, outcome),
        });
    }
    Ok(all)
}

/// What a list of voices means for the one that is to speak.
fn offer(provider: &'static str, voice: &str, outcome: Result<Vec<String>, String>) -> Finding {
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
fn failed(part: &'static str, why: &str, hint: &str) -> Finding {
    let (what, hint) = why.split_once("\n  hint: ").unwrap_or((why, hint));
    lacks(part, Verdict::Degraded, what, hint)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use jiff::Timestamp;
    use proofreel_model::digest::Digest;
    use proofreel_ports::{Answer, Call, CallError, Judge, Outside, PortError, Secret, WebAnswer};

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
