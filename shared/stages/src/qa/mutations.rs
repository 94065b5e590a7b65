//! Faults put into the right episode, one at a time: none may slip through.

use proofreel_model::digest::{Digest, canonical_json};
use proofreel_model::print::{self, EpisodePrint};
use proofreel_model::qa::Decision;
use proofreel_model::scenes::RiskFlag;
use proofreel_model::stage::StageName::{Research, SceneBuilder, Script};
use serde_json::json;

use super::false_claims::{GRAVE, REACH};
use super::false_joins::JOINS;
use super::false_kinds::{KINDS, kinds};
use super::false_structure::{PICTURES, STRUCTURE};
use super::false_words::{MEANING, Mutation, NUMBERS, PLAIN, say};
use super::fixture::{Episode, episode, input, report, with_context};
use super::rules::Severity;
use crate::contract::{DynStage, Outcome};
use crate::qa::Qa;

#[test]
fn the_right_episode_passes_without_a_single_finding() {
    let report = report(&episode());
    assert_eq!(report.findings, []);
    assert_eq!(report.verdict, Decision::Pass);
    assert!(report.scenes.iter().all(|scene| scene.scores.factual_accuracy == 5 && scene.scores.viewer_clarity == 5));
    assert!(report.recomputed.iter().all(|fact| fact.agrees));
    assert!(report.points_checked > 200 && report.texts_checked > 80 && report.citations_checked > 80, "{report:?}");
    assert!(report.checklists.iter().all(|item| item.passed));
}

#[test]
fn the_digest_is_that_of_the_stored_script_and_the_report_is_the_same_each_time() {
    let episode = episode();
    let stored = canonical_json(&episode.script).unwrap();
    assert_eq!(report(&episode).script_digest, Digest::of(&stored));
    assert_eq!(canonical_json(&report(&episode)).unwrap(), canonical_json(&report(&episode)).unwrap());
}

#[test]
fn every_fault_is_caught_by_its_rule_and_charged_to_its_owner() {
    let good = episode();
    let all: Vec<&Mutation> =
        [NUMBERS, PLAIN, MEANING, JOINS, REACH, GRAVE, PICTURES, KINDS, STRUCTURE].into_iter().flatten().collect();
    assert!(all.len() >= 100, "{}", all.len());
    let mut missed = Vec::new();
    for (name, rule, owner, mutate) in all {
        let mut bad = good.clone();
        mutate(&mut bad);
        let report = report(&bad);
        let caught = report.findings.iter().any(|finding| finding.rule == rule.name() && finding.owner == *owner);
        let stern = |decision: &Decision| match decision {
            Decision::Pass => Severity::Minor,
            Decision::Rewrite { .. } => Severity::Rewrite,
            Decision::Reject { .. } => Severity::Reject,
        };
        let decided = stern(&report.verdict) >= rule.severity();
        if !caught || !decided {
            let seen: Vec<String> = report
                .findings
                .iter()
                .map(|finding| format!("{} ({}) {}: {}", finding.rule, finding.owner, finding.place, finding.detail))
                .collect();
            missed.push(format!(
                "{name}: wanted {} of {owner}, verdict {:?}, saw {seen:#?}",
                rule.name(),
                report.verdict
            ));
        }
    }
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn every_kind_of_picture_passes_when_it_is_right() {
    let good = episode();
    for visual in kinds(&good) {
        let (kind, mut shown) = (visual.kind(), good.clone());
        shown.scenes.scenes[1].visual = visual;
        assert_eq!(report(&shown).findings, [], "{kind}");
    }
}

#[test]
fn one_factual_error_goes_back_and_two_in_a_scene_end_the_episode() {
    let mut one = episode();
    say(&mut one, 5, 3, "An average hides three swings.");
    match report(&one).verdict {
        Decision::Rewrite { stage, reasons } => {
            assert_eq!(stage, Script);
            assert!(
                reasons[0].starts_with("script s06 narration 4 (plan fixture): number_without_fact: "),
                "{reasons:?}"
            );
        }
        other => panic!("{other:?}"),
    }
    say(&mut one, 5, 4, "Seen that way, it lost a third.");
    assert!(matches!(report(&one).verdict, Decision::Reject { .. }));
}

#[test]
fn a_rewrite_goes_to_the_earliest_stage_at_fault() {
    let mut bad = episode();
    say(&mut bad, 5, 3, "An average hides three swings.");
    bad.brief.facts[2].display = "6.95%".into();
    assert!(matches!(report(&bad).verdict, Decision::Rewrite { stage: Research, .. }));
}

#[test]
fn two_unclear_scenes_order_a_rewrite_and_one_does_not() {
    let long = |n: usize| format!("Seen that way, {}.", "the retreat goes on and ".repeat(8 + n));
    let unclear = |e: &mut Episode, scene: usize| {
        for sentence in 3..5 {
            say(e, scene, sentence, &long(sentence));
        }
    };
    let mut bad = episode();
    unclear(&mut bad, 5);
    for scene in &mut bad.scenes.scenes {
        scene.word_budget *= 2;
    }
    let first = report(&bad);
    assert_eq!(first.scenes.iter().filter(|scene| scene.scores.viewer_clarity < 3).count(), 1);
    unclear(&mut bad, 2);
    let second = report(&bad);
    assert!(matches!(second.verdict, Decision::Rewrite { stage: Script, .. }), "{:?}", second.verdict);
}

#[test]
fn a_flagged_cause_and_a_flagged_stale_source_are_no_faults() {
    let mut flagged = episode();
    say(&mut flagged, 5, 4, "Seen that way, the retreat came because of the war.");
    flagged.scenes.scenes[5].risk_flags.push(RiskFlag::CausalClaim);
    assert_eq!(report(&flagged).findings, []);
    let mut stale = episode();
    (stale.brief.as_of, stale.order.as_of) = ("2026-07-20".parse().unwrap(), "2026-07-20".parse().unwrap());
    stale.brief.sources[0].stale_data = true;
    for scene in &mut stale.scenes.scenes {
        scene.risk_flags.push(RiskFlag::StaleData);
    }
    assert_eq!(report(&stale).findings, []);
    say(&mut stale, 5, 4, "Seen that way, today the metal is dear.");
    assert_eq!(report(&stale).findings[0].rule, "stale_as_current");
}

#[test]
fn a_statement_about_all_observations_stands_where_a_fact_looked_at_them() {
    for (scene, sentence, said) in [
        // A run of moves, an average over the window, an extreme over the window.
        (3, 1, "Since {f009:from:spoken}, the price has fallen every month: {f009:value:spoken} in a row."),
        (5, 1, "Counting every month of the window, the average price is {f008:value:spoken}."),
        (2, 0, "All other months lie lower than {f004:at:spoken}, at {f004:value:spoken}."),
        (2, 0, "The only month so high was {f004:at:spoken}, at {f004:value:spoken}."),
    ] {
        let mut episode = episode();
        say(&mut episode, scene, sentence, said);
        assert_eq!(report(&episode).findings, [], "{said}");
    }
}

#[test]
fn a_copy_of_a_recent_episode_is_sent_back_to_whoever_made_it_alike() {
    let mut copy = episode();
    let own = print::of(&copy.brief.topic.topic_id, &copy.scenes, &copy.script);
    copy.order.recent_episodes = vec![EpisodePrint::default(), own.clone()];
    match report(&copy).verdict {
        Decision::Rewrite { stage, reasons } => {
            assert_eq!(stage, Script);
            assert!(reasons[0].contains("sameness: 1.00 like the recent episode"), "{reasons:?}");
            assert!(reasons.iter().any(|reason| reason.contains("s02 narration 2 (plan fixture): sameness")));
        }
        other => panic!("{other:?}"),
    }
    // Other titles, thumbnails and phrases: what is left alike is the order of the scenes.
    let order = EpisodePrint { titles: Vec::new(), thumbnails: Vec::new(), shingles: Vec::new(), ..own.clone() };
    copy.order.recent_episodes = vec![order];
    assert!(matches!(report(&copy).verdict, Decision::Rewrite { stage: SceneBuilder, .. }), "{:?}", report(&copy));
    let stranger = EpisodePrint { titles: own.titles, structure: own.structure, ..EpisodePrint::default() };
    copy.order.recent_episodes = vec![stranger];
    assert_eq!(report(&copy).findings, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_risk_flag_and_a_broken_schema_are_rejected_with_a_report() {
    let episode = episode();
    let mut flag = input(&episode);
    flag["scenes"]["scenes"][0]["risk_flags"] = json!(["boring"]);
    let mut schema = input(&episode);
    schema["brief"]["facts"][0]["value"] = json!("many");
    for (input, rule, owner) in [(flag, "unknown_risk_flag", SceneBuilder), (schema, "schema_failure", Research)] {
        let outcome = with_context(&episode, |context| {
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(Qa.run_json(input, context)))
        })
        .unwrap();
        let Outcome::Reject { reasons, report: Some(report) } = outcome else { panic!("{outcome:?}") };
        assert!(reasons[0].contains(rule), "{reasons:?}");
        assert_eq!(report["findings"][0]["owner"], json!(owner));
    }
}
