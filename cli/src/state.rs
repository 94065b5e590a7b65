//! What a command works with: the state folder, the driver over it, and the voice.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use proofreel_adapters::local::{FileBlobs, FileParts, OpenError, SqliteStore, SystemClock};
use proofreel_model::channel::VoiceSettings;
use proofreel_model::policy::Policy;
use proofreel_pipeline::{Chain, Driver, Owner, Ports, QueueNaming};
use proofreel_ports::{Blobs, Clock, NoParts, Parts, Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
use proofreel_stages::render::Render;

use crate::exit::{Class, Failure};
use crate::printer::{Printer, Watch};

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::new(Class::Machine, error.to_string())
    }
}

/// The run log alone, for reading.
pub fn open_records(folder: &Path) -> Result<SqliteStore, Failure> {
    Ok(SqliteStore::open(folder, Arc::new(SystemClock))?)
}

/// Where a state folder keeps finished parts of films.
pub fn parts_folder(state: &Path) -> PathBuf {
    state.join("parts")
}

/// The one-machine runtime over a state folder.
pub struct Workshop {
    pub driver: Driver,
    pub store: SqliteStore,
    pub blobs: Arc<dyn Blobs>,
    pub clock: Arc<dyn Clock>,
    parts: Arc<dyn Parts>,
    scratch: PathBuf,
}

impl Workshop {
    /// Opens the state folder, making it when it is not there.
    pub fn open(folder: &Path, voice: &VoiceSettings, printer: Arc<Printer>) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = SqliteStore::open(folder, Arc::clone(&clock))?;
        let blobs: Arc<dyn Blobs> = Arc::new(FileBlobs::open(&folder.join("blobs"))?);
        let scratch = folder.join("scratch");
        let most = Policy::embedded().pipeline.parts_megabytes * 1_000_000;
        let parts: Arc<dyn Parts> = Arc::new(FileParts::open(&parts_folder(folder), most)?);
        let driver = driver(&store, &blobs, &clock, &scratch, voice, printer).with_parts(Arc::clone(&parts));
        Ok(Self { driver, store, blobs, clock, parts, scratch })
    }

    /// The same workshop with another voice.
    pub fn with_voice(self, voice: &VoiceSettings, printer: Arc<Printer>) -> Self {
        let driver = driver(&self.store, &self.blobs, &self.clock, &self.scratch, voice, printer)
            .with_parts(Arc::clone(&self.parts));
        Self { driver, ..self }
    }

    /// The same workshop, whose films are divided into parts for so many workers side by side in this process.
    pub fn with_workers(self, workers: usize) -> Self {
        Self { driver: self.driver.with_stage(Box::new(Render::among(workers))).with_division(), ..self }
    }

    /// The same workshop, which keeps no parts of films and uses none.
    pub fn without_cache(self) -> Self {
        let parts: Arc<dyn Parts> = Arc::new(NoParts);
        Self { driver: self.driver.with_parts(Arc::clone(&parts)), parts, ..self }
    }
}

fn driver(
    store: &SqliteStore,
    blobs: &Arc<dyn Blobs>,
    clock: &Arc<dyn Clock>,
    scratch: &Path,
    voice: &VoiceSettings,
    printer: Arc<Printer>,
) -> Driver {
    let ports = Ports {
        blobs: Arc::clone(blobs),
        records: Arc::new(store.clone()),
        queue: Arc::new(store.clone()),
        clock: Arc::clone(clock),
    };
    let worker = Arc::clone(store.worker());
    let owner = Owner::with_probe(worker.id().to_owned(), move |id| worker.is_alive(id));
    Driver::new(
        ports,
        proofreel_stages::chain(),
        Policy::embedded(),
        Arc::new(LazyVoice::new(voice.clone())),
        scratch.to_owned(),
    )
    .with_owner(owner)
    // A command works its own run only, not one that was broken off on purpose.
    .with_chain(Chain::default().with_queues(QueueNaming::PerRun))
    .with_observer(Arc::new(Watch(printer)))
}

/// Folders that may hold the neural voice's data: the one named by `PROOFREEL_VOICE_DIR` (a Lambda layer's
/// `/opt/voice`, say), else those of the working folder and beside the program's own folders (a checkout) that exist.
fn voice_folders() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os("PROOFREEL_VOICE_DIR") {
        return vec![named.into()];
    }
    let mut folders = vec![PathBuf::from(".voice")];
    if let Ok(program) = std::env::current_exe() {
        folders.extend(program.ancestors().skip(1).take(3).map(|folder| folder.join(".voice")));
    }
    folders.retain(|folder| folder.is_dir());
    folders
}

/// The voice that the channel asks for, with its settings.
pub fn voice(settings: &VoiceSettings) -> Result<Arc<dyn Voice>, VoiceError> {
    proofreel_adapters::voice(settings, &voice_folders())
}

/// A voice that is looked for when it is first needed: most commands never speak.
pub struct LazyVoice {
    settings: VoiceSettings,
    found: OnceLock<Result<Arc<dyn Voice>, VoiceError>>,
}

impl LazyVoice {
    pub fn new(settings: VoiceSettings) -> Self {
        Self { settings, found: OnceLock::new() }
    }

    fn get(&self) -> Result<&Arc<dyn Voice>, VoiceError> {
        self.found.get_or_init(|| voice(&self.settings)).as_ref().map_err(|error| match error {
            VoiceError::Unavailable { engine, detail, hint } => {
                VoiceError::Unavailable { engine: engine.clone(), detail: detail.clone(), hint: hint.clone() }
            }
            other => VoiceError::Unavailable {
                engine: "asked for".into(),
                detail: other.to_string(),
                hint: "run `proofreel doctor`".into(),
            },
        })
    }
}

#[async_trait]
impl Voice for LazyVoice {
    fn info(&self) -> VoiceInfo {
        self.get().map_or_else(
            |_| VoiceInfo {
                name: "none".into(),
                engine: "none".into(),
                licence: "none".into(),
                quality: VoiceQuality::Robotic,
            },
            |voice| voice.info(),
        )
    }

    fn billed_characters(&self) -> u64 {
        self.found.get().and_then(|found| found.as_ref().ok()).map_or(0, |voice| voice.billed_characters())
    }

    async fn speak(&self, lines: &[Utterance], seed: u64) -> Result<Vec<Speech>, VoiceError> {
        self.get()?.speak(lines, seed).await
    }
}
