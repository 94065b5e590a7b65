//! Faults put into the right episode, one at a time: none may slip through.

use proofreel_model::brief::SourceTier;
use proofreel_model::digest::{Digest, canonical_json};
use proofreel_model::fact::{Direction, Extreme, Formula};
use proofreel_model::finding::FindingKind;
use proofreel_model::qa::Decision;
use proofreel_model::scenes::{NarrativeRole, RiskFlag};
use proofreel_model::script::ThumbnailDesign;
use proofreel_model::stage::StageName::{self, Planner, Research, SceneBuilder, Script};
use proofreel_model::text::{RichText, Span};
use proofreel_model::visual::Visual;
use serde_json::json;

use super::fixture::{Episode, Writer, episode, input, report, series, with_context};
use super::rules::{Rule, Severity};
use crate::contract::{DynStage, Outcome};
use crate::qa::Qa;

#[test]
fn the_right_episode_passes_without_a_single_finding() {
    let report = report(&episode());
    assert_eq!(report.findings, []);
    assert_eq!(report.verdict, Decision::Pass);
    assert!(report.scenes.iter().all(|scene| scene.scores.factual_accuracy == 5 && scene.scores.viewer_clarity == 5));
    assert!(report.recomputed.iter().all(|fact| fact.agrees));
    assert!(report.points_checked > 200 && report.texts_checked > 80 && report.citations_checked > 80, "{report:?}");
    assert!(report.checklists.iter().all(|item| item.passed));
}

#[test]
fn the_digest_is_that_of_the_stored_script_and_the_report_is_the_same_each_time() {
    let episode = episode();
    let stored = canonical_json(&episode.script).unwrap();
    assert_eq!(report(&episode).script_digest, Digest::of(&stored));
    assert_eq!(canonical_json(&report(&episode)).unwrap(), canonical_json(&report(&episode)).unwrap());
}

type Mutation = (&'static str, Rule, StageName, fn(&mut Episode));

/// Says a sentence instead of one of the fixture's.
fn say(episode: &mut Episode, scene: usize, sentence: usize, template: &str) {
    let text = write(episode, template);
    episode.script.scenes[scene].narration[sentence].text = text;
}

fn write(episode: &Episode, template: &str) -> RichText {
    Writer { facts: &episode.brief.facts, series: &episode.brief.series, sources: &episode.brief.sources }.text(template)
}

/// The first cited span of a sentence.
fn cited(episode: &mut Episode, scene: usize, sentence: usize) -> &mut Span {
    let text = &mut episode.script.scenes[scene].narration[sentence].text;
    text.0.iter_mut().find(|span| matches!(span.cite, Some(proofreel_model::text::Cite::Fact { .. }))).unwrap()
}

fn line(episode: &mut Episode, scene: usize) -> (&mut Vec<proofreel_model::visual::Trace>, &mut Vec<proofreel_model::visual::Mark>) {
    match &mut episode.scenes.scenes[scene].visual {
        Visual::Line { traces, marks, .. } => (traces, marks),
        other => panic!("{other:?}"),
    }
}

const NUMBERS: &[Mutation] = &[
    ("a digit of a citation changed", Rule::CitationWording, Script, |e| {
        let span = cited(e, 1, 1);
        span.text = span.text.replacen('9', "8", 1);
    }),
    ("a value one unit off in its last place", Rule::FactNotReproduced, Research, |e| e.brief.facts[0].value += 0.01),
    ("a value off by a millionth", Rule::FactNotReproduced, Research, |e| e.brief.facts[2].value *= 1.000_001),
    ("a value that is no number", Rule::SchemaFailure, Research, |e| e.brief.facts[7].value = f64::INFINITY),
    ("another display", Rule::FactDisplay, Research, |e| e.brief.facts[2].display = "6.95%".into()),
    ("a percentage called points", Rule::FactUnit, Research, |e| e.brief.facts[2].unit.kind = proofreel_model::unit::UnitKind::PercentagePoints),
    ("a unit scaled by a thousand", Rule::FactUnit, Research, |e| e.brief.facts[0].unit.multiplier = 1000.0),
    ("another calendar", Rule::FactUnit, Research, |e| e.brief.facts[0].frequency = proofreel_model::series::Frequency::Annual),
    ("moved rows", Rule::FactRows, Research, |e| (e.brief.facts[1].rows[0].first, e.brief.facts[1].rows[0].last) = (19, 19)),
    ("rows that were not read", Rule::FactRows, Research, |e| e.brief.facts[2].rows[0].last = 25),
    ("no rows", Rule::FactRows, Research, |e| e.brief.facts[0].rows.clear()),
    ("swapped dates of a change", Rule::FactNotReproduced, Research, |e| {
        let Formula::PercentChange { from, to, .. } = &mut e.brief.facts[2].formula else { panic!() };
        std::mem::swap(from, to);
    }),
    ("an extreme that is elsewhere", Rule::FactNotReproduced, Research, |e| {
        let Formula::Extreme { at, .. } = &mut e.brief.facts[3].formula else { panic!() };
        *at = "2026-01-01".parse().unwrap();
    }),
    ("an extreme of the other kind", Rule::FactNotReproduced, Research, |e| {
        let Formula::Extreme { which, .. } = &mut e.brief.facts[3].formula else { panic!() };
        *which = Extreme::Lowest;
    }),
    ("a streak in the other direction", Rule::FactNotReproduced, Research, |e| {
        let Formula::Streak { direction, .. } = &mut e.brief.facts[8].formula else { panic!() };
        *direction = Direction::Up;
    }),
    ("a fact id given twice", Rule::DuplicateId, Research, |e| {
        let copy = e.brief.facts[0].clone();
        e.brief.facts.push(copy);
    }),
    ("a citation of no fact", Rule::UnknownFact, Script, |e| {
        cited(e, 1, 1).cite = Some(proofreel_model::text::Cite::Fact { fact: "f099".into(), part: proofreel_model::text::Part::Value, style: proofreel_model::text::Style::Spoken });
    }),
    ("a data point altered", Rule::DataPointAltered, Research, |e| e.brief.data_points[0].value = "$1".into()),
    ("a source cell changed after mining", Rule::FactNotReproduced, Research, |e| {
        let csv = e.packages[0].files.get_mut("data/monthly.csv").unwrap();
        *csv = String::from_utf8(csv.clone()).unwrap().replace("9835", "9385").into_bytes();
    }),
];

const PLAIN: &[Mutation] = &[
    ("a digit", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides 3 swings.")),
    ("a number word", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides three swings.")),
    ("a number word split over spans", Rule::NumberWithoutFact, Script, |e| {
        e.script.scenes[5].narration[3].text = RichText(["An average hides thr", "ee swings."].map(|text| Span { text: text.into(), cite: None }).into());
    }),
    ("doubled", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides that it doubled.")),
    ("half", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides half of it.")),
    ("a majority", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides a majority of months.")),
    ("nearly all", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides nearly all of it.")),
    ("tenfold", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides a tenfold swing.")),
    ("single-digit", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides single-digit swings.")),
    ("a full-width digit", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides ３ swings.")),
    ("a superscript", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides it².")),
    ("a fraction sign", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides ½ of it.")),
    ("a Roman numeral", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides phase III of it.")),
    ("a Roman numeral sign", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides phase Ⅷ of it.")),
    ("an Arabic-Indic digit", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides ٣ swings.")),
    ("a month in plain text", Rule::DateWithoutFact, Script, |e| say(e, 5, 3, "An average hides what August brought.")),
    ("a zero-width space", Rule::HiddenCharacter, Script, |e| say(e, 5, 3, "An aver\u{200b}age hides the swings.")),
    ("a direction override", Rule::HiddenCharacter, Script, |e| say(e, 5, 3, "An average \u{202e}hides the swings.")),
    ("a Cyrillic look-alike", Rule::HiddenCharacter, Script, |e| say(e, 5, 3, "An \u{430}verage hides the swings.")),
    ("a digit in a tag", Rule::NumberWithoutFact, Script, |e| e.script.tags[0] = "top 10 metals".into()),
    ("a number word in the topic", Rule::NumberWithoutFact, Planner, |e| e.brief.topic.title = "Three metals".into()),
    ("a number in the small print", Rule::NumberWithoutFact, SceneBuilder, |e| {
        let Visual::End { small_print, .. } = &mut e.scenes.scenes[7].visual else { panic!() };
        small_print.push("Up 40 percent".into());
    }),
    ("a number in a heading", Rule::NumberWithoutFact, SceneBuilder, |e| {
        let Visual::Line { heading, .. } = &mut e.scenes.scenes[1].visual else { panic!() };
        *heading = RichText::plain("Up a third");
    }),
    ("a number in the takeaway", Rule::NumberWithoutFact, Research, |e| e.brief.viewer_takeaway = RichText::plain("It went up twice.")),
    ("a scale word after a citation", Rule::NumberWithoutFact, Script, |e| say(e, 1, 1, "A year earlier it was {f002:value:spoken} million.")),
    ("a unit after a citation", Rule::UnitTampered, Script, |e| say(e, 1, 2, "Measured end to end, a rise of {f003:value:magnitude} points.")),
    ("a letter that touches a citation", Rule::UnitTampered, Script, |e| say(e, 1, 1, "A year earlier it was {f002:value:spoken}k.")),
    ("a sign before a citation", Rule::UnitTampered, Script, |e| say(e, 1, 1, "A year earlier it was −{f002:value:spoken}.")),
    ("a minus in words", Rule::UnitTampered, Script, |e| say(e, 1, 1, "A year earlier it was minus {f002:value:spoken}.")),
];

const MEANING: &[Mutation] = &[
    ("fell with a rise", Rule::DirectionWrong, Script, |e| say(e, 6, 1, "Over a year, {s0} fell by {f003:value:rounded}.")),
    ("rose with a fall", Rule::DirectionWrong, Script, |e| say(e, 2, 1, "From that peak, the price has climbed by {f005:value:magnitude}.")),
    ("higher than the peak", Rule::DirectionWrong, Script, |e| say(e, 6, 2, "Measured against its peak, it is {f005:value:rounded} higher.")),
    ("rising for a falling streak", Rule::DirectionWrong, Script, |e| say(e, 3, 1, "Since {f009:from:spoken}, the price has risen for {f009:value:spoken} in a row.")),
    ("up from more to less", Rule::DirectionWrong, Script, |e| say(e, 3, 2, "It rose from {f010:value:spoken} to {f001:value:spoken} over that stretch.")),
    ("a fall without its sign", Rule::SignLost, Script, |e| say(e, 3, 3, "Taken together, the move comes to {f007:value:magnitude} on each ton.")),
    ("a title that turns the sign", Rule::DirectionWrong, Script, |e| {
        e.script.titles[2] = write(e, "{n0} lost {f003:value:screen} and sits at its low");
    }),
    ("the date of another fact", Rule::DateMisplaced, Script, |e| say(e, 1, 0, "In {f001:from_of_f005}, it stood elsewhere.".replace("{f001:from_of_f005}", "{f005:from:spoken}").replace("it stood elsewhere", "{s0} stood at {f001:value:spoken}").as_str())),
    ("a value dated wrongly", Rule::DateMisplaced, Script, |e| say(e, 1, 1, "A year earlier it was {f002:value:spoken} in {f001:at:spoken}.")),
    ("a change since another date", Rule::DateMisplaced, Script, |e| say(e, 6, 1, "Since {f005:from:spoken}, {s0} rose by {f003:value:rounded}.")),
    ("a change until another date", Rule::DateMisplaced, Script, |e| say(e, 6, 1, "The rise came to {f003:value:rounded} by {f004:at:spoken}.")),
    ("two dates exchanged", Rule::DateMisplaced, Script, |e| {
        say(e, 3, 2, "Between {f009:to:spoken} and {f009:from:spoken}, it went down from {f010:value:spoken} to {f001:value:spoken}.");
    }),
    ("a peak not seen again, which was", Rule::SuperlativeUnproven, Script, |e| say(e, 1, 3, "That height was not seen again.")),
    ("nothing like it, without proof", Rule::SuperlativeUnproven, Script, |e| say(e, 1, 3, "In this file nothing else comes near it.")),
    ("the value of another series", Rule::SeriesMisplaced, Script, |e| say(e, 4, 1, "Over the same year {s1} gained {f003:value:magnitude}, while {s0} gained {f012:value:magnitude}.")),
    ("more than what it is", Rule::HedgeWrong, Script, |e| say(e, 1, 1, "A year earlier it was more than {f002:value:spoken}.")),
    ("nearly what it exceeds", Rule::HedgeWrong, Script, |e| say(e, 2, 1, "From that peak, the price has come down by nearly {f005:value:magnitude}.")),
    ("a month that was a year", Rule::PeriodUnproven, Script, |e| say(e, 1, 1, "A month earlier it was {f002:value:spoken}.")),
    ("lowest for a highest", Rule::SuperlativeUnproven, Script, |e| say(e, 2, 0, "The lowest mark in these figures came in {f004:at:spoken}, at {f004:value:spoken}.")),
    ("a record without proof", Rule::SuperlativeUnproven, Script, |e| say(e, 1, 3, "That is a record high for anyone who waited.")),
    ("never, without proof", Rule::SuperlativeUnproven, Script, |e| say(e, 1, 3, "It has never stood so well.")),
    ("the biggest, without proof", Rule::SuperlativeUnproven, Script, |e| say(e, 1, 3, "That was the biggest move of them all.")),
    ("a finding that is none", Rule::FindingUnproven, Research, |e| e.brief.key_facts[1].finding.kind = FindingKind::Record),
    ("the worst fall, which is not", Rule::FindingUnproven, Research, |e| {
        e.brief.key_facts[2].finding.kind = FindingKind::BiggestRise;
    }),
    ("a cause", Rule::CausalWording, Script, |e| say(e, 5, 4, "Seen that way, the retreat came because of the war.")),
    ("advice", Rule::AdviceWording, Script, |e| say(e, 5, 4, "Seen that way, you should buy.")),
    ("a forecast", Rule::PredictionWording, Script, |e| say(e, 5, 4, "Seen that way, the price will rise again.")),
    ("a series by another name", Rule::SeriesName, Script, |e| {
        let span = e.script.scenes[0].narration[0].text.0.first_mut().unwrap();
        span.text = "Gold".into();
    }),
    ("a source by another name", Rule::SourceTitle, Script, |e| {
        let span = e.script.scenes[7].narration[0].text.0.iter_mut().find(|span| span.cite.is_some()).unwrap();
        span.text = "Federal Reserve".into();
    }),
    ("the channel by another name", Rule::ChannelName, SceneBuilder, |e| {
        let Visual::Title { kicker, .. } = &mut e.scenes.scenes[0].visual else { panic!() };
        kicker.0[0].text = "Other Channel".into();
    }),
    ("a fact outside the claim", Rule::CitationOutsideClaim, Script, |e| say(e, 1, 1, "A year earlier it was {f008:value:spoken}.")),
    ("a claim outside the scene", Rule::ClaimOutsideScene, Script, |e| e.script.scenes[1].narration[1].claims.push("c04".into())),
];

const PICTURES: &[Mutation] = &[
    ("a plotted point altered", Rule::PointAltered, SceneBuilder, |e| line(e, 1).0[0].points[7].value += 0.25),
    ("a plotted point of another row", Rule::PointAltered, SceneBuilder, |e| line(e, 1).0[0].points[7].row = 9),
    ("two points exchanged", Rule::PointAltered, SceneBuilder, |e| {
        let points = &mut line(e, 1).0[0].points;
        (points[3].value, points[4].value) = (points[4].value, points[3].value);
    }),
    ("points out of order", Rule::TraceShape, SceneBuilder, |e| line(e, 1).0[0].points.swap(3, 4)),
    ("a thumbnail's point altered", Rule::PointAltered, Script, |e| e.script.thumbnails[1].trace.points[0].value = 0.0),
    ("a backdrop's point altered", Rule::PointAltered, SceneBuilder, |e| {
        let Visual::Title { backdrop: Some(trace), .. } = &mut e.scenes.scenes[0].visual else { panic!() };
        trace.points[29].value = 20_000.0;
    }),
    ("a line of another series", Rule::PointAltered, SceneBuilder, |e| line(e, 1).0[0].series = series(1)),
    ("a chart in another unit", Rule::ChartUnit, SceneBuilder, |e| line(e, 1).0[0].unit = proofreel_model::unit::Unit::percent()),
    ("a bar altered", Rule::BarValue, SceneBuilder, |e| {
        let Visual::Bars { bars, .. } = &mut e.scenes.scenes[5].visual else { panic!() };
        bars[1].value += 1.0;
    }),
    ("a bar with another's figure", Rule::FigureWithoutFact, SceneBuilder, |e| {
        let Visual::Comparison { left, right, .. } = &mut e.scenes.scenes[3].visual else { panic!() };
        std::mem::swap(&mut left.figure, &mut right.figure);
    }),
    ("a bar with another's date", Rule::DateMisplaced, SceneBuilder, |e| {
        let Visual::Comparison { left, right, .. } = &mut e.scenes.scenes[3].visual else { panic!() };
        std::mem::swap(&mut left.label, &mut right.label);
    }),
    ("a mark at another date", Rule::MarkMisplaced, SceneBuilder, |e| line(e, 1).1[0].date = "2025-07-01".parse().unwrap()),
    ("a mark off the line", Rule::MarkMisplaced, SceneBuilder, |e| line(e, 1).1[0].trace = 4),
    ("a label of another series", Rule::SeriesMisplaced, SceneBuilder, |e| {
        let (traces, _) = line(e, 4);
        let (a, b) = traces.split_at_mut(1);
        std::mem::swap(&mut a[0].label, &mut b[0].label);
    }),
    ("a thumbnail of another series", Rule::SeriesMisplaced, Script, |e| e.script.thumbnails[1].figure = write(e, "{f011:value:screen}")),
];

const STRUCTURE: &[Mutation] = &[
    ("a claim without a source", Rule::ClaimWithoutSource, Research, |e| e.brief.key_fact_sources.retain(|entry| entry.claim.as_str() != "c02")),
    ("a scene's claim without a source", Rule::ClaimWithoutSource, SceneBuilder, |e| e.scenes.scenes[1].source_refs.clear()),
    ("a source that is not there", Rule::UnknownSource, Research, |e| e.brief.key_fact_sources[0].source_ids[0] = "src9".into()),
    ("a tier-3 source alone", Rule::UncorroboratedTier3, Research, |e| e.brief.sources[0].source_tier = SourceTier::Tier3),
    ("a stale source not flagged", Rule::StaleUnmarked, Research, |e| (e.brief.as_of, e.order.as_of) = ("2026-07-20".parse().unwrap(), "2026-07-20".parse().unwrap())),
    ("a stale source flagged in the brief, not in its scenes", Rule::StaleUnmarked, SceneBuilder, |e| {
        (e.brief.as_of, e.order.as_of) = ("2026-07-20".parse().unwrap(), "2026-07-20".parse().unwrap());
        e.brief.sources[0].stale_data = true;
    }),
    ("a source dated into the future", Rule::SourceRecord, Research, |e| e.brief.sources[0].as_of_date = "2026-06-19".parse().unwrap()),
    ("a window of one's own", Rule::SourceRecord, Research, |e| e.brief.sources[0].freshness_window_days = 9999),
    ("another package's digest", Rule::SourceRecord, Research, |e| e.brief.sources[0].dataset_digest = Digest::of(b"other")),
    ("a source without a licence", Rule::MissingGovernanceField, Research, |e| e.brief.sources[0].licence.clear()),
    ("a claim of no fact", Rule::UnmatchedClaim, Research, |e| e.brief.key_facts[0].finding.roles.clear()),
    ("a claim that is not there", Rule::UnmatchedClaim, SceneBuilder, |e| e.scenes.scenes[1].key_claims.push("c77".into())),
    ("a spoken claim that is not there", Rule::UnmatchedClaim, Script, |e| e.script.scenes[1].narration[0].claims.push("c77".into())),
    ("no candidates", Rule::TopicContext, Research, |e| e.brief.topic_candidates.clear()),
    ("a refused topic", Rule::TopicContext, Research, |e| e.brief.topic_candidates[0].refused = Some("covered".into())),
    ("a series described otherwise", Rule::SeriesDescription, Research, |e| e.brief.series[0].name.short = "Gold".into()),
    ("evidence outside the refs", Rule::EvidenceSources, SceneBuilder, |e| e.scenes.scenes[1].evidence_sources.push("src2".into())),
    ("a source line without its source", Rule::SourceLine, SceneBuilder, |e| e.scenes.scenes[1].source_line = RichText::plain("Source: public data")),
    ("no hook", Rule::NarrativeRoles, SceneBuilder, |e| e.scenes.scenes[0].narrative_role = NarrativeRole::Proof),
    ("no insight", Rule::NarrativeRoles, SceneBuilder, |e| e.scenes.scenes[5].narrative_role = NarrativeRole::Proof),
    ("a claim without its chart", Rule::ClaimWithoutChart, SceneBuilder, |e| {
        let payoff = e.scenes.scenes[6].visual.clone();
        e.scenes.scenes[4].visual = payoff;
    }),
    ("a hole in time", Rule::SceneTimes, SceneBuilder, |e| e.scenes.scenes[3].start_time += 1.0),
    ("an episode too long", Rule::Runtime, SceneBuilder, |e| e.scenes.scenes[7].end_time = 500.0),
    ("few scenes over five minutes", Rule::SceneCount, SceneBuilder, |e| e.scenes.scenes[7].end_time = 330.0),
    ("a scene left out of the script", Rule::SceneMismatch, Script, |e| {
        e.script.scenes.remove(3);
    }),
    ("an empty objective", Rule::MissingGovernanceField, SceneBuilder, |e| e.scenes.scenes[2].objective.clear()),
    ("a slow hook", Rule::HookPromise, Script, |e| say(e, 0, 0, "{n0} looks calm, but its chart tells quite another story to anyone who takes the time to look.")),
    ("another hook than the one said", Rule::HookPromise, Script, |e| e.script.hooks.swap(0, 1)),
    ("two titles alike", Rule::Titles, Script, |e| e.script.titles[1] = e.script.titles[0].clone()),
    ("a title too long", Rule::Titles, Script, |e| e.script.titles[1] = RichText::plain("calm ".repeat(21))),
    ("a title with a bracket", Rule::Titles, Script, |e| e.script.titles[1] = RichText::plain("Calm <b>copper")),
    ("two thumbnails of a design", Rule::Thumbnails, Script, |e| e.script.thumbnails[1].design = ThumbnailDesign::BigFigure),
    ("a wordy thumbnail", Rule::Thumbnails, Script, |e| e.script.thumbnails[1].words = RichText::plain("Look under the line for more")),
    ("a description without its source", Rule::Description, Script, |e| {
        e.script.description.remove(1);
    }),
    ("a description too long", Rule::Description, Script, |e| e.script.description.push(RichText::plain("calm ".repeat(1000)))),
    ("no disclaimer in the description", Rule::MissingDisclosure, Script, |e| {
        e.script.description.pop();
    }),
    ("no disclosure on the end card", Rule::MissingDisclosure, SceneBuilder, |e| {
        let Visual::End { small_print, .. } = &mut e.scenes.scenes[7].visual else { panic!() };
        small_print.clear();
    }),
    ("an empty disclosure", Rule::MissingGovernanceField, Script, |e| e.script.ai_disclosure.clear()),
    ("tags too long", Rule::Tags, Script, |e| e.script.tags.push("metal ".repeat(90))),
    ("chapters that begin late", Rule::Chapters, Script, |e| {
        e.script.chapters.remove(0);
    }),
    ("a chapter of a moment", Rule::Chapters, Script, |e| {
        let mut chapter = e.script.chapters[4].clone();
        (chapter.scene_id, chapter.title) = ("s08".into(), RichText::plain("End"));
        e.script.chapters.push(chapter);
        e.scenes.scenes[7].end_time -= 2.0;
    }),
    ("an empty sentence", Rule::EmptyText, Script, |e| e.script.scenes[4].narration[3].text = RichText::plain(" ")),
    ("sentences that begin alike", Rule::RepeatedOpening, Script, |e| say(e, 5, 4, "An average never hides the end of a line.".replace("never ", "seldom ").as_str())),
    ("a sentence without an end", Rule::LongSentence, Script, |e| say(e, 5, 4, &format!("Seen that way, {}.", "the retreat goes on and ".repeat(8)))),
    ("a picture that stands too long", Rule::LongScene, SceneBuilder, |e| {
        e.scenes.scenes[7].end_time += 50.0;
    }),
];

#[test]
fn every_fault_is_caught_by_its_rule_and_charged_to_its_owner() {
    let good = episode();
    let all: Vec<&Mutation> = [NUMBERS, PLAIN, MEANING, PICTURES, STRUCTURE].into_iter().flatten().collect();
    assert!(all.len() >= 100, "{}", all.len());
    let mut missed = Vec::new();
    for (name, rule, owner, mutate) in all {
        let mut bad = good.clone();
        mutate(&mut bad);
        let report = report(&bad);
        let caught = report.findings.iter().any(|finding| finding.rule == rule.name() && finding.owner == *owner);
        let decided = match (&report.verdict, rule.severity()) {
            (Decision::Reject { .. }, _) | (Decision::Rewrite { .. }, Severity::Minor | Severity::Rewrite) | (Decision::Pass, Severity::Minor) => true,
            _ => false,
        };
        if !caught || !decided {
            let seen: Vec<String> = report.findings.iter().map(|finding| format!("{} ({}) {}: {}", finding.rule, finding.owner, finding.place, finding.detail)).collect();
            missed.push(format!("{name}: wanted {} of {owner}, verdict {:?}, saw {seen:#?}", rule.name(), report.verdict));
        }
    }
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn one_factual_error_goes_back_and_two_in_a_scene_end_the_episode() {
    let mut one = episode();
    say(&mut one, 5, 3, "An average hides three swings.");
    match report(&one).verdict {
        Decision::Rewrite { stage, reasons } => {
            assert_eq!(stage, Script);
            assert!(reasons[0].starts_with("script s06 narration 4 (plan fixture): number_without_fact: "), "{reasons:?}");
        }
        other => panic!("{other:?}"),
    }
    say(&mut one, 5, 4, "Seen that way, it lost a third.");
    assert!(matches!(report(&one).verdict, Decision::Reject { .. }));
}

#[test]
fn a_rewrite_goes_to_the_earliest_stage_at_fault() {
    let mut bad = episode();
    say(&mut bad, 5, 3, "An average hides three swings.");
    bad.brief.facts[2].display = "6.95%".into();
    assert!(matches!(report(&bad).verdict, Decision::Rewrite { stage: Research, .. }));
}

#[test]
fn two_unclear_scenes_order_a_rewrite_and_one_does_not() {
    let long = |n: usize| format!("Seen that way, {}.", "the retreat goes on and ".repeat(8 + n));
    let unclear = |e: &mut Episode, scene: usize| {
        for sentence in 3..5 {
            say(e, scene, sentence, &long(sentence));
        }
    };
    let mut bad = episode();
    unclear(&mut bad, 5);
    for scene in &mut bad.scenes.scenes {
        scene.word_budget *= 2;
    }
    let first = report(&bad);
    assert_eq!(first.scenes.iter().filter(|scene| scene.scores.viewer_clarity < 3).count(), 1);
    unclear(&mut bad, 2);
    let second = report(&bad);
    assert!(matches!(second.verdict, Decision::Rewrite { stage: Script, .. }), "{:?}", second.verdict);
}

#[test]
fn a_flagged_cause_and_a_flagged_stale_source_are_no_faults() {
    let mut flagged = episode();
    say(&mut flagged, 5, 4, "Seen that way, the retreat came because of the war.");
    flagged.scenes.scenes[5].risk_flags.push(RiskFlag::CausalClaim);
    assert_eq!(report(&flagged).findings, []);
    let mut stale = episode();
    (stale.brief.as_of, stale.order.as_of) = ("2026-07-20".parse().unwrap(), "2026-07-20".parse().unwrap());
    stale.brief.sources[0].stale_data = true;
    for scene in &mut stale.scenes.scenes {
        scene.risk_flags.push(RiskFlag::StaleData);
    }
    assert_eq!(report(&stale).findings, []);
    say(&mut stale, 5, 4, "Seen that way, today the metal is dear.");
    assert_eq!(report(&stale).findings[0].rule, "stale_as_current");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_risk_flag_and_a_broken_schema_are_rejected_with_a_report() {
    let episode = episode();
    let mut flag = input(&episode);
    flag["scenes"]["scenes"][0]["risk_flags"] = json!(["boring"]);
    let mut schema = input(&episode);
    schema["brief"]["facts"][0]["value"] = json!("many");
    for (input, rule, owner) in [(flag, "unknown_risk_flag", SceneBuilder), (schema, "schema_failure", Research)] {
        let outcome = with_context(&episode, |context| tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(Qa.run_json(input, context)))).unwrap();
        let Outcome::Reject { reasons, report: Some(report) } = outcome else { panic!("{outcome:?}") };
        assert!(reasons[0].contains(rule), "{reasons:?}");
        assert_eq!(report["findings"][0]["owner"], json!(owner));
    }
}
