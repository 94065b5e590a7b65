use std::io::Read as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use proofreel_model::digest::Digest;
use proofreel_ports::{Parts, PortError};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use super::blobs::{Body, broke_off, length, open, put_if_absent};
use super::clients::patience;
use super::errors::port_error;

/// Where parts lie in the bucket; a lifecycle rule may empty it at any time.
const PREFIX: &str = "parts/";
/// Metadata of an object: digest of its content (its key is the digest of what it was made from).
const SEAL: &str = "sha256";
/// Ends the name of a file that is not all there yet.
const UNFINISHED: &str = "~";

/// The `Parts` port in an S3 bucket, under `parts/`. Files are streamed: a part never lies in memory as a whole.
#[derive(Clone, Debug)]
pub struct S3Parts {
    s3: Client,
    bucket: String,
}

impl S3Parts {
    /// The parts in `bucket`.
    pub fn new(s3: Client, bucket: impl Into<String>) -> Self {
        Self { s3, bucket: bucket.into() }
    }

    /// Removes a damaged part, so that the one that is made anew can be kept.
    async fn damaged(&self, key: &str, why: &str) -> Result<bool, PortError> {
        tracing::warn!(part = key, why, "a kept part is damaged; it is removed and made anew");
        self.remove_object(key).await.map(|()| false)
    }

    async fn remove_object(&self, key: &str) -> Result<(), PortError> {
        let answer = self.s3.delete_object().bucket(&self.bucket).key(key).send().await;
        answer
            .map(|_| ())
            .map_err(|error| port_error(&format!("s3://{}/{key}", self.bucket), "s3:DeleteObject", &error))
    }
}

#[async_trait]
impl Parts for S3Parts {
    async fn fetch(&self, key: &Digest, to: &Path) -> Result<bool, PortError> {
        let key = object(key)?;
        let answer = match open(&self.s3, &self.bucket, &key).await {
            Err(PortError::NotFound { .. }) => return Ok(false),
            answer => answer?,
        };
        let Some(seal) = answer.metadata().and_then(|metadata| metadata.get(SEAL)).cloned() else {
            return self.damaged(&key, "it has no seal").await;
        };
        let unfinished = beside(to);
        let limit = patience(self.s3.config().timeout_config(), length(&answer));
        let written = match timeout(limit, write(answer.body, &unfinished, &key)).await {
            Ok(written) => written,
            Err(_) => Err(broke_off(key.clone(), &format!("not all of it came within {} s", limit.as_secs_f64()))),
        };
        let moved = match written {
            Ok(found) if found == seal => tokio::fs::rename(&unfinished, to).await.map_err(|error| fault(to, &error)),
            Ok(_) => {
                remove(&unfinished).await;
                return self.damaged(&key, "its content is not what was kept").await;
            }
            Err(error) => Err(error),
        };
        if moved.is_err() {
            remove(&unfinished).await;
        }
        moved.map(|()| true)
    }

    async fn keep(&self, key: &Digest, from: &Path) -> Result<(), PortError> {
        let key = object(key)?;
        let path = from.to_owned();
        let (bytes, seal) = tokio::task::spawn_blocking(move || seal_of(&path))
            .await
            .map_err(|error| PortError::Unavailable { what: key.clone(), detail: error.to_string() })?
            .map_err(|error| fault(from, &error))?;
        put_if_absent(&self.s3, &self.bucket, &key, Body::File(from, bytes), &[(SEAL, &seal)]).await.map(|_| ())
    }

    async fn forget(&self, key: &Digest) -> Result<(), PortError> {
        self.remove_object(&object(key)?).await
    }
}

fn object(key: &Digest) -> Result<String, PortError> {
    if key.0.len() == 64 && key.0.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(format!("{PREFIX}{key}"));
    }
    Err(PortError::IllegalKey { key: key.0.clone(), why: "a part is named by a digest".into() })
}

fn beside(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}

/// Writes a body to a file; the digest of what was written.
async fn write(mut body: ByteStream, to: &Path, key: &str) -> Result<String, PortError> {
    let mut file = tokio::fs::File::create(to).await.map_err(|error| fault(to, &error))?;
    let mut digest = Sha256::new();
    while let Some(bytes) = body.try_next().await.map_err(|error| broke_off(key.to_owned(), &error.to_string()))? {
        digest.update(&bytes);
        file.write_all(&bytes).await.map_err(|error| fault(to, &error))?;
    }
    file.flush().await.map_err(|error| fault(to, &error))?;
    Ok(hex(digest))
}

/// Length and digest of a file.
fn seal_of(path: &Path) -> std::io::Result<(u64, String)> {
    let mut file = std::fs::File::open(path)?;
    let (mut digest, mut total, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((total, hex(digest)));
        }
        digest.update(&buffer[..read]);
        total += read as u64;
    }
}

fn hex(digest: Sha256) -> String {
    digest.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn fault(path: &Path, error: &std::io::Error) -> PortError {
    crate::local::io_error(&path.display().to_string(), error)
}

/// Best effort: a file that is left is overwritten by the next fetch.
async fn remove(path: &Path) {
    let _ = tokio::fs::remove_file(path).await;
}
