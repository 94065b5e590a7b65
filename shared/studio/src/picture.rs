//! Pictures: one module for each kind of scene.
//!
//! A picture has a base that never changes, and a list of things over it at each time. Drawing is a pure function of
//! the time, so any frame can be drawn without those before it.

mod area;
mod bars;
mod base;
mod bracket;
mod columns;
mod comparison;
mod counter;
mod distribution;
mod dots;
mod events;
mod figure;
mod frame;
mod grid;
mod line;
mod list;
mod marks;
mod multiples;
mod pace;
mod parted;
mod pins;
mod plot;
mod quote;
mod ranking;
mod reader;
mod share;
mod slope;
mod title;

pub use base::{Base, Paper};
pub use frame::{Frame, Text};

use std::sync::Arc;

use proofreel_model::text::RichText;
use proofreel_model::visual::Visual;
use tiny_skia::Pixmap;

use crate::beats::Beats;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::inscription::{Inscription, read};
use crate::motion::{ease_out, opacity};
use crate::ops::Op;
use crate::photo::Photo;
use crate::text::Typesetter;
use crate::theme::Theme;

/// What a picture is made from.
#[derive(Clone, Copy, Debug)]
pub struct Shot<'a> {
    /// What to show.
    pub visual: &'a Visual,
    /// Source line at the foot; may be empty.
    pub source_line: &'a RichText,
    /// Short texts shown beside the picture, one after another.
    pub on_screen: &'a [RichText],
    /// When things are said.
    pub beats: &'a Beats,
    /// The look.
    pub theme: &'a Theme,
    /// The stock picture of a card that has one.
    pub photo: Option<&'a Photo>,
}

/// A drawable scene.
pub trait Picture {
    /// The part that never changes; opaque. It remembers the texts drawn on it.
    fn base(&self) -> &Base;

    /// Everything over the base at `t` seconds from the start of the scene, bottom first.
    fn ops(&mut self, t: f32, type_: &mut Typesetter) -> Vec<Op>;

    /// Every text seen at `t` seconds, those of the base first.
    fn texts(&mut self, t: f32, type_: &mut Typesetter) -> Vec<Inscription> {
        let ops = self.ops(t, type_);
        let base = self.base();
        base.written().iter().cloned().chain(read(&ops, base.ground())).collect()
    }
}

/// Makes the picture of a shot.
pub fn compose(shot: &Shot<'_>, type_: &mut Typesetter) -> Result<Box<dyn Picture>, StudioError> {
    if let Some(trace) =
        shot.visual.traces().into_iter().find(|trace| trace.points.is_empty() && shot.visual.is_chart())
    {
        return Err(fault(&format!("its line of {} has no points", trace.series.key())));
    }
    Ok(match shot.visual {
        Visual::Area { .. }
        | Visual::Columns { .. }
        | Visual::Distribution { .. }
        | Visual::Quote { .. }
        | Visual::Timeline { .. }
        | Visual::BeforeAfter { .. } => over_time(shot, type_)?,
        Visual::Slope { .. } | Visual::Share { .. } | Visual::SmallMultiples { .. } | Visual::DotPlot { .. } => {
            beside(shot, type_)?
        }
        Visual::Title { kicker, heading, backdrop, picture } => {
            if picture.is_some() && shot.photo.is_none() {
                return Err(fault("its stock picture is not at hand"));
            }
            let behind = title::Behind { trace: backdrop.as_ref(), picture: picture.as_ref() };
            Box::new(title::Title::new(shot, kicker, heading, behind, type_)?)
        }
        Visual::Line { traces, .. } if traces.iter().all(|trace| trace.points.is_empty()) => {
            return Err(fault("its lines have no points"));
        }
        Visual::Line { heading, traces, marks, log_scale, ranges } => {
            let told = line::Told { traces, marks, ranges, log: *log_scale };
            Box::new(line::Line::new(shot, heading, &told, type_)?)
        }
        Visual::Bars { bars, .. } if bars.is_empty() => return Err(fault("it has no bars")),
        Visual::Bars { heading, bars, .. } => Box::new(bars::Bars::new(shot, heading, bars, type_)?),
        Visual::Ranking { members, dates, .. } if members.is_empty() || dates.is_empty() => {
            return Err(fault("its ranking has no members or no dates"));
        }
        Visual::Ranking { heading, members, unit, frequency, dates, focus } => {
            let race = ranking::Race { members, unit, frequency: *frequency, dates, focus: *focus as usize };
            Box::new(ranking::Ranking::new(shot, heading, &race, type_)?)
        }
        Visual::Comparison { heading, left, right, delta } => {
            Box::new(comparison::Comparison::new(shot, heading, left, right, delta, type_)?)
        }
        Visual::BigNumber { heading, figure, fact, context, backdrop } => {
            let number = figure::Number { heading, figure, fact, context, backdrop: backdrop.as_ref() };
            Box::new(figure::BigNumber::new(shot, &number, type_)?)
        }
        Visual::Payoff { heading, points } => Box::new(list::Payoff::new(shot, heading, points, type_)?),
        Visual::End { heading, sources, small_print } => {
            Box::new(list::End::new(shot, heading, sources, small_print, type_)?)
        }
    })
}

/// Pictures of one stretch of time.
fn over_time(shot: &Shot<'_>, type_: &mut Typesetter) -> Result<Box<dyn Picture>, StudioError> {
    Ok(match shot.visual {
        Visual::Area { heading, traces, marks, ranges } => {
            Box::new(area::Areas::new(shot, heading, traces, (marks, ranges), type_)?)
        }
        Visual::Columns { heading, trace, marks, lit, ranges } => {
            Box::new(columns::Columns::new(shot, heading, &columns::Observed { trace, marks, lit, ranges }, type_)?)
        }
        Visual::Distribution { heading, trace, marks, average } => {
            let shown = (trace, marks.as_slice(), average.as_ref());
            Box::new(distribution::Distribution::new(shot, heading, shown, type_)?)
        }
        Visual::Quote { heading, quote, by, trace, marks, ranges } => {
            Box::new(quote::Quote::new(shot, heading, (&quote.text, by), (trace, marks, ranges), type_)?)
        }
        Visual::Timeline { heading, trace, bands, note, marks, ranges } => {
            let what = events::Stretches { trace, bands, note, marks, ranges };
            Box::new(events::Timeline::new(shot, heading, &what, type_)?)
        }
        Visual::BeforeAfter { heading, trace, at, event, before, after, marks } => {
            let what = parted::Parted { trace, at: *at, event, sides: [before, after], marks };
            Box::new(parted::BeforeAfter::new(shot, heading, &what, type_)?)
        }
        other => return Err(fault(&format!("{} is no picture of a stretch of time", other.kind()))),
    })
}

/// Pictures of things beside each other.
fn beside(shot: &Shot<'_>, type_: &mut Typesetter) -> Result<Box<dyn Picture>, StudioError> {
    Ok(match shot.visual {
        Visual::Slope { heading, members, unit, frequency, from, to, focus } if !members.is_empty() => {
            let (dates, focus) = ([*from, *to], *focus as usize);
            let two = slope::Two { members, unit, frequency: *frequency, dates, focus };
            Box::new(slope::Slope::new(shot, heading, &two, type_)?)
        }
        Visual::Share { heading, parts } if !parts.is_empty() => {
            Box::new(share::Share::new(shot, heading, parts, type_)?)
        }
        Visual::SmallMultiples { heading, traces, focus } if !traces.is_empty() => {
            Box::new(multiples::Multiples::new(shot, heading, (traces, *focus as usize), type_)?)
        }
        Visual::DotPlot { heading, members, unit, frequency, at, focus } if !members.is_empty() => {
            let scale = dots::Scale { members, unit, frequency: *frequency, at: *at, focus: *focus as usize };
            Box::new(dots::DotPlot::new(shot, heading, &scale, type_)?)
        }
        other => return Err(fault(&format!("its {} has nothing to show", other.kind()))),
    })
}

/// A scene that cannot be drawn.
fn fault(why: &str) -> StudioError {
    StudioError::BadScene { scene: String::new(), why: why.to_owned() }
}

/// A picture of the size of a theme in its background colour.
fn ground(theme: &Theme) -> Result<Base, StudioError> {
    let colour = theme.palette.background;
    crate::canvas::blank(theme.width, theme.height, colour)
        .map(|pixmap| Base::new(pixmap, colour))
        .ok_or_else(|| StudioError::BadScene { scene: String::new(), why: "its size is zero".into() })
}

/// A see-through sprite; at least one pixel wide and high.
fn sprite(width: f32, height: f32) -> Result<Pixmap, StudioError> {
    Pixmap::new(width.ceil().max(1.0) as u32, height.ceil().max(1.0) as u32)
        .ok_or_else(|| StudioError::BadScene { scene: String::new(), why: "a layer is too large".into() })
}

/// A dot with a ring that runs outwards from it, over and over, while its thing is being said: `phase` is the time since
/// that began, seconds.
fn voice(out: &mut Vec<Op>, centre: (f32, f32), radius: f32, colour: Colour, phase: f32, lit: f32) {
    const PERIOD: f32 = 1.2;
    if lit <= 0.0 {
        return;
    }
    let way = (phase.max(0.0) / PERIOD).fract();
    if phase > 0.0 {
        out.push(Op::Ring {
            centre,
            radius: radius * (1.2 + 1.6 * ease_out(way)),
            width: 3.0,
            colour,
            opacity: opacity(lit * (1.0 - way) * 0.9),
        });
    }
    out.push(Op::Disc { centre, radius, colour, opacity: opacity(lit) });
}

fn shared(pixmap: Pixmap) -> crate::ops::Sprite {
    crate::ops::Sprite(Arc::new(pixmap))
}

#[cfg(test)]
mod tests;
