//! What a sentence plan may speak of: facts in roles, and the names of their series.

use std::collections::{BTreeMap, BTreeSet};

use proofreel_model::brief::KeyFact;
use proofreel_model::fact::{Direction, Extreme, Fact, Formula};
use proofreel_model::finding::{Finding, FindingKind};
use proofreel_model::ids::{ClaimId, FactId};
use proofreel_model::series::{Adjustment, Frequency, Money, SeriesInfo, SeriesRef};
use proofreel_model::unit::{Unit, UnitKind};

/// Name of a kind inside joined roles: `yoy.change`, `worst.trough`.
pub fn alias(kind: FindingKind) -> &'static str {
    use FindingKind as K;
    match kind {
        K::Level => "level",
        K::YearOnYear => "yoy",
        K::LongRun => "long",
        K::Record => "record",
        K::RecordSince => "since",
        K::OffPeak => "off",
        K::WorstFall => "worst",
        K::Streak => "streak",
        K::BiggestRise => "rise",
        K::BiggestDrop => "drop",
        K::Crossing => "cross",
        K::Versus => "versus",
        K::RealVsNominal => "real",
        K::TurningPoint => "turn",
        K::LeadLag => "lead",
        K::EpisodesCompared => "crisis",
        K::PanelShare => "shares",
        K::PanelLeader => "leader",
        K::PanelClimb => "climb",
        K::PanelGrowth => "growth",
    }
}

/// How a text refers to its subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reference {
    /// By its whole name.
    #[default]
    Full,
    /// By its noun alone, `the price`, where the episode has made clear whose.
    Noun,
    /// By a pronoun: the sentence before spoke of it.
    Pronoun,
}

/// Facts by id and series by reference, as a brief holds them.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// All facts.
    pub facts: &'a [Fact],
    /// All series spoken of.
    pub series: &'a [SeriesInfo],
    /// True when the figures are older than their window and must be told as history.
    pub historical: bool,
}

impl<'a> Evidence<'a> {
    fn fact(&self, id: &FactId) -> Option<&'a Fact> {
        self.facts.iter().find(|fact| &fact.id == id)
    }

    fn info(&self, series: &SeriesRef) -> Option<&'a SeriesInfo> {
        self.series.iter().find(|info| &info.series == series)
    }
}

/// Roles filled with facts. Of one finding the roles bear their own names; of several joined findings
/// they are prefixed with the [`alias`] of their kind.
#[derive(Clone)]
pub struct Bound<'a> {
    facts: BTreeMap<String, &'a Fact>,
    claims: BTreeMap<FactId, ClaimId>,
    series: Vec<&'a SeriesInfo>,
    others: BTreeMap<&'static str, Vec<&'a SeriesInfo>>,
    historical: bool,
    /// How the subject is referred to.
    pub reference: Reference,
    /// Whether labels have their briefest form, [`proofreel_model::series::SeriesName::brief`]: for a thumbnail.
    pub brief: bool,
    /// How many sources the text points at; nothing where it points at none, and then no sentence speaks of them.
    pub sources: Option<usize>,
}

impl<'a> Bound<'a> {
    /// One finding; `None` when a fact or series it names is missing.
    pub fn finding(finding: &Finding, evidence: Evidence<'a>) -> Option<Self> {
        let mut facts = BTreeMap::new();
        for (role, id) in &finding.roles {
            facts.insert(role.clone(), evidence.fact(id)?);
        }
        let series: Option<Vec<_>> = finding.series.iter().map(|series| evidence.info(series)).collect();
        let series = series.filter(|series| !series.is_empty())?;
        if let Some(newest) = series.first().and_then(|subject| newest(&facts, subject)) {
            facts.insert("newest".to_owned(), newest);
        }
        Some(Self {
            facts,
            claims: BTreeMap::new(),
            series,
            others: BTreeMap::new(),
            historical: evidence.historical,
            reference: Reference::Full,
            brief: false,
            sources: None,
        })
    }

    /// One claim.
    pub fn claim(claim: &KeyFact, evidence: Evidence<'a>) -> Option<Self> {
        let mut bound = Self::finding(&claim.finding, evidence)?;
        bound.claims = claim.finding.roles.values().map(|id| (id.clone(), claim.claim_id.clone())).collect();
        Some(bound)
    }

    /// Several claims about `subject`, the first of each kind, their roles prefixed.
    pub fn joined<'c>(
        subject: &'a SeriesInfo,
        claims: impl IntoIterator<Item = &'c KeyFact>,
        evidence: Evidence<'a>,
    ) -> Self {
        let mut bound = Self {
            facts: BTreeMap::new(),
            claims: BTreeMap::new(),
            series: vec![subject],
            others: BTreeMap::new(),
            historical: evidence.historical,
            reference: Reference::Full,
            brief: false,
            sources: None,
        };
        for claim in claims {
            let name = alias(claim.finding.kind);
            if bound.others.contains_key(name) {
                continue;
            }
            let Some(single) = Self::claim(claim, evidence) else { continue };
            bound.facts.extend(single.facts.into_iter().map(|(role, fact)| (format!("{name}.{role}"), fact)));
            for (fact, claim) in single.claims {
                bound.claims.entry(fact).or_insert(claim);
            }
            bound.others.insert(name, single.series);
        }
        if let Some(newest) = newest(&bound.facts, subject) {
            bound.facts.insert("newest".to_owned(), newest);
        }
        bound
    }

    /// The fact in a role.
    pub fn fact(&self, role: &str) -> Option<&'a Fact> {
        self.facts.get(role).copied()
    }

    /// All facts, in the order of their roles' names.
    pub fn facts(&self) -> impl Iterator<Item = &'a Fact> + '_ {
        self.facts.values().copied()
    }

    /// The fact with this identifier, when it fills a role.
    pub fn by_id(&self, id: &FactId) -> Option<&'a Fact> {
        self.facts.values().find(|fact| &fact.id == id).copied()
    }

    /// The claim that a fact belongs to.
    pub fn claim_of(&self, fact: &FactId) -> Option<&ClaimId> {
        self.claims.get(fact)
    }

    /// The `n`th series (0 is the subject), of a joined finding when its alias is given.
    pub fn info(&self, n: usize, of: Option<&str>) -> Option<&'a SeriesInfo> {
        match of {
            None => self.series.get(n).copied(),
            Some(of) => self.others.get(of)?.get(n).copied(),
        }
    }

    fn unit(&self) -> Option<&'a Unit> {
        self.series.first().map(|info| &info.unit)
    }

    /// The value in a role; NaN, which compares false with everything, when there is none.
    pub fn value(&self, role: &str) -> f64 {
        self.fact(role).map_or(f64::NAN, |fact| fact.value)
    }

    /// Whether the role exists.
    pub fn has(&self, role: &str) -> bool {
        self.facts.contains_key(role)
    }

    /// Which way the fact in a role points: +1 up or highest, −1 down or lowest, 0 when it shows no difference.
    pub fn way(&self, role: &str) -> Option<i8> {
        let fact = self.fact(role)?;
        let which = match fact.formula {
            Formula::RecordSince { which, .. } | Formula::Rank { which, .. } => Some(which == Extreme::Highest),
            Formula::Streak { direction, .. } => Some(direction == Direction::Up),
            _ => None,
        };
        Some(match which {
            None if shows_nothing(fact) => 0,
            which if which.unwrap_or(fact.value > 0.0) => 1,
            _ => -1,
        })
    }

    /// All roles, in the order of their names.
    pub fn role_names(&self) -> impl Iterator<Item = &str> {
        self.facts.keys().map(String::as_str)
    }

    /// True when two roles hold values of the same unit and series.
    pub fn same_kind(&self, a: &str, b: &str) -> bool {
        let (Some(a), Some(b)) = (self.fact(a), self.fact(b)) else { return false };
        let series = |fact: &'a Fact| crate::research::series_of(&fact.formula).first().copied();
        a.unit == b.unit && series(a) == series(b)
    }

    /// Rises.
    pub fn up(&self, role: &str) -> bool {
        self.way(role) == Some(1)
    }

    /// Falls.
    pub fn down(&self, role: &str) -> bool {
        self.way(role) == Some(-1)
    }

    /// Shows no difference.
    pub fn flat(&self, role: &str) -> bool {
        self.way(role) == Some(0)
    }

    /// Smaller in size than `limit`, in the fact's unit.
    pub fn within(&self, role: &str, limit: f64) -> bool {
        self.value(role).abs() < limit
    }

    /// At least `limit` in size, in the fact's unit.
    pub fn reaches(&self, role: &str, limit: f64) -> bool {
        self.value(role).abs() >= limit
    }

    /// The subject takes a plural verb.
    pub fn is_plural(&self) -> bool {
        self.series.first().is_some_and(|info| info.name.plural)
    }

    /// The subject is a rate or share.
    pub fn is_rate(&self) -> bool {
        self.unit().is_some_and(Unit::is_percent)
    }

    /// The subject is an index, whose level means nothing alone.
    pub fn is_index(&self) -> bool {
        self.unit().is_some_and(|unit| matches!(unit.kind, UnitKind::Index { .. }))
    }

    /// The subject is an amount of money.
    pub fn is_money(&self) -> bool {
        self.unit().is_some_and(|unit| matches!(unit.kind, UnitKind::Currency { .. }))
    }

    /// The subject counts things.
    pub fn is_count(&self) -> bool {
        self.unit().is_some_and(|unit| matches!(unit.kind, UnitKind::Count { .. }))
    }

    /// The subject is the price of a thing that can be bought by measure: an ounce, a barrel.
    pub fn is_price(&self) -> bool {
        const GOODS: [&str; 14] = [
            "ounce",
            "troy ounce",
            "barrel",
            "ton",
            "tonne",
            "metric ton",
            "pound",
            "gallon",
            "bushel",
            "kilogram",
            "gram",
            "liter",
            "litre",
            "therm",
        ];
        self.is_money() && self.unit().and_then(|unit| unit.per.as_deref()).is_some_and(|per| GOODS.contains(&per))
    }

    /// The subject is an amount in the money of its own day, so that a long comparison of it holds inflation too. The price of a
    /// good is none: everybody takes it for what was paid.
    pub fn is_nominal(&self) -> bool {
        self.series.first().is_some_and(|info| info.money == Money::Current) && self.is_money() && !self.is_price()
    }

    /// The subject is money of which the source does not say of what day it is.
    pub fn is_money_as_published(&self) -> bool {
        self.is_money() && !self.is_nominal() && self.series.first().is_none_or(|info| info.money != Money::Constant)
    }

    /// The subject is money of this currency.
    pub fn is_in(&self, currency: &str) -> bool {
        self.unit().is_some_and(|unit| matches!(&unit.kind, UnitKind::Currency { code } if code == currency))
    }

    /// Two of its facts' dates lie so many years apart, and are compared: by a move, an average, or a place at each of them. Where
    /// it is known which facts were told, those alone count.
    pub fn compares_over(&self, years: i16, told: Option<&BTreeSet<FactId>>) -> bool {
        let counts = |fact: &Fact| told.is_none_or(|told| told.contains(&fact.id));
        let moves = self.facts().filter(|fact| counts(fact)).filter(|fact| {
            matches!(
                fact.formula,
                Formula::Change { .. }
                    | Formula::PercentChange { .. }
                    | Formula::Multiple { .. }
                    | Formula::GrowthRate { .. }
                    | Formula::Average { .. }
            )
        });
        let dates = moves.map(|fact| proofreel_model::display::dates(&fact.formula));
        let mut spans = dates.filter_map(|(_, from, to)| Some((from?, to?)));
        let at = |role| {
            let fact = self.fact(role).filter(|fact| counts(fact))?;
            proofreel_model::display::dates(&fact.formula).2
        };
        let levels = at("value_then").zip(at("value_now"));
        spans.any(|(from, to)| to.year() - from.year() >= years)
            || levels.is_some_and(|(then, now)| now.year() - then.year() >= years)
    }

    /// The fact is a length of time.
    pub fn is_duration(&self, id: &FactId) -> bool {
        self.by_id(id).is_some_and(|fact| matches!(fact.unit.kind, UnitKind::Duration { .. }))
    }

    /// Every series has a level that means something alone, which an index does not.
    pub fn have_levels(&self) -> bool {
        !self.series.iter().any(|info| matches!(info.unit.kind, UnitKind::Index { .. }))
    }

    /// All series are in the same unit.
    pub fn same_unit(&self) -> bool {
        self.series.windows(2).all(|pair| pair[0].unit == pair[1].unit)
    }

    /// The figures are recent enough to be told in the present.
    pub fn is_fresh(&self) -> bool {
        !self.historical
    }

    /// Calendar of the subject.
    pub fn frequency(&self) -> Option<Frequency> {
        self.series.first().map(|info| info.frequency)
    }

    /// The source left the season in.
    pub fn is_unadjusted(&self) -> bool {
        self.series.first().is_some_and(|info| info.adjustment == Adjustment::Unadjusted)
    }

    /// The newest observation of the subject is the date of this role (its end).
    pub fn is_latest(&self, role: &str) -> bool {
        let date = self.fact(role).and_then(|fact| proofreel_model::display::dates(&fact.formula).2);
        self.series.first().is_some_and(|info| Some(info.last) == date)
    }

    /// The stretch of this role ends in the year of the newest observation of the series that it compares: "since" is heard
    /// as "until now".
    pub fn runs_on(&self, role: &str) -> bool {
        let of = role.split_once('.').map(|(of, _)| of);
        let end = self.fact(role).and_then(|fact| proofreel_model::display::dates(&fact.formula).2);
        let last = [0, 1].into_iter().filter_map(|n| self.info(n, of)).map(|info| info.last).max();
        matches!((end, last), (Some(end), Some(last)) if end.year() == last.year())
    }
}

/// The newest observation of the subject among the facts.
fn newest<'a>(facts: &BTreeMap<String, &'a Fact>, subject: &SeriesInfo) -> Option<&'a Fact> {
    facts
        .values()
        .filter(|fact| crate::research::series_of(&fact.formula).first().is_some_and(|own| **own == subject.series))
        .filter(|fact| matches!(fact.formula, Formula::Latest { .. }))
        .max_by_key(|fact| proofreel_model::display::dates(&fact.formula).0)
        .copied()
}

/// True when the fact is displayed as zero, so that a word of direction would be wrong.
pub fn shows_nothing(fact: &Fact) -> bool {
    fact.value == 0.0 || !fact.display.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
}
