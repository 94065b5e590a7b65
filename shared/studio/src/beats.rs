//! When a scene's facts and series are spoken, in seconds from the start of the scene.

use std::collections::BTreeMap;

use proofreel_model::ids::FactId;
use proofreel_model::script::Sentence;
use proofreel_model::series::SeriesRef;
use proofreel_model::text::RichText;

use crate::motion::{ease_both, progress};
use crate::timeline::{SceneSpan, tokens};

/// A stretch of time, seconds from the start of the scene.
pub type Moment = (f32, f32);

/// What is said when.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beats {
    /// Length of the scene.
    pub seconds: f32,
    /// Start and end of each sentence, with the facts it cites.
    pub sentences: Vec<(Moment, Vec<FactId>)>,
    /// Words as they are spoken, in small letters without punctuation, with their moments.
    pub words: Vec<(String, Moment)>,
    facts: BTreeMap<FactId, Vec<Moment>>,
    series: BTreeMap<SeriesRef, Vec<Moment>>,
}

/// How long a thing stays lit after it was said, seconds.
const AFTERGLOW: f32 = 1.4;
/// How early it starts to light up, seconds: the eye should be there when the word comes.
const AHEAD: f32 = 0.25;

impl Beats {
    /// The beats of a scene whose narration was placed at `span`.
    pub fn of(span: &SceneSpan, narration: &[Sentence]) -> Self {
        let mut beats = Self { seconds: span.seconds(), ..Self::default() };
        // Whole milliseconds are taken away, not seconds: a scene looks the same wherever in the film it stands.
        let start_ms = span.start_ms();
        let local = |ms: u32| (f64::from(ms.saturating_sub(start_ms)) / 1000.0) as f32;
        for (placed, sentence) in span.sentences.iter().zip(narration) {
            let start = placed.words.first().map_or(0.0, |word| local(word.start_ms));
            let end = placed.words.last().map_or(start, |word| local(word.end_ms));
            beats.sentences.push(((start, end), sentence.text.facts().cloned().collect()));
            for (token, word) in tokens(&sentence.text).into_iter().zip(&placed.words) {
                let moment = (local(word.start_ms), local(word.end_ms));
                beats.words.push((bare(&token.text), moment));
                for fact in token.facts {
                    add(beats.facts.entry(fact).or_default(), moment);
                }
                for series in token.series {
                    add(beats.series.entry(series).or_default(), moment);
                }
            }
        }
        beats
    }

    /// Beats of a scene of this length in which nothing is said.
    pub fn silent(seconds: f32) -> Self {
        Self { seconds, ..Self::default() }
    }

    /// When the fact is first spoken.
    pub fn first(&self, fact: &FactId) -> Option<f32> {
        self.facts.get(fact)?.first().map(|moment| moment.0)
    }

    /// When the series is first named.
    pub fn named(&self, series: &SeriesRef) -> Option<f32> {
        self.series.get(series)?.first().map(|moment| moment.0)
    }

    /// How strongly a fact is lit at time `t`, 0–1. The light goes out early when another fact is spoken: only the
    /// point being said is lit.
    pub fn emphasis(&self, fact: &FactId, t: f32) -> f32 {
        let Some(moments) = self.facts.get(fact) else { return 0.0 };
        let next = |after: f32| {
            let others = self.facts.iter().filter(|(other, _)| *other != fact).flat_map(|(_, moments)| moments);
            others.map(|moment| moment.0).filter(|start| *start >= after).fold(f32::MAX, f32::min)
        };
        moments.iter().map(|moment| lit(*moment, next(moment.1 - 0.01), t)).fold(0.0, f32::max)
    }

    /// How strongly the loudest of all facts is lit at time `t`, 0–1: nothing while no number is said.
    pub fn loudest(&self, t: f32) -> f32 {
        self.facts.keys().map(|fact| self.emphasis(fact, t)).fold(0.0, f32::max)
    }

    /// How strongly a series is lit at time `t`, 0–1: while it is named and until another one is.
    pub fn series_emphasis(&self, series: &SeriesRef, t: f32) -> f32 {
        let Some(moments) = self.series.get(series) else { return 0.0 };
        let next = |after: f32| {
            let others = self.series.iter().filter(|(other, _)| *other != series).flat_map(|(_, moments)| moments);
            others.map(|moment| moment.0).filter(|start| *start >= after).fold(f32::MAX, f32::min)
        };
        moments.iter().map(|moment| lit(*moment, next(moment.1 - 0.01), t)).fold(0.0, f32::max)
    }

    /// How much of what is now said of a fact has been said, 0–1: at its last word all of it.
    pub fn told(&self, fact: &FactId, t: f32) -> f32 {
        let now = self.moments(fact).iter().rfind(|(start, _)| *start - AHEAD <= t);
        now.map_or(0.0, |(start, end)| ease_both(progress(t, *start, (end - start).max(0.3))))
    }

    /// The moments at which a fact is spoken.
    pub fn moments(&self, fact: &FactId) -> &[Moment] {
        self.facts.get(fact).map_or(&[], Vec::as_slice)
    }

    /// The moments at which a series is named.
    pub fn namings(&self, series: &SeriesRef) -> &[Moment] {
        self.series.get(series).map_or(&[], Vec::as_slice)
    }

    /// The facts that are spoken.
    pub fn cited(&self) -> impl Iterator<Item = &FactId> {
        self.facts.keys()
    }

    /// Stretches from `from` on in which none of these facts is lit, each at least `least` seconds long: room to look
    /// at the whole while the narration speaks of it.
    pub fn quiet(&self, facts: &[FactId], from: f32, least: f32) -> Vec<Moment> {
        const STEP: f32 = 0.1;
        let (mut out, mut since): (Vec<Moment>, Option<f32>) = (Vec::new(), None);
        let count = ((self.seconds - from).max(0.0) / STEP) as u32;
        for n in 0..=count {
            let t = from + n as f32 * STEP;
            let lit = n == count || facts.iter().any(|fact| self.emphasis(fact, t) > 0.02);
            match (lit, since) {
                (false, None) => since = Some(t),
                (true, Some(start)) => {
                    if t - start >= least {
                        out.push((start, t));
                    }
                    since = None;
                }
                _ => {}
            }
        }
        out
    }

    /// True when anything at all is cited in the scene.
    pub fn any_cited(&self) -> bool {
        !self.facts.is_empty()
    }

    /// When each of some texts should appear: when its first fact is spoken, else with the sentence at its place; never
    /// before the one above it, which comes early where one below is spoken first, and never so late that the picture waits
    /// empty for the words.
    pub fn order(&self, texts: &[RichText]) -> Vec<f32> {
        const APART: f32 = 0.25;
        let wanted = |(n, text): (usize, &RichText)| {
            let share = self.seconds * 0.75 * n as f32 / texts.len().max(1) as f32;
            let placed = match self.sentences.len() {
                0 => share,
                count => self.sentences[(n * count / texts.len()).min(count - 1)].0.0,
            };
            let spoken = text.facts().filter_map(|fact| self.first(fact)).fold(f32::MAX, f32::min);
            let at = if spoken < f32::MAX { spoken - AHEAD } else { placed };
            at.min(self.turn(n, texts.len()))
        };
        let mut out: Vec<f32> = texts.iter().enumerate().map(wanted).collect();
        for n in (1..out.len()).rev() {
            out[n - 1] = out[n - 1].min(out[n] - APART);
        }
        let mut earliest = 0.2f32;
        for at in &mut out {
            *at = at.max(earliest).min((self.seconds - 0.8).max(0.2));
            earliest = *at + APART;
        }
        out
    }

    /// The latest time at which the `n`th of `count` things should be seen, said or not: they are spread over the first
    /// part of the scene.
    pub fn turn(&self, n: usize, count: usize) -> f32 {
        let spread = (self.seconds * 0.6).min(4.5 * count as f32);
        1.6f32.min(self.seconds * 0.3) + spread * n as f32 / count.max(1) as f32
    }

    /// When a thing that shows a fact should start to appear: so much `before` the fact is spoken, or in its turn.
    pub fn entrance(&self, fact: &FactId, before: f32, n: usize, count: usize) -> f32 {
        let turn = self.turn(n, count);
        let at = self.first(fact).map_or(turn * 0.6, |spoken| (spoken - before).min(turn));
        at.max(0.3).min((self.seconds - 1.0).max(0.3))
    }
}

/// How strongly a thing said in `moment` is lit at time `t`, when the `next` thing is said from there on.
fn lit((start, end): Moment, next: f32, t: f32) -> f32 {
    const YIELDS: f32 = 0.15;
    let rise = ease_both(progress(t, start - AHEAD, AHEAD));
    let fades = 1.0 - ease_both(progress(t, end + AFTERGLOW - 0.5, 0.5));
    let yields = 1.0 - ease_both(progress(t, (next - AHEAD).max(end - 0.05), YIELDS));
    rise.min(fades).min(yields)
}

/// Where a look at the whole is at time `t`: it goes from one of `stops` things to the next while the picture is not
/// being spoken of. Gives the stop, fractional on the way, and how visible the look is, 0–1.
pub fn tour(stretches: &[Moment], stops: usize, t: f32) -> Option<(f32, f32)> {
    const MOVES: f32 = 0.5;
    let (from, until) = *stretches.iter().find(|(from, until)| (*from..*until).contains(&t))?;
    let count = stops.max(1) as f32;
    let stay = ((until - from) / count).clamp(1.2, 2.4);
    let way = (t - from) / stay;
    let (at, since) = (way.floor() % count, way.fract() * stay);
    let moved = if way < 1.0 { 0.0 } else { 1.0 - ease_both(progress(since, 0.0, MOVES)) };
    // From the last stop the look goes back to the first.
    let before = if at == 0.0 { count - 1.0 } else { at - 1.0 };
    let shown = ease_both(progress(t, from, 0.3)).min(1.0 - ease_both(progress(t, until - 0.3, 0.3)));
    Some((at + (before - at) * moved, shown))
}

/// While a picture is not being spoken of, its things are measured out anew, one after the other: which, how strongly, and
/// how far. `there` tells how many there were when the quiet began.
pub fn measured(stretches: &[Moment], there: impl Fn(f32) -> usize, t: f32) -> Option<(usize, f32, f32)> {
    /// Each takes so many seconds.
    const MEASURED: f32 = 2.2;
    let (from, until) = *stretches.iter().find(|(from, until)| (*from..*until).contains(&t))?;
    let count = there(from);
    let each = (until - from) / ((until - from) / MEASURED).floor().max(1.0);
    let turn = ((t - from) / each).floor();
    let since = t - from - turn * each;
    let told = ease_both(progress(since, 0.25, each - 0.5));
    let shown = ease_both(progress(since, 0.0, 0.25)).min(1.0 - ease_both(progress(since, each - 0.25, 0.25)));
    (count > 0).then(|| (turn as usize % count, shown, told))
}

/// A word as it sounds: small letters, without the punctuation around it.
pub fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

/// Words of one citation that follow each other are one moment.
fn add(moments: &mut Vec<Moment>, moment: Moment) {
    match moments.last_mut() {
        Some(last) if moment.0 - last.1 < 0.3 => last.1 = last.1.max(moment.1),
        _ => moments.push(moment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{sentence, span_of};

    #[test]
    fn a_fact_is_lit_while_it_is_said_and_a_little_longer() {
        let narration = [sentence("Gold stands at ", &[("f001", "$4,228 an ounce")], " today.")];
        let span = span_of("s01", &narration, 0.4);
        let beats = Beats::of(&span, &narration);
        let fact = FactId::from("f001");
        let at = beats.first(&fact).expect("spoken");
        // Lead of 0.2 s and three words of 0.4 s before it.
        assert!((at - 1.4).abs() < 0.02, "{at}");
        assert_eq!(beats.emphasis(&fact, at - 0.5), 0.0);
        assert_eq!(beats.emphasis(&fact, at + 0.05), 1.0);
        assert_eq!(beats.emphasis(&fact, at + 1.2 + 0.5), 1.0, "three words, then afterglow");
        assert_eq!(beats.emphasis(&fact, at + 1.2 + AFTERGLOW + 0.1), 0.0);
        assert_eq!(beats.emphasis(&FactId::from("f999"), at), 0.0);
        // Three words of 0.4 s: it is told while they are said.
        let told = [at - 0.1, at + 0.6, at + 1.2, at + 1.9].map(|t| beats.told(&fact, t));
        assert!(told[0] == 0.0 && (0.4..0.6).contains(&told[1]) && told[2] == 1.0 && told[3] == 1.0, "{told:?}");
    }

    #[test]
    fn points_appear_in_order_even_when_spoken_out_of_order() {
        let narration =
            [sentence("First ", &[("f002", "2%")], " and then"), sentence("also ", &[("f001", "1%")], " at last.")];
        let span = span_of("s01", &narration, 0.5);
        let beats = Beats::of(&span, &narration);
        let points: Vec<RichText> =
            [("f001", "1%"), ("f002", "2%")].iter().map(|cite| sentence("", &[*cite], "").text).collect();
        let times = beats.order(&points);
        assert!(times[0] < times[1] && times[1] < beats.seconds, "{times:?}");
        // The one below is there when it is said; the one above does not hold it back.
        let said = beats.first(&FactId::from("f002")).expect("spoken");
        assert!(times[1] <= said, "{times:?}, said at {said}");
    }
}
