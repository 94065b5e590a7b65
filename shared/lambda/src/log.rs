//! The log: one flat JSON object a line, so that one query finds a run in every function's log.
//!
//! `tracing-subscriber`'s own JSON nests the spans; a flat line needs no path in the query, and a field of the event and
//! the same field of a span are one. Members: `time`, `level`, `message`, what the spans know (`function`, `request_id`,
//! `trace_id`, `run`, `stage`, `visit`, `attempt`), then the event's own fields. Lambda's own format is to be `Text`, which leaves
//! a line as it is (decision 0088): in `JSON` it would judge levels by a member `timestamp`, and drop what is below its own bound.

use std::fmt::Debug;
use std::io::Write;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Longest text of one field, characters: a line stays well below what CloudWatch takes.
const LONGEST_TEXT: usize = 16_000;

/// Where finished lines go.
pub(crate) type Sink = Arc<dyn Fn(&str) + Send + Sync>;

/// Writes a line to standard output, which Lambda takes to CloudWatch.
pub(crate) fn to_stdout() -> Sink {
    Arc::new(|line| {
        let mut out = std::io::stdout().lock();
        // A log that cannot be written cannot be complained about.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    })
}

/// Starts the log. `level` is as `PROOFREEL_LOG` has it: `info`, `debug`, or by module `warn,proofreel_pipeline=debug`;
/// what cannot be read counts as `info`. Panics are logged too.
pub(crate) fn start(level: &str, sink: Sink) {
    let asked = level.parse::<Targets>();
    let targets = asked.as_ref().ok().cloned().unwrap_or_else(|| Targets::new().with_default(tracing::Level::INFO));
    let logger = tracing_subscriber::registry().with(Flat { sink }.with_filter(targets));
    // A second start (tests in one process) keeps the first log.
    let _ = logger.try_init();
    if let Err(error) = asked {
        tracing::warn!(%error, "PROOFREEL_LOG cannot be read, logging at info; write for example `info`");
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let said = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, panic = said, "panic");
    }));
}

/// The layer that writes flat lines.
struct Flat {
    sink: Sink,
}

/// What a span knows.
struct Known(Map<String, Value>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Flat {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Known(fields.0));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(known) = span.extensions_mut().get_mut::<Known>() {
            known.0.extend(fields.0);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut own = Fields::default();
        event.record(&mut own);
        let mut line = Map::new();
        line.insert("time".into(), Timestamp::now().to_string().into());
        line.insert("level".into(), event.metadata().level().as_str().to_lowercase().into());
        line.insert("message".into(), own.0.remove("message").unwrap_or_default());
        for span in context.event_scope(event).into_iter().flat_map(tracing_subscriber::registry::Scope::from_root) {
            if let Some(known) = span.extensions().get::<Known>() {
                extend(&mut line, &known.0);
            }
        }
        extend(&mut line, &own.0);
        (self.sink)(&Value::Object(line).to_string());
    }
}

/// Adds members; the three that every line has stay what they are.
fn extend(line: &mut Map<String, Value>, fields: &Map<String, Value>) {
    for (name, value) in fields {
        if !matches!(name.as_str(), "time" | "level" | "message") {
            line.insert(name.clone(), value.clone());
        }
    }
}

/// Collects fields as JSON.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn put_text(&mut self, field: &Field, text: &str) {
        self.put(field, text.chars().take(LONGEST_TEXT).collect::<String>());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put_text(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put_text(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// The lines that `act` logs.
    fn logged(act: impl FnOnce()) -> Vec<Value> {
        let lines: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = Arc::clone(&lines);
        let sink: Sink = Arc::new(move |line| kept.lock().unwrap().push(serde_json::from_str(line).unwrap()));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(Flat { sink }), act);
        std::mem::take(&mut *lines.lock().unwrap())
    }

    #[test]
    fn a_line_is_flat_and_knows_what_its_spans_know() {
        let lines = logged(|| {
            let outer = tracing::info_span!("invocation", request_id = "r-1").entered();
            let inner = tracing::info_span!("message", run = %"demo-1", attempt = tracing::field::Empty).entered();
            inner.record("attempt", 2);
            tracing::warn!(run = "other", share = 0.5, level = "mine", "it is {}", "said");
            drop((inner, outer));
            tracing::info!("alone");
        });
        let first = &lines[0];
        for (member, value) in [
            ("level", Value::from("warn")),
            ("message", "it is said".into()),
            ("request_id", "r-1".into()),
            ("attempt", 2.into()),
            ("run", "other".into()),
            ("share", 0.5.into()),
        ] {
            assert_eq!(first[member], value, "{member}");
        }
        assert!(first.as_object().unwrap().values().all(|value| !value.is_object()), "{first}");
        assert!(lines[1].get("request_id").is_none());
        first["time"].as_str().unwrap().parse::<Timestamp>().unwrap();
    }

    #[test]
    fn what_others_wrote_cannot_break_a_line_or_fill_it() {
        let lines = logged(|| tracing::info!(text = "a\n{\"level\":\"error\"}", long = "x".repeat(90_000), "m"));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["level"], "info");
        assert_eq!(lines[0]["long"].as_str().unwrap().len(), LONGEST_TEXT);
    }
}
