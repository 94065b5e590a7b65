//! What `[voice]` may say.

use super::Fault;
use crate::channel::{SPEECH_PROVIDERS, VoiceEngine, VoiceSettings};

pub(super) fn check(voice: &VoiceSettings) -> Result<(), Fault> {
    let fault = |key: &str, problem: String, hint: &str| Err((key.to_owned(), problem, hint.to_owned()));
    let speed = voice.speed;
    if !(0.8..=1.25).contains(&speed) {
        return fault("speed", format!("`speed` is {speed}"), "use 0.8 to 1.25");
    }
    let named = &voice.polly.voice;
    if named.is_empty() || named.len() > 40 || !named.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return fault(
            "voice",
            format!("the Polly voice is `{named}`"),
            "use a name that Amazon gives its voices, such as Matthew or Joanna",
        );
    }
    for (n, provider) in voice.providers.iter().enumerate() {
        if !SPEECH_PROVIDERS.contains(&provider.as_str()) || voice.providers[..n].contains(provider) {
            return fault(
                "voice.providers",
                format!("`providers` of [voice] names `{provider}`"),
                "name each of google-speech, azure-speech and polly once at most",
            );
        }
    }
    if !voice.providers.is_empty() && voice.engine == VoiceEngine::Polly {
        return fault(
            "voice.engine",
            "`engine` is `polly` beside `providers`".into(),
            "name polly among `providers`, and as `engine` the voice that speaks when none of them can: embedded or espeak",
        );
    }
    if !is_voice_name(&voice.google.voice) || voice.google.kind().is_none() {
        return fault(
            "voice.google.voice",
            format!("the Google voice is `{}`", voice.google.voice),
            "use a Standard, Wavenet or Neural2 voice, such as en-US-Neural2-D: other kinds do not say when a word is heard",
        );
    }
    if !is_voice_name(&voice.azure.voice) || !voice.azure.voice.ends_with("Neural") {
        return fault(
            "voice.azure.voice",
            format!("the Azure voice is `{}`", voice.azure.voice),
            "use the name of a neural voice, such as en-US-AndrewNeural",
        );
    }
    Ok(())
}

/// `en-US-Something`: letters, digits and hyphens. The name goes into a request.
fn is_voice_name(name: &str) -> bool {
    name.len() <= 60
        && name.starts_with("en-")
        && name.split('-').count() >= 3
        && name.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_of_providers_are_checked_where_they_are_named() {
        type Case = (fn(&mut VoiceSettings), &'static str);
        assert!(check(&VoiceSettings::default()).is_ok());
        let cases: [Case; 7] = [
            (|v| v.providers = vec!["elevenlabs".into()], "voice.providers"),
            (|v| v.providers = vec!["polly".into(), "polly".into()], "voice.providers"),
            (|v| (v.providers, v.engine) = (vec!["polly".into()], VoiceEngine::Polly), "voice.engine"),
            (|v| v.google.voice = "en-US-Chirp3-HD-Puck".into(), "voice.google.voice"),
            (|v| v.google.voice = "en-US-Neural2-D'><x".into(), "voice.google.voice"),
            (|v| v.azure.voice = "en-US-Andrew".into(), "voice.azure.voice"),
            (|v| v.azure.voice = "de-DE-KatjaNeural".into(), "voice.azure.voice"),
        ];
        for (change, key) in cases {
            let mut voice = VoiceSettings { providers: vec!["google-speech".into()], ..VoiceSettings::default() };
            assert!(check(&voice).is_ok());
            change(&mut voice);
            assert_eq!(check(&voice).unwrap_err().0, key, "{voice:?}");
        }
    }

    #[test]
    fn who_has_understudies_is_whoever_is_asked_elsewhere() {
        let of = |engine: VoiceEngine, providers: &[&str]| {
            let providers = providers.iter().map(|&name| name.to_owned()).collect();
            VoiceSettings { engine, providers, ..VoiceSettings::default() }.is_remote()
        };
        assert!(of(VoiceEngine::Polly, &[]) && of(VoiceEngine::Embedded, &["azure-speech"]));
        assert!(!of(VoiceEngine::Embedded, &[]) && !of(VoiceEngine::Espeak, &[]));
    }

    #[test]
    fn settings_that_say_nothing_leave_no_trace() {
        let text = serde_json::to_string(&VoiceSettings::default()).unwrap();
        assert!(!text.contains("google") && !text.contains("azure") && !text.contains("providers"), "{text}");
    }
}
