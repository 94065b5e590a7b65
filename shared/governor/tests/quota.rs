//! No call goes out that a limit forbids, however many ask.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod world;

use std::sync::Arc;

use proofreel_adapters::local::{FileBlobs, SqliteStore, SystemClock};
use proofreel_governor::{Doors, Governor};
use proofreel_model::ids::RunId;
use proofreel_ports::{CallError, CallKind, Outside as _, Records, Spend, Web, take};
use world::{Keys, Script, World, answer, call, good, law, pass};

/// A hundred workers of ten processes, in real time over one SQLite file: of a hundred different calls just the thirty that
/// the minute allows go out, and the others are told when there is room.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_hundred_workers_over_sqlite_never_pass_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let web = Script::new(1, |_, _| good());
    let law = law(
        "limits = { requests = { minute = 30, day = 1000 }, tokens = { minute = 100_000 } }",
        "[freshness.data]\nseconds = 60\nwait_seconds = 0\n",
    );
    let governors: Vec<Arc<Governor>> = (0..10)
        .map(|seed| {
            let clock = Arc::new(SystemClock);
            let store = Arc::new(SqliteStore::open(folder.path(), Arc::clone(&clock) as _).unwrap());
            let doors = Doors {
                web: Arc::clone(&web) as Arc<dyn Web>,
                records: store as Arc<dyn Records>,
                blobs: Arc::new(FileBlobs::open(&folder.path().join("blobs")).unwrap()),
                clock,
                secrets: Arc::new(Keys::default()),
            };
            Arc::new(Governor::new(doors, law.clone(), seed))
        })
        .collect();
    let asked = (0..100u64).map(|number| {
        let governor = Arc::clone(&governors[number as usize % governors.len()]);
        tokio::spawn(async move {
            let call = call(CallKind::Data, number).spend(Spend { tokens: 100, ..Spend::default() });
            governor.call(&call, &take).await
        })
    });
    let asked: Vec<_> = asked.collect();
    let (mut answered, mut refused) = (0, 0);
    for task in asked {
        match task.await.unwrap() {
            Ok(_) => answered += 1,
            Err(CallError::Quota { what, .. }) => {
                assert_eq!(what, "requests a minute");
                refused += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((web.count(), answered, refused), (30, 30, 70), "none over the limit, none wasted, none lost");
}

/// The same in virtual time, and the hundred wait for their turn: every one is served, and no minute holds more than it may.
#[tokio::test(start_paused = true)]
async fn a_hundred_who_wait_are_all_served_and_no_minute_is_overfull() {
    let law = law(
        "limits = { requests = { minute = 10 }, tokens = { minute = 5_000 } }",
        "[freshness.data]\nseconds = 60\nwait_seconds = 7200\n[flight]\nwait_seconds = 7200\ngrace_seconds = 10\nlook_ms = 250\n",
    );
    let world = World::new(law, Script::new(400, |_, _| good()));
    let governors: Vec<_> = (0..10).map(|seed| world.governor(seed)).collect();
    let asked: Vec<_> = (0..100u64)
        .map(|number| {
            let governor = Arc::clone(&governors[number as usize % 10]);
            tokio::spawn(async move {
                let call = call(CallKind::Data, number).spend(Spend { tokens: 600, ..Spend::default() });
                governor.call(&call, &take).await
            })
        })
        .collect();
    for task in asked {
        task.await.unwrap().unwrap();
    }
    assert_eq!(world.web.count(), 100);
    assert_eq!(world.web.most_within(60_000), 8, "8 × 600 tokens fill the minute before ten requests do");
    let minutes = world.web.times().last().unwrap() / 60_000;
    assert!(minutes <= 15, "{minutes} minutes for a hundred calls");
}

#[tokio::test(start_paused = true)]
async fn a_gap_and_a_number_at_once_hold_over_all_workers() {
    let law = law("limits = { gap_ms = 3_000, at_once = 1 }", "[freshness.data]\nseconds = 60\nwait_seconds = 600\n");
    let world = World::new(law, Script::new(5_000, |_, _| good()));
    let governors = [world.governor(1), world.governor(2), world.governor(3)];
    let asked: Vec<_> = (0..12u64)
        .map(|number| {
            let governor = Arc::clone(&governors[number as usize % 3]);
            tokio::spawn(async move { governor.call(&call(CallKind::Data, number), &take).await })
        })
        .collect();
    for task in asked {
        task.await.unwrap().unwrap();
    }
    assert_eq!(world.web.most_at_once(), 1);
    assert!(world.web.times().windows(2).all(|pair| pair[1] - pair[0] >= 3_000), "{:?}", world.web.times());
}

#[tokio::test(start_paused = true)]
async fn a_gap_alone_holds_over_all_workers() {
    let law = law("limits = { gap_ms = 3_000 }", "[freshness.data]\nseconds = 60\nwait_seconds = 600\n");
    let world = World::new(law, Script::new(10, |_, _| good()));
    let governors = [world.governor(1), world.governor(2)];
    let ask = async |worker: usize| {
        for number in 0..4 {
            let question = call(CallKind::Data, (10 * worker + number) as u64);
            governors[worker].call(&question, &take).await.unwrap();
        }
    };
    tokio::join!(ask(0), ask(1));
    let times = world.web.times();
    assert_eq!(times.len(), 8);
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 3_000), "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn a_months_allowance_lasts_until_the_month_turns_where_the_provider_is() {
    let law = law(
        "day = { midnight = \"America/Los_Angeles\" }\nlimits = { characters = { month = 1_000 } }",
        "[freshness.data]\nseconds = 60\nwait_seconds = 0\n",
    );
    let world = World::new(law, Script::new(10, |_, _| good()));
    let governor = world.governor(1);
    let ask = async |number| {
        let spend = Spend { characters: 600, ..Spend::default() };
        governor.call(&call(CallKind::Data, number).spend(spend), &take).await
    };
    ask(1).await.unwrap();
    // Two days on, the month is the same; it ends at eight in the morning of December's first day, UTC.
    pass(2 * 86_400).await;
    let CallError::Quota { what, until, .. } = ask(2).await.unwrap_err() else { panic!("no quota") };
    assert_eq!((what.as_str(), until), ("characters a month", "2026-12-01T08:00:02Z".parse().unwrap()));
    pass(20 * 3_600 - 60).await;
    assert!(ask(2).await.is_err(), "in UTC it is December already");
    pass(62).await;
    ask(2).await.unwrap();
    assert_eq!(world.web.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_day_begins_anew_at_the_providers_midnight_and_not_before() {
    let law = law(
        "day = { midnight = \"America/Los_Angeles\" }\nlimits = { units = { day = 100 } }",
        "[freshness.data]\nseconds = 60\nwait_seconds = 0\n",
    );
    let world = World::new(law, Script::new(10, |_, _| good()));
    let governor = world.governor(1);
    let spend = Spend { units: 50, ..Spend::default() };
    for number in 0..2 {
        governor.call(&call(CallKind::Data, number).spend(spend), &take).await.unwrap();
    }
    let error = governor.call(&call(CallKind::Data, 2), &take).await.unwrap_err();
    let CallError::Quota { what, until, .. } = error else { panic!("{error}") };
    // It is noon UTC, four in the morning there: 20 hours to go.
    assert_eq!((what.as_str(), until), ("units a day", "2026-11-29T08:00:02Z".parse().unwrap()));
    pass(20 * 3_600 - 60).await;
    assert!(governor.call(&call(CallKind::Data, 2), &take).await.is_err(), "a minute before");
    pass(62).await;
    governor.call(&call(CallKind::Data, 2), &take).await.unwrap();
    assert_eq!(world.web.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_estimate_becomes_what_was_spent_and_too_much_at_once_is_never_sent() {
    let law = law("limits = { tokens = { minute = 1_000 } }", "");
    let world = World::new(law, Script::new(10, |_, _| good()));
    let governor = world.governor(1);
    let ask = async |number, tokens, real| {
        let call = call(CallKind::Data, number).spend(Spend { tokens, ..Spend::default() });
        governor.call(&call, &move |_| Ok(Spend { tokens: real, ..Spend::default() })).await
    };
    // Nine hundred were held back, a hundred were used: nine more fit into this minute.
    for number in 0..2 {
        ask(number, 900, 50).await.unwrap();
    }
    assert_eq!(world.web.times(), [0, 10], "nobody waited");
    let error = ask(9, 1_001, 0).await.unwrap_err();
    assert!(error.to_string().contains("1001 tokens, where 1000 a minute are all there is"), "{error}");
    assert_eq!(world.web.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn models_are_counted_apart_and_a_pool_together() {
    let more = "[providers.twin]\nname = \"Twin\"\nserves = [\"data\"]\nbase_url = \"https://twin.example.org\"\nas_of = \"2026-11-28\"\nsource = \"test\"\npool = \"probe\"\n[freshness.data]\nseconds = 60\n";
    let law = law(
        "counts = \"model\"\nlimits = { requests = { day = 1 } }\nmodels.\"large\" = { requests = { day = 2 } }",
        more,
    );
    let world = World::new(law, Script::new(1, |_, _| good()));
    let governor = world.governor(1);
    let mut number = 0;
    let mut ask = async |provider: &str, model: Option<&str>| {
        number += 1;
        let mut call = call(CallKind::Data, number);
        (call.provider, call.model) = (provider.into(), model.map(Into::into));
        governor.call(&call, &take).await.is_ok()
    };
    assert_eq!([ask("probe", Some("a")).await, ask("probe", Some("a")).await], [true, false]);
    assert!(ask("probe", Some("b")).await);
    assert_eq!(
        [ask("probe", Some("large")).await, ask("probe", Some("large")).await, ask("probe", Some("large")).await],
        [true, true, false]
    );
    assert_eq!([ask("twin", Some("c")).await, ask("probe", Some("c")).await], [true, false]);
}

#[tokio::test(start_paused = true)]
async fn without_its_account_no_call_goes_out_and_after_it_the_answer_is_not_lost() {
    let world = World::new(law("", ""), Script::new(10, |_, _| good()));
    *world.memory.broken.lock().unwrap() = true;
    assert!(matches!(world.governor(1).call(&call(CallKind::Data, 1), &take).await, Err(CallError::Port(_))));
    *world.memory.broken.lock().unwrap() = false;
    // Read, and not to be written: an effect takes no lease, so its account is the first that fails.
    *world.memory.full.lock().unwrap() = true;
    for kind in [CallKind::Effect, CallKind::Data] {
        assert!(matches!(world.governor(1).call(&call(kind, 1), &take).await, Err(CallError::Port(_))));
    }
    assert_eq!(world.web.count(), 0, "what cannot be counted is not sent");

    *world.memory.full.lock().unwrap() = false;
    let memory = Arc::clone(&world.memory);
    let breaks = move |_: &proofreel_ports::WebAnswer| {
        *memory.broken.lock().unwrap() = true;
        Ok(Spend::default())
    };
    let answer = world.governor(2).call(&call(CallKind::Effect, 1), &breaks).await.unwrap();
    assert_eq!(answer.answer.status, 200, "the world was changed; whoever asked must know");
}

/// The provider's clock is a second behind ours: what goes out at midnight by ours is yesterday's by its own, and is never one too many
/// on either day.
#[tokio::test(start_paused = true)]
async fn around_midnight_no_day_holds_too_much_by_whichever_clock() {
    let starts = [(5, 10), (1, 5)];
    for (behind_ms, (early, calls)) in [-1_900_i64, 0, 1_900].into_iter().flat_map(|ms| starts.map(|start| (ms, start)))
    {
        let law = law(
            "day = { midnight = \"America/Los_Angeles\" }\nlimits = { requests = { day = 5 } }",
            "[freshness.data]\nseconds = 60\nwait_seconds = 0\n",
        );
        let world = World::new(law, Script::new(10, |_, _| good()));
        let governor = world.governor(1);
        // Twenty hours to midnight there.
        pass(20 * 3_600 - early).await;
        for number in 0..200 {
            let _ = governor.call(&call(CallKind::Data, number), &take).await;
            tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        }
        let midnight_ms = 20 * 3_600_000 + behind_ms;
        let (before, after): (Vec<i64>, Vec<i64>) =
            world.web.times().iter().map(|at| *at as i64).partition(|at| *at < midnight_ms);
        assert!(before.len() <= 5 && after.len() <= 5, "{} and {} of five, {behind_ms} ms", before.len(), after.len());
        // What goes out in the last second is taken for either day's.
        assert_eq!(world.web.count(), calls, "{early} s before midnight, {behind_ms} ms");
    }
}

/// A call costs five reads and five writes beside its body, one of each more for a run, whose cost it is; a hit two reads and a write.
#[tokio::test(start_paused = true)]
async fn a_call_takes_few_writes() {
    let world = World::new(
        law("limits = { requests = { minute = 5, day = 10 }, tokens = { minute = 10 } }", ""),
        Script::new(1, |_, _| good()),
    );
    let governor = world.governor(1);
    let counts = || (*world.memory.reads.lock().unwrap(), *world.memory.writes.lock().unwrap());
    governor.call(&call(CallKind::Data, 1), &take).await.unwrap();
    let (reads, writes) = counts();
    assert!(reads <= 5 && writes <= 5, "{reads} reads, {writes} writes");
    governor.call(&call(CallKind::Data, 1), &take).await.unwrap();
    let (again_reads, again_writes) = counts();
    assert_eq!((again_reads - reads, again_writes - writes), (2, 1));

    let (before_reads, before_writes) = counts();
    governor.call(&call(CallKind::Data, 2).run(RunId::from("run-1")), &take).await.unwrap();
    let (reads, writes) = counts();
    assert!(reads - before_reads <= 6 && writes - before_writes <= 6, "{reads} {writes}");
    governor.call(&call(CallKind::Data, 2).run(RunId::from("run-1")), &take).await.unwrap();
    let (again_reads, again_writes) = counts();
    assert_eq!(
        (again_reads - reads, again_writes - writes),
        (2, 1),
        "a hit costs a run nothing, so nothing is written of it"
    );
    let costs = world.memory.query("channel_costs#demo", "run-1#").await.unwrap();
    assert_eq!((costs.len(), &costs[0].body["counts"]["calls"]), (1, &serde_json::json!(1)));
}

/// What is left is told of each account with a day or a month that somebody drew on, by its own clock, the emptiest first.
#[tokio::test(start_paused = true)]
async fn what_is_left_of_days_and_months_is_told_by_account() {
    let members = "counts = \"model\"\nday = { midnight = \"America/Los_Angeles\" }\nlimits = { requests = { minute = 50, day = 20 }, tokens = { month = 1_000 } }\n\
         [providers.hosts]\nname = \"Hosts\"\nserves = [\"data\"]\nbase_url = \"https://api.example.org\"\nas_of = \"2026-11-28\"\nsource = \"test\"\nlimits = { requests = { minute = 5 } }\n";
    let world = World::new(law(members, ""), Script::new(1, |_, _| good()));
    let governor = world.governor(1);
    assert_eq!(governor.left().await.unwrap(), [], "nobody asked anything");
    for number in 0..3u64 {
        let call = call(CallKind::Data, number).model("large").spend(Spend { tokens: 300, ..Spend::default() });
        governor.call(&call, &take).await.unwrap();
    }
    governor.call(&call(CallKind::Data, 2).model("large"), &take).await.unwrap();
    governor.call(&call(CallKind::Data, 4).model("small"), &take).await.unwrap();
    let mut host = call(CallKind::Data, 5);
    host.provider = "hosts".into();
    governor.call(&host, &take).await.unwrap();

    let told = async || -> Vec<(String, String, u64, u64, String)> {
        let left = world.governor(2).left().await.unwrap();
        // To the minute: a page may turn a little after midnight, so that no clock is ahead of the provider's.
        let minute = |until: jiff::Timestamp| until.strftime("%Y-%m-%d %H:%MZ").to_string();
        left.into_iter().map(|left| (left.account, left.what, left.used, left.most, minute(left.until))).collect()
    };
    let line = |account: &str, what: &str, used: u64, most: u64, until: &str| {
        (account.to_owned(), what.to_owned(), used, most, until.to_owned())
    };
    let (midnight, month) = ("2026-11-29 08:00Z", "2026-12-01 08:00Z");
    let now = told().await;
    assert_eq!(now[0], line("probe/large", "tokens a month", 900, 1_000, month), "the emptiest first");
    assert_eq!(
        now[1],
        line("probe/large", "requests a day", 3, 20, midnight),
        "an answer out of the cache draws on nothing"
    );
    assert_eq!(now[2], line("probe/small", "requests a day", 1, 20, midnight));
    assert_eq!((now.len(), &now[3].1[..], now[3].2), (4, "tokens a month", 0), "{now:?}");
    // Behind midnight Pacific time the day is whole again, the month is not.
    pass(21 * 3_600).await;
    let later = told().await;
    assert_eq!(later[0].2, 900);
    assert!(later.iter().filter(|line| line.1 == "requests a day").all(|line| line.2 == 0), "{later:?}");
}

/// A provider that says that the day is used up has nothing left, whatever was counted here.
#[tokio::test(start_paused = true)]
async fn a_provider_that_says_that_nothing_is_left_is_believed() {
    let body = r#"{"error":{"code":403,"errors":[{"reason":"quotaExceeded"}]}}"#;
    let members = "day = { midnight = \"America/Los_Angeles\" }\nlimits = { units = { day = 10_000 } }";
    let world = World::new(law(members, ""), Script::new(1, move |_, _| Ok(answer(403, &[], body))));
    let governor = world.governor(1);
    governor.call(&call(CallKind::Data, 1), &take).await.unwrap_err();
    let left = governor.left().await.unwrap();
    assert_eq!((left[0].account.as_str(), left[0].percent()), ("probe", 0.0), "{left:?}");
    assert_eq!(left[0].until.strftime("%Y-%m-%d %H:%MZ").to_string(), "2026-11-29 08:00Z");
    assert!(left[1].percent() > 99.0, "{left:?}");
}
