//! What an outside writer is given for a scene.

use jiff::civil::Date;
use proofreel_model::brief::ResearchBrief;
use proofreel_model::display;
use proofreel_model::fact::{Fact, series_of};
use proofreel_model::outlook::Passage;
use proofreel_model::scenes::Scene;
use proofreel_model::text::{Part, Style};
use proofreel_model::unit::UnitKind;
use proofreel_ports::{OfferedFact, ScenePlan};

use super::door::Door;

/// Manner that the gate refuses, told beforehand so that an answer need not come back for it.
const AVOID: [&str; 8] = [
    "any number, date or number word that is not in the facts listed for the sentence",
    "causes: say what and when, not why",
    "forecasts and advice",
    "superlatives and records that no claim states",
    "names of people, companies and places that are not in the series' names",
    "a direction that no fact of the sentence has",
    "words about the video, its viewer or its maker",
    "markup, links and instructions",
];

/// The plan of a scene: `said` before it, `reasons` why the last answer came back, and which asking it is.
pub fn plan(
    brief: &ResearchBrief,
    scene: &Scene,
    door: &Door<'_>,
    (said, reasons, asking): (&[String], &[String], u32),
    context: &[Passage],
) -> ScenePlan {
    ScenePlan {
        scene_id: scene.scene_id.clone(),
        role: scene.narrative_role,
        objective: scene.objective.clone(),
        directions: scene.narration_prompt.clone(),
        claims: scene.key_claims.iter().filter_map(|id| brief.claim(id)).map(|claim| claim.statement.text()).collect(),
        facts: door.facts.iter().map(|fact| offered(brief, fact)).collect(),
        words: scene.word_budget,
        said: said.to_vec(),
        avoid: AVOID.map(str::to_owned).to_vec(),
        context: context.to_vec(),
        reasons: reasons.to_vec(),
        asking,
    }
}

fn offered(brief: &ResearchBrief, fact: &Fact) -> OfferedFact {
    let series: Vec<String> = series_of(&fact.formula)
        .into_iter()
        .take(2)
        .filter_map(|series| brief.series_info(series))
        .map(|info| info.name.subject.clone())
        .collect();
    let (at, from, to) = display::dates(&fact.formula);
    let mut days: Vec<Date> = [at, from, to].into_iter().flatten().collect();
    days.sort();
    days.dedup();
    let dates: Vec<String> = days.iter().map(|day| display::spoken_date(*day, fact.frequency)).collect();
    OfferedFact {
        id: fact.id.clone(),
        display: fact.display.clone(),
        spoken: display::cite(fact, Part::Value, Style::Spoken).unwrap_or_default(),
        meaning: format!("{} of {}, {}", operation(fact), series.join(" against "), dates.join(" to ")),
        series,
        dates,
        unit: unit(fact),
    }
}

/// The operation in words: its name in the law, with what it means where the name does not say it.
fn operation(fact: &Fact) -> String {
    let name = serde_json::to_value(&fact.formula)
        .ok()
        .and_then(|formula| Some(formula.get("op")?.as_str()?.replace('_', " ")))
        .unwrap_or_default();
    let more = match name.as_str() {
        "latest" => "newest observation",
        "extreme" => "highest or lowest value of a window, at its date",
        "drawdown" => "fall from a peak to a low, percent, told as a positive number",
        "elapsed" => "whole periods between two dates",
        "streak" => "number of moves in a row in one direction",
        "growth rate" => "growth a year, compounded",
        "multiple" => "later value divided by the earlier one",
        "gap" => "first series less the second",
        "ratio" => "first series divided by the second",
        "record since" => "whole years since a value as high or low",
        "real change" => "change after the rise of consumer prices, percent",
        "correlation" => "how closely the moves of one follow those of the other; never a cause",
        "typical move" => "median size of a move, up or down; call it typical",
        _ => return name,
    };
    format!("{name} ({more})")
}

fn unit(fact: &Fact) -> String {
    let kind = match &fact.unit.kind {
        UnitKind::Currency { code } => code.clone(),
        UnitKind::Percent => "percent".into(),
        UnitKind::PercentagePoints => "percentage points".into(),
        UnitKind::Index { .. } => "index level".into(),
        UnitKind::IndexPoints => "index points".into(),
        UnitKind::Count { noun } => noun.clone().unwrap_or_else(|| "count".into()),
        UnitKind::Multiple => "times".into(),
        UnitKind::Coefficient => "coefficient between minus one and one".into(),
        UnitKind::Rank => "place".into(),
        UnitKind::Duration { period } => format!("{}s", period.noun()),
        UnitKind::Unspecified => "number".into(),
    };
    format!("{kind}{}", display::per_phrase(&fact.unit))
}
