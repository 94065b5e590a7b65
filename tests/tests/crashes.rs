//! Exhaustive crash tests of the driver; `proofreel_tests::crash` explains how they work.

use std::sync::Arc;
use std::time::Instant;

use proofreel_model::stage::StageName;
use proofreel_pipeline::DriverError;
use proofreel_ports::PortError;
use proofreel_tests::crash::{Explorer, Reference, Setting, Theatre, brute_force};
use proofreel_tests::fakes::{Bug, Fault, Memory, Moment};
use proofreel_tests::rehearsal::{Act, Play};
use tempfile::TempDir;

/// Two stages with everything in four visits: an advance, a rewrite loop and an output file.
const SHORT: [StageName; 2] = [StageName::Planner, StageName::TopicScoring];

/// Scratch in memory where the system has it: an attempt makes and removes some files, a test runs a million attempts.
fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).expect("a folder for scratch")
}

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

fn explore(theatre: &Theatre, crashes: u32) -> Vec<u64> {
    let reference = Reference::of(theatre);
    let began = Instant::now();
    let mut explorer = Explorer::new(theatre, &reference);
    let counts = explorer.count(Theatre::empty(), crashes);
    println!(
        "{:?}, {} stages, {} visits: placements of 0, 1, … crashes: {counts:?}; {} processes with {} polls; {:.1} s",
        theatre.setting,
        theatre.chain.len(),
        reference.visits(),
        explorer.processes,
        explorer.polls,
        began.elapsed().as_secs_f64()
    );
    counts
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

/// A worker that is thought dead while it sleeps: another one takes over and ends the run, then the first wakes up
/// in the middle of what it was doing. At every place where it can fall asleep.
#[test]
fn a_worker_that_wakes_up_after_its_lease_changes_nothing() {
    let folder = folder();
    let theatre = full(&folder, Setting::Cloud);
    let reference = Reference::of(&theatre);
    let mut places = 0;
    for polls in 1.. {
        let memory = Memory::of(Theatre::empty());
        let mut sleeper = theatre.actor(&memory);
        if sleeper.go(polls) {
            break;
        }
        memory.change(|world| *world = theatre.killed(world.clone()));
        assert!(theatre.actor(&memory).go(usize::MAX), "the other worker ends");
        assert!(sleeper.go(usize::MAX), "the sleeper ends");
        reference.check(&memory.snapshot());
        places += 1;
    }
    println!("{places} places to fall asleep");
    assert!(places >= 200, "{places}");
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

/// Two workers at one run, in every interleaving in which they take turns three times: the first goes so far, the second so
/// far, the first to its end, the second to its end. Neither knows whether the other lives.
#[test]
fn two_workers_in_every_interleaving_of_three_turns() {
    let folder = folder();
    let theatre = short(&folder, Setting::Cloud);
    let reference = Reference::of(&theatre);
    let (mut interleavings, mut at_once) = (0, 0);
    let lease_over = Theatre::empty().now_ms + 900_000;
    for first_turn in 1.. {
        for second_turn in 1.. {
            let memory = Memory::of(Theatre::empty());
            let executed = theatre.play.executions();
            let mut first = theatre.actor(&memory);
            if first.go(first_turn) {
                println!("{interleavings} interleavings, {at_once} of them within one lease");
                assert!(interleavings >= 4_000 && at_once >= 100, "{interleavings}, {at_once}");
                return;
            }
            memory.change(|world| world.processes += 1);
            let mut second = theatre.actor(&memory);
            let second_ended = second.go(second_turn);
            assert!(first.go(usize::MAX) && (second_ended || second.go(usize::MAX)));
            reference.check(&memory.snapshot());
            interleavings += 1;
            // Until a lease is over, its stage is nobody else's to run.
            if memory.snapshot().now_ms < lease_over {
                at_once += 1;
                assert_eq!(theatre.play.executions() - executed, 4, "a stage ran twice: {first_turn}, {second_turn}");
            }
            if second_ended {
                break;
            }
        }
    }
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
    let mut interleavings = 0;
    for first_turn in 1.. {
        for second_turn in 1.. {
            let memory = Memory::of(ordered.clone());
            let executed = theatre.play.executions();
            let mut first = theatre.function(&memory, &body);
            if first.go(first_turn) {
                println!("{interleavings} interleavings");
                assert!(interleavings >= 150, "{interleavings}");
                return;
            }
            memory.change(|world| world.processes += 1);
            let mut second = theatre.function(&memory, &body);
            let second_ended = second.go(second_turn);
            assert!(first.go(usize::MAX) && (second_ended || second.go(usize::MAX)));
            assert_eq!(theatre.play.executions() - executed, 1, "turns of {first_turn} and {second_turn} polls");
            interleavings += 1;
            if second_ended {
                break;
            }
        }
    }
}

/// An operator resumes a run that a worker is at: at every place of the worker, and with the operator's own command
/// falling asleep at each of its places while the worker goes on to the end.
#[test]
fn resuming_a_run_under_way_at_every_moment_changes_nothing() {
    for setting in [Setting::Cloud, Setting::OneMachine] {
        let folder = folder();
        let theatre = full(&folder, setting);
        let reference = Reference::of(&theatre);
        let mut moments = 0;
        'places: for worker_at in 1.. {
            for operator_at in 1.. {
                let memory = Memory::of(Theatre::empty());
                let mut worker = theatre.actor(&memory);
                if worker.go(worker_at) {
                    break 'places;
                }
                if memory.snapshot().rows("runs", "").is_empty() {
                    break; // There is nothing to resume yet.
                }
                let mut operator = theatre.operator(&memory);
                let operator_ended = operator.go(operator_at);
                assert!(worker.go(usize::MAX) && (operator_ended || operator.go(usize::MAX)));
                // What the operator sent too much, the next worker takes.
                assert!(theatre.actor(&memory).go(usize::MAX));
                reference.check(&memory.snapshot());
                moments += 1;
                if operator_ended {
                    break;
                }
            }
        }
        println!("{setting:?}: {moments} moments");
        assert!(moments >= 1_000, "{moments}");
    }
}

/// Runs a process with these faults and, should it give up, another one without.
fn survive(theatre: &Theatre, reference: &Reference, faults: Vec<Fault>) -> (u64, Option<DriverError>) {
    let memory = Memory::with_faults(Theatre::empty(), faults);
    let gave_up = theatre.perform(&memory, None, |_| ()).expect("not killed").err();
    let effects = memory.effects();
    let mut world = memory.snapshot();
    if gave_up.is_some() {
        let next = Memory::of(theatre.killed(world));
        theatre.perform(&next, None, |_| ()).expect("not killed").expect("no fault");
        world = next.snapshot();
    }
    reference.check(&world);
    (effects, gave_up)
}

/// Each call of a port fails once, before or after its effect; then each two of them do.
#[test]
fn every_one_and_two_storage_errors_are_survived() {
    for setting in [Setting::Cloud, Setting::OneMachine] {
        let folder = folder();
        let (full, short) = (full(&folder, setting), short(&folder, setting));
        let (reference, short_reference) = (Reference::of(&full), Reference::of(&short));
        let (effects, _) = survive(&full, &reference, Vec::new());
        let (short_effects, _) = survive(&short, &short_reference, Vec::new());
        let mut cases = 0;
        let moments = [Moment::Before, Moment::After];
        for (effect, moment) in (0..effects).flat_map(|effect| moments.map(|moment| (effect, moment))) {
            survive(&full, &reference, vec![Fault { effect, moment }]);
            cases += 1;
        }
        for (first, one) in (0..short_effects).flat_map(|effect| moments.map(|moment| (effect, moment))) {
            for (second, other) in
                (first + 1..short_effects + 12).flat_map(|effect| moments.map(|moment| (effect, moment)))
            {
                let faults = vec![Fault { effect: first, moment: one }, Fault { effect: second, moment: other }];
                survive(&short, &short_reference, faults);
                cases += 1;
            }
        }
        println!("{setting:?}: {effects} effects, {cases} cases of one or two errors");
        assert!(effects >= 90 && cases >= 5_000, "{effects} effects, {cases} cases");
    }
}

/// The disk fills up at each effect: the process ends with that error, and the run goes on once there is room.
#[test]
fn a_disk_that_fills_up_at_any_moment_stops_the_process_and_not_the_run() {
    let folder = folder();
    let theatre = full(&folder, Setting::OneMachine);
    let reference = Reference::of(&theatre);
    let (effects, _) = survive(&theatre, &reference, Vec::new());
    for effect in 0..effects {
        let (_, gave_up) = survive(&theatre, &reference, vec![Fault { effect, moment: Moment::Full }]);
        match gave_up {
            Some(DriverError::Port(PortError::NoSpace { .. })) => {}
            Some(error) => panic!("effect {effect}: {error}"),
            // Only an effect after which nothing more is written may pass.
            None => assert!(effect + 10 > effects, "effect {effect} of {effects} went unnoticed"),
        }
    }
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
