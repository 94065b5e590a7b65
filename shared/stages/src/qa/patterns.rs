//! Causes and forecasts that no list of phrases catches: "sent prices higher", "as the rates bit", "could soon fall".

use proofreel_model::display;
use proofreel_model::scenes::RiskFlag;
use proofreel_model::text::Cite;

use super::dossier::{Dossier, Findings};
use super::lexicon::Lexicon;
use super::passages::Passage;
use super::reading::{Piece, sentences};
use super::rules::Rule;

/// A year this many years ahead may still be meant as a date.
const FAR_AHEAD: i16 = 200;

/// True when the scene of a text is flagged for causes.
pub fn may_tell_causes(dossier: &Dossier<'_>, passage: &Passage<'_>) -> bool {
    let scene = passage.place.scene.and_then(|id| dossier.scene(id));
    scene.is_some_and(|scene| scene.risk_flags.contains(&RiskFlag::CausalClaim))
}

/// Checks a text.
pub fn check(dossier: &Dossier<'_>, passage: &Passage<'_>, pieces: &[Piece<'_>], findings: &mut Findings) {
    for sentence in sentences(pieces) {
        if !may_tell_causes(dossier, passage) {
            for phrase in causes(dossier.lexicon, sentence) {
                findings.add(
                    Rule::CausalWording,
                    &passage.place,
                    format!("`{phrase}` states a cause, which the data cannot show: say what and when, not why"),
                );
            }
        }
        for phrase in forecasts(dossier.lexicon, sentence, dossier.order.as_of.year()) {
            findings.add(
                Rule::PredictionWording,
                &passage.place,
                format!("`{phrase}` speaks of the future, which the data does not hold"),
            );
        }
    }
    for piece in pieces {
        let Piece::Cite { cite: Cite::Fact { fact, .. }, text } = piece else { continue };
        let Some(fact) = dossier.fact(fact) else { continue };
        let (at, from, to) = display::dates(&fact.formula);
        if let Some(date) = [at, from, to].into_iter().flatten().find(|date| *date > dossier.order.as_of) {
            findings.add(
                Rule::PredictionWording,
                &passage.place,
                format!("`{text}` is of {date}, after the day of the run: a projection is no observation"),
            );
        }
    }
}

fn word<'p>(sentence: &'p [Piece<'_>], at: usize) -> Option<&'p String> {
    match sentence.get(at) {
        Some(Piece::Word { lower, .. }) => Some(lower),
        _ => None,
    }
}

fn causes(lexicon: &Lexicon, sentence: &[Piece<'_>]) -> Vec<String> {
    let cause = &lexicon.claims.cause;
    let mut found: Vec<String> = cause.phrases.hits(sentence).into_iter().map(|hit| hit.phrase).collect();
    let directions: Vec<_> = lexicon
        .up
        .hits(sentence)
        .into_iter()
        .chain(lexicon.down.hits(sentence))
        .map(|hit| (hit.first, hit.phrase))
        .collect();
    let bites: Vec<_> = cause.bites.hits(sentence).into_iter().map(|hit| (hit.first, hit.phrase)).collect();
    for at in 0..sentence.len() {
        let Some(lower) = word(sentence, at) else { continue };
        let ends = if cause.pushers.contains(lower) {
            &directions
        } else if lower == "as" {
            &bites
        } else {
            continue;
        };
        // The object stands between: at least a word, and no new clause. Behind an article it is a noun: "makes a fall".
        let end = ends.iter().find(|(end, _)| {
            let between = *end > at + 1 && *end <= at + 1 + cause.reach;
            let noun = word(sentence, end - 1).is_some_and(|before| matches!(before.as_str(), "a" | "an" | "the"));
            between && !noun && sentence[at + 1..*end].iter().all(|piece| !matches!(piece, Piece::Mark(_)))
        });
        if let Some((_, phrase)) = end {
            found.push(format!("{lower} … {phrase}"));
        }
    }
    found
}

fn forecasts(lexicon: &Lexicon, sentence: &[Piece<'_>], this_year: i16) -> Vec<String> {
    let forecast = &lexicon.claims.forecast;
    let mut found: Vec<String> = forecast.phrases.hits(sentence).into_iter().map(|hit| hit.phrase).collect();
    for at in 0..sentence.len() {
        let Some(Piece::Word { lower, raw }) = sentence.get(at) else { continue };
        let is_month = raw == "May" && at > 0;
        if forecast.modals.contains(lower) && !is_month {
            let adverbs = (at + 1..)
                .take_while(|next| word(sentence, *next).is_some_and(|word| forecast.adverbs.contains(word)))
                .take(forecast.reach)
                .count();
            if let Some(verb) = word(sentence, at + 1 + adverbs).filter(|verb| forecast.verbs.contains(verb)) {
                found.push(format!("{lower} {verb}"));
            }
        }
        let year = raw.parse::<i16>().ok().filter(|_| raw.len() == 4);
        if year.is_some_and(|year| year > this_year && year <= this_year + FAR_AHEAD) {
            found.push(raw.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qa::reading::pieces;
    use proofreel_model::text::RichText;

    fn heard(text: &str, find: impl Fn(&Lexicon, &[Piece<'_>]) -> Vec<String>) -> Vec<String> {
        let lexicon = Lexicon::embedded().unwrap();
        let text = RichText::plain(text);
        let pieces = pieces(&text);
        sentences(&pieces).into_iter().flat_map(|sentence| find(&lexicon, sentence)).collect()
    }

    #[test]
    fn causes_are_heard_in_patterns() {
        for text in [
            "The war sent prices higher.",
            "Cheap money made it rise.",
            "It fell as higher rates bit.",
            "It slipped on the heels of the report.",
            "In the wake of the shock the line turned.",
            "Demand helped, and weather hurt.",
            "The strike weighed on it.",
            "Taxes kept it low, and pushed the rest up.",
        ] {
            assert!(!heard(text, causes).is_empty(), "{text}");
        }
        for text in [
            "The latest year took it down.",
            "That is what makes it an average.",
            "As the chart shows, it fell.",
            "That makes a fall worth telling.",
            "It rose as it had before.",
            "A small rate does not make a small step look huge.",
            "It kept its place.",
        ] {
            assert_eq!(heard(text, causes), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn forecasts_are_heard_in_patterns() {
        let find = |lexicon: &Lexicon, sentence: &[Piece<'_>]| forecasts(lexicon, sentence, 2026);
        for text in [
            "It could soon fall.",
            "Prices would then rise again.",
            "It may recover.",
            "It'll keep going.",
            "This will matter.",
            "The line is heading there.",
            "Analysts expect a turn.",
            "Next year looks different.",
            "By 2030 it is another line.",
            "It won't last.",
        ] {
            assert!(!heard(text, find).is_empty(), "{text}");
        }
        for text in [
            "A sceptic would start the line elsewhere.",
            "What would you have guessed?",
            "How hard can it fall?",
            "It was highest in May rise and all.",
            "The next release adds a point.",
            "You will see the sources below.",
            "That is never a forecast.",
            "Soon after, it turned.",
            "In 1995 it stood higher.",
        ] {
            assert_eq!(heard(text, find), Vec::<String>::new(), "{text}");
        }
    }
}
