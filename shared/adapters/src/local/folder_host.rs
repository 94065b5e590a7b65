//! A folder as the place where films are published: the embedded host.
//!
//! ```text
//! <folder>/.sessions/<id>.part, <id>.json   an upload under way
//! <folder>/private/<id>/…                   a video that nobody is shown yet
//! <folder>/public/<id>/…, unlisted/<id>/…   one that is shown: video.mp4, thumbnail.png, captions.<language>.srt, video.json
//! <folder>/public/<id>.withdrawn.txt        where one was that was taken back
//! ```
//! A video's id is made of its marker, so one run has one place here, whatever is repeated.

use std::fs;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_model::channel::Visibility;
use proofreel_model::digest::Digest;
use proofreel_ports::{
    HostError, HostedVideo, PlannedRequest, Processing, Secret, UploadProgress, VideoCard, VideoFile, VideoHost,
    VideoId, check_of_files, plan_of_files,
};
use serde::{Deserialize, Serialize};

/// Its name in records.
const NAME: &str = "folder";
/// A video's own description.
const ABOUT: &str = "video.json";
/// Its bytes.
const VIDEO: &str = "video.mp4";
/// Where a video can be.
const PLACES: [Visibility; 3] = [Visibility::Private, Visibility::Unlisted, Visibility::Public];

/// Publishes into a folder.
pub struct FolderHost {
    root: PathBuf,
}

/// What stands beside a video.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct About {
    marker: String,
    bytes: u64,
    title: String,
    description: String,
    tags: Vec<String>,
    category: u32,
    language: String,
    made_for_kids: Option<bool>,
    contains_synthetic_media: bool,
    publish_at: Option<Timestamp>,
    playlist: Option<String>,
}

impl About {
    fn of(card: &VideoCard, bytes: u64) -> Self {
        Self {
            marker: card.marker.clone(),
            bytes,
            title: card.title.clone(),
            description: card.description.clone(),
            tags: card.tags.clone(),
            category: card.category,
            language: card.language.clone(),
            made_for_kids: card.made_for_kids,
            contains_synthetic_media: card.contains_synthetic_media,
            publish_at: card.publish_at,
            playlist: None,
        }
    }
}

fn failed(what: &Path) -> impl FnOnce(io::Error) -> HostError {
    let what = what.display().to_string();
    move |error| HostError::Transient { host: NAME.into(), why: format!("{what}: {error}") }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), HostError> {
    let beside = path.with_extension("unfinished");
    let written = fs::File::create(&beside).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.and_then(|()| fs::rename(&beside, path)).map_err(failed(path))
}

fn about(path: &Path) -> Result<About, HostError> {
    let bytes = fs::read(path).map_err(failed(path))?;
    serde_json::from_slice(&bytes).map_err(|error| failed(path)(io::Error::other(error)))
}

fn put_about(path: &Path, about: &About) -> Result<(), HostError> {
    let bytes = serde_json::to_vec_pretty(about).map_err(|error| failed(path)(io::Error::other(error)))?;
    write(path, &bytes)
}

impl FolderHost {
    /// Publishes into this folder, which is made with the first upload.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    fn id_of(marker: &str) -> String {
        Digest::of(marker.as_bytes()).short().to_owned()
    }

    /// A name that may be a part of a path here.
    fn checked(id: &str) -> Result<&str, HostError> {
        if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(id);
        }
        Err(HostError::NoSuchVideo { host: NAME.into(), id: id.into() })
    }

    /// Where a video is.
    fn place(&self, id: &str) -> Result<Option<(Visibility, PathBuf)>, HostError> {
        let id = Self::checked(id)?;
        let mut places =
            PLACES.into_iter().map(|visibility| (visibility, self.root.join(visibility.as_str()).join(id)));
        Ok(places.find(|(_, folder)| folder.join(ABOUT).is_file()))
    }

    fn needed(&self, id: &VideoId) -> Result<(Visibility, PathBuf), HostError> {
        self.place(&id.0)?.ok_or_else(|| HostError::NoSuchVideo { host: NAME.into(), id: id.0.clone() })
    }

    fn part(&self, id: &str) -> PathBuf {
        self.root.join(".sessions").join(format!("{id}.part"))
    }

    fn card(&self, id: &str) -> PathBuf {
        self.root.join(".sessions").join(format!("{id}.json"))
    }

    /// How far an upload is; the last byte makes it a video, once.
    fn state(&self, id: &str, file: &VideoFile) -> Result<UploadProgress, HostError> {
        let id = Self::checked(id)?;
        let done = UploadProgress::Done(VideoId(id.to_owned()));
        if self.place(id)?.is_some() {
            return Ok(done);
        }
        if !self.card(id).is_file() {
            return Err(HostError::SessionGone { host: NAME.into() });
        }
        let part = self.part(id);
        let stored = fs::metadata(&part).map_or(0, |part| part.len());
        if stored < file.bytes {
            return Ok(UploadProgress::At(stored));
        }
        let (making, folder) = (self.root.join(".sessions").join(id), self.root.join("private").join(id));
        fs::create_dir_all(&making).map_err(failed(&making))?;
        put_about(&making.join(ABOUT), &about(&self.card(id))?)?;
        fs::hard_link(&part, making.join(VIDEO))
            .or_else(|error| {
                if error.kind() == io::ErrorKind::AlreadyExists {
                    Ok(())
                } else {
                    fs::copy(&part, making.join(VIDEO)).map(drop)
                }
            })
            .map_err(failed(&making))?;
        fs::rename(&making, &folder).map_err(failed(&folder))?;
        for left in [part, self.card(id)] {
            drop(fs::remove_file(left));
        }
        Ok(done)
    }

    fn move_to(&self, id: &VideoId, visibility: Visibility) -> Result<PathBuf, HostError> {
        let (now, folder) = self.needed(id)?;
        let to = self.root.join(visibility.as_str()).join(&id.0);
        if now != visibility {
            fs::rename(&folder, &to).map_err(failed(&to))?;
        }
        Ok(to)
    }
}

#[async_trait]
impl VideoHost for FolderHost {
    fn name(&self) -> &'static str {
        NAME
    }

    fn plan(&self, card: &VideoCard, file: &VideoFile, captions: bool, thumbnail: bool) -> Vec<PlannedRequest> {
        let id = Self::id_of(&card.marker);
        let visibility = card.publish_at.map_or(card.visibility, |_| Visibility::Private);
        let private = self.root.join("private").join(&id);
        let show = format!("move to {}", self.root.join(visibility.as_str()).join(&id).display());
        let put = |name: &str| format!("write {}", private.join(name).display());
        plan_of_files(card, file, (captions, thumbnail), put, (show, 1))
    }

    fn check(&self, card: &VideoCard, file: &VideoFile) -> Result<(), HostError> {
        check_of_files(NAME, card, file)
    }

    async fn open(&self, card: &VideoCard, file: &VideoFile) -> Result<Secret, HostError> {
        for part in [".sessions", "private", "unlisted", "public"] {
            let folder = self.root.join(part);
            fs::create_dir_all(&folder).map_err(failed(&folder))?;
        }
        let id = Self::id_of(&card.marker);
        if self.place(&id)?.is_none() && !self.card(&id).is_file() {
            put_about(&self.card(&id), &About::of(card, file.bytes))?;
        }
        Ok(Secret::new(id))
    }

    async fn progress(&self, session: &Secret, file: &VideoFile) -> Result<UploadProgress, HostError> {
        self.state(session.reveal(), file)
    }

    async fn send(
        &self,
        session: &Secret,
        file: &VideoFile,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadProgress, HostError> {
        let at = match self.state(session.reveal(), file)? {
            UploadProgress::At(at) if at == offset => at,
            elsewhere => return Ok(elsewhere),
        };
        let part = self.part(Self::checked(session.reveal())?);
        let mut to =
            fs::OpenOptions::new().create(true).truncate(false).write(true).open(&part).map_err(failed(&part))?;
        to.seek(SeekFrom::Start(at))
            .and_then(|_| to.write_all(&bytes))
            .and_then(|()| to.sync_all())
            .map_err(failed(&part))?;
        self.state(session.reveal(), file)
    }

    async fn find(&self, marker: &str) -> Result<Vec<VideoId>, HostError> {
        let id = Self::id_of(marker);
        Ok(self.place(&id)?.map(|_| VideoId(id)).into_iter().collect())
    }

    async fn look(&self, id: &VideoId) -> Result<HostedVideo, HostError> {
        let (visibility, folder) = self.needed(id)?;
        let about = about(&folder.join(ABOUT))?;
        let video = folder.join(VIDEO);
        let bytes = fs::metadata(&video).map_err(failed(&video))?.len();
        Ok(HostedVideo {
            id: id.clone(),
            processing: Processing::Succeeded,
            duration_ms: None,
            bytes: Some(bytes),
            visibility,
            publish_at: about.publish_at,
            title: about.title,
            description: about.description,
            contains_synthetic_media: Some(about.contains_synthetic_media),
            made_for_kids: about.made_for_kids,
        })
    }

    async fn update(&self, id: &VideoId, card: &VideoCard) -> Result<(), HostError> {
        let (_, folder) = self.needed(id)?;
        let known = about(&folder.join(ABOUT))?;
        put_about(&folder.join(ABOUT), &About { playlist: known.playlist, ..About::of(card, known.bytes) })?;
        self.move_to(id, card.publish_at.map_or(card.visibility, |_| Visibility::Private)).map(drop)
    }

    async fn hide(&self, id: &VideoId) -> Result<(), HostError> {
        let (was, _) = self.needed(id)?;
        let folder = self.move_to(id, Visibility::Private)?;
        let known = about(&folder.join(ABOUT))?;
        if was != Visibility::Private {
            let stone = self.root.join(was.as_str()).join(format!("{}.withdrawn.txt", id.0));
            write(&stone, format!("{} was withdrawn.\n", known.title).as_bytes())?;
        }
        put_about(&folder.join(ABOUT), &About { publish_at: None, ..known })
    }

    async fn thumbnail(&self, id: &VideoId, media_type: &str, bytes: Vec<u8>) -> Result<(), HostError> {
        let (_, folder) = self.needed(id)?;
        write(&folder.join(if media_type == "image/jpeg" { "thumbnail.jpg" } else { "thumbnail.png" }), &bytes)
    }

    async fn captions(&self, id: &VideoId, language: &str, bytes: Vec<u8>) -> Result<(), HostError> {
        let (_, folder) = self.needed(id)?;
        let language: String =
            language.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '-').take(35).collect();
        write(&folder.join(format!("captions.{language}.srt")), &bytes)
    }

    async fn join(&self, id: &VideoId, playlist: &str) -> Result<(), HostError> {
        let (_, folder) = self.needed(id)?;
        let known = about(&folder.join(ABOUT))?;
        put_about(&folder.join(ABOUT), &About { playlist: Some(playlist.to_owned()), ..known })
    }

    fn address(&self, id: &VideoId) -> String {
        let found = self.place(&id.0).ok().flatten().map(|(_, folder)| folder.join(VIDEO));
        found.unwrap_or_else(|| self.root.join("public").join(&id.0).join(VIDEO)).display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> VideoCard {
        VideoCard {
            title: "Gold".into(),
            description: String::new(),
            tags: Vec::new(),
            category: 27,
            language: "en-US".into(),
            made_for_kids: None,
            contains_synthetic_media: true,
            visibility: Visibility::Public,
            publish_at: None,
            notify_subscribers: false,
            playlist: None,
            marker: "proofreel-demo-r".into(),
        }
    }

    #[tokio::test]
    async fn one_marker_is_one_video_however_often_it_is_opened_and_sent() {
        let folder = tempfile::tempdir().unwrap();
        let host = FolderHost::new(folder.path());
        let file = VideoFile { bytes: 6, media_type: "video/mp4".into() };
        let session = host.open(&card(), &file).await.unwrap();
        assert_eq!(host.send(&session, &file, 0, b"abc".to_vec()).await.unwrap(), UploadProgress::At(3));
        assert_eq!(host.send(&session, &file, 0, b"xyz".to_vec()).await.unwrap(), UploadProgress::At(3), "not again");
        let again = host.open(&card(), &file).await.unwrap();
        assert_eq!(host.progress(&again, &file).await.unwrap(), UploadProgress::At(3));
        let UploadProgress::Done(id) = host.send(&again, &file, 3, b"def".to_vec()).await.unwrap() else { panic!() };
        let after = host.open(&card(), &file).await.unwrap();
        assert_eq!(host.progress(&after, &file).await.unwrap(), UploadProgress::Done(id.clone()));
        assert_eq!(host.find("proofreel-demo-r").await.unwrap(), std::slice::from_ref(&id));
        assert_eq!(host.look(&id).await.unwrap().visibility, Visibility::Private);
        host.update(&id, &card()).await.unwrap();
        let public = folder.path().join("public").join(&id.0);
        assert_eq!(fs::read(public.join(VIDEO)).unwrap(), b"abcdef");
        host.hide(&id).await.unwrap();
        host.hide(&id).await.unwrap();
        assert!(!public.exists() && public.with_extension("withdrawn.txt").is_file());
        assert_eq!(host.look(&id).await.unwrap().visibility, Visibility::Private);
    }

    #[tokio::test]
    async fn an_id_is_never_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let host = FolderHost::new(folder.path());
        for id in ["..", "../../etc", "", "abc", "zzzzzzzzzzzz", "aaaaaaaaaaa/"] {
            assert!(matches!(host.look(&VideoId(id.into())).await, Err(HostError::NoSuchVideo { .. })), "{id}");
        }
    }
}
