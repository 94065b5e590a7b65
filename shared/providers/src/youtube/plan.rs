//! What publishing a film asks of YouTube when nothing goes wrong: each request, in its order, with what it costs.

use proofreel_model::policy::publishing::{YoutubeUnits, law};
use proofreel_ports::{PlannedRequest, VideoCard, VideoFile};

use super::host::LOOK;
use super::oauth::TOKEN;

/// The allowance of all requests but inserts.
const POOL: &str = "units of the day's 10,000";
/// Requests that cost nothing.
const FREE: &str = "none";

/// The requests of a film; `captions` and `thumbnail` say whether it has them. A drill compares them with what is sent.
pub(super) fn plan(
    units: &YoutubeUnits,
    card: &VideoCard,
    file: &VideoFile,
    captions: bool,
    thumbnail: bool,
) -> Vec<PlannedRequest> {
    let mut plan: Vec<PlannedRequest> = Vec::new();
    let mut add = |what: &str, request: String, (bucket, cost): (&str, u64), times: u64| {
        plan.push(PlannedRequest { what: what.into(), request, bucket: bucket.into(), cost, times });
    };
    let chunks = file.bytes.div_ceil(law().upload.chunk_kib * 1024).max(1);
    let look = format!("GET /youtube/v3/videos?part={LOOK}&id=VIDEO");
    add("renew the access token", format!("POST {TOKEN}"), (FREE, 0), 1);
    add(
        "open a session, private, with the marker",
        format!(
            "POST /upload/youtube/v3/videos?uploadType=resumable&part=snippet,status&notifySubscribers={}",
            card.notify_subscribers
        ),
        ("calls of the day's 100 videos.insert", 1),
        1,
    );
    add("ask the session how far it is", "PUT the session's address, without bytes".into(), (FREE, 0), 1);
    add("send the bytes", "PUT the session's address".into(), (FREE, 0), chunks);
    add("look until it is processed", look.clone(), (POOL, units.list), 2);
    if thumbnail {
        let request = "POST /upload/youtube/v3/thumbnails/set?videoId=VIDEO&uploadType=media";
        add("set the thumbnail", request.into(), (POOL, units.thumbnail), 1);
    }
    if captions {
        let request = "GET /youtube/v3/captions?part=snippet&videoId=VIDEO";
        add("look for captions", request.into(), (POOL, units.captions_list), 1);
        let request = "POST /upload/youtube/v3/captions?part=snippet&uploadType=multipart";
        add("add the captions", request.into(), (POOL, units.captions_insert), 1);
    }
    if let Some(playlist) = &card.playlist {
        let request = format!("GET /youtube/v3/playlistItems?part=snippet&playlistId={playlist}&videoId=VIDEO");
        add("look into the playlist", request, (POOL, units.list), 1);
        let request = "POST /youtube/v3/playlistItems?part=snippet";
        add("join the playlist", request.into(), (POOL, units.playlist_insert), 1);
    }
    let read = "GET /youtube/v3/videos?part=snippet,status&id=VIDEO";
    add("read before the update", read.into(), (POOL, units.list), 1);
    let shown =
        card.publish_at.map_or_else(|| format!("make it {}", card.visibility), |at| format!("schedule it for {at}"));
    add(&shown, "PUT /youtube/v3/videos?part=snippet,status".into(), (POOL, units.update), 1);
    add("read it back", look, (POOL, units.list), 1);
    plan
}
