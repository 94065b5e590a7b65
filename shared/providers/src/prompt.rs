//! Prompts: versioned instructions, and untrusted text as quoted data beside them.
//!
//! Architecture invariant: instructions are made of a prompt's file, its schema and numbers of the law, nothing else. No text
//! that came from data, a page, a feed, a channel or a model has a way into them: a slot takes a number, not a text.

use std::collections::BTreeMap;

use proofreel_model::digest::Digest;
use proofreel_model::script::Authorship;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

/// Why a prompt's file cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("the prompt `{prompt}`: {why}")]
pub struct PromptError {
    /// Its name, as far as it is known.
    pub prompt: String,
    /// What is wrong.
    pub why: String,
}

/// What stands before a prompt's text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    name: String,
    version: String,
    /// For people.
    #[allow(dead_code)]
    purpose: String,
}

/// A prompt of `specs/prompts`.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// Its name.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// Digest of its file and its schema.
    pub digest: Digest,
    /// JSON Schema of the answer.
    pub schema: Value,
    instructions: String,
}

/// The messages of one asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Messages {
    /// Ours, the same whatever the data.
    pub instructions: String,
    /// One JSON document: everything that is not ours.
    pub data: String,
}

/// Marks before and behind the front matter.
const FENCE: &str = "+++\n";

impl Prompt {
    /// Reads a prompt: front matter in TOML between lines of `+++`, then the text. Slots `{{name}}` take the numbers of
    /// `numbers`, `{{schema}}` takes the schema.
    ///
    /// # Errors
    /// When the front matter, the version or the schema is wrong, or slots and numbers do not match.
    pub fn parse(file: &str, schema: &str, numbers: &BTreeMap<&str, u64>) -> Result<Self, PromptError> {
        let wrong = |prompt: &str, why: String| PromptError { prompt: prompt.to_owned(), why };
        let parts = file.strip_prefix(FENCE).and_then(|rest| rest.split_once(FENCE));
        let (front, text) = parts.ok_or_else(|| wrong("?", "begins with no front matter between `+++`".into()))?;
        let front: Front = toml::from_str(front).map_err(|error| wrong("?", error.message().to_owned()))?;
        let numbered = front.version.split('.').filter(|part| part.parse::<u32>().is_ok()).count();
        if numbered != 3 || front.version.split('.').count() != 3 {
            return Err(wrong(&front.name, format!("`{}` is no semantic version", front.version)));
        }
        let value: Value =
            serde_json::from_str(schema).map_err(|error| wrong(&front.name, format!("its schema: {error}")))?;
        let instructions = filled(text, schema.trim(), numbers).map_err(|why| wrong(&front.name, why))?;
        let digest = Digest::of(format!("{file}\0{schema}").as_bytes());
        Ok(Self { name: front.name, version: front.version, digest, schema: value, instructions })
    }

    /// The messages that ask about `data`.
    pub fn ask<T: Serialize>(&self, data: &T) -> Messages {
        let data = serde_json::to_value(data).unwrap_or_default();
        Messages { instructions: self.instructions.clone(), data: quoted(&data) }
    }

    /// Who made what this prompt asked of a model.
    pub fn author(&self, provider: &str, model: &str) -> Authorship {
        Authorship {
            provider: provider.to_owned(),
            model: model.to_owned(),
            prompt: self.name.clone(),
            prompt_version: self.version.clone(),
            prompt_digest: self.digest.clone(),
        }
    }
}

/// The text with its slots filled; every number is used and every slot known.
fn filled(text: &str, schema: &str, numbers: &BTreeMap<&str, u64>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len() + schema.len());
    let mut rest = text;
    let mut used = Vec::new();
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, after) = behind.split_once("}}").ok_or("a slot is not closed")?;
        out.push_str(before);
        if name == "schema" {
            out.push_str(schema);
        } else {
            let number = numbers.get(name).ok_or_else(|| format!("nothing fills the slot `{name}`"))?;
            out.push_str(&number.to_string());
        }
        used.push(name);
        rest = after;
    }
    out.push_str(rest);
    match numbers.keys().find(|name| !used.contains(*name)) {
        Some(idle) => Err(format!("has no slot for `{idle}`")),
        None if !used.contains(&"schema") => Err("has no slot for `schema`".into()),
        None => Ok(out.trim().to_owned()),
    }
}

/// Data as one JSON document on one line. Inside texts, signs that open or close something for a reader of markup, of
/// a chat template or of this document are written as escapes, and so are signs that cannot be seen; so a text can end
/// neither its quotation nor the message, and hides nothing.
pub fn quoted(data: &Value) -> String {
    let json = data.to_string();
    let mut out = String::with_capacity(json.len());
    let mut inside = false;
    let mut escaped = false;
    for c in json.chars() {
        let edge = c == '"' && !escaped;
        inside ^= edge;
        let must = inside && !edge && !escaped && opens_or_hides(c);
        escaped = inside && c == '\\' && !escaped;
        if must {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

fn opens_or_hides(c: char) -> bool {
    matches!(c, '<' | '>' | '[' | ']' | '{' | '}' | '|' | '`' | '#' | '~')
        || c.is_control()
        // Zero width, bidirectional, line and paragraph ends, variation selectors, tags, private use.
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
#[path = "prompt_tests.rs"]
mod tests;
