//! A sample of the screening benchmark: precision and recall on injected faults stay within their bounds.

#[path = "../bench/screening/mod.rs"]
mod screening;

use screening::{SHAPES, bed, cases};

#[test]
fn screening_finds_injected_faults_and_leaves_real_series_alone() {
    let cases = cases(6, 60, 7);
    let faulty = cases.iter().filter(|case| !case.kinds.is_empty()).count();
    let mut misses = Vec::new();
    let tallies = bed::tally(&cases, |case, found, alarms| {
        let notes: Vec<&str> = alarms.iter().map(|seen| seen.note.as_str()).collect();
        misses.push(format!("{} in {}: found {found}, {notes:?}", case.fault, case.into));
    });
    let all = bed::total(&tallies);
    let table = bed::markdown(&tallies, &SHAPES, cases.len() - faulty);
    assert!(faulty >= 120, "only {faulty} cases could be made:\n{table}");
    assert!(all.recall() >= 0.95 && all.precision() >= 0.98, "{table}\n{}", misses.join("\n"));
}
