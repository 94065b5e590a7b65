//! Exhaustive crash tests of the driver; `proofreel_tests::crash` explains how they work.

use std::sync::Arc;
use std::time::Instant;

use proofreel_model::stage::StageName;
use proofreel_tests::crash::drills::{self, explore, folder};
use proofreel_tests::crash::{Reference, Setting, Theatre, brute_force, mixtures};
use proofreel_tests::fakes::{Bug, Memory};
use proofreel_tests::rehearsal::{Act, Play};
use tempfile::TempDir;

/// Two stages with everything in four visits: an advance, a rewrite loop and an output file.
const SHORT: [StageName; 2] = [StageName::Planner, StageName::TopicScoring];

/// All seven stages, QA sends the script back once: nine visits.
fn full(folder: &TempDir, setting: Setting) -> Theatre {
    let play = Play::new().with(StageName::Qa, 1, &[Act::Rewrite(StageName::Script)]);
    Theatre { chain: StageName::CHAIN.to_vec(), play: Arc::new(play), setting, scratch: folder.path().to_owned() }
}

fn short(folder: &TempDir, setting: Setting) -> Theatre {
    let rewrite = [Act::Rewrite(StageName::Planner)];
    let play = Play::new().with_film_from(StageName::TopicScoring).with(StageName::TopicScoring, 1, &rewrite);
    Theatre { chain: SHORT.to_vec(), play: Arc::new(play), setting, scratch: folder.path().to_owned() }
}

/// Two stages in two visits: an advance, and an output file.
fn small(folder: &TempDir) -> Theatre {
    let play = Play::new().with_film_from(StageName::TopicScoring);
    Theatre { chain: SHORT.to_vec(), play: Arc::new(play), setting: Setting::Cloud, scratch: folder.path().to_owned() }
}

/// Numbers that shrink mean that crashes are no longer placed everywhere.
fn assert_covers_the_full_chain(counts: &[u64]) {
    assert!(counts[1] >= 200 && counts[2] >= 20_000 && counts[3] >= 1_500_000, "{counts:?}");
}

#[test]
fn every_one_two_and_three_crashes_of_a_full_run_in_the_cloud() {
    let folder = folder();
    assert_covers_the_full_chain(&explore(&full(&folder, Setting::Cloud), 3));
}

#[test]
fn every_one_two_and_three_crashes_of_a_full_run_on_one_machine() {
    let folder = folder();
    assert_covers_the_full_chain(&explore(&full(&folder, Setting::OneMachine), 3));
}

/// The explorer takes equal worlds together; one by one, the placements are as many and end as well.
#[test]
fn one_by_one_every_one_and_two_crashes_of_a_short_run() {
    for setting in [Setting::Cloud, Setting::OneMachine] {
        let folder = folder();
        let theatre = short(&folder, setting);
        let reference = Reference::of(&theatre);
        let counts = explore(&theatre, 3);
        for crashes in 0..=2 {
            let placements = brute_force(&theatre, &reference, &Theatre::empty(), crashes);
            assert_eq!(placements, counts[crashes as usize], "{setting:?}, {crashes} crashes");
        }
    }
}

/// As above with three crashes: some 440,000 runs a setting. `cargo test --test crashes -- --ignored`.
#[test]
#[ignore = "takes some minutes; for the night"]
fn one_by_one_every_three_crashes_of_a_short_run() {
    for setting in [Setting::Cloud, Setting::OneMachine] {
        let folder = folder();
        let theatre = short(&folder, setting);
        let reference = Reference::of(&theatre);
        let began = Instant::now();
        let placements = brute_force(&theatre, &reference, &Theatre::empty(), 3);
        println!("{setting:?}: {placements} placements one by one; {:.1} s", began.elapsed().as_secs_f64());
        assert_eq!(placements, explore(&theatre, 3)[3]);
    }
}

/// The same, and the worker that took over is killed on the way, at every place; a third one ends the run.
#[test]
fn a_sleeper_and_a_crash_in_every_pair_of_places() {
    let folder = folder();
    let theatre = short(&folder, Setting::Cloud);
    let reference = Reference::of(&theatre);
    let mut pairs = 0;
    for sleeps_at in 1.. {
        for dies_at in 1.. {
            let memory = Memory::of(Theatre::empty());
            let mut sleeper = theatre.actor(&memory);
            if sleeper.go(sleeps_at) {
                println!("{pairs} pairs of places");
                assert!(pairs >= 4_000, "{pairs}");
                return;
            }
            memory.change(|world| *world = theatre.killed(world.clone()));
            let ended = theatre.actor(&memory).go(dies_at);
            memory.change(|world| *world = theatre.killed(world.clone()));
            // The sleeper wakes up while the third worker is in the middle of its work.
            let mut third = theatre.actor(&memory);
            let third_ended = third.go(sleeps_at);
            assert!(sleeper.go(usize::MAX) && (third_ended || third.go(usize::MAX)));
            reference.check(&memory.snapshot());
            pairs += 1;
            if ended {
                break;
            }
        }
    }
}

/// An order whose client died before it was answered: the schedule that sweeps sends it off.
#[test]
fn a_start_that_was_cut_off_anywhere_is_sent_by_the_sweep() {
    let folder = folder();
    let theatre = short(&folder, Setting::Cloud);
    let reference = Reference::of(&theatre);
    let mut swept = 0;
    for polls in 1.. {
        let memory = Memory::of(Theatre::empty());
        if theatre.client(&memory).go(polls) {
            break;
        }
        if memory.snapshot().rows("runs", "").is_empty() {
            continue; // Nothing was ordered; the client knows that it has no answer.
        }
        assert!(theatre.sweeper(&memory).go(usize::MAX));
        assert!(memory.snapshot().messages() > 0, "the sweep sent nothing after {polls} polls");
        assert!(theatre.actor(&memory).go(usize::MAX));
        reference.check(&memory.snapshot());
        swept += 1;
    }
    assert!(swept >= 4, "{swept}");
}

/// A worker that is thought dead while it sleeps: another one takes over and ends the run, then the first wakes up
/// in the middle of what it was doing. At every place where it can fall asleep.
#[test]
fn a_worker_that_wakes_up_after_its_lease_changes_nothing() {
    let folder = folder();
    let places = drills::sleepers(&full(&folder, Setting::Cloud));
    assert!(places >= 200, "{places}");
}

/// Two workers at one run, in every interleaving of three turns.
#[test]
fn two_workers_in_every_interleaving_of_three_turns() {
    let folder = folder();
    let (interleavings, at_once) = drills::two_workers(&short(&folder, Setting::Cloud), 4);
    assert!(interleavings >= 4_000 && at_once >= 100, "{interleavings}, {at_once}");
}

/// A queue delivers one message to two functions at once, in every interleaving of three turns: the stage runs once.
#[test]
fn a_message_in_two_hands_at_once_is_worked_once() {
    let folder = folder();
    let theatre = short(&folder, Setting::Cloud);
    let memory = Memory::of(Theatre::empty());
    assert!(theatre.client(&memory).go(usize::MAX));
    let ordered = memory.snapshot();
    let body = ordered.queues.values().flatten().next().expect("the first message").body.to_string();
    let interleavings = drills::two_hands(&theatre, &ordered, &body);
    assert!(interleavings >= 150, "{interleavings}");
}

/// An operator resumes a run that a worker is at, at every moment of both.
#[test]
fn resuming_a_run_under_way_at_every_moment_changes_nothing() {
    for setting in [Setting::Cloud, Setting::OneMachine] {
        let folder = folder();
        let moments = drills::resuming(&full(&folder, setting));
        assert!(moments >= 1_000, "{moments}");
    }
}

/// Each call of a port fails once, before or after its effect; then each two of them do.
#[test]
fn every_one_and_two_storage_errors_are_survived() {
    for setting in [Setting::Cloud, Setting::OneMachine] {
        let folder = folder();
        let (effects, one) = drills::one_error(&full(&folder, setting));
        let two = drills::two_errors(&short(&folder, setting));
        assert!(effects >= 90 && one + two >= 5_000, "{effects} effects, {one} and {two} cases");
    }
}

/// Kills, calls that fail before or after their effect, messages that come twice and messages that come too early.
#[test]
fn every_mixture_of_one_two_and_three_faults_of_a_small_run_in_the_cloud() {
    let folder = folder();
    let counts = mixtures(&small(&folder), 3, None).unwrap_or_else(|broken| panic!("{broken}"));
    assert!(counts[1] >= 60 && counts[2] >= 2_000 && counts[3] >= 50_000, "{counts:?}");
}

/// The checker checks: what is decided and not kept until it is sent is lost by a single fault.
#[test]
fn a_forgotten_outbox_is_found_out_by_one_fault() {
    let folder = folder();
    let found = mixtures(&small(&folder), 1, Some(Bug::ForgottenOutbox)).expect_err("it went unnoticed");
    println!("{found}");
}

/// The disk fills up at each effect: the process ends with that error, and the run goes on once there is room.
#[test]
fn a_disk_that_fills_up_at_any_moment_stops_the_process_and_not_the_run() {
    let folder = folder();
    drills::full_disk(&full(&folder, Setting::OneMachine));
}

/// The checker checks: with transactions that can be torn, some placement of one crash must be found guilty.
#[test]
fn torn_transactions_are_found_out() {
    let folder = folder();
    let theatre = full(&folder, Setting::OneMachine);
    let reference = Reference::of(&theatre);
    let mut guilty = 0;
    for polls in 1.. {
        let memory = Memory::of(Theatre::empty());
        memory.plant(Bug::TornTransactions);
        if theatre.perform(&memory, Some(polls), |_| ()).is_some() {
            break;
        }
        let next = Memory::of(theatre.killed(memory.snapshot()));
        // A torn world may also keep a process from ending, or from understanding what it reads.
        let end = theatre.perform(&next, Some(2_000), |_| ());
        guilty += u32::from(!matches!(end, Some(Ok(()))) || reference.verdict(&next.snapshot()).is_err());
    }
    println!("{guilty} placements found guilty");
    assert!(guilty > 0, "torn transactions went unnoticed");
}
