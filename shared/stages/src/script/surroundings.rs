//! What of an order's context is about a brief's subject.

use std::collections::BTreeSet;

use proofreel_model::brief::ResearchBrief;
use proofreel_model::outlook::Passage;
use proofreel_model::policy::writer_law;

use crate::Context;
use crate::freshness::words;

/// Words that are in every text about figures.
const COMMON: [&str; 14] = [
    "the", "and", "for", "with", "from", "price", "prices", "rate", "rates", "index", "total", "per", "all", "monthly",
];

/// The passages that name a series' subject, the newest first, cut to what a writer is shown. Nothing else is read out of them.
pub(super) fn about(brief: &ResearchBrief, context: &Context<'_>) -> Vec<Passage> {
    let subjects: BTreeSet<String> = brief.series.iter().flat_map(|info| words(&info.name.subject)).collect();
    let subjects: BTreeSet<&str> =
        subjects.iter().map(String::as_str).filter(|word| word.len() > 2 && !COMMON.contains(word)).collect();
    chosen(&context.order.outlook.context, &subjects)
}

fn chosen(all: &[Passage], subjects: &BTreeSet<&str>) -> Vec<Passage> {
    let law = writer_law().context;
    let named = |passage: &&Passage| {
        let said = words(&format!("{} {}", passage.title, passage.text));
        said.iter().any(|word| subjects.contains(word.as_str()))
    };
    let mut found: Vec<&Passage> = all.iter().filter(named).collect();
    found.sort_by(|one, other| other.day.cmp(&one.day).then_with(|| one.url.cmp(&other.url)));
    let cut =
        |passage: &Passage| Passage { text: passage.text.chars().take(law.characters).collect(), ..passage.clone() };
    found.into_iter().take(law.passages).map(cut).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn passage(title: &str, text: &str, day: Option<i8>) -> Passage {
        Passage {
            title: title.into(),
            text: text.into(),
            publisher: "a feed".into(),
            url: format!("https://a.example/{title}"),
            day: day.map(|day| date(2026, 11, day)),
            licence: "not stated".into(),
        }
    }

    #[test]
    fn what_names_the_subject_is_taken_the_newest_first_and_cut() {
        let long = "gold ".repeat(500);
        let all = [
            passage("undated", "Gold.", None),
            passage("old", "The price of gold.", Some(1)),
            passage("golden", "Golden days.", Some(9)),
            passage("new", &long, Some(20)),
            passage("a", "gold", Some(2)),
            passage("b", "gold", Some(2)),
            passage("oil", "Oil.", Some(20)),
        ];
        let taken = chosen(&all, &BTreeSet::from(["gold"]));
        assert_eq!(taken.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), ["new", "a", "b", "old"]);
        assert_eq!(taken[0].text.chars().count(), 600);
        assert!(chosen(&all, &BTreeSet::new()).is_empty());
    }
}
