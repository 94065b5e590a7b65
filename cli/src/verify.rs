//! `proofreel verify`: every number of a finished episode, computed again from the packages alone.

mod collect;
mod published;
mod table;

use std::path::Path;
use std::process::ExitCode;

use proofreel_model::brief::ResearchBrief;
use proofreel_model::fact::{Fact, series_of};
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_stages::qa::intake::Judged;
use proofreel_stages::qa::recomputation::{close, expected_unit};
use serde::Serialize;
use serde_json::{Value, json};

use crate::args::{AuditArgs, Global};
use crate::audit::{self, Case};
use crate::exit::Failure;
use crate::export::cells::Tables;
use crate::export::facts;

/// A fact, computed again.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// Its id.
    pub fact: String,
    /// As on screen.
    pub display: String,
    /// Operation with its arguments, in words.
    pub operation: String,
    /// The formula.
    pub formula: &'static str,
    /// Value in the brief.
    pub claimed: f64,
    /// Value from the source rows.
    pub recomputed: Option<f64>,
    /// Its unit in words.
    pub unit: String,
    /// Source rows: where, and their cells.
    pub rows: Vec<String>,
    /// True when both values are equal and the unit is what the formula gives.
    pub agrees: bool,
    /// Why not.
    pub note: String,
}

/// A number where a viewer meets it.
#[derive(Debug, Serialize)]
pub struct Number {
    /// Scene and sentence, caption cue, mark, bar, title, description line or thumbnail.
    pub place: String,
    /// What is said or shown.
    pub text: String,
    /// The fact that proves it.
    pub fact: String,
    /// True when the recomputed value or the source's date is worded so.
    pub agrees: bool,
    /// What it should say.
    pub note: String,
}

/// A drawn series.
#[derive(Debug, Serialize)]
pub struct Drawn {
    /// The scene or thumbnail.
    pub place: String,
    /// Where its points come from.
    pub series: String,
    /// How many points were compared with their rows.
    pub points: usize,
    /// Those that are not their rows.
    pub wrong: Vec<String>,
}

/// Digits that no citation accounts for.
#[derive(Debug, Serialize)]
pub struct Unproven {
    /// Where.
    pub place: String,
    /// The words.
    pub text: String,
}

/// All that was found out about one episode.
#[derive(Debug, Default, Serialize)]
pub struct Audit {
    /// Its title.
    pub title: String,
    /// Packages that are not those of the order.
    pub foreign: Vec<String>,
    /// Its facts.
    pub facts: Vec<Checked>,
    /// Its numbers.
    pub numbers: Vec<Number>,
    /// What is plotted.
    pub drawn: Vec<Drawn>,
    /// What nothing proves.
    pub unproven: Vec<Unproven>,
    /// Source rows read by the facts, each counted once.
    pub source_rows: usize,
}

impl Audit {
    /// Facts, numbers, points and packages that disagree.
    pub fn disagreements(&self) -> usize {
        self.foreign.len()
            + self.facts.iter().filter(|fact| !fact.agrees).count()
            + self.numbers.iter().filter(|number| !number.agrees).count()
            + self.drawn.iter().map(|drawn| drawn.wrong.len()).sum::<usize>()
    }

    /// True when every number is proven.
    pub fn is_good(&self) -> bool {
        self.disagreements() == 0 && self.unproven.is_empty()
    }

    /// The last line.
    pub fn summary(&self) -> String {
        format!(
            "{} numbers said or shown, {} facts recomputed from {} source rows, {} plotted points: {} disagree, {} unproven",
            self.numbers.len(),
            self.facts.len(),
            self.source_rows,
            self.drawn.iter().map(|drawn| drawn.points).sum::<usize>(),
            self.disagreements(),
            self.unproven.len()
        )
    }
}

pub fn verify(global: &Global, args: &AuditArgs) -> Result<ExitCode, Failure> {
    let answers = audit::each(global, args, audit_one)?;
    if global.json {
        let documents: Vec<Value> = answers.iter().map(|(folder, answer)| document(folder, answer)).collect();
        println!("{:#}", Value::Array(documents));
    } else {
        for (folder, answer) in &answers {
            match answer {
                Ok(audit) => print!("{}", table::page(folder, audit)),
                Err(failure) => eprintln!("{}  not verified\n  error: {}", folder.display(), failure.message),
            }
        }
    }
    Ok(audit::exit(&answers, Audit::is_good))
}

fn document(folder: &Path, answer: &Result<Audit, Failure>) -> Value {
    let folder = folder.display().to_string();
    match answer {
        Ok(audit) => {
            let mut document = json!(audit);
            if let Some(object) = document.as_object_mut() {
                object.insert("folder".into(), folder.into());
                object.insert("agrees".into(), audit.is_good().into());
                object.insert("summary".into(), audit.summary().into());
            }
            document
        }
        Err(failure) => json!({"folder": folder, "agrees": null, "error": failure.message}),
    }
}

/// The three artifacts, typed.
pub struct Parts<'a> {
    pub brief: &'a ResearchBrief,
    pub scenes: &'a Scenes,
    pub script: &'a Script,
    pub case: &'a Case<'a>,
    /// Each fact of the brief with its value from the source, in the brief's order.
    pub recomputed: Vec<(&'a Fact, Result<f64, String>)>,
}

impl Parts<'_> {
    /// A fact of the brief with its value from the source.
    pub fn fact(&self, id: &str) -> Option<&(&Fact, Result<f64, String>)> {
        self.recomputed.iter().find(|(fact, _)| fact.id.as_str() == id)
    }
}

fn typed<'a, T>(name: &str, artifact: &'a Judged<T>) -> Result<&'a T, Failure> {
    artifact.typed.as_ref().map_err(|error| {
        Failure::input(format!(
            "{name}.json does not follow its schema: {error}\n  hint: `proofreel qa` judges a folder whatever it holds"
        ))
    })
}

fn audit_one(case: &Case<'_>) -> Result<Audit, Failure> {
    let input = &case.folder.input;
    let brief = typed("brief", &input.brief)?;
    let recomputed =
        brief.facts.iter().map(|fact| (fact, case.ground.value(fact).map_err(|doubt| doubt.detail))).collect();
    let parts = Parts {
        brief,
        scenes: typed("scenes", &input.scenes)?,
        script: typed("script", &input.script)?,
        case,
        recomputed,
    };
    let mut audit = Audit {
        title: parts.script.titles.first().map(ToString::to_string).unwrap_or_default(),
        foreign: case.loaded.foreign.iter().map(|(name, how)| format!("{name} {how}")).collect(),
        facts: facts_of(&parts),
        source_rows: source_rows(brief),
        ..Audit::default()
    };
    collect::said(&parts, &mut audit);
    collect::drawn(&parts, &mut audit);
    published::check(&parts, &mut audit);
    Ok(audit)
}

fn facts_of(parts: &Parts<'_>) -> Vec<Checked> {
    let mut tables = Tables::new(&parts.case.loaded.packages);
    let tolerance = proofreel_model::policy::Policy::embedded().qa.relative_tolerance;
    let one = |(fact, value): &(&Fact, Result<f64, String>)| {
        let laid_out = facts::view(fact, None, &parts.brief.series, &mut tables);
        let mut note = match value {
            Ok(value) if close(fact.value, *value, tolerance) => String::new(),
            Ok(value) => format!("the source gives {value}"),
            Err(why) => why.clone(),
        };
        let info = series_of(&fact.formula).first().and_then(|series| parts.case.loaded.library.series(series));
        if let Some(info) = info {
            let wanted = expected_unit(&fact.formula, &info.info);
            if note.is_empty() && (wanted.kind != fact.unit.kind || wanted.multiplier != fact.unit.multiplier) {
                note = format!("its formula gives {}", crate::export::words::unit(&wanted));
            }
        }
        Checked {
            fact: fact.id.to_string(),
            display: fact.display.clone(),
            operation: laid_out.sentence,
            formula: laid_out.formula,
            claimed: fact.value,
            recomputed: value.as_ref().ok().copied(),
            unit: laid_out.unit,
            rows: laid_out.excerpts.iter().map(table::excerpt).collect(),
            agrees: note.is_empty(),
            note,
        }
    };
    parts.recomputed.iter().map(one).collect()
}

/// Rows of the sources that the facts read, overlapping spans merged.
fn source_rows(brief: &ResearchBrief) -> usize {
    let mut spans: Vec<(&str, &str, u32, u32)> = Vec::new();
    for fact in &brief.facts {
        let series = series_of(&fact.formula);
        for span in fact.rows.iter().filter(|span| span.first <= span.last) {
            let dataset = series.iter().find(|series| series.resource == span.resource).or(series.first());
            spans.push((dataset.map_or("", |series| series.dataset.as_str()), &span.resource, span.first, span.last));
        }
    }
    spans.sort_unstable();
    let (mut count, mut end) = (0usize, ("", "", 0u32));
    for (dataset, resource, first, last) in spans {
        if (dataset, resource) != (end.0, end.1) {
            end = (dataset, resource, 0);
        }
        let from = first.max(end.2.saturating_add(1));
        if last >= from {
            count += (last - from) as usize + 1;
            end.2 = last;
        }
    }
    count
}
