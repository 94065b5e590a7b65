//! How colours look to people who see fewer of them, and how far two colours are apart for everybody.

use palette::{FromColor, IntoColor, LinSrgb, Oklab, Oklch, Srgb};

use super::Colour;

/// Kinds of colour vision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vision {
    /// All three cones.
    Normal,
    /// Without long-wave cones (about one man in a hundred).
    Protanopia,
    /// Without middle-wave cones (about one man in a hundred).
    Deuteranopia,
    /// Without short-wave cones (rare).
    Tritanopia,
}

impl Vision {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Protanopia, Self::Deuteranopia, Self::Tritanopia];

    /// Matrix on linear RGB: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color
    /// Vision Deficiency", IEEE TVCG 15(6), 2009, table for severity 1.0.
    const fn matrix(self) -> Option<[[f64; 3]; 3]> {
        match self {
            Self::Normal => None,
            Self::Protanopia => Some([
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ]),
            Self::Deuteranopia => Some([
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ]),
            Self::Tritanopia => Some([
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ]),
        }
    }

    fn sees(self, colour: Colour) -> LinSrgb<f64> {
        let linear: LinSrgb<f64> = Srgb::new(colour.r, colour.g, colour.b).into_linear();
        let Some(matrix) = self.matrix() else { return linear };
        let row = |row: [f64; 3]| (row[0] * linear.red + row[1] * linear.green + row[2] * linear.blue).clamp(0.0, 1.0);
        LinSrgb::new(row(matrix[0]), row(matrix[1]), row(matrix[2]))
    }

    /// The colour as this eye sees it.
    pub fn simulate(self, colour: Colour) -> Colour {
        let seen: Srgb<u8> = Srgb::from_linear(self.sees(colour));
        Colour { r: seen.red, g: seen.green, b: seen.blue }
    }
}

/// Euclidean distance in `OKLab` (Ottosson 2020) as an eye sees both colours: 0 the same, 1 black and white.
pub fn distance_for(vision: Vision, a: Colour, b: Colour) -> f64 {
    let lab = |colour| -> Oklab<f64> { vision.sees(colour).into_color() };
    let (a, b) = (lab(a), lab(b));
    ((a.l - b.l).powi(2) + (a.a - b.a).powi(2) + (a.b - b.b).powi(2)).sqrt()
}

/// The least distance of two colours over all kinds of vision.
pub fn distance(a: Colour, b: Colour) -> f64 {
    Vision::ALL.into_iter().map(|vision| distance_for(vision, a, b)).fold(f64::MAX, f64::min)
}

/// The colour with its lightness moved by `lighter` (−1–1) and its hue turned by `turn` degrees, in `OKLCh`, as
/// near as sRGB has it.
#[must_use]
pub fn shifted(colour: Colour, lighter: f64, turn: f64) -> Colour {
    let linear: LinSrgb<f64> = Srgb::new(colour.r, colour.g, colour.b).into_linear();
    let mut lch: Oklch<f64> = linear.into_color();
    lch.l = (lch.l + lighter).clamp(0.0, 1.0);
    lch.hue += turn;
    // Out of sRGB: less chroma until it is inside.
    for _ in 0..24 {
        let linear = LinSrgb::<f64>::from_color(lch);
        let inside = [linear.red, linear.green, linear.blue].iter().all(|part| (-0.001..=1.001).contains(part));
        if inside {
            break;
        }
        lch.chroma *= 0.9;
    }
    let linear = LinSrgb::<f64>::from_color(lch);
    let clamped = LinSrgb::new(linear.red.clamp(0.0, 1.0), linear.green.clamp(0.0, 1.0), linear.blue.clamp(0.0, 1.0));
    let rgb: Srgb<u8> = Srgb::from_linear(clamped);
    Colour { r: rgb.red, g: rgb.green, b: rgb.blue }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Colour = Colour { r: 214, g: 39, b: 40 };
    const GREEN: Colour = Colour { r: 44, g: 160, b: 44 };

    #[test]
    fn red_and_green_fall_together_for_those_who_lack_a_cone() {
        let normal = distance_for(Vision::Normal, RED, GREEN);
        let deutan = distance_for(Vision::Deuteranopia, RED, GREEN);
        assert!(normal > 0.25 && deutan < normal / 2.0, "{normal} {deutan}");
        assert!((distance(RED, GREEN) - deutan.min(distance_for(Vision::Protanopia, RED, GREEN))).abs() < 1e-12);
    }

    #[test]
    fn greys_look_the_same_to_everybody() {
        let grey = Colour { r: 120, g: 120, b: 120 };
        for vision in Vision::ALL {
            let seen = vision.simulate(grey);
            assert!([seen.r, seen.g, seen.b].iter().all(|part| part.abs_diff(120) <= 1), "{vision:?} {seen:?}");
        }
    }

    #[test]
    fn black_and_white_are_one_apart() {
        assert!((distance(Colour::BLACK, Colour::WHITE) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_shift_by_nothing_changes_nothing() {
        for colour in [RED, GREEN, Colour { r: 255, g: 176, b: 0 }] {
            let same = shifted(colour, 0.0, 0.0);
            assert!(colour.r.abs_diff(same.r) <= 1 && colour.g.abs_diff(same.g) <= 1 && colour.b.abs_diff(same.b) <= 1);
        }
    }
}
