//! A service of speech behind the voice port: text becomes documents of SSML, and sound gets its words' times, from the service's
//! marks where it has them, else from the pauses of the sound.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use proofreel_model::channel::VoiceSettings;
use proofreel_ports::{CallError, Sound, Speech, SpeechService, Utterance, Voice, VoiceError, VoiceInfo};
use proofreel_voice::align::align;
use proofreel_voice::timing::{Levels, Word, words};

use crate::speech::{check_words, duration_ms, floats, spoken_words};
use crate::ssml::{Form, Part, documents};

/// A voice that a service speaks with. The seed has no part in it, and the same text may sound otherwise when the service changes
/// the voice: what was spoken once comes from the cache.
pub struct RemoteVoice {
    service: Arc<dyn SpeechService>,
    pronounce: BTreeMap<String, String>,
    speed: f64,
}

impl RemoteVoice {
    /// A voice with a channel's pace and pronunciations.
    pub fn new(service: Arc<dyn SpeechService>, settings: &VoiceSettings) -> Self {
        Self { service, pronounce: settings.pronounce.clone(), speed: settings.speed }
    }

    fn form(&self) -> Form {
        let manner = self.service.manner(self.speed);
        Form {
            open: manner.open,
            close: manner.close,
            billed: manner.most_characters,
            total: manner.most_bytes,
            in_bytes: true,
            marks: manner.marks,
        }
    }

    async fn say(&self, line: &Utterance) -> Result<Speech, VoiceError> {
        let engine = self.service.info().engine;
        let failed = |detail: String| VoiceError::Failed { engine: engine.clone(), utterance: line.id.clone(), detail };
        let tokens: Vec<&str> = line.text.split_whitespace().collect();
        if !tokens.iter().any(|token| token.contains(char::is_alphanumeric)) {
            return Err(failed(format!("there is nothing to pronounce in {:?}", line.text)));
        }
        let (mut samples, mut timed, mut rate) = (Vec::new(), Vec::new(), None);
        for part in documents(&tokens, &self.pronounce, &self.form()).map_err(failed)? {
            let asked = self.service.synthesize(&part.ssml, part.billed as u64).await;
            let sound = asked.map_err(|error| refused(&engine, line, error))?;
            if *rate.get_or_insert(sound.sample_rate) != sound.sample_rate {
                return Err(failed(format!("its parts have {rate:?} and {} samples a second", sound.sample_rate)));
            }
            let own = &tokens[part.first..part.first + part.places.len()];
            let at_ms = duration_ms(samples.len(), sound.sample_rate);
            let words = times(own, &part, &sound).ok_or_else(|| failed("nothing is heard in its sound".into()))?;
            timed.extend(words.into_iter().map(|word| Word {
                start_ms: word.start_ms + at_ms,
                end_ms: word.end_ms + at_ms,
                ..word
            }));
            samples.extend(sound.samples);
        }
        let sample_rate = rate.ok_or_else(|| failed("there is nothing to speak".into()))?;
        let words = spoken_words(timed);
        check_words(&words, &line.text, duration_ms(samples.len(), sample_rate)).map_err(failed)?;
        Ok(Speech { id: line.id.clone(), sample_rate, samples, words })
    }
}

/// When each word of a part is heard.
fn times(tokens: &[&str], part: &Part, sound: &Sound) -> Option<Vec<Word>> {
    let levels = floats(&sound.samples);
    match marked(tokens, part, sound) {
        Some(spans) => {
            let length = (sound.samples.len() as u64 * 1000 / u64::from(sound.sample_rate)) as u32;
            Some(words(tokens, &spans, &Levels::of(&levels, sound.sample_rate), length))
        }
        None => align(tokens, &levels, sound.sample_rate),
    }
}

/// The samples of each token between its mark and the next one. None when the marks cannot be believed: one is missing, comes
/// twice, goes backwards or lies outside of the sound.
fn marked(tokens: &[&str], part: &Part, sound: &Sound) -> Option<Vec<Option<Range<usize>>>> {
    let sounds = |token: &&str| token.contains(char::is_alphanumeric);
    let wanted: Vec<usize> = (0..tokens.len()).filter(|n| sounds(&tokens[*n])).collect();
    let named = wanted.iter().map(|n| (part.first + n).to_string());
    if !named.eq(sound.marks.iter().map(|(name, _)| name.clone())) {
        return None;
    }
    let mut starts = Vec::with_capacity(wanted.len() + 1);
    for (_, seconds) in &sound.marks {
        let at = (seconds * f64::from(sound.sample_rate)).round();
        let forward = starts.last().is_none_or(|before| at > *before as f64);
        if !(0.0..sound.samples.len() as f64).contains(&at) || !forward {
            return None;
        }
        starts.push(at as usize);
    }
    starts.push(sound.samples.len());
    let mut spans = vec![None; tokens.len()];
    for (n, token) in wanted.into_iter().enumerate() {
        spans[token] = Some(starts[n]..starts[n + 1]);
    }
    Some(spans)
}

/// What a call that failed means for who asked for speech.
fn refused(engine: &str, line: &Utterance, error: CallError) -> VoiceError {
    let message = error.to_string();
    match error {
        CallError::Unusable { .. } | CallError::Quota { .. } | CallError::Open { .. } => {
            let usual = "name another provider under [voice] providers; `proofreel usage --providers` lists them";
            let (detail, hint) = message.split_once("\n  hint: ").unwrap_or((&message, usual));
            VoiceError::Unavailable { engine: engine.to_owned(), detail: detail.to_owned(), hint: hint.to_owned() }
        }
        _ => VoiceError::Failed { engine: engine.to_owned(), utterance: line.id.clone(), detail: message },
    }
}

#[async_trait]
impl Voice for RemoteVoice {
    fn info(&self) -> VoiceInfo {
        self.service.info()
    }

    fn billed_characters(&self) -> u64 {
        self.service.billed_characters()
    }

    async fn speak(&self, lines: &[Utterance], _seed: u64) -> Result<Vec<Speech>, VoiceError> {
        let mut all = Vec::with_capacity(lines.len());
        for line in lines {
            all.push(self.say(line).await?);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str) -> Part {
        let tokens: Vec<&str> = text.split_whitespace().collect();
        let form =
            Form { open: String::new(), close: String::new(), billed: 99, total: 999, in_bytes: true, marks: true };
        documents(&tokens, &BTreeMap::new(), &form).unwrap().remove(0)
    }

    /// A second of sound with these marks.
    fn sound(marks: &[(&str, f64)]) -> Sound {
        let marks = marks.iter().map(|(name, seconds)| ((*name).to_owned(), *seconds)).collect();
        Sound { sample_rate: 1_000, samples: vec![9_000; 1_000], marks }
    }

    #[test]
    fn marks_say_where_words_begin_and_silent_tokens_have_none() {
        let spans = marked(&["Gold", "—", "rose."], &part("Gold — rose."), &sound(&[("0", 0.0), ("2", 0.4)])).unwrap();
        assert_eq!(spans, [Some(0..400), None, Some(400..1_000)]);
    }

    #[test]
    fn marks_that_cannot_be_true_are_not_believed() {
        let tokens = ["Gold", "rose."];
        for marks in [
            &[("0", 0.0)][..],
            &[("0", 0.0), ("1", 0.4), ("1", 0.5)],
            &[("1", 0.0), ("0", 0.4)],
            &[("0", 0.4), ("1", 0.4)],
            &[("0", 0.0), ("1", 1.0)],
            &[("0", -0.1), ("1", 0.4)],
            &[("0", 0.0), ("1", f64::NAN)],
        ] {
            assert!(marked(&tokens, &part("Gold rose."), &sound(marks)).is_none(), "{marks:?}");
            let heard = times(&tokens, &part("Gold rose."), &sound(marks)).unwrap();
            assert_eq!(heard.len(), 2, "the pauses of the sound are taken instead");
        }
    }
}
