//! The page to approve from, as data for `templates/review.html`.

use askama::Template;
use proofreel_model::fact::Fact;
use proofreel_model::qa::{Decision, SceneQa};
use proofreel_model::scenes::Scene;
use proofreel_model::script::ScriptScene;
use proofreel_model::text::{Cite, RichText};

use super::cells::Tables;
use super::facts::{self, FactView};
use super::player::{self, ChapterView, MediaView};
use super::record::{self, Finding, Item, PictureView, Screened, SourceView, StageRow};
use super::{EpisodeParts, words};

/// The whole page.
#[derive(Template)]
#[template(path = "review.html")]
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) channel: String,
    pub(crate) run: String,
    pub(crate) as_of: String,
    pub(crate) language: String,
    pub(crate) draft: bool,
    pub(crate) verdict: Verdict,
    pub(crate) approve: Option<String>,
    pub(crate) script_digest: Option<String>,
    pub(crate) film: Option<FilmView>,
    pub(crate) storyboard: Option<&'static str>,
    pub(crate) media: Option<MediaView>,
    pub(crate) player: &'static str,
    pub(crate) player_hash: String,
    pub(crate) thumbnails: Vec<ThumbnailView>,
    pub(crate) titles: Vec<Vec<Piece>>,
    pub(crate) hooks: Vec<Vec<Piece>>,
    pub(crate) scenes: Vec<SceneView>,
    pub(crate) description: Vec<Vec<Piece>>,
    pub(crate) tags: Vec<String>,
    pub(crate) chapters: Vec<Vec<Piece>>,
    pub(crate) pinned: Vec<Piece>,
    pub(crate) disclosures: Vec<String>,
    pub(crate) obeyed: Vec<String>,
    pub(crate) facts: Vec<FactView>,
    pub(crate) facts_agree: usize,
    pub(crate) counts: Vec<(&'static str, u32)>,
    pub(crate) checklists: Vec<(&'static str, Vec<Item>)>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) sources: Vec<SourceView>,
    pub(crate) pictures: Vec<PictureView>,
    pub(crate) screening: Vec<Screened>,
    pub(crate) stages: Vec<StageRow>,
    pub(crate) total: (String, String, String),
}

pub(crate) struct Verdict {
    pub(crate) word: &'static str,
    pub(crate) class: &'static str,
    pub(crate) reasons: Vec<String>,
}

pub(crate) struct FilmView {
    pub(crate) video: String,
    pub(crate) captions: Option<String>,
    pub(crate) poster: Option<String>,
    pub(crate) chapters: Vec<ChapterView>,
    pub(crate) chapters_track: String,
    pub(crate) length: String,
    pub(crate) properties: Vec<(&'static str, String)>,
    pub(crate) files: Vec<(String, String, String)>,
}

pub(crate) struct ThumbnailView {
    pub(crate) file: Option<String>,
    pub(crate) design: &'static str,
    pub(crate) words: Vec<Piece>,
    pub(crate) figure: Vec<Piece>,
}

/// Text with the fact behind it; the fact's id is empty for plain words.
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) fact: String,
}

pub(crate) struct SceneView {
    pub(crate) id: String,
    pub(crate) role: &'static str,
    pub(crate) objective: String,
    pub(crate) clock: String,
    pub(crate) seek: Option<String>,
    pub(crate) video: String,
    pub(crate) narration: Vec<Line>,
    pub(crate) on_screen: Vec<Vec<Piece>>,
    pub(crate) picture: Vec<Line>,
    pub(crate) sources: String,
    pub(crate) flags: Vec<&'static str>,
    pub(crate) scores: Vec<(&'static str, u8)>,
    pub(crate) reasons: Vec<String>,
}

/// A line of a scene, with the claims it rests on or its place in the picture.
pub(crate) struct Line {
    pub(crate) text: Vec<Piece>,
    pub(crate) about: String,
}

/// The page as HTML. Every text is escaped by the template.
///
/// `captions` is the content of the `WebVTT` file, which is carried inside the page: a browser refuses a track
/// beside a page that was opened from a folder. `storyboard` names the sheet that lies beside the page.
///
/// # Errors
/// What the template engine says; it has nothing to say of a page that compiled.
pub fn page(
    parts: &EpisodeParts<'_>,
    captions: Option<&[u8]>,
    storyboard: Option<&'static str>,
) -> Result<String, askama::Error> {
    build(parts, captions, storyboard).render()
}

/// Everything that the review page and the console show of an episode, laid out.
pub(crate) fn build(parts: &EpisodeParts<'_>, captions: Option<&[u8]>, storyboard: Option<&'static str>) -> Page {
    let mut tables = Tables::new(parts.packages);
    let facts: Vec<FactView> = parts
        .brief
        .map(|brief| {
            let view = |fact| FactView {
                said_in: said_in(parts, fact),
                ..facts::view(fact, parts.qa, &brief.series, &mut tables)
            };
            brief.facts.iter().map(view).collect()
        })
        .unwrap_or_default();
    let script = parts.script;
    let title = script.and_then(|script| script.titles.first()).map(RichText::text);
    let title = title
        .or_else(|| parts.brief.map(|brief| brief.topic.title.clone()))
        .unwrap_or_else(|| "Episode without a title yet".into());
    let rich = |texts: &[RichText]| texts.iter().map(pieces).collect::<Vec<_>>();
    Page {
        title,
        channel: parts.order.channel.name.clone(),
        run: parts.run.to_string(),
        as_of: parts.order.as_of.to_string(),
        language: parts.order.channel.language.clone(),
        draft: parts.is_draft(),
        verdict: verdict(parts),
        approve: parts.digest_to_approve().map(|digest| digest.0),
        script_digest: parts.qa.map(|qa| qa.script_digest.0.clone()),
        film: film(parts, captions),
        storyboard,
        media: player::media(parts),
        player: player::PLAYER,
        player_hash: player::player_hash(),
        thumbnails: thumbnails(parts),
        titles: script.map(|script| rich(&script.titles)).unwrap_or_default(),
        hooks: script.map(|script| rich(&script.hooks)).unwrap_or_default(),
        scenes: scenes(parts),
        description: script.map(|script| rich(&script.description)).unwrap_or_default(),
        tags: script.map(|script| script.tags.clone()).unwrap_or_default(),
        chapters: chapters(parts),
        pinned: script.map(|script| pieces(&script.pinned_comment)).unwrap_or_default(),
        obeyed: obeyed(parts),
        disclosures: script
            .map(|script| vec![script.ai_disclosure.clone(), script.disclaimer.clone()])
            .unwrap_or_default(),
        facts_agree: facts.iter().filter(|fact| fact.state == "agrees").count(),
        facts,
        counts: parts
            .qa
            .map(|qa| {
                vec![
                    ("points compared", qa.points_checked),
                    ("texts read", qa.texts_checked),
                    ("citations worded again", qa.citations_checked),
                ]
            })
            .unwrap_or_default(),
        checklists: record::checklists(parts),
        findings: parts.qa.map(|qa| qa.findings.iter().map(record::finding).collect()).unwrap_or_default(),
        sources: record::sources(parts),
        pictures: record::pictures(parts),
        screening: record::screening(parts),
        stages: record::stages(parts),
        total: record::total(parts),
    }
}

/// What was done because of standing orders, or, before there is a script, what is to be done.
fn obeyed(parts: &EpisodeParts<'_>) -> Vec<String> {
    let how = |order: &str| {
        let done = parts.script.and_then(|script| script.obeyed.iter().find(|obeyed| obeyed.order == order));
        done.map_or("not yet at the script", |obeyed| obeyed.how.as_str())
    };
    let directives = parts.order.directives.iter();
    directives
        .map(|directive| format!("{}: {}. {}", directive.order, directive.reason, how(&directive.order)))
        .collect()
}

/// Scenes whose narration cites a fact, so that a proof leads back to where it is heard.
fn said_in(parts: &EpisodeParts<'_>, fact: &Fact) -> Vec<String> {
    let Some(script) = parts.script else { return Vec::new() };
    let says = |scene: &&ScriptScene| {
        scene.narration.iter().any(|sentence| sentence.text.facts().any(|cited| *cited == fact.id))
    };
    script.scenes.iter().filter(says).map(|scene| scene.scene_id.to_string()).collect()
}

pub(crate) fn pieces(text: &RichText) -> Vec<Piece> {
    let fact =
        |cite: &Option<Cite>| if let Some(Cite::Fact { fact, .. }) = cite { fact.to_string() } else { String::new() };
    text.0.iter().map(|span| Piece { text: span.text.clone(), fact: fact(&span.cite) }).collect()
}

fn verdict(parts: &EpisodeParts<'_>) -> Verdict {
    match parts.qa.map(|qa| &qa.verdict) {
        Some(Decision::Pass) => Verdict { word: "passed", class: "good", reasons: Vec::new() },
        Some(Decision::Rewrite { reasons, .. }) => {
            Verdict { word: "sent back", class: "bad", reasons: reasons.clone() }
        }
        Some(Decision::Reject { reasons }) => Verdict { word: "rejected", class: "bad", reasons: reasons.clone() },
        None => Verdict { word: "not judged yet", class: "open", reasons: Vec::new() },
    }
}

fn film(parts: &EpisodeParts<'_>, captions: Option<&[u8]>) -> Option<FilmView> {
    let film = parts.film?;
    let named =
        |extension: &str| film.files.iter().find(|file| file.name.ends_with(extension)).map(|file| file.name.clone());
    let (check, chapters) = (&film.check, player::chapters(parts));
    let properties = vec![
        (
            "picture",
            format!("{} × {} at {} frames a second, {}", check.width, check.height, check.fps, check.video_codec),
        ),
        (
            "sound",
            format!(
                "{}, {:.1} LUFS, true peak {:.1} dBTP",
                check.audio_codec, check.loudness.integrated_lufs, check.loudness.true_peak_dbtp
            ),
        ),
        ("ends", format!("picture {:.3} s, sound {:.3} s", check.video_seconds, check.audio_seconds)),
        ("voice", film.voice.clone()),
    ];
    let megabytes = |bytes: u64| {
        if bytes >= 1_000_000 {
            format!("{:.1} MB", bytes as f64 / 1e6)
        } else {
            format!("{:.1} kB", bytes as f64 / 1e3)
        }
    };
    Some(FilmView {
        video: named(".mp4")?,
        captions: named(".vtt").map(|name| captions.map_or(name, inline_track)),
        poster: film.files.iter().map(|file| &file.name).find(|name| name.as_str() == "thumbnail-1.png").cloned(),
        chapters_track: inline_track(player::chapters_track(&chapters).as_bytes()),
        chapters,
        length: words::clock(f64::from(film.duration_ms) / 1000.0),
        properties,
        files: film
            .files
            .iter()
            .map(|file| (file.name.clone(), megabytes(file.bytes), file.digest.to_string()))
            .collect(),
    })
}

/// `WebVTT` as a `data:` address.
fn inline_track(vtt: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::from("data:text/vtt;charset=utf-8,");
    for byte in vtt {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn thumbnails(parts: &EpisodeParts<'_>) -> Vec<ThumbnailView> {
    let Some(script) = parts.script else { return Vec::new() };
    let file = |n: usize| {
        let name = format!("thumbnail-{}.png", n + 1);
        parts.film.filter(|film| film.files.iter().any(|file| file.name == name)).map(|_| name)
    };
    let view = |(n, thumbnail): (usize, &proofreel_model::script::ThumbnailVariant)| {
        let mut figure = thumbnail.earlier.as_ref().map(pieces).unwrap_or_default();
        if !figure.is_empty() {
            figure.push(Piece { text: " → ".into(), fact: String::new() });
        }
        figure.extend(pieces(&thumbnail.figure));
        ThumbnailView {
            file: file(n),
            design: words::design(thumbnail.design),
            words: pieces(&thumbnail.words),
            figure,
        }
    };
    script.thumbnails.iter().enumerate().map(view).collect()
}

fn scenes(parts: &EpisodeParts<'_>) -> Vec<SceneView> {
    let Some(scenes) = parts.scenes else { return Vec::new() };
    scenes.scenes.iter().map(|scene| scene_view(parts, scene)).collect()
}

fn scene_view(parts: &EpisodeParts<'_>, scene: &Scene) -> SceneView {
    let spoken = parts.script.and_then(|script| script.scenes.iter().find(|spoken| spoken.scene_id == scene.scene_id));
    let judged = parts.qa.and_then(|qa| qa.scenes.iter().find(|judged| judged.scene_id == scene.scene_id));
    let timing = parts.film.and_then(|film| film.timeline.iter().find(|timing| timing.scene_id == scene.scene_id));
    let (start, end) = timing.map_or((scene.start_time, scene.end_time), |timing| {
        (f64::from(timing.start_ms) / 1000.0, f64::from(timing.end_ms) / 1000.0)
    });
    let claims = |claims: &[proofreel_model::ids::ClaimId]| {
        claims.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    SceneView {
        id: scene.scene_id.to_string(),
        role: words::role(scene.narrative_role),
        objective: scene.objective.clone(),
        clock: format!("{}–{}", words::clock(start), words::clock(end)),
        seek: timing.map(|timing| player::seconds(timing.start_ms)),
        video: parts
            .film
            .and_then(|film| {
                film.files
                    .iter()
                    .find(|file| std::path::Path::new(&file.name).extension().is_some_and(|kind| kind == "mp4"))
            })
            .map(|file| file.name.clone())
            .unwrap_or_default(),
        narration: spoken
            .map(|spoken| {
                spoken
                    .narration
                    .iter()
                    .map(|sentence| Line { text: pieces(&sentence.text), about: claims(&sentence.claims) })
                    .collect()
            })
            .unwrap_or_default(),
        on_screen: spoken.map(|spoken| spoken.on_screen_text.iter().map(pieces).collect()).unwrap_or_default(),
        picture: scene
            .visual
            .texts()
            .into_iter()
            .map(|(place, text)| Line { text: pieces(text), about: place.to_owned() })
            .collect(),
        sources: scene.source_line.text(),
        flags: scene.risk_flags.iter().map(|flag| words::risk(*flag)).collect(),
        scores: judged.map(scores).unwrap_or_default(),
        reasons: judged.map(|judged| judged.reasons.clone()).unwrap_or_default(),
    }
}

fn scores(judged: &SceneQa) -> Vec<(&'static str, u8)> {
    let scores = &judged.scores;
    vec![
        ("factual accuracy", scores.factual_accuracy),
        ("claim–evidence alignment", scores.claim_evidence_alignment),
        ("source traceability", scores.source_traceability),
        ("evidence–source consistency", scores.evidence_source_consistency),
        ("logical continuity", scores.logical_continuity),
        ("viewer clarity", scores.viewer_clarity),
        ("retention risk", scores.retention_risk),
    ]
}

/// The chapters that are published with the film; while there is none, those that the script plans.
fn chapters(parts: &EpisodeParts<'_>) -> Vec<Vec<Piece>> {
    if let Some(film) = parts.film {
        // Chapters that came out too short joined others: who approves sees what viewers will.
        let published = |line: &String| vec![Piece { text: line.clone(), fact: String::new() }];
        return film.metadata.chapters.iter().map(published).collect();
    }
    let Some(script) = parts.script else { return Vec::new() };
    let line = |chapter: &proofreel_model::script::Chapter| {
        let mut line = vec![Piece { text: format!("{} ", chapter.scene_id), fact: String::new() }];
        line.extend(pieces(&chapter.title));
        line
    };
    script.chapters.iter().map(line).collect()
}
