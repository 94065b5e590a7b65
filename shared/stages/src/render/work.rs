//! The heavy part, on a thread of its own, telling its progress and asking for kept parts as it goes.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use proofreel_model::digest::Digest;
use proofreel_ports::{Parts, PortError, Progress};
use proofreel_studio::StudioError;
use proofreel_studio::encoder::Watch;
use proofreel_studio::film::{self, FilmOrder, Made};
use proofreel_studio::shelf::Shelf;

use super::studio_error;
use crate::contract::StageError;

enum Event {
    Begin(String, u64),
    At(u64),
    End,
    Fetch(Digest, PathBuf, Sender<bool>),
    Keep(Digest, PathBuf, Sender<bool>),
    Done(Box<(FilmOrder, Result<Made, StudioError>)>),
}

/// Sends what happens; when nobody listens any more, the work stops.
struct Teller(UnboundedSender<Event>);

impl Watch for Teller {
    fn frame(&self, done: u32) -> bool {
        self.0.unbounded_send(Event::At(u64::from(done))).is_ok()
    }
}

impl film::Progress for Teller {
    fn begin(&self, what: &str, total: u64) {
        // Nobody listening is noticed at the next frame.
        let _ = self.0.unbounded_send(Event::Begin(what.to_owned(), total));
    }

    fn end(&self) {
        let _ = self.0.unbounded_send(Event::End);
    }
}

impl Teller {
    /// Has something done where the ports are, and waits for the answer; false when nobody listens.
    fn ask(&self, event: impl FnOnce(Sender<bool>) -> Event) -> bool {
        let (answer, answered) = channel();
        self.0.unbounded_send(event(answer)).is_ok() && answered.recv().unwrap_or(false)
    }
}

impl Shelf for Teller {
    fn fetch(&self, key: &Digest, to: &Path) -> bool {
        self.ask(|answer| Event::Fetch(key.clone(), to.to_owned(), answer))
    }

    fn keep(&self, key: &Digest, from: &Path) {
        self.ask(|answer| Event::Keep(key.clone(), from.to_owned(), answer));
    }
}

/// A cache that fails costs time and nothing else.
pub(super) fn had(key: &Digest, answer: Result<bool, PortError>) -> bool {
    answer.unwrap_or_else(|error| {
        tracing::warn!(part = key.short(), %error, "the cache of film parts failed; going on without");
        false
    })
}

/// Makes the film without holding up the executor; gives the order back with it.
pub(super) async fn make(
    order: FilmOrder,
    parts: &dyn Parts,
    progress: &dyn Progress,
) -> Result<(FilmOrder, Made), StageError> {
    let (tell, mut heard) = unbounded();
    std::thread::Builder::new()
        .name("render".into())
        .spawn(move || {
            let teller = Teller(tell.clone());
            let made = film::make(&order, &teller, &teller);
            // A stage that was given up has no use for the result.
            let _ = tell.unbounded_send(Event::Done(Box::new((order, made))));
        })
        .map_err(|error| StageError::Failed(format!("cannot start the render thread: {error}")))?;
    while let Some(event) = heard.next().await {
        match event {
            Event::Begin(what, total) => progress.begin(&what, total),
            Event::At(done) => progress.at(done),
            Event::End => progress.end(),
            // The asking thread waits for the answer; when it died, nobody needs it.
            Event::Fetch(key, to, answer) => {
                let _ = answer.send(had(&key, parts.fetch(&key, &to).await));
            }
            Event::Keep(key, from, answer) => {
                let _ = answer.send(had(&key, parts.keep(&key, &from).await.map(|()| true)));
            }
            Event::Done(done) => {
                let (order, made) = *done;
                return made.map(|made| (order, made)).map_err(|error| studio_error(&error));
            }
        }
    }
    Err(StageError::Failed("the render thread ended without a result".into()))
}
