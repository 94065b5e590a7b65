//! Numbers that the law fixes, read from `specs/policy/*.toml`, which are compiled in.

use serde::Deserialize;

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
    /// `specs/policy/screening.toml`.
    pub screening: Screening,
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
    /// Monetization potential by subject; the first list that matches counts.
    pub subjects: Vec<SubjectValue>,
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
    /// Most words on a thumbnail.
    pub thumbnail_words: usize,
    /// Longest description, bytes.
    pub description_bytes: usize,
    /// Longest tag list, characters.
    pub tags_chars: usize,
    /// Most points in a plotted series.
    pub trace_points: usize,
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
}

/// Data screening. Ratios are compared as natural logarithms unless a field says otherwise.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screening {
    /// Findings of one kind and series that are listed one by one.
    pub listed: usize,
    /// Members that are listed one by one when they enter a panel, and when they leave.
    pub listed_members: usize,
    /// Equal values in a row that may be stuck, daily series.
    pub stuck_run_days: usize,
    /// The same, weekly.
    pub stuck_run_weeks: usize,
    /// The same, monthly.
    pub stuck_run_months: usize,
    /// The same, quarterly.
    pub stuck_run_quarters: usize,
    /// The same, annual, for values of at least `stuck_digits` digits.
    pub stuck_run_years: usize,
    /// Odds against a run by chance, from how often the series repeats itself nearby.
    pub stuck_odds: f64,
    /// Significant digits of a measured annual figure, which no peg has.
    pub stuck_digits: usize,
    /// Months from which a constant value is a peg and stays.
    pub peg_months: i64,
    /// Periods up to which it is none, however long they are.
    pub peg_periods: usize,
    /// A code lies this many times the largest move around it away from its neighbours.
    pub placeholder_moves: f64,
    /// The same for a zero among percentages or small figures.
    pub zero_moves: f64,
    /// The same for a zero at an end of the series.
    pub zero_moves_at_end: f64,
    /// A whole scale's jump against the largest other move of the series.
    pub break_over_moves: f64,
    /// The same for a jump that is no whole scale.
    pub rebase_over_moves: f64,
    /// A jump against the largest other move nearby.
    pub break_over_near_moves: f64,
    /// Observations on either side that are nearby.
    pub near_observations: usize,
    /// Share of itself that a jump must keep to count as staying.
    pub stays_share: f64,
    /// Observations after a jump over which it must stay.
    pub stays_observations: usize,
    /// Smallest ratio of an index put on another base.
    pub index_rebase_ratio: f64,
    /// Smallest ratio of a change of unit that is no whole scale.
    pub unit_change_ratio: f64,
    /// Fewest observations on each side of a change of base.
    pub rebase_observations: usize,
    /// Most jumps that are still told from a series that moves wildly.
    pub max_breaks: usize,
    /// Shortest run of fractions in a percent series that changes sign.
    pub fraction_run: usize,
    /// Fewest rows that make a file begin again.
    pub restart_rows: usize,
    /// Share of its value below which a counter that begins again falls.
    pub restart_share: f64,
    /// Steps of another calendar in a row that make a stretch.
    pub mixed_steps: usize,
    /// The same for yearly steps, and for years in which an extra row recurs.
    pub mixed_years: usize,
    /// Share of the period before, below which a last period may be unfinished.
    pub partial_share: f64,
    /// Its fall against the deepest other fall.
    pub partial_moves: f64,
    /// Fewest common dates on which siblings are compared.
    pub sibling_dates: usize,
    /// Share of the common dates that must agree.
    pub sibling_share: f64,
    /// Share by which a sum of siblings may be off.
    pub sibling_tolerance: f64,
    /// Distance of a typical magnitude from its nearest sibling, powers of ten.
    pub sibling_distance: f64,
    /// Spread of the other siblings' typical magnitudes, powers of ten.
    pub sibling_spread: f64,
    /// Periods by which a member may be late without having left.
    pub member_lag: i64,
    /// Share of the common dates that makes a change of scale between two versions wholesale.
    pub wholesale_share: f64,
}

impl Screening {
    /// The policy this program was built with.
    ///
    /// # Panics
    /// Never in a program that passed its tests: a test loads the file.
    #[allow(clippy::expect_used)] // the file is compiled in and a test loads it
    pub fn embedded() -> Self {
        toml::from_str(include_str!("../../../specs/policy/screening.toml")).expect("specs/policy/screening.toml")
    }
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
            screening: Screening::embedded(),
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
    }
}
