//! A visit that several workers share: what they do to each other, and what crashes and queues do to them.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::sync::Arc;

use proofreel_model::envelope::Envelope;
use proofreel_model::records::RunState;
use proofreel_model::stage::StageName;
use proofreel_pipeline::Step;
use proofreel_tests::crash::drills::{self, explore, folder};
use proofreel_tests::crash::{Reference, Setting, Theatre, brute_force};
use proofreel_tests::fakes::{Memory, Message, World};
use proofreel_tests::rehearsal::{Act, Play};
use proofreel_tests::stage_door::House;
use tempfile::TempDir;

/// Two stages, the second one divided into so many parts.
fn shared(folder: &TempDir, setting: Setting, parts: u32) -> Theatre {
    let play = Play::new().with_film_from(StageName::TopicScoring).with_parts(parts);
    let chain = vec![StageName::Planner, StageName::TopicScoring];
    Theatre { chain, play: Arc::new(play), setting, scratch: folder.path().to_owned() }
}

#[test]
fn every_one_two_and_three_crashes_of_a_divided_run() {
    for setting in [Setting::Cloud, Setting::OneMachine] {
        let folder = folder();
        let counts = explore(&shared(&folder, setting, 3), 3);
        assert!(counts[1] >= 100 && counts[2] >= 10_000 && counts[3] >= 500_000, "{counts:?}");
    }
}

#[test]
fn one_by_one_every_one_and_two_crashes_of_a_divided_run() {
    for setting in [Setting::Cloud, Setting::OneMachine] {
        let folder = folder();
        let theatre = shared(&folder, setting, 2);
        let reference = Reference::of(&theatre);
        let counts = explore(&theatre, 2);
        // Two crashes on one machine are 14,000 runs, which say no more than those of the cloud.
        let most = if setting == Setting::Cloud { 2 } else { 1 };
        for crashes in 0..=most {
            let placements = brute_force(&theatre, &reference, &Theatre::empty(), crashes);
            assert_eq!(placements, counts[crashes as usize], "{setting:?}, {crashes} crashes");
        }
    }
}

#[test]
fn a_worker_at_a_part_that_wakes_up_after_its_lease_changes_nothing() {
    let folder = folder();
    let places = drills::sleepers(&shared(&folder, Setting::Cloud, 3));
    assert!(places >= 100, "{places}");
}

#[test]
fn two_workers_at_a_divided_run_in_every_interleaving_of_three_turns() {
    let folder = folder();
    // Planner, three parts, and the visit that gathers.
    let (interleavings, at_once) = drills::two_workers(&shared(&folder, Setting::Cloud, 3), 5);
    assert!(interleavings >= 4_000 && at_once >= 100, "{interleavings}, {at_once}");
}

#[test]
fn resuming_a_divided_run_at_every_moment_changes_nothing() {
    for setting in [Setting::Cloud, Setting::OneMachine] {
        let folder = folder();
        let moments = drills::resuming(&shared(&folder, setting, 3));
        assert!(moments >= 500, "{moments}");
    }
}

#[test]
fn every_one_and_two_storage_errors_of_a_divided_run_are_survived() {
    for setting in [Setting::Cloud, Setting::OneMachine] {
        let folder = folder();
        let (effects, cases) = drills::one_error(&shared(&folder, setting, 3));
        assert!(effects >= 60 && cases as u64 == 2 * effects, "{effects} effects, {cases} cases");
    }
    let folder = folder();
    let cases = drills::two_errors(&shared(&folder, Setting::Cloud, 2));
    assert!(cases >= 5_000, "{cases} cases");
}

#[test]
fn a_disk_that_fills_up_during_parts_stops_the_process_and_not_the_run() {
    let folder = folder();
    drills::full_disk(&shared(&folder, Setting::OneMachine, 3));
}

/// The world in which the parts' messages were just sent.
fn divided(theatre: &Theatre) -> World {
    let memory = Memory::of(Theatre::empty());
    let parts = theatre.play.parts();
    let mut worker = theatre.actor(&memory);
    loop {
        assert!(!worker.go(1), "the run ended undivided");
        let world = memory.snapshot();
        if world.queues.values().flatten().filter(|message| message.body.contains("\"part\"")).count() == parts {
            return world;
        }
    }
}

/// The messages of the parts in a world.
fn part_messages(world: &World) -> Vec<String> {
    let all = world.queues.values().flatten().map(|message| message.body.to_string());
    all.filter(|body| body.contains("\"part\"")).collect()
}

#[test]
fn a_part_in_two_hands_at_once_is_worked_once() {
    let folder = folder();
    let theatre = shared(&folder, Setting::Cloud, 3);
    let world = divided(&theatre);
    let interleavings = drills::two_hands(&theatre, &world, &part_messages(&world)[1]);
    assert!(interleavings >= 150, "{interleavings}");
}

#[tokio::test]
async fn a_divided_visit_is_a_row_a_part_and_the_same_film() {
    let house = House::playing(Play::new().with_parts(3));
    let head = house.produce().await;
    assert_eq!(head.state, RunState::Done);
    let expected = [
        "render 1.1 success divide 3",
        "render 1:1.1 success part",
        "render 1:2.1 success part",
        "render 1:3.1 success part",
        "render 1.2 success advance",
    ];
    assert_eq!(house.log(&head.run_id).await[6..], expected);
    let gathered = house.rows(&head.run_id).await.pop().unwrap();
    assert_eq!(gathered.note.as_deref(), Some("0 of 3 parts made here"));
    assert_eq!(gathered.metrics.retry_count, 0, "dividing is no failure");

    // A driver that does not divide gives the same bytes.
    let whole = House::undivided(Play::new().with_parts(3));
    let alone = whole.produce().await;
    assert_eq!((&alone.artifacts, &alone.files), (&head.artifacts, &head.files));
    assert_eq!(whole.log(&alone.run_id).await[6..], ["render 1.1 success advance"]);
    assert!(whole.play.parts_executed().is_empty());
}

#[tokio::test]
async fn work_that_is_not_worth_dividing_is_done_at_once() {
    let house = House::playing(Play::new().with_parts(1));
    let head = house.produce().await;
    assert_eq!(head.state, RunState::Done);
    assert_eq!(house.log(&head.run_id).await[6..], ["render 1.1 success advance"]);
}

#[tokio::test]
async fn a_part_that_fails_is_tried_again_and_then_given_up_and_made_by_the_visit() {
    let acts = [Act::Fail, Act::Panic, Act::Fail];
    let house = House::playing(Play::new().with_parts(3).with_part(2, &acts).with_part(3, &[Act::Refuse]));
    let head = house.produce().await;
    assert_eq!(head.state, RunState::Done);
    let mut log = house.log(&head.run_id).await.split_off(6);
    let last = log.pop().unwrap();
    assert_eq!(last, "render 1.2 success advance");
    log.sort();
    let expected = [
        "render 1.1 success divide 3",
        "render 1:1.1 success part",
        "render 1:2.1 retry error",
        "render 1:2.2 retry error",
        "render 1:2.3 failure given up",
        "render 1:3.1 failure given up",
    ];
    assert_eq!(log, expected);
    let rows = house.rows(&head.run_id).await;
    assert_eq!(rows.last().unwrap().note.as_deref(), Some("2 of 3 parts made here"));
    assert!(
        rows.iter()
            .any(|row| row.part == Some(3) && row.error_summary.as_deref() == Some("the part is wrong hint: mend it"))
    );
    let whole = House::undivided(Play::new().with_parts(3)).produce().await;
    assert_eq!(head.files, whole.files);
}

#[tokio::test]
async fn a_part_that_no_worker_survives_is_given_up_and_the_run_goes_on() {
    let house = House::playing(Play::new().with_parts(3));
    let run = house.start(None).await;
    let queue = house.driver.chain().queue(StageName::Render, &run);
    while !house.log(&run).await.iter().any(|row| row.contains("divide")) {
        house.driver.step(&run).await.unwrap();
    }
    // Of the three, the poison one kills whoever receives it.
    let mut deaths = 0;
    while deaths < 12 {
        let taken = house.driver.ports().queue.receive(&queue, 9, 900_000, 12).await.unwrap();
        for delivery in taken {
            if delivery.body.contains(r#"{"part":2}"#) {
                deaths += 1;
            } else {
                house.driver.handle(&delivery.body).await.unwrap();
                house.driver.ports().queue.delete(&queue, &delivery.receipt).await.unwrap();
            }
        }
        house.memory.pass(900_000);
    }
    let head = house.work(&run).await;
    assert_eq!(head.state, RunState::Done);
    let rows = house.rows(&run).await;
    let dead = rows.iter().find(|row| row.part == Some(2)).unwrap();
    assert_eq!(dead.outcome, "given up");
    assert!(dead.error_summary.as_deref().unwrap().contains("12 times"), "{dead:?}");
    assert_eq!(rows.last().unwrap().note.as_deref(), Some("1 of 3 parts made here"));
}

#[tokio::test]
async fn a_visit_that_gathers_and_fails_can_be_resumed_and_divides_no_second_time() {
    let house = House::playing(Play::new().with_parts(2).with(StageName::Render, 1, &[Act::Refuse, Act::Advance]));
    let head = house.produce().await;
    assert!(matches!(head.state, RunState::Failed { stage: StageName::Render, .. }), "{:?}", head.state);
    house.driver.resume(&head.run_id, None).await.unwrap();
    assert_eq!(house.work(&head.run_id).await.state, RunState::Done);
    let log = house.log(&head.run_id).await;
    assert_eq!(log.iter().filter(|row| row.contains("divide")).count(), 1);
    assert_eq!(log.last().unwrap(), "render 1.3 success advance");
}

#[tokio::test]
async fn a_rewrite_divides_the_new_visit_and_old_parts_are_nobodys() {
    let play = Play::new().with_parts(2).with(StageName::Render, 1, &[Act::Rewrite(StageName::Script)]);
    let house = House::playing(play);
    let run = house.start(None).await;
    let queue = house.driver.chain().queue(StageName::Render, &run);
    let mut late = None;
    let head = loop {
        let world = house.memory.snapshot();
        let waiting = world.queues.get(queue.as_str()).into_iter().flatten();
        let part = waiting.map(|message| message.body.to_string()).find(|body| body.contains("\"part\""));
        late = late.or(part);
        match house.driver.step(&run).await.unwrap() {
            Step::Ended(head) => break *head,
            Step::Waiting => assert!(house.memory.sleep().await),
            Step::Worked => house.memory.pass(1),
        }
    };
    assert_eq!((&head.state, head.rewrites), (&RunState::Done, 1));
    let log = house.log(&run).await;
    assert_eq!(log.iter().filter(|row| row.contains("divide 2")).count(), 2, "{log:?}");
    let executed = house.play.labour();
    house.driver.handle(&late.unwrap()).await.unwrap();
    assert_eq!(house.play.labour(), executed);
}

/// What is in a message stays under 2 KB, whatever the share.
#[test]
fn a_parts_message_is_small() {
    let folder = folder();
    let world = divided(&shared(&folder, Setting::Cloud, 3));
    for body in part_messages(&world) {
        assert!(body.len() < 2_000, "{} bytes", body.len());
        let message: Envelope = serde_json::from_str(&body).unwrap();
        assert!(message.share.part().is_some());
    }
}

/// The cache forgets everything, or a queue loses everything, at every moment of a run: it ends as it must.
#[test]
fn a_cache_or_a_queue_that_forgets_at_any_moment_ends_the_run_all_the_same() {
    for setting in [Setting::Cloud, Setting::OneMachine] {
        let folder = folder();
        let theatre = shared(&folder, setting, 3);
        let reference = Reference::of(&theatre);
        for (what, forgets) in [("parts", true), ("messages", false)] {
            let mut moments = 0;
            for polls in 1.. {
                let memory = Memory::of(Theatre::empty());
                let mut worker = theatre.actor(&memory);
                if worker.go(polls) {
                    break;
                }
                if memory.snapshot().rows("runs", "").is_empty() {
                    continue;
                }
                memory.change(|world| if forgets { world.parts.clear() } else { world.queues.clear() });
                // In the cloud nobody looks after a lost message but an operator.
                while !worker.go(2_000) {}
                if setting == Setting::Cloud && !forgets {
                    assert!(theatre.operator(&memory).go(usize::MAX) && theatre.actor(&memory).go(usize::MAX));
                }
                reference.check(&memory.snapshot());
                moments += 1;
            }
            println!("{setting:?}: {moments} moments at which all {what} are lost");
            assert!(moments >= 60, "{moments}");
        }
    }
}

/// A small deterministic generator (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below as u64) as usize
    }
}

/// What queues do: messages change places, and now and then one comes a second time. True when one was doubled.
fn stir(memory: &Memory, dice: &mut Dice) -> bool {
    let doubled = dice.below(12) == 0;
    memory.change(|world| {
        for messages in world.queues.values_mut().filter(|messages| !messages.is_empty()) {
            let (one, other) = (dice.below(messages.len()), dice.below(messages.len()));
            messages.swap(one, other);
            if doubled {
                world.sent += 1;
                let again =
                    Message { id: world.sent, receives: 0, visible_at_ms: world.now_ms, ..messages[one].clone() };
                messages.push(again);
            }
        }
    });
    doubled
}

/// Messages in any order, some twice, some late, with four functions at work at a time, some of them killed in the middle.
#[test]
fn duplicated_reordered_and_delayed_messages_and_dying_workers_end_the_run_once() {
    let folder = folder();
    let theatre = shared(&folder, Setting::Cloud, 4);
    let reference = Reference::of(&theatre);
    let (mut doubles, mut deaths, mut together) = (0, 0, 0);
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let memory = Memory::of(Theatre::empty());
        assert!(theatre.client(&memory).go(usize::MAX));
        let mut hands = Vec::new();
        for turn in 0.. {
            assert!(turn < 50_000, "seed {seed} does not end");
            // Doubling for ever would never end.
            doubles += u32::from(turn < 300 && stir(&memory, &mut dice));
            let world = memory.snapshot();
            let visible =
                |messages: &Vec<Message>| messages.iter().any(|message| message.visible_at_ms <= world.now_ms);
            let queue = world.queues.iter().find(|(_, messages)| visible(messages)).map(|(queue, _)| queue.to_string());
            match queue {
                Some(queue) if hands.len() < 4 && (hands.is_empty() || dice.below(4) == 0) => {
                    memory.change(|world| world.processes += 1);
                    hands.push(theatre.hand(&memory, queue));
                }
                None if hands.is_empty() && world.messages() > 0 => memory.pass(60_000),
                None if hands.is_empty() && world.rows("outbox", "").is_empty() => break,
                None if hands.is_empty() => assert!(theatre.sweeper(&memory).go(usize::MAX)),
                _ => {}
            }
            if hands.is_empty() {
                continue;
            }
            together = together.max(hands.len());
            let hand = dice.below(hands.len());
            if dice.below(150) == 0 {
                drop(hands.swap_remove(hand));
                deaths += 1;
                // Sometimes so late that the others' leases are over as well, while they still work.
                memory.pass(if dice.below(2) == 0 { 900_001 } else { 10 });
            } else if hands[hand].go(1 + dice.below(4)) {
                drop(hands.swap_remove(hand));
            }
        }
        let verdict = reference.verdict(&memory.snapshot());
        assert!(verdict.is_ok(), "seed {seed}: {verdict:?}");
    }
    println!("{doubles} doubled, {deaths} deaths, up to {together} at once in 400 runs");
    assert!(doubles >= 400 && deaths >= 200 && together == 4, "{doubles}, {deaths}, {together}");
}
