//! Films longer than an episode may be.

use proofreel_model::media::{MediaCode, measured_pace};

use super::*;

/// Speaks a word in half a minute.
struct Slow;

#[async_trait]
impl Voice for Slow {
    fn info(&self) -> VoiceInfo {
        VoiceInfo { name: "slow".into(), ..Tones.info() }
    }

    async fn speak(&self, lines: &[Utterance], _: u64) -> Result<Vec<Speech>, VoiceError> {
        let slowly = |line: &Utterance| {
            let words = line.text.split_whitespace().zip((0..).step_by(30_000));
            let words: Vec<SpokenWord> =
                words.map(|(word, ms)| SpokenWord { text: word.into(), start_ms: ms, end_ms: ms + 29_000 }).collect();
            Speech { id: line.id.clone(), sample_rate: 24_000, samples: vec![0; words.len() * 30 * 24_000], words }
        };
        Ok(lines.iter().map(slowly).collect())
    }
}

#[tokio::test]
async fn a_film_that_is_too_long_is_not_drawn_and_planned_for_its_voice() {
    let (order, library, policy) = (order(), Library::default(), short_policy());
    let (folder, told, parts) = (tempfile::tempdir().unwrap(), Told::default(), Cupboard::default());
    let at = Context { voice: &Slow, ..context(&order, &library, &policy, folder.path(), &told, &parts) };
    assert!(Render::default().divide(input(), &at, 2).await.unwrap().is_empty(), "no worker draws any of it");
    let outcome = Render::default().run(input(), &at).await.expect("spoken");
    let Outcome::Rewrite { stage, reasons, report } = outcome else { panic!("{outcome:?}") };
    assert_eq!(stage, StageName::SceneBuilder);
    let pace = measured_pace(&reasons).expect("told in the reasons");
    assert!((1.5..=2.0).contains(&pace), "two words a minute, less the pauses: {reasons:?}");
    let media = report.media.expect("a report");
    assert_eq!(media.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [MediaCode::Runtime]);
    assert!(report.files.is_empty() && report.duration_ms > 360_000, "{}", report.duration_ms);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was drawn");
    let told = told.0.into_inner().unwrap();
    assert!(!told.iter().any(|told| told.starts_with("render")), "{told:?}");
}
