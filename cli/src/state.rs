//! What a command works with: the state folder, the driver over it, and the voice.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use proofreel_adapters::LazyVoice;
use proofreel_adapters::local::{FileBlobs, FileParts, OpenError, SqliteStore, SystemClock};
use proofreel_model::channel::VoiceSettings;
use proofreel_model::policy::Policy;
use proofreel_operations::Office;
use proofreel_pipeline::{Chain, Driver, Owner, Ports, QueueNaming};
use proofreel_ports::{Blobs, Clock, NoParts, Outside, Parts, Voice, Writer};
use proofreel_stages::render::Render;

use crate::exit::{Class, Failure};
use crate::printer::{Printer, Watch};
use crate::publish::ChannelFolder;

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

    /// Its rows and artifacts under the channel files of a folder, as operations take them.
    pub fn office(&self, channels: &Path) -> Office {
        Office {
            records: Arc::new(self.store.clone()),
            blobs: Arc::clone(&self.blobs),
            clock: Arc::clone(&self.clock),
            channels: Arc::new(ChannelFolder(channels.to_owned())),
        }
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

    /// The same workshop with somebody else at the writing desk.
    pub fn with_writer(self, writer: Arc<dyn Writer>) -> Self {
        Self { driver: self.driver.with_writer(writer), ..self }
    }

    /// The same workshop, whose run log tells what calls through `outside` came to.
    pub fn with_outside(self, outside: Arc<dyn Outside>) -> Self {
        Self { driver: self.driver.with_outside(outside), ..self }
    }

    /// The same workshop with these voices.
    pub fn with_cast(self, voice: Arc<dyn Voice>) -> Self {
        Self { driver: self.driver.with_voice(voice), ..self }
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
