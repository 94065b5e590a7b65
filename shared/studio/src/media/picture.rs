//! The picture: blank frames, frozen frames, and frames that are not what was drawn.

use proofreel_model::media::{MediaCode, MediaFinding, MediaOrder, MediaReport, Stretch};
use proofreel_model::stage::StageName;

use super::{Expectation, Shown, at, fault};
use crate::FPS;

fn ms(frame: u32) -> u32 {
    (u64::from(frame) * 1000 / u64::from(FPS)) as u32
}

fn frames(ms: u32) -> u32 {
    (u64::from(ms) * u64::from(FPS) / 1000) as u32
}

/// Looks at what the film's frames show.
pub fn look(shown: &Shown, expected: &Expectation<'_>, report: &mut MediaReport) {
    report.streams.decoded_frames = shown.frames;
    if shown.frames != report.streams.frames {
        let what = "the file breaks off or is damaged: frames that can be decoded";
        report.findings.push(fault(MediaCode::Unreadable, what, shown.frames, report.streams.frames));
    }
    blank(shown, expected, report);
    still(shown, expected, report);
    differs(shown, expected, report);
}

fn blank(shown: &Shown, expected: &Expectation<'_>, report: &mut MediaReport) {
    let policy = &expected.policy.frames;
    for blank in &shown.blank {
        let stretch = Stretch { start_ms: ms(blank.from), end_ms: ms(blank.to) };
        if stretch.ms() < policy.blank_ms {
            continue;
        }
        report.blank.push(stretch);
        let how = if blank.mean < 16 { "the picture is black" } else { "the picture shows nothing" };
        let finding = fault(
            MediaCode::BlankPicture,
            how,
            format!("{} ms", stretch.ms()),
            format!("less than {} ms", policy.blank_ms),
        );
        report.findings.push(at(finding, stretch.start_ms, expected));
    }
}

/// A picture may stand still for a while, and as long as it likes where nobody speaks; it may not stand still over a
/// turn, where another scene must come.
fn still(shown: &Shown, expected: &Expectation<'_>, report: &mut MediaReport) {
    if shown.frames == 0 {
        return;
    }
    let policy = &expected.policy.frames;
    // Where every frame differs from the one before it, each stands for its own time.
    let (from, to) = shown.still.iter().copied().max_by_key(|(from, to)| to - from).unwrap_or((0, 1));
    report.longest_still = Some(Stretch { start_ms: ms(from), end_ms: ms(to) });
    // As long as a scene takes to leave: nothing stands that long over a turn.
    let turn = frames(500);
    for (from, to) in shown.still.iter().copied() {
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
fn moves(expected: &Expectation<'_>, from: u32, to: u32) -> bool {
    let mut inside = expected.drawn.iter().filter(|drawn| (from..to).contains(&drawn.frame));
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

fn differs(shown: &Shown, expected: &Expectation<'_>, report: &mut MediaReport) {
    let policy = &expected.policy.frames;
    let mut since: Option<u32> = None;
    for drawn in expected.drawn {
        let Some(frame) = shown.frame(drawn.frame).filter(|frame| frame.len() == drawn.grey.len()) else {
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
            report.findings.push(at(finding, ms(drawn.frame), expected));
        }
        since = Some(drawn.frame);
    }
}
