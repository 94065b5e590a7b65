//! True citations told falsely: strangers, directions that nothing bears, heights and superlatives beside the wrong value.

use proofreel_model::stage::StageName::Script;

use super::false_words::{Mutation, say, write};
use super::rules::Rule;

pub const JOINS: &[Mutation] = &[
    ("another thing than the series", Rule::UnknownSubject, Script, |e| {
        say(e, 1, 0, "In {f001:at:spoken}, bitcoin stood at {f001:value:spoken}.");
    }),
    ("a name that no series bears", Rule::UnknownSubject, Script, |e| {
        say(e, 1, 3, "Plenty of viewers in Ruritania would stop there.");
    }),
    ("a thing in the title", Rule::UnknownSubject, Script, |e| {
        e.script.titles[1] = write(e, "What the year did to silver");
    }),
    ("a loss told of a rise, far from its value", Rule::DirectionWrong, Script, |e| {
        say(e, 1, 2, "No yearly loss beats the year to {f003:to:spoken}, when it changed by {f003:value:magnitude}.");
    }),
    ("a description that moves the other way", Rule::DirectionWrong, Script, |e| {
        e.script.description[0] = write(e, "{S0} fell {f003:value:magnitude} over the year.");
    }),
    ("a description with the date of another fact", Rule::DateMisplaced, Script, |e| {
        e.script.description[0] = write(e, "In {f004:at:spoken}, {s0} stood at {f001:value:spoken}.");
    }),
    ("below what it lies above", Rule::DirectionWrong, Script, |e| {
        say(e, 5, 2, "The latest figure, {f001:value:spoken}, still lies below the average of {f008:value:spoken}.");
    }),
    ("a peak called a trough", Rule::ValueMisplaced, Script, |e| {
        say(e, 2, 0, "The trough of {f004:at:spoken} stands out.");
    }),
    ("a superlative hung on a true sentence", Rule::SuperlativeUnproven, Script, |e| {
        say(
            e,
            2,
            1,
            "From that peak, the price has come down by {f005:value:magnitude}, the highest in these figures.",
        );
    }),
    ("a record of a date that is none", Rule::SuperlativeUnproven, Script, |e| {
        say(e, 1, 0, "The figures run to {f001:at:spoken}, the highest of all time.");
    }),
    ("exactly what was rounded", Rule::HedgeWrong, Script, |e| {
        say(e, 1, 2, "Measured from end to end, that is a rise of exactly {f003:value:magnitude}.");
    }),
];
