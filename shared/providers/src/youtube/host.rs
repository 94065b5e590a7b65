//! YouTube behind the port.

use async_trait::async_trait;
use proofreel_ports::{
    HostError, HostedVideo, Method, PlannedRequest, Secret, UploadProgress, VideoCard, VideoFile, VideoHost, VideoId,
};
use serde_json::Value;

use super::answers::{hidden, hosted, id_of, updated};
use super::parts::items;
use super::{Ask, NAME, YouTube, check, plan};

/// What is read of a video to say what became of it.
pub(super) const LOOK: &str = "snippet,status,contentDetails,processingDetails,fileDetails";
/// Pages of the newest uploads in which a marker is looked for, of fifty each: more than a channel uploads in a week.
const PAGES: u32 = 4;

impl YouTube {
    /// The parts of a video, or that there is none.
    async fn read(&self, id: &VideoId, part: &str) -> Result<Value, HostError> {
        let url = self.resource("videos", &[("part", part), ("id", &id.0)]);
        let listed = self.json(&Ask::get(url, self.law.units.list, id.0.clone())).await?;
        let found = items(&listed).iter().find(|item| id_of(item).as_ref() == Some(&id.0)).cloned();
        found.ok_or_else(|| HostError::NoSuchVideo { host: NAME.into(), id: id.0.clone() })
    }

    async fn write(&self, part: &str, resource: &Value) -> Result<(), HostError> {
        let url = self.resource("videos", &[("part", part)]);
        self.json(&Ask::get(url, self.law.units.update, "the update").with_json(Method::Put, resource)).await.map(drop)
    }
}

#[async_trait]
impl VideoHost for YouTube {
    fn name(&self) -> &'static str {
        NAME
    }

    fn plan(&self, card: &VideoCard, file: &VideoFile, captions: bool, thumbnail: bool) -> Vec<PlannedRequest> {
        plan::plan(&self.law.units, card, file, captions, thumbnail)
    }

    fn check(&self, card: &VideoCard, file: &VideoFile) -> Result<(), HostError> {
        check::check(&self.law, card, file)
    }

    async fn open(&self, card: &VideoCard, file: &VideoFile) -> Result<Secret, HostError> {
        self.check(card, file)?;
        self.open_session(card, file).await
    }

    async fn progress(&self, session: &Secret, file: &VideoFile) -> Result<UploadProgress, HostError> {
        self.ask_session(session, file).await
    }

    async fn send(
        &self,
        session: &Secret,
        file: &VideoFile,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadProgress, HostError> {
        self.send_chunk(session, file, offset, bytes).await
    }

    async fn find(&self, marker: &str) -> Result<Vec<VideoId>, HostError> {
        let url = self.resource("channels", &[("part", "contentDetails"), ("mine", "true")]);
        let mine = self.json(&Ask::get(url, self.law.units.list, "the channel")).await?;
        let uploads = items(&mine)
            .first()
            .and_then(|item| item.pointer("/contentDetails/relatedPlaylists/uploads"))
            .and_then(Value::as_str);
        let Some(uploads) = uploads.map(str::to_owned) else {
            return Err(HostError::Refused {
                host: NAME.into(),
                what: "the list of uploads".into(),
                why: "the account has no channel".into(),
                hint: "run `proofreel auth youtube` with the account that owns the channel".into(),
            });
        };
        let (mut found, mut page) = (Vec::new(), String::new());
        for _ in 0..PAGES {
            let mut query = vec![("part", "snippet"), ("playlistId", uploads.as_str()), ("maxResults", "50")];
            if !page.is_empty() {
                query.push(("pageToken", page.as_str()));
            }
            let url = self.resource("playlistItems", &query);
            let listed = self.json(&Ask::get(url, self.law.units.list, "the list of uploads")).await?;
            for item in items(&listed) {
                let description = item.pointer("/snippet/description").and_then(Value::as_str).unwrap_or_default();
                let id = item.pointer("/snippet/resourceId/videoId").and_then(Value::as_str);
                if description.lines().any(|line| line.trim() == marker)
                    && let Some(id) = id
                {
                    found.push(VideoId(id.to_owned()));
                }
            }
            match listed.get("nextPageToken").and_then(Value::as_str) {
                Some(next) => next.clone_into(&mut page),
                None => break,
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    async fn look(&self, id: &VideoId) -> Result<HostedVideo, HostError> {
        let read = self.read(id, LOOK).await?;
        hosted(&read, id).ok_or_else(|| HostError::Transient {
            host: NAME.into(),
            why: format!("it describes {} without status", id.0),
        })
    }

    async fn update(&self, id: &VideoId, card: &VideoCard) -> Result<(), HostError> {
        let read = self.read(id, "snippet,status").await?;
        self.write("snippet,status", &updated(&read, id, card)).await
    }

    async fn hide(&self, id: &VideoId) -> Result<(), HostError> {
        let read = self.read(id, "status").await?;
        self.write("status", &hidden(&read, id)).await
    }

    async fn thumbnail(&self, id: &VideoId, media_type: &str, bytes: Vec<u8>) -> Result<(), HostError> {
        self.set_thumbnail(id, media_type, bytes).await
    }

    async fn captions(&self, id: &VideoId, language: &str, bytes: Vec<u8>) -> Result<(), HostError> {
        self.add_captions(id, language, bytes).await
    }

    async fn join(&self, id: &VideoId, playlist: &str) -> Result<(), HostError> {
        self.join_playlist(id, playlist).await
    }

    fn address(&self, id: &VideoId) -> String {
        format!("https://www.youtube.com/watch?v={}", id.0)
    }
}
