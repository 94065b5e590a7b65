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
    let mut sound = one_a_period(column, frequency, &mut doubted);
    placeholders(column, &mut sound, &mut doubted);
    runs(column, frequency, &sound, &mut doubted);
    scales(column, &sound, &mut doubted);
    doubted
}

/// Doubts every row of a period that occurs twice. Gives the places that speak for their period: of equal
/// values the first, of contradicting ones none.
fn one_a_period(column: &Column, frequency: Frequency, doubted: &mut [bool]) -> Vec<usize> {
    let places: Vec<usize> = (0..column.dated.len()).collect();
    let mut sound = Vec::with_capacity(places.len());
    for group in places.chunk_by(|a, b| period(column.dated[*a].0, frequency) == period(column.dated[*b].0, frequency))
    {
        if group.len() > 1 {
            for at in group {
                doubted[*at] = true;
            }
        }
        if group.iter().all(|at| column.dated[*at].1 == column.dated[group[0]].1) {
            sound.push(group[0]);
        }
    }
    sound
}

/// A figure that is written for "not known".
fn code(value: f64) -> bool {
    value == -9.0 || (value.abs() >= 99.0 && value.abs().to_string().bytes().all(|byte| byte == b'9'))
}

fn placeholders(column: &Column, sound: &mut Vec<usize>, doubted: &mut [bool]) {
    let value = |at: &usize| column.dated[*at].1;
    let filled = sound.iter().filter(|at| value(at) != 0.0).count();
    let negative = sound.iter().any(|at| value(at) < 0.0 && !code(value(at)));
    let zeros_doubtful = !negative && filled * 10 >= sound.len() * 3;
    let placeholder = |at: &usize| code(value(at)) || (value(at) == 0.0 && zeros_doubtful);
    sound.iter().filter(|at| placeholder(at)).for_each(|at| doubted[*at] = true);
    sound.retain(|at| !placeholder(at));
}

fn runs(column: &Column, frequency: Frequency, sound: &[usize], doubted: &mut [bool]) {
    let shortest = match frequency {
        Frequency::Annual => return,
        Frequency::Quarterly => 4,
        _ => RUN,
    };
    for run in sound.chunk_by(|a, b| column.dated[*a].1 == column.dated[*b].1) {
        if run.len() >= shortest {
            for at in run {
                doubted[*at] = true;
            }
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
