//! A YouTube of figures on loopback: it answers by its contracts, refuses what they do not know, and fails as told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proofreel_governor::{Doors, Governor, Pause};
use proofreel_model::channel::{self, ChannelProfile};
use proofreel_model::digest::{BlobRef, Digest};
use proofreel_model::ids::RunId;
use proofreel_model::incident::Page;
use proofreel_model::kpi::VideoCard;
use proofreel_model::policy::providers;
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::stage::StageName;
use proofreel_operations::measure::{self, Ask, Fetched};
use proofreel_operations::{ChannelFile, Channels, Office};
use proofreel_pipeline::kpi;
use proofreel_ports::{
    Blobs as _, Condition, Item, Outside, Pager, PortError, Records as _, Secret, Secrets, Web, WebAnswer, WebError,
    WebRequest,
};
use proofreel_providers::youtube::Tokens;
use proofreel_tests::fakes::{self, Memory};
use proofreel_tests::site::{Asked, Reply, Site};
use proofreel_web::{Client, Identity};
use serde_json::{Value, json};

/// 2026-11-28T20:00:00Z: noon where YouTube's days begin.
const NOON_MS: i64 = 1_795_896_000_000;
const CHANNEL: &str =
    "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"../data\"]\n";

/// Last day that is whole.
pub fn until() -> Date {
    date(2026, 11, 25)
}

/// The channel.
pub fn profile() -> ChannelProfile {
    channel::parse("demo.toml", CHANNEL).unwrap()
}

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Figures end two days early.
    Late,
    /// Revenue is closed.
    NoMoney,
    /// The newest reach file is cut off in its last line.
    TruncatedCsv,
    /// A page with a good status.
    Html,
    /// 503.
    Failing,
    /// 429, for ever.
    Throttled,
    /// 429 with a time to wait, to the first question at each address.
    Busy,
    /// 403 to everything of the Analytics API.
    Forbidden,
    /// The refresh token is no longer good.
    InvalidGrant,
    /// Nobody consented.
    NoSecret,
    /// Views are others than before.
    Revised,
}

#[derive(Default)]
struct State {
    faults: BTreeSet<Fault>,
    weak: BTreeSet<String>,
    published: BTreeMap<String, Date>,
    seen: BTreeSet<String>,
    made_job: bool,
}

/// The world.
pub struct World {
    pub memory: Memory,
    pub office: Office,
    pub outside: Arc<dyn Outside>,
    pub pager: Pages,
    state: Arc<Mutex<State>>,
    site: Site,
}

/// Pages, as they were told.
#[derive(Default)]
pub struct Pages(Mutex<Vec<Page>>);

#[async_trait]
impl Pager for Pages {
    async fn page(&self, page: &Page) -> Result<(), PortError> {
        self.0.lock().unwrap().push(page.clone());
        Ok(())
    }
}

struct One;

#[async_trait]
impl Channels for One {
    async fn files(&self) -> Result<Vec<ChannelFile>, PortError> {
        Ok(vec![ChannelFile { name: "demo.toml".into(), text: CHANNEL.into() }])
    }
}

/// Sends what is meant for Google to the site.
struct Rewriting {
    client: Client,
    site: String,
}

#[async_trait]
impl Web for Rewriting {
    async fn send(&self, request: &WebRequest) -> Result<WebAnswer, WebError> {
        let host = request.url.split('/').nth(2).unwrap_or_default();
        assert!(host.ends_with(".googleapis.com"), "{}", request.url);
        let url = request.url.replacen(&format!("https://{host}"), &self.site, 1);
        self.client.send(&WebRequest { url, ..request.clone() }).await
    }
}

/// Waits by moving the clock.
struct Quick(Memory);

#[async_trait]
impl Pause for Quick {
    async fn pause(&self, span: Duration) {
        self.0.pass(i64::try_from(span.as_millis()).unwrap().max(1));
    }
}

struct Keys(Arc<Mutex<State>>);

#[async_trait]
impl Secrets for Keys {
    async fn get(&self, name: &str) -> Result<Option<Secret>, PortError> {
        let nothing = self.0.lock().unwrap().faults.contains(&Fault::NoSecret);
        Ok((!nothing).then(|| Secret::new(format!("canary-of-{name}"))))
    }
}

impl World {
    /// A channel with these videos, all of the first of November.
    pub async fn of(videos: &[&str]) -> Self {
        let memory = Memory::of(fakes::World::at(NOON_MS));
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let site = Site::open(move |_, asked| answer(&shared, asked));
        let client = Client::new(&Identity { contact: Some("mailto:ops@example.org".into()) }).unwrap();
        let doors = Doors {
            web: Arc::new(Rewriting { client, site: site.url("") }),
            records: Arc::new(memory.clone()),
            blobs: Arc::new(memory.clone()),
            clock: Arc::new(memory.clone()),
            secrets: Arc::new(Keys(Arc::clone(&state))),
        };
        let governor = Governor::with_pause(doors, providers(None).unwrap(), 7, Arc::new(Quick(memory.clone())));
        let office = Office {
            records: Arc::new(memory.clone()),
            blobs: Arc::new(memory.clone()),
            clock: Arc::new(memory.clone()),
            channels: Arc::new(One),
        };
        let world = Self { memory, office, outside: Arc::new(governor), pager: Pages::default(), state, site };
        for video in videos {
            world.publish(video, date(2026, 11, 1));
        }
        world.note_cards(videos, date(2026, 11, 1)).await;
        world
    }

    /// Notes the videos as publishing does; each is 200 seconds long.
    pub async fn note_cards(&self, videos: &[&str], published: Date) {
        for video in videos {
            let card = VideoCard {
                video_id: (*video).to_owned(),
                title: "A title".into(),
                published: Some(published),
                length_seconds: Some(200.0),
                run: None,
            };
            kpi::put_video(&self.memory, &"demo".into(), &card).await.unwrap();
        }
    }

    /// A run whose script obeys a script order, with other comments to pin or none, and whose film is this video if one is named.
    pub async fn ran(&self, run: &RunId, video: Option<&str>, others: &[&str]) {
        let text = |text: &str| json!([{"text": text}]);
        let script = json!({
            "writer": "embedded 1.0.0", "scenes": [], "titles": [], "thumbnails": [], "hooks": [], "description": [], "tags": [],
            "chapters": [], "pinned_comment": text("What would you have guessed?"),
            "other_comments": others.iter().map(|other| text(other)).collect::<Vec<_>>(), "ai_disclosure": "", "disclaimer": "",
            "obeyed": [{"order": "2026-10-20#script", "kind": "script", "how": "another comment is to pin"}],
        });
        let bytes = serde_json::to_vec(&script).unwrap();
        let blob = BlobRef::to("artifact", &bytes);
        self.memory.put_if_absent(&blob.key, &bytes).await.unwrap();
        let at = "2026-11-01T18:00:00Z";
        let head = RunHead {
            run_id: run.clone(),
            channel: "demo".into(),
            order: blob.clone(),
            state: RunState::Done,
            artifacts: [(StageName::Script, blob)].into(),
            files: BTreeMap::new(),
            rewrites: 0,
            draft: false,
            created_at: at.parse().unwrap(),
            updated_at: at.parse().unwrap(),
        };
        let mut rows = vec![Item { pk: format!("run#{run}"), sk: "head".into(), body: json!(head) }];
        rows.extend(video.map(|video| Item {
            pk: "publication#demo".into(),
            sk: run.to_string(),
            body: json!({
                "channel": "demo", "run": run, "revision": 1, "state": "published", "film": Digest::of(b"film"), "host": "youtube",
                "step": "public", "video": video, "published_at": at, "updated_at": at,
            }),
        }));
        for row in rows {
            self.memory.put(row, Condition::None).await.unwrap();
        }
    }

    pub fn publish(&self, video: &str, day: Date) {
        self.state.lock().unwrap().published.insert(video.to_owned(), day);
    }

    pub fn weak_hook(&self, video: &str) {
        self.state.lock().unwrap().weak.insert(video.to_owned());
    }

    pub fn fault(&self, fault: Fault) {
        self.state.lock().unwrap().faults.insert(fault);
    }

    pub fn calm(&self) {
        self.state.lock().unwrap().faults.clear();
    }

    pub fn pass_hours(&self, hours: i64) {
        self.memory.pass(hours * 3_600_000);
    }

    /// Forgets what the governor kept and counted: the next fetch asks YouTube for everything.
    pub fn forget_cache(&self) {
        self.memory.change(|world| {
            world.records.retain(|(pk, _), _| ["kpi#", "incidents"].iter().any(|kept| pk.starts_with(kept)));
        });
    }

    pub fn tokens(&self) -> Tokens {
        Tokens::new(Arc::new(Keys(Arc::clone(&self.state))))
    }

    pub async fn fetch(&self, ask: Ask) -> Fetched {
        self.forget_cache();
        let tokens = self.tokens();
        measure::fetch(&self.office, self.outside.as_ref(), &tokens, &self.pager, &profile(), ask).await.unwrap()
    }

    pub fn pages(&self) -> Vec<Page> {
        self.pager.0.lock().unwrap().clone()
    }

    /// Reads whose path begins so.
    pub fn count(&self, path: &str) -> usize {
        self.site.asked().iter().filter(|asked| asked.path.starts_with(path) && asked.method == "GET").count()
    }

    pub fn posts(&self, path: &str) -> usize {
        self.site.asked().iter().filter(|asked| asked.path == path && asked.method == "POST").count()
    }
}

fn answer(state: &Mutex<State>, asked: &Asked) -> Reply {
    let mut state = state.lock().unwrap();
    let has = |fault: Fault| state.faults.contains(&fault);
    if asked.path == "/token" {
        if has(Fault::InvalidGrant) {
            return Reply::json(&json!({"error": "invalid_grant", "error_description": "Token has been revoked."}))
                .with_status(400);
        }
        return Reply::json(&json!({"access_token": "canary-of-access", "expires_in": 3600}));
    }
    if asked.header("authorization") != Some("Bearer canary-of-access") {
        return Reply::status(401);
    }
    if let Err(why) = contract(asked) {
        return Reply::json(&json!({"error": {"code": 400, "message": why}})).with_status(400);
    }
    let analytics = asked.path.starts_with("/v2/");
    if analytics {
        for (fault, reply) in [
            (Fault::Html, Reply::html("<!DOCTYPE html><p>later</p>")),
            (Fault::Failing, Reply::status(503)),
            (Fault::Throttled, Reply::too_many("2")),
            (Fault::Forbidden, Reply::status(403)),
        ] {
            if has(fault) {
                return reply;
            }
        }
    }
    if has(Fault::Busy) && state.seen.insert(format!("{}?{}", asked.path, asked.query)) {
        return Reply::too_many("2");
    }
    if analytics { figures(&state, asked) } else { reach(&mut state, asked) }
}

fn parameters(asked: &Asked) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(asked.query.as_bytes()).into_owned().collect()
}

/// Refuses what the discovery documents do not know.
fn contract(asked: &Asked) -> Result<(), String> {
    let text = if asked.path.starts_with("/v2/") {
        include_str!("../../data/youtube/youtubeAnalytics.v2.subset.json")
    } else {
        include_str!("../../data/youtube/youtubereporting.v1.subset.json")
    };
    let document: Value = serde_json::from_str(text).unwrap();
    let mut methods = Vec::new();
    let mut open = vec![&document["resources"]];
    while let Some(resources) = open.pop() {
        for resource in resources.as_object().into_iter().flatten().map(|(_, resource)| resource) {
            methods.extend(resource["methods"].as_object().into_iter().flatten().map(|(_, method)| method));
            open.push(&resource["resources"]);
        }
    }
    let fits = |method: &&&Value| {
        let path = method["path"].as_str().unwrap_or_default();
        let (want, have): (Vec<_>, Vec<_>) =
            (path.split('/').collect(), asked.path.trim_start_matches('/').split('/').collect());
        let open_end = path.contains("{+");
        method["httpMethod"] == asked.method.as_str()
            && (want.len() == have.len() || open_end && have.len() >= want.len())
            && want.iter().zip(&have).all(|(want, have)| want.starts_with('{') || want == have)
    };
    let method = methods.iter().find(fits).ok_or_else(|| format!("no method {} {}", asked.method, asked.path))?;
    let query = parameters(asked);
    for name in query.keys() {
        let known = method["parameters"].get(name).or_else(|| document["parameters"].get(name));
        known.ok_or_else(|| format!("no parameter {name}"))?;
    }
    let required = method["parameters"].as_object().into_iter().flatten();
    let mut required = required.filter(|(_, about)| about["required"] == true && about["location"] == "query");
    match required.find(|(name, _)| !query.contains_key(*name)) {
        Some((name, _)) => Err(format!("{name} is missing")),
        None => Ok(()),
    }
}

fn figures(state: &State, asked: &Asked) -> Reply {
    let query = parameters(asked);
    let of = |name: &str| query.get(name).map(String::as_str);
    let metrics: Vec<&str> = of("metrics").unwrap().split(',').collect();
    if metrics == ["estimatedRevenue"] && state.faults.contains(&Fault::NoMoney) {
        return Reply::json(&json!({"error": {"code": 403, "message": "Forbidden"}})).with_status(403);
    }
    let video = of("filters").and_then(|filters| filters.strip_prefix("video=="));
    let day = |name: &str| of(name).unwrap().parse::<Date>().unwrap();
    let last = if state.faults.contains(&Fault::Late) { until().saturating_sub(2.days()) } else { until() };
    let first = video.and_then(|video| state.published.get(video)).map_or(day("startDate"), |day| *day);
    let from = day("startDate").max(first);
    let to = day("endDate").min(last);
    let views = if state.faults.contains(&Fault::Revised) { 107.0 } else { 100.0 };
    let value = |metric: &str, days: f64| match metric {
        "views" => json!(views * days),
        "engagedViews" => json!(80.0 * days),
        "estimatedMinutesWatched" => json!(240.0 * days),
        "averageViewDuration" => json!(144),
        "averageViewPercentage" => json!(41.5),
        "estimatedRevenue" => json!(0.4),
        _ => json!(1),
    };
    let headers = |dimension: Option<&str>| -> Vec<Value> {
        dimension.into_iter().chain(metrics.iter().copied()).map(|name| json!({"name": name})).collect()
    };
    let rows: Vec<Value> = match of("dimensions") {
        Some("elapsedVideoTimeRatio") => {
            let left = if video.is_some_and(|video| state.weak.contains(video)) { 0.3 } else { 0.7 };
            // Thirty of two hundred seconds lie at 0.15.
            [(0.01, 1.1), (0.15, left), (1.0, 0.2)].map(|(at, share)| json!([at, share])).to_vec()
        }
        Some("day") => {
            let days = std::iter::successors(Some(from), |day| Some(day.saturating_add(1.days())));
            let row = |day: Date| {
                let cells = metrics.iter().map(|metric| value(metric, 1.0));
                Value::Array(std::iter::once(json!(day.to_string())).chain(cells).collect())
            };
            days.take_while(|day| *day <= to).map(row).collect()
        }
        None => {
            let days = f64::from(from.until(to).unwrap().get_days() + 1);
            vec![Value::Array(metrics.iter().map(|metric| value(metric, days)).collect())]
        }
        Some(other) => return Reply::json(&json!({"error": {"message": other}})).with_status(400),
    };
    let mut table = json!({"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers(of("dimensions"))});
    // Left out when there is nothing, as the contract says.
    if !rows.is_empty() {
        table["rows"] = Value::Array(rows);
    }
    Reply::json(&table)
}

fn reach(state: &mut State, asked: &Asked) -> Reply {
    let days = [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)];
    if asked.path == "/v1/jobs" {
        if asked.method == "POST" {
            let body: Value = serde_json::from_slice(&asked.body).unwrap();
            assert_eq!(body["reportTypeId"], "channel_reach_basic_a1");
            state.made_job = true;
            return Reply::json(&json!({"id": "job-1", "reportTypeId": "channel_reach_basic_a1"}));
        }
        let job = json!({"id": "job-1", "reportTypeId": "channel_reach_basic_a1"});
        return Reply::json(&if state.made_job { json!({"jobs": [job]}) } else { json!({}) });
    }
    if asked.path.ends_with("/reports") {
        let report = |(n, day): (usize, &Date)| {
            json!({
                "id": format!("r{n}"), "jobId": "job-1", "startTime": format!("{day}T08:00:00Z"),
                "createTime": format!("{}T08:00:00Z", day.saturating_add(2.days())),
                "downloadUrl": format!("https://youtubereporting.googleapis.com/v1/media/CHANNEL/r{n}"),
            })
        };
        return Reply::json(&json!({"reports": days.iter().enumerate().map(report).collect::<Vec<_>>()}));
    }
    let n: usize = asked.path.rsplit('r').next().unwrap().parse().unwrap();
    let mut csv = "date,channel_id,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr\n".to_owned();
    for video in state.published.keys() {
        let day = days[n].strftime("%Y%m%d").to_string();
        csv.push_str(&format!("{day},c,{video},2000,0.04\n{day},c,{video},1000,0.055\n"));
    }
    if n == 2 && state.faults.contains(&Fault::TruncatedCsv) {
        csv.truncate(csv.len() - 4);
    }
    Reply::bytes("text/csv", csv)
}
