//! Every point one by one, where the storm throws dice: each await at which a process may die, each answer that each request may
//! get, each border at which bytes may stop.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use proofreel_model::policy::publishing::law;
use proofreel_model::stage::StageName;
use proofreel_ports::{PortError, Secret, Secrets, VideoId};
use proofreel_publishing::{Desk, Governance, Outcome, PublishState, Step};
use proofreel_tests::youtube::line::{Fault, Keys, Weather};
use proofreel_tests::youtube::stage::{CHUNK, Drill, Stage, run};

use super::play;

fn quiet(bytes: usize) -> Drill {
    Drill { seed: 77, bytes, weather: Weather::default(), killed: 0, bug: None }
}

/// A film that somebody approved, at a host that processes at once: one process goes all the way.
fn approved(bytes: usize) -> Stage {
    let stage = Stage::set(quiet(bytes));
    stage.line.server(|server| server.swift = true);
    stage.approve();
    stage
}

#[test]
fn killed_at_every_await_and_killed_again_at_every_third_there_is_one_video() {
    // As many awaits as the longest process has: from the first death on that does not come, there are no more.
    let points = (0..1000).find(|point| approved(1000).play_dying(&[*point]).unwrap().1 == [false]).unwrap();
    assert!(points > 60, "{points} awaits");
    let (once, twice) = (AtomicU64::new(0), AtomicU64::new(0));
    play(u64::from(points), |first| {
        let first = u32::try_from(first).map_err(|error| error.to_string())?;
        let stage = approved(1000);
        let (row, died) = stage.play_dying(&[first])?;
        stage.published(&row)?;
        once.fetch_add(u64::from(died[0]), Ordering::Relaxed);
        for second in (first % 3..points).step_by(3) {
            let stage = approved(1000);
            let (row, died) = stage.play_dying(&[first, second])?;
            stage.published(&row).map_err(|why| format!("killed at {first}, then at {second}: {why}"))?;
            twice.fetch_add(u64::from(died == [true, true]), Ordering::Relaxed);
        }
        Ok((0, 0))
    })
    .unwrap();
    let (once, twice) = (once.into_inner(), twice.into_inner());
    println!("{points} awaits: {once} killed once, {twice} killed twice");
    assert_eq!(once, u64::from(points));
    assert!(twice > once * once / 8, "{twice}");
}

/// What any request may get instead of its answer.
const ANSWERS: [Fault; 27] = [
    Fault::Lost,
    Fault::Unanswered,
    Fault::Garbled,
    Fault::Stale,
    Fault::Forgotten,
    Fault::Answered(500, "backendError", "Backend Error", false),
    Fault::Answered(500, "backendError", "Backend Error", true),
    Fault::Answered(502, "", "", false),
    Fault::Answered(502, "", "", true),
    Fault::Answered(503, "backendError", "Backend Error", false),
    Fault::Answered(503, "backendError", "Backend Error", true),
    Fault::Answered(504, "", "", true),
    Fault::Answered(408, "", "", true),
    Fault::Answered(403, "quotaExceeded", "quota", false),
    Fault::Answered(403, "dailyLimitExceeded", "quota", false),
    Fault::Answered(429, "rateLimitExceeded", "limit 'Video Uploads per day'", false),
    Fault::Answered(429, "rateLimitExceeded", "slow down", false),
    Fault::Answered(403, "userRateLimitExceeded", "slow down", false),
    Fault::Answered(400, "uploadLimitExceeded", "too many videos", false),
    Fault::Answered(429, "uploadRateLimitExceeded", "too many thumbnails", false),
    Fault::Answered(400, "invalidDescription", "description", false),
    Fault::Answered(401, "authError", "Invalid Credentials", false),
    Fault::Answered(401, "youtubeSignupRequired", "no channel", false),
    Fault::Answered(403, "forbidden", "not allowed", false),
    Fault::Answered(404, "notFound", "gone", false),
    Fault::Answered(404, "notFound", "gone", true),
    Fault::Answered(410, "", "", false),
];

#[test]
fn every_answer_to_every_request_leaves_one_video_or_a_person_asked() {
    let calm = approved(1000);
    calm.play().unwrap();
    let requests = calm.line.exchanges();
    let session: Vec<bool> =
        calm.line.server(|server| server.asked.iter().map(|asked| asked.contains("session's")).collect());
    assert!(requests >= 13, "{requests} requests");
    let (all, parked) = ((requests * ANSWERS.len()) as u64, AtomicU64::new(0));
    let (played, ..) = play(all, |case| {
        let case = usize::try_from(case).map_err(|error| error.to_string())?;
        let (request, fault) = (case / ANSWERS.len(), ANSWERS[case % ANSWERS.len()]);
        let stage = approved(1000);
        stage.line.plant(request, fault);
        let (row, _) = stage.play_dying(&[]).map_err(|why| format!("{fault:?} to request {request}: {why}"))?;
        let gone = matches!(fault, Fault::Answered(404 | 410, ..) | Fault::Forgotten);
        if gone && matches!((&row.state, &row.step), (PublishState::Failed, Step::NeedsPerson { .. })) {
            // Only a session that is said to be gone leaves a doubt, and only while its bytes may not have become a video.
            parked.fetch_add(1, Ordering::Relaxed);
            stage.always()?;
            let videos = stage.line.server(|server| server.videos.len());
            let doubtful = videos == 0 && (session[request] || fault == Fault::Forgotten);
            return if doubtful { Ok((0, 0)) } else { Err(format!("{fault:?} to request {request} asks a person")) };
        }
        stage.published(&row).map_err(|why| format!("{fault:?} to request {request}: {why}"))?;
        Ok((0, 0))
    })
    .unwrap();
    println!(
        "{requests} requests, {} answers each: {played} publications, {} left to a person",
        ANSWERS.len(),
        parked.into_inner()
    );
}

#[test]
fn a_chunk_that_breaks_at_any_border_is_gone_on_with() {
    let multiple = CHUNK as usize;
    // Two chunks of two multiples each, and one that is a byte short of a multiple.
    let length = 5 * multiple - 1;
    let borders = [0, 1, multiple - 1, multiple, multiple + 1, 2 * multiple - 2, 2 * multiple - 1];
    let calm = approved(length).in_chunks_of(2 * CHUNK);
    calm.play().unwrap();
    let asked = calm.line.server(|server| server.asked.clone());
    let chunks: Vec<usize> = (0..asked.len()).filter(|at| asked[*at] == "PUT the session's address").collect();
    assert_eq!(chunks.len(), 3, "{asked:?}");
    let all: Vec<(usize, Fault)> = chunks
        .iter()
        .flat_map(|chunk| {
            let broken = borders.iter().map(|border| Fault::Broken(*border)).filter(|fault| {
                // The last chunk is shorter; its last byte makes the upload whole, which is the case of a lost answer.
                *chunk != chunks[2] || matches!(fault, Fault::Broken(bytes) if *bytes < multiple - 1)
            });
            broken.chain([Fault::Unanswered]).map(|fault| (*chunk, fault))
        })
        .collect();
    assert_eq!(all.len(), 19);
    play(all.len() as u64, |case| {
        let (chunk, fault) = all[usize::try_from(case).map_err(|error| error.to_string())?];
        let stage = approved(length).in_chunks_of(2 * CHUNK);
        stage.line.plant(chunk, fault);
        let (row, _) = stage.play_dying(&[])?;
        stage.published(&row).map_err(|why| format!("{fault:?} at request {chunk}: {why}"))?;
        Ok((0, 0))
    })
    .unwrap();
}

#[test]
fn what_the_host_refuses_before_a_session_can_be_edited_rejected_or_approved_anew() {
    let stage = approved(1000);
    // The token comes first, then the session.
    stage.line.plant(1, Fault::Answered(400, "invalidDescription", "description", false));
    let refused = stage.once(None).unwrap();
    assert!(refused.unwrap_err().to_string().contains("invalidDescription"));
    let row = stage.row();
    assert_eq!((row.state, &row.step, row.has_begun()), (PublishState::Failed, &Step::None, false));
    assert!(row.problem.unwrap().contains("invalidDescription"), "a person sees why");
    let desk = Desk::new(stage.ledger());
    run(desk.may_edit(&stage.candidate.channel, &stage.candidate.head.run_id, "anna", true)).unwrap();
    let anew = stage.approve();
    assert_eq!((anew.state, anew.problem), (PublishState::Approved, None));
    let sent_back =
        run(desk.reject(&stage.candidate, ("anna", true), "the description", StageName::Script, &[])).unwrap();
    assert_eq!((sent_back.state, sent_back.problem), (PublishState::Rejected, None));
}

#[test]
fn an_approval_that_becomes_void_anywhere_has_a_way_out_and_never_makes_two() {
    let mut ways = std::collections::BTreeMap::new();
    for point in 0.. {
        let mut stage = approved(1000);
        let died = stage.once(Some(point)).is_none();
        // The terms change under the approval: nobody approved this.
        stage.candidate.channel.publishing.notify_subscribers = false;
        if stage.row().state != PublishState::Published {
            let void = stage.once(None).unwrap();
            assert!(void.unwrap_err().to_string().contains("after the approval"), "at {point}");
            let row = stage.row();
            assert_eq!(row.approval, None, "at {point}");
            *ways.entry(row.step.name()).or_insert(0) += 1;
            if let Step::NeedsPerson { .. } = row.step {
                let settle =
                    |video| run(Desk::new(stage.ledger()).settle(&stage.candidate, "anna", true, video, "looked"));
                let shown = settle(Some(VideoId("video000000".into())));
                assert!(shown.unwrap_err().to_string().contains("may not be shown"), "at {point}");
                // The person deletes what lies there, and says so.
                stage.line.server(|server| server.videos.clear());
                settle(None).unwrap();
            }
            assert_eq!(stage.row().state, PublishState::AwaitingApproval, "at {point}");
            stage.approve();
            let (row, _) = stage.play_dying(&[]).unwrap();
            stage.published(&row).unwrap_or_else(|why| panic!("void at {point}: {why}"));
        }
        if !died {
            break;
        }
    }
    assert!(ways["none"] > 5 && ways["needs-person"] > 5, "{ways:?}");
}

#[test]
fn switched_off_at_any_point_nothing_more_goes_out_until_it_is_on_again() {
    for point in 0.. {
        let stage = approved(1000);
        let died = stage.once(Some(point)).is_none();
        let before = stage.line.server(|server| server.asked.len());
        run(stage.ledger().turn(true, "anna", "something is wrong")).unwrap();
        // It may look, and wait for the host, as often as it likes.
        for _ in 0..5 {
            drop(stage.once(None));
            stage.memory.pass(60_000);
        }
        let sent = stage.line.server(|server| server.asked[before..].to_vec());
        let out = |asked: &&String| {
            let looks = asked.starts_with("GET ") || asked.ends_with("without bytes") || asked.contains("oauth2");
            !looks
        };
        assert_eq!(sent.iter().find(out), None, "off at {point}");
        run(stage.ledger().turn(false, "anna", "")).unwrap();
        let (row, _) = stage.play_dying(&[]).unwrap();
        stage.published(&row).unwrap_or_else(|why| panic!("off at {point}: {why}"));
        if !died {
            break;
        }
    }
}

#[test]
fn of_two_films_that_were_found_in_time_at_the_same_moment_one_goes_public() {
    let hours = i64::from(law().cadence.least_hours_between);
    for point in 0.. {
        let first = approved(1000);
        first.line.server(|server| server.swift = false);
        assert!(matches!(first.once(None), Some(Ok(Outcome::Waits { .. }))), "it is being processed");
        // Its upload is so long ago that it holds back no other.
        first.memory.pass((hours + 1) * 3_600_000);
        let second = first.beside(Drill { seed: 78, ..quiet(1000) });
        second.approve();
        assert!(matches!(second.once(None), Some(Ok(Outcome::Waits { .. }))), "so is the other");
        first.memory.pass(100_000);
        let (publisher, unmeasured) = (first.publisher(), Governance::Unmeasured);
        let mut slow = pin!(publisher.publish(&first.candidate, &unmeasured));
        let mut context = Context::from_waker(Waker::noop());
        let before = (0..point).find_map(|_| match slow.as_mut().poll(&mut context) {
            Poll::Ready(ended) => Some(ended),
            Poll::Pending => None,
        });
        let fast = second.once(None).unwrap().unwrap();
        let over = before.is_some();
        let slow = before.unwrap_or_else(|| run(slow)).unwrap();
        let public = [&first, &second].into_iter().filter(|stage| stage.row().state == PublishState::Published).count();
        assert_eq!(public, 1, "the second came after {point} polls of the first: {slow:?}, {fast:?}");
        // Both go in the end, far enough apart.
        let (one, _) = first.play_dying(&[]).unwrap();
        let (other, _) = second.play_dying(&[]).unwrap();
        let apart = one.published_at.unwrap().duration_since(other.published_at.unwrap()).abs();
        assert!(apart.as_hours() >= hours, "{apart:#} apart");
        if over {
            break;
        }
    }
}

#[test]
fn a_consent_says_whose_channel_it_is_and_how_long_its_films_may_be() {
    use proofreel_providers::youtube::{Owner, Tokens, YouTube};
    let stage = Stage::set(quiet(1000));
    let (line, clock) = (Arc::new(stage.line.clone()), Arc::new(stage.memory.clone()));
    let tokens = Tokens::at("https://youtube.test/token", Arc::new(Keys));
    let youtube = YouTube::at("https://youtube.test", line, clock, tokens, stage.candidate.channel.id.clone());
    let owner = Owner { id: "UC".into(), title: "Plain Figures".into(), long_films: false };
    assert_eq!(run(youtube.owner()).unwrap(), owner);
    assert_eq!(stage.line.server(|server| server.breaches.clone()), Vec::<String>::new());
}

/// Secrets that can be stored.
struct Drawer(std::sync::Mutex<std::collections::BTreeMap<String, Secret>>);

#[async_trait::async_trait]
impl Secrets for Drawer {
    async fn get(&self, name: &str) -> Result<Option<Secret>, PortError> {
        Ok(self.0.lock().unwrap().get(name).cloned())
    }

    async fn store(&self, name: &str, secret: &Secret) -> Result<(), PortError> {
        drop(self.0.lock().unwrap().insert(name.to_owned(), secret.clone()));
        Ok(())
    }
}

#[test]
fn a_consent_becomes_a_stored_token_and_one_of_a_screen_in_testing_is_recognised() {
    use proofreel_providers::youtube::{Consent, Tokens};
    let stage = Stage::set(quiet(1000));
    let client = [("youtube_client_id", "client"), ("youtube_client_secret", "hush")];
    let kept = client.map(|(name, value)| (name.to_owned(), Secret::new(value)));
    let drawer = Arc::new(Drawer(std::sync::Mutex::new(kept.into())));
    let tokens = Tokens::at("https://youtube.test/token", Arc::clone(&drawer) as _);
    let question = Consent::ask("client", "http://127.0.0.1:9/", &[7; 64]);
    let channel = &stage.candidate.channel.id;
    let wrong = run(tokens.exchange(&stage.line, channel, &question, "4/stolen")).unwrap_err();
    assert!(matches!(wrong, proofreel_ports::HostError::Consent { .. }), "{wrong}");
    let ends = run(tokens.exchange(&stage.line, channel, &question, "4/good")).unwrap();
    assert_eq!(ends.unwrap().as_secs(), 604_799, "seven days: the consent screen is in Testing");
    let stored = run(drawer.get("youtube_refresh_token_demo")).unwrap().unwrap();
    assert_eq!(stored.reveal(), "refresh");
    assert_eq!(stage.line.server(|server| server.breaches.clone()), Vec::<String>::new(), "nothing secret in the open");
}
