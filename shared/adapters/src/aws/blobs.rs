use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use proofreel_ports::{Blobs, PortError};
use tokio::time::timeout;

use super::clients::{limits, patience, pause};
use super::errors::{genuine, port_error};
use crate::keys::{check, check_prefix};

/// Longest key, bytes.
const LONGEST: usize = 1024;
/// Tries of a read whose body broke off, and of a write that met another one.
const TRIES: u32 = 4;

/// The `Blobs` port in an S3 bucket.
///
/// A write asks for the key to be free (`If-None-Match: *`), so of many writers one wins. When its answer is lost and it
/// is asked again, it is told that the key is taken: then `put_if_absent` says false of a blob that it wrote itself.
/// Content is read back by digest, so nobody needs to know.
#[derive(Clone, Debug)]
pub struct S3Blobs {
    pub(super) s3: Client,
    pub(super) bucket: String,
}

impl S3Blobs {
    /// The blobs of `bucket`.
    pub fn new(s3: Client, bucket: impl Into<String>) -> Self {
        Self { s3, bucket: bucket.into() }
    }

    fn named(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// One read, its body included.
    async fn read(&self, key: &str, range: Option<String>) -> Result<Vec<u8>, PortError> {
        let what = self.named(key);
        let answer = open_range(&self.s3, &self.bucket, key, range).await?;
        let limit = patience(self.s3.config().timeout_config(), length(&answer));
        match timeout(limit, answer.body.collect()).await {
            Ok(Ok(body)) => Ok(body.to_vec()),
            Ok(Err(error)) => Err(broke_off(what, &error.to_string())),
            Err(_) => Err(broke_off(what, &format!("not all of it came within {} s", limit.as_secs_f64()))),
        }
    }
}

#[async_trait]
impl Blobs for S3Blobs {
    async fn put_if_absent(&self, key: &str, bytes: &[u8]) -> Result<bool, PortError> {
        check_key(key)?;
        put_if_absent(&self.s3, &self.bucket, key, Body::Bytes(bytes), &[]).await
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, PortError> {
        check_key(key)?;
        let mut tries = 0;
        loop {
            match self.read(key, None).await {
                Err(error) if is_broken_off(&error) && tries + 1 < TRIES => pause(tries).await,
                done => return done,
            }
            tries += 1;
        }
    }

    async fn read_range(&self, key: &str, offset: u64, length: u64) -> Result<Vec<u8>, PortError> {
        check_key(key)?;
        let Some(last) = length.checked_sub(1).map(|more| offset.saturating_add(more)) else {
            return if self.exists(key).await? {
                Ok(Vec::new())
            } else {
                Err(PortError::NotFound { what: self.named(key) })
            };
        };
        let mut tries = 0;
        loop {
            match self.read(key, Some(format!("bytes={offset}-{last}"))).await {
                Err(error) if is_broken_off(&error) && tries + 1 < TRIES => pause(tries).await,
                // Nothing lies there: S3 calls such a range not satisfiable.
                Err(PortError::Refused { why, .. } | PortError::Unavailable { detail: why, .. })
                    if why.contains("InvalidRange") =>
                {
                    return Ok(Vec::new());
                }
                done => return done,
            }
            tries += 1;
        }
    }

    async fn exists(&self, key: &str) -> Result<bool, PortError> {
        check_key(key)?;
        match self.s3.head_object().bucket(&self.bucket).key(key).send().await {
            Ok(found) => genuine(&self.named(key), "s3:GetObject", &found).map(|()| true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(aws_sdk_s3::operation::head_object::HeadObjectError::is_not_found) =>
            {
                Ok(false)
            }
            Err(error) => Err(port_error(&self.named(key), "s3:GetObject", &error)),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        check_prefix(prefix)?;
        let what = self.named(prefix);
        let mut pages = self.s3.list_objects_v2().bucket(&self.bucket).prefix(prefix).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| port_error(&what, "s3:ListBucket", &error))?;
            genuine(&what, "s3:ListBucket", &page)?;
            keys.extend(page.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
        }
        // S3 lists in this order already; a directory bucket does not.
        keys.sort();
        Ok(keys)
    }

    async fn delete(&self, key: &str) -> Result<(), PortError> {
        check_key(key)?;
        let what = self.named(key);
        let answer = self.s3.delete_object().bucket(&self.bucket).key(key).send().await;
        genuine(&what, "s3:DeleteObject", &answer.map_err(|error| port_error(&what, "s3:DeleteObject", &error))?)
    }
}

fn check_key(key: &str) -> Result<(), PortError> {
    check(key)?;
    if key.len() > LONGEST {
        return Err(PortError::IllegalKey { key: key.to_owned(), why: format!("longer than {LONGEST} bytes") });
    }
    Ok(())
}

/// What is written.
pub(super) enum Body<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// A file of this length, read while it is sent.
    File(&'a Path, u64),
}

impl Body<'_> {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, length) => *length,
        }
    }

    /// The body for one try.
    async fn stream(&self) -> Result<ByteStream, PortError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.to_vec().into()),
            Self::File(path, _) => ByteStream::from_path(path).await.map_err(|error| PortError::Unavailable {
                what: path.display().to_string(),
                detail: error.to_string(),
            }),
        }
    }
}

/// Writes a body when the key is free; false when it is taken.
pub(super) async fn put_if_absent(
    s3: &Client,
    bucket: &str,
    key: &str,
    body: Body<'_>,
    metadata: &[(&str, &str)],
) -> Result<bool, PortError> {
    let what = format!("s3://{bucket}/{key}");
    let waits = Builder::new().timeout_config(limits(s3.config().timeout_config(), body.len(), Duration::ZERO));
    let mut tries = 0;
    loop {
        let mut request = s3.put_object().bucket(bucket).key(key).if_none_match("*").body(body.stream().await?);
        for (name, value) in metadata {
            request = request.metadata(*name, *value);
        }
        let error = match request.customize().config_override(waits.clone()).send().await {
            Ok(answer) => return genuine(&what, "s3:PutObject", &answer).map(|()| true),
            Err(error) => error,
        };
        match status(&error) {
            412 => return Ok(false),
            // Another write of the same key is under way: its outcome decides.
            409 if error.code() == Some("ConditionalRequestConflict") && tries + 1 < TRIES => pause(tries).await,
            _ => return Err(port_error(&what, "s3:PutObject", &error)),
        }
        tries += 1;
    }
}

/// Asks for an object; its body is still to be read.
pub(super) async fn open(s3: &Client, bucket: &str, key: &str) -> Result<GetObjectOutput, PortError> {
    open_range(s3, bucket, key, None).await
}

/// The same for a part of it.
async fn open_range(s3: &Client, bucket: &str, key: &str, range: Option<String>) -> Result<GetObjectOutput, PortError> {
    let what = format!("s3://{bucket}/{key}");
    match s3.get_object().bucket(bucket).key(key).set_range(range).send().await {
        Ok(answer) => genuine(&what, "s3:GetObject", &answer).map(|()| answer),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(aws_sdk_s3::operation::get_object::GetObjectError::is_no_such_key) =>
        {
            Err(PortError::NotFound { what })
        }
        Err(error) => Err(port_error(&what, "s3:GetObject", &error)),
    }
}

/// Length of a body as it is promised.
pub(super) fn length(answer: &GetObjectOutput) -> u64 {
    answer.content_length().and_then(|length| u64::try_from(length).ok()).unwrap_or(0)
}

/// Begins what [`broke_off`] says.
const BROKE_OFF: &str = "the answer broke off";

/// A body that began and did not end.
pub(super) fn broke_off(what: String, why: &str) -> PortError {
    PortError::Unavailable { what, detail: format!("{BROKE_OFF} (s3:GetObject: {why})") }
}

fn is_broken_off(error: &PortError) -> bool {
    matches!(error, PortError::Unavailable { detail, .. } if detail.starts_with(BROKE_OFF))
}

fn status<E>(error: &SdkError<E>) -> u16 {
    error.raw_response().map_or(0, |response| response.status().as_u16())
}
