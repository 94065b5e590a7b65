//! Searching a catalogue here, where the provider has a list but no search.

/// Entries that hold every word of `query`, those with the shortest text first: they are the most general.
pub(crate) fn best<T>(entries: Vec<T>, query: &str, most: usize, text: impl Fn(&T) -> String) -> Vec<T> {
    let wanted: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let mut found: Vec<(usize, T)> = entries
        .into_iter()
        .filter_map(|entry| {
            let text = text(&entry).to_lowercase();
            wanted.iter().all(|word| text.contains(word.as_str())).then_some((text.chars().count(), entry))
        })
        .collect();
    found.sort_by_key(|(length, _)| *length);
    found.into_iter().take(most).map(|(_, entry)| entry).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_words_count_and_the_general_comes_first() {
        let entries = vec!["GDP per capita growth", "GDP growth", "Population"];
        assert_eq!(super::best(entries, "growth gdp", 5, |e| (*e).to_owned()), ["GDP growth", "GDP per capita growth"]);
    }
}
