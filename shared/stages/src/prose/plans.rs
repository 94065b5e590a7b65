//! The tables of sentence plans. To add a way of saying something, add a line to one of them; a test checks
//! that its braces parse, that it names only roles its kind has, and that its plain words hold no number.

mod closing;
mod context;
mod explain;
mod extremes;
mod glue;
mod insight;
mod level;
mod moves;
mod opening;
mod pair;
mod panel;

use proofreel_model::finding::FindingKind;
use proofreel_model::topic::Angle;

use super::plan::Plan;

pub use closing::{COMMENT, SCOPE, SIGN_OFF, TAKEAWAY, WATCH};
pub use explain::primers;
pub use glue::{INTO_ANYTHING, INTO_EVIDENCE, INTO_INSIGHT, INTO_PAYOFF, bridges};
pub use insight::{INSIGHT, NUMBER, NUMBER_IN_SHORT, SCEPTIC};
pub use opening::{PROMISE_PLAIN, SURPRISE, THUMB, THUMB_ANY, TITLE, surprises};

/// Plans of a finding's kind: leads, details, headings and cards.
pub fn of(kind: FindingKind) -> &'static [Plan] {
    use FindingKind as K;
    match kind {
        K::Level => level::LEVEL,
        K::YearOnYear => level::YEAR_ON_YEAR,
        K::LongRun => level::LONG_RUN,
        K::Record => extremes::RECORD,
        K::RecordSince => extremes::RECORD_SINCE,
        K::OffPeak => extremes::OFF_PEAK,
        K::WorstFall => extremes::WORST_FALL,
        K::Streak => moves::STREAK,
        K::BiggestRise => moves::BIGGEST_RISE,
        K::BiggestDrop => moves::BIGGEST_DROP,
        K::Crossing => pair::CROSSING,
        K::Versus => pair::VERSUS,
        K::RealVsNominal => context::REAL,
        K::TurningPoint => context::TURN,
        K::LeadLag => context::LEAD,
        K::EpisodesCompared => context::CRISIS,
        K::PanelShare => panel::PANEL_SHARE,
        K::PanelLeader => panel::PANEL_LEADER,
        K::PanelClimb => panel::PANEL_CLIMB,
        K::PanelGrowth => panel::PANEL_GROWTH,
    }
}

/// Promises of an angle.
pub fn promises(angle: Angle) -> &'static [Plan] {
    match angle {
        Angle::StateOfPlay => opening::PROMISE_STATE,
        Angle::LongView => opening::PROMISE_LONG,
        Angle::BoomAndBust => opening::PROMISE_BUST,
        Angle::Versus => opening::PROMISE_VERSUS,
        Angle::Leaderboard => opening::PROMISE_TABLE,
    }
}
