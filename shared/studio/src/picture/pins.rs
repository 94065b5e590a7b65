//! Labelled points: a dot, its words where they hide nothing, and light while the fact is spoken of.

use proofreel_model::ids::FactId;
use proofreel_model::visual::Mark;

use super::bracket::opening;
use super::frame::Text;
use super::marks::{Field, tie, words};
use super::{Shot, voice};
use crate::beats::Beats;
use crate::colour::Colour;
use crate::geometry::Area;
use crate::motion::{arrive, between, opacity};
use crate::ops::Op;
use crate::text::{TextStyle, Typesetter, Weight};
use crate::theme::Theme;

/// Where a mark lies, in which colour, and when the picture has got there.
pub(super) struct Spot {
    /// The point.
    pub centre: (f32, f32),
    /// Its colour.
    pub colour: Colour,
    /// Not before this time, seconds.
    pub there: f32,
}

/// A labelled point.
pub(super) struct Pin {
    centre: (f32, f32),
    colour: Colour,
    fact: FactId,
    label: Option<Text>,
    at: f32,
}

/// How long a point and its words take to come, seconds.
pub(super) const ARRIVES: f32 = 0.45;

/// The places of what is written at points at `t`.
pub(super) fn openings(pins: &[Pin], t: f32) -> Vec<Area> {
    pins.iter().filter_map(|pin| pin.opening(t)).collect()
}

/// The points at `t`. All leaders come first, so that the plates of other labels lie over those that pass there.
pub(super) fn draw(pins: &[Pin], t: f32, beats: &Beats, theme: &Theme, out: &mut Vec<Op>) {
    out.extend(pins.iter().filter_map(|pin| pin.leader(t, theme)));
    for pin in pins {
        pin.ops(t, beats.emphasis(&pin.fact, t), theme, out);
    }
}

/// Labels for marks at spots: inside `bounds`, off `taken`, and where they can be off the lines.
pub(super) fn pins(
    marks: &[Mark],
    spots: &[Spot],
    paths: &[Vec<(f32, f32)>],
    (bounds, taken): (Area, &[Area]),
    shot: &Shot<'_>,
    type_: &mut Typesetter,
) -> Vec<Pin> {
    let theme = shot.theme;
    let mut blocked: Vec<Area> = taken.to_vec();
    blocked.extend(spots.iter().map(|spot| Area::new(spot.centre.0 - 12.0, spot.centre.1 - 12.0, 24.0, 24.0)));
    let mut field = Field { bounds, paths, taken: blocked };
    let style = TextStyle { leading: 1.18, ..TextStyle::new(theme.scale.label, Weight::SemiBold) };
    let mut out = Vec::new();
    for (mark, spot) in marks.iter().zip(spots) {
        let label = words(&mark.label, spot.centre, &style, &mut field, theme, type_);
        let at = shot.beats.first(&mark.fact).map_or(spot.there, |spoken| spot.there.max(spoken - 0.3));
        let at = at.min(shot.beats.seconds - 0.5);
        out.push(Pin { centre: spot.centre, colour: spot.colour, fact: mark.fact.clone(), label, at });
    }
    out
}

impl Pin {
    /// Its fact.
    pub(super) fn fact(&self) -> &FactId {
        &self.fact
    }

    /// The place of its words, as far as they are there at `t`.
    fn opening(&self, t: f32) -> Option<Area> {
        opening(self.label.as_ref()?.area(), arrive(t, self.at, ARRIVES))
    }

    /// The thin stroke from its words to the point, where these stand far from it.
    fn leader(&self, t: f32, theme: &Theme) -> Option<Op> {
        tie(self.label.as_ref()?, self.centre, arrive(t, self.at, ARRIVES), theme)
    }

    /// The point at `t`, `lit` from 0 to 1.
    fn ops(&self, t: f32, lit: f32, theme: &Theme, out: &mut Vec<Op>) {
        let share = arrive(t, self.at, ARRIVES);
        if share <= 0.0 {
            return;
        }
        let palette = &theme.palette;
        if let Some(label) = &self.label {
            let area = label.area();
            let plate = Area::new(area.x - 8.0, area.y - 2.0, area.w + 16.0, area.h + 4.0);
            out.push(Op::Round {
                area: plate,
                radius: 10.0,
                colour: palette.background,
                opacity: opacity(share * 0.72),
            });
            let colour = palette.ink.towards(self.colour.readable_on(palette.background, 4.5), lit);
            out.push(Text { ink: colour, accent: colour, ..label.clone() }.op(opacity(share), (1.0 - share) * 12.0));
        }
        let (centre, colour) = (self.centre, self.colour);
        out.push(Op::Disc { centre, radius: 11.0 * share, colour: palette.background, opacity: 255 });
        out.push(Op::Disc { centre, radius: 8.5 * share, colour, opacity: opacity(share) });
        // While the point is spoken of it sounds.
        voice(out, centre, between(8.5, 12.0, lit), colour, t - self.at, lit);
    }
}
