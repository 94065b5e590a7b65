//! What stands behind the API: sessions, videos, their extras, a listing that lags, processing that takes its time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proofreel_ports::{Method, WebAnswer, WebRequest};
use serde_json::{Map, Value, json};

use super::contract;

/// Minutes that the listing lags.
pub const LISTING_LAG_MINUTES: i64 = 10;
/// Seconds of processing.
const PROCESSING_SECONDS: i64 = 75;
/// Bytes of a chunk are a multiple of this.
const MULTIPLE: u64 = 256 * 1024;

/// An upload session.
#[derive(Clone, Debug)]
pub struct Session {
    resource: Value,
    total: u64,
    bytes: Vec<u8>,
    video: Option<String>,
    gone: bool,
}

/// A video.
#[derive(Clone, Debug)]
pub struct Video {
    /// Snippet and status.
    pub resource: Value,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// When its last byte came.
    pub since: Timestamp,
    /// Its thumbnail.
    pub thumbnail: Vec<u8>,
    /// Captions by language, each as it came.
    pub captions: Vec<(String, Vec<u8>)>,
    /// Everything that its privacy ever was, in order.
    pub was: Vec<String>,
}

/// The whole of YouTube.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// Sessions by id.
    pub sessions: BTreeMap<String, Session>,
    /// Videos by id.
    pub videos: BTreeMap<String, Video>,
    /// Videos in playlists.
    pub playlists: Vec<(String, String)>,
    /// Length of each film in milliseconds, by its first bytes; a fake cannot decode.
    pub duration_ms: u64,
    /// Calls by method's name.
    pub calls: BTreeMap<String, u64>,
    /// Units taken.
    pub units: u64,
    /// What broke the contract.
    pub breaches: Vec<String>,
    /// Seconds that processing takes longer than usual.
    pub slow_seconds: i64,
    /// Projects that are locked keep everything private.
    pub locked: bool,
    /// The access token that is good.
    pub token: u64,
    /// Processing takes no time, so that one process goes all the way.
    pub swift: bool,
    /// Every request, in the words of `publish --dry-run`.
    pub asked: Vec<String>,
}

/// An answer without body.
fn empty(status: u16) -> WebAnswer {
    WebAnswer { status, headers: Vec::new(), body: Vec::new(), url: String::new() }
}

/// A JSON answer.
fn answer(status: u16, body: &Value) -> WebAnswer {
    WebAnswer {
        status,
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.to_string().into_bytes(),
        url: String::new(),
    }
}

/// An error as Google writes it.
pub fn error(status: u16, reason: &str, message: &str) -> WebAnswer {
    answer(
        status,
        &json!({"error": {"code": status, "message": message, "errors": [{"domain": "youtube", "reason": reason, "message": message}]}}),
    )
}

impl Server {
    /// Answers a request as it would come over the network.
    pub fn handle(&mut self, request: &WebRequest, now: Timestamp) -> WebAnswer {
        let url = url::Url::parse(&request.url).expect("an address");
        self.asked.push(words(&url, request));
        if url.path() == "/token" {
            return self.grant(request);
        }
        let good = format!("Bearer good-{}", self.token);
        let authorised =
            request.secret_headers.iter().any(|(name, value)| name == "authorization" && value.reveal() == good);
        if !authorised {
            return error(401, "authError", "Invalid Credentials");
        }
        if let Some(id) = url.path().strip_prefix("/session/") {
            let key = request
                .secret_query
                .iter()
                .find(|(name, _)| name == "upload_id")
                .map(|(_, value)| value.reveal().to_owned());
            return match key {
                Some(key) if key == format!("secret-{id}") => self.session(id, request, now),
                _ => error(404, "notFound", "no such session"),
            };
        }
        match self.method(&url, request, now) {
            Ok(answer) => answer,
            Err(breach) => {
                let answer = error(400, "badRequest", &breach);
                self.breaches.push(breach);
                answer
            }
        }
    }

    fn grant(&mut self, request: &WebRequest) -> WebAnswer {
        let mut form: BTreeMap<String, String> = url::form_urlencoded::parse(&request.body).into_owned().collect();
        let plain = ["client_secret", "refresh_token", "code", "code_verifier"];
        if let Some(name) = plain.iter().find(|name| form.contains_key(**name)) {
            self.breaches.push(format!("{name} stands in the body for everybody to see"));
        }
        form.extend(request.secret_form.iter().map(|(name, secret)| (name.clone(), secret.reveal().to_owned())));
        let known = form.get("refresh_token").is_some_and(|token| token == "refresh")
            || form.get("code").is_some_and(|code| code == "4/good");
        if !known {
            return answer(
                400,
                &json!({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}),
            );
        }
        let mut granted =
            json!({"access_token": format!("good-{}", self.token), "expires_in": 3599, "token_type": "Bearer"});
        if form.contains_key("code") {
            let pkce = form.get("code_verifier").is_some_and(|verifier| verifier.len() >= 43);
            if !pkce {
                return answer(400, &json!({"error": "invalid_grant"}));
            }
            granted["refresh_token"] = json!("refresh");
            granted["refresh_token_expires_in"] = json!(604_799);
        }
        answer(200, &granted)
    }

    fn method(&mut self, url: &url::Url, request: &WebRequest, now: Timestamp) -> Result<WebAnswer, String> {
        let found = contract::find(verb(request.method), url.path())?;
        let answer = self.answered(&found, url, request, now)?;
        if answer.status == 200 && !answer.body.is_empty() {
            let said = serde_json::from_slice(&answer.body).map_err(|error| format!("{}: {error}", found.name))?;
            found.judge_answer(&said).map_err(|why| format!("the fake itself: {why}"))?;
        }
        Ok(answer)
    }

    #[allow(clippy::too_many_lines)] // an arm a method of the API
    fn answered(
        &mut self,
        found: &contract::Found,
        url: &url::Url,
        request: &WebRequest,
        now: Timestamp,
    ) -> Result<WebAnswer, String> {
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        found.judge_query(&query)?;
        *self.calls.entry(found.name.clone()).or_default() += 1;
        let of = |name: &str| query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        let header =
            |name: &str| request.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        let body =
            || serde_json::from_slice::<Value>(&request.body).map_err(|error| format!("{}: {error}", found.name));
        match found.name.as_str() {
            "videos.insert" => {
                if !(found.upload && of("uploadType") == "resumable") {
                    return Err("videos are inserted by resumable uploads here".into());
                }
                let resource = body()?;
                found.judge_body(&resource, of("part"))?;
                let total: u64 = header("x-upload-content-length").parse().map_err(|_| "no length of the upload")?;
                found.judge_media(header("x-upload-content-type"), total)?;
                if resource.pointer("/status/privacyStatus").and_then(Value::as_str) != Some("private") {
                    return Err("inserted otherwise than private".into());
                }
                if let Some(refused) = metadata(&resource) {
                    return Ok(refused);
                }
                let id = format!("s{}", self.sessions.len());
                self.sessions
                    .insert(id.clone(), Session { resource, total, bytes: Vec::new(), video: None, gone: false });
                let mut opened = empty(200);
                opened.headers.push((
                    "location".into(),
                    format!("{}/session/{id}?upload_id=secret-{id}", url.origin().ascii_serialization()),
                ));
                Ok(opened)
            }
            "videos.list" => {
                self.units += 1;
                let items: Vec<Value> = of("id").split(',').filter_map(|id| self.shown(id, now)).collect();
                Ok(answer(200, &json!({"kind": "youtube#videoListResponse", "items": items})))
            }
            "videos.update" => {
                self.units += 50;
                let resource = body()?;
                found.judge_body(&resource, of("part"))?;
                Ok(self.update(&resource, of("part"), now))
            }
            "thumbnails.set" => {
                self.units += 50;
                found.judge_media(header("content-type"), request.body.len() as u64)?;
                let Some(video) = self.videos.get_mut(of("videoId")) else {
                    return Ok(error(404, "videoNotFound", "gone"));
                };
                video.thumbnail.clone_from(&request.body);
                Ok(answer(200, &json!({"items": []})))
            }
            "captions.list" => {
                self.units += 50;
                let Some(video) = self.videos.get(of("videoId")) else {
                    return Ok(error(404, "videoNotFound", "gone"));
                };
                let tracks: Vec<Value> = video
                    .captions
                    .iter()
                    .map(
                        |(language, _)| json!({"snippet": {"language": language, "trackKind": "standard", "name": ""}}),
                    )
                    .collect();
                Ok(answer(200, &json!({ "items": tracks })))
            }
            "captions.insert" => {
                self.units += 400;
                let (about, bytes) = parts(header("content-type"), &request.body).ok_or("no multipart of two")?;
                found.judge_body(&about, of("part"))?;
                let snippet = &about["snippet"];
                let language = snippet["language"].as_str().unwrap_or_default().to_owned();
                let Some(video) = self.videos.get_mut(snippet["videoId"].as_str().unwrap_or_default()) else {
                    return Ok(error(404, "videoNotFound", "gone"));
                };
                if video.captions.iter().any(|(other, _)| *other == language) {
                    return Ok(error(409, "captionExists", "there is a track of this name"));
                }
                video.captions.push((language, bytes));
                Ok(answer(200, &json!({"kind": "youtube#caption", "id": "c"})))
            }
            "channels.list" => {
                self.units += 1;
                Ok(answer(
                    200,
                    &json!({"items": [{"id": "UC", "contentDetails": {"relatedPlaylists": {"uploads": "UU"}},
                        "snippet": {"title": "Plain\u{7} Figures"}, "status": {"longUploadsStatus": "eligible"}}]}),
                ))
            }
            "playlistItems.list" => {
                self.units += 1;
                Ok(self.listed(of("playlistId"), of("videoId"), of("pageToken"), now))
            }
            "playlistItems.insert" => {
                self.units += 50;
                let item = body()?;
                found.judge_body(&item, of("part"))?;
                let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
                self.playlists.push((text("/snippet/playlistId"), text("/snippet/resourceId/videoId")));
                Ok(answer(200, &json!({"kind": "youtube#playlistItem"})))
            }
            other => Err(format!("{other} is not part of this fake")),
        }
    }

    fn session(&mut self, id: &str, request: &WebRequest, now: Timestamp) -> WebAnswer {
        let videos = self.videos.len();
        let Some(session) = self.sessions.get_mut(id).filter(|session| !session.gone) else {
            return error(404, "notFound", "no such session");
        };
        let header =
            |name: &str| request.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        if let Some(video) = &session.video {
            return answer(200, &json!({"kind": "youtube#video", "id": video}));
        }
        let range = header("content-range");
        let stored = |session: &Session| {
            let mut incomplete = empty(308);
            if !session.bytes.is_empty() {
                incomplete.headers.push(("range".into(), format!("bytes=0-{}", session.bytes.len() - 1)));
            }
            incomplete
        };
        if range == format!("bytes */{}", session.total) && request.body.is_empty() {
            return stored(session);
        }
        let Some((first, last)) = read_range(range, session.total) else {
            self.breaches.push(format!("content-range {range}"));
            return error(400, "badRequest", "content-range");
        };
        let whole = last + 1 == session.total;
        if last - first + 1 != request.body.len() as u64 || !whole && (last + 1 - first) % MULTIPLE != 0 {
            self.breaches.push(format!("{range} with {} bytes", request.body.len()));
            return error(400, "badRequest", "chunk");
        }
        if first != session.bytes.len() as u64 {
            // Behind or ahead of what is stored: the host says where it is.
            return stored(session);
        }
        session.bytes.extend_from_slice(&request.body);
        if session.bytes.len() as u64 != session.total {
            return stored(session);
        }
        let video = format!("video{videos:06}");
        session.video = Some(video.clone());
        let made = Video {
            resource: session.resource.clone(),
            bytes: std::mem::take(&mut session.bytes),
            since: now,
            thumbnail: Vec::new(),
            captions: Vec::new(),
            was: vec!["private".into()],
        };
        self.videos.insert(video.clone(), made);
        answer(201, &json!({"kind": "youtube#video", "id": video}))
    }

    /// Bytes of a chunk that came before the line broke: they are stored.
    pub fn partial(&mut self, request: &WebRequest, keep: usize) {
        let Some(id) =
            url::Url::parse(&request.url).ok().and_then(|url| url.path().strip_prefix("/session/").map(str::to_owned))
        else {
            return;
        };
        let range =
            request.headers.iter().find(|(key, _)| key == "content-range").map_or("", |(_, value)| value.as_str());
        let Some(session) = self.sessions.get_mut(&id).filter(|session| !session.gone && session.video.is_none())
        else {
            return;
        };
        let Some((first, _)) = read_range(range, session.total) else { return };
        if first == session.bytes.len() as u64 && !request.body.is_empty() {
            session.bytes.extend_from_slice(&request.body[..keep.min(request.body.len())]);
        }
    }

    /// All sessions expire.
    pub fn forget_sessions(&mut self) {
        self.sessions.values_mut().for_each(|session| session.gone = true);
    }

    fn update(&mut self, resource: &Value, part: &str, now: Timestamp) -> WebAnswer {
        if let Some(refused) = metadata(resource) {
            return refused;
        }
        let locked = self.locked;
        let Some(video) = self.videos.get_mut(resource["id"].as_str().unwrap_or_default()) else {
            return error(404, "videoNotFound", "gone");
        };
        for name in part.split(',') {
            let mut sent = resource[name].clone();
            if name == "snippet" && (sent["title"].is_null() || sent["categoryId"].is_null()) {
                return error(400, "invalidVideoMetadata", "title and category are required");
            }
            if name == "status" {
                let at = sent["publishAt"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
                if at.is_some() && sent["privacyStatus"] != "private" || at.is_some_and(|at| at <= now) {
                    return error(400, "invalidPublishAt", "publishAt");
                }
                if locked {
                    sent["privacyStatus"] = json!("private");
                }
                video.was.push(sent["privacyStatus"].as_str().unwrap_or("public").to_owned());
            }
            // What is left out of a part is deleted.
            video.resource[name] = sent;
        }
        answer(200, &json!({"id": resource["id"]}))
    }

    fn shown(&self, id: &str, now: Timestamp) -> Option<Value> {
        let video = self.videos.get(id)?;
        let done = self.swift || now >= video.since + SignedDuration::from_secs(PROCESSING_SECONDS + self.slow_seconds);
        let mut shown = video.resource.clone();
        shown["id"] = json!(id);
        shown["snippet"]["channelId"] = json!("UC");
        shown["snippet"]["publishedAt"] = json!(video.since.to_string());
        shown["status"]["uploadStatus"] = json!(if done { "processed" } else { "uploaded" });
        shown["processingDetails"] = json!({"processingStatus": if done { "succeeded" } else { "processing" }});
        if let Some(at) = shown["status"]["publishAt"].as_str().and_then(|at| at.parse::<Timestamp>().ok())
            && at <= now
        {
            shown["status"]["privacyStatus"] = json!("public");
        }
        let seconds = self.duration_ms.div_ceil(1000);
        shown["contentDetails"] =
            json!({"duration": if done { format!("PT{}M{}S", seconds / 60, seconds % 60) } else { "PT0S".into() }});
        if done {
            shown["fileDetails"] =
                json!({"fileSize": video.bytes.len().to_string(), "durationMs": self.duration_ms.to_string()});
        }
        Some(shown)
    }

    fn listed(&self, playlist: &str, video: &str, page: &str, now: Timestamp) -> WebAnswer {
        let entry = |id: &String, description: &Value| json!({"snippet": {"description": description, "resourceId": {"kind": "youtube#video", "videoId": id}}});
        if playlist != "UU" {
            let there =
                self.playlists.iter().filter(|(list, id)| list == playlist && (video.is_empty() || id == video));
            let items: Vec<Value> = there.map(|(_, id)| entry(id, &json!(""))).collect();
            return answer(200, &json!({ "items": items }));
        }
        let lag = SignedDuration::from_mins(LISTING_LAG_MINUTES);
        let seen = self.videos.iter().rev().filter(|(_, video)| now >= video.since + lag);
        let items: Vec<Value> = seen.map(|(id, video)| entry(id, &video.resource["snippet"]["description"])).collect();
        let from: usize = page.parse().unwrap_or(0);
        let mut body = Map::new();
        body.insert("items".into(), items.iter().skip(from).take(50).cloned().collect());
        if from + 50 < items.len() {
            body.insert("nextPageToken".into(), json!((from + 50).to_string()));
        }
        answer(200, &Value::Object(body))
    }
}

fn verb(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Head => "HEAD",
    }
}

/// A request in the words of a plan, which knows neither ids nor sessions.
fn words(url: &url::Url, request: &WebRequest) -> String {
    let verb = verb(request.method);
    if url.path() == "/token" {
        return format!("{verb} https://oauth2.googleapis.com/token");
    }
    if url.path().starts_with("/session/") {
        return format!("{verb} the session's address{}", if request.body.is_empty() { ", without bytes" } else { "" });
    }
    let pairs: Vec<String> = url
        .query_pairs()
        .map(
            |(name, value)| {
                if value.starts_with("video0") { format!("{name}=VIDEO") } else { format!("{name}={value}") }
            },
        )
        .collect();
    format!("{verb} {}?{}", url.path(), pairs.join("&"))
}

/// The rules of texts that the document does not hold.
fn metadata(resource: &Value) -> Option<WebAnswer> {
    let text = |name: &str| resource["snippet"][name].as_str().unwrap_or_default();
    if text("title").chars().count() > 100 || text("title").contains(['<', '>']) {
        return Some(error(400, "invalidTitle", "title"));
    }
    let tags = resource["snippet"]["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let spent = tags.map(|tag| tag.chars().count() + 1 + 2 * usize::from(tag.contains(' '))).sum::<usize>();
    if spent > 501 {
        return Some(error(400, "invalidTags", "tags"));
    }
    if text("description").len() > 5000 || text("description").contains(['<', '>']) {
        return Some(error(400, "invalidDescription", "description"));
    }
    None
}

/// `bytes FIRST-LAST/TOTAL`
fn read_range(range: &str, total: u64) -> Option<(u64, u64)> {
    let (span, of) = range.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = span.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    (of.parse() == Ok(total) && first <= last && last < total).then_some((first, last))
}

/// The two parts of a multipart body.
fn parts(content_type: &str, body: &[u8]) -> Option<(Value, Vec<u8>)> {
    let boundary = format!("--{}", content_type.strip_prefix("multipart/related; boundary=")?);
    let text = String::from_utf8(body.to_vec()).ok()?;
    let pieces: Vec<&str> = text.split(&boundary).collect();
    let [_, about, bytes, end] = pieces.as_slice() else { return None };
    let content = |piece: &str| {
        piece.split_once("\r\n\r\n").map(|(_, rest)| rest.strip_suffix("\r\n").unwrap_or(rest).to_owned())
    };
    (end.trim() == "--").then(|| Some((serde_json::from_str(&content(about)?).ok()?, content(bytes)?.into_bytes())))?
}
