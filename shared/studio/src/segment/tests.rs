//! Joints frame by frame, keys that do not know their place, and workers that change no byte.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;

use proofreel_model::channel::Look;
use proofreel_model::film::Format;
use proofreel_model::policy::law;
use proofreel_model::scenes::{NarrativeRole, Scene, Scenes};
use proofreel_model::script::Sentence;
use proofreel_model::text::RichText;
use proofreel_model::visual::Visual;

use super::*;
use crate::captions::cues;
use crate::encoder::Unwatched;
use crate::media::packets;
use crate::media::{Decoded, Heard, Redrawn, Shown, Watcher, redraw};
use crate::mp4::join;
use crate::photo::Pictures;
use crate::reel::Material;
use crate::samples::{babble, episode, mastered, sentence, trace, typesetter};
use crate::shelf::Nothing;
use crate::{FPS, SAMPLES_PER_FRAME};

/// Keeps files in memory and counts what it gave.
#[derive(Default)]
struct Memory {
    parts: Mutex<BTreeMap<Digest, Vec<u8>>>,
}

impl Shelf for Memory {
    fn fetch(&self, key: &Digest, to: &Path) -> bool {
        let parts = self.parts.lock().expect("parts");
        parts.get(key).is_some_and(|bytes| std::fs::write(to, bytes).is_ok())
    }

    fn keep(&self, key: &Digest, from: &Path) {
        self.parts.lock().expect("parts").insert(key.clone(), std::fs::read(from).expect("part"));
    }

    fn forget(&self, key: &Digest) {
        self.parts.lock().expect("parts").remove(key);
    }
}

fn visual(n: usize) -> Visual {
    let gold = trace("Gold", 120, |k| 300.0 + (k * (n + 3)) as f64);
    let heading = RichText::plain(format!("Scene of gold, {}", ["one", "two", "three", "four"][n % 4]));
    if n.is_multiple_of(2) {
        Visual::Title { kicker: RichText::plain("Gold"), heading, backdrop: Some(gold), picture: None }
    } else {
        Visual::Line { heading, traces: vec![gold], marks: Vec::new(), ranges: Vec::new(), log_scale: false }
    }
}

struct Sample {
    theme: Theme,
    fonts: FontFiles,
    cuts: Vec<Cut>,
}

impl Sample {
    /// A film whose scenes say these sentences, a word in 0.2 s.
    fn of(said: &[&str]) -> Self {
        let scenes: Vec<Vec<Sentence>> = said.iter().map(|text| vec![sentence(text, &[], "")]).collect();
        let (script, timeline) = episode(scenes, 0.2);
        let theme = Theme::new(&Look::default(), Format::Landscape, true, "Brand").expect("theme");
        let scene = |n: usize| Scene {
            scene_id: script.scenes[n].scene_id.clone(),
            objective: String::new(),
            narrative_role: NarrativeRole::Proof,
            key_claims: Vec::new(),
            source_refs: Vec::new(),
            evidence_sources: Vec::new(),
            visual_prompt: String::new(),
            visual: visual(n),
            source_line: RichText::plain("World Bank"),
            narration_prompt: String::new(),
            transition_note: String::new(),
            start_time: 0.0,
            end_time: 0.0,
            word_budget: 0,
            risk_flags: Vec::new(),
            schema_version: String::new(),
        };
        let scenes = Scenes { schema_version: String::new(), scenes: (0..said.len()).map(scene).collect() };
        let captions = cues(&script, &timeline);
        let material = Material {
            scenes: &scenes,
            script: &script,
            timeline: &timeline,
            theme: &theme,
            captions: &captions,
            pictures: Pictures::none(),
        };
        let cuts = Cut::all(&material).expect("cuts");
        Self { theme, fonts: FontFiles::from_environment(), cuts }
    }

    fn plan(&self) -> Vec<Segment> {
        let tools = Tools::from_environment();
        plan(&self.cuts, &Toolchain::of(&tools, &self.fonts, &self.theme).expect("toolchain")).expect("plan")
    }

    fn render(&self, folder: &Path, workers: usize, shelf: &dyn Shelf) -> (Vec<PathBuf>, usize) {
        let tools = Tools::from_environment();
        let bench = Bench { tools: &tools, fonts: &self.fonts, theme: &self.theme, cuts: &self.cuts };
        render_all(&bench, &self.plan(), folder, workers, shelf, &Unwatched).expect("rendered")
    }
}

/// Presentation time in frames and digest of each decoded frame.
fn frames(file: &Path) -> Vec<(u64, String)> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(file)
        .args(["-map", "0:v:0", "-c:v", "rawvideo", "-fps_mode", "passthrough", "-f", "framemd5", "-"])
        .output()
        .expect("ffmpeg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let base = text.lines().find_map(|line| line.strip_prefix("#tb 0: 1/")).expect("time base");
    let ticks = base.parse::<u64>().expect("ticks") / u64::from(FPS);
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            let at: u64 = cells[2].parse().expect("time");
            assert_eq!(at % ticks, 0, "{line}");
            (at / ticks, cells[5].to_owned())
        })
        .collect()
}

/// Length of a stream, seconds.
fn length(file: &Path, stream: &str) -> f64 {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", stream, "-show_entries", "stream=duration", "-of", "csv=p=0"])
        .arg(file)
        .output()
        .expect("ffprobe");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("seconds")
}

#[test]
fn a_joined_film_is_its_segments_frame_by_frame() {
    let folder = tempfile::tempdir().expect("folder");
    let sample = Sample::of(&["Gold is what it was.", "Then it rose a little.", "Nobody knows why."]);
    let (files, made) = sample.render(folder.path(), 3, &Nothing);
    assert_eq!((files.len(), made), (3, 3));
    let total: u32 = sample.cuts.iter().map(Cut::frames).sum();
    let seconds = total as f32 / FPS as f32;
    let (sound, film) = (folder.path().join("sound.aac"), folder.path().join("film.mp4"));
    let tools = Tools::from_environment();
    let mut heard = mastered(&tools, &babble(seconds, 7)[..(total * SAMPLES_PER_FRAME) as usize], &sound);
    join(&files, &sound, &film).expect("joined");

    let joined = frames(&film);
    let mut apart = Vec::new();
    for file in &files {
        let piece = frames(file);
        let first = apart.len() as u64;
        apart.extend(piece.into_iter().map(|(at, digest)| (first + at, digest)));
    }
    assert_eq!(joined.len() as u32, total);
    assert!(joined.iter().enumerate().all(|(n, (at, _))| *at == n as u64), "a gap or a step back");
    let due = packets::times(&film).expect("times");
    let off = |(at, due): (&(u64, String), &f64)| (*due * f64::from(FPS) - at.0 as f64).abs();
    assert!(due.len() == joined.len() && joined.iter().zip(&due).map(off).all(|off| off < 1e-6), "{due:?}");
    assert_eq!(joined, apart);
    let [seen, sounding] = ["v:0", "a:0"].map(|stream| length(&film, stream));
    assert!((seen - f64::from(seconds)).abs() < 1e-3, "{seen}");
    assert!((sounding - f64::from(seconds)).abs() < 0.011, "half a block: {sounding}");
    // What was found in the segments holds for the film, which consists of their packets and of nothing else.
    let bench = Bench { tools: &tools, fonts: &sample.fonts, theme: &sample.theme, cuts: &sample.cuts };
    let shelf = Memory::default();
    let found = find_all(&bench, &sample.plan(), &files, 2, &shelf).expect("found");
    assert!(find_all(&bench, &sample.plan(), &[], 2, &Nothing).expect("nothing").is_empty());
    let mut decoded = Decoded::default();
    for found in &found {
        assert!(!found.redrawn.small.is_empty() && found.redrawn.texts.looked_at.len() == 3);
        assert_eq!(Found::from_bytes(&found.to_bytes().expect("bytes"), bench.cells()).as_ref(), Some(found));
        decoded.add(found.decoded.clone());
    }
    assert!(decoded.is_all_of(&film));
    let (small, lasts) = (crate::media::small_size((1920, 1080)), f64::from(seconds));
    let wanted: Vec<u32> = (0..total).filter(|n| decoded.shown.frame(*n).is_some()).collect();
    let mut watcher = Watcher::new((small.0 * small.1) as usize, &wanted, &law().media.frames);
    tools.decode_small(&film, false, small, lasts, |part| watcher.take(part)).expect("decoded");
    let (whole, parts) = (watcher.done(), &decoded.shown);
    assert_eq!((whole.frames, &whole.blank), (parts.frames, &parts.blank));
    assert!(wanted.len() >= 3 && wanted.iter().all(|n| whole.frame(*n) == parts.frame(*n)), "{wanted:?}");
    // What goes on over a joint may end some frames apart: it is measured from the joint on against the first frame behind it.
    let rests =
        |shown: &Shown| shown.still.iter().filter(|(from, to)| to - from >= FPS / 2).copied().collect::<Vec<_>>();
    let (whole, parts) = (rests(&whole), rests(parts));
    let near = |a: u32, b: u32| a.abs_diff(b) <= 6;
    let same = whole.iter().zip(&parts).all(|(a, b)| near(a.0, b.0) && near(a.1, b.1));
    assert!(whole.len() == parts.len() && same, "{whole:?} and {parts:?}");
    assert_eq!(shelf.parts.lock().expect("parts").len(), 3);
    // They are there now: neither a file nor a program is needed.
    let none = Tools { ffmpeg: "/dev/null/nowhere".into(), ..Tools::from_environment() };
    let kept = find_all(&Bench { tools: &none, ..bench }, &sample.plan(), &files, 2, &shelf);
    assert_eq!(kept.expect("kept"), found);
    decoded.packets.swap(1, 2);
    assert!(!decoded.is_all_of(&film), "another order is another film");
    // The sound that was copied is the sound that was mastered, from its first sample.
    let pcm = |file: &Path, format: &str| {
        let mut bytes = Vec::new();
        let keep = |part: &[u8]| {
            bytes.extend_from_slice(part);
            Ok(())
        };
        tools.decode_sound(file, format, f64::from(seconds), keep).expect("sound");
        bytes
    };
    let early = 1024 * 8;
    let (in_film, alone) = (pcm(&film, "mov"), pcm(&sound, "aac"));
    assert!(in_film.len() > early && in_film == alone[early..]);
    // What was heard in it then is what the film holds, and is not heard of another film.
    let again = Heard::of(&tools, &film, f64::from(seconds)).expect("heard");
    assert!(heard.is_all_of(&film) && again.packets == heard.packets);
    assert!((again.sound.integrated_lufs - heard.sound.integrated_lufs).abs() < 0.05, "{again:?}");
    assert!((again.sound.true_peak_dbtp - heard.sound.true_peak_dbtp).abs() < 0.05, "{again:?}");
    assert_eq!(again.levels.len(), heard.levels.len());
    let kept: Heard = serde_json::from_slice(&serde_json::to_vec(&heard).expect("json")).expect("heard");
    assert_eq!(kept, heard);
    heard.packets.swap(2, 3);
    assert!(!heard.is_all_of(&film), "another order is another sound");
}

#[test]
fn what_is_drawn_again_does_not_depend_on_where_a_scene_is_divided() {
    let sample = Sample::of(&["Gold is what it was."]);
    let mut cut = sample.cuts[0].clone();
    cut.span.frames.end = 900;
    let drawn = |frames| redraw(&cut, &frames, &sample.theme, typesetter(), &law().media).expect("drawn");
    let whole = drawn(0..900);
    let mut laid = Redrawn::default();
    for frames in pieces(900) {
        let Redrawn { small, texts } = drawn(frames.clone());
        assert!(small.iter().all(|small| frames.contains(&small.frame)));
        laid.small.extend(small);
        laid.texts.looked_at.extend(texts.looked_at);
        laid.texts.passing.extend(texts.passing);
    }
    assert_eq!((whole.small.len(), whole.texts.looked_at.len(), whole.texts.passing.len()), (15, 3, 15));
    assert!(whole == laid);
}

#[test]
fn keys_and_bytes_do_not_depend_on_the_place_in_the_film_or_on_the_workers() {
    let folders = [tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder")];
    let before = Sample::of(&["Gold is what it was.", "Then it rose a little.", "Nobody knows why."]);
    let after =
        Sample::of(&["Gold is now not at all what it was then.", "Then it rose a little.", "Nobody knows why."]);
    let (old, new) = (before.plan(), after.plan());
    assert_ne!(old[0].key, new[0].key);
    assert_eq!((&old[1..], old[0].frames == new[0].frames), (&new[1..], false));

    let shelf = Memory::default();
    let (first, made) = before.render(folders[0].path(), 1, &shelf);
    assert_eq!(made, 3);
    let (second, made) = after.render(folders[1].path(), 3, &shelf);
    assert_eq!(made, 1, "only the scene that changed");
    let read = |file: &PathBuf| std::fs::read(file).expect("segment");
    assert!(read(&first[1]) == read(&second[1]) && read(&first[0]) != read(&second[0]));
    let (again, _) = after.render(folders[0].path(), 2, &Nothing);
    assert!(second.iter().map(read).eq(again.iter().map(read)), "made anew in its new place, the bytes are the same");
}

#[test]
fn every_member_of_a_cut_is_in_its_key() {
    let sample = Sample::of(&["Gold is what it was.", "Then it rose."]);
    let digest = Digest::of(b"x");
    let key = |cut: &Cut| cut.key(&digest, &digest).expect("key");
    let cut = &sample.cuts[0];
    let changes: [fn(&mut Cut); 11] = [
        |cut| cut.visual = visual(1),
        |cut| cut.source_line = RichText::plain("IMF"),
        |cut| cut.on_screen = vec![RichText::plain("Per ounce")],
        |cut| cut.narration[0].text = RichText::plain("Gold is what it is."),
        |cut| cut.span.sentences[0].words[1].end_ms += 1,
        |cut| cut.span.frames.end += 3,
        |cut| cut.captions[0].end_ms += 1,
        |cut| cut.spoken.push(Vec::new()),
        |cut| cut.own_line += 1,
        |cut| cut.first = !cut.first,
        |cut| cut.last = !cut.last,
    ];
    let mut keys = vec![key(cut), cut.key(&Digest::of(b"y"), &digest).expect("key")];
    keys.push(cut.key(&digest, &Digest::of(b"y")).expect("key"));
    for change in changes {
        let mut other = cut.clone();
        change(&mut other);
        keys.push(key(&other));
    }
    let different: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!(different.len(), keys.len());
}

#[test]
fn work_that_is_stopped_leaves_no_half_segment() {
    struct Few;
    impl Watch for Few {
        fn frame(&self, done: u32) -> bool {
            done < 40
        }
    }
    let folder = tempfile::tempdir().expect("folder");
    let sample = Sample::of(&["Gold is what it was.", "Then it rose."]);
    let tools = Tools::from_environment();
    let bench = Bench { tools: &tools, fonts: &sample.fonts, theme: &sample.theme, cuts: &sample.cuts };
    let shelf = Memory::default();
    let result = render_all(&bench, &sample.plan(), folder.path(), 2, &shelf, &Few);
    assert!(matches!(result, Err(StudioError::Stopped)), "{result:?}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0);
    assert!(shelf.parts.into_inner().expect("parts").is_empty());
}
