//! Which risk flags a subject calls for, by the lists of `specs/policy/risks.toml`.

use proofreel_model::policy::Risks;
use proofreel_model::scenes::RiskFlag;
use proofreel_model::series::SeriesInfo;

use crate::freshness::words;

/// The flags that series call for by their names and those of their packages, with the word that says so.
pub fn flags<'a>(series: impl IntoIterator<Item = &'a SeriesInfo>, policy: &Risks) -> Vec<(RiskFlag, String)> {
    let mut names: Vec<String> = Vec::new();
    for info in series {
        for name in [&info.name.subject, &info.name.short, &info.series.dataset, &info.series.column] {
            names.extend(words(name));
            // The next name begins no phrase with the end of this one.
            names.push(String::new());
        }
    }
    let stands_in = |phrase: &&String| {
        let phrase = words(phrase);
        !phrase.is_empty() && names.windows(phrase.len()).any(|window| window == phrase.as_slice())
    };
    [(RiskFlag::SensitiveTopic, &policy.sensitive_topic), (RiskFlag::RegulatoryRisk, &policy.regulatory_risk)]
        .into_iter()
        .filter_map(|(flag, list)| Some((flag, list.iter().find(stands_in)?.clone())))
        .collect()
}
