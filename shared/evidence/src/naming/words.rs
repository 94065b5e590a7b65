//! Words: splitting headers, telling generic ones, lower-casing titles.

/// Lower-case tokens of a header or phrase: split at anything that is no letter or digit, and where a
/// lower-case letter meets an upper-case one.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut current = String::new();
    let mut previous = ' ';
    for c in text.chars() {
        let boundary = !c.is_alphanumeric() || (previous.is_lowercase() && c.is_uppercase());
        if boundary && !current.is_empty() {
            found.push(std::mem::take(&mut current));
        }
        if c.is_alphanumeric() {
            current.extend(c.to_lowercase());
        }
        previous = c;
    }
    if !current.is_empty() {
        found.push(current);
    }
    found
}

/// Headers that say nothing about what is measured.
const GENERIC: &str = "price prices value values rate rates index close closing level amount obs observation adj adjusted \
    mean average avg data number last settle series y figure measure result nominal yield spot usd \
    dollars eur gbp percent pct";

/// True when a header alone names no quantity: `Price`, `Value`, `Adj Close`.
pub(crate) fn is_generic(header: &str) -> bool {
    tokens(header).iter().all(|token| GENERIC.split(' ').any(|word| word == token))
}

/// True for words that only say where, or that the season was removed: `National-US-SA`.
pub(crate) fn is_place_or_adjustment(token: &str) -> bool {
    matches!(
        token,
        "us" | "usa" | "uk" | "eu" | "national" | "sa" | "nsa" | "seasonally" | "adjusted" | "unadjusted" | "not"
    )
}

/// Words about frequency or processing, which name no other quantity.
pub(crate) fn is_packaging(token: &str) -> bool {
    matches!(
        token,
        "daily"
            | "day"
            | "weekly"
            | "week"
            | "monthly"
            | "month"
            | "quarterly"
            | "quarter"
            | "annual"
            | "annually"
            | "yearly"
            | "year"
            | "processed"
            | "raw"
            | "clean"
            | "data"
            | "csv"
            | "file"
            | "derived"
            | "table"
            | "series"
            | "dataset"
            | "latest"
            | "full"
            | "history"
            | "historical"
    )
}

/// Written forms that a plain header loses.
const FORMS: &[(&str, &str)] = &[
    ("us", "US"),
    ("usa", "US"),
    ("uk", "UK"),
    ("eu", "EU"),
    ("gdp", "GDP"),
    ("gnp", "GNP"),
    ("gni", "GNI"),
    ("cpi", "CPI"),
    ("ppi", "PPI"),
    ("pce", "PCE"),
    ("wti", "WTI"),
    ("vix", "VIX"),
    ("sp500", "S&P 500"),
    ("m1", "M1"),
    ("m2", "M2"),
    ("m3", "M3"),
    ("fx", "exchange rate"),
    ("pct", "percent"),
    ("avg", "average"),
    ("pop", "population"),
    ("unemp", "unemployment"),
    ("emp", "employment"),
    ("govt", "government"),
    ("int", "interest"),
    ("yoy", "year-on-year"),
    ("mom", "month-on-month"),
    ("co2", "CO2"),
    ("nasdaq", "Nasdaq"),
    ("brent", "Brent"),
    ("ftse", "FTSE"),
    ("oecd", "OECD"),
    ("ecb", "ECB"),
    ("fed", "Fed"),
    ("btc", "Bitcoin"),
    ("eth", "Ether"),
    ("usd", "US dollar"),
    ("eur", "euro"),
    ("gbp", "pound"),
    ("jpy", "yen"),
    ("cons", "consumer"),
    ("num", "number"),
    ("qty", "quantity"),
    ("idx", "index"),
    ("hpi", "house price index"),
];

/// A header as words: `fed_funds_rate` → `Fed funds rate`, `medianHousePrice` → `median house price`.
pub(crate) fn humanise(header: &str) -> String {
    let known: Vec<String> = tokens(header)
        .into_iter()
        .map(|token| FORMS.iter().find(|(short, _)| *short == token).map_or(token, |(_, form)| (*form).to_owned()))
        .collect();
    known.join(" ")
}

/// Common nouns and adjectives of the field: title case is taken off these and off nothing else, because an
/// unknown word may be a name.
const COMMON: &str = "a accounts activity adjusted adult agricultural agriculture all an and annual apartment area assets \
    at average balance bank banking barrel base benchmark beef bill bills bond bonds borrowing budget \
    building business by capital cash central change city civilian claims closing coal cocoa coffee \
    commercial commodities commodity completions construction consumer consumption copper core corn \
    corporate cost costs cotton credit crude current daily debt deficit demand deposit deposits discount \
    disposable dividend dollar domestic durable earnings economic economy effective electricity \
    emissions employed employment energy equity exchange expectations expenditure expenditures exports \
    farm federal female final finance financial food for force foreign from fuel funds futures gas \
    gasoline global gold goods government gross growth home homes hourly hours house household \
    households houses housing immigration imports in income index indices industrial industry inflation \
    initial insured interest inventories investment jobless jobs labor labour lead lending life loan \
    loans long long-term male manufacturing market maturity mean median metal metals minimum money \
    monthly mortgage national natural net new nickel nominal noninstitutional nonfarm not number of oil \
    on or orders output participation payroll payrolls per percent percentage permits persons platinum \
    policy population power price prices prime private producer product production productivity profits \
    public purchasing quarterly rate rates ratio real reserve reserves residential retail return returns \
    rice sales savings sector sentiment services share short short-term silver soybeans spending spot \
    starts stock stocks sugar supply surplus tax tea term the tin to total trade transport treasury \
    under unemployed unemployment union urban utilities utilization value vehicle wage wages weekly \
    wheat wholesale with work workers yield yields youth zinc year years month";

/// Takes title case off the common words of a phrase; names and acronyms stay.
pub(crate) fn lower_common(phrase: &str) -> String {
    phrase
        .split_whitespace()
        .map(|word| {
            let lower = word.to_lowercase();
            let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());
            let all_capitals = word.len() > 1 && word.chars().all(|c| !c.is_lowercase());
            if !all_capitals && COMMON.split(' ').any(|word| word == bare) { lower } else { word.to_owned() }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// First letter upper case.
pub(crate) fn capitalise(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_split_snake_camel_and_signs() {
        assert_eq!(tokens("gdp_trillion"), ["gdp", "trillion"]);
        assert_eq!(tokens("National-US-SA"), ["national", "us", "sa"]);
        assert_eq!(tokens("medianPrice"), ["median", "price"]);
    }

    #[test]
    fn generic_and_human_words() {
        assert!(is_generic("Price") && is_generic("Adj Close") && !is_generic("unemployed_percent"));
        assert_eq!(humanise("us_unemp_rate"), "US unemployment rate");
        assert_eq!(lower_common("10 year US Government Bond Yields"), "10 year US government bond yields");
        assert_eq!(lower_common("Europe Brent crude oil spot price"), "Europe Brent crude oil spot price");
    }
}
