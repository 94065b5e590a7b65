//! The audit as text, in a hundred columns.

use std::fmt::Write as _;
use std::path::Path;

use super::{Audit, Checked, Number};
use crate::export::cells::Excerpt;

const WIDTH: usize = 100;
/// Rows of one span whose cells are printed.
const CELLS: usize = 3;

/// Where rows lie, and their cells when they are few.
pub fn excerpt(excerpt: &Excerpt) -> String {
    if !excerpt.note.is_empty() {
        return format!("{}: {}", excerpt.caption, excerpt.note);
    }
    let cells = |(_, cells): &(String, Vec<String>)| {
        let named = excerpt.header.iter().skip(1).zip(cells).take(4);
        named.map(|(name, cell)| format!("{name} {cell}")).collect::<Vec<_>>().join(", ")
    };
    let rows: Vec<String> = if excerpt.rows.len() <= CELLS {
        excerpt.rows.iter().map(cells).collect()
    } else {
        [excerpt.rows.first(), excerpt.rows.last()].into_iter().flatten().map(cells).collect()
    };
    let between = if excerpt.rows.len() <= CELLS { "; " } else { " … " };
    format!("{}: {}", excerpt.caption, rows.join(between))
}

/// The page of one episode.
pub fn page(folder: &Path, audit: &Audit) -> String {
    let mut out = format!("{}\n", folder.display());
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(out, "“{}”", audit.title);
    for foreign in &audit.foreign {
        put(&mut out, 0, &format!("DISAGREES: the data package {foreign}"));
    }
    out.push_str("\nFACTS, each with where it is said or shown\n");
    for fact in &audit.facts {
        one(&mut out, fact, &audit.numbers);
    }
    let unknown = audit.numbers.iter().filter(|number| !audit.facts.iter().any(|fact| fact.fact == number.fact));
    for number in unknown {
        put(
            &mut out,
            2,
            &format!("DISAGREES: {} “{}” cites {}: {}", number.place, number.text, number.fact, number.note),
        );
    }
    out.push_str("\nPLOTTED POINTS, each compared with its source row\n");
    for drawn in &audit.drawn {
        let state = if drawn.wrong.is_empty() { "agree".into() } else { format!("{} DISAGREE", drawn.wrong.len()) };
        let _ = writeln!(out, "  {:<12} {:>4} points  {:<14} {}", drawn.place, drawn.points, state, drawn.series);
        for wrong in drawn.wrong.iter().take(CELLS) {
            put(&mut out, 15, wrong);
        }
    }
    if !audit.unproven.is_empty() {
        out.push_str("\nUNPROVEN: digits that no citation accounts for\n");
        for unproven in &audit.unproven {
            put(&mut out, 2, &format!("{}: “{}”", unproven.place, unproven.text));
        }
    }
    let _ = writeln!(out, "\n{}\n", audit.summary());
    out
}

fn one(out: &mut String, fact: &Checked, numbers: &[Number]) {
    put(out, 0, &format!("\n{}  {}  {}", fact.fact, fact.display, fact.operation));
    put(out, 6, &format!("= {}", fact.formula));
    for rows in &fact.rows {
        put(out, 6, rows);
    }
    let value = fact.recomputed.map_or_else(|| "could not be recomputed".into(), |value| format!("recomputed {value}"));
    let state = if fact.agrees { "agrees".to_owned() } else { format!("DISAGREES: {}", fact.note) };
    put(out, 6, &format!("{value}, the brief says {} ({}): {state}", fact.claimed, fact.unit));
    for number in numbers.iter().filter(|number| number.fact == fact.fact) {
        let state = if number.agrees { String::new() } else { format!("  DISAGREES: {}", number.note) };
        put(out, 8, &format!("{:<30} “{}”{state}", number.place, number.text));
    }
}

/// A line, broken at spaces, with what follows indented a little further.
fn put(out: &mut String, indent: usize, text: &str) {
    let text = if let Some(rest) = text.strip_prefix('\n') {
        out.push('\n');
        rest
    } else {
        text
    };
    let mut line = " ".repeat(indent);
    let mut empty = true;
    for word in text.split(' ') {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(line.trim_end());
            out.push('\n');
            line = " ".repeat(indent + 4);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_in_a_hundred_columns() {
        let mut out = String::new();
        put(&mut out, 6, &"word ".repeat(60));
        assert!(out.lines().count() > 2 && out.lines().all(|line| line.chars().count() <= WIDTH), "{out}");
        assert!(out.lines().nth(1).is_some_and(|line| line.starts_with("          word")), "{out}");
    }

    #[test]
    fn few_rows_show_their_cells_and_many_their_ends() {
        let row = |n: u32| (n.to_string(), vec![format!("20{n:02}-01-01"), format!("{n}.5")]);
        let of = |rows| Excerpt {
            caption: "gold / annual, rows".into(),
            header: vec!["row".into(), "Date".into(), "Price".into()],
            rows,
            note: String::new(),
        };
        assert_eq!(
            excerpt(&of(vec![row(1), row(2)])),
            "gold / annual, rows: Date 2001-01-01, Price 1.5; Date 2002-01-01, Price 2.5"
        );
        assert!(excerpt(&of((1..9).map(row).collect())).ends_with("Price 1.5 … Date 2008-01-01, Price 8.5"));
    }
}
