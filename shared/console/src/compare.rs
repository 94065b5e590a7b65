//! What changed between two attempts of a script.

use std::time::Duration;

use proofreel_model::script::Script;
use similar::{ChangeTag, TextDiff};

/// Longest time that is spent on it.
const PATIENCE: Duration = Duration::from_millis(500);
/// Unchanged lines shown around a change.
const CONTEXT: usize = 1;

/// A line of the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `+` new, `-` gone, space the same, `…` lines left out.
    pub sign: &'static str,
    /// Pieces, and whether each is what changed inside the line.
    pub pieces: Vec<(bool, String)>,
}

/// A script as lines: a sentence or a text each, with its place.
fn lines(script: &Script) -> String {
    let place =
        |place: String, text: String| format!("{place}: {}\n", text.split_whitespace().collect::<Vec<_>>().join(" "));
    script.texts().into_iter().map(|(name, text)| place(name, text.text())).collect()
}

/// What is told of two attempts; empty when they say the same.
pub fn compare(before: &Script, after: &Script) -> Vec<Line> {
    let (before, after) = (lines(before), lines(after));
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(before.as_str(), after.as_str());
    let mut out = Vec::new();
    for group in diff.grouped_ops(CONTEXT) {
        if !out.is_empty() {
            out.push(Line { sign: "…", pieces: Vec::new() });
        }
        for change in group.iter().flat_map(|op| diff.iter_inline_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => "-",
                ChangeTag::Insert => "+",
                ChangeTag::Equal => " ",
            };
            let pieces = change.iter_strings_lossy();
            let pieces = pieces.map(|(changed, text)| (changed, text.trim_end_matches('\n').to_owned())).collect();
            out.push(Line { sign, pieces });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(sentence: &str) -> Script {
        serde_json::from_value(serde_json::json!({
            "writer": "w", "scenes": [{"scene_id": "s01", "narration": [{"text": [{"text": sentence}], "claims": [], "plan": "p"}], "on_screen_text": []}],
            "titles": [[{"text": "Gold"}]], "thumbnails": [], "hooks": [], "description": [], "tags": [], "chapters": [],
            "pinned_comment": [{"text": "?"}], "ai_disclosure": "", "disclaimer": ""}))
        .unwrap()
    }

    #[test]
    fn a_changed_word_is_marked_and_the_rest_left_alone() {
        let told = compare(&script("The price rose to its peak."), &script("The price fell to its peak."));
        let gone = told.iter().find(|line| line.sign == "-").unwrap();
        assert_eq!(
            gone.pieces.iter().filter(|(changed, _)| *changed).map(|(_, text)| text.as_str()).collect::<Vec<_>>(),
            ["rose"]
        );
        let new = told.iter().find(|line| line.sign == "+").unwrap();
        assert_eq!(
            new.pieces.iter().map(|(_, text)| text.as_str()).collect::<String>(),
            "s01 narration 1: The price fell to its peak."
        );
        assert!(told.iter().any(|line| line.sign == " "));
        assert!(compare(&script("same"), &script("same")).is_empty());
    }
}
