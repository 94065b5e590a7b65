//! How an episode begins and is announced: promises, surprising facts, titles, words on thumbnails.
//! Roles are prefixed, see [`crate::prose::bound::alias`].

use proofreel_model::topic::Angle;

use crate::prose::plan::Slot::{Promise, Surprise, Thumb, Title};
use crate::prose::plan::{Plan, plan};

/// Promises for where a series stands.
pub const PROMISE_STATE: &[Plan] = &[
    plan(Promise, "promise.how_unusual", "How unusual {v:is|are} {s} right now?").when(|b| b.is_fresh()),
    plan(Promise, "promise.high_or_low", "{s}: high or low, by {v:its|their} own record?"),
    plan(Promise, "promise.where", "This is where {s} {v:stands|stand}, and what to measure that by."),
    plan(Promise, "promise.what_is_normal", "What counts as normal for {s}?"),
    plan(Promise, "promise.high_or_low_short", "{s}: high or low?"),
    plan(Promise, "promise.put_in_place", "Here is {s}, put in {v:its|their} place by {v:its|their} own past.")
        .when(|b| !b.is_plural()),
];
/// Promises for the whole record.
pub const PROMISE_LONG: &[Plan] = &[
    plan(Promise, "promise.how_far", "How far {v:has|have} {s} come?"),
    plan(Promise, "promise.whole_record", "Here is the whole record of {s}, start to finish."),
    plan(Promise, "promise.long_run", "What does the long run do to {s}?"),
    plan(Promise, "promise.long_short", "{s}: the long road."),
    plan(Promise, "promise.from_the_start", "Follow {s} from the start of the record to its end."),
];
/// Promises for peaks and falls.
pub const PROMISE_BUST: &[Plan] = &[
    plan(Promise, "promise.how_hard", "How hard can {s} fall?"),
    plan(Promise, "promise.extremes", "Up, down, and back again: {s} at the extremes."),
    plan(Promise, "promise.tops_and_bottoms", "The tops and bottoms of {s}, and the roads between."),
    plan(Promise, "promise.peaks_short", "{s}: peaks and valleys."),
    plan(Promise, "promise.after_a_peak", "What comes after a peak in {s}?"),
];
/// Promises for two series.
pub const PROMISE_VERSUS: &[Plan] = &[
    plan(Promise, "promise.which_further", "Which moved further: {s@versus}, or {s2@versus}?"),
    plan(Promise, "promise.which_further_short", "{t@versus} or {t2@versus}: which moved further?"),
    plan(Promise, "promise.or_short", "{t@versus} or {t2@versus}?"),
    plan(Promise, "promise.against_short", "{t@versus} against {t2@versus}."),
    plan(Promise, "promise.side_by_side", "{t@versus} and {t2@versus}, side by side, on the same calendar."),
    plan(Promise, "promise.same_road", "Do {s@versus} and {s2@versus} travel the same road?"),
];
/// Promises for a panel.
pub const PROMISE_TABLE: &[Plan] = &[
    plan(Promise, "promise.who_leads", "Who leads this table, and who is climbing?"),
    plan(Promise, "promise.reshuffle", "Watch a ranking reshuffle itself, year by year."),
    plan(Promise, "promise.who_moved", "Who moved up, who slipped, and how fast?"),
];
/// Promises that fit any subject, for names too long to speak within the hook's seconds.
pub const PROMISE_PLAIN: &[Plan] = &[
    plan(Promise, "promise.plain.record", "What does the whole record say?"),
    plan(Promise, "promise.plain.numbers", "Here is what the numbers say, from start to finish."),
    plan(Promise, "promise.plain.normal", "What is normal here, and what is not?"),
];

/// The surprising fact after the promise, the more surprising first.
pub const SURPRISE: &[Plan] = &[
    plan(Surprise, "surprise.crossing", "{s@cross} overtook {s2@cross} {cross.crossing:in}."),
    plan(
        Surprise,
        "surprise.versus_same",
        "{over=versus.first_change}, {s@versus} went {versus.first_change?up|down} by {versus.first_change:m}, and {s2@versus} by {versus.second_change:m}.",
    )
    .when(|b| b.way("versus.first_change") == b.way("versus.second_change")),
    plan(
        Surprise,
        "surprise.versus_opposite",
        "{over=versus.first_change}, {s@versus} went {versus.first_change?up|down} by {versus.first_change:m} while {s2@versus} went {versus.second_change?up|down} by {versus.second_change:m}.",
    )
    .when(|b| b.way("versus.first_change") != b.way("versus.second_change")),
    plan(
        Surprise,
        "surprise.climb",
        "The great climber is {s@climb}: {climb.rank_then} {climb.rank_then:in}, {climb.rank_now} {climb.rank_now:in}.",
    ),
    plan(
        Surprise,
        "surprise.leader",
        "At the top stands {s@leader}, at {leader.ratio:x} the next figure in the table.",
    )
    .when(|b| b.reaches("leader.ratio", 1.2)),
    plan(Surprise, "surprise.growth", "Since {growth.fastest:from.y} the fastest line in it grew by {growth.fastest:m} a year.")
        .when(|b| b.up("growth.fastest")),
    plan(
        Surprise,
        "surprise.deepest",
        "The deepest fall on record took away {worst.drawdown:m}, and the way back took {worst.recovery}.",
    ),
    plan(
        Surprise,
        "surprise.deepest_not_back",
        "The deepest fall on record took away {worst.drawdown:m}, and this record ends before it was undone.",
    )
    .when(|b| !b.has("worst.recovery")),
    plan(
        Surprise,
        "surprise.since",
        "No reading since {since.since:from} had been as {since.since?high|low} as the {since.latest} of {since.latest:at}.",
    )
    .when(|b| b.reaches("since.since", 8.0)),
    plan(
        Surprise,
        "surprise.real",
        "Take consumer prices out, and the {real.nominal?rise|fall} of {real.nominal:m} since {real.nominal:from} becomes {real.real?a rise|a fall} of {real.real:m}.",
    )
    .when(|b| b.way("real.nominal") != b.way("real.real") || (b.value("real.nominal") - b.value("real.real")).abs() > 50.0),
    plan(
        Surprise,
        "surprise.times",
        "By {long.latest:at} the figure had reached {long.multiple} its level {long.then:in}.",
    )
    .when(|b| b.reaches("long.multiple", 3.0)),
    plan(
        Surprise,
        "surprise.record",
        "The newest reading, from {record.latest:at}, is the {record.latest>record.previous?highest|lowest} in the whole record.",
    ),
    plan(
        Surprise,
        "surprise.off_peak",
        "The latest reading lies {off.drawdown:m} below the peak of {off.peak:at}.",
    )
    .when(|b| b.is_rate() || b.reaches("off.drawdown", 5.0)),
    // How hard it can fall is not answered by a rise.
    plan(Surprise, "surprise.wildest", "In the wildest year on record, the rise came to {rise.change:m}.")
        .when(|b| !b.has("worst.drawdown")),
    plan(
        Surprise,
        "surprise.year",
        "The year to {yoy.latest:at} alone brought a {yoy.change?rise|fall} of {yoy.change:m}.",
    )
    .when(|b| !b.flat("yoy.change")),
    plan(
        Surprise,
        "surprise.level",
        "The average since {level.average:from.y} is {level.average+}; the latest figure is {level.latest}.",
    ),
    plan(
        Surprise,
        "surprise.distance",
        "The stretch from {long.then:at} to {long.latest:at} leads from {long.then+} to {long.latest}.",
    ),
];

/// Surprising facts that belong to the promise of an angle: the other facts answer a question that nobody asked.
pub fn surprises(angle: Angle) -> Vec<Plan> {
    let own: &[&str] = match angle {
        Angle::StateOfPlay => &["since", "record", "off_peak", "year", "level"],
        Angle::LongView => &["times", "real", "since"],
        Angle::BoomAndBust => &["deepest", "deepest_not_back", "off_peak", "wildest"],
        Angle::Versus => {
            &["crossing", "versus_same", "versus_same_closed", "versus_opposite", "versus_opposite_closed"]
        }
        Angle::Leaderboard => &["climb", "leader", "growth"],
    };
    let is_own = |plan: &&Plan| plan.name.strip_prefix("surprise.").is_some_and(|name| own.contains(&name));
    SURPRISE.iter().filter(is_own).copied().collect()
}

/// Titles of an episode, the more telling first.
pub const TITLE: &[Plan] = &[
    plan(Title, "title.versus", "{n@versus} or {n2@versus}: which moved further?"),
    plan(Title, "title.crossing", "When {n@cross} overtook {n2@cross}"),
    plan(
        Title,
        "title.versus_change",
        "{n@versus} {versus.first_change:sg}, {n2@versus} {versus.second_change:sg}: the record",
    ),
    plan(Title, "title.climb", "{m@climb}: from {climb.rank_then:sc} to {climb.rank_now:sc} in the ranking"),
    plan(Title, "title.leader", "{m@leader} on top, {m2@leader} next: the whole ranking"),
    plan(
        Title,
        "title.growth",
        "Who grew fastest? {m@growth}, {growth.fastest:sc} a year since {growth.fastest:from.y}",
    )
    .when(|b| b.up("growth.fastest")),
    plan(Title, "title.down_and_back", "{n}: {worst.elapsed:sc} down, {worst.recovery:sc} back"),
    plan(Title, "title.since", "{n}: the {since.since?highest|lowest} since {since.since:from.y}")
        .when(|b| b.reaches("since.since", 8.0)),
    plan(Title, "title.then_now", "{n}: {long.then:sc} in {long.then:at.y}, {long.latest:sc} in {long.latest:at.y}"),
    plan(Title, "title.real", "{n}: {real.nominal:sg} since {real.nominal:from.y}. And after inflation?")
        .when(|b| !b.flat("real.nominal")),
    plan(Title, "title.turn", "{n}: {turn.since:sg} since the turn of {turn.turn:at.y}")
        .when(|b| !b.flat("turn.since")),
    plan(Title, "title.fell", "{n} fell {worst.drawdown:u}. Then what?"),
    plan(Title, "title.times", "{n}: {long.multiple:x} the level of {long.then:at.y}")
        .when(|b| b.reaches("long.multiple", 2.0)),
    plan(Title, "title.at", "{n} at {level.latest:sc}: high or low?").when(|b| !b.is_index()),
    plan(Title, "title.below_peak", "{n}: {off.drawdown:u} below the peak. Is that a lot?"),
    plan(Title, "title.year", "{n}: {yoy.change:sg} in a year. Is that normal?").when(|b| !b.flat("yoy.change")),
    plan(Title, "title.record", "{n} at a record {record.latest>record.previous?high|low}: what the data says"),
    plan(Title, "title.wild", "{n}: the year of {rise.change:sg}"),
    plan(Title, "title.crisis", "{n} in {crisis=crisis.first_move} and {crisis=crisis.second_move}"),
    plan(Title, "title.plain_question", "{n}: what is normal?"),
    plan(Title, "title.plain", "{n}: the whole record"),
    plan(Title, "title.plain_line", "{n}: what the history says"),
];

/// Words on a thumbnail by the kind of the figure beside them: the middle part of a plan's name. Figures are words too, and five
/// are most: one figure leaves four, two leave three. Those that name what the figure is of are taken where the name is short
/// enough.
pub const THUMB: &[Plan] = &[
    plan(Thumb, "thumb.worst.named", "{n@worst}: how deep?"),
    plan(Thumb, "thumb.worst.named_fall", "{n@worst}: the deepest fall"),
    plan(Thumb, "thumb.long.named", "{n@long}: then and now"),
    plan(Thumb, "thumb.long.named_since", "{n@long} since then"),
    plan(Thumb, "thumb.long.named_compared", "{n@long} compared"),
    plan(Thumb, "thumb.long.member_compared", "{m@long} compared"),
    plan(Thumb, "thumb.long.member", "{m@long}: then and now"),
    plan(Thumb, "thumb.worst.member", "{m@worst}: how deep?"),
    plan(Thumb, "thumb.line.member", "{m}: the whole record"),
    plan(Thumb, "thumb.off.named", "{n@off}: below the peak"),
    plan(Thumb, "thumb.off.named_top", "{n@off}: off the top"),
    plan(Thumb, "thumb.off.named_compared", "{n@off} compared"),
    plan(Thumb, "thumb.real.named", "{n@real}: after inflation?"),
    plan(Thumb, "thumb.turn.named", "{n@turn}: the turn"),
    plan(Thumb, "thumb.crisis.named", "{n@crisis} in hard times"),
    plan(Thumb, "thumb.yoy.named", "{n@yoy}: normal?"),
    plan(Thumb, "thumb.yoy.named_year", "{n@yoy} in a year"),
    plan(Thumb, "thumb.rise.named", "{n@rise}: the wildest year"),
    plan(Thumb, "thumb.rise.named_short", "{n@rise}: wildest year"),
    plan(Thumb, "thumb.drop.named_short", "{n@drop}: hardest year"),
    plan(Thumb, "thumb.drop.named", "{n@drop}: the hardest year"),
    plan(Thumb, "thumb.level.named", "{n@level}: high or low?"),
    plan(Thumb, "thumb.record.named", "{n@record}: a new record"),
    plan(Thumb, "thumb.record.named_short", "{n@record}: new record"),
    plan(Thumb, "thumb.versus.named", "{n@versus} or {n2@versus}?"),
    plan(Thumb, "thumb.versus.members", "{m@versus} or {m2@versus}?"),
    plan(Thumb, "thumb.leader.named", "{m@leader} leads"),
    plan(Thumb, "thumb.climb.named", "{m@climb} climbs"),
    plan(Thumb, "thumb.growth.named", "{m@growth}: how fast?"),
    plan(Thumb, "thumb.line.named", "{n}: the whole record"),
    plan(Thumb, "thumb.line.named_normal", "{n}: is this normal?"),
    plan(Thumb, "thumb.worst.how_deep", "How deep was it?"),
    plan(Thumb, "thumb.worst.the_fall", "The deepest fall"),
    plan(Thumb, "thumb.long.then_now", "Then and now"),
    plan(Thumb, "thumb.long.way", "A long way"),
    plan(Thumb, "thumb.off.peak", "Below the peak"),
    plan(Thumb, "thumb.off.lower", "Off the top"),
    plan(Thumb, "thumb.real.worth", "And after inflation?"),
    plan(Thumb, "thumb.turn.corner", "Where it turned"),
    plan(Thumb, "thumb.crisis.hard", "In hard times"),
    plan(Thumb, "thumb.yoy.normal", "Is this normal?"),
    plan(Thumb, "thumb.yoy.year", "In a year"),
    plan(Thumb, "thumb.rise.year", "The wildest year"),
    plan(Thumb, "thumb.drop.year", "The hardest year"),
    plan(Thumb, "thumb.level.average", "Now and on average"),
    plan(Thumb, "thumb.level.high_low", "High or low?"),
    plan(Thumb, "thumb.record.new", "A new record"),
    plan(Thumb, "thumb.record.old", "Old record, new record"),
    plan(Thumb, "thumb.versus.which", "Which moved further?"),
    plan(Thumb, "thumb.leader.who", "Who leads?"),
    plan(Thumb, "thumb.climb.climber", "The climber"),
    plan(Thumb, "thumb.growth.fast", "How fast?"),
    plan(Thumb, "thumb.line.name", "{n}"),
    plan(Thumb, "thumb.line.normal", "Is this normal?"),
    plan(Thumb, "thumb.line.record", "The whole record"),
];

/// Words that stand beside any two figures, also where these are two words each.
pub const THUMB_PAIR: &[Plan] =
    &[plan(Thumb, "thumb.pair.compared", "Compared"), plan(Thumb, "thumb.pair.then_now", "Then, now")];

/// Words that stand beside any figure.
pub const THUMB_ANY: &[Plan] = &[
    plan(Thumb, "thumb.any.numbers", "Look at the numbers"),
    plan(Thumb, "thumb.any.record", "From the record"),
    plan(Thumb, "thumb.any.chart", "The chart says it"),
];
