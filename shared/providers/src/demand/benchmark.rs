//! What competing channels do, in figures that a planner can weigh: hooks, packaging, gaps, cadence, pacing, view velocity.
//!
//! All of it is derived from another service's data. Its terms allow that only to who accepted their amendment, so nothing is
//! computed before the operator says so.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proofreel_model::benchmark::{Benchmark, Titles, median, rounded};
use proofreel_model::policy::BenchmarkValue;

use super::mentions::names;
use super::rivals::{Rival, RivalVideo};

/// Days that a video is out at least, before its views a day mean something.
const LEAST_DAYS: f64 = 2.0;
/// Days that facts of another channel may be kept, by YouTube's terms.
const KEPT_DAYS: f64 = 30.0;

/// Why there is no benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoBenchmark {
    /// The amendment was not accepted.
    #[error(
        "figures may be derived from YouTube's data only under its amendment of 2026\n  hint: accept it in the audit form of the API, then say so"
    )]
    NotAllowed,
    /// Too few videos.
    #[error("{found} videos are too few to measure by; {needed} are needed")]
    TooFew {
        /// Videos that were read.
        found: usize,
        /// Videos that the law wants.
        needed: usize,
    },
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
    law: BenchmarkValue,
) -> Result<Benchmark, NoBenchmark> {
    if !amendment_accepted {
        return Err(NoBenchmark::NotAllowed);
    }
    if rivals.iter().any(|rival| days(rival.read_at, now) > KEPT_DAYS) {
        return Err(NoBenchmark::Expired);
    }
    let videos: Vec<&RivalVideo> = rivals.iter().flat_map(|rival| &rival.videos).collect();
    if videos.len() < law.least_videos {
        return Err(NoBenchmark::TooFew { found: videos.len(), needed: law.least_videos });
    }
    let mut speeds: Vec<(f64, &RivalVideo)> = videos
        .iter()
        .filter_map(|video| {
            let out = days(video.published, now);
            (out >= LEAST_DAYS).then(|| Some((video.views? as f64 / out, *video)))?
        })
        .collect();
    speeds.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
    let best = &speeds[..(speeds.len() as f64 * law.best_share).ceil() as usize];
    let gaps_between: Vec<f64> = rivals
        .iter()
        .flat_map(|rival| rival.videos.windows(2).map(|pair| days(pair[1].published, pair[0].published).abs()))
        .collect();
    let coverage: BTreeMap<String, f64> = interests
        .iter()
        .map(|interest| {
            let naming = videos.iter().filter(|video| names(&video.title, interest)).count();
            (interest.clone(), rounded(naming as f64 / videos.len() as f64))
        })
        .collect();
    let unnamed = |interest: &&String| !videos.iter().any(|video| names(&video.title, interest));
    let seconds = |video: &&RivalVideo| video.seconds as f64;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(Benchmark {
        channels: count(rivals.len()),
        videos: count(videos.len()),
        titles: Titles::of(videos.iter().map(|video| video.title.as_str())),
        best_titles: Titles::of(best.iter().map(|(_, video)| video.title.as_str())),
        cadence_days: rounded(median(gaps_between)),
        seconds: median(videos.iter().map(seconds).collect()),
        best_seconds: median(best.iter().map(|(_, video)| seconds(video)).collect()),
        views_a_day: rounded(median(speeds.iter().map(|(speed, _)| *speed).collect())),
        best_views_a_day: rounded(best.last().map_or(0.0, |(speed, _)| *speed)),
        gaps: interests.iter().filter(unnamed).cloned().collect(),
        coverage,
    })
}

fn days(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / 86_400.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    const LAW: BenchmarkValue = BenchmarkValue { least_videos: 10, best_share: 0.25, least_difference: 0.15 };

    fn rival(now: Timestamp) -> Rival {
        let videos = (0..12_i64)
            .map(|n| RivalVideo {
                id: n.to_string(),
                title: if n % 3 == 0 { format!("Why gold is at {n}?") } else { "Housing, explained".into() },
                published: now.checked_sub((24 * (7 * n + 4)).hours()).unwrap(),
                seconds: if n % 3 == 0 { 300 } else { 480 },
                views: Some(if n % 3 == 0 { 100_000 } else { 1000 }),
            })
            .collect();
        Rival { handle: "@example".into(), title: "Example".into(), videos, read_at: now }
    }

    #[test]
    fn hooks_packaging_gaps_cadence_pacing_and_velocity() {
        let now: Timestamp = "2026-11-28T00:00:00Z".parse().unwrap();
        let interests = ["gold".to_owned(), "bond yields".to_owned()];
        let found = benchmark(&[rival(now)], &interests, now, true, LAW).unwrap();
        assert_eq!((found.channels, found.videos, found.cadence_days), (1, 12, 7.0));
        // A third asks with a figure, and those are the ones that are looked at.
        assert_eq!((found.titles.asks, found.best_titles.asks, found.best_titles.explains), (0.33, 1.0, 1.0));
        assert_eq!((found.titles.figure, found.best_titles.figure, found.titles.characters), (0.33, 1.0, 18.0));
        // The third of the four fast ones has 100,000 views in 46 days.
        assert_eq!((found.seconds, found.best_seconds, found.best_views_a_day), (480.0, 300.0, 2173.91));
        assert!(found.views_a_day < found.best_views_a_day);
        assert_eq!((found.gaps.as_slice(), found.coverage["gold"]), (&["bond yields".to_owned()][..], 0.33));
    }

    #[test]
    fn nothing_is_derived_without_leave_or_of_old_facts() {
        let now: Timestamp = "2026-11-28T00:00:00Z".parse().unwrap();
        assert_eq!(benchmark(&[rival(now)], &[], now, false, LAW), Err(NoBenchmark::NotAllowed));
        let later = now.checked_add((24 * 31).hours()).unwrap();
        assert_eq!(benchmark(&[rival(now)], &[], later, true, LAW), Err(NoBenchmark::Expired));
        assert_eq!(benchmark(&[], &[], now, true, LAW), Err(NoBenchmark::TooFew { found: 0, needed: 10 }));
    }

    #[test]
    fn hidden_views_and_new_videos_have_no_velocity() {
        let now: Timestamp = "2026-11-28T00:00:00Z".parse().unwrap();
        let mut hidden = rival(now);
        hidden.videos.iter_mut().for_each(|video| video.views = None);
        let found = benchmark(&[hidden], &[], now, true, LAW).unwrap();
        assert_eq!((found.views_a_day, found.best_seconds, found.best_titles), (0.0, 0.0, Titles::default()));
    }
}
