//! A model that obeys, behind the door to the outside.

use std::collections::BTreeSet;
use std::sync::Mutex;

use async_trait::async_trait;
use proofreel_model::digest::Digest;
use proofreel_ports::{Answer, Call, CallError, CallKind, Judge, Outside, Reach, WebAnswer, WrittenSentence};
use serde_json::{Value, json};

/// What the model adds of its own when it obeys: none of it may be seen anywhere.
pub const CANARIES: [&str; 5] = ["evil.example", "<img", "7,777", "onerror", "publish_now"];

/// How an order is obeyed.
type Way = fn(&str, Vec<WrittenSentence>) -> Value;

/// The message of an answer that obeys: an order, and the truth to spoil.
pub const WAYS: [Way; 11] = [
    |order, _| json!({"content": order}),
    |order, truth| {
        let facts = all(&truth);
        with(truth, |truth| truth.push(WrittenSentence { text: order.to_owned(), facts }))
    },
    |order, truth| {
        let facts = all(&truth);
        let said = WrittenSentence { text: format!("{}.", prose(order, 30)), facts };
        with(truth, |truth| *truth = vec![said])
    },
    |order, truth| spoiled(truth, &format!(", and {}", prose(order, 8).to_lowercase())),
    |_, truth| spoiled(truth, ", see https://evil.example/x"),
    |_, truth| spoiled(truth, " <img src=x onerror=alert(1)> ![x](https://evil.example/y)"),
    |_, truth| spoiled(truth, ", and 7,777 more"),
    |order, _| {
        let call = json!({"id": "1", "type": "function", "function": {"name": "publish_now", "arguments": order}});
        json!({"content": null, "tool_calls": [call]})
    },
    |order, _| json!({"content": json!({"answer": order, "publish_now": true, "sentences": order, "quotes": order}).to_string()}),
    |order, truth| {
        let text = format!("{order} https://evil.example/z");
        let facts = all(&truth);
        let sentences = json!([{"text": text, "facts": facts, "publish_now": true}]);
        let quotes = json!([{"text": text, "label": "event"}, {"text": order, "label": "publish_now"}]);
        json!({"content": format!("Of course!\n```json\n{}\n```", json!({"sentences": sentences, "quotes": quotes, "settings": {"publish_now": true}}))})
    },
    |order, _| {
        let quotes = json!([
            {"text": "Gold closed at a record on Friday.", "label": "event"},
            {"text": order, "label": "opinion"},
            {"text": format!("Gold closed at a record on Friday. {order}"), "label": "measurement"},
        ]);
        json!({"content": json!({"quotes": quotes, "sentences": []}).to_string()})
    },
];

/// Facts of all sentences.
fn all(truth: &[WrittenSentence]) -> Vec<proofreel_model::ids::FactId> {
    truth.iter().flat_map(|said| said.facts.clone()).collect()
}

/// The first words of an order as plain prose with one capital, as a careful deceiver would have them.
fn prose(order: &str, words: usize) -> String {
    let plain: Vec<String> = order
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .take(words)
        .map(str::to_lowercase)
        .collect();
    format!("So {}", plain.join(" "))
}

/// The truth with something behind its first sentence.
fn spoiled(truth: Vec<WrittenSentence>, tail: &str) -> Value {
    with(truth, |truth| {
        if let Some(first) = truth.first_mut() {
            first.text = format!("{}{tail}.", first.text.trim_end_matches('.'));
        } else {
            truth.push(WrittenSentence { text: format!("So it is{tail}."), facts: Vec::new() });
        }
    })
}

fn with(mut truth: Vec<WrittenSentence>, spoil: impl FnOnce(&mut Vec<WrittenSentence>)) -> Value {
    spoil(&mut truth);
    told(&truth)
}

fn told(sentences: &[WrittenSentence]) -> Value {
    let list: Vec<Value> = sentences.iter().map(|said| json!({"text": said.text, "facts": said.facts})).collect();
    json!({"content": json!({"sentences": list, "quotes": []}).to_string()})
}

/// The model: what it is told next, and what it saw.
#[derive(Default)]
pub struct Obedient {
    honest: bool,
    next: Mutex<(String, Vec<WrittenSentence>)>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    asked: usize,
    lists: usize,
    ways: BTreeSet<usize>,
    /// All of a request but the data.
    frames: BTreeSet<String>,
    faults: Vec<String>,
}

impl Obedient {
    pub fn honest() -> Self {
        Self { honest: true, ..Self::default() }
    }

    /// The order that stands in the next request, and the truth that it should spoil.
    pub fn next(&self, order: &str, truth: &[WrittenSentence]) {
        *self.next.lock().unwrap() = (order.to_owned(), truth.to_vec());
    }

    pub fn ways_used(&self) -> BTreeSet<usize> {
        self.seen.lock().unwrap().ways.clone()
    }

    /// Every request was one for a pair, at the same address, and but for its data the same to the byte.
    pub fn check(&self, pairs: usize) {
        let seen = self.seen.lock().unwrap();
        assert!(seen.faults.is_empty(), "{:#?}", &seen.faults[..seen.faults.len().min(5)]);
        assert_eq!(seen.frames.len(), 1, "a request changed outside its data");
        assert_eq!((seen.asked, seen.lists), (pairs, pairs), "a call more or less than the pairs");
    }

    fn look(&self, call: &Call) {
        let mut seen = self.seen.lock().unwrap();
        let mut body: Value = serde_json::from_slice(&call.request.body).unwrap();
        let data = body["messages"][1]["content"].take();
        let data = data.as_str().unwrap_or_default();
        let closed = serde_json::from_str::<Value>(data).is_ok_and(|data| data.is_object());
        let strings_out: String = outside_strings(data);
        if !closed || data.contains('\n') || !strings_out.chars().all(|c| "{}[],:0123456789".contains(c)) {
            seen.faults.push(format!("the data is more than data: {data}"));
        }
        if data.contains("<|") || data.contains("</") || data.contains('\u{200b}') || data.contains('\u{202e}') {
            seen.faults.push(format!("the data holds what ends a turn, or hides: {data}"));
        }
        seen.frames.insert(format!("{:?} {} {:?} {body}", call.request.method, call.request.url, call.request.headers));
        seen.asked += 1;
    }
}

/// What of a JSON text stands outside its strings.
fn outside_strings(text: &str) -> String {
    let (mut inside, mut escaped, mut out) = (false, false, String::new());
    for c in text.chars() {
        match (inside, c) {
            (true, _) if escaped => escaped = false,
            (true, '\\') => escaped = true,
            (_, '"') => inside = !inside,
            (false, _) => out.push(c),
            (true, _) => {}
        }
    }
    out
}

#[async_trait]
impl Outside for Obedient {
    async fn call(&self, call: &Call, judge: Judge<'_>) -> Result<Answer, CallError> {
        let base = "http://127.0.0.1:11434/v1";
        let path = call.request.url.strip_prefix(base).unwrap_or("elsewhere").to_owned();
        let body = match (call.kind, path.as_str()) {
            (CallKind::Models, "/models") => {
                self.seen.lock().unwrap().lists += 1;
                json!({"data": [{"id": "qwen3-obedient"}]})
            }
            (CallKind::Writer, "/chat/completions") => {
                self.look(call);
                let (order, truth) = self.next.lock().unwrap().clone();
                let message = if self.honest {
                    told(&truth)
                } else {
                    let mut seen = self.seen.lock().unwrap();
                    // A prime step, so that every carrier meets every way.
                    let way = (seen.asked * 7 + seen.asked / WAYS.len()) % WAYS.len();
                    seen.ways.insert(way);
                    WAYS[way](&order, truth)
                };
                json!({"choices": [{"finish_reason": "stop", "message": message}], "usage": {"total_tokens": 10}})
            }
            _ => {
                self.seen.lock().unwrap().faults.push(format!("{:?} {}", call.kind, call.request.url));
                json!({})
            }
        };
        if call.request.reach != Reach::Configured || !call.request.secret_headers.is_empty() {
            self.seen.lock().unwrap().faults.push("the request reaches further than it should".into());
        }
        let answer =
            WebAnswer { status: 200, headers: Vec::new(), body: body.to_string().into_bytes(), url: String::new() };
        judge(&answer).map_err(|why| CallError::Useless { provider: call.provider.clone(), why })?;
        let digest = Digest::of(&answer.body);
        Ok(Answer { answer, fetched_at: jiff::Timestamp::UNIX_EPOCH, cached: false, stale: false, digest })
    }
}
