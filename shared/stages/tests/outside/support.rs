//! An episode of the demo packages with somebody else at the writing desk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use proofreel_evidence::{Library, PackageBytes, descriptor_files};
use proofreel_model::channel;
use proofreel_model::digest::Digest;
use proofreel_model::film::Format;
use proofreel_model::order::{Order, PackageRef};
use proofreel_model::policy::Policy;
use proofreel_model::qa::QaReport;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_ports::{Silent, Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality, Writer};
use proofreel_stages::{Context, Outcome, chain};
use serde_json::{Map, Value, json};

struct Mute;

#[async_trait]
impl Voice for Mute {
    fn info(&self) -> VoiceInfo {
        VoiceInfo { name: "mute".into(), engine: "none".into(), licence: "none".into(), quality: VoiceQuality::Robotic }
    }

    async fn speak(&self, _: &[Utterance], _: u64) -> Result<Vec<Speech>, VoiceError> {
        Ok(Vec::new())
    }
}

fn package(folder: &Path) -> PackageBytes {
    let descriptor = std::fs::read(folder.join("datapackage.json")).unwrap();
    let names = descriptor_files(&descriptor, &folder.display().to_string()).unwrap();
    let mut files = BTreeMap::from([("datapackage.json".to_owned(), descriptor)]);
    for name in &names.files {
        files.insert(name.clone(), std::fs::read(folder.join(name)).unwrap());
    }
    let all: Vec<u8> = files.values().flatten().copied().collect();
    PackageBytes { name: names.name, digest: Digest::of(&all), files }
}

fn demo() -> Vec<PackageBytes> {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    ["consumer-prices", "gold", "treasury-yield"].iter().map(|name| package(&root.join(name))).collect()
}

/// A desk: which topic on which day, and what the script stage was told.
pub struct Desk {
    pub topic: &'static str,
    pub as_of: jiff::civil::Date,
    pub reasons: Vec<String>,
}

impl Desk {
    pub fn of(topic: &'static str) -> Self {
        Self { topic, as_of: jiff::civil::date(2026, 11, 22), reasons: Vec::new() }
    }

    /// The script that `writer` and the embedded writer make together, and what the gate says of it.
    pub fn write(&self, writer: Option<&dyn Writer>) -> (Script, QaReport) {
        self.prepared().write(writer, &Policy::embedded())
    }

    /// Everything up to the script.
    pub fn prepared(&self) -> Prepared<'_> {
        let packages = demo();
        let text =
            "id = \"t\"\nname = \"Plain Figures\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"data\"]\n";
        let mut channel = channel::parse("t.toml", text).unwrap();
        channel.episode.target_seconds = 150;
        let order = Order {
            schema_version: proofreel_model::schema_version(),
            channel,
            as_of: self.as_of,
            seed: 5,
            topic: Some(self.topic.to_owned()),
            format: Format::Landscape,
            burn_captions: false,
            draft: false,
            packages: packages
                .iter()
                .map(|package| PackageRef {
                    name: package.name.clone(),
                    digest: package.digest.clone(),
                    files: Vec::new(),
                })
                .collect(),
            previous_packages: Vec::new(),
            recent_topics: Vec::new(),
            recent_episodes: Vec::new(),
            directives: Vec::new(),
            outlook: proofreel_model::outlook::Outlook::default(),
            pictures: Vec::new(),
        };
        let library = Library::load(&packages).unwrap();
        let mut prepared = Prepared { desk: self, packages, order, library, done: Map::new() };
        prepared.done = prepared.run(None, &Policy::embedded(), |name| name < StageName::Script);
        prepared
    }
}

/// A desk with all that comes before the script.
pub struct Prepared<'a> {
    desk: &'a Desk,
    packages: Vec<PackageBytes>,
    order: Order,
    library: Library,
    /// What the stages before it made, by artifact.
    pub done: Map<String, Value>,
}

impl Prepared<'_> {
    /// The script and the gate's word, under this policy.
    pub fn write(&self, writer: Option<&dyn Writer>, policy: &Policy) -> (Script, QaReport) {
        let done = self.run(writer, policy, |name| (StageName::Script..=StageName::Qa).contains(&name));
        let of = |stage: StageName| done[stage.artifact()].clone();
        (serde_json::from_value(of(StageName::Script)).unwrap(), serde_json::from_value(of(StageName::Qa)).unwrap())
    }

    fn run(&self, writer: Option<&dyn Writer>, policy: &Policy, which: fn(StageName) -> bool) -> Map<String, Value> {
        let context = Context {
            order: &self.order,
            library: &self.library,
            packages: &self.packages,
            pictures: &[],
            policy,
            voice: &Mute,
            writer,
            parts: &proofreel_ports::NoParts,
            progress: &Silent,
            scratch: Path::new("."),
            visit: 1,
            reasons: &self.desk.reasons,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut done = self.done.clone();
        for stage in chain().iter().filter(|stage| which(stage.name())) {
            let read = |name: &StageName| Some((name.artifact().to_owned(), done.get(name.artifact())?.clone()));
            let input: Map<String, Value> = stage.reads().iter().filter_map(read).collect();
            let output = match runtime.block_on(stage.run_json(json!(input), &context)).unwrap() {
                Outcome::Advance { output, .. } => output,
                Outcome::Rewrite { report, .. } => report,
                Outcome::Reject { report, .. } => report.unwrap_or_default(),
                Outcome::Hold(reason) => panic!("{} holds: {reason}", stage.name()),
            };
            done.insert(stage.name().artifact().to_owned(), output);
        }
        done
    }
}

/// Every narrated sentence as it is heard.
pub fn heard(script: &Script) -> Vec<String> {
    script.scenes.iter().flat_map(|scene| &scene.narration).map(|sentence| sentence.text.text()).collect()
}
