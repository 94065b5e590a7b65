//! Publishing into a bucket, over the wire against ministack: parts of a film, whoever sends them and however often. Moto gives no
//! second opinion: its list of parts has another root than Amazon's, and the SDK refuses it.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use proofreel_adapters::aws::S3Host;
use proofreel_model::channel::Visibility;
use proofreel_ports::{Blobs, HostError, Secret, UploadProgress, VideoCard, VideoFile, VideoHost, VideoId};
use proofreel_tests::local_aws::{Emulator, Server};

/// The least that S3 takes as a part which is not the last.
const PART: usize = 5 << 20;

fn card(visibility: Visibility) -> VideoCard {
    VideoCard {
        title: "Gold".into(),
        description: "0:00 Gold".into(),
        tags: vec!["gold".into()],
        category: 27,
        language: "en-US".into(),
        made_for_kids: Some(false),
        contains_synthetic_media: true,
        visibility,
        publish_at: None,
        notify_subscribers: false,
        playlist: None,
        marker: "proofreel-demo-r".into(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_goes_in_part_by_part_and_is_there_once() {
    let aws = Server::start(Emulator::Ministack).stack(&[]).await;
    let host = S3Host::new(aws.clients.s3.clone(), aws.bucket.clone());
    let film: Vec<u8> = (0..PART + 1000).map(|at| (at % 251) as u8).collect();
    let file = VideoFile { bytes: film.len() as u64, media_type: "video/mp4".into() };
    let card = card(Visibility::Public);

    assert!(host.find(&card.marker).await.unwrap().is_empty());
    let session = host.open(&card, &file).await.unwrap();
    assert_eq!(host.progress(&session, &file).await.unwrap(), UploadProgress::At(0));
    let small = host.send(&session, &file, 0, film[..1000].to_vec()).await;
    assert!(matches!(small, Err(HostError::Refused { .. })), "{small:?}");
    let sent = host.send(&session, &file, 0, film[..PART].to_vec()).await.unwrap();
    assert_eq!(sent, UploadProgress::At(PART as u64));
    // Sent again, or from the wrong place: nothing happens but that the place is told.
    assert_eq!(host.send(&session, &file, 0, film[..PART].to_vec()).await.unwrap(), sent);
    assert!(host.find(&card.marker).await.unwrap().is_empty(), "no film before its last byte");
    let done = host.send(&session, &file, PART as u64, film[PART..].to_vec()).await.unwrap();
    let UploadProgress::Done(id) = done else { panic!("{done:?}") };
    assert_eq!(host.progress(&session, &file).await.unwrap(), UploadProgress::Done(id.clone()));
    assert_eq!(host.find(&card.marker).await.unwrap(), std::slice::from_ref(&id));
    // A second session of the same run finds the film.
    let again = host.open(&card, &file).await.unwrap();
    assert_eq!(host.progress(&again, &file).await.unwrap(), UploadProgress::Done(id.clone()));
    assert_eq!(aws.blobs().get(&format!("published/{}/video.mp4", id.0)).await.unwrap(), film);

    let seen = host.look(&id).await.unwrap();
    assert_eq!((seen.visibility, seen.bytes), (Visibility::Private, Some(file.bytes)));
    host.thumbnail(&id, "image/png", b"png".to_vec()).await.unwrap();
    host.captions(&id, "en-US", b"srt".to_vec()).await.unwrap();
    host.update(&id, &card).await.unwrap();
    host.join(&id, "PLgold").await.unwrap();
    host.update(&id, &card).await.unwrap();
    assert_eq!(host.look(&id).await.unwrap().visibility, Visibility::Public);
    let about = aws.blobs().get(&format!("published/{}/video.json", id.0)).await.unwrap();
    assert!(String::from_utf8(about).unwrap().contains("PLgold"), "a playlist outlives an update");
    host.hide(&id).await.unwrap();
    host.hide(&id).await.unwrap();
    assert_eq!(host.look(&id).await.unwrap().visibility, Visibility::Private);
    assert!(aws.blobs().exists(&format!("published/{}/captions.en-US.srt", id.0)).await.unwrap());

    for unknown in ["..", "../../etc", "abc", "aaaaaaaaaaa/", "aaaaaaaaaaaa"] {
        let missing = host.look(&VideoId(unknown.into())).await;
        assert!(matches!(missing, Err(HostError::NoSuchVideo { .. })), "{unknown}: {missing:?}");
    }
}

/// A session that S3 ended, as its lifecycle does after two days, is told as gone and never taken for an empty one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ended_is_told() {
    let aws = Server::start(Emulator::Ministack).stack(&[]).await;
    let host = S3Host::new(aws.clients.s3.clone(), aws.bucket.clone());
    let file = VideoFile { bytes: 10, media_type: "video/mp4".into() };
    let session = host.open(&card(Visibility::Public), &file).await.unwrap();
    let (id, upload) = session.reveal().split_once('/').unwrap();
    let key = format!("published/{id}/video.mp4");
    aws.clients.s3.abort_multipart_upload().bucket(&aws.bucket).key(&key).upload_id(upload).send().await.unwrap();
    for session in [session.clone(), Secret::new("nonsense")] {
        let asked = host.progress(&session, &file).await;
        assert!(matches!(asked, Err(HostError::SessionGone { .. })), "{asked:?}");
    }
}
