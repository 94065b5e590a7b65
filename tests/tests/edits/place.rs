//! A finished episode of real stages, its film a few bytes long, in a world that can be copied.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use proofreel_model::channel;
use proofreel_model::digest::Digest;
use proofreel_model::film::Film;
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::policy::Policy;
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_operations::{ChannelFile, Channels, Office};
use proofreel_pipeline::{Chain, Driver, Owner, QueueNaming, Step, read_packages, run_head, store_packages};
use proofreel_ports::{Blobs, PortError};
use proofreel_publishing::Candidate;
use proofreel_stages::{Context, DynStage, Outcome, OutputFile, StageError};
use proofreel_tests::fakes::{Memory, World};
use proofreel_tests::rehearsal::Mute;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::OnceCell;

const CHANNEL: &str = "id = \"t\"\nname = \"Plain Figures\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"data\"]\n[publishing]\noperators = [\"ann\", \"bob\"]\napprovers = [\"ann\", \"bob\"]\nviewers = [\"vic\"]\ntwo_persons = true\n";

/// A render stage that writes the script's title into its film.
struct QuickRender;

#[async_trait]
impl DynStage for QuickRender {
    fn name(&self) -> StageName {
        StageName::Render
    }

    fn reads(&self) -> &'static [StageName] {
        &[StageName::Script, StageName::Qa]
    }

    async fn run_json(&self, input: Value, context: &Context<'_>) -> Result<Outcome<Value>, StageError> {
        let script: Script = serde_json::from_value(input["script"].clone()).unwrap();
        let bytes = input["script"].to_string().into_bytes();
        let path = context.scratch.join("video.mp4");
        std::fs::write(&path, &bytes).unwrap();
        let file =
            json!({"name": "video.mp4", "media_type": "video/mp4", "digest": Digest::of(&bytes), "bytes": bytes.len()});
        let film: Film = serde_json::from_value(json!({
            "format": "landscape", "duration_ms": 150_200, "voice": "v", "timeline": [], "words": [], "files": [file],
            "check": {"video_codec": "h264", "width": 1920, "height": 1080, "fps": 30.0, "audio_codec": "aac", "video_seconds": 150.2,
                "audio_seconds": 150.2, "loudness": {"integrated_lufs": -14.0, "true_peak_dbtp": -1.0}},
            "metadata": {"title": script.titles[0].text(), "title_variants": [], "description": "", "tags": [], "chapters": [],
                "pinned_comment": "", "language": "en", "contains_synthetic_media": true},
        }))
        .unwrap();
        let files = vec![OutputFile { name: "video.mp4".into(), path }];
        Ok(Outcome::Advance { output: serde_json::to_value(&film).unwrap(), files })
    }
}

struct NoFiles;

#[async_trait]
impl Channels for NoFiles {
    async fn files(&self) -> Result<Vec<ChannelFile>, PortError> {
        Ok(Vec::new())
    }
}

/// A process in a world with one finished episode.
pub struct Place {
    pub memory: Memory,
    pub office: Office,
    pub driver: Driver,
    pub run: RunId,
    _scratch: TempDir,
}

/// The world with its finished episode; made once a process.
async fn finished() -> &'static (World, RunId) {
    static MADE: OnceCell<(World, RunId)> = OnceCell::const_new();
    MADE.get_or_init(|| async {
        let place = Place::of(World::at(1_795_382_364_000), RunId::from("none"));
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
        let packages = read_packages(&["gold", "treasury-yield"].map(|name| data.join(name))).unwrap();
        let stored = store_packages(&place.memory as &dyn Blobs, &packages).await.unwrap();
        let mut channel = channel::parse("t.toml", CHANNEL).unwrap();
        channel.episode.target_seconds = 150;
        let order: Order = serde_json::from_value(json!({
            "channel": channel, "as_of": "2026-11-22", "seed": 5, "topic": "gold boom", "format": "landscape", "packages": stored,
        }))
        .unwrap();
        let run = place.driver.start(&order, None).await.unwrap();
        let head = Place { run: run.clone(), ..place }.work().await;
        assert_eq!(head.0.state, RunState::Done);
        (head.1, run)
    })
    .await
}

impl Place {
    /// A process where the episode is finished.
    pub async fn new() -> Self {
        let (world, run) = finished().await;
        Self::of(world.clone(), run.clone())
    }

    /// A process in this world.
    pub fn of(world: World, run: RunId) -> Self {
        Self::with(Memory::of(world), run)
    }

    /// A process with these faults.
    pub fn with(memory: Memory, run: RunId) -> Self {
        let scratch = TempDir::new().unwrap();
        let mut stages = proofreel_stages::chain();
        stages.retain(|stage| stage.name() != StageName::Render);
        stages.push(Box::new(QuickRender));
        let driver = Driver::new(memory.ports(), stages, Policy::embedded(), Arc::new(Mute), scratch.path().to_owned())
            .with_chain(Chain::default().with_queues(QueueNaming::PerRun))
            .with_owner(Owner::new("place"));
        let office = Office {
            records: Arc::new(memory.clone()),
            blobs: Arc::new(memory.clone()),
            clock: Arc::new(memory.clone()),
            channels: Arc::new(NoFiles),
        };
        Self { memory, office, driver, run, _scratch: scratch }
    }

    /// Works the run to its rest; the head, and the world then.
    pub async fn work(&self) -> (RunHead, World) {
        loop {
            match self.driver.step(&self.run).await.unwrap() {
                Step::Worked => self.memory.pass(1),
                Step::Waiting => assert!(self.memory.sleep().await, "a message is nowhere"),
                Step::Ended(head) => {
                    self.driver.drain(&self.run).await.unwrap();
                    return (*head, self.memory.snapshot());
                }
            }
        }
    }

    pub async fn head(&self) -> RunHead {
        run_head(self.office.records.as_ref(), &self.run).await.unwrap()
    }

    pub async fn script(&self) -> Script {
        self.office.read(&self.head().await, StageName::Script).await.unwrap()
    }

    pub async fn candidate(&self) -> Candidate {
        self.office.candidate(&self.run).await.unwrap()
    }
}
