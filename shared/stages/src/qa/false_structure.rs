//! False pictures and broken structure, each with the rule that must catch it and the stage that owns it.

use proofreel_model::brief::SourceTier;
use proofreel_model::digest::Digest;
use proofreel_model::scenes::NarrativeRole;
use proofreel_model::script::ThumbnailDesign;
use proofreel_model::stage::StageName::{Research, SceneBuilder, Script};
use proofreel_model::text::{Cite, RichText};
use proofreel_model::unit::Unit;
use proofreel_model::visual::{Mark, Trace, Visual};

use super::false_words::{Mutation, say, write};
use super::fixture::{Episode, series};
use super::rules::Rule;

fn line(episode: &mut Episode, scene: usize) -> (&mut Vec<Trace>, &mut Vec<Mark>) {
    match &mut episode.scenes.scenes[scene].visual {
        Visual::Line { traces, marks, .. } => (traces, marks),
        other => panic!("{other:?}"),
    }
}

pub const PICTURES: &[Mutation] = &[
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
    ("a chart in another unit", Rule::ChartUnit, SceneBuilder, |e| line(e, 1).0[0].unit = Unit::percent()),
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
    ("a mark at another date", Rule::MarkMisplaced, SceneBuilder, |e| {
        line(e, 1).1[0].date = "2025-07-01".parse().unwrap();
    }),
    ("a mark off the line", Rule::MarkMisplaced, SceneBuilder, |e| line(e, 1).1[0].trace = 4),
    ("a bracket over another stretch", Rule::MarkMisplaced, SceneBuilder, |e| {
        let Visual::Line { ranges, .. } = &mut e.scenes.scenes[1].visual else { panic!() };
        ranges[0].from = "2025-07-01".parse().unwrap();
    }),
    ("a bracket with another's figure", Rule::FigureWithoutFact, SceneBuilder, |e| {
        let label = write(e, "{f005:value:screen}");
        let Visual::Line { ranges, .. } = &mut e.scenes.scenes[1].visual else { panic!() };
        ranges[0].label = label;
    }),
    ("a label of another series", Rule::SeriesMisplaced, SceneBuilder, |e| {
        let (traces, _) = line(e, 4);
        let (a, b) = traces.split_at_mut(1);
        std::mem::swap(&mut a[0].label, &mut b[0].label);
    }),
    ("a thumbnail of another series", Rule::SeriesMisplaced, Script, |e| {
        e.script.thumbnails[1].figure = write(e, "{f011:value:screen}");
    }),
];

pub const STRUCTURE: &[Mutation] = &[
    ("a claim without a source", Rule::ClaimWithoutSource, Research, |e| {
        e.brief.key_fact_sources.retain(|entry| entry.claim.as_str() != "c02");
    }),
    ("a scene's claim without a source", Rule::ClaimWithoutSource, SceneBuilder, |e| {
        e.scenes.scenes[1].source_refs.clear();
    }),
    ("a source that is not there", Rule::UnknownSource, Research, |e| {
        e.brief.key_fact_sources[0].source_ids[0] = "src9".into();
    }),
    ("a source of another series", Rule::EvidenceSources, Research, |e| {
        e.brief.sources[0].title = "World Bank, Tin prices".into();
    }),
    ("a series without its own source", Rule::ClaimWithoutSource, Research, |e| {
        e.brief.sources[0].title = "World Bank, Copper prices".into();
    }),
    ("a tier-3 source alone", Rule::UncorroboratedTier3, Research, |e| {
        e.brief.sources[0].source_tier = SourceTier::Tier3;
    }),
    ("a stale source not flagged", Rule::StaleUnmarked, Research, |e| {
        (e.brief.as_of, e.order.as_of) = ("2026-07-20".parse().unwrap(), "2026-07-20".parse().unwrap());
    }),
    ("a stale source flagged in the brief, not in its scenes", Rule::StaleUnmarked, SceneBuilder, |e| {
        (e.brief.as_of, e.order.as_of) = ("2026-07-20".parse().unwrap(), "2026-07-20".parse().unwrap());
        e.brief.sources[0].stale_data = true;
    }),
    ("a source dated into the future", Rule::SourceRecord, Research, |e| {
        e.brief.sources[0].as_of_date = "2026-06-19".parse().unwrap();
    }),
    ("a window of one's own", Rule::SourceRecord, Research, |e| e.brief.sources[0].freshness_window_days = 9999),
    ("another package's digest", Rule::SourceRecord, Research, |e| {
        e.brief.sources[0].dataset_digest = Digest::of(b"other");
    }),
    ("a source without a licence", Rule::MissingGovernanceField, Research, |e| e.brief.sources[0].licence.clear()),
    ("a claim of no fact", Rule::UnmatchedClaim, Research, |e| e.brief.key_facts[0].finding.roles.clear()),
    ("a claim that is not there", Rule::UnmatchedClaim, SceneBuilder, |e| {
        e.scenes.scenes[1].key_claims.push("c77".into());
    }),
    ("a spoken claim that is not there", Rule::UnmatchedClaim, Script, |e| {
        e.script.scenes[1].narration[0].claims.push("c77".into());
    }),
    ("no candidates", Rule::TopicContext, Research, |e| e.brief.topic_candidates.clear()),
    ("a refused topic", Rule::TopicContext, Research, |e| e.brief.topic_candidates[0].refused = Some("covered".into())),
    ("a series described otherwise", Rule::SeriesDescription, Research, |e| {
        e.brief.series[0].name.short = "Gold".into();
    }),
    ("evidence outside the refs", Rule::EvidenceSources, SceneBuilder, |e| {
        e.scenes.scenes[1].evidence_sources.push("src2".into());
    }),
    ("a source line without its source", Rule::SourceLine, SceneBuilder, |e| {
        e.scenes.scenes[1].source_line = RichText::plain("Source: public data");
    }),
    ("a source line without a date", Rule::SourceLine, SceneBuilder, |e| {
        e.scenes.scenes[1].source_line.0.retain(|span| !matches!(span.cite, Some(Cite::Fact { .. })));
    }),
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
    ("a slow hook", Rule::HookPromise, Script, |e| {
        say(e, 0, 0, "{n0} looks calm, but its chart tells quite another story to anyone who takes the time to look.");
    }),
    ("another hook than the one said", Rule::HookPromise, Script, |e| e.script.hooks.swap(0, 1)),
    ("two titles alike", Rule::Titles, Script, |e| e.script.titles[1] = e.script.titles[0].clone()),
    ("a title too long", Rule::Titles, Script, |e| e.script.titles[1] = RichText::plain("calm ".repeat(21))),
    ("a title with a bracket", Rule::Titles, Script, |e| e.script.titles[1] = RichText::plain("Calm <b>copper")),
    ("two thumbnails of a design", Rule::Thumbnails, Script, |e| {
        e.script.thumbnails[1].design = ThumbnailDesign::BigFigure;
    }),
    ("a wordy thumbnail", Rule::Thumbnails, Script, |e| {
        e.script.thumbnails[1].words = RichText::plain("Look right under the line");
    }),
    ("a description without its source", Rule::Description, Script, |e| {
        e.script.description.remove(1);
    }),
    ("a description too long", Rule::Description, Script, |e| {
        e.script.description.push(RichText::plain("calm ".repeat(1000)));
    }),
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
    ("sentences that begin alike", Rule::RepeatedOpening, Script, |e| {
        say(e, 5, 4, "An average never hides the end of a line.".replace("never ", "seldom ").as_str());
    }),
    ("a sentence without an end", Rule::LongSentence, Script, |e| {
        say(e, 5, 4, &format!("Seen that way, {}.", "the retreat goes on and ".repeat(8)));
    }),
    ("claims named without a fact", Rule::ThinEvidence, Script, |e| {
        for sentence in &mut e.script.scenes[1].narration {
            sentence.claims = vec!["c01".into()];
        }
        say(e, 1, 1, "A year earlier it was elsewhere.");
        say(e, 1, 2, "Measured from end to end, it has come a way.");
    }),
    ("too many figures", Rule::HeavyScene, Script, |e| {
        for sentence in [1, 2, 3, 4] {
            let begins = ["", "So much", "Then there is", "Again", "But now"][sentence];
            say(
                e,
                1,
                sentence,
                &format!("{begins}: {{f001:value:spoken}}, {{f002:value:spoken}}, {{f001:value:spoken}}."),
            );
        }
    }),
    ("a long stretch without news", Rule::LongStretch, Script, |e| {
        for sentence in [1, 2, 3] {
            let begins = ["", "Talk", "Some chatter", "A murmur"][sentence];
            say(
                e,
                1,
                sentence,
                &format!(
                    "{begins} that tells nothing and goes on and on for quite a while, {}.",
                    "as it does ".repeat(4).trim()
                ),
            );
        }
    }),
    ("a silence", Rule::DeadAir, SceneBuilder, |e| {
        for scene in &mut e.scenes.scenes[5..] {
            scene.end_time += 11.0;
            if scene.scene_id.as_str() != "s06" {
                scene.start_time += 11.0;
            }
        }
    }),
    ("a scene told before", Rule::RedundantScene, SceneBuilder, |e| {
        e.scenes.scenes[4].key_claims = vec!["c01".into()];
        for sentence in 0..5 {
            e.script.scenes[4].narration[sentence].claims.clear();
        }
        say(e, 4, 1, "Again, a rise of {f003:value:magnitude}.");
        say(e, 4, 4, "And again, {f001:value:spoken}.");
    }),
    ("a scene without a figure", Rule::RedundantScene, Script, |e| {
        for sentence in [1, 2, 3] {
            say(e, 2, sentence, ["", "A quiet place.", "Nobody sees it.", "So it goes."][sentence]);
        }
        say(e, 2, 0, "There it is, the mark of them.");
    }),
    ("a card whose number nobody says", Rule::FigureUnsaid, Script, |e| {
        let (figure, fact) = (write(e, "{f005:value:screen}"), "f005".into());
        let context = RichText::plain("by the whole record");
        let heading = RichText::plain("Below the peak");
        e.scenes.scenes[5].visual = Visual::BigNumber { heading, figure, fact, context, backdrop: None };
    }),
    ("a transition without a reason", Rule::NoReasonToStay, Script, |e| {
        say(e, 4, 4, "{S1} last stood at {f011:value:spoken} in {f011:at:spoken}.");
        say(e, 5, 0, "The level itself says something.");
    }),
    ("a picture that stands too long", Rule::LongScene, SceneBuilder, |e| {
        e.scenes.scenes[7].end_time += 50.0;
    }),
];
