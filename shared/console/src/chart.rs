//! A figure over a channel's films, as the numbers of an SVG picture.

/// Width of the picture.
pub const WIDTH: f64 = 320.0;
/// Height of the picture.
pub const HEIGHT: f64 = 96.0;
/// Room around the line.
const EDGE: f64 = 8.0;

/// A line with its usual band and the bound that is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// The newest value, in words.
    pub newest: String,
    /// What it is measured against, in words.
    pub against: String,
    /// Corners of the line, as `points` takes them; one list for each stretch without a gap.
    pub lines: Vec<String>,
    /// The single points.
    pub dots: Vec<(String, String)>,
    /// Top and height of the band.
    pub band: Option<(String, String)>,
    /// Height at which the bound lies.
    pub bound: Option<String>,
    /// Name and value of each film, oldest first.
    pub rows: Vec<(String, String)>,
}

/// Lays out values (oldest first, none where unknown) with a band and a bound in the same unit.
pub fn chart(
    title: &str,
    values: &[(String, Option<f64>)],
    band: Option<(f64, f64)>,
    bound: Option<f64>,
    worded: impl Fn(f64) -> String,
) -> Chart {
    let known = || values.iter().filter_map(|(_, value)| *value).filter(|value| value.is_finite());
    let all = || known().chain(band.iter().flat_map(|band| [band.0, band.1])).chain(bound);
    let (least, most) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let room = (most - least).max(f64::MIN_POSITIVE);
    let step = (WIDTH - 2.0 * EDGE) / (values.len().max(2) - 1) as f64;
    let x = |at: usize| EDGE + at as f64 * step;
    let y = |value: f64| HEIGHT - EDGE - ((value - least) / room).clamp(0.0, 1.0) * (HEIGHT - 2.0 * EDGE);
    let (mut lines, mut dots, mut line) = (Vec::new(), Vec::new(), Vec::new());
    for (at, (_, value)) in values.iter().enumerate() {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            let (cx, cy) = (format!("{:.1}", x(at)), format!("{:.1}", y(value)));
            line.push(format!("{cx},{cy}"));
            dots.push((cx, cy));
        } else if !line.is_empty() {
            lines.push(std::mem::take(&mut line).join(" "));
        }
    }
    if !line.is_empty() {
        lines.push(line.join(" "));
    }
    let against = match (band, bound) {
        (Some((low, high)), Some(bound)) => {
            format!("usual {} to {}, wanted {}", worded(low), worded(high), worded(bound))
        }
        (Some((low, high)), None) => format!("usual {} to {}", worded(low), worded(high)),
        (None, Some(bound)) => format!("wanted {}", worded(bound)),
        (None, None) => String::new(),
    };
    Chart {
        title: title.to_owned(),
        newest: known().next_back().map_or_else(|| "not known yet".into(), &worded),
        against,
        lines,
        dots,
        band: band.map(|(low, high)| (format!("{:.1}", y(high)), format!("{:.1}", (y(low) - y(high)).max(1.0)))),
        bound: bound.map(|bound| format!("{:.1}", y(bound))),
        rows: values
            .iter()
            .map(|(name, value)| (name.clone(), value.map_or_else(|| "unknown".into(), &worded)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_breaks_the_line_and_everything_stays_inside() {
        let values = [("a", Some(0.04)), ("b", None), ("c", Some(0.06)), ("d", Some(0.05))];
        let values: Vec<_> = values.map(|(name, value)| (name.to_owned(), value)).into();
        let chart = chart("CTR", &values, Some((0.045, 0.055)), Some(0.05), |value| format!("{:.1} %", value * 100.0));
        assert_eq!((chart.lines.len(), chart.dots.len(), chart.newest.as_str()), (2, 3, "5.0 %"));
        assert_eq!(chart.against, "usual 4.5 % to 5.5 %, wanted 5.0 %");
        assert_eq!(chart.rows[1].1, "unknown");
        let inside = |text: &str, most: f64| (0.0..=most).contains(&text.parse::<f64>().unwrap());
        assert!(chart.dots.iter().all(|(x, y)| inside(x, WIDTH) && inside(y, HEIGHT)));
        // The greater value lies higher.
        assert_eq!((chart.dots[0].1.as_str(), chart.dots[1].1.as_str()), ("88.0", "8.0"));
        let empty = super::chart("CTR", &[], None, None, |value| value.to_string());
        assert!(empty.lines.is_empty() && empty.newest == "not known yet");
    }
}
