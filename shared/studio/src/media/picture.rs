//! The picture: blank frames, frozen frames, and frames that are not what was drawn.

use proofreel_model::media::{MediaCode, MediaFinding, MediaOrder, MediaReport, Stretch};
use proofreel_model::stage::StageName;

use super::{Expectation, at, fault, small_size};
use crate::FPS;

fn ms(frame: usize) -> u32 {
    (frame as u64 * 1000 / u64::from(FPS)) as u32
}

fn frames(ms: u32) -> usize {
    (u64::from(ms) * u64::from(FPS) / 1000) as usize
}

/// Looks at every decoded frame, in small and grey, one after another in `grey`.
pub fn look(grey: &[u8], expected: &Expectation<'_>, report: &mut MediaReport) {
    let (width, height) = small_size(expected.size);
    let film: Vec<&[u8]> = grey.chunks_exact((width * height) as usize).collect();
    report.streams.decoded_frames = film.len() as u32;
    if film.len() as u32 != report.streams.frames {
        let what = "the file breaks off or is damaged: frames that can be decoded";
        report.findings.push(fault(MediaCode::Unreadable, what, film.len(), report.streams.frames));
    }
    blank(&film, expected, report);
    still(&film, expected, report);
    differs(&film, expected, report);
}

fn blank(film: &[&[u8]], expected: &Expectation<'_>, report: &mut MediaReport) {
    let policy = &expected.policy.frames;
    let is_blank = |frame: &[u8]| {
        let (low, high) = frame.iter().fold((u8::MAX, 0), |(low, high), grey| (low.min(*grey), high.max(*grey)));
        high.saturating_sub(low) <= policy.blank_spread
    };
    let mut start = None;
    for n in 0..=film.len() {
        let blank = film.get(n).is_some_and(|frame| is_blank(frame));
        match (start, blank) {
            (None, true) => start = Some(n),
            (Some(first), false) => {
                start = None;
                let stretch = Stretch { start_ms: ms(first), end_ms: ms(n) };
                if stretch.ms() < policy.blank_ms {
                    continue;
                }
                report.blank.push(stretch);
                let mean = film[first].iter().map(|grey| u32::from(*grey)).sum::<u32>() / film[first].len() as u32;
                let how = if mean < 16 { "the picture is black" } else { "the picture shows nothing" };
                let finding = fault(
                    MediaCode::BlankPicture,
                    how,
                    format!("{} ms", stretch.ms()),
                    format!("less than {} ms", policy.blank_ms),
                );
                report.findings.push(at(finding, stretch.start_ms, expected));
            }
            _ => {}
        }
    }
}

/// Stretches in which no frame differs from the first of them.
fn stills(film: &[&[u8]], step: u8) -> Vec<(usize, usize)> {
    // By lines, not by cells: the greatest of many differences is found at once, the first that is too great is not.
    const LINE: usize = 256;
    let alike = |a: &[u8], b: &[u8]| a.iter().zip(b).fold(0, |most: u8, (a, b)| most.max(a.abs_diff(*b))) <= step;
    let mut out = Vec::new();
    let mut first = 0;
    for n in 1..=film.len() {
        let same =
            film.get(n).is_some_and(|frame| frame.chunks(LINE).zip(film[first].chunks(LINE)).all(|(a, b)| alike(a, b)));
        if !same {
            out.push((first, n));
            first = n;
        }
    }
    out
}

/// A picture may stand still for a while, and as long as it likes where nobody speaks; it may not stand still over a
/// turn, where another scene must come.
fn still(film: &[&[u8]], expected: &Expectation<'_>, report: &mut MediaReport) {
    if film.is_empty() {
        return;
    }
    let policy = &expected.policy.frames;
    let stretches = stills(film, policy.still_step);
    let longest = stretches.iter().max_by_key(|(from, to)| to - from);
    report.longest_still = longest.map(|(from, to)| Stretch { start_ms: ms(*from), end_ms: ms(*to) });
    // As long as a scene takes to leave: nothing stands that long over a turn.
    let turn = frames(500);
    for (from, to) in stretches {
        let over_turn = expected
            .scenes
            .iter()
            .skip(1)
            .map(|scene| frames(scene.start_ms))
            .any(|start| from + turn < start && start + turn < to);
        let spoken = spoken_ms(expected, ms(from), ms(to));
        if !over_turn && spoken <= policy.still_ms {
            continue;
        }
        // What was drawn tells whether the film stopped or the scene has nothing that moves.
        let (why, bound, order) = if over_turn {
            ("the picture stands still over the turn to another scene", 500, MediaOrder::Rerender)
        } else if moves(expected, from, to) {
            ("the picture stands still where it was drawn moving", policy.still_ms, MediaOrder::Rerender)
        } else {
            let stage = StageName::SceneBuilder;
            ("nothing moves for long while somebody speaks", policy.still_ms, MediaOrder::Rewrite { stage })
        };
        let lasts = format!("{} ms", ms(to) - ms(from));
        let finding = fault(MediaCode::FrozenPicture, why, lasts, format!("at most {bound} ms"));
        report.findings.push(at(MediaFinding { order, ..finding }, ms(from), expected));
    }
}

/// True when frames drawn inside a stretch differ from one another.
fn moves(expected: &Expectation<'_>, from: usize, to: usize) -> bool {
    let mut inside = expected.drawn.iter().filter(|drawn| (from..to).contains(&(drawn.frame as usize)));
    let Some(first) = inside.next() else { return false };
    let step = expected.policy.frames.still_step;
    inside.any(|drawn| drawn.grey.iter().zip(&first.grey).any(|(a, b)| a.abs_diff(*b) > step))
}

/// How much of a stretch lies between the first and the last word of its scenes, milliseconds.
fn spoken_ms(expected: &Expectation<'_>, from: u32, to: u32) -> u32 {
    expected
        .scenes
        .iter()
        .filter_map(|scene| {
            let said = super::words::within(expected.words, scene.start_ms, scene.end_ms);
            let (start, end) = (said.first()?.start_ms.max(from), said.last()?.end_ms.min(to));
            Some(end.saturating_sub(start))
        })
        .sum()
}

fn differs(film: &[&[u8]], expected: &Expectation<'_>, report: &mut MediaReport) {
    let policy = &expected.policy.frames;
    let mut since: Option<u32> = None;
    for drawn in expected.drawn {
        let Some(frame) = film.get(drawn.frame as usize).filter(|frame| frame.len() == drawn.grey.len()) else {
            continue;
        };
        report.frames_compared += 1;
        let (sum, most) = frame.iter().zip(&drawn.grey).fold((0u64, 0u8), |(sum, most), (a, b)| {
            let apart = a.abs_diff(*b);
            (sum + u64::from(apart), most.max(apart))
        });
        let mean = sum as f64 / frame.len() as f64;
        if mean <= policy.differs && most <= policy.differs_most {
            since = None;
            continue;
        }
        // One finding for a run of frames that differ.
        if since.is_none() {
            let finding = fault(
                MediaCode::PictureDiffers,
                "the frame is not the one that was drawn",
                format!("grey differs by {mean:.1} on average, {most} at most"),
                format!("at most {} and {}", policy.differs, policy.differs_most),
            );
            report.findings.push(at(finding, ms(drawn.frame as usize), expected));
        }
        since = Some(drawn.frame);
    }
}
