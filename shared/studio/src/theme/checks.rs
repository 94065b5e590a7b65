//! What a palette is held to, measured: contrast after WCAG 2.2, distance for every kind of colour vision.

use proofreel_model::policy::themes;

use super::Palette;
use crate::colour::vision::distance;

/// Two colours that are too close.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What is drawn on what, or beside what.
    pub pair: String,
    /// Contrast ratio or `OKLab` distance.
    pub found: f64,
    /// What the law demands.
    pub least: f64,
}

/// Every pair of colours that pictures use and that is below the law; empty for a palette that may be drawn.
pub fn faults(palette: &Palette) -> Vec<Fault> {
    let checks = &themes().checks;
    let mut pairs: Vec<(String, f64, f64)> = Vec::new();
    let grounds = [("background", palette.background), ("surface", palette.surface)];
    for (ground_name, ground) in grounds {
        for (name, colour, least) in [
            ("ink", palette.ink, checks.ink_contrast),
            ("muted", palette.muted, checks.text_contrast),
            ("accent", palette.accent, checks.text_contrast),
            ("contrast", palette.contrast, checks.mark_contrast),
            ("positive", palette.positive, checks.text_contrast),
            ("negative", palette.negative, checks.text_contrast),
        ] {
            pairs.push((format!("{name} on {ground_name}"), colour.contrast(ground), least));
        }
    }
    // Badges are ink on the grid colour; figures on filled marks are set in `text_on`.
    pairs.push(("ink on grid".into(), palette.ink.contrast(palette.grid), checks.text_contrast));
    let mut filled = vec![
        ("accent", palette.accent),
        ("contrast", palette.contrast),
        ("positive", palette.positive),
        ("negative", palette.negative),
    ];
    filled.extend(palette.series.iter().map(|colour| ("series", *colour)));
    for (name, ground) in filled {
        let ratio = palette.text_on(ground).contrast(ground);
        pairs.push((format!("text on {name} {}", ground.hex()), ratio, checks.text_contrast));
    }
    for (n, colour) in palette.series.iter().enumerate() {
        let ratio = colour.contrast(palette.background);
        pairs.push((format!("series {} on background", n + 1), ratio, checks.mark_contrast));
        for (m, other) in palette.series.iter().enumerate().take(n) {
            let least = if n < checks.few_series { checks.few_distance } else { checks.series_distance };
            pairs.push((format!("series {} beside series {}", m + 1, n + 1), distance(*colour, *other), least));
        }
    }
    let apart = [
        ("accent beside ink", palette.accent, palette.ink),
        ("accent beside contrast", palette.accent, palette.contrast),
        ("positive beside negative", palette.positive, palette.negative),
    ];
    for (name, a, b) in apart {
        pairs.push((name.into(), distance(a, b), checks.pair_distance));
    }
    pairs
        .into_iter()
        .filter(|(_, found, least)| found < least)
        .map(|(pair, found, least)| Fault { pair, found, least })
        .collect()
}
