//! What `[pictures]` may say.

use super::Fault;
use crate::channel::ChannelProfile;
use crate::policy::picture_law;

pub(super) fn check(profile: &ChannelProfile) -> Result<(), Fault> {
    let fault = |key: &str, problem: String, hint: String| Err((key.to_owned(), problem, hint));
    let (settings, law) = (&profile.pictures, picture_law());
    let listed = |all: Vec<&str>| format!("known are {}", all.join(", "));
    if let Some(stranger) = settings.providers.iter().find(|id| law.provider(id).is_none()) {
        let known = listed(law.providers.iter().map(|provider| provider.id.as_str()).collect());
        return fault("pictures.providers", format!("`{stranger}` is no provider of pictures"), known);
    }
    if let Some(stranger) = settings.licences.iter().find(|id| law.licence(id).is_none()) {
        let known = listed(law.licences.iter().map(|licence| licence.id.as_str()).collect());
        let problem = format!("`{stranger}` is no licence under which a film that earns money may use a picture");
        return fault("pictures.licences", problem, known);
    }
    if settings.subjects.len() > law.search.subjects {
        let problem = format!("`pictures.subjects` has {} entries", settings.subjects.len());
        return fault("pictures.subjects", problem, format!("name {} at most: each is a call", law.search.subjects));
    }
    if let Some(stranger) = settings.subjects.keys().find(|subject| !profile.interests.contains(subject)) {
        return fault(
            "pictures.subjects",
            format!("`{stranger}` is no interest of the channel"),
            "write it as `interests` does, or add it there".into(),
        );
    }
    for words in settings.subjects.values() {
        let lower = words.to_lowercase();
        let refused = lower
            .split(|sign: char| !sign.is_alphanumeric())
            .find(|word| law.refused.words.iter().any(|refused| refused == word));
        if let Some(word) = refused {
            return fault(
                "pictures.subjects",
                format!("`{words}` looks for `{word}`"),
                "look for things or places: pictures of people and marks are left out".into(),
            );
        }
        if words.trim().is_empty() || words.chars().count() > 100 {
            let hint = "write a few words, for example \"gold bars\"".into();
            return fault("pictures.subjects", format!("`{words}` cannot be looked for"), hint);
        }
    }
    if settings.providers.is_empty() != settings.subjects.is_empty() {
        return fault(
            "pictures",
            "`[pictures]` needs both `providers` and `subjects`".into(),
            "for example providers = [\"openverse\"] and subjects = { gold = \"gold bars\" }, or leave the table out"
                .into(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::channel::{ChannelProfile, parse};

    fn read(more: &str) -> Result<ChannelProfile, String> {
        let text = format!(
            "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"Anyone.\"\ninterests = [\"gold\"]\nsources = [\"data\"]\n{more}"
        );
        parse("demo.toml", &text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_channel_without_the_table_says_nothing_of_it() {
        let text = serde_json::to_string(&read("").unwrap()).unwrap();
        assert!(!text.contains("pictures"), "{text}");
        assert!(read("").unwrap().pictures.is_empty());
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_its_line() {
        let good = "[pictures]\nproviders = [\"openverse\", \"commons\"]\nsubjects = { gold = \"gold bars\" }\nlicences = [\"CC0-1.0\"]\n";
        let settings = read(good).unwrap().pictures;
        assert!(settings.takes("CC0-1.0") && !settings.takes("CC-BY-4.0") && !settings.takes("CC-BY-NC-4.0"));
        for (from, to, said) in [
            ("\"commons\"", "\"flickr\"", "demo.toml:8: `flickr` is no provider of pictures"),
            ("CC0-1.0", "CC-BY-NC-4.0", "demo.toml:10: `CC-BY-NC-4.0` is no licence"),
            ("CC0-1.0", "CC-BY-SA-4.0", "no licence under which"),
            ("{ gold", "{ silver", "demo.toml:9: `silver` is no interest"),
            ("gold bars", "happy people", "looks for `people`"),
            ("gold bars", " ", "cannot be looked for"),
            ("providers = [\"openverse\", \"commons\"]\n", "", "needs both"),
        ] {
            let error = read(&good.replace(from, to)).unwrap_err();
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}
