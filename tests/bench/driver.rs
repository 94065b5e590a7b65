//! What the driver itself costs: messages a second through SQLite and files, with stages that do next to nothing, beside a
//! table that holds up to a hundred thousand finished runs. Run with `make bench`; `make bench-driver` writes `driver.md`
//! (`--report FILE`).
//!
//! Exits with 1 when a message takes more than [`MOST_GROWTH`] times as long beside the full table as beside the empty one.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use proofreel_adapters::local::{FileBlobs, SqliteStore, SystemClock};
use proofreel_model::policy::Policy;
use proofreel_model::records::RunState;
use proofreel_model::stage::StageName;
use proofreel_pipeline::{Chain, Driver, Owner, Ports, QueueNaming, list_runs};
use proofreel_ports::{Condition, Item, Records, Write};
use proofreel_tests::rehearsal::{Act, Mute, Play, order};

/// Finished runs in the table.
const SIZES: [u32; 4] = [0, 1_000, 10_000, 100_000];
/// Runs measured at each size; each has nine visits.
const RUNS: u32 = 40;
/// Messages of a run: seven stages, and two again because QA sends the script back once.
const VISITS: u32 = 9;
/// How much longer a message may take beside the full table.
const MOST_GROWTH: f64 = 1.25;

fn open(folder: &Path) -> (Driver, SqliteStore) {
    let store = SqliteStore::open(folder, Arc::new(SystemClock)).expect("a store");
    let ports = Ports {
        blobs: Arc::new(FileBlobs::open(&folder.join("blobs")).expect("a folder of blobs")),
        records: Arc::new(store.clone()),
        queue: Arc::new(store.clone()),
        clock: Arc::new(SystemClock),
    };
    let play = Arc::new(Play::new().with(StageName::Qa, 1, &[Act::Rewrite(StageName::Script)]));
    let stages = play.stages(&StageName::CHAIN);
    let driver = Driver::new(ports, stages, Policy::embedded(), Arc::new(Mute), folder.join("scratch"))
        .with_chain(Chain::default().with_queues(QueueNaming::PerRun))
        .with_owner(Owner::new("bench"));
    (driver, store)
}

/// All rows of a finished run, to be copied under other ids.
async fn pattern(store: &SqliteStore, run: &str) -> Vec<Item> {
    let mut rows = store.query(&format!("run#{run}"), "").await.expect("rows");
    rows.extend(store.query("runs", "").await.expect("the list").into_iter().filter(|item| item.sk.ends_with(run)));
    rows
}

/// Copies of the pattern: runs `from..to`, which ended before all that are measured.
async fn fill(store: &SqliteStore, pattern: &[Item], run: &str, from: u32, to: u32) {
    for number in from..to {
        let id = format!("20260101t000000-{number:06}");
        let renamed = |item: &Item| {
            let body = item.body.to_string().replace(run, &id);
            let sk = if item.pk == "runs" { format!("2026-01-01T00:00:00.{number:09}Z#{id}") } else { item.sk.clone() };
            let item =
                Item { pk: item.pk.replace(run, &id), sk, body: serde_json::from_str(&body).expect("still JSON") };
            Write::Put { item, condition: Condition::None }
        };
        let writes: Vec<Write> = pattern.iter().map(renamed).collect();
        for some in writes.chunks(25) {
            store.transact(some.to_vec()).await.expect("rows are written");
        }
    }
}

/// Works [`RUNS`] runs, one after the other; the id of the last.
async fn work(driver: &Driver) -> String {
    let mut last = String::new();
    for _ in 0..RUNS {
        let id = driver.start(&order(), None).await.expect("a run");
        let head = driver.work_until_idle(&id).await.expect("a run ends");
        assert_eq!(head.state, RunState::Done);
        last = id.to_string();
    }
    last
}

/// Prints the table, and writes it where `--report` says.
fn report(table: &str) {
    println!("{table}");
    let mut arguments = std::env::args().skip_while(|argument| argument != "--report").skip(1);
    if let Some(file) = arguments.next() {
        let day = jiff::Zoned::now().date();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let head = format!(
            "# The driver by itself\n\n{day}, {cores} cores: messages through SQLite and files in memory, with stages that do next to nothing. Written by `make bench-driver`.\n\n"
        );
        std::fs::write(&file, format!("{head}{table}\n")).expect("the report is written");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // In memory where the system has it: this is what the driver and SQLite cost, not what a disk needs to sync.
    let folder = tempfile::TempDir::new_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    let (driver, store) = open(folder.path());
    // The first messages of a process are slow whatever the table holds: nobody measures them.
    let run = work(&driver).await;
    let rows = pattern(&store, &run).await;
    let (mut filled, mut first, mut last) = (0, 0.0, 0.0);
    let mut table = vec![
        "| finished runs beside those measured | ms a message | messages a second | ms a sweep | ms to list the newest 20 | MB of table |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for size in SIZES {
        fill(&store, &rows, &run, filled, size).await;
        filled = size;
        let began = Instant::now();
        work(&driver).await;
        last = began.elapsed().as_secs_f64() * 1000.0 / f64::from(RUNS * VISITS);
        if size == SIZES[0] {
            first = last;
        }
        let began = Instant::now();
        driver.sweep().await.expect("a sweep");
        let sweep = began.elapsed().as_secs_f64() * 1000.0;
        let began = Instant::now();
        let listed = list_runs(&store, 20).await.expect("the list").heads.len();
        let list = began.elapsed().as_secs_f64() * 1000.0;
        assert_eq!(listed, 20);
        let megabytes: u64 = std::fs::read_dir(folder.path())
            .expect("the folder")
            .filter_map(|entry| entry.ok()?.metadata().ok().filter(std::fs::Metadata::is_file))
            .map(|file| file.len() / 1_000_000)
            .sum();
        table.push(format!("| {size} | {last:.2} | {:.0} | {sweep:.2} | {list:.1} | {megabytes} |", 1000.0 / last));
    }
    table.push(format!(
        "\nA message beside {filled} runs takes {:.2} times as long as beside none (at most {MOST_GROWTH}).",
        last / first
    ));
    report(&table.join("\n"));
    if last > first * MOST_GROWTH { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
