//! Names that cannot be drawn, found before anything is made: a viewer never sees an empty box, and nobody waits for a
//! film that would be refused.

use std::collections::BTreeSet;

use proofreel_evidence::Library;
use proofreel_model::channel::ChannelProfile;
use proofreel_studio::StudioError;
use proofreel_studio::text::{FontFiles, Typesetter};

use crate::exit::Failure;

/// Refuses a channel or data packages whose names hold characters that no font draws.
///
/// # Errors
/// The first such name, with its file, its characters, and what to do. A machine without fonts has other troubles: it
/// is told by the stage that draws.
pub fn check(file: &str, profile: &ChannelProfile, library: &Library) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    let mut texts: Vec<(String, &str)> = vec![
        (format!("{file}: name"), profile.name.as_str()),
        (format!("{file}: governance.disclaimer"), profile.governance.disclaimer.as_str()),
    ];
    for dataset in library.datasets() {
        let within = |what: &str| format!("data package {}: {what}", dataset.name);
        texts.push((within("title"), dataset.title.as_str()));
        texts.extend(dataset.publishers.iter().map(|publisher| (within("a source's title"), publisher.title.as_str())));
        for resource in &dataset.resources {
            texts.push((within(&format!("description of {}", resource.name)), resource.description.as_str()));
        }
        for series in &dataset.series {
            let what = within(&format!("the name `{}`", series.info.name.short));
            texts.push((what.clone(), series.info.name.short.as_str()));
            texts.push((what, series.info.name.subject.as_str()));
        }
    }
    texts.retain(|(_, text)| !text.is_ascii() && seen.insert(*text));
    if texts.is_empty() {
        return Ok(());
    }
    let Ok(mut type_) = Typesetter::new(&FontFiles::from_environment()) else { return Ok(()) };
    for (place, text) in texts {
        type_.check_text(text).map_err(|error| Failure::input(told(&place, &error)))?;
    }
    Ok(())
}

fn told(place: &str, error: &StudioError) -> String {
    format!("{place}: {error}")
}
