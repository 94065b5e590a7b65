//! A film about a ranking shows who passed whom, not only who stands where.

use proofreel_model::brief::ResearchBrief;
use proofreel_model::fact::series_of;
use proofreel_model::qa::{Decision, QaReport};
use proofreel_model::scenes::Scenes;
use proofreel_model::stage::StageName;
use proofreel_model::text::Cite;
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

#[test]
fn a_number_of_another_than_the_subject_is_told_with_its_owner_over_its_owners_line() {
    let packages = demo();
    let mut others = 0;
    for seed in 1..=4 {
        let wanted = Wanted { topic: Some("gdp leaderboard"), seed, ..Wanted::default() };
        let artifacts = write(&packages, &wanted).unwrap();
        let brief: ResearchBrief = read(&artifacts, StageName::Research);
        let scenes: Scenes = read(&artifacts, StageName::SceneBuilder);
        for scene in &scenes.scenes {
            let Visual::BigNumber { heading, fact, backdrop, .. } = &scene.visual else { continue };
            let owner = series_of(&brief.fact(fact).unwrap().formula)[0];
            if *owner == brief.topic.series[0].series {
                continue;
            }
            others += 1;
            let named =
                heading.0.iter().any(|span| matches!(&span.cite, Some(Cite::Series { series }) if series == owner));
            assert!(named, "seed {seed}, {}: `{}` does not say whose", scene.scene_id, heading.text());
            assert_eq!(backdrop.as_ref().map(|line| &line.series), Some(owner), "seed {seed}, {}", scene.scene_id);
        }
    }
    assert!(others > 0, "no film shows such a number");
}
