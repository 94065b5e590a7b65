//! What a licence lets a film that earns money do with data.

use proofreel_model::policy::Licences;

use crate::freshness::words;

/// What a licence asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Terms {
    /// Commercial reuse, nothing owed.
    Free,
    /// Commercial reuse, credit owed.
    Attribution,
    /// Not to be used, because …
    Unfit(String),
}

/// The terms of a licence by its name. A name that no list knows is unfit: an unknown licence grants nothing.
pub fn terms(licence: &str, policy: &Licences) -> Terms {
    let name = normal(licence);
    let stands_in = |phrase: &str| {
        let phrase = normal(phrase);
        !phrase.is_empty() && name.windows(phrase.len()).any(|window| window == phrase.as_slice())
    };
    if let Some(forbidden) = policy.forbidden.iter().find(|forbidden| stands_in(&forbidden.words)) {
        return Terms::Unfit(forbidden.why.clone());
    }
    let listed = |list: &[String]| list.iter().any(|entry| is_version_of(&name, &normal(entry), &policy.suffixes));
    if listed(&policy.free) {
        Terms::Free
    } else if listed(&policy.attribution) {
        Terms::Attribution
    } else {
        Terms::Unfit("it is on no list of licences that allow commercial reuse".into())
    }
}

/// Lower-case words, `licence` spelt `license`, articles left out.
fn normal(licence: &str) -> Vec<String> {
    words(licence)
        .into_iter()
        .filter(|word| !matches!(word.as_str(), "the" | "a" | "an"))
        .map(|word| if word == "licence" { "license".to_owned() } else { word })
        .collect()
}

/// True when `name` is `entry`, followed at most by a version and words of `suffixes`.
fn is_version_of(name: &[String], entry: &[String], suffixes: &[String]) -> bool {
    let is_version = |word: &String| {
        let digits = word.strip_prefix('v').unwrap_or(word);
        (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
            || suffixes.contains(word)
            || word == "v"
    };
    !entry.is_empty() && name.starts_with(entry) && name[entry.len()..].iter().all(is_version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_model::policy::Policy;

    #[test]
    fn licences_are_known_by_their_ids_and_by_their_titles() {
        let policy = Policy::embedded().licences;
        for free in [
            "ODC-PDDL-1.0",
            "odc-pddl",
            "open_data_commons_public_domain_dedication_and_license_v1.0",
            "Open Data Commons Public Domain Dedication and Licence (PDDL)",
            "CC0-1.0",
            "CC0",
            "Public Domain",
        ] {
            assert_eq!(terms(free, &policy), Terms::Free, "{free}");
        }
        for owed in [
            "CC-BY-4.0",
            "cc-by",
            "CC BY 3.0 IGO",
            "Creative Commons Attribution 4.0 International",
            "ODC-BY-1.0",
            "OGL-UK-3.0",
            "Open Government Licence v3.0",
            "ODbL-1.0",
        ] {
            assert_eq!(terms(owed, &policy), Terms::Attribution, "{owed}");
        }
    }

    #[test]
    fn what_forbids_a_film_or_is_unknown_is_unfit() {
        let policy = Policy::embedded().licences;
        for (unfit, why) in [
            ("CC-BY-NC-4.0", "commercial"),
            ("Creative Commons Attribution-NonCommercial 4.0", "commercial"),
            ("CC-BY-ND-4.0", "derivatives"),
            ("CC-BY-SA-4.0", "alike"),
            ("All rights reserved", "grants nothing"),
            ("not stated", "states none"),
            ("", "on no list"),
            ("My own licence", "on no list"),
            ("CC-BY-4.0 for members", "on no list"),
        ] {
            assert!(matches!(terms(unfit, &policy), Terms::Unfit(reason) if reason.contains(why)), "{unfit}");
        }
    }
}
