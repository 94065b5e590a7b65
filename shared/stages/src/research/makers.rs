//! Whose figures a series is: of the sources that a package names, those that are not another series' own.

use std::collections::BTreeSet;

use proofreel_evidence::{Dataset, Publisher};
use proofreel_model::brief::SourceTier;
use proofreel_model::policy::Sources;
use proofreel_model::series::{Frequency, SeriesRef};

use crate::freshness::words;

/// Makers named for one series at most: more would not fit a screen.
const MOST: usize = 2;
/// Words that join others and tell nothing apart.
const JOINTS: [&str; 12] = ["of", "the", "and", "in", "for", "to", "at", "by", "on", "or", "date", "table"];
/// Words of a calendar, from the shortest period to the longest, as in [`Frequency`].
const CALENDARS: [(Frequency, &[&str]); 5] = [
    (Frequency::Daily, &["daily", "day", "days"]),
    (Frequency::Weekly, &["weekly", "week", "weeks"]),
    (Frequency::Monthly, &["monthly", "month", "months"]),
    (Frequency::Quarterly, &["quarterly", "quarter", "quarters"]),
    (Frequency::Annual, &["annual", "annually", "yearly", "year", "years"]),
];

/// Who made the figures of a series, as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Maker {
    /// Publisher, and the release where the package names it.
    pub title: String,
    /// Where it can be looked up; empty when the package does not say.
    pub url: String,
    /// How far it is trusted.
    pub tier: SourceTier,
}

/// The makers of a series, the most trusted first; never empty for a package that was loaded.
///
/// A package may name one source for each of its files. One that names another series of the package better than
/// this one is left out when another names this one better; so is one of another calendar, when one of this series'
/// calendar is left. Several that are left from one house of the law's list are told as that house, because nothing says
/// which of its releases it was.
pub(crate) fn of(series: &SeriesRef, dataset: &Dataset, policy: &Sources) -> Vec<Maker> {
    let mut left: Vec<&Publisher> = dataset.publishers.iter().collect();
    if left.len() > 1 {
        by_subject(&mut left, series, dataset);
        by_calendar(&mut left, series, dataset);
    }
    let mut makers: Vec<Maker> = left
        .iter()
        .map(|publisher| {
            let house = house(publisher, policy);
            let several = left.iter().filter(|other| self::house(other, policy) == house).count() > 1;
            Maker {
                title: house.map_or_else(|| publisher.title.clone(), |name| shown(name, publisher, several)),
                url: if house.is_some() && several { home(&publisher.url) } else { publisher.url.clone() },
                tier: tier(publisher, dataset, policy),
            }
        })
        .collect();
    makers.sort_by_key(|maker| maker.tier);
    let mut titles = BTreeSet::new();
    makers.retain(|maker| titles.insert(maker.title.to_lowercase()));
    makers.truncate(MOST);
    makers
}

/// Leaves out who names another series better than this one, when somebody names this one better.
fn by_subject(left: &mut Vec<&Publisher>, series: &SeriesRef, dataset: &Dataset) {
    // Members of a table share its words: only files and columns are told apart by the names of sources.
    let own = subject(&series.resource, &series.column);
    let columns: BTreeSet<(&str, &str)> = dataset
        .series
        .iter()
        .map(|other| (other.info.series.resource.as_str(), other.info.series.column.as_str()))
        .collect();
    let all: Vec<BTreeSet<String>> = columns.into_iter().map(|(resource, column)| subject(resource, column)).collect();
    let named = |set: &BTreeSet<String>, publisher: &Publisher| {
        let title: BTreeSet<String> = words(&publisher.title).into_iter().collect();
        set.intersection(&title).count()
    };
    let best = left.iter().map(|publisher| named(&own, publisher)).max().unwrap_or_default();
    left.retain(|publisher| {
        let mine = named(&own, publisher);
        mine == best || all.iter().all(|other| named(other, publisher) <= mine)
    });
}

/// Leaves out who names other calendars only, when somebody names the series' own.
fn by_calendar(left: &mut Vec<&Publisher>, series: &SeriesRef, dataset: &Dataset) {
    let Some(own) = dataset.series.iter().find(|known| &known.info.series == series) else { return };
    let frequency = own.info.frequency;
    let calendars = |publisher: &Publisher| -> BTreeSet<Frequency> {
        words(&publisher.title).iter().filter_map(|word| calendar(word)).collect()
    };
    if left.iter().any(|publisher| calendars(publisher).contains(&frequency)) {
        left.retain(|publisher| {
            let named = calendars(publisher);
            named.is_empty() || named.contains(&frequency)
        });
    }
}

/// Words that a file and its column are told apart by.
fn subject(resource: &str, column: &str) -> BTreeSet<String> {
    let all = words(resource).into_iter().chain(words(column));
    all.filter(|word| calendar(word).is_none() && !JOINTS.contains(&word.as_str())).collect()
}

fn calendar(word: &str) -> Option<Frequency> {
    CALENDARS.iter().find(|(_, names)| names.contains(&word)).map(|(frequency, _)| *frequency)
}

/// A release below the name of its house; the house alone where several of its releases may be meant, or where the
/// package names nothing else.
fn shown(house: &str, publisher: &Publisher, several: bool) -> String {
    // `U.S. Bureau` and `US Bureau` are one name.
    let core = |text: &str| -> Vec<String> {
        words(text).into_iter().filter(|word| !["us", "u", "s", "the"].contains(&word.as_str())).collect()
    };
    let (own, name) = (core(&publisher.title), core(house));
    if several || runs_in(&name, &own) {
        house.to_owned()
    } else if runs_in(&own, &name) {
        publisher.title.clone()
    } else {
        format!("{house}, {}", publisher.title)
    }
}

/// The law's name for the house at the publisher's address.
fn house<'p>(publisher: &Publisher, policy: &'p Sources) -> Option<&'p str> {
    let host = host(&publisher.url).to_lowercase();
    let lies_at = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    policy.houses.iter().find(|(domain, _)| lies_at(domain)).map(|(_, name)| name.as_str())
}

fn host(url: &str) -> &str {
    url.split("://").last().unwrap_or_default().split('/').next().unwrap_or_default()
}

/// The front page of an address.
fn home(url: &str) -> String {
    format!("https://{}/", host(url))
}

/// True when these words stand together among those.
fn runs_in(all: &[String], these: &[String]) -> bool {
    !these.is_empty() && all.windows(these.len()).any(|window| window == these)
}

/// Trust tier of a publisher: by the lists of `specs/policy/sources.toml`, matched as whole words in its name and in
/// the host of its address. A package that an operator brings is `tier_2` when it names publisher, address and
/// licence, because then a person vouches for an origin that a viewer can look up; it is `tier_3` when one of these
/// is missing, and QA lets no claim through that rests on `tier_3` alone.
fn tier(publisher: &Publisher, dataset: &Dataset, policy: &Sources) -> SourceTier {
    let own: Vec<String> = words(&publisher.title).into_iter().chain(words(host(&publisher.url))).collect();
    let named = |list: &[String]| list.iter().any(|name| runs_in(&own, &words(name)));
    if named(&policy.tier_1_publishers) {
        SourceTier::Tier1
    } else if named(&policy.tier_2_publishers)
        || (!publisher.title.trim().is_empty() && !publisher.url.trim().is_empty() && dataset.licence != "not stated")
    {
        SourceTier::Tier2
    } else {
        SourceTier::Tier3
    }
}

#[cfg(test)]
#[path = "../../tests/episodes/releases.rs"]
mod releases;

#[cfg(test)]
mod tests {
    use super::releases::RELEASES;
    use super::*;
    use proofreel_evidence::{Library, PackageBytes};
    use proofreel_model::digest::Digest;
    use proofreel_model::policy::law;
    use std::fmt::Write as _;

    /// A package of these files, each with one column `Price`, and of sources with these titles at one address.
    fn loaded(files: &[(&str, Frequency)], titles: &[&str], address: &str) -> Library {
        let resource = |name: &str| {
            serde_json::json!({"name": name, "path": format!("{name}.csv"), "schema": {"fields": [
                {"name": "Date", "type": "date"}, {"name": "Price", "type": "number", "unit": "USD"}]}})
        };
        let sources: Vec<_> = titles.iter().map(|title| serde_json::json!({"title": title, "path": address})).collect();
        let json = serde_json::json!({"name": "p", "title": "Fuels", "sources": sources,
            "resources": files.iter().map(|&(name, _)| resource(name)).collect::<Vec<_>>()});
        let rows = |name: &str, frequency: Frequency| {
            let mut csv = "Date,Price\n".to_owned();
            for n in 0..40 {
                let date = match frequency {
                    Frequency::Daily => format!("2026-03-{:02}", n % 28 + 1),
                    Frequency::Annual => format!("{}-01-01", 1980 + n),
                    _ => format!("{}-{:02}-15", 2020 + n / 12, n % 12 + 1),
                };
                if frequency != Frequency::Daily || n < 28 {
                    writeln!(csv, "{date},{}.5", 40 + (n * 7 + name.len()) % 11).unwrap();
                }
            }
            csv
        };
        let tables = files.iter().map(|(name, frequency)| (format!("{name}.csv"), rows(name, *frequency).into_bytes()));
        let files = tables.chain([("datapackage.json".to_owned(), json.to_string().into_bytes())]).collect();
        Library::load(&[PackageBytes { name: "p".into(), digest: Digest::of(b"p"), files }]).unwrap()
    }

    fn titles(library: &Library, resource: &str) -> Vec<String> {
        let dataset = library.dataset("p").unwrap();
        let series = dataset.series.iter().find(|series| series.info.series.resource == resource).unwrap();
        of(&series.info.series, dataset, &law().sources).into_iter().map(|maker| maker.title).collect()
    }

    const OIL: [(&str, Frequency); 3] =
        [("brent-daily", Frequency::Daily), ("brent-month", Frequency::Monthly), ("wti-month", Frequency::Monthly)];

    #[test]
    fn a_series_has_the_release_that_names_it_and_its_calendar() {
        let library = loaded(&OIL, &RELEASES, "https://www.eia.gov/dnav/x.xls");
        let house = "US Energy Information Administration";
        assert_eq!(titles(&library, "brent-daily"), [format!("{house}, Daily Europe Brent Spot Price")]);
        assert_eq!(titles(&library, "brent-month"), [format!("{house}, Monthly Europe Brent Spot Price")]);
        assert_eq!(titles(&library, "wti-month"), [format!("{house}, Monthly Cushing, OK WTI Spot Price")]);
    }

    #[test]
    fn releases_that_nothing_tells_apart_are_their_house() {
        let files = [("brent-month", Frequency::Monthly), ("heating-month", Frequency::Monthly)];
        let library = loaded(&files, &RELEASES[3..5], "https://www.eia.gov/dnav/x.xls");
        assert_eq!(titles(&library, "heating-month"), ["US Energy Information Administration"]);
        let dataset = library.dataset("p").unwrap();
        let makers = of(&dataset.series[0].info.series, dataset, &law().sources);
        assert_eq!(makers[0].url, "https://www.eia.gov/", "no release is pointed at");
        let elsewhere = loaded(&files, &RELEASES[3..5], "https://noteia.gov/x");
        assert_eq!(titles(&elsewhere, "heating-month"), &RELEASES[3..5], "a name that only ends alike is no house");
    }

    #[test]
    fn a_house_is_not_named_twice() {
        let shown = |title: &str| {
            let publisher = Publisher { title: title.into(), url: String::new() };
            super::shown("US Energy Information Administration", &publisher, false)
        };
        assert_eq!(shown("U.S. Energy Information Administration"), "US Energy Information Administration");
        assert_eq!(shown("Energy Information Administration"), "US Energy Information Administration");
        let release = "US Energy Information Administration, Petroleum and Other Liquids";
        assert_eq!(shown(release), release);
        assert_eq!(shown("Spot Prices"), "US Energy Information Administration, Spot Prices");
    }

    #[test]
    fn joint_sources_of_a_package_are_all_credited() {
        let files = [("labor-force", Frequency::Annual), ("unemployment", Frequency::Annual)];
        let both = ["Bureau of Labor Statistics", "Census Bureau"];
        let library = loaded(&files, &both, "https://example.org/");
        assert_eq!(titles(&library, "labor-force"), both);
        assert_eq!(titles(&library, "unemployment"), both, "no source names it, so none is another's alone");
    }
}
