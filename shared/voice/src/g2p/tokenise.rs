//! Words and marks of a text: spaCy's English rules (MIT) as the package keeps them. Listed words stay as they are
//! ("Mr.", "don't" → "do", "n't"); else marks are taken off both ends, and the rest is cut at hyphens and slashes.

use std::collections::HashMap;

use fancy_regex::Regex;

use super::pattern::{compiled, first_end, starts};
use crate::assets::{Assets, VoiceDataError};

const LOWER: &str = "a-zß-öø-ÿ";
const UPPER: &str = "A-ZÀ-ÖØ-Þ";
const LETTER: &str = r"[\p{L}\p{Nl}\p{No}]";
const WORD: &str = r"[\p{L}\p{N}]";
const QUOTES: &str = "'\"”“`‘´’‚,„»«「」『』（）〔〕【】《》〈〉";
const MARKS: &str = r"…,:;!?¿¡\(\)\[\]\{\}<>_\#\*\&。？！，、；：～·";
const ICONS: &str = "™®©°§¶†‡•";
const MONEY: &str = r"\$|£|€|¥|฿|US\$|C\$|A\$|₽|₹|₩|₪|₺|₴|₦|₫|₱|₲|₵|₸|₼|₾|₿";
const UNITS: &str = "km|km²|km³|m|m²|m³|dm|dm²|dm³|cm|cm²|cm³|mm|mm²|mm³|ha|µm|nm|yd|in|ft|kg|g|mg|µg|t|lb|oz|m/s|km/h\
                     |kmh|mph|hPa|Pa|mbar|mb|MB|kb|KB|gb|GB|tb|TB|T|G|M|K|%";

/// The tokeniser, loaded.
pub(super) struct Tokeniser {
    listed: HashMap<String, Vec<String>>,
    prefix: Regex,
    suffix: Regex,
    infix: Regex,
    address: Regex,
}

/// A word or mark, and whether white space follows it.
pub(super) type Bit = (String, bool);

impl Tokeniser {
    pub(super) fn load(assets: &Assets) -> Result<Self, VoiceDataError> {
        let prefix = format!(r"^(?:§|%|=|—|–|\+(?![0-9])|…|……|[{MARKS}]|\.\.+|[{QUOTES}]|{MONEY}|[{ICONS}])");
        let suffix = [
            format!(r"…|……|[{MARKS}]|\.\.+|[{QUOTES}]|[{ICONS}]|'s|'S|’s|’S|—|–|(?<=[0-9])\+|(?<=°[FfCcKk])\."),
            format!(r"(?<=[0-9])(?:{MONEY})|(?<=[0-9])(?:{UNITS})|(?<=[0-9{LOWER}%²\-\+{MARKS}{QUOTES}])\."),
            format!(r"(?<=[{UPPER}][{UPPER}])\."),
        ];
        let infix = [
            format!(r"\.\.+|…|[{ICONS}]|(?<=[0-9])[+\-*^](?=[0-9-])|(?<=[{LOWER}{QUOTES}])\.(?=[{UPPER}{QUOTES}])"),
            format!(r"(?<={LETTER}),(?={LETTER})|(?<={WORD})(?:-|–|—|--|---|——|\~)(?={LETTER})"),
            format!(r"(?<={WORD})[:<>=/](?={LETTER})"),
        ];
        let domains = "com|org|net|edu|gov|io|co|uk|de|fr|info|biz|us|ca|au|tv|me|ly|ai";
        let address = [
            r"^(?:(?:https?|ftp)://|www\.)\S+$|^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$",
            &format!(r"^(?:[\w-]+\.)+(?:{domains})(?:/\S*)?$"),
        ];
        Ok(Self {
            listed: assets.json("tokenizer_exceptions.json")?,
            prefix: compiled(&prefix)?,
            suffix: compiled(&format!("(?:{})$", suffix.join("|")))?,
            infix: compiled(&infix.join("|"))?,
            address: compiled(&format!("(?i){}", address.join("|")))?,
        })
    }

    /// All words and marks of a text.
    pub(super) fn bits(&self, text: &str) -> Vec<Bit> {
        let mut out: Vec<Bit> = Vec::new();
        for chunk in text.split_whitespace() {
            if let Some(last) = out.last_mut() {
                last.1 = true;
            }
            out.extend(self.split(chunk).into_iter().map(|bit| (bit, false)));
        }
        if let Some(last) = out.last_mut() {
            last.1 = text.ends_with(char::is_whitespace);
        }
        out
    }

    /// The words and marks of a text without white space.
    fn split(&self, chunk: &str) -> Vec<String> {
        if let Some(parts) = self.listed.get(chunk) {
            return parts.clone();
        }
        let (before, middle, after) = self.peeled(chunk);
        let mut out: Vec<String> = before.into_iter().map(str::to_owned).collect();
        if let Some(parts) = self.listed.get(middle) {
            out.extend(parts.iter().cloned());
        } else if !middle.is_empty() {
            if self.address.is_match(middle).unwrap_or(false) {
                out.push(middle.to_owned());
            } else {
                out.extend(self.cut(middle));
            }
        }
        out.extend(after.into_iter().rev().map(str::to_owned));
        if out.len() > 1 { self.rejoined(&out) } else { out }
    }

    /// Marks in front, what is left, and marks behind (the outermost first).
    fn peeled<'a>(&self, chunk: &'a str) -> (Vec<&'a str>, &'a str, Vec<&'a str>) {
        let (mut before, mut rest, mut after) = (Vec::new(), chunk, Vec::new());
        let mut length = usize::MAX;
        while !rest.is_empty() && rest.len() != length && !self.listed.contains_key(rest) {
            length = rest.len();
            let head = first_end(&self.prefix, rest).unwrap_or(0);
            if head > 0 && self.listed.contains_key(&rest[head..]) {
                before.push(&rest[..head]);
                rest = &rest[head..];
                break;
            }
            // Only what is behind the mark in front may be taken off the end.
            let tail = starts(&self.suffix, &rest[head..]).map_or(rest.len(), |at| head + at);
            if tail > 0 && tail < rest.len() && self.listed.contains_key(&rest[..tail]) {
                after.push(&rest[tail..]);
                rest = &rest[..tail];
                break;
            }
            if head > 0 {
                before.push(&rest[..head]);
            }
            if tail < rest.len() {
                after.push(&rest[tail..]);
            }
            rest = &rest[head..tail];
        }
        (before, rest, after)
    }

    /// Cut at marks inside; a mark at the very start stays.
    fn cut(&self, text: &str) -> Vec<String> {
        let (mut out, mut from) = (Vec::new(), 0);
        for found in self.infix.find_iter(text).flatten().filter(|found| found.start() > 0) {
            if found.start() > from {
                out.push(text[from..found.start()].to_owned());
            }
            out.push(found.as_str().to_owned());
            from = found.end();
        }
        if from < text.len() {
            out.push(text[from..].to_owned());
        }
        out
    }

    /// Neighbours that together are a listed word become it again: "Sept", "." → "Sept.".
    fn rejoined(&self, bits: &[String]) -> Vec<String> {
        let (mut out, mut at) = (Vec::new(), 0);
        while at < bits.len() {
            let listed = [3, 2].into_iter().filter(|count| at + count <= bits.len()).find_map(|count| {
                let parts = self.listed.get(&bits[at..at + count].concat())?;
                Some((count, parts))
            });
            if let Some((count, parts)) = listed {
                out.extend(parts.iter().cloned());
                at += count;
            } else {
                out.push(bits[at].clone());
                at += 1;
            }
        }
        out
    }
}
