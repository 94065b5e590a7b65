//! Two series against each other.

use crate::prose::plan::Slot::{Card, Detail, Heading, Lead};
use crate::prose::plan::{Plan, plan};

/// Roles `crossing`, `passed`, `gap?`.
pub const CROSSING: &[Plan] = &[
    plan(Lead, "cross.overtook", "{crossing:in} {s} overtook {s2}: {crossing+}, against {passed}."),
    plan(Lead, "cross.lines", "The lines crossed {crossing:in}, when {s} moved above {s2}."),
    plan(
        Lead,
        "cross.ahead_until",
        "Just before {crossing:at}, {s2} still stood higher; then {s} moved ahead, at {crossing+} against {passed}.",
    ),
    plan(Lead, "cross.changed_places", "{S} and {s2} changed places {crossing:in}, at {crossing+} and {passed}."),
    plan(Lead, "cross.when", "When did {s} pull ahead of {s2}? {crossing:in}, at {crossing+} against {passed}.")
        .curious(),
    plan(Detail, "cross.gap", "By the latest common reading, {s} stood {gap:m} {gap?above|below} {s2}."),
    plan(Detail, "cross.at_that_point", "At that point the readings were {crossing+} and {passed}."),
    plan(Detail, "cross.not_lasting", "A crossing is a moment and no verdict: lines that cross can cross back."),
    plan(Heading, "cross.heading", "{n} overtook {n2}"),
    plan(Heading, "cross.heading.at", "{n} overtook {n2}: {crossing:sc}, against {passed:sc}"),
    plan(Card, "cross.card", "{n} overtook {n2}: {crossing:at.s}"),
];

/// Roles `first_change`, `second_change`, `first_latest`, `second_latest`, `gap?` or `ratio?`.
pub const VERSUS: &[Plan] = &[
    plan(
        Lead,
        "versus.same_way",
        "From {first_change:from} to {first_change:to}, {s} {first_change?rose|fell} by {first_change:m}, and {s2} by {second_change:m}.",
    )
    .when(|b| b.way("first_change") == b.way("second_change")),
    plan(
        Lead,
        "versus.opposite",
        "From {first_change:from} to {first_change:to}, {s} {first_change?rose|fell} by {first_change:m} while {s2} {second_change?rose|fell} by {second_change:m}.",
    )
    .when(|b| b.way("first_change") != b.way("second_change")),
    plan(
        Lead,
        "versus.levels",
        "{first_latest:in} {s} stood at {first_latest+}, and {s2} at {second_latest}.",
    )
    .when(|b| b.have_levels() && b.same_unit()),
    plan(
        Lead,
        "versus.levels_apart",
        "{first_latest:in} {s} stood at {first_latest+}, and {s2} at {second_latest+}.",
    )
    .when(|b| b.have_levels() && !b.same_unit()),
    plan(
        Lead,
        "versus.since",
        "Starting both lines {first_change:in.from}, the {first_change?gain|decline} in {s} is {first_change:m}; in {s2} it is {second_change:m}.",
    )
    .when(|b| b.way("first_change") == b.way("second_change") && b.runs_on("first_change")),
    plan(
        Lead,
        "versus.winner",
        "Counted from {first_change:from}, {s} went further {first_change?up|down}, by {first_change:m}, against {second_change:m} for {s2}.",
    )
    .when(|b| {
        let larger = b.value("first_change").abs() > b.value("second_change").abs();
        b.way("first_change") == b.way("second_change") && larger && b.runs_on("first_change")
    }),
    plan(
        Lead,
        "versus.other_winner",
        "Counted from {second_change:from}, {s2} went further {first_change?up|down}, by {second_change:m}, against {first_change:m} for {s}.",
    )
    .when(|b| {
        let larger = b.value("second_change").abs() > b.value("first_change").abs();
        b.way("first_change") == b.way("second_change") && larger && b.runs_on("first_change")
    }),
    plan(Detail, "versus.gap", "{gap:in} {s} stood {gap:m} {gap?above|below} {s2}."),
    plan(Detail, "versus.ratio", "That makes the larger figure {ratio:x} the smaller.").when(|b| b.value("ratio") > 1.05),
    plan(
        Detail,
        "versus.latest",
        "The latest readings are {first_latest+} for {s} and {second_latest+} for {s2}.",
    )
    .when(|b| b.have_levels()),
    plan(
        Detail,
        "versus.no_cause",
        "Lines that move together share a calendar; that alone proves no link between them.",
    ),
    plan(Heading, "versus.heading", "{n} {first_change:sg}, {n2} {second_change:sg} {over=first_change:y}"),
    // Whole names of a panel's members leave no room for figures: beside each other their own names do.
    plan(Heading, "versus.heading.members", "{m} {first_change:sg}, {m2} {second_change:sg} {over=first_change:y}"),
    plan(Heading, "versus.heading.short", "{n} against {n2} {over=first_change:y}"),
    plan(Card, "versus.card", "{n} {first_change:sg}, {n2} {second_change:sg}"),
    plan(Card, "versus.card.members", "{m} {first_change:sg}, {m2} {second_change:sg}"),
];
