//! Which model is taken of those there are.

/// The models to try, the best first: what the preferences name and the provider has, each once. A preference with a star
/// takes every model that fits, in reverse order of name, so that `…-4` comes before `…-3`. Without a list of what there is,
/// preferences without a star are taken on trust.
pub fn ranked(preferences: &[String], there: Option<&[String]>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for preference in preferences {
        let mut fitting: Vec<&String> = match there {
            Some(there) => there.iter().filter(|model| fits(preference, model)).collect(),
            None if preference.contains('*') => Vec::new(),
            None => vec![preference],
        };
        fitting.sort_unstable_by(|a, b| b.cmp(a));
        for model in fitting {
            if !out.contains(model) {
                out.push(model.clone());
            }
        }
    }
    out
}

/// Whether a name fits a pattern in which stars stand for any signs.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(between) = last.replace(part) {
            match rest.find(between) {
                Some(at) => rest = &rest[at + between.len()..],
                None => return false,
            }
        }
    }
    last.map_or(rest.is_empty(), |end: &str| rest.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn the_best_liked_of_what_there_is_comes_first() {
        let there = of(&["b-3-flash", "b-4-flash", "a-1", "b-4-pro", "c"]);
        assert_eq!(
            ranked(&of(&["gone", "a-1", "b-*-flash", "b*"]), Some(&there)),
            of(&["a-1", "b-4-flash", "b-3-flash", "b-4-pro"])
        );
        assert_eq!(ranked(&of(&["gone"]), Some(&there)), of(&[]));
        assert_eq!(ranked(&of(&["x", "b*"]), None), of(&["x"]), "on trust, and never a star");
    }

    #[test]
    fn stars_stand_for_any_signs() {
        for (pattern, name, is) in [
            ("*", "x", true),
            ("*:free", "a/b:free", true),
            ("*:free", "a/b", false),
            ("qwen/*:free", "qwen/q:free", true),
            ("qwen/*:free", "other/q:free", false),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "a1c2b", false),
            ("ab", "abc", false),
            ("aa*aa", "aaa", false),
        ] {
            assert_eq!(fits(pattern, name), is, "{pattern} {name}");
        }
    }
}
