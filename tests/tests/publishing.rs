//! Publishing on a YouTube that fails wherever it may: one video each, the right one, whatever breaks.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on may stop

use proofreel_publishing::{PublishState, Step};
use proofreel_tests::youtube::doubles::Bug;
use proofreel_tests::youtube::line::Weather;
use proofreel_tests::youtube::stage::{CHUNK, Drill, Stage};

/// Lengths around every border that a chunk, a resumed upload or a last byte can have.
fn lengths() -> Vec<usize> {
    let chunk = CHUNK as usize;
    let borders = [1, chunk - 1, chunk, chunk + 1, 2 * chunk - 1, 2 * chunk, 2 * chunk + 1, 3 * chunk - 1];
    // Four of five are short: they meet every answer but "go on", and cost nothing.
    let short = [1, 2, 255, 1024, 4095];
    borders.into_iter().chain(std::iter::repeat_n(short, 6).flatten()).collect()
}

fn drill(seed: u64) -> Drill {
    let lengths = lengths();
    let bytes = lengths[seed as usize % lengths.len()];
    Drill { seed, bytes, weather: Weather::storm(), killed: 2, bug: None }
}

/// `PROOFREEL_SEED=n` plays one again.
fn seeds(most: u64) -> std::ops::Range<u64> {
    match std::env::var("PROOFREEL_SEED").ok().and_then(|seed| seed.parse::<u64>().ok()) {
        Some(seed) => seed..seed + 1,
        None => 0..most,
    }
}

/// Plays seeds on all processors; the first thing that went wrong, with its seed.
fn play(most: u64, one: impl Fn(u64) -> Result<(u32, u32), String> + Sync) -> Result<(u64, u64, u64), String> {
    let range = seeds(most);
    let hands = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let parts: Vec<Result<(u64, u64, u64), String>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..hands)
            .map(|hand| {
                let (range, one) = (range.clone(), &one);
                scope.spawn(move || {
                    let mut sums = (0, 0, 0);
                    for seed in range.filter(|seed| seed % hands == hand) {
                        let (processes, kills) = one(seed).map_err(|why| format!("PROOFREEL_SEED={seed}: {why}"))?;
                        sums = (sums.0 + 1, sums.1 + u64::from(processes), sums.2 + u64::from(kills));
                    }
                    Ok(sums)
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let mut sums = (0, 0, 0);
    for part in parts {
        let part = part?;
        sums = (sums.0 + part.0, sums.1 + part.1, sums.2 + part.2);
    }
    Ok(sums)
}

fn publishes(drill: Drill) -> Result<(u32, u32), String> {
    let stage = Stage::set(drill);
    stage.approve();
    let ended = stage.play()?;
    stage.published(&ended.row)?;
    Ok((ended.processes, ended.kills))
}

#[test]
fn five_thousand_uploads_with_crashes_give_one_video_each() {
    let (runs, processes, kills) = play(5000, |seed| publishes(drill(seed))).unwrap();
    println!("{runs} uploads, {processes} processes, {kills} killed");
    assert!(seeds(5000).count() == 1 || runs == 5000 && kills > 2000, "{runs} uploads, {kills} kills");
}

#[test]
fn a_session_that_is_lost_is_found_by_its_marker_or_left_to_a_person_and_never_begun_anew() {
    let (mut parked, mut published) = (std::sync::atomic::AtomicU64::new(0), std::sync::atomic::AtomicU64::new(0));
    play(800, |seed| {
        let weather = Weather { forgotten: 6, ..Weather::storm() };
        let stage = Stage::set(Drill { weather, ..drill(seed) });
        stage.approve();
        let ended = stage.play()?;
        match (&ended.row.state, &ended.row.step) {
            (PublishState::Published, _) => {
                stage.published(&ended.row)?;
                published.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
            (PublishState::Failed, Step::NeedsPerson { .. }) => {
                stage.always()?;
                parked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
            other => return Err(format!("{other:?}")),
        }
        Ok((ended.processes, ended.kills))
    })
    .unwrap();
    let (parked, published) = (*parked.get_mut(), *published.get_mut());
    println!("{published} published, {parked} left to a person");
    assert!(seeds(800).count() == 1 || parked > 50 && published > 50, "{published} published, {parked} parked");
}

#[test]
fn without_faults_it_takes_one_insert_and_the_units_that_the_plan_says() {
    let stage = Stage::set(Drill { weather: Weather::default(), killed: 0, ..drill(3) });
    stage.approve();
    let ended = stage.play().unwrap();
    stage.published(&ended.row).unwrap();
    let (inserts, units) = stage.line.server(|server| (server.calls["videos.insert"], server.units));
    assert_eq!(inserts, 1);
    // Looks while it is processed are counted too; the dry run names two.
    assert!((600..=615).contains(&units), "{units} units");
    let was = stage.line.server(|server| server.videos.values().next().unwrap().was.clone());
    assert_eq!(was, ["private", "public"]);
}

#[test]
fn a_locked_project_is_told_as_such_and_not_as_published() {
    let stage = Stage::set(Drill { weather: Weather::default(), killed: 0, ..drill(4) });
    stage.line.server(|server| server.locked = true);
    stage.approve();
    let row = stage.play().unwrap().row;
    assert_eq!(row.state, PublishState::PublishLocked);
    assert!(row.problem.unwrap().contains("yt_api_form"));
    assert_eq!(stage.line.server(|server| server.calls["videos.update"]), 1, "asked once, not again and again");
}

#[test]
fn a_truncated_video_stays_private_and_waits_for_a_person() {
    let stage = Stage::set(Drill { weather: Weather::default(), killed: 0, ..drill(5) });
    stage.line.server(|server| server.duration_ms = 90_000);
    stage.approve();
    let row = stage.play().unwrap().row;
    assert_eq!(row.state, PublishState::Failed);
    assert!(row.problem.unwrap().contains("90000 ms long instead of 150200"));
    assert_eq!(stage.line.server(|server| server.videos.values().next().unwrap().was.clone()), ["private"]);
}

#[test]
fn nothing_is_sent_before_somebody_approved_and_nothing_after_the_approval_is_void() {
    let stage = Stage::set(Drill { weather: Weather::default(), killed: 0, ..drill(6) });
    assert!(stage.play().unwrap_err().contains("nobody approved it"));
    stage.approve();
    // The store's bytes change under their name.
    let digest = stage.candidate.film.files[0].digest.clone();
    stage.memory.change(|world| drop(world.blobs.insert(format!("file/{digest}").into(), b"another film".as_slice().into())));
    assert!(stage.play().unwrap_err().contains("not what was approved"));
    // The film is another one than that approved.
    let mut stage = Stage::set(Drill { weather: Weather::default(), killed: 0, ..drill(7) });
    stage.approve();
    stage.candidate.film.metadata.title.push('!');
    stage.candidate.film_digest = proofreel_model::digest::Digest::of(b"another artifact");
    assert!(stage.play().unwrap_err().contains("not what was approved"));
    assert!(stage.play().unwrap_err().contains("nobody approved it as it is"), "the approval is void");
    assert_eq!(stage.line.server(|server| server.calls.len()), 0, "and YouTube was never asked");
}

/// A planted bug is caught within so many seeds.
fn caught(bug: Bug, weather: Weather, said: &str) {
    let verdict = (0..600).find_map(|seed| {
        let stage = Stage::set(Drill { bug: Some(bug), weather, ..drill(seed) });
        stage.approve();
        let outcome = stage.play().and_then(|ended| {
            stage.always()?;
            if ended.row.state == PublishState::Published { stage.published(&ended.row) } else { Ok(()) }
        });
        outcome.or_else(|why| stage.always().and(Err(why))).err().filter(|why| why.contains(said)).map(|why| (seed, why))
    });
    let (seed, why) = verdict.unwrap_or_else(|| panic!("{bug:?} was not caught"));
    println!("{bug:?} caught at seed {seed}: {why}");
}

#[test]
fn planted_bugs_are_caught() {
    caught(Bug::SessionSavedLate, Weather::storm(), "published twice");
    caught(Bug::InsertRetried, Weather::storm(), "published twice");
    caught(Bug::GoneRestarts, Weather { forgotten: 6, ..Weather::storm() }, "published twice");
    caught(Bug::DigestNotCompared, Weather::default(), "wrong bytes");
}

#[test]
fn a_row_that_nobody_approved_is_caught() {
    use proofreel_ports::Records as _;
    use proofreel_tests::youtube::stage::run;
    // The bug: somebody writes "approved" into the row and leaves the desk out. The drill sees that no link of the chain says so.
    let stage = Stage::set(Drill { weather: Weather::default(), killed: 0, bug: Some(Bug::ApprovalSkipped), ..drill(8) });
    let row = serde_json::to_value(stage.approve()).unwrap();
    let bare = Stage::set(Drill { weather: Weather::default(), killed: 0, bug: Some(Bug::ApprovalSkipped), ..drill(8) });
    let item = proofreel_ports::Item { pk: "publication#demo".into(), sk: bare.candidate.head.run_id.to_string(), body: row };
    run(bare.memory.put(item, proofreel_ports::Condition::None)).unwrap();
    bare.play().unwrap();
    assert_eq!(bare.always().unwrap_err(), "shown, and nobody approved it");
}
