//! Reports are made, kept and found again: on one machine's stores and over the wire on a local AWS.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::date;
use proofreel_adapters::local::{FileBlobs, SqliteStore};
use proofreel_model::channel::{self, ChannelProfile};
use proofreel_operations::reports::{self, Form, Period};
use proofreel_operations::{ChannelFile, Channels, Office, measure};
use proofreel_ports::{Blobs, Clock, PortError, Records};
use proofreel_tests::local_aws::{Emulator, Server};

const CHANNEL: &str =
    "id = \"demo\"\nname = \"Demo <&>\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"../data\"]\n";

struct One;

#[async_trait]
impl Channels for One {
    async fn files(&self) -> Result<Vec<ChannelFile>, PortError> {
        Ok(vec![ChannelFile { name: "demo.toml".into(), text: CHANNEL.into() }])
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-11-28T20:00:00Z".parse().unwrap()
    }
}

fn profile() -> ChannelProfile {
    channel::parse("demo.toml", CHANNEL).unwrap()
}

async fn made_kept_and_found(records: Arc<dyn Records>, blobs: Arc<dyn Blobs>) {
    let office = Office { records, blobs, clock: Arc::new(Noon), channels: Arc::new(One) };
    let (profile, id) = (profile(), profile().id);
    assert!(reports::list(&office, &id).await.unwrap().is_empty());
    let export = "Content,Video title,Video publish time,Views,Impressions,Impressions click-through rate (%)\naaaaaaaaaaa,<script>alert(1)</script>,\"Nov 17, 2026\",2000,40000,4.0\n";
    measure::import(&office, &id, "t.csv", export.as_bytes(), date(2026, 11, 22), false).await.unwrap();

    // Without a day it is the last whole week and month.
    for (period, name) in [(Period::Weekly, "week-2026-11-16"), (Period::Monthly, "month-2026-10")] {
        let made = reports::make(&office, &profile, &[], period, None).await.unwrap();
        assert_eq!(made.name, name);
        reports::keep(&office, &made).await.unwrap();
    }
    let of = reports::make(&office, &profile, &[], Period::Weekly, Some(date(2026, 11, 11))).await.unwrap();
    reports::keep(&office, &of).await.unwrap();
    let names = async || -> Vec<String> {
        reports::list(&office, &id).await.unwrap().into_iter().map(|kept| kept.name).collect()
    };
    assert_eq!(names().await, ["week-2026-11-16", "week-2026-11-09", "month-2026-10"], "newest first");
    reports::keep(&office, &of).await.unwrap();
    assert_eq!(names().await.len(), 3, "the same period again takes its place");

    let kept = reports::list(&office, &id).await.unwrap().remove(0);
    assert!(kept.files.values().all(|blob| blob.key.starts_with("reports/demo/")));
    let html = reports::read(&office, &kept, Form::Html).await.unwrap();
    assert!(html.contains("Demo &lt;&amp;&gt;") && !html.contains("<script"), "texts of strangers are escaped");
    let plain = reports::read(&office, &kept, Form::Plain).await.unwrap();
    assert!(plain.contains("Demo <&>") && kept.words > 20 && kept.words <= 460, "{} words", kept.words);
    assert!(!reports::read(&office, &kept, Form::Markdown).await.unwrap().is_empty());
    assert!(reports::list(&office, &"other".into()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn on_one_machine() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), Arc::new(Noon)).unwrap();
    let blobs = FileBlobs::open(&folder.path().join("blobs")).unwrap();
    made_kept_and_found(Arc::new(store), Arc::new(blobs)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_local_aws() {
    let aws = Server::start(Emulator::Ministack);
    let stack = aws.stack(&[]).await;
    Box::pin(made_kept_and_found(Arc::new(stack.records()), Arc::new(stack.blobs()))).await;
}
