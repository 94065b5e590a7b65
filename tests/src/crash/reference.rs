use serde_json::Value;

use proofreel_model::digest::Digest;

use super::Theatre;
use crate::fakes::World;

/// What a run must look like at its end, taken from a run that nothing disturbed.
pub struct Reference {
    world: World,
    head: Value,
    done: Vec<(String, Value)>,
}

impl Reference {
    /// Takes the measure of an undisturbed run, and checks it by its own rules.
    pub fn of(theatre: &Theatre) -> Self {
        let world = theatre.undisturbed();
        let head = head(&world);
        let reference = Self { done: done(&world), head, world };
        reference.check(&reference.world);
        reference
    }

    /// Visits that the run completes.
    pub fn visits(&self) -> usize {
        self.done.len()
    }

    /// Panics unless `world` holds the same run, nothing lost, nothing twice, nothing left over.
    pub fn check(&self, world: &World) {
        if let Err(fault) = self.verdict(world) {
            panic!("{fault}");
        }
    }

    /// The first difference between `world` and what it must be.
    pub fn verdict(&self, world: &World) -> Result<(), String> {
        let head = head(world);
        for member in ["state", "stage", "reasons", "artifacts", "files", "rewrites", "order", "visits"] {
            same(&format!("`{member}` of the head"), &head.get(member), &self.head.get(member))?;
        }
        same("completions", &done(world), &self.done)?;
        same("keys of blobs", &world.blobs.keys().collect::<Vec<_>>(), &self.world.blobs.keys().collect())?;
        same("blobs, byte for byte", &world.blobs, &self.world.blobs)?;
        for (key, bytes) in &world.blobs {
            same(&format!("digest in the name of {key}"), &key.ends_with(&Digest::of(bytes).0), &true)?;
        }
        check_log(world, &self.done)?;
        let run = format!("run#{}", Theatre::run());
        same("claims left", &world.rows(&run, "claim#").len(), &0)?;
        same("runs listed as running", &world.rows("active", "").len(), &0)?;
        same("messages left in the outbox", &world.rows("outbox", "").len(), &0)?;
        same("messages left in queues", &world.messages(), &0)?;
        same("entries in the list of runs", &world.rows("runs", "").len(), &1)
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, found {found:?}"))
}

fn head(world: &World) -> Value {
    let rows = world.rows(&format!("run#{}", Theatre::run()), "head");
    rows.first().map(|(_, row)| Value::clone(row)).expect("the run has a head")
}

/// Completions without what may differ: the attempt and the time.
fn done(world: &World) -> Vec<(String, Value)> {
    let rows = world.rows(&format!("run#{}", Theatre::run()), "done#").into_iter();
    rows.map(|(sk, row)| {
        let mut row = Value::clone(&row);
        for differing in ["attempt", "created_at"] {
            row.as_object_mut().expect("a completion is an object").remove(differing);
        }
        (sk, row)
    })
    .collect()
}

/// Each visit has one successful row, attempts without a hole, and nothing else but retries.
fn check_log(world: &World, done: &[(String, Value)]) -> Result<(), String> {
    let run = format!("run#{}", Theatre::run());
    for (sk, completion) in done {
        let rows = world.rows(&run, &sk.replace("done#", "log#"));
        let statuses: Vec<&str> = rows.iter().filter_map(|(_, row)| row["status"].as_str()).collect();
        let expected: Vec<&str> =
            std::iter::repeat_n("retry", rows.len().saturating_sub(1)).chain(["success"]).collect();
        same(&format!("rows of {sk}"), &statuses, &expected)?;
        let attempts: Vec<u64> = rows.iter().filter_map(|(_, row)| row["attempts"].as_u64()).collect();
        same(&format!("attempts of {sk}"), &attempts, &(1..=rows.len() as u64).collect())?;
        let recorded = rows.last().map(|(_, row)| &row["output_refs"]);
        same(&format!("output of {sk} in its row"), &recorded, &Some(&completion["output_refs"]))?;
    }
    let successes = world.rows(&run, "log#").iter().filter(|(_, row)| row["status"] == "success").count();
    same("successful rows", &successes, &done.len())
}
