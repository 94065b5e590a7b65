//! Who publishes the figures, and under which licence.

use serde_json::Value;

use crate::descriptor::text;

/// Who publishes the figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publisher {
    /// Name as shown.
    pub title: String,
    /// Where they have it; empty when the package does not say.
    pub url: String,
}

/// Sources of the package, else of its resources, else its authors, else the package itself.
pub(crate) fn publishers(json: &Value, resources: &[Value]) -> Vec<Publisher> {
    let list = |json: &Value, key: &str| json.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let publisher = |source: &Value| {
        let url = first(source, &["path", "url", "web", "homepage"]);
        let title = first(source, &["title", "name", "organization"]);
        let title = if title.is_empty() { host(&url).to_owned() } else { title };
        (!title.is_empty()).then_some(Publisher { title, url })
    };
    let mut found: Vec<Publisher> = list(json, "sources").iter().filter_map(publisher).collect();
    if found.is_empty() {
        found = resources
            .iter()
            .flat_map(|resource| list(resource, "sources"))
            .filter_map(|source| publisher(&source))
            .collect();
    }
    let authors: Vec<Publisher> = list(json, "contributors")
        .iter()
        .filter(|person| matches!(text(person, "role").as_str(), "author" | "publisher"))
        .filter_map(publisher)
        .collect();
    // One unnamed address beside one named author is the author's address.
    if let ([source], [author]) = (found.as_slice(), authors.as_slice())
        && author.url.is_empty()
        && source.title != author.title
    {
        return vec![Publisher { title: author.title.clone(), url: source.url.clone() }];
    }
    if found.is_empty() {
        found = authors;
    }
    if found.is_empty() {
        let title = first(json, &["title", "name"]);
        found.push(Publisher { title, url: first(json, &["homepage", "url"]) });
    }
    found.dedup();
    found
}

/// The first licence by name; `not stated` where there is none.
pub(crate) fn licence(json: &Value) -> String {
    let entry = json
        .get("licenses")
        .and_then(|list| list.get(0))
        .or_else(|| json.get("license"))
        .or_else(|| json.get("licence"));
    let name = match entry {
        Some(Value::String(name)) => name.clone(),
        Some(entry) => first(entry, &["name", "title", "id", "type"]),
        None => String::new(),
    };
    if name.is_empty() { "not stated".into() } else { name }
}

fn first(json: &Value, keys: &[&str]) -> String {
    keys.iter().map(|key| text(json, key)).find(|text| !text.is_empty()).unwrap_or_default()
}

fn host(url: &str) -> &str {
    url.split("://").last().unwrap_or(url).split('/').next().unwrap_or_default().trim_start_matches("www.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_names_the_address_of_a_lone_source() {
        let json = serde_json::json!({"sources": [{"title": "tables", "path": "https://bls.gov/x"}], "contributors": [{"title": "Bureau", "role": "author"}]});
        assert_eq!(publishers(&json, &[]), vec![Publisher { title: "Bureau".into(), url: "https://bls.gov/x".into() }]);
    }
}
