//! Claims that go too far, words that end an episode, and sources that may not carry it, each with the rule that must
//! catch it and the stage that owns it.

use proofreel_model::stage::StageName::{Planner, Research, SceneBuilder, Script};
use proofreel_model::text::RichText;
use proofreel_model::visual::Visual;

use super::false_words::{Mutation, say, write};
use super::rules::Rule;

/// Statements about all observations, causes in a pattern, and the future in disguise.
pub const REACH: &[Mutation] = &[
    ("every month, without a run", Rule::SweepingUnproven, Script, |e| say(e, 1, 3, "It rose every month of it.")),
    ("all readings, without a look at them", Rule::SweepingUnproven, Script, |e| {
        say(e, 1, 3, "All earlier readings were lower than that.");
    }),
    ("each year in a title", Rule::SweepingUnproven, Script, |e| e.script.titles[1] = write(e, "{n0} gains each year")),
    ("the only one", Rule::SweepingUnproven, Script, |e| say(e, 1, 3, "That was the only time it stood there.")),
    ("the first time", Rule::SweepingUnproven, Script, |e| say(e, 1, 3, "It stood there for the first time.")),
    ("a first time since a date of another fact", Rule::SweepingUnproven, Script, |e| {
        say(e, 1, 3, "It stood there for the first time since {f002:at:spoken}.");
    }),
    ("only in a month", Rule::SweepingUnproven, Script, |e| say(e, 1, 3, "It stood there only in {f002:at:spoken}.")),
    ("since records began", Rule::SweepingUnproven, Script, |e| say(e, 1, 3, "No better year since records began.")),
    ("since an event", Rule::SweepingUnproven, Script, |e| say(e, 1, 3, "It has been so since the crisis.")),
    ("a push", Rule::CausalWording, Script, |e| say(e, 5, 4, "Seen that way, strikes sent it higher.")),
    ("a bite", Rule::CausalWording, Script, |e| say(e, 5, 4, "Seen that way, it turned as new taxes bit.")),
    ("in the wake of", Rule::CausalWording, Script, |e| {
        say(e, 5, 4, "Seen that way, it turned in the wake of the war.");
    }),
    ("a modal", Rule::PredictionWording, Script, |e| say(e, 5, 4, "Seen that way, it could soon recover.")),
    ("an expectation", Rule::PredictionWording, Script, |e| say(e, 5, 4, "Seen that way, experts expect a turn.")),
    ("next year", Rule::PredictionWording, Script, |e| say(e, 5, 4, "Seen that way, next year is the test.")),
    ("an observation of the future", Rule::PredictionWording, Script, |e| {
        (e.brief.as_of, e.order.as_of) = ("2026-05-20".parse().unwrap(), "2026-05-20".parse().unwrap());
    }),
];

/// What ends an episode, and sources that may not carry it.
pub const GRAVE: &[Mutation] = &[
    ("advice to buy", Rule::TradeAdvice, Script, |e| say(e, 5, 4, "Seen that way, you should buy.")),
    ("an order to sell", Rule::TradeAdvice, Script, |e| say(e, 5, 4, "Sell before the others do.")),
    ("advice in a title", Rule::TradeAdvice, Script, |e| e.script.titles[1] = write(e, "{n0}: time to buy?")),
    ("a publisher accused", Rule::Accusation, Script, |e| say(e, 5, 4, "The officials behind it are corrupt.")),
    ("a source accused beside its name", Rule::Accusation, Script, |e| {
        e.script.scenes[7].narration[1].text = write(e, "What {src1} prints is a fraud.");
    }),
    ("a market called rigged", Rule::Accusation, Script, |e| say(e, 5, 4, "Somebody rigged this market.")),
    ("a person accused in a comment", Rule::Accusation, Script, |e| {
        e.script.pinned_comment = RichText::plain("Was John Doe a crook, or was it chance?");
    }),
    ("a medical claim", Rule::MedicalClaim, Script, |e| say(e, 5, 4, "Copper heals, and it prevents infections.")),
    ("a package whose title accuses", Rule::Accusation, Research, |e| {
        e.brief.sources[0].title = "How the World Bank stole your savings".into();
    }),
    ("a topic that advises", Rule::TradeAdvice, Planner, |e| e.brief.topic.title = "Copper, and why to buy it".into()),
    ("a licence without commerce", Rule::LicenceIncompatible, Research, |e| {
        e.brief.sources[0].licence = "CC-BY-NC-4.0".into();
    }),
    ("no licence", Rule::LicenceIncompatible, Research, |e| e.brief.sources[0].licence = "not stated".into()),
    ("a licence nobody knows", Rule::LicenceIncompatible, Research, |e| e.brief.sources[0].licence = "Mine".into()),
    ("credit without the licence", Rule::AttributionMissing, Script, |e| {
        e.script.description.retain(|line| !line.text().contains("licence"));
    }),
    ("credit without the publisher", Rule::AttributionMissing, Script, |e| {
        e.script.description[1] = RichText::plain("Source: public data");
    }),
    ("no credit on the end card", Rule::AttributionMissing, SceneBuilder, |e| {
        let Visual::End { sources, .. } = &mut e.scenes.scenes[7].visual else { panic!() };
        sources.clear();
    }),
    ("a hard subject not flagged", Rule::RiskUnflagged, SceneBuilder, |e| {
        for package in &mut e.packages {
            for file in package.files.values_mut() {
                let text = String::from_utf8_lossy(file).replace("the price of copper", "the price of poverty");
                *file = text.into_bytes();
            }
        }
    }),
];
