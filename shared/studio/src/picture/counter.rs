//! A counter: the observation under a moving head, as the source has it. Between two observations it keeps the
//! earlier one: no number is shown that no row holds.

use proofreel_model::display::{Precision, screen, screen_date};
use proofreel_model::visual::Trace;

use super::frame::Text;
use crate::beats::Beats;
use crate::geometry::Area;
use crate::inscription::Role;
use crate::ops::Op;
use crate::text::{TextStyle, Typesetter, Weight, ink};
use crate::theme::Theme;

/// How far a counter has stepped back at `t`, 0–1: while a fact is said, for only that is lit. It steps back in colour and
/// not in opacity: its numbers go on, and whoever reads them must be able to.
pub fn aside(beats: &Beats, t: f32) -> f32 {
    beats.loudest(t)
}

/// Value and date of the observation under a head.
pub struct Counter {
    /// What is written for each observation: value and date.
    readings: Vec<(String, String)>,
    value: TextStyle,
    date: TextStyle,
    /// Where it stands.
    area: Area,
    /// Its texts end at the right edge; else they begin at the left one, side by side.
    at_right: bool,
    theme: Theme,
}

impl Counter {
    /// The counter of a trace. It has no place yet.
    pub fn new(trace: &Trace, theme: &Theme) -> Self {
        let readings = trace
            .points
            .iter()
            .map(|point| {
                (screen(point.value, &trace.unit, Precision::Observed), screen_date(point.date, trace.frequency))
            })
            .collect();
        let size = theme.scale.heading * 1.1;
        Self {
            readings,
            value: TextStyle::display(size, Weight::Bold).tabular().role(Role::Figure),
            date: TextStyle::new(theme.scale.label, Weight::Medium).tabular().role(Role::Figure),
            area: Area::default(),
            at_right: !theme.is_portrait(),
            theme: theme.clone(),
        }
    }

    /// Width and height that any of its readings needs; long ones are set smaller, so that the heading keeps its room.
    pub fn size(&mut self, type_: &mut Typesetter) -> (f32, f32) {
        let room = self.theme.safe.w * if self.at_right { 0.4 } else { 1.0 };
        let (wide, high) = self.extent(type_);
        if wide <= room {
            return (wide, high);
        }
        let share = room / wide;
        self.value.size = (self.value.size * share).max(self.theme.least_size());
        self.date.size = (self.date.size * share).max(self.theme.least_size());
        self.extent(type_)
    }

    /// Width and height that any of its readings needs as it is set.
    fn extent(&self, type_: &mut Typesetter) -> (f32, f32) {
        let widest = |texts: Vec<&String>, style: &TextStyle, type_: &mut Typesetter| {
            let longest = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
            // Figures are of equal width; a few of the longest texts stand for all.
            let mut long: Vec<&&String> = texts.iter().filter(|text| text.chars().count() + 1 >= longest).collect();
            long.dedup();
            let step = (long.len() / 24).max(1);
            long.iter().step_by(step).map(|text| type_.set(&ink(text.as_str()), style, None).width).fold(0.0, f32::max)
        };
        let value = widest(self.readings.iter().map(|(value, _)| value).collect(), &self.value, type_) + 4.0;
        let date = widest(self.readings.iter().map(|(_, date)| date).collect(), &self.date, type_) + 4.0;
        let high = self.value.size * self.value.leading;
        if self.at_right {
            (value.max(date), high + self.date.size * self.date.leading)
        } else {
            (value + 28.0 + date, high)
        }
    }

    /// Puts it into a place of its size.
    pub fn stand(&mut self, area: Area) {
        self.area = area;
    }

    /// Shows the observation with this number, with this opacity and so far stepped `back`, 0–1: wholly, its value has the
    /// muted colour of its date.
    pub fn ops(&self, reading: usize, (opacity, back): (u8, f32), type_: &mut Typesetter, out: &mut Vec<Op>) {
        let Some((value, date)) = self.readings.get(reading) else { return };
        let palette = &self.theme.palette;
        let value = type_.set(&ink(value.as_str()), &self.value, None);
        let date = type_.set(&ink(date.as_str()), &self.date, None);
        let (area, high) = (self.area, value.height);
        let (value_x, date_x, date_y) = if self.at_right {
            (area.right() - value.width, area.right() - date.width, area.y + high)
        } else {
            // On the line of the value, letters on one base.
            (area.x, area.x + value.width + 28.0, area.y + value.baseline - date.baseline)
        };
        let colour = palette.ink.towards(palette.muted, back);
        out.push(Text::plain(value, value_x, area.y, colour).op(opacity, 0.0));
        out.push(Text::plain(date, date_x, date_y, palette.muted).op(opacity, 0.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inscription::read;
    use crate::samples::{sentence, span_of, trace, typesetter};
    use proofreel_model::channel::Look;
    use proofreel_model::film::Format;
    use proofreel_model::ids::FactId;
    use proofreel_model::policy::themes;

    #[test]
    fn a_counter_steps_back_while_any_number_is_said_and_comes_back_after_it() {
        let narration = [
            sentence("It begins with a sentence that tells ", &[("f001", "27.1 percent")], " of it."),
            sentence("What follows is long and has no number in it, so that nothing is said aloud here.", &[], ""),
        ];
        let beats = Beats::of(&span_of("s01", &narration, 0.4), &narration);
        let said = beats.first(&FactId::from("f001")).expect("said");
        let seen = [said - 1.0, said + 0.1, said + 0.6, beats.seconds - 1.0].map(|t| aside(&beats, t));
        let near = seen.iter().zip([0.0, 1.0, 1.0, 0.0]).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(near, "{seen:?}");
        assert_eq!(aside(&Beats::silent(9.0), 4.0), 0.0);
    }

    #[test]
    fn a_counter_that_has_stepped_back_is_another_colour_and_can_be_read_in_every_theme() {
        let (trace, mut type_) = (trace("Gold", 24, |n| 80.0 + n as f64), typesetter());
        for name in ["night", "paper", "ink", "chalk"] {
            let theme = Theme::new(&Look::of(name), Format::Landscape, false, "").expect("theme");
            let counter = Counter::new(&trace, &theme);
            let mut value_inks = Vec::new();
            for back in [0.0, 0.5, 1.0] {
                let mut ops = Vec::new();
                counter.ops(3, (255, back), &mut type_, &mut ops);
                let texts = read(&ops, theme.palette.background);
                value_inks.push(texts[0].ink);
                for text in &texts {
                    let contrast = text.ink.contrast(theme.palette.background);
                    let can_be_read = contrast >= themes().checks.text_contrast && text.opacity == 255;
                    assert!(can_be_read, "{name} {back} `{}`: {contrast}", text.text);
                }
            }
            assert!(value_inks[0] != value_inks[2] && value_inks[1] != value_inks[2], "{name}: {value_inks:?}");
        }
    }

    #[test]
    fn every_reading_is_a_row_and_fits_its_place() {
        let trace = trace("Gold", 240, |n| 80.0 * 1.02f64.powi(n as i32));
        for format in [Format::Landscape, Format::Portrait] {
            let theme = Theme::new(&Look::default(), format, false, "").expect("theme");
            let (mut counter, mut type_) = (Counter::new(&trace, &theme), typesetter());
            let (w, h) = counter.size(&mut type_);
            let place = Area::new(100.0, 100.0, w, h);
            counter.stand(place);
            for n in 0..240 {
                let mut ops = Vec::new();
                counter.ops(n, (255, 0.0), &mut type_, &mut ops);
                let texts = read(&ops, theme.palette.background);
                assert_eq!(texts[0].text, screen(trace.points[n].value, &trace.unit, Precision::Observed));
                assert!(texts.iter().all(|text| place.grown(2.0).holds(text.area)), "{format:?} {n}: {texts:?}");
                assert!(!texts[0].letters().overlaps(texts[1].letters()));
            }
        }
    }
}
