//! Where the marks of a chart lie; whoever shows it (the HTML page, the console) writes them into its own SVG.

use super::Chart;

/// Width of the picture.
pub const WIDTH: f64 = 340.0;
/// Height of the picture.
pub const HEIGHT: f64 = 110.0;
/// Room for the scale on the left, and for the days below.
const LEFT: f64 = 52.0;
const BELOW: f64 = 18.0;
const EDGE: f64 = 8.0;

/// A chart laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Corners of the line, one list for each stretch without a gap.
    pub lines: Vec<String>,
    /// The single points.
    pub dots: Vec<(String, String)>,
    /// Top and height of the band.
    pub band: Option<(String, String)>,
    /// Where the highest and the lowest value lie.
    pub scale: (String, String),
    /// Left and right end of what is drawn.
    pub sides: (String, String),
}

/// Lowest and highest of values and band; 0 and 0 of none.
pub(super) fn ends(points: &[Option<f64>], band: Option<(f64, f64)>) -> (f64, f64) {
    let all = || points.iter().flatten().copied().chain(band.iter().flat_map(|band| [band.0, band.1]));
    let (least, most) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    if least <= most { (least, most) } else { (0.0, 0.0) }
}

impl Drawn {
    /// Lays a chart out.
    pub fn of(chart: &Chart) -> Self {
        let (least, most) = ends(&chart.points, chart.band);
        let room = (most - least).max(f64::MIN_POSITIVE);
        let (top, bottom) = (EDGE, HEIGHT - BELOW - EDGE);
        let step = (WIDTH - LEFT - EDGE) / (chart.points.len().max(2) - 1) as f64;
        let x = |at: usize| format!("{:.1}", LEFT + at as f64 * step);
        let y = |value: f64| bottom - ((value - least) / room).clamp(0.0, 1.0) * (bottom - top);
        let (mut lines, mut line, mut dots) = (Vec::new(), Vec::new(), Vec::new());
        for (at, value) in chart.points.iter().enumerate() {
            if let Some(value) = value.filter(|value| value.is_finite()) {
                let (cx, cy) = (x(at), format!("{:.1}", y(value)));
                line.push(format!("{cx},{cy}"));
                dots.push((cx, cy));
            } else if !line.is_empty() {
                lines.push(std::mem::take(&mut line).join(" "));
            }
        }
        if !line.is_empty() {
            lines.push(line.join(" "));
        }
        Self {
            lines,
            dots,
            band: chart
                .band
                .map(|(low, high)| (format!("{:.1}", y(high)), format!("{:.1}", (y(low) - y(high)).max(1.0)))),
            scale: (format!("{:.1}", top + 4.0), format!("{:.1}", bottom + 4.0)),
            sides: (format!("{LEFT:.1}"), format!("{:.1}", WIDTH - LEFT - EDGE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_breaks_the_line_and_the_highest_lies_highest() {
        let points = vec![Some(0.04), None, Some(0.06), Some(0.05)];
        let span = ("2026-09-01".to_owned(), "2026-11-01".to_owned());
        let chart = Chart::of("CTR", points, Some((0.045, 0.055)), span, |value| format!("{:.1} %", value * 100.0));
        assert_eq!((chart.newest.as_str(), chart.scale), ("5.0 %", ("4.0 %".to_owned(), "6.0 %".to_owned())));
        let chart = Chart::of("CTR", chart.points, chart.band, chart.span, |value| value.to_string());
        let drawn = Drawn::of(&chart);
        assert_eq!((drawn.lines.len(), drawn.dots.len()), (2, 3));
        let height = |at: usize| drawn.dots[at].1.parse::<f64>().unwrap();
        assert!(height(1) < height(2) && height(2) < height(0) && height(0) <= HEIGHT - BELOW);
        assert!(Drawn::of(&Chart::default()).lines.is_empty());
    }
}
