//! Every plan over many findings: what no sentence may do, whatever the data.

mod findings;

pub(crate) use findings::{Subject, finding};

use std::collections::BTreeSet;

use jiff::civil::date;
use proofreel_model::channel::Tone;
use proofreel_model::display;
use proofreel_model::fact::Fact;
use proofreel_model::finding::FindingKind;
use proofreel_model::series::{Frequency, Money, SeriesInfo};
use proofreel_model::text::{Cite, RichText};
use proptest::prelude::*;

use super::check::{number_word, uncited_number};
use super::plan::{Plan, Slot};
use super::{Bound, Composer, Evidence, Wish, plans, template};

const KINDS: &[FindingKind] = &FindingKind::ALL;

fn subjects() -> impl Strategy<Value = Subject> {
    let frequency = prop_oneof![
        Just(Frequency::Daily),
        Just(Frequency::Weekly),
        Just(Frequency::Monthly),
        Just(Frequency::Quarterly),
        Just(Frequency::Annual)
    ];
    (0u8..5, frequency, any::<bool>()).prop_map(|(unit, frequency, plural)| Subject { unit, frequency, plural })
}

/// What holds of every sentence and label.
fn is_sound(text: &RichText, facts: &[Fact], plan: &Plan) -> Result<(), TestCaseError> {
    let said = text.text();
    prop_assert_eq!(uncited_number(text), None, "{}: {}", plan.name, said);
    prop_assert!(!said.contains("  ") && !said.contains(" ,") && !said.contains(" ."), "{}: {}", plan.name, said);
    prop_assert!(!said.starts_with(char::is_lowercase), "{}: {}", plan.name, said);
    for span in &text.0 {
        if let Some(Cite::Fact { fact, part, style }) = &span.cite {
            let fact = facts.iter().find(|other| &other.id == fact).unwrap();
            prop_assert_eq!(display::cite(fact, *part, *style), Some(span.text.clone()));
        }
    }
    let words: Vec<&str> = said.split_whitespace().collect();
    for pair in words.windows(2).filter(|pair| matches!(pair[0], "a" | "an")) {
        prop_assert_eq!(pair[0], super::grammar::article(pair[1]), "{}: {}", plan.name, said);
    }
    let sentence = matches!(plan.slot, Slot::Lead | Slot::Detail);
    prop_assert!(!sentence || said.ends_with(['.', '?']), "{}: {}", plan.name, said);
    Ok(())
}

/// A rise is never told with a word of falling, and the other way round.
fn direction_is_right(said: &str, rises: bool) -> bool {
    let wrong: &[&str] =
        if rises { &["fell", "shrank", "declines", "shed"] } else { &["rose", "grew", "gains", "added"] };
    !said.split(|c: char| !c.is_alphabetic()).any(|word| wrong.contains(&word))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_plan_is_sound_over_any_finding(
        kind in 0..KINDS.len(), subject in subjects(), a in 0.05f64..9000.0, b in 0.05f64..9000.0, n in 0u16..130,
    ) {
        let (finding, facts, infos) = finding(KINDS[kind], subject, a, b, n);
        for historical in [false, true] {
            let evidence = Evidence { facts: &facts, series: &infos, historical };
            let bound = Bound::finding(&finding, evidence).unwrap();
            let tables = [plans::of(finding.kind), plans::bridges(finding.kind), plans::primers(finding.kind)];
            for plan in tables.into_iter().flatten().filter(|plan| (plan.when)(&bound)) {
                let Some(text) = template::fill(plan.text, &bound) else { continue };
                is_sound(&text, &facts, plan)?;
                let moves = matches!(finding.kind, FindingKind::YearOnYear | FindingKind::LongRun | FindingKind::Streak);
                if moves && plan.slot != Slot::Primer && plan.slot != Slot::Bridge {
                    prop_assert!(direction_is_right(&text.text(), b > a), "{}: {}", plan.name, text.text());
                }
            }
        }
    }

    #[test]
    fn the_same_seed_composes_the_same_sentence(kind in 0..KINDS.len(), subject in subjects(), seed in any::<u64>()) {
        let (finding, facts, infos) = finding(KINDS[kind], subject, 35.0, 4228.0, 46);
        let evidence = Evidence { facts: &facts, series: &infos, historical: true };
        let bound = Bound::finding(&finding, evidence).unwrap();
        let compose = || {
            let mut composer = Composer::new(seed, Tone::Calm, &[]);
            (0..3).map(|_| composer.compose(plans::of(finding.kind), &bound, Wish::of(Slot::Lead, 40))).collect::<Vec<_>>()
        };
        prop_assert_eq!(compose(), compose());
    }
}

/// All tables over joined claims.
fn joined_tables() -> Vec<&'static [Plan]> {
    use proofreel_model::topic::Angle as A;
    let mut all = vec![
        plans::SURPRISE,
        plans::TITLE,
        plans::THUMB,
        plans::THUMB_ANY,
        plans::THUMB_PAIR,
        plans::INSIGHT,
        plans::IN_WORDS,
        plans::NUMBER,
        plans::NUMBER_IN_SHORT,
        plans::SCEPTIC,
        plans::TAKEAWAY,
        plans::WATCH,
        plans::SCOPE,
        plans::NOMINAL,
        plans::SIGN_OFF,
        plans::COMMENT,
        plans::PROMISE_PLAIN,
    ];
    all.extend([A::StateOfPlay, A::LongView, A::BoomAndBust, A::Versus, A::Leaderboard].map(plans::promises));
    all
}

fn own_roles(kind: FindingKind) -> Vec<String> {
    let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
    let mut roles: Vec<String> = finding(kind, subject, 3.0, 5.0, 2).0.roles.into_keys().collect();
    roles.extend(["gap", "ratio", "share", "multiple", "recovery"].map(str::to_owned));
    roles
}

#[test]
fn plans_parse_name_known_roles_and_hold_no_number_words() {
    let mut names = std::collections::BTreeSet::new();
    let mut look = |plan: &'static Plan, known: &dyn Fn(&str) -> bool| {
        assert!(names.insert(plan.name), "{} is the name of two plans", plan.name);
        let roles = template::roles(plan.text).unwrap_or_else(|| panic!("{} does not parse: {}", plan.name, plan.text));
        for role in roles {
            assert!(known(role), "{} names `{role}`, which its finding does not have", plan.name);
        }
        for words in template::plain_words(plan.text).unwrap() {
            assert_eq!(number_word(words), None, "{}: {words}", plan.name);
        }
    };
    for &kind in KINDS {
        let roles = own_roles(kind);
        for plan in plans::of(kind) {
            look(plan, &|role| roles.iter().any(|known| known == role));
        }
    }
    let joined: Vec<String> = KINDS
        .iter()
        .flat_map(|kind| own_roles(*kind).into_iter().map(|role| format!("{}.{role}", super::bound::alias(*kind))))
        .collect();
    for plan in joined_tables().into_iter().flatten() {
        look(plan, &|role| role == "newest" || joined.iter().any(|known| known == role));
    }
}

#[test]
fn every_kind_has_leads_details_a_heading_and_a_card() {
    for &kind in KINDS {
        let count = |slot| plans::of(kind).iter().filter(|plan| plan.slot == slot).count();
        assert!(count(Slot::Lead) >= 4, "{kind:?} has {} leads", count(Slot::Lead));
        assert!(count(Slot::Detail) >= 3, "{kind:?} has {} details", count(Slot::Detail));
        assert!(count(Slot::Heading) >= 1 && count(Slot::Card) >= 1, "{kind:?}");
    }
}

#[test]
fn rates_move_in_points_and_prices_in_percent() {
    let say = |unit| {
        let subject = Subject { unit, frequency: Frequency::Monthly, plural: false };
        let (finding, facts, infos) = finding(FindingKind::YearOnYear, subject, 4.0, 4.5, 1);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&finding, evidence).unwrap();
        template::fill("{S} {change?rose|fell} by {change:m}.", &bound).unwrap().text()
    };
    assert_eq!(say(1), "The price of tin rose by 0.5 percentage points.");
    assert_eq!(say(0), "The price of tin rose by 12.5 percent.");
}

#[test]
fn since_is_said_only_of_what_runs_on() {
    let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
    let (finding, facts, mut infos) = finding(FindingKind::Versus, subject, 40.0, 90.0, 2);
    let heading = |infos: &[SeriesInfo]| {
        let evidence = Evidence { facts: &facts, series: infos, historical: true };
        let bound = Bound::finding(&finding, evidence).unwrap();
        let composer = Composer::new(7, Tone::Calm, &[]);
        composer.propose(plans::of(finding.kind), &bound, Wish::of(Slot::Heading, 40)).unwrap().text.text()
    };
    assert!(heading(&infos).ends_with(" since 1980"), "{}", heading(&infos));
    // One of both lines goes on: what is told of both ended before now.
    infos[1].last = date(2028, 6, 1);
    assert!(heading(&infos).ends_with(" from 1980 to 2026"), "{}", heading(&infos));
}

#[test]
fn a_fall_is_promised_and_given_back_and_no_rise_answers_for_it() {
    let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
    let wildest = plans::SURPRISE.iter().find(|plan| plan.name == "surprise.wildest").unwrap();
    let not_back = plans::TAKEAWAY.iter().find(|plan| plan.name == "takeaway.deepest_not_back").unwrap();
    // Of an odd number of years the fixture's fall is not made good.
    for (years, open) in [(7, true), (8, false)] {
        let (mut fall, facts, infos) = finding(FindingKind::WorstFall, subject, 40.0, 180.0, years);
        fall.roles = fall.roles.into_iter().map(|(role, id)| (format!("worst.{role}"), id)).collect();
        let evidence = Evidence { facts: &facts, series: &infos, historical: true };
        let bound = Bound::finding(&fall, evidence).unwrap();
        assert!(!(wildest.when)(&bound));
        assert_eq!((not_back.when)(&bound), open, "{years}");
        assert!(template::fill(not_back.text, &bound).is_some());
    }
}

#[test]
fn a_film_of_a_single_source_speaks_of_a_single_source() {
    let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
    let (mut found, facts, infos) = finding(FindingKind::OffPeak, subject, 40.0, 90.0, 12);
    found.roles = found.roles.into_iter().map(|(role, id)| (format!("off.{role}"), id)).collect();
    let evidence = Evidence { facts: &facts, series: &infos, historical: false };
    let bound = Bound::finding(&found, evidence).unwrap();
    let say = |plan: &Plan, sources: Option<usize>| {
        let mut bound = bound.clone();
        bound.sources = sources;
        template::fill(plan.text, &bound).map(|text| text.text())
    };
    let holds = |text: &str, words: &[&str]| words.iter().any(|word| text.to_lowercase().contains(*word));
    let (counting, rest): (Vec<&Plan>, Vec<&Plan>) =
        plans::SIGN_OFF.iter().chain(plans::COMMENT).partition(|plan| plan.text.contains("{sources="));
    assert!(rest.iter().all(|plan| !holds(plan.text, &["source", "link"])), "{rest:?}");
    for plan in counting {
        let one = say(plan, Some(1)).unwrap();
        assert!(!holds(&one, &["sources", "links", "every source", " them", " are "]), "{}: {one}", plan.name);
        for count in [0, 2, 3] {
            let several = say(plan, Some(count)).unwrap();
            assert!(holds(&several, &["sources", "links", "every source"]), "{}: {several}", plan.name);
        }
        assert_eq!(say(plan, None), None, "{}: nobody said how many", plan.name);
    }
    let public = plans::SIGN_OFF.iter().find(|plan| plan.name == "signoff.public").unwrap();
    let said = [1, 2].map(|count| say(public, Some(count)).unwrap());
    assert_eq!(
        said,
        [
            "All of this is open data: the source is on screen, and the link to it is in the description.",
            "All of this is open data: the sources are on screen, and the links to them are in the description.",
        ]
    );
}

#[test]
fn the_end_names_what_to_hold_the_next_release_against() {
    let newest = |unit| {
        let subject = Subject { unit, frequency: Frequency::Monthly, plural: false };
        let (found, facts, infos) = finding(FindingKind::LongRun, subject, 40.0, 90.0, 12);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&found, evidence).unwrap();
        let plan = plans::WATCH.iter().find(|plan| plan.name == "watch.newest" && (plan.when)(&bound))?;
        template::fill(plan.text, &bound).map(|text| text.text())
    };
    let said = "When the next figures for the price of tin come out, hold them against $90 an ounce, the reading of June 2026.";
    assert_eq!(newest(0).map(|text| text.replace("$90.00", "$90")).as_deref(), Some(said));
    assert_eq!(newest(2), None, "the level of an index means nothing alone");
}

#[test]
fn money_of_its_day_is_called_so_over_decades_and_real_money_never() {
    let subject = Subject { unit: 0, frequency: Frequency::Annual, plural: false };
    let (found, facts, mut infos) = finding(FindingKind::LongRun, subject, 40.0, 90.0, 46);
    let mut said = |money, per: Option<&str>| {
        infos[0].money = money;
        infos[0].unit.per = per.map(str::to_owned);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&found, evidence).unwrap();
        let primers = plans::primers(found.kind).iter().filter(|plan| plan.text.contains("not adjusted"));
        let none = BTreeSet::new();
        assert!(!bound.compares_over(15, Some(&none)), "nothing of it was told");
        (bound.is_nominal(), primers.filter(|plan| (plan.when)(&bound)).count(), bound.compares_over(15, None))
    };
    assert_eq!(said(Money::Current, None), (true, 0, true));
    assert_eq!(said(Money::Constant, None), (false, 0, true));
    assert_eq!(said(Money::Unknown, None), (false, 1, true));
    assert_eq!(said(Money::Current, Some("ounce")), (false, 1, true), "the price of a good");
    let (found, facts, infos) = finding(FindingKind::YearOnYear, subject, 40.0, 90.0, 1);
    let evidence = Evidence { facts: &facts, series: &infos, historical: false };
    let bound = Bound::finding(&found, evidence).unwrap();
    let lexicon = crate::qa::lexicon::Lexicon::embedded().unwrap();
    for plan in plans::NOMINAL {
        assert_eq!((plan.when)(&bound), plan.name != "nominal.dollars" || bound.is_in("USD"));
        let text = template::fill(plan.text, &bound).unwrap();
        let pieces = crate::qa::reading::pieces(&text);
        assert!(lexicon.current.hits(&pieces).is_empty(), "{}", plan.name);
    }
}

#[test]
fn verbs_and_pronouns_follow_the_number_of_the_subject() {
    let say = |plural, unit| {
        let subject = Subject { unit, frequency: Frequency::Daily, plural };
        let (finding, facts, infos) = finding(FindingKind::YearOnYear, subject, 8.0, 7.0, 1);
        let evidence = Evidence { facts: &facts, series: &infos, historical: false };
        let bound = Bound::finding(&finding, evidence).unwrap();
        template::fill(
            "{latest:in} {s} {v:is|are} {a change:m} {change?rise|fall} from {its} level; {it} moved.",
            &bound,
        )
        .unwrap()
        .text()
    };
    assert_eq!(say(false, 0), "On June 1, 2026, the price of tin is a 12.5 percent fall from its level; it moved.");
    assert_eq!(say(true, 0), "On June 1, 2026, US tin prices are a 12.5 percent fall from their level; they moved.");
    assert_eq!(say(true, 2), "On June 1, 2026, US tin prices are a 12.5 percent fall from its level; the index moved.");
}

#[test]
fn a_rewrite_avoids_the_plan_it_names() {
    let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
    let (finding, facts, infos) = finding(FindingKind::LongRun, subject, 35.0, 4228.0, 46);
    let evidence = Evidence { facts: &facts, series: &infos, historical: true };
    let bound = Bound::finding(&finding, evidence).unwrap();
    let lead = |reasons: &[String]| {
        let composer = Composer::new(7, Tone::Calm, reasons);
        composer.propose(plans::of(finding.kind), &bound, Wish::of(Slot::Lead, 40)).unwrap().plan
    };
    let before = lead(&[]);
    assert_ne!(before, lead(&[format!("s02 narration 1 (plan {before}): long_sentence")]));
}

#[test]
fn openings_do_not_repeat_while_others_are_left() {
    let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
    let (finding, facts, infos) = finding(FindingKind::OffPeak, subject, 35.0, 4228.0, 46);
    let evidence = Evidence { facts: &facts, series: &infos, historical: true };
    let bound = Bound::finding(&finding, evidence).unwrap();
    for seed in 0..50 {
        let mut composer = Composer::new(seed, Tone::Calm, &[]);
        let starts: Vec<String> = (0..4)
            .filter_map(|_| composer.compose(plans::of(finding.kind), &bound, Wish::of(Slot::Lead, 40)))
            .map(|composed| super::composer::start(&composed.text.text(), 3))
            .collect();
        let mut distinct = starts.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 4, "{starts:?}");
    }
}
