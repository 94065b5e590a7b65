//! How an episode ends: what to keep, what to hold the next release against, honesty about the figures.
//! Roles are prefixed, see [`crate::prose::bound::alias`].

use crate::prose::plan::Slot::{Comment, Scope, SignOff, Takeaway, Watch};
use crate::prose::plan::{Plan, plan};

/// Gives back what was promised, the fuller answers first.
pub const TAKEAWAY: &[Plan] = &[
    plan(
        Takeaway,
        "takeaway.versus",
        "Side by side {over=versus.first_change:y}: {versus.first_change:m} {versus.first_change?up|down} for {s@versus}, {versus.second_change:m} {versus.second_change?up|down} for {s2@versus}.",
    ),
    plan(
        Takeaway,
        "takeaway.leader",
        "The lead belongs to {s@leader}, at {leader.leader+} {leader.leader:in}, with {s2@leader} next.",
    ),
    plan(
        Takeaway,
        "takeaway.climb",
        "The move to remember is the climb of {s@climb}, from {climb.rank_then} to {climb.rank_now}.",
    ),
    plan(
        Takeaway,
        "takeaway.peak_and_average",
        "Remember {s} by {v:its|their} marks: {off.drawdown:m} below the peak, and {off.latest>level.average?above|below} the long average of {level.average}.",
    ),
    plan(
        Takeaway,
        "takeaway.deepest_and_back",
        "It went this deep: {worst.drawdown:m} down in {worst.elapsed}, and {worst.recovery} to come back.",
    ),
    plan(
        Takeaway,
        "takeaway.deepest_not_back",
        "It went this deep: {worst.drawdown:m} down in {worst.elapsed}, and the old peak was not seen again in this record.",
    )
    .when(|b| !b.has("worst.recovery")),
    plan(
        Takeaway,
        "takeaway.year_and_usual",
        "The latest year in short: {yoy.change:m} {yoy.change?up|down}, where {rise.typical:m} in either direction is usual.",
    )
    .when(|b| !b.flat("yoy.change")),
    plan(
        Takeaway,
        "takeaway.climb_and_fall",
        "The long line climbed to {long.multiple} its starting level, and it also fell by {worst.drawdown:m}. Keep both in mind.",
    )
    .when(|b| b.reaches("long.multiple", 1.5)),
    plan(
        Takeaway,
        "takeaway.level",
        "Keep {level.latest+} {level.latest:in} in mind, and {level.average} as the yardstick to hold it against.",
    ),
    plan(
        Takeaway,
        "takeaway.since",
        "The short answer: the {since.since?highest|lowest} since {since.since:from}, at {since.latest+}.",
    ),
    plan(
        Takeaway,
        "takeaway.record",
        "The newest point is also the {record.latest>record.previous?highest|lowest}: {record.latest+}, {record.latest:in}.",
    ),
    plan(
        Takeaway,
        "takeaway.then_and_now",
        "For {s@long}, what stays is the distance: {long.then+} {long.then:in}, {long.latest} {long.latest:in}.",
    ),
    plan(
        Takeaway,
        "takeaway.extremes",
        "The edges of this record are {rise.change:m} up in its strongest year, and {drop.change:m} down in its weakest.",
    ),
    plan(
        Takeaway,
        "takeaway.off_peak",
        "Keep the distance from the top: {off.drawdown:m} below the peak of {off.peak:at}.",
    ),
];

/// What the next release should be held against.
pub const WATCH: &[Plan] = &[
    plan(
        Watch,
        "watch.peak",
        "The next release adds a point to this line; the mark to compare it with is the peak, {off.peak+}.",
    ),
    plan(Watch, "watch.average", "When the next reading comes out, hold it against {level.average}, the long average."),
    plan(
        Watch,
        "watch.usual_move",
        "Whatever the next yearly change is, measure it against {rise.typical:m}, the usual size of a move.",
    ),
    plan(
        Watch,
        "watch.usual_move_drop",
        "When the next figures arrive, ask of the yearly change: is it larger than the usual move of {drop.typical:m}?",
    ),
    plan(Watch, "watch.record", "The next release shows whether the record of {record.latest:at} still stands."),
    plan(Watch, "watch.since", "The line to watch on the chart is {since.then+}, where it stood {since.then:in}."),
    plan(
        Watch,
        "watch.gap",
        "What to follow from here is the gap: {s@versus} stood {versus.gap:m} {versus.gap?above|below} {s2@versus} {versus.gap:in}.",
    ),
    plan(
        Watch,
        "watch.leader_ratio",
        "When new figures arrive, look at the ratio at the top: it was {leader.ratio:x} {leader.ratio:in}.",
    ),
    plan(
        Watch,
        "watch.climber",
        "When new figures arrive, look for {s@climb}: it stood at {climb.value_now+} {climb.value_now:in}.",
    ),
    plan(
        Watch,
        "watch.versus",
        "With the next figures, look at both lines again, and start them on the same date: {versus.first_change:from}.",
    ),
    plan(Watch, "watch.year", "The next figure to compare with is the {yoy.latest+} of {yoy.latest:at}."),
    plan(
        Watch,
        "watch.newest",
        "When the next figures for {f} come out, hold them against {newest+}, the reading of {newest:at}.",
    )
    .when(|b| !b.is_index()),
    plan(
        Watch,
        "watch.next_release",
        "When the next release comes out, hold it against the figures of this chart, and not against a headline.",
    ),
    plan(Watch, "watch.picture", "When new figures for {f} come out, look again: does this picture still hold?"),
];

/// How far the figures run; `newest` is the newest observation among the facts.
pub const SCOPE: &[Plan] = &[
    plan(Scope, "scope.run_to", "The figures run to {newest:at}, so take them as history, and not as news.")
        .when(|b| !b.is_fresh()),
    plan(Scope, "scope.end", "The record ends {newest:in}: what came after is not in it.").when(|b| !b.is_fresh()),
    plan(
        Scope,
        "scope.newest",
        "The newest figure in this source is from {newest:at}, and that is where this story stops.",
    )
    .when(|b| !b.is_fresh()),
    plan(Scope, "scope.as_history", "All of this is history up to {newest:at}, the last date in the source.")
        .when(|b| !b.is_fresh()),
];

/// Closes the episode: asks the viewer back, and says where the figures can be checked. Of one source or of several, as
/// the film has them.
pub const SIGN_OFF: &[Plan] = &[
    plan(
        SignOff,
        "signoff.surprised",
        "Which figure surprised you? Tell us below, and check it: the {sources=source is|sources are} on this screen.",
    ),
    plan(
        SignOff,
        "signoff.next",
        "Which line should come next? Tell us below; the {sources=source of this film is|sources of this film are} on screen.",
    ),
    plan(
        SignOff,
        "signoff.guess",
        "Was that what you expected? Tell us below; {sources=the source|every source} is named here and linked there.",
    ),
    plan(
        SignOff,
        "signoff.sources",
        "Every figure you heard was recomputed from its source{sources=, which is|; the sources are} named here and linked below.",
    ),
    plan(
        SignOff,
        "signoff.check",
        "If you want to check a number, the {sources=source is|sources are} on this screen, and the {sources=link is|links are} in the description.",
    ),
    plan(
        SignOff,
        "signoff.rows",
        "Each number in this film goes back to a row in a public file; the {sources=link is|links are} below.",
    ),
    plan(
        SignOff,
        "signoff.public",
        "All of this is open data: the {sources=source is|sources are} on screen, and the {sources=link to it is|links to them are} in the description.",
    ),
];

/// Invites an answer under the video.
pub const COMMENT: &[Plan] = &[
    plan(
        Comment,
        "comment.surprised",
        "Which figure about {s} surprised you? {sources=The source is|Sources are} in the description, and each number here can be checked against {sources=it|them}.",
    ),
    plan(
        Comment,
        "comment.guess",
        "Before watching, what would you have guessed for {s} {newest:in}? The published figure is {newest+}.",
    ),
    plan(
        Comment,
        "comment.peak",
        "The peak here is {off.peak+}, from {off.peak:at}. Where were you then? {sources=The source is|Sources are} in the description.",
    ),
    plan(
        Comment,
        "comment.next",
        "Which series should stand beside {s} next time? Tell us below; public data preferred.",
    ),
];
