//! What a person sees while a run works: bars on a terminal, plain lines elsewhere, nothing with `--quiet`.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use proofreel_model::envelope::{Envelope, Share};
use proofreel_model::records::{PipelineRun, RunStatus};
use proofreel_model::stage::StageName;
use proofreel_pipeline::Observer;
use proofreel_ports::Progress;

/// How often a plain line reports on long work.
const PLAIN_EVERY: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Bars,
    Lines,
    Nothing,
}

struct Step {
    what: String,
    total: u64,
    done: u64,
    begun: Instant,
    told: Instant,
    bar: Option<ProgressBar>,
    /// Units done and units in all of the parts that workers are at side by side; the step shows their sums.
    parts: BTreeMap<u32, (u64, u64)>,
}

/// Tells progress on standard error.
pub struct Printer {
    mode: Mode,
    step: Mutex<Option<Step>>,
}

impl Printer {
    pub fn new(quiet: bool) -> Self {
        let mode = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Mode::Nothing,
            (false, true) => Mode::Bars,
            (false, false) => Mode::Lines,
        };
        Self { mode, step: Mutex::new(None) }
    }

    /// One line, unless quiet.
    pub fn line(&self, text: &str) {
        if self.mode == Mode::Nothing {
            return;
        }
        self.with(|step| match step {
            Some(Step { bar: Some(bar), .. }) => bar.suspend(|| eprintln!("{text}")),
            _ => eprintln!("{text}"),
        });
    }

    /// A part's step begins: it joins the steps of the other parts.
    fn begin_part(&self, part: u32, what: &str, total: u64) {
        if !self.with(|step| step.as_ref().is_some_and(|step| !step.parts.is_empty())) {
            self.begin(what, total);
        }
        self.at_part(part, 0, Some(total));
    }

    fn at_part(&self, part: u32, done: u64, total: Option<u64>) {
        let all = self.with(|step| {
            let step = step.as_mut()?;
            let own = step.parts.entry(part).or_default();
            *own = (done, total.unwrap_or(own.1));
            step.total = step.parts.values().map(|(_, total)| total).sum();
            if let Some(bar) = &step.bar {
                bar.set_length(step.total);
            }
            Some(step.parts.values().map(|(done, _)| done).sum())
        });
        if let Some(done) = all {
            self.at(done);
        }
    }

    /// A part is over; with the last one the step of all parts is.
    fn end_part(&self, part: u32) {
        let over = self.with(|step| {
            let Some(step) = step else { return false };
            if let Some((done, total)) = step.parts.get_mut(&part) {
                *done = *total;
            }
            step.parts.values().all(|(done, total)| done == total)
        });
        if over {
            self.end();
        }
    }

    fn with<T>(&self, f: impl FnOnce(&mut Option<Step>) -> T) -> T {
        // A poisoned lock means that another thread died while printing; printing goes on.
        f(&mut self.step.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Progress for Printer {
    fn begin(&self, what: &str, total: u64) {
        self.end();
        let now = Instant::now();
        let bar = (self.mode == Mode::Bars && total > 0).then(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("  {msg:<10} {bar:32} {pos}/{len}  {per_sec}  {eta} left");
            if let Ok(style) = style {
                bar.set_style(style.progress_chars("━╸ "));
            }
            bar.set_message(what.to_owned());
            bar
        });
        self.with(|step| {
            let parts = BTreeMap::new();
            *step = Some(Step { what: what.to_owned(), total, done: 0, begun: now, told: now, bar, parts });
        });
    }

    fn at(&self, done: u64) {
        let mode = self.mode;
        self.with(|step| {
            let Some(step) = step else { return };
            step.done = done;
            if let Some(bar) = &step.bar {
                bar.set_position(done);
            } else if mode == Mode::Lines && step.total > 0 && step.told.elapsed() >= PLAIN_EVERY {
                step.told = Instant::now();
                eprintln!("{}", plain(step));
            }
        });
    }

    fn end(&self) {
        let mode = self.mode;
        self.with(|step| match step.take() {
            Some(Step { bar: Some(bar), .. }) => bar.finish_and_clear(),
            Some(step) if mode == Mode::Lines && step.total > 0 => eprintln!("{}", over(&step, step.begun.elapsed())),
            _ => {}
        });
    }
}

/// The driver's observer: one line a stage, and the stage's own steps between.
pub struct Watch(pub Arc<Printer>);

impl Observer for Watch {
    fn begins(&self, message: &Envelope, attempt: u32) -> Box<dyn Progress> {
        if attempt > 1 && message.share != Share::Gather {
            self.0.line(&format!("{:<14} attempt {attempt}", name(message.stage, message.share.part())));
        }
        Box::new(Steps { printer: Arc::clone(&self.0), part: message.share.part() })
    }

    fn ended(&self, row: &PipelineRun) {
        let seconds = row.metrics.latency_ms as f64 / 1000.0;
        let sign = match row.status {
            RunStatus::Success => "ok",
            RunStatus::Failure => "failed",
            RunStatus::Retry => "failed, trying again",
            RunStatus::Skipped => "skipped",
        };
        let usual = ["advance", "part"].contains(&row.outcome.as_str());
        let outcome = if usual { String::new() } else { format!("  {}", row.outcome) };
        match row.part {
            Some(part) => self.0.end_part(part),
            None => self.0.end(),
        }
        self.0.line(&format!("{:<14} {sign}  {seconds:.1} s{outcome}", name(row.stage, row.part)));
    }
}

/// `render`, or `render part 3`.
fn name(stage: StageName, part: Option<u32>) -> String {
    part.map_or_else(|| stage.to_string(), |part| format!("{stage} part {part}"))
}

/// A handle on the printer that a stage may own.
struct Steps {
    printer: Arc<Printer>,
    part: Option<u32>,
}

impl Progress for Steps {
    fn begin(&self, what: &str, total: u64) {
        match self.part {
            Some(part) => self.printer.begin_part(part, what, total),
            None => self.printer.begin(what, total),
        }
    }

    fn at(&self, done: u64) {
        match self.part {
            Some(part) => self.printer.at_part(part, done, None),
            None => self.printer.at(done),
        }
    }

    fn end(&self) {
        // The other parts go on; the next step takes the place of theirs.
        if self.part.is_none() {
            self.printer.end();
        }
    }
}

/// `  render      1200/4500  27 %  61.3/s  0:54 left`
fn plain(step: &Step) -> String {
    let rate = step.done as f64 / step.begun.elapsed().as_secs_f64().max(1e-3);
    let left = (step.total.saturating_sub(step.done)) as f64 / rate.max(1e-3);
    let (minutes, seconds) = (left as u64 / 60, left as u64 % 60);
    format!(
        "  {:<10} {}/{}  {} %  {rate:.1}/s  {minutes}:{seconds:02} left",
        step.what,
        step.done,
        step.total,
        step.done * 100 / step.total.max(1)
    )
}

/// `  render      4500/4500  in 9.2 s  489.1/s`: what `make bench-render` reads.
fn over(step: &Step, took: Duration) -> String {
    let seconds = took.as_secs_f64().max(1e-3);
    let rate = step.done as f64 / seconds;
    format!("  {:<10} {}/{}  in {seconds:.2} s  {rate:.1}/s", step.what, step.done, step.total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_line_tells_share_rate_and_time_left() {
        let begun = Instant::now().checked_sub(Duration::from_secs(10)).unwrap();
        let step = Step {
            what: "render".into(),
            total: 400,
            done: 100,
            begun,
            told: begun,
            bar: None,
            parts: BTreeMap::new(),
        };
        assert_eq!(over(&step, Duration::from_secs(4)), "  render     100/400  in 4.00 s  25.0/s");
        let line = plain(&step);
        assert!(line.contains("100/400  25 %  10.0/s  0:3") || line.contains("0:29 left"), "{line}");
    }
}
