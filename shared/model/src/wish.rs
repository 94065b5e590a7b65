//! What a rejection's free text can ask of the stages: a closed list, told back to whoever rejects.

use std::fmt;

use crate::stage::StageName;

/// Stands between a person's name and their words in the reasons that a stage is given.
const REJECTED: &str = " rejected the film: ";

/// A wish that a stage follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wish {
    /// Shorter sentences.
    Shorter,
    /// Another surprise opens; sent to the scene builder, another promise does too.
    OtherHook,
    /// Another title leads.
    OtherTitle,
}

impl Wish {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Shorter, Self::OtherHook, Self::OtherTitle];

    /// True where it is followed.
    pub fn is_followed_by(self, stage: StageName) -> bool {
        stage == StageName::Script || self == Self::OtherHook && stage == StageName::SceneBuilder
    }

    fn phrases(self) -> &'static [&'static str] {
        match self {
            Self::Shorter => &["shorter"],
            Self::OtherHook => &["other hook", "another hook"],
            Self::OtherTitle => &["other title", "another title"],
        }
    }
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.phrases()[0])
    }
}

/// The wishes in a person's sentence, in the order of [`Wish::ALL`]. Only whole words count, and a sentence that denies
/// (`not shorter`) asks for nothing: it is for a person to read.
pub fn understood(reason: &str) -> Vec<Wish> {
    let words: Vec<String> = reason
        .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’'))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let denied = words.iter().any(|word| {
        matches!(word.as_str(), "not" | "no" | "never" | "without" | "nor")
            || word.ends_with("n't")
            || word.ends_with("n’t")
    });
    if denied {
        return Vec::new();
    }
    let said = |phrase: &str| {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        words.windows(phrase.len()).any(|run| run.iter().map(String::as_str).eq(phrase.iter().copied()))
    };
    Wish::ALL.into_iter().filter(|wish| wish.phrases().iter().any(|phrase| said(phrase))).collect()
}

/// The reason that a stage is given when a person rejects a film.
pub fn reason(who: &str, words: &str) -> String {
    format!("{who}{REJECTED}{words}")
}

/// The wishes in the reasons that a stage was given. Reasons of QA are no person's words.
pub fn wished(reasons: &[String]) -> Vec<Wish> {
    reasons.iter().filter_map(|reason| reason.split_once(REJECTED)).flat_map(|(_, words)| understood(words)).collect()
}

/// What becomes of a person's sentence at a stage, told plainly.
pub fn told(words: &str, stage: StageName) -> String {
    let list = |wishes: &[Wish]| wishes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let (followed, other): (Vec<_>, Vec<_>) =
        understood(words).into_iter().partition(|wish| wish.is_followed_by(stage));
    if !followed.is_empty() {
        return format!("understood: {}; nothing else of the sentence is followed", list(&followed));
    }
    let why = if other.is_empty() {
        "nothing of the sentence was understood".to_owned()
    } else {
        format!("the {stage} stage does not follow `{}`, the script stage does", list(&other))
    };
    format!(
        "{why}: {stage} makes it again, but not as the sentence asks\n  hint: the script stage understands {}; to say it in your own words, edit the episode",
        list(&Wish::ALL)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_wishes_are_understood_in_any_sentence_and_denials_are_left_to_people() {
        for (reason, wishes) in [
            ("Shorter, please", vec![Wish::Shorter]),
            ("give it another title and make it shorter!", vec![Wish::Shorter, Wish::OtherTitle]),
            ("I would like an other hook", vec![Wish::OtherHook]),
            ("the hook is weak", vec![]),
            ("not shorter", vec![]),
            ("don't use another title", vec![]),
            ("don’t use another title", vec![]),
            ("a foreshortened view", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(understood(reason), wishes, "{reason}");
        }
    }

    #[test]
    fn whoever_rejects_is_told_what_will_be_followed() {
        assert_eq!(
            told("make it shorter", StageName::Script),
            "understood: shorter; nothing else of the sentence is followed"
        );
        assert!(told("the hook is weak", StageName::Script).starts_with("nothing of the sentence was understood"));
        assert!(told("shorter", StageName::Research).contains("the research stage does not follow `shorter`"));
        assert!(told("other hook", StageName::SceneBuilder).starts_with("understood: other hook;"));
    }

    #[test]
    fn only_a_persons_words_are_wishes() {
        let qa = "script s02 narration 1: sentence_long: 31 words: say it shorter".to_owned();
        let mut reasons = vec![qa];
        assert_eq!(wished(&reasons), []);
        reasons.push(reason("ann", "shorter"));
        assert_eq!(wished(&reasons), [Wish::Shorter]);
    }
}
