//! A bucket as a place of publication: for whoever hands films on from there, and for trying the whole way without YouTube.
//!
//! ```text
//! published/<id>/video.mp4                    the film, once its last byte was taken
//! published/<id>/video.json                   its texts, and who is to see it
//! published/<id>/thumbnail.png, captions.<language>.srt
//! ```
//! A session is a multipart upload of the film: a part a chunk, asked for anew before each, so that whoever comes after a
//! crash goes on. An id is made of the marker, so one run has one place here. The bucket stays private whatever the
//! visibility: it is a word for whoever hands the film on.

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, Part};
use jiff::Timestamp;
use proofreel_model::channel::Visibility;
use proofreel_model::digest::Digest;
use proofreel_ports::{
    Blobs, HostError, HostedVideo, PlannedRequest, PortError, Processing, Secret, UploadProgress, VideoCard, VideoFile,
    VideoHost, VideoId, check_of_files, plan_of_files,
};
use serde::{Deserialize, Serialize};

use super::blobs::S3Blobs;
use super::errors::{genuine, port_error};

/// Its name in records: the same as of a folder on one machine, which is what it is.
const NAME: &str = "folder";
/// Where everything lies.
const ROOT: &str = "published";
/// The least that S3 takes as a part which is not the last one.
const LEAST_PART: usize = 5 << 20;

/// Publishes into a bucket.
#[derive(Clone, Debug)]
pub struct S3Host {
    blobs: S3Blobs,
}

/// What stands beside a film.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct About {
    marker: String,
    bytes: u64,
    visibility: Visibility,
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
    fn of(card: &VideoCard, bytes: u64, visibility: Visibility) -> Self {
        Self {
            marker: card.marker.clone(),
            bytes,
            visibility,
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

/// A failure of storage as a host's.
fn told(error: PortError) -> HostError {
    if error.is_retryable() {
        return HostError::Transient { host: NAME.into(), why: error.to_string() };
    }
    HostError::Refused {
        host: NAME.into(),
        what: "the film".into(),
        why: error.to_string(),
        hint: "mend the bucket or the function's rights, then send the run to the publish queue again".into(),
    }
}

fn gone() -> HostError {
    HostError::SessionGone { host: NAME.into() }
}

fn is_unknown_upload<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    error.code() == Some("NoSuchUpload")
}

impl S3Host {
    /// Publishes into this bucket.
    pub fn new(s3: Client, bucket: impl Into<String>) -> Self {
        Self { blobs: S3Blobs::new(s3, bucket) }
    }

    fn id_of(marker: &str) -> String {
        Digest::of(marker.as_bytes()).short().to_owned()
    }

    /// The key of a file of a film. What is no id of ours names no key.
    fn key(id: &str, file: &str) -> Result<String, HostError> {
        if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(format!("{ROOT}/{id}/{file}"));
        }
        Err(HostError::NoSuchVideo { host: NAME.into(), id: id.into() })
    }

    fn parts_of(session: &Secret) -> Result<(&str, &str), HostError> {
        session.reveal().split_once('/').ok_or_else(gone)
    }

    /// Length of the film as S3 has it; none while there is none.
    async fn length(&self, id: &str) -> Result<Option<u64>, HostError> {
        let key = Self::key(id, "video.mp4")?;
        match self.blobs.s3.head_object().bucket(&self.blobs.bucket).key(&key).send().await {
            Ok(found) => {
                genuine(&key, "s3:GetObject", &found).map_err(told)?;
                Ok(found.content_length().and_then(|length| u64::try_from(length).ok()))
            }
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => Ok(None),
            Err(error) => Err(told(port_error(&key, "s3:GetObject", &error))),
        }
    }

    async fn exists(&self, id: &str) -> Result<bool, HostError> {
        Ok(self.length(id).await?.is_some())
    }

    async fn write(&self, id: &str, file: &str, bytes: Vec<u8>) -> Result<(), HostError> {
        let key = Self::key(id, file)?;
        let sent = self.blobs.s3.put_object().bucket(&self.blobs.bucket).key(&key).body(bytes.into()).send().await;
        match sent {
            Ok(answer) => genuine(&key, "s3:PutObject", &answer).map_err(told),
            Err(error) => Err(told(port_error(&key, "s3:PutObject", &error))),
        }
    }

    async fn about(&self, id: &VideoId) -> Result<About, HostError> {
        let missing = || HostError::NoSuchVideo { host: NAME.into(), id: id.0.clone() };
        let length = self.length(&id.0).await?.ok_or_else(missing)?;
        let key = Self::key(&id.0, "video.json")?;
        let bytes = self.blobs.get(&key).await.map_err(told)?;
        let about: About = serde_json::from_slice(&bytes)
            .map_err(|error| HostError::Transient { host: NAME.into(), why: format!("{key}: {error}") })?;
        Ok(About { bytes: length, ..about })
    }

    async fn put_about(&self, id: &str, about: &About) -> Result<(), HostError> {
        let bytes = serde_json::to_vec_pretty(about)
            .map_err(|error| HostError::Transient { host: NAME.into(), why: error.to_string() })?;
        self.write(id, "video.json", bytes).await
    }

    /// Parts that S3 holds of an upload, as far as none is missing before them.
    async fn parts(&self, id: &str, upload: &str) -> Result<Vec<Part>, HostError> {
        let key = Self::key(id, "video.mp4")?;
        let request = self.blobs.s3.list_parts().bucket(&self.blobs.bucket).key(&key).upload_id(upload);
        let mut pages = request.into_paginator().send();
        let mut parts = Vec::new();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => parts.extend(page.parts.unwrap_or_default()),
                Err(error) if is_unknown_upload(&error) => return Err(gone()),
                Err(error) => return Err(told(port_error(&key, "s3:ListMultipartUploadParts", &error))),
            }
        }
        parts.sort_by_key(|part| part.part_number);
        let in_order = parts.iter().zip(1..).take_while(|(part, number)| part.part_number == Some(*number)).count();
        parts.truncate(in_order);
        Ok(parts)
    }

    /// How far an upload is; the last byte makes it a film, once.
    async fn state(&self, session: &Secret, file: &VideoFile) -> Result<(UploadProgress, usize), HostError> {
        let (id, upload) = Self::parts_of(session)?;
        let done = (UploadProgress::Done(VideoId(id.to_owned())), 0);
        if self.exists(id).await? {
            return Ok(done);
        }
        let parts = self.parts(id, upload).await?;
        let stored: u64 = parts.iter().filter_map(Part::size).map(i64::unsigned_abs).sum();
        if stored < file.bytes {
            return Ok((UploadProgress::At(stored), parts.len()));
        }
        self.complete(id, upload, &parts).await.map(|()| done)
    }

    async fn complete(&self, id: &str, upload: &str, parts: &[Part]) -> Result<(), HostError> {
        let key = Self::key(id, "video.mp4")?;
        let whole = parts.iter().map(|part| {
            CompletedPart::builder().set_part_number(part.part_number).set_e_tag(part.e_tag.clone()).build()
        });
        let whole = CompletedMultipartUpload::builder().set_parts(Some(whole.collect())).build();
        let request = self.blobs.s3.complete_multipart_upload().bucket(&self.blobs.bucket).key(&key);
        match request.upload_id(upload).multipart_upload(whole).send().await {
            Ok(answer) => genuine(&key, "s3:PutObject", &answer).map_err(told),
            // Somebody else completed it, or an answer of ours was lost.
            Err(error) if is_unknown_upload(&error) => {
                if self.exists(id).await? {
                    Ok(())
                } else {
                    Err(gone())
                }
            }
            Err(error) => Err(told(port_error(&key, "s3:PutObject", &error))),
        }
    }
}

#[async_trait]
impl VideoHost for S3Host {
    fn name(&self) -> &'static str {
        NAME
    }

    fn plan(&self, card: &VideoCard, file: &VideoFile, captions: bool, thumbnail: bool) -> Vec<PlannedRequest> {
        let id = Self::id_of(&card.marker);
        let put = |name: &str| format!("put s3://{}/{ROOT}/{id}/{name}", self.blobs.bucket);
        plan_of_files(card, file, (captions, thumbnail), put, (put("video.json"), 2))
    }

    fn check(&self, card: &VideoCard, file: &VideoFile) -> Result<(), HostError> {
        check_of_files(NAME, card, file)
    }

    async fn open(&self, card: &VideoCard, file: &VideoFile) -> Result<Secret, HostError> {
        let id = Self::id_of(&card.marker);
        if self.exists(&id).await? {
            return Ok(Secret::new(format!("{id}/done")));
        }
        self.put_about(&id, &About::of(card, file.bytes, Visibility::Private)).await?;
        let key = Self::key(&id, "video.mp4")?;
        let request = self.blobs.s3.create_multipart_upload().bucket(&self.blobs.bucket).key(&key);
        let answer = request.content_type(&file.media_type).send().await;
        let answer = answer.map_err(|error| told(port_error(&key, "s3:PutObject", &error)))?;
        genuine(&key, "s3:PutObject", &answer).map_err(told)?;
        Ok(Secret::new(format!("{id}/{}", answer.upload_id().unwrap_or_default())))
    }

    async fn progress(&self, session: &Secret, file: &VideoFile) -> Result<UploadProgress, HostError> {
        Ok(self.state(session, file).await?.0)
    }

    async fn send(
        &self,
        session: &Secret,
        file: &VideoFile,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadProgress, HostError> {
        let (state, parts) = self.state(session, file).await?;
        if state != UploadProgress::At(offset) {
            return Ok(state);
        }
        let is_last = offset + bytes.len() as u64 >= file.bytes;
        if bytes.len() < LEAST_PART && !is_last {
            return Err(HostError::Refused {
                host: NAME.into(),
                what: format!("a part of {} bytes", bytes.len()),
                why: format!("S3 takes no part below {LEAST_PART} bytes but the last"),
                hint: "upload.chunk_kib in specs/policy/publishing.toml is too small".into(),
            });
        }
        let (id, upload) = Self::parts_of(session)?;
        let key = Self::key(id, "video.mp4")?;
        let number = i32::try_from(parts + 1).unwrap_or(i32::MAX);
        let request = self.blobs.s3.upload_part().bucket(&self.blobs.bucket).key(&key).upload_id(upload);
        match request.part_number(number).body(bytes.into()).send().await {
            Ok(answer) => genuine(&key, "s3:PutObject", &answer).map_err(told)?,
            Err(error) if is_unknown_upload(&error) => return Err(gone()),
            Err(error) => return Err(told(port_error(&key, "s3:PutObject", &error))),
        }
        self.progress(session, file).await
    }

    async fn find(&self, marker: &str) -> Result<Vec<VideoId>, HostError> {
        let id = Self::id_of(marker);
        Ok(self.exists(&id).await?.then_some(VideoId(id)).into_iter().collect())
    }

    async fn look(&self, id: &VideoId) -> Result<HostedVideo, HostError> {
        let about = self.about(id).await?;
        Ok(HostedVideo {
            id: id.clone(),
            processing: Processing::Succeeded,
            duration_ms: None,
            bytes: Some(about.bytes),
            visibility: about.visibility,
            publish_at: about.publish_at,
            title: about.title,
            description: about.description,
            contains_synthetic_media: Some(about.contains_synthetic_media),
            made_for_kids: about.made_for_kids,
        })
    }

    async fn update(&self, id: &VideoId, card: &VideoCard) -> Result<(), HostError> {
        let known = self.about(id).await?;
        let visibility = card.publish_at.map_or(card.visibility, |_| Visibility::Private);
        let about = About { playlist: known.playlist, ..About::of(card, known.bytes, visibility) };
        self.put_about(&id.0, &about).await
    }

    async fn hide(&self, id: &VideoId) -> Result<(), HostError> {
        let known = self.about(id).await?;
        self.put_about(&id.0, &About { visibility: Visibility::Private, publish_at: None, ..known }).await
    }

    async fn thumbnail(&self, id: &VideoId, media_type: &str, bytes: Vec<u8>) -> Result<(), HostError> {
        let file = if media_type == "image/jpeg" { "thumbnail.jpg" } else { "thumbnail.png" };
        self.write(&id.0, file, bytes).await
    }

    async fn captions(&self, id: &VideoId, language: &str, bytes: Vec<u8>) -> Result<(), HostError> {
        let language: String =
            language.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '-').take(35).collect();
        self.write(&id.0, &format!("captions.{language}.srt"), bytes).await
    }

    async fn join(&self, id: &VideoId, playlist: &str) -> Result<(), HostError> {
        let known = self.about(id).await?;
        self.put_about(&id.0, &About { playlist: Some(playlist.to_owned()), ..known }).await
    }

    fn address(&self, id: &VideoId) -> String {
        format!("s3://{}/{ROOT}/{}/video.mp4", self.blobs.bucket, id.0)
    }
}
