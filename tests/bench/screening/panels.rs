//! Faults of panels and of columns beside each other.

use proofreel_model::brief::ScreeningKind as Kind;
use serde_json::{Value, json};

use super::bed::{Case, Dice, Sheet};
use super::faults::row;
use super::material::{Material, Members, Real};

/// A long sheet of some members over all years in which they have figures.
fn long(panel: &Members, chosen: &[usize], total: bool) -> Sheet {
    let mut rows = Vec::new();
    for n in chosen {
        let (name, values) = &panel.list[*n];
        rows.extend(
            panel
                .years
                .iter()
                .zip(values)
                .filter_map(|(year, value)| Some(vec![year.clone(), name.clone(), format!("{:.0}", (*value)?)])),
        );
    }
    if let (true, Some(values)) = (total, &panel.total) {
        rows.extend(
            panel
                .years
                .iter()
                .zip(values)
                .map(|(year, value)| vec![year.clone(), "World".into(), format!("{value:.0}")]),
        );
    }
    let header = ["year", "country", "gdp"].map(str::to_owned).to_vec();
    Sheet { name: "r", header, units: vec![Value::Null, json!({"unit": "USD"})], rows }
}

fn full(panel: &Members, dice: &mut Dice) -> Option<Vec<usize>> {
    let mut whole: Vec<usize> =
        (0..panel.list.len()).filter(|n| panel.list[*n].1.iter().all(Option::is_some)).collect();
    let count = dice.between(8, 40);
    if whole.len() < count {
        return None;
    }
    while whole.len() > count {
        whole.swap_remove(dice.between(0, whole.len() - 1));
    }
    whole.sort_unstable();
    Some(whole)
}

fn panel_case(fault: &'static str, kind: Kind, clean: Sheet, faulty: Sheet, touched: Vec<u32>, out: bool) -> Case {
    Case {
        fault,
        into: "GDP by country".into(),
        clean: vec![clean],
        faulty: vec![faulty],
        kinds: vec![kind],
        touched: (0, touched),
        column: None,
        out,
        revised: false,
    }
}

fn rows_of(sheet: &Sheet, member: &str) -> Vec<usize> {
    (0..sheet.rows.len()).filter(|n| sheet.rows[*n][1] == member).collect()
}

pub fn member_leaves(material: &Material, dice: &mut Dice) -> Option<Case> {
    let panel = &material.countries;
    let chosen = full(panel, dice)?;
    let clean = long(panel, &chosen, false);
    let name = &panel.list[*dice.pick(&chosen)].0;
    let own = rows_of(&clean, name);
    let lost = dice.between(4, own.len() - 9);
    let gone = if dice.coin() { &own[..lost] } else { &own[own.len() - lost..] };
    let mut faulty = clean.clone();
    let mut n = 0;
    faulty.rows.retain(|_| {
        n += 1;
        !gone.contains(&(n - 1))
    });
    let touched = rows_of(&faulty, name).into_iter().map(row).collect();
    Some(panel_case("member enters or leaves a panel", Kind::Survivorship, clean, faulty, touched, false))
}

pub fn member_rescaled(material: &Material, dice: &mut Dice) -> Option<Case> {
    let panel = &material.countries;
    let chosen = full(panel, dice)?;
    let clean = long(panel, &chosen, false);
    let (name, values) = &panel.list[*dice.pick(&chosen)];
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    let own = known.windows(2).map(|pair| (pair[1] / pair[0]).ln().abs()).fold(0.0, f64::max);
    // A member that itself doubled within a year leaves a jump by a thousand in doubt only rarely; by ten, always.
    let factor = *dice.pick(&[1000.0, 0.001, 1e6]);
    if own > 1.5 {
        return None;
    }
    let rows = rows_of(&clean, name);
    let length = dice.between(4, rows.len() * 45 / 100);
    let part = if dice.coin() { &rows[..length] } else { &rows[rows.len() - length..] };
    let mut faulty = clean.clone();
    for n in part {
        let value: f64 = faulty.rows[*n][2].parse().ok()?;
        faulty.rows[*n][2] = format!("{}", value * factor);
    }
    let touched = part.iter().map(|n| row(*n)).collect();
    Some(panel_case("member in another scale than before", Kind::ScaleBreak, clean, faulty, touched, true))
}

pub fn member_against_total(material: &Material, dice: &mut Dice) -> Option<Case> {
    let panel = material.world.as_ref()?;
    let all: Vec<usize> = (0..panel.list.len()).collect();
    let up = dice.coin();
    let mut clean = long(panel, &all, up);
    if !up {
        // What a total lacks is told only where it is the sum of its table.
        let mut sums: Vec<(String, f64)> = panel.years.iter().map(|year| (year.clone(), 0.0)).collect();
        for line in &clean.rows {
            if let (Some(sum), Ok(value)) = (sums.iter_mut().find(|sum| sum.0 == line[0]), line[2].parse::<f64>()) {
                sum.1 += value;
            }
        }
        clean.rows.extend(sums.into_iter().map(|(year, sum)| vec![year, "World".into(), format!("{sum:.0}")]));
    }
    // Only a member that fills a part of the total can be missed in it; any can exceed it.
    let total = panel.total.as_ref()?;
    let fitting: Vec<usize> = all
        .into_iter()
        .filter(|n| {
            let values = &panel.list[*n].1;
            let known =
                values.iter().zip(total).filter_map(|(value, total)| Some((*value)? / total)).collect::<Vec<f64>>();
            known.len() > 20
                && if up { known.iter().all(|share| *share > 0.004) } else { known.iter().all(|share| *share > 0.06) }
        })
        .collect();
    if fitting.is_empty() {
        return None;
    }
    let name = &panel.list[*dice.pick(&fitting)].0;
    let mut faulty = clean.clone();
    let rows = rows_of(&clean, name);
    for n in &rows {
        let value: f64 = faulty.rows[*n][2].parse().ok()?;
        faulty.rows[*n][2] = format!("{}", value * if up { 1000.0 } else { 0.001 });
    }
    let touched = rows.into_iter().map(row).collect();
    Some(panel_case("member in another scale than its total", Kind::SiblingScale, clean, faulty, touched, true))
}

/// One column of the employment table in another scale than the columns it adds up with.
pub fn column_rescaled(material: &Material, dice: &mut Dice) -> Option<Case> {
    let columns = &material.employment;
    let years: Vec<&String> = columns.first()?.rows.iter().map(|row| &row.0).collect();
    // Years that every column has once, so that the sums hold.
    let once = |year: &str| columns.iter().all(|column| column.rows.iter().filter(|row| row.0 == year).count() == 1);
    let years: Vec<String> = years.into_iter().filter(|year| once(year)).cloned().collect();
    let from = dice.between(0, years.len() - 30);
    let value = |column: &Real, year: &str| column.rows.iter().find(|row| row.0 == year).map_or(0.0, |row| row.1);
    let at = dice.between(0, columns.len() - 1);
    let factor = *dice.pick(&[1000.0, 0.001, 1e6]);
    let make = |scaled: bool| {
        let rows = years[from..]
            .iter()
            .map(|year| {
                let cells = columns.iter().enumerate().map(|(n, column)| {
                    format!("{}", value(column, year) * if scaled && n == at { factor } else { 1.0 })
                });
                std::iter::once(year.clone()).chain(cells).collect()
            })
            .collect();
        let header =
            std::iter::once("year".to_owned()).chain(columns.iter().map(|column| column.name.clone())).collect();
        Sheet { name: "r", header, units: columns.iter().map(|column| column.unit.clone()).collect(), rows }
    };
    let (clean, faulty) = (make(false), make(true));
    let touched = (0..faulty.rows.len()).map(row).collect();
    let mut case =
        panel_case("column in another scale than its siblings", Kind::SiblingScale, clean, faulty, touched, true);
    case.into = format!("employment, {}", columns[at].name);
    case.column = Some(columns[at].name.clone());
    Some(case)
}
