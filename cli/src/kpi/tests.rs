//! Figures, orders and incidents over the embedded stores.

use std::sync::Arc;

use jiff::civil::date;
use proofreel_adapters::local::{FileBlobs, SqliteStore, SystemClock};
use proofreel_insight::studio::{self, Told};
use proofreel_model::channel;
use proofreel_model::digest::Digest;
use proofreel_model::ids::ChannelId;
use proofreel_model::incident::{IncidentKind, IncidentState};
use proofreel_model::kpi::{Basis, KpiImport, Metric, OrderKind, Outcome, StandingOrder};
use proofreel_pipeline::kpi::{self, Stored};
use proofreel_pipeline::{Compare, Ports, incidents, order_of};
use proofreel_ports::{Condition, Item, Records as _};

fn store() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), Arc::new(SystemClock)).unwrap();
    (folder, store)
}

async fn import(store: &SqliteStore, text: &str) -> Stored {
    let channel = ChannelId::from("demo");
    let told = Told { file: "t.csv", channel: &channel, day: date(2026, 11, 20) };
    let read = studio::read(text.as_bytes(), &told).unwrap();
    let (stored, snapshots, cards) = kpi::merged(store, &channel, &read.snapshots, &read.videos).await.unwrap();
    let row = KpiImport {
        digest: Digest::of(text.as_bytes()),
        file: "t.csv".into(),
        day: told.day,
        snapshots: read.snapshots.len(),
        notes: read.notes,
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    kpi::put_import(store, &row, &channel, &snapshots, &cards).await.unwrap();
    stored
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing_and_another_adds_what_the_first_lacked() {
    let (_folder, store) = store();
    let views: String =
        (0..60).fold("Content,Views\n".to_owned(), |text, n| text + &format!("video{n:06},{}\n", 100 + n));
    assert_eq!(import(&store, &views).await, Stored { new: 60, changed: 0, same: 0 });
    assert_eq!(import(&store, &views).await, Stored { new: 0, changed: 0, same: 60 });
    let ctr = "Content,Impressions,Impressions click-through rate (%)\nvideo000000,2000,5\n";
    assert_eq!(import(&store, ctr).await, Stored { new: 0, changed: 1, same: 0 });
    let kept = kpi::snapshots(&store, &"demo".into()).await.unwrap();
    let first = kept.iter().find(|row| row.subject.key() == "video:video000000").unwrap();
    assert_eq!((first.figures.views, first.figures.ctr), (Some(100.0), Some(0.05)));
    assert_eq!(import(&store, &views).await.same, 60, "the older file does not take the newer figures away");
    assert_eq!(kpi::imports(&store, &"demo".into()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn orders_that_stand_on_the_day_are_in_the_order_and_others_are_not() {
    let (folder, store) = store();
    let text = "id = \"demo\"\nname = \"N\"\nkind = \"finance\"\naudience = \"a\"\nsources = [\"d\"]\n";
    let profile = channel::parse("demo.toml", text).unwrap();
    let standing = |issued, kind: OrderKind| StandingOrder {
        id: format!("{issued}#{}", kind.as_str()),
        channel: "demo".into(),
        kind,
        owner: kind.owner(),
        metric: Metric::Ctr,
        reason: "below".into(),
        baseline: 0.05,
        basis: Basis::Channel,
        videos: Vec::new(),
        values: Vec::new(),
        evidence: Vec::new(),
        issued,
        expires: issued.saturating_add(jiff::Span::new().days(21)),
        outcome: Outcome::Open,
    };
    let orders = [
        standing(date(2026, 9, 1), OrderKind::Packaging),
        standing(date(2026, 11, 10), OrderKind::Packaging),
        standing(date(2026, 11, 20), OrderKind::Hook),
    ];
    kpi::put_judgement(&store, &"demo".into(), &[], &orders, None).await.unwrap();
    let ports = Ports {
        blobs: Arc::new(FileBlobs::open(&folder.path().join("blobs")).unwrap()),
        records: Arc::new(store.clone()),
        queue: Arc::new(store.clone()),
        clock: Arc::new(SystemClock),
    };
    let order =
        order_of(&ports, profile.clone(), Vec::new(), date(2026, 11, 15), 1, &Compare::default()).await.unwrap();
    let told: Vec<(&str, u32)> = order.directives.iter().map(|one| (one.order.as_str(), one.nth)).collect();
    assert_eq!(told, [("2026-11-10#packaging", 2)], "the first ran out, the hook's was not given yet");
    let later = order_of(&ports, profile, Vec::new(), date(2027, 1, 15), 1, &Compare::default()).await.unwrap();
    assert_eq!(later.directives, []);
}

#[tokio::test]
async fn a_dead_letter_of_an_older_version_is_an_incident_that_a_person_resolves() {
    let (_folder, store) = store();
    let body = serde_json::json!({"kind": "dead_letter", "run_id": "r1", "channel": "demo", "stage": "render", "visit": 1,
        "what": "its message was delivered too often", "created_at": "2026-11-20T06:00:00Z"});
    let item = Item { pk: "incidents".into(), sk: "2026-11-20T06:00:00.000000000Z#r1#render".into(), body };
    store.put(item, Condition::None).await.unwrap();
    let mut kept = incidents::incidents(&store).await.unwrap();
    let (sk, mut incident) = kept.remove(0);
    assert_eq!((incident.kind, incident.state), (IncidentKind::DeadLetter, IncidentState::Open));
    assert_eq!(incident.all_runs(), [&"r1".into()]);
    incident.state = IncidentState::Resolved;
    incidents::put_incident(&store, &sk, &incident).await.unwrap();
    let kept = incidents::incidents(&store).await.unwrap();
    assert_eq!((kept.len(), kept[0].1.state), (1, IncidentState::Resolved));
}

#[tokio::test]
async fn a_beat_is_kept_and_none_is_none() {
    let (_folder, store) = store();
    assert_eq!(incidents::last_beat(&store).await.unwrap(), None);
    let at = "2026-11-20T06:00:00.5Z".parse().unwrap();
    incidents::put_beat(&store, at).await.unwrap();
    assert_eq!(incidents::last_beat(&store).await.unwrap(), Some(at));
}
