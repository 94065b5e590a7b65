//! Publishing on a YouTube that fails wherever it may: one video each, the right one, whatever breaks.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on may stop

use std::sync::atomic::{AtomicU64, Ordering};

use proofreel_publishing::{Governance, Outcome, PublishState, Step};
use proofreel_tests::youtube::doubles::Bug;
use proofreel_tests::youtube::line::Weather;
use proofreel_tests::youtube::stage::{CHUNK, Drill, Ended, Stage, run};

#[path = "publishing/points.rs"]
mod points;

/// Lengths around every border that a chunk, a resumed upload or a last byte can have.
fn lengths() -> Vec<usize> {
    let chunk = CHUNK as usize;
    let borders = [1, chunk - 1, chunk, chunk + 1, 2 * chunk - 1, 2 * chunk, 2 * chunk + 1, 3 * chunk - 1];
    // Four of five are short: they meet every answer but "go on", and cost nothing.
    let short = [1, 2, 255, 1024, 4095];
    borders.into_iter().chain(std::iter::repeat_n(short, 6).flatten()).collect()
}

fn drill(seed: u64) -> Drill {
    let lengths = lengths();
    let bytes = lengths[seed as usize % lengths.len()];
    Drill { seed, bytes, weather: Weather::storm(), killed: 2, bug: None }
}

/// `PROOFREEL_SEED=n` plays one again.
fn seeds(most: u64) -> std::ops::Range<u64> {
    match std::env::var("PROOFREEL_SEED").ok().and_then(|seed| seed.parse::<u64>().ok()) {
        Some(seed) => seed..seed + 1,
        None => 0..most,
    }
}

/// Plays seeds on all processors; the first thing that went wrong, with its seed.
fn play(most: u64, one: impl Fn(u64) -> Result<(u32, u32), String> + Sync) -> Result<(u64, u64, u64), String> {
    let range = seeds(most);
    let hands = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let parts: Vec<Result<(u64, u64, u64), String>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..hands)
            .map(|hand| {
                let (range, one) = (range.clone(), &one);
                scope.spawn(move || {
                    let mut sums = (0, 0, 0);
                    for seed in range.filter(|seed| seed % hands == hand) {
                        let (processes, kills) = one(seed).map_err(|why| format!("PROOFREEL_SEED={seed}: {why}"))?;
                        sums = (sums.0 + 1, sums.1 + u64::from(processes), sums.2 + u64::from(kills));
                    }
                    Ok(sums)
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let mut sums = (0, 0, 0);
    for part in parts {
        let part = part?;
        sums = (sums.0 + part.0, sums.1 + part.1, sums.2 + part.2);
    }
    Ok(sums)
}

/// Uploads of each commit, beside the fifty thousand runs of the chain in `storm.rs`.
const UPLOADS: u64 = 5000;
/// More of them, in weather that loses sessions.
const LOSING: u64 = 800;
/// Runs of the chain of each commit.
const RUNS: u64 = 50_000;

/// What became of uploads.
#[derive(Debug)]
struct Uploads {
    kills: u64,
    /// Kills after the upload was done and before the row said so.
    unrecorded: u64,
    published: u64,
    parked: u64,
    outages: u64,
}

/// How many uploads a test plays: `usually` on each commit, the same part of `STORM_RUNS` where that is set.
fn uploads(usually: u64) -> u64 {
    let all = std::env::var("STORM_RUNS").ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(RUNS);
    (all * usually / RUNS).max(1)
}

/// Plays uploads in this weather and prints what `tests/bench/found.py` reads. Each must end published, or with a person asked
/// where `may_park`.
fn upload_all(about: &str, most: u64, weather: Weather, may_park: bool) -> Uploads {
    let began = std::time::Instant::now();
    let (parked, outages, unrecorded) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let (runs, processes, kills) = play(most, |seed| {
        let stage = Stage::set(Drill { weather, ..drill(seed) });
        stage.approve();
        let ended = stage.play()?;
        if may_park && matches!((&ended.row.state, &ended.row.step), (PublishState::Failed, Step::NeedsPerson { .. })) {
            stage.always()?;
            parked.fetch_add(1, Ordering::Relaxed);
        } else {
            stage.published(&ended.row)?;
        }
        outages.fetch_add(u64::from(ended.outages), Ordering::Relaxed);
        unrecorded.fetch_add(u64::from(ended.unrecorded), Ordering::Relaxed);
        Ok((ended.processes, ended.kills))
    })
    .unwrap();
    let (parked, outages, unrecorded) = (parked.into_inner(), outages.into_inner(), unrecorded.into_inner());
    let published = runs - parked;
    println!(
        "{runs} uploads, {about}: {processes} processes, {kills} killed, {unrecorded} between upload and record, {outages} outages, \
         {published} published, {parked} left to a person; {:.1} s",
        began.elapsed().as_secs_f64()
    );
    assert!(seeds(most).count() == 1 || runs == most, "{runs} of {most} uploads");
    Uploads { kills, unrecorded, published, parked, outages }
}

#[test]
fn five_thousand_uploads_with_crashes_give_one_video_each() {
    let most = uploads(UPLOADS);
    let all = upload_all("sessions kept", most, Weather::storm(), false);
    let enough = all.kills > most * 2 / 5 && all.unrecorded > most / 500;
    assert!(seeds(most).count() == 1 || enough, "{all:?} of {most}");
}

#[test]
fn uploads_whose_session_is_lost_are_found_by_their_marker_or_left_to_a_person_and_never_begun_anew() {
    let most = uploads(LOSING);
    let all = upload_all("sessions lost", most, Weather::losing_sessions(), true);
    let enough = [all.published, all.parked, all.outages].iter().all(|some| *some > most / 16);
    assert!(seeds(most).count() == 1 || enough, "{all:?} of {most}");
}

#[test]
fn without_faults_it_takes_one_insert_and_the_units_that_the_plan_says() {
    let stage = Stage::set(Drill { weather: Weather::default(), killed: 0, bytes: 1000, ..drill(3) });
    let edition = stage.candidate.edition(proofreel_model::channel::Visibility::Public, None).unwrap();
    let file = proofreel_ports::VideoFile { bytes: 1000, media_type: "video/mp4".into() };
    let plan = stage.host().plan(&proofreel_publishing::card_of(&edition), &file, true, true);
    let publisher = stage.publisher();
    stage.approve();
    // One process, as with `proofreel publish`: it has one token, and waits until the video is processed.
    let row = loop {
        match run(publisher.publish(&stage.candidate, &Governance::Unmeasured)).unwrap() {
            Outcome::Rests(row) => break *row,
            Outcome::Waits { until, .. } => {
                stage.memory.pass(until.as_millisecond() - proofreel_ports::Clock::now(&stage.memory).as_millisecond());
            }
        }
    };
    stage.published(&row).unwrap();
    let (inserts, units, asked) =
        stage.line.server(|server| (server.calls["videos.insert"], server.units, server.asked.clone()));
    // Request for request what `--dry-run` prints, but for how often it is looked whether the video is processed.
    let looks = plan.iter().find(|planned| planned.what.starts_with("look until")).unwrap();
    let once = |list: Vec<String>| {
        let mut list = list;
        list.dedup_by(|next, before| next == before && *next == looks.request);
        list
    };
    let planned =
        plan.iter().flat_map(|planned| vec![planned.request.clone(); usize::try_from(planned.times).unwrap()]);
    assert_eq!(once(asked.clone()), once(planned.collect()));
    let more = asked.iter().filter(|asked| **asked == looks.request).count() as u64 - looks.times - 1;
    let cost = |bucket: &str| {
        let rows = plan.iter().filter(|planned| planned.bucket.contains(bucket));
        rows.map(|planned| planned.cost * planned.times).sum::<u64>()
    };
    assert_eq!((cost("10,000") + more * looks.cost, cost("videos.insert")), (units, inserts));
    let was = stage.line.server(|server| server.videos.values().next().unwrap().was.clone());
    assert_eq!(was, ["private", "public"]);
}

#[test]
fn a_locked_project_is_told_as_such_and_not_as_published() {
    let stage = Stage::set(Drill { weather: Weather::default(), killed: 0, ..drill(4) });
    stage.line.server(|server| server.locked = true);
    stage.approve();
    let row = stage.play().unwrap().row;
    assert_eq!(row.state, PublishState::PublishLocked);
    assert!(row.problem.unwrap().contains("yt_api_form"));
    assert_eq!(stage.line.server(|server| server.calls["videos.update"]), 1, "asked once, not again and again");
}

#[test]
fn a_truncated_video_stays_private_and_waits_for_a_person() {
    let stage = Stage::set(Drill { weather: Weather::default(), killed: 0, ..drill(5) });
    stage.line.server(|server| server.duration_ms = 90_000);
    stage.approve();
    let row = stage.play().unwrap().row;
    assert_eq!(row.state, PublishState::Failed);
    assert!(row.problem.unwrap().contains("90000 ms long instead of 150200"));
    assert_eq!(stage.line.server(|server| server.videos.values().next().unwrap().was.clone()), ["private"]);
}

#[test]
fn nothing_is_sent_before_somebody_approved_and_nothing_after_the_approval_is_void() {
    let stage = Stage::set(Drill { weather: Weather::default(), killed: 0, ..drill(6) });
    assert!(stage.play().unwrap_err().contains("nobody approved it"));
    stage.approve();
    // The store's bytes change under their name.
    let digest = stage.candidate.film.files[0].digest.clone();
    stage
        .memory
        .change(|world| drop(world.blobs.insert(format!("file/{digest}").into(), b"another film".as_slice().into())));
    assert!(stage.play().unwrap_err().contains("not what was approved"));
    // The film is another one than that approved.
    let mut stage = Stage::set(Drill { weather: Weather::default(), killed: 0, ..drill(7) });
    stage.approve();
    stage.candidate.film.metadata.title.push('!');
    stage.candidate.film_digest = proofreel_model::digest::Digest::of(b"another artifact");
    assert!(stage.play().unwrap_err().contains("not what was approved"));
    assert!(stage.play().unwrap_err().contains("nobody approved it as it is"), "the approval is void");
    assert_eq!(stage.line.server(|server| server.calls.len()), 0, "and YouTube was never asked");
}

/// What people and publisher do in the drill of this seed, and what is wrong afterwards.
type Deeds = fn(&Stage, u64) -> Result<(), String>;

/// A person approves, and then the film is published.
fn approved_first(stage: &Stage, _: u64) -> Result<(), String> {
    stage.approve();
    judged(stage, stage.play())
}

/// The publisher is called before anybody approved, as often as the seed says, if at all.
fn approved_late(stage: &Stage, seed: u64) -> Result<(), String> {
    for _ in 0..fastrand::Rng::with_seed(seed).u32(0..40) {
        drop(stage.once(None));
        stage.memory.pass(60_000);
    }
    stage.always()?;
    if stage.line.exchanges() > 0 {
        return Err("YouTube was asked, and nobody approved it".into());
    }
    approved_first(stage, seed)
}

/// Whoever hears that nobody approved it approves it again.
fn approved_whenever_asked(stage: &Stage, _: u64) -> Result<(), String> {
    for _ in 0..8 {
        stage.approve();
        match stage.play() {
            Err(why) if why.contains("nobody approved it") => stage.always()?,
            outcome => return judged(stage, outcome),
        }
    }
    Ok(())
}

/// Nothing is there twice whatever happened, and what is published is right.
fn judged(stage: &Stage, outcome: Result<Ended, String>) -> Result<(), String> {
    stage.always()?;
    let ended = outcome?;
    if ended.row.state == PublishState::Published { stage.published(&ended.row) } else { Ok(()) }
}

/// The first of so many seeds with something wrong that is said in these words.
fn first_seed(seeds: u64, said: &str, one: impl Fn(u64) -> Result<(), String>) -> Option<String> {
    (0..seeds).find_map(|seed| {
        let why = one(seed).err().filter(|why| why.contains(said))?;
        Some(format!("seed {seed}: {}", why.lines().next().unwrap_or_default()))
    })
}

/// The checker checks: every planted bug is found, and soon. `tests/bench/found.py` reads what is printed.
#[test]
fn planted_bugs_are_found_by_seed() {
    let (fair, storm, losing) = (Weather::default(), Weather::storm(), Weather::losing_sessions());
    let plants: [(Bug, Weather, Deeds, &str); 6] = [
        (Bug::SessionSavedLate, storm, approved_first, "published twice"),
        (Bug::InsertRetried, storm, approved_first, "published twice"),
        (Bug::GoneRestarts, losing, approved_first, "published twice"),
        (Bug::DigestNotCompared, fair, approved_first, "wrong bytes"),
        (Bug::ApprovalSkipped, storm, approved_late, "nobody approved it"),
        (Bug::LedgerForgets, storm, approved_whenever_asked, "published twice"),
    ];
    for (bug, weather, deeds, said) in plants {
        let play = |bug: Option<Bug>, seed: u64| deeds(&Stage::set(Drill { bug, weather, ..drill(seed) }), seed);
        let found = first_seed(600, said, |seed| play(Some(bug), seed));
        println!("{bug:?}: {}", found.unwrap_or_else(|| panic!("{bug:?} went unnoticed")));
        assert_eq!(first_seed(50, "", |seed| play(None, seed)), None, "without {bug:?} nothing is found");
    }
}

/// Calls over the one client, without a governor: its quotas are of days, and this is a drill of minutes.
struct Plain(proofreel_web::Client);

#[async_trait::async_trait]
impl proofreel_ports::Outside for Plain {
    async fn call(
        &self,
        call: &proofreel_ports::Call,
        _: proofreel_ports::Judge<'_>,
    ) -> Result<proofreel_ports::Answer, proofreel_ports::CallError> {
        let answer = proofreel_ports::Web::send(&self.0, &call.request).await;
        let answer =
            answer.map_err(|source| proofreel_ports::CallError::Web { provider: call.provider.clone(), source })?;
        let (fetched_at, digest) = (jiff::Timestamp::UNIX_EPOCH, proofreel_model::digest::Digest::of(&[]));
        Ok(proofreel_ports::Answer { answer, fetched_at, cached: false, stale: false, digest })
    }
}

/// The request that came over HTTP, as the fake takes it.
fn request_of(asked: &proofreel_tests::site::Asked, root: &str) -> proofreel_ports::WebRequest {
    use proofreel_ports::{Method, Secret, WebRequest};
    let session = asked.path.starts_with("/session/");
    let query = if session || asked.query.is_empty() { String::new() } else { format!("?{}", asked.query) };
    let mut request = WebRequest::get(format!("{root}{}{query}", asked.path));
    request.method = match asked.method.as_str() {
        "POST" => Method::Post,
        "PUT" => Method::Put,
        _ => Method::Get,
    };
    request.headers.clone_from(&asked.headers);
    request.secret_headers =
        asked.header("authorization").map(|value| ("authorization".into(), Secret::new(value))).into_iter().collect();
    if let Some(id) = asked.parameter("upload_id").filter(|_| session) {
        request.secret_query.push(("upload_id".into(), Secret::new(id)));
    }
    request.body.clone_from(&asked.body);
    if asked.path == "/token" {
        // On the wire all fields of a form lie in its body; the fake wants to see which of them travelled as secrets.
        let open = ["client_id", "grant_type", "redirect_uri"];
        let fields = url::form_urlencoded::parse(&asked.body).into_owned();
        let (plain, secret): (Vec<_>, Vec<_>) = fields.partition(|(name, _)| open.contains(&name.as_str()));
        request.body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(plain).finish().into_bytes();
        request.secret_form = secret.into_iter().map(|(name, value)| (name, Secret::new(value))).collect();
    }
    request
}

#[test]
fn over_http_it_is_the_same() {
    use proofreel_tests::site::{Reply, Site};
    use proofreel_tests::youtube::line::Line;
    use std::sync::{Arc, Mutex};

    let current: Arc<Mutex<Option<Line>>> = Arc::default();
    let lengthless: Arc<Mutex<Vec<String>>> = Arc::default();
    let (line, bare) = (Arc::clone(&current), Arc::clone(&lengthless));
    let site = Site::open(move |_, asked| {
        if asked.method == "PUT" && asked.header("content-length").is_none() {
            bare.lock().unwrap().push(format!("{} {}", asked.path, asked.header("content-range").unwrap_or_default()));
        }
        let line = line.lock().unwrap().clone().unwrap();
        let root = format!("http://{}", asked.header("host").unwrap_or_default());
        match line.exchange(&request_of(asked, &root)) {
            Err(_) => Reply::reset("{"),
            Ok(answer) => answer.headers.iter().fold(
                Reply::bytes("application/json", answer.body).with_status(answer.status),
                |reply, (name, value)| if name == "content-type" { reply } else { reply.header(name, value) },
            ),
        }
    });
    let root = site.url("").trim_end_matches('/').to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = proofreel_web::Client::new(&proofreel_web::Identity::default()).unwrap();
    let outside: Arc<dyn proofreel_ports::Outside> = Arc::new(Plain(client));
    for seed in 0..120 {
        let stage = Stage::set(drill(seed)).over(root.clone(), Arc::clone(&outside));
        *current.lock().unwrap() = Some(stage.line.clone());
        stage.approve();
        let ended = runtime.block_on(stage.play_on()).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
        stage.published(&ended.row).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
    assert_eq!(*lengthless.lock().unwrap(), Vec::<String>::new(), "YouTube wants a length with every PUT");
}
