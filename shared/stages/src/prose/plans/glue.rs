//! What leads from scene to scene, and short explanations of a measure. None asserts anything about the data.

use proofreel_model::finding::FindingKind;
use proofreel_model::series::Frequency;

use crate::prose::plan::Slot::{Bridge, Primer};
use crate::prose::plan::{Plan, plan};

/// Bridges into a claim of this kind.
pub fn bridges(kind: FindingKind) -> &'static [Plan] {
    use FindingKind as K;
    match kind {
        K::Level => INTO_LEVEL,
        K::YearOnYear => INTO_YEAR,
        K::LongRun => INTO_LONG,
        K::Record | K::RecordSince => INTO_RECORD,
        K::OffPeak => INTO_PEAK,
        K::WorstFall => INTO_FALL,
        K::Streak => INTO_STREAK,
        K::BiggestRise => INTO_RISE,
        K::BiggestDrop => INTO_DROP,
        K::Crossing | K::Versus => INTO_PAIR,
        K::PanelLeader | K::PanelClimb | K::PanelGrowth => INTO_TABLE,
    }
}

const INTO_LEVEL: &[Plan] = &[
    plan(Bridge, "bridge.level.yardstick", "A number alone says little, so give it a yardstick."),
    plan(Bridge, "bridge.level.normal", "Is that much? It depends on what is normal."),
    plan(Bridge, "bridge.level.ordinary", "What would an ordinary reading be?"),
    plan(Bridge, "bridge.level.whole", "Now put the whole record on the scale."),
];
const INTO_YEAR: &[Plan] = &[
    plan(Bridge, "bridge.year.short", "The short view comes next."),
    plan(Bridge, "bridge.year.closer", "Now look closer, at the latest stretch alone."),
    plan(Bridge, "bridge.year.recent", "And lately?"),
    plan(Bridge, "bridge.year.end", "Zoom in on the end of the line."),
];
const INTO_LONG: &[Plan] = &[
    plan(Bridge, "bridge.long.step_back", "Step back far enough, and the picture changes.")
        .when(|b| b.reaches("elapsed", 12.0)),
    plan(Bridge, "bridge.long.zoom", "Pull the chart wider."),
    plan(Bridge, "bridge.long.memory", "Memory is short; the record is longer.").when(|b| b.reaches("elapsed", 12.0)),
    plan(Bridge, "bridge.long.rewind", "Rewind the chart."),
    plan(Bridge, "bridge.long.not_so_long", "It need not be so long ago, either.").when(|b| b.within("elapsed", 12.0)),
    plan(Bridge, "bridge.long.recent_past", "Even the recent past is a distance.").when(|b| b.within("elapsed", 12.0)),
    plan(Bridge, "bridge.long.patience", "Patience shows another side of the same line.")
        .when(|b| b.reaches("elapsed", 12.0)),
];
const INTO_RECORD: &[Plan] = &[
    plan(Bridge, "bridge.record.rare", "How rare is that?"),
    plan(Bridge, "bridge.record.search", "So search the record for something like it."),
    plan(Bridge, "bridge.record.before", "Has this been seen before?"),
];
const INTO_PEAK: &[Plan] = &[
    plan(Bridge, "bridge.peak.top", "Then there is the top of the line."),
    plan(Bridge, "bridge.peak.hindsight", "Peaks are only visible afterwards."),
    plan(Bridge, "bridge.peak.measure", "Another way to measure is from the top down."),
];
const INTO_FALL: &[Plan] = &[
    plan(Bridge, "bridge.fall.deep", "How deep has it gone?"),
    plan(Bridge, "bridge.fall.down", "What goes up in this chart has also come down."),
    plan(Bridge, "bridge.fall.other_way", "The line knows the other direction as well."),
    plan(Bridge, "bridge.fall.valley", "Look for the deepest valley in it."),
];
const INTO_STREAK: &[Plan] = &[
    plan(Bridge, "bridge.streak.runs", "Moves often come in runs."),
    plan(Bridge, "bridge.streak.steps", "Not all change is a jump; some of it is a row of steps."),
    plan(Bridge, "bridge.streak.steady", "Steadiness can be striking too."),
];
const INTO_RISE: &[Plan] = &[
    plan(Bridge, "bridge.rise.other", "Then there are the years that break the scale."),
    plan(Bridge, "bridge.rise.fastest", "How fast can it go up?"),
    plan(Bridge, "bridge.rise.strong", "Some years stand out from all the rest."),
];
const INTO_DROP: &[Plan] = &[
    plan(Bridge, "bridge.drop.other_side", "The other side of the ledger deserves a look as well."),
    plan(Bridge, "bridge.drop.sharp", "Some years go sharply the other way."),
    plan(Bridge, "bridge.drop.fast", "And how fast can it come down?"),
];
const INTO_PAIR: &[Plan] = &[
    plan(Bridge, "bridge.pair.company", "A line says more in company."),
    plan(Bridge, "bridge.pair.beside", "Put another line beside it."),
    plan(Bridge, "bridge.pair.together", "Now both lines together."),
];
const INTO_TABLE: &[Plan] = &[
    plan(Bridge, "bridge.table.places", "Now to the places in the table."),
    plan(Bridge, "bridge.table.movement", "A ranking is a snapshot; the movement is in the years between."),
    plan(Bridge, "bridge.table.names", "Look at the names that changed places."),
    plan(Bridge, "bridge.table.further", "Further down, the table is just as lively."),
];

/// Explanations by what a claim measures.
pub fn primers(kind: FindingKind) -> &'static [Plan] {
    use FindingKind as K;
    match kind {
        K::Level => PRIMER_LEVEL,
        K::YearOnYear => PRIMER_YEAR,
        K::LongRun => PRIMER_LONG,
        K::OffPeak | K::WorstFall => PRIMER_FALL,
        K::BiggestRise | K::BiggestDrop => PRIMER_TYPICAL,
        K::Record | K::RecordSince => PRIMER_RECORD,
        K::Streak => PRIMER_STREAK,
        K::Crossing | K::Versus => PRIMER_PAIR,
        K::PanelLeader | K::PanelClimb | K::PanelGrowth => PRIMER_TABLE,
    }
}

const PRIMER_LEVEL: &[Plan] = &[
    plan(
        Primer,
        "primer.level.average",
        "An average over so long a stretch gives distant years the same weight as recent years.",
    ),
    plan(
        Primer,
        "primer.level.as_published",
        "The figures are used as the source publishes them; nothing here was adjusted for inflation afterwards.",
    )
    .when(|b| b.is_money()),
];
const PRIMER_YEAR: &[Plan] = &[
    plan(
        Primer,
        "primer.year.points",
        "A change in a rate is counted in points, so that a small rate does not make a small step look huge.",
    )
    .when(|b| b.is_rate()),
    plan(
        Primer,
        "primer.year.index",
        "An index has no dollars in it: only its changes carry a meaning.",
    )
    .when(|b| b.is_index()),
    plan(
        Primer,
        "primer.year.noise",
        "Over that stretch a bad week is smoothed out, and a real change still shows.",
    )
    .when(|b| b.frequency() != Some(Frequency::Annual)),
];
const PRIMER_LONG: &[Plan] = &[
    plan(
        Primer,
        "primer.long.compounding",
        "Compounding means that growth builds on the growth before it, and not on the start alone.",
    )
    .when(|b| b.up("growth")),
    plan(
        Primer,
        "primer.long.inflation",
        "Over so many years money itself changed its worth, and these figures are not adjusted for that.",
    )
    .when(|b| b.is_money() && b.reaches("elapsed", 15.0)),
    plan(
        Primer,
        "primer.long.endpoints",
        "A change between distant dates rests on its end points, so look at what lies between them as well.",
    ),
];
const PRIMER_FALL: &[Plan] = &[
    plan(
        Primer,
        "primer.fall.larger_rise",
        "Undoing a fall takes a larger rise in percentage terms, since it starts from less.",
    )
    .when(|b| !b.is_rate()),
    plan(Primer, "primer.fall.hindsight", "At the time, nothing marked the top as the top."),
    plan(Primer, "primer.fall.from_highest", "The fall is counted from the high point to the bottom that followed it.")
        .when(|b| b.has("trough")),
];
const PRIMER_TYPICAL: &[Plan] = &[
    plan(
        Primer,
        "primer.typical.median",
        "Typical here means the middle of all yearly moves, so that the wildest years do not bend it.",
    ),
    plan(Primer, "primer.typical.rolling", "Such a year can begin in any month of the calendar.")
        .when(|b| b.frequency() != Some(Frequency::Annual)),
];
const PRIMER_RECORD: &[Plan] = &[
    plan(Primer, "primer.record.past", "A comparison like that reaches only as far back as the record does."),
    plan(Primer, "primer.record.rank", "Such a mark says when, and not why."),
];
const PRIMER_STREAK: &[Plan] = &[
    plan(
        Primer,
        "primer.streak.size",
        "A run counts directions and not sizes, so a tiny step weighs as much as a large step.",
    ),
];
const PRIMER_PAIR: &[Plan] = &[
    plan(Primer, "primer.pair.link", "Moving together is no proof of a link: a shared calendar is enough."),
    plan(Primer, "primer.pair.start", "Where a comparison starts matters, so both lines start on the same date."),
];
const PRIMER_TABLE: &[Plan] = &[
    plan(Primer, "primer.table.total", "A ranking compares totals, and a total says nothing about how it is shared out."),
    plan(Primer, "primer.table.dollars", "Figures in a common currency also move with exchange rates.")
        .when(|b| b.is_money()),
    plan(Primer, "primer.table.base", "From a small base, fast growth is easier to come by."),
];
