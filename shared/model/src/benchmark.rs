//! What competing channels do, in figures: the planner's benchmarking input.
//!
//! A title's form is read by [`Traits`], for theirs and for ours alike. The figures are derived from another service's data, whose
//! terms allow that only to who accepted their amendment: nothing makes them before the operator says so.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::BenchmarkValue;

/// What the form of a title does, in English.
#[allow(clippy::struct_excessive_bools)] // each is a trait of its own
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// A hook: it asks.
    pub asks: bool,
    /// A hook: it begins with how, why or what.
    pub explains: bool,
    /// A hook: it sets one thing against another.
    pub contrasts: bool,
    /// A hook: it speaks of a record or an extreme.
    pub exceeds: bool,
    /// Packaging: it holds a figure.
    pub figure: bool,
    /// Packaging: it has two halves, about a colon, a dash or a bar.
    pub halves: bool,
    /// Packaging: it shouts a word of four letters or more.
    pub shouts: bool,
}

impl Traits {
    /// The traits of a title.
    pub fn of(title: &str) -> Self {
        const EXPLAINING: [&str; 3] = ["how", "why", "what"];
        const CONTRAST: [&str; 4] = ["vs", "versus", "or", "against"];
        const EXTREME: [&str; 11] =
            ["record", "highest", "lowest", "worst", "best", "biggest", "most", "least", "fastest", "ever", "never"];
        let words: Vec<&str> =
            title.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect();
        let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        let any = |list: &[&str]| lower.iter().any(|word| list.contains(&word.as_str()));
        let shouted = |word: &&str| word.chars().count() > 3 && word.chars().all(char::is_uppercase);
        Self {
            asks: title.contains('?'),
            explains: lower.first().is_some_and(|word| EXPLAINING.contains(&word.as_str())),
            contrasts: any(&CONTRAST),
            exceeds: any(&EXTREME),
            figure: title.contains(|c: char| c.is_ascii_digit()),
            halves: [": ", " - ", " \u{2013} ", " \u{2014} ", " | "].iter().any(|mark| title.contains(mark)),
            shouts: words.iter().any(shouted),
        }
    }

    const fn all(self) -> [bool; 7] {
        [self.asks, self.explains, self.contrasts, self.exceeds, self.figure, self.halves, self.shouts]
    }
}

/// Shares of titles, each from 0 to 1, and their length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Titles {
    /// Titles that ask.
    pub asks: f64,
    /// Titles that begin with how, why or what.
    pub explains: f64,
    /// Titles that set one thing against another.
    pub contrasts: f64,
    /// Titles that speak of a record or an extreme.
    pub exceeds: f64,
    /// Titles with a figure.
    pub figure: f64,
    /// Titles of two halves.
    pub halves: f64,
    /// Titles that shout.
    pub shouts: f64,
    /// Median length, characters.
    pub characters: f64,
}

impl Titles {
    /// Hooks and packaging, in the order of [`WORDS`].
    const fn shares(&self) -> [f64; 7] {
        [self.asks, self.explains, self.contrasts, self.exceeds, self.figure, self.halves, self.shouts]
    }

    /// The measures of some titles; zeros of none.
    pub fn of<'a>(titles: impl Iterator<Item = &'a str>) -> Self {
        let (mut sums, mut lengths) = ([0_u32; 7], Vec::new());
        for title in titles {
            for (sum, has) in sums.iter_mut().zip(Traits::of(title).all()) {
                *sum += u32::from(has);
            }
            lengths.push(title.chars().count() as f64);
        }
        let most = (lengths.len() as f64).max(1.0);
        let [asks, explains, contrasts, exceeds, figure, halves, shouts] =
            sums.map(|sum| rounded(f64::from(sum) / most));
        Self { asks, explains, contrasts, exceeds, figure, halves, shouts, characters: median(lengths) }
    }
}

/// What a trait is, of titles.
const WORDS: [&str; 7] = [
    "ask",
    "begin with how, why or what",
    "set one thing against another",
    "speak of a record or an extreme",
    "hold a figure",
    "have two halves",
    "shout a word",
];

/// The planner's benchmarking input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Benchmark {
    /// Channels looked at.
    pub channels: u32,
    /// Videos looked at.
    pub videos: u32,
    /// Hooks and packaging of all titles.
    pub titles: Titles,
    /// The same of the part of videos with the most views a day.
    pub best_titles: Titles,
    /// Median days between two videos of a channel.
    pub cadence_days: f64,
    /// Median length, seconds.
    pub seconds: f64,
    /// Median length of the best, seconds.
    pub best_seconds: f64,
    /// Median views a day since publishing.
    pub views_a_day: f64,
    /// The least views a day of the best.
    pub best_views_a_day: f64,
    /// For each interest of the channel, the share of titles that name it.
    pub coverage: BTreeMap<String, f64>,
    /// Interests that no title names.
    pub gaps: Vec<String>,
}

impl Benchmark {
    /// How far a title has the form of the rivals' best: the sum of what the best do more (or less) often than all by the law's
    /// least difference, of the traits that it has. Shouting is never copied.
    pub fn pull(&self, title: &str, law: BenchmarkValue) -> f64 {
        let has = Traits { shouts: false, ..Traits::of(title) };
        self.lifts(law).zip(has.all()).filter(|(_, has)| *has).map(|(lift, _)| lift.unwrap_or(0.0)).sum()
    }

    /// How much more often the best do each thing; none where the difference says nothing.
    fn lifts(&self, law: BenchmarkValue) -> impl Iterator<Item = Option<f64>> {
        // Where no video has a velocity there are no best, and nothing is compared.
        let known = self.best_titles.characters > 0.0;
        let pairs = self.best_titles.shares().into_iter().zip(self.titles.shares());
        pairs.map(move |(best, all)| {
            Some(rounded(best - all)).filter(|lift| known && lift.abs() >= law.least_difference)
        })
    }

    /// The same in sentences for a person, what the house does about it included.
    pub fn told(&self, law: BenchmarkValue) -> Vec<String> {
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let mut out = vec![
            format!("{} videos of {} competing channels", self.videos, self.channels),
            format!(
                "pacing: a video every {:.1} days, {:.0} s long, the best {:.0} s",
                self.cadence_days, self.seconds, self.best_seconds
            ),
            format!(
                "view velocity: {:.0} a day in the middle, {:.0} and more of the best",
                self.views_a_day, self.best_views_a_day
            ),
        ];
        let (all, best) = (self.titles.shares(), self.best_titles.shares());
        for (n, lift) in self.lifts(law).enumerate() {
            let what = if n < 4 { "hook" } else { "packaging" };
            let does = match lift {
                None => continue,
                Some(_) if n == 6 => "not copied",
                Some(lift) if lift > 0.0 => "such a title of ours leads",
                Some(_) => "such a title of ours comes last",
            };
            let (best, all) = (percent(best[n]), percent(all[n]));
            out.push(format!("{what}: {best} of the best titles {}, {all} of all: {does}", WORDS[n]));
        }
        out.push(format!(
            "packaging: titles of {:.0} characters, the best of {:.0}",
            self.titles.characters, self.best_titles.characters
        ));
        out.push(if self.gaps.is_empty() {
            "gaps: every interest of the channel is named in some title".to_owned()
        } else {
            format!("gaps: no title names {}", self.gaps.join(", "))
        });
        out
    }
}

/// Two decimals are more than titles deserve.
pub fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The middle of some values; 0 of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match (values.len(), values.len() % 2) {
        (0, _) => 0.0,
        (length, 1) => values[length / 2],
        (length, _) => f64::midpoint(values[length / 2 - 1], values[length / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAW: BenchmarkValue = BenchmarkValue { least_videos: 10, best_share: 0.25, least_difference: 0.15 };

    #[test]
    fn a_title_is_read_by_its_form() {
        let none = Traits::default();
        for (title, traits) in [
            ("Why gold fell 8%", Traits { explains: true, figure: true, ..none }),
            ("Gold: is that a lot?", Traits { asks: true, halves: true, ..none }),
            ("Gold vs. oil", Traits { contrasts: true, ..none }),
            ("The WORST year ever", Traits { exceeds: true, shouts: true, ..none }),
            ("GDP and the cpi-index", none),
            ("Somewhat recorded", none),
            ("", none),
        ] {
            assert_eq!(Traits::of(title), traits, "{title}");
        }
    }

    #[test]
    fn shares_are_of_all_titles() {
        let of = Titles::of(["Why gold?", "Gold at 4", "Oil"].into_iter());
        assert_eq!((of.asks, of.explains, of.figure, of.halves, of.characters), (0.33, 0.33, 0.33, 0.0, 9.0));
        assert_eq!(Titles::of(std::iter::empty()), Titles::default());
    }

    #[test]
    fn a_title_is_pulled_by_what_the_best_do_more_often_and_never_by_shouting() {
        let titles = Titles { asks: 0.2, figure: 0.5, shouts: 0.1, explains: 0.2, ..Titles::default() };
        let best_titles =
            Titles { asks: 0.8, figure: 0.2, shouts: 0.9, explains: 0.3, characters: 40.0, ..Titles::default() };
        let benchmark = Benchmark { titles, best_titles, ..Benchmark::default() };
        for (title, pull) in [
            ("Gold fell. Then what?", 0.6),
            ("Gold at $4,000", -0.3),
            ("Gold at $4,000: high or low?", 0.3),
            ("GOLD is up", 0.0),
            ("Why gold fell", 0.0),
        ] {
            assert!((benchmark.pull(title, LAW) - pull).abs() < 1e-9, "{title}: {}", benchmark.pull(title, LAW));
        }
        let told = benchmark.told(LAW).join("\n");
        for said in [
            "hook: 80 % of the best titles ask, 20 % of all: such a title of ours leads",
            "packaging: 20 % of the best titles hold a figure, 50 % of all: such a title of ours comes last",
            "packaging: 90 % of the best titles shout a word, 10 % of all: not copied",
        ] {
            assert!(told.contains(said), "{told}");
        }
        assert!(!told.contains("how, why"), "a small difference says nothing: {told}");
        let blind = Benchmark { best_titles: Titles::default(), ..benchmark };
        assert!(blind.pull("Gold at $4,000", LAW).abs() < 1e-9, "no views are known: nobody is the best");
    }
}
