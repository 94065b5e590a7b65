//! Writers for tests: one that tells the truth in its own words, and one that tells a lie of each kind.

use std::sync::Mutex;

use async_trait::async_trait;
use proofreel_ports::{OfferedFact, ScenePlan, Writer, WriterError, Written, WrittenSentence};

/// Tells each fact of a scene in free wording, with rounding words where they are true.
pub struct Truthful {
    pub log: Mutex<Vec<String>>,
}

impl Truthful {
    pub fn new() -> Self {
        Self { log: Mutex::default() }
    }
}

/// The magnitude that a display shows, without its scale.
fn magnitude(fact: &OfferedFact) -> f64 {
    let digits: String = fact.display.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    digits.parse().unwrap_or(0.0)
}

fn is_negative(fact: &OfferedFact) -> bool {
    fact.display.starts_with('−')
}

/// A date in other words: `mid-2026` for a month of its middle.
fn loosely(date: &str) -> String {
    match date.split_once(' ') {
        Some(("May" | "June" | "July" | "August", year)) => format!("mid-{year}"),
        Some(("January" | "February" | "March" | "April", year)) => format!("early {year}"),
        _ => date.to_owned(),
    }
}

/// A value in other words: `4,228 dollars`, `a decade`.
fn freely(spoken: &str) -> String {
    match spoken.strip_prefix('$') {
        Some(rest) if rest.chars().all(|c| c.is_ascii_digit() || c == ',') => format!("{rest} dollars"),
        _ if spoken == "10 years" => "a decade".into(),
        _ if spoken == "20 years" => "two decades".into(),
        _ => spoken.to_owned(),
    }
}

/// A sentence about one fact, worded in one of several ways; `None` for kinds it has no words for.
fn told(fact: &OfferedFact, way: usize) -> Option<String> {
    let series = fact.series.first()?;
    let (first, last) = (fact.dates.first()?, fact.dates.last()?);
    let operation = fact.meaning.split(" of ").next()?;
    let value = freely(&fact.spoken);
    let size = magnitude(fact);
    let move_word = if is_negative(fact) { "fall" } else { "rise" };
    Some(match (operation.split(' ').next()?, way % 3) {
        ("latest", 0) => format!("For {last}, the newest entry, {series} reads {value}."),
        ("latest", 1) => format!("Put plainly, {series} was {value} in {}.", loosely(last)),
        ("latest", _) => format!("By {last}, {series} was {value}."),
        ("value", 0) => format!("At {last}, {series} read {value}."),
        ("value", 1) => format!("Seen in {}, {series} was {value}.", loosely(last)),
        ("value", _) => format!("During {last}, {series} read {value}."),
        ("percent", _) if operation == "percent change" && size >= 3.0 => {
            let rounded = size.round();
            let hedge = match way % 3 {
                _ if rounded == size => "about",
                0 => "roughly",
                _ if rounded < size => "more than",
                _ => "nearly",
            };
            format!("Between {first} and {last}, that makes a {move_word} of {hedge} {rounded} percent.")
        }
        ("change", _) => {
            let value = value.trim_start_matches("minus ").to_owned();
            format!("From {first} to {last}, that is a {move_word} of {value}.")
        }
        ("drawdown", 0) => format!("From {first} to {last}, the fall was more than {} percent.", size.floor()),
        ("drawdown", _) => format!("Over that stretch, from {first} to {last}, the fall was {value}."),
        ("elapsed", 0) => format!("All of that took {value}, counted from {first}."),
        ("elapsed", 1) => format!("It took {value}."),
        ("elapsed", _) => format!("That stretch lasted {value}."),
        _ => return None,
    })
}

#[async_trait]
impl Writer for Truthful {
    fn name(&self) -> String {
        "truthful 1.0".into()
    }

    async fn write(&self, plan: &ScenePlan) -> Result<Written, WriterError> {
        self.log.lock().unwrap().extend(plan.reasons.iter().map(|reason| format!("{}: {reason}", plan.scene_id)));
        let mut sentences: Vec<WrittenSentence> = Vec::new();
        let mut words = 0;
        let scene: usize = plan.scene_id.as_str().bytes().map(usize::from).sum();
        for (n, fact) in plan.facts.iter().enumerate() {
            let Some(text) = told(fact, scene + n + plan.asking as usize) else { continue };
            let count = text.split_whitespace().count();
            if words + count > plan.words as usize + 8 || sentences.iter().any(|other| other.text == text) {
                continue;
            }
            words += count;
            sentences.push(WrittenSentence { text, facts: vec![fact.id.clone()] });
        }
        Ok(sentences.into())
    }
}

/// How a lie is made of a true answer; `None` where it does not fit.
pub type Lie = fn(&mut WrittenSentence, &ScenePlan) -> Option<()>;

/// Tells the truth but for one sentence a scene.
pub struct Liar {
    pub lie: Lie,
    pub told: Mutex<Vec<String>>,
}

impl Liar {
    pub fn new(lie: Lie) -> Self {
        Self { lie, told: Mutex::default() }
    }
}

#[async_trait]
impl Writer for Liar {
    fn name(&self) -> String {
        "liar".into()
    }

    async fn write(&self, plan: &ScenePlan) -> Result<Written, WriterError> {
        let mut sentences = Truthful::new().write(plan).await?.sentences;
        for said in &mut sentences {
            let mut lied = said.clone();
            if (self.lie)(&mut lied, plan).is_some() && lied != *said {
                self.told.lock().unwrap().push(lied.text.clone());
                *said = lied;
                break;
            }
        }
        Ok(sentences.into())
    }
}
