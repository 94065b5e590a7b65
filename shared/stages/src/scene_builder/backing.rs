//! Which of the order's stock pictures lies behind the title card.

use std::collections::BTreeSet;

use proofreel_model::stock::{Backing, StockPicture};

use crate::freshness::words;
use crate::prose::Story;
use crate::qa::lexicon::Lexicon;
use crate::qa::numerals::is_plain;
use crate::topic_scoring::names;
use crate::{Context, StageError};

/// What the gate calls the place of a stock picture, here and in its reasons.
pub(crate) const PLACE: &str = "stock picture";

/// The first picture of an interest that the topic is about. None where the order has none that may be shown, or where the gate sent
/// back the one there was: a film needs no picture.
pub(super) fn of(story: Story<'_>, context: &Context<'_>) -> Result<Option<Backing>, StageError> {
    let pictures = &context.order.pictures;
    if pictures.is_empty() || context.reasons.iter().any(|reason| reason.contains(PLACE)) {
        return Ok(None);
    }
    let lexicon = Lexicon::embedded().map_err(StageError::Failed)?;
    let topic = &story.brief.topic;
    let mut vocabulary: BTreeSet<String> = words(&topic.title).into_iter().collect();
    // The subject comes first; what it is only compared with has no claim to the title.
    if let Some(info) = topic.series.first() {
        vocabulary.extend(words(&info.name.subject));
        vocabulary.extend(words(&info.name.short));
        vocabulary.extend(words(&info.series.dataset));
    }
    let settings = &context.order.channel.pictures;
    let fits = |picture: &&StockPicture| {
        picture.fault().is_none()
            && settings.takes(&picture.licence)
            && names(&picture.subject, &vocabulary)
            && [&picture.title, &picture.author].into_iter().all(|text| is_plain(&lexicon, text))
    };
    Ok(pictures.iter().find(fits).map(StockPicture::backing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qa::backing::tests::row;
    use crate::qa::fixture::{episode, with_context};

    fn chosen(pictures: Vec<StockPicture>, licences: &[&str], reasons: &[&str]) -> Option<Backing> {
        let mut e = episode();
        e.order.pictures = pictures;
        e.order.channel.pictures.licences = licences.iter().map(|id| (*id).to_owned()).collect();
        let reasons: Vec<String> = reasons.iter().map(|reason| (*reason).to_owned()).collect();
        with_context(&e, |context| of(Story { brief: &e.brief }, &Context { reasons: &reasons, ..*context }).unwrap())
    }

    #[test]
    fn the_picture_of_the_subject_is_taken_and_no_other() {
        let other = StockPicture { subject: "oil".into(), ..row() };
        assert_eq!(chosen(vec![other.clone(), row()], &[], &[]), Some(row().backing()));
        assert_eq!(chosen(vec![other], &[], &[]), None);
        assert_eq!(chosen(Vec::new(), &[], &[]), None);
    }

    #[test]
    fn what_the_gate_would_refuse_or_did_refuse_is_not_shown() {
        assert_eq!(chosen(vec![row()], &["CC0-1.0"], &[]), None);
        assert_eq!(chosen(vec![StockPicture { title: "Two million coils".into(), ..row() }], &[], &[]), None);
        assert_eq!(chosen(vec![StockPicture { licence: "CC-BY-NC-4.0".into(), ..row() }], &[], &[]), None);
        let refused = "number_without_fact at s01 stock picture: `million`";
        assert_eq!(chosen(vec![row()], &[], &[refused]), None);
        assert_eq!(chosen(vec![row()], &[], &["sameness"]), Some(row().backing()));
    }
}
