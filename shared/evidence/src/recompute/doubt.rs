//! When a row may be left out of a window: something must be visibly wrong with it.
//!
//! A row may be left out when its period occurs twice; when it belongs to a stretch of four or more steps (three
//! yearly ones) of another calendar; when it is a zero or a code in a series that is otherwise far from it; when it
//! belongs to a run of equal values (seven days or weeks, five months, four quarters, three years of six digits: the
//! repeats alone, for the first of a run is used); when
//! it lies on another level than most of the series (see [`levels`]); or when it is a last period that looks
//! unfinished. Anything else must be named by the fact. Each rule looks at the rows that the rules before it leave.

mod levels;

use jiff::civil::Date;
use proofreel_model::series::Frequency;

use super::periods::{days, period};
use super::source::Column;

/// For each observation of `column.dated`: true when it may be left out.
pub(super) fn doubts(column: &Column, frequency: Frequency) -> Vec<bool> {
    let mut doubted = vec![false; column.dated.len()];
    other_calendars(column, frequency, &mut doubted);
    let mut sound = one_a_period(column, frequency, &mut doubted);
    placeholders(column, &mut sound, &mut doubted);
    let sound = runs(column, frequency, &sound, &mut doubted);
    levels::doubt(column, frequency, &sound, &mut doubted);
    doubted
}

/// Doubts stretches of steps that are far longer than the period and all alike, or far shorter.
fn other_calendars(column: &Column, frequency: Frequency, doubted: &mut [bool]) {
    let dates: Vec<Date> = column.dated.iter().map(|(date, ..)| *date).collect();
    let long = |a: Date, b: Date| -> i64 {
        let apart = days(b) - days(a);
        let months = period(b, Frequency::Monthly) - period(a, Frequency::Monthly);
        match frequency {
            Frequency::Daily if (6..9).contains(&apart) => 1,
            Frequency::Daily | Frequency::Weekly
                if [1, 3, 6, 12].contains(&months) && (apart - months * 30).abs() <= 5 + months =>
            {
                100 + months
            }
            Frequency::Monthly if [3, 6, 12].contains(&months) => 100 + months,
            Frequency::Quarterly if [6, 12].contains(&months) => 100 + months,
            _ => 0,
        }
    };
    let short = |a: Date, b: Date| -> i64 {
        let bound = match frequency {
            Frequency::Annual => 200,
            Frequency::Quarterly => 60,
            Frequency::Monthly => 20,
            Frequency::Daily | Frequency::Weekly => 0,
        };
        i64::from((1..bound).contains(&(days(b) - days(a))))
    };
    for kind in [&long as &dyn Fn(Date, Date) -> i64, &short] {
        let steps: Vec<i64> = dates.windows(2).map(|pair| kind(pair[0], pair[1])).collect();
        let mut start = 0;
        for run in steps.chunk_by(|a, b| a == b) {
            let end = start + run.len();
            if run[0] != 0 && run.len() >= if run[0] == 112 { 3 } else { 4 } {
                // Its first and its last row may belong to what surrounds it, so they are only doubted.
                doubted[start..=end].fill(true);
            }
            start = end;
        }
    }
}

/// Doubts every row of a period that occurs twice. Gives the places that speak for their period: of equal
/// values the first, of contradicting ones none.
fn one_a_period(column: &Column, frequency: Frequency, doubted: &mut [bool]) -> Vec<usize> {
    // The borders of such a stretch may be sound: they are looked at with the rest.
    let inner = |at: usize| doubted[at] && (at == 0 || doubted[at - 1]) && doubted.get(at + 1).is_none_or(|next| *next);
    let places: Vec<usize> = (0..column.dated.len()).filter(|at| !inner(*at)).collect();
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
    let negative = sound.iter().any(|at| value(at) < 0.0 && value(at) != -1.0 && !code(value(at)));
    let zeros_doubtful = !negative && filled * 10 >= sound.len() * 3;
    let placeholder =
        |at: &usize| code(value(at)) || (value(at) == -1.0 && !negative) || (value(at) == 0.0 && zeros_doubtful);
    sound.iter().filter(|at| placeholder(at)).for_each(|at| doubted[*at] = true);
    sound.retain(|at| !placeholder(at));
}

/// Doubts long runs of equal values. Gives the places that are left, a run as its first place, with the number of
/// places that each stands for.
fn runs(column: &Column, frequency: Frequency, sound: &[usize], doubted: &mut [bool]) -> Vec<(usize, usize)> {
    let shortest = match frequency {
        Frequency::Daily | Frequency::Weekly => 7,
        Frequency::Monthly => 5,
        Frequency::Quarterly => 4,
        Frequency::Annual => 3,
    };
    let mut left = Vec::with_capacity(sound.len());
    for run in sound.chunk_by(|a, b| column.dated[*a].1 == column.dated[*b].1) {
        let measured = frequency != Frequency::Annual || digits(column.dated[run[0]].1) >= 6;
        if run.len() >= shortest && measured {
            for at in run {
                doubted[*at] = true;
            }
            left.push((run[0], run.len()));
        } else {
            left.extend(run.iter().map(|at| (*at, 1)));
        }
    }
    left
}

fn digits(value: f64) -> usize {
    value
        .to_string()
        .trim_start_matches(['-', '0', '.'])
        .trim_end_matches('0')
        .bytes()
        .filter(u8::is_ascii_digit)
        .count()
}
