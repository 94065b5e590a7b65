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

#[cfg(test)]
pub(crate) mod tests {
    use proofreel_model::digest::{BlobRef, Digest};
    use proofreel_model::film::SceneTiming;
    use proofreel_model::qa::{Decision, QaReport};
    use proofreel_model::stock::{Backing, StockPicture};
    use proofreel_model::visual::Visual;

    use crate::qa::fixture::{Episode, episode, report};
    use crate::render::metadata::{House, credits, expected};

    pub(crate) fn row() -> StockPicture {
        StockPicture {
            subject: "copper".into(),
            provider: "commons".into(),
            id: "File:Coils.jpg".into(),
            title: "Coils of wire".into(),
            author: "Jane Doe".into(),
            page: "https://commons.wikimedia.org/wiki/File:Coils.jpg".into(),
            licence: "CC-BY-4.0".into(),
            licence_url: "https://creativecommons.org/licenses/by/4.0/".into(),
            retrieved: jiff::civil::date(2026, 6, 19),
            original: Digest::of(b"original"),
            blob: BlobRef::to("pictures", b"kept"),
            width: 1600,
            height: 900,
        }
    }

    fn shown(e: &mut Episode) -> &mut Option<Backing> {
        match &mut e.scenes.scenes[0].visual {
            Visual::Title { picture, .. } => picture,
            other => panic!("{other:?}"),
        }
    }

    fn pictured() -> Episode {
        let mut e = episode();
        e.order.channel.pictures.providers = vec!["commons".into()];
        e.order.pictures = vec![row()];
        *shown(&mut e) = Some(row().backing());
        e
    }

    fn found(spoil: impl FnOnce(&mut Episode)) -> Vec<String> {
        let mut e = pictured();
        spoil(&mut e);
        let QaReport { findings, verdict, .. } = report(&e);
        assert_eq!(findings.is_empty(), verdict == Decision::Pass, "{findings:#?}");
        findings.into_iter().map(|finding| format!("{} {}: {}", finding.rule, finding.place, finding.detail)).collect()
    }

    #[test]
    fn a_picture_with_its_row_and_its_credit_passes() {
        assert_eq!(found(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn a_picture_without_its_row_its_licence_or_its_credit_is_refused() {
        let one = |spoil: fn(&mut Episode)| {
            let told = found(spoil);
            assert_eq!(told.len(), 1, "{told:#?}");
            told[0].clone()
        };
        let told = one(|e| e.order.pictures.clear());
        assert!(told.starts_with("licence_incompatible stock picture: ") && told.contains("no row"), "{told}");
        assert!(
            one(|e| e.order.channel.pictures.licences = vec!["CC0-1.0".into()]).contains("does not take CC-BY-4.0")
        );
        assert!(one(|e| e.order.pictures[0].licence_url.clear()).contains("does not stand at"));
        assert!(
            one(|e| shown(e).as_mut().unwrap().credit = "Picture: Mallory".into()).starts_with("attribution_missing")
        );
        for spoil in [
            (|e: &mut Episode| e.order.pictures[0].licence = "CC-BY-NC-4.0".into()) as fn(&mut Episode),
            |e| e.order.pictures[0].licence.clear(),
            |e| e.order.pictures[0].title = "Copper at $99,000".into(),
        ] {
            let told = found(spoil);
            assert!(told.iter().any(|told| told.starts_with("licence_incompatible")), "{told:#?}");
        }
    }

    #[test]
    fn a_number_in_words_does_not_pass_with_a_picture() {
        let told = found(|e| e.order.pictures[0].title = "Ninety thousand dollars of wire".into());
        assert!(told.iter().any(|told| told.starts_with("number_without_fact stock picture")), "{told:#?}");
    }

    #[test]
    fn the_description_names_title_author_source_and_licence_before_it_closes() {
        let e = pictured();
        let timeline: Vec<SceneTiming> = Vec::new();
        let told = credits(&e.scenes, &e.order);
        let house = House { language: "en", description_bytes: 5_000, synthetic: false, credits: &told };
        let text = expected(&e.script, &e.brief.sources, &timeline, house).unwrap().description;
        let at =
            text.find("\n\nPicture:\n• “Coils of wire” by Jane Doe – https://commons.wikimedia.org/").expect(&text);
        assert!(text[at..].contains(
            "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/), via Wikimedia Commons, cropped and darkened"
        ));
        assert!(text[at..].contains(&e.script.disclaimer), "{text}");
        // Without a picture nothing is added.
        let bare = House { credits: &[], ..house };
        let plain = expected(&e.script, &e.brief.sources, &timeline, bare).unwrap().description;
        assert!(!plain.contains("Picture:") && plain.len() < text.len());
        let tight = House { description_bytes: plain.len() + 20, ..house };
        assert!(expected(&e.script, &e.brief.sources, &timeline, tight).is_err(), "credits are never left out");
    }
}
