//! A fact as the review page shows it: formula, arguments, value, recomputation and source rows.

use proofreel_model::display;
use proofreel_model::fact::{Fact, Formula, series_of};
use proofreel_model::qa::QaReport;
use proofreel_model::series::{SeriesInfo, SeriesRef};
use serde_json::Value;

use super::cells::{Excerpt, Tables};
use super::words;

/// A fact laid out.
#[derive(Clone, Debug)]
pub struct FactView {
    /// Its id.
    pub id: String,
    /// As on screen.
    pub display: String,
    /// Name of the operation.
    pub operation: &'static str,
    /// Operation with its arguments, as a person would say it.
    pub sentence: String,
    /// The formula.
    pub formula: &'static str,
    /// Arguments by name.
    pub args: Vec<(String, String)>,
    /// The value before rounding.
    pub value: String,
    /// Its unit.
    pub unit: String,
    /// What separate code computed; `not recomputed` before QA.
    pub recomputed: String,
    /// `agrees`, `differs` or `unchecked`.
    pub state: &'static str,
    /// Why it differs.
    pub note: String,
    /// Source rows.
    pub excerpts: Vec<Excerpt>,
    /// Scenes whose narration says it.
    pub said_in: Vec<String>,
}

/// Lays out a fact.
pub fn view(fact: &Fact, qa: Option<&QaReport>, names: &[SeriesInfo], tables: &mut Tables<'_>) -> FactView {
    let (operation, formula) = words::formula(&fact.formula);
    let answer = qa.and_then(|qa| qa.recomputed.iter().find(|answer| answer.fact == fact.id));
    let series = all_series(&fact.formula);
    let excerpts = fact
        .rows
        .iter()
        .map(|span| {
            let read = series.iter().find(|series| series.resource == span.resource);
            let dataset = read.or(series.first()).map_or("", |series| series.dataset.as_str());
            let mut columns: Vec<&str> = Vec::new();
            for series in series.iter().filter(|series| series.resource == span.resource) {
                for column in [series.date_column.as_str()]
                    .into_iter()
                    .chain(series.filter.keys().map(String::as_str))
                    .chain([series.column.as_str()])
                {
                    if !columns.contains(&column) {
                        columns.push(column);
                    }
                }
            }
            tables.excerpt(dataset, span, &columns)
        })
        .collect();
    FactView {
        id: fact.id.to_string(),
        display: fact.display.clone(),
        operation,
        sentence: sentence(fact, operation, names),
        formula,
        args: args(&fact.formula),
        value: fact.value.to_string(),
        unit: words::unit(&fact.unit),
        recomputed: answer.map_or_else(
            || "not recomputed".into(),
            |answer| answer.recomputed.map_or_else(|| "could not be".into(), |value| value.to_string()),
        ),
        state: match answer {
            Some(answer) if answer.agrees => "agrees",
            Some(_) => "differs",
            None => "unchecked",
        },
        note: answer.map(|answer| answer.note.clone()).unwrap_or_default(),
        excerpts,
        said_in: Vec::new(),
    }
}

/// `Percent change of the price of gold, from 2025-06-01 to 2026-06-01`.
fn sentence(fact: &Fact, operation: &str, names: &[SeriesInfo]) -> String {
    let name = |series: &SeriesRef| {
        let known = names.iter().find(|info| info.series == *series);
        known.map_or_else(|| series.key(), |info| info.name.subject.clone())
    };
    let series = series_of(&fact.formula);
    let mut parts = vec![operation.to_owned()];
    parts.extend(series.first().map(|subject| format!(" of {}", name(subject))));
    match series.as_slice() {
        [] | [_] => {}
        [_, other] => parts.push(format!(" against {}", name(other))),
        many => parts.push(format!(", {} members compared", many.len())),
    }
    let (at, from, to) = display::dates(&fact.formula);
    match (from, to) {
        (Some(from), Some(to)) => parts.push(format!(", from {from} to {to}")),
        _ => parts.extend(at.map(|at| format!(", at {at}"))),
    }
    parts.extend(at.filter(|at| from.is_some() && Some(*at) != to).map(|at| format!(", at {at}")));
    let told = ["series", "other", "members", "from", "to", "at"];
    for (argument, value) in args(&fact.formula).iter().filter(|(argument, _)| !told.contains(&argument.as_str())) {
        let counted = argument == "which";
        parts.push(if counted { format!(", counted from the {value}") } else { format!(", {argument} {value}") });
    }
    parts.concat()
}

/// Every series in the arguments, in their order.
fn all_series(formula: &Formula) -> Vec<SeriesRef> {
    fn collect(value: &Value, out: &mut Vec<SeriesRef>) {
        if let Ok(series) = serde_json::from_value::<SeriesRef>(value.clone()) {
            if !out.contains(&series) {
                out.push(series);
            }
            return;
        }
        match value {
            Value::Object(members) => members.values().for_each(|value| collect(value, out)),
            Value::Array(items) => items.iter().for_each(|value| collect(value, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    if let Ok(value) = serde_json::to_value(formula) {
        collect(value.get("args").unwrap_or(&Value::Null), &mut out);
    }
    out
}

fn args(formula: &Formula) -> Vec<(String, String)> {
    let value = serde_json::to_value(formula).unwrap_or(Value::Null);
    let Some(Value::Object(members)) = value.get("args") else { return Vec::new() };
    members.iter().map(|(name, value)| (name.clone(), argument(value))).collect()
}

fn argument(value: &Value) -> String {
    if let Ok(series) = serde_json::from_value::<SeriesRef>(value.clone()) {
        return series.key();
    }
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.len() > 4 => {
            let shown: Vec<String> = items.iter().take(3).map(argument).collect();
            format!("{} and {} more", shown.join(", "), items.len() - 3)
        }
        Value::Array(items) => items.iter().map(argument).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
