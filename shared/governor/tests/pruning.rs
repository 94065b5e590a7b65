//! What is thrown away: nothing that a call could still be given, nothing that a run refers to, and nothing at all in a dry run.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod world;

use std::collections::BTreeSet;

use proofreel_governor::pruning::{Pruned, prune};
use proofreel_ports::{Blobs as _, CallKind, Clock as _, Outside as _, take};
use world::{Script, World, answer, call, law, pass};

const DAY: u64 = 86_400;
/// Bytes of an answer.
const SIZE: u64 = 999_999;
const LAW: &str = "[freshness.data]\nseconds = 100\nstale_seconds = 50\nwait_seconds = 0\n[freshness.media]\nseconds = 2592000\nstale_seconds = 0\nwait_seconds = 0\n";

/// Answers of just under a megabyte each, all different.
fn large() -> std::sync::Arc<Script> {
    Script::new(0, |number, _| Ok(answer(200, &[], &format!("{number:09}").repeat(111_111))))
}

async fn pruned(world: &World, held: &[String], dry: bool) -> Pruned {
    let held: BTreeSet<String> = held.iter().cloned().collect();
    let memory = world.memory.as_ref();
    prune((memory, memory), &world.law, world.clock.now(), &held, dry).await.unwrap()
}

async fn bodies(world: &World) -> Vec<String> {
    world.memory.list("answers/").await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_can_still_be_served_stays_and_what_cannot_goes() {
    let world = World::new(law("", LAW), large());
    let governor = world.governor(1);
    governor.call(&call(CallKind::Data, 1), &take).await.unwrap();
    governor.call(&call(CallKind::Media, 2), &take).await.unwrap();
    pass(149).await;
    let early = pruned(&world, &[], false).await;
    assert_eq!((early.expired, early.kept, early.kept_bytes), (0, 2, 2 * SIZE), "an old one may still stand in");
    pass(1).await;
    let before = bodies(&world).await;
    let dry = pruned(&world, &[], true).await;
    assert_eq!((dry.expired, dry.kept, dry.bytes), (1, 1, SIZE));
    assert_eq!(bodies(&world).await, before, "a dry run takes nothing");
    assert_eq!(pruned(&world, &[], false).await, dry, "and says what the other one does");
    assert_eq!(bodies(&world).await.len(), 1);
    assert_eq!(pruned(&world, &[], false).await, Pruned { kept: 1, kept_bytes: SIZE, ..Pruned::default() });
    assert!(governor.call(&call(CallKind::Media, 2), &take).await.unwrap().cached, "what stays answers");
    assert!(!governor.call(&call(CallKind::Data, 1), &take).await.unwrap().cached, "what went is asked again");
}

#[tokio::test(start_paused = true)]
async fn a_replaced_body_goes_and_a_shared_one_stays() {
    let world = World::new(
        law("", LAW),
        Script::new(0, |number, _| Ok(answer(200, &[], if number == 1 { "old" } else { "new" }))),
    );
    let governor = world.governor(1);
    governor.call(&call(CallKind::Data, 1), &take).await.unwrap();
    pass(120).await;
    for number in [1, 2] {
        governor.call(&call(CallKind::Data, number), &take).await.unwrap();
    }
    assert_eq!(bodies(&world).await.len(), 2, "`old`, and `new` for both questions");
    let result = pruned(&world, &[], false).await;
    assert_eq!((result.superseded, result.expired, result.kept, result.kept_bytes), (1, 0, 2, 3));
    assert_eq!(bodies(&world).await.len(), 1);
    assert!(governor.call(&call(CallKind::Data, 2), &take).await.unwrap().cached);
}

#[tokio::test(start_paused = true)]
async fn of_too_much_the_oldest_go_over_months_and_what_a_run_names_stays() {
    let world = World::new(law("", &format!("{LAW}[keep]\nmegabytes = 3\n")), large());
    let governor = world.governor(1);
    let mut first = None;
    for number in 1..=5 {
        let came = governor.call(&call(CallKind::Media, number), &take).await.unwrap();
        first.get_or_insert(came.digest);
        // From November into December.
        pass(DAY).await;
    }
    let first = first.unwrap().to_string();
    let held: Vec<String> = bodies(&world).await.into_iter().filter(|key| key.contains(&first)).collect();
    assert_eq!(held.len(), 1);
    let result = pruned(&world, &held, false).await;
    assert_eq!((result.surplus, result.kept, result.kept_bytes, result.held), (2, 3, 3 * SIZE, 1));
    assert_eq!(result.bytes, SIZE);
    let left = bodies(&world).await;
    assert!(left.len() == 4 && left.contains(&held[0]));
    for number in 3..=5 {
        assert!(governor.call(&call(CallKind::Media, number), &take).await.unwrap().cached, "{number}");
    }
}
