//! Video resources: what is sent, what comes back, and how the two become an update.

use jiff::{SignedDuration, Timestamp};
use proofreel_model::channel::Visibility;
use proofreel_model::policy::publishing::YoutubeLaw;
use proofreel_ports::{HostedVideo, Processing, VideoCard, VideoId};
use serde_json::{Value, json};

/// The resource of a new video: private, with the marker first in its description.
pub(super) fn resource_of(card: &VideoCard, law: &YoutubeLaw) -> Value {
    let marked = format!("{}\n\n{}", card.marker, card.description);
    let description = if marked.len() <= law.description_bytes { marked } else { card.marker.clone() };
    json!({
        "snippet": {
            "title": card.title,
            "description": description,
            "tags": card.tags,
            "categoryId": card.category.to_string(),
            "defaultLanguage": card.language,
            "defaultAudioLanguage": card.language,
        },
        "status": {
            "privacyStatus": "private",
            "selfDeclaredMadeForKids": card.made_for_kids.unwrap_or(false),
            "containsSyntheticMedia": card.contains_synthetic_media,
            "embeddable": true,
            "license": "youtube",
            "publicStatsViewable": true,
        },
    })
}

/// The id in a video resource, if it is one.
pub(super) fn id_of(resource: &Value) -> Option<String> {
    let id = resource.get("id")?.as_str()?;
    let legal =
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    legal.then(|| id.to_owned())
}

/// Members that the host fills in itself and that are not sent back.
const READ_ONLY: [&str; 10] = [
    "publishedAt",
    "channelId",
    "channelTitle",
    "thumbnails",
    "localized",
    "liveBroadcastContent",
    "uploadStatus",
    "failureReason",
    "rejectionReason",
    "madeForKids",
];

fn part(resource: &Value, name: &str) -> Value {
    let mut part = resource.get(name).cloned().unwrap_or_else(|| json!({}));
    if let Some(members) = part.as_object_mut() {
        for member in READ_ONLY {
            members.remove(member);
        }
    }
    part
}

/// The update that makes a video what the card says and leaves the rest as it was read.
pub(super) fn updated(read: &Value, id: &VideoId, card: &VideoCard) -> Value {
    let (mut snippet, mut status) = (part(read, "snippet"), part(read, "status"));
    snippet["title"] = json!(card.title);
    snippet["description"] = json!(card.description);
    snippet["tags"] = json!(card.tags);
    snippet["categoryId"] = json!(card.category.to_string());
    snippet["defaultLanguage"] = json!(card.language);
    snippet["defaultAudioLanguage"] = json!(card.language);
    status["selfDeclaredMadeForKids"] = json!(card.made_for_kids.unwrap_or(false));
    status["containsSyntheticMedia"] = json!(card.contains_synthetic_media);
    if let Some(members) = status.as_object_mut() {
        members.remove("publishAt");
    }
    match card.publish_at {
        Some(at) => {
            status["privacyStatus"] = json!("private");
            status["publishAt"] = json!(at.to_string());
        }
        None => status["privacyStatus"] = json!(card.visibility.as_str()),
    }
    json!({"id": id, "snippet": snippet, "status": status})
}

/// The update that makes a video private and nothing else.
pub(super) fn hidden(read: &Value, id: &VideoId) -> Value {
    let mut status = part(read, "status");
    status["privacyStatus"] = json!("private");
    if let Some(members) = status.as_object_mut() {
        members.remove("publishAt");
    }
    json!({"id": id, "status": status})
}

/// A video as YouTube describes it.
pub(super) fn hosted(resource: &Value, id: &VideoId) -> Option<HostedVideo> {
    let text = |pointer: &str| resource.pointer(pointer).and_then(Value::as_str);
    let number = |pointer: &str| text(pointer).and_then(|text| text.parse::<u64>().ok());
    let visibility: Visibility = text("/status/privacyStatus")?.parse().ok()?;
    Some(HostedVideo {
        id: id.clone(),
        processing: processing(text("/status/uploadStatus")?, text("/processingDetails/processingStatus"), resource),
        duration_ms: text("/contentDetails/duration")
            .and_then(milliseconds)
            .filter(|ms| *ms > 0)
            .or_else(|| number("/fileDetails/durationMs")),
        bytes: number("/fileDetails/fileSize"),
        visibility,
        publish_at: text("/status/publishAt").and_then(|at| at.parse::<Timestamp>().ok()),
        title: text("/snippet/title").unwrap_or_default().to_owned(),
        description: text("/snippet/description").unwrap_or_default().to_owned(),
        contains_synthetic_media: resource.pointer("/status/containsSyntheticMedia").and_then(Value::as_bool),
        made_for_kids: resource.pointer("/status/selfDeclaredMadeForKids").and_then(Value::as_bool),
    })
}

fn processing(upload: &str, details: Option<&str>, resource: &Value) -> Processing {
    let reason = |pointers: &[&str], otherwise: &str| {
        let found = pointers.iter().find_map(|pointer| resource.pointer(pointer).and_then(Value::as_str));
        Processing::Failed { why: found.unwrap_or(otherwise).to_owned() }
    };
    match (upload, details) {
        ("failed", _) => reason(&["/status/failureReason"], "upload failed"),
        ("rejected", _) => reason(&["/status/rejectionReason"], "rejected"),
        ("deleted", _) => reason(&[], "it was deleted there"),
        (_, Some("failed")) => reason(&["/processingDetails/processingFailureReason"], "processing failed"),
        // "terminated" only says that the details are not kept any more.
        ("processed", None | Some("succeeded" | "terminated")) => Processing::Succeeded,
        _ => Processing::Running,
    }
}

/// `PT2M31S` in milliseconds.
fn milliseconds(text: &str) -> Option<u64> {
    let length: SignedDuration = text.parse().ok()?;
    u64::try_from(length.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_states_are_read() {
        assert_eq!(milliseconds("PT2M31S"), Some(151_000));
        assert_eq!(milliseconds("PT1H0M1S"), Some(3_601_000));
        assert_eq!(milliseconds("two minutes"), None);
        let state = |upload: &str, details: Option<&str>| {
            processing(upload, details, &json!({"status": {"rejectionReason": "claim"}}))
        };
        assert_eq!(state("uploaded", None), Processing::Running);
        assert_eq!(state("uploaded", Some("processing")), Processing::Running);
        assert_eq!(state("processed", Some("processing")), Processing::Running);
        assert_eq!(state("processed", Some("terminated")), Processing::Succeeded);
        assert_eq!(state("rejected", None), Processing::Failed { why: "claim".into() });
    }

    #[test]
    fn an_update_keeps_what_it_does_not_know() {
        let read = json!({"snippet": {"title": "old", "channelId": "UC", "somethingNew": 1},
            "status": {"privacyStatus": "private", "embeddable": false, "publishAt": "2026-12-01T00:00:00Z", "uploadStatus": "processed"}});
        let hidden = hidden(&read, &VideoId("v".into()));
        assert_eq!(hidden, json!({"id": "v", "status": {"privacyStatus": "private", "embeddable": false}}));
    }
}
