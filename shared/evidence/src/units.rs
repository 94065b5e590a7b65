//! Which unit a column is in: from the descriptor's own words, never guessed from the numbers.

use proofreel_model::series::{Adjustment, Money};
use proofreel_model::unit::{Unit, UnitKind};
use serde_json::Value;

use crate::descriptor::{FieldText, NameHints, PackageText, ResourceText};
use crate::naming::words;
use crate::numbers::NumberStyle;

/// The unit of a value column, and whether the season was removed.
///
/// The nearest words win: the field's `unit` property, its description, title and name, signs in the cells, then
/// the words of the resource and the package, which count only for a column whose own words name no unit.
pub(crate) fn of_column(
    header: &str,
    field: Option<&FieldText>,
    style: NumberStyle,
    resource: &ResourceText,
    package: &PackageText,
) -> Unit {
    if let Some(unit) = field.and_then(|field| field.unit.as_ref()).and_then(declared) {
        return unit;
    }
    let own = own_texts(header, field);
    if let Some(unit) = own.iter().find_map(|text| from_text(text)) {
        return unit;
    }
    if style.percent {
        return Unit::percent();
    }
    if let Some(code) = style.currency {
        return Unit::plain(UnitKind::Currency { code: code.into() });
    }
    let tokens: Vec<String> = own.iter().flat_map(|text| words::tokens(text)).collect();
    if tokens.iter().any(|token| matches!(token.as_str(), "inflation" | "yield" | "yields")) {
        return Unit::percent();
    }
    // Words of the table speak for its columns only when these are not about something else.
    let speaks =
        words::is_generic(header) || words::tokens(header).iter().all(|token| words::is_place_or_adjustment(token));
    if !speaks {
        return Unit::plain(UnitKind::Unspecified);
    }
    table_texts(resource, package).into_iter().find_map(from_text).unwrap_or_else(|| Unit::plain(UnitKind::Unspecified))
}

/// Description, title and name of a column.
fn own_texts(header: &str, field: Option<&FieldText>) -> Vec<String> {
    let mut texts = Vec::new();
    if let Some(field) = field {
        texts.push(field.description.clone());
        texts.push(field.title.clone());
    }
    texts.push(words::tokens(header).join(" "));
    if header.contains('%') || header.contains('$') {
        texts.push(header.to_owned());
    }
    texts.retain(|text| !text.is_empty());
    texts
}

/// What is said of the whole table: title and description of the resource, then those of the package.
fn table_texts<'d>(resource: &'d ResourceText, package: &'d PackageText) -> [&'d str; 4] {
    [&resource.title, &resource.description, &package.title, &package.description]
}

/// All that is said of a column, nearest words first.
fn texts(header: &str, field: Option<&FieldText>, resource: &ResourceText, package: &PackageText) -> Vec<String> {
    let mut texts = own_texts(header, field);
    texts.extend(table_texts(resource, package).map(str::to_owned));
    texts
}

/// Our own properties that hold of a column, nearest first: the field's, the resource's, the package's.
fn hints<'d>(
    field: Option<&'d FieldText>,
    resource: &'d ResourceText,
    package: &'d PackageText,
) -> impl Iterator<Item = &'d NameHints> {
    field.map(|field| &field.hints).into_iter().chain([&resource.hints, &package.hints])
}

/// Seasonal adjustment as the descriptor words it, nearest words first.
pub(crate) fn adjustment(
    header: &str,
    field: Option<&FieldText>,
    resource: &ResourceText,
    package: &PackageText,
) -> Adjustment {
    match hints(field, resource, package).find_map(|hints| hints.adjustment.as_deref()) {
        Some("adjusted" | "seasonally adjusted" | "sa") => return Adjustment::Adjusted,
        Some("unadjusted" | "not seasonally adjusted" | "nsa") => return Adjustment::Unadjusted,
        _ => {}
    }
    for text in texts(header, field, resource, package) {
        let tokens = words::tokens(&text);
        let has = |word: &str| tokens.iter().any(|token| token == word);
        let phrase = tokens.join(" ");
        // BLS names its unadjusted series CU-U-R and its adjusted ones CU-S-R.
        if phrase.contains("not seasonally adjusted")
            || phrase.contains("without seasonal adjustment")
            || has("nsa")
            || has("unadjusted")
            || phrase.contains("cuur0000")
        {
            return Adjustment::Unadjusted;
        }
        if phrase.contains("seasonally adjusted") || has("sa") || has("saar") || phrase.contains("cusr0000") {
            return Adjustment::Adjusted;
        }
    }
    Adjustment::Unknown
}

/// Whether amounts are in the money of their own day or all in that of the same, as the descriptor words it, nearest words
/// first.
pub(crate) fn money(
    unit: &Unit,
    header: &str,
    field: Option<&FieldText>,
    resource: &ResourceText,
    package: &PackageText,
) -> Money {
    if !matches!(unit.kind, UnitKind::Currency { .. }) {
        return Money::Unknown;
    }
    match hints(field, resource, package).find_map(|hints| hints.money.as_deref()) {
        Some("current") => return Money::Current,
        Some("constant") => return Money::Constant,
        _ => {}
    }
    let texts = texts(header, field, resource, package);
    let said = texts.iter().map(|text| money_of(text)).find(|money| *money != Money::Unknown);
    said.unwrap_or(Money::Unknown)
}

/// What a text says of the worth of money; nothing where it says both.
fn money_of(text: &str) -> Money {
    const CURRENT: [&str; 10] = [
        "current prices",
        "current us",
        "current usd",
        "current dollars",
        "current euro",
        "current euros",
        "current lcu",
        "current local currency",
        "nominal",
        "not adjusted for inflation",
    ];
    const CONSTANT: [&str; 7] =
        ["constant", "chained", "real", "inflation adjusted", "adjusted for inflation", "deflated", "volume"];
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let text = format!(" {} ", words.join(" "));
    let holds = |text: &str, phrases: &[&str]| phrases.iter().any(|phrase| text.contains(&format!(" {phrase} ")));
    let rest = text.replace(" not adjusted for inflation ", " ").replace(" real estate ", " ");
    match (holds(&text, &CURRENT), holds(&rest, &CONSTANT)) {
        (true, false) => Money::Current,
        (false, true) => Money::Constant,
        _ => Money::Unknown,
    }
}

/// Our custom property: `{"unit": "USD", "per": "ounce", "multiplier": 1, "noun": "people", "base": "…"}`, or a bare word.
fn declared(json: &Value) -> Option<Unit> {
    let word = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = json.as_str().map(str::to_owned).or_else(|| word("unit")).or_else(|| word("kind")).unwrap_or_default();
    let noun = word("noun");
    let lower = name.to_lowercase();
    let kind = match lower.as_str() {
        "percent" | "%" | "pct" => UnitKind::Percent,
        "percentage points" | "percentage_points" => UnitKind::PercentagePoints,
        "index" => UnitKind::Index { base: word("base") },
        "count" | "number" => UnitKind::Count { noun },
        "" => UnitKind::Count { noun: Some(noun?) },
        _ if name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_uppercase()) => UnitKind::Currency { code: name },
        _ => return from_text(&name),
    };
    let multiplier =
        json.get("multiplier").and_then(Value::as_f64).filter(|value| value.is_finite() && *value > 0.0).unwrap_or(1.0);
    Some(Unit { kind, per: word("per"), multiplier })
}

const CURRENCIES: [(&str, &str); 22] = [
    ("usd", "USD"),
    ("dollars", "USD"),
    ("dollar", "USD"),
    ("eur", "EUR"),
    ("euros", "EUR"),
    ("gbp", "GBP"),
    ("sterling", "GBP"),
    ("jpy", "JPY"),
    ("yen", "JPY"),
    ("inr", "INR"),
    ("rupees", "INR"),
    ("chf", "CHF"),
    ("francs", "CHF"),
    ("cad", "CAD"),
    ("aud", "AUD"),
    ("nzd", "NZD"),
    ("cny", "CNY"),
    ("yuan", "CNY"),
    ("renminbi", "CNY"),
    ("krw", "KRW"),
    ("brl", "BRL"),
    ("mxn", "MXN"),
];
const SCALES: [(&str, f64); 4] = [("thousand", 1e3), ("million", 1e6), ("billion", 1e9), ("trillion", 1e12)];

/// The unit that a phrase names: `Gold price in USD per troy ounce`, `Percent per year`, `1982-84=100`.
pub(crate) fn from_text(text: &str) -> Option<Unit> {
    let spaced = text
        .replace("US$", " usd ")
        .replace('$', " usd ")
        .replace('€', " eur ")
        .replace('£', " gbp ")
        .replace('%', " percent ");
    let tokens = words::tokens(&spaced);
    let at = |words: &[&str]| tokens.iter().position(|token| words.contains(&token.as_str()));
    let currency = tokens.iter().enumerate().find_map(|(n, token)| {
        let code = CURRENCIES.iter().find(|(word, _)| word == token)?.1;
        let compound = tokens.get(n + 1).is_some_and(|next| matches!(next.as_str(), "index" | "strength"));
        (!compound && (token != "dollar" || tokens.get(n + 1).is_some_and(|next| next == "per"))).then_some((n, code))
    });
    let percent = at(&["percent", "percentage", "pct"])
        .or_else(|| tokens.windows(2).position(|pair| pair[0] == "per" && pair[1] == "cent"));
    if let Some((place, code)) = currency
        && percent.is_none_or(|percent| place < percent)
    {
        return Some(Unit {
            kind: UnitKind::Currency { code: code.into() },
            per: denominator(&tokens[place..]),
            multiplier: scale(&tokens, place),
        });
    }
    if percent.is_some() {
        return Some(Unit::percent());
    }
    let base = index_base(text);
    if base.is_some() || at(&["index", "indices"]).is_some() {
        return Some(Unit::plain(UnitKind::Index { base }));
    }
    counted(&tokens)
}

/// `per troy ounce` → `ounce`, when it follows the currency within a few words.
fn denominator(tokens: &[String]) -> Option<String> {
    let per = tokens.iter().take(5).position(|token| token == "per")?;
    let mut rest =
        tokens[per + 1..].iter().map(String::as_str).filter(|token| !matches!(*token, "troy" | "fine" | "us" | "one"));
    let noun = rest.next()?;
    let noun = match noun {
        "metric" | "short" | "long" => format!("{noun} {}", rest.next().unwrap_or("ton")),
        "million" | "mmbtu" => "million BTU".into(),
        "bbl" => "barrel".into(),
        "oz" => "ounce".into(),
        "lb" | "lbs" => "pound".into(),
        "kg" => "kilogram".into(),
        "mt" => "metric ton".into(),
        noun => noun.to_owned(),
    };
    Some(noun)
}

/// Scale word within three words of the unit.
fn scale(tokens: &[String], place: usize) -> f64 {
    let near = &tokens[place.saturating_sub(3)..(place + 4).min(tokens.len())];
    SCALES
        .iter()
        .find(|(word, _)| near.iter().any(|token| token == word || token.strip_suffix('s') == Some(word)))
        .filter(|_| !near.windows(2).any(|pair| pair[0] == "per" && pair[1] == "million"))
        .map_or(1.0, |(_, value)| *value)
}

/// `1982-84=100`, `2015 = 100`.
fn index_base(text: &str) -> Option<String> {
    let equals = text.find("=100").or_else(|| text.find("= 100"))?;
    let before = text[..equals].trim_end();
    let start = before
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '\u{2013}' || c == ':'))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let period = before[start..].replace('\u{2013}', "-");
    period.bytes().any(|byte| byte.is_ascii_digit()).then(|| format!("{period}=100"))
}

/// `thousands of persons`, `number of houses`. A bare word such as "population" does not say how it is counted.
fn counted(tokens: &[String]) -> Option<Unit> {
    let of = tokens.windows(3).find(|three| {
        three[1] == "of"
            && (three[0] == "number" || SCALES.iter().any(|(word, _)| three[0].strip_suffix('s') == Some(word)))
    })?;
    let multiplier =
        SCALES.iter().find(|(word, _)| of[0].strip_suffix('s') == Some(word)).map_or(1.0, |(_, value)| *value);
    let noun = if of[2] == "persons" { "people".to_owned() } else { of[2].clone() };
    noun.ends_with(['s', 'e']).then_some(Unit { kind: UnitKind::Count { noun: Some(noun) }, per: None, multiplier })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, kind: &UnitKind, per: Option<&str>, multiplier: f64) {
        let unit = from_text(text).unwrap_or_else(|| panic!("no unit in {text:?}"));
        assert_eq!((&unit.kind, unit.per.as_deref(), unit.multiplier), (kind, per, multiplier), "{text}");
    }

    #[test]
    fn units_in_the_words_of_descriptors() {
        let usd = UnitKind::Currency { code: "USD".into() };
        check("Gold price in USD per troy ounce.", &usd, Some("ounce"), 1.0);
        check("Spot price in US dollars per barrel (FOB).", &usd, Some("barrel"), 1.0);
        check("GDP in current USD trillions", &usd, None, 1e12);
        check("GDP in current US Dollars ($)", &usd, None, 1.0);
        check("Billions of Dollars", &usd, None, 1e9);
        check("Percent per year", &UnitKind::Percent, None, 1.0);
        check("Employed % of Population", &UnitKind::Percent, None, 1.0);
        check(
            "U.S. city averages for all items and 1982-84=100.",
            &UnitKind::Index { base: Some("1982-84=100".into()) },
            None,
            1.0,
        );
        check("base period 1982\u{2013}84=100", &UnitKind::Index { base: Some("1982-84=100".into()) }, None, 1.0);
        check("Thousands of Persons", &UnitKind::Count { noun: Some("people".into()) }, None, 1e3);
        for text in
            ["Civilian labor force (Total)", "Date of the observation", "Unemployed (Number)", "(of which) Agriculture"]
        {
            assert_eq!(from_text(text), None, "{text}");
        }
    }

    #[test]
    fn the_custom_property_wins() {
        let unit = declared(&serde_json::json!({"noun": "people", "multiplier": 1000})).unwrap();
        assert_eq!(unit, Unit { kind: UnitKind::Count { noun: Some("people".into()) }, per: None, multiplier: 1000.0 });
        let unit = declared(&serde_json::json!({"unit": "USD", "per": "ounce"})).unwrap();
        assert_eq!(unit.per.as_deref(), Some("ounce"));
        assert_eq!(declared(&serde_json::json!("percent")), Some(Unit::percent()));
    }

    #[test]
    fn money_is_of_its_day_only_where_the_descriptor_says_so() {
        for (text, expected) in [
            ("Current US dollars.", Money::Current),
            ("GDP (current US$)", Money::Current),
            ("Retail sales, millions of dollars, not adjusted for inflation", Money::Current),
            ("Real estate loans, current prices", Money::Current),
            ("Billions of Chained 2017 Dollars", Money::Constant),
            ("GDP (constant 2015 US$)", Money::Constant),
            ("Real and nominal wages", Money::Unknown),
            ("Billions of Dollars", Money::Unknown),
        ] {
            assert_eq!(money_of(text), expected, "{text}");
        }
        let usd = Unit::plain(UnitKind::Currency { code: "USD".into() });
        let resource =
            ResourceText { description: "Gross domestic product at current prices".into(), ..Default::default() };
        let package = PackageText::default();
        assert_eq!(money(&usd, "gdp", None, &resource, &package), Money::Current);
        assert_eq!(money(&Unit::percent(), "gdp", None, &resource, &package), Money::Unknown);
        // The nearest words win, and our own property before any.
        assert_eq!(money(&usd, "real gdp", None, &resource, &package), Money::Constant);
        let hints = NameHints { money: Some("current".into()), ..NameHints::default() };
        let field = FieldText { hints, ..FieldText::default() };
        assert_eq!(money(&usd, "real gdp", Some(&field), &resource, &package), Money::Current);
    }

    #[test]
    fn adjustment_words() {
        let resource = ResourceText::default();
        let package = PackageText { description: "CPI-U, series CUUR0000SA0".into(), ..PackageText::default() };
        assert_eq!(adjustment("Index", None, &resource, &package), Adjustment::Unadjusted);
        assert_eq!(adjustment("National-US-SA", None, &resource, &PackageText::default()), Adjustment::Adjusted);
        assert_eq!(adjustment("Price", None, &resource, &PackageText::default()), Adjustment::Unknown);
    }
}
