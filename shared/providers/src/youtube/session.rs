//! The resumable upload: open, ask, send.

use proofreel_ports::{HostError, Method, Secret, UploadProgress, VideoCard, VideoFile, VideoId};
use url::Url;

use super::answers::{id_of, resource_of};
use super::{Ask, NAME, YouTube, errors};

/// Bytes of a chunk are a multiple of this, but for the last one.
const MULTIPLE: u64 = 256 * 1024;

impl YouTube {
    fn broken(what: &str) -> HostError {
        HostError::Transient { host: NAME.into(), why: what.into() }
    }

    /// Opens a session for a private video.
    pub(super) async fn open_session(&self, card: &VideoCard, file: &VideoFile) -> Result<Secret, HostError> {
        let notify = if card.notify_subscribers { "true" } else { "false" };
        let url = self.upload(
            "videos",
            &[("uploadType", "resumable"), ("part", "snippet,status"), ("notifySubscribers", notify)],
        );
        let mut ask = Ask::get(url, 0, "the video").with_json(Method::Post, &resource_of(card, &self.law));
        ask.bucket = Some("videos.insert");
        ask.headers.push(("x-upload-content-length".into(), file.bytes.to_string()));
        ask.headers.push(("x-upload-content-type".into(), file.media_type.clone()));
        let answer = self.send(&ask).await?;
        if answer.status != 200 {
            return Err(errors::class(&answer, &ask.what, self.now()));
        }
        let location =
            answer.header("location").ok_or_else(|| Self::broken("it opened a session without an address"))?;
        self.must_be_ours(location)?;
        Ok(Secret::new(location))
    }

    /// A session lies at the host that was asked: bytes and token go nowhere else.
    fn must_be_ours(&self, location: &str) -> Result<Url, HostError> {
        ours(&self.root, location).ok_or_else(|| Self::broken("it names a session at another host"))
    }

    /// A request to the session: all of its query is the secret.
    fn to_session(&self, session: &Secret) -> Result<Ask, HostError> {
        let mut at = self.must_be_ours(session.reveal())?;
        let secret_query =
            at.query_pairs().map(|(name, value)| (name.into_owned(), Secret::new(value.into_owned()))).collect();
        at.set_query(None);
        let mut ask = Ask::get(at.into(), 0, "the upload");
        ask.method = Method::Put;
        ask.bucket = Some("session");
        ask.secret_query = secret_query;
        Ok(ask)
    }

    pub(super) async fn ask_session(&self, session: &Secret, file: &VideoFile) -> Result<UploadProgress, HostError> {
        let mut ask = self.to_session(session)?;
        ask.headers.push(("content-range".into(), format!("bytes */{}", file.bytes)));
        self.session_answer(&ask, file).await
    }

    pub(super) async fn send_chunk(
        &self,
        session: &Secret,
        file: &VideoFile,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadProgress, HostError> {
        let end = offset + bytes.len() as u64;
        if bytes.is_empty() || end > file.bytes {
            return Err(HostError::Refused {
                host: NAME.into(),
                what: "a chunk".into(),
                why: format!("bytes {offset} to {end} of {}", file.bytes),
                hint: "this is a fault of the program; please report it".into(),
            });
        }
        // The host may have stopped in the middle of a chunk: cut to the multiple, and the rest goes with the next one.
        let mut bytes = bytes;
        if end < file.bytes {
            let whole = bytes.len() as u64 / MULTIPLE * MULTIPLE;
            if whole > 0 {
                bytes.truncate(usize::try_from(whole).unwrap_or(bytes.len()));
            }
        }
        let last = offset + bytes.len() as u64 - 1;
        let mut ask = self.to_session(session)?;
        ask.headers.push(("content-type".into(), file.media_type.clone()));
        ask.headers.push(("content-range".into(), format!("bytes {offset}-{last}/{}", file.bytes)));
        ask.body = bytes;
        self.session_answer(&ask, file).await
    }

    async fn session_answer(&self, ask: &Ask, file: &VideoFile) -> Result<UploadProgress, HostError> {
        let answer = self.send(ask).await?;
        match answer.status {
            200 | 201 => {
                let resource: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                id_of(&resource)
                    .map(|id| UploadProgress::Done(VideoId(id)))
                    .ok_or_else(|| Self::broken("it took all bytes and named no video"))
            }
            308 => stored(answer.header("range"), file.bytes)
                .map(UploadProgress::At)
                .ok_or_else(|| Self::broken("it says no range that can be")),
            404 | 410 => Err(HostError::SessionGone { host: NAME.into() }),
            _ => Err(errors::class(&answer, &ask.what, self.now())),
        }
    }
}

/// An address of the same origin as `root`.
fn ours(root: &str, location: &str) -> Option<Url> {
    let (root, at) = (Url::parse(root).ok()?, Url::parse(location).ok()?);
    (root.origin() == at.origin() && at.username().is_empty() && at.password().is_none()).then_some(at)
}

/// `bytes=0-N`, or nothing for nothing.
fn stored(range: Option<&str>, total: u64) -> Option<u64> {
    let Some(range) = range else { return Some(0) };
    let last = range.strip_prefix("bytes=0-").or_else(|| range.strip_prefix("bytes 0-"))?;
    let plain = !last.is_empty() && last.len() <= 15 && last.bytes().all(|byte| byte.is_ascii_digit());
    let next = plain.then(|| last.parse::<u64>().ok()).flatten()? + 1;
    (next <= total).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::{ours, stored};

    #[test]
    fn a_session_elsewhere_gets_neither_bytes_nor_token() {
        let root = "https://www.googleapis.com";
        assert!(ours(root, "https://www.googleapis.com/upload/youtube/v3/videos?upload_id=x").is_some());
        assert!(ours(root, "https://www.googleapis.com:443/upload?upload_id=x").is_some());
        for elsewhere in [
            "https://www.googleapis.com.evil.test/upload",
            "https://evil.test/www.googleapis.com",
            "http://www.googleapis.com/upload",
            "https://www.googleapis.com:8443/upload",
            "https://user@www.googleapis.com/upload",
            "https://:pass@www.googleapis.com/upload",
            "//evil.test/upload",
            "/upload?upload_id=x",
            "file:///etc/passwd",
            "",
        ] {
            assert!(ours(root, elsewhere).is_none(), "{elsewhere}");
        }
    }

    #[test]
    fn a_range_is_read_to_the_letter() {
        assert_eq!(stored(None, 10), Some(0));
        assert_eq!(stored(Some("bytes=0-4"), 10), Some(5));
        assert_eq!(stored(Some("bytes=0-9"), 10), Some(10));
        for bad in [
            "bytes=0-10",
            "bytes=1-4",
            "bytes=0-",
            "0-4",
            "bytes=0-4x",
            "bytes=0--1",
            "bytes=0-99999999999999999999",
            "",
        ] {
            assert_eq!(stored(Some(bad), 10), None, "{bad}");
        }
    }
}
