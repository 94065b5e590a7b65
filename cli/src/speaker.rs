//! Who is to speak a channel's films, told before anything is made. Nobody is asked: whether a key is good, `proofreel doctor --online`
//! finds out.

use std::path::Path;

use proofreel_adapters::{voice, voice_folders};
use proofreel_model::channel::{VoiceEngine, VoiceSettings};
use proofreel_ports::{VoiceError, VoiceInfo, VoiceQuality};

use crate::exit::{Class, Failure};

/// Where Amazon's tools find credentials; a machine at Amazon may have a role instead.
const CREDENTIALS: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// Who is to speak, and what is wrong with that.
#[derive(Debug, PartialEq, Eq)]
pub struct Speaker {
    /// Names, in the order in which they are asked.
    pub order: Vec<String>,
    /// For people, with what to do.
    pub trouble: Vec<String>,
}

/// The voices of these settings, as far as this machine and its environment tell.
///
/// # Errors
/// Nobody can speak, which is the machine's fault.
pub fn judge(settings: &VoiceSettings) -> Result<Speaker, Failure> {
    let mut own = settings.clone();
    if own.engine == VoiceEngine::Polly {
        own.engine = VoiceEngine::Embedded;
    }
    let here = voice(&own, &voice_folders()).map(|voice| voice.info());
    weighed(settings, here, amazon())
}

/// Why Amazon Polly will probably not speak here.
fn amazon() -> Option<String> {
    if !cfg!(feature = "polly") {
        return Some("this program was built without Amazon Polly\n  hint: build it with `--features polly`".into());
    }
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let written = std::env::var_os("HOME").is_some_and(|home| Path::new(&home).join(".aws").is_dir());
    let found = written || CREDENTIALS.into_iter().any(is_set);
    (!found).then(|| {
        "no credentials for Amazon Polly are in sight; only a machine of Amazon's with a role needs none\n  hint: set AWS_REGION, and AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY or AWS_PROFILE; `proofreel doctor --online --channel FILE` asks Amazon".into()
    })
}

/// The same, where `here` is the voice of this machine, and `amazon` why Polly will not speak.
fn weighed(
    settings: &VoiceSettings,
    here: Result<VoiceInfo, VoiceError>,
    amazon: Option<String>,
) -> Result<Speaker, Failure> {
    let mut order = settings.providers.clone();
    if settings.engine == VoiceEngine::Polly && !order.iter().any(|name| name == "polly") {
        order.push("polly".into());
    }
    let amazon = amazon.filter(|_| order.iter().any(|name| name == "polly"));
    let speaking = order.len() - usize::from(amazon.is_some());
    let mut trouble: Vec<String> = amazon.into_iter().collect();
    match here {
        Ok(info) => {
            if info.quality == VoiceQuality::Robotic && settings.engine != VoiceEngine::Espeak {
                trouble.push(format!("the neural voice is not here, {} stands in\n  hint: make setup", info.engine));
            }
            order.push(format!("{} ({})", info.name, info.engine));
        }
        Err(error) if speaking == 0 => return Err(Failure::new(Class::Machine, error.to_string())),
        Err(error) => trouble.push(format!("nobody stands in when none of them can speak: {error}")),
    }
    Ok(Speaker { order, trouble })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(quality: VoiceQuality) -> VoiceInfo {
        VoiceInfo { name: "anna".into(), engine: "own 1".into(), licence: "none".into(), quality }
    }

    fn nobody() -> Result<VoiceInfo, VoiceError> {
        Err(VoiceError::Unavailable { engine: "own".into(), detail: "no data".into(), hint: "make setup".into() })
    }

    fn settings(engine: VoiceEngine, providers: &[&str]) -> VoiceSettings {
        let providers = providers.iter().map(|&name| name.to_owned()).collect();
        VoiceSettings { engine, providers, ..VoiceSettings::default() }
    }

    #[test]
    fn a_voice_that_cannot_speak_is_told_with_the_one_that_will() {
        let polly = settings(VoiceEngine::Polly, &[]);
        let told = weighed(&polly, Ok(here(VoiceQuality::Neural)), Some("no keys".into())).expect("the embedded voice");
        assert_eq!(told.order, ["polly", "anna (own 1)"]);
        assert_eq!(told.trouble, ["no keys"]);
        let told = weighed(&polly, nobody(), None).expect("Polly");
        assert!(told.trouble.len() == 1 && told.trouble[0].contains("make setup"), "{told:?}");
        // Amazon is nobody's business where it is not asked.
        let own = settings(VoiceEngine::Embedded, &[]);
        let told = weighed(&own, Ok(here(VoiceQuality::Neural)), Some("no keys".into())).expect("the embedded voice");
        assert_eq!((told.order.len(), told.trouble.len()), (1, 0));
        let two = settings(VoiceEngine::Embedded, &["polly", "azure-speech"]);
        let told = weighed(&two, nobody(), Some("no keys".into())).expect("Azure");
        assert_eq!((told.order.len(), told.trouble.len()), (2, 2));
    }

    #[test]
    fn a_robot_is_told_unless_it_was_asked_for() {
        for (engine, troubles) in [(VoiceEngine::Embedded, 1), (VoiceEngine::Espeak, 0)] {
            let told = weighed(&settings(engine, &[]), Ok(here(VoiceQuality::Robotic)), None).expect("a robot");
            assert_eq!(told.trouble.len(), troubles, "{told:?}");
        }
    }

    #[test]
    fn where_nobody_can_speak_the_machine_lacks_a_voice() {
        let cases: [(VoiceEngine, &[&str]); 3] =
            [(VoiceEngine::Embedded, &[]), (VoiceEngine::Polly, &[]), (VoiceEngine::Espeak, &["polly"])];
        for (engine, providers) in cases {
            let failure = weighed(&settings(engine, providers), nobody(), Some("no keys".into())).expect_err("nobody");
            assert!(failure.class == Class::Machine && failure.message.contains("make setup"), "{failure:?}");
        }
    }
}
