//! A month of planted records against numbers worked out by hand.

use jiff::civil::date;
use proofreel_model::calls::CallCounts;
use proofreel_model::policy::ProviderLaw;
use proofreel_model::records::RunStatus;

use super::tests::by_hand;
use super::*;
use crate::cost::ProviderUse;
use crate::sli::Attempt;

fn attempt(run: &str, at: &str, minutes: u64) -> Attempt {
    Attempt {
        channel: "demo".into(),
        run: run.into(),
        stage: "qa".into(),
        visit: 1,
        status: RunStatus::Success,
        outcome: "advance".into(),
        error: None,
        latency_ms: minutes * 60_000,
        cost_usd: 0.0,
        outside_calls: None,
        cache_hits: None,
        sent: None,
        rate_limited: None,
        at: at.parse().unwrap(),
    }
}

fn asked(day: i8, provider: &str, counts: CallCounts) -> ProviderUse {
    ProviderUse {
        day: date(2026, 11, day),
        provider: provider.into(),
        channel: "demo".into(),
        kind: "data".into(),
        counts,
    }
}

/// Half of November: two runs of ten, three attempts, two films.
fn november(now: &str) -> Recorded {
    let film = |run: &str, bytes: u64| Film { run: run.into(), bytes, at: "2026-11-05T06:00:00Z".parse().unwrap() };
    let calls = |calls: u64| CallCounts { calls, ..CallCounts::default() };
    Recorded {
        month: date(2026, 11, 1),
        now: now.parse().unwrap(),
        ordered: vec!["a".into(), "b".into()],
        runs: 10,
        attempts: vec![
            attempt("a", "2026-11-02T06:10:00Z", 10),
            attempt("a", "2026-11-02T06:30:00Z", 1),
            attempt("b", "2026-11-05T06:00:00Z", 1),
        ],
        films: vec![film("a", 1_000_000_000), film("b", 500_000_000)],
        kept_bytes: 600_000_000,
        usage: vec![
            asked(2, "google-speech", CallCounts { characters: 300_000, ..calls(40) }),
            asked(2, "groq", CallCounts { tokens: 5_000, cost_micro_usd: 20_000, ..calls(4) }),
            asked(2, "bls", calls(100)),
            asked(5, "bls", calls(250)),
        ],
        mails: 4,
        unreadable: vec!["c".into()],
    }
}

/// Three channels' month, and what became of it.
fn went(recorded: &Recorded) -> Month {
    let (template, measured) = by_hand();
    let basis = Basis { law: allowance_law(), template: &template, measured: &measured };
    let mut month = basis.month(Channels { all: 3, ..Channels::default() }).unwrap();
    basis.went(&mut month, recorded, Some(ProviderLaw::embedded())).unwrap();
    month
}

fn of<'a>(month: &'a Month, id: &str) -> &'a Actual {
    let line = month.lines.iter().find(|line| line.id == id).unwrap_or_else(|| panic!("no line {id}"));
    line.actual.as_ref().unwrap()
}

fn so_far(month: &Month, id: &str) -> f64 {
    of(month, id).so_far.unwrap().used
}

fn at_the_end(month: &Month, id: &str) -> f64 {
    of(month, id).projected.unwrap().used
}

fn is(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{what}: {found}, by hand {expected}");
}

#[test]
fn what_was_used_is_worked_out_from_the_records_as_by_hand() {
    let month = went(&november("2026-11-16T00:00:00Z"));
    let told = month.actual.as_ref().unwrap();
    assert_eq!((told.days, told.of_days, told.runs, told.films, told.attempts), (15.0, 30.0, 2, 2, 3));
    assert_eq!((told.latency_ms, told.calls, told.unreadable.as_slice()), (720_000, 394, &["c".to_owned()][..]));
    is(told.providers_usd, 0.02, "at list price");
    // The sweep and the Mondays, as far as the month has come.
    let batches = 749.0 * 15.0 / 31.0;
    is(so_far(&month, "lambda_requests"), 3.0 + batches, "calls");
    is(so_far(&month, "lambda_gb_seconds"), 720.0 * 1769.0 / 1024.0 + batches * 10.0, "GB-s");
    // From six to half past seven, and an hour and a minute on the fifth.
    is(told.awake_hours, 151.0 / 60.0, "awake");
    is(so_far(&month, "sqs_requests"), 151.0 * 15.0 + (3.0 + batches) * 5.0, "SQS");
    is(so_far(&month, "cloudwatch_log_gb"), (3.0 + batches) * 2_000.0 / 1e9, "800 of its own and 1,200 of Lambda's");
    is(so_far(&month, "scheduler_calls"), batches, "schedules");
    is(so_far(&month, "transfer_out_gb"), 3.0, "each film twice");
    is(so_far(&month, "s3_gb"), 3.0, "ten runs like these two");
    is(so_far(&month, "s3_reads"), (3.0 + batches) * 5.0, "reads");
    is(so_far(&month, "dynamodb_gb"), 0.01, "ten runs of a megabyte");
    is(so_far(&month, "sns_mails"), 4.0, "notices");
    is(so_far(&month, "google_characters"), 300_000.0, "characters");
    is(so_far(&month, "model_tokens"), 5_000.0, "tokens");
    let google = of(&month, "google_characters").so_far.unwrap();
    assert_eq!((google.share, google.left), (Some(0.3), 700_000.0));
    assert_eq!(of(&month, "google_characters").cites, ["usage#2026-11/02#google-speech#demo#data"]);
    assert_eq!(of(&month, "lambda_requests").cites, ["run#a", "run#b"]);
    // 3 GB at 2.3 cents, and a cent for writing and reading.
    assert!((0.080..0.082).contains(&told.usd), "{}", told.usd);
}

#[test]
fn the_months_end_goes_on_as_it_began_and_what_lies_there_grows_by_its_runs() {
    let month = went(&november("2026-11-16T00:00:00Z"));
    is(at_the_end(&month, "google_characters"), 600_000.0, "half of the month is gone");
    is(at_the_end(&month, "transfer_out_gb"), 6.0, "twice");
    is(at_the_end(&month, "s3_gb"), 3.6, "two runs of ten were of this half");
    is(at_the_end(&month, "cloudwatch_alarms"), so_far(&month, "cloudwatch_alarms"), "places");
    assert!(month.actual.as_ref().unwrap().projected_usd.unwrap() > month.actual.as_ref().unwrap().usd);

    let begun = went(&november("2026-11-01T12:00:00Z"));
    assert_eq!(of(&begun, "google_characters").projected, None, "a morning says nothing about a month");
    let over = went(&november("2027-01-03T00:00:00Z"));
    assert_eq!(over.actual.as_ref().unwrap().days, 30.0);
    for line in &over.lines {
        let actual = line.actual.as_ref().unwrap();
        assert_eq!(actual.projected, actual.so_far, "{}: the month is over", line.id);
    }
    let empty = went(&Recorded { month: date(2026, 12, 1), now: begun_at(), ..Recorded::default() });
    assert_eq!((empty.actual.as_ref().unwrap().days, so_far(&empty, "lambda_requests")), (0.0, 0.0), "it has not come");
    assert_eq!(empty.actual.as_ref().unwrap().projected_usd, None);
    let signs = |line: &Line| line.actual.as_ref().unwrap().so_far.is_none_or(|used| used.used.is_sign_positive());
    assert!(empty.lines.iter().all(signs), "nothing has no sign");
}

fn begun_at() -> jiff::Timestamp {
    "2026-11-16T00:00:00Z".parse().unwrap()
}

#[test]
fn providers_own_allowances_are_told_of_those_who_were_asked() {
    let month = went(&november("2026-11-16T00:00:00Z"));
    let bls = of(&month, "bls:requests:day");
    assert_eq!((bls.known, bls.so_far.unwrap().used, bls.so_far.unwrap().share), (Known::Counted, 250.0, Some(0.5)));
    assert_eq!(bls.projected.unwrap().used, 250.0, "a day does not grow with the month");
    let groq = month.lines.iter().find(|line| line.id == "groq:tokens:day").unwrap();
    let actual = groq.actual.as_ref().unwrap();
    assert_eq!((actual.known, actual.so_far, groq.share()), (Known::Unknown, None, None), "it is counted by model");
    assert!(groq.read_at.as_ref().unwrap().contains("proofreel usage --left"));
    assert!(month.lines.iter().all(|line| !line.id.starts_with("google-speech:characters")), "it has a line");
    assert!(month.lines.iter().all(|line| !line.id.starts_with("gemini")), "nobody asked it");
}

#[test]
fn each_line_says_how_it_is_known_and_where_a_person_reads_what_no_record_tells() {
    let month = went(&november("2026-11-16T00:00:00Z"));
    for line in &month.lines {
        let known = line.actual.as_ref().unwrap().known;
        let told = line.read_at.is_some();
        assert_eq!(told, !line.slots && known != Known::Counted, "{} is {known:?}", line.id);
    }
    let all = unrecorded(&month).join("\n");
    for part in ["Lambda calls (reckoned): CloudWatch, AWS/Lambda, Invocations", "(unknown): `proofreel usage --left`"]
    {
        assert!(all.contains(part), "{part}:\n{all}");
    }
}

#[test]
fn the_page_shows_the_fullest_lines_and_its_own_page_shows_all() {
    let month = went(&november("2026-11-16T00:00:00Z"));
    let (table, rest, highest) = fullest(&month, 3);
    let names: Vec<&str> = table.rows.iter().map(|row| row.cells[0].as_str()).collect();
    assert_eq!(names[0], "Google speech", "60 % at the end of the month: {names:?}");
    assert_eq!(table.rows[0].cells[1..], ["300,000", "1,000,000", "30.0 %", "60.0 %"]);
    assert!(names[1].contains("requests, fullest day") && names.len() == 3, "{names:?}");
    assert!(rest > 8 && highest < 0.5, "{rest} others, {highest}");

    let page = document(&month);
    assert_eq!(page.title, "Budget of 2026-11");
    let text = crate::report::markdown(&page);
    for part in [
        "15.0 of 30 days, 2 runs, 2 films, 3 stage attempts of 12.0 minutes",
        "S3 storage | 3 (0.069 USD) | 3.6",
        "cannot be read: c",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    assert!(text.contains("Lambda calls |") && text.contains("## What no record knows"), "{text}");
}

#[test]
fn a_month_that_runs_into_its_end_is_told_before() {
    let mut recorded = november("2026-11-16T00:00:00Z");
    recorded.usage[0].counts.characters = 480_000;
    let found = findings(&went(&recorded));
    assert!(found.failures.iter().any(|line| line.starts_with("Google speech (960,000 of 1,000,000")), "{found:?}");
    let calm = findings(&went(&november("2026-11-16T00:00:00Z")));
    assert!(calm.failures.is_empty(), "{calm:?}");
}
