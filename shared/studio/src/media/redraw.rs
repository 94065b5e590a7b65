//! Some frames drawn a second time, by themselves: what the film is compared with, and the texts it must show.

use super::drawn::Seen;
use super::{Small, small};
use crate::FPS;
use crate::error::StudioError;
use crate::reel::{Material, Reel};
use crate::text::Typesetter;

/// What was drawn again.
#[derive(Clone, Debug)]
pub struct Redrawn<'a> {
    /// Frames in small, in order.
    pub small: Vec<Small>,
    /// Texts, scene by scene.
    pub seen: Vec<Seen<'a>>,
}

/// Draws a frame every `every_ms` milliseconds and reads its numbers, and reads all about the texts of `looked_at` frames of
/// each scene.
pub fn redraw(
    material: Material<'_>,
    type_: Typesetter,
    every_ms: u32,
    looked_at: u32,
) -> Result<Redrawn<'_>, StudioError> {
    let step = (every_ms * FPS / 1000).max(1);
    let mut reel = Reel::new(material, type_)?;
    let mut out = Redrawn { small: Vec::new(), seen: Vec::new() };
    let scenes = material.scenes.scenes.iter().zip(&material.script.scenes);
    for (span, (scene, words)) in material.timeline.scenes.iter().zip(scenes) {
        // Half a step from the turn, so that short scenes are seen in their middle.
        let first = span.frames.start + (step / 2).min((span.frames.end - span.frames.start) / 2);
        let mut passing = Vec::new();
        for frame in (first..span.frames.end).step_by(step as usize) {
            out.small.push(small(frame, &reel.frame_rgb(frame)?));
            passing.push((frame * 1000 / FPS, reel.inscriptions(frame)?));
        }
        let mut frames = Vec::new();
        for n in 1..=looked_at {
            // Early, midway and late; the last one just before the scene leaves, with all it has to show.
            let share = f64::from(n) / f64::from(looked_at);
            let length = f64::from(span.frames.end - span.frames.start) - f64::from(FPS) * 0.5;
            let frame = span.frames.start + (length.max(0.0) * share) as u32;
            frames.push((frame * 1000 / FPS, reel.inscriptions(frame)?));
        }
        out.seen.push(Seen { scene, words, frames, passing });
    }
    Ok(out)
}
