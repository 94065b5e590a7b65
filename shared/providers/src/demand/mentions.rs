//! How often feeds mention a subject: items that name it, over all items of the same days.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::text::feeds::Feed;

/// How often a subject is mentioned.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Mentions {
    /// Subject.
    pub subject: String,
    /// Items of the days, each address counted once.
    pub items: usize,
    /// Items that name it in title or summary.
    pub mentions: usize,
    /// Feeds in which it is named.
    pub feeds: usize,
}

impl Mentions {
    /// Share of items that mention it; none without items.
    pub fn rate(&self) -> Option<f64> {
        (self.items > 0).then(|| self.mentions as f64 / self.items as f64)
    }
}

/// Counts items from `first` to `last`, both included. The subject counts where all its words stand, as whole words.
pub fn count(subject: &str, feeds: &[Feed], first: Date, last: Date) -> Mentions {
    let mut seen = BTreeSet::new();
    let mut found = Mentions { subject: subject.to_owned(), items: 0, mentions: 0, feeds: 0 };
    for feed in feeds {
        let mut here = false;
        for item in &feed.items {
            let inside = item.day.parse::<Date>().is_ok_and(|day| (first..=last).contains(&day));
            // The same story in two feeds of one house is one story.
            let key = if item.link.is_empty() { &item.title } else { &item.link };
            if !inside || !seen.insert(key.clone()) {
                continue;
            }
            found.items += 1;
            if names(&format!("{} {}", item.title, item.summary), subject) {
                found.mentions += 1;
                here = true;
            }
        }
        found.feeds += usize::from(here);
    }
    found
}

/// True when all words of the subject stand in the text, as whole words.
pub fn names(text: &str, subject: &str) -> bool {
    let (wanted, said) = (words(subject), words(text));
    !wanted.is_empty() && wanted.iter().all(|word| said.contains(word))
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::feeds::Item;
    use jiff::civil::date;

    #[test]
    fn whole_words_of_the_right_days_count_once() {
        let item = |title: &str, link: &str, day: &str| Item {
            title: title.into(),
            link: link.into(),
            day: day.into(),
            summary: String::new(),
        };
        let feeds = [
            Feed {
                title: "A".into(),
                items: vec![
                    item("Gold prices rise", "https://a/1", "2026-11-20"),
                    item("Golden days", "https://a/2", "2026-11-20"),
                    item("Gold prices, long ago", "https://a/3", "2025-01-01"),
                ],
            },
            Feed { title: "B".into(), items: vec![item("Gold prices rise", "https://a/1", "2026-11-20")] },
        ];
        let found = count("gold prices", &feeds, date(2026, 11, 1), date(2026, 11, 28));
        assert_eq!((found.items, found.mentions, found.feeds, found.rate()), (2, 1, 1, Some(0.5)));
        assert_eq!(count("", &feeds, date(2026, 11, 1), date(2026, 11, 28)).mentions, 0);
    }
}
