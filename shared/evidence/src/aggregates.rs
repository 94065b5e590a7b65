//! Members of a panel that sum up others: they are no competitors in a ranking and no part of a sum.

/// Codes under which the World Bank and others publish groups of countries.
const CODES: &[&str] = &[
    "AFE", "AFR", "AFW", "ARB", "CEB", "CSS", "EAP", "EAR", "EAS", "ECA", "ECS", "EMU", "EUU", "FCS", "HIC", "HPC",
    "IBD", "IBT", "IDA", "IDB", "IDX", "INX", "LAC", "LCN", "LDC", "LIC", "LMC", "LMY", "LTE", "MEA", "MIC", "MNA",
    "NAC", "OED", "OSS", "PRE", "PSS", "PST", "SAS", "SSA", "SSF", "SST", "TEA", "TEC", "TLA", "TMN", "TSA", "TSS",
    "UMC", "WLD", "WLT",
];

/// Whole names of groups.
const NAMES: &[&str] = &[
    "africa",
    "all",
    "all countries",
    "americas",
    "asean",
    "asia",
    "brics",
    "emu",
    "eu",
    "eurozone",
    "europe",
    "g7",
    "g20",
    "global",
    "grand total",
    "oceania",
    "sum",
    "south america",
    "north america",
    "south asia",
    "total",
    "world",
];

/// Phrases that only names of groups hold.
const PHRASES: &[&str] = &[
    "advanced economies",
    "africa eastern",
    "africa western",
    "arab world",
    "baltics",
    "caribbean small states",
    "demographic dividend",
    "developing",
    "east asia",
    "emerging market",
    "euro area",
    "europe & central asia",
    "europe and central asia",
    "european union",
    "excluding high income",
    "fragile and conflict",
    "heavily indebted",
    "ibrd",
    "ida blend",
    "ida only",
    "ida total",
    "ida &",
    "income countries",
    "high income",
    "low income",
    "middle income",
    "latin america",
    "least developed",
    "middle east",
    "oecd",
    "small states",
    "sub-saharan",
    "world total",
];

/// True for a group by its name or by another cell of its rows (a code).
pub(crate) fn is_aggregate(name: &str, codes: &[&str]) -> bool {
    let lower = name.trim().to_lowercase();
    NAMES.contains(&lower.as_str())
        || PHRASES.iter().any(|phrase| lower.contains(phrase))
        || codes.iter().any(|code| CODES.contains(code) || code.starts_with("OWID_") && !matches!(*code, "OWID_KOS"))
}

/// True when `value` is the sum of the others within a twentieth, as a total row is.
pub(crate) fn sums_up(value: f64, others: f64) -> bool {
    others > 0.0 && (value / others - 1.0).abs() < 0.05
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_told_from_countries() {
        for name in [
            "World",
            "Euro area",
            "High income",
            "IDA & IBRD total",
            "Sub-Saharan Africa (excluding high income)",
            "Latin America & Caribbean",
            "North America",
        ] {
            assert!(is_aggregate(name, &[]), "{name}");
        }
        for name in
            ["South Africa", "Central African Republic", "Germany", "United States", "Niger", "Oman", "Korea, Rep."]
        {
            assert!(!is_aggregate(name, &[]), "{name}");
        }
        assert!(is_aggregate("Some group", &["IBT"]));
    }
}
