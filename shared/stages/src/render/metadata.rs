//! What is published beside the video: title, description with chapters, tags.

use std::collections::BTreeSet;

use proofreel_model::brief::Source;
use proofreel_model::film::{Metadata, SceneTiming};
use proofreel_model::ids::SourceId;
use proofreel_model::order::Order;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::{Chapter, Script};
use proofreel_model::stock::StockPicture;
use proofreel_model::text::RichText;
use proofreel_ports::VoiceQuality;

use crate::contract::{Context, StageError};

/// YouTube shows chapters from this many on, the first at 0:00, each at least this long.
const LEAST_CHAPTERS: usize = 3;
const CHAPTER_SECONDS: u32 = 10;

/// All metadata.
pub(super) fn write(
    script: &Script,
    scenes: &Scenes,
    (sources, timeline): (&[Source], &[SceneTiming]),
    voice: VoiceQuality,
    context: &Context<'_>,
) -> Result<Metadata, StageError> {
    let (credits, sources) = (credits(scenes, context.order), shown(sources, scenes));
    let house = House {
        language: &context.order.channel.language,
        description_bytes: context.policy.episode.description_bytes,
        // A neural voice sounds like a person, so viewers are told; a robotic one and charts deceive nobody.
        synthetic: voice == VoiceQuality::Neural,
        credits: &credits,
    };
    expected(script, &sources, timeline, house)
}

/// The sources that scenes rest on: those that a film has to name. All of them where no scene says which.
pub(crate) fn shown(sources: &[Source], scenes: &Scenes) -> Vec<Source> {
    let used: BTreeSet<&SourceId> = scenes.scenes.iter().flat_map(|scene| &scene.evidence_sources).collect();
    sources.iter().filter(|source| used.is_empty() || used.contains(&source.source_id)).cloned().collect()
}

/// What the metadata takes from the channel, the law and the voice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct House<'a> {
    pub language: &'a str,
    pub description_bytes: usize,
    pub synthetic: bool,
    pub credits: &'a [String],
}

/// Title, author, source and licence of every stock picture that a scene shows, as the ledger of the order has them.
pub(crate) fn credits(scenes: &Scenes, order: &Order) -> Vec<String> {
    let shown = scenes.scenes.iter().filter_map(|scene| scene.visual.backing());
    let rows = shown.filter_map(|backing| order.pictures.iter().find(|row| row.blob.digest == backing.picture));
    rows.map(StockPicture::attribution).collect()
}

/// The metadata that script, sources and times give.
pub(crate) fn expected(
    script: &Script,
    sources: &[Source],
    timeline: &[SceneTiming],
    house: House<'_>,
) -> Result<Metadata, StageError> {
    let titles: Vec<String> = script.titles.iter().map(RichText::text).collect();
    let Some(title) = titles.first().cloned() else {
        return Err(StageError::refused("the script has no title", "run the script stage again"));
    };
    let most = house.description_bytes;
    let mut chapters = chapters(&script.chapters, timeline);
    let description = description(script, sources, (&chapters, house.credits), most).or_else(|_| {
        // Chapters are a convenience, sources and credits are not.
        chapters.clear();
        description(script, sources, (&[], house.credits), most)
    })?;
    Ok(Metadata {
        title,
        title_variants: titles,
        description,
        tags: script.tags.clone(),
        chapters,
        pinned_comment: script.pinned_comment.text(),
        language: house.language.to_owned(),
        contains_synthetic_media: house.synthetic,
    })
}

/// Chapters as `M:SS Title` from real times: the first at 0:00, each long enough; one that is too short joins the one
/// before it. None when fewer than three are left, since the host shows none then.
pub(crate) fn chapters(planned: &[Chapter], timeline: &[SceneTiming]) -> Vec<String> {
    let end = timeline.last().map_or(0, |scene| scene.end_ms / 1000);
    let mut kept: Vec<(u32, String)> = Vec::new();
    for chapter in planned {
        let Some(scene) = timeline.iter().find(|scene| scene.scene_id == chapter.scene_id) else { continue };
        // The first chapter is the beginning of the film, wherever its scene lies.
        let start = if kept.is_empty() { 0 } else { scene.start_ms / 1000 };
        if kept.last().is_none_or(|(before, _)| start >= before + CHAPTER_SECONDS) {
            kept.push((start, chapter.title.text()));
        }
    }
    while kept.last().is_some_and(|(start, _)| end < start + CHAPTER_SECONDS) {
        kept.pop();
    }
    if kept.len() < LEAST_CHAPTERS {
        return Vec::new();
    }
    kept.into_iter().map(|(start, title)| format!("{} {title}", clock(start))).collect()
}

/// `0:00`, `12:05`, `1:00:00`.
fn clock(seconds: u32) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}") }
}

/// The description: the script's lines, chapters before its sources, and whatever of sources, disclosure and disclaimer
/// the script's own lines leave out.
pub(super) fn description(
    script: &Script,
    sources: &[Source],
    (chapters, credits): (&[String], &[String]),
    most: usize,
) -> Result<String, StageError> {
    let mut lines: Vec<String> = script.description.iter().map(RichText::text).collect();
    if !chapters.is_empty() {
        let at = lines.iter().position(|line| line.trim().eq_ignore_ascii_case("sources:")).unwrap_or(lines.len());
        let block = std::iter::once("Chapters:".to_owned()).chain(chapters.iter().cloned());
        lines.splice(at..at, block);
    }
    let joined = lines.join("\n");
    let missing: Vec<&Source> = sources.iter().filter(|source| !joined.contains(&source.title)).collect();
    if !missing.is_empty() {
        lines.push("Sources:".into());
        lines.extend(missing.into_iter().map(|source| format!("• {} – {}", source.title, source.url)));
    }
    if !credits.is_empty() {
        // Before disclosure and disclaimer, which close the description.
        let closes = |line: &String, text: &str| !text.trim().is_empty() && line.contains(text);
        let closing = |line: &String| closes(line, &script.ai_disclosure) || closes(line, &script.disclaimer);
        let at = lines.iter().position(closing).unwrap_or(lines.len());
        lines.splice(at..at, std::iter::once("Picture:".to_owned()).chain(credits.iter().cloned()));
    }
    for text in [&script.ai_disclosure, &script.disclaimer] {
        if !text.trim().is_empty() && !joined.contains(text.as_str()) {
            lines.push(text.clone());
        }
    }
    let text = paragraphs(&lines);
    if text.len() > most {
        let what = format!("the description takes {} bytes, the host allows {most}", text.len());
        return Err(StageError::refused(
            what,
            "run the script stage again, or shorten disclosure and disclaimer in the channel file",
        ));
    }
    if text.contains(['<', '>']) {
        let hint = "take them out of the channel's disclosure and disclaimer, or of the data package's source titles";
        return Err(StageError::refused("the description holds `<` or `>`, which the host refuses", hint));
    }
    Ok(text)
}

/// Lines with an empty one before each paragraph: before a line that ends in a colon, and after a list.
fn paragraphs(lines: &[String]) -> String {
    let is_item =
        |line: &str| line.starts_with("• ") || line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(':');
    let mut out = String::new();
    for (n, line) in lines.iter().enumerate() {
        if let Some(before) = n.checked_sub(1).and_then(|n| lines.get(n)) {
            let closed = is_item(before) && !is_item(line);
            out.push_str(if line.trim_end().ends_with(':') || closed { "\n\n" } else { "\n" });
        }
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_model::ids::SceneId;

    fn timeline(starts: &[u32], end: u32) -> Vec<SceneTiming> {
        let ends = starts.iter().skip(1).copied().chain([end]);
        let place = |(n, (start, end)): (usize, (&u32, u32))| SceneTiming {
            scene_id: SceneId(format!("s{:02}", n + 1)),
            start_ms: start * 1000 + 400 * u32::from(n > 0),
            end_ms: end * 1000 + 400,
        };
        starts.iter().zip(ends).enumerate().map(place).collect()
    }

    fn planned(scenes: &[usize]) -> Vec<Chapter> {
        let chapter = |n: &usize| Chapter {
            scene_id: SceneId(format!("s{n:02}")),
            title: RichText::plain(format!("Part {}", ["A", "B", "C", "D", "E"][*n - 1])),
        };
        scenes.iter().map(chapter).collect()
    }

    #[test]
    fn chapters_start_at_zero_and_are_long_enough() {
        let line = timeline(&[0, 12, 17, 40, 125], 131);
        let got = chapters(&planned(&[1, 2, 3, 4, 5]), &line);
        assert_eq!(got, ["0:00 Part A", "0:12 Part B", "0:40 Part D"], "C joins B, and E is too short to end the film");
        assert_eq!(chapters(&planned(&[2, 4]), &line), Vec::<String>::new(), "two chapters are none");
        let late = chapters(&planned(&[2, 4, 5]), &timeline(&[0, 12, 17, 40, 125], 140));
        assert_eq!(late, ["0:00 Part B", "0:40 Part D", "2:05 Part E"]);
    }

    #[test]
    fn clocks_have_hours_only_when_needed() {
        assert_eq!([0, 65, 3600].map(clock), ["0:00", "1:05", "1:00:00"]);
    }

    #[test]
    fn paragraphs_are_set_apart() {
        let lines = ["Summary.", "Chapters:", "0:00 A", "0:12 B", "Sources:", "• World Bank", "A machine made this."]
            .map(str::to_owned);
        let expected = "Summary.\n\nChapters:\n0:00 A\n0:12 B\n\nSources:\n• World Bank\n\nA machine made this.";
        assert_eq!(paragraphs(&lines), expected);
    }
}
