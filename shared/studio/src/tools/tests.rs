//! Programs that are missing, hang, break, fill the disk or write too much: ffmpeg as it must not be.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use super::*;
use crate::encoder::{Encoding, Unwatched, encode};
use crate::yuv::Rows;

/// Tools whose ffmpeg is this script, with a second and 100 kB for whatever they do.
fn fake(folder: &Path, script: &str) -> Tools {
    let ffmpeg = folder.join("ffmpeg");
    std::fs::write(&ffmpeg, format!("#!/bin/sh\nfor last; do :; done\nout=${{last#file:}}\n{script}\n"))
        .expect("script");
    std::fs::set_permissions(&ffmpeg, std::fs::Permissions::from_mode(0o755)).expect("mode");
    let limits = Limits { seconds: 1, seconds_per_film_second: 0, bytes: 100_000, bytes_per_film_second: 0 };
    Tools { ffmpeg, limits, ..Tools::default() }
}

/// Encodes two seconds with a fake ffmpeg; gives the error and what is left in the folder.
fn encoded(script: &str) -> (StudioError, Vec<String>) {
    let bin = tempfile::tempdir().expect("folder");
    refused(&fake(bin.path(), script))
}

/// Encodes two seconds with tools that cannot; gives the error and what is left in the folder.
fn refused(tools: &Tools) -> (StudioError, Vec<String>) {
    let folder = tempfile::tempdir().expect("folder");
    let job = Encoding { width: 640, height: 360, frames: 60, to: folder.path().join("film.mp4") };
    let frame = vec![128u8; 640 * 360 * 3 / 2];
    let error = encode(tools, &job, &Unwatched, |outlet| {
        for _ in 0..60 {
            if !outlet.give(&frame, &Rows::whole(job.height)) {
                break;
            }
        }
        Ok(())
    })
    .expect_err("a broken ffmpeg");
    (error, left(folder.path()))
}

fn left(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).expect("folder").flatten();
    names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_missing_program_comes_with_a_hint() {
    let tools = Tools { ffmpeg: "/nonexistent/ffmpeg".into(), ..Tools::default() };
    let error = tools.version().expect_err("missing");
    assert!(
        error.to_string().contains("make setup") && error.to_string().contains("apt-get install ffmpeg"),
        "{error}"
    );
}

#[test]
fn the_installed_encoder_answers() {
    let version = Tools::from_environment().version().expect("ffmpeg is installed by `make setup`");
    assert!(version.starts_with("ffmpeg version"), "{version}");
}

#[test]
fn a_hanging_encoder_is_ended_with_all_it_started() {
    // The child of the script holds the error stream open: only ending the whole group lets the encoder go on.
    let started = Instant::now();
    let (error, left) = encoded("echo half > \"$out\"; sleep 60 & sleep 60");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert!(matches!(&error, StudioError::TimedOut { seconds: 1, .. }) && error.is_retryable(), "{error}");
    assert!(error.to_string().contains("hint:") && left.is_empty(), "{error} {left:?}");
}

#[test]
fn a_hanging_decoder_is_ended() {
    let bin = tempfile::tempdir().expect("folder");
    let error =
        fake(bin.path(), "sleep 60").decode_sound(Path::new("film.mp4"), "mov", 1.0, |_| Ok(())).expect_err("hangs");
    assert!(matches!(error, StudioError::TimedOut { .. }), "{error}");
}

#[test]
fn a_crash_leaves_nothing_half_written() {
    let (error, left) = encoded("head -c 40000 > \"$out\"; exit 139");
    assert!(matches!(error, StudioError::ToolFailed { .. }) && error.is_retryable(), "{error}");
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_full_disk_is_told_as_such_and_leaves_a_clean_folder() {
    let (error, left) =
        encoded("head -c 40000 > \"$out\"; echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 1");
    assert!(matches!(error, StudioError::NoSpace { .. }) && error.is_retryable(), "{error}");
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_device_that_is_full_is_told_by_the_real_encoder() {
    // /dev/full refuses every byte, as a full disk does. The encoder's last argument is where it writes.
    let (real, bin) = (Tools::from_environment(), tempfile::tempdir().expect("folder"));
    let script = format!(
        "n=$#; k=0\nfor arg; do k=$((k + 1)); [ $k -lt $n ] || arg=file:/dev/full; set -- \"$@\" \"$arg\"; done\n\
         shift $n\nexec '{}' \"$@\"",
        real.ffmpeg.display()
    );
    let (error, left) = refused(&Tools { limits: real.limits, ..fake(bin.path(), &script) });
    assert!(matches!(error, StudioError::NoSpace { .. }) && error.is_retryable(), "{error}");
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_file_that_grows_beyond_its_bound_is_refused() {
    // Whether it reads to the end, or stops there and calls that a success, as ffmpeg does.
    for rest in ["; cat > /dev/null", "; exec < /dev/null; exit 0"] {
        let (error, left) = encoded(&format!("head -c 150000 /dev/zero > \"$out\"{rest}"));
        assert!(matches!(error, StudioError::TooMuch { .. }) && left.is_empty(), "{rest}: {error} {left:?}");
    }
}

#[test]
fn endless_output_is_cut_off() {
    let bin = tempfile::tempdir().expect("folder");
    let error = fake(bin.path(), "exec cat /dev/zero")
        .decode_sound(Path::new("film.mp4"), "mov", 0.1, |_| Ok(()))
        .expect_err("endless");
    assert!(matches!(error, StudioError::TooMuch { .. }), "{error}");
}

#[test]
fn errors_are_kept_to_their_end_only() {
    let bin = tempfile::tempdir().expect("folder");
    let script = "head -c 3000000 /dev/zero | tr '\\0' 'x' >&2; echo >&2; echo the end >&2; exit 1";
    let error =
        fake(bin.path(), script).decode_sound(Path::new("film.mp4"), "mov", 1.0, |_| Ok(())).expect_err("fails");
    assert!(error.to_string().ends_with("the end") && error.to_string().len() < 300_000, "{}", error.to_string().len());
}

#[test]
fn a_program_that_nobody_waits_for_is_ended() {
    let bin = tempfile::tempdir().expect("folder");
    let mark = bin.path().join("mark");
    let tools = fake(bin.path(), "(sleep 2; touch \"$out\") & wait");
    drop(tools.start(&[local(&mark)], "waiting", 0.0).expect("started"));
    std::thread::sleep(Duration::from_millis(2500));
    assert!(!mark.exists(), "what it started went on");
}

#[test]
fn nothing_but_files_and_pipes_may_be_read() {
    let tools = Tools::from_environment();
    let mut args = common();
    args.extend(["-f", "mov", "-i", "http://127.0.0.1:9/film.mp4", "-f", "null", "-"].map(OsString::from));
    let error = run(&tools.ffmpeg, "reading", &args, tools.bounds(1.0)).expect_err("a network address");
    assert!(error.to_string().contains("not on whitelist"), "{error}");
}
