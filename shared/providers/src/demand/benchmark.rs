//! What competing channels do, in figures that a planner can weigh: hooks, packaging, gaps, cadence, pacing, view velocity.
//!
//! All of it is derived from another service's data. Its terms allow that only to who accepted their amendment, so nothing is
//! computed before the operator says so.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::rivals::{Rival, RivalVideo};

/// Videos at least, before anything is said of them.
pub const LEAST_VIDEOS: usize = 10;
/// Days that a video is out at least, before its views a day mean something.
const LEAST_DAYS: f64 = 2.0;

/// Measures of titles, each a share of all titles.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Hooks {
    /// Titles that ask.
    pub questions: f64,
    /// Titles with a figure.
    pub figures: f64,
    /// Titles that start with how, why or what.
    pub explainers: f64,
    /// Median length, characters.
    pub characters: f64,
}

/// The planner's benchmarking input.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct BenchmarkInput {
    /// Channels and videos looked at.
    pub channels: usize,
    /// Videos.
    pub videos: usize,
    /// Hooks of all titles.
    pub hooks: Hooks,
    /// Hooks of the quarter of videos with the most views a day.
    pub hooks_of_the_best: Hooks,
    /// Median days between two videos of a channel.
    pub cadence_days: f64,
    /// Median length, seconds.
    pub pacing_seconds: f64,
    /// Median views a day since publishing, of videos out for two days and more.
    pub views_a_day: f64,
    /// For each interest of ours: share of their titles that name it.
    pub coverage: BTreeMap<String, f64>,
    /// Interests of ours that no title names.
    pub gaps: Vec<String>,
}

/// Why there is no benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoBenchmark {
    /// The amendment was not accepted.
    #[error(
        "figures may be derived from YouTube's data only under its amendment of 2026\n  hint: accept it in the audit form of the API, then say so"
    )]
    NotAllowed,
    /// Too few videos.
    #[error("{0} videos are too few to measure by; {LEAST_VIDEOS} are needed")]
    TooFew(usize),
    /// What was read is older than it may be kept.
    #[error("a channel was read more than thirty days ago\n  hint: read it again, or delete it")]
    Expired,
}

/// Measures competing channels, as seen at `now`.
///
/// # Errors
/// Not allowed, too few videos, or facts that are too old to be kept.
pub fn benchmark(
    rivals: &[Rival],
    interests: &[String],
    now: Timestamp,
    amendment_accepted: bool,
) -> Result<BenchmarkInput, NoBenchmark> {
    if !amendment_accepted {
        return Err(NoBenchmark::NotAllowed);
    }
    if rivals.iter().any(|rival| days(rival.read_at, now) > 30.0) {
        return Err(NoBenchmark::Expired);
    }
    let videos: Vec<&RivalVideo> = rivals.iter().flat_map(|rival| &rival.videos).collect();
    if videos.len() < LEAST_VIDEOS {
        return Err(NoBenchmark::TooFew(videos.len()));
    }
    let mut speeds: Vec<(f64, &RivalVideo)> = videos
        .iter()
        .filter_map(|video| {
            let out = days(video.published, now);
            (out >= LEAST_DAYS).then(|| Some((video.views? as f64 / out, *video)))?
        })
        .collect();
    speeds.sort_by(|a, b| b.0.total_cmp(&a.0));
    let best: Vec<&RivalVideo> = speeds.iter().take(speeds.len().div_ceil(4)).map(|(_, video)| *video).collect();
    let gaps_between: Vec<f64> = rivals
        .iter()
        .flat_map(|rival| rival.videos.windows(2).map(|pair| days(pair[1].published, pair[0].published).abs()))
        .collect();
    let coverage: BTreeMap<String, f64> = interests
        .iter()
        .map(|interest| {
            let naming = videos.iter().filter(|video| names(&video.title, interest)).count();
            (interest.clone(), naming as f64 / videos.len() as f64)
        })
        .collect();
    Ok(BenchmarkInput {
        channels: rivals.len(),
        videos: videos.len(),
        hooks: hooks(&videos),
        hooks_of_the_best: hooks(&best),
        cadence_days: median(gaps_between),
        pacing_seconds: median(videos.iter().map(|video| video.seconds as f64).collect()),
        views_a_day: median(speeds.iter().map(|(speed, _)| *speed).collect()),
        gaps: coverage.iter().filter(|(_, share)| **share == 0.0).map(|(interest, _)| interest.clone()).collect(),
        coverage,
    })
}

fn days(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / 86_400.0
}

fn hooks(videos: &[&RivalVideo]) -> Hooks {
    if videos.is_empty() {
        return Hooks::default();
    }
    let share = |test: &dyn Fn(&str) -> bool| {
        videos.iter().filter(|video| test(&video.title)).count() as f64 / videos.len() as f64
    };
    Hooks {
        questions: share(&|title| title.contains('?')),
        figures: share(&|title| title.contains(|c: char| c.is_ascii_digit())),
        explainers: share(&|title| {
            let first = title.split_whitespace().next().unwrap_or_default().to_lowercase();
            matches!(first.as_str(), "how" | "why" | "what")
        }),
        characters: median(videos.iter().map(|video| video.title.chars().count() as f64).collect()),
    }
}

fn names(title: &str, interest: &str) -> bool {
    let words: Vec<String> =
        title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    interest.split_whitespace().all(|wanted| words.contains(&wanted.to_lowercase()))
}

fn median(mut values: Vec<f64>) -> f64 {
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
    use jiff::ToSpan;

    fn rival(now: Timestamp) -> Rival {
        let videos = (0..12_i64)
            .map(|n| RivalVideo {
                id: n.to_string(),
                title: if n % 3 == 0 { format!("Why gold is at {n}?") } else { "Housing, explained".into() },
                published: now.checked_sub((24 * (7 * n + 4)).hours()).unwrap(),
                seconds: 480,
                views: Some(if n % 3 == 0 { 100_000 } else { 1000 }),
            })
            .collect();
        Rival { handle: "@example".into(), title: "Example".into(), videos, read_at: now }
    }

    #[test]
    fn hooks_gaps_cadence_and_pacing() {
        let now: Timestamp = "2026-11-28T00:00:00Z".parse().unwrap();
        let interests = ["gold".to_owned(), "bond yields".to_owned()];
        let found = benchmark(&[rival(now)], &interests, now, true).unwrap();
        assert_eq!((found.videos, found.cadence_days, found.pacing_seconds), (12, 7.0, 480.0));
        assert!(found.hooks_of_the_best.questions > 0.9 && found.hooks.questions < 0.4);
        assert_eq!(found.gaps, ["bond yields"]);
        assert!((found.coverage["gold"] - 1.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_derived_without_leave_or_of_old_facts() {
        let now: Timestamp = "2026-11-28T00:00:00Z".parse().unwrap();
        assert_eq!(benchmark(&[rival(now)], &[], now, false), Err(NoBenchmark::NotAllowed));
        let later = now.checked_add((24 * 31).hours()).unwrap();
        assert_eq!(benchmark(&[rival(now)], &[], later, true), Err(NoBenchmark::Expired));
        assert_eq!(benchmark(&[], &[], now, true), Err(NoBenchmark::TooFew(0)));
    }
}
