//! What `[demand]` and `[context]` may say.

use super::Fault;
use crate::channel::ChannelProfile;

/// Most entries of a list: each costs a call before an episode begins.
const MOST: usize = 12;

pub(super) fn check(profile: &ChannelProfile) -> Result<(), Fault> {
    let fault = |key: &str, problem: String, hint: &str| Err((key.to_owned(), problem, hint.to_owned()));
    let (demand, context) = (&profile.demand, &profile.context);
    for (key, length) in [
        ("demand.articles", demand.articles.len()),
        ("demand.feeds", demand.feeds.len()),
        ("demand.rivals", demand.rivals.len()),
        ("context.wikipedia", context.wikipedia.len()),
        ("context.feeds", context.feeds.len()),
        ("context.pages", context.pages.len()),
    ] {
        if length > MOST {
            return fault(key, format!("`{key}` has {length} entries"), "name twelve at most: each is a call");
        }
    }
    if let Some(stranger) = demand.articles.keys().find(|subject| !profile.interests.contains(subject)) {
        return fault(
            "demand.articles",
            format!("`{stranger}` is no interest of the channel"),
            "write it as `interests` does, or add it there",
        );
    }
    let addresses =
        [("demand.feeds", &demand.feeds), ("context.feeds", &context.feeds), ("context.pages", &context.pages)];
    for (key, all) in addresses {
        if let Some(one) = all.iter().find(|one| !one.starts_with("https://") && !one.starts_with("http://")) {
            return fault(key, format!("`{one}` is no address"), "give the whole address, with https://");
        }
    }
    if !demand.rivals.is_empty() && !demand.amendment_accepted {
        return fault(
            "demand.rivals",
            "`rivals` are named without `amendment_accepted`".into(),
            "figures may be derived from YouTube's data only under its amendment of 2026: accept it in the audit form of the API, then write `amendment_accepted = true`",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::channel::parse;

    fn read(more: &str) -> Result<(), String> {
        let text = format!(
            "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"Anyone.\"\ninterests = [\"gold\"]\nsources = [\"data\"]\n{more}"
        );
        parse("demo.toml", &text).map(|_| ()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_its_line() {
        assert_eq!(read("[demand]\narticles = { gold = \"Gold\" }\nfeeds = [\"https://a.example/\"]\n"), Ok(()));
        for (more, said) in [
            ("[demand]\narticles = { silver = \"Silver\" }\n", "demo.toml:8: `silver` is no interest"),
            ("[demand]\nfeeds = [\"a.example\"]\n", "demo.toml:8: `a.example` is no address"),
            ("[context]\nfeeds = [\"file:///etc/passwd\"]\n", "is no address"),
            ("[demand]\nrivals = [\"@a\"]\n", "amendment_accepted = true"),
            (
                "[context]\nwikipedia = [\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\"]\n",
                "13 entries",
            ),
        ] {
            let error = read(more).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
