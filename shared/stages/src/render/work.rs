//! The heavy part, on a thread of its own, telling its progress as it goes.

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use proofreel_ports::Progress;
use proofreel_studio::StudioError;
use proofreel_studio::encoder::Watch;
use proofreel_studio::film::{self, FilmOrder, Made};

use super::studio_error;
use crate::contract::StageError;

enum Event {
    Begin(String, u64),
    At(u64),
    End,
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

/// Makes the film without holding up the executor; gives the order back with it.
pub(super) async fn make(order: FilmOrder, progress: &dyn Progress) -> Result<(FilmOrder, Made), StageError> {
    let (tell, mut heard) = unbounded();
    std::thread::Builder::new()
        .name("render".into())
        .spawn(move || {
            let made = film::make(&order, &Teller(tell.clone()));
            // A stage that was given up has no use for the result.
            let _ = tell.unbounded_send(Event::Done(Box::new((order, made))));
        })
        .map_err(|error| StageError::Failed(format!("cannot start the render thread: {error}")))?;
    while let Some(event) = heard.next().await {
        match event {
            Event::Begin(what, total) => progress.begin(&what, total),
            Event::At(done) => progress.at(done),
            Event::End => progress.end(),
            Event::Done(done) => {
                let (order, made) = *done;
                return made.map(|made| (order, made)).map_err(|error| studio_error(&error));
            }
        }
    }
    Err(StageError::Failed("the render thread ended without a result".into()))
}
