//! Stock pictures: each stands in the order's ledger, under a licence that channel and law take, and is credited as the ledger says.

use super::dossier::{Dossier, Findings, Place};
use super::numerals;
use super::rules::Rule;
use crate::scene_builder::PLACE;

/// Checks the picture of every card that has one.
pub fn check(dossier: &Dossier<'_>, findings: &mut Findings) {
    for scene in &dossier.scenes.scenes {
        let Some(backing) = scene.visual.backing() else { continue };
        let place = Place::scene(&scene.scene_id, PLACE);
        let Some(row) = dossier.order.pictures.iter().find(|row| row.blob.digest == backing.picture) else {
            let what = format!("{} stands in no row of the order's licence ledger", backing.picture.short());
            findings.add(Rule::LicenceIncompatible, &place, what);
            continue;
        };
        if let Some(fault) = row.fault() {
            findings.add(Rule::LicenceIncompatible, &place, format!("{} of {}: {fault}", row.id, row.provider));
        } else if !dossier.order.channel.pictures.takes(&row.licence) {
            let what = format!("{} of {}: the channel does not take {}", row.id, row.provider, row.licence);
            findings.add(Rule::LicenceIncompatible, &place, what);
        }
        if backing.credit != row.credit() {
            let what = format!("is credited as `{}`, its ledger gives `{}`", backing.credit, row.credit());
            findings.add(Rule::AttributionMissing, &place, what);
        }
        // Author and title reach the viewer as they are: no number may come with them. The rest of a credit is the law's words.
        for text in [&row.title, &row.author] {
            numerals::check_string(dossier, text, &place, findings);
        }
    }
}
