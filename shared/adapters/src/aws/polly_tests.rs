//! Polly over the wire: a server on loopback that follows the published contract, and one that does not.

#![allow(clippy::disallowed_types)] // a stand-in for Polly on loopback

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use aws_sdk_polly::config::{Credentials, Region};
use serde_json::{Value, json};

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_smithy_http_client::Builder;
use proofreel_ports::{Call, CallError, CallKind, Judge, WebAnswer};

use super::*;

/// An answer: status, content type, further headers, body, and the length that is promised for it.
struct Answer {
    status: &'static str,
    kind: &'static str,
    headers: String,
    body: Vec<u8>,
    promised: usize,
}

impl Answer {
    fn new(status: &'static str, kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self { status, kind, headers: String::new(), promised: body.len(), body }
    }
}

/// Words of an SSML text without its tags, with their bytes; 200 ms of sound each.
fn words_of(ssml: &str) -> Vec<(usize, usize)> {
    let (mut out, mut begun, mut tag) = (Vec::new(), None, false);
    for (at, c) in ssml.char_indices() {
        let letter = !tag && (c.is_alphanumeric() || c == '$');
        match (letter, begun) {
            (true, None) => begun = Some(at),
            (false, Some(from)) => {
                out.push((from, at));
                begun = None;
            }
            _ => {}
        }
        tag = (tag || c == '<') && c != '>';
    }
    out
}

/// What Polly would answer.
fn honest(request: &Value) -> Answer {
    let ssml = request["Text"].as_str().unwrap();
    let words = words_of(ssml);
    let mut answer = if request["OutputFormat"] == "pcm" {
        let wave = |n: usize| if n % 3_200 < 2_400 { 9_000_i16 } else { 0 };
        Answer::new(
            "200 OK",
            "audio/pcm",
            (0..words.len() * 3_200).flat_map(|n| wave(n).to_le_bytes()).collect::<Vec<u8>>(),
        )
    } else {
        let line = |(n, (start, end)): (usize, &(usize, usize))| {
            json!({"time": n * 200, "type": "word", "start": start, "end": end, "value": &ssml[*start..*end]})
                .to_string()
                + "\n"
        };
        Answer::new("200 OK", "application/x-json-stream", words.iter().enumerate().map(line).collect::<String>())
    };
    answer.headers = format!("x-amzn-RequestCharacters: {}\r\n", ssml.len());
    answer
}

type Requests = Arc<Mutex<Vec<Value>>>;

/// Serves until the test's process ends.
fn serve(answer: impl Fn(usize, &Value) -> Option<Answer> + Send + Sync + 'static) -> (String, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen: Requests = Arc::default();
    let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            std::thread::spawn(move || connection(stream, &log, &*answer));
        }
    });
    (address, seen)
}

fn connection(mut stream: TcpStream, log: &Requests, answer: &dyn Fn(usize, &Value) -> Option<Answer>) -> Option<()> {
    let mut bytes = Vec::new();
    loop {
        let head = bytes.windows(4).position(|w| w == b"\r\n\r\n");
        let length = head.map(|end| {
            let text = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            assert!(text.starts_with("post /v1/speech http/1.1") || text.starts_with("get /v1/voices?"), "{text}");
            assert!(text.contains("authorization: aws4-hmac-sha256"), "unsigned");
            let length =
                text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
            // A list is asked for without a body.
            (end + 4, length.unwrap_or(0))
        });
        if let Some((start, length)) = length
            && bytes.len() >= start + length
        {
            let request: Value = serde_json::from_slice(&bytes[start..start + length]).unwrap_or_default();
            bytes.drain(..start + length);
            let number = {
                let mut log = log.lock().unwrap();
                log.push(request.clone());
                log.len() - 1
            };
            let Some(answer) = answer(number, &request) else {
                std::thread::sleep(Duration::from_secs(20)); // says nothing
                return None;
            };
            let Answer { status, kind, headers, body, promised } = answer;
            write!(stream, "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{headers}Content-Length: {promised}\r\n\r\n")
                .ok()?;
            stream.write_all(&body).ok()?;
            if promised != body.len() {
                return None; // hangs up
            }
            continue;
        }
        let mut chunk = [0; 8192];
        match stream.read(&mut chunk) {
            Ok(count @ 1..) => bytes.extend_from_slice(&chunk[..count]),
            _ => return None,
        }
    }
}

fn client(address: &str, attempts: u32) -> Client {
    let config = aws_sdk_polly::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .http_client(Builder::new().build_http())
        .retry_config(
            RetryConfig::standard().with_max_attempts(attempts).with_initial_backoff(Duration::from_millis(1)),
        )
        .endpoint_url(address)
        .build();
    Client::from_conf(config)
}

fn settings() -> VoiceSettings {
    VoiceSettings { pronounce: BTreeMap::from([("WTI".to_owned(), "W T I".to_owned())]), ..VoiceSettings::default() }
}

fn voice(address: &str) -> PollyVoice {
    PollyVoice::with_client(&settings(), client(address, 1), Duration::from_secs(15))
}

fn line(text: &str) -> Utterance {
    Utterance { id: "s01-1".into(), text: text.into(), pause_after_ms: 0 }
}

async fn error_of(answer: impl Fn(usize, &Value) -> Option<Answer> + Send + Sync + 'static) -> String {
    let (address, _) = serve(answer);
    voice(&address).speak(&[line("Gold rose — to $4,228.")], 7).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_text_is_asked_for_twice_and_its_words_are_timed() {
    let (address, seen) = serve(|_, request| Some(honest(request)));
    let voice = voice(&address);
    let speech = voice.speak(&[line("WTI’s 10-year high — & \"more\".")], 7).await.unwrap().remove(0);
    assert_eq!(speech.sample_rate, 16_000);
    let words: Vec<&str> = speech.words.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(words, ["WTI’s", "10-year", "high", "—", "&", "\"more\"."]);
    // Two marks for one token; the silence behind a word is off.
    assert_eq!((speech.words[1].start_ms, speech.words[1].end_ms), (200, 550));
    let requests = seen.lock().unwrap();
    assert_eq!(requests.len(), 2);
    for request in requests.iter() {
        assert_eq!((&request["Engine"], &request["TextType"]), (&json!("neural"), &json!("ssml")));
        assert_eq!(request["VoiceId"], "Matthew");
        assert!(request["Text"].as_str().unwrap().contains("<sub alias=\"W T I's\">WTI</sub> 10-year"));
    }
    assert_eq!((&requests[0]["OutputFormat"], &requests[0]["SampleRate"]), (&json!("pcm"), &json!("16000")));
    assert_eq!((&requests[1]["OutputFormat"], &requests[1]["SpeechMarkTypes"]), (&json!("json"), &json!(["word"])));
    let text = requests[0]["Text"].as_str().unwrap().len() as u64;
    assert_eq!(voice.billed_characters(), 2 * text);
}

#[tokio::test]
async fn its_voices_are_listed_without_a_character() {
    let list =
        json!({"Voices": [{"Id": "Matthew", "LanguageCode": "en-US"}, {"Id": "Joanna", "LanguageCode": "en-US"}]});
    let (address, seen) = serve(move |_, _| Some(Answer::new("200 OK", "application/json", list.to_string())));
    let voice = voice(&address);
    assert_eq!(voice.offered().await.unwrap(), ["Matthew", "Joanna"]);
    assert_eq!((seen.lock().unwrap().as_slice(), voice.billed_characters()), (&[Value::Null][..], 0));
    let denied = r#"{"__type": "AccessDeniedException", "message": "not authorized"}"#;
    let (address, _) = serve(move |_, _| Some(Answer::new("403 Forbidden", "application/x-amz-json-1.1", denied)));
    let error = self::voice(&address).offered().await.unwrap_err().to_string();
    assert!(error.contains("polly:DescribeVoices"), "{error}");
}

#[tokio::test]
async fn a_long_text_goes_in_parts_and_comes_back_whole() {
    let (address, seen) = serve(|_, request| Some(honest(request)));
    let text = "The price of gold rose again, and nobody knew why. ".repeat(100);
    let speech = voice(&address).speak(&[line(&text)], 7).await.unwrap().remove(0);
    assert_eq!(speech.words.len(), 1_000);
    assert_eq!(seen.lock().unwrap().len(), 4);
    assert!(speech.words.last().unwrap().end_ms > 199_000);
}

#[tokio::test]
async fn answers_that_cannot_be_true_are_refused() {
    let page = || Answer::new("200 OK", "text/html", "<html>Sign in</html>");
    let error = error_of(move |_, _| Some(page())).await;
    assert!(error.contains("text/html"), "{error}");
    let error = error_of(|_, _| Some(Answer::new("200 OK", "audio/pcm", ""))).await;
    assert!(error.contains("no 16-bit sound"), "{error}");
    let error = error_of(|_, request| {
        let mut answer = honest(request);
        answer.body.truncate(answer.body.len() / 2);
        Some(answer)
    })
    .await;
    assert!(error.contains("broke off"), "{error}");
    // Half of the sound under its right length: only the marks can tell.
    let error = error_of(|_, request| {
        let mut answer = honest(request);
        if request["OutputFormat"] == "pcm" {
            answer.body.truncate(answer.body.len() / 2);
            answer.promised = answer.body.len();
        }
        Some(answer)
    })
    .await;
    assert!(error.contains("sound ends"), "{error}");
    let error = error_of(|_, request| {
        let mut answer = honest(request);
        if request["OutputFormat"] == "json" {
            let text = String::from_utf8(answer.body).unwrap();
            answer.body = text.replace("\"time\":0", "\"time\":650").into_bytes();
            answer.promised = answer.body.len();
        }
        Some(answer)
    })
    .await;
    assert!(error.contains("backwards"), "{error}");
}

#[tokio::test]
async fn errors_of_the_service_say_what_to_do() {
    let refusal = |status: &'static str, code: &str| {
        let mut answer = Answer::new(status, "application/json", r#"{"message":"no"}"#);
        answer.headers = format!("x-amzn-ErrorType: {code}\r\n");
        answer
    };
    for (status, code, why) in [
        ("429 Too Many Requests", "ThrottlingException", "too often"),
        ("400 Bad Request", "ThrottlingException", "too often"),
        ("400 Bad Request", "EngineNotSupportedException", "[voice.polly]"),
        ("403 Forbidden", "AccessDeniedException", "polly:SynthesizeSpeech"),
        ("500 Internal Server Error", "ServiceFailureException", "status 500"),
    ] {
        let code = code.to_owned();
        let error = error_of(move |_, _| Some(refusal(status, &code))).await;
        assert!(error.contains(why), "{status}: {error}");
    }
    let error = error_of(|_, _| Some(Answer::new("502 Bad Gateway", "text/html", "<html>bad gateway</html>"))).await;
    assert!(error.contains("status 502"), "{error}");
    let refused = voice("http://127.0.0.1:1").speak(&[line("Gold.")], 7).await.unwrap_err();
    assert!(matches!(refused, VoiceError::Failed { .. }), "{refused}");
}

#[tokio::test]
async fn a_throttled_request_is_tried_again() {
    let (address, seen) = serve(|number, request| {
        let mut refusal = Answer::new("429 Too Many Requests", "application/json", "{}");
        refusal.headers = "x-amzn-ErrorType: ThrottlingException\r\n".into();
        Some(if number == 0 { refusal } else { honest(request) })
    });
    let voice = PollyVoice::with_client(&settings(), client(&address, 3), Duration::from_secs(15));
    assert_eq!(voice.speak(&[line("Gold rose.")], 7).await.unwrap().len(), 1);
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let (address, _) = serve(|_, _| None);
    let voice = PollyVoice::with_client(&settings(), client(&address, 1), Duration::from_millis(200));
    let error = voice.speak(&[line("Gold rose.")], 7).await.unwrap_err();
    assert!(matches!(error, VoiceError::Timeout { .. }), "{error}");
}

/// A way out that keeps what it was asked, answers as Polly does, and remembers; or that has nothing left.
struct Gate {
    calls: Mutex<Vec<Call>>,
    kept: Mutex<BTreeMap<Vec<u8>, WebAnswer>>,
    spent: bool,
}

#[async_trait]
impl Outside for Gate {
    async fn call(&self, call: &Call, judge: Judge<'_>) -> Result<proofreel_ports::Answer, CallError> {
        if self.spent {
            let until = jiff::Timestamp::UNIX_EPOCH;
            return Err(CallError::Quota { provider: call.provider.clone(), what: "characters a month".into(), until });
        }
        let kept = self.kept.lock().unwrap().get(&call.request.body).cloned();
        let (cached, answer) = (kept.is_some(), kept.unwrap_or_else(|| self.ask(call)));
        judge(&answer).map_err(|why| CallError::Useless { provider: call.provider.clone(), why })?;
        let digest = proofreel_model::digest::Digest::of(&answer.body);
        Ok(proofreel_ports::Answer { answer, fetched_at: jiff::Timestamp::UNIX_EPOCH, cached, stale: false, digest })
    }
}

impl Gate {
    fn ask(&self, call: &Call) -> WebAnswer {
        self.calls.lock().unwrap().push(call.clone());
        let Answer { kind, headers, body, .. } = honest(&serde_json::from_slice(&call.request.body).unwrap());
        let billed = headers.split_once(": ").unwrap().1.trim().to_owned();
        let headers = vec![("content-type".into(), kind.into()), ("x-amzn-requestcharacters".into(), billed)];
        let answer = WebAnswer { status: 200, headers, body, url: call.request.url.clone() };
        self.kept.lock().unwrap().insert(call.request.body.clone(), answer.clone());
        answer
    }

    fn new(spent: bool) -> Arc<Self> {
        Arc::new(Self { calls: Mutex::default(), kept: Mutex::default(), spent })
    }

    fn voice(self: &Arc<Self>) -> PollyVoice {
        let through = Through { outside: Arc::clone(self) as _, channel: "gold".into(), run: Some("r1".into()) };
        let config = client("http://polly.example", 1).config().to_builder().http_client(through).build();
        PollyVoice::with_client(&settings(), Client::from_conf(config), Duration::from_secs(15))
    }
}

/// Signed by Amazon's client, counted and kept by the way out: what differs from call to call is no part of the question.
#[tokio::test]
async fn through_the_way_out_characters_are_counted_first_and_nothing_is_asked_twice() {
    let gate = Gate::new(false);
    let voice = gate.voice();
    let text = "WTI rose — to $90.";
    let first = voice.speak(&[line(text)], 7).await.unwrap().remove(0);
    let calls = std::mem::take(&mut *gate.calls.lock().unwrap());
    assert_eq!(calls.len(), 2, "the sound, and the marks of its words");
    for call in &calls {
        assert_eq!((call.provider.as_str(), call.kind, &call.run), ("polly", CallKind::Speech, &Some("r1".into())));
        assert_eq!(call.spend.characters, text.chars().count() as u64, "no tag is billed");
        assert_eq!(call.request.url, "http://polly.example/v1/speech");
        let names: Vec<&str> = call.request.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["content-type"], "seen by who keeps answers");
        let secret = |wanted: &str| call.request.secret_headers.iter().any(|(name, _)| name == wanted);
        assert!(secret("authorization") && secret("x-amz-date") && !secret("host"));
    }
    assert!(voice.billed_characters() > 0);
    let again = gate.voice();
    assert_eq!(again.speak(&[line(text)], 7).await.unwrap().remove(0).samples, first.samples);
    assert_eq!((gate.calls.lock().unwrap().len(), again.billed_characters()), (0, 0), "what is kept costs nothing");

    let error = Gate::new(true).voice().speak(&[line(text)], 7).await.unwrap_err();
    assert!(error.to_string().contains("characters a month"), "{error}");
}
