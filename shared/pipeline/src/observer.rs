use std::sync::{Mutex, PoisonError};

use proofreel_model::envelope::Envelope;
use proofreel_model::records::PipelineRun;
use proofreel_ports::{Progress, Silent};

/// Somebody who watches the driver work: the progress bars of the command line, or a log.
pub trait Observer: Send + Sync {
    /// An attempt begins. What is returned is told how far the stage is.
    fn begins(&self, message: &Envelope, attempt: u32) -> Box<dyn Progress>;

    /// An attempt was recorded.
    fn ended(&self, row: &PipelineRun) {
        let _ = row;
    }
}

/// Nobody watches.
pub struct Unobserved;

impl Observer for Unobserved {
    fn begins(&self, _: &Envelope, _: u32) -> Box<dyn Progress> {
        Box::new(Silent)
    }
}

/// A progress factory is an observer that does not care how attempts end.
impl<F: Fn(&Envelope) -> Box<dyn Progress> + Send + Sync> Observer for F {
    fn begins(&self, message: &Envelope, _: u32) -> Box<dyn Progress> {
        self(message)
    }
}

/// Passes progress on to the observer, and remembers what is for the run log.
pub(crate) struct Noted {
    told: Box<dyn Progress>,
    notes: Mutex<Vec<String>>,
}

impl Noted {
    pub fn new(told: Box<dyn Progress>) -> Self {
        Self { told, notes: Mutex::default() }
    }

    /// All notes in one line.
    pub fn into_note(self) -> Option<String> {
        let notes = self.notes.into_inner().unwrap_or_else(PoisonError::into_inner);
        (!notes.is_empty()).then(|| notes.join("; "))
    }
}

impl Progress for Noted {
    fn begin(&self, what: &str, total: u64) {
        self.told.begin(what, total);
    }

    fn at(&self, done: u64) {
        self.told.at(done);
    }

    fn end(&self) {
        self.told.end();
    }

    fn out_of_time(&self) -> bool {
        self.told.out_of_time()
    }

    fn note(&self, text: &str) {
        self.told.note(text);
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }
}
