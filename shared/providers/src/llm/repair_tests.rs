use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
struct Said {
    sentences: Vec<Sentence>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Sentence {
    text: String,
    facts: Vec<String>,
}

/// A sentence and its fact.
fn said(sentences: &[(&str, &str)]) -> Said {
    let one = |(text, fact): &(&str, &str)| Sentence { text: (*text).into(), facts: vec![(*fact).into()] };
    Said { sentences: sentences.iter().map(one).collect() }
}

#[test]
fn near_json_is_read_as_it_was_meant() {
    let whole = said(&[("It's up.", "f1")]);
    for text in [
        r#"{"sentences":[{"text":"It's up.","facts":["f1"]}]}"#,
        "\u{feff}{\"sentences\":[{\"text\":\"It's up.\",\"facts\":[\"f1\"]}]}\n",
        "Here you go:\n```json\n{\"sentences\":[{\"text\":\"It's up.\",\"facts\":[\"f1\"]}]}\n```\nAnything else?",
        "<think>{\"sentences\":[]} or so</think>\n{\"sentences\":[{\"text\":\"It's up.\",\"facts\":[\"f1\"]}]}",
        "{'sentences': [{'text': 'It\\'s up.', 'facts': ['f1',],},],}",
        "{\"sentences\": [ // the first\n {\"text\": \"It's up.\", /* its fact */ \"facts\": [\"f1\"]} ]}",
        "{sentences: [{text: \"It's up.\", facts: [\"f1\"]}]}",
        "The set {a} has no JSON, but this is: {\"sentences\":[{\"text\":\"It's up.\",\"facts\":[\"f1\"]}]} See {b}.",
        "{“sentences”: [{“text”: “It's up.”, “facts”: [“f1”]}]}",
        "{\"sentences\":[{\"text\":\"It's up.\" \"facts\":[\"f1\"]}]}",
    ] {
        let read = read::<Said>(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!((read.value, read.cut), (said(&[("It's up.", "f1")]), false), "{text}");
    }
    assert_eq!(whole.sentences.len(), 1);
}

#[test]
fn a_cut_answer_says_so() {
    for text in [
        r#"{"sentences":[{"text":"One.","facts":["f1"]},{"text":"Two tho","facts":["f2"]}"#,
        r#"{"sentences":[{"text":"One.","facts":["f1"]},{"text":"Two tho","facts":["f2"#,
        "```json\n{\"sentences\":[{\"text\":\"One.\",\"facts\":[\"f1\"]},{\"text\":\"Two tho\",\"facts\":[\"f2\"]},",
    ] {
        let read = read::<Said>(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert!(read.cut, "{text}");
        assert_eq!(read.value.sentences[0], said(&[("One.", "f1")]).sentences[0]);
    }
}

#[test]
fn what_is_no_json_or_another_is_refused_with_what_it_was() {
    for text in ["", "I cannot do that.", "<html><body>502</body></html>", "null", "42", "\"text\""] {
        assert!(read::<Said>(text).is_err(), "{text}");
    }
    for text in ["{\"answer\": \"x\"}", "{\"sentences\": \"x\"}", "{\"sentences\": [{\"text\": 5, \"facts\": []}]}"] {
        assert!(read::<Said>(text).unwrap_err().contains("another shape"), "{text}");
    }
}

/// The cases of a public suite of JSON parsers: what must parse does so as it is, and nothing brings the reader down.
#[test]
fn a_suite_of_hostile_json_does_no_harm() {
    let (mut must, mut others) = (0, 0);
    for line in include_str!("../../tests/json/cases.tsv").lines().filter(|line| !line.starts_with('#')) {
        let (name, hex) = line.split_once('\t').unwrap();
        let byte = |n: usize| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..hex.len() / 2).map(byte).collect();
        let text = String::from_utf8_lossy(&bytes);
        let outcome = read::<Value>(&text);
        if name.starts_with("y_") {
            assert_eq!(outcome.unwrap().value, serde_json::from_slice::<Value>(&bytes).unwrap(), "{name}");
            must += 1;
        } else {
            others += 1;
        }
    }
    for text in ["[".repeat(100_000), "[{\"\":".repeat(50_000), "{\"a\":".repeat(50_000), "{'a':'".repeat(50_000)] {
        let _ = read::<Said>(&text);
        others += 1;
    }
    assert!(must >= 90 && others >= 200, "{must} and {others} cases");
}

fn near_json() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "'",
        "\\",
        "\\u12",
        "```json\n",
        "\n```",
        "//",
        "/*",
        "*/",
        "true",
        "None",
        "1e9",
        "-",
        "sentences",
        "\"sentences\":[",
        "{\"text\":\"a\",",
        "\"facts\":[]}",
        "</think>",
        "“",
        "\u{202e}",
        "\0",
        "...",
        " ",
        "\n",
        "é",
        "😀",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_brings_it_down(text in near_json()) {
        let _ = read::<Said>(&text);
        let _ = read::<Value>(&text);
    }

    #[test]
    fn json_among_prose_is_found_whole(words in "[a-zA-Z ,.]{0,40}", text in "[a-zA-Z0-9 ,.{}\\[\\]'\"]{0,40}", fence in any::<bool>()) {
        let value = json!({"sentences": [{"text": text, "facts": ["f"]}]});
        let wrapped = if fence { format!("{words}\n```json\n{value}\n```\n{words}") } else { format!("{words}{value}{words}") };
        let read = read::<Said>(&wrapped).unwrap();
        prop_assert_eq!(&read.value.sentences[0].text, &text);
        prop_assert!(!read.cut);
    }
}
