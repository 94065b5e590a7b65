//! The heavy part, on a thread of its own, telling its progress and asking for kept parts as it goes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::channel::oneshot;
use proofreel_model::digest::Digest;
use proofreel_ports::PortError;
use proofreel_studio::StudioError;
use proofreel_studio::encoder::Watch;
use proofreel_studio::film::{self, FilmOrder};
use proofreel_studio::shelf::Shelf;

use super::studio_error;
use crate::contract::{Context, StageError};

enum Event {
    Begin(String, u64),
    At(u64),
    End,
    Fetch(Digest, PathBuf, Sender<bool>),
    Keep(Digest, PathBuf, Sender<bool>),
    Forget(Digest, Sender<bool>),
}

/// Sends what happens; when nobody listens any more, or the time is over, the work stops at its next frame.
pub(super) struct Teller {
    tell: UnboundedSender<Event>,
    over: Arc<AtomicBool>,
}

impl Watch for Teller {
    fn frame(&self, done: u32) -> bool {
        self.tell.unbounded_send(Event::At(u64::from(done))).is_ok() && !self.over.load(Ordering::Relaxed)
    }
}

impl film::Progress for Teller {
    fn begin(&self, what: &str, total: u64) {
        // Nobody listening is noticed at the next frame.
        let _ = self.tell.unbounded_send(Event::Begin(what.to_owned(), total));
    }

    fn end(&self) {
        let _ = self.tell.unbounded_send(Event::End);
    }
}

impl Teller {
    /// Has something done where the ports are, and waits for the answer; false when nobody listens.
    fn ask(&self, event: impl FnOnce(Sender<bool>) -> Event) -> bool {
        let (answer, answered) = channel();
        self.tell.unbounded_send(event(answer)).is_ok() && answered.recv().unwrap_or(false)
    }
}

impl Shelf for Teller {
    fn fetch(&self, key: &Digest, to: &Path) -> bool {
        self.ask(|answer| Event::Fetch(key.clone(), to.to_owned(), answer))
    }

    fn keep(&self, key: &Digest, from: &Path) {
        self.ask(|answer| Event::Keep(key.clone(), from.to_owned(), answer));
    }

    fn forget(&self, key: &Digest) {
        self.ask(|answer| Event::Forget(key.clone(), answer));
    }
}

/// A cache that fails costs time and nothing else.
pub(super) fn had(key: &Digest, answer: Result<bool, PortError>) -> bool {
    answer.unwrap_or_else(|error| {
        tracing::warn!(part = key.short(), %error, "the cache of film parts failed; going on without");
        false
    })
}

/// Works on a thread of its own without holding up the executor; gives the order back with the result. Whether time is left
/// is asked whenever the thread tells something.
pub(super) async fn off_the_executor<T: Send + 'static>(
    order: FilmOrder,
    context: &Context<'_>,
    work: impl FnOnce(&FilmOrder, &Teller) -> Result<T, StudioError> + Send + 'static,
) -> Result<(FilmOrder, T), StageError> {
    let (parts, progress) = (context.parts, context.progress);
    let ((tell, mut heard), (give, given)) = (unbounded(), oneshot::channel());
    let over = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&over);
    std::thread::Builder::new()
        .name("render".into())
        .spawn(move || {
            let result = work(&order, &Teller { tell, over: told });
            // A stage that was given up has no use for the result.
            let _ = give.send((order, result));
        })
        .map_err(|error| StageError::Failed(format!("cannot start the render thread: {error}")))?;
    while let Some(event) = heard.next().await {
        over.fetch_or(progress.out_of_time(), Ordering::Relaxed);
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
            Event::Forget(key, answer) => {
                let _ = answer.send(had(&key, parts.forget(&key).await.map(|()| true)));
            }
        }
    }
    // Nothing more is heard: the thread is done, or it died.
    let Ok((order, result)) = given.await else {
        return Err(StageError::Failed("the render thread ended without a result".into()));
    };
    match result {
        Ok(result) => Ok((order, result)),
        Err(StudioError::Stopped) if over.load(Ordering::Relaxed) => Err(StageError::OutOfTime),
        Err(error) => Err(studio_error(&error)),
    }
}
