//! Names of panel members inside a sentence.

/// Inverted or official names as a narrator says them.
const SPOKEN: &[(&str, &str)] = &[
    ("Bahamas, The", "the Bahamas"),
    ("Brunei Darussalam", "Brunei"),
    ("Cabo Verde", "Cape Verde"),
    ("Congo, Dem. Rep.", "the Democratic Republic of the Congo"),
    ("Congo, Rep.", "the Republic of the Congo"),
    ("Cote d'Ivoire", "Ivory Coast"),
    ("Egypt, Arab Rep.", "Egypt"),
    ("Gambia, The", "the Gambia"),
    ("Hong Kong SAR, China", "Hong Kong"),
    ("Iran, Islamic Rep.", "Iran"),
    ("Korea, Dem. People's Rep.", "North Korea"),
    ("Korea, Rep.", "South Korea"),
    ("Kyrgyz Republic", "Kyrgyzstan"),
    ("Lao PDR", "Laos"),
    ("Macao SAR, China", "Macao"),
    ("Micronesia, Fed. Sts.", "Micronesia"),
    ("Russian Federation", "Russia"),
    ("Sint Maarten (Dutch part)", "Sint Maarten"),
    ("Slovak Republic", "Slovakia"),
    ("Somalia, Fed. Rep.", "Somalia"),
    ("St. Kitts and Nevis", "Saint Kitts and Nevis"),
    ("St. Lucia", "Saint Lucia"),
    ("St. Martin (French part)", "Saint Martin"),
    ("St. Vincent and the Grenadines", "Saint Vincent and the Grenadines"),
    ("Syrian Arab Republic", "Syria"),
    ("Timor-Leste", "East Timor"),
    ("Turkiye", "Turkey"),
    ("Venezuela, RB", "Venezuela"),
    ("Viet Nam", "Vietnam"),
    ("Virgin Islands (U.S.)", "the US Virgin Islands"),
    ("Yemen, Rep.", "Yemen"),
    ("World", "the world"),
    ("Euro area", "the euro area"),
];

/// Names that take an article.
const ARTICLE: &[&str] = &[
    "Bahamas",
    "British Virgin Islands",
    "Cayman Islands",
    "Central African Republic",
    "Channel Islands",
    "Comoros",
    "Cook Islands",
    "Czech Republic",
    "Democratic Republic of the Congo",
    "Dominican Republic",
    "European Union",
    "Faroe Islands",
    "Gambia",
    "Isle of Man",
    "Maldives",
    "Marshall Islands",
    "Netherlands",
    "Northern Mariana Islands",
    "Philippines",
    "Republic of the Congo",
    "Seychelles",
    "Solomon Islands",
    "Turks and Caicos Islands",
    "United Arab Emirates",
    "United Kingdom",
    "United States",
    "United States of America",
    "US",
    "UK",
    "EU",
];

/// How a member is called inside a sentence (`the United States`) and alone (`United States`).
pub(crate) fn spoken(member: &str) -> (String, String) {
    let member = member.trim();
    let known = SPOKEN.iter().find(|(official, _)| *official == member).map_or(member, |(_, spoken)| spoken);
    let alone = known.strip_prefix("the ").unwrap_or(known);
    let inside =
        if known.starts_with("the ") || !ARTICLE.contains(&known) { known.to_owned() } else { format!("the {known}") };
    (inside, super::words::capitalise(alone))
}

/// Countries and areas that open a package's title: `US House Price Index`. Gives the form used inside a name.
pub(crate) fn leading(title: &str) -> Option<&'static str> {
    const LEADING: &[(&str, &str)] = &[
        ("United States", "US"),
        ("U.S.", "US"),
        ("USA", "US"),
        ("US", "US"),
        ("United Kingdom", "UK"),
        ("UK", "UK"),
        ("Euro Area", "euro area"),
        ("Euro area", "euro area"),
        ("EU", "EU"),
        ("Japan", "Japanese"),
        ("German", "German"),
        ("Canada", "Canadian"),
        ("Australia", "Australian"),
        ("India", "Indian"),
        ("China", "Chinese"),
        ("Swiss", "Swiss"),
    ];
    LEADING
        .iter()
        .find(|(name, _)| title.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')))
        .map(|(_, form)| *form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_as_a_narrator_says_them() {
        assert_eq!(spoken("United States"), ("the United States".into(), "United States".into()));
        assert_eq!(spoken("Korea, Rep."), ("South Korea".into(), "South Korea".into()));
        assert_eq!(spoken("Gambia, The"), ("the Gambia".into(), "Gambia".into()));
        assert_eq!(spoken("Germany"), ("Germany".into(), "Germany".into()));
        assert_eq!(leading("US House Price Index"), Some("US"));
        assert_eq!(leading("USDA prices"), None);
    }
}
