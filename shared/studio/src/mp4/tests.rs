//! What is no film's part is refused with its name, and an index may be damaged in any way.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use shiguredo_mp4::Encode;
use tempfile::TempDir;

use super::*;
use crate::encoder::{Encoding, Unwatched, encode};
use crate::error::StudioError;
use crate::media::packets::{packets, times};
use crate::samples::mastered;
use crate::tools::Tools;
use crate::yuv::Rows;

/// A second of a picture that gets lighter.
fn segment(folder: &Path, name: &str, (width, height): (u32, u32)) -> PathBuf {
    let to = folder.join(name);
    let job = Encoding { width, height, frames: 30, to: to.clone() };
    encode(&Tools::from_environment(), &job, &Unwatched, |outlet| {
        for n in 0..30u8 {
            outlet.give(&vec![60 + n; (width * height * 3 / 2) as usize], &Rows::whole(height));
        }
        Ok(())
    })
    .expect("encoded");
    to
}

/// Two segments, their sound, and the folder that holds them.
fn parts() -> (TempDir, Vec<PathBuf>, PathBuf) {
    let folder = tempfile::tempdir().expect("folder");
    let pictures = ["one.mp4", "two.mp4"].map(|name| segment(folder.path(), name, (64, 36)));
    let sound = folder.path().join("sound.aac");
    let tone: Vec<f32> = (0..96_000).map(|n| (n as f32 * 0.03).sin() * 0.2).collect();
    mastered(&Tools::from_environment(), &tone, &sound);
    (folder, pictures.to_vec(), sound)
}

/// Names of the files in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").file_name().into_string().expect("name"))
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_no_part_of_the_film_is_named_and_nothing_is_left() {
    let (folder, mut pictures, sound) = parts();
    let to = folder.path().join("film.mp4");
    let before = names(folder.path());
    let refused = |pictures: &[PathBuf], sound: &Path| {
        let error = join(pictures, sound, &to).expect_err("refused");
        assert_eq!(names(folder.path()), before, "{error}");
        error.to_string()
    };
    let text = refused(&pictures, &pictures[0]);
    assert!(text.contains("one.mp4 is no coded sound"), "{text}");
    assert!(matches!(join(&[], &sound, &to), Err(StudioError::OutOfSpec(_))), "a film of nothing");
    let text = refused(&[pictures[0].clone(), sound.clone()], &sound);
    assert!(text.contains("sound.aac"), "{text}");
    let text = refused(&[pictures[0].clone(), folder.path().join("three.mp4")], &sound);
    assert!(text.contains("three.mp4"), "{text}");
    let elsewhere = tempfile::tempdir().expect("folder");
    pictures.push(segment(elsewhere.path(), "wide.mp4", (128, 36)));
    let text = refused(&pictures, &sound);
    assert!(text.contains("wide.mp4 is not encoded as"), "{text}");
}

#[test]
fn a_film_begins_with_its_index_and_holds_nothing_else_than_its_parts() {
    let (folder, pictures, sound) = parts();
    let to = folder.path().join("film.mp4");
    join(&pictures, &sound, &to).expect("joined");
    let bytes = std::fs::read(&to).expect("film");
    let first = bytes[3] as usize;
    assert_eq!((&bytes[4..8], &bytes[first + 4..first + 8]), (&b"ftyp"[..], &b"moov"[..]));
    let film = index(&File::open(&to).expect("film")).expect("index");
    let mut packets_in_all = 0;
    for track in &film.trak_boxes {
        let table = shiguredo_mp4::aux::SampleTableAccessor::new(&track.mdia_box.minf_box.stbl_box).expect("table");
        packets_in_all += table.samples().map(|packet| u64::from(packet.data_size())).sum::<u64>();
    }
    let head = first + film.encode_to_vec().expect("index").len() + 16;
    assert_eq!(bytes.len() as u64, head as u64 + packets_in_all);
    // Picture and sound come by turns of half a second.
    let chunks = |kind| {
        let table = &track(&film, kind).expect("track").mdia_box.minf_box.stbl_box;
        shiguredo_mp4::aux::SampleTableAccessor::new(table).expect("table").chunk_count()
    };
    assert_eq!(chunks(TrackKind::Video), 4);
    assert!((4..=5).contains(&chunks(TrackKind::Audio)));
    assert_eq!(packets(&to, TrackKind::Video).expect("packets").len(), 1 + 60);
}

#[test]
fn a_damaged_index_is_refused_or_read_and_never_ends_the_program() {
    let (folder, pictures, _) = parts();
    let whole = std::fs::read(&pictures[0]).expect("segment");
    let from = whole.windows(4).position(|kind| kind == b"moov").expect("an index") - 4;
    let to = folder.path().join("damaged.mp4");
    let mut runner = proptest::test_runner::TestRunner::default();
    let places = (proptest::collection::vec((from..whole.len(), any::<u8>()), 1..6), from..=whole.len());
    runner
        .run(&places, |(changes, end)| {
            let mut bytes = whole.clone();
            for (at, byte) in changes {
                bytes[at] = byte;
            }
            std::fs::write(&to, &bytes[..end]).expect("written");
            let (_, _) = (packets(&to, TrackKind::Video), packets(&to, TrackKind::Audio));
            let _ = times(&to);
            Ok(())
        })
        .expect("no panic");
}
