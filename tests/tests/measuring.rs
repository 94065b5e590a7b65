//! Measuring over real connections: the governor and the one client between a channel and a YouTube that follows its contracts and
//! fails wherever it may.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on may stop

mod measuring_world;

use jiff::SignedDuration;
use jiff::civil::date;
use proofreel_model::experiment::ExperimentType;
use proofreel_model::ids::RunId;
use proofreel_model::incident::{IncidentKind, IncidentState, Page};
use proofreel_model::kpi::{Counting, OrderKind, Span, Subject};
use proofreel_model::policy::publishing::law;
use proofreel_operations::consent;
use proofreel_operations::governance::{self, Pinned};
use proofreel_operations::measure::{self, Access, Ask, Money};
use proofreel_operations::watch;
use proofreel_pipeline::{incidents, kpi};
use proofreel_ports::{Blobs as _, Clock as _, Condition, HostError, Item, Records};
use proofreel_publishing::{PublishError, audit};

use measuring_world::{Fault, World, profile, until};

/// A day later and a day more: what is kept grows by that day, and nothing else changes.
#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_one_row_however_often_it_is_fetched() {
    let world = World::of(&["aaaaaaaaaaa", "bbbbbbbbbbb"]).await;
    let first = world.fetch(Ask::default()).await;
    assert_eq!(first.access, Access::Open, "{first:?}");
    assert_eq!((first.last_day, first.videos, first.curves), (Some(until()), 2, 2), "{first:?}");
    assert_eq!(first.money, Money::Told);
    assert!(first.stored.new > 100 && first.stored.changed == 0, "{first:?}");
    assert_eq!((first.reach.job.as_deref(), first.reach.files), (Some("job-1"), 3));

    world.forget_cache();
    let again = world.fetch(Ask::default()).await;
    assert_eq!((again.stored.new, again.stored.changed), (0, 0), "{again:?}");
    assert_eq!(again.reach.files, 0, "a file is fetched once");
    assert_eq!(world.count("/v1/media/"), 3);
    assert_eq!(world.posts("/v1/jobs"), 1, "one job, made once");
    assert_eq!(kpi::imports(&world.memory, &"demo".into()).await.unwrap().len(), 1, "nothing new, no import");

    let rows = kpi::snapshots(&world.memory, &"demo".into()).await.unwrap();
    let of = |video: &str, span: Span, day| {
        let subject = Subject::Video { video_id: video.into() };
        rows.iter().find(|row| row.subject == subject && row.span == span && row.day == day).cloned()
    };
    let day = of("aaaaaaaaaaa", Span::Day, date(2026, 11, 20)).unwrap();
    assert_eq!((day.figures.views, day.figures.revenue_usd), (Some(100.0), Some(0.4)));
    assert_eq!(day.figures.impressions, Some(3000.0), "reach lies in the same row");
    assert!((day.figures.ctr.unwrap() - 0.045).abs() < 1e-9, "weighted by impressions: {:?}", day.figures.ctr);
    let total = of("aaaaaaaaaaa", Span::Total, until()).unwrap();
    assert!((total.figures.retention_30s.unwrap() - 0.7).abs() < 1e-9);
    let blobs = world.memory.list("kpi/demo/reach/").await.unwrap();
    assert_eq!(blobs.len(), 3, "files are kept whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revised_figure_replaces_and_is_told_and_the_break_of_august_is_marked() {
    let world = World::of(&["aaaaaaaaaaa"]).await;
    world.publish("aaaaaaaaaaa", date(2026, 8, 20));
    world.note_cards(&["aaaaaaaaaaa"], date(2026, 8, 20)).await;
    let first = world.fetch(Ask::default()).await;
    assert!(first.notes.iter().any(|note| note.contains("2026-08-24")), "{:?}", first.notes);
    let rows = kpi::snapshots(&world.memory, &"demo".into()).await.unwrap();
    let counting = |day| {
        let row = rows.iter().find(|row| row.day == day && row.span == Span::Day && row.subject != Subject::Channel);
        row.unwrap().counting
    };
    assert_eq!(counting(date(2026, 8, 23)), Counting::Engaged);
    assert_eq!(counting(date(2026, 8, 24)), Counting::FirstFrame);

    world.fault(Fault::Revised);
    let again = world.fetch(Ask::default()).await;
    assert!(again.stored.changed > 0 && again.stored.new == 0, "{again:?}");
    let note = again.notes.iter().find(|note| note.contains("revised")).expect("it is told");
    assert!(note.contains("views 100 → 107"), "{note}");
    let since = Ask { since: Some(date(2026, 11, 24)), dry_run: true };
    let dry = world.fetch(since).await;
    assert!(dry.snapshots.iter().all(|row| row.day >= date(2026, 11, 24)), "only what was asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_late_closed_or_broken_is_a_state_and_the_next_fetch_goes_on() {
    let world = World::of(&["aaaaaaaaaaa"]).await;
    // Figures end two days before what was asked for, and money is closed.
    world.fault(Fault::Late);
    world.fault(Fault::NoMoney);
    world.fault(Fault::TruncatedCsv);
    let late = world.fetch(Ask::default()).await;
    assert_eq!((late.access.clone(), late.money), (Access::Open, Money::NotMonetised), "{late:?}");
    assert_eq!(late.last_day, Some(date(2026, 11, 23)));
    assert!(late.notes.iter().any(|note| note.contains("YouTube is late")), "{:?}", late.notes);
    assert!(late.notes.iter().any(|note| note.contains("cut off")), "{:?}", late.notes);
    assert_eq!(late.reach.files, 2, "the file that was cut off is not believed");

    world.calm();
    let whole = world.fetch(Ask::default()).await;
    assert_eq!((whole.last_day, whole.reach.files, whole.money), (Some(until()), 1, Money::Told), "{whole:?}");
    assert!(whole.stored.new > 0);

    for (fault, said) in [(Fault::Html, "it is no JSON"), (Fault::Failing, "503"), (Fault::Throttled, "429")] {
        world.calm();
        world.fault(fault);
        let broken = world.fetch(Ask::default()).await;
        let Access::Later { why } = &broken.access else { panic!("{fault:?}: {broken:?}") };
        assert!(why.contains(said) || why.contains("left alone") || why.contains("until"), "{fault:?}: {why}");
        assert_eq!(broken.stored.changed, 0);
        world.pass_hours(2);
    }
    world.calm();
    assert_eq!(world.fetch(Ask::default()).await.access, Access::Open);

    world.fault(Fault::Forbidden);
    let closed = world.fetch(Ask::default()).await;
    assert!(
        matches!(&closed.access, Access::Forbidden { why } if why.contains("proofreel auth youtube")),
        "{closed:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_consent_calls_somebody_once_and_is_over_when_it_works_again() {
    let world = World::of(&["aaaaaaaaaaa"]).await;
    world.fault(Fault::InvalidGrant);
    for _ in 0..3 {
        let lost = world.fetch(Ask::default()).await;
        assert!(matches!(lost.access, Access::NoConsent { .. }), "{lost:?}");
    }
    let pages = world.pages();
    assert_eq!(pages.len(), 1, "once: {pages:?}");
    assert!(pages[0].title.contains("demo") && pages[0].text.contains("OPERATIONS.md#token-bad"));
    assert!(!format!("{pages:?}").contains("canary"), "no secret in a page");
    world.calm();
    assert_eq!(world.fetch(Ask::default()).await.access, Access::Open);
    assert!(world.pages()[1].resolved);
    let kept = incidents::incidents(&world.memory).await.unwrap();
    assert_eq!((kept.len(), kept[0].1.state), (1, IncidentState::Resolved));

    let nobody = World::of(&["aaaaaaaaaaa"]).await;
    nobody.fault(Fault::NoSecret);
    let closed = nobody.fetch(Ask::default()).await;
    assert!(matches!(closed.access, Access::NotSetUp { .. }) && nobody.pages().is_empty(), "{closed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_lost_at_publishing_calls_at_once_and_one_of_a_screen_in_testing_before_its_end() {
    let world = World::of(&["aaaaaaaaaaa"]).await;
    let channel = profile().id;
    let gone = HostError::Consent { host: "youtube".into(), why: "invalid_grant".into() };
    let ended: [Result<(), PublishError>; 3] = [Err(PublishError::Busy { run: "r".into() }), Ok(()), Err(gone.into())];
    for ended in ended.iter().chain(&ended) {
        consent::told(&world.office, &world.pager, &channel, ended).await.unwrap();
    }
    let pages = world.pages();
    assert_eq!(pages.len(), 1, "once, and of the consent alone: {pages:?}");
    assert!(pages[0].text.contains("OPERATIONS.md#token-bad") && pages[0].text.contains("invalid_grant"));

    let now = world.memory.now();
    let testing = consent::Known {
        owner: Some("UC".into()),
        since: now,
        ends_at: Some(now + SignedDuration::from_hours(7 * 24)),
    };
    consent::given(&world.office, &channel, &testing).await.unwrap();
    let told = async || {
        consent::watch(&world.office, &world.pager, &channel).await.unwrap();
        let about = |page: &Page| page.cause == "consent_ends#demo";
        world.pages().into_iter().filter(about).map(|page| (page.resolved, page.title)).collect::<Vec<_>>()
    };
    assert!(told().await.is_empty(), "seven days are left");
    world.pass_hours(24 * (7 - i64::from(law().consent.warn_days)) + 1);
    told().await;
    let early = told().await;
    assert!(
        matches!(&early[..], [(false, title)] if title.contains("ends on") && title.contains("Testing")),
        "{early:?}"
    );
    let lasting = consent::Known { ends_at: None, since: world.memory.now(), ..testing };
    consent::given(&world.office, &channel, &lasting).await.unwrap();
    told().await;
    assert_eq!(told().await.iter().map(|(over, _)| *over).collect::<Vec<_>>(), [false, true]);
    let links = audit::links(&world.memory, Some("demo")).await.unwrap();
    assert_eq!(links.iter().filter(|link| link.deed.what == "token.stored").count(), 2);
}

/// Two channels ask the same address for different figures: neither is answered with the other's.
#[tokio::test(flavor = "multi_thread")]
async fn one_channels_answer_is_never_anothers() {
    let world = World::of(&["aaaaaaaaaaa"]).await;
    world.fetch(Ask::default()).await;
    let other = proofreel_model::channel::ChannelProfile { id: "other".into(), ..profile() };
    let before = world.count("/v2/reports");
    measure::fetch(&world.office, world.outside.as_ref(), &world.tokens(), &world.pager, &other, Ask::default())
        .await
        .unwrap();
    assert!(world.count("/v2/reports") > before, "it was asked anew");
}

/// Twelve uploads keep seventy of a hundred viewers for thirty seconds, two lose half of them: the hook order is given, by the API's
/// figures alone, to an owner who accepted the amendment, and to nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn retention_of_the_api_gives_a_hook_order_where_the_amendment_was_accepted() {
    let videos: Vec<String> = (0..14).map(|n| format!("video{n:06}")).collect();
    let ids: Vec<&str> = videos.iter().map(String::as_str).collect();
    let world = World::of(&ids).await;
    for id in &ids[12..] {
        world.weak_hook(id);
    }
    let fetched = world.fetch(Ask::default()).await;
    assert_eq!((fetched.access, fetched.curves), (Access::Open, 14));
    let today = measure::pacific_today(&world.memory).unwrap();
    let with = measure::judge_under(&world.office, &profile(), today, true, true).await.unwrap();
    let hook: Vec<_> = with.given.iter().filter(|order| order.kind == OrderKind::Hook).collect();
    assert_eq!(hook.len(), 1, "{:?}", with.given);
    assert!(hook[0].reason.contains("30 s retention") && hook[0].videos == ids[12..], "{:?}", hook[0]);
    assert!(hook[0].evidence.iter().all(|key| key.contains("#api")), "{:?}", hook[0].evidence);
    let without = measure::judge_under(&world.office, &profile(), today, true, false).await.unwrap();
    assert!(without.given.is_empty() && without.uploads == 0, "nothing is derived without the amendment");
}

/// What measuring drew on is what the watchdog's gauge tells; nearly nothing left is a ticket that calls nobody and ends by itself.
#[tokio::test(flavor = "multi_thread")]
async fn the_watchdog_tells_what_is_left_of_the_accounts_that_were_drawn_on() {
    let world = World::of(&["aaaaaaaaaaa"]).await;
    let look =
        async || watch::look(&world.office, &world.pager, world.outside.as_ref(), watch::Ask::default()).await.unwrap();
    assert_eq!(look().await.metrics.get("QuotaLeft"), None, "nobody was asked yet");
    world.fetch(Ask::default()).await;
    let left = look().await.metrics["QuotaLeft"];
    assert!((99.0..100.0).contains(&left), "a few of a hundred thousand: {left}");

    let mut row = Records::get(&world.memory, "quota#youtube-analytics", "account").await.unwrap().unwrap();
    row["requests"]["day"]["used"] = 99_400.into();
    let item = Item { pk: "quota#youtube-analytics".into(), sk: "account".into(), body: row };
    world.memory.put(item, Condition::None).await.unwrap();
    let looked = look().await;
    assert!((looked.metrics["QuotaLeft"] - 0.6).abs() < 1e-9, "{looked:?}");
    assert!(!looked.is_wrong() && looked.pages.is_empty(), "a ticket: {looked:?}");
    let open = async || -> Vec<(IncidentKind, String, IncidentState)> {
        let all = incidents::incidents(&world.memory).await.unwrap().into_iter();
        all.map(|(_, incident)| (incident.kind, incident.cause, incident.state)).collect()
    };
    let cause = "quota_low#youtube-analytics#requests_a_day".to_owned();
    assert_eq!(open().await, [(IncidentKind::QuotaLow, cause.clone(), IncidentState::Open)]);
    // Midnight Pacific time.
    world.pass_hours(13);
    assert_eq!(look().await.metrics["QuotaLeft"], 100.0);
    let after = open().await;
    assert!(after.contains(&(IncidentKind::QuotaLow, cause, IncidentState::Resolved)), "{after:?}");
}

/// YouTube's API pins no comment: the experiment with one begins when a person says that it is pinned, once, and in time.
#[tokio::test(flavor = "multi_thread")]
async fn an_experiment_with_a_comment_begins_when_a_person_says_that_it_is_pinned() {
    let world = World::of(&["aaaaaaaaaaa"]).await;
    let [first, second, third] =
        ["20261101t080000-aaaa", "20261101t080000-bbbb", "20261101t080000-cccc"].map(RunId::from);
    world.ran(&first, Some("aaaaaaaaaaa"), &["Which figure surprised you?"]).await;
    world.ran(&second, Some("bbbbbbbbbbb"), &[]).await;
    world.ran(&third, None, &["Which figure surprised you?"]).await;

    let late = governance::pinned(&world.office, &first, date(2026, 11, 9)).await.unwrap_err().to_string();
    assert!(late.contains("8 days after the video was published"), "{late}");
    let begun = governance::pinned(&world.office, &first, date(2026, 11, 3)).await.unwrap();
    let Pinned::Begun(experiment) = begun.clone() else { panic!("{begun:?}") };
    assert_eq!(experiment.experiment_type, ExperimentType::PinnedComment);
    assert_eq!((experiment.order.as_str(), experiment.start), ("2026-10-20#script", date(2026, 11, 3)));
    assert_eq!(experiment.variants, ["What would you have guessed?", "Which figure surprised you?"]);
    let again = governance::pinned(&world.office, &first, date(2026, 11, 4)).await.unwrap();
    assert_eq!(again, Pinned::Already(experiment.clone()));

    assert_eq!(governance::pinned(&world.office, &second, date(2026, 11, 3)).await.unwrap(), Pinned::Nothing);
    let unseen = governance::pinned(&world.office, &third, date(2026, 11, 3)).await.unwrap_err().to_string();
    assert!(unseen.contains("is not public on YouTube"), "{unseen}");
    assert_eq!(kpi::experiments(&world.memory, &"demo".into()).await.unwrap(), [experiment]);
}
