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
