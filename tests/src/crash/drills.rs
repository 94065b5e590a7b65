//! What is done to any theatre: each drill panics at the first run that does not end as it must, and counts its cases.

use std::time::Instant;

use proofreel_pipeline::DriverError;
use proofreel_ports::PortError;
use tempfile::TempDir;

use super::{Explorer, Reference, Setting, Theatre};
use crate::fakes::{Fault, Memory, Moment, World};

/// Scratch in memory where the system has it: an attempt makes and removes some files, a test runs a million attempts.
pub fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).expect("a folder for scratch")
}

/// Every placement of crashes; how many there are of 0, 1, … crashes.
pub fn explore(theatre: &Theatre, crashes: u32) -> Vec<u64> {
    let reference = Reference::of(theatre);
    let began = Instant::now();
    let mut explorer = Explorer::new(theatre, &reference);
    let counts = explorer.count(Theatre::empty(), crashes);
    println!(
        "{:?}, {} stages, {} visits and parts: placements of 0, 1, … crashes: {counts:?}; {} processes with {} polls; {:.1} s",
        theatre.setting,
        theatre.chain.len(),
        reference.visits(),
        explorer.processes,
        explorer.polls,
        began.elapsed().as_secs_f64()
    );
    counts
}

/// A worker that is thought dead while it sleeps: another one takes over and ends the run, then the first wakes up
/// in the middle of what it was doing. At every place where it can fall asleep; how many there are.
pub fn sleepers(theatre: &Theatre) -> usize {
    let reference = Reference::of(theatre);
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
    places
}

/// Two workers at one run, in every interleaving in which they take turns three times: the first goes so far, the second so
/// far, the first to its end, the second to its end. Neither knows whether the other lives. How many interleavings there
/// are, and how many of them end within one lease, in which nothing may be worked twice: `labour` works, no more.
pub fn two_workers(theatre: &Theatre, labour: u32) -> (usize, usize) {
    let reference = Reference::of(theatre);
    let (mut interleavings, mut at_once) = (0, 0);
    let lease_over = Theatre::empty().now_ms + 900_000;
    'turns: for first_turn in 1.. {
        for second_turn in 1.. {
            let memory = Memory::of(Theatre::empty());
            let before = theatre.play.labour();
            let mut first = theatre.actor(&memory);
            if first.go(first_turn) {
                break 'turns;
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
                let done = theatre.play.labour() - before;
                assert_eq!(done, labour, "something was worked twice: {first_turn}, {second_turn}");
            }
            if second_ended {
                break;
            }
        }
    }
    println!("{interleavings} interleavings, {at_once} of them within one lease");
    (interleavings, at_once)
}

/// A queue delivers one message of this world to two functions at once, in every interleaving of three turns: it is worked
/// once. How many interleavings there are.
pub fn two_hands(theatre: &Theatre, world: &World, body: &str) -> usize {
    let mut interleavings = 0;
    'turns: for first_turn in 1.. {
        for second_turn in 1.. {
            let memory = Memory::of(world.clone());
            let before = theatre.play.labour();
            let mut first = theatre.function(&memory, body);
            if first.go(first_turn) {
                break 'turns;
            }
            memory.change(|world| world.processes += 1);
            let mut second = theatre.function(&memory, body);
            let second_ended = second.go(second_turn);
            assert!(first.go(usize::MAX) && (second_ended || second.go(usize::MAX)));
            assert_eq!(theatre.play.labour() - before, 1, "turns of {first_turn} and {second_turn} polls");
            interleavings += 1;
            if second_ended {
                break;
            }
        }
    }
    println!("{interleavings} interleavings");
    interleavings
}

/// An operator resumes a run that a worker is at: at every place of the worker, and with the operator's own command
/// falling asleep at each of its places while the worker goes on to the end. How many moments there are.
pub fn resuming(theatre: &Theatre) -> usize {
    let reference = Reference::of(theatre);
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
    println!("{:?}: {moments} moments", theatre.setting);
    moments
}

/// Runs a process with these faults and, should it give up, another one without. The effects of the first, and why it gave up.
pub fn survive(theatre: &Theatre, reference: &Reference, faults: Vec<Fault>) -> (u64, Option<DriverError>) {
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

const MOMENTS: [Moment; 2] = [Moment::Before, Moment::After];

/// Each call of a port fails once, before or after its effect. How many calls and how many cases there are.
pub fn one_error(theatre: &Theatre) -> (u64, usize) {
    let reference = Reference::of(theatre);
    let (effects, _) = survive(theatre, &reference, Vec::new());
    let mut cases = 0;
    for (effect, moment) in (0..effects).flat_map(|effect| MOMENTS.map(|moment| (effect, moment))) {
        survive(theatre, &reference, vec![Fault { effect, moment }]);
        cases += 1;
    }
    println!("{:?}: {effects} effects, {cases} cases of one error", theatre.setting);
    (effects, cases)
}

/// Each two calls of a port fail. How many cases there are.
pub fn two_errors(theatre: &Theatre) -> usize {
    let reference = Reference::of(theatre);
    let (effects, _) = survive(theatre, &reference, Vec::new());
    let mut cases = 0;
    for (first, one) in (0..effects).flat_map(|effect| MOMENTS.map(|moment| (effect, moment))) {
        for (second, other) in (first + 1..effects + 12).flat_map(|effect| MOMENTS.map(|moment| (effect, moment))) {
            let faults = vec![Fault { effect: first, moment: one }, Fault { effect: second, moment: other }];
            survive(theatre, &reference, faults);
            cases += 1;
        }
    }
    println!("{:?}: {effects} effects, {cases} cases of two errors", theatre.setting);
    cases
}

/// The disk fills up at each effect: the process ends with that error, and the run goes on once there is room.
pub fn full_disk(theatre: &Theatre) {
    assert_eq!(theatre.setting, Setting::OneMachine, "the cloud has no disk");
    let reference = Reference::of(theatre);
    let (effects, _) = survive(theatre, &reference, Vec::new());
    for effect in 0..effects {
        let (_, gave_up) = survive(theatre, &reference, vec![Fault { effect, moment: Moment::Full }]);
        match gave_up {
            Some(DriverError::Port(PortError::NoSpace { .. })) => {}
            Some(error) => panic!("effect {effect}: {error}"),
            // Only an effect after which nothing more is written may pass.
            None => assert!(effect + 10 > effects, "effect {effect} of {effects} went unnoticed"),
        }
    }
}
