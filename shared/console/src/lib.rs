//! The console: one server-rendered web app for looking at episodes and deciding about them.
//!
//! # The idea
//! [`router`] makes the same pages on one machine (`proofreel console`) and behind a Lambda Function URL (`functions/gateway`):
//! both give it an [`Office`] over their own stores. Pages work without a script; nothing is taken from another site.
//!
//! # A request's way
//! ```text
//!  request ── guard: is the name ours? did another site make this form?
//!     │
//!     ├─ Visitor: cookie → session row → person; roles from the channels' files as they stand now
//!     ├─ Signed (forms): body within bounds, token of this session
//!     ├─ the page reads rows and artifacts, or the desk of `proofreel-publishing` decides
//!     └─ guard: policy, no-store, nosniff, … on whatever is answered
//! ```
//!
//! # Where to read on
//! [`routes`] is the one table of addresses, of which router and `specs/openapi.json` are made; `guard` and [`sessions`] keep
//! the door; `pages` lays out; [`review`] is an episode laid out, shared with the page that lies beside a film.
//!
//! Architecture invariants: no store, host or network is named here; a GET decides nothing; every text goes through the
//! templates' escaping; what may be decided is decided by `proofreel-publishing`, not here.

mod answer;
mod chart;
mod compare;
mod form;
mod guard;
mod pages;
pub mod review;
pub mod routes;
pub mod sessions;
mod visitor;

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use proofreel_model::ids::RunId;
use proofreel_operations::Office;
use proofreel_pipeline::Driver;

use crate::answer::Fault;
pub use crate::guard::Hosts;

/// What a console works with.
pub struct Console {
    /// Rows, artifacts, clock and channel files.
    pub office: Office,
    /// Sends runs back to their stages; does none itself.
    pub driver: Arc<Driver>,
    /// The door for signed decisions (`proofreel_publishing::webhook::routes`), or an empty router.
    pub webhook: Router,
    /// Names that it answers to.
    pub hosts: Hosts,
    /// True where whoever made a link on the machine of the state folder counts as being there.
    pub at_the_machine: bool,
    /// Works what a form sent back to a stage; none where queues and functions do.
    pub works: Option<Arc<dyn Works>>,
}

/// Whoever works runs behind the pages, one after the other. A page waits for none of it.
pub trait Works: Send + Sync {
    /// Works a run to its rest after what was asked before; `editor` is who changed its words. What is asked twice is done once.
    fn begin(&self, run: &RunId, editor: Option<&str>);

    /// Hides a run's film at its host, after it was written that it is taken back.
    fn withdraw(&self, run: &RunId, who: &str);

    /// What is known of a run that was begun here; none when it came to its rest.
    fn work(&self, run: &RunId) -> Option<Work>;
}

/// How far a run is that was begun here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Others come first.
    Waits,
    /// It is being worked.
    Runs,
    /// It broke off; why, and what to do.
    Failed(String),
}

impl Console {
    /// True where browsers come by TLS: everywhere but on this very machine.
    pub(crate) fn is_secure(&self) -> bool {
        self.hosts != Hosts::Loopback
    }

    /// Name of the session's cookie. The prefix makes a browser refuse it without TLS and from any other host.
    pub(crate) fn cookie_name(&self) -> &'static str {
        if self.is_secure() { "__Host-proofreel" } else { "proofreel" }
    }
}

/// The console as handlers share it.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Console>);

impl Deref for Shared {
    type Target = Console;

    fn deref(&self) -> &Console {
        &self.0
    }
}

/// The whole console.
pub fn router(mut console: Console) -> Router {
    let webhook = std::mem::take(&mut console.webhook);
    let shared = Shared(Arc::new(console));
    let mut pages = Router::new();
    for route in routes::ROUTES {
        if let Some(handler) = route.handler {
            pages = pages.route(route.path, handler());
        }
    }
    pages
        .with_state(shared.clone())
        .merge(webhook)
        .fallback(|| async { Fault::NotFound })
        .method_not_allowed_fallback(|| async { Fault::Method })
        .layer(from_fn_with_state(shared, guard::guard))
}
