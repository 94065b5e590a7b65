//! What the hook promises is told once more by its evidence, and then given back by the payoff: not again between them.

use std::collections::BTreeMap;

use proofreel_model::brief::ResearchBrief;
use proofreel_model::ids::FactId;
use proofreel_model::policy::Policy;
use proofreel_model::scenes::{NarrativeRole, Scenes};
use proofreel_model::script::{Script, ScriptScene};
use proofreel_model::stage::StageName;
use proofreel_model::unit::UnitKind;
use proofreel_model::visual::Visual;
use proofreel_stages::prose::composer::values;

use super::{Wanted, demo, read, write};

fn told(spoken: &ScriptScene) -> impl Iterator<Item = &FactId> {
    spoken.narration.iter().flat_map(|sentence| values(&sentence.text))
}

#[test]
fn a_figure_of_the_hook_is_not_told_again_and_again_before_the_payoff() {
    let packages = demo();
    let most = Policy::embedded().episode.promise_tellings;
    let mut cards = 0;
    for (topic, seed) in [("gold boom", 1), ("gold boom", 11), ("house boom", 3)] {
        let artifacts = write(&packages, &Wanted { topic: Some(topic), seed, ..Wanted::default() }).unwrap();
        let brief: ResearchBrief = read(&artifacts, StageName::Research);
        let scenes: Scenes = read(&artifacts, StageName::SceneBuilder);
        let script: Script = read(&artifacts, StageName::Script);
        let lasts =
            |id: &FactId| brief.fact(id).is_some_and(|fact| matches!(fact.unit.kind, UnitKind::Duration { .. }));
        let mut times: BTreeMap<FactId, usize> =
            told(&script.scenes[0]).filter(|&id| !lasts(id)).map(|id| (id.clone(), 1)).collect();
        assert!(!times.is_empty(), "{topic} {seed}: the hook tells no figure");
        let mut given_back = false;
        for (scene, spoken) in scenes.scenes.iter().zip(&script.scenes).skip(1) {
            if scene.narrative_role == NarrativeRole::Payoff {
                given_back |= told(spoken).any(|id| times.contains_key(id));
                continue;
            }
            let shown = if let Visual::BigNumber { fact, .. } = &scene.visual { Some(fact) } else { None };
            cards += usize::from(shown.is_some_and(|fact| !times.contains_key(fact)));
            for id in told(spoken).filter(|id| Some(*id) != shown) {
                let Some(told) = times.get_mut(id) else { continue };
                *told += 1;
                assert!(*told <= most, "{topic} {seed}: {} tells {id} for the {told}th time", scene.scene_id);
            }
        }
        assert!(given_back, "{topic} {seed}: the payoff gives no promised figure back");
    }
    assert!(cards >= 2, "{cards} cards show a figure that the hook does not promise");
}
