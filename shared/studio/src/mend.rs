//! A film that came out faulty is made once more, of nothing that was kept before.
//!
//! A kept part that is damaged is noticed where it lies. One that is whole and yet not what its name promises (drawn by a
//! defect that is mended since, or laid there by another hand) is noticed by the media check only, and would spoil every film
//! that asks for it.
//!
//! ```text
//!  make ─ good ──────────────► kept, the mark is forgotten
//!     └── faulty ─ unmarked ─► mark the film, forget every part that it asked for: make it once more
//!                └ marked ───► forget the mark: no kept part is to blame, the fault is told
//! ```
//! The mark lies on the shelf beside the parts, so that a film whose second making ran out of time is gone on with, by this
//! worker or another, and not begun a third time.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use proofreel_model::digest::Digest;

use crate::encoder::remove;
use crate::error::StudioError;
use crate::film::{self, FilmOrder, Made, Progress};
use crate::segment::Toolchain;
use crate::shelf::Shelf;
use crate::theme::Theme;
use crate::{kept, keys};

/// Makes a film as [`film::make`] does. `Ok(Err(fault))`: it came out faulty, what it was made of is forgotten, and it is to be
/// made once more, with `again` this time: then a fault is final, whatever the shelf remembers.
pub fn make(
    order: &FilmOrder,
    again: bool,
    shelf: &dyn Shelf,
    progress: &(dyn Progress + Sync),
) -> Result<Result<Made, StudioError>, StudioError> {
    let noted = Noted { shelf, asked: Mutex::default() };
    match film::make(order, &noted, progress) {
        Err(fault) if fault.is_of_parts() => {
            let begun = noted.begin(&name(order)?, &order.folder)?;
            if begun && !again { Ok(Err(fault)) } else { Err(fault) }
        }
        made => made.map(Ok),
    }
}

/// The film is good: the next fault that it shows is a new one.
pub(crate) fn over(film: &Digest, shelf: &dyn Shelf) -> Result<(), StudioError> {
    shelf.forget(&mark(film)?);
    Ok(())
}

fn name(order: &FilmOrder) -> Result<Digest, StudioError> {
    let theme = Theme::new(&order.look, order.format, order.burn_captions, &order.brand)?;
    kept::key(order, &Toolchain::of(&order.tools, &order.fonts, &theme)?, &film::digests(&order.speech))
}

fn mark(film: &Digest) -> Result<Digest, StudioError> {
    keys::of("made once more", film)
}

/// A shelf that knows what was asked of it.
struct Noted<'a> {
    shelf: &'a dyn Shelf,
    asked: Mutex<BTreeSet<Digest>>,
}

impl Noted<'_> {
    fn note(&self, key: &Digest) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
    }

    /// Marks the film and forgets all that was asked for. False when it was marked before; then it no longer is.
    fn begin(&self, film: &Digest, folder: &Path) -> Result<bool, StudioError> {
        let (mark, note) = (mark(film)?, folder.join("mending.note"));
        let before = self.shelf.fetch(&mark, &note);
        if before {
            self.shelf.forget(&mark);
        } else {
            std::fs::write(&note, &film.0)
                .map_err(|error| StudioError::io(format!("writing {}", note.display()), error))?;
            self.shelf.keep(&mark, &note);
            let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.iter().for_each(|key| self.shelf.forget(key));
        }
        remove(&note)?;
        Ok(!before)
    }
}

impl Shelf for Noted<'_> {
    fn fetch(&self, key: &Digest, to: &Path) -> bool {
        self.note(key);
        self.shelf.fetch(key, to)
    }

    fn keep(&self, key: &Digest, from: &Path) {
        self.note(key);
        self.shelf.keep(key, from);
    }

    fn forget(&self, key: &Digest) {
        self.shelf.forget(key);
    }
}
