//! Tests of the worker protocol with workers that are and are not well-behaved, of the text rules, and of the real
//! voice when `PROOFREEL_VOICE_PYTHON` names an interpreter that has it.

use std::process::Command;
use std::time::{Duration, Instant};

use super::*;

const PYTHON: &str = "python3";
/// A worker that follows the protocol without a model: 240 samples (10 ms) a word, their value the seed.
const HONEST: &str = r#"
import json, sys, struct
out = sys.stdout.buffer
def send(header, payload=b""):
    out.write(json.dumps(header).encode() + b"\n" + payload); out.flush()
def answer(r, **other):
    words = [[t, 10 * i, 10 * i + 9] for i, t in enumerate(r["text"].split())]
    pcm = struct.pack("<h", r["seed"]) * (240 * len(words))
    send({"id": r["id"], "sample_rate": 24000, "samples": len(pcm) // 2, "words": words, **other}, pcm + b"\nend\n")
def serve(each):
    send({"ready": 1})
    for n, line in enumerate(sys.stdin.buffer):
        each(n, json.loads(line))
"#;

fn patience(utterance_ms: u64) -> Patience {
    Patience { start: Duration::from_secs(20), utterance: Duration::from_millis(utterance_ms), byte: Duration::ZERO }
}

fn voice(body: &str) -> HibariVoice {
    HibariVoice::new(PYTHON).with_script(format!("{HONEST}\n{body}"), patience(20_000))
}

fn lines(count: usize) -> Vec<Utterance> {
    (0..count)
        .map(|i| Utterance { id: format!("s{i}"), text: format!("line {i} “of” café"), pause_after_ms: 200 })
        .collect()
}

/// The error of speaking three lines.
async fn error_of(body: &str) -> VoiceError {
    voice(body).speak(&lines(3), 7).await.unwrap_err()
}

#[tokio::test]
async fn answers_come_in_order_and_the_worker_is_kept() {
    let voice = voice("import os\nserve(lambda n, r: answer({**r, 'seed': os.getpid() % 30000}))");
    assert!(voice.speak(&[], 7).await.unwrap().is_empty());
    let first = voice.speak(&lines(3), 7).await.unwrap();
    assert_eq!(first.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["s0", "s1", "s2"]);
    assert_eq!(first[1].words[3].text, "café");
    assert_eq!(first[1].samples.len(), 4 * 240);
    assert_eq!(voice.speak(&lines(1), 7).await.unwrap()[0].samples[0], first[0].samples[0], "another process");
}

#[tokio::test]
async fn thousands_of_requests_do_not_block_the_pipes() {
    let spoken = voice("serve(lambda n, r: answer(r))").speak(&lines(4000), 3).await.unwrap();
    assert_eq!(spoken.len(), 4000);
    assert!(spoken.iter().all(|s| s.samples.iter().all(|x| *x == 3)));
}

#[tokio::test]
async fn the_pronunciations_are_the_first_message() {
    let body = "serve(lambda n, r: seen.append(r) if n == 0 else answer({**r, 'seed': 1 if seen == want else 0}))";
    let voice = voice(&format!(
        "seen, want = [], [{{'configure': {{'speed': 1.0, 'pronounce': {{'WTI': 'W T I'}}}}}}]\n{body}"
    ))
    .with_pronunciations(BTreeMap::from([("WTI".to_owned(), "W T I".to_owned())]));
    assert_eq!(voice.speak(&lines(1), 7).await.unwrap()[0].samples[0], 1);
}

#[tokio::test]
async fn a_worker_that_dies_midway_is_reported_with_its_last_words_and_replaced() {
    let body = "serve(lambda n, r: answer(r) if n != 1 else sys.exit('out of memory, said the worker'))";
    let voice = voice(body);
    let error = voice.speak(&lines(3), 7).await.unwrap_err();
    let VoiceError::Failed { utterance, detail, .. } = &error else { panic!("{error}") };
    assert_eq!(utterance, "s1");
    assert!(detail.contains("ended without an answer") && detail.contains("out of memory"), "{detail}");
    assert_eq!(voice.speak(&lines(1), 7).await.unwrap().len(), 1, "a new worker speaks");
}

#[tokio::test]
async fn a_worker_that_died_while_idle_is_replaced_silently() {
    let voice = voice("serve(lambda n, r: (answer(r), sys.exit(0)))");
    voice.speak(&lines(1), 7).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    voice.speak(&lines(1), 7).await.unwrap();
}

#[tokio::test]
async fn junk_and_wrong_counts_are_noticed_at_the_utterance_that_has_them() {
    for (body, why) in [
        ("serve(lambda n, r: answer(r) if n != 1 else print('Warning: x', flush=True))", "not a header"),
        ("serve(lambda n, r: answer(r, **({'samples': 950} if n == 1 else {})))", "number of bytes"),
        ("serve(lambda n, r: answer(r, **({'samples': 961} if n == 1 else {})))", "number of bytes"),
        ("serve(lambda n, r: answer(r) if n != 1 else (answer(r, samples=99999), sys.exit(1)))", "ended before"),
        ("serve(lambda n, r: answer(r) if n != 1 else answer({**r, 'id': 's2'}))", "answered for"),
        (
            "serve(lambda n, r: answer(r) if n != 1 else send({'id': 's1', 'error': 'ValueError: no'}))",
            "ValueError: no",
        ),
        (
            "serve(lambda n, r: answer(r) if n != 1 else (out.write(b'{\"id'), out.flush(), sys.exit(0)))",
            "in the middle",
        ),
    ] {
        let error = error_of(body).await;
        let VoiceError::Failed { utterance, detail, .. } = &error else { panic!("{body}: {error}") };
        assert_eq!(utterance, "s1", "{body}");
        assert!(detail.contains(why), "{body}: {detail}");
    }
}

#[tokio::test]
async fn a_worker_that_hangs_is_given_up_in_time() {
    let body = format!("{HONEST}\nimport time\nserve(lambda n, r: answer(r) if n < 1 else time.sleep(600))");
    let voice = HibariVoice::new(PYTHON).with_script(body, patience(1_000));
    let begun = Instant::now();
    let error = voice.speak(&lines(3), 7).await.unwrap_err();
    assert!(matches!(&error, VoiceError::Timeout { utterance, .. } if utterance == "s1"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn a_worker_that_never_starts_is_unavailable_and_says_what_to_do() {
    for (python, script, why) in [
        ("/nonexistent/python", "", "cannot be started"),
        (PYTHON, "import sys; sys.exit('broken')", "broken"),
        (PYTHON, "print('hello', flush=True)", "began with"),
        (PYTHON, "print('{\"ready\": 2}', flush=True)", "protocol 2"),
        (PYTHON, "print('{\"error\": \"ModuleNotFoundError: hibari\"}', flush=True)", "ModuleNotFoundError"),
    ] {
        let voice = HibariVoice::new(python).with_script(script, patience(5_000));
        let error = voice.warm_up().await.unwrap_err();
        let VoiceError::Unavailable { detail, hint, .. } = &error else { panic!("{error}") };
        assert!(detail.contains(why), "{detail}");
        assert!(hint.contains("make setup"));
    }
}

#[tokio::test]
async fn a_dropped_request_leaves_no_stale_answer() {
    let body = format!("{HONEST}\nimport time\nserve(lambda n, r: (time.sleep(0.5 * (r['seed'] == 1)), answer(r)))");
    let voice = HibariVoice::new(PYTHON).with_script(body, patience(20_000));
    voice.warm_up().await.unwrap();
    tokio::time::timeout(Duration::from_millis(100), voice.speak(&lines(1), 1)).await.unwrap_err();
    assert_eq!(voice.speak(&lines(1), 2).await.unwrap()[0].samples[0], 2);
}

#[test]
fn finance_text_is_spoken_as_people_say_it() {
    let script = format!("{}\n{}", include_str!("spoken.py"), include_str!("spoken_test.py"));
    let run = Command::new(PYTHON).args(["-I", "-c", &script]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(String::from_utf8_lossy(&run.stdout).contains("all read as they should"));
}

#[tokio::test]
async fn the_real_voice_times_every_word_and_repeats_itself() {
    let Ok(python) = std::env::var("PROOFREEL_VOICE_PYTHON") else {
        eprintln!("SKIPPED: PROOFREEL_VOICE_PYTHON is not set, the real voice was not tried");
        return;
    };
    let long = "gold, which had risen for 12 months, fell by 3.2% in June 2026, ".repeat(12);
    let texts = ["Gold hit $4,228 an ounce — up 4.47% in Q2 2026. The 10-year fell.", "WTI slipped.", long.as_str()];
    let lines: Vec<Utterance> = texts
        .iter()
        .enumerate()
        .map(|(i, text)| Utterance { id: i.to_string(), text: (*text).to_owned(), pause_after_ms: 0 })
        .collect();
    let first = HibariVoice::new(&python).speak(&lines, 7).await.unwrap(); // word order and times are checked inside
    let again = HibariVoice::new(&python);
    assert_eq!(again.speak(&lines[1..], 7).await.unwrap(), first[1..], "another process, other neighbours");
    assert_ne!(again.speak(&lines[..1], 8).await.unwrap()[0].samples, first[0].samples, "another seed");
    for speech in &first {
        let length = speech.samples.len() as u32 / 24;
        let end = speech.words.last().unwrap().end_ms;
        assert!(length - end < 250, "speech of {length} ms whose last word ends at {end} ms");
        assert!(speech.samples.iter().any(|s| s.unsigned_abs() > 3000), "it is audible");
    }
    assert!(first[2].samples.len() > 24_000 * 30);
    let error = again.speak(&[Utterance { text: "— …".into(), ..lines[0].clone() }], 7).await.unwrap_err();
    assert!(error.to_string().contains("nothing to pronounce"), "{error}");
}
