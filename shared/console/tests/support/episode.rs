//! The artifacts of a small episode.

use proofreel_model::digest::Digest;
use serde_json::{Value, json};

/// Text that wants to be more than text.
pub const HOSTILE: &str = "</title><script>alert('x')</script>\"onload=\"y\" & <img src=x onerror=z>";

pub const DESCRIPTOR: &str = r#"{"name": "metal", "resources": [{"name": "monthly", "path": "monthly.csv"}]}"#;
pub const CSV: &str =
    "Date,Price,note\n2026-01-01,10.0,\"<img src=x onerror=y>\"\n2026-02-01,11.0,\n2026-03-01,12.5,\n";

pub struct Made {
    pub order: Value,
    pub brief: Value,
    pub scenes: Value,
    pub script: Value,
    pub script_before: Value,
    pub qa: Value,
    pub film: Value,
    pub files: Vec<(String, Vec<u8>)>,
}

/// Bytes that are different everywhere, so that a part in the wrong place is seen.
pub fn bytes(mark: &str, length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length + 64);
    let mut n = 0;
    while out.len() < length {
        out.extend(Digest::of(format!("{mark}{n}").as_bytes()).0.bytes());
        n += 1;
    }
    out.truncate(length);
    out
}

pub fn log_row(run: &str, channel: &str, stage: &str, visit: u32, outputs: &Value, text: &str) -> Value {
    json!({"run_id": run, "channel": channel, "stage": stage, "visit": visit, "status": "success", "attempts": 1, "input_refs": [],
        "output_refs": outputs, "outcome": "advance", "error_summary": text, "note": text,
        "metrics": {"latency_ms": 62_500, "tokens": 12, "cost_usd": 0.0123, "cache_hit": 3, "retry_count": 0}, "created_at": format!("2026-11-22T1{visit}:00:00Z")})
}

pub fn episode(run: &str, channel: &str, text: &str, mark: &str) -> Made {
    let series = json!({"dataset": "metal", "resource": "monthly", "date_column": "Date", "column": "Price"});
    let unit = json!({"kind": "currency", "code": "USD"});
    let fact = |id: &str, op: &str, args: Value, value: f64, rows: (u32, u32)| {
        json!({"id": id, "op": op, "args": args, "value": value, "unit": unit, "frequency": "monthly", "display": format!("${value}"),
            "rows": [{"resource": "monthly", "first": rows.0, "last": rows.1}]})
    };
    let cite = |fact: &str, shown: &str| json!({"text": shown, "cite": "fact", "fact": fact, "part": "value", "style": "spoken"});
    let trace =
        json!({"series": series, "label": [{"text": text}], "unit": unit, "frequency": "monthly", "points": []});
    let said = json!([{"text": format!("{text} ")}, cite("f001", "$12.50"), {"text": "."}]);
    let said_before = json!([{"text": format!("{text} before ")}, cite("f001", "$12.50"), {"text": "."}]);
    let topic = json!({"topic_id": "t", "title": text, "angle": "long_view", "series": [], "evidence_preview": [], "findings": 1, "strength": 0.5, "notes": []});
    let brief = json!({"as_of": "2026-06-20", "topic": topic, "topic_candidates": [], "executive_summary": [], "data_points": [], "contrarian_angle": [], "viewer_takeaway": [],
        "key_facts": [], "key_fact_sources": [{"claim": "c01", "source_ids": ["src1"]}], "series": [],
        "sources": [
            {"source_id": "src1", "title": text, "url": "javascript:alert(1)", "as_of_date": "2026-06-01", "source_tier": "tier_1", "freshness_window_days": 30, "stale_data": true,
             "licence": text, "dataset": "metal", "dataset_digest": "d"},
            {"source_id": "src2", "title": "World Bank", "url": "https://www.worldbank.org/?a=1&b=\"2", "as_of_date": "2026-06-01", "source_tier": "tier_2", "freshness_window_days": 30,
             "stale_data": false, "licence": "CC-BY-4.0", "dataset": "metal", "dataset_digest": "d"}],
        "facts": [fact("f001", "latest", json!({"series": series, "at": "2026-03-01"}), 12.5, (3, 3)),
                  fact("f002", "change", json!({"series": series, "from": "2026-01-01", "to": "2026-03-01"}), 2.5, (1, 3))],
        "screening": [{"series": series, "kind": "gap", "rows": [4, 9], "note": text, "excluded": true}]});
    let scene = json!({"scene_id": "s01", "objective": text, "narrative_role": "hook", "key_claims": [], "source_refs": [], "evidence_sources": [], "visual_prompt": "",
        "visual": {"kind": "title", "kicker": [{"text": text}], "heading": said}, "source_line": [{"text": text}], "narration_prompt": "", "transition_note": "",
        "start_time": 0.0, "end_time": 9.0, "word_budget": 20, "risk_flags": ["stale_data"]});
    let script = |said: &Value| {
        json!({"writer": "embedded 1.0.0", "scenes": [{"scene_id": "s01", "narration": [{"text": said, "claims": ["c01"], "plan": "p"}], "on_screen_text": [said]}],
        "titles": [said, said, said], "thumbnails": [{"design": "then_and_now", "words": said, "figure": said, "earlier": said, "trace": trace}], "hooks": [said],
        "description": [said], "tags": [text], "chapters": [{"scene_id": "s01", "title": said}], "pinned_comment": said, "ai_disclosure": text, "disclaimer": text})
    };
    let scores = json!({"factual_accuracy": 5, "claim_evidence_alignment": 5, "source_traceability": 2, "evidence_source_consistency": 5, "logical_continuity": 5, "viewer_clarity": 4, "retention_risk": 5});
    let qa = json!({"verdict": {"decision": "pass"}, "scenes": [{"scene_id": "s01", "scores": scores, "reasons": [text]}],
        "checklists": [{"checklist": "final", "aspect": "logic", "question": text, "passed": false, "note": text}],
        "recomputed": [{"fact": "f001", "claimed": 12.5, "recomputed": 12.5, "agrees": true}, {"fact": "f002", "claimed": 2.5, "recomputed": 2.25, "agrees": false, "note": text}],
        "points_checked": 30, "texts_checked": 40, "citations_checked": 50,
        "findings": [{"rule": "number_without_fact", "scene_id": "s01", "place": text, "detail": text, "owner": "script", "fatal": true}], "script_digest": ""});
    let file = |name: &str, kind: &str| json!({"name": name, "media_type": kind, "digest": "", "bytes": 0});
    let film = json!({"format": "landscape", "duration_ms": 152_000, "voice": text, "timeline": [{"scene_id": "s01", "start_ms": 0, "end_ms": 9000}], "words": [],
        "files": [file("video.mp4", "video/mp4"), file("captions.vtt", "text/vtt"), file("thumbnail-1.png", "image/png")],
        "check": {"video_codec": "h264", "width": 1920, "height": 1080, "fps": 30.0, "audio_codec": "aac", "video_seconds": 152.0, "audio_seconds": 152.0,
            "loudness": {"integrated_lufs": -14.1, "true_peak_dbtp": -1.4}},
        "metadata": {"title": format!("{text} {mark}"), "title_variants": [text], "description": text, "tags": [text], "chapters": [text], "pinned_comment": text,
            "language": "en-US", "contains_synthetic_media": true}});
    let owner = json!({"id": channel, "name": text, "kind": "finance", "audience": "people", "sources": ["data"]});
    Made {
        order: json!({"channel": owner, "as_of": "2026-06-20", "seed": 1, "format": "landscape", "packages": []}),
        brief,
        scenes: json!({"scenes": [scene]}),
        script: script(&said),
        script_before: script(&said_before),
        qa,
        film,
        files: vec![
            ("video.mp4".into(), bytes(&format!("{run}{mark}"), if mark == "long" { 9_000_000 } else { 100_000 })),
            ("captions.vtt".into(), b"WEBVTT\n\n".to_vec()),
            ("thumbnail-1.png".into(), bytes("picture", 2000)),
            ("secret.html".into(), b"<script>alert(1)</script>".to_vec()),
        ],
    }
}
