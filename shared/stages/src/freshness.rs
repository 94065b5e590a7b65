//! How old a source may be before its figures must be told as history.

use jiff::civil::Date;
use proofreel_evidence::Dataset;
use proofreel_model::policy::Sources;
use proofreel_model::series::SeriesInfo;

/// Days a package stays fresh: the market window when its title or its series speak of prices or yields, else the
/// macro window. Indices and national accounts count as macro even when they are of prices.
pub fn window_days(dataset: &Dataset, infos: &[SeriesInfo], policy: &Sources) -> u32 {
    use proofreel_model::unit::UnitKind;
    let own: Vec<&SeriesInfo> = infos.iter().filter(|info| info.series.dataset == dataset.name).collect();
    let quoted = |info: &SeriesInfo| matches!(info.unit.kind, UnitKind::Currency { .. } | UnitKind::Percent);
    let text = std::iter::once(format!("{} {}", dataset.name, dataset.title))
        .chain(own.iter().map(|info| info.name.subject.clone()))
        .collect::<Vec<_>>()
        .join(" ");
    let words = words(&text);
    let market = policy.market_words.iter().any(|word| words.iter().any(|w| w == word));
    let is_quote = own.is_empty() || own.iter().any(|info| quoted(info));
    if market && is_quote { policy.market_days } else { policy.macro_days }
}

/// True when `newest` is older than `window` days on the day of the run.
pub fn is_stale(newest: Date, window: u32, as_of: Date) -> bool {
    as_of.since(newest).is_ok_and(|span| i64::from(span.get_days()) > i64::from(window))
}

/// Words of a text in small letters.
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}
