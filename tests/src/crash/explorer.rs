use std::collections::HashMap;

use super::{Reference, Theatre};
use crate::fakes::{Memory, World};

/// Explores every placement of crashes; see the module's words on equal worlds.
pub struct Explorer<'a> {
    theatre: &'a Theatre,
    reference: &'a Reference,
    known: HashMap<(u128, u32), Vec<u64>>,
    /// Processes that were really run.
    pub processes: u64,
    /// Polls of those.
    pub polls: u64,
}

impl<'a> Explorer<'a> {
    /// An explorer that has seen nothing.
    pub fn new(theatre: &'a Theatre, reference: &'a Reference) -> Self {
        Self { theatre, reference, known: HashMap::new(), processes: 0, polls: 0 }
    }

    /// Checks the run from `world` on with every placement of at most `crashes` crashes. `count[n]` is the number of
    /// placements of exactly n.
    pub fn count(&mut self, world: World, crashes: u32) -> Vec<u64> {
        let key = (world.fingerprint(), crashes);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        // (worlds between two polls, how many polls in a row found the same one)
        let mut between: Vec<(World, u64)> = Vec::new();
        let mut version = None;
        let memory = Memory::of(world);
        let (mut polls, theatre) = (0, self.theatre);
        let end = theatre.perform(&memory, None, |memory| {
            polls += 1;
            if crashes == 0 {
                return;
            }
            match between.last_mut() {
                Some((_, times)) if version == Some(memory.version()) => *times += 1,
                _ => between.push((memory.snapshot(), 1)),
            }
            version = Some(memory.version());
        });
        end.expect("not killed").expect("no fault");
        self.reference.check(&memory.snapshot());
        self.processes += 1;
        self.polls += polls;

        let mut counts = vec![0; crashes as usize + 1];
        counts[0] = 1;
        for (world, times) in between {
            let after = self.count(theatre.killed(world), crashes - 1);
            for (n, count) in after.into_iter().enumerate() {
                counts[n + 1] += count * times;
            }
        }
        self.known.insert(key, counts.clone());
        counts
    }
}

/// The same without taking equal worlds together: every placement is run by itself. Returns how many.
pub fn brute_force(theatre: &Theatre, reference: &Reference, world: &World, crashes: u32) -> u64 {
    let mut polls = 0;
    let memory = Memory::of(world.clone());
    theatre.perform(&memory, None, |_| polls += 1).expect("not killed").expect("no fault");
    if crashes == 0 {
        reference.check(&memory.snapshot());
        return 1;
    }
    let mut placements = 0;
    for k in 1..=polls {
        let memory = Memory::of(world.clone());
        assert!(theatre.perform(&memory, Some(k), |_| ()).is_none(), "killed before its end");
        placements += brute_force(theatre, reference, &theatre.killed(memory.snapshot()), crashes - 1);
    }
    placements
}
