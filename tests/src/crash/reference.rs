use std::sync::Arc;

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

    /// Visits and parts that the run completes.
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
        self.promise(world)?;
        same("messages left in queues", &world.messages(), &0)?;
        for (sk, _) in &self.done {
            let rows = own_rows(world, sk);
            let decided = rows.iter().filter(|row| !divides(row));
            let statuses: Vec<String> = decided.filter_map(|row| row["status"].as_str().map(str::to_owned)).collect();
            let mut expected = vec!["retry"; statuses.len() - 1];
            expected.push("success");
            same(&format!("rows of {sk}"), &statuses, &expected.into_iter().map(str::to_owned).collect())?;
        }
        Ok(())
    }

    /// What must be true however bad the weather was, and whoever let the run go on after it had failed: the same
    /// artifacts, each visit recorded once, nothing decided and not sent.
    pub fn promise(&self, world: &World) -> Result<(), String> {
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
        same("counts of parts left", &world.rows(&run, "gather#").len(), &0)?;
        same("messages left in the outbox", &world.rows("outbox", "").len(), &0)?;
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

/// Rows of a visit or of a part, in the order of attempts, without those of the visit's parts.
fn own_rows(world: &World, done: &str) -> Vec<Arc<Value>> {
    let prefix = format!("{}#", done.replace("done#", "log#"));
    let rows = world.rows(&format!("run#{}", Theatre::run()), &prefix).into_iter();
    rows.filter(|(key, _)| !key[prefix.len()..].contains('#')).map(|(_, row)| row).collect()
}

/// The row of an attempt that divided its visit.
fn divides(row: &Value) -> bool {
    row["outcome"].as_str().is_some_and(|outcome| outcome.starts_with("divide "))
}

/// Each visit and each part has one successful row, its last, and attempts without a hole; a divided visit has one row more,
/// of the attempt that divided it.
fn check_log(world: &World, done: &[(String, Value)]) -> Result<(), String> {
    let run = format!("run#{}", Theatre::run());
    let mut divided = 0;
    for (sk, completion) in done {
        let rows = own_rows(world, sk);
        let attempts: Vec<u64> = rows.iter().filter_map(|row| row["attempts"].as_u64()).collect();
        same(&format!("attempts of {sk}"), &attempts, &(1..=rows.len() as u64).collect())?;
        let parts = done.iter().any(|(other, _)| other.starts_with(&format!("{sk}#p")));
        let divisions = rows.iter().filter(|row| divides(row)).count();
        same(&format!("divisions of {sk}"), &divisions, &usize::from(parts))?;
        divided += divisions;
        let successes: Vec<usize> =
            (0..rows.len()).filter(|n| rows[*n]["status"] == "success" && !divides(&rows[*n])).collect();
        same(&format!("successful rows of {sk}"), &successes, &vec![rows.len() - 1])?;
        let recorded = rows.last().map(|row| &row["output_refs"]);
        same(&format!("output of {sk} in its row"), &recorded, &Some(&completion["output_refs"]))?;
    }
    let successes = world.rows(&run, "log#").iter().filter(|(_, row)| row["status"] == "success").count();
    same("successful rows", &successes, &(done.len() + divided))
}
