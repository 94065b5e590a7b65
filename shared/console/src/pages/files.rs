//! `/runs/{run}/files/{name}`: the film and what lies beside it, streamed from the blobs piece by piece.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use proofreel_model::digest::BlobRef;
use proofreel_model::policy::console_law;
use proofreel_pipeline::run_head;

use super::episode::FilePath;
use crate::Shared;
use crate::answer::Fault;
use crate::visitor::Visitor;

/// What a browser may take each kind of file for; anything else is not shown by it.
fn media_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "mp4" => "video/mp4",
        "vtt" => "text/vtt; charset=utf-8",
        "srt" => "text/plain; charset=utf-8",
        "png" => "image/png",
        "webp" => "image/webp",
        _ => return None,
    })
}

/// What part of a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// All of it.
    Whole,
    /// From the first byte to the last, both inclusive.
    Some { first: u64, last: u64 },
    /// One that it does not have.
    None,
}

/// Reads `Range` (RFC 9110, section 14): one range of bytes. What is anything else is as if it were not there. Where the player
/// names no end it gets the beginning, and asks on: an answer lasts seconds, not the film's length.
fn part(range: Option<&str>, bytes: u64, most: u64) -> Part {
    let Some(spec) = range.and_then(|range| range.trim().strip_prefix("bytes=")) else { return Part::Whole };
    let Some((from, to)) = spec.trim().split_once('-') else { return Part::Whole };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    match (number(from), number(to)) {
        (Some(first), Some(last)) if first <= last && first < bytes => Part::Some { first, last: last.min(bytes - 1) },
        (Some(first), Some(last)) if first <= last => Part::None,
        (Some(first), None) if to.is_empty() && first < bytes => {
            Part::Some { first, last: first.saturating_add(most - 1).min(bytes - 1) }
        }
        (Some(_), None) if to.is_empty() => Part::None,
        (None, Some(0)) if from.is_empty() => Part::None,
        (None, Some(_)) if from.is_empty() && bytes == 0 => Part::None,
        (None, Some(length)) if from.is_empty() => Part::Some { first: bytes.saturating_sub(length), last: bytes - 1 },
        _ => Part::Whole,
    }
}

pub async fn show(
    State(shared): State<Shared>,
    visitor: Visitor,
    path: FilePath,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let head = run_head(shared.office.records.as_ref(), &path.run).await?;
    visitor.must_see(&head)?;
    let blob = head.files.get(&path.name).ok_or(Fault::NotFound)?;
    let kind = media_type(&path.name).ok_or(Fault::NotFound)?;
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let tag = format!("\"{}\"", blob.digest);
    if text(header::IF_NONE_MATCH).is_some_and(|known| known.split(',').any(|known| known.trim() == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, marks(&tag, kind)).into_response());
    }
    // A part of another version would be pasted into the wrong film.
    let range = text(header::RANGE).filter(|_| text(header::IF_RANGE).is_none_or(|known| known == tag));
    let law = &console_law().film;
    let (status, first, length) = match part(range, blob.bytes, law.most_kib * 1024) {
        Part::Whole => (StatusCode::OK, 0, blob.bytes),
        Part::Some { first, last } => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
        Part::None => {
            let mut answer = Fault::Unsatisfiable.into_response();
            answer.headers_mut().insert(header::CONTENT_RANGE, number(format!("bytes */{}", blob.bytes)));
            return Ok(answer);
        }
    };
    let mut answer = (status, marks(&tag, kind), pieces(&shared, blob, first, length)).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_LENGTH, number(length.to_string()));
    if status == StatusCode::PARTIAL_CONTENT {
        let last = first + length - 1;
        headers.insert(header::CONTENT_RANGE, number(format!("bytes {first}-{last}/{}", blob.bytes)));
    }
    Ok(answer)
}

fn number(text: String) -> HeaderValue {
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

fn marks(tag: &str, kind: &'static str) -> [(HeaderName, HeaderValue); 5] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::ETAG, number(tag.to_owned())),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        // The same name may become another film; the tag tells.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ]
}

/// The bytes, read as the browser takes them. A fault of storage breaks the answer off, which the browser sees by its length.
fn pieces(shared: &Shared, blob: &BlobRef, first: u64, length: u64) -> Body {
    let (blobs, key) = (std::sync::Arc::clone(&shared.office.blobs), blob.key.clone());
    let most = console_law().film.piece_kib * 1024;
    Body::from_stream(stream::try_unfold((first, length), move |(at, left)| {
        let (blobs, key) = (std::sync::Arc::clone(&blobs), key.clone());
        async move {
            if left == 0 {
                return Ok(None);
            }
            let bytes = blobs.read_range(&key, at, left.min(most)).await?;
            let read = bytes.len() as u64;
            if read == 0 {
                return Err(proofreel_ports::PortError::NotFound { what: format!("byte {at} of {key}") });
            }
            Ok(Some((bytes, (at + read, left.saturating_sub(read)))))
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_to_the_letter() {
        let some = |first, last| Part::Some { first, last };
        for (range, expected) in [
            (None, Part::Whole),
            (Some("bytes=0-"), some(0, 39)),
            (Some("bytes=90-"), some(90, 99)),
            (Some("bytes=0-0"), some(0, 0)),
            (Some("bytes=10-999"), some(10, 99)),
            (Some("bytes=50-99"), some(50, 99)),
            (Some("bytes=-10"), some(90, 99)),
            (Some("bytes=-1000"), some(0, 99)),
            (Some("bytes=100-"), Part::None),
            (Some("bytes=100-200"), Part::None),
            (Some("bytes=-0"), Part::None),
            (Some("bytes=99999999999999999999999-"), Part::None),
            (Some("bytes=5-4"), Part::Whole),
            (Some("bytes=0-1,5-6"), Part::Whole),
            (Some("bytes=a-b"), Part::Whole),
            (Some("bytes=+1-2"), Part::Whole),
            (Some("lines=0-1"), Part::Whole),
            (Some("bytes=-"), Part::Whole),
        ] {
            assert_eq!(part(range, 100, 40), expected, "{range:?}");
        }
        assert_eq!(part(Some("bytes=0-"), 0, 40), Part::None);
        assert_eq!(part(Some("bytes=-5"), 0, 40), Part::None);
    }
}
