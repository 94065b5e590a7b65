//! How a series is called, from the words of the descriptor.

pub(crate) mod places;
pub(crate) mod words;

use proofreel_model::series::{Adjustment, SeriesName};
use proofreel_model::unit::{Unit, UnitKind};

use crate::descriptor::{FieldText, NameHints, PackageText, ResourceText};

/// A column to be named.
pub(crate) struct Column<'a> {
    pub package: &'a PackageText,
    pub resource: &'a ResourceText,
    pub field: Option<&'a FieldText>,
    pub header: &'a str,
    pub unit: &'a Unit,
    pub adjustment: Adjustment,
    /// How many value columns the resource has.
    pub columns: usize,
}

/// What a column measures: the noun phrase without article, and whether it is plural.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Measure {
    /// Inside a sentence, with article: `the price of gold`.
    pub subject: String,
    /// Alone: `Gold price`.
    pub short: String,
    pub plural: bool,
    /// Without article, for "the … of Germany": `GDP`.
    pub noun: String,
}

/// Names what a column measures.
pub(crate) fn measure(column: &Column<'_>) -> Measure {
    if let Some(measure) = hinted(column) {
        return measure;
    }
    let geo = places::leading(&column.package.title);
    let own = own_phrase(column);
    let phrase = match &own {
        Some(phrase) => phrase.clone(),
        None => table_phrase(column),
    };
    let mut measure = shape(&phrase, column.unit, if own.is_some() { geo } else { None });
    if column.adjustment == Adjustment::Unadjusted && words::tokens(column.header).iter().any(|token| token == "nsa") {
        measure.subject = format!("{} without seasonal adjustment", measure.subject);
    }
    measure
}

fn hinted(column: &Column<'_>) -> Option<Measure> {
    let lone = column.columns == 1;
    let hints: [Option<&NameHints>; 3] = [
        column.field.map(|field| &field.hints),
        lone.then_some(&column.resource.hints),
        (lone && column.package.resources.len() == 1).then_some(&column.package.hints),
    ];
    let hints = hints.into_iter().flatten().find(|hints| hints.subject.is_some())?;
    let subject = hints.subject.clone()?;
    let noun = subject.strip_prefix("the ").unwrap_or(&subject).to_owned();
    let short = hints.short.clone().unwrap_or_else(|| words::capitalise(&noun));
    Some(Measure { short, plural: hints.plural.unwrap_or(false), noun, subject })
}

/// Words in a header that give its unit or adjustment and name nothing.
const UNITS: &str =
    "usd percent pct trillion trillions billion billions million millions thousand thousands sa nsa eur gbp mn";

/// The column's own words, when they name a quantity.
fn own_phrase(column: &Column<'_>) -> Option<String> {
    let title = column.field.map_or("", |field| field.title.trim());
    let names = |text: &str| {
        let left: Vec<String> =
            words::tokens(text).into_iter().filter(|token| !words::is_place_or_adjustment(token)).collect();
        !left.is_empty() && !words::is_generic(&left.join(" "))
    };
    if names(title) && !title.starts_with('%') {
        return Some(words::lower_common(&clean(title)));
    }
    if !names(column.header) {
        return None;
    }
    let percent = matches!(column.unit.kind, UnitKind::Percent);
    let tokens: Vec<String> =
        words::tokens(column.header).into_iter().filter(|token| !UNITS.split(' ').any(|unit| unit == token)).collect();
    let mut phrase = words::humanise(&tokens.join("_"));
    if percent
        && !tokens
            .iter()
            .any(|token| matches!(token.as_str(), "rate" | "share" | "yield" | "inflation" | "growth" | "ratio"))
    {
        phrase.push_str(" percentage");
    }
    Some(phrase)
}

/// The words of the resource when resources differ in what they measure, else those of the package.
fn table_phrase(column: &Column<'_>) -> String {
    let cores: Vec<Vec<String>> = column.package.resources.iter().map(core).collect();
    let same = cores.windows(2).all(|pair| pair[0] == pair[1]);
    let title = clean(&column.package.title);
    let package = conjunct(&title, column.unit);
    if same && !package.is_empty() {
        return words::lower_common(&package);
    }
    let text = clean(&column.resource.title);
    if !text.is_empty()
        && words::tokens(&text).len() > 1
        && !words::tokens(&text).iter().any(|token| token == "csv" || token == "file")
    {
        return words::lower_common(&text);
    }
    let clause = clean(column.resource.description.split(['.', ',', ';']).next().unwrap_or_default());
    let count = clause.split_whitespace().count();
    let core = core(column.resource);
    let about = core.iter().any(|token| words::tokens(&clause).contains(token));
    if (2..=8).contains(&count) && about {
        return words::lower_common(&clause);
    }
    // A resource such as `top-economies` names a selection of members; the package names the measure.
    let measure = words::humanise(&core.join("_"));
    if package.is_empty() { measure } else { words::lower_common(&package) }
}

/// Tokens of a resource's name that say what it holds.
fn core(resource: &ResourceText) -> Vec<String> {
    words::tokens(&resource.name).into_iter().filter(|token| !words::is_packaging(token)).collect()
}

/// Of `US Consumer Price Index and Inflation` the part that the unit is about.
fn conjunct(title: &str, unit: &Unit) -> String {
    let word = match unit.kind {
        UnitKind::Index { .. } => "index",
        UnitKind::Percent => "rate",
        _ => return title.to_owned(),
    };
    let parts: Vec<&str> = title.split(" and ").collect();
    match parts.iter().find(|part| words::tokens(part).iter().any(|token| token == word)) {
        Some(part) if parts.len() == 2 => (*part).to_owned(),
        _ => title.to_owned(),
    }
}

/// A title without brackets, spans of time and words about the file.
fn clean(title: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0u32;
    for c in title.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    let lower = plain.to_lowercase();
    let stops = [
        " since ",
        " from 1",
        " from 2",
        " in usd",
        " in us dollar",
        " in u.s.",
        " at ",
        ": ",
        " - ",
        " \u{2013} ",
        " \u{2014} ",
        " by country",
        " by year",
        " over time",
    ];
    let cut = stops.iter().filter_map(|stop| lower.find(stop)).min().unwrap_or(plain.len());
    let mut words: Vec<&str> = plain.get(..cut).unwrap_or(&plain).split_whitespace().collect();
    let drop = |word: &str| {
        words::is_packaging(&word.to_lowercase())
            || matches!(word.to_lowercase().as_str(), "time" | "the" | "1")
            || is_year(word)
    };
    while words.last().is_some_and(|word| drop(word)) {
        words.pop();
    }
    while words.first().is_some_and(|word| drop(word)) {
        words.remove(0);
    }
    let joined = words.join(" ");
    // Words that only say that the table has many members.
    let mut rest = joined.trim_end_matches([',', '.', ';', ':']);
    for lead in
        ["Country, Regional and World ", "Country and Regional ", "Country ", "World ", "Global ", "International "]
    {
        if rest.split_whitespace().count() > 1 {
            rest = rest.strip_prefix(lead).unwrap_or(rest);
        }
    }
    rest.to_owned()
}

fn is_year(word: &str) -> bool {
    let digits: Vec<&str> = word.split(['-', '\u{2013}']).collect();
    digits.iter().all(|part| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit()))
}

const MASS: &[&str] = &[
    "inflation",
    "unemployment",
    "employment",
    "output",
    "production",
    "consumption",
    "trade",
    "debt",
    "gdp",
    "growth",
    "spending",
    "investment",
    "immigration",
];

/// What is measured and not counted: it has no plural and no article, and a column of its price is often called by it.
const GOODS: &str = "aluminium aluminum beef coal cocoa coffee copper corn cotton crude diesel electricity fuel gas gasoline \
    gold iron nickel oil palladium platinum rice rubber silver steel sugar tea timber tin uranium wheat wool zinc";

/// From a phrase to a subject that reads well in the middle of a sentence.
fn shape(phrase: &str, unit: &Unit, geo: Option<&str>) -> Measure {
    if let Some(measure) = share(phrase, geo) {
        return measure;
    }
    let geo = geo.filter(|geo| !words::tokens(phrase).iter().any(|token| *token == geo.to_lowercase()));
    let phrase = geo.map_or_else(|| phrase.to_owned(), |geo| format!("{geo} {phrase}"));
    let list: Vec<&str> = phrase.split_whitespace().collect();
    let last = list.last().copied().unwrap_or_default().to_lowercase();
    let rest = list[..list.len().saturating_sub(1)].join(" ");
    let done = |subject: String, short: &str, plural: bool, noun: &str| Measure {
        subject,
        short: words::capitalise(short),
        plural,
        noun: noun.to_owned(),
    };
    let lead = places::leading(&format!("{phrase} ")).is_some();
    // A single word that no list knows is a name: `Bitcoin`.
    let is_name = list.len() == 1 && phrase.starts_with(char::is_uppercase) && phrase.chars().any(char::is_lowercase);
    match last.as_str() {
        word if is_name || GOODS.split(' ').any(|good| good == word) => {
            if matches!(unit.kind, UnitKind::Currency { .. }) && unit.per.is_some() {
                let noun = format!("price of {phrase}");
                done(format!("the {noun}"), &format!("{phrase} price"), false, &noun)
            } else {
                done(phrase.clone(), &phrase, false, &phrase)
            }
        }
        "index" | "indices"
            if matches!(unit.kind, UnitKind::Index { .. }) && rest.to_lowercase().ends_with(" price") =>
        {
            let prices = format!("{rest}s");
            done(prices.clone(), &prices, true, &prices)
        }
        "prices" | "price" if !rest.is_empty() && !lead && list.len() <= 3 => {
            done(format!("the price of {rest}"), &format!("{rest} price"), false, &format!("price of {rest}"))
        }
        "prices" if lead => done(phrase.clone(), &phrase, true, &phrase),
        "prices" | "yields" | "rates" | "indices" => {
            let single = format!("{rest} {}", if last == "indices" { "index" } else { last.trim_end_matches('s') });
            done(format!("the {}", single.trim()), single.trim(), false, single.trim())
        }
        word if MASS.contains(&word) => done(phrase.clone(), &phrase, false, &phrase),
        word if word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") => {
            done(phrase.clone(), &phrase, true, &phrase)
        }
        _ => done(format!("the {phrase}"), &phrase, false, &phrase),
    }
}

/// `Unemployed % of labor force` → `the unemployed share of the US labor force`.
fn share(phrase: &str, geo: Option<&str>) -> Option<Measure> {
    let (part, whole) = phrase.split_once(" % of ").or_else(|| phrase.split_once(" percent of "))?;
    let geo = geo.map_or_else(String::new, |geo| format!("{geo} "));
    Some(Measure {
        subject: format!("the {part} share of the {geo}{whole}"),
        short: words::capitalise(&format!("{part} share of {whole}")),
        plural: false,
        noun: format!("{part} share of the {geo}{whole}"),
    })
}

/// The name of one series: the measure, or the measure of a member.
pub(crate) fn name(measure: &Measure, member: Option<&str>) -> SeriesName {
    let Some(member) = member else {
        return SeriesName { subject: measure.subject.clone(), short: measure.short.clone(), plural: measure.plural };
    };
    let (inside, alone) = places::spoken(member);
    let subject = if measure.plural {
        format!("{} in {inside}", measure.noun)
    } else {
        format!("the {} of {inside}", measure.noun)
    };
    SeriesName { subject, short: alone, plural: measure.plural }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(phrase: &str, unit: &Unit, geo: Option<&str>) -> (String, String) {
        let measure = shape(phrase, unit, geo);
        (measure.subject, measure.short)
    }

    #[test]
    fn phrases_become_subjects() {
        let usd = Unit::plain(UnitKind::Currency { code: "USD".into() });
        let index = Unit::plain(UnitKind::Index { base: None });
        assert_eq!(shaped("gold prices", &usd, None), ("the price of gold".into(), "Gold price".into()));
        assert_eq!(
            shaped("10 year US government bond yields", &Unit::percent(), None).0,
            "the 10 year US government bond yield"
        );
        assert_eq!(shaped("US consumer price index", &index, None).0, "US consumer prices");
        assert_eq!(
            shaped("unemployed % of labor force", &Unit::percent(), Some("US")).0,
            "the unemployed share of the US labor force"
        );
        assert_eq!(shaped("GDP", &usd, None).0, "GDP");
        assert_eq!(shaped("retail sales", &usd, Some("US")), ("US retail sales".into(), "US retail sales".into()));
        let a_barrel = Unit { per: Some("barrel".into()), ..usd.clone() };
        for (phrase, unit, subject) in [
            ("Brent crude oil", &a_barrel, "the price of Brent crude oil"),
            ("Brent", &a_barrel, "the price of Brent"),
            ("WTI crude oil spot price", &a_barrel, "the WTI crude oil spot price"),
            ("natural gas", &index, "natural gas"),
            ("Bitcoin", &usd, "Bitcoin"),
            ("money supply", &usd, "the money supply"),
            ("CPI", &index, "the CPI"),
        ] {
            assert_eq!(shaped(phrase, unit, None).0, subject, "{phrase}");
        }
    }

    #[test]
    fn titles_are_cleaned() {
        assert_eq!(clean("US House Price Index (Case-Shiller)"), "US House Price Index");
        assert_eq!(clean("US Employment and Unemployment rates since 1940"), "US Employment and Unemployment rates");
        assert_eq!(clean("Country, Regional and World GDP (Gross Domestic Product)"), "GDP");
        assert_eq!(clean("Monthly Gold Prices 1950-2020"), "Gold Prices");
    }

    #[test]
    fn members_own_their_measure() {
        let measure = shape("GDP", &Unit::plain(UnitKind::Currency { code: "USD".into() }), None);
        assert_eq!(name(&measure, Some("United States")).subject, "the GDP of the United States");
    }
}
