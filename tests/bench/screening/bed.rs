//! Cases, how they are judged, and the table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proofreel_evidence::{Library, PackageBytes};
use proofreel_model::brief::ScreeningKind;
use proofreel_model::digest::Digest;
use serde_json::{Value, json};

/// A table of a case.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub name: &'static str,
    /// Headers, the first of the date.
    pub header: Vec<String>,
    /// Unit of each column but the first; null for a text column.
    pub units: Vec<Value>,
    pub rows: Vec<Vec<String>>,
}

/// One injected fault, or none.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name of the fault kind in the table.
    pub fault: &'static str,
    /// What it was put into.
    pub into: String,
    pub clean: Vec<Sheet>,
    pub faulty: Vec<Sheet>,
    /// Any of these names the fault rightly; empty for a clean window.
    pub kinds: Vec<ScreeningKind>,
    /// Sheet and 1-based rows that were touched.
    pub touched: (usize, Vec<u32>),
    /// Column that was touched, where others of the sheet must stay.
    pub column: Option<String>,
    /// The rows must not be usable afterwards.
    pub out: bool,
    /// The clean sheets are the package's previous version.
    pub revised: bool,
}

/// What came of the cases of one fault kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub cases: usize,
    pub found: usize,
    pub false_alarms: usize,
}

impl Tally {
    pub fn recall(self) -> f64 {
        if self.cases == 0 { 1.0 } else { self.found as f64 / self.cases as f64 }
    }

    /// Of all that was reported, the share that is right.
    pub fn precision(self) -> f64 {
        let reported = self.found + self.false_alarms;
        if reported == 0 { 1.0 } else { self.found as f64 / reported as f64 }
    }
}

/// A seeded generator (`SplitMix64`), so that a run can be repeated.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + (self.next() % (high.max(low) - low + 1) as u64) as usize
    }

    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.between(0, list.len() - 1)]
    }

    pub fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }
}

fn package(sheets: &[Sheet], version: &str) -> PackageBytes {
    let mut files = BTreeMap::new();
    let mut resources = Vec::new();
    for sheet in sheets {
        let fields: Vec<Value> = sheet
            .header
            .iter()
            .enumerate()
            .map(|(n, name)| match n.checked_sub(1).map(|n| &sheet.units[n]) {
                None => json!({"name": name}),
                Some(Value::Null) => json!({"name": name, "type": "string"}),
                Some(unit) => json!({"name": name, "type": "number", "unit": unit,
                    "proofreel": {"subject": if sheets.len() > 1 { "the price of tea" } else { name.as_str() }}}),
            })
            .collect();
        let path = format!("{}.csv", sheet.name);
        resources.push(json!({"name": sheet.name, "path": path, "schema": {"fields": fields}}));
        let mut csv = sheet.header.join(",") + "\n";
        for row in &sheet.rows {
            let cells: Vec<String> =
                row.iter().map(|cell| if cell.contains(',') { format!("\"{cell}\"") } else { cell.clone() }).collect();
            csv += &(cells.join(",") + "\n");
        }
        files.insert(path, csv.into_bytes());
    }
    let json = json!({"name": "p", "title": "Tea", "resources": resources});
    files.insert("datapackage.json".into(), json.to_string().into_bytes());
    PackageBytes { name: "p".into(), digest: Digest::of(version.as_bytes()), files }
}

/// A finding, as far as it matters here.
#[derive(Clone, Debug)]
pub struct Seen {
    pub kind: ScreeningKind,
    sheet: usize,
    rows: (u32, u32),
    pub note: String,
}

struct Screen {
    seen: Vec<Seen>,
    /// Usable rows by sheet and column.
    usable: Vec<(usize, String, u32)>,
    refused: Option<String>,
}

fn screen(sheets: &[Sheet], previous: Option<&[Sheet]>) -> Screen {
    let packages = [package(sheets, "now")];
    let before: Vec<PackageBytes> = previous.map(|sheets| package(sheets, "before")).into_iter().collect();
    let library = match Library::load_revised(&packages, &before) {
        Ok(library) => library,
        Err(error) => return Screen { seen: Vec::new(), usable: Vec::new(), refused: Some(error.to_string()) },
    };
    let sheet = |name: &str| sheets.iter().position(|sheet| sheet.name == name).unwrap_or(0);
    let dataset = &library.datasets()[0];
    let seen = dataset.screening.iter().map(|finding| Seen {
        kind: finding.kind,
        sheet: sheet(&finding.series.resource),
        rows: finding.rows,
        note: finding.note.clone(),
    });
    let usable = dataset.series.iter().flat_map(|series| {
        let place = (sheet(&series.info.series.resource), series.info.series.column.clone());
        series.points.iter().map(move |point| (place.0, place.1.clone(), point.row))
    });
    Screen { seen: seen.collect(), usable: usable.collect(), refused: None }
}

/// What came of one case: found or not, and what else was reported.
pub fn judge(case: &Case) -> (bool, Vec<Seen>) {
    let before = if case.revised || case.kinds.is_empty() {
        Screen { seen: Vec::new(), usable: Vec::new(), refused: None }
    } else {
        screen(&case.clean, None)
    };
    let after = screen(&case.faulty, case.revised.then_some(&case.clean[..]));
    if let Some(refused) = &after.refused {
        // A package without anything usable is refused with the reason, which is as good as taking it out.
        let told = case.kinds.contains(&ScreeningKind::SiblingScale) && refused.contains("differs by a thousand");
        return (told, Vec::new());
    }
    let (sheet, rows) = &case.touched;
    let near = |seen: &Seen| seen.sheet == *sheet && rows.iter().any(|row| (seen.rows.0..=seen.rows.1).contains(row));
    // Two tables that contradict each other are named in both.
    let twins = case.clean.len() > 1;
    let fits = |seen: &Seen| case.kinds.contains(&seen.kind) && (near(seen) || twins);
    let named = after.seen.iter().any(|seen| case.kinds.contains(&seen.kind) && near(seen));
    let used = after.usable.iter().any(|(place, column, row)| {
        place == sheet && case.column.as_ref().is_none_or(|touched| touched == column) && rows.contains(row)
    });
    let mut known: Vec<ScreeningKind> = before.seen.iter().map(|seen| seen.kind).collect();
    if case.revised {
        known = screen(&case.faulty, None).seen.iter().map(|seen| seen.kind).collect();
    }
    let alarms = after.seen.into_iter().filter(|seen| !fits(seen)).filter(|seen| {
        let at = known.iter().position(|kind| *kind == seen.kind);
        at.map(|at| known.remove(at)).is_none()
    });
    (named && !(case.out && used), alarms.collect())
}

/// Judges all cases, in order of their kinds' first occurrence.
pub fn tally(cases: &[Case], mut miss: impl FnMut(&Case, bool, &[Seen])) -> Vec<(&'static str, Tally)> {
    let mut tallies: Vec<(&'static str, Tally)> = Vec::new();
    for case in cases {
        let (found, alarms) = judge(case);
        if !tallies.iter().any(|(name, _)| *name == case.fault) {
            tallies.push((case.fault, Tally::default()));
        }
        let Some((_, tally)) = tallies.iter_mut().find(|(name, _)| *name == case.fault) else { continue };
        let faulty = !case.kinds.is_empty();
        tally.cases += usize::from(faulty);
        tally.found += usize::from(faulty && found);
        tally.false_alarms += alarms.len();
        if (faulty && !found) || !alarms.is_empty() {
            miss(case, found, &alarms);
        }
    }
    tallies
}

pub fn total(tallies: &[(&'static str, Tally)]) -> Tally {
    tallies.iter().fold(Tally::default(), |sum, (_, tally)| Tally {
        cases: sum.cases + tally.cases,
        found: sum.found + tally.found,
        false_alarms: sum.false_alarms + tally.false_alarms,
    })
}

/// The Markdown table. `shapes` says for each kind what was injected.
pub fn markdown(tallies: &[(&'static str, Tally)], shapes: &[(&str, &str)], clean: usize) -> String {
    let mut out = String::from(
        "| fault | cases | found | recall | false alarms | precision | what was put in |\n|---|---|---|---|---|---|---|\n",
    );
    let mut line = |name: &str, tally: Tally, shape: &str| {
        let recall = if tally.cases == 0 { "–".to_owned() } else { format!("{:.3}", tally.recall()) };
        let precision = if tally.cases == 0 { "–".to_owned() } else { format!("{:.3}", tally.precision()) };
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {recall} | {} | {precision} | {shape} |",
            tally.cases, tally.found, tally.false_alarms
        );
    };
    for (name, tally) in tallies {
        let shape = shapes.iter().find(|(kind, _)| kind == name).map_or("", |(_, shape)| shape);
        line(name, *tally, shape);
    }
    line(
        "**all**",
        total(tallies),
        &format!("{clean} untouched windows and tables among them, whose every finding is a false alarm"),
    );
    out
}
