//! What a card shows large, its narration says: what is lit is what is told, also after an edit or in a model's words.

use proofreel_model::visual::Visual;

use super::dossier::{Dossier, Findings, Place};
use super::rules::Rule;
use crate::prose::composer::values;

/// Checks the scenes whose picture is a single number.
pub fn check(dossier: &Dossier<'_>, findings: &mut Findings) {
    for spoken in &dossier.script.scenes {
        let Some(scene) = dossier.scene(&spoken.scene_id) else { continue };
        let Visual::BigNumber { fact, figure, .. } = &scene.visual else { continue };
        let mut told = spoken.narration.iter().flat_map(|sentence| values(&sentence.text));
        if !told.any(|told| told == fact) {
            findings.add(
                Rule::FigureUnsaid,
                &Place::narration(&spoken.scene_id, "narration"),
                format!("never says {}, which its picture shows large ({fact}): say it in a sentence", figure.text()),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use proofreel_model::text::RichText;
    use proofreel_model::visual::Visual;

    use crate::qa::false_words::write;
    use crate::qa::fixture::{episode, report};

    #[test]
    fn a_card_shows_what_is_said_and_nothing_else() {
        for (fact, said) in [("f008", true), ("f001", true), ("f005", false)] {
            let mut episode = episode();
            let figure = write(&episode, &format!("{{{fact}:value:screen}}"));
            let (heading, context) = (RichText::plain("By the whole record"), RichText::plain("and no more"));
            episode.scenes.scenes[5].visual =
                Visual::BigNumber { heading, figure, fact: fact.into(), context, backdrop: None };
            let unsaid = report(&episode).findings.iter().any(|finding| finding.rule == "figure_unsaid");
            assert_eq!(unsaid, !said, "{fact}");
        }
    }
}
