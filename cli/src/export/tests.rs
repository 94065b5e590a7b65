//! The exports of a small episode whose every free text is hostile.

use std::collections::BTreeSet;

use proofreel_evidence::PackageBytes;
use proofreel_model::brief::ResearchBrief;
use proofreel_model::digest::Digest;
use proofreel_model::film::Film;
use proofreel_model::ids::RunId;
use proofreel_model::media::MediaReport;
use proofreel_model::order::Order;
use proofreel_model::qa::QaReport;
use proofreel_model::records::PipelineRun;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;

const HOSTILE: &str = "</title><script>alert('x')</script>\"onload=\"y\" & [a](javascript:b) `c` {{ d }}";

struct Sample {
    run: RunId,
    order: Order,
    packages: Vec<PackageBytes>,
    rows: Vec<PipelineRun>,
    brief: ResearchBrief,
    scenes: Scenes,
    script: Script,
    qa: QaReport,
    film: Film,
}

fn typed<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn sample() -> Sample {
    let series = json!({"dataset": "metal", "resource": "monthly", "date_column": "Date", "column": "<script>"});
    let unit = json!({"kind": "currency", "code": "USD"});
    let fact = |id: &str, op: &str, args: Value, value: f64, rows: (u32, u32)| {
        json!({"id": id, "op": op, "args": args, "value": value, "unit": unit, "frequency": "monthly", "display": format!("${value}"),
            "rows": [{"resource": "monthly", "first": rows.0, "last": rows.1}]})
    };
    let cite = |fact: &str, text: &str| json!({"text": text, "cite": "fact", "fact": fact, "part": "value", "style": "spoken"});
    let trace =
        json!({"series": series, "label": [{"text": HOSTILE}], "unit": unit, "frequency": "monthly", "points": []});
    let said = json!([{"text": HOSTILE}, cite("f001", "$12.50"), {"text": "."}]);
    let topic = json!({"topic_id": "t", "title": HOSTILE, "angle": "long_view", "series": [], "evidence_preview": [], "findings": 1, "strength": 0.5, "notes": []});
    let brief = json!({"as_of": "2026-06-20", "topic": topic, "topic_candidates": [], "executive_summary": [], "data_points": [], "contrarian_angle": [], "viewer_takeaway": [],
        "key_facts": [], "key_fact_sources": [{"claim": "c01", "source_ids": ["src1"]}], "series": [],
        "sources": [
            {"source_id": "src1", "title": HOSTILE, "url": "javascript:alert(1)", "as_of_date": "2026-06-01", "source_tier": "tier_1", "freshness_window_days": 30, "stale_data": true,
             "licence": HOSTILE, "dataset": "metal", "dataset_digest": "d"},
            {"source_id": "src2", "title": "World Bank", "url": "https://www.worldbank.org/?a=1&b=\"2", "as_of_date": "2026-06-01", "source_tier": "tier_2", "freshness_window_days": 30,
             "stale_data": false, "licence": "CC-BY-4.0", "dataset": "metal", "dataset_digest": "d"}],
        "facts": [fact("f001", "latest", json!({"series": series, "at": "2026-03-01"}), 12.5, (3, 3)),
                  fact("f002", "change", json!({"series": series, "from": "2026-01-01", "to": "2026-03-01"}), 2.5, (1, 3))],
        "screening": [{"series": series, "kind": "gap", "rows": [4, 9], "note": HOSTILE, "excluded": true}]});
    let scene = json!({"scene_id": "s01", "objective": HOSTILE, "narrative_role": "hook", "key_claims": [], "source_refs": [], "evidence_sources": [], "visual_prompt": "",
        "visual": {"kind": "title", "kicker": [{"text": HOSTILE}], "heading": said}, "source_line": [{"text": HOSTILE}], "narration_prompt": "", "transition_note": "",
        "start_time": 0.0, "end_time": 9.0, "word_budget": 20, "risk_flags": ["stale_data"]});
    let script = json!({"writer": "embedded 1.0.0", "scenes": [{"scene_id": "s01", "narration": [{"text": said, "claims": ["c01"], "plan": "p"}], "on_screen_text": [said]}],
        "titles": [said, said, said], "thumbnails": [{"design": "then_and_now", "words": said, "figure": said, "earlier": said, "trace": trace}], "hooks": [said],
        "description": [said], "tags": [HOSTILE], "chapters": [{"scene_id": "s01", "title": said}], "pinned_comment": said, "ai_disclosure": HOSTILE, "disclaimer": HOSTILE});
    let scores = json!({"factual_accuracy": 5, "claim_evidence_alignment": 5, "source_traceability": 2, "evidence_source_consistency": 5, "logical_continuity": 5, "viewer_clarity": 4, "retention_risk": 5});
    let qa = json!({"verdict": {"decision": "rewrite", "stage": "script", "reasons": [HOSTILE]}, "scenes": [{"scene_id": "s01", "scores": scores, "reasons": [HOSTILE]}],
        "checklists": [{"checklist": "final", "aspect": "logic", "question": HOSTILE, "passed": false, "note": HOSTILE}],
        "recomputed": [{"fact": "f001", "claimed": 12.5, "recomputed": 12.5, "agrees": true}, {"fact": "f002", "claimed": 2.5, "recomputed": 2.25, "agrees": false, "note": HOSTILE}],
        "points_checked": 30, "texts_checked": 40, "citations_checked": 50,
        "findings": [{"rule": "number_without_fact", "scene_id": "s01", "place": HOSTILE, "detail": HOSTILE, "owner": "script", "fatal": true}], "script_digest": "abc"});
    let file = |name: &str| json!({"name": name, "media_type": "x", "digest": "0123", "bytes": 1_500_000});
    let film = json!({"format": "landscape", "duration_ms": 152_000, "voice": HOSTILE, "timeline": [{"scene_id": "s01", "start_ms": 0, "end_ms": 9000}], "words": [],
        "files": [file("video.mp4"), file("captions.vtt"), file("thumbnail-1.png")],
        "check": {"video_codec": "h264", "width": 1920, "height": 1080, "fps": 30.0, "audio_codec": "aac", "video_seconds": 152.0, "audio_seconds": 152.0,
            "loudness": {"integrated_lufs": -14.1, "true_peak_dbtp": -1.4}},
        "metadata": {"title": HOSTILE, "title_variants": [], "description": "", "tags": [], "chapters": [], "pinned_comment": "", "language": "en-US", "contains_synthetic_media": true}});
    let row = json!({"run_id": "r1", "channel": "plain", "stage": "qa", "visit": 1, "status": "success", "attempts": 1, "input_refs": [], "output_refs": [], "outcome": "rewrite script",
        "error_summary": HOSTILE, "metrics": {"latency_ms": 62_500, "tokens": 0, "cost_usd": 0.0, "cache_hit": 0, "retry_count": 0}, "created_at": "2026-06-20T10:00:00Z"});
    let channel = json!({"id": "plain", "name": HOSTILE, "kind": "finance", "audience": "people", "sources": ["data"]});
    let descriptor = r#"{"name": "metal", "resources": [{"name": "monthly", "path": "monthly.csv"}]}"#;
    let csv = "Date,<script>,note\n2026-01-01,10.0,\"<img src=x onerror=y>\"\n2026-02-01,11.0,\n2026-03-01,12.5,\n";
    let files = [("datapackage.json", descriptor), ("monthly.csv", csv)]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    Sample {
        run: "r1".into(),
        order: typed(
            json!({"channel": channel, "as_of": "2026-06-20", "seed": 1, "format": "landscape", "packages": []}),
        ),
        packages: vec![PackageBytes { name: "metal".into(), digest: Digest::of(b""), files: files.into() }],
        rows: vec![typed(row)],
        brief: typed(brief),
        scenes: typed(json!({"scenes": [scene]})),
        script: typed(script),
        qa: typed(qa),
        film: typed(film),
    }
}

impl Sample {
    fn parts(&self) -> EpisodeParts<'_> {
        EpisodeParts {
            run: &self.run,
            order: &self.order,
            packages: &self.packages,
            rows: &self.rows,
            brief: Some(&self.brief),
            scenes: Some(&self.scenes),
            script: Some(&self.script),
            qa: Some(&self.qa),
            film: Some(&self.film),
        }
    }
}

/// Tag names, and the values of an attribute, in the page's mark-up.
fn tags(html: &str) -> BTreeSet<String> {
    let name =
        |rest: &str| rest.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect::<String>();
    html.split('<').skip(1).map(name).collect()
}

fn attributes(html: &str, name: &str) -> Vec<String> {
    html.split(&format!(" {name}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn hostile_text_stays_text() {
    let sample = sample();
    let html = review::page(&sample.parts(), None, None).unwrap();
    let tags = tags(&html);
    assert!(!tags.contains("b"), "{tags:?}");
    // The page's own script and no other, allowed by its digest.
    assert_eq!(html.matches("<script").count(), 1);
    assert!(html.contains(&format!("<script>{}</script>", review::PLAYER)));
    assert!(html.contains("script-src 'sha256-") && !review::PLAYER.contains("</"));
    assert!(tags.contains("img"));
    assert!(
        attributes(&html, "src")
            .iter()
            .all(|src| ["video.mp4", "captions.vtt", "thumbnail-1.png"].contains(&src.as_str())
                || src.starts_with("data:text/vtt;"))
    );
    assert!(
        attributes(&html, "href").iter().all(|href| ["#", "video.mp4#t=", "https://www.worldbank.org/"]
            .iter()
            .any(|start| href.starts_with(start)))
    );
    assert!(!html.contains(" onload=\"") && !html.contains("onerror=y>"));
    // The column's header, the channel's name and the cell are there to be read.
    assert!(html.contains("&#60;script&#62;") && html.contains("&#60;img src=x onerror=y&#62;"));
    let text = markdown::script(&sample.parts(), &sample.script) + &markdown::sources(&sample.parts(), &sample.brief);
    assert!(!text.contains('<') && !text.contains("[a](javascript") && text.contains("&lt;script&gt;"));
}

#[test]
fn every_number_opens_a_proof_with_formula_value_recomputation_and_cells() {
    let sample = sample();
    let html = review::page(&sample.parts(), None, None).unwrap();
    let ids: BTreeSet<String> = attributes(&html, "id").into_iter().collect();
    let opened = attributes(&html, "popovertarget");
    assert!(opened.len() > 10 && opened.iter().all(|id| ids.contains(id)));
    assert!(attributes(&html, "href").iter().filter_map(|href| href.strip_prefix('#')).all(|id| ids.contains(id)));
    let proof = html.split("id=\"pop-f002\"").nth(1).unwrap();
    for shown in [
        "v(to) − v(from)",
        "2026-01-01",
        "2.25",
        "differs",
        "metal / monthly, rows 1 to 3",
        "<th scope=\"row\">1</th>",
        "<td>12.5</td>",
    ] {
        assert!(proof.contains(shown), "{shown}");
    }
}

#[test]
fn the_page_is_self_contained_and_says_what_is_approved() {
    let sample = sample();
    let parts = sample.parts();
    let html = review::page(&parts, None, None).unwrap();
    assert!(html.contains("default-src 'none'"));
    assert!(!html.contains("@import") && !html.contains("url("));
    let digest = parts.digest_to_approve().unwrap();
    assert!(html.contains(&digest.0) && html.contains("Quality gate: sent back") && html.contains("1 min 2 s"));
}

#[test]
fn the_film_has_chapters_a_media_report_and_a_storyboard() {
    let mut sample = sample();
    let finding: proofreel_model::media::MediaFinding =
        typed(json!({"code": "frozen_picture", "scene_id": "s01", "at_ms": 61_000,
        "measured": "9 s", "bound": "less", "detail": HOSTILE, "order": "rewrite", "stage": "script"}));
    let report = MediaReport { findings: vec![finding], ..MediaReport::default() };
    sample.film.media = Some(report);
    let html = review::page(&sample.parts(), None, Some("storyboard.png")).unwrap();
    let seeks = attributes(&html, "data-seek");
    assert!(seeks.len() == 2 && seeks.iter().all(|seek| seek == "0.000"), "a chapter and a scene: {seeks:?}");
    assert!(attributes(&html, "href").contains(&"video.mp4#t=0.000".to_owned()));
    assert!(html.contains("kind=\"chapters\"") && html.contains("WEBVTT%0A%0A00%3A00%3A00%2E000"));
    assert!(attributes(&html, "src").contains(&"storyboard.png".to_owned()));
    assert!(html.contains("frozen picture") && html.contains("s01, 1:01") && html.contains("back to script"));
    assert!(!html.contains("<script>alert"));
}

#[test]
fn captions_are_carried_inside_the_page_when_they_are_there() {
    let sample = sample();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("captions.vtt"), "WEBVTT\n\n\"<b>\"").unwrap();
    export(dir.path(), &sample.parts()).unwrap();
    let html = std::fs::read_to_string(dir.path().join("review.html")).unwrap();
    assert!(attributes(&html, "src").contains(&"data:text/vtt;charset=utf-8,WEBVTT%0A%0A%22%3Cb%3E%22".to_owned()));
}

#[test]
fn the_script_tells_when_scenes_begin_in_the_film_and_what_was_planned_before_there_is_one() {
    let mut sample = sample();
    sample.scenes.scenes[0].start_time = 12.6;
    sample.film.timeline[0].start_ms = 19_900;
    let text = |parts: &EpisodeParts<'_>| markdown::script(parts, &sample.script);
    assert!(text(&sample.parts()).contains("## s01 · hook · 0:19\n"), "{}", text(&sample.parts()));
    let unfilmed = EpisodeParts { film: None, ..sample.parts() };
    assert!(text(&unfilmed).contains("## s01 · hook · planned 0:12\n"), "{}", text(&unfilmed));
}

#[test]
fn a_draft_carries_its_banner_and_offers_nothing_to_approve() {
    let mut sample = sample();
    sample.order.draft = true;
    let parts = sample.parts();
    assert_eq!(parts.digest_to_approve(), None);
    let html = review::page(&parts, None, None).unwrap();
    assert!(html.contains("cannot be approved or published") && html.contains("The publishing stages refuse it"));
    assert!(markdown::script(&parts, &sample.script).contains("**Draft"));
}

#[test]
fn files_are_whole_named_and_the_same_each_time() {
    let sample = sample();
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out/plain/r1");
    let first = export(&out, &sample.parts()).unwrap();
    let names: Vec<_> = first.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["script.md", "sources.md", "facts.json", "metadata.json", "run-log.jsonl", "review.html"]);
    let bytes = || first.iter().map(|path| std::fs::read(path).unwrap()).collect::<Vec<_>>();
    let before = bytes();
    export(&out, &sample.parts()).unwrap();
    assert_eq!(bytes(), before);
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 6);
    let facts: Vec<proofreel_model::fact::Fact> = serde_json::from_slice(&before[2]).unwrap();
    assert_eq!(facts, sample.brief.facts);
    let row: PipelineRun = serde_json::from_slice(&before[4]).unwrap();
    assert_eq!(row, sample.rows[0]);
}

#[test]
fn a_run_that_stopped_early_exports_what_there_is() {
    let sample = sample();
    let dir = tempfile::tempdir().unwrap();
    let parts = EpisodeParts { brief: None, scenes: None, script: None, qa: None, film: None, ..sample.parts() };
    let names: Vec<_> = export(dir.path(), &parts).unwrap();
    assert_eq!(names.len(), 2);
    let html = std::fs::read_to_string(&names[1]).unwrap();
    assert!(html.contains("not judged yet") && html.contains("There is no film yet"));
}

#[test]
fn a_place_that_cannot_be_written_is_one_clear_error() {
    let sample = sample();
    let dir = tempfile::tempdir().unwrap();
    let blocked = dir.path().join("file");
    std::fs::write(&blocked, "x").unwrap();
    let error = export(&blocked, &sample.parts()).unwrap_err().to_string();
    assert!(error.starts_with("cannot write ") && error.contains("hint: "), "{error}");
}

/// A scene over a stock picture, and the picture's bytes.
fn pictured(page: &str, title: &str) -> (Sample, Vec<(Digest, Vec<u8>)>) {
    let mut sample = sample();
    let png = b"kept".to_vec();
    let digest = Digest::of(&png);
    sample.order.pictures = typed(
        json!([{"subject": "gold", "provider": "commons", "id": "1", "title": title, "author": "Jane Doe", "page": page,
        "licence": "CC-BY-4.0", "licence_url": "https://creativecommons.org/licenses/by/4.0/", "retrieved": "2026-06-19", "original": Digest::of(b"sent"),
        "blob": {"key": format!("pictures/{digest}"), "digest": digest, "bytes": 4}, "width": 1600, "height": 900}]),
    );
    sample.scenes.scenes[0].visual =
        typed(json!({"kind": "title", "kicker": [{"text": "k"}], "heading": [{"text": "h"}],
        "picture": sample.order.pictures[0].backing()}));
    (sample, vec![(digest, png)])
}

#[test]
fn a_stock_picture_lies_in_the_folder_with_its_ledger_and_on_the_page() {
    let (sample, kept) = pictured("https://commons.wikimedia.org/wiki/File:A.jpg", "Bars of gold");
    let dir = tempfile::tempdir().unwrap();
    pictures(dir.path(), &sample.order, Some(&sample.scenes), &kept).unwrap();
    let name = format!("picture-{}.png", kept[0].0.short());
    assert_eq!(std::fs::read(dir.path().join(&name)).unwrap(), b"kept");
    let ledger: Value = serde_json::from_slice(&std::fs::read(dir.path().join("pictures.json")).unwrap()).unwrap();
    assert_eq!((&ledger[0]["licence"], &ledger[0]["author"]), (&json!("CC-BY-4.0"), &json!("Jane Doe")));
    let html = review::page(&sample.parts(), None, None).unwrap();
    assert!(attributes(&html, "src").contains(&name) && html.contains("Look whether it shows people"));
    assert!(attributes(&html, "href").contains(&"https://commons.wikimedia.org/wiki/File:A.jpg".to_owned()));
    // Without one nothing is written and nothing said.
    let (bare, empty) = (self::sample(), tempfile::tempdir().unwrap());
    pictures(empty.path(), &bare.order, Some(&bare.scenes), &kept).unwrap();
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
    assert!(!review::page(&bare.parts(), None, None).unwrap().contains("Stock picture"));
}

#[test]
fn a_hostile_ledger_is_no_mark_up_and_no_link() {
    let (sample, _) = pictured("javascript:alert(1)", HOSTILE);
    let html = review::page(&sample.parts(), None, None).unwrap();
    assert!(!attributes(&html, "href").iter().any(|href| href.starts_with("javascript:")));
    assert_eq!(html.matches("<script").count(), 1);
}
