//! The client against a provider that follows the contract and then misbehaves.

use std::sync::Arc;

use proofreel_model::channel::WriterSettings;
use proofreel_model::scenes::NarrativeRole;
use proofreel_ports::{Call, CallKind, OfferedFact, Reach, ScenePlan, WebError, Writer, WriterError};

use super::super::fake::{Fake, answer, chat, error, models};
use super::super::narrator::Narrator;
use super::super::providers::Providers;
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
        context: Vec::new(),
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
        let providers =
            Providers::new(fake.clone(), ProviderLaw::embedded(), settings, (&"demo".into(), None)).unwrap();
        Self { fake, narrator: Narrator::new(providers).unwrap() }
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
async fn the_request_follows_the_contract_and_brings_no_key() {
    let desk = Desk::new(&settings(&["groq"]), with(OSS, |_| chat(GOOD)));
    let (who, said) = desk.write().await.unwrap();
    assert_eq!((who.as_str(), said.as_str()), ("groq/openai/gpt-oss-120b", "By June, gold was 4,000 dollars."));
    let calls = desk.fake.calls.lock().unwrap();
    assert_eq!(calls[0].request.url, "https://api.groq.com/openai/v1/models");
    let call = &calls[1];
    assert_eq!(call.request.url, "https://api.groq.com/openai/v1/chat/completions");
    assert!(call.request.secret_headers.is_empty(), "the governor brings the key");
    assert_eq!(call.request.reach, Reach::Public);
    let body: Value = serde_json::from_slice(&call.request.body).unwrap();
    assert_eq!(body["response_format"]["json_schema"]["name"], "narrate");
    assert_eq!(body["response_format"]["json_schema"]["strict"], true);
    assert_eq!(body["max_completion_tokens"], writer_law().budget.answer_tokens);
    assert!(body.get("tools").is_none() && body["stream"] == false);
    let told: Value = serde_json::from_str(body["messages"][1]["content"].as_str().unwrap()).unwrap();
    assert_eq!(told["facts"][0]["id"], "f1");
    assert_eq!(call.spend.tokens, (call.request.body.len() as u64).div_ceil(3) + writer_law().budget.answer_tokens);
    assert_eq!(desk.narrator.providers().spent(), 150, "what the provider says it took");
}

#[tokio::test]
async fn a_model_that_disappeared_is_told_and_the_next_one_is_taken() {
    let desk = Desk::new(&settings(&["groq"]), with(&["openai/gpt-oss-20b", "qwen/qwen3-32b"], |_| chat(GOOD)));
    assert_eq!(desk.write().await.unwrap().0, "groq/openai/gpt-oss-20b");
    let notes = desk.narrator.providers().notes();
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
    assert!(desk.narrator.providers().notes()[0].contains("taken on trust"));
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
    let wrongs: [(&str, Rule); 15] = [
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
        ("a wrong key in a list", |_| {
            answer(
                400,
                "application/json",
                r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key."}}]"#,
            )
        }),
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
        assert!(why.starts_with("Groq: "), "{name}: {why}");
        assert!(!name.starts_with("a wrong key") || why.contains("renew the secret `groq_api_key`"), "{why}");
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
    let providers =
        Providers::new(Arc::new(Never), ProviderLaw::embedded(), &settings(&["groq"]), (&"demo".into(), None)).unwrap();
    let narrator = Narrator::new(providers).unwrap();
    let plan = plan();
    let mut asked = Box::pin(narrator.write(&plan));
    assert!(futures::poll!(&mut asked).is_pending());
    drop(asked);
    assert!(narrator.providers().spent() > writer_law().budget.answer_tokens);
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_is_passed_over_and_told() {
    struct Keyless(Fake);
    #[async_trait::async_trait]
    impl Outside for Keyless {
        async fn call(
            &self,
            call: &Call,
            judge: proofreel_ports::Judge<'_>,
        ) -> Result<proofreel_ports::Answer, CallError> {
            match call.provider.as_str() {
                "groq" => Err(CallError::Unusable { provider: "groq".into(), why: "no key\n  hint: set it".into() }),
                _ => self.0.call(call, judge).await,
            }
        }
    }
    let asked = async |ids: &[&str]| {
        let outside = Arc::new(Keyless(Fake::new(with(&["qwen3:8b"], |_| chat(GOOD)))));
        let providers =
            Providers::new(outside, ProviderLaw::embedded(), &settings(ids), (&"demo".into(), None)).unwrap();
        Narrator::new(providers).unwrap().write(&plan()).await.map_err(|error| error.to_string())
    };
    assert_eq!(asked(&["groq", "ollama"]).await.unwrap().author.unwrap().provider, "ollama");
    let why = asked(&["groq"]).await.unwrap_err();
    assert!(why.contains("Groq cannot be asked: no key") && why.contains("hint: set it"), "{why}");
    let why = asked(&["cloudflare"]).await.unwrap_err();
    assert!(why.contains("is not whole") && why.contains("providers.cloudflare.base_url"), "{why}");
    let fake = Arc::new(Fake::new(|_| chat(GOOD)));
    assert!(Providers::new(fake, ProviderLaw::embedded(), &settings(&[]), (&"demo".into(), None)).is_none());
}

#[tokio::test]
async fn a_server_of_ones_own_is_reached_where_the_operator_says() {
    let own = "[providers.ollama]\nbase_url = \"http://192.168.1.20:11434/v1\"\n[providers.mine]\nname = \"Mine\"\nserves = [\"writer\", \"models\"]\n\
               base_url = \"http://10.0.0.7/v1\"\nlocal = true\nas_of = \"2026-11-28\"\nsource = \"own\"\n";
    let law = proofreel_model::policy::providers(Some(own)).unwrap();
    let settings =
        WriterSettings { models: [("mine".to_owned(), vec!["*".to_owned()])].into(), ..settings(&["ollama", "mine"]) };
    let fake = Arc::new(Fake::new(|call| match call.kind {
        CallKind::Models => models(&["qwen3:8b"]),
        _ if call.provider == "ollama" => error(500, "out of memory"),
        _ => chat(GOOD),
    }));
    let providers = Providers::new(fake.clone(), &law, &settings, (&"demo".into(), None)).unwrap();
    let author = Narrator::new(providers).unwrap().write(&plan()).await.unwrap().author.unwrap();
    assert_eq!((author.provider.as_str(), author.model.as_str()), ("mine", "qwen3:8b"));
    let calls = fake.calls.lock().unwrap();
    let urls: Vec<&str> = calls.iter().map(|call| call.request.url.as_str()).collect();
    assert!(urls[..2].iter().all(|url| url.starts_with("http://192.168.1.20:11434/v1/")), "{urls:?}");
    assert!(urls[2..].iter().all(|url| url.starts_with("http://10.0.0.7/v1/")), "{urls:?}");
    assert!(calls.iter().all(|call| call.request.reach == Reach::Configured));
}

#[tokio::test]
async fn what_a_later_provider_had_answered_is_taken_before_an_earlier_one_is_asked() {
    /// Keeps what the second provider answered.
    struct Keeper(Fake);
    #[async_trait::async_trait]
    impl Outside for Keeper {
        async fn call(
            &self,
            call: &Call,
            judge: proofreel_ports::Judge<'_>,
        ) -> Result<proofreel_ports::Answer, CallError> {
            self.0.call(call, judge).await
        }

        async fn kept(
            &self,
            call: &Call,
            judge: proofreel_ports::Judge<'_>,
        ) -> Result<Option<proofreel_ports::Answer>, CallError> {
            let here = call.provider == "ollama";
            let fake = Fake::new(with(&["qwen3:8b"], |_| chat(GOOD)));
            Ok(if here {
                fake.call(call, judge).await.ok().map(|answer| proofreel_ports::Answer { cached: true, ..answer })
            } else {
                None
            })
        }
    }
    let keeper = Arc::new(Keeper(Fake::new(with(OSS, |_| chat(GOOD)))));
    let providers =
        Providers::new(keeper.clone(), ProviderLaw::embedded(), &settings(&["groq", "ollama"]), (&"demo".into(), None))
            .unwrap();
    let narrator = Narrator::new(providers).unwrap();
    assert_eq!(narrator.write(&plan()).await.unwrap().author.unwrap().provider, "ollama");
    assert!(keeper.0.asked().is_empty() && narrator.providers().spent() == 0);
}
