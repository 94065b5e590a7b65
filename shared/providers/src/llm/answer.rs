//! What a provider answers: a chat completion, a list of models, or an error in one of its many shapes.

use proofreel_ports::{Spend, WebAnswer};
use serde_json::Value;

/// What a model said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its text.
    pub text: String,
    /// True when it was stopped at the bound of its answer.
    pub cut: bool,
    /// What it took, as the provider says; none when it does not say.
    pub spend: Option<Spend>,
}

/// The text of a chat completion.
///
/// # Errors
/// Says why there is none: an error with status 200, no choice, a refusal, a content filter, a call of a tool that nobody offered.
pub fn told_of(answer: &WebAnswer) -> Result<Told, String> {
    let document: Value = serde_json::from_slice(&answer.body).map_err(|error| {
        let kind = answer.header("content-type").unwrap_or("no media type");
        format!("no JSON ({kind}): {error}")
    })?;
    let Some(choice) = document.pointer("/choices/0") else {
        return Err(error_of(&document).unwrap_or_else(|| "an answer without a choice".into()));
    };
    let finish = choice.get("finish_reason").and_then(Value::as_str).unwrap_or("stop");
    if finish == "content_filter" {
        return Err("its content filter took the answer".into());
    }
    let message = choice.get("message").ok_or("a choice without a message")?;
    if let Some(refusal) = message.get("refusal").and_then(Value::as_str) {
        return Err(format!("it refuses: {}", excerpt(refusal)));
    }
    let text = text_of(message.get("content").unwrap_or(&Value::Null));
    if text.trim().is_empty() {
        return Err(match (message.get("tool_calls").and_then(Value::as_array), finish) {
            (Some(calls), _) if !calls.is_empty() => "it calls a tool; none was offered".into(),
            (_, "length") => "it thought until the bound of its answer and said nothing".into(),
            _ => "an empty message".into(),
        });
    }
    Ok(Told { text, cut: finish == "length", spend: spend_of(&document) })
}

/// Tokens of a chat completion, the failed ones included.
pub fn spend_of(document: &Value) -> Option<Spend> {
    let count = |name: &str| document.pointer(&format!("/usage/{name}")).and_then(Value::as_u64);
    let parts = || Some(count("prompt_tokens")?.saturating_add(count("completion_tokens").unwrap_or(0)));
    // Some count thinking in the total only, some in the parts only: the larger one is never short.
    let tokens = count("total_tokens").max(parts())?;
    Some(Spend { tokens, ..Spend::default() })
}

/// A message's content: a text, or parts of which the texts count and the thinking does not.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let text =
                |part: &Value| (part.get("type")? == "text").then(|| part.get("text")?.as_str().map(str::to_owned))?;
            parts.iter().filter_map(text).collect()
        }
        _ => String::new(),
    }
}

/// The message of an error: an object `error`, a list with one, or a text.
pub fn error_of(document: &Value) -> Option<String> {
    let document = document.get(0).unwrap_or(document);
    let error = document.get("error").or_else(|| document.get("errors").and_then(|list| list.get(0)))?;
    let message = error.get("message").unwrap_or(error);
    Some(excerpt(message.as_str().unwrap_or("an error without a message")))
}

/// Identifiers of a list of models that are plain names; a prefix `models/` is Google's.
///
/// # Errors
/// When it is no list of models.
pub fn models_of(answer: &WebAnswer) -> Result<Vec<String>, String> {
    let document: Value = serde_json::from_slice(&answer.body).map_err(|error| format!("no JSON: {error}"))?;
    let list =
        document.get("data").or_else(|| document.get("models")).or_else(|| document.get("result")).unwrap_or(&document);
    let list = list.as_array().ok_or_else(|| error_of(&document).unwrap_or_else(|| "no list of models".into()))?;
    let id = |model: &Value| {
        let id = model.get("id").or_else(|| model.get("name")).unwrap_or(model).as_str()?;
        let id = id.strip_prefix("models/").unwrap_or(id);
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:/@-".contains(&b));
        (plain && !id.is_empty() && id.len() <= 120).then(|| id.to_owned())
    };
    Ok(list.iter().filter_map(id).collect())
}

/// A stranger's words as they may stand in a message of ours: short and on one line.
pub fn excerpt(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(160).map(plain).collect::<String>().trim().to_owned()
}

#[cfg(test)]
#[path = "recorded_tests.rs"]
mod recorded;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(body: &Value) -> WebAnswer {
        WebAnswer { status: 200, headers: Vec::new(), body: body.to_string().into_bytes(), url: String::new() }
    }

    fn choice(message: Value, finish: &str) -> Value {
        json!({"choices": [{"index": 0, "finish_reason": finish, "message": message}],
            "usage": {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 40}})
    }

    #[test]
    fn the_text_is_found_in_every_shape_that_providers_give_it() {
        let told = told_of(&answer(&choice(json!({"role": "assistant", "content": "{}"}), "stop"))).unwrap();
        assert_eq!((told.text.as_str(), told.cut, told.spend.unwrap().tokens), ("{}", false, 40));
        let parts =
            json!([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "{}"}]);
        let told =
            told_of(&answer(&choice(json!({"content": parts, "refusal": null, "reasoning": "x"}), "length"))).unwrap();
        assert_eq!((told.text.as_str(), told.cut), ("{}", true));
        let bare =
            json!({"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": 3, "completion_tokens": 4}});
        assert_eq!(told_of(&answer(&bare)).unwrap().spend.unwrap().tokens, 7);
        let none = json!({"choices": [{"message": {"content": "x"}, "finish_reason": null}]});
        assert_eq!(told_of(&answer(&none)).unwrap().spend, None);
    }

    #[test]
    fn what_is_no_answer_is_told_for_what_it_is() {
        let why = |document: Value| told_of(&answer(&document)).unwrap_err();
        assert!(why(json!({"error": {"code": 429, "message": "rate-limited upstream"}})).contains("rate-limited"));
        assert!(why(json!([{"error": {"code": 400, "message": "API key not valid"}}])).contains("key not valid"));
        assert!(why(json!({"error": "model is loading"})).contains("loading"));
        assert!(why(json!({"choices": []})).contains("without a choice"));
        assert!(why(choice(json!({"content": "x"}), "content_filter")).contains("content filter"));
        assert!(why(choice(json!({"content": null, "refusal": "I\ncannot"}), "stop")).contains("I cannot"));
        assert!(
            why(choice(json!({"content": null, "tool_calls": [{"function": {"name": "f"}}]}), "tool_calls"))
                .contains("tool")
        );
        assert!(why(choice(json!({"content": ""}), "length")).contains("thought until"));
        let page = WebAnswer {
            body: b"<html>".to_vec(),
            headers: vec![("content-type".into(), "text/html".into())],
            ..answer(&json!({}))
        };
        assert!(told_of(&page).unwrap_err().contains("text/html"));
    }

    #[test]
    fn models_are_read_from_every_list_and_odd_names_are_left_out() {
        let read = |document: Value| models_of(&answer(&document)).unwrap();
        let odd = json!({"object": "list", "data": [{"id": "models/gemini-3.6-flash"}, {"id": "a b"}, {"id": "x\n"}, {"id": ""}, {"x": 1}]});
        assert_eq!(read(odd), ["gemini-3.6-flash"]);
        assert_eq!(read(json!([{"id": "@cf/a/b"}])), ["@cf/a/b"]);
        assert_eq!(read(json!({"models": [{"name": "qwen3:8b"}]})), ["qwen3:8b"]);
        assert!(models_of(&answer(&json!({"error": {"message": "no key"}}))).unwrap_err().contains("no key"));
    }
}
