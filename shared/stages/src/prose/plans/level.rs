//! Where a series stands, and how it moved over a year or over the long run.

use proofreel_model::series::Frequency;

use crate::prose::plan::Slot::{Card, Detail, Heading, Lead};
use crate::prose::plan::{Plan, plan};

/// Roles `latest`, `average`, `gap?`.
pub const LEVEL: &[Plan] = &[
    plan(
        Lead,
        "level.against_average",
        "{L} stood at {latest+} {latest:in}, against an average of {average} since {average:from.y}.",
    ),
    plan(
        Lead,
        "level.whole_record",
        "Across the whole record, back to {average:from.y}, {l} averaged {average+}; {latest:in} the figure was {latest}.",
    ),
    plan(
        Lead,
        "level.two_numbers",
        "The average since {average:from.y} is {average+}, and the latest reading, from {latest:at}, is {latest}.",
    ),
    plan(
        Lead,
        "level.take_every_reading",
        "Take every reading since {average:from.y} and the average comes to {average+}; the figure {latest:in} was {latest}.",
    ),
    plan(
        Lead,
        "level.where_does_it_stand",
        "Where did {l} stand? At {latest+} {latest:in}, {latest>average?above|below} a long average of {average}.",
    )
    .curious(),
    plan(
        Lead,
        "level.yardstick",
        "As a yardstick, use the average since {average:from.y}: {average+}. Measured that way, the {latest} of {latest:at} was {latest>average?high|low}.",
    ),
    plan(
        Detail,
        "level.good_and_bad",
        "That average counts every reading since {average:from.y}, calm years and wild years alike.",
    ),
    plan(Detail, "level.own_history", "By the standard of {its} own history that is {latest>average?high|low}.")
        .when(|b| !b.flat("latest")),
    plan(
        Detail,
        "level.not_a_target",
        "An average is a yardstick and no more: nothing obliges {them} to return to {average}.",
    ),
    plan(
        Detail,
        "level.middle",
        "The latest figure lies {latest>average?above|below} what this record calls normal, and normal here means {average}.",
    ),
    plan(Heading, "level.heading.average", "{n}: {latest:sc}, against a long average of {average:sc}"),
    plan(Heading, "level.heading.now", "{n} in {latest:at.s}: {latest:sc}")
        .when(|b| b.frequency() != Some(Frequency::Daily)),
    plan(Card, "level.card", "{latest:sc}, against a long average of {average:sc}"),
];

/// Roles `latest`, `year_ago`, `change`.
pub const YEAR_ON_YEAR: &[Plan] = &[
    plan(Lead, "yoy.stood", "{L} stood at {latest+} {latest:in}, {change:m} {change?higher|lower} than a year earlier."),
    plan(
        Lead,
        "yoy.over_the_year",
        "Over the year to {latest:at}, {s} {change?rose|fell} by {change:m}, from {year_ago} to {latest+}.",
    ),
    plan(
        Lead,
        "yoy.a_year_before",
        "A year before {latest:at}, {l} stood at {year_ago+}; since then the figure has gone {change?up|down} by {change:m}, to {latest}.",
    ),
    plan(
        Lead,
        "yoy.side_by_side",
        "Set {latest:at} beside the same {period} a year earlier, and {s} {v:is|are} {change?up|down} by {change:m}.",
    )
    .when(|b| b.frequency() == Some(Frequency::Monthly)),
    plan(Lead, "yoy.the_year_took", "The year to {latest:at} took {s} {change?up|down} by {change:m}, to {latest+}."),
    plan(
        Lead,
        "yoy.flat",
        "Between {year_ago:at} and {latest:at}, {l} ended where {it} began, at {latest+}.",
    )
    .when(|b| b.value("latest") == b.value("year_ago")),
    plan(
        Lead,
        "yoy.question",
        "What did a year change? {year_ago:in} {l} stood at {year_ago+}; {latest:in} the reading was {latest}, {change:m} {change?higher|lower}.",
    )
    .curious(),
    plan(Detail, "yoy.from", "The starting point, {year_ago:in}, was {year_ago+}."),
    plan(
        Detail,
        "yoy.went_from_to",
        "{year_ago:in} {it} had stood at {year_ago}; {latest:in} the reading was {latest}.",
    ),
    plan(
        Detail,
        "yoy.points",
        "That is {change:m} {change?up|down}: a change in the rate itself, and not a share of it.",
    )
    .when(|b| b.is_rate()),
    plan(
        Detail,
        "yoy.same_season",
        "Comparing a month with the same month of another year keeps the season out of it, since the source leaves it in.",
    )
    .when(|b| b.is_unadjusted() && b.frequency() == Some(Frequency::Monthly)),
    plan(Heading, "yoy.heading.year", "{n}: {change:sg} in a year").when(|b| !b.flat("change")),
    plan(Heading, "yoy.heading.beside", "{n}, a year apart").when(|b| b.flat("change")),
    plan(Card, "yoy.card", "Over the year: {change:sg}, to {latest:sc}"),
];

/// Roles `latest`, `then`, `change`, `elapsed`, `growth?`, `multiple?`.
pub const LONG_RUN: &[Plan] = &[
    plan(Lead, "long.then_and_now", "{then:in} {l} stood at {then+}; {latest:in} the figure was {latest}."),
    plan(
        Lead,
        "long.between",
        "Between {then:at} and {latest:at}, {s} {change?rose|fell} by {change:m}, from {then} to {latest+}.",
    )
    .when(|b| b.within("change", 900.0)),
    plan(
        Lead,
        "long.multiple",
        "{L} {latest:in} stood at {multiple} the level of {then:at}: {latest}, against {then+}.",
    )
    .when(|b| b.reaches("multiple", 1.5)),
    plan(Lead, "long.it_took", "It took {elapsed} for {l} to go from {then+} to the {latest} of {latest:at}."),
    plan(Lead, "long.a_measure_of_it", "{a per} that cost {then} {then:in} cost {latest} {latest:in}.")
        .when(|b| b.is_price()),
    plan(Lead, "long.needed", "The {per} that cost {then} {then:in} was priced at {latest} {latest:in}.")
        .when(|b| b.is_price() && b.up("change")),
    plan(Lead, "long.go_back", "Go back {elapsed} and {l} stood at {then+}, against {latest} {latest:in}."),
    plan(
        Lead,
        "long.growth",
        "From {then:at} to {latest:at}, {s} {growth?rose|fell} by {growth:m} a year, taken as a steady pace.",
    ),
    plan(
        Lead,
        "long.start_of_line",
        "This stretch of the line starts {then:in}, at {then+}, and ends {latest:in}, at {latest}.",
    ),
    plan(
        Lead,
        "long.picture_someone",
        "Picture a reader of {then:at} finding {then+} in the paper; {elapsed} later the same figure reads {latest}.",
    )
    .when(|b| b.is_price() && b.reaches("elapsed", 5.0)),
    plan(Detail, "long.spread", "Spread evenly since {growth:from}, that is a rise of {growth:m} a year, compounded.")
        .when(|b| b.up("growth")),
    plan(Detail, "long.even_pace", "Taken at an even pace since {growth:from}, the rise is {growth:m} a year.").when(|b| b.up("growth")),
    plan(Detail, "long.compounded", "Compounded since {growth:from}, it comes to a rise of {growth:m} a year.").when(|b| b.up("growth")),
    plan(Detail, "long.times", "That is {multiple} the old figure.").when(|b| b.reaches("multiple", 1.3)),
    plan(Detail, "long.sum", "Over those {elapsed} the {change?gain|decline} comes to {change:m}.")
        .when(|b| b.within("change", 900.0)),
    plan(
        Detail,
        "long.small_steps",
        "Nothing spectacular is needed for that: a rise of {growth:m} a year since {growth:from}, compounded, is enough.",
    )
    .when(|b| b.up("growth") && b.within("growth", 6.0) && b.reaches("multiple", 3.0)),
    plan(
        Detail,
        "long.pace",
        "The pace since {growth:from}, {growth:m} a year, sounds modest; over {elapsed} it makes {multiple} the starting level.",
    )
    .when(|b| b.up("growth") && b.within("growth", 8.0) && b.reaches("multiple", 2.0)),
    plan(
        Detail,
        "long.points",
        "In all, the latest reading is {change:m} {change?higher|lower} than it was {then:in}.",
    )
    .when(|b| b.is_rate()),
    plan(
        Detail,
        "long.straight_line",
        "The road between those dates was no straight line, and the chart keeps its bends.",
    ),
    plan(Heading, "long.heading.then_now", "{n}: {then:sc} then, {latest:sc} now").when(|b| b.is_fresh()),
    plan(Heading, "long.heading.change", "{n}: {change:sg} since {then:at.y}").when(|b| !b.flat("change")),
    plan(Heading, "long.heading.range", "{n}, {then:at.y} to {latest:at.y}").when(|b| b.flat("change")),
    plan(Card, "long.card.times", "{multiple:x} the level of {then:at.y}").when(|b| b.reaches("multiple", 1.5)),
    plan(Card, "long.card", "From {then:sc} in {then:at.y} to {latest:sc} in {latest:at.y}"),
];
