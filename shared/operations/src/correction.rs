//! What is said where a film was announced, once it was taken back.

use proofreel_publishing::Publication;

/// The correction of a film that was taken back, ready to be posted; nothing of any other.
pub fn text(title: &str, row: &Publication) -> Option<String> {
    let retraction = row.retraction.as_ref()?;
    Some(format!(
        "Correction, {}\nWe have withdrawn “{title}”. Reason: {}\nIf you relied on it, please check the figures with the sources it named. A corrected film will say what changed.",
        retraction.at.strftime("%Y-%m-%d"),
        retraction.reason
    ))
}
