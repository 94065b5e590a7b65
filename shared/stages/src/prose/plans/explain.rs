//! Short explanations of a measure, and pointers at the chart on screen. None asserts anything about the data that
//! the chart does not show.

use proofreel_model::finding::FindingKind;
use proofreel_model::series::Frequency;

use crate::prose::plan::Slot::{Look, Primer, Scope};
use crate::prose::plan::{Plan, plan};

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
        K::RealVsNominal => PRIMER_REAL,
        K::TurningPoint => PRIMER_TURN,
        K::LeadLag => PRIMER_LEAD,
        K::EpisodesCompared => PRIMER_CRISIS,
        K::PanelShare => PRIMER_SHARE,
        K::PanelLeader | K::PanelClimb | K::PanelGrowth => PRIMER_TABLE,
    }
}

/// Says that amounts are in the money of their own day, where they are compared over many years.
pub const NOMINAL: &[Plan] = &[
    plan(Scope, "nominal.dollars", "These are dollars of the day, not adjusted for inflation.")
        .when(|b| b.is_in("USD")),
    plan(Scope, "nominal.own_day", "Each amount is in the money of its own day, not adjusted for inflation."),
    plan(Scope, "nominal.left_in", "Inflation is not taken out: these amounts are in the money of their day."),
];

const PRIMER_LEVEL: &[Plan] = &[
    plan(
        Primer,
        "primer.level.average",
        "An average over so long a stretch gives distant years the same weight as recent years.",
    ),
    plan(
        Primer,
        "primer.level.as_published",
        "These figures are as the source publishes them, not adjusted for inflation.",
    )
    .when(|b| b.is_money_as_published()),
    plan(
        Primer,
        "primer.level.sides",
        "Readings on either side of an average are normal; that is what makes it an average.",
    ),
];
const PRIMER_YEAR: &[Plan] = &[
    plan(
        Primer,
        "primer.year.points",
        "A change in a rate is counted in points, so that a small rate does not make a small step look huge.",
    )
    .when(|b| b.is_rate()),
    plan(Primer, "primer.year.index", "An index has no dollars in it: only its changes carry a meaning.")
        .when(|b| b.is_index()),
    plan(Primer, "primer.year.noise", "Over that stretch a bad week is smoothed out, and a real change still shows.")
        .when(|b| b.frequency() != Some(Frequency::Annual)),
    plan(Primer, "primer.year.inside", "What happened inside the year is another matter; this compares its ends."),
    plan(
        Primer,
        "primer.year.base",
        "The base matters: after a weak year even a modest reading compares well, and after a strong year it does not.",
    ),
    plan(Look, "look.year.ends", "The marks on the chart are the ends of that year.").when(|b| b.is_latest("latest")),
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
    .when(|b| b.is_money_as_published() && b.reaches("elapsed", 15.0)),
    plan(
        Primer,
        "primer.long.endpoints",
        "A change between distant dates rests on its end points, so look at what lies between them as well.",
    ),
    plan(
        Primer,
        "primer.long.one_number",
        "A growth rate squeezes a whole stretch into a number, and leaves its ups and downs out.",
    ),
    plan(
        Look,
        "look.long.marks",
        "Look at the marks: they are the ends of that comparison, and everything between them is the journey.",
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
    plan(Primer, "primer.fall.time", "Depth is only part of a fall; the other part is time."),
    plan(Look, "look.fall.trough", "Follow the line from the high mark to the low mark.").when(|b| b.has("trough")),
    plan(Look, "look.fall.peak", "The high mark on the chart is the peak, and the line ends at the latest reading.")
        .when(|b| b.has("latest")),
];
const PRIMER_TYPICAL: &[Plan] = &[
    plan(
        Primer,
        "primer.typical.median",
        "Typical here means the middle of all yearly moves, so that the wildest years do not bend it.",
    ),
    plan(Primer, "primer.typical.rolling", "Such a year can begin in any month of the calendar.")
        .when(|b| b.frequency() != Some(Frequency::Annual)),
    plan(Primer, "primer.typical.why", "Without such a yardstick, a large number is only a large number."),
    plan(Look, "look.typical.marks", "That year lies between the marks on the chart."),
];
const PRIMER_RECORD: &[Plan] = &[
    plan(Primer, "primer.record.past", "A comparison like that reaches only as far back as the record does."),
    plan(Primer, "primer.record.rank", "Such a mark says when, and not why."),
    plan(Look, "look.record.right", "You see it as the mark at the right edge.").when(|b| b.is_latest("latest")),
];
const PRIMER_STREAK: &[Plan] = &[
    plan(
        Primer,
        "primer.streak.size",
        "Counting a run means counting directions and not sizes: a tiny step weighs as much as a large step.",
    ),
    plan(Look, "look.streak.stairs", "Drawn as a line, it looks like a staircase, from mark to mark."),
    plan(Primer, "primer.streak.memory", "Runs are easy to remember, which is a good reason to count them carefully."),
];
const PRIMER_PAIR: &[Plan] = &[
    plan(Primer, "primer.pair.link", "Moving together is no proof of a link: a shared calendar is enough."),
    plan(Primer, "primer.pair.start", "Where a comparison starts matters, so both lines start on the same date."),
    plan(
        Primer,
        "primer.pair.percent",
        "Changes can be compared where levels cannot, since each is measured against its own start.",
    )
    .when(|b| b.has("first_change")),
];
const PRIMER_REAL: &[Plan] = &[
    plan(
        Primer,
        "primer.real.what",
        "Taking prices out asks what the money would buy, and not how many dollars or pounds are counted.",
    ),
    plan(
        Primer,
        "primer.real.basket",
        "Consumer prices stand for a basket of daily things, which is no basket of yours.",
    ),
    plan(Primer, "primer.real.both", "Neither figure is wrong; they answer different questions."),
];
const PRIMER_TURN: &[Plan] = &[
    plan(
        Primer,
        "primer.turn.major",
        "A turn counts here only when the move after it was large by this line's own habits.",
    ),
    plan(Primer, "primer.turn.later", "A turn can be named only afterwards, when the line has gone the other way."),
    plan(
        Look,
        "look.turn.mark",
        "The mark inside the chart is the turn, and the mark at the edge is the latest reading.",
    )
    .when(|b| b.is_latest("latest")),
];
const PRIMER_LEAD: &[Plan] = &[
    plan(
        Primer,
        "primer.lead.coefficient",
        "A correlation counts from nought to full agreement: the nearer to full, the more alike the moves.",
    ),
    plan(
        Primer,
        "primer.lead.tried",
        "Many delays were tried, and a match that held in only part of the record was thrown away.",
    ),
    plan(Primer, "primer.lead.calendar", "To come earlier is a matter of the calendar; it is not the same as causing."),
];
const PRIMER_CRISIS: &[Plan] = &[
    plan(
        Primer,
        "primer.crisis.dates",
        "The windows are recessions of the US business cycle, from peak to trough, as economists dated them afterwards.",
    ),
    plan(Primer, "primer.crisis.ends", "Each window is taken from its start to its end, whatever happened in between."),
    plan(Primer, "primer.crisis.moment", "That it happened in those months does not say what moved it."),
];
const PRIMER_SHARE: &[Plan] = &[
    plan(
        Primer,
        "primer.share.both",
        "Only those are counted that have a figure at both dates, so that nobody's arrival changes the sum.",
    ),
    plan(
        Primer,
        "primer.share.grows",
        "A share can shrink while the figure itself grows: it is enough that the others grow faster.",
    ),
    plan(
        Primer,
        "primer.share.sum",
        "A share is counted against the sum of the table, and not against the world outside it.",
    ),
];
const PRIMER_TABLE: &[Plan] = &[
    plan(
        Primer,
        "primer.table.total",
        "A ranking compares totals, and a total says nothing about how it is shared out.",
    ),
    plan(Primer, "primer.table.dollars", "Figures in a common currency also move with exchange rates.")
        .when(|b| b.is_money()),
    plan(Primer, "primer.table.base", "From a small base, fast growth is easier to come by."),
    plan(Primer, "primer.table.moving", "In a ranking, standing still is enough to fall back when others move."),
];
