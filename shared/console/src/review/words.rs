//! Names of the law in words a reader knows.

use proofreel_model::brief::{ScreeningKind, SourceTier};
use proofreel_model::fact::Formula;
use proofreel_model::qa::{Aspect, Checklist};
use proofreel_model::records::RunStatus;
use proofreel_model::scenes::{NarrativeRole, RiskFlag};
use proofreel_model::script::ThumbnailDesign;
use proofreel_model::unit::{Unit, UnitKind};

/// The formula as written in the specification of facts; v(d) is the value at date d.
pub fn formula(formula: &Formula) -> (&'static str, &'static str) {
    use Formula as F;
    match formula {
        F::Latest { .. } => ("Latest observation", "v(at)"),
        F::Value { .. } => ("Observation", "v(at)"),
        F::Change { .. } => ("Change", "v(to) − v(from)"),
        F::PercentChange { .. } => ("Percent change", "(v(to) / v(from) − 1) × 100"),
        F::Multiple { .. } => ("Multiple", "v(to) / v(from)"),
        F::GrowthRate { .. } => ("Growth rate a year", "((v(to) / v(from))^(1 / years) − 1) × 100"),
        F::Extreme { .. } => {
            ("Extreme in a window", "the highest or lowest v in [from, to], first reached at the date at")
        }
        F::Average { .. } => ("Average", "mean of v in [from, to]"),
        F::Rank { .. } => ("Rank in a window", "place of v(at) among all v in [from, to]"),
        F::PanelRank { .. } => ("Rank among members", "place of v(at) among the members at that date"),
        F::Streak { .. } => ("Streak", "number of moves in one direction from from to to"),
        F::Elapsed { .. } => ("Time elapsed", "whole periods between from and to"),
        F::Drawdown { .. } => ("Drawdown", "(1 − v(to) / v(from)) × 100"),
        F::RecordSince { .. } => ("Record since", "whole years since a value as high or as low, at from"),
        F::Ratio { .. } => ("Ratio", "v(series) / v(other)"),
        F::Gap { .. } => ("Gap", "v(series) − v(other)"),
        F::Share { .. } => ("Share", "v(series) / sum of all members × 100"),
        F::Crossing { .. } => ("Crossing", "v(series) at the first date above v(other)"),
        F::RealChange { .. } => (
            "Real change",
            "((v(to) / v(from)) / (p(to) / p(from)) − 1) × 100, p the mean of the price index over the period",
        ),
        F::MeanChange { .. } => ("Change of means", "(mean over the period of to / mean over that of from − 1) × 100"),
        F::Correlation { .. } => {
            ("Correlation", "Pearson, yearly moves of series at t − lag with those of other at t in [from, to]")
        }
        F::LeadTime { .. } => ("Lead time", "lag from 1 to longest with the correlation of the largest size"),
        F::TypicalMove { .. } => ("Typical move", "median absolute move over step periods in [from, to]"),
    }
}

/// The unit in words.
pub fn unit(unit: &Unit) -> String {
    let kind = match &unit.kind {
        UnitKind::Currency { code } => code.clone(),
        UnitKind::Percent => "percent".into(),
        UnitKind::PercentagePoints => "percentage points".into(),
        UnitKind::Index { base } => base.as_ref().map_or_else(|| "index".into(), |base| format!("index, {base}")),
        UnitKind::IndexPoints => "index points".into(),
        UnitKind::Count { noun } => noun.clone().unwrap_or_else(|| "count".into()),
        UnitKind::Coefficient => "coefficient".into(),
        UnitKind::Multiple => "times".into(),
        UnitKind::Rank => "rank".into(),
        UnitKind::Duration { period } => format!("{}s", period.noun()),
        UnitKind::Unspecified => "no unit stated".into(),
    };
    let per = unit.per.as_ref().map(|per| format!(" per {per}")).unwrap_or_default();
    let scale = if unit.multiplier == 1.0 { String::new() } else { format!(", × {}", unit.multiplier) };
    format!("{kind}{per}{scale}")
}

/// The trust tier.
pub fn tier(tier: SourceTier) -> &'static str {
    match tier {
        SourceTier::Tier1 => "tier 1, primary",
        SourceTier::Tier2 => "tier 2, reputable secondary",
        SourceTier::Tier3 => "tier 3, needs corroboration",
    }
}

/// A narrative role.
pub fn role(role: NarrativeRole) -> &'static str {
    match role {
        NarrativeRole::Hook => "hook",
        NarrativeRole::Proof => "proof",
        NarrativeRole::Insight => "insight",
        NarrativeRole::Payoff => "payoff",
    }
}

/// A risk flag.
pub fn risk(flag: RiskFlag) -> &'static str {
    match flag {
        RiskFlag::MissingSource => "missing source",
        RiskFlag::StaleData => "stale data",
        RiskFlag::CausalClaim => "causal claim",
        RiskFlag::RegulatoryRisk => "regulatory risk",
        RiskFlag::SensitiveTopic => "sensitive topic",
    }
}

/// A thumbnail design.
pub fn design(design: ThumbnailDesign) -> &'static str {
    match design {
        ThumbnailDesign::BigFigure => "big figure",
        ThumbnailDesign::BoldLine => "bold line",
        ThumbnailDesign::ThenAndNow => "then and now",
    }
}

/// A checklist.
pub fn checklist(checklist: Checklist) -> &'static str {
    match checklist {
        Checklist::Research => "Research",
        Checklist::Script => "Script",
        Checklist::Final => "Final",
    }
}

/// What a checklist item looks at.
pub fn aspect(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Factuality => "factuality",
        Aspect::Logic => "logic",
        Aspect::ViewerPerspective => "viewer",
    }
}

/// How an attempt ended.
pub fn status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Success => "success",
        RunStatus::Failure => "failure",
        RunStatus::Retry => "retry",
        RunStatus::Skipped => "skipped",
    }
}

/// A kind of data fault.
pub fn fault(kind: ScreeningKind) -> &'static str {
    match kind {
        ScreeningKind::Missing => "missing cell",
        ScreeningKind::Sentinel => "placeholder",
        ScreeningKind::NotANumber => "not a number",
        ScreeningKind::BadDate => "unreadable date",
        ScreeningKind::DuplicateDate => "duplicate date",
        ScreeningKind::Unordered => "out of order",
        ScreeningKind::Gap => "gap",
        ScreeningKind::Stuck => "stuck value",
        ScreeningKind::ScaleBreak => "break of scale",
        ScreeningKind::Rebased => "another base or unit",
        ScreeningKind::PercentFraction => "fraction among percentages",
        ScreeningKind::Separators => "doubtful separator",
        ScreeningKind::SiblingScale => "out of scale with its siblings",
        ScreeningKind::Restart => "series begins again",
        ScreeningKind::MixedFrequency => "another calendar",
        ScreeningKind::Partial => "partial period",
        ScreeningKind::Survivorship => "members without common dates",
        ScreeningKind::Revision => "revised since the last version",
    }
}

/// `1 min 12.3 s`, `840 ms`.
pub fn duration(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{:.1} s", ms as f64 / 1000.0),
        _ => format!("{} min {:.0} s", ms / 60_000, (ms % 60_000) as f64 / 1000.0),
    }
}

/// `2:05`: whole seconds that have passed, as a player and the description's chapters count them.
pub fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}
