//! The lists of `specs/policy/claims.toml`: words that carry a claim further than data can.

use serde::Deserialize;

use super::lexicon::{Exception, PhraseList};

/// All lists of claims, ready to match.
pub struct Claims {
    /// Advice to buy or sell.
    pub trade: Trade,
    /// A person or an organisation accused.
    pub accusation: Accusation,
    /// What only medicine may say.
    pub medical: Medical,
    /// Statements about all observations, or about one that is like no other.
    pub sweeping: Sweeping,
    /// Causes.
    pub cause: Cause,
    /// The future.
    pub forecast: Forecast,
    /// Words that announce what comes.
    pub announce: PhraseList,
}

/// Advice to buy or sell.
pub struct Trade {
    /// Phrases.
    pub phrases: PhraseList,
    /// Orders to the viewer at the beginning of a sentence.
    pub orders: PhraseList,
    /// Words that may stand before an order.
    pub before_orders: Vec<String>,
}

/// Accusations.
pub struct Accusation {
    /// What somebody did.
    pub acts: PhraseList,
    /// What somebody is called.
    pub names: PhraseList,
    /// Words for actors.
    pub actors: Vec<String>,
    /// Capitalised words that name nobody.
    pub no_names: Vec<String>,
    /// Words that make the first word of a sentence a name.
    pub copulas: Vec<String>,
}

/// Medical claims.
pub struct Medical {
    /// Phrases that are one by themselves.
    pub phrases: PhraseList,
    /// Words of healing, with a word of `illness`.
    pub treat: PhraseList,
    /// Illnesses and remedies.
    pub illness: PhraseList,
    /// Words of effect, with a word of `remedies`.
    pub cause: PhraseList,
    /// Remedies.
    pub remedies: PhraseList,
}

/// Sweeping statements.
pub struct Sweeping {
    /// Words of quantity.
    pub quantifiers: Vec<String>,
    /// What they count.
    pub observations: Vec<String>,
    /// Words that may stand between.
    pub reach: usize,
    /// What excuses a quantifier.
    pub excused: PhraseList,
    /// Statements about all observations.
    pub universal: PhraseList,
    /// Words of direction that compare and do not move.
    pub comparisons: Vec<String>,
    /// Statements that an observation is like no other.
    pub exclusive: PhraseList,
    /// Makes a date the only one.
    pub only: String,
    /// Words between that and the date.
    pub only_joins: Vec<String>,
    /// Beginnings that no fact dates.
    pub since: PhraseList,
}

/// Causes.
pub struct Cause {
    /// Phrases.
    pub phrases: PhraseList,
    /// Verbs that push their object.
    pub pushers: Vec<String>,
    /// Words that may stand between a pusher, or `as`, and its end.
    pub reach: usize,
    /// How a cause bites.
    pub bites: PhraseList,
}

/// Forecasts.
pub struct Forecast {
    /// Phrases.
    pub phrases: PhraseList,
    /// Modal verbs.
    pub modals: Vec<String>,
    /// Words that may stand between modal and verb.
    pub adverbs: Vec<String>,
    /// How many of them.
    pub reach: usize,
    /// Verbs.
    pub verbs: Vec<String>,
}

mod file {
    use super::{Deserialize, Exception};

    macro_rules! section {
        ($name:ident { $($field:ident: $type:ty),* $(,)? }) => {
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            pub(super) struct $name { $(pub(super) $field: $type,)* }
        };
    }
    type Words = Vec<String>;

    section!(File {
        trade: Trade,
        accusation: Accusation,
        medical: Medical,
        sweeping: Sweeping,
        cause: Cause,
        forecast: Forecast,
        transition: Transition,
    });
    section!(Trade { phrases: Words, orders: Words, before_orders: Words, exceptions: Vec<Exception> });
    section!(Accusation {
        acts: Words,
        names: Words,
        actors: Words,
        no_names: Words,
        copulas: Words,
        exceptions: Vec<Exception>,
    });
    section!(Medical {
        phrases: Words,
        treat: Words,
        illness: Words,
        cause: Words,
        remedies: Words,
        exceptions: Vec<Exception>,
    });
    section!(Sweeping {
        quantifiers: Words,
        observations: Words,
        reach: usize,
        universal: Words,
        comparisons: Words,
        exclusive: Words,
        only: String,
        only_joins: Words,
        since: Words,
        exceptions: Vec<Exception>,
    });
    section!(Cause { phrases: Words, exceptions: Vec<Exception>, pushers: Words, reach: usize, bites: Words });
    section!(Forecast {
        phrases: Words,
        exceptions: Vec<Exception>,
        modals: Words,
        adverbs: Words,
        reach: usize,
        verbs: Words,
    });
    section!(Transition { announce: Words });
}

impl Claims {
    /// The lists this program was built with.
    ///
    /// # Errors
    /// The message of the TOML parser; never in a program that passed its tests.
    pub fn embedded() -> Result<Self, String> {
        let file: file::File = toml::from_str(include_str!("../../../../specs/policy/claims.toml"))
            .map_err(|error| format!("specs/policy/claims.toml: {error}"))?;
        let file::File { trade, accusation, medical, sweeping, cause, forecast, transition } = file;
        Ok(Self {
            trade: Trade {
                phrases: PhraseList::new(&trade.phrases, &trade.exceptions),
                orders: PhraseList::new(&trade.orders, &trade.exceptions),
                before_orders: trade.before_orders,
            },
            accusation: Accusation {
                acts: PhraseList::new(&accusation.acts, &accusation.exceptions),
                names: PhraseList::new(&accusation.names, &accusation.exceptions),
                actors: accusation.actors,
                no_names: accusation.no_names,
                copulas: accusation.copulas,
            },
            medical: Medical {
                phrases: PhraseList::new(&medical.phrases, &medical.exceptions),
                treat: PhraseList::new(&medical.treat, &medical.exceptions),
                illness: PhraseList::new(&medical.illness, &[]),
                cause: PhraseList::new(&medical.cause, &medical.exceptions),
                remedies: PhraseList::new(&medical.remedies, &[]),
            },
            sweeping: Sweeping {
                quantifiers: sweeping.quantifiers,
                observations: sweeping.observations,
                reach: sweeping.reach,
                excused: PhraseList::excuses(&sweeping.exceptions),
                universal: PhraseList::new(&sweeping.universal, &sweeping.exceptions),
                comparisons: sweeping.comparisons,
                exclusive: PhraseList::new(&sweeping.exclusive, &sweeping.exceptions),
                only: sweeping.only,
                only_joins: sweeping.only_joins,
                since: PhraseList::new(&sweeping.since, &[]),
            },
            cause: Cause {
                phrases: PhraseList::new(&cause.phrases, &cause.exceptions),
                pushers: cause.pushers,
                reach: cause.reach,
                bites: PhraseList::new(&cause.bites, &[]),
            },
            forecast: Forecast {
                phrases: PhraseList::new(&forecast.phrases, &forecast.exceptions),
                modals: forecast.modals,
                adverbs: forecast.adverbs,
                reach: forecast.reach,
                verbs: forecast.verbs,
            },
            announce: PhraseList::new(&transition.announce, &[]),
        })
    }
}
