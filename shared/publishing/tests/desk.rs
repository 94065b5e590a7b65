//! Who may decide what, what an approval holds, and the chain that remembers it.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod support;

use jiff::{SignedDuration, Timestamp};
use proofreel_model::policy::publishing::law;
use proofreel_model::records::RunState;
use proofreel_model::stage::StageName;
use proofreel_publishing::{
    ApprovalWay, AutoEvidence, Candidate, Desk, Governance, Publication, PublishError, PublishState, Role, Step, Terms,
    audit, auto_faults, cadence, roles_of,
};
use serde_json::json;
use support::{Store, block, candidate, channel};

/// Makes a film unfit.
type Spoil = fn(&mut Candidate);

/// Touches the chain.
type Attack = fn(&mut support::Rows);

/// Where a link lies.
fn place(n: u32) -> (String, String) {
    ("audit".to_owned(), format!("{n:012}"))
}

const NAMED: &str = "operators = [\"otto\"]\napprovers = [\"anna\", \"otto\"]\nviewers = [\"vera\"]";
const TWO: &str = "operators = [\"otto\"]\napprovers = [\"anna\", \"otto\"]\ntwo_persons = true";

fn terms(candidate: &Candidate, who: &str) -> Terms {
    Terms {
        who: who.into(),
        at_the_machine: true,
        way: ApprovalWay::Command,
        code: candidate.film_digest.0[..8].into(),
        visibility: None,
        publish_at: None,
        override_reason: None,
    }
}

fn approve(store: &Store, candidate: &Candidate, who: &str) -> Result<Publication, PublishError> {
    block(Desk::new(store.ledger()).approve(candidate, &terms(candidate, who), &Governance::Unmeasured))
}

fn reject(store: &Store, candidate: &Candidate, who: &str) -> Result<Publication, PublishError> {
    block(Desk::new(store.ledger()).reject(candidate, (who, true), "the hook is weak", StageName::Script, &[]))
}

fn offer(store: &Store, candidate: &Candidate, who: &str) -> Publication {
    block(Desk::new(store.ledger()).offer(candidate, who, &Governance::Unmeasured)).unwrap()
}

#[test]
fn roles_are_what_the_file_says_and_a_silent_file_trusts_the_machine_alone() {
    let named = channel(NAMED);
    assert!(
        roles_of(&named, "otto", true).contains(&Role::Operator)
            && roles_of(&named, "anna", false).contains(&Role::Approver)
    );
    assert!(
        !roles_of(&named, "anna", true).contains(&Role::Operator)
            && !roles_of(&named, "vera", true).contains(&Role::Approver)
    );
    assert!(roles_of(&named, "stranger", true).is_empty());
    let silent = channel("");
    assert!(
        roles_of(&silent, "anybody", true).contains(&Role::Approver) && roles_of(&silent, "anybody", false).is_empty()
    );
}

#[test]
fn only_an_approver_approves_and_only_what_was_seen() {
    let (store, film) = (Store::at_noon(), candidate("r", "one", NAMED));
    for who in ["vera", "stranger", ""] {
        assert!(matches!(approve(&store, &film, who), Err(PublishError::NotAllowed { .. })), "{who}");
        assert!(matches!(reject(&store, &film, who), Err(PublishError::NotAllowed { .. })), "{who}");
    }
    let desk = Desk::new(store.ledger());
    let other = candidate("r", "two", NAMED).film_digest.0;
    for code in ["", &film.film_digest.0[..7], &other[..8], "00000000"] {
        let bad = Terms { code: code.into(), ..terms(&film, "anna") };
        assert!(
            matches!(block(desk.approve(&film, &bad, &Governance::Publish)), Err(PublishError::NotThat { .. })),
            "{code}"
        );
    }
    assert_eq!(approve(&store, &film, "anna").unwrap().state, PublishState::Approved);
}

#[test]
fn drafts_unfinished_and_unpassed_films_are_never_approved() {
    let spoil: [(&str, Spoil); 4] = [
        ("draft", |film| film.head.draft = true),
        ("unfinished", |film| film.head.state = RunState::Running { stage: StageName::Render }),
        ("not passed", |film| film.qa.verdict = proofreel_model::qa::Decision::Reject { reasons: Vec::new() }),
        ("another script", |film| film.qa.script_digest = proofreel_model::digest::Digest::of(b"other")),
    ];
    for (name, spoil) in spoil {
        let (store, mut film) = (Store::at_noon(), candidate("r", "one", NAMED));
        spoil(&mut film);
        assert!(matches!(approve(&store, &film, "anna"), Err(PublishError::Unfit { .. })), "{name}");
        assert!(store.rows.lock().unwrap().is_empty());
    }
}

#[test]
fn with_two_persons_nobody_approves_what_they_ordered() {
    let (store, film) = (Store::at_noon(), candidate("r", "one", TWO));
    offer(&store, &film, "otto");
    assert!(matches!(approve(&store, &film, "otto"), Err(PublishError::NotAllowed { .. })));
    assert_eq!(approve(&store, &film, "anna").unwrap().state, PublishState::Approved);
}

#[test]
fn another_film_voids_an_approval_and_a_rejected_film_stays_rejected() {
    let (store, film) = (Store::at_noon(), candidate("r", "one", NAMED));
    offer(&store, &film, "otto");
    approve(&store, &film, "anna").unwrap();
    let changed = candidate("r", "two", NAMED);
    let row = offer(&store, &changed, "otto");
    assert_eq!((row.state, row.approval), (PublishState::AwaitingApproval, None));
    assert_eq!(reject(&store, &changed, "anna").unwrap().state, PublishState::Rejected);
    assert!(matches!(approve(&store, &changed, "otto"), Err(PublishError::WrongState { .. })));
    assert_eq!(offer(&store, &changed, "otto").state, PublishState::Rejected, "the same film again");
    assert_eq!(offer(&store, &candidate("r", "three", NAMED), "otto").state, PublishState::AwaitingApproval);
}

#[test]
fn whoever_approved_a_film_and_was_not_told_so_may_ask_again_when_its_upload_has_begun() {
    let (store, film) = (Store::at_noon(), candidate("r", "one", NAMED));
    let approved = approve(&store, &film, "anna").unwrap();
    let key = (format!("publication#{}", approved.channel), "r".to_owned());
    for state in ["publishing", "published"] {
        store.rows.lock().unwrap().get_mut(&key).unwrap()["state"] = json!(state);
        let before = store.print();
        assert_eq!(json!(approve(&store, &film, "anna").unwrap().state), json!(state));
        assert!(matches!(approve(&store, &film, "otto"), Err(PublishError::WrongState { .. })), "another person");
        let late = Terms { publish_at: Some("2026-12-24T12:00:00Z".parse().unwrap()), ..terms(&film, "anna") };
        let late = block(Desk::new(store.ledger()).approve(&film, &late, &Governance::Unmeasured));
        assert!(matches!(late, Err(PublishError::WrongState { .. })), "other terms");
        assert_eq!(store.print(), before, "nothing is written");
    }
}

#[test]
fn governance_is_overridden_by_name_or_not_at_all() {
    let (store, film) = (Store::at_noon(), candidate("r", "one", NAMED));
    let hold = Governance::Hold { why: "CTR 4.2 %, 5.0 % are wanted".into() };
    let desk = Desk::new(store.ledger());
    assert!(matches!(block(desk.approve(&film, &terms(&film, "anna"), &hold)), Err(PublishError::HeldBack { .. })));
    let overridden = Terms { override_reason: Some("a release of the day".into()), ..terms(&film, "anna") };
    let row = block(desk.approve(&film, &overridden, &hold)).unwrap();
    assert_eq!(row.approval.unwrap().override_reason.as_deref(), Some("a release of the day"));
}

#[test]
fn a_chain_that_was_touched_is_told() {
    let store = Store::at_noon();
    for n in 0..5 {
        approve(&store, &candidate(&format!("r{n}"), "one", NAMED), "anna").unwrap();
    }
    let verify = |expect: Option<&str>| block(audit::verify(&store, expect)).unwrap();
    let good = verify(None);
    assert_eq!((good.links, good.faults.len()), (5, 0));
    let noted = good.head.digest.0.clone();
    let whole = store.rows.lock().unwrap().clone();
    let attacks: [(&str, Attack); 6] = [
        ("a word", |rows| rows.get_mut(&place(3)).unwrap()["who"] = json!("otto")),
        ("a detail", |rows| rows.get_mut(&place(2)).unwrap()["detail"]["approval"]["by"] = json!("otto")),
        ("a link taken out", |rows| drop(rows.remove(&place(3)))),
        ("two changed places", |rows| {
            let (two, three) = (rows[&place(2)].clone(), rows[&place(3)].clone());
            rows.insert(place(2), three);
            rows.insert(place(3), two);
        }),
        ("the end cut off", |rows| drop(rows.remove(&place(5)))),
        ("no link at all", |rows| drop(rows.insert(place(4), json!("gone")))),
    ];
    for (name, attack) in &attacks {
        attack(&mut store.rows.lock().unwrap());
        assert!(!verify(None).faults.is_empty(), "{name} was not seen");
        store.rows.lock().unwrap().clone_from(&whole);
    }
    // The end cut off together with the head: only whoever noted the digest sees it.
    let mut rows = store.rows.lock().unwrap();
    rows.remove(&place(5));
    let last = rows[&place(4)]["digest"].clone();
    rows.insert(("audit-head".into(), "head".into()), json!({"number": 4, "digest": last}));
    drop(rows);
    assert!(verify(None).faults.is_empty());
    assert!(!verify(Some(&noted)).faults.is_empty());
}

#[test]
fn the_session_is_shown_nowhere() {
    let store = Store::at_noon();
    let mut row = approve(&store, &candidate("r", "one", NAMED), "anna").unwrap();
    row.step = Step::Bytes { uri: "https://h/session?upload_id=hush".into() };
    assert!(!row.shown().to_string().contains("hush"));
    assert_eq!(row.shown()["step"], "bytes");
}

fn published(run: &str, at: Timestamp, way: ApprovalWay) -> Publication {
    let store = Store::at_noon();
    let mut row = approve(&store, &candidate(run, run, NAMED), "anna").unwrap();
    row.state = PublishState::Published;
    row.published_at = Some(at);
    row.approval.as_mut().unwrap().way = way;
    row
}

#[test]
fn a_channel_keeps_its_pace() {
    let now = Timestamp::from_second(support::NOON).unwrap();
    let hours = SignedDuration::from_hours;
    let (law, run) = (&law().cadence, "new".into());
    let row = |name: &str, ago: i64| published(name, now - hours(ago), ApprovalWay::Command);
    assert_eq!(cadence(&[], &run, now, law, None, true), None);
    let near = cadence(&[row("a", 3)], &run, now, law, None, true).unwrap();
    assert_eq!(near.until, now + hours(9));
    assert_eq!(cadence(&[row("a", 13), row("b", 40)], &run, now, law, None, true), None);
    let full = cadence(&[row("a", 20), row("b", 60), row("c", 100)], &run, now, law, None, true).unwrap();
    assert_eq!(full.until, now - hours(100) + hours(168));
    assert_eq!(cadence(&[row("a", 20), row("b", 60), row("c", 200)], &run, now, law, None, true), None);
    assert!(cadence(&[row("a", 20)], &run, now, law, Some(1), true).is_some(), "the channel's own figure");
    assert_eq!(cadence(&[row("new", 1)], &run, now, law, None, true), None, "itself does not count");
}

#[test]
fn nobody_is_needed_only_where_everything_speaks_for_it() {
    let now = Timestamp::from_second(support::NOON).unwrap();
    let film = candidate("r", "one", NAMED);
    let history: Vec<Publication> = (0..10).map(|n| published(&format!("r{n}"), now, ApprovalWay::Command)).collect();
    let law = &law().auto;
    let faults = |opted_in: bool, governance: &Governance, history: &[Publication]| {
        let evidence =
            AutoEvidence { opted_in, two_persons: false, edited_by: None, qa: &film.qa, governance, history };
        auto_faults(&evidence, law).len()
    };
    assert_eq!(faults(true, &Governance::Publish, &history), 0);
    assert_eq!(faults(false, &Governance::Publish, &history), 1);
    for (two_persons, edited_by) in [(true, None), (false, Some("otto"))] {
        let governance = &Governance::Publish;
        let evidence =
            AutoEvidence { opted_in: true, two_persons, edited_by, qa: &film.qa, governance, history: &history };
        assert_eq!(auto_faults(&evidence, law).len(), 1, "no rule stands in for a second person");
    }
    assert_eq!(faults(true, &Governance::Unmeasured, &history), 1);
    assert_eq!(faults(true, &Governance::Hold { why: "x".into() }, &history), 1);
    assert_eq!(faults(true, &Governance::Publish, &history[1..]), 1);
    let by_itself: Vec<Publication> = (0..20).map(|n| published(&format!("r{n}"), now, ApprovalWay::Auto)).collect();
    assert_eq!(faults(true, &Governance::Publish, &by_itself), 1, "a track record is of persons");
    let mut blemished = history.clone();
    blemished.push(published("bad", now, ApprovalWay::Command));
    blemished[10].retraction =
        Some(proofreel_publishing::Retraction { by: "otto".into(), at: now, reason: "wrong".into(), done: true });
    assert_eq!(faults(true, &Governance::Publish, &blemished), 1);
}
