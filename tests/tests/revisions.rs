//! A published film against what its source says later: real stages over the real series of national products, whose figures are then
//! revised by the test.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on may stop

use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::civil::date;
use proofreel_evidence::PackageBytes;
use proofreel_lambda::{CurrentPackages, Metrics, Round, Rounds};
use proofreel_model::channel::{self, ChannelProfile};
use proofreel_model::incident::{IncidentKind, Page};
use proofreel_model::notices::Notices;
use proofreel_model::policy::Policy;
use proofreel_model::records::RunState;
use proofreel_model::stage::StageName;
use proofreel_operations::notices::Teller;
use proofreel_operations::{ChannelFile, Channels, Office, revisions};
use proofreel_pipeline::{Compare, Driver, incidents, order_of, package_digest, read_packages, store_packages};
use proofreel_ports::{
    Answer, Call, CallError, Condition, Item, Judge, Outside, Pager, PortError, Records as _, Secret, Secrets,
};
use proofreel_tests::fakes::{Memory, World};
use proofreel_tests::rehearsal::{Mute, Play};
use serde_json::json;

/// 2026-11-28T20:00:00Z.
const NOW_MS: i64 = 1_795_896_000_000;
const CHANNEL: &str =
    "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"../data\"]\n";

struct One;

#[async_trait]
impl Channels for One {
    async fn files(&self) -> Result<Vec<ChannelFile>, PortError> {
        Ok(vec![ChannelFile { name: "demo.toml".into(), text: CHANNEL.into() }])
    }
}

#[derive(Default)]
struct Pages(Mutex<Vec<Page>>);

#[async_trait]
impl Pager for Pages {
    async fn page(&self, page: &Page) -> Result<(), PortError> {
        self.0.lock().unwrap().push(page.clone());
        Ok(())
    }
}

/// An outside that is closed, and no key to it.
struct Closed;

#[async_trait]
impl Outside for Closed {
    async fn call(&self, call: &Call, _: Judge<'_>) -> Result<Answer, CallError> {
        Err(CallError::Status { provider: call.provider.clone(), status: 503, why: "closed".into() })
    }
}

#[async_trait]
impl Secrets for Closed {
    async fn get(&self, _: &str) -> Result<Option<Secret>, PortError> {
        Ok(None)
    }
}

/// The packages of today.
struct Now(Vec<PackageBytes>);

#[async_trait]
impl CurrentPackages for Now {
    async fn of(&self, _: &ChannelProfile) -> Result<Vec<PackageBytes>, String> {
        Ok(self.0.clone())
    }
}

/// The package with each line of its table changed; a line that becomes nothing is left out.
fn with_lines(package: &PackageBytes, change: impl Fn(&str) -> Vec<String>) -> PackageBytes {
    let mut files = package.files.clone();
    let (_, table) = files.iter_mut().find(|(path, _)| *path != "datapackage.json").unwrap();
    let text = String::from_utf8(table.clone()).unwrap();
    let mut lines = text.lines();
    let header = lines.next().unwrap().to_owned();
    let rows = lines.flat_map(change);
    *table = std::iter::once(header).chain(rows).map(|line| line + "\n").collect::<String>().into_bytes();
    let digest = package_digest(&files);
    PackageBytes { name: package.name.clone(), digest, files }
}

/// Value of the last cell times this, from a year on.
fn revised_from(year: i32, by: f64) -> impl Fn(&str) -> Vec<String> {
    move |line| {
        let (rest, value) = line.rsplit_once(',').unwrap();
        let of: i32 = rest.rsplit(',').next().unwrap().parse().unwrap();
        let value: f64 = value.parse().unwrap();
        vec![if of >= year { format!("{rest},{}", value * by) } else { line.to_owned() }]
    }
}

async fn published(memory: &Memory, profile: &ChannelProfile, packages: &[PackageBytes], scratch: &Path) -> String {
    let ports = memory.ports();
    let play = Arc::new(Play::new());
    let render = play.stages(&[StageName::Render]).remove(0);
    let driver =
        Driver::new(ports.clone(), proofreel_stages::chain(), Policy::embedded(), Arc::new(Mute), scratch.to_owned())
            .with_stage(render);
    let stored = store_packages(memory, packages).await.unwrap();
    let order = order_of(&ports, profile.clone(), stored, date(2026, 11, 28), 1, &Compare::default()).await.unwrap();
    let run = driver.start(&order, None).await.unwrap();
    let head = driver.work_until_idle(&run).await.unwrap();
    assert_eq!(head.state, RunState::Done, "{head:?}");
    let row = json!({
        "channel": "demo", "run": run, "revision": 1, "state": "published", "film": "ab".repeat(32), "step": "none",
        "updated_at": "2026-11-28T19:00:00Z",
    });
    let item = Item { pk: "publication#demo".into(), sk: run.to_string(), body: row };
    memory.put(item, Condition::None).await.unwrap();
    run.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_a_source_revised_opens_one_incident_with_its_correction() {
    let memory = Memory::of(World::at(NOW_MS));
    let scratch = tempfile::tempdir().unwrap();
    let profile = channel::parse("demo.toml", CHANNEL).unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/gdp-by-country");
    let packages = read_packages(&[data]).unwrap();
    let run = published(&memory, &profile, &packages, scratch.path()).await;
    let office = Office {
        records: Arc::new(memory.clone()),
        blobs: Arc::new(memory.clone()),
        clock: Arc::new(memory.clone()),
        channels: Arc::new(One),
    };
    let pager = Pages::default();
    let check = async |current: &PackageBytes, dry: bool| {
        let current = std::slice::from_ref(current);
        revisions::check(&office, &pager, &profile, current, dry).await.unwrap()
    };
    assert!(check(&packages[0], false).await.is_empty(), "the same bytes say nothing");

    // One more year, other order of the rows, and no figure of before is another one.
    let later = with_lines(&packages[0], |line| {
        let (rest, value) = line.rsplit_once(',').unwrap();
        let (place, year) = rest.rsplit_once(',').unwrap();
        let year: i32 = year.parse().unwrap();
        let mut lines = vec![line.to_owned()];
        if year == 2023 {
            lines.insert(0, format!("{place},2031,{value}"));
        }
        lines
    });
    let found = check(&later, false).await;
    assert_eq!((found.len(), found[0].changes.len(), found[0].opened), (1, 0, false), "{found:?}");
    assert!(check(&later, false).await.is_empty(), "held against it once");
    assert!(incidents::incidents(&memory).await.unwrap().is_empty());

    let newer = with_lines(&packages[0], revised_from(2010, 1.03));
    let dry = check(&newer, true).await;
    assert!(!dry[0].changes.is_empty() && !dry[0].opened && pager.0.lock().unwrap().is_empty());
    let found = check(&newer, false).await;
    assert_eq!(found[0].run.as_str(), run);
    assert!(found[0].opened, "{found:?}");
    let first = &found[0].changes[0];
    assert!(first.sentence.contains(&first.said) && first.now.as_ref() != Some(&first.said), "{first:?}");
    let whole: Vec<_> = found[0].changes.iter().filter(|change| change.corrected.is_some()).collect();
    for change in &whole {
        let (corrected, now) = (change.corrected.as_ref().unwrap(), change.now.as_ref().unwrap());
        assert!(corrected.contains(now), "all numbers of a sentence at once: {change:?}");
    }
    let proposed = |change: &&revisions::Change| found[0].correction.contains(change.corrected.as_ref().unwrap());
    assert!(whole.iter().any(proposed), "{}", found[0].correction);
    let kept = incidents::incidents(&memory).await.unwrap();
    assert_eq!((kept.len(), kept[0].1.kind), (1, IncidentKind::Revision));
    let what = &kept[0].1.what;
    assert!(what.contains(&first.said) && what.contains("Proposed:") && what.contains("Correction to"), "{what}");
    assert_eq!(pager.0.lock().unwrap().len(), 1);

    assert!(check(&newer, false).await.is_empty(), "the same revision is told once");
    assert_eq!(pager.0.lock().unwrap().len(), 1);
    let next = with_lines(&packages[0], revised_from(2010, 1.05));
    assert!(check(&next, false).await[0].opened, "the next one is another");
    assert_eq!(pager.0.lock().unwrap().len(), 2);

    // The daily round of the cloud does the same with the packages as they are then, whatever becomes of the figures.
    let ahead = with_lines(&packages[0], revised_from(2010, 1.07));
    let teller = Teller::new(office.clone(), Arc::new(Closed), Arc::new(Closed), None, Notices::default());
    let rounds = Rounds {
        office: office.clone(),
        outside: Arc::new(Closed),
        secrets: Arc::new(Closed),
        teller,
        metrics: Metrics::default(),
        packages: Arc::new(Now(vec![ahead])),
    };
    let made = rounds.make(Round::Measure).await.unwrap();
    assert!(made["revisions"][0]["changed"].as_u64().is_some_and(|changed| changed > 0), "{made:#}");
    let told = async || {
        let all = incidents::incidents(&memory).await.unwrap();
        all.iter().filter(|(_, incident)| incident.kind == IncidentKind::Revision).count()
    };
    assert_eq!(told().await, 3, "each revision once");
    rounds.make(Round::Measure).await.unwrap();
    assert_eq!(told().await, 3);

    // Rows that are gone are told, and what they said stays.
    let gone =
        with_lines(&packages[0], |line| if line.contains(",2010,") { Vec::new() } else { vec![line.to_owned()] });
    let found = check(&gone, false).await;
    assert!(found[0].changes.is_empty() && found[0].notes.iter().any(|note| note.contains("no longer in it")));
}
