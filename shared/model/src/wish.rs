//! What a rejection's free text can ask of the stages: a closed list, told back to whoever rejects.

use std::fmt;

use crate::ids::SceneId;
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

/// The words of a sentence that denies nothing; none of one that does (`not shorter`): it is for a person to read.
fn words_of(reason: &str) -> Vec<String> {
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
    if denied { Vec::new() } else { words }
}

/// Scenes that a sentence asks to leave out: `drop scene 4`, `drop scenes 4 and s06`, `drop s04`. The scene builder tells their
/// findings no more.
pub fn dropped(reason: &str) -> Vec<SceneId> {
    let words = words_of(reason);
    let id = |word: &String| {
        let digits = word.strip_prefix('s').unwrap_or(word);
        digits.parse::<u8>().ok().filter(|n| (1..=99).contains(n)).map(|n| SceneId(format!("s{n:02}")))
    };
    let mut found: Vec<SceneId> = Vec::new();
    for (n, _) in words.iter().enumerate().filter(|(_, word)| *word == "drop") {
        let rest: Vec<&String> = words[n + 1..].iter().skip_while(|word| *word == "the").collect();
        // A bare number says nothing: `drop the 4 percent` is about a figure.
        let named = rest.first().is_some_and(|word| word.starts_with('s'));
        let scenes = rest.into_iter().skip_while(|word| matches!(word.as_str(), "scene" | "scenes"));
        for scene in scenes.filter(|word| *word != "and").map_while(id).filter(|_| named) {
            if !found.contains(&scene) {
                found.push(scene);
            }
        }
    }
    found
}

/// The wishes in a person's sentence, in the order of [`Wish::ALL`]. Only whole words count, and a sentence that denies asks for
/// nothing.
pub fn understood(reason: &str) -> Vec<Wish> {
    let words = words_of(reason);
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
    let builder = StageName::SceneBuilder;
    let drops: Vec<String> = dropped(words).iter().map(|scene| format!("drop scene {scene}")).collect();
    let mut done: Vec<String> = followed.iter().map(ToString::to_string).collect();
    if stage == builder {
        done.extend(drops.iter().cloned());
    }
    if !done.is_empty() {
        return format!("understood: {}; nothing else of the sentence is followed", done.join(", "));
    }
    let why = if !drops.is_empty() {
        format!("the {stage} stage does not follow `{}`, the {builder} stage does", drops.join(", "))
    } else if other.is_empty() {
        "nothing of the sentence was understood".to_owned()
    } else {
        format!("the {stage} stage does not follow `{}`, the script stage does", list(&other))
    };
    format!(
        "{why}: {stage} makes it again, but not as the sentence asks\n  hint: the script stage understands {}, the {builder} stage {} and drop scene N; to say it in your own words, edit the episode",
        list(&Wish::ALL),
        Wish::OtherHook
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
    fn scenes_are_dropped_by_their_numbers_and_figures_are_none() {
        for (reason, scenes) in [
            ("Drop scene 4.", vec!["s04"]),
            ("please drop scenes 4, 11 and s06!", vec!["s04", "s11", "s06"]),
            ("drop s03; and drop the scene 3 again", vec!["s03"]),
            ("do not drop scene 4", vec![]),
            ("the drop 4 years ago", vec![]),
            ("drop the 4 percent", vec![]),
            ("drop scene 0", vec![]),
            ("drop scene 400", vec![]),
            ("drop the weak parts", vec![]),
            ("scene 4 should go", vec![]),
        ] {
            let found: Vec<String> = dropped(reason).iter().map(ToString::to_string).collect();
            assert_eq!(found, scenes, "{reason}");
        }
        assert!(told("drop scene 4", StageName::SceneBuilder).starts_with("understood: drop scene s04;"));
        assert!(told("drop scene 4", StageName::Script).contains("the scene-builder stage does"));
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
