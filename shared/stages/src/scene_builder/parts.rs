//! Parts of pictures: bars, marks and the stretch of time around two facts.

use jiff::civil::Date;
use proofreel_model::display::dates;
use proofreel_model::fact::Fact;
use proofreel_model::policy::law;
use proofreel_model::series::{Frequency, SeriesInfo};
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::visual::{Bar, Mark, Trace, Visual};

use super::cards::cited;
use super::stretches::style_of;
use crate::prose::Bound;
use crate::prose::even::even;

/// Largest over smallest value from which a line needs a logarithmic axis to show its early years.
const LOG_SPAN: f64 = 20.0;

pub(super) fn short(info: &SeriesInfo) -> Span {
    Span { text: info.name.short.clone(), cite: Some(Cite::Series { series: info.series.clone() }) }
}

/// A rate near zero is no growth story, whatever its ratio.
pub(super) fn needs_log(trace: &Trace) -> bool {
    let points = &trace.points;
    if trace.unit.is_percent() {
        return false;
    }
    let least = points.iter().map(|point| point.value).fold(f64::INFINITY, f64::min);
    let most = points.iter().map(|point| point.value).fold(0.0, f64::max);
    least > 0.0 && most / least > LOG_SPAN
}

/// Facts to mark with the date of their point.
pub(super) fn marked<'f>(bound: &Bound<'f>, roles: &[&str]) -> Vec<(&'f Fact, Date)> {
    roles.iter().filter_map(|role| bound.fact(role)).filter_map(|fact| Some((fact, dates(&fact.formula).0?))).collect()
}

/// Labelled points; each on the trace of its own series, at one of its points. Levels of one unit share a precision.
pub(super) fn marks(traces: &[&Trace], marked: &[(&Fact, Date)], bound: &Bound<'_>) -> Vec<Mark> {
    let mut out: Vec<Mark> = Vec::new();
    for (fact, date) in marked {
        let own = crate::research::series_of(&fact.formula);
        let Some(at) = traces.iter().position(|trace| own.first() == Some(&&trace.series)) else { continue };
        let drawn = traces[at].points.iter().any(|point| point.date == *date);
        if !drawn || out.iter().any(|mark| mark.date == *date && mark.trace as usize == at) {
            continue;
        }
        let span = |part, style| {
            let text = proofreel_model::display::cite(fact, part, style)?;
            Some(Span { text, cite: Some(Cite::Fact { fact: fact.id.clone(), part, style }) })
        };
        let (Some(value), Some(when)) = (span(Part::Value, Style::Screen), span(Part::At, Style::Screen)) else {
            continue;
        };
        let label = RichText(vec![value, Span { text: " · ".into(), cite: None }, when]);
        out.push(Mark { trace: u32::try_from(at).unwrap_or(0), date: *date, label, fact: fact.id.clone() });
    }
    even(out.iter_mut().flat_map(|mark| &mut mark.label.0), bound);
    out
}

/// One in so many of its days is shown after a fall and its way back, for scale.
const AFTER: i64 = 60;

/// Days of ten years: at least so much of a yearly record is shown.
const DECADE: i64 = 3_653;

/// The stretch between two facts, with some of the line before and after it for scale. A fall that was made good is shown
/// up to where it was, for that is told of it.
pub(crate) fn around(bound: &Bound<'_>, from: &str, to: &str) -> Option<(Date, Date)> {
    let start = dates(&bound.fact(from)?.formula).0?;
    let end = dates(&bound.fact(to)?.formula).0?;
    let info = bound.info(0, None)?;
    let days = i64::from(end.since(start).ok()?.get_days()).max(1);
    let margin = jiff::Span::new().days(surroundings(days, info.frequency));
    let first = start.checked_sub(margin).unwrap_or(info.first).max(info.first);
    let last = end.checked_add(margin).unwrap_or(info.last);
    let made_good = to.strip_suffix("trough").and_then(|of| way_back(bound, &format!("{of}recovery"), start));
    Some((first, made_good.map_or(last, |back| back.max(last)).min(info.last)))
}

/// Days that are shown before a stretch of so many days, and after it, as far as the record goes.
fn surroundings(days: i64, frequency: Frequency) -> i64 {
    // A short stretch needs more of its surroundings to be understood.
    let usual = if days < 800 { days * 2 } else { days / 5 };
    // Three yearly points are no line.
    if frequency == Frequency::Annual { usual.max(DECADE - days) } else { usual }
}

/// A little after the day on which a fall that began at `start` was made good.
fn way_back(bound: &Bound<'_>, recovery: &str, start: Date) -> Option<Date> {
    let back = dates(&bound.fact(recovery)?.formula).0?;
    let days = i64::from(back.since(start).ok()?.get_days());
    back.checked_add(jiff::Span::new().days(days / AFTER)).ok()
}

pub(super) fn bar(bound: &Bound<'_>, role: &str, emphasis: bool) -> Option<Bar> {
    let fact = bound.fact(role)?;
    let figure = RichText(vec![cited(bound, role, Part::Value, style_of(fact))?]);
    let named = |n: usize| bound.info(n, None).map(|info| RichText(vec![short(info)]));
    let label = match role {
        "average" if fact.missing > 0 => RichText::plain("Long average, gaps left out"),
        "average" => RichText::plain("Long average"),
        "typical" if fact.missing > 0 => RichText::plain("Typical yearly move, gaps left out"),
        "typical" => RichText::plain("Typical yearly move"),
        "leader" | "fastest" | "first_change" | "first_latest" => named(0)?,
        "second" | "slowest" | "second_change" | "second_latest" => named(1)?,
        "first_move" | "second_move" => {
            // A label stands alone: "The oil embargo recession, 1973 to 1975".
            let name = &law().crises.of(&fact.formula, fact.frequency)?.name;
            let first: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
            let plain = |text: String| Span { text, cite: None };
            let year = |part| cited(bound, role, part, Style::Year);
            let (from, to) = (year(Part::From)?, year(Part::To)?);
            let mut label = vec![plain(first + name.get(1..).unwrap_or_default() + ", ")];
            if from.text != to.text {
                label.extend([from, plain(" to ".into())]);
            }
            label.push(to);
            RichText(label)
        }
        "unlagged" => RichText::plain("At the same time"),
        "correlation" => RichText(vec![
            Span { text: "Shifted by ".into(), cite: None },
            cited(bound, "lag", Part::Value, Style::Screen)?,
        ]),
        "nominal" => RichText::plain("In plain money"),
        "real" => RichText::plain("After inflation"),
        "prices" => RichText::plain("Consumer prices"),
        "change" => {
            RichText(vec![Span { text: "Year to ".into(), cite: None }, cited(bound, role, Part::To, Style::Screen)?])
        }
        _ => RichText(vec![cited(bound, role, Part::At, Style::Screen)?]),
    };
    Some(Bar { label, figure, value: fact.value, fact: fact.id.clone(), emphasis })
}

pub(super) fn comparison(
    bound: &Bound<'_>,
    heading: &RichText,
    left: &str,
    right: &str,
    delta: &str,
) -> Option<Visual> {
    let unit = |role: &str| bound.fact(role).map(|fact| &fact.unit);
    if unit(left)? != unit(right)? || bound.value(left) < 0.0 || bound.value(right) < 0.0 {
        return None;
    }
    let change = if delta.is_empty() {
        vec![Span { text: "then and now".into(), cite: None }]
    } else if delta == "drawdown" {
        // In points the fall carries its sign; in percent it is counted as a positive fall.
        let signed = bound.value(delta) < 0.0;
        let mut spans = vec![cited(bound, delta, Part::Value, Style::Screen)?];
        spans.extend((!signed).then(|| Span { text: " lower".into(), cite: None }));
        spans
    } else {
        vec![cited(bound, delta, Part::Value, Style::Signed)?]
    };
    let (mut left, mut right) = (bar(bound, left, false)?, bar(bound, right, true)?);
    even(left.figure.0.iter_mut().chain(&mut right.figure.0), bound);
    Some(Visual::Comparison { heading: heading.clone(), left, right, delta: RichText(change) })
}

/// Bars of one unit; negative bars would need an axis that this picture does not have, and a bar that is hardly there
/// beside the longest shows nothing.
pub(super) fn bars(bound: &Bound<'_>, heading: &RichText, roles: &[&str]) -> Option<Visual> {
    let unit = bound.fact(roles.first()?)?.unit.clone();
    let fits = |role: &&&str| bound.fact(role).is_some_and(|fact| fact.unit == unit && fact.value > 0.0);
    if roles.iter().filter(fits).count() != roles.len() {
        return None;
    }
    let values = || roles.iter().map(|role| bound.value(role));
    let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    if least < most * law().episode.least_bar {
        return None;
    }
    let last = roles.len() - 1;
    let emphasised = |n: usize, role: &str| {
        if matches!(role, "leader" | "second" | "fastest" | "slowest" | "first_change" | "second_change") {
            n == 0
        } else {
            n == last
        }
    };
    let bars: Option<Vec<Bar>> =
        roles.iter().enumerate().map(|(n, role)| bar(bound, role, emphasised(n, role))).collect();
    let mut bars = bars?;
    even(bars.iter_mut().flat_map(|bar| &mut bar.figure.0), bound);
    Some(Visual::Bars { heading: heading.clone(), bars, unit })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proofreel_model::fact::Formula;
    use proofreel_model::finding::FindingKind;
    use proofreel_model::visual::TracePoint;

    use super::super::moments::as_long;
    use super::super::stretches::moves;
    use super::*;
    use crate::prose::Evidence;
    use crate::prose::tests::{Subject, finding};

    #[test]
    fn a_fall_is_shown_up_to_where_it_was_made_good_and_its_marks_share_a_precision() {
        let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
        let (finding, mut facts, infos) = finding(FindingKind::WorstFall, subject, 256.0, 675.31, 2);
        let (peak, bottom, back) = (date(1980, 1, 1), date(1999, 7, 1), date(2007, 4, 1));
        for (role, id) in &finding.roles {
            let fact = facts.iter_mut().find(|fact| &fact.id == id).unwrap();
            match (&mut fact.formula, role.as_str()) {
                (Formula::Value { at, .. }, "peak") => *at = peak,
                (Formula::Value { at, .. }, _) => *at = bottom,
                (Formula::Elapsed { from, to, .. }, "recovery") => (*from, *to) = (bottom, back),
                (Formula::Elapsed { from, to, .. } | Formula::Drawdown { from, to, .. }, _) => {
                    (*from, *to) = (peak, bottom);
                }
                _ => {}
            }
        }
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&finding, evidence).unwrap();
        let (first, last) = around(&bound, "peak", "trough").unwrap();
        assert!(first < peak && last > back && last < date(2008, 6, 1), "{first} to {last}");
        // The same among joined claims, whose roles are prefixed.
        let finding = proofreel_model::finding::Finding {
            roles: finding.roles.iter().map(|(role, id)| (format!("worst.{role}"), id.clone())).collect(),
            ..finding.clone()
        };
        let joined = Bound::finding(&finding, evidence).unwrap();
        assert_eq!(around(&joined, "worst.peak", "worst.trough"), Some((first, last)));
        // Both the fall and its way back are stretches of the line, and so is the time that the fall took.
        let mut told: Vec<(Date, Date)> = moves(&bound).into_iter().map(|(_, from, to)| (from, to)).collect();
        told.sort();
        assert_eq!(told, [(peak, bottom), (peak, bottom), (bottom, back)]);
        let point = |date, value| TracePoint { date, value, row: 1 };
        let trace = Trace {
            series: infos[0].series.clone(),
            label: RichText::plain("Tin price"),
            unit: infos[0].unit.clone(),
            frequency: infos[0].frequency,
            points: vec![point(peak, 675.31), point(bottom, 256.0)],
        };
        let marks = marks(&[&trace], &marked(&bound, &["peak", "trough"]), &bound);
        let labels: Vec<String> = marks.iter().map(|mark| mark.label.text()).collect();
        assert_eq!(labels, ["$675.31 · Jan 1980", "$256.00 · Jul 1999"]);
    }

    #[test]
    fn a_year_of_a_yearly_record_is_shown_among_ten() {
        assert_eq!([31, 365, 1000].map(|days| surroundings(days, Frequency::Monthly)), [62, 730, 200]);
        assert_eq!([365, 3_288, 7_300].map(|days| surroundings(days, Frequency::Annual)), [3_288, 657, 1_460]);
    }

    /// What the bars of a finding are labelled with, its earlier value `a` and its later one `b`.
    fn figures(kind: FindingKind, (a, b): (f64, f64), roles: &[&str]) -> Vec<String> {
        let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
        let (finding, facts, infos) = finding(kind, subject, a, b, 9);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&finding, evidence).unwrap();
        let Some(Visual::Bars { bars, .. }) = bars(&bound, &RichText::plain("Tin price"), roles) else { panic!() };
        bars.iter().map(|bar| bar.figure.text()).collect()
    }

    #[test]
    fn crises_are_dated_and_compared_in_bars_only_where_they_lasted_about_as_long() {
        let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
        let (finding, mut facts, infos) = finding(FindingKind::EpisodesCompared, subject, 40.0, 180.0, 9);
        {
            let evidence = Evidence { facts: &facts, series: &infos, historical: false };
            let bound = Bound::finding(&finding, evidence).unwrap();
            let label = |role: &str| bar(&bound, role, false).unwrap().label.text();
            assert_eq!(label("first_move"), "The dot-com recession, 2001");
            assert_eq!(label("second_move"), "The Great Recession, 2007 to 2009");
            assert!(!as_long(&bound, "first_move", "second_move"), "eight months beside eighteen");
        }
        let second = facts.iter_mut().find(|fact| finding.roles.get("second_move") == Some(&fact.id)).unwrap();
        match &mut second.formula {
            Formula::PercentChange { from, to, .. } | Formula::Change { from, to, .. } => {
                (*from, *to) = (date(1990, 7, 5), date(1991, 3, 5));
            }
            other => panic!("{other:?}"),
        }
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&finding, evidence).unwrap();
        assert!(as_long(&bound, "first_move", "second_move"), "eight months beside eight");
    }

    #[test]
    fn bars_write_moves_with_the_sign_that_their_heading_gives_them() {
        let told = figures(FindingKind::RealVsNominal, (40.0, 180.0), &["nominal", "prices", "real"]);
        assert_eq!(told, ["+350%", "+100%", "+125%"]);
        assert_eq!(figures(FindingKind::PanelLeader, (40.0, 180.0), &["leader", "second"]), ["$180", "$40"]);
        // A usual move goes either way.
        let told = figures(FindingKind::BiggestRise, (40.0, 50.0), &["typical", "change"]);
        assert_eq!(told, ["4.9%", "+25%"]);
    }
}
