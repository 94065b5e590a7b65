//! The same question from many workers goes out once.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod world;

use std::sync::Arc;
use std::time::Duration;

use proofreel_ports::{CallError, CallKind, Outside as _, take};
use world::{Script, World, answer, call, good, law};

#[tokio::test(start_paused = true)]
async fn a_hundred_ask_the_same_and_it_goes_out_once() {
    let world = World::new(law("", ""), Script::new(8_000, |_, _| good()));
    let governors: Vec<_> = (0..10).map(|seed| world.governor(seed)).collect();
    let asked: Vec<_> = (0..100usize)
        .map(|number| {
            let governor = Arc::clone(&governors[number % 10]);
            tokio::spawn(async move { governor.call(&call(CallKind::Data, 1), &take).await })
        })
        .collect();
    let mut fetched = 0;
    for task in asked {
        fetched += u32::from(!task.await.unwrap().unwrap().cached);
    }
    assert_eq!((world.web.count(), fetched), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn who_died_fetching_is_taken_over_and_who_is_slow_is_not() {
    let world = World::new(law("", ""), Script::new(20_000, |_, _| good()));
    let (dies, lives) = (world.governor(1), world.governor(2));
    let mut question = call(CallKind::Data, 1);
    question.request.limits.seconds = 30;
    let crash = {
        let question = question.clone();
        tokio::spawn(async move { dies.call(&question, &take).await })
    };
    tokio::time::sleep(Duration::from_secs(5)).await;
    crash.abort();
    let began = tokio::time::Instant::now();
    let answer = lives.call(&question, &take).await.unwrap();
    let waited = began.elapsed().as_secs();
    assert_eq!((answer.cached, world.web.count()), (false, 2));
    assert!((35..=70).contains(&waited), "the dead worker's lease ran out after its request's limit: {waited} s");

    // Twenty seconds of work under a limit of thirty is alive all the time.
    let slow = world.governor(3);
    let mut other = call(CallKind::Data, 2);
    other.request.limits.seconds = 30;
    let (a, b) = tokio::join!(slow.call(&other, &take), lives.call(&other, &take));
    assert_eq!(u32::from(a.unwrap().cached) + u32::from(b.unwrap().cached), 1);
    assert_eq!(world.web.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_held_as_long_as_its_worker_waits_for_a_place() {
    let law = law("limits = { gap_ms = 50_000 }", "[freshness.data]\nseconds = 1000\nwait_seconds = 300\n");
    let world = World::new(law, Script::new(100, |_, _| good()));
    let (first, second) = (world.governor(1), world.governor(2));
    first.call(&call(CallKind::Data, 0), &take).await.unwrap();
    // The first waits fifty seconds for its place, longer than a request may take; the second must not fetch meanwhile.
    let mut question = call(CallKind::Data, 1);
    question.request.limits.seconds = 5;
    let (a, b) = tokio::join!(first.call(&question, &take), second.call(&question, &take));
    assert!(a.unwrap().cached != b.unwrap().cached);
    assert_eq!(world.web.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_another_worker_is_bounded() {
    let law = law("", "[flight]\nwait_seconds = 20\ngrace_seconds = 10\nlook_ms = 250\n");
    let world = World::new(law, Script::new(100_000, |_, _| good()));
    let (first, second) = (world.governor(1), world.governor(2));
    let mut question = call(CallKind::Data, 1);
    question.request.limits.seconds = 200;
    let asked = question.clone();
    let at_work = tokio::spawn(async move { first.call(&asked, &take).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let began = tokio::time::Instant::now();
    let error = second.call(&question, &take).await.unwrap_err();
    assert!(matches!(error, CallError::Unusable { .. }) && began.elapsed().as_secs() <= 25, "{error}");
    assert!(at_work.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn who_waited_in_vain_is_given_the_old_answer() {
    let more = "[flight]\nwait_seconds = 20\ngrace_seconds = 10\nlook_ms = 250\n[freshness.data]\nseconds = 100\nstale_seconds = 900\nwait_seconds = 0\n";
    let world = World::new(law("", more), Script::new(100_000, |_, _| good()));
    let (first, second) = (world.governor(1), world.governor(2));
    let mut question = call(CallKind::Data, 1);
    question.request.limits.seconds = 200;
    first.call(&question, &take).await.unwrap();
    tokio::time::sleep(Duration::from_mins(2)).await;
    let asked = question.clone();
    let at_work = tokio::spawn(async move { first.call(&asked, &take).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let old = second.call(&question, &take).await.unwrap();
    assert!(old.stale && old.cached);
    assert!(!at_work.await.unwrap().unwrap().cached);
    assert_eq!(world.web.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn when_the_first_fails_the_second_tries_for_itself() {
    let world = World::new(
        law("", ""),
        Script::new(1_000, |number, _| if number == 1 { Ok(answer(404, &[], "")) } else { good() }),
    );
    let (first, second) = (world.governor(1), world.governor(2));
    let question = call(CallKind::Data, 1);
    let (a, b) = tokio::join!(first.call(&question, &take), second.call(&question, &take));
    assert!(a.is_err() != b.is_err());
    assert_eq!(world.web.count(), 2);
}
