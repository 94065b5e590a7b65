//! Records, peaks and the deepest falls.

use crate::prose::plan::Slot::{Card, Detail, Heading, Lead};
use crate::prose::plan::{Plan, plan};

/// Roles `latest`, `previous`, `elapsed?`.
pub const RECORD: &[Plan] = &[
    plan(
        Lead,
        "record.reached",
        "{latest:in} {l} reached {latest+}, the {latest>previous?highest|lowest} reading in the whole record.",
    ),
    plan(
        Lead,
        "record.no_earlier",
        "No earlier reading was {latest>previous?higher|lower}: {l} stood at {latest+} {latest:in}.",
    ),
    plan(
        Lead,
        "record.set",
        "{L} set a record {latest:in}, at {latest+}; the old {latest>previous?high|low} was {previous}, from {previous:at}.",
    ),
    plan(
        Lead,
        "record.belongs",
        "The record {latest>previous?high|low} belongs to {latest:at}, when {l} stood at {latest+}.",
    ),
    plan(
        Lead,
        "record.end_of_line",
        "The end of this line is also its {latest>previous?highest|lowest} point: {latest+}, {latest:in}.",
    ),
    plan(Detail, "record.previous", "The previous {latest>previous?high|low}, {previous+}, dates from {previous:at}."),
    plan(Detail, "record.beats", "That passes the old mark of {previous}, set {previous:in}."),
    plan(Detail, "record.stood_for", "The old record had stood for {elapsed}.").when(|b| b.reaches("elapsed", 2.0)),
    plan(
        Detail,
        "record.every_reading",
        "Every other reading lies on the {latest>previous?lower|higher} side of it, the old extreme of {previous} included.",
    ),
    plan(Detail, "record.only_says", "A record tells where the line has been, and nothing about where it goes."),
    plan(Heading, "record.heading", "{n}: a record {latest>previous?high|low}, {latest:sc}"),
    plan(Card, "record.card", "Record {latest>previous?high|low}: {latest:sc}, {latest:at.s}"),
];

/// Roles `latest`, `since` (years), `then`.
pub const RECORD_SINCE: &[Plan] = &[
    plan(
        Lead,
        "since.stood",
        "{L} stood at {latest+} {latest:in}, the {since?highest|lowest} reading since {since:from}.",
    ),
    plan(
        Lead,
        "since.go_back",
        "To find a reading as {since?high|low} as the {latest} of {latest:at}, you have to go back to {since:from}.",
    ),
    plan(
        Lead,
        "since.in_years",
        "The {latest+} recorded {latest:in} was the {since?highest|lowest} reading in {since}.",
    )
    .when(|b| b.reaches("since", 2.0)),
    plan(
        Lead,
        "since.last_time",
        "The last time {l} stood as {since?high|low} as {latest:in} was back {since:in.from}.",
    ),
    plan(
        Lead,
        "since.memory",
        "Anyone who started watching {l} after {since:from} had never seen a figure as {since?high|low} as the {latest} of {latest:at}.",
    )
    .when(|b| b.reaches("since", 8.0)),
    plan(
        Lead,
        "since.question",
        "When was the last reading this {since?high|low}? {since:in.from}; nothing later had matched the {latest+} of {latest:at}.",
    )
    .curious(),
    plan(Detail, "since.back_then", "Back {then:in}, the figure was {then+}."),
    plan(Detail, "since.years_without", "That is {since} without a reading as {since?high|low}.")
        .when(|b| b.reaches("since", 2.0)),
    plan(Detail, "since.then_and_now", "{then:in} {it} stood at {then}; {latest:in}, at {latest}."),
    plan(
        Detail,
        "since.line_on_chart",
        "Draw a level line back from the end of the chart, and it meets the curve again only {since:in.from}.",
    ),
    plan(Heading, "since.heading", "{n}: {since?highest|lowest} since {since:from.y}"),
    plan(Card, "since.card", "{since?Highest|Lowest} since {since:from.y}: {latest:sc}"),
];

/// Roles `latest`, `peak`, `drawdown`, `elapsed`.
pub const OFF_PEAK: &[Plan] = &[
    plan(
        Lead,
        "off.peaked",
        "{L} peaked at {peak+} {peak:in}; {latest:in} the figure stood {drawdown:m} lower, at {latest}.",
    ),
    plan(
        Lead,
        "off.high_point",
        "The high point came {peak:in}, at {peak+}, and by {latest:at} {l} stood {drawdown:m} below it.",
    ),
    plan(Lead, "off.below", "{latest:in} {l} stood {drawdown:m} below the peak of {peak:at}."),
    plan(
        Lead,
        "off.measured",
        "Measured from the top, {s} had come down by {drawdown:m}: from {peak+} {peak:in} to {latest} {latest:in}.",
    ),
    plan(
        Lead,
        "off.some_time_after",
        "Some {elapsed} after the peak of {peak+}, {l} stood at {latest}, {drawdown:m} lower.",
    )
    .when(|b| b.reaches("elapsed", 2.0)),
    plan(
        Lead,
        "off.how_far",
        "How far from the top? {l} stood at {peak+} {peak:in} and at {latest} {latest:in}, {drawdown:m} lower.",
    )
    .curious(),
    plan(Detail, "off.peak_itself", "The peak itself, {peak+}, came {peak:in}."),
    plan(Detail, "off.distance", "From the top to the latest reading, {elapsed} went by.")
        .when(|b| b.reaches("elapsed", 2.0)),
    plan(Detail, "off.lies_back", "That peak lies {elapsed} back from the latest figure.")
        .when(|b| b.reaches("elapsed", 2.0)),
    plan(Detail, "off.to_stand_there", "To stand where {it} stood {peak:in}, {it} would have to be back at {peak}."),
    plan(Detail, "off.the_fall", "Counted from {peak:at}, the fall comes to {drawdown:m}, and it ends at {latest+}."),
    plan(Heading, "off.heading", "{n}: {drawdown:u} below the peak"),
    plan(Heading, "off.heading.top", "{n}: {drawdown:u} down from {peak:at.s}"),
    plan(Card, "off.card", "{drawdown:u} below the peak of {peak:at.s}"),
];

/// Roles `peak`, `trough`, `drawdown`, `elapsed` (fall), `recovery?`; without the last the peak was not seen again.
pub const WORST_FALL: &[Plan] = &[
    plan(
        Lead,
        "worst.began",
        "The deepest fall on record began {peak:in}: {l} went from {peak+} to {trough}, a drop of {drawdown:m}.",
    ),
    plan(Lead, "worst.at_its_worst", "At the worst, {s} lost {drawdown:m}: {peak+} {peak:in}, {trough} {trough:in}.")
        .when(|b| b.is_money()),
    plan(
        Lead,
        "worst.from_to",
        "From {peak:at} to {trough:at}, {l} dropped from {peak+} to {trough}, the deepest fall in the record.",
    ),
    plan(
        Lead,
        "worst.nothing_matches",
        "Nothing else in the record matches the fall that ended {trough:in}, with {l} {drawdown:m} below the old peak.",
    ),
    plan(
        Lead,
        "worst.slide",
        "The deepest slide took {elapsed}: {l} came down from {peak+} {peak:in} to {trough} {trough:in}, a fall of {drawdown:m}.",
    ),
    plan(
        Lead,
        "worst.how_bad",
        "How far down did it go? Between {peak:at} and {trough:at}, {s} fell {drawdown:m}, to {trough+}.",
    )
    .curious(),
    plan(Detail, "worst.down_and_back", "The way down took {elapsed}; the way back took {recovery}."),
    plan(Detail, "worst.way_down", "From top to bottom, that took {elapsed}."),
    plan(Detail, "worst.recovery", "Getting back to the old peak took {recovery} from the bottom."),
    plan(Detail, "worst.not_back", "After that bottom, the line stayed under {peak} to the end of this record.")
        .when(|b| !b.has("recovery")),
    plan(Detail, "worst.bottom", "The bottom came {trough:in}, at {trough+}."),
    plan(Detail, "worst.picture", "At the bottom, {trough} bought what had cost {peak} at the top.")
        .when(|b| b.is_price()),
    plan(Detail, "worst.peak_date", "The peak before it had come {peak:in}, at {peak}."),
    plan(Heading, "worst.heading", "The deepest fall: {drawdown:u}"),
    plan(Heading, "worst.heading.dates", "{n}: {drawdown:u} down from {peak:at.y} to {trough:at.y}"),
    plan(Card, "worst.card", "Deepest fall: {drawdown:u}, {peak:at.y} to {trough:at.y}"),
];
