//! Every connector against a server that follows its contract, and then misbehaves: a whole series or an error, never a part.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on may stop

mod support;

use proofreel_evidence::{Library, PackageBytes};
use proofreel_model::digest::Digest;
use proofreel_ports::{DataSource, SourceError, SourcePackage};
use proofreel_providers::source::{PROVIDERS, Statement, connector};
use support::contracts::{CASES, Case};
use support::{Scripted, Trouble, desk, json, param, troubles};

fn source(case: &Case, trouble: Trouble, keys: bool) -> Box<dyn DataSource> {
    let outside = Scripted::new(case.server, trouble);
    connector(case.provider, &desk(outside, keys), &Statement::default()).unwrap()
}

async fn fetched(case: &Case, trouble: Trouble) -> Result<SourcePackage, SourceError> {
    source(case, trouble, true).fetch(case.id).await
}

fn table(package: &SourcePackage) -> String {
    let (_, bytes) = package.files.iter().find(|(path, _)| path.contains(".csv")).unwrap();
    String::from_utf8(bytes.clone()).unwrap()
}

fn loaded(package: &SourcePackage) -> Library {
    let bytes = PackageBytes { name: package.name.clone(), digest: Digest::of(b"x"), files: package.files.clone() };
    Library::load(&[bytes]).expect("evidence takes the package")
}

#[test]
fn every_provider_has_its_contract_here() {
    let tested: Vec<&str> = CASES.iter().map(|case| case.provider).collect();
    for info in PROVIDERS {
        assert!(tested.contains(&info.name), "{} has no contract test", info.name);
    }
}

#[tokio::test]
async fn a_series_becomes_a_package_that_evidence_loads() {
    for case in CASES {
        let package = fetched(case, Trouble::None).await.unwrap_or_else(|error| panic!("{}: {error}", case.provider));
        assert_eq!((package.observations, package.holes), (case.observations, case.holes), "{}", case.provider);
        assert!(table(&package).starts_with(case.head), "{}: {}", case.provider, table(&package));
        let library = loaded(&package);
        let dataset = &library.datasets()[0];
        let series = dataset.series.first().unwrap_or_else(|| panic!("{}: {:?}", case.provider, dataset.left_out));
        let unit = format!("{:?}", series.info.unit.kind);
        assert!(unit.starts_with(case.unit), "{}: {unit}", case.provider);
        assert!(!dataset.publishers.is_empty() && dataset.licence != "not stated", "{}", case.provider);
        // The same answers give the same bytes, whenever they came.
        let again = fetched(case, Trouble::None).await.unwrap();
        assert_eq!(again.files, package.files, "{}", case.provider);
    }
}

#[tokio::test]
async fn a_server_that_misbehaves_gives_nothing() {
    for case in CASES {
        for trouble in troubles() {
            let outcome = fetched(case, trouble.clone()).await;
            let error = outcome.err().unwrap_or_else(|| panic!("{} took {trouble:?}", case.provider)).to_string();
            assert!(!error.contains("canary"), "{} tells its key under {trouble:?}: {error}", case.provider);
        }
    }
}

#[tokio::test]
async fn a_drifted_schema_is_an_error_and_says_what_is_missing() {
    for case in CASES {
        for needed in case.needed {
            let outcome = fetched(case, Trouble::Renamed(needed)).await;
            let error = outcome.err().unwrap_or_else(|| panic!("{} needs no {needed}", case.provider)).to_string();
            let word = needed.trim_matches(['"', ',']);
            let named = error.contains(word) || matches!(word, "path" | "id" | "geo" | "time" | "USD" | "Code");
            assert!(named, "{}, {needed}: {error}", case.provider);
        }
    }
}

#[tokio::test]
async fn a_missing_key_says_where_to_get_one() {
    for case in CASES {
        let info = PROVIDERS.iter().find(|info| info.name == case.provider).unwrap();
        let outcome = source(case, Trouble::None, false).fetch(case.id).await;
        match info.secret.filter(|need| need.required) {
            Some(need) => {
                let error = outcome.expect_err(case.provider).to_string();
                assert!(error.contains(need.url) && error.contains(need.secret), "{error}");
            }
            None => assert!(outcome.is_ok(), "{}: {}", case.provider, outcome.unwrap_err()),
        }
    }
}

/// Keys go where the contract says, and nowhere else.
#[tokio::test]
async fn keys_stay_in_their_parameter() {
    for case in CASES {
        let outside = Scripted::new(case.server, Trouble::None);
        let source = connector(case.provider, &desk(outside.clone(), true), &Statement::default()).unwrap();
        let package = source.fetch(case.id).await.unwrap();
        assert!(
            package.files.values().all(|bytes| !String::from_utf8_lossy(bytes).contains("canary")),
            "{}",
            case.provider
        );
        let keyed = outside.asked.lock().unwrap().iter().filter(|url| url.contains("canary")).count();
        assert_eq!(keyed > 0, source.info().secret.is_some(), "{}", case.provider);
    }
}

/// A series cut in its pages, each in its provider's own way.
#[tokio::test]
async fn a_cut_pagination_is_an_error() {
    let cut = |provider: &'static str, page: &'static str, from: usize, empty: fn(&mut serde_json::Value)| {
        let case = CASES.iter().find(|case| case.provider == provider).unwrap();
        let server = case.server;
        let outside = Scripted::new(
            move |url| {
                let (status, kind, body) = server(url)?;
                let number: usize = param(url, page).and_then(|text| text.parse().ok()).unwrap_or(0);
                if number < from || !kind.contains("json") {
                    return Some((status, kind, body));
                }
                let mut value: serde_json::Value = serde_json::from_slice(&body).unwrap();
                empty(&mut value);
                Some(json(value))
            },
            Trouble::None,
        );
        (connector(provider, &desk(outside, true), &Statement::default()).unwrap(), case.id)
    };
    let ways = [
        cut("fred", "offset", 10, |body| body["observations"] = serde_json::json!([])),
        cut("world-bank", "page", 2, |body| drop(body[1].as_array_mut().unwrap().pop())),
        cut("treasury", "page[number]", 2, |body| drop(body["data"].as_array_mut().unwrap().pop())),
        cut("eia", "offset", 20, |body| body["response"]["data"] = serde_json::json!([])),
        cut("eurostat", "no such", 0, |body| body["value"] = serde_json::json!([1.0, 2.0])),
    ];
    for (source, id) in ways {
        let error = source.fetch(id).await.expect_err(source.info().name);
        assert!(matches!(error, SourceError::CutShort { .. }), "{}: {error}", source.info().name);
    }
    // A page that comes twice is no second page.
    let (source, id) = cut("fred", "offset", 10, |body| {
        for row in body["observations"].as_array_mut().unwrap() {
            row["date"] = "2024-01-01".into();
        }
    });
    assert!(source.fetch(id).await.unwrap_err().to_string().contains("twice"));
}

/// Complaints that come with status 200.
#[tokio::test]
async fn complaints_with_a_good_status_are_heard() {
    let said = |provider: &'static str, body: serde_json::Value| {
        let outside = Scripted::new(move |_| Some(json(body.clone())), Trouble::None);
        let case = CASES.iter().find(|case| case.provider == provider).unwrap();
        (connector(provider, &desk(outside, true), &Statement::default()).unwrap(), case.id)
    };
    let bad_key = "The key:canary-bls_api_key provided by the User is invalid.";
    for (provider, body, wanted) in [
        (
            "bls",
            serde_json::json!({"status": "REQUEST_NOT_PROCESSED", "message": [bad_key], "Results": {}}),
            "registrationEngine",
        ),
        (
            "bls",
            serde_json::json!({"status": "REQUEST_NOT_PROCESSED", "message": ["daily threshold reached"], "Results": {}}),
            "threshold",
        ),
        (
            "bea",
            serde_json::json!({"BEAAPI": {"Results": {"Error": {"APIErrorCode": "1", "APIErrorDescription": "Invalid Request - Invalid API UserId."}}}}),
            "bea_api_key",
        ),
        (
            "world-bank",
            serde_json::json!([{"message": [{"id": "120", "key": "Invalid value", "value": "not valid"}]}]),
            "no series",
        ),
        (
            "eurostat",
            serde_json::json!({"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE. Your request will be treated asynchronously."}}),
            "ASYNCHRONOUS",
        ),
        (
            "eia",
            serde_json::json!({"error": {"code": "API_KEY_INVALID", "message": "An invalid api_key was supplied."}}),
            "eia_api_key",
        ),
    ] {
        let (source, id) = said(provider, body);
        let error = source.fetch(id).await.expect_err(provider).to_string();
        assert!(error.contains(wanted) && !error.contains("canary"), "{provider}: {error}");
    }
}

#[tokio::test]
async fn what_a_provider_publishes_about_a_series_is_kept() {
    let case = CASES.iter().find(|case| case.provider == "fred").unwrap();
    let package = fetched(case, Trouble::None).await.unwrap();
    let json: serde_json::Value = serde_json::from_slice(&package.files["datapackage.json"]).unwrap();
    assert_eq!(json["proofreel"]["vintage"], "2026-11-06 07:46:03-06");
    assert_eq!(json["proofreel"]["next_release"], "2026-12-04");
    assert_eq!(json["licenses"][0]["name"], "Public Domain");
    assert_eq!(json["resources"][0]["schema"]["fields"][1]["proofreel"]["adjustment"], "adjusted");
    let card = source(case, Trouble::None, true).describe("UNRATE").await.unwrap();
    assert_eq!((card.licence.as_str(), card.next_release.as_deref()), ("Public Domain", Some("2026-12-04")));
    assert_eq!(source(case, Trouble::None, true).search("unemployment", 5).await.unwrap()[0].id, "UNRATE");
}

/// BEA's calendar is a file of its own: what it says is kept, and what it does not say fails nothing.
#[tokio::test]
async fn a_calendar_beside_the_interface_is_kept_and_fails_nothing() {
    let case = CASES.iter().find(|case| case.provider == "bea").unwrap();
    let said = |package: &SourcePackage| -> serde_json::Value {
        serde_json::from_slice::<serde_json::Value>(&package.files["datapackage.json"]).unwrap()["proofreel"].clone()
    };
    let package = fetched(case, Trouble::None).await.unwrap();
    let told = said(&package);
    assert_eq!(told["release"], "Gross Domestic Product");
    assert_eq!(told["next_release"], "2026-12-22");
    assert_eq!(told["vintage"], "2026-11-26");
    let card = source(case, Trouble::None, true).describe(case.id).await.unwrap();
    assert_eq!(card.next_release.as_deref(), Some("2026-12-22"));
    for calendar in [
        None,
        Some(json(
            serde_json::json!({"Gross Domestic Product": {"release_dates": ["2026-11-28T13:30:00+00:00", "soon", 7]}}),
        )),
        Some(json(serde_json::json!({"Gross Domestic Product": "next year"}))),
        Some((200, "text/html", b"<html>Access denied</html>".to_vec())),
    ] {
        let server = case.server;
        let outside = Scripted::new(
            move |url| if url.path().contains("release_dates") { calendar.clone() } else { server(url) },
            Trouble::None,
        );
        let source = connector("bea", &desk(outside.clone(), true), &Statement::default()).unwrap();
        let package = source.fetch(case.id).await.unwrap();
        assert_eq!((package.observations, said(&package).get("next_release")), (case.observations, None));
        let asked = outside.asked.lock().unwrap();
        assert!(
            asked.iter().any(|url| url.contains("release_dates") && !url.contains("canary")),
            "no key goes to the file"
        );
    }
}

#[tokio::test]
async fn charts_are_found_by_words_and_told_apart() {
    let case = CASES.iter().find(|case| case.provider == "owid").unwrap();
    let found = source(case, Trouble::None, true).search("life expectancy", 5).await.unwrap();
    let told: Vec<(&str, &str)> = found.iter().map(|entry| (entry.id.as_str(), entry.title.as_str())).collect();
    assert_eq!(
        told,
        [
            ("life-expectancy-hmd-unwpp", "Life expectancy (HMD, UN WPP)"),
            ("life-expectancy", "Life expectancy at birth")
        ]
    );
    assert_eq!(found[0].updated, "2025-10-22");
    for trouble in troubles() {
        assert!(source(case, trouble, true).search("life", 5).await.is_err());
    }
    assert!(
        source(case, Trouble::Renamed("\"results\""), true)
            .search("life", 5)
            .await
            .unwrap_err()
            .to_string()
            .contains("results")
    );
}

#[tokio::test]
async fn ids_that_could_leave_their_place_never_reach_the_network() {
    for case in CASES {
        for id in [
            "",
            "../../etc/passwd",
            "a b",
            "x?api_key=1#y",
            "UNRATE&x=1",
            "file:///etc/passwd",
            "http://u:p@example.org/a.csv",
        ] {
            let outside = Scripted::new(case.server, Trouble::None);
            let source = connector(case.provider, &desk(outside.clone(), true), &Statement::default()).unwrap();
            assert!(source.fetch(id).await.is_err(), "{} took {id:?}", case.provider);
            assert!(outside.asked.lock().unwrap().is_empty(), "{} asked for {id:?}", case.provider);
        }
    }
}

/// A package by its address cannot make us fetch from elsewhere.
#[tokio::test]
async fn a_package_that_points_elsewhere_is_refused() {
    for path in ["http://169.254.169.254/a.csv", "//other.example/a.csv", "../../secret.csv", "/etc/a.csv", "a\\b.csv"]
    {
        let body = serde_json::json!({"name": "x", "resources": [{"name": "r", "path": path}]});
        let outside = Scripted::new(move |_| Some(json(body.clone())), Trouble::None);
        let source = connector("url", &desk(outside.clone(), true), &Statement::default()).unwrap();
        let error = source.fetch("https://data.example.org/x/datapackage.json").await.unwrap_err().to_string();
        assert!(error.contains("leads out"), "{path}: {error}");
        assert_eq!(outside.asked.lock().unwrap().len(), 1, "{path}");
    }
}

/// A lone table is what the operator says it is.
#[tokio::test]
async fn a_lone_table_takes_the_operators_words() {
    let rows = (1..=12).map(|month| format!("2024-{month:02},{}\n", 70 + month)).collect::<Vec<_>>().concat();
    let outside = Scripted::new(move |_| Some(support::csv(format!("month,price\n{rows}"))), Trouble::None);
    let statement = Statement {
        title: "Oil price".into(),
        publisher: "Energy Information Administration".into(),
        licence: "CC0-1.0".into(),
        unit: "US dollars per barrel".into(),
    };
    let source = connector("url", &desk(outside, true), &statement).unwrap();
    let package = source.fetch("https://data.example.org/oil.csv").await.unwrap();
    let library = loaded(&package);
    let dataset = &library.datasets()[0];
    assert_eq!(
        (dataset.licence.as_str(), dataset.publishers[0].title.as_str()),
        ("CC0-1.0", "Energy Information Administration")
    );
    assert!(format!("{:?}", dataset.series[0].info.unit).contains("barrel"));
}
