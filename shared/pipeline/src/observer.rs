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
