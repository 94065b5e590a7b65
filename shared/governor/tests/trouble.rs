//! Providers that refuse, fail, hang and lie.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod world;

use std::sync::Arc;

use proofreel_governor::{Doors, Governor, usage};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_ports::{CallError, CallKind, Clock as _, Outside, Route, Secret, WebError, take};
use world::{Keys, Script, World, answer, call, good, law, pass};

const PATIENT: &str = "[freshness.data]\nseconds = 60\nwait_seconds = 600\n";
const IMPATIENT: &str = "[freshness.data]\nseconds = 60\nwait_seconds = 0\n";

#[tokio::test(start_paused = true)]
async fn a_provider_that_says_how_long_is_believed_by_every_worker() {
    let world = World::new(
        law("", PATIENT),
        Script::new(0, |number, _| if number == 1 { Ok(answer(429, &[("retry-after", "37")], "")) } else { good() }),
    );
    let (first, second) = (world.governor(1), world.governor(2));
    let other = tokio::spawn(async move {
        pass(1).await;
        second.call(&call(CallKind::Data, 2), &take).await
    });
    first.call(&call(CallKind::Data, 1), &take).await.unwrap();
    other.await.unwrap().unwrap();
    let times = world.web.times();
    assert_eq!(times.len(), 3);
    assert!(times[1] >= 37_000 && times[2] >= 37_000 && times[2] < 45_000, "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_is_not_waited_and_a_foolish_one_is_bounded() {
    let world = World::new(
        law("", PATIENT),
        Script::new(0, |_, _| Ok(answer(429, &[("retry-after", "99999999999")], "slow down"))),
    );
    let governor = world.governor(1);
    let error = governor.call(&call(CallKind::Data, 1), &take).await.unwrap_err();
    assert!(matches!(error, CallError::Status { status: 429, .. }), "the provider's own word: {error}");
    let error = governor.call(&call(CallKind::Data, 1), &take).await.unwrap_err();
    let CallError::Quota { until, .. } = error else { panic!("{error}") };
    assert!(until <= "2026-11-29T12:00:01Z".parse().unwrap(), "a day at most: {until}");
    assert_eq!(world.web.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_it_says_is_left_is_not_overdrawn() {
    let headers = [("x-ratelimit-remaining-requests", "2"), ("x-ratelimit-reset-requests", "1m30s")];
    let world = World::new(
        law("", IMPATIENT),
        Script::new(0, move |number, _| Ok(answer(200, if number == 1 { &headers[..] } else { &[] }, ""))),
    );
    let governor = world.governor(1);
    let mut ok = Vec::new();
    for number in 0..5 {
        ok.push(governor.call(&call(CallKind::Data, number), &take).await.is_ok());
    }
    assert_eq!(ok, [true, true, true, false, false]);
    pass(90).await;
    assert!(governor.call(&call(CallKind::Data, 9), &take).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_tried_again_after_drawn_waits_that_come_apart() {
    let mut gaps = Vec::new();
    for seed in 0..40 {
        let world = World::new(
            law("", PATIENT),
            Script::new(0, |number, _| if number < 3 { Ok(answer(500, &[], "")) } else { good() }),
        );
        world.governor(seed).call(&call(CallKind::Data, 1), &take).await.unwrap();
        let times = world.web.times();
        assert_eq!(times.len(), 3, "three tries");
        gaps.push(times[1] - times[0]);
    }
    let most = 1_000;
    assert!(gaps.iter().all(|gap| *gap <= most), "{gaps:?}");
    // Full jitter: every quarter of the span is drawn.
    for quarter in 0..4 {
        let range = quarter * most / 4..(quarter + 1) * most / 4;
        assert!(gaps.iter().any(|gap| range.contains(gap)), "nobody in {range:?}: {gaps:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn retries_are_a_budget_of_all_workers_and_must_be_earned() {
    let more = format!("{PATIENT}[retry]\nbudget = 4\nearned = 0.5\n[breaker]\nfailures = 1000\n");
    let fails = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let down = Arc::clone(&fails);
    let world =
        World::new(
            law("", &more),
            Script::new(0, move |_, _| {
                if down.load(std::sync::atomic::Ordering::Relaxed) { Ok(answer(500, &[], "")) } else { good() }
            }),
        );
    for number in 0..10 {
        assert!(world.governor(number).call(&call(CallKind::Data, number), &take).await.is_err());
    }
    assert_eq!(world.web.count(), 10 + 4, "ten first tries and four retries, not twenty");
    fails.store(false, std::sync::atomic::Ordering::Relaxed);
    for number in 10..14 {
        world.governor(number).call(&call(CallKind::Data, number), &take).await.unwrap();
    }
    fails.store(true, std::sync::atomic::Ordering::Relaxed);
    let before = world.web.count();
    for number in 20..25 {
        assert!(world.governor(number).call(&call(CallKind::Data, number), &take).await.is_err());
    }
    assert_eq!(world.web.count() - before, 5 + 2, "four good answers earned two");
}

#[tokio::test(start_paused = true)]
async fn after_failures_in_a_row_one_probe_goes_out_and_only_one() {
    let more =
        format!("{IMPATIENT}[retry]\ntries = 1\n[breaker]\nfailures = 3\nrest_seconds = 60\nmost_seconds = 3600\n");
    let fails = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let down = Arc::clone(&fails);
    let world = World::new(
        law("", &more),
        Script::new(2_000, move |_, _| {
            if down.load(std::sync::atomic::Ordering::Relaxed) {
                Err(WebError::Failed { url: "u".into(), why: "reset".into() })
            } else {
                good()
            }
        }),
    );
    let governors: Vec<_> = (0..5).map(|seed| world.governor(seed)).collect();
    for number in 0..3 {
        assert!(matches!(governors[0].call(&call(CallKind::Data, number), &take).await, Err(CallError::Web { .. })));
    }
    let error = governors[1].call(&call(CallKind::Data, 3), &take).await.unwrap_err();
    assert!(matches!(error, CallError::Open { failures: 3, .. }), "{error}");
    assert_eq!(world.web.count(), 3, "it is left alone");

    let together = async |from: u64| {
        let asked: Vec<_> = (0..5u64)
            .map(|number| {
                let governor = Arc::clone(&governors[number as usize]);
                tokio::spawn(async move { governor.call(&call(CallKind::Data, from + number), &take).await })
            })
            .collect();
        let mut good = 0;
        for task in asked {
            good += u32::from(task.await.unwrap().is_ok());
        }
        good
    };
    pass(61).await;
    assert_eq!(together(10).await, 0);
    assert_eq!(world.web.count(), 4, "one probe for five who asked");
    // The first rest was a minute at most, so that a second one as short would be over now.
    pass(58).await;
    assert_eq!(together(20).await, 0);
    assert_eq!(world.web.count(), 4, "the rest has doubled");
    fails.store(false, std::sync::atomic::Ordering::Relaxed);
    pass(100).await;
    assert_eq!(together(30).await, 1, "the probe is answered");
    assert_eq!(together(40).await, 5, "and all are let through again");
}

#[tokio::test(start_paused = true)]
async fn an_effect_is_sent_once_never_kept_and_its_answer_comes_back_as_it_is() {
    for status in [200, 308, 400, 404, 429, 500, 503] {
        let world =
            World::new(law("", ""), Script::new(0, move |_, _| Ok(answer(status, &[("range", "bytes=0-9")], "said"))));
        let governor = world.governor(1);
        let came = governor.call(&call(CallKind::Effect, 1), &take).await.unwrap();
        assert_eq!((came.answer.status, came.answer.header("range"), came.cached), (status, Some("bytes=0-9"), false));
        assert_eq!(world.web.count(), 1, "{status}");
        assert!(!world.memory.everything().contains("said"));
    }
    let world = World::new(
        law("", ""),
        Script::new(0, |_, _| Err(WebError::Failed { url: "u".into(), why: "broke off".into() })),
    );
    assert!(world.governor(1).call(&call(CallKind::Effect, 1), &take).await.is_err());
    assert_eq!(world.web.count(), 1, "nobody knows whether it arrived, so it is not sent again");
    let world = World::new(law("", ""), Script::new(500, |_, _| good()));
    let governor = world.governor(1);
    let effect = call(CallKind::Effect, 1);
    let (a, b) = tokio::join!(governor.call(&effect, &take), governor.call(&effect, &take));
    assert!(a.is_ok() && b.is_ok());
    assert_eq!(world.web.count(), 2, "two effects are two, however alike");
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_is_told_and_the_provider_not_bothered_with_it() {
    let law = law("secret = \"probe_key\"\nauth = \"bearer\"", IMPATIENT);
    let world =
        World::with_keys(law, Script::new(0, |_, _| Ok(answer(401, &[], "bad key"))), &[("probe_key", "wrong")]);
    let governor = world.governor(1);
    let error = governor.call(&call(CallKind::Data, 1), &take).await.unwrap_err().to_string();
    assert!(error.contains("refused the key `probe_key`") && error.contains("hint:"), "{error}");
    assert!(governor.call(&call(CallKind::Data, 2), &take).await.is_err());
    assert_eq!(world.web.count(), 1);
    let again = governor.call(&call(CallKind::Data, 3), &take).await.unwrap_err().to_string();
    assert!(
        again.contains("refused the key `probe_key` lately") && again.contains("another key is tried at once"),
        "{again}"
    );
    pass(901).await;
    let _ = governor.call(&call(CallKind::Data, 2), &take).await;
    assert_eq!(world.web.count(), 2, "after a quarter of an hour it is tried again");
}

/// Whoever mends a key need not wait, wherever the key comes from; the one that was refused still does.
#[tokio::test(start_paused = true)]
async fn another_key_is_tried_at_once() {
    let law = law("secret = \"probe_key\"\nauth = \"bearer\"", IMPATIENT);
    let web = Script::new(0, |_, request| {
        let right = request.secret_headers.iter().any(|(_, key)| key.reveal().ends_with("right-key-4711"));
        if right { good() } else { Ok(answer(401, &[], "bad key")) }
    });
    let world = World::with_keys(law.clone(), Arc::clone(&web), &[("probe_key", "wrong-key-0815")]);
    for _ in 0..3 {
        assert!(world.governor(1).call(&call(CallKind::Data, 1), &take).await.is_err());
    }
    assert_eq!(web.count(), 1, "the wrong one is left alone");
    let mended = Doors { secrets: Arc::new(Keys::of(&[("probe_key", "right-key-4711")])), ..world.doors.clone() };
    let governor = Governor::new(mended, law, 2);
    governor.call(&call(CallKind::Data, 1), &take).await.unwrap();
    assert_eq!(web.count(), 2);
    let mut own = call(CallKind::Data, 2);
    own.request.secret_headers.push(("authorization".into(), Secret::new("Bearer wrong-key-0815")));
    assert!(governor.call(&own, &take).await.is_err(), "tried, for another one did well since");
    assert!(governor.call(&own, &take).await.is_err());
    assert_eq!(web.count(), 3);
    let stored = world.memory.everything();
    assert!(!stored.contains("key-0815") && !stored.contains("key-4711"), "{stored}");
}

/// Robots' rules are for pages of sites. An interface of a provider is made for programs, also when it gives a page's text.
#[tokio::test(start_paused = true)]
async fn rules_for_robots_hold_for_pages_of_strangers_and_not_for_interfaces() {
    let world = World::new(law("", IMPATIENT), Script::new(0, |_, _| good()));
    let governor = world.governor(1);
    governor.call(&call(CallKind::Page, 1), &take).await.unwrap();
    assert_eq!(world.web.pages(), 0, "the law names where this provider is asked");
    let mut page = call(CallKind::Page, 2).model("site.example");
    page.provider = "web".into();
    governor.call(&page, &take).await.unwrap();
    let mut feed = page.clone();
    feed.kind = CallKind::Feed;
    feed.request.url.push_str("&feed");
    governor.call(&feed, &take).await.unwrap();
    assert_eq!((world.web.pages(), world.web.count()), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_day_that_is_spent_is_left_until_midnight_whatever_the_body_says() {
    let body = r#"{"error":{"code":429,"details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"retryDelay":"3s"}]}}"#;
    let law = law("day = { midnight = \"America/Los_Angeles\" }", PATIENT);
    let world = World::new(law, Script::new(0, move |_, _| Ok(answer(429, &[], body))));
    let governor = world.governor(1);
    assert!(governor.call(&call(CallKind::Data, 1), &take).await.is_err());
    let error = governor.call(&call(CallKind::Data, 1), &take).await.unwrap_err();
    let CallError::Quota { until, .. } = error else { panic!("{error}") };
    assert_eq!((until, world.web.count()), ("2026-11-29T08:00:02Z".parse().unwrap(), 1));
}

/// A provider that turns its page late says at midnight that the day is spent: it speaks of yesterday, and today is not lost.
#[tokio::test(start_paused = true)]
async fn a_day_that_is_spent_at_midnight_costs_minutes_and_not_the_day() {
    let law = law("day = { midnight = \"America/Los_Angeles\" }", IMPATIENT);
    let world = World::new(
        law,
        Script::new(0, |number, _| if number == 1 { Ok(answer(429, &[], "requests per day")) } else { good() }),
    );
    let governor = world.governor(1);
    pass(20 * 3_600 + 10).await;
    assert!(governor.call(&call(CallKind::Data, 1), &take).await.is_err());
    let error = governor.call(&call(CallKind::Data, 1), &take).await.unwrap_err();
    let CallError::Quota { until, .. } = error else { panic!("{error}") };
    assert_eq!((until, world.web.count()), ("2026-11-29T08:10:02Z".parse().unwrap(), 1));
    pass(600).await;
    governor.call(&call(CallKind::Data, 1), &take).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_hangs_is_given_up() {
    let world = World::new(law("", &format!("{IMPATIENT}[retry]\ntries = 1\n")), Script::new(3_600_000, |_, _| good()));
    let mut hangs = call(CallKind::Data, 1);
    hangs.request.limits.seconds = 7;
    let error = world.governor(1).call(&hangs, &take).await.unwrap_err();
    assert!(matches!(error, CallError::Web { source: WebError::Late { seconds: 7, .. }, .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_address_costs_no_quota() {
    let law = law("limits = { requests = { day = 1 } }", IMPATIENT);
    let world = World::new(
        law,
        Script::new(0, |number, _| {
            if number <= 3 { Err(WebError::Refused { url: "u".into(), why: "robots".into() }) } else { good() }
        }),
    );
    let governor = world.governor(1);
    for number in 0..3 {
        assert!(governor.call(&call(CallKind::Data, number), &take).await.is_err());
    }
    governor.call(&call(CallKind::Data, 4), &take).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_route_goes_on_to_the_next_and_at_the_end_to_what_always_answers() {
    let more = "[providers.second]\nname = \"Second\"\nserves = [\"data\"]\nbase_url = \"https://second.example.org\"\nas_of = \"2026-11-28\"\nsource = \"test\"\n[freshness.data]\nseconds = 60\nwait_seconds = 0\n[retry]\ntries = 1\n[routes]\ndata = [\"probe\", \"second\"]\n";
    let law = law("limits = { requests = { day = 1 } }", more);
    let world = World::new(
        law.clone(),
        Script::new(0, |number, _| if number <= 2 { good() } else { Ok(answer(500, &[], "down")) }),
    );
    let governor = world.governor(1);
    let (channel, run) = (ChannelId::from("demo"), RunId::from("run-1"));
    let ask = async |number: u64| {
        let route = Route::new(CallKind::Data, law.route(CallKind::Data), &channel, Some(&run));
        let asked = |provider: &str, door: Arc<dyn Outside>| {
            let mut call = call(CallKind::Data, number).run(run.clone());
            call.provider = provider.into();
            async move { door.call(&call, &take).await.map(|_| "outside") }
        };
        let outside: Arc<dyn Outside> = Arc::clone(&governor) as _;
        route.ask(&outside, asked, |_| "embedded").await
    };
    assert_eq!(ask(1).await.provider.as_deref(), Some("probe"));
    let second = ask(2).await;
    assert_eq!((second.provider.as_deref(), second.failures.len()), (Some("second"), 1));
    let last = ask(3).await;
    assert_eq!((last.value, last.provider, last.failures.len()), ("embedded", None, 2));
    // What the second provider had answered is kept: the first is not asked for it once more.
    let again = ask(2).await;
    assert_eq!((again.provider.as_deref(), again.failures.len(), world.web.count()), (Some("second"), 0, 3));

    let rows = usage::month(world.memory.as_ref(), world.clock.today()).await.unwrap();
    let embedded = rows.iter().find(|row| row.provider == usage::EMBEDDED).unwrap();
    assert_eq!(embedded.counts.fallbacks, 1);
    assert!(embedded.last_refusal.as_ref().unwrap().why.contains("2 of 2 could not"), "{embedded:?}");
    let tally = governor.take_counts(&"run-1".into());
    assert_eq!((tally.hits, tally.misses, tally.calls, tally.refused, tally.fallbacks), (1, 5, 3, 2, 1));
    assert!(governor.take_counts(&"run-1".into()).is_empty(), "taken once");
}

/// The law allows twenty a minute, the provider ten: that is learned once, not every minute.
#[tokio::test(start_paused = true)]
async fn a_limit_that_is_lower_than_the_law_is_learned() {
    let law = law("limits = { requests = { minute = 20 } }", "[freshness.data]\nseconds = 60\nwait_seconds = 7200\n");
    let clock = tokio::time::Instant::now();
    let mut taken: Vec<u64> = Vec::new();
    let world = World::new(
        law,
        Script::new(0, move |_, _| {
            let now = clock.elapsed().as_millis() as u64;
            if taken.iter().filter(|at| **at + 60_000 > now).count() >= 10 {
                return Ok(answer(429, &[], "Too Many Requests"));
            }
            taken.push(now);
            good()
        }),
    );
    let governor = world.governor(1);
    for number in 0..100 {
        governor.call(&call(CallKind::Data, number), &take).await.unwrap();
    }
    let refused = world.web.count() - 100;
    assert!((1..=4).contains(&refused), "{refused} refusals in ten minutes");
}

/// The same with eight workers, of whom several are refused at once: still learned once, not one less every minute.
#[tokio::test(start_paused = true)]
async fn a_limit_is_learned_from_all_that_were_refused_together() {
    let law = law("limits = { requests = { minute = 20 } }", "[freshness.data]\nseconds = 60\nwait_seconds = 7200\n");
    let clock = tokio::time::Instant::now();
    let mut taken: Vec<u64> = Vec::new();
    let world = World::new(
        law,
        Script::new(700, move |_, _| {
            let now = clock.elapsed().as_millis() as u64;
            if taken.iter().filter(|at| **at + 60_000 > now).count() >= 10 {
                return Ok(answer(429, &[], "Too Many Requests"));
            }
            taken.push(now);
            good()
        }),
    );
    let asked: Vec<_> = (0..8)
        .map(|worker| {
            let governor = world.governor(worker);
            tokio::spawn(async move {
                for number in 0..5 {
                    governor.call(&call(CallKind::Data, 100 * worker + number), &take).await.unwrap();
                }
            })
        })
        .collect();
    for task in asked {
        task.await.unwrap();
    }
    // The first minute sends at most the law's twenty, of which ten go well; no later one is refused.
    let refused = world.web.count() - 40;
    assert!((1..=10).contains(&refused), "{refused} refusals in four minutes");
}
