//! A channel with one finished film, and a publisher that is killed at any await until its work is done.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use proofreel_model::channel;
use proofreel_model::digest::{BlobRef, Digest, canonical_json};
use proofreel_model::ids::ChannelId;
use proofreel_model::stage::StageName;
use proofreel_ports::{Blobs, Clock, Outside, Records, VideoHost};
use proofreel_providers::youtube::{Tokens, YouTube};
use proofreel_publishing::{
    ApprovalWay, Candidate, Desk, Governance, Ledger, Outcome, Publication, PublishError, PublishState, Publisher,
    Step, Terms, audit,
};
use serde_json::json;

use super::doubles::{Bug, Doubled, DoubledBlobs, DoubledRecords};
use super::finished;
use super::line::{Keys, Line, Weather, one_in};
use super::server::{Server, Video};
use crate::fakes::{Memory, World};

/// 2026-11-22T12:00:00Z, milliseconds.
const NOON_MS: i64 = 1_795_348_800_000;
/// The smallest chunk that the contract allows.
pub const CHUNK: u64 = 256 * 1024;
/// Processes that may die before the weather clears.
const STORMY_PROCESSES: u32 = 25;
/// Processes altogether: a run that needs more never ends.
const MOST_PROCESSES: u32 = 400;
/// The longest jump of the clock forward and back, and an outage, milliseconds.
const FORWARD_MS: i64 = 3_600_000;
const BACK_MS: i64 = 120_000;
const OUTAGE_MS: i64 = 8 * 86_400_000;
/// Where the fake lies.
const ROOT: &str = "https://youtube.test";

/// The channel's file.
const PROFILE: &str = "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"data\"]\n[publishing]\nmade_for_kids = false\nplaylist = \"PLgold\"\n";

/// What a drill is about.
#[derive(Clone, Copy, Debug)]
pub struct Drill {
    /// Feeds everything.
    pub seed: u64,
    /// Length of the video, bytes.
    pub bytes: usize,
    /// Faults on the way.
    pub weather: Weather,
    /// One process in so many is killed; 0: none.
    pub killed: u32,
    /// A planted bug.
    pub bug: Option<Bug>,
}

/// A film of a run, its bytes in the blobs.
pub struct Stage {
    /// Storage and clock.
    pub memory: Memory,
    /// The way to the host.
    pub line: Line,
    /// The run.
    pub candidate: Candidate,
    video: Vec<u8>,
    thumbnail: Vec<u8>,
    captions: Vec<u8>,
    drill: Drill,
    chunk: u64,
    way: Option<(String, Arc<dyn Outside>)>,
}

/// How a drill ended.
#[derive(Debug)]
pub struct Ended {
    /// The row.
    pub row: Publication,
    /// Processes that were needed.
    pub processes: u32,
    /// Kills among them.
    pub kills: u32,
    /// Kills after the upload was done and before the row said so.
    pub unrecorded: u32,
    /// Times that everything was away.
    pub outages: u32,
}

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut bytes = vec![0; length];
    dice.fill(&mut bytes);
    bytes
}

impl Stage {
    /// Everything ready, nothing approved.
    pub fn set(drill: Drill) -> Self {
        let memory = Memory::of(World::at(NOON_MS));
        let server = Server { duration_ms: 150_200, ..Server::default() };
        let line = Line::new(server, drill.weather, drill.seed ^ 0xfeed, memory.clone());
        Self::with(drill, memory, line)
    }

    /// Another film of the same channel, at the same host.
    #[must_use]
    pub fn beside(&self, drill: Drill) -> Self {
        Self::with(drill, self.memory.clone(), self.line.clone())
    }

    fn with(drill: Drill, memory: Memory, line: Line) -> Self {
        let (video, thumbnail) = (noise(drill.seed, drill.bytes), noise(drill.seed + 1, 300));
        let captions = format!("1\n00:00:00,000 --> 00:00:02,000\nGold, take {}\n", drill.seed).into_bytes();
        let file = |name: &str, kind: &str, bytes: &[u8]| {
            let digest = Digest::of(bytes);
            memory.change(|world| drop(world.blobs.insert(format!("file/{digest}").into(), bytes.into())));
            json!({"name": name, "media_type": kind, "digest": digest, "bytes": bytes.len()})
        };
        let files = [
            file("video.mp4", "video/mp4", &video),
            file("captions.srt", "application/x-subrip", &captions),
            file("thumbnail-1.png", "image/png", &thumbnail),
        ];
        let (title, about) = (format!("Gold, take {}", drill.seed), "0:00 Gold\n\nSources: the bank");
        let film = finished::film(&files, 150_200, &title, about, &["gold", "gold price"]);
        let channel = channel::parse("demo.toml", PROFILE).expect("a channel");
        let candidate = finished::finished(channel, &format!("run-{}", drill.seed), film);
        Self { memory, line, candidate, video, thumbnail, captions, drill, chunk: CHUNK, way: None }
    }

    /// The same, sent in chunks of so many bytes.
    #[must_use]
    pub fn in_chunks_of(self, chunk: u64) -> Self {
        Self { chunk, ..self }
    }

    /// The same with the host at another address, over another way there.
    #[must_use]
    pub fn over(self, root: String, outside: Arc<dyn Outside>) -> Self {
        Self { way: Some((root, outside)), ..self }
    }

    /// The rows, as a process sees them.
    pub fn ledger(&self) -> Ledger {
        Ledger::new(self.records(), Arc::new(self.memory.clone()))
    }

    fn records(&self) -> Arc<dyn Records> {
        match self.drill.bug {
            Some(bug) => {
                let forged = || json!(Self::set(Drill { bug: None, ..self.drill }).approve());
                Arc::new(DoubledRecords::of(self.memory.clone(), bug, forged))
            }
            None => Arc::new(self.memory.clone()),
        }
    }

    /// A new process with a publisher.
    pub fn publisher(&self) -> Publisher {
        let blobs: Arc<dyn Blobs> = Arc::new(DoubledBlobs::of(self.memory.clone(), self.drill.bug));
        Publisher::new(self.ledger(), self.host(), blobs).with_chunk(self.chunk)
    }

    /// The host, as a new process reaches it.
    pub fn host(&self) -> Arc<dyn VideoHost> {
        let (root, outside) = self.way.clone().unwrap_or_else(|| (ROOT.to_owned(), Arc::new(self.line.clone())));
        let tokens = Tokens::at(&format!("{root}/token"), Arc::new(Keys));
        let clock: Arc<dyn Clock> = Arc::new(self.memory.clone());
        let youtube = YouTube::at(&root, outside, clock, tokens, ChannelId::from("demo"));
        match self.drill.bug {
            Some(bug) => Arc::new(Doubled::of(youtube, bug)),
            None => Arc::new(youtube),
        }
    }

    /// The run as a finished chain leaves it in the stores, and its channel's file in the bucket.
    #[must_use]
    pub fn deployed(self) -> Self {
        let store = |what: &str, bytes: Vec<u8>| {
            let blob = BlobRef::to(what, &bytes);
            self.memory.change(|world| drop(world.blobs.insert(blob.key.clone().into(), bytes.into())));
            blob
        };
        let json = |value: &serde_json::Value| serde_json::to_vec(value).expect("JSON");
        let mut order = json!(crate::rehearsal::order());
        order["channel"] = json!(self.candidate.channel);
        let mut head = self.candidate.head.clone();
        head.order = store("order", json(&order));
        let film = store("artifact", canonical_json(&self.candidate.film).expect("JSON"));
        head.artifacts.insert(StageName::Render, film);
        head.artifacts.insert(StageName::Qa, store("artifact", json(&json!(self.candidate.qa))));
        let key = (format!("run#{}", head.run_id).into(), "head".into());
        self.memory.change(|world| {
            world.records.insert(key, Arc::new(json!(head)));
            world.blobs.insert("channels/demo.toml".into(), PROFILE.as_bytes().into());
        });
        self
    }

    /// A person approves, at the machine.
    pub fn approve(&self) -> Publication {
        let terms = Terms {
            who: "anna".into(),
            at_the_machine: true,
            way: ApprovalWay::Command,
            code: self.candidate.film_digest.0[..8].into(),
            visibility: None,
            publish_at: None,
            override_reason: None,
        };
        let desk = Desk::new(Ledger::new(Arc::new(self.memory.clone()), Arc::new(self.memory.clone())));
        run(desk.approve(&self.candidate, &terms, &Governance::Unmeasured)).expect("approved")
    }

    /// One process, which dies at this poll, or goes as far as it can; nothing when it died.
    pub fn once(&self, dies_at: Option<u32>) -> Option<Result<Outcome, PublishError>> {
        let publisher = self.publisher();
        run(until_poll(publisher.publish(&self.candidate, &Governance::Unmeasured), dies_at))
    }

    /// The row as it is now.
    pub fn row(&self) -> Publication {
        let found = run(self.ledger().of(&self.candidate.channel.id, &self.candidate.head.run_id));
        found.expect("rows").expect("a row")
    }

    /// Processes that die at these polls, one after the other, and then as many as it takes until the film rests. Gives the row,
    /// and for each death whether it came to it.
    pub fn play_dying(&self, deaths: &[u32]) -> Result<(Publication, Vec<bool>), String> {
        let mut died = Vec::new();
        for process in 0..MOST_PROCESSES as usize {
            let dies_at = deaths.get(process).copied();
            let ended = self.once(dies_at);
            died.extend(dies_at.map(|_| ended.is_none()));
            match ended {
                None => self.memory.pass(1000),
                Some(Ok(Outcome::Rests(row))) => return Ok((*row, died)),
                Some(Ok(Outcome::Waits { until, .. })) => {
                    self.memory.pass((until.as_millisecond() - self.memory.now().as_millisecond()).max(1000));
                }
                Some(Err(error)) if error.is_retryable() || matches!(error, PublishError::Host(_)) => {
                    self.memory.pass(30_000);
                }
                Some(Err(error)) => return Err(error.to_string()),
            }
        }
        Err(format!("no end after {MOST_PROCESSES} processes"))
    }

    /// Processes, one after the other, until the film rests. Each is killed or not, as the seed says.
    pub fn play(&self) -> Result<Ended, String> {
        run(self.play_on())
    }

    /// The same on whatever runtime polls it.
    pub async fn play_on(&self) -> Result<Ended, String> {
        let mut dice = fastrand::Rng::with_seed(self.drill.seed ^ 0x0d1e);
        let mut sky = fastrand::Rng::with_seed(self.drill.seed ^ 0x0515);
        let (mut kills, mut unrecorded, mut outages, mut last) = (0, 0, 0, String::new());
        for process in 1..=MOST_PROCESSES {
            if process == STORMY_PROCESSES {
                self.line.turn(Weather::default());
            }
            let publisher = self.publisher();
            let stormy = process < STORMY_PROCESSES;
            if stormy {
                outages += self.time_goes(&mut sky, outages == 0);
            }
            let dies_at =
                (stormy && self.drill.killed > 0 && dice.u32(0..self.drill.killed) == 0).then(|| dice.u32(0..160));
            let ended = until_poll(publisher.publish(&self.candidate, &Governance::Unmeasured), dies_at).await;
            let now = self.memory.now();
            match ended {
                None => {
                    kills += 1;
                    unrecorded += u32::from(self.is_unrecorded());
                    self.memory.pass(1000);
                }
                Some(Ok(Outcome::Rests(row))) => {
                    return Ok(Ended { row: *row, processes: process, kills, unrecorded, outages });
                }
                Some(Ok(Outcome::Waits { until, why })) => {
                    last = why;
                    self.memory.pass((until.as_millisecond() - now.as_millisecond()).max(1000));
                }
                Some(Err(error)) => {
                    last = error.to_string();
                    let waits = error.is_retryable() || matches!(error, PublishError::Host(_));
                    if !waits {
                        return Err(last);
                    }
                    self.memory.pass(30_000);
                }
            }
        }
        Err(format!("no end after {MOST_PROCESSES} processes: {last}"))
    }

    /// True when the video is there and its row still waits for it.
    fn is_unrecorded(&self) -> bool {
        let (channel, run) = (&self.candidate.channel.id, &self.candidate.head.run_id);
        let key: (Arc<str>, Arc<str>) = (format!("publication#{channel}").into(), run.as_str().into());
        let waits = self.memory.look(|world| {
            world.records.get(&key).is_some_and(|row| matches!(row["step"].as_str(), Some("session" | "bytes")))
        });
        waits && self.line.server(|server| !server.videos.is_empty())
    }

    /// What the clock does between two processes, and the outages among it: not a second one, for an approval lasts fourteen days.
    fn time_goes(&self, sky: &mut fastrand::Rng, may_be_away: bool) -> u32 {
        let Weather { jumps, away, .. } = self.drill.weather;
        if one_in(sky, jumps) {
            self.memory.pass(if sky.f64() < 0.2 { -sky.i64(0..BACK_MS) } else { sky.i64(0..FORWARD_MS) });
        }
        let is_away = may_be_away && one_in(sky, away);
        if is_away {
            self.memory.pass(OUTAGE_MS);
            self.line.server(Server::forget_sessions);
        }
        u32::from(is_away)
    }

    /// What must hold whatever happened: at most one video, nothing shown that nobody approved, no breach of the contract, an
    /// audit chain without a gap.
    pub fn always(&self) -> Result<(), String> {
        let (videos, breaches) = self.line.server(|server| (server.videos.clone(), server.breaches.clone()));
        if videos.len() > 1 {
            return Err(format!("{} videos: published twice", videos.len()));
        }
        if let Some(breach) = breaches.first() {
            return Err(format!("breach of the contract: {breach}"));
        }
        let links = run(audit::links(&self.memory, None)).map_err(|error| error.to_string())?;
        let approved = links.iter().any(|link| link.deed.what == "approve");
        if !approved && videos.values().any(|video| video.was.iter().any(|was| was != "private")) {
            return Err("shown, and nobody approved it".into());
        }
        let verdict = run(audit::verify(&self.memory, None)).map_err(|error| error.to_string())?;
        verdict.faults.first().map_or(Ok(()), |fault| Err(format!("the audit chain: {fault}")))
    }

    /// What must hold of a published film: this very video, its texts, its extras once each, shown as approved.
    pub fn published(&self, row: &Publication) -> Result<(), String> {
        self.always()?;
        if row.state != PublishState::Published {
            return Err(format!("it is {:?}: {:?}", row.state, row.problem));
        }
        if let [open, ..] = run(self.ledger().open()).map_err(|error| error.to_string())?.as_slice() {
            return Err(format!("published, and still among those under way: {open:?}"));
        }
        let videos: Vec<(String, Video)> = self.line.server(|server| server.videos.clone()).into_iter().collect();
        let [(id, video)] = videos.as_slice() else { return Err(format!("{} videos", videos.len())) };
        if row.step != (Step::Public { video: proofreel_ports::VideoId(id.clone()) }) {
            return Err(format!("the row says {:?}", row.step));
        }
        let metadata = &self.candidate.film.metadata;
        let snippet = &video.resource["snippet"];
        let status = &video.resource["status"];
        let checks = [
            ("bytes", video.bytes == self.video),
            ("thumbnail", video.thumbnail == self.thumbnail),
            ("captions", video.captions == [("en".to_owned(), self.captions.clone())]),
            ("title", snippet["title"] == metadata.title.as_str()),
            ("description", snippet["description"] == metadata.description.as_str()),
            ("tags", snippet["tags"] == json!(metadata.tags)),
            ("category", snippet["categoryId"] == "27"),
            ("privacy", status["privacyStatus"] == "public"),
            ("order: shown before all was checked", shown_last(&video.was)),
            ("made for kids", status["selfDeclaredMadeForKids"] == false),
            ("synthetic", status["containsSyntheticMedia"] == true),
            ("embeddable", status["embeddable"] == true),
            ("playlist", self.line.server(|server| server.playlists.clone()) == [("PLgold".to_owned(), id.clone())]),
        ];
        checks.iter().find(|(_, holds)| !holds).map_or(Ok(()), |(what, _)| Err(format!("wrong {what}")))
    }
}

/// Private until it was made public, and then never anything else.
fn shown_last(was: &[String]) -> bool {
    was.first().is_some_and(|first| first == "private")
        && was.iter().skip_while(|was| *was == "private").all(|was| was == "public")
}

/// Polls a future until it is done, or drops it at its poll of this number: a process that dies in the middle.
async fn until_poll<F: Future>(future: F, dies_at: Option<u32>) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut polls = 0;
    std::future::poll_fn(|context| {
        if dies_at == Some(polls) {
            return Poll::Ready(None);
        }
        polls += 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

/// Runs a future that only gives way.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
    }
}
