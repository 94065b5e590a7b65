//! When a row may be left out of a window: something must be visibly wrong with it.
//!
//! A row may be left out when its period occurs twice, when it is a zero or a code in a series that is otherwise
//! far from it, when it belongs to a run of nine or more equal values (four in a quarterly series), or when a
//! jump by a whole scale stands beside it or splits the series. Anything else must be named by the fact.
//! Runs and jumps are sought among the rows that the first rules leave.

use proofreel_model::series::Frequency;

use super::periods::period;
use super::source::Column;

/// Equal values in a row that may be a figure carried forward or an annual average.
const RUN: usize = 9;
/// Orders of magnitude that look like another scale beside a value, and where the whole series is split.
const BESIDE: f64 = 0.9;
const SPLIT: f64 = 1.9;

/// For each observation of `column.dated`: true when it may be left out.
pub(super) fn doubts(column: &Column, frequency: Frequency) -> Vec<bool> {
    let mut doubted = vec![false; column.dated.len()];
    repeated_periods(column, frequency, &mut doubted);
    placeholders(column, &mut doubted);
    let sound: Vec<usize> = (0..doubted.len()).filter(|at| !doubted[*at]).collect();
    runs(column, frequency, &sound, &mut doubted);
    scales(column, &sound, &mut doubted);
    doubted
}

fn repeated_periods(column: &Column, frequency: Frequency, doubted: &mut [bool]) {
    for at in 1..column.dated.len() {
        let (earlier, later) = (column.dated[at - 1], column.dated[at]);
        if period(earlier.0, frequency) == period(later.0, frequency) {
            doubted[at - 1] = true;
            doubted[at] = true;
        }
    }
}

/// A figure that is written for "not known".
fn code(value: f64) -> bool {
    value == -9.0 || (value.abs() >= 99.0 && value.abs().to_string().bytes().all(|byte| byte == b'9'))
}

fn placeholders(column: &Column, doubted: &mut [bool]) {
    // A contradicted value says nothing about the sign of the series.
    let sound: Vec<(usize, f64)> =
        (0..doubted.len()).filter(|at| !doubted[*at]).map(|at| (at, column.dated[at].1)).collect();
    let filled = sound.iter().filter(|(_, value)| *value != 0.0).count();
    let negative = sound.iter().any(|(_, value)| *value < 0.0 && !code(*value));
    let zeros_doubtful = !negative && filled * 10 >= sound.len() * 3;
    for (at, value) in sound {
        doubted[at] = code(value) || (value == 0.0 && zeros_doubtful);
    }
}

fn runs(column: &Column, frequency: Frequency, sound: &[usize], doubted: &mut [bool]) {
    let shortest = match frequency {
        Frequency::Annual => return,
        Frequency::Quarterly => 4,
        _ => RUN,
    };
    for run in sound.chunk_by(|a, b| column.dated[*a].1 == column.dated[*b].1) {
        if run.len() >= shortest {
            run.iter().for_each(|at| doubted[*at] = true);
        }
    }
}

fn scales(column: &Column, sound: &[usize], doubted: &mut [bool]) {
    let value = |place: usize| column.dated[sound[place]].1;
    let jump = |a: f64, b: f64| if a > 0.0 && b > 0.0 { (a / b).log10().abs() } else { 0.0 };
    // Equal neighbours are one neighbour: repeats may have been left out.
    let other = |place: usize, step: isize| {
        let mut at = place.checked_add_signed(step)?;
        while at < sound.len() && value(at) == value(place) {
            at = at.checked_add_signed(step)?;
        }
        (at < sound.len()).then_some(at)
    };
    let split = (1..sound.len()).any(|place| jump(value(place - 1), value(place)) > SPLIT);
    for place in 0..sound.len() {
        let neighbours = [other(place, -1), other(place, 1)];
        let beside = neighbours.iter().flatten().all(|at| jump(value(place), value(*at)) > BESIDE);
        doubted[sound[place]] |= beside || split;
    }
}
