//! What competing channels publish: public facts of their newest videos, through the YouTube Data API, read-only.
//!
//! Contract: the discovery document of `youtube` v3 (`channels`, `playlistItems`, `videos`; one unit a call). What is read here may be
//! kept thirty days; what is computed of it needs the amendment of 2026 (<https://developers.google.com/youtube/terms/derived-metrics-policy>).

use jiff::Timestamp;
use proofreel_ports::{CallKind, KeyNeed, ProviderInfo, SourceError};
use serde_json::Value;

use crate::source::desk::KeyPlace;
use crate::source::{Desk, desk, package};

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "youtube",
    publisher: "YouTube",
    home: "https://www.youtube.com/",
    contract: "https://developers.google.com/youtube/v3/docs",
    secret: Some(KeyNeed {
        secret: "youtube_api_key",
        url: "https://console.cloud.google.com/apis/credentials",
        required: true,
    }),
    licence: "YouTube API Services terms",
    id_form: "a channel's handle with its @",
    example: "@example",
    terms: Some("What is read may be kept thirty days; what is computed of it needs the amendment of 2026."),
};

const BASE: &str = "https://www.googleapis.com/youtube/v3/";
/// Items of one page, and ids of one call.
const PAGE: usize = 50;

/// A video of another channel.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RivalVideo {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// When it was published.
    pub published: Timestamp,
    /// Length, seconds.
    pub seconds: u64,
    /// Views; none where the channel hides them.
    pub views: Option<u64>,
}

/// A competing channel.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rival {
    /// Handle.
    pub handle: String,
    /// Name.
    pub title: String,
    /// Its newest videos, newest first.
    pub videos: Vec<RivalVideo>,
    /// When this was read: after thirty days it must be read again or deleted.
    pub read_at: Timestamp,
}

async fn get(from: &Desk, path: &str, query: &[(&str, &str)]) -> Result<desk::Read<Value>, SourceError> {
    let url = desk::address(&format!("{BASE}{path}"), &[], query)?;
    from.json(&INFO, CallKind::Demand, url, Some(KeyPlace::Query("key")), &desk::good).await
}

/// The newest `most` videos of a channel, in as few calls as it takes.
///
/// # Errors
/// No such channel, or a listing that ends before it should.
pub async fn read(from: &Desk, handle: &str, most: usize) -> Result<Rival, SourceError> {
    let plain = handle.strip_prefix('@').is_some_and(|name| {
        (3..=30).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    });
    if !plain {
        return Err(desk::unknown(&INFO, handle, "it is no handle"));
    }
    let channels = get(from, "channels", &[("part", "snippet,contentDetails"), ("forHandle", handle)]).await?;
    let read_at = channels.fetched_at;
    // A channel that does not exist is an answer without items.
    let Some(channel) = channels.body.pointer("/items/0") else {
        return Err(desk::unknown(&INFO, handle, "there is no such channel"));
    };
    let title = package::clip(&desk::text(&INFO, channel, "/snippet/title")?);
    let uploads = desk::text(&INFO, channel, "/contentDetails/relatedPlaylists/uploads")?;
    let mut ids: Vec<String> = Vec::new();
    let mut token = String::new();
    while ids.len() < most {
        let size = PAGE.to_string();
        let mut query = vec![("part", "contentDetails"), ("playlistId", uploads.as_str()), ("maxResults", &size)];
        if !token.is_empty() {
            query.push(("pageToken", &token));
        }
        let page = get(from, "playlistItems", &query).await?.body;
        let items = desk::list(&INFO, &page, "/items")?;
        for item in items {
            let id = desk::text(&INFO, item, "/contentDetails/videoId")?;
            if ids.contains(&id) {
                return Err(desk::drift(&INFO, format!("the video {} came twice", package::clip(&id))));
            }
            ids.push(id);
        }
        let next = desk::maybe(&page, "/nextPageToken");
        if next.is_empty() {
            let promised = desk::count(&INFO, &page, "/pageInfo/totalResults")?.min(most);
            if ids.len() < promised {
                let got = ids.len();
                return Err(SourceError::CutShort { provider: INFO.name.into(), id: handle.into(), got, promised });
            }
            break;
        }
        token = next;
    }
    ids.truncate(most);
    let mut videos = Vec::new();
    for some in ids.chunks(PAGE) {
        let list = some.join(",");
        let page = get(from, "videos", &[("part", "snippet,statistics,contentDetails"), ("id", &list)]).await?.body;
        for item in desk::list(&INFO, &page, "/items")? {
            videos.push(video(item)?);
        }
    }
    videos.sort_by_key(|video: &RivalVideo| std::cmp::Reverse(video.published));
    Ok(Rival { handle: handle.into(), title, videos, read_at })
}

fn video(item: &Value) -> Result<RivalVideo, SourceError> {
    let published = desk::text(&INFO, item, "/snippet/publishedAt")?;
    let duration = desk::text(&INFO, item, "/contentDetails/duration")?;
    let span: jiff::SignedDuration = duration
        .parse::<jiff::Span>()
        .ok()
        .and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok())
        .ok_or_else(|| desk::drift(&INFO, format!("`duration` is `{}`", package::clip(&duration))))?;
    let views = item.pointer("/statistics/viewCount").map(|views| views.as_str().and_then(|text| text.parse().ok()));
    Ok(RivalVideo {
        id: desk::text(&INFO, item, "/id")?,
        title: package::clip(&desk::text(&INFO, item, "/snippet/title")?),
        published: published.parse().map_err(|_| desk::drift(&INFO, "`publishedAt` is no time"))?,
        seconds: span.as_secs().unsigned_abs(),
        views: match views {
            None => None,
            Some(Some(views)) => Some(views),
            Some(None) => return Err(desk::drift(&INFO, "`viewCount` is no count")),
        },
    })
}
