//! Every plotted point compared with its source row, every bar and mark with its fact.

use jiff::civil::Date;
use proofreel_model::display;
use proofreel_model::fact::Fact;
use proofreel_model::ids::FactId;
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::text::{Cite, Part, RichText};
use proofreel_model::unit::Unit;
use proofreel_model::visual::{Bar, Mark, Trace, TracePoint, Visual};

use super::dossier::{Dossier, Findings, Place, series_of};
use super::ground::Ground;
use super::recomputation::close;
use super::rules::Rule;
use super::stretches::check_range;

/// Checks the pictures of all scenes and the lines of all thumbnails.
pub fn check(dossier: &Dossier<'_>, ground: &Ground<'_>, findings: &mut Findings) {
    for scene in &dossier.scenes.scenes {
        let place = |name: String| Place::scene(&scene.scene_id, name);
        for (n, trace) in scene.visual.traces().into_iter().enumerate() {
            check_trace(dossier, ground, trace, &place(format!("trace {}", n + 1)), findings);
        }
        check_visual(dossier, ground, &scene.visual, &place, findings);
    }
    for (n, thumbnail) in dossier.script.thumbnails.iter().enumerate() {
        check_trace(dossier, ground, &thumbnail.trace, &Place::script(format!("thumbnail {} trace", n + 1)), findings);
        for (figure, name) in std::iter::once((&thumbnail.figure, "figure"))
            .chain(thumbnail.earlier.iter().map(|earlier| (earlier, "earlier figure")))
        {
            let place = Place::script(format!("thumbnail {} {name}", n + 1));
            let Some(fact) = figure.facts().find_map(|id| dossier.fact(id)) else {
                findings.add(Rule::FigureWithoutFact, &place, "cites no fact: a figure is a cited value");
                continue;
            };
            if !series_of(&fact.formula).contains(&&thumbnail.trace.series) {
                findings.add(
                    Rule::SeriesMisplaced,
                    &place,
                    format!("{} is not of the series drawn beside it", fact.id),
                );
            }
        }
    }
}

fn check_visual<'a>(
    dossier: &Dossier<'_>,
    ground: &Ground<'_>,
    visual: &Visual,
    place: &dyn Fn(String) -> Place<'a>,
    findings: &mut Findings,
) {
    let traces = visual.traces();
    for (n, mark) in visual.marks().iter().enumerate() {
        check_mark(dossier, &traces, mark, &place(format!("mark {}", n + 1)), findings);
    }
    for (n, range) in visual.ranges().iter().enumerate() {
        check_range(dossier, &traces, range, &place(format!("range {}", n + 1)), findings);
    }
    let unit = if let Visual::Bars { unit, .. } = visual { Some(unit) } else { None };
    for (n, (name, bar)) in visual.bars().into_iter().enumerate() {
        let name = if matches!(name, "bar" | "part") { format!("{name} {}", n + 1) } else { name.to_owned() };
        check_bar(dossier, bar, unit, &place(name), findings);
    }
    if let Some((unit, frequency, dates)) = table(visual) {
        for (n, member) in visual.members().iter().enumerate() {
            let place = place(format!("member {}", n + 1));
            check_points(dossier, ground, &member.series, &member.points, &place, findings);
            check_axis(dossier, &member.series, unit, frequency, &place, findings);
            if let Some(point) = member.points.iter().find(|point| !dates.contains(&point.date)) {
                findings.add(
                    Rule::TraceShape,
                    &place,
                    format!("has a point at {}, which is none of the picture's dates", point.date),
                );
            }
            names_series(dossier, &member.label, &member.series, &place, findings);
        }
        let focus = match visual {
            Visual::Ranking { focus, .. } | Visual::Slope { focus, .. } | Visual::DotPlot { focus, .. } => *focus,
            _ => 0,
        };
        if !dates.is_sorted_by(|a, b| a < b) || focus as usize >= visual.members().len() {
            findings.add(
                Rule::TraceShape,
                &place(visual.kind().into()),
                "its dates are not in order, or its focus is no member",
            );
        }
    }
    match visual {
        Visual::Comparison { left, right, .. } => {
            let unit = |bar: &Bar| dossier.fact(&bar.fact).map(|fact| fact.unit.clone());
            if unit(left) != unit(right) {
                findings.add(Rule::BarValue, &place("comparison".into()), "compares values of different units");
            }
        }
        Visual::BigNumber { figure, fact, .. } => {
            check_figure(dossier, figure, fact, &place("figure".into()), findings);
        }
        _ => {}
    }
    super::shapes::check(dossier, ground, visual, place, findings);
}

/// Unit, calendar and dates of a picture that shows members of a panel.
fn table(visual: &Visual) -> Option<(&Unit, Frequency, Vec<Date>)> {
    match visual {
        Visual::Ranking { unit, frequency, dates, .. } => Some((unit, *frequency, dates.clone())),
        Visual::Slope { unit, frequency, from, to, .. } => Some((unit, *frequency, vec![*from, *to])),
        Visual::DotPlot { unit, frequency, at, .. } => Some((unit, *frequency, vec![*at])),
        _ => None,
    }
}

fn check_trace(dossier: &Dossier<'_>, ground: &Ground<'_>, trace: &Trace, place: &Place<'_>, findings: &mut Findings) {
    check_points(dossier, ground, &trace.series, &trace.points, place, findings);
    check_axis(dossier, &trace.series, &trace.unit, trace.frequency, place, findings);
    names_series(dossier, &trace.label, &trace.series, place, findings);
    let most = dossier.policy.episode.trace_points;
    if trace.points.len() < 2 || trace.points.len() > most {
        findings.add(Rule::TraceShape, place, format!("has {} points: draw 2 to {most}", trace.points.len()));
    }
}

fn check_points(
    dossier: &Dossier<'_>,
    ground: &Ground<'_>,
    series: &SeriesRef,
    points: &[TracePoint],
    place: &Place<'_>,
    findings: &mut Findings,
) {
    for point in points {
        findings.points += 1;
        match ground.point(series, point.row) {
            Ok((date, value))
                if date == point.date && close(point.value, value, dossier.policy.qa.relative_tolerance) => {}
            Ok((date, value)) => findings.add(
                Rule::PointAltered,
                place,
                format!(
                    "plots {} at {}, but row {} of {} holds {value} at {date}",
                    point.value,
                    point.date,
                    point.row,
                    series.key()
                ),
            ),
            Err(error) => findings.add(
                Rule::PointAltered,
                place,
                format!("plots {} at {} from row {}: {error}", point.value, point.date, point.row),
            ),
        }
    }
    if !points.is_sorted_by(|a, b| a.date < b.date) {
        findings.add(Rule::TraceShape, place, "its points are not in the order of their dates, or a date comes twice");
    }
}

fn check_axis(
    dossier: &Dossier<'_>,
    series: &SeriesRef,
    unit: &Unit,
    frequency: Frequency,
    place: &Place<'_>,
    findings: &mut Findings,
) {
    match dossier.library.get(series) {
        Some(info) if info.unit == *unit && info.frequency == frequency => {}
        Some(info) => {
            let (u, f) = (&info.unit, info.frequency);
            findings.add(
                Rule::ChartUnit,
                place,
                format!("is drawn as {unit:?}, {frequency:?}; its package says {u:?}, {f:?}"),
            );
        }
        None => {
            findings.add(Rule::ChartUnit, place, format!("draws {}, which no package of this run holds", series.key()));
        }
    }
}

/// A label that cites a series cites the one drawn.
fn names_series(
    dossier: &Dossier<'_>,
    label: &RichText,
    series: &SeriesRef,
    place: &Place<'_>,
    findings: &mut Findings,
) {
    for span in &label.0 {
        if let Some(Cite::Series { series: named }) = &span.cite
            && named != series
            && dossier.library.contains_key(named)
        {
            findings.add(
                Rule::SeriesMisplaced,
                place,
                format!("is labelled `{}`, but draws {}", span.text, series.key()),
            );
        }
    }
}

fn check_bar(dossier: &Dossier<'_>, bar: &Bar, unit: Option<&Unit>, place: &Place<'_>, findings: &mut Findings) {
    let Some(fact) = check_figure(dossier, &bar.figure, &bar.fact, place, findings) else { return };
    if bar.value.to_bits() != fact.value.to_bits() {
        findings.add(Rule::BarValue, place, format!("is {} long, but {} is {}", bar.value, fact.id, fact.value));
    }
    if let Some(unit) = unit.filter(|unit| **unit != fact.unit) {
        findings.add(Rule::BarValue, place, format!("{} is in {:?}, the chart in {unit:?}", fact.id, fact.unit));
    }
    if let Some(other) = dates_of(dossier, &bar.label).into_iter().find(|date| !own_dates(fact).contains(date)) {
        findings.add(Rule::DateMisplaced, place, format!("is labelled with {other}, which is no date of {}", fact.id));
    }
    let named: Vec<&SeriesRef> = series_cited(&bar.label);
    if !named.is_empty() && !named.iter().any(|series| series_of(&fact.formula).contains(series)) {
        findings.add(Rule::SeriesMisplaced, place, format!("is labelled with another series than that of {}", fact.id));
    }
}

/// A figure shows the value of its own fact, and of no other.
pub(super) fn check_figure<'a>(
    dossier: &Dossier<'a>,
    figure: &RichText,
    id: &FactId,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Option<&'a Fact> {
    let Some(fact) = dossier.fact(id) else {
        findings.add(Rule::UnknownFact, place, format!("stands for {id}, which the brief does not hold"));
        return None;
    };
    let values: Vec<&FactId> = figure
        .0
        .iter()
        .filter_map(|span| match &span.cite {
            Some(Cite::Fact { fact, part: Part::Value, .. }) => Some(fact),
            _ => None,
        })
        .collect();
    if values.is_empty() || values.iter().any(|cited| *cited != id) {
        findings.add(
            Rule::FigureWithoutFact,
            place,
            format!("`{}` does not cite the value of {id}, which it stands for", figure.text()),
        );
    }
    Some(fact)
}

fn check_mark(dossier: &Dossier<'_>, traces: &[&Trace], mark: &Mark, place: &Place<'_>, findings: &mut Findings) {
    let Some(trace) = traces.get(mark.trace as usize) else {
        findings.add(Rule::MarkMisplaced, place, format!("is on trace {}, which the chart does not have", mark.trace));
        return;
    };
    if !trace.points.iter().any(|point| point.date == mark.date) {
        findings.add(Rule::MarkMisplaced, place, format!("is at {}, where its trace has no point", mark.date));
    }
    let Some(fact) = dossier.fact(&mark.fact) else {
        findings.add(Rule::UnknownFact, place, format!("shows {}, which the brief does not hold", mark.fact));
        return;
    };
    if !own_dates(fact).contains(&mark.date) {
        findings.add(Rule::MarkMisplaced, place, format!("is at {}, which is no date of {}", mark.date, fact.id));
    }
    if !series_of(&fact.formula).contains(&&trace.series) {
        findings.add(Rule::SeriesMisplaced, place, format!("{} is not of the series it marks", fact.id));
    }
    for span in &mark.label.0 {
        let Some(Cite::Fact { fact: id, part, .. }) = &span.cite else { continue };
        let Some(cited) = dossier.fact(id) else { continue };
        let (at, from, to) = display::dates(&cited.formula);
        // A label may date its value by a second fact, but only by the date of the point.
        let of_point = match part {
            Part::Value => *id == fact.id || at == Some(mark.date),
            Part::At => at == Some(mark.date),
            Part::From => from == Some(mark.date),
            Part::To => to == Some(mark.date),
        };
        if !of_point {
            findings.add(Rule::MarkMisplaced, place, format!("its label cites {id}, which is not of {}", mark.date));
        }
    }
    // The height of the point is what a label of a level says.
    let level = super::direction::is_level(fact) && display::dates(&fact.formula).0 == Some(mark.date);
    let point = trace.points.iter().find(|point| point.date == mark.date);
    let average = matches!(fact.formula, proofreel_model::fact::Formula::Average { .. });
    if let Some(point) =
        point.filter(|point| level && !average && !close(point.value, fact.value, dossier.policy.qa.relative_tolerance))
    {
        findings.add(
            Rule::MarkMisplaced,
            place,
            format!("{} is {}, the point is {}", fact.id, fact.value, point.value),
        );
    }
}

pub(super) fn own_dates(fact: &Fact) -> Vec<Date> {
    let (at, from, to) = display::dates(&fact.formula);
    [at, from, to].into_iter().flatten().collect()
}

fn dates_of(dossier: &Dossier<'_>, text: &RichText) -> Vec<Date> {
    text.0
        .iter()
        .filter_map(|span| {
            let Some(Cite::Fact { fact, part, .. }) = &span.cite else { return None };
            let (at, from, to) = display::dates(&dossier.fact(fact)?.formula);
            match part {
                Part::Value => None,
                Part::At => at,
                Part::From => from,
                Part::To => to,
            }
        })
        .collect()
}

fn series_cited(text: &RichText) -> Vec<&SeriesRef> {
    text.0
        .iter()
        .filter_map(|span| match &span.cite {
            Some(Cite::Series { series }) => Some(series),
            _ => None,
        })
        .collect()
}
