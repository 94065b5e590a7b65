//! What the examples share: packages from folders, an order, and the writing stages in one process.

use std::collections::BTreeMap;
use std::path::Path;

use async_trait::async_trait;
use proofreel_evidence::{Library, PackageBytes, descriptor_files};
use proofreel_model::channel::{self, Tone};
use proofreel_model::digest::Digest;
use proofreel_model::film::Format;
use proofreel_model::order::{Order, PackageRef};
use proofreel_model::policy::Policy;
use proofreel_model::stage::StageName;
use proofreel_ports::{Silent, Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
use proofreel_stages::{Context, Outcome, chain};
use serde_json::{Map, Value, json};

pub type Failure = Box<dyn std::error::Error>;

/// The writing stages never speak.
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

pub fn package(folder: &str) -> Result<PackageBytes, Failure> {
    let root = Path::new(folder);
    let descriptor = std::fs::read(root.join("datapackage.json"))?;
    let names = descriptor_files(&descriptor, folder)?;
    let mut files = BTreeMap::from([("datapackage.json".to_owned(), descriptor)]);
    for name in &names.files {
        files.insert(name.clone(), std::fs::read(root.join(name))?);
    }
    let all: Vec<u8> = files.values().flatten().copied().collect();
    Ok(PackageBytes { name: names.name, digest: Digest::of(&all), files })
}

pub fn order(seconds: u32, as_of: &str, packages: &[PackageBytes]) -> Result<Order, Failure> {
    let text = "id = \"demo\"\nname = \"Plain Figures\"\nkind = \"finance\"\naudience = \"people who like evidence\"\nsources = [\"data\"]\n";
    let mut channel = channel::parse("demo.toml", text)?;
    channel.episode.target_seconds = seconds;
    channel.episode.tone = Tone::Calm;
    let packages = packages.iter().map(|package| PackageRef {
        name: package.name.clone(),
        digest: package.digest.clone(),
        files: Vec::new(),
    });
    Ok(Order {
        schema_version: proofreel_model::schema_version(),
        channel,
        as_of: as_of.parse()?,
        seed: 1,
        topic: None,
        format: Format::Landscape,
        burn_captions: false,
        draft: false,
        packages: packages.collect(),
        previous_packages: Vec::new(),
        recent_topics: Vec::new(),
        recent_episodes: Vec::new(),
        directives: Vec::new(),
        outlook: proofreel_model::outlook::Outlook::default(),
        pictures: Vec::new(),
    })
}

/// What became of an episode.
pub struct Made {
    /// Artifacts by name, of the last visits.
    pub artifacts: Map<String, Value>,
    /// How often QA sent it back, with its reasons.
    pub rewrites: Vec<(StageName, Vec<String>)>,
    /// Why QA refused it.
    pub refused: Option<String>,
}

/// Runs the stages up to `last`, going back where QA says so, at most `max_rewrites` times.
pub fn run(
    order: &Order,
    library: &Library,
    packages: &[PackageBytes],
    last: StageName,
    max_rewrites: usize,
) -> Result<Made, Failure> {
    let policy = Policy::embedded();
    let scratch = std::env::temp_dir();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut made = Made { artifacts: Map::new(), rewrites: Vec::new(), refused: None };
    let mut from = StageName::Planner;
    let mut reasons: Vec<String> = Vec::new();
    loop {
        let mut back: Option<StageName> = None;
        for stage in chain().iter().filter(|stage| (from..=last).contains(&stage.name())) {
            let context = Context {
                order,
                library,
                packages,
                pictures: &[],
                policy: &policy,
                voice: &Mute,
                writer: None,
                parts: &proofreel_ports::NoParts,
                progress: &Silent,
                scratch: &scratch,
                visit: made.rewrites.len() as u32 + 1,
                reasons: if stage.name() == from { &reasons } else { &[] },
            };
            let read =
                |name: &StageName| Some((name.artifact().to_owned(), made.artifacts.get(name.artifact())?.clone()));
            let input: Map<String, Value> = stage.reads().iter().filter_map(read).collect();
            let output = match runtime.block_on(stage.run_json(json!(input), &context))? {
                Outcome::Advance { output, .. } => output,
                Outcome::Rewrite { stage, reasons, report } => {
                    back = Some(stage);
                    made.rewrites.push((stage, reasons));
                    report
                }
                Outcome::Reject { reasons, report } => {
                    made.refused = Some(reasons.join("; "));
                    report.unwrap_or_default()
                }
                Outcome::Hold(reason) => return Err(reason.into()),
            };
            made.artifacts.insert(stage.name().artifact().to_owned(), output);
        }
        let Some(stage) = back else { return Ok(made) };
        if made.rewrites.len() > max_rewrites {
            made.refused = made.rewrites.last().map(|(stage, reasons)| format!("{stage}: {}", reasons.join("; ")));
            return Ok(made);
        }
        from = stage;
        reasons = made.rewrites.last().map(|(_, reasons)| reasons.clone()).unwrap_or_default();
    }
}
