//! What each kind of picture promises by its form: that a whole is one, that a distribution leaves nothing out, that an
//! event is where it is drawn, that a quotation is one.

use std::collections::BTreeSet;

use jiff::civil::Date;
use proofreel_model::display;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::film::Format;
use proofreel_model::series::SeriesRef;
use proofreel_model::visual::{Band, Bar, Mark, Quotation, RankedMember, Trace, Visual};

use super::dossier::{Dossier, Findings, Place, series_of};
use super::ground::Ground;
use super::pictures::own_dates;
use super::rules::Rule;

/// Most series stacked on each other, members of a slope and of a dot plot.
const STACKED: usize = 4;
const SLOPES: usize = 8;
const DOTS: usize = 12;

/// Checks the form of one picture.
pub fn check<'a>(
    dossier: &Dossier<'_>,
    ground: &Ground<'_>,
    visual: &Visual,
    place: &dyn Fn(String) -> Place<'a>,
    findings: &mut Findings,
) {
    let here = place(visual.kind().into());
    let mut wrong = |rule: Rule, faults: Vec<String>| {
        for fault in faults {
            findings.add(rule, &here, fault);
        }
    };
    match visual {
        Visual::Area { traces, .. } => wrong(Rule::PictureShape, area(traces)),
        Visual::Columns { trace, marks, lit, .. } => wrong(Rule::PictureShape, columns(dossier, trace, marks, lit)),
        Visual::Slope { members, from, to, .. } => {
            wrong(Rule::PictureShape, members_at(members, &[*from, *to], 2..=SLOPES));
        }
        Visual::DotPlot { members, at, .. } => {
            let mut faults = members_at(members, &[*at], 3..=DOTS);
            let values: Vec<f64> = members.iter().filter_map(|m| m.points.first()).map(|p| p.value).collect();
            if !values.is_sorted_by(|a, b| a >= b) {
                faults.push("its members are not in the order of their values".into());
            }
            wrong(Rule::PictureShape, faults);
        }
        Visual::Share { parts, .. } => wrong(Rule::PictureShape, share(dossier, parts)),
        Visual::Distribution { trace, average, .. } => {
            wrong(Rule::PictureShape, distribution(dossier, trace, average.as_ref()));
        }
        Visual::SmallMultiples { traces, focus, .. } => wrong(Rule::PictureShape, multiples(dossier, traces, *focus)),
        Visual::Quote { quote, trace, .. } => wrong(Rule::QuoteAltered, quotation(dossier, ground, quote, trace)),
        Visual::Timeline { trace, bands, .. } => wrong(Rule::EventMisdated, timeline(dossier, trace, bands)),
        Visual::BeforeAfter { trace, at, before, after, .. } => {
            wrong(Rule::EventMisdated, parted(dossier, trace, *at, before, after));
        }
        _ => {}
    }
}

fn distinct<'s>(series: impl Iterator<Item = &'s SeriesRef>) -> bool {
    let mut seen = BTreeSet::new();
    series.into_iter().all(|series| seen.insert(series))
}

fn same_axes(traces: &[Trace]) -> bool {
    traces.windows(2).all(|pair| pair[0].unit == pair[1].unit && pair[0].frequency == pair[1].frequency)
        && distinct(traces.iter().map(|trace| &trace.series))
}

fn area(traces: &[Trace]) -> Vec<String> {
    let mut out = Vec::new();
    if traces.is_empty() || traces.len() > STACKED || !same_axes(traces) {
        out.push(format!(
            "stacks {} series, not one to {STACKED} different ones of one unit and calendar",
            traces.len()
        ));
    }
    if let Some(point) = traces.iter().flat_map(|trace| &trace.points).find(|point| point.value < 0.0) {
        out.push(format!("fills an area up to {} at {}, which is below zero", point.value, point.date));
    }
    let dates = |trace: &Trace| trace.points.iter().map(|point| point.date).collect::<Vec<_>>();
    if traces.windows(2).any(|pair| dates(&pair[0]) != dates(&pair[1])) {
        out.push("stacks series whose dates differ".into());
    }
    out
}

fn columns(dossier: &Dossier<'_>, trace: &Trace, marks: &[Mark], lit: &[Date]) -> Vec<String> {
    let mut out = Vec::new();
    let most = dossier.policy.episode.columns;
    if trace.points.len() > most {
        out.push(format!("has {} columns: draw at most {most}", trace.points.len()));
    }
    let told: Vec<Date> = marks.iter().filter_map(|mark| dossier.fact(&mark.fact)).flat_map(own_dates).collect();
    let span = told.iter().min().zip(told.iter().max());
    for date in lit {
        let drawn = trace.points.iter().any(|point| point.date == *date);
        if !drawn || span.is_none_or(|(from, to)| date < from || date > to) {
            out.push(format!("lights {date}, which no column or no marked fact has"));
        }
    }
    out
}

fn members_at(members: &[RankedMember], dates: &[Date], count: std::ops::RangeInclusive<usize>) -> Vec<String> {
    let mut out = Vec::new();
    if !count.contains(&members.len()) || !distinct(members.iter().map(|member| &member.series)) {
        out.push(format!("shows {} members, or one of them twice", members.len()));
    }
    for (n, member) in members.iter().enumerate() {
        if !member.points.iter().map(|point| point.date).eq(dates.iter().copied()) {
            out.push(format!("member {} has not exactly one observation at each date", n + 1));
        }
    }
    out
}

fn share(dossier: &Dossier<'_>, parts: &[Bar]) -> Vec<String> {
    let mut out = Vec::new();
    if parts.is_empty() || parts.len() > 2 {
        out.push(format!("shows {} parts, not one or two", parts.len()));
    }
    let mut wholes: Vec<(&SeriesRef, BTreeSet<&SeriesRef>, Date)> = Vec::new();
    for part in parts {
        let Some(fact) = dossier.fact(&part.fact) else { continue };
        match &fact.formula {
            Formula::Share { series, members, at } if (0.0..=100.0).contains(&part.value) => {
                wholes.push((series, members.iter().collect(), *at));
            }
            _ => out.push(format!("{} is no share between nothing and the whole", fact.id)),
        }
    }
    if wholes.windows(2).any(|pair| pair[0].0 != pair[1].0 || pair[0].1 != pair[1].1 || pair[0].2 >= pair[1].2) {
        out.push("its parts are not of one member and one whole, the earlier first".into());
    }
    out
}

fn distribution(dossier: &Dossier<'_>, trace: &Trace, average: Option<&Bar>) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(info) = dossier.library.get(&trace.series)
        && trace.points.len() != info.observations as usize
    {
        out.push(format!("shows {} of {} observations", trace.points.len(), info.observations));
    }
    if let Some(fact) = average.and_then(|average| dossier.fact(&average.fact)) {
        let of_all = matches!(&fact.formula, Formula::Average { series, observations, .. }
            if *series == trace.series && *observations as usize == trace.points.len());
        if !of_all {
            out.push(format!("{} is not the average of what is shown", fact.id));
        }
    }
    out
}

fn multiples(dossier: &Dossier<'_>, traces: &[Trace], focus: u32) -> Vec<String> {
    let (landscape, portrait) = dossier.policy.episode.small_charts;
    let most = if dossier.order.format == Format::Portrait { portrait } else { landscape };
    // Two that are compared may have units of their own: each chart has its own scale and writes its figure.
    let pair = traces.len() == 2 && distinct(traces.iter().map(|trace| &trace.series));
    let fits = (2..=most).contains(&traces.len()) && (focus as usize) < traces.len() && (pair || same_axes(traces));
    let wanted = format!("not two different ones, or up to {most} of one unit");
    if fits { Vec::new() } else { vec![format!("shows {} series, {wanted}", traces.len())] }
}

fn quotation(dossier: &Dossier<'_>, ground: &Ground<'_>, quote: &Quotation, trace: &Trace) -> Vec<String> {
    let mut out = Vec::new();
    if quote.dataset != trace.series.dataset || quote.resource != trace.series.resource {
        out.push(format!("quotes {}/{} over a line of {}", quote.dataset, quote.resource, trace.series.key()));
    }
    match ground.description(&quote.dataset, &quote.resource) {
        Some(description) if holds_sentence(&description, &quote.text) => {}
        Some(_) => out.push(format!("`{}` is no sentence of that resource's description", quote.text)),
        None => out.push(format!("{}/{} describes nothing", quote.dataset, quote.resource)),
    }
    let (least, most) = dossier.policy.episode.quote_words;
    let words = quote.text.split_whitespace().count();
    if words < least || words > most || quote.text.chars().any(char::is_numeric) {
        out.push(format!("quotes {words} words: {least} to {most} without a digit are quoted"));
    }
    out
}

/// True when `quote` stands in a text as a sentence of its own.
fn holds_sentence(text: &str, quote: &str) -> bool {
    quote.ends_with('.')
        && text.match_indices(quote).any(|(at, found)| {
            let before = text[..at].trim_end();
            let after = text[at + found.len()..].chars().next();
            (before.is_empty() || before.ends_with('.')) && after.is_none_or(char::is_whitespace)
        })
}

fn timeline(dossier: &Dossier<'_>, trace: &Trace, bands: &[Band]) -> Vec<String> {
    let mut out = Vec::new();
    let (first, last) = (trace.points.first().map(|p| p.date), trace.points.last().map(|p| p.date));
    let crises = &dossier.policy.crises;
    let is_outside =
        |band: &Band| first.is_some_and(|first| band.to < first) || last.is_some_and(|last| band.from > last);
    for band in bands {
        if band.label.is_empty() {
            // Without a usual name it is dated all the same.
            let known = crises.unnamed.iter().any(|other| (other.from, other.to) == (band.from, band.to));
            if !known || is_outside(band) {
                out.push(format!("{} to {} is no stretch that the law dates in this line", band.from, band.to));
            }
            continue;
        }
        let name = band.label.text().to_lowercase();
        let known = crises.crises.iter().find(|crisis| crisis.name.to_lowercase() == name);
        match known {
            None => out.push(format!("`{}` is no stretch that the law dates", band.label)),
            Some(crisis) if (crisis.from, crisis.to) != (band.from, band.to) => {
                out.push(format!("{} lasted from {} to {}", crisis.name, crisis.from, crisis.to));
            }
            Some(_) if is_outside(band) => out.push(format!("`{}` lies outside the line", band.label)),
            Some(_) => {}
        }
    }
    if bands.is_empty() || !bands.is_sorted_by(|a, b| a.from < b.from) {
        out.push("it has no stretches, or they are out of order".into());
    }
    out
}

fn parted(dossier: &Dossier<'_>, trace: &Trace, at: Date, before: &Bar, after: &Bar) -> Vec<String> {
    let mut out = Vec::new();
    let inside = trace.points.get(1..trace.points.len().saturating_sub(1)).unwrap_or_default();
    if !inside.iter().any(|point| point.date == at) {
        out.push(format!("parts the line at {at}, which is no point between its ends"));
    }
    let sides = [(before, true), (after, false)];
    for (fact, ends) in sides.iter().filter_map(|(bar, ends)| Some((dossier.fact(&bar.fact)?, *ends))) {
        if !meets(fact, at, ends) {
            out.push(format!("{} does not {} at {at}", fact.id, if ends { "end" } else { "begin" }));
        }
        if !series_of(&fact.formula).contains(&&trace.series) {
            out.push(format!("{} is not of the line drawn", fact.id));
        }
    }
    out
}

/// True when a move ends, or begins, at a date.
fn meets(fact: &Fact, at: Date, ends: bool) -> bool {
    let (_, from, to) = display::dates(&fact.formula);
    if ends { from.is_some() && to == Some(at) } else { from == Some(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_sentences_are_quotations() {
        let text = "Monthly average price of gold. The source has true readings only.";
        assert!(holds_sentence(text, "Monthly average price of gold."));
        assert!(holds_sentence(text, "The source has true readings only."));
        for part in ["average price of gold.", "Monthly average price", "The source has true readings.", ""] {
            assert!(!holds_sentence(text, part), "{part}");
        }
    }
}
