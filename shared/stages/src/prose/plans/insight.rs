//! What the evidence means: claims set against each other. Roles are prefixed, see [`crate::prose::bound::alias`].

use crate::prose::Bound;
use crate::prose::plan::Slot::{Insight, Sceptic};
use crate::prose::plan::{Plan, plan};

/// Size of the latest yearly change in units of the typical one.
fn against_typical(b: &Bound<'_>, typical: &str) -> f64 {
    b.value("yoy.change").abs() / b.value(typical).abs()
}

/// Plans over the joined claims of a topic, the weightiest comparisons first.
pub const INSIGHT: &[Plan] = &[
    plan(
        Insight,
        "insight.below_peak_above_average",
        "Below the peak is not the same as low: the {off.latest+} of {off.latest:at} is still above the long average of {level.average}.",
    )
    .when(|b| b.value("off.latest") > b.value("level.average")),
    plan(
        Insight,
        "insight.below_both",
        "The latest reading lies under both marks, the peak and the long average: {off.latest+}, against {level.average}.",
    )
    .when(|b| b.value("off.latest") < b.value("level.average")),
    plan(
        Insight,
        "insight.small_beside_deepest",
        "Set the present distance below the peak, {off.drawdown:m}, beside the deepest fall on record, {worst.drawdown:m}: from {worst.peak:at} to {worst.trough:at} {s} came down much further.",
    )
    .when(|b| b.value("off.drawdown").abs() < 0.6 * b.value("worst.drawdown").abs()),
    plan(
        Insight,
        "insight.near_deepest",
        "The present distance below the peak, {off.drawdown:m}, stands beside a deepest fall of {worst.drawdown:m}: the record has little that goes further.",
    )
    .when(|b| {
        let (now, worst) = (b.value("off.drawdown").abs(), b.value("worst.drawdown").abs());
        now >= 0.6 * worst && now < worst
    }),
    plan(
        Insight,
        "insight.wild_year",
        "A typical year brings a move of {rise.typical:m}; the latest year took {s} {yoy.change?up|down} by {yoy.change:m}: far from an ordinary year.",
    )
    .when(|b| against_typical(b, "rise.typical") > 1.8),
    plan(
        Insight,
        "insight.lively_year",
        "A typical year brings a move of {rise.typical:m}; the latest year took {s} {yoy.change?up|down} by {yoy.change:m}: livelier than usual, and far from the extremes.",
    )
    .when(|b| {
        let times = against_typical(b, "rise.typical");
        times > 1.2 && times <= 1.8 && b.value("yoy.change").abs() < 0.5 * b.value("rise.change").abs()
    }),
    plan(
        Insight,
        "insight.usual_year",
        "The usual yearly move of {s} is {rise.typical:m}, and the latest was {yoy.change:m} {yoy.change?up|down}: nothing out of the ordinary.",
    )
    .when(|b| (0.8..=1.2).contains(&against_typical(b, "rise.typical"))),
    plan(
        Insight,
        "insight.calm_year",
        "A typical year brings a move of {rise.typical:m}; the latest year took {s} {yoy.change?up|down} by {yoy.change:m}, a quiet year by this record.",
    )
    .when(|b| !b.flat("yoy.change") && against_typical(b, "rise.typical") < 0.8),
    plan(
        Insight,
        "insight.calm_year_drop",
        "Beside a usual yearly move of {drop.typical:m}, the latest {yoy.change?rise|fall} of {yoy.change:m} is small.",
    )
    .when(|b| !b.has("rise.typical") && !b.flat("yoy.change") && against_typical(b, "drop.typical") < 0.8),
    plan(
        Insight,
        "insight.wild_year_drop",
        "Beside a usual yearly move of {drop.typical:m}, the latest {yoy.change?rise|fall} of {yoy.change:m} is large.",
    )
    .when(|b| !b.has("rise.typical") && against_typical(b, "drop.typical") > 1.5),
    plan(
        Insight,
        "insight.climb_and_fall",
        "The same record holds a climb to {long.multiple} the starting level and a fall of {worst.drawdown:m}: the long run hides the rough years.",
    )
    .when(|b| b.reaches("long.multiple", 2.0)),
    plan(
        Insight,
        "insight.faster_than_trend",
        "Since {long.growth:from} {s} rose by {long.growth:m} a year; the latest year brought a rise of {yoy.change:m}, faster than that old habit.",
    )
    .when(|b| b.up("long.growth") && b.up("yoy.change") && b.value("yoy.change") > 1.3 * b.value("long.growth")),
    plan(
        Insight,
        "insight.slower_than_trend",
        "Since {long.growth:from} {s} rose by {long.growth:m} a year; the latest year brought a rise of {yoy.change:m}, slower than that old habit.",
    )
    .when(|b| b.up("long.growth") && b.up("yoy.change") && b.value("yoy.change") < 0.77 * b.value("long.growth")),
    plan(
        Insight,
        "insight.up_and_down",
        "The long run points up, by {long.growth:m} a year since {long.growth:from}, and the latest year points down, by {yoy.change:m}: the answer depends on where you start the clock.",
    )
    .when(|b| b.up("long.growth") && b.down("yoy.change")),
    plan(
        Insight,
        "insight.real_is_less",
        "Part of the long climb is the money itself: {real.nominal:m} up in plain money since {real.nominal:from}, and {real.real:m} up with consumer prices taken out.",
    )
    .when(|b| b.up("real.nominal") && b.up("real.real") && b.value("real.real") < b.value("real.nominal")),
    plan(
        Insight,
        "insight.real_turns",
        "Money can hide a loss: {real.nominal:m} up in plain money since {real.nominal:from}, and {real.real:m} down with consumer prices taken out.",
    )
    .when(|b| b.up("real.nominal") && b.down("real.real")),
    plan(
        Insight,
        "insight.turn_and_year",
        "The last year belongs to a longer leg: since the turn of {turn.turn:at} the line went {turn.since?up|down} by {turn.since:m}, and over the latest year {yoy.change?up|down} by {yoy.change:m}.",
    )
    .when(|b| b.way("turn.since") == b.way("yoy.change") && !b.flat("yoy.change") && b.reaches("turn.elapsed", 2.0)),
    plan(
        Insight,
        "insight.turn_against_year",
        "The last leg and the latest year tell it differently: since the turn of {turn.turn:at} the line went {turn.since?up|down} by {turn.since:m}, but over the latest year {yoy.change?up|down} by {yoy.change:m}.",
    )
    .when(|b| b.way("turn.since") != b.way("yoy.change") && !b.flat("yoy.change") && !b.flat("turn.since")),
    plan(
        Insight,
        "insight.distance_and_pace",
        "Distance and pace are different things: {off.drawdown:m} below the peak, and {yoy.change:m} {yoy.change?up|down} over the latest year.",
    )
    .when(|b| !b.flat("yoy.change")),
    plan(
        Insight,
        "insight.recovery_longer",
        "Falling and recovering keep different clocks: the deepest fall took {worst.elapsed}, and the way back {worst.recovery}.",
    )
    .when(|b| b.value("worst.recovery") > b.value("worst.elapsed")),
    plan(
        Insight,
        "insight.recovery_quicker",
        "The deepest fall took its time, {worst.elapsed}; the way back, {worst.recovery}, was the quicker part.",
    )
    .when(|b| b.value("worst.recovery") < b.value("worst.elapsed")),
    plan(
        Insight,
        "insight.falls_harder",
        "The largest yearly fall, {drop.change:m}, is bigger than the largest yearly rise, {rise.change:m}: this line comes down harder than it goes up.",
    )
    .when(|b| b.value("drop.change").abs() > 1.1 * b.value("rise.change").abs()),
    plan(
        Insight,
        "insight.rises_harder",
        "The largest yearly rise, {rise.change:m}, is bigger than the largest yearly fall, {drop.change:m}: the sharper surprises pointed upward.",
    )
    .when(|b| b.value("rise.change").abs() > 1.1 * b.value("drop.change").abs()),
    plan(
        Insight,
        "insight.high_for_years_near_average",
        "A reading can be the {since.since?highest|lowest} since {since.since:from.y} and still lie {level.latest>level.average?above|below} the average of the whole record, {level.average}.",
    )
    .when(|b| {
        let (latest, average) = (b.value("level.latest"), b.value("level.average"));
        (b.up("since.since") && latest < average) || (b.down("since.since") && latest > average)
    }),
    plan(
        Insight,
        "insight.level_and_year",
        "Level and movement are separate questions: {level.latest:in} {l} stood {level.latest>level.average?above|below} the long average of {level.average}, after a {yoy.change?rise|fall} of {yoy.change:m} in a year.",
    )
    .when(|b| !b.flat("yoy.change")),
    plan(
        Insight,
        "insight.record_far_from_average",
        "At the record, {l} stood at {record.latest+}, with the long average at {level.average}: the average belongs to another era.",
    )
    .when(|b| b.value("record.latest") > 2.0 * b.value("level.average")),
    plan(
        Insight,
        "insight.record_is_routine",
        "For a line that keeps growing, a record is routine: the old {record.latest>record.previous?high|low} dates from {record.previous:at}.",
    )
    .when(|b| b.up("long.growth") && b.within("record.elapsed", 4.0)),
    plan(
        Insight,
        "insight.versus_moves",
        "What separates them is the size of the move: {versus.first_change:m} {versus.first_change?up|down} for {s@versus}, {versus.second_change:m} {versus.second_change?up|down} for {s2@versus}.",
    ),
    plan(
        Insight,
        "insight.crossing_and_gap",
        "A crossing settles nothing for good, but the distance says something: {s@versus} stood {versus.gap:m} {versus.gap?above|below} {s2@versus} {versus.gap:in}.",
    )
    .when(|b| b.has("cross.crossing")),
    plan(
        Insight,
        "insight.size_and_speed",
        "Size and speed are different races: {s@leader} had the largest figure, {leader.leader+}, while the fastest growth since {growth.fastest:from.y}, {growth.fastest:m} a year, belongs to {s@growth}.",
    )
    .when(|b| b.up("growth.fastest") && b.info(0, Some("leader")).map(|i| &i.series) != b.info(0, Some("growth")).map(|i| &i.series)),
    plan(
        Insight,
        "insight.climb_and_lead",
        "The climb of {s@climb} from {climb.rank_then} to {climb.rank_now} changed the table; at the top, {s@leader} still stood at {leader.ratio:x} the next figure.",
    )
    .when(|b| b.value("leader.ratio") > 1.1 && b.info(0, Some("leader")).map(|i| &i.series) != b.info(0, Some("climb")).map(|i| &i.series)),
    plan(
        Insight,
        "insight.climb_values",
        "Behind a new place in the ranking stands a plain number: {climb.value_then+} {climb.value_then:in}, {climb.value_now} {climb.value_now:in}.",
    ),
    plan(
        Insight,
        "insight.spread_of_growth",
        "Small differences in pace pull a table apart: since {growth.fastest:from.y}, growth of {growth.fastest:m} a year at the fast end and {growth.slowest:m} at the slow end, compounded.",
    )
    .when(|b| b.up("growth.fastest") && b.up("growth.slowest")),
    plan(
        Insight,
        "insight.distance_covered",
        "A number needs a distance to mean something: {l} went from {long.then+} to {long.latest} in {long.elapsed}.",
    ),
];

/// Comparisons with the deepest fall that tell its ends or its length, where its figure is kept for the payoff.
pub const IN_WORDS: &[Plan] = &[
    plan(
        Insight,
        "words.small_beside_deepest",
        "The present distance below the peak, {off.drawdown:m}, is small against the deepest fall on record, when {l} came down from {worst.peak+} to {worst.trough}.",
    )
    .when(|b| b.value("off.drawdown").abs() < 0.6 * b.value("worst.drawdown").abs()),
    plan(
        Insight,
        "words.near_deepest",
        "The present distance below the peak is {off.drawdown:m}: the record has little that goes further, and its deepest fall took {worst.elapsed}.",
    )
    .when(|b| {
        let (now, worst) = (b.value("off.drawdown").abs(), b.value("worst.drawdown").abs());
        now >= 0.6 * worst && now < worst
    }),
];

/// What the number of an insight's card says, where no comparison of [`INSIGHT`] tells it.
pub const NUMBER: &[Plan] = &[
    plan(
        Insight,
        "number.worst",
        "Keep the deepest fall on record in view: {l} went from {worst.peak+} {worst.peak:in} to {worst.trough} {worst.trough:in}, a fall of {worst.drawdown:m}.",
    ),
    plan(
        Insight,
        "number.typical_rise",
        "In the year to {rise.end:at}, {s} rose by {rise.change:m}; the typical yearly move, in either direction, is {rise.typical:m}.",
    ),
    plan(
        Insight,
        "number.typical_drop",
        "In the year to {drop.end:at}, {s} fell by {drop.change:m}; typically {v:it moves|they move} by {drop.typical:m}, in either direction.",
    ),
    plan(
        Insight,
        "number.multiple",
        "In the long view, {l} {long.latest:in} stood at {long.multiple} the level of {long.then:at}: {long.latest}, against {long.then+}.",
    )
    .when(|b| b.reaches("long.multiple", 1.05)),
    plan(
        Insight,
        "number.average",
        "A level needs a yardstick: {level.latest:in} {l} stood at {level.latest+}, {level.latest>level.average?above|below} the long average of {level.average}.",
    ),
    plan(
        Insight,
        "number.leader",
        "Look at the top of the table: {leader.leader:in} {s@leader} came to {leader.leader+}, {leader.ratio:x} the figure for {s2@leader}.",
    )
    .when(|b| b.value("leader.ratio") > 1.15),
    plan(
        Insight,
        "number.growth",
        "Pace sets them apart: between {growth.fastest:from} and {growth.fastest:to}, {s@growth} grew by {growth.fastest:m} a year, and {s2@growth} by {growth.slowest:m}.",
    )
    .when(|b| b.up("growth.fastest") && b.up("growth.slowest")),
    plan(
        Insight,
        "number.growth_and_decline",
        "Pace sets them apart: from {growth.fastest:from} to {growth.fastest:to}, {s@growth} grew by {growth.fastest:m} a year; {s2@growth} shrank by {growth.slowest:m} a year.",
    )
    .when(|b| b.up("growth.fastest") && b.down("growth.slowest")),
    plan(
        Insight,
        "number.versus",
        "{over=versus.first_change}, {s@versus} went {versus.first_change?up|down} by {versus.first_change:m}; {s2@versus} went {versus.second_change?up|down} by {versus.second_change:m}.",
    ),
    plan(
        Insight,
        "number.off",
        "A distance needs a starting point: the peak came {off.peak:in}, at {off.peak+}, and by {off.latest:at} {l} stood {off.drawdown:m} below it.",
    ),
];

/// The same in few words, where a channel or a wish asks for short sentences.
pub const NUMBER_IN_SHORT: &[Plan] = &[
    plan(
        Insight,
        "number.short.worst",
        "At {v:its|their} deepest, {s} fell by {worst.drawdown:m}, from {worst.peak:at} to {worst.trough:at}.",
    ),
    plan(Insight, "number.short.typical_rise", "In a typical year {s} {v:moves|move} by {rise.typical:m}, up or down."),
    plan(Insight, "number.short.typical_drop", "A typical yearly move of {s} is {drop.typical:m}, up or down."),
    plan(
        Insight,
        "number.short.multiple",
        "By {long.latest:at}, {l} stood at {long.multiple} the level of {long.then:at}.",
    )
    .when(|b| b.reaches("long.multiple", 1.05)),
    plan(Insight, "number.short.average", "The long average of {l} is {level.average+}."),
    plan(
        Insight,
        "number.short.leader",
        "{leader.leader:in} {s@leader} came to {leader.ratio:x} the figure for {s2@leader}.",
    )
    .when(|b| b.value("leader.ratio") > 1.15),
    plan(
        Insight,
        "number.short.growth",
        "From {growth.fastest:from} to {growth.fastest:to}, {s@growth} grew by {growth.fastest:m} a year.",
    )
    .when(|b| b.up("growth.fastest")),
    plan(
        Insight,
        "number.short.versus",
        "{over=versus.first_change}, {s@versus} went {versus.first_change?up|down} by {versus.first_change:m}.",
    ),
    plan(
        Insight,
        "number.short.off",
        "By {off.latest:at}, {l} stood {off.drawdown:m} below the peak of {off.peak:at}.",
    ),
];

/// What a sceptic would say, from the same data.
pub const SCEPTIC: &[Plan] = &[
    plan(
        Sceptic,
        "sceptic.start_elsewhere",
        "A sceptic would start the line elsewhere: from {off.peak:at} it tells of a fall, from {long.then:at} of a rise.",
    )
    .when(|b| b.up("long.change")),
    plan(
        Sceptic,
        "sceptic.year_is_short",
        "A sceptic would call a year too short a window, when the usual yearly move is {rise.typical:m} anyway.",
    )
    .when(|b| against_typical(b, "rise.typical") < 1.5),
    plan(
        Sceptic,
        "sceptic.end_points",
        "A sceptic would point at the end points: a change from {long.then:at} to {long.latest:at} says nothing of the years between.",
    ),
    plan(
        Sceptic,
        "sceptic.window",
        "A sceptic would ask why the comparison starts {versus.first_change:in.from}: another start would give other numbers.",
    ),
    plan(
        Sceptic,
        "sceptic.size_is_not_wellbeing",
        "A sceptic would say that a place in a table measures size, and that size alone says little about those who live in it.",
    )
    .when(|b| b.has("leader.leader") || b.has("climb.rank_now")),
    plan(
        Sceptic,
        "sceptic.average_is_old",
        "A sceptic would object that an average reaching back to {level.average:from.y} weighs distant years as heavily as recent years.",
    ),
    plan(
        Sceptic,
        "sceptic.top_in_hindsight",
        "A sceptic would say that {worst.peak:at} was chosen with hindsight: nobody knew then that it was the top.",
    ),
    plan(
        Sceptic,
        "sceptic.so_few_recessions",
        "A sceptic would object that so few recessions make no rule, whatever the line did in each of them.",
    )
    .when(|b| b.has("crisis.first_move")),
    plan(
        Sceptic,
        "sceptic.past",
        "A sceptic would say that the past of {f}, however long, is a memory and no rule.",
    ),
];
