//! Numbers that the law fixes, read from `specs/policy/*.toml`, which are compiled in.

mod allowances;
mod captions;
mod console;
mod crises;
mod kpi;
mod lists;
mod media;
mod mining;
mod notices;
mod phases;
mod pictures;
mod providers;
pub mod publishing;
mod screening;
mod slo;
mod themes;
mod web;
mod writers;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

pub use allowances::{AccountLimits, Allowance, AllowanceLaw, Assumed, Burst, Polling, allowance_law};
pub use captions::{CaptionLaw, CaptionShares, caption_law};
pub use console::{ConsoleLaw, FilmLaw, FormLaw, LinkLaw, PageLaw, SessionLaw, console_law};
pub use crises::{Crises, Crisis};
pub use kpi::{Agree, BaselineLaw, KpiLaw, SimulationLaw, Thresholds, TriggerLaw, kpi_law};
pub use lists::{Forbidden, Licences, Risks};
pub use media::{Captions, Drawing, Encoder, Frames, Limits, Media, MusicBed, Preset, Sounds, Streams};
pub use mining::{Lead, Mining, Ranking, Real, Turning};
pub use notices::{NoticeLaw, notice_law};
pub use phases::{ForecastLaw, PhaseLaw, phase_law};
pub use pictures::{
    PictureFile, PictureLaw, PictureLicence, PictureProvider, PictureSearch, PictureShown, PictureTexts, picture_law,
};
pub use providers::{
    Auth, Breaker, Counts, Day, Flight, Freshness, Limits as CallLimits, Price, Provider, ProviderLaw, ProvidersError,
    Retry, Terms, Windows, providers,
};
pub use screening::Screening;
pub use slo::{AlarmRule, Missing, Objective, Paging, Rule, Sli, SloLaw, slo_law};
pub use themes::{
    ByFormat, Curves, LookBounds, LookChecks, Margins, Sizes, Strokes, ThemeLaw, Themes, ThumbnailChecks, themes,
};
pub use web::{RefusedNames, RefusedRange, RobotsLaw, Web};
pub use writers::{ReadingLaw, Structured, WriterBudget, WriterCall, WriterLaw, WriterPreset, writer_law};

/// All policy files.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Policy {
    /// `specs/policy/scoring.toml`.
    pub scoring: Scoring,
    /// `specs/policy/sources.toml`.
    pub sources: Sources,
    /// `specs/policy/episode.toml`.
    pub episode: Episode,
    /// `specs/policy/qa.toml`.
    pub qa: Qa,
    /// `specs/policy/pipeline.toml`.
    pub pipeline: Pipeline,
    /// `specs/policy/licences.toml`.
    pub licences: Licences,
    /// `specs/policy/risks.toml`.
    pub risks: Risks,
    /// `specs/policy/numbers.toml`.
    pub numbers: Numbers,
    /// `specs/policy/mining.toml`.
    pub mining: Mining,
    /// `specs/policy/screening.toml`.
    pub screening: Screening,
    /// `specs/policy/crises.toml`.
    pub crises: Crises,
    /// `specs/policy/media.toml`.
    pub media: Media,
    /// `specs/policy/web.toml`.
    pub web: Web,
}

/// Topic scoring.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scoring {
    /// Weights of the criteria; they sum to 1.
    pub weights: Weights,
    /// Fewest and most topics on a shortlist.
    pub shortlist: (usize, usize),
    /// Candidates a plan should hold where the data has them.
    pub min_candidates: usize,
    /// Monetization potential of a subject that `subjects` does not name, 1–5.
    pub other_subject: f64,
    /// What demand for a subject is worth.
    pub demand: DemandValue,
    /// What rivals' titles are worth.
    pub benchmark: BenchmarkValue,
    /// Monetization potential by subject; the first list that matches counts.
    pub subjects: Vec<SubjectValue>,
}

/// What demand for a subject is worth.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemandValue {
    /// The most that it adds to audience fit or takes from it.
    pub most: f64,
    /// The ratio that counts in full: views of four weeks over those before, mentions over the mean of all subjects.
    pub full_ratio: f64,
    /// Items of feeds, and titles of rivals, below which their share says nothing.
    pub least_items: u32,
}

/// When figures of competing channels say something.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenchmarkValue {
    /// Videos at least, before anything is said of them.
    pub least_videos: usize,
    /// The part of videos, by views a day, that counts as the best.
    pub best_share: f64,
    /// How much more or less often the best titles do a thing than all, share, before ours are put in order by it.
    pub least_difference: f64,
}

/// What a subject is worth to advertisers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectValue {
    /// Words of the package's or series' names, in small letters.
    pub words: Vec<String>,
    /// Monetization potential, 1–5.
    pub score: f64,
}

/// Weights of the five criteria.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the criteria are described at `TopicScores`
pub struct Weights {
    pub audience_fit: f64,
    pub novelty: f64,
    pub monetization_potential: f64,
    pub evidence_availability: f64,
    pub production_feasibility: f64,
}

/// Source governance.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Days a macro series stays fresh.
    pub macro_days: u32,
    /// Days a market series stays fresh.
    pub market_days: u32,
    /// Days a policy source stays fresh.
    pub policy_days: u32,
    /// Words of a publisher's name that make it a primary source.
    pub tier_1_publishers: Vec<String>,
    /// Words of a publisher's name that make it a reputable secondary source.
    pub tier_2_publishers: Vec<String>,
    /// Names of houses by the domain of their addresses: a release of theirs is told below its house's name.
    pub houses: BTreeMap<String, String>,
    /// Words of a package's title that make it a market series.
    pub market_words: Vec<String>,
}

/// Shape of an episode.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Episode {
    /// Pace of the embedded voice at speed 1 with its pauses, words a minute (measured, see the file).
    pub words_per_minute: f64,
    /// Shortest and longest episode, seconds.
    pub runtime_seconds: (u32, u32),
    /// Seconds inside which the hook states its promise.
    pub hook_seconds: f64,
    /// Scenes at least when the script runs over five minutes.
    pub min_scenes_over_five_minutes: usize,
    /// Longest title, characters.
    pub title_chars: usize,
    /// Most words on a thumbnail, its figures among them.
    pub thumbnail_words: usize,
    /// Longest description, bytes.
    pub description_bytes: usize,
    /// Longest tag list, characters.
    pub tags_chars: usize,
    /// Most points in a plotted series.
    pub trace_points: usize,
    /// Most columns of a chart.
    pub columns: usize,
    /// Most small charts beside each other, landscape and portrait: more are too low to be read.
    pub small_charts: (usize, usize),
    /// Shortest and longest sentence that is quoted, words.
    pub quote_words: (usize, usize),
    /// Most times that a figure of the hook is told before the payoff gives it back, the hook's own included.
    pub promise_tellings: usize,
    /// Longest time in which nothing in a picture changes, seconds.
    pub still_seconds: f32,
    /// Smallest type, as a share of the short side of the picture.
    pub least_text: f32,
    /// Shortest bar beside the longest, as a share of it: a shorter one cannot be read as a bar, and another picture is taken.
    pub least_bar: f64,
    /// Most of a line, bar or column that may lie under the label of a point, as a share of the height of its letters.
    pub label_over: f32,
}

/// The gate.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Qa {
    /// A scene below this on factual accuracy or claim–evidence alignment fails.
    pub fail_below: u8,
    /// This many scenes below `fail_below` on viewer clarity order a rewrite.
    pub unclear_scenes_rewrite: usize,
    /// This many failed checklist items order a rewrite.
    pub failed_items_rewrite: usize,
    /// Relative tolerance between a fact and its recomputation (floating point only).
    pub relative_tolerance: f64,
    /// Longest sentence a listener follows, words.
    pub max_sentence_words: usize,
    /// Most figures in a sentence.
    pub max_sentence_figures: usize,
    /// How often sentences of an episode may begin with the same three words.
    pub same_openings: usize,
    /// Fewest and most words a minute of a scene, at speed 1 of the voice.
    pub scene_words_per_minute: (f64, f64),
    /// Longest time that a picture stands, seconds.
    pub max_scene_seconds: f64,
    /// Longest planned time of a scene without a word, seconds.
    pub max_silent_seconds: f64,
    /// Measured signals that lower a scene's scores.
    pub signals: Signals,
    /// Likeness with the channel's recent episodes.
    pub sameness: Sameness,
}

/// Bounds of the measured signals of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signals {
    /// Least share of the sentences that name a claim which cite a fact.
    pub min_cited_share: f64,
    /// Most words a sentence, on average.
    pub max_mean_words: f64,
    /// Most figures a sentence, on average.
    pub max_mean_figures: f64,
    /// Longest time without a new figure or another picture, seconds.
    pub max_stretch_seconds: f64,
}

/// Likeness with recent episodes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sameness {
    /// An episode more like a recent one than this is sent back, 0–1.
    pub threshold: f64,
    /// Episodes compared, the newest ones.
    pub recent_episodes: usize,
    /// Weights of the parts; they sum to 1.
    pub weights: LikenessWeights,
}

/// Weights of the parts of [`crate::print::Likeness`].
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the parts are described at `Likeness`
pub struct LikenessWeights {
    pub sentences: f64,
    pub phrases: f64,
    pub openings: f64,
    pub titles: f64,
    pub structure: f64,
    pub visuals: f64,
}

impl LikenessWeights {
    /// The weighted likeness, 0–1.
    pub fn total(&self, likeness: &crate::print::Likeness) -> f64 {
        self.sentences * likeness.sentences
            + self.phrases * likeness.phrases
            + self.openings * likeness.openings
            + self.titles * likeness.titles
            + self.structure * likeness.structure
            + self.visuals * likeness.visuals
    }
}

/// Numbers in free text. The lists of words in the file are read where they are used.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Numbers {
    /// How far a true value may lie from what is written.
    pub tolerance: Tolerance,
    /// The door for an outside writer.
    pub writer: WriterRules,
}

/// How far a true value may lie from the number written, as a share of what is written.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// "About": on either side.
    pub about: f64,
    /// "Nearly": below, and near.
    pub nearly: f64,
    /// "Less than", "at most": below.
    pub below: f64,
    /// "More than", "at least": above.
    pub above: f64,
    /// A number without decimals is true to half its last place, and to no more than this.
    pub whole: f64,
    /// Fractions and multiples in words.
    pub word: f64,
    /// A written zero stands for less than this, in units of what is written.
    pub zero: f64,
}

/// What an outside writer may do.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriterRules {
    /// Times a scene is asked for before the embedded writer keeps it.
    pub tries: u32,
    /// Seconds an answer may take.
    pub seconds: u64,
    /// Most sentences of a scene.
    pub sentences: usize,
    /// Most characters of a sentence.
    pub characters: usize,
    /// Words that a scene may run over its budget.
    pub over_words: usize,
    /// The least share of its budget that a scene fills.
    pub under_share: f64,
    /// Most words in a row that tell nothing of a fact, a date or a series.
    pub loose_words: usize,
    /// Words that only a fact of such a subject may bring up.
    pub subjects: Vec<String>,
    /// Words of that list that the house itself uses without meaning the thing.
    pub idioms: Vec<String>,
    /// Plain words that a sentence may begin with; another capital may be a name.
    pub openers: Vec<String>,
    /// Words that no narration holds: they speak to a machine, or sell.
    pub refused: Vec<String>,
}

/// The driver.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// Attempts of a stage before the run fails.
    pub max_attempts: u32,
    /// Seconds a claim is valid.
    pub lease_seconds: u32,
    /// Seconds a received message stays hidden.
    pub visibility_seconds: u32,
    /// Deliveries of a message before it counts as poison and goes to the dead letters.
    pub max_receives: u32,
    /// Base of the exponential back-off between attempts, milliseconds.
    pub backoff_base_ms: u64,
    /// Seconds after which a running run that nobody works is sent its message again.
    pub stuck_seconds: u32,
    /// Most parts into which a visit is divided among workers.
    pub most_parts: usize,
    /// Least length of film that is worth a part of its own, seconds.
    pub least_part_seconds: u32,
    /// Months in which an order looks for the version of a package that an earlier run used.
    pub look_back_months: u32,
    /// Room for finished parts of films on one machine, megabytes; the least recently used make way.
    pub parts_megabytes: u64,
    /// Time that a function must have left to start a message, milliseconds.
    pub start_ms: u64,
    /// Time before its end at which a function breaks an attempt off and gives the message back, milliseconds.
    pub stop_ms: u64,
    /// Time before its end at which a stage is asked to end by itself, milliseconds; at most half of what is left.
    pub wind_down_ms: u64,
}

/// The policy this program was built with, read once.
pub fn law() -> &'static Policy {
    static LAW: OnceLock<Policy> = OnceLock::new();
    LAW.get_or_init(Policy::embedded)
}

impl Policy {
    /// The policy this program was built with.
    ///
    /// # Panics
    /// Never in a program that passed its tests: a test loads every file.
    #[allow(clippy::expect_used)] // the files are compiled in and a test loads them
    pub fn embedded() -> Self {
        Self {
            scoring: toml::from_str(include_str!("../../../specs/policy/scoring.toml"))
                .expect("specs/policy/scoring.toml"),
            sources: toml::from_str(include_str!("../../../specs/policy/sources.toml"))
                .expect("specs/policy/sources.toml"),
            episode: toml::from_str(include_str!("../../../specs/policy/episode.toml"))
                .expect("specs/policy/episode.toml"),
            qa: toml::from_str(include_str!("../../../specs/policy/qa.toml")).expect("specs/policy/qa.toml"),
            pipeline: toml::from_str(include_str!("../../../specs/policy/pipeline.toml"))
                .expect("specs/policy/pipeline.toml"),
            licences: toml::from_str(include_str!("../../../specs/policy/licences.toml"))
                .expect("specs/policy/licences.toml"),
            risks: toml::from_str(include_str!("../../../specs/policy/risks.toml")).expect("specs/policy/risks.toml"),
            numbers: toml::from_str(include_str!("../../../specs/policy/numbers.toml"))
                .expect("specs/policy/numbers.toml"),
            mining: toml::from_str(include_str!("../../../specs/policy/mining.toml"))
                .expect("specs/policy/mining.toml"),
            screening: Screening::embedded(),
            crises: toml::from_str(include_str!("../../../specs/policy/crises.toml"))
                .expect("specs/policy/crises.toml"),
            media: toml::from_str(include_str!("../../../specs/policy/media.toml")).expect("specs/policy/media.toml"),
            web: toml::from_str(include_str!("../../../specs/policy/web.toml")).expect("specs/policy/web.toml"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_policy_loads_and_its_weights_sum_to_one() {
        let weights = Policy::embedded().scoring.weights;
        let sum = weights.audience_fit
            + weights.novelty
            + weights.monetization_potential
            + weights.evidence_availability
            + weights.production_feasibility;
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        let whole = crate::print::Likeness {
            sentences: 1.0,
            phrases: 1.0,
            openings: 1.0,
            titles: 1.0,
            structure: 1.0,
            visuals: 1.0,
        };
        assert!((Policy::embedded().qa.sameness.weights.total(&whole) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn crises_run_forward_do_not_overlap_and_hold_no_digit() {
        let crises = &law().crises.crises;
        assert!(crises.iter().all(|crisis| crisis.from < crisis.to && !crisis.name.contains(char::is_numeric)));
        assert!(crises.windows(2).all(|pair| pair[0].to < pair[1].from));
    }

    #[test]
    fn the_ranking_weighs_to_one_and_knows_every_kind() {
        let mining = &law().mining;
        let ranking = &mining.ranking;
        let sum = ranking.surprise + ranking.effect + ranking.recency + ranking.relevance;
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        for kind in crate::finding::FindingKind::ALL {
            assert!(mining.relevance.contains_key(&kind), "{kind:?} has no relevance");
        }
    }
}
