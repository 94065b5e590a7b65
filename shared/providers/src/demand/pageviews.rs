//! Wikipedia's page views, daily by article.
//!
//! Contract: <https://doc.wikimedia.org/generated-data-platform/aqs/analytics-api/reference/page-views.html>: `metrics/pageviews/per-article` answers
//! `items` with `timestamp` (`YYYYMMDD00`) and `views`, since July 2015, about a day late. CC0. A day without views has no item.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use proofreel_ports::{CallKind, ProviderInfo, SourceError};
use serde_json::Value;

use crate::source::{Desk, desk};

/// What is known beforehand.
pub const INFO: ProviderInfo = ProviderInfo {
    name: "wikimedia-pageviews",
    publisher: "Wikimedia page views",
    home: "https://pageviews.wmcloud.org/",
    contract: "https://doc.wikimedia.org/generated-data-platform/aqs/analytics-api/reference/page-views.html",
    secret: None,
    licence: "CC0-1.0",
    id_form: "an article's title",
    example: "Inflation",
    terms: None,
};

/// Days of a window whose views are compared.
const WINDOW: i64 = 28;

/// Views of an article, by day.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Views {
    /// Article.
    pub article: String,
    /// Views by day; a day of which nothing is known is absent.
    pub days: BTreeMap<Date, u64>,
}

/// How the interest in an article moves.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Interest {
    /// Views a day in the newest window.
    pub recent: f64,
    /// Newest window over the one before it; none when that had no views.
    pub trend: Option<f64>,
    /// Newest window over the same window a year before: what the season alone does not explain.
    pub over_last_year: Option<f64>,
}

/// Views of an article from `first` to `last`, both included.
pub async fn views(from: &Desk, project: &str, article: &str, first: Date, last: Date) -> Result<Views, SourceError> {
    let named =
        project.ends_with(".wikipedia") && project.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'-'));
    if !named || article.trim().is_empty() || first > last || first.year() < 2015 {
        return Err(desk::unknown(&INFO, article, format!("{project}, {first} to {last} cannot be asked for")));
    }
    let stamp = |day: Date| day.strftime("%Y%m%d00").to_string();
    let title = article.trim().replace(' ', "_");
    let segments = ["per-article", project, "all-access", "user", title.as_str(), "daily", &stamp(first), &stamp(last)];
    let url = desk::address("https://wikimedia.org/api/rest_v1/metrics/pageviews", &segments, &[])?;
    let read = from.json(&INFO, CallKind::Demand, url, None, &desk::good).await?;
    let mut days = BTreeMap::new();
    for item in desk::list(&INFO, &read.body, "/items")? {
        let text = desk::text(&INFO, item, "/timestamp")?;
        let day = text.get(..8).and_then(|day| Date::strptime("%Y%m%d", day).ok());
        let day = day.ok_or_else(|| desk::drift(&INFO, "`timestamp` is no day"))?;
        let views =
            item.get("views").and_then(Value::as_u64).ok_or_else(|| desk::drift(&INFO, "`views` is missing"))?;
        if day < first || day > last || days.insert(day, views).is_some() {
            return Err(desk::drift(&INFO, format!("{day} was not asked for, or came twice")));
        }
    }
    Ok(Views { article: article.trim().to_owned(), days })
}

/// How interest moves, seen from the newest day known. None when a window is not whole: a hole is no fall in interest.
pub fn interest(views: &Views) -> Option<Interest> {
    let newest = *views.days.keys().next_back()?;
    let mean = |back: i64| -> Option<f64> {
        let last = newest.checked_sub(back.days()).ok()?;
        let sum: Option<u64> = (0..WINDOW)
            .map(|n| views.days.get(&last.checked_sub(SignedDuration::from_hours(24 * n)).ok()?).copied())
            .sum();
        Some(sum? as f64 / WINDOW as f64)
    };
    let recent = mean(0)?;
    let over = |other: Option<f64>| other.filter(|other| *other > 0.0).map(|other| recent / other);
    Some(Interest { recent, trend: over(mean(WINDOW)), over_last_year: over(mean(364)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn interest_compares_whole_windows_only() {
        let first = date(2025, 1, 1);
        let mut days: BTreeMap<Date, u64> = (0..600).map(|n| (first.checked_add(n.days()).unwrap(), 100)).collect();
        let newest = *days.keys().next_back().unwrap();
        for n in 0..28 {
            days.insert(newest.checked_sub(n.days()).unwrap(), 150);
        }
        let views = Views { article: "Gold".into(), days };
        let found = interest(&views).unwrap();
        assert_eq!((found.recent, found.trend, found.over_last_year), (150.0, Some(1.5), Some(1.5)));
        let mut holed = views.clone();
        holed.days.remove(&newest.checked_sub(40.days()).unwrap());
        assert_eq!(interest(&holed).unwrap().trend, None);
    }
}
