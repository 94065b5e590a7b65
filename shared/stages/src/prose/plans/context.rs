//! A series set in its context: prices, turning points, crises, and other series.

use crate::prose::Bound;
use crate::prose::plan::Slot::{Card, Detail, Heading, Lead};
use crate::prose::plan::{Plan, plan};

/// Roles `nominal`, `real`, `prices`, `then`, `now`; the second series is the price index.
pub const REAL: &[Plan] = &[
    plan(
        Lead,
        "real.after_prices",
        "From {nominal:from} to {nominal:to}, {s} {nominal?rose|fell} by {nominal:m}; take out {s2}, which {prices?rose|fell} by {prices:m}, and what is left is {real?a rise|a fall} of {real:m}.",
    ),
    plan(
        Lead,
        "real.counted_in_goods",
        "Counted in money, {s} went {nominal?up|down} by {nominal:m} between {nominal:from} and {nominal:to}; counted in what money buys, {real?up|down} by {real:m}.",
    ),
    plan(
        Lead,
        "real.how_much_is_prices",
        "How much of that is inflation? Since {nominal:from} {s} went {nominal?up|down} by {nominal:m}, and with consumer prices taken out {real?up|down} by {real:m}.",
    )
    .curious(),
    plan(
        Lead,
        "real.price_tag",
        "The price tag went from {then+} {then:in} to {now} {now:in}; after the rise of consumer prices, that is a {real?gain|loss} of {real:m}.",
    )
    .when(|b| b.is_price() && b.up("prices")),
    plan(
        Lead,
        "real.ahead",
        "Did {s} keep up with consumer prices? From {real:from} to {real:to}, more than kept up: {real:m} ahead.",
    )
    .when(|b| b.up("real"))
    .curious(),
    plan(
        Lead,
        "real.behind",
        "Between {real:from} and {real:to}, {s} did not keep up with consumer prices: what is left is a fall of {real:m}, after a {nominal?rise|fall} of {nominal:m} in plain money.",
    )
    .when(|b| b.down("real")),
    plan(
        Detail,
        "real.prices",
        "Over the same stretch {s2} {prices?rose|fell} by {prices:m}.",
    ),
    plan(
        Detail,
        "real.what_is_left",
        "With that taken out, the {real?rise|fall} is {real:m}.",
    ),
    plan(
        Detail,
        "real.plain_money",
        "In plain money the {nominal?rise|fall} is {nominal:m}, from {then+} to {now}.",
    ),
    plan(
        Detail,
        "real.not_the_same",
        "The money changed as well as the thing, which is why the figures differ so much.",
    )
    .when(|b| (b.value("nominal") - b.value("real")).abs() > 25.0),
    plan(Heading, "real.heading", "{n}: {nominal:sg} in money, {real:sg} after inflation").when(|b| !b.flat("nominal") && !b.flat("real")),
    plan(Heading, "real.heading.plain", "{n}, with and without inflation").when(|b| b.flat("nominal") || b.flat("real")),
    plan(Card, "real.card", "After inflation: {real:sg} since {real:from.y}").when(|b| !b.flat("real")),
    plan(Card, "real.card.money", "In money: {nominal:sg} since {nominal:from.y}").when(|b| !b.flat("nominal")),
];

/// Roles `turn`, `before`, `latest`, `run`, `since`, `elapsed`, `typical`.
pub const TURN: &[Plan] = &[
    plan(
        Lead,
        "turn.last_came",
        "The last major turn in {s} came {turn:in}, at {turn+}; by {latest:at} {it} had {since?risen|fallen} by {since:m}.",
    ),
    plan(
        Lead,
        "turn.until_then",
        "Until {run:to} {s} {run?climbed|fell}, by {run:m} from {run:from}; then the line turned, and has since gone {since?up|down} by {since:m}.",
    ),
    plan(
        Lead,
        "turn.two_legs",
        "The line of {s} bends {turn:in}: before that, {run?up|down} by {run:m}; after that, {since?up|down} by {since:m}.",
    ),
    plan(
        Lead,
        "turn.corner",
        "Look for the corner {turn:in}: before it {s} {run?rose|fell} by {run:m}, and after it {since?rose|fell} by {since:m}, to {latest+}.",
    ),
    plan(
        Lead,
        "turn.when",
        "When did {s} last turn? {turn:in}, at {turn+}; since that {run?peak|trough} the line has gone {since?up|down} by {since:m}.",
    )
    .curious(),
    plan(Detail, "turn.started", "The leg before the turn had begun {before:in}, at {before+}."),
    plan(Detail, "turn.started_at", "The leg before the turn had begun at {before+}."),
    plan(Detail, "turn.ago", "From the turn to the latest reading, {elapsed} went by.").when(|b| b.reaches("elapsed", 2.0)),
    plan(Detail, "turn.before_move", "The stretch before the turn went {run?up|down} by {run:m}."),
    plan(Detail, "turn.against_usual", "Against a typical yearly move of {typical:m}, such a turn stands out."),
    plan(Detail, "turn.no_more", "A turn tells where a stretch ended, and nothing about the length of the next."),
    plan(Heading, "turn.heading", "{n}: the turn of {turn:at.s}").when(|b| b.flat("since")),
    plan(Heading, "turn.heading.since", "{n}: {since:sg} since the turn of {turn:at.y}").when(|b| !b.flat("since")),
    plan(Card, "turn.card", "Since the turn of {turn:at.s}: {since:sg}").when(|b| !b.flat("since")),
    plan(Card, "turn.card.at", "The last major turn: {turn:sc}, {turn:at.s}").when(|b| b.flat("since")),
];

/// Roles `correlation`, `unlagged`, `lag`; the second series is the later one. Every sentence warns that to move earlier
/// is not to cause.
pub const LEAD: &[Plan] = &[
    plan(
        Lead,
        "lead.looks_like",
        "The yearly moves of {s} look like those of {s2} {lag} later, with a correlation of {correlation}; moving earlier is not the same as causing.",
    ),
    plan(
        Lead,
        "lead.slide",
        "Slide {s} later by {lag} and {its} yearly moves match those of {s2} best, at a correlation of {correlation}: a pattern in time, and no proof of cause.",
    ),
    plan(
        Lead,
        "lead.same_time",
        "At the same time the yearly moves of {s} and {s2} correlate at {unlagged}; with {lag} between them, at {correlation}. Coming earlier does not mean causing.",
    ),
    plan(
        Lead,
        "lead.since",
        "In the record since {correlation:from.y}, {s2} has tended to move {correlation?like|against} {s}, only {lag} later, at a correlation of {correlation}; that is no proof of cause.",
    ),
    plan(
        Lead,
        "lead.who",
        "Which of them moves early? By the yearly moves it is {s}, by {lag}, at a correlation of {correlation}. Moving earlier is not the same as causing.",
    )
    .curious(),
    plan(
        Detail,
        "lead.unlagged",
        "Without the shift the correlation is {unlagged}, so the delay matters; it is still no proof of cause.",
    ),
    plan(
        Detail,
        "lead.halves",
        "The pattern holds in each part of the record, early and late, and even so it is no proof of cause.",
    ),
    plan(
        Detail,
        "lead.third_thing",
        "Something else may move them both, at different speeds: coming earlier does not mean causing.",
    ),
    plan(Heading, "lead.heading", "{n} early, {n2} late"),
    plan(Heading, "lead.heading.shift", "{n} early, {n2} {lag:sc} later"),
    plan(Card, "lead.card", "{n} moved like {n2} {lag:sc} later; no proof of cause").when(|b| b.up("correlation")),
    plan(Card, "lead.card.plain", "A shift of {lag:sc} fits best; no proof of cause"),
];

/// True where the first of two crises moved the line at least as much as the second.
fn first_is_larger(b: &Bound<'_>) -> bool {
    b.value("first_move").abs() >= b.value("second_move").abs()
}

/// True where two crises lasted about as long, so that their moves compare as they are. Of others the finding says how long each
/// lasted, and so does each sentence that holds both moves against each other.
fn as_long(b: &Bound<'_>) -> bool {
    !b.has("first_lasted")
}

/// Roles `first_move`, `second_move`, `first_start`, `first_end`, `second_start`, `second_end`, `first_lasted?`,
/// `second_lasted?`.
pub const CRISIS: &[Plan] = &[
    plan(
        Lead,
        "crisis.same_way",
        "In {crisis=first_move} {s} {first_move?rose|fell} by {first_move:m}; in {crisis=second_move}, by {second_move:m}.",
    )
    .when(|b| as_long(b) && b.way("first_move") == b.way("second_move")),
    plan(
        Lead,
        "crisis.opposite",
        "In {crisis=first_move} {s} {first_move?rose|fell} by {first_move:m}; in {crisis=second_move} {it} {second_move?rose|fell} by {second_move:m}.",
    )
    .when(|b| as_long(b) && b.way("first_move") != b.way("second_move")),
    plan(
        Lead,
        "crisis.not_alike",
        "No crisis is like another: {crisis=first_move} took {s} {first_move?up|down} by {first_move:m}, and {crisis=second_move} {second_move?up|down} by {second_move:m}.",
    )
    .when(as_long),
    plan(
        Lead,
        "crisis.levels",
        "In {crisis=first_move} {s} went {first_move?up|down} by {first_move:m}, from {first_start+} to {first_end}; in {crisis=second_move} {it} went from {second_start} to {second_end}.",
    )
    .when(|b| as_long(b) && first_is_larger(b)),
    plan(
        Lead,
        "crisis.levels.second",
        "In {crisis=first_move} {s} went from {first_start+} to {first_end}; in {crisis=second_move} {it} went {second_move?up|down} by {second_move:m}, from {second_start} to {second_end}.",
    )
    .when(|b| as_long(b) && !first_is_larger(b)),
    plan(
        Lead,
        "crisis.what_happened",
        "What did {s} do in hard times? Through {crisis=first_move}, {first_move:m} {first_move?up|down}; through {crisis=second_move}, {second_move:m} {second_move?up|down}.",
    )
    .when(as_long)
    .curious(),
    plan(
        Lead,
        "crisis.longer.same_way",
        "In {crisis=first_move} {s} {first_move?rose|fell} by {first_move:m} over {first_lasted}; in {crisis=second_move}, by {second_move:m} over {second_lasted}.",
    )
    .when(|b| b.way("first_move") == b.way("second_move")),
    plan(
        Lead,
        "crisis.longer.opposite",
        "In {crisis=first_move} {s} {first_move?rose|fell} by {first_move:m} over {first_lasted}; in {crisis=second_move} {it} {second_move?rose|fell} by {second_move:m} over {second_lasted}.",
    )
    .when(|b| b.way("first_move") != b.way("second_move")),
    plan(
        Lead,
        "crisis.longer.not_alike",
        "No crisis is like another: {crisis=first_move} took {s} {first_move?up|down} by {first_move:m} in {first_lasted}, and {crisis=second_move} {second_move?up|down} by {second_move:m} in {second_lasted}.",
    ),
    plan(
        Lead,
        "crisis.longer.took",
        "{crisis=first_move} took {s} {first_move?up|down} by {first_move:m} over {first_lasted}; {crisis=second_move} took {them} {second_move?up|down} by {second_move:m} over {second_lasted}.",
    ),
    plan(
        Lead,
        "crisis.longer.what_happened",
        "What did {s} do in hard times? Through {crisis=first_move}, {first_move:m} {first_move?up|down} over {first_lasted}; through {crisis=second_move}, {second_move:m} {second_move?up|down} over {second_lasted}.",
    )
    .curious(),
    plan(Detail, "crisis.first", "{crisis=first_move} began with a reading of {first_start+} and ended with {first_end}."),
    plan(Detail, "crisis.second", "{crisis=second_move} began with a reading of {second_start+} and ended with {second_end}."),
    plan(
        Detail,
        "crisis.not_why",
        "What a line did in a crisis shows what happened in it, and not what caused it.",
    ),
    plan(
        Detail,
        "crisis.memory",
        "Nothing obliges the next crisis to look like either of them.",
    ),
    plan(Heading, "crisis.heading", "{n}: {first_move:sg} in {crisis=first_move}")
        .when(|b| !b.flat("first_move") && first_is_larger(b)),
    plan(Heading, "crisis.heading.second", "{n}: {second_move:sg} in {crisis=second_move}")
        .when(|b| !b.flat("second_move") && !first_is_larger(b)),
    plan(Card, "crisis.card", "{Crisis=first_move}: {first_move:sg}")
        .when(|b| !b.flat("first_move") && first_is_larger(b)),
    plan(Card, "crisis.card.second", "{Crisis=second_move}: {second_move:sg}")
        .when(|b| !b.flat("second_move") && !first_is_larger(b)),
];
