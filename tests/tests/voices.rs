//! Voices of providers over real connections: the one client and the governor between them and a site that follows the published
//! contract, or breaks its answers in every way. What comes is whole speech with a time for every word, or an error.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hound::{SampleFormat, WavSpec, WavWriter};
use proofreel_adapters::local::{FileBlobs, SqliteStore, SystemClock};
use proofreel_adapters::{Cast, RemoteVoice};
use proofreel_governor::{Doors, Governor};
use proofreel_model::calls::CallCounts;
use proofreel_model::channel::{AzureSettings, GoogleSettings, VoiceEngine, VoiceSettings};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::providers;
use proofreel_ports::{
    Outside, PortError, Secret, Secrets, Speech, SpeechService, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality,
};
use proofreel_providers::speech::{AzureSpeech, Booth, GoogleSpeech, offered};
use proofreel_tests::site::{Asked, Reply, Site};
use proofreel_web::{Client, Identity};
use serde_json::{Value, json};

const RATE: u32 = 24_000;
/// What the sites' voice takes for a word, and the silence behind it, milliseconds.
const WORD_MS: usize = 250;
const PAUSE_MS: usize = 50;

struct Key;

#[async_trait]
impl Secrets for Key {
    async fn get(&self, name: &str) -> Result<Option<Secret>, PortError> {
        Ok(Some(Secret::new(format!("canary-{name}"))))
    }
}

/// The governor over a state folder, whose speech providers are the site.
fn governed(state: &Path, site: &Site, more: &str) -> (Arc<dyn Outside>, proofreel_model::policy::ProviderLaw) {
    let law = providers(Some(&format!(
        "[retry]\ntries = 1\n[providers.google-speech]\nbase_url = \"{}\"\n[providers.azure-speech]\nbase_url = \"{}\"\n{more}",
        site.url("/google"),
        site.url("/azure")
    )))
    .unwrap();
    let doors = Doors {
        web: Arc::new(Client::new(&Identity::default()).unwrap()),
        records: Arc::new(SqliteStore::open(state, Arc::new(SystemClock)).unwrap()),
        blobs: Arc::new(FileBlobs::open(&state.join("blobs")).unwrap()),
        clock: Arc::new(SystemClock),
        secrets: Arc::new(Key),
    };
    (Arc::new(Governor::new(doors, law.clone(), 1)), law)
}

fn run() -> RunId {
    RunId::from("run-1")
}

fn booth(outside: &Arc<dyn Outside>) -> Booth {
    Booth { outside: Arc::clone(outside), channel: ChannelId("demo".into()), run: Some(run()) }
}

/// Google's and Azure's voice over this governor.
fn voices((outside, law): &(Arc<dyn Outside>, proofreel_model::policy::ProviderLaw)) -> [Arc<dyn Voice>; 2] {
    let settings = VoiceSettings::default();
    let google = GoogleSpeech::new(booth(outside), law, &GoogleSettings::default()).unwrap();
    let azure = AzureSpeech::new(booth(outside), law, &AzureSettings::default()).unwrap();
    let services: [Arc<dyn SpeechService>; 2] = [Arc::new(google), Arc::new(azure)];
    services.map(|service| Arc::new(RemoteVoice::new(service, &settings)) as Arc<dyn Voice>)
}

fn line(id: &str, text: &str) -> Utterance {
    Utterance { id: id.into(), text: text.into(), pause_after_ms: 0 }
}

/// A WAV in which so many words are heard.
fn wav(words: usize, rate: u32) -> Vec<u8> {
    let per_ms = rate as usize / 1_000;
    let mut samples: Vec<i16> = Vec::new();
    for _ in 0..words {
        samples.extend((0..WORD_MS * per_ms).map(|n| if n % 60 < 30 { 8_000 } else { -8_000 }));
        samples.extend(vec![0; PAUSE_MS * per_ms]);
    }
    let form = WavSpec { channels: 1, sample_rate: rate, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, form).unwrap();
    for sample in samples {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

/// Words of a document's text.
fn words(ssml: &str) -> usize {
    let mut text = String::new();
    let mut inside = false;
    for c in ssml.chars() {
        inside = (inside || c == '<') && c != '>';
        if !inside && c != '>' {
            text.push(c);
        }
    }
    text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
}

/// The names of a document's marks.
fn marks(ssml: &str) -> Vec<&str> {
    ssml.split("<mark name=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// The sound that a request asks for, after its provider's contract; a breach of it is answered as they answer one.
fn sound(asked: &Asked) -> Result<(bool, Vec<u8>, Vec<Value>), &'static str> {
    match asked.path.as_str() {
        "/google/text:synthesize" => {
            let body: Value = serde_json::from_slice(&asked.body).map_err(|_| "no JSON")?;
            if asked.header("x-goog-api-key") != Some("canary-google_speech_api_key") {
                return Err("no key");
            }
            if body["voice"] != json!({ "languageCode": "en-US", "name": "en-US-Neural2-D" })
                || body["audioConfig"] != json!({ "audioEncoding": "LINEAR16", "sampleRateHertz": RATE })
                || body["enableTimePointing"] != json!(["SSML_MARK"])
            {
                return Err("not what was agreed");
            }
            let ssml = body["input"]["ssml"].as_str().ok_or("no document")?;
            if ssml.len() > 5_000 {
                return Err("too long");
            }
            // Zeros are left out, as JSON of protocol buffers does.
            let at = |n: usize| (n * (WORD_MS + PAUSE_MS)) as f64 / 1_000.0;
            let point = |(n, name): (usize, &str)| match n {
                0 => json!({ "markName": name }),
                n => json!({ "markName": name, "timeSeconds": at(n) }),
            };
            let points = marks(ssml).into_iter().enumerate().map(point).collect();
            Ok((true, wav(words(ssml), RATE), points))
        }
        "/azure/v1" => {
            let ssml = String::from_utf8(asked.body.clone()).map_err(|_| "no text")?;
            let agreed = [
                ("ocp-apim-subscription-key", "canary-azure_speech_key"),
                ("content-type", "application/ssml+xml"),
                ("x-microsoft-outputformat", "riff-24khz-16bit-mono-pcm"),
            ];
            if agreed.iter().any(|(name, value)| asked.header(name) != Some(value))
                || asked.header("user-agent").is_none()
            {
                return Err("not what was agreed");
            }
            if !ssml.contains("<voice name=\"en-US-AndrewNeural\">") || !ssml.ends_with("</prosody></voice></speak>") {
                return Err("no voice");
            }
            Ok((false, wav(words(&ssml), RATE), Vec::new()))
        }
        _ => Err("no such thing"),
    }
}

fn packed(google: bool, wav: &[u8], points: &[Value]) -> Reply {
    if google {
        Reply::json(&json!({ "audioContent": STANDARD.encode(wav), "timepoints": points, "audioConfig": {} }))
    } else {
        Reply::bytes("audio/x-wav", wav)
    }
}

/// As the contracts say.
fn honest(asked: &Asked) -> Reply {
    match sound(asked) {
        Ok((google, wav, points)) => packed(google, &wav, &points),
        Err(why) => Reply::text(why).with_status(400),
    }
}

const TEXTS: [&str; 2] = ["Gold rose 4.2% — to $4,228.", "AT&T </speak><audio src=\"http://a.example/\"/> fell."];

async fn spoken(voice: &dyn Voice) -> Result<Vec<Speech>, VoiceError> {
    voice.speak(&[line("a", TEXTS[0]), line("b", TEXTS[1])], 7).await
}

#[tokio::test]
async fn what_was_spoken_once_is_kept_counted_and_timed() {
    let state = tempfile::tempdir().unwrap();
    let site = Site::open(|_, asked| honest(asked));
    let governed = governed(state.path(), &site, "");
    for voice in voices(&governed) {
        let first = spoken(voice.as_ref()).await.unwrap();
        for (speech, text) in first.iter().zip(TEXTS) {
            assert!(speech.words.iter().map(|word| word.text.as_str()).eq(text.split_whitespace()));
            assert_eq!(speech.sample_rate, RATE);
        }
        // "—" is silent; a word that a mark tells of begins there, within a grain of the search for silence.
        let starts: Vec<u32> = first[0].words.iter().map(|word| word.start_ms).collect();
        let marked = voice.info().engine.starts_with("Google");
        assert!(!marked || (starts[2].abs_diff(600) <= 10 && starts[5].abs_diff(1_200) <= 10), "{starts:?}");
        let (billed, asked) = (voice.billed_characters(), site.asked().len());
        let sent = site
            .asked()
            .iter()
            .rev()
            .take(2)
            .map(|asked| String::from_utf8_lossy(&asked.body).into_owned())
            .collect::<String>();
        assert!(
            sent.contains("AT&amp;T") && sent.contains("&lt;/speak&gt;&lt;audio") && !sent.contains("<audio"),
            "{sent}"
        );
        assert!((60..200).contains(&billed), "{billed} characters");

        assert_eq!(spoken(voice.as_ref()).await.unwrap(), first, "from the cache");
        assert_eq!((voice.billed_characters(), site.asked().len()), (billed, asked), "nothing went out");
        let counts = governed.0.take_counts(&run());
        let CallCounts { hits, misses, calls, characters, .. } = counts;
        assert_eq!((hits, misses, calls, characters), (2, 2, 2, billed));
    }
    let other = VoiceSettings { speed: 1.1, ..VoiceSettings::default() };
    let google = GoogleSpeech::new(booth(&governed.0), &governed.1, &GoogleSettings::default()).unwrap();
    let before = site.asked().len();
    spoken(&RemoteVoice::new(Arc::new(google), &other)).await.unwrap();
    assert_eq!(site.asked().len(), before + 2, "another pace is other speech");
    assert!(String::from_utf8_lossy(&site.asked()[before].body).contains("rate=\\\"110%\\\""));
}

/// What it is, the answer, and a word of the error.
type Unkind = (&'static str, fn(&Asked) -> Reply, &'static str);

/// What a site answers in place of good sound.
fn unkind() -> [Unkind; 13] {
    fn changed(asked: &Asked, change: fn(Vec<u8>) -> Vec<u8>) -> Reply {
        let (google, wav, points) = sound(asked).unwrap();
        packed(google, &change(wav), &points)
    }
    [
        ("a page", |_| Reply::html("<!DOCTYPE html><html>We will be right back</html>"), "text/html"),
        (
            "a page that calls itself sound",
            |asked| Reply::html_as(if asked.path.starts_with("/azure") { "audio/x-wav" } else { "application/json" }),
            "html",
        ),
        ("nothing", |asked| changed(asked, |_| Vec::new()), "empty answer"),
        ("half", |asked| changed(asked, |wav| wav[..wav.len() / 2].to_vec()), "cut short"),
        ("a head alone", |asked| changed(asked, |wav| wav[..50].to_vec()), "cut short"),
        ("half an MP3", |asked| changed(asked, |_| b"ID3\x04\0\0\0\0\0\x21TSSE\xff\xfb\x90".to_vec()), "no WAV"),
        ("another rate", |asked| changed(asked, |_| wav(9, 16_000)), "16000 samples a second"),
        (
            "silence",
            |asked| changed(asked, |wav| wav[..44].iter().copied().chain(vec![0; wav.len() - 44]).collect()),
            "nothing is heard",
        ),
        ("a beep", |asked| changed(asked, |_| wav(1, RATE)), "cannot be"),
        ("throttling", |_| Reply::too_many("3600"), "429"),
        ("a wrong key", |_| Reply::text("no such key").with_status(401), "canary"),
        ("an outage", |_| Reply::status(503), "503"),
        ("a broken line", |_| Reply::reset("RIFF"), "http://"),
    ]
}

#[tokio::test]
async fn what_is_no_speech_is_an_error_and_is_not_kept() {
    for (what, reply, why) in unkind() {
        let state = tempfile::tempdir().unwrap();
        let well = Arc::new(AtomicBool::new(false));
        let is_well = Arc::clone(&well);
        let site =
            Site::open(move |_, asked| if is_well.load(Ordering::Relaxed) { honest(asked) } else { reply(asked) });
        for voice in voices(&governed(state.path(), &site, "")) {
            well.store(false, Ordering::Relaxed);
            let error = spoken(voice.as_ref()).await.expect_err(what).to_string();
            if why == "canary" {
                assert!(error.contains("speech_") && error.contains("hint:") && !error.contains("canary"), "{error}");
            } else {
                assert!(error.to_lowercase().contains(&why.to_lowercase()), "{what}: {error}");
            }
            well.store(true, Ordering::Relaxed);
            // A rest that was asked for is kept to; everything else may be asked again, and then it is good.
            let again = spoken(voice.as_ref()).await;
            let rests = ["throttling", "a wrong key"].contains(&what);
            assert_eq!(again.is_err(), rests, "{what}: {again:?}");
        }
    }
}

#[tokio::test]
async fn marks_that_lie_do_not_matter() {
    let state = tempfile::tempdir().unwrap();
    let site = Site::open(|_, asked| {
        let (google, wav, mut points) = sound(asked).unwrap();
        points.reverse();
        packed(google, &wav, &points)
    });
    let [google, _] = voices(&governed(state.path(), &site, ""));
    let speech = spoken(google.as_ref()).await.unwrap();
    assert!(speech[0].words.windows(2).all(|pair| pair[0].end_ms <= pair[1].start_ms), "{:?}", speech[0].words);
}

/// The voice of this machine.
struct Own;

#[async_trait]
impl Voice for Own {
    fn info(&self) -> VoiceInfo {
        VoiceInfo { name: "own".into(), engine: "own".into(), licence: "own".into(), quality: VoiceQuality::Robotic }
    }

    async fn speak(&self, lines: &[Utterance], _: u64) -> Result<Vec<Speech>, VoiceError> {
        let speech = |line: &Utterance| Speech {
            id: line.id.clone(),
            sample_rate: RATE,
            samples: vec![1; 240],
            words: Vec::new(),
        };
        Ok(lines.iter().map(speech).collect())
    }
}

#[tokio::test]
async fn a_months_characters_are_never_passed_and_the_next_voice_speaks_everything() {
    let state = tempfile::tempdir().unwrap();
    let site = Site::open(|_, asked| honest(asked));
    let little = "[providers.google-speech.models.neural2.characters]\nmonth = 100\n[providers.azure-speech.limits.characters]\nmonth = 1000\n";
    let governed = governed(state.path(), &site, little);
    let [google, azure] = voices(&governed);
    let channel = ChannelId("demo".into());
    let cast = Cast::new(vec![google, azure], Arc::new(Own), Arc::clone(&governed.0), (&channel, Some(&run())));
    let error = spoken(&cast).await.unwrap_err();
    assert!(error.to_string().contains("characters a month left until"), "{error}");
    assert_eq!(site.count("/google/text:synthesize"), 1, "the second line was not even asked for");

    let second = cast.instead(&error).await.unwrap();
    assert_eq!(second.info().name, "en-US-AndrewNeural");
    assert_eq!(spoken(second.as_ref()).await.unwrap().len(), 2);
    assert_eq!(site.count("/azure/v1"), 2, "all lines, the one that Google had spoken too");

    let third = second.instead(&error).await.unwrap();
    assert_eq!(third.info().engine, "own");
    assert!(third.instead(&error).await.is_none());
    assert_eq!(governed.0.take_counts(&run()).fallbacks, 1, "only the voice of this machine is a fallback");
}

#[tokio::test]
async fn behind_amazon_as_the_engine_stands_the_voice_of_this_machine() {
    let state = tempfile::tempdir().unwrap();
    let site = Site::open(|_, asked| honest(asked));
    let governed = governed(state.path(), &site, "");
    let settings = VoiceSettings { engine: VoiceEngine::Polly, ..VoiceSettings::default() };
    let channel = ChannelId("demo".into());
    let cast = Cast::named(&settings, &governed.0, (&channel, Some(&run())), |_| None).unwrap();
    assert!(cast.info().engine.contains("Polly"), "{:?}", cast.info());
    let why =
        VoiceError::Unavailable { engine: "Amazon Polly".into(), detail: "no keys".into(), hint: "set them".into() };
    let own = cast.instead(&why).await.unwrap();
    assert!(!own.info().engine.contains("Polly"), "{:?}", own.info());
    assert!(own.instead(&why).await.is_none());
    assert_eq!(governed.0.take_counts(&run()).fallbacks, 1, "that it had to speak is told");
}

#[test]
fn a_provider_whose_terms_forbid_it_is_not_asked() {
    let state = tempfile::tempdir().unwrap();
    let site = Site::open(|_, asked| honest(asked));
    let (outside, law) = governed(state.path(), &site, "[providers.google-speech.terms]\ncommercial = false\n");
    let why = GoogleSpeech::new(booth(&outside), &law, &GoogleSettings::default()).err().unwrap();
    assert!(why.contains("commercial"), "{why}");
}

/// Voices that both providers offer, after their contracts: keys as for speech, and no body.
fn list(asked: &Asked) -> Reply {
    let agreed = match asked.path.as_str() {
        "/google/voices" => ("x-goog-api-key", "canary-google_speech_api_key"),
        _ => ("ocp-apim-subscription-key", "canary-azure_speech_key"),
    };
    if asked.header(agreed.0) != Some(agreed.1) || !asked.body.is_empty() {
        return Reply::text("not what was agreed").with_status(400);
    }
    match asked.path.as_str() {
        "/google/voices" if asked.query.contains("languageCode=en-US") => Reply::json(&json!({ "voices": [
            { "languageCodes": ["en-US"], "name": "en-US-Neural2-D", "ssmlGender": "MALE", "naturalSampleRateHertz": 24000 },
            { "languageCodes": ["en-US"], "name": "en-US-Wavenet-A", "ssmlGender": "MALE", "naturalSampleRateHertz": 24000 },
        ] })),
        "/azure/voices/list" => Reply::json(&json!([
            { "Name": "Microsoft Server Speech …", "ShortName": "de-DE-ConradNeural", "Locale": "de-DE", "Status": "GA" },
            { "Name": "Microsoft Server Speech …", "ShortName": "en-US-AndrewNeural", "Locale": "en-US", "Status": "GA" },
        ])),
        _ => Reply::text("no such thing").with_status(404),
    }
}

#[tokio::test]
async fn a_provider_is_tried_by_its_list_of_voices_and_no_character_is_spent() {
    let state = tempfile::tempdir().unwrap();
    let site = Site::open(|_, asked| list(asked));
    let governed = governed(state.path(), &site, "");
    let booth = booth(&governed.0);
    let ask = async |provider: &str| offered(&booth, &governed.1, provider, "en-US").await;
    assert_eq!(ask("google-speech").await.unwrap(), ["en-US-Neural2-D", "en-US-Wavenet-A"]);
    assert_eq!(ask("azure-speech").await.unwrap(), ["en-US-AndrewNeural"], "and those of other languages are left out");
    let counts = governed.0.take_counts(&run());
    assert_eq!((counts.calls, counts.characters), (2, 0));
    assert!(ask("polly").await.is_err() && ask("nobody").await.is_err());
}

#[tokio::test]
async fn what_is_no_list_of_voices_says_what_it_is() {
    type Way = fn(&str) -> Reply;
    let ways: [(Way, &str); 5] = [
        (Reply::html_as, "no list of voices|HTML"),
        (|_| Reply::json(&json!({ "voices": "none" })), "without a list"),
        (|_| Reply::json(&json!({ "voices": [], "0": 1 })), "without a list|no voice speaks"),
        (|_| Reply::text("denied").with_status(403), "refused the key"),
        (|_| Reply::redirect(302, "http://169.254.169.254/latest/meta-data/"), "302"),
    ];
    for (reply, why) in ways {
        let state = tempfile::tempdir().unwrap();
        let site = Site::open(move |_, _| reply("application/json"));
        let governed = governed(state.path(), &site, "");
        for provider in ["google-speech", "azure-speech"] {
            let error = offered(&booth(&governed.0), &governed.1, provider, "en-US").await.unwrap_err();
            assert!(why.split('|').any(|why| error.contains(why)), "{provider}, {why}: {error}");
            assert!(!error.contains("canary"), "{error}");
        }
    }
}
