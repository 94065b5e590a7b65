//! YouTube's limits, applied before anything is sent.

use proofreel_model::policy::publishing::YoutubeLaw;
use proofreel_ports::{HostError, VideoCard, VideoFile};

use super::NAME;

/// Length of a list of tags as YouTube counts it: commas between them, quotation marks around one with a space.
pub(super) fn tags_characters(tags: &[String]) -> usize {
    let signs: usize = tags.iter().map(|tag| tag.chars().count() + if tag.contains(' ') { 2 } else { 0 }).sum();
    signs + tags.len().saturating_sub(1)
}

/// Judges a card and a file.
pub(super) fn check(law: &YoutubeLaw, card: &VideoCard, file: &VideoFile) -> Result<(), HostError> {
    let no = |what: &str, why: String, hint: &str| {
        Err(HostError::Refused { host: NAME.into(), what: what.into(), why, hint: hint.into() })
    };
    let shorter = "reject the episode with this reason, so that the script stage writes it anew";
    let characters = card.title.chars().count();
    if card.title.trim().is_empty() || characters > law.title_characters {
        return no("the title", format!("{characters} characters, 1 to {} are taken", law.title_characters), shorter);
    }
    if card.description.len() > law.description_bytes {
        let why = format!("{} bytes, {} are taken", card.description.len(), law.description_bytes);
        return no("the description", why, shorter);
    }
    for (what, text) in [("the title", &card.title), ("the description", &card.description)] {
        let breaks = what == "the description";
        let taken = |sign: char| !matches!(sign, '<' | '>') && (!sign.is_control() || breaks && sign == '\n');
        if let Some(sign) = text.chars().find(|sign| !taken(*sign)) {
            return no(what, format!("it holds {sign:?}, which YouTube does not take"), shorter);
        }
    }
    let tags = tags_characters(&card.tags);
    if tags > law.tags_characters || card.tags.iter().any(|tag| tag.contains(['<', '>', ',']) || tag.trim().is_empty())
    {
        let why = format!(
            "{tags} characters with commas and quotation marks, {} are taken, without < > and commas",
            law.tags_characters
        );
        return no("the tags", why, "take some out of the channel's file");
    }
    if card.made_for_kids.is_none() {
        let hint = "write made_for_kids = false (or true) under [publishing] in the channel's file, and approve again";
        return no("the film", "nobody said whether it is made for children".into(), hint);
    }
    if card.publish_at.is_some() && card.visibility != proofreel_model::channel::Visibility::Public {
        return no(
            "the schedule",
            format!("a film that is to be {} has no hour", card.visibility),
            "approve it without --publish-at",
        );
    }
    if file.bytes == 0 || file.bytes > law.video_bytes {
        return no(
            "the video",
            format!("{} bytes, 1 to {} are taken", file.bytes, law.video_bytes),
            "make the film anew",
        );
    }
    if !(file.media_type.starts_with("video/") || file.media_type == "application/octet-stream") {
        return no("the video", format!("it is {}", file.media_type), "make the film anew");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_model::channel::Visibility;
    use proofreel_model::policy::publishing::law;

    fn card() -> VideoCard {
        VideoCard {
            title: "Gold".into(),
            description: "About gold".into(),
            tags: vec!["gold".into(), "gold price".into()],
            category: 27,
            language: "en".into(),
            made_for_kids: Some(false),
            contains_synthetic_media: true,
            visibility: Visibility::Public,
            publish_at: None,
            notify_subscribers: true,
            playlist: None,
            marker: "proofreel-demo-r".into(),
        }
    }

    fn said(card: VideoCard) -> String {
        let file = VideoFile { bytes: 10, media_type: "video/mp4".into() };
        check(&law().youtube, &card, &file).map_or_else(|error| error.to_string(), |()| "taken".into())
    }

    #[test]
    fn limits_are_in_characters_for_titles_and_bytes_for_descriptions() {
        assert_eq!(said(card()), "taken");
        assert_eq!(said(VideoCard { title: "é".repeat(100), ..card() }), "taken");
        assert!(said(VideoCard { title: "e".repeat(101), ..card() }).contains("101 characters"));
        assert_eq!(said(VideoCard { description: "é".repeat(2500), ..card() }), "taken");
        assert!(said(VideoCard { description: "é".repeat(2501), ..card() }).contains("5002 bytes"));
    }

    #[test]
    fn angles_missing_answers_and_hours_without_public_are_refused() {
        for (bad, why) in [
            (VideoCard { title: "a < b".into(), ..card() }, "'<'"),
            (VideoCard { description: "<script>".into(), ..card() }, "'<'"),
            (VideoCard { title: "  ".into(), ..card() }, "title"),
            (VideoCard { title: "gold\nsilver".into(), ..card() }, "'\\n'"),
            (VideoCard { tags: vec!["a,b".into()], ..card() }, "tags"),
            (VideoCard { made_for_kids: None, ..card() }, "made_for_kids"),
            (
                VideoCard { visibility: Visibility::Unlisted, publish_at: Some(Timestamp::UNIX_EPOCH), ..card() },
                "schedule",
            ),
        ] {
            assert!(said(bad).contains(why));
        }
    }

    use jiff::Timestamp;

    #[test]
    fn tags_count_commas_and_the_marks_around_spaces() {
        assert_eq!(tags_characters(&card().tags), 4 + 1 + 12);
        let most: Vec<String> = (0..50).map(|_| "abcdefghi".to_owned()).collect();
        assert_eq!(tags_characters(&most), 499);
    }
}
