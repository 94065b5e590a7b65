//! Runs of moves, and the biggest moves over a year.

use crate::prose::plan::Slot::{Card, Detail, Heading, Lead};
use crate::prose::plan::{Plan, plan};

/// Roles `streak`, `start`, `end`, `change`.
pub const STREAK: &[Plan] = &[
    plan(
        Lead,
        "streak.in_a_row",
        "{S} {streak?rose|fell} for {streak} in a row, from {start+} {start:in} to {end} {end:in}.",
    ),
    plan(
        Lead,
        "streak.without_break",
        "A run of {streak?gains|declines} in {s} that began {start:in} went on for {streak}, and ended at {end+}.",
    ),
    plan(
        Lead,
        "streak.running",
        "Beginning {start:in}, {s} {streak?rose|fell} {streak} running, {streak?up|down} by {change:m} in all.",
    ),
    plan(
        Lead,
        "streak.nothing_between",
        "Without a break, {s} {streak?climbed|fell} for {streak}, from {start+} to {end} {end:in}.",
    ),
    plan(
        Lead,
        "streak.patience",
        "Reading after reading of {s} came in {streak?above|below} the last for {streak}, until {end:at} and {end+}.",
    ),
    plan(Detail, "streak.from_start_to_finish", "From start to finish, the {change?gain|decline} came to {change:m}."),
    plan(Detail, "streak.by_its_end", "By {end:at} the run had {change?added|shed} {change:m}."),
    plan(
        Detail,
        "streak.ended_at",
        "The run started at {start} and finished at {end}, {change:m} {change?higher|lower}.",
    ),
    plan(Detail, "streak.started_in", "It started {start:in}, from {start+}."),
    plan(
        Detail,
        "streak.says_how_steady",
        "A run like that shows how steady a move can be; it says nothing of what comes after.",
    ),
    plan(Heading, "streak.heading", "{n}: {streak:sc} {streak?up|down} in a row"),
    plan(Card, "streak.card", "{streak:sc} {streak?up|down} in a row, to {end:at.s}"),
];

/// Roles `start`, `end`, `change`, `typical`.
pub const BIGGEST_RISE: &[Plan] = &[
    plan(
        Lead,
        "rise.at_its_fastest",
        "At {v:its|their} fastest, {s} rose by {change:m} in a year, from {start+} to {end}, {end:in}.",
    ),
    plan(
        Lead,
        "rise.steepest",
        "Between {start:at} and {end:at}, {l} went from {start+} to {end}, the steepest yearly climb in the record.",
    ),
    plan(
        Lead,
        "rise.no_gain_beats",
        "No yearly gain in this record beats the year to {end:at}, when {s} rose by {change:m}.",
    ),
    plan(Lead, "rise.came", "The biggest rise over a year ended {end:in}: up {change:m}, to {end+}."),
    plan(
        Lead,
        "rise.ordinary",
        "In the year to {end:at}, {s} rose by {change:m}; typically {v:it moves|they move} by {typical:m}, in either direction.",
    ),
    plan(
        Lead,
        "rise.what_does",
        "What does a surge look like here? {start+} {start:in}, {end} {end:in}: {change:m} higher, within a year.",
    )
    .curious(),
    plan(Detail, "rise.typical", "A typical yearly move, in either direction, is {typical:m}."),
    plan(Detail, "rise.set_against", "Set that against the usual yearly move of {typical:m}, in either direction."),
    plan(Detail, "rise.from_to", "{it} started that year at {start} and ended it at {end}."),
    plan(
        Detail,
        "rise.more_than_usual",
        "In an ordinary year the move is {typical:m}; that year the rise was {change:m}.",
    ),
    plan(Heading, "rise.heading", "The biggest yearly rise: {change:sg}"),
    plan(Heading, "rise.heading.typical", "{n}: {change:sg} in a year, against a typical {typical:sc}"),
    plan(Card, "rise.card", "Biggest yearly rise: {change:sg}, to {end:at.s}"),
];

/// Roles `start`, `end`, `change`, `typical`.
pub const BIGGEST_DROP: &[Plan] = &[
    plan(
        Lead,
        "drop.at_its_steepest",
        "At {v:its|their} steepest, {s} fell by {change:m} in a year, from {start+} to {end}, {end:in}.",
    ),
    plan(
        Lead,
        "drop.from_to",
        "Between {start:at} and {end:at}, {l} went from {start+} down to {end}, the sharpest yearly fall in the record.",
    ),
    plan(
        Lead,
        "drop.no_loss",
        "No yearly decline in this record is larger than that of the year to {end:at}, when {s} fell by {change:m}.",
    ),
    plan(Lead, "drop.came", "The biggest fall over a year ended {end:in}: down {change:m}, to {end+}."),
    plan(
        Lead,
        "drop.ordinary",
        "In the year to {end:at}, {s} fell by {change:m}; the typical yearly move, in either direction, is {typical:m}.",
    ),
    plan(
        Lead,
        "drop.what_does",
        "What does a slump look like here? {start+} {start:in}, {end} {end:in}: {change:m} lower, within a year.",
    )
    .curious(),
    plan(Detail, "drop.typical", "The usual move over a year, in either direction, is {typical:m}."),
    plan(Detail, "drop.beside", "Beside that, the typical yearly move of {typical:m} looks small.")
        .when(|b| b.value("change").abs() > 2.0 * b.value("typical").abs()),
    plan(Detail, "drop.started_ended", "{it} entered that year at {start} and left it at {end}."),
    plan(
        Detail,
        "drop.more_than_usual",
        "An ordinary year brings a move of {typical:m}; that year brought a fall of {change:m}.",
    ),
    plan(Heading, "drop.heading", "The biggest yearly fall: {change:sg}"),
    plan(Heading, "drop.heading.typical", "{n}: {change:sg} in a year, against a typical {typical:sc}"),
    plan(Card, "drop.card", "Biggest yearly fall: {change:sg}, to {end:at.s}"),
];
