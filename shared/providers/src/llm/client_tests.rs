//! The client against a provider that follows the contract and then misbehaves.

use std::sync::Arc;

use proofreel_model::channel::WriterSettings;
use proofreel_model::scenes::NarrativeRole;
use proofreel_ports::{Call, CallKind, OfferedFact, Reach, ScenePlan, WebError, Writer, WriterError};

use super::super::fake::{Fake, Keys, NoKeys, answer, chat, error, models};
use super::super::narrator::Narrator;
use super::super::route::Route;
use super::*;

const GOOD: &str = r#"{"sentences":[{"text":"By June, gold was 4,000 dollars.","facts":["f1"]}]}"#;

fn plan() -> ScenePlan {
    ScenePlan {
        scene_id: "s02".into(),
        role: NarrativeRole::Proof,
        objective: "show it".into(),
        directions: "plainly".into(),
        claims: vec!["Gold was $4,000 in June.".into()],
        facts: vec![OfferedFact {
            id: "f1".into(),
            display: "$4,000".into(),
            spoken: "$4,000".into(),
            meaning: "latest of gold".into(),
            series: vec!["gold".into()],
            dates: vec!["June 2026".into()],
            unit: "USD".into(),
        }],
        words: 20,
        said: Vec::new(),
        avoid: Vec::new(),
        reasons: Vec::new(),
        asking: 1,
    }
}

fn settings(providers: &[&str]) -> WriterSettings {
    WriterSettings { providers: providers.iter().map(|id| (*id).to_owned()).collect(), ..WriterSettings::default() }
}

struct Desk {
    fake: Arc<Fake>,
    narrator: Narrator,
}

impl Desk {
    fn new(
        settings: &WriterSettings,
        rule: impl Fn(&Call) -> Result<WebAnswer, WebError> + Send + Sync + 'static,
    ) -> Self {
        let fake = Arc::new(Fake::new(rule));
        let route = Route::new((fake.clone(), Arc::new(Keys)), settings, (&"demo".into(), None)).unwrap();
        Self { fake, narrator: Narrator::new(route).unwrap() }
    }

    async fn write(&self) -> Result<(String, String), String> {
        match self.narrator.write(&plan()).await {
            Ok(written) => {
                let author = written.author.unwrap();
                assert_eq!((author.prompt.as_str(), author.prompt_digest.0.len()), ("narrate", 64));
                assert!(author.prompt_version.contains('.'));
                Ok((format!("{}/{}", author.provider, author.model), written.sentences[0].text.clone()))
            }
            Err(WriterError::Failed { why }) => Err(why),
            Err(late @ WriterError::Late { .. }) => panic!("{late}"),
        }
    }
}

/// A rule whose provider has these models and answers with `said`.
fn with(
    ids: &'static [&'static str],
    said: impl Fn(&Call) -> Result<WebAnswer, WebError> + Send + Sync + 'static,
) -> impl Fn(&Call) -> Result<WebAnswer, WebError> + Send + Sync + 'static {
    move |call| if call.kind == CallKind::Models { models(ids) } else { said(call) }
}

const OSS: &[&str] = &["openai/gpt-oss-120b", "openai/gpt-oss-20b", "whisper"];

#[tokio::test]
async fn the_request_follows_the_contract_and_its_key_is_no_part_of_it() {
    let desk = Desk::new(&settings(&["groq"]), with(OSS, |_| chat(GOOD)));
    let (who, said) = desk.write().await.unwrap();
    assert_eq!((who.as_str(), said.as_str()), ("groq/openai/gpt-oss-120b", "By June, gold was 4,000 dollars."));
    let calls = desk.fake.calls.lock().unwrap();
    assert_eq!(calls[0].request.url, "https://api.groq.com/openai/v1/models");
    let call = &calls[1];
    assert_eq!(call.request.url, "https://api.groq.com/openai/v1/chat/completions");
    assert_eq!(call.request.secret_headers[0].1.reveal(), "Bearer canary-groq-api-key");
    assert_eq!(call.request.reach, Reach::Public);
    let body: Value = serde_json::from_slice(&call.request.body).unwrap();
    assert!(!String::from_utf8_lossy(&call.request.body).contains("canary"));
    assert_eq!(body["response_format"]["json_schema"]["name"], "narrate");
    assert_eq!(body["response_format"]["json_schema"]["strict"], true);
    assert_eq!(body["max_completion_tokens"], writer_law().budget.answer_tokens);
    assert!(body.get("tools").is_none() && body["stream"] == false);
    let told: Value = serde_json::from_str(body["messages"][1]["content"].as_str().unwrap()).unwrap();
    assert_eq!(told["facts"][0]["id"], "f1");
    assert_eq!(call.spend.tokens, (call.request.body.len() as u64).div_ceil(3) + writer_law().budget.answer_tokens);
    assert_eq!(desk.narrator.route().spent(), 150, "what the provider says it took");
}

#[tokio::test]
async fn a_model_that_disappeared_is_told_and_the_next_one_is_taken() {
    let desk = Desk::new(&settings(&["groq"]), with(&["openai/gpt-oss-20b", "qwen/qwen3-32b"], |_| chat(GOOD)));
    assert_eq!(desk.write().await.unwrap().0, "groq/openai/gpt-oss-20b");
    let notes = desk.narrator.route().notes();
    assert!(notes[0].contains("openai/gpt-oss-120b is not there any more, openai/gpt-oss-20b is taken"), "{notes:?}");
    // Listed still, but gone.
    let gone = |call: &Call| match call.model.as_deref() {
        Some("openai/gpt-oss-120b") => {
            error(404, "The model `openai/gpt-oss-120b` does not exist or you do not have access to it.")
        }
        Some("openai/gpt-oss-20b") => error(400, "The model has been decommissioned"),
        _ => chat(GOOD),
    };
    let desk =
        Desk::new(&settings(&["groq"]), with(&["openai/gpt-oss-120b", "openai/gpt-oss-20b", "qwen/qwen3-32b"], gone));
    assert_eq!(desk.write().await.unwrap().0, "groq/qwen/qwen3-32b");
    assert_eq!(desk.fake.asked(), ["/models", "openai/gpt-oss-120b", "openai/gpt-oss-20b", "qwen/qwen3-32b"]);
    // None that is wanted.
    let why = Desk::new(&settings(&["groq"]), with(&["whisper"], |_| chat(GOOD))).write().await.unwrap_err();
    assert!(why.contains("none of the models") && why.contains("[writer.models] groq"), "{why}");
}

#[tokio::test]
async fn a_list_that_cannot_be_had_leaves_the_preferences_on_trust() {
    let desk = Desk::new(&settings(&["gemini"]), |call| match call.kind {
        CallKind::Models => answer(200, "text/html", "<html>sign in</html>"),
        _ => chat(GOOD),
    });
    assert_eq!(desk.write().await.unwrap().0, "gemini/gemini-3.6-flash");
    assert!(desk.narrator.route().notes()[0].contains("taken on trust"));
}

#[tokio::test]
async fn json_is_asked_for_in_the_next_way_where_one_is_not_known() {
    let desk = Desk::new(
        &settings(&["groq"]),
        with(OSS, |call| {
            let body: Value = serde_json::from_slice(&call.request.body).unwrap();
            match body.pointer("/response_format/type").and_then(Value::as_str) {
                Some("json_schema") => error(400, "This model does not support response format `json_schema`"),
                Some(_) => error(422, "response_format is not supported"),
                None => chat(&format!("Sure!\n```json\n{GOOD}\n```")),
            }
        }),
    );
    assert_eq!(desk.write().await.unwrap().1, "By June, gold was 4,000 dollars.");
    assert_eq!(desk.fake.bodies().len(), 3);
}

#[tokio::test]
async fn the_next_provider_answers_where_one_misbehaves() {
    type Rule = fn(&Call) -> Result<WebAnswer, WebError>;
    let enormous: Rule =
        |call| Err(WebError::TooLarge { url: call.request.url.clone(), bytes: call.request.limits.bytes });
    let slow: Rule = |call| Err(WebError::Late { url: call.request.url.clone(), seconds: call.request.limits.seconds });
    let wrongs: [(&str, Rule); 14] = [
        ("429 with a time in words", |_| error(429, "Rate limit reached. Please try again in 5.289s.")),
        ("429 in a list", |_| {
            answer(429, "application/json", r#"[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}]"#)
        }),
        ("429 with status 200", |_| answer(200, "application/json", r#"{"error":{"code":429,"message":"upstream"}}"#)),
        ("a page", |_| answer(200, "text/html", "<html><body>Checking your browser</body></html>")),
        ("a page of a gateway", |_| answer(502, "text/html", "<html>Bad gateway</html>")),
        ("half of a document", |_| answer(200, "application/json", r#"{"choices":[{"message":{"content":"{\"sent"#)),
        ("another shape", |_| chat(r#"{"answer":"By June, gold was 4,000 dollars."}"#)),
        ("prose", |_| chat("By June, gold was 4,000 dollars.")),
        ("no choice", |_| answer(200, "application/json", r#"{"choices":[]}"#)),
        ("a content filter", |_| {
            answer(
                200,
                "application/json",
                r#"{"choices":[{"finish_reason":"content_filter","message":{"content":""}}]}"#,
            )
        }),
        ("a tool", |_| {
            answer(
                200,
                "application/json",
                r#"{"choices":[{"finish_reason":"tool_calls","message":{"content":null,"tool_calls":[{"id":"1","function":{"name":"fetch","arguments":"{}"}}]}}]}"#,
            )
        }),
        ("a wrong key", |_| error(401, "Invalid API Key")),
        ("an enormous answer", enormous),
        ("a slow answer", slow),
    ];
    for (name, wrong) in wrongs {
        let desk = Desk::new(&settings(&["groq", "ollama"]), move |call| match (call.provider.as_str(), call.kind) {
            ("groq", CallKind::Models) => models(OSS),
            (_, CallKind::Models) => models(&["qwen3:8b"]),
            ("groq", _) => wrong(call),
            _ => chat(GOOD),
        });
        assert_eq!(desk.write().await.unwrap().0, "ollama/qwen3:8b", "{name}");
        let alone = Desk::new(&settings(&["groq"]), with(OSS, wrong));
        let why = alone.write().await.unwrap_err();
        assert!(why.starts_with("Groq: ") && !why.contains("canary"), "{name}: {why}");
        assert!(name != "a wrong key" || why.contains("renew the secret `groq_api_key`"), "{why}");
    }
}

#[tokio::test]
async fn an_answer_cut_at_its_bound_loses_its_last_sentence() {
    let desk = Desk::new(
        &settings(&["groq"]),
        with(OSS, |_| {
            let text = r#"{"sentences":[{"text":"One.","facts":["f1"]},{"text":"It fell to 4","facts":["f1"]}"#;
            let body = json!({"choices": [{"finish_reason": "length", "message": {"content": text}}]});
            answer(200, "application/json", body.to_string())
        }),
    );
    let written = desk.narrator.write(&plan()).await.unwrap();
    assert_eq!(written.sentences.len(), 1);
    assert_eq!(written.sentences[0].text, "One.");
}

#[tokio::test]
async fn a_spent_budget_refuses_before_the_call() {
    let tokens = Some(writer_law().budget.answer_tokens + 1_500);
    let desk = Desk::new(
        &WriterSettings { tokens, ..settings(&["groq", "ollama"]) },
        with(&["openai/gpt-oss-120b", "qwen3"], |_| {
            let used = 4_000;
            let body = json!({"choices": [{"message": {"content": GOOD}}], "usage": {"total_tokens": used}});
            answer(200, "application/json", body.to_string())
        }),
    );
    assert!(desk.write().await.is_ok());
    let before = desk.fake.asked().len();
    let why = desk.write().await.unwrap_err();
    assert!(why.contains("tokens left") && why.contains("raise `tokens`"), "{why}");
    assert_eq!(desk.fake.asked()[before..], ["/models"], "no model was asked");
}

#[tokio::test]
async fn a_call_that_is_dropped_leaves_nothing_behind_but_its_hold() {
    struct Never;
    #[async_trait::async_trait]
    impl Outside for Never {
        async fn call(
            &self,
            call: &Call,
            judge: proofreel_ports::Judge<'_>,
        ) -> Result<proofreel_ports::Answer, CallError> {
            match call.kind {
                CallKind::Models => Fake::new(|_| models(OSS)).call(call, judge).await,
                _ => std::future::pending().await,
            }
        }
    }
    let route = Route::new((Arc::new(Never), Arc::new(Keys)), &settings(&["groq"]), (&"demo".into(), None)).unwrap();
    let narrator = Narrator::new(route).unwrap();
    let plan = plan();
    let mut asked = Box::pin(narrator.write(&plan));
    assert!(futures::poll!(&mut asked).is_pending());
    drop(asked);
    assert!(narrator.route().spent() > writer_law().budget.answer_tokens);
}

#[tokio::test]
async fn without_a_key_the_provider_is_passed_over_and_told() {
    let fake = Arc::new(Fake::new(with(&["qwen3:8b"], |_| chat(GOOD))));
    let route =
        Route::new((fake.clone(), Arc::new(NoKeys)), &settings(&["groq", "ollama"]), (&"demo".into(), None)).unwrap();
    assert!(Narrator::new(route).unwrap().write(&plan()).await.is_ok(), "a server of one's own needs no key");
    let route = Route::new((fake.clone(), Arc::new(NoKeys)), &settings(&["groq"]), (&"demo".into(), None)).unwrap();
    let why = Narrator::new(route).unwrap().write(&plan()).await.unwrap_err().to_string();
    assert!(why.contains("Groq has no key") && why.contains("`groq_api_key`"), "{why}");
    assert!(Route::new((fake, Arc::new(NoKeys)), &settings(&[]), (&"demo".into(), None)).is_none());
}

#[tokio::test]
async fn a_server_of_ones_own_is_reached_where_the_channel_says_and_nowhere_else() {
    let urls = [
        ("ollama".to_owned(), "http://192.168.1.20:11434/v1".to_owned()),
        ("groq".to_owned(), "http://evil/v1".to_owned()),
    ];
    let own = WriterSettings { urls: urls.into(), ..settings(&["groq", "ollama"]) };
    let desk = Desk::new(&own, |call| match call.provider.as_str() {
        "groq" => error(500, "down"),
        _ if call.kind == CallKind::Models => models(&["qwen3:8b"]),
        _ => chat(GOOD),
    });
    assert_eq!(desk.write().await.unwrap().0, "ollama/qwen3:8b");
    let calls = desk.fake.calls.lock().unwrap();
    let own = calls.iter().filter(|call| call.provider == "ollama");
    for call in own {
        assert!(call.request.url.starts_with("http://192.168.1.20:11434/v1/"));
        assert!(call.request.secret_headers.is_empty() && call.request.reach == Reach::Configured);
    }
    assert!(calls.iter().all(|call| !call.request.url.contains("evil")), "a key goes nowhere but to its provider");
}

#[tokio::test]
async fn an_account_in_an_address_is_an_identifier() {
    let desk = Desk::new(&settings(&["cloudflare"]), with(&["@cf/openai/gpt-oss-120b"], |_| chat(GOOD)));
    assert_eq!(desk.write().await.unwrap().0, "cloudflare/@cf/openai/gpt-oss-120b");
    let calls = desk.fake.calls.lock().unwrap();
    assert!(
        calls[1].request.url.contains("/accounts/canary-cloudflare-account-id/ai/v1/chat"),
        "{}",
        calls[1].request.url
    );
}
