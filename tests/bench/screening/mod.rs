//! Faults injected into real series, to measure what screening finds and what it reports wrongly.
//!
//! The generator shares no code with the screen: it reads the CSV files itself, and knows the screen's findings only
//! by their kind and rows.

pub mod bed;
mod cells;
mod faults;
mod material;
mod panels;
mod shapes;

use bed::{Case, Dice};
use faults::Window;
use material::{Material, Real};

/// What each kind of fault looks like, for the table.
pub const SHAPES: [(&str, &str); 28] = [
    ("zeros", "1–4 single zeros; among percentages only between values above 2"),
    (
        "codes (-999, 9999 …)",
        "1–5 cells of -1 (only among values above 20), -99, -999 … or of nines above three times the largest value",
    ),
    ("placeholders at an end", "2–12 zeros or codes at the first or last rows; percentages only where all lie above 1"),
    (
        "stuck values",
        "7–14 months, 10–20 days or weeks, 6–12 quarters of one value, at least three times the series' own longest run",
    ),
    ("duplicated dates", "a row twice, with the same value or one 10 % below to 5 % above"),
    ("unordered dates", "two rows swapped, or 2–12 rows moved elsewhere"),
    ("gaps", "1–12 months, quarters or years, 2–20 weeks, 12–60 trading days deleted"),
    (
        "change of scale that stays",
        "6 rows to 45 % of the series, at either end or inside, ×10, ×100, ×1000, ×1,000,000 or divided; ×10 only where the series never doubles in a step",
    ),
    ("single value off in scale", "one value inside the series ×10, ×100, ×1000 or divided"),
    (
        "index on another base",
        "9 rows to 45 % of an index set to 100 at one of its dates; the jump is at least 35 % and eight times its largest move",
    ),
    (
        "other unit of weight or volume",
        "9 rows to 45 % in grams, kilograms, tonnes or litres; at least six times the largest move",
    ),
    ("fractions among percentages", "one value, or 6 rows to 45 %, divided by 100"),
    (
        "fractions among signed percentages",
        "8 rows to 45 % of yearly changes that go below zero, divided by 100, where they are not all near zero",
    ),
    (
        "thousands separators",
        "`1.234` for 1234 among whole numbers, or `1.234,5` among `1234.5`: one cell, or 6 rows to 45 %",
    ),
    (
        "series begins again",
        "12 rows or more appended once more, as they were or up to 3 % different (then at most half of the series)",
    ),
    ("counter begins again", "a running total of a real series that starts anew after 55 % or more"),
    (
        "stretch of a slower calendar",
        "quarterly or yearly rows before or after months, monthly rows before or after days or weeks; five steps or more",
    ),
    ("annual rows among months", "the year's mean as an extra row of 31 December, three years or more"),
    ("daily tail after months", "15–45 daily rows after months of the same price"),
    ("last year a part of a year", "1–7 twelfths of the last year's figure, where no year ever lost more than a tenth"),
    ("last row dated inside its month", "month ends, the last row on day 4–22"),
    ("last year beside its months", "annual means whose last year has 1–10 months so far"),
    ("member enters or leaves a panel", "4 years or more of one member's first or last rows deleted"),
    ("member in another scale than before", "4 years to 45 % of one member ×1000, ÷1000 or ×1,000,000"),
    (
        "member in another scale than its total",
        "a member above 0.4 % of the world ×1000, or one above 6 % of its table's sum ÷1000, all years",
    ),
    ("column in another scale than its siblings", "one column of the employment table ×1000, ÷1000 or ×1,000,000"),
    ("revision between versions", "the last 1–24 values up to 1 % different in the newer version, or all ×0.43"),
    ("series in another scale than its twin", "annual means ×1000, ÷1000 or ×1,000,000 beside their months"),
];

/// Makes a case, or none where the material it drew does not fit.
type Maker<'a> = Box<dyn Fn(&mut Dice) -> Option<Case> + 'a>;

/// Faulty cases, `each` of every kind as far as the material allows, and `clean` untouched ones.
pub fn cases(each: usize, clean: usize, seed: u64) -> Vec<Case> {
    let material = material::read();
    let all: Vec<Real> = material.series.iter().chain(&material.employment).cloned().collect();
    let series = &material.series[..];
    let of = |list: &'static str, make: fn(&[Real], &mut Dice) -> Option<Case>| -> Maker<'_> {
        let list = if list == "all" { &all[..] } else { series };
        Box::new(move |dice| make(list, dice))
    };
    let with = |make: fn(&Material, &mut Dice) -> Option<Case>| -> Maker<'_> {
        let material = &material;
        Box::new(move |dice| make(material, dice))
    };
    let makers = [
        of("all", faults::zeros),
        of("all", faults::codes),
        of("series", faults::placeholders_at_end),
        of("series", faults::stuck),
        of("all", faults::duplicates),
        of("all", faults::unordered),
        of("all", faults::gap),
        of("all", faults::scale_stays),
        of("all", faults::scale_alone),
        of("series", faults::rebased),
        of("series", faults::other_unit),
        of("series", faults::fractions),
        of("series", cells::signed_fractions),
        of("all", cells::separators),
        of("series", shapes::restart),
        of("all", shapes::counter),
        of("series", shapes::slower_stretch),
        of("series", shapes::yearly_rows),
        of("series", shapes::faster_tail),
        with(shapes::partial_flow),
        of("series", shapes::partial_date),
        of("series", shapes::partial_sibling),
        with(panels::member_leaves),
        with(panels::member_rescaled),
        with(panels::member_against_total),
        with(panels::column_rescaled),
        of("series", shapes::twin_rescaled),
        of("all", shapes::revision),
    ];
    let mut cases = Vec::new();
    for (n, make) in makers.iter().enumerate() {
        // A generator of its own for each kind: one kind's cases do not depend on another's.
        let mut dice = Dice::new(seed + n as u64 * 7919);
        let mut tries = 0;
        let mut made = 0;
        while made < each && tries < each * 60 {
            tries += 1;
            if let Some(case) = make(&mut dice) {
                made += 1;
                cases.push(case);
            }
        }
    }
    cases.extend(untouched(&all, clean, seed));
    cases
}

/// Windows of real series as they are.
fn untouched(series: &[Real], count: usize, seed: u64) -> Vec<Case> {
    let mut dice = Dice::new(seed ^ 0xc1ea);
    let window = |dice: &mut Dice| {
        let window = Window::pick(series, dice, |_| true)?;
        let sheet = window.sheet();
        let mut case = window.case("untouched", &[], sheet.rows, Vec::new(), false);
        // Nothing is known beforehand: whatever is reported counts.
        case.clean = case.faulty.clone();
        case.revised = false;
        Some(case)
    };
    (0..count * 4).filter_map(|_| window(&mut dice)).take(count).collect()
}
