//! How written finance English is read: a table of written and spoken forms, and phonemes equal to the package's own.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proofreel_voice::assets::Assets;
use proofreel_voice::g2p::{Gap, Piece, Reader};
use proofreel_voice::reading::{Table, sentence_ends};

fn folder() -> PathBuf {
    std::env::var_os("PROOFREEL_VOICE_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.voice"), PathBuf::from)
}

static READER: LazyLock<Reader> = LazyLock::new(|| {
    Assets::open(&folder())
        .and_then(|assets| Reader::new(&assets, &BTreeMap::from([("Proofreel".into(), "proof reel".into())])))
        .unwrap_or_else(|error| panic!("the voice's data is missing: run `make setup`\n{error}"))
});

fn tokens(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Phonemes of each sentence.
fn said(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for Piece { chars, gap_after } in READER.pieces(&tokens(text)) {
        let last = out.last_mut().unwrap();
        last.extend(chars.iter().map(|(c, _)| *c));
        match gap_after {
            Gap::Clause => last.push(' '),
            Gap::Sentence => out.push(String::new()),
        }
    }
    out.pop();
    out
}

#[test]
fn finance_english_is_said_as_a_person_would() {
    let table = Table::new(&BTreeMap::new(), |_| None);
    let mut lines = Vec::new();
    for line in include_str!("written.txt").lines() {
        lines.push(format!("{line}\n    {}", table.spoken(&tokens(line)).join(" | ")));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn phonemes_are_those_of_the_package() {
    let rows: Vec<(String, Vec<String>, Vec<String>)> = serde_json::from_str(include_str!("package.json")).unwrap();
    assert!(rows.len() > 400, "the recording is short");
    let mut wrong = Vec::new();
    for (text, spoken, expected) in &rows {
        assert_eq!(&READER.spoken(&tokens(text)), spoken, "{text}: record again with tests/bench/voice_reading.py");
        let got = said(text);
        if got != *expected {
            wrong.push(format!("{text}\n  package {expected:?}\n  Rust    {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn every_phoneme_belongs_to_a_token() {
    let text = "On 18 August 2026, at 8:30 a.m., the index rose 4.47% (4.47 percent).";
    let tokens = tokens(text);
    let pieces = READER.pieces(&tokens);
    let owners: Vec<usize> = pieces.iter().flat_map(|piece| piece.chars.iter().map(|(_, owner)| *owner)).collect();
    assert!(owners.is_sorted(), "{owners:?}");
    for (at, token) in tokens.iter().enumerate() {
        assert!(owners.contains(&at), "nothing is heard of {token}");
    }
    // A date's words belong to the tokens of the date, in order.
    let of =
        |at: usize| -> String { pieces[0].chars.iter().filter(|(_, owner)| *owner == at).map(|(c, _)| *c).collect() };
    assert!(of(3).contains("twˈɛnti"), "{}", of(3));
}

#[test]
fn a_channel_says_how_its_words_sound() {
    let own = |word: &str, sound: &str| {
        let table = BTreeMap::from([(word.to_owned(), sound.to_owned())]);
        let reader = Reader::new(&Assets::open(&folder()).unwrap(), &table).unwrap();
        reader.pieces(&["The", "Zyqqel's", "rise."]).concat_chars()
    };
    assert!(own("Zyqqel", "/zˈɛkəl/").contains("zˈɛkəlz"), "given phonemes, with the s of a possessive");
    assert!(own("Zyqqel", "zebra").contains("zˈibɹəz"), "a respelling");
    assert!(own("Zyqqel", "Z Q L").contains("zˌikjˌuˈɛlz"), "letters, the stress on the last");
}

trait Chars {
    fn concat_chars(&self) -> String;
}

impl Chars for Vec<Piece> {
    fn concat_chars(&self) -> String {
        self.iter().flat_map(|piece| piece.chars.iter().map(|(c, _)| *c)).collect()
    }
}

#[test]
fn sentences_end_where_a_person_stops() {
    let ends = |text: &str| -> Vec<usize> {
        let ends = sentence_ends(&tokens(text));
        ends.iter().enumerate().filter(|(_, end)| **end).map(|(at, _)| at).collect()
    };
    assert_eq!(ends("It rose. Then it fell."), [1, 4]);
    assert_eq!(ends("Mr. Powell spoke! Why? Rates."), [2, 3, 4]);
    assert_eq!(ends("The U.S. economy grew"), [3]);
    assert_eq!(ends("in the U.S. The Fed"), [2, 4]);
    assert_eq!(ends("up 3.5 percent, or so"), [4]);
    assert_eq!(ends("He said “no.” She left."), [2, 4]);
    assert_eq!(ends("at 8:30 a.m. ET on Friday."), [5]);
}

#[test]
fn nothing_to_say_is_no_piece() {
    assert!(READER.pieces(&["—", "…"]).is_empty());
    assert!(READER.pieces(&[]).is_empty());
}
