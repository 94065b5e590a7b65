//! False numbers and false words, each with the rule that must catch it and the stage that owns it.

use proofreel_model::fact::{Direction, Extreme, Formula};
use proofreel_model::finding::FindingKind;
use proofreel_model::stage::StageName::{self, Planner, Research, SceneBuilder, Script};
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::unit::UnitKind;
use proofreel_model::visual::Visual;

use super::fixture::{Episode, Writer};
use super::rules::Rule;

pub type Mutation = (&'static str, Rule, StageName, fn(&mut Episode));

/// Says a sentence instead of one of the fixture's.
pub fn say(episode: &mut Episode, scene: usize, sentence: usize, template: &str) {
    let text = write(episode, template);
    episode.script.scenes[scene].narration[sentence].text = text;
}

pub fn write(episode: &Episode, template: &str) -> RichText {
    Writer { facts: &episode.brief.facts, series: &episode.brief.series, sources: &episode.brief.sources }
        .text(template)
}

/// The first cited span of a sentence.
fn cited(episode: &mut Episode, scene: usize, sentence: usize) -> &mut Span {
    let text = &mut episode.script.scenes[scene].narration[sentence].text;
    text.0.iter_mut().find(|span| matches!(span.cite, Some(Cite::Fact { .. }))).unwrap()
}

pub const NUMBERS: &[Mutation] = &[
    ("a digit of a citation changed", Rule::CitationWording, Script, |e| {
        let span = cited(e, 1, 1);
        span.text = span.text.replacen('9', "8", 1);
    }),
    ("a value one unit off in its last place", Rule::FactNotReproduced, Research, |e| e.brief.facts[0].value += 0.01),
    ("a value off by a millionth", Rule::FactNotReproduced, Research, |e| e.brief.facts[2].value *= 1.000_001),
    ("a value that is no number", Rule::SchemaFailure, Research, |e| e.brief.facts[7].value = f64::INFINITY),
    ("another display", Rule::FactDisplay, Research, |e| e.brief.facts[2].display = "6.95%".into()),
    ("a percentage called points", Rule::FactUnit, Research, |e| {
        e.brief.facts[2].unit.kind = UnitKind::PercentagePoints;
    }),
    ("a unit scaled by a thousand", Rule::FactUnit, Research, |e| e.brief.facts[0].unit.multiplier = 1000.0),
    ("another calendar", Rule::FactUnit, Research, |e| {
        e.brief.facts[0].frequency = proofreel_model::series::Frequency::Annual;
    }),
    ("moved rows", Rule::FactRows, Research, |e| {
        (e.brief.facts[1].rows[0].first, e.brief.facts[1].rows[0].last) = (19, 19);
    }),
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
    ("a season that the source left in", Rule::SeasonCompared, Research, |e| {
        let descriptor = e.packages[0].files.get_mut("datapackage.json").unwrap();
        let text = String::from_utf8(descriptor.clone()).unwrap();
        *descriptor =
            text.replace("US dollars per tonne", "US dollars per tonne, not seasonally adjusted").into_bytes();
    }),
    ("another adjustment than the source's", Rule::FactUnit, Research, |e| {
        e.brief.facts[0].adjustment = proofreel_model::series::Adjustment::Adjusted;
    }),
    ("a hole that is none", Rule::FactNotReproduced, Research, |e| e.brief.facts[7].missing = 1),
    ("a hole that no sentence tells", Rule::HoleUntold, Script, |e| {
        e.brief.facts[7].missing = 2;
        say(e, 1, 1, "{S0} has averaged {f008:value:spoken} over the window.");
    }),
    ("a growth rate without its base", Rule::GrowthBaseMissing, Script, |e| {
        let Formula::PercentChange { series, from, to } = e.brief.facts[2].formula.clone() else { panic!() };
        e.brief.facts[2].formula = Formula::GrowthRate { series, from, to };
        say(e, 1, 1, "{S0} rose by {f003:value:magnitude} a year.");
    }),
    ("a crisis named beside another time", Rule::EpisodeMisnamed, Script, |e| {
        say(e, 1, 1, "In the Great Recession {s0} stood at {f001:value:spoken}.");
    }),
    ("a lead told without its warning", Rule::CauseUnwarned, Script, |e| {
        let Formula::PercentChange { series, from, to } = e.brief.facts[2].formula.clone() else { panic!() };
        let (other, moves) = (super::fixture::series(1), proofreel_model::fact::Moves::Percent);
        e.brief.facts[2].formula = Formula::Correlation { series, other, lag: 3, moves, other_moves: moves, from, to };
        say(e, 1, 1, "{S0} moves early, at {f003:value:spoken}.");
    }),
    ("cause in the words of a warning", Rule::CausalWording, Script, |e| {
        say(e, 1, 1, "{S0} moves early and is causing the rest, which is not the same as causing nothing.");
    }),
    ("prices taken out of a bare number", Rule::FactUnit, Research, |e| {
        let Formula::PercentChange { series, from, to } = e.brief.facts[2].formula.clone() else { panic!() };
        let (deflator, over) = (super::fixture::series(1), proofreel_model::series::Frequency::Monthly);
        e.brief.facts[2].formula = Formula::RealChange { series, deflator, from, to, over, observations: 1 };
    }),
    ("a fact id given twice", Rule::DuplicateId, Research, |e| {
        let copy = e.brief.facts[0].clone();
        e.brief.facts.push(copy);
    }),
    ("a citation of no fact", Rule::UnknownFact, Script, |e| {
        cited(e, 1, 1).cite = Some(Cite::Fact { fact: "f099".into(), part: Part::Value, style: Style::Spoken });
    }),
    ("a data point altered", Rule::DataPointAltered, Research, |e| e.brief.data_points[0].value = "$1".into()),
    ("a source cell changed after mining", Rule::FactNotReproduced, Research, |e| {
        let csv = e.packages[0].files.get_mut("data/monthly.csv").unwrap();
        *csv = String::from_utf8(csv.clone()).unwrap().replace("9835", "9385").into_bytes();
    }),
];

pub const PLAIN: &[Mutation] = &[
    ("a digit", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides 3 swings.")),
    ("a number word", Rule::NumberWithoutFact, Script, |e| say(e, 5, 3, "An average hides three swings.")),
    ("a number word split over spans", Rule::NumberWithoutFact, Script, |e| {
        e.script.scenes[5].narration[3].text =
            RichText(["An average hides thr", "ee swings."].map(|text| Span { text: text.into(), cite: None }).into());
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
    ("a number in the takeaway", Rule::NumberWithoutFact, Research, |e| {
        e.brief.viewer_takeaway = RichText::plain("It went up twice.");
    }),
    ("a scale word after a citation", Rule::NumberWithoutFact, Script, |e| {
        say(e, 1, 1, "A year earlier it was {f002:value:spoken} million.");
    }),
    ("a unit after a citation", Rule::UnitTampered, Script, |e| {
        say(e, 1, 2, "Measured end to end, a rise of {f003:value:magnitude} points.");
    }),
    ("a letter that touches a citation", Rule::UnitTampered, Script, |e| {
        say(e, 1, 1, "A year earlier it was {f002:value:spoken}k.");
    }),
    ("a sign before a citation", Rule::UnitTampered, Script, |e| {
        say(e, 1, 1, "A year earlier it was −{f002:value:spoken}.");
    }),
    ("a minus in words", Rule::UnitTampered, Script, |e| {
        say(e, 1, 1, "A year earlier it was minus {f002:value:spoken}.");
    }),
];

pub const MEANING: &[Mutation] = &[
    ("fell with a rise", Rule::DirectionWrong, Script, |e| {
        say(e, 6, 1, "Over a year, {s0} fell by {f003:value:rounded}.");
    }),
    ("rose with a fall", Rule::DirectionWrong, Script, |e| {
        say(e, 2, 1, "From that peak, the price has climbed by {f005:value:magnitude}.");
    }),
    ("higher than the peak", Rule::DirectionWrong, Script, |e| {
        say(e, 6, 2, "Measured against its peak, it is {f005:value:rounded} higher.");
    }),
    ("rising for a falling streak", Rule::DirectionWrong, Script, |e| {
        say(e, 3, 1, "Since {f009:from:spoken}, the price has risen for {f009:value:spoken} in a row.");
    }),
    ("up from more to less", Rule::DirectionWrong, Script, |e| {
        say(e, 3, 2, "It rose from {f010:value:spoken} to {f001:value:spoken} over that stretch.");
    }),
    ("a fall without its sign", Rule::SignLost, Script, |e| {
        say(e, 3, 3, "Taken together, the move comes to {f007:value:magnitude} on each ton.");
    }),
    ("a title that turns the sign", Rule::DirectionWrong, Script, |e| {
        e.script.titles[2] = write(e, "{n0} lost {f003:value:screen} and sits at its low");
    }),
    ("the date of another fact", Rule::DateMisplaced, Script, |e| {
        say(
            e,
            1,
            0,
            "In {f001:from_of_f005}, it stood elsewhere."
                .replace("{f001:from_of_f005}", "{f005:from:spoken}")
                .replace("it stood elsewhere", "{s0} stood at {f001:value:spoken}")
                .as_str(),
        );
    }),
    ("a value dated wrongly", Rule::DateMisplaced, Script, |e| {
        say(e, 1, 1, "A year earlier it was {f002:value:spoken} in {f001:at:spoken}.");
    }),
    ("a change since another date", Rule::DateMisplaced, Script, |e| {
        say(e, 6, 1, "Since {f005:from:spoken}, {s0} rose by {f003:value:rounded}.");
    }),
    ("a change until another date", Rule::DateMisplaced, Script, |e| {
        say(e, 6, 1, "The rise came to {f003:value:rounded} by {f004:at:spoken}.");
    }),
    ("a height in the place of a time", Rule::ValueMisplaced, Script, |e| {
        say(e, 2, 2, "The slide came in {f005:value:spoken}, and it did not pause.");
    }),
    ("a time in the place of a height", Rule::ValueMisplaced, Script, |e| {
        say(e, 2, 2, "The slide went to {f006:value:spoken}, and it did not pause.");
    }),
    ("heights against the order of time", Rule::ValueMisplaced, Script, |e| {
        say(e, 3, 2, "It went from {f001:value:spoken} to {f010:value:spoken} over that stretch.");
    }),
    ("a range that runs backward", Rule::DateMisplaced, Script, |e| {
        say(e, 3, 0, "The stretch from {f009:to:spoken} to {f009:from:spoken} is plain to see.");
    }),
    ("a change called usual", Rule::ValueMisplaced, Script, |e| {
        say(e, 6, 1, "Over a typical year, {s0} rose by {f003:value:rounded}.");
    }),
    ("the end of a fall taken for its peak", Rule::DateMisplaced, Script, |e| {
        say(e, 2, 1, "It lies {f005:value:magnitude} below the peak of {f005:to:spoken}.");
    }),
    ("two dates exchanged", Rule::DateMisplaced, Script, |e| {
        say(
            e,
            3,
            2,
            "Between {f009:to:spoken} and {f009:from:spoken}, it went down from {f010:value:spoken} to {f001:value:spoken}.",
        );
    }),
    ("a peak not seen again, which was", Rule::SuperlativeUnproven, Script, |e| {
        say(e, 1, 3, "That height was not seen again.");
    }),
    ("nothing like it, without proof", Rule::SuperlativeUnproven, Script, |e| {
        say(e, 1, 3, "In this file nothing else comes near it.");
    }),
    ("the value of another series", Rule::SeriesMisplaced, Script, |e| {
        say(
            e,
            4,
            1,
            "Over the same year {s1} gained {f003:value:magnitude}, while {s0} gained {f012:value:magnitude}.",
        );
    }),
    ("more than what it is", Rule::HedgeWrong, Script, |e| {
        say(e, 1, 1, "A year earlier it was more than {f002:value:spoken}.");
    }),
    ("nearly what it exceeds", Rule::HedgeWrong, Script, |e| {
        say(e, 2, 1, "From that peak, the price has come down by nearly {f005:value:magnitude}.");
    }),
    ("a month that was a year", Rule::PeriodUnproven, Script, |e| {
        say(e, 1, 1, "A month earlier it was {f002:value:spoken}.");
    }),
    ("lowest for a highest", Rule::SuperlativeUnproven, Script, |e| {
        say(e, 2, 0, "The lowest mark in these figures came in {f004:at:spoken}, at {f004:value:spoken}.");
    }),
    ("a record without proof", Rule::SuperlativeUnproven, Script, |e| {
        say(e, 1, 3, "That is a record high for anyone who waited.");
    }),
    ("never, without proof", Rule::SuperlativeUnproven, Script, |e| say(e, 1, 3, "It has never stood so well.")),
    ("the biggest, without proof", Rule::SuperlativeUnproven, Script, |e| {
        say(e, 1, 3, "That was the biggest move of them all.");
    }),
    ("a finding that is none", Rule::FindingUnproven, Research, |e| {
        e.brief.key_facts[1].finding.kind = FindingKind::Record;
    }),
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
    ("a fact outside the claim", Rule::CitationOutsideClaim, Script, |e| {
        say(e, 1, 1, "A year earlier it was {f008:value:spoken}.");
    }),
    ("a claim outside the scene", Rule::ClaimOutsideScene, Script, |e| {
        e.script.scenes[1].narration[1].claims.push("c04".into());
    }),
];
