//! A film about a ranking shows who passed whom, not only who stands where.

use proofreel_model::qa::{Decision, QaReport};
use proofreel_model::scenes::Scenes;
use proofreel_model::stage::StageName;
use proofreel_model::visual::Visual;

use super::{Wanted, demo, read, write};

#[test]
fn a_ranking_film_of_three_minutes_has_a_ranking_a_slope_and_a_dot_plot() {
    let packages = demo();
    for seconds in [180, 240] {
        let wanted = Wanted { topic: Some("gdp leaderboard"), seconds, ..Wanted::default() };
        let artifacts = write(&packages, &wanted).unwrap();
        let report: QaReport = read(&artifacts, StageName::Qa);
        assert_eq!(report.verdict, Decision::Pass, "{:#?}", report.findings);
        let scenes: Scenes = read(&artifacts, StageName::SceneBuilder);
        let kinds: Vec<&str> = scenes.scenes.iter().map(|scene| scene.visual.kind()).collect();
        for kind in ["ranking", "slope", "dot_plot", "share"] {
            assert!(kinds.contains(&kind), "{seconds} s: no {kind} in {kinds:?}");
        }
        for scene in &scenes.scenes {
            if let Visual::Slope { members, focus, .. } = &scene.visual {
                let value = |n: usize, end: usize| members[n].points[end].value;
                let focus = *focus as usize;
                let passed =
                    (0..members.len()).any(|n| (value(n, 0) - value(focus, 0)) * (value(n, 1) - value(focus, 1)) < 0.0);
                assert!(passed, "{} ({kinds:?}): the subject of a slope passes nobody", scene.scene_id);
            }
        }
    }
}
