//! Rows on another level than most of a series.

use jiff::civil::Date;
use proofreel_model::series::Frequency;

use super::super::periods::days;
use super::Column;

/// Orders of magnitude that look like another scale beside a value.
const BESIDE: f64 = 0.9;
/// Smallest jump between two levels, natural logarithm (a fifth).
const LEVEL: f64 = 0.2;
/// A jump stands out when at most [`FEW`] moves are larger than this share of it.
const STANDS_OUT: f64 = 0.4;
const FEW: usize = 8;
/// Share of the rows that is still the smaller part of a series, for two countings that differ by a few rows.
const SMALLER: f64 = 0.55;

/// Doubts what lies on another level. `left` holds the places that the earlier rules leave, each with the number of
/// equal rows that it stands for.
pub(super) fn doubt(column: &Column, frequency: Frequency, left: &[(usize, usize)], doubted: &mut [bool]) {
    let all: Vec<usize> = left.iter().map(|(at, _)| *at).collect();
    let alone = alone(column, &all);
    mark(&all, &alone, doubted);
    // A run of equal values far from its neighbours is one slip written often, or as many readings as it has rows: what lies
    // on another level is asked of both.
    let single = left.iter().zip(&alone).filter(|(_, out)| !**out).map(|(place, _)| *place).collect();
    doubt_levels(column, frequency, single, doubted);
    if left.iter().zip(&alone).any(|((_, rows), out)| *out && *rows > 1) {
        let counted = left.iter().zip(&alone).filter(|((_, rows), out)| !**out || *rows > 1);
        doubt_levels(column, frequency, counted.map(|(place, _)| *place).collect(), doubted);
    }
}

/// Doubts what lies on another level, once lone slips are out.
fn doubt_levels(column: &Column, frequency: Frequency, left: Vec<(usize, usize)>, doubted: &mut [bool]) {
    let value = |at: usize| column.dated[at].1;
    let sound: Vec<usize> = left.iter().map(|(at, _)| *at).collect();
    let sound_values: Vec<f64> = sound.iter().map(|at| value(*at)).collect();
    if column.dated.iter().any(|(_, value, _)| *value <= 0.0) {
        mark(&sound, &fractions(&sound_values), doubted);
    }

    let (positive, rows): (Vec<usize>, Vec<usize>) = left.into_iter().filter(|(at, _)| value(*at) > 0.0).unzip();
    let values: Vec<f64> = positive.iter().map(|at| value(*at)).collect();
    mark(&positive, &other_levels(&values, &rows), doubted);
    mark(&sound, &counted_anew(&sound_values), doubted);

    let dates: Vec<Date> = sound.iter().map(|at| column.dated[*at].0).collect();
    if let Some(last) = sound.last()
        && !matches!(frequency, Frequency::Daily | Frequency::Weekly)
        && (dated_early(&dates, frequency) || (positive.len() == sound.len() && fell_short(&values)))
    {
        doubted[*last] = true;
    }
}

fn mark(places: &[usize], marks: &[bool], doubted: &mut [bool]) {
    for (at, out) in places.iter().zip(marks) {
        doubted[*at] |= *out;
    }
}

/// Values that differ from both neighbours by nearly ten or more; at an end from the next two by nearly a hundred.
fn alone(column: &Column, sound: &[usize]) -> Vec<bool> {
    let mut marks = vec![false; sound.len()];
    let value = |place: usize| column.dated[sound[place]].1;
    let positive: Vec<usize> = (0..sound.len()).filter(|place| value(*place) > 0.0).collect();
    let apart = |a: usize, b: usize| (value(positive[a]) / value(positive[b])).log10().abs();
    for n in 0..positive.len() {
        let last = positive.len() - 1;
        marks[positive[n]] = match n {
            _ if last < 2 => false,
            0 => apart(0, 1).min(apart(0, 2)) > BESIDE + 1.0,
            n if n == last => apart(n, n - 1).min(apart(n, n - 2)) > BESIDE + 1.0,
            n => apart(n, n - 1).min(apart(n, n + 1)) > BESIDE,
        };
    }
    marks
}

/// Jumps that stand out from the series' own moves, as the place after them and their logarithm.
fn jumps(values: &[f64]) -> Vec<(usize, f64)> {
    let moves: Vec<f64> = values.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect();
    let mut sizes: Vec<f64> = moves.iter().map(|size| size.abs()).collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    let Some(bound) = sizes.get(FEW).or(sizes.last()).map(|size| size / STANDS_OUT) else { return Vec::new() };
    let few = sizes.len() <= FEW;
    moves
        .iter()
        .enumerate()
        .filter(|(_, size)| size.abs() > LEVEL && (few || size.abs() >= bound))
        .map(|(n, size)| (n + 1, *size))
        .collect()
}

/// Rows beyond a jump, or between two jumps that undo each other, on the side with fewer rows. A run of equal
/// values may count as one row or as all of `rows`, for its repeats may have been left out; `share` gives the least and
/// the largest share that a part may have.
fn other_levels(values: &[f64], rows: &[usize]) -> Vec<bool> {
    let mut marks = vec![false; values.len()];
    let jumps = jumps(values);
    let share = |from: usize, to: usize| {
        let (few, many) = ((to - from) as f64, rows[from..to].iter().sum::<usize>() as f64);
        let (few_others, many_others) = (values.len() as f64 - few, rows.iter().sum::<usize>() as f64 - many);
        (few / (few + many_others), many / (many + few_others))
    };
    // Levels this near are one, in the narrow and in the wide sense.
    let (narrow, wide) =
        (LEVEL * 0.7, jumps.iter().map(|jump| jump.1.abs() * 0.3).fold(f64::MAX, f64::min).max(LEVEL * 1.5));
    // Either reading of a separator may be the wrong one, so both sides of a jump by a thousand are open.
    let either = |size: f64| (size.abs() / std::f64::consts::LN_10 - 3.0).abs() < 0.35;
    for (n, (at, size)) in jumps.iter().enumerate() {
        let undone = jumps.iter().any(|(other, back)| other != at && (size + back).abs() < narrow);
        if !undone {
            if share(0, *at).0 <= SMALLER || either(*size) {
                marks[..*at].fill(true);
            }
            if share(*at, values.len()).0 <= SMALLER || either(*size) {
                marks[*at..].fill(true);
            }
        }
        for (later, back) in &jumps[n + 1..] {
            if (size + back).abs() >= wide {
                continue;
            }
            let inner = share(*at, *later);
            if inner.0 <= SMALLER || either(*size) {
                marks[*at..*later].fill(true);
            }
            if inner.1 >= 1.0 - SMALLER || either(*size) {
                marks[..*at].fill(true);
                marks[*later..].fill(true);
            }
        }
    }
    let parts = parts(values.len(), &jumps);
    let level = |level: f64| -> (f64, f64) {
        let group = parts.iter().filter(|part| (part.2 - level).abs() < wide);
        group.fold((0.0, 0.0), |sum, part| {
            let share = share(part.0, part.1);
            (sum.0 + share.0, sum.1 + share.1)
        })
    };
    for (from, to, own) in &parts {
        let others = parts.iter().filter(|part| (part.2 - own).abs() >= narrow);
        if others.map(|part| level(part.2).1).fold(0.0, f64::max) >= level(*own).0 {
            marks[*from..*to].fill(true);
        }
    }
    marks
}

/// The parts between jumps: first place, end, level.
fn parts(count: usize, jumps: &[(usize, f64)]) -> Vec<(usize, usize, f64)> {
    let (mut parts, mut from, mut level) = (Vec::new(), 0, 0.0);
    for (at, size) in jumps {
        parts.push((from, *at, level));
        (from, level) = (*at, level + size);
    }
    parts.push((from, count, level));
    parts
}

/// Where signs differ: six or more values in a row that are all tiny, while hardly any other is.
fn fractions(values: &[f64]) -> Vec<bool> {
    let mut marks = vec![false; values.len()];
    let mut sizes: Vec<f64> = values.iter().map(|value| value.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let tiny = sizes[sizes.len() * 19 / 20] / 30.0;
    let few = sizes.partition_point(|size| *size <= tiny);
    let mut start = 0;
    for run in values.chunk_by(|a, b| (a.abs() <= tiny) == (b.abs() <= tiny)) {
        let end = start + run.len();
        if run[0].abs() <= tiny && run.len() >= 6 && (few - run.len()) * 3 <= values.len() - run.len() {
            marks[start..end].fill(true);
        }
        start = end;
    }
    marks
}

/// The smaller side of the one fall of a series that else only rises, when it falls to less than a fifth.
fn counted_anew(values: &[f64]) -> Vec<bool> {
    let mut marks = vec![false; values.len()];
    let falls: Vec<usize> = (1..values.len()).filter(|n| values[*n] < values[n - 1]).collect();
    if let [at] = falls.as_slice()
        && values.len() >= 20
        && values[*at] < values[at - 1] / 5.0
    {
        if *at * 2 >= values.len() { marks[*at..].fill(true) } else { marks[..*at].fill(true) }
    }
    marks
}

/// Only the last row is dated well before the end of its period.
fn dated_early(dates: &[Date], frequency: Frequency) -> bool {
    let left = |date: &Date| {
        let end = match frequency {
            Frequency::Annual => date.last_of_year(),
            Frequency::Quarterly => {
                Date::new(date.year(), (date.month() + 2) / 3 * 3, 1).map_or(*date, Date::last_of_month)
            }
            _ => date.last_of_month(),
        };
        days(end) - days(*date)
    };
    dates.split_last().is_some_and(|(last, others)| left(last) > 4 && others.iter().all(|date| left(date) <= 3))
}

/// The last value is under four fifths of the one before, in a fall at least twice and a half the deepest other.
fn fell_short(values: &[f64]) -> bool {
    let falls: Vec<f64> = values.windows(2).map(|pair| (pair[0] / pair[1]).ln()).collect();
    falls.split_last().is_some_and(|(last, others)| {
        values.len() >= 12 && *last > -(0.8f64.ln()) && *last >= 2.5 * others.iter().copied().fold(0.0, f64::max)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_on_another_level_is_doubted_with_its_repeats() {
        let mut values = vec![0.992; 6];
        values.extend([99.2, 99.3]);
        values.extend([0.993; 6]);
        let mut rows = vec![1; 14];
        rows[6] = 10;
        let marks = other_levels(&values, &rows);
        assert!(marks[6] && marks[7]);
        rows[6] = 3;
        let marks = other_levels(&values, &rows);
        assert_eq!(marks.iter().filter(|mark| **mark).count(), 2, "a stretch that is plainly the smaller part");
    }
}
