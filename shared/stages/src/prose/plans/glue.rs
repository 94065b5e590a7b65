//! What leads from scene to scene. Nothing here asserts anything about the data.

use proofreel_model::finding::FindingKind;

use crate::prose::plan::Slot::Bridge;
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
        K::RealVsNominal => INTO_REAL,
        K::TurningPoint => INTO_TURN,
        K::LeadLag => INTO_LEAD,
        K::EpisodesCompared => INTO_CRISIS,
        K::PanelShare => INTO_SHARE,
        K::PanelLeader | K::PanelClimb => INTO_TABLE,
        K::PanelGrowth => INTO_GROWTH,
    }
}

/// Bridges from the hook into the evidence.
pub const INTO_EVIDENCE: &[Plan] = &[
    plan(Bridge, "bridge.evidence.line", "Start with the line itself."),
    plan(Bridge, "bridge.evidence.figures", "Now to the figures."),
    plan(Bridge, "bridge.evidence.chart", "Look at the chart before anything else."),
    plan(Bridge, "bridge.evidence.source", "Begin with what the source publishes."),
    plan(Bridge, "bridge.evidence.shows", "What does the chart show?"),
    plan(Bridge, "bridge.evidence.hold", "Hold that thought, and look at the evidence."),
    plan(Bridge, "bridge.evidence.rows", "Where does that come from?"),
];
/// Bridges into a scene that sets claims against each other.
pub const INTO_INSIGHT: &[Plan] = &[
    plan(Bridge, "bridge.insight.together", "What do these say together?"),
    plan(Bridge, "bridge.insight.beside", "Now set these figures beside each other."),
    plan(Bridge, "bridge.insight.pieces", "Put the pieces next to each other."),
    plan(Bridge, "bridge.insight.back", "Step back, and look at the parts together."),
    plan(Bridge, "bridge.insight.mean", "So what does it mean?"),
    plan(Bridge, "bridge.insight.parts", "Which of these figures gives the other its scale?"),
    plan(Bridge, "bridge.insight.sum", "Taken apart, the charts are clear; what about the sum?"),
    plan(Bridge, "bridge.insight.weigh", "Now weigh what you have seen."),
];
/// Bridges into the payoff.
pub const INTO_PAYOFF: &[Plan] = &[
    plan(Bridge, "bridge.payoff.keep", "What is worth keeping?"),
    plan(Bridge, "bridge.payoff.question", "Back to the question from the start."),
    plan(Bridge, "bridge.payoff.answer", "Now the answer, as far as figures give it."),
    plan(Bridge, "bridge.payoff.promise", "Turn back to the promise."),
    plan(Bridge, "bridge.payoff.remember", "Which of this is worth remembering?"),
    plan(Bridge, "bridge.payoff.short", "And in short?"),
    plan(Bridge, "bridge.payoff.take", "What is there to take home?"),
];
/// Bridges into anything, where a table of its own has none left.
pub const INTO_ANYTHING: &[Plan] = &[
    plan(Bridge, "bridge.any.next", "Look at the next chart."),
    plan(Bridge, "bridge.any.side", "Now to another side of the record."),
    plan(Bridge, "bridge.any.more", "There is more to see in it."),
    plan(Bridge, "bridge.any.turn", "Turn to the next piece of evidence."),
    plan(Bridge, "bridge.any.else", "What else does the source hold?"),
    plan(Bridge, "bridge.any.further", "But there is a further side to it."),
];

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
    plan(Bridge, "bridge.fall.valley", "Look for the deepest valley in the line."),
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
    plan(Bridge, "bridge.pair.company", "A figure says more in company."),
    plan(Bridge, "bridge.pair.beside", "Put another record beside it."),
    plan(Bridge, "bridge.pair.together", "Now both together."),
];
const INTO_TABLE: &[Plan] = &[
    plan(Bridge, "bridge.table.places", "Now to the places in the table."),
    plan(Bridge, "bridge.table.movement", "A ranking is a snapshot; the movement is in the years between."),
    plan(Bridge, "bridge.table.names", "Look at the names that changed places."),
    plan(Bridge, "bridge.table.further", "Further down, the table is just as lively."),
];
const INTO_GROWTH: &[Plan] = &[
    plan(Bridge, "bridge.growth.pace", "And what about the pace?"),
    plan(Bridge, "bridge.growth.behind", "Now look at the pace behind the places."),
    plan(Bridge, "bridge.growth.fast", "How fast did the lines of this table move?"),
];
const INTO_REAL: &[Plan] = &[
    plan(Bridge, "bridge.real.worth", "But what is the money worth?"),
    plan(Bridge, "bridge.real.prices", "Other prices moved as well, so take them out."),
    plan(Bridge, "bridge.real.shop", "Money is counted in coins, and felt in shops."),
];
const INTO_TURN: &[Plan] = &[
    plan(Bridge, "bridge.turn.where", "Where did the line last change its mind?"),
    plan(Bridge, "bridge.turn.corner", "Every line has corners; look for the last."),
    plan(Bridge, "bridge.turn.leg", "The present leg of the line began somewhere."),
];
const INTO_LEAD: &[Plan] = &[
    plan(Bridge, "bridge.lead.early", "Does either of them move early?"),
    plan(Bridge, "bridge.lead.shift", "Now slide the lines against each other."),
    plan(Bridge, "bridge.lead.time", "Shift the calendar, and compare again."),
];
const INTO_CRISIS: &[Plan] = &[
    plan(Bridge, "bridge.crisis.alike", "Is every crisis alike?"),
    plan(Bridge, "bridge.crisis.side", "Set hard times side by side."),
    plan(Bridge, "bridge.crisis.test", "Then there are the years that test a line."),
];
const INTO_SHARE: &[Plan] = &[
    plan(Bridge, "bridge.share.slice", "How large a slice is that?"),
    plan(Bridge, "bridge.share.whole", "Now measure it against the whole table."),
    plan(Bridge, "bridge.share.before", "Step back: the slice was not always that size."),
];
