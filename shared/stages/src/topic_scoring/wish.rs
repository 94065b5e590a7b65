//! Finds the topic that the operator asked for.

use proofreel_model::topic::{ScoredTopic, TopicCandidate};

use crate::StageError;
use crate::freshness::words;

/// The best-scored candidate that the wish names: by its exact id, else by words of its id, title, data package
/// and series, all of which must match.
pub(super) fn find<'s>(
    wish: &str,
    candidates: &[TopicCandidate],
    scored: &'s [ScoredTopic],
) -> Result<&'s ScoredTopic, StageError> {
    let named = scored.iter().find(|topic| topic.topic_id.as_str() == wish.trim());
    let wanted = words(wish);
    let fits = |topic: &&ScoredTopic| {
        let own = candidates.iter().find(|c| c.topic_id == topic.topic_id).map(own_words).unwrap_or_default();
        !wanted.is_empty()
            && wanted
                .iter()
                .all(|word| own.iter().any(|o| o == word || o.trim_end_matches('s') == word.trim_end_matches('s')))
    };
    let fitting = |open: bool| scored.iter().filter(move |topic| topic.refused.is_none() == open).find(fits);
    let found = named.or_else(|| fitting(true)).or_else(|| fitting(false));
    match found {
        Some(topic) => match &topic.refused {
            None => Ok(topic),
            Some(why) => Err(StageError::refused(
                format!("the topic {} is refused: {why}", topic.topic_id),
                "choose another topic, or lower governance.recent_days in the channel file",
            )),
        },
        None => Err(StageError::refused(
            format!("no topic candidate matches `{wish}`; there are:\n{}", listing(candidates)),
            "use one of these ids, or words of its title or data package",
        )),
    }
}

fn own_words(candidate: &TopicCandidate) -> Vec<String> {
    let mut text = format!("{} {}", candidate.topic_id, candidate.title);
    for info in &candidate.series {
        for name in [&info.series.dataset, &info.name.subject, &info.name.short] {
            text.push(' ');
            text.push_str(name);
        }
    }
    words(&text.replace('_', " "))
}

fn listing(candidates: &[TopicCandidate]) -> String {
    candidates.iter().map(|c| format!("  {}  ({})", c.topic_id, c.title)).collect::<Vec<_>>().join("\n")
}
