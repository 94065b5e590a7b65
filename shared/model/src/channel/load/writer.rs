//! What a channel may say about outside writers.

use super::Fault;
use crate::calls::CallKind;
use crate::channel::WriterSettings;
use crate::policy::{Provider, ProviderLaw, writer_law};

/// Checks providers, models, budget and addresses.
pub(super) fn check(writer: &WriterSettings) -> Result<(), Fault> {
    for (n, id) in writer.providers.iter().enumerate() {
        known(writer, "writer.providers", id)?;
        if writer.providers[..n].contains(id) {
            return fault("writer.providers", format!("`{id}` is there twice"), "name a provider once");
        }
    }
    for (id, models) in &writer.models {
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
    Ok(())
}

/// A provider that the law knows and whose terms allow it, or one of the operator's own, for which the channel names models.
fn known(writer: &WriterSettings, key: &str, id: &str) -> Result<(), Fault> {
    let Some(provider) = ProviderLaw::embedded().provider(id) else {
        if writer.models.contains_key(id) {
            return Ok(());
        }
        let likeness = |other: &&str| strsim::jaro_winkler(id, other);
        let near = names().into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        let hint = match near {
            Some(near) if likeness(&near) > 0.75 => format!("did you mean `{near}`?"),
            _ => format!(
                "known are: {}; for one of your own in providers.toml, name its models: models = {{ {id} = [\"…\"] }}",
                names().join(", ")
            ),
        };
        return fault(key, format!("there is no provider `{id}`"), hint);
    };
    if !provider.serves.contains(&CallKind::Writer) {
        return fault(
            key,
            format!("{} is no language model", provider.name),
            format!("use one of: {}", names().join(", ")),
        );
    }
    if !provider.terms.commercial {
        return fault(
            key,
            format!("the terms of {} allow trying it out, not producing with it", provider.name),
            format!("use another: {}", names().join(", ")),
        );
    }
    Ok(())
}

fn asked(writer: &WriterSettings, key: &str, id: &str) -> Result<(), Fault> {
    if writer.providers.iter().any(|asked| asked == id) {
        return Ok(());
    }
    fault(key, format!("`{id}` is not asked"), format!("add \"{id}\" to `providers` under [writer]"))
}

/// Providers that a channel may name.
fn names() -> Vec<&'static str> {
    let law = ProviderLaw::embedded();
    let may =
        |(_, provider): &(&String, &Provider)| provider.serves.contains(&CallKind::Writer) && provider.terms.commercial;
    law.providers.iter().filter(may).map(|(id, _)| id.as_str()).collect()
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
    fn a_channel_names_providers_models_and_a_budget() {
        let text =
            "providers = [\"gemini\", \"mine\"]\ntokens = 20000\nmodels = { gemini = [\"gemini-3*\"], mine = [\"*\"] }";
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
        refused("providers = [\"xx\"]", 7, "models = { xx = ");
        refused("providers = [\"groq\", \"groq\"]", 7, "once");
        refused("providers = [\"cohere\"]", 7, "use another");
        refused("providers = [\"groq\"]\ntokens = 10", 8, "2000 to 500000");
        refused("providers = [\"fred\"]", 7, "use one of");
        refused("providers = [\"groq\"]\nmodels = { gemini = [\"x\"] }", 8, "add \"gemini\"");
        refused("providers = [\"groq\"]\nmodels = { groq = [] }", 8, "the best first");
        refused("provider = [\"groq\"]", 7, "did you mean `providers`?");
    }
}
