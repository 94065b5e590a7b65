//! A finished film and its run, for whoever decides about or publishes one in a test; used by `tests/src/youtube` too.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::digest::{BlobRef, Digest, canonical_json};
use proofreel_model::film::Film;
use proofreel_model::ids::RunId;
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::stage::StageName;
use proofreel_publishing::Candidate;
use serde_json::{Value, json};

/// A film of these files: what is published beside the video, and how long it is.
pub fn film(files: &[Value; 3], duration_ms: u32, title: &str, description: &str, tags: &[&str]) -> Film {
    let seconds = f64::from(duration_ms) / 1000.0;
    let film = json!({
        "format": "landscape", "duration_ms": duration_ms, "voice": "v", "timeline": [], "words": [], "files": files,
        "check": {"video_codec": "h264", "width": 1920, "height": 1080, "fps": 30.0, "audio_codec": "aac",
            "video_seconds": seconds, "audio_seconds": seconds,
            "loudness": {"integrated_lufs": -14.0, "true_peak_dbtp": -1.0}},
        "metadata": {"title": title, "title_variants": [], "description": description, "tags": tags, "chapters": [],
            "pinned_comment": "", "language": "en", "contains_synthetic_media": true},
    });
    serde_json::from_value(film).expect("a film")
}

/// The finished run of a film that QA passed.
pub fn finished(channel: ChannelProfile, run: &str, film: Film) -> Candidate {
    let film_digest = Digest::of(&canonical_json(&film).expect("JSON"));
    let script = BlobRef::to("artifact", b"script");
    let qa = serde_json::from_value(json!({
        "verdict": {"decision": "pass"}, "scenes": [], "checklists": [],
        "recomputed": [{"fact": "f001", "claimed": 1.0, "recomputed": 1.0, "agrees": true}], "points_checked": 1,
        "texts_checked": 1, "citations_checked": 1, "findings": [], "script_digest": script.digest,
    }));
    let head = RunHead {
        run_id: RunId::from(run),
        channel: channel.id.clone(),
        order: BlobRef::to("order", b"order"),
        state: RunState::Done,
        artifacts: BTreeMap::from([(StageName::Script, script)]),
        files: BTreeMap::new(),
        rewrites: 0,
        draft: false,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    };
    Candidate { channel, head, film_digest, film, qa: qa.expect("a verdict") }
}
