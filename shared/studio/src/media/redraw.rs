//! Some frames of a piece of a scene drawn a second time, by themselves: what the film is compared with, and the texts it
//! must show.

use std::ops::Range;

use proofreel_model::policy::Media;
use serde::{Deserialize, Serialize};

use super::{Small, small};
use crate::FPS;
use crate::cut::Cut;
use crate::error::StudioError;
use crate::inscription::Inscription;
use crate::reel::Reel;
use crate::text::Typesetter;
use crate::theme::Theme;

/// The number of a frame, and every text in it.
pub type Written = (u32, Vec<Inscription>);

/// What was drawn again; frames are counted from the first of the scene.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Redrawn {
    /// Frames in small, in order.
    pub small: Vec<Small>,
    /// What is written in some of its frames.
    pub texts: Texts,
}

/// What is written in some frames of a scene.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Texts {
    /// Frames in which everything about them is looked at.
    pub looked_at: Vec<Written>,
    /// Frames of which only the numbers are read: texts may be on their way to their places.
    pub passing: Vec<Written>,
}

/// Of some frames of a scene, the numbers of those that are drawn again.
pub fn redrawn(cut: &Cut, frames: &Range<u32>, policy: &Media) -> Vec<u32> {
    let step = (policy.frames.compare_every_ms * FPS / 1000).max(1);
    // Half a step from the turn, so that short scenes are seen in their middle.
    let first = (step / 2).min(cut.frames() / 2);
    (first..cut.frames()).step_by(step as usize).filter(|frame| frames.contains(frame)).collect()
}

/// Of some frames of a scene, draws one every so often and reads its numbers, and reads all about the texts of those that are
/// looked at, as many a scene as the policy says.
pub fn redraw(
    cut: &Cut,
    frames: &Range<u32>,
    theme: &Theme,
    type_: Typesetter,
    policy: &Media,
) -> Result<Redrawn, StudioError> {
    let mut reel = Reel::of_cut(cut, theme, type_)?;
    let mut out = Redrawn::default();
    for frame in redrawn(cut, frames, policy) {
        out.small.push(small(frame, &reel.frame_rgb(frame)?));
        out.texts.passing.push((frame, reel.inscriptions(frame)?));
    }
    let looked_at = policy.drawing.looked_at;
    for n in 1..=looked_at {
        // Early, midway and late; the last one just before the scene leaves, with all it has to show.
        let share = f64::from(n) / f64::from(looked_at);
        let length = f64::from(cut.frames()) - f64::from(FPS) * 0.5;
        let frame = (length.max(0.0) * share) as u32;
        if frames.contains(&frame) {
            out.texts.looked_at.push((frame, reel.inscriptions(frame)?));
        }
    }
    Ok(out)
}
