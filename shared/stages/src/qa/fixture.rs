//! A small episode that is right in every respect, built from thirty months of two invented prices.

use std::path::Path;

use async_trait::async_trait;
use jiff::civil::{Date, date};
use proofreel_evidence::{Library, PackageBytes};
use proofreel_model::brief::{DataPoint, KeyFact, KeyFactSource, ResearchBrief, Source, SourceTier};
use proofreel_model::channel;
use proofreel_model::digest::{BlobRef, Digest};
use proofreel_model::display;
use proofreel_model::fact::{Direction, Extreme, Fact, Formula, RowSpan};
use proofreel_model::film::Format;
use proofreel_model::finding::{Finding, FindingKind, FindingScore};
use proofreel_model::ids::FactId;
use proofreel_model::order::{Order, PackageFile, PackageRef};
use proofreel_model::policy::Policy;
use proofreel_model::qa::QaReport;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::series::{Frequency, SeriesInfo, SeriesRef};
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::topic::{Angle, ScoredTopic, TopicCandidate, TopicScores};
use proofreel_model::unit::{Unit, UnitKind};
use proofreel_model::visual::{Trace, TracePoint};
use proofreel_ports::{Silent, Speech, Utterance, Voice, VoiceError, VoiceInfo, VoiceQuality};
use serde_json::Value;

use crate::contract::Context;
use crate::qa::{QaInput, judge};

/// Months from January 2024 on; the first price peaks in its 24th month and falls from there.
const COPPER: [f64; 30] = [
    8300.5, 8310.25, 8675.0, 9464.5, 10129.0, 9649.25, 9393.0, 8971.75, 9254.0, 9539.5, 9075.25, 8916.0, 8991.5,
    9330.75, 9739.0, 9177.25, 9532.5, 9835.0, 9770.75, 9669.5, 9994.0, 10740.25, 10812.5, 11790.75, 11650.0, 11420.5,
    11222.25, 10987.75, 10730.5, 10514.25,
];
const TIN: [f64; 30] = [
    25200.0, 26150.5, 27400.0, 31700.25, 33350.0, 32100.5, 31400.0, 31150.75, 31700.0, 32200.5, 29950.0, 28700.25,
    29600.0, 31700.5, 33900.0, 32300.25, 31900.0, 32700.5, 33600.0, 33800.25, 34500.0, 35600.5, 36700.0, 39100.25,
    40200.0, 41100.5, 40700.0, 40900.25, 41300.0, 41800.5,
];

/// The three artifacts, the order and the packages: what a mutation may touch.
#[derive(Clone)]
pub struct Episode {
    pub brief: ResearchBrief,
    pub scenes: Scenes,
    pub script: Script,
    pub order: Order,
    pub packages: Vec<PackageBytes>,
}

fn month(n: usize) -> Date {
    date(2024 + (n / 12) as i16, (n % 12) as i8 + 1, 1)
}

pub fn series(n: usize) -> SeriesRef {
    SeriesRef {
        dataset: "metal-prices".into(),
        resource: "monthly".into(),
        date_column: "Date".into(),
        column: ["Copper", "Tin"][n].into(),
        filter: std::collections::BTreeMap::new(),
    }
}

fn package() -> PackageBytes {
    let descriptor = r#"{"name": "metal-prices", "title": "Metal prices", "homepage": "https://www.worldbank.org/",
        "licenses": [{"name": "CC-BY-4.0"}], "sources": [{"title": "World Bank, Metal prices", "path": "https://www.worldbank.org/"},
          {"title": "World Bank, Copper prices", "path": "https://www.worldbank.org/copper"},
          {"title": "World Bank, Tin prices", "path": "https://www.worldbank.org/tin"}],
        "resources": [{"name": "monthly", "path": "data/monthly.csv", "format": "csv",
          "description": "Monthly averages of prices paid for metals. There are eleven metals in the table.", "schema": {"fields": [
          {"name": "Date", "type": "date"},
          {"name": "Copper", "type": "number", "description": "US dollars per tonne", "proofreel": {"subject": "the price of copper", "short": "Copper"}},
          {"name": "Tin", "type": "number", "description": "US dollars per tonne", "proofreel": {"subject": "the price of tin", "short": "Tin"}}]}}]}"#;
    let rows: Vec<String> = (0..30).map(|n| format!("{},{},{}", month(n), COPPER[n], TIN[n])).collect();
    let csv = format!("Date,Copper,Tin\n{}\n", rows.join("\n"));
    let files = [("datapackage.json", descriptor.to_owned()), ("data/monthly.csv", csv)]
        .map(|(path, text)| (path.to_owned(), text.into_bytes()));
    PackageBytes { name: "metal-prices".into(), digest: Digest::of(b"metal-prices"), files: files.into() }
}

/// A text from a template: `{f001:value:spoken}` cites a fact, `{s0}` a subject, `{S0}` the same with a capital,
/// `{n0}` a short name, `{src1}` a source, `{channel}` the channel.
pub struct Writer<'a> {
    pub facts: &'a [Fact],
    pub series: &'a [SeriesInfo],
    pub sources: &'a [Source],
}

impl Writer<'_> {
    pub fn text(&self, template: &str) -> RichText {
        let mut spans = Vec::new();
        for (n, part) in template.split(['{', '}']).enumerate() {
            if n % 2 == 1 {
                spans.push(self.cite(part));
            } else if !part.is_empty() {
                spans.push(Span { text: part.into(), cite: None });
            }
        }
        RichText(spans)
    }

    fn cite(&self, key: &str) -> Span {
        if let [fact, part, style] = key.split(':').collect::<Vec<_>>()[..] {
            let fact = self.facts.iter().find(|known| known.id.as_str() == fact).unwrap();
            let part: Part = serde_json::from_value(Value::String(part.into())).unwrap();
            let style: Style = serde_json::from_value(Value::String(style.into())).unwrap();
            let text = display::cite(fact, part, style).unwrap_or_else(|| panic!("{key} has no wording"));
            return Span { text, cite: Some(Cite::Fact { fact: fact.id.clone(), part, style }) };
        }
        if key == "channel" {
            return Span { text: "Plain Figures".into(), cite: Some(Cite::Channel) };
        }
        if let Some(source) = self.sources.iter().find(|source| source.source_id.as_str() == key) {
            return Span { text: source.title.clone(), cite: Some(Cite::Source { source: source.source_id.clone() }) };
        }
        let info = &self.series[key[1..].parse::<usize>().unwrap()];
        let text = match &key[..1] {
            "s" => info.name.subject.clone(),
            "S" => info.name.subject[..1].to_uppercase() + &info.name.subject[1..],
            _ => info.name.short.clone(),
        };
        Span { text, cite: Some(Cite::Series { series: info.series.clone() }) }
    }
}

fn facts(unit: &Unit) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |formula: Formula, value: f64, unit: Unit, rows: &[usize]| {
        let rows = rows
            .iter()
            .map(|n| RowSpan { resource: "monthly".into(), first: *n as u32 + 1, last: *n as u32 + 1 })
            .collect();
        facts.push(Fact {
            id: format!("f{:03}", facts.len() + 1).as_str().into(),
            display: display::display(value, &unit, &formula),
            formula,
            value,
            unit,
            frequency: Frequency::Monthly,
            adjustment: proofreel_model::series::Adjustment::Unknown,
            missing: 0,
            rows,
        });
    };
    let (a, b) = (|| series(0), || series(1));
    let months = Unit::plain(UnitKind::Duration { period: Frequency::Monthly });
    let (now, year_ago, peak) = (month(29), month(17), month(23));
    add(Formula::Latest { series: a(), at: now }, COPPER[29], unit.clone(), &[29]);
    add(Formula::Value { series: a(), at: year_ago }, COPPER[17], unit.clone(), &[17]);
    add(
        Formula::PercentChange { series: a(), from: year_ago, to: now },
        (COPPER[29] / COPPER[17] - 1.0) * 100.0,
        Unit::percent(),
        &[17, 29],
    );
    add(
        Formula::Extreme { series: a(), which: Extreme::Highest, from: month(0), to: now, at: peak },
        COPPER[23],
        unit.clone(),
        &[],
    );
    add(
        Formula::Drawdown { series: a(), from: peak, to: now },
        (1.0 - COPPER[29] / COPPER[23]) * 100.0,
        Unit::percent(),
        &[23, 29],
    );
    add(
        Formula::Elapsed { series: a(), from: peak, to: now, period: Frequency::Monthly },
        6.0,
        months.clone(),
        &[23, 29],
    );
    add(Formula::Change { series: a(), from: peak, to: now }, COPPER[29] - COPPER[23], unit.difference(), &[23, 29]);
    let mean = COPPER.iter().sum::<f64>() / 30.0;
    add(Formula::Average { series: a(), from: month(0), to: now, observations: 30 }, mean, unit.clone(), &[]);
    add(
        Formula::Streak { series: a(), direction: Direction::Down, from: peak, to: now, period: Frequency::Monthly },
        6.0,
        months,
        &[],
    );
    add(Formula::Value { series: a(), at: peak }, COPPER[23], unit.clone(), &[23]);
    add(Formula::Latest { series: b(), at: now }, TIN[29], unit.clone(), &[29]);
    add(
        Formula::PercentChange { series: b(), from: year_ago, to: now },
        (TIN[29] / TIN[17] - 1.0) * 100.0,
        Unit::percent(),
        &[17, 29],
    );
    add(
        Formula::PercentChange { series: a(), from: year_ago, to: peak },
        (COPPER[23] / COPPER[17] - 1.0) * 100.0,
        Unit::percent(),
        &[17, 23],
    );
    for fact in &mut facts {
        if fact.rows.is_empty() {
            let first = if matches!(fact.formula, Formula::Streak { .. }) { 24 } else { 1 };
            fact.rows = vec![RowSpan { resource: "monthly".into(), first, last: 30 }];
        }
    }
    facts
}

const CLAIMS: [(FindingKind, &str, &str); 5] = [
    (
        FindingKind::YearOnYear,
        "latest=f001 year_ago=f002 change=f003",
        "In {f001:at:spoken}, {s0} stood at {f001:value:spoken}, up {f003:value:magnitude} from a year earlier.",
    ),
    (
        FindingKind::OffPeak,
        "latest=f001 peak=f004 drawdown=f005 elapsed=f006",
        "{S0} is {f005:value:magnitude} below its peak of {f004:at:spoken}.",
    ),
    (
        FindingKind::Streak,
        "streak=f009 start=f010 end=f001 change=f007",
        "{S0} has fallen for {f009:value:spoken} in a row.",
    ),
    (FindingKind::Level, "latest=f001 average=f008", "{S0} has averaged {f008:value:spoken} over the window."),
    (
        FindingKind::Versus,
        "first_change=f003 second_change=f012 first_latest=f001 second_latest=f011",
        "{S0} gained {f003:value:magnitude}, while {s1} gained {f012:value:magnitude}.",
    ),
];

fn claims(writer: &Writer<'_>) -> Vec<KeyFact> {
    let claim = |(n, (kind, roles, statement)): (usize, &(FindingKind, &str, &str))| KeyFact {
        claim_id: format!("c{:02}", n + 1).as_str().into(),
        statement: writer.text(statement),
        finding: Finding {
            kind: *kind,
            series: if n == 4 { vec![series(0), series(1)] } else { vec![series(0)] },
            roles: roles
                .split(' ')
                .filter_map(|pair| pair.split_once('='))
                .map(|(role, fact)| (role.to_owned(), FactId::from(fact)))
                .collect(),
            score: FindingScore::default(),
        },
    };
    CLAIMS.iter().enumerate().map(claim).collect()
}

fn brief(library: &Library) -> ResearchBrief {
    let infos: Vec<SeriesInfo> = [0, 1]
        .map(|n| library.series(&series(n)).unwrap_or_else(|| panic!("{:?}", library.datasets())).info.clone())
        .into();
    let facts = facts(&infos[0].unit);
    let sources = vec![Source {
        source_id: "src1".into(),
        title: "World Bank, Metal prices".into(),
        url: "https://www.worldbank.org/".into(),
        as_of_date: month(29),
        source_tier: SourceTier::Tier1,
        freshness_window_days: 30,
        stale_data: false,
        licence: "CC-BY-4.0".into(),
        dataset: "metal-prices".into(),
        dataset_digest: Digest::of(b"metal-prices"),
    }];
    let writer = Writer { facts: &facts, series: &infos, sources: &sources };
    let key_facts = claims(&writer);
    let scores = TopicScores {
        audience_fit: 4.0,
        novelty: 4.0,
        monetization_potential: 4.0,
        evidence_availability: 5.0,
        production_feasibility: 5.0,
    };
    let data_points = facts
        .iter()
        .map(|fact| DataPoint {
            metric: "Copper".into(),
            value: fact.display.clone(),
            timeframe: display::cite(fact, Part::At, Style::Screen).unwrap(),
            fact: fact.id.clone(),
            source_id: "src1".into(),
        })
        .collect();
    ResearchBrief {
        schema_version: proofreel_model::schema_version(),
        as_of: date(2026, 6, 20),
        topic: TopicCandidate {
            topic_id: "metal-prices/Copper/state_of_play".into(),
            title: "Where copper stands".into(),
            angle: Angle::StateOfPlay,
            series: infos.clone(),
            evidence_preview: vec!["Where it stands against its peak.".into()],
            findings: 5,
            strength: 0.6,
            notes: Vec::new(),
        },
        topic_candidates: vec![ScoredTopic {
            topic_id: "metal-prices/Copper/state_of_play".into(),
            scores,
            total: 4.5,
            rationale: "fits".into(),
            refused: None,
        }],
        executive_summary: writer.text(
            "{S0} rose {f003:value:magnitude} over the year. It still lies {f005:value:magnitude} below its peak.",
        ),
        key_fact_sources: key_facts
            .iter()
            .map(|claim| KeyFactSource { claim: claim.claim_id.clone(), source_ids: vec!["src1".into()] })
            .collect(),
        key_facts,
        data_points,
        contrarian_angle: writer.text("A sceptic would begin at the peak and see a fall of {f005:value:magnitude}."),
        viewer_takeaway: writer.text("Where you begin to count decides what {s0} seems to do."),
        sources,
        facts,
        series: infos,
        screening: Vec::new(),
    }
}

fn order(package: &PackageBytes) -> Order {
    let channel = channel::parse(
        "plain.toml",
        "id = \"plain\"\nname = \"Plain Figures\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"data\"]\n",
    )
    .unwrap();
    let files = package
        .files
        .iter()
        .map(|(path, bytes)| PackageFile { path: path.clone(), blob: BlobRef::to("packages", bytes) })
        .collect();
    Order {
        schema_version: proofreel_model::schema_version(),
        channel,
        as_of: date(2026, 6, 20),
        seed: 1,
        topic: None,
        format: Format::Landscape,
        burn_captions: false,
        draft: false,
        packages: vec![PackageRef { name: package.name.clone(), digest: package.digest.clone(), files }],
        previous_packages: Vec::new(),
        recent_topics: Vec::new(),
        recent_episodes: Vec::new(),
        directives: Vec::new(),
        outlook: proofreel_model::outlook::Outlook::default(),
        pictures: Vec::new(),
    }
}

/// All thirty points of a series.
pub fn trace(writer: &Writer<'_>, n: usize) -> Trace {
    let values = if n == 0 { COPPER } else { TIN };
    let points = values
        .iter()
        .enumerate()
        .map(|(n, value)| TracePoint { date: month(n), value: *value, row: n as u32 + 1 })
        .collect();
    Trace {
        series: series(n),
        label: writer.text(&format!("{{n{n}}}")),
        unit: writer.series[n].unit.clone(),
        frequency: Frequency::Monthly,
        points,
    }
}

/// The episode that passes.
pub fn episode() -> Episode {
    let packages = vec![package()];
    let library = Library::load(&packages).unwrap();
    let brief = brief(&library);
    let order = order(&packages[0]);
    let writer = Writer { facts: &brief.facts, series: &brief.series, sources: &brief.sources };
    let scenes = super::staging::scenes(&writer, &order);
    let script = super::staging::script(&writer, &order);
    let scenes = super::staging::timed(scenes, &script);
    Episode { brief, scenes, script, order, packages }
}

struct Mute;

#[async_trait]
impl Voice for Mute {
    fn info(&self) -> VoiceInfo {
        VoiceInfo { name: "none".into(), engine: "none".into(), licence: "none".into(), quality: VoiceQuality::Robotic }
    }

    async fn speak(&self, _: &[Utterance], _: u64) -> Result<Vec<Speech>, VoiceError> {
        Ok(Vec::new())
    }
}

/// Runs `f` in the context that the driver would give.
pub fn with_context<T>(episode: &Episode, f: impl FnOnce(&Context<'_>) -> T) -> T {
    let library = Library::load(&episode.packages).unwrap();
    let policy = Policy::embedded();
    f(&Context {
        order: &episode.order,
        library: &library,
        packages: &episode.packages,
        pictures: &[],
        policy: &policy,
        voice: &Mute,
        writer: None,
        parts: &proofreel_ports::NoParts,
        progress: &Silent,
        scratch: Path::new("."),
        visit: 1,
        reasons: &[],
    })
}

/// The artifacts as the driver hands them over.
pub fn input(episode: &Episode) -> Value {
    serde_json::json!({"brief": episode.brief, "scenes": episode.scenes, "script": episode.script})
}

/// The report on an episode.
pub fn report(episode: &Episode) -> QaReport {
    let input: QaInput = serde_json::from_value(input(episode)).unwrap();
    with_context(episode, |context| judge(&input, context)).unwrap()
}
