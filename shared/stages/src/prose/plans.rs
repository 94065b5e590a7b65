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
pub use explain::{NOMINAL, primers};
pub use glue::{INTO_ANYTHING, INTO_EVIDENCE, INTO_INSIGHT, INTO_PAYOFF, bridges};
pub use insight::{IN_WORDS, INSIGHT, NUMBER, NUMBER_IN_SHORT, SCEPTIC};
pub use opening::{PROMISE_PLAIN, SURPRISE, THUMB, THUMB_ANY, THUMB_PAIR, TITLE, surprises};

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

#[cfg(test)]
mod tests {
    use proofreel_model::series::Frequency;
    use proofreel_model::text::RichText;

    use super::*;
    use crate::prose::composer::{stating, values};
    use crate::prose::tests::{Subject, finding};
    use crate::prose::{Bound, Evidence, Slot, template};

    const SUBJECT: Subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };

    /// What the plans of a slot make of a line that went from $94.92 to $178.
    fn said(kind: FindingKind, slot: Slot) -> Vec<(&'static str, RichText)> {
        said_over(12, kind, slot)
    }

    /// The same with so many periods between; two crises are told with their lengths where these are even.
    fn said_over(n: u16, kind: FindingKind, slot: Slot) -> Vec<(&'static str, RichText)> {
        let (finding, facts, infos) = finding(kind, SUBJECT, 94.92, 178.0, n);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&finding, evidence).unwrap();
        let fits = of(kind).iter().filter(|plan| plan.slot == slot && (plan.when)(&bound));
        fits.filter_map(|plan| Some((plan.name, template::fill(plan.text, &bound)?))).collect()
    }

    #[test]
    fn headings_of_what_moved_say_by_how_much() {
        use FindingKind as K;
        for kind in [
            K::Level,
            K::YearOnYear,
            K::LongRun,
            K::OffPeak,
            K::WorstFall,
            K::BiggestRise,
            K::BiggestDrop,
            K::RealVsNominal,
            K::TurningPoint,
            K::EpisodesCompared,
        ] {
            let headings = said(kind, Slot::Heading);
            assert!(!headings.is_empty(), "{kind:?} has no heading");
            for (name, text) in headings {
                assert!(values(&text).next().is_some(), "{name}: {}", text.text());
            }
        }
    }

    #[test]
    fn a_comparison_can_be_headed_by_both_its_figures() {
        use FindingKind as K;
        for (kind, roles) in [
            (K::Crossing, ["crossing", "passed"]),
            (K::Versus, ["first_change", "second_change"]),
            (K::PanelShare, ["share_then", "share_now"]),
            (K::PanelClimb, ["rank_then", "rank_now"]),
            (K::PanelGrowth, ["fastest", "slowest"]),
        ] {
            let (finding, facts, infos) = finding(kind, SUBJECT, 94.92, 178.0, 12);
            let evidence = Evidence { facts: &facts, series: &infos, historical: false };
            let bound = Bound::finding(&finding, evidence).unwrap();
            let headings = stating(of(kind), &bound).into_iter().filter(|plan| plan.slot == Slot::Heading);
            let texts: Vec<RichText> = headings.filter_map(|plan| template::fill(plan.text, &bound)).collect();
            let tells = |text: &RichText| roles.iter().all(|role| values(text).any(|id| *id == finding.roles[*role]));
            assert!(texts.iter().any(tells), "{kind:?}: {texts:?}");
        }
        let leaders = said(FindingKind::PanelLeader, Slot::Heading);
        let plain: Vec<&str> =
            leaders.iter().filter(|(_, text)| values(text).next().is_none()).map(|(name, _)| *name).collect();
        assert_eq!(plain, ["leader.heading.who"], "for names that leave no room for more");
    }

    #[test]
    fn headings_and_cards_suit_names_of_either_number() {
        // "House prices overtakes" is no English: where a name stands as a title, verbs are in the past or agree.
        for kind in FindingKind::ALL {
            for plan in of(kind).iter().filter(|plan| matches!(plan.slot, Slot::Heading | Slot::Card)) {
                let after = plan.text.split("{n} ").skip(1).chain(plan.text.split("{n2} ").skip(1));
                for word in after.filter_map(|rest| rest.split_whitespace().next()) {
                    let singular = word.len() > 3 && word.ends_with('s') && word.chars().all(char::is_lowercase);
                    assert!(!singular, "{}: `{word}` asks for a name in the singular", plan.name);
                }
            }
        }
    }

    #[test]
    fn the_larger_move_of_two_crises_is_said_with_its_levels_and_headed() {
        let leads = said_over(11, FindingKind::EpisodesCompared, Slot::Lead);
        let levels: Vec<String> =
            leads.iter().filter(|(name, _)| name.starts_with("crisis.levels")).map(|(_, text)| text.text()).collect();
        let expected = "In the dot-com recession the price of tin went up by 87.5 percent, from $94.92 an ounce to $178.00; \
                        in the Great Recession it went from $178.00 to $85.43.";
        assert_eq!(levels, [expected]);
        let headings = said(FindingKind::EpisodesCompared, Slot::Heading);
        assert_eq!(headings.len(), 1);
        assert_eq!(headings[0].1.text(), "Tin price: +87.5% in the dot-com recession");
    }

    #[test]
    fn crises_of_unequal_length_are_compared_with_how_long_each_lasted() {
        let (finding, facts, infos) = finding(FindingKind::EpisodesCompared, SUBJECT, 94.92, 178.0, 12);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&finding, evidence).unwrap();
        let told = |text: &RichText, role: &str| values(text).any(|id| *id == finding.roles[role]);
        let mut leads = 0;
        // Whatever holds one move against the other: leads, but headings and cards too, if they ever come to do so.
        for plan in of(finding.kind).iter().filter(|plan| (plan.when)(&bound)) {
            let Some(text) = template::fill(plan.text, &bound) else { continue };
            if told(&text, "first_move") && told(&text, "second_move") {
                assert!(told(&text, "first_lasted") && told(&text, "second_lasted"), "{}: {}", plan.name, text.text());
                leads += usize::from(plan.slot == Slot::Lead);
            }
        }
        assert_eq!(leads, 4, "no claim is left out for want of words");
        let texts: Vec<String> = said(finding.kind, Slot::Lead).iter().map(|(_, text)| text.text()).collect();
        let begins = "In the dot-com recession the price of tin rose by 87.5 percent over eight months; \
                      in the Great Recession it fell by ";
        let fits = |text: &&String| text.starts_with(begins) && text.ends_with(" percent over 18 months.");
        assert_eq!(texts.iter().filter(fits).count(), 1, "{texts:#?}");
        // Those that lasted about as long are told as before.
        assert!(said_over(11, finding.kind, Slot::Lead).iter().all(|(name, _)| !name.starts_with("crisis.longer")));
    }
}
