//! What a channel may say about outside writers.

use super::Fault;
use crate::channel::WriterSettings;
use crate::policy::{WriterPreset, writer_law};

/// Checks providers, models, budget and addresses.
pub(super) fn check(writer: &WriterSettings) -> Result<(), Fault> {
    for (n, id) in writer.providers.iter().enumerate() {
        let preset = known("writer.providers", id)?;
        if writer.providers[..n].contains(id) {
            return fault("writer.providers", format!("`{id}` is there twice"), "name a provider once");
        }
        if !preset.production {
            return fault(
                "writer.providers",
                format!("the terms of {} allow trying it out, not producing with it", preset.name),
                format!("use another: {}", names(|preset| preset.production)),
            );
        }
    }
    for (id, models) in &writer.models {
        known("writer.models", id)?;
        asked(writer, "writer.models", id)?;
        let plain = |model: &String| {
            !model.is_empty()
                && model.len() <= 120
                && model.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:/@-*".contains(&b))
        };
        if models.is_empty() || !models.iter().all(plain) {
            return fault(
                "writer.models",
                format!("the models of `{id}` are {models:?}"),
                "list names as the provider writes them, the best first; a star stands for the rest of a name",
            );
        }
    }
    let budget = writer_law().budget;
    if let Some(tokens) = writer.tokens
        && !(budget.answer_tokens..=budget.most_tokens).contains(&tokens)
    {
        return fault(
            "writer.tokens",
            format!("`tokens` is {tokens}"),
            format!(
                "an episode takes {} to {} tokens; the default is {}",
                budget.answer_tokens, budget.most_tokens, budget.tokens
            ),
        );
    }
    for (id, url) in &writer.urls {
        let preset = known("writer.urls", id)?;
        asked(writer, "writer.urls", id)?;
        if !preset.is_local() {
            return fault(
                "writer.urls",
                format!("the address of {} is fixed: its key goes nowhere else", preset.name),
                format!("set an address only for: {}", names(WriterPreset::is_local)),
            );
        }
        if !is_address(url) {
            return fault(
                "writer.urls",
                format!("`{url}` is no address of a server"),
                "write it as http://host:port/v1, without user, query and a slash at the end",
            );
        }
    }
    Ok(())
}

/// `http(s)://host[:port][/path]` of plain signs: no user, query or fragment.
fn is_address(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-:/[]".contains(&b);
        !rest.is_empty() && !rest.starts_with(['/', ':']) && !rest.ends_with('/') && rest.bytes().all(plain)
    })
}

fn known(key: &str, id: &str) -> Result<&'static WriterPreset, Fault> {
    match writer_law().provider(id) {
        Some(preset) => Ok(preset),
        None => {
            let likeness = |preset: &&WriterPreset| strsim::jaro_winkler(id, &preset.id);
            let near = writer_law().providers.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
            let hint = match near {
                Some(preset) if likeness(&preset) > 0.75 => format!("did you mean `{}`?", preset.id),
                _ => format!("known are: {}", names(|preset| preset.production)),
            };
            fault(key, format!("there is no provider `{id}`"), hint)
        }
    }
}

fn asked(writer: &WriterSettings, key: &str, id: &str) -> Result<(), Fault> {
    if writer.providers.iter().any(|asked| asked == id) {
        return Ok(());
    }
    fault(key, format!("`{id}` is not asked"), format!("add \"{id}\" to `providers` under [writer]"))
}

fn names(which: impl Fn(&WriterPreset) -> bool) -> String {
    let ids: Vec<&str> =
        writer_law().providers.iter().filter(|preset| which(preset)).map(|preset| preset.id.as_str()).collect();
    ids.join(", ")
}

fn fault<T>(key: &str, problem: String, hint: impl Into<String>) -> Result<T, Fault> {
    Err((key.to_owned(), problem, hint.into()))
}

#[cfg(test)]
mod tests {
    use crate::channel::{ChannelError, ChannelProfile, parse};

    fn read(writer: &str) -> Result<ChannelProfile, ChannelError> {
        let head =
            "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"../data\"]\n";
        parse("x.toml", &format!("{head}[writer]\n{writer}\n"))
    }

    #[test]
    fn a_channel_names_providers_models_a_budget_and_a_server_of_its_own() {
        let text = "providers = [\"gemini\", \"ollama\"]\ntokens = 20000\nmodels = { gemini = [\"gemini-3*\"] }\n\
                    urls = { ollama = \"http://192.168.1.20:11434/v1\" }";
        let writer = read(text).unwrap().writer;
        assert_eq!((writer.providers.len(), writer.tokens), (2, Some(20_000)));
        assert!(!writer.is_embedded() && read("").unwrap().writer.is_embedded());
    }

    #[test]
    fn what_cannot_be_is_told_with_its_line_and_what_to_do() {
        let refused = |text: &str, line: usize, hint: &str| {
            let error = read(text).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.hint.contains(hint), "{error}");
        };
        refused("providers = [\"gemni\"]", 7, "did you mean `gemini`?");
        refused("providers = [\"xx\"]", 7, "known are: gemini, groq");
        refused("providers = [\"groq\", \"groq\"]", 7, "once");
        refused("providers = [\"cohere\"]", 7, "use another");
        refused("providers = [\"groq\"]\ntokens = 10", 8, "3000 to 500000");
        refused("providers = [\"groq\"]\nurls = { groq = \"https://example.org/v1\" }", 8, "ollama, llama-cpp");
        refused("providers = [\"ollama\"]\nurls = { ollama = \"http://a@b/v1\" }", 8, "http://host:port/v1");
        refused("providers = [\"groq\"]\nmodels = { gemini = [\"x\"] }", 8, "add \"gemini\"");
        refused("providers = [\"groq\"]\nmodels = { groq = [] }", 8, "the best first");
        refused("provider = [\"groq\"]", 7, "did you mean `providers`?");
    }
}
