/// Where long work tells how far it is. Called often; must be cheap.
pub trait Progress: Send + Sync {
    /// A step begins: what it does, and how many units it has (0 when unknown).
    fn begin(&self, what: &str, total: u64);
    /// Units done so far in the current step.
    fn at(&self, done: u64);
    /// The step is over.
    fn end(&self);
    /// True once the work should come to its end: whoever runs it will be ended soon, and what is not finished by then is
    /// lost. Asked between steps of some milliseconds; what was finished stays kept.
    fn out_of_time(&self) -> bool {
        false
    }
    /// Something worth a line in the run log.
    fn note(&self, text: &str) {
        let _ = text;
    }
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: u64) {}
    fn at(&self, _: u64) {}
    fn end(&self) {}
}
