//! Letters for people. What is in them was written by nobody knows whom: control signs are shown, never sent to a terminal.

use jiff::Timestamp;
use proofreel_model::envelope::Envelope;
use proofreel_pipeline::Redriven;
use proofreel_ports::Letter;
use serde_json::{Value, json};

/// Signs of a reason in the list.
const WHY_SIGNS: usize = 100;
/// Signs of a body that are shown.
const BODY_SIGNS: usize = 20_000;

/// Said after a letter was sent home.
pub const WHAT_NOW: &str = "In the cloud a sweep wakes the triggers within the hour, or at once when the batch function is called with {\"do\":\"sweep\"}; \
     here, `proofreel produce --resume RUN` works the run.";

/// What a person should know of a letter.
pub struct Told {
    id: String,
    queue: String,
    run: Option<String>,
    stage: Option<String>,
    visit: Option<u32>,
    received: u32,
    since: Timestamp,
    age_seconds: i64,
    why: String,
}

impl Told {
    /// With the message in it, if it is one, and why it was given up.
    pub fn new(letter: &Letter, message: Option<&Envelope>, why: String, now: Timestamp) -> Self {
        Self {
            id: letter.id.clone(),
            queue: letter.queue.clone(),
            run: message.map(|message| message.run.to_string()),
            stage: message.map(|message| message.stage.to_string()),
            visit: message.map(|message| message.visit),
            received: letter.received,
            since: letter.since,
            age_seconds: now.duration_since(letter.since).as_secs().max(0),
            why,
        }
    }

    /// For programs.
    pub fn document(&self) -> Value {
        json!({
            "letter": self.id, "queue": self.queue, "run": self.run, "stage": self.stage, "visit": self.visit,
            "received": self.received, "since": self.since, "age_seconds": self.age_seconds, "why": self.why,
        })
    }
}

/// One line a letter.
pub fn tell_list(letters: &[Told]) {
    if letters.is_empty() {
        println!("no dead letters");
        return;
    }
    println!("{:<36} {:>6} {:>8}  {:<14} {:<26} why", "letter", "age", "received", "stage", "run");
    for told in letters {
        println!(
            "{:<36} {:>6} {:>8}  {:<14} {:<26} {}",
            harmless(&told.id, 36),
            age(told.age_seconds),
            told.received,
            told.stage.as_deref().unwrap_or("–"),
            harmless(told.run.as_deref().unwrap_or("–"), 26),
            harmless(&told.why, WHY_SIGNS),
        );
    }
}

/// Everything about one letter, its body as it is.
pub fn tell_one(told: &Told, body: &str) {
    println!("letter    {}", harmless(&told.id, 100));
    println!("queue     {}", harmless(&told.queue, 100));
    println!("since     {} ({} ago)", told.since, age(told.age_seconds));
    println!("received  {}", told.received);
    if let (Some(run), Some(stage), Some(visit)) = (&told.run, &told.stage, told.visit) {
        println!("run       {}", harmless(run, 100));
        println!("stage     {stage}, visit {visit}");
    }
    println!("why       {}", harmless(&told.why, 2_000));
    println!("body      {}", harmless(body, BODY_SIGNS));
}

/// What became of a letter, or would.
pub fn redriven(came: &Redriven, dry: bool) -> &'static str {
    match (came, dry) {
        (Redriven::Sent, false) => "sent: its run goes on",
        (Redriven::Sent, true) => "would be sent: its run would go on",
        (Redriven::Overtaken, false) => "of no use any more, and removed: its visit was decided, or its run is over",
        (Redriven::Overtaken, true) => "of no use any more: its visit was decided, or its run is over",
        (Redriven::AtWork, _) => "stays: a worker has its visit in hand; look again later",
        (Redriven::Resting, _) => "stays: its run waits for a person or was stopped; see `proofreel runs show RUN`",
        (Redriven::NoRun, _) => "stays: there is no such run; drop it",
        (Redriven::Unreadable, _) => "stays: it is no message of the chain; look at it with `dlq show`, then drop it",
    }
}

/// `45s`, `12m`, `3h`, `9d`.
fn age(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// At most so many signs, those that move a cursor or turn the writing around written out.
fn harmless(text: &str, most: usize) -> String {
    let turns =
        |sign: char| matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut shown = String::new();
    for (place, sign) in text.chars().enumerate() {
        if place == most {
            shown.push('…');
            break;
        }
        if sign.is_control() || turns(sign) {
            shown.extend(sign.escape_default());
        } else {
            shown.push(sign);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_letter_says_cannot_move_the_cursor() {
        assert_eq!(harmless("a\x1b[2Jb\r\nc\u{202e}d", 100), "a\\u{1b}[2Jb\\r\\nc\\u{202e}d");
        assert_eq!(harmless("äöü", 2), "äö…");
        assert_eq!(harmless("äö", 2), "äö");
    }

    #[test]
    fn ages_have_one_unit() {
        assert_eq!(
            [0, 59, 60, 3_599, 3_600, 86_399, 86_400, 900_000].map(age),
            ["0s", "59s", "1m", "59m", "1h", "23h", "1d", "10d"]
        );
    }
}
