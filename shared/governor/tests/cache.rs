//! Asked once, used by all; nothing kept that a judge refused; old answers only where the policy allows.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod world;

use proofreel_governor::usage;
use proofreel_model::calls::CallCounts;
use proofreel_ports::{CallError, CallKind, Clock as _, Outside as _, Secret, Spend, take};
use world::{Script, World, answer, call, good, law, pass};

const WAITS: &str = "[freshness.data]\nseconds = 100\nstale_seconds = 50\nwait_seconds = 0\n";

async fn counts(world: &World, channel: &str) -> CallCounts {
    let rows = usage::month(world.memory.as_ref(), world.clock.today()).await.unwrap();
    let of = rows.iter().filter(|row| row.channel.as_str() == channel);
    of.fold(CallCounts::default(), |sum, row| sum.plus(&row.counts))
}

#[tokio::test(start_paused = true)]
async fn a_hit_is_shared_and_counted_for_who_used_it_and_who_paid() {
    let law = law("price = { million_tokens = 2.0, thousand_requests = 1.0 }", WAITS);
    let world = World::new(law, Script::new(10, |number, _| Ok(answer(200, &[], &format!("body {number}")))));
    let mut first = call(CallKind::Data, 1).spend(Spend { tokens: 500, ..Spend::default() });
    first.channel = "payer".into();
    let paid = world.governor(1).call(&first, &take).await.unwrap();
    let mut second = first.clone();
    second.channel = "user".into();
    let used = world.governor(2).call(&second, &take).await.unwrap();
    assert_eq!((paid.cached, used.cached, world.web.count()), (false, true, 1));
    assert_eq!((&used.answer.body, &used.digest, used.fetched_at), (&paid.answer.body, &paid.digest, paid.fetched_at));

    let payer = counts(&world, "payer").await;
    assert_eq!((payer.misses, payer.calls, payer.hits, payer.tokens, payer.cost_micro_usd), (1, 1, 0, 500, 2_000));
    let user = counts(&world, "user").await;
    assert_eq!((user.misses, user.calls, user.hits, user.hits_of_others, user.cost_micro_usd), (0, 0, 1, 1, 0));
    let rows = usage::month(world.memory.as_ref(), world.clock.today()).await.unwrap();
    assert_eq!(rows[1].paid_by.get("payer"), Some(&1), "{rows:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_keeps_as_long_as_its_kind_and_no_longer() {
    let world = World::new(law("", WAITS), Script::new(0, |number, _| Ok(answer(200, &[], &number.to_string()))));
    let governor = world.governor(1);
    let ask = async || governor.call(&call(CallKind::Data, 1), &take).await.unwrap();
    assert!(!ask().await.cached);
    pass(99).await;
    assert!(ask().await.cached);
    pass(1).await;
    let anew = ask().await;
    assert_eq!((anew.cached, anew.answer.body.as_slice()), (false, &b"2"[..]));
}

#[tokio::test(start_paused = true)]
async fn an_old_answer_stands_in_for_a_failure_marked_and_not_for_ever() {
    let world = World::new(
        law("", WAITS),
        Script::new(0, |number, _| if number == 1 { good() } else { Ok(answer(503, &[], "down")) }),
    );
    let governor = world.governor(1);
    let ask = async || governor.call(&call(CallKind::Data, 1), &take).await;
    assert!(!ask().await.unwrap().stale);
    pass(120).await;
    let old = ask().await.unwrap();
    assert!(old.stale && old.cached);
    let of = counts(&world, "demo").await;
    assert_eq!((of.hits, of.stale, of.misses), (1, 1, 2));
    pass(40).await;
    assert!(ask().await.is_err(), "past its stale seconds");
}

#[tokio::test(start_paused = true)]
async fn no_old_answer_where_the_kind_has_none_or_the_thing_is_gone() {
    let kinds =
        "[freshness.data]\nseconds = 100\nstale_seconds = 0\n[freshness.page]\nseconds = 100\nstale_seconds = 900\n";
    let world = World::new(
        law("", kinds),
        Script::new(0, |number, _| match number {
            1 | 2 => good(),
            3 => Ok(answer(404, &[], "gone")),
            _ => Ok(answer(503, &[], "down")),
        }),
    );
    let governor = world.governor(1);
    governor.call(&call(CallKind::Data, 1), &take).await.unwrap();
    governor.call(&call(CallKind::Page, 2), &take).await.unwrap();
    pass(120).await;
    let gone = governor.call(&call(CallKind::Page, 2), &take).await.unwrap_err();
    assert!(matches!(gone, CallError::Status { status: 404, .. }), "{gone}");
    assert!(governor.call(&call(CallKind::Data, 1), &take).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn what_the_judge_refuses_is_not_kept_also_not_when_the_judge_changes() {
    let world = World::new(
        law("", WAITS),
        Script::new(0, |number, _| {
            let body = if number == 1 { "<html>log in</html>" } else { "1,2,3" };
            Ok(answer(200, &[], body))
        }),
    );
    let governor = world.governor(1);
    let is_csv = |answer: &proofreel_ports::WebAnswer| {
        if answer.body.starts_with(b"<") { Err("a page of HTML".to_owned()) } else { Ok(Spend::default()) }
    };
    let error = governor.call(&call(CallKind::Data, 1), &is_csv).await.unwrap_err();
    assert!(matches!(&error, CallError::Useless { why, .. } if why == "a page of HTML"), "{error}");
    assert!(!world.memory.everything().contains("log in"), "nothing of it was kept");
    let good = governor.call(&call(CallKind::Data, 1), &is_csv).await.unwrap();
    assert_eq!((good.cached, good.answer.body.as_slice()), (false, &b"1,2,3"[..]));
    // A judge that has become stricter is asked about kept answers too.
    let none = |_: &proofreel_ports::WebAnswer| Err("no longer good enough".to_owned());
    assert!(governor.call(&call(CallKind::Data, 1), &none).await.is_err());
    assert_eq!(world.web.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_lost_or_damaged_is_fetched_anew() {
    let world = World::new(law("", WAITS), Script::new(0, |_, _| good()));
    let governor = world.governor(1);
    let ask = async || governor.call(&call(CallKind::Data, 1), &take).await.unwrap();
    ask().await;
    world.memory.damage_blobs();
    let anew = ask().await;
    assert_eq!((anew.cached, anew.answer.body.as_slice()), (false, &br#"{"ok": true}"#[..]));
    assert!(ask().await.cached, "and is good again");
    world.memory.drop_blobs();
    assert!(!ask().await.cached);
}

#[tokio::test(start_paused = true)]
async fn terms_that_forbid_keeping_are_kept() {
    let world = World::new(law("terms = { may_cache = false }", WAITS), Script::new(0, |_, _| good()));
    let governor = world.governor(1);
    for _ in 0..2 {
        assert!(!governor.call(&call(CallKind::Data, 1), &take).await.unwrap().cached);
    }
    assert_eq!(world.web.count(), 2);
    assert!(!world.memory.everything().contains("\"ok\""));
}

#[tokio::test(start_paused = true)]
async fn keys_go_on_the_request_and_nowhere_else() {
    for (auth, header) in [
        ("auth = \"bearer\"", true),
        ("auth = { header = \"X-Key\" }", true),
        ("auth = { query = \"api_key\" }", false),
    ] {
        let law = law(&format!("secret = \"probe_key\"\nkey_needed = true\n{auth}"), WAITS);
        let world = World::with_keys(law, Script::new(0, |_, _| good()), &[("probe_key", " canary-4711\n")]);
        let governor = world.governor(1);
        let mut own = call(CallKind::Data, 2);
        own.request.secret_headers.push(("authorization".into(), Secret::new("Bearer canary-0815")));
        governor.call(&call(CallKind::Data, 1), &take).await.unwrap();
        governor.call(&own, &take).await.unwrap();
        let came = world.web.came.lock().unwrap();
        let sent = if header { &came[0].1.secret_headers[0].1 } else { &came[0].1.secret_query[0].1 };
        assert!(sent.reveal().ends_with("canary-4711"), "trimmed, and in the right place");
        assert_eq!(
            came[1].1.secret_headers.len() + came[1].1.secret_query.len(),
            1,
            "a client's own key is left alone"
        );
        assert!(!world.memory.everything().contains("canary"), "{}", world.memory.everything());
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_key_and_a_provider_that_is_off_are_told_with_what_to_do_and_written_down() {
    let world = World::new(
        law("secret = \"probe_key\"\nkey_needed = true\nauth = \"bearer\"", ""),
        Script::new(0, |_, _| good()),
    );
    let governor = world.governor(1);
    let error = governor.call(&call(CallKind::Data, 1), &take).await.unwrap_err().to_string();
    assert!(error.contains("the key `probe_key` is missing") && error.contains("PROOFREEL_PROBE_KEY"), "{error}");
    let mut retired = call(CallKind::Writer, 1);
    retired.provider = "github-models".into();
    let error = governor.call(&retired, &take).await.unwrap_err().to_string();
    assert!(error.contains("Retired on 2026-07-30"), "{error}");
    retired.provider = "nobody".into();
    let error = governor.call(&retired, &take).await.unwrap_err().to_string();
    assert!(error.contains("providers.toml"), "{error}");
    assert_eq!(world.web.count(), 0);
    let rows = usage::month(world.memory.as_ref(), world.clock.today()).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.counts.refused).sum::<u64>(), 3);
    assert!(rows.iter().all(|row| row.last_refusal.is_some() && row.refused.len() == 1), "{rows:?}");
}
