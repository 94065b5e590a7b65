//! What ends an episode whatever the data says: advice to buy or sell, an accusation, a medical claim.
//!
//! Names that a data package gives are data. They are read more narrowly: a statistic of fraud may be called so, a
//! title that says that somebody is a fraud may not stand.

use proofreel_model::stage::StageName;
use proofreel_model::text::{Cite, RichText};

use super::dossier::{Dossier, Findings, Place};
use super::lexicon::PhraseList;
use super::lists::{Accusation, Medical, Trade};
use super::passages::Passage;
use super::reading::{Piece, pieces, sentences};
use super::rules::Rule;

/// Whose words a text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The writer's.
    Prose,
    /// A data package's, as a name.
    Name,
}

/// A copula may stand this many words before what it joins: "is nothing but a fraud".
const JOINED: usize = 4;

/// Checks a text. The channel's own disclosure and disclaimer may speak of advice and of law.
pub fn check(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    let text = passage.text.text();
    let house = &dossier.order.channel.governance;
    if [&house.ai_disclosure, &house.disclaimer].iter().any(|own| **own == text) {
        return;
    }
    check_text(
        dossier,
        &super::numerals::without_source_records(dossier, passage.text),
        Origin::Prose,
        &passage.place,
        findings,
    );
}

/// Checks the names that come from data packages, and the plain strings of the script.
pub fn names(dossier: &Dossier<'_>, findings: &mut Findings) {
    let brief = dossier.brief;
    let mut all: Vec<(&str, Place<'_>)> = Vec::new();
    for source in &brief.sources {
        all.push((&source.title, Place::research(format!("source {}", source.source_id))));
    }
    for info in dossier.library.values().chain(&brief.series) {
        for name in [&info.name.subject, &info.name.short] {
            all.push((name, Place::research(format!("series {}", info.series.key()))));
        }
    }
    let owner = StageName::Planner;
    all.push((&brief.topic.title, Place { owner, scene: None, name: "topic title".into() }));
    for (n, tag) in dossier.script.tags.iter().enumerate() {
        all.push((tag, Place::script(format!("tag {}", n + 1))));
    }
    for (name, place) in all {
        check_text(dossier, &RichText::plain(name), Origin::Name, &place, findings);
    }
}

fn check_text(dossier: &Dossier<'_>, text: &RichText, origin: Origin, place: &Place<'_>, findings: &mut Findings) {
    let claims = &dossier.lexicon.claims;
    let pieces = pieces(text);
    for sentence in sentences(&pieces) {
        if let Some(phrase) = advised(&claims.trade, sentence) {
            let detail = format!("`{phrase}` advises to buy or sell: this channel never does");
            findings.add(Rule::TradeAdvice, place, detail);
        }
        if let Some(phrase) = accused(&claims.accusation, sentence, origin) {
            let detail = format!("`{phrase}` accuses somebody: no data here can carry that");
            findings.add(Rule::Accusation, place, detail);
        }
        if let Some(phrase) = medical(&claims.medical, sentence) {
            let detail = format!("`{phrase}` is a medical claim: leave it to medicine");
            findings.add(Rule::MedicalClaim, place, detail);
        }
    }
}

fn advised(trade: &Trade, sentence: &[Piece<'_>]) -> Option<String> {
    if let Some(hit) = trade.phrases.hits(sentence).into_iter().next() {
        return Some(hit.phrase);
    }
    let leads_in = |piece: &Piece<'_>| match piece {
        Piece::Word { lower, .. } => trade.before_orders.contains(lower),
        Piece::Mark(_) => true,
        Piece::Cite { .. } => false,
    };
    // After a colon or a dash a sentence begins anew: "Gold: buy it while you can".
    let begins_anew = |at: usize| {
        let before = &sentence[..at];
        let lead = before.iter().rev().take_while(|piece| leads_in(piece)).count();
        lead == before.len()
            || before[before.len() - lead..].iter().any(|piece| matches!(piece, Piece::Mark(':' | '—' | '–')))
    };
    trade.orders.hits(sentence).into_iter().find(|hit| begins_anew(hit.first)).map(|hit| hit.phrase)
}

fn accused(words: &Accusation, sentence: &[Piece<'_>], origin: Origin) -> Option<String> {
    if let Some(act) = words.acts.hits(sentence).into_iter().next() {
        return Some(act.phrase);
    }
    let word = |at: usize| match sentence.get(at) {
        Some(Piece::Word { lower, .. }) => lower.as_str(),
        _ => "",
    };
    let is_copula = |at: usize| words.copulas.iter().any(|copula| copula == word(at));
    let is_charge = |at: usize| words.names.begins_at(sentence, at).is_some();
    let names_somebody = |at: usize| match &sentence[at] {
        Piece::Cite { cite, .. } => !matches!(cite, Cite::Fact { .. }),
        Piece::Mark(_) => false,
        Piece::Word { lower, raw } => {
            let owner = lower.trim_end_matches("'s");
            let capital = raw.starts_with(char::is_uppercase) && !words.no_names.iter().any(|no| no == owner);
            words.actors.iter().any(|actor| actor == owner)
                || (capital && !is_charge(at) && (at > 0 || is_copula(at + 1) || owner != lower))
        }
    };
    words.names.hits(sentence).into_iter().find_map(|hit| {
        let joined = (hit.first.saturating_sub(JOINED)..hit.first).any(is_copula);
        let charged = match origin {
            Origin::Name => joined,
            Origin::Prose => (0..sentence.len()).any(|at| !(hit.first..=hit.last).contains(&at) && names_somebody(at)),
        };
        charged.then_some(hit.phrase)
    })
}

fn medical(words: &Medical, sentence: &[Piece<'_>]) -> Option<String> {
    if let Some(hit) = words.phrases.hits(sentence).into_iter().next() {
        return Some(hit.phrase);
    }
    let pair = |verbs: &PhraseList, nouns: &PhraseList| {
        let noun = nouns.hits(sentence).into_iter().next()?;
        let verb = verbs.hits(sentence).into_iter().next()?;
        Some(format!("{} … {}", verb.phrase, noun.phrase))
    };
    pair(&words.treat, &words.illness).or_else(|| pair(&words.cause, &words.remedies))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qa::lexicon::Lexicon;

    fn charge(text: &str, origin: Origin) -> Option<String> {
        let claims = Lexicon::embedded().unwrap().claims;
        let text = RichText::plain(text);
        let pieces = pieces(&text);
        sentences(&pieces).into_iter().find_map(|sentence| {
            advised(&claims.trade, sentence)
                .or_else(|| accused(&claims.accusation, sentence, origin))
                .or_else(|| medical(&claims.medical, sentence))
        })
    }

    #[test]
    fn advice_accusations_and_medical_claims_are_heard() {
        for text in [
            "Buy it before the others do.",
            "So sell, and do not look back.",
            "Gold: buy while it lasts",
            "This is a good time to buy gold.",
            "Anyone with sense should own it.",
            "The central bank lied about it.",
            "Somebody rigged this market.",
            "The figures were manipulated by the agency.",
            "In the end, Acme Metals is nothing but a fraud.",
            "Acme's fraud shows in the line.",
            "Tesla is a scam.",
            "Such officials are corrupt to the bone.",
            "Gold cures diabetes.",
            "The vaccine causes more than it says.",
            "Lead in the water led to it, and the drug killed many.",
            "Copper heals, and it prevents infections.",
        ] {
            assert!(charge(text, Origin::Prose).is_some(), "{text}");
        }
    }

    #[test]
    fn plain_statistics_are_no_charge() {
        for text in [
            "Short answer: it fell.",
            "What households buy, sell and hold is counted here.",
            "The sell off was the deepest fall in the record.",
            "Insurance fraud rose over the year.",
            "Reported thefts and crimes are counted by the year.",
            "Nothing prevents the line from falling.",
            "Deaths from heart disease are counted here.",
            "A dose of patience helps with long charts.",
            "The price of copper stole the show.",
            "Then there is the top of the line.",
        ] {
            assert_eq!(charge(text, Origin::Prose), None, "{text}");
        }
    }

    #[test]
    fn a_package_may_name_a_crime_but_not_a_criminal() {
        for text in
            ["Fraud offences in London", "US Federal Trade Commission, Consumer fraud", "Corruption perceptions index"]
        {
            assert_eq!(charge(text, Origin::Name), None, "{text}");
        }
        for text in [
            "Acme is a fraud: the figures",
            "How the Federal Reserve stole your savings",
            "Gold, and why you should buy it",
        ] {
            assert!(charge(text, Origin::Name).is_some(), "{text}");
        }
    }
}
