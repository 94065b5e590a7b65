//! Members of a panel against each other.

use crate::prose::plan::Slot::{Card, Detail, Heading, Lead};
use crate::prose::plan::{Plan, plan};

/// Roles `leader`, `second`, `share?`, `ratio`.
pub const PANEL_LEADER: &[Plan] = &[
    plan(Lead, "leader.topped", "{S} topped the table {leader:in}, at {leader+}; next came {s2}, at {second}."),
    plan(
        Lead,
        "leader.at_the_head",
        "At the head of the table {leader:in} {v:stands|stand} {s}, at {leader+}, ahead of {s2}, at {second}.",
    )
    .when(|b| b.is_fresh()),
    plan(Lead, "leader.ratio", "{leader:in} {s} came to {leader+}, {ratio:x} the figure for {s2}.")
        .when(|b| b.value("ratio") > 1.15),
    plan(
        Lead,
        "leader.by_size",
        "Ranked by size {leader:in}, {s} came out on top with {leader+}, and {s2} behind with {second}.",
    ),
    plan(Lead, "leader.share", "Of everything counted here {share:in}, {s} made up {share:m}."),
    plan(Lead, "leader.who", "Who leads? {leader:in} it was {s}, at {leader+}, with {s2} next, at {second}.").curious(),
    plan(Detail, "leader.behind", "The runner-up, {s2}, stood at {second}."),
    plan(Detail, "leader.times", "That is {ratio:x} the next figure in the table.").when(|b| b.value("ratio") > 1.15),
    plan(Detail, "leader.its_share", "The share of the whole table comes to {share:m}."),
    plan(Heading, "leader.heading", "{m}: {ratio:x} the figure for {m2}").when(|b| b.value("ratio") > 1.15),
    plan(Heading, "leader.heading.at", "{m} on top at {leader:sc}, {m2} next"),
    plan(Heading, "leader.heading.who", "{m} on top, {m2} next"),
    plan(Card, "leader.card", "{leader:at.y}: {m} {leader:sc}, {m2} {second:sc}"),
];

/// Roles `rank_now`, `rank_then`, `value_now`, `value_then`, `multiple?`.
pub const PANEL_CLIMB: &[Plan] = &[
    plan(
        Lead,
        "climb.ranked",
        "{rank_then:in} {s} ranked {rank_then}; by {rank_now:at} {it} had climbed to {rank_now}.",
    ),
    plan(Lead, "climb.from_place", "{S} climbed from {rank_then} place {rank_then:in} to {rank_now} {rank_now:in}."),
    plan(
        Lead,
        "climb.climber",
        "The climber of this table is {s}: {rank_then} {rank_then:in}, {rank_now} {rank_now:in}.",
    ),
    plan(
        Lead,
        "climb.moved_up",
        "Between {rank_then:at} and {rank_now:at}, {s} went from {value_then+} to {value_now}, and up from {rank_then} to {rank_now}.",
    ),
    plan(
        Lead,
        "climb.follow",
        "Follow {s} through the ranking: {rank_then} {rank_then:in}, and {rank_now} by {rank_now:at}.",
    ),
    plan(Lead, "climb.who", "Who moved up? {S}, from {rank_then} {rank_then:in} to {rank_now} {rank_now:in}.")
        .curious(),
    plan(Detail, "climb.values", "In figures, that climb runs from {value_then+} to {value_now}."),
    plan(Detail, "climb.times", "The value itself came to {multiple} that of {value_then:at}.")
        .when(|b| b.reaches("multiple", 1.3)),
    plan(
        Detail,
        "climb.others_stand",
        "A place in a ranking is won against others: to climb, it is not enough to grow.",
    ),
    plan(Heading, "climb.heading", "{m}: from {rank_then:sc} to {rank_now:sc}"),
    plan(Heading, "climb.heading.years", "{m}: {rank_then:sc} in {rank_then:at.y}, {rank_now:sc} in {rank_now:at.y}"),
    plan(Card, "climb.card", "{m}: {rank_then:sc} then, {rank_now:sc} now"),
];

/// Roles `fastest` (growth), `slowest` (growth), `fastest_now`, `slowest_now`.
pub const PANEL_GROWTH: &[Plan] = &[
    plan(
        Lead,
        "growth.fastest_slowest",
        "The fastest grower from {fastest:from} to {fastest:to} was {s}, at {fastest:m} a year; the slowest was {s2}, at {slowest:m}.",
    )
    .when(|b| b.up("fastest") && b.up("slowest")),
    plan(
        Lead,
        "growth.since",
        "Between {fastest:from} and {fastest:to}, {s} grew by {fastest:m} a year, and {s2} by {slowest:m}.",
    )
    .when(|b| b.up("fastest") && b.up("slowest")),
    plan(
        Lead,
        "growth.nothing_faster",
        "Nothing in this table grew faster than {s}: {fastest:m} a year from {fastest:from} to {fastest:to}, while {s2} managed {slowest:m}.",
    )
    .when(|b| b.up("fastest") && b.up("slowest")),
    plan(
        Lead,
        "growth.shrank",
        "From {fastest:from} to {fastest:to}, {s} grew by {fastest:m} a year; {s2} shrank by {slowest:m} a year.",
    )
    .when(|b| b.up("fastest") && b.down("slowest")),
    plan(
        Lead,
        "growth.opposite_ends",
        "At the fast end of the table is {s}, growing by {fastest:m} a year from {fastest:from} to {fastest:to}; at the slow end, {s2}, shrinking by {slowest:m}.",
    )
    .when(|b| b.up("fastest") && b.down("slowest")),
    plan(
        Lead,
        "growth.ends",
        "Speed spreads this table wide: {fastest:m} a year for {s}, {slowest:m} for {s2}, both from {fastest:from} to {fastest:to}.",
    )
    .when(|b| b.up("fastest") && b.up("slowest")),
    plan(
        Detail,
        "growth.result",
        "At the end of it, {s} stood at {fastest_now+} and {s2} at {slowest_now}.",
    ),
    plan(Detail, "growth.ends_at", "The figures {fastest_now:in} were {fastest_now+} for {s} and {slowest_now} for {s2}."),
    plan(Detail, "growth.small_base", "Fast growth often starts from a small base, so speed and size are different races."),
    plan(Heading, "growth.heading", "Growth a year since {fastest:from.y}: {m} {fastest:sg}, {m2} {slowest:sg}")
        .when(|b| b.up("fastest")),
    plan(Heading, "growth.heading.fastest", "{m}: {fastest:sg} a year since {fastest:from.y}"),
    plan(Heading, "growth.heading.who", "{m} against {m2}: growth a year since {fastest:from.y}"),
    plan(Card, "growth.card", "Growth a year since {fastest:from.y}: {m} {fastest:sg}, {m2} {slowest:sg}"),
];

/// Roles `share_now`, `share_then`, `rank_now`, `rank_then`, `value_now`, `value_then`.
pub const PANEL_SHARE: &[Plan] = &[
    plan(
        Lead,
        "shares.then_now",
        "{share_then:in} {s} made up {share_then:m} of the table; {share_now:in}, {share_now:m}, counting those that have both years.",
    ),
    plan(
        Lead,
        "shares.slice",
        "The slice of {s} went from {share_then:m} {share_then:in} to {share_now:m} {share_now:in}, among all that have figures for both.",
    ),
    plan(
        Lead,
        "shares.grew_or_shrank",
        "Of the table at both dates, {s} held {share_then:m} {share_then:in} and {share_now:m} {share_now:in}: a {share_now>share_then?larger|smaller} part of the whole.",
    ),
    plan(
        Lead,
        "shares.how_much",
        "How much of the whole is {s}? {share_now:m} {share_now:in}, against {share_then:m} {share_then:in}.",
    )
    .curious(),
    plan(
        Lead,
        "shares.rank_and_share",
        "{share_now:in} {s} ranked {rank_now}, with {share_now:m} of the whole; {share_then:in}, {rank_then}, with {share_then:m}.",
    ),
    plan(Detail, "shares.figures", "In figures, that is {value_then+} {value_then:in} and {value_now} {value_now:in}."),
    plan(Detail, "shares.rank_before", "In the ranking of {rank_then:at} {it} came {rank_then}."),
    plan(
        Detail,
        "shares.same_circle",
        "The comparison is fair in a simple way: the same circle is counted at both dates.",
    ),
    plan(Detail, "shares.others", "Whatever a share gains, the others together lose; that is how shares work."),
    plan(
        Heading,
        "shares.heading",
        "{m}, share of the table: {share_then:sc} in {share_then:at.y}, {share_now:sc} in {share_now:at.y}",
    ),
    plan(Heading, "shares.heading.now", "{m}: {share_now:sc} of the whole"),
    plan(Card, "shares.card", "{m}: {share_then:sc} of the whole then, {share_now:sc} in {share_now:at.y}"),
];
