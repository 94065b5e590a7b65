//! An episode laid out for people: script with proofs, verdict, sources, time and cost.
//!
//! One layout, two pages: the file that lies beside a film ([`page`]) and the console's page of a run.

pub mod cells;
pub mod facts;
mod page;
mod player;
mod record;
pub mod words;

pub use page::page;
pub(crate) use page::{Page, build};
pub use player::{PLAYER, player_hash};

use proofreel_evidence::PackageBytes;
use proofreel_model::brief::ResearchBrief;
use proofreel_model::digest::{Digest, canonical_json};
use proofreel_model::film::Film;
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::qa::QaReport;
use proofreel_model::records::PipelineRun;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;

/// What there is of an episode; a run that was stopped early has fewer parts.
pub struct EpisodeParts<'a> {
    /// The run.
    pub run: &'a RunId,
    /// Its order: channel, day, seed, format.
    pub order: &'a Order,
    /// Its data packages, from which the source rows are listed.
    pub packages: &'a [PackageBytes],
    /// Rows of the run log, oldest first.
    pub rows: &'a [PipelineRun],
    /// Output of research.
    pub brief: Option<&'a ResearchBrief>,
    /// Output of the scene builder.
    pub scenes: Option<&'a Scenes>,
    /// Output of the script stage.
    pub script: Option<&'a Script>,
    /// Output of QA.
    pub qa: Option<&'a QaReport>,
    /// Output of render.
    pub film: Option<&'a Film>,
}

impl EpisodeParts<'_> {
    /// True when the ops stages must refuse the episode.
    pub fn is_draft(&self) -> bool {
        self.order.draft || self.script.is_some_and(|script| script.draft)
    }

    /// The digest that an approval names: over the film artifact, which holds the digest of every file and the
    /// metadata, so that it stands for exactly what would be uploaded. None before rendering and for a draft.
    pub fn digest_to_approve(&self) -> Option<Digest> {
        let film = self.film.filter(|_| !self.is_draft())?;
        canonical_json(film).ok().map(|bytes| Digest::of(&bytes))
    }
}
