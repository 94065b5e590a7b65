//! What a video gets beside its bytes, each looked for before it is added.

use proofreel_model::digest::Digest;
use proofreel_ports::{HostError, Method, VideoId};
use serde_json::{Value, json};

use super::{Ask, NAME, YouTube, errors};

impl YouTube {
    pub(super) async fn set_thumbnail(&self, id: &VideoId, media_type: &str, bytes: Vec<u8>) -> Result<(), HostError> {
        if bytes.len() as u64 > self.law.thumbnail_bytes || !matches!(media_type, "image/png" | "image/jpeg") {
            return Err(HostError::Refused {
                host: NAME.into(),
                what: "the thumbnail".into(),
                why: format!(
                    "{} bytes of {media_type}; {} of PNG or JPEG are taken",
                    bytes.len(),
                    self.law.thumbnail_bytes
                ),
                hint: "make the film anew".into(),
            });
        }
        let url = self.upload("thumbnails/set", &[("videoId", &id.0), ("uploadType", "media")]);
        let mut ask = Ask::get(url, self.law.units.thumbnail, "the thumbnail");
        ask.method = Method::Post;
        ask.headers.push(("content-type".into(), media_type.into()));
        ask.body = bytes;
        self.json(&ask).await.map(drop)
    }

    pub(super) async fn add_captions(&self, id: &VideoId, language: &str, bytes: Vec<u8>) -> Result<(), HostError> {
        if bytes.len() as u64 > self.law.captions_bytes {
            return Err(HostError::Refused {
                host: NAME.into(),
                what: "the captions".into(),
                why: format!("{} bytes, {} are taken", bytes.len(), self.law.captions_bytes),
                hint: "make the film anew".into(),
            });
        }
        let url = self.resource("captions", &[("part", "snippet"), ("videoId", &id.0)]);
        let listed = self.json(&Ask::get(url, self.law.units.captions_list, id.0.clone())).await?;
        let same = |track: &&Value| {
            track.pointer("/snippet/language").and_then(Value::as_str) == Some(language)
                && track.pointer("/snippet/trackKind").and_then(Value::as_str) != Some("ASR")
        };
        if items(&listed).iter().any(|track| same(&track)) {
            return Ok(());
        }
        let about = json!({"snippet": {"videoId": id, "language": language, "name": "", "isDraft": false}});
        let boundary = format!("proofreel{}", Digest::of(&bytes).short());
        let mut body = format!(
            "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{about}\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend(bytes);
        body.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
        let url = self.upload("captions", &[("part", "snippet"), ("uploadType", "multipart")]);
        let mut ask = Ask::get(url, self.law.units.captions_insert, "the captions");
        ask.method = Method::Post;
        ask.headers.push(("content-type".into(), format!("multipart/related; boundary={boundary}")));
        ask.body = body;
        let answer = self.send(&ask).await?;
        match answer.status {
            // 409: another publisher was faster.
            200..=299 | 409 => Ok(()),
            _ => Err(errors::class(&answer, &ask.what, self.now())),
        }
    }

    pub(super) async fn join_playlist(&self, id: &VideoId, playlist: &str) -> Result<(), HostError> {
        let url = self.resource("playlistItems", &[("part", "snippet"), ("playlistId", playlist), ("videoId", &id.0)]);
        let listed = self.json(&Ask::get(url, self.law.units.list, "the playlist")).await?;
        if !items(&listed).is_empty() {
            return Ok(());
        }
        let item = json!({"snippet": {"playlistId": playlist, "resourceId": {"kind": "youtube#video", "videoId": id}}});
        let url = self.resource("playlistItems", &[("part", "snippet")]);
        let ask = Ask::get(url, self.law.units.playlist_insert, "the playlist").with_json(Method::Post, &item);
        self.json(&ask).await.map(drop)
    }
}

/// The items of a list.
pub(super) fn items(listed: &Value) -> &[Value] {
    listed.get("items").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
