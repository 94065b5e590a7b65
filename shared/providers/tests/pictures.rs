//! Stock pictures from servers that follow their published contracts, and then misbehave.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on may stop

mod support;

use std::io::Cursor;
use std::sync::Arc;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use proofreel_model::channel::{ChannelProfile, parse};
use proofreel_model::digest::Digest;
use proofreel_model::policy::ProviderLaw;
use proofreel_providers::pictures::{Taken, gather, probe};
use serde_json::{Value, json as value};
use support::{Reply, Scripted, Trouble, desk, json, param, troubles};
use url::Url;

/// A landscape of our own.
fn landscape(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([(x / 8) as u8, (y / 4) as u8, 120]));
    let mut bytes = Vec::new();
    DynamicImage::ImageRgb8(picture).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg).unwrap();
    bytes
}

fn jpeg(width: u32, height: u32) -> Reply {
    (200, "image/jpeg", landscape(width, height))
}

/// Works as Openverse lists them, the first of them good but for what a test changes.
fn openverse(url: &Url, works: &[Value]) -> Option<Reply> {
    if url.host_str() != Some("api.openverse.org") {
        return None;
    }
    match url.path() {
        "/v1/images/" => {
            assert_eq!(param(url, "license").as_deref(), Some("cc0,pdm,by"), "no NC, no ND, no SA is even looked for");
            assert_eq!(
                (param(url, "mature").as_deref(), param(url, "page_size").as_deref()),
                (Some("false"), Some("20"))
            );
            Some(json(value!({"result_count": works.len(), "page_count": 1, "page": 1, "results": works})))
        }
        path if path.ends_with("/thumb/") => Some(jpeg(1600, 900)),
        _ => None,
    }
}

fn work(n: u32) -> Value {
    value!({
        "id": format!("36537842-b067-4ca0-ad67-e00ff2e06b{n:02}"), "title": "Bars of gold", "creator": "Jane Doe",
        "creator_url": "https://example.org/jane", "foreign_landing_url": format!("https://example.org/photos/{n}"),
        "url": "https://live.example.org/photo.jpg", "license": "by", "license_version": "4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/", "provider": "example", "source": "example",
        "category": "photograph", "mature": false, "width": 4000, "height": 2250, "tags": [{"name": "bullion"}]
    })
}

fn with(mut work: Value, member: &str, other: Value) -> Value {
    work[member] = other;
    work
}

fn channel(providers: &str, more: &str) -> ChannelProfile {
    let text = format!(
        "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"Anyone.\"\ninterests = [\"gold\"]\nsources = [\"data\"]\n\
         [pictures]\nproviders = [{providers}]\nsubjects = {{ gold = \"gold bars\" }}\n{more}"
    );
    parse("demo.toml", &text).unwrap()
}

async fn asked(outside: &Arc<Scripted>, channel: &ChannelProfile) -> (Vec<Taken>, String) {
    let (taken, missing) = gather(&desk(Arc::clone(outside), true), ProviderLaw::embedded(), channel).await;
    (taken, missing.join("\n"))
}

#[tokio::test]
async fn a_picture_is_taken_with_its_row_of_the_ledger() {
    let outside = Scripted::new(|url| openverse(url, &[work(1)]), Trouble::None);
    let (taken, missing) = asked(&outside, &channel("\"openverse\"", "")).await;
    assert_eq!((taken.len(), missing.as_str()), (1, ""));
    let row = &taken[0].row;
    assert_eq!((row.subject.as_str(), row.author.as_str(), row.licence.as_str()), ("gold", "Jane Doe", "CC-BY-4.0"));
    assert_eq!((row.page.as_str(), row.width, row.height), ("https://example.org/photos/1", 1600, 900));
    assert_eq!(row.original, Digest::of(&landscape(1600, 900)));
    assert_eq!(row.blob.digest, Digest::of(&taken[0].png));
    assert_eq!((row.fault(), row.retrieved.to_string().as_str()), (None, "2026-11-28"));
    // No host of a stranger was asked.
    assert!(outside.asked.lock().unwrap().iter().all(|url| url.starts_with("https://api.openverse.org/v1/images/")));
}

#[tokio::test]
async fn a_channel_that_names_nothing_asks_nobody() {
    let outside = Scripted::new(|_| None, Trouble::None);
    let text = "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"Anyone.\"\nsources = [\"data\"]\n";
    assert_eq!(asked(&outside, &parse("demo.toml", text).unwrap()).await, (Vec::new(), String::new()));
    assert!(outside.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_work_that_may_not_be_used_is_passed_over() {
    let unfit = [
        with(work(2), "license_url", Value::Null),
        with(work(3), "license_url", value!("https://creativecommons.org/licenses/by-nc/4.0/")),
        // Name and address disagree.
        with(work(4), "license", value!("by-nd")),
        with(work(5), "license", value!("cc0")),
        with(work(6), "license_url", value!("https://creativecommons.org/licenses/by/9.0/")),
        with(work(7), "creator", Value::Null),
        with(work(8), "creator", value!("Agency 24")),
        with(work(9), "title", value!("Gold at $5,000")),
        with(work(10), "title", value!("bars\u{202e}dlog")),
        with(work(11), "title", value!("<script>alert(1)</script>")),
        with(work(12), "tags", value!([{"name": "Woman"}])),
        with(work(13), "mature", value!(true)),
        with(work(14), "foreign_landing_url", value!("javascript:alert(1)")),
        with(work(15), "id", value!("../../admin")),
        with(work(16), "id", value!(null)),
        value!("no object"),
    ];
    for one in &unfit {
        let only = one.clone();
        let outside = Scripted::new(move |url| openverse(url, std::slice::from_ref(&only)), Trouble::None);
        let (taken, missing) = asked(&outside, &channel("\"openverse\"", "")).await;
        assert!(taken.is_empty() && missing.contains("no picture for gold"), "{one}: {missing}");
        assert_eq!(outside.asked.lock().unwrap().len(), 1, "nothing is fetched for {one}");
    }
    let all: Vec<Value> = unfit.into_iter().chain([work(17)]).collect();
    let outside = Scripted::new(move |url| openverse(url, &all), Trouble::None);
    let (taken, _) = asked(&outside, &channel("\"openverse\"", "")).await;
    assert_eq!(taken[0].row.page, "https://example.org/photos/17", "the first that may be used");
}

#[tokio::test]
async fn an_answer_that_is_none_gives_no_picture_and_breaks_nothing() {
    let mut all = troubles();
    all.extend([Trouble::Renamed("results\""), Trouble::Renamed("license_url\"")]);
    for trouble in all {
        let outside = Scripted::new(|url| openverse(url, &[work(1)]), trouble.clone());
        let (taken, missing) = asked(&outside, &channel("\"openverse\"", "")).await;
        assert!(taken.is_empty() && missing.starts_with("no picture for gold: "), "{trouble:?}: {missing}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_picture_within_the_limits_is_passed_over_three_times_at_most() {
    let bomb = {
        let mut bytes = Vec::new();
        DynamicImage::ImageRgb8(RgbImage::new(8, 8)).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bytes
    };
    let whole = landscape(1600, 900);
    for (file, why) in [
        (b"<!DOCTYPE html><title>Sign in</title>".to_vec(), "neither JPEG nor PNG"),
        (whole[..whole.len() / 3].to_vec(), "unpacked"),
        (bomb, "unpacked"),
        (landscape(400, 300), "too small"),
    ] {
        let sent = file.clone();
        let works: Vec<Value> = (1..=9).map(work).collect();
        let server = move |url: &Url| {
            openverse(url, &works)
                .map(|reply| if reply.1 == "image/jpeg" { (200, "image/jpeg", sent.clone()) } else { reply })
        };
        let outside = Scripted::new(server, Trouble::None);
        let (taken, missing) = asked(&outside, &channel("\"openverse\"", "")).await;
        assert!(taken.is_empty() && missing.contains(why), "{why}: {missing}");
        assert_eq!(outside.asked.lock().unwrap().len(), 4, "a search and three files: {why}");
    }
}

/// Wikimedia Commons, `generator=search` with `imageinfo`.
fn commons(url: &Url, licence: (&str, &str), file: &str) -> Option<Reply> {
    match url.host_str()? {
        "commons.wikimedia.org" => {
            assert_eq!(param(url, "gsrsearch").as_deref(), Some("gold bars filetype:bitmap"));
            let field = |text: &str| value!({"value": text, "source": "commons-desc-page"});
            let page = |index: u32, name: &str, artist: &str| {
                value!({"pageid": 100 - index, "ns": 6, "title": format!("File:{name}.jpg"), "index": index, "imageinfo": [{
                    "size": 999, "width": 4000, "height": 2250, "mime": "image/jpeg", "thumburl": file, "thumbwidth": 1920,
                    "url": file, "descriptionurl": format!("https://commons.wikimedia.org/wiki/File:{name}.jpg"),
                    "extmetadata": {"Artist": field(artist), "License": field(licence.0), "LicenseUrl": field(licence.1),
                        "ObjectName": field(name), "Categories": field("Gold bars|Bullion"), "Restrictions": field("")}}]})
            };
            let pages = [
                page(2, "Second", "Someone"),
                page(1, "First", "<a href=\"//x.example\" title=\"y\">Jane <b>Doe</b></a>"),
            ];
            Some(json(value!({"batchcomplete": true, "query": {"pages": pages}})))
        }
        "upload.wikimedia.org" => Some(jpeg(1920, 1080)),
        other => panic!("{other} was asked"),
    }
}

#[tokio::test]
async fn commons_are_read_by_rank_and_only_with_a_licence_that_its_page_states() {
    const FILE: &str = "https://upload.wikimedia.org/wikipedia/commons/thumb/a/ab/First.jpg/1920px-First.jpg";
    let ask = async |licence: (&'static str, &'static str), file: &'static str| {
        let outside = Scripted::new(move |url| commons(url, licence, file), Trouble::None);
        asked(&outside, &channel("\"commons\"", "")).await
    };
    let by = "https://creativecommons.org/licenses/by/4.0";
    let (taken, missing) = ask(("cc-by-4.0", by), FILE).await;
    let row = &taken.first().expect(&missing).row;
    assert_eq!((row.title.as_str(), row.author.as_str(), row.licence.as_str()), ("First", "Jane Doe", "CC-BY-4.0"));
    for licence in [
        ("cc-by-sa-4.0", "https://creativecommons.org/licenses/by-sa/4.0"),
        ("cc-by-sa-4.0", by),
        ("pd", ""),
        ("", by),
        ("gfdl", "https://www.gnu.org/copyleft/fdl.html"),
    ] {
        assert!(ask(licence, FILE).await.0.is_empty(), "{licence:?}");
    }
    for file in [
        "https://upload.wikimedia.org.evil.example/a.jpg",
        "http://upload.wikimedia.org/a.jpg",
        "file:///etc/passwd",
        "https://169.254.169.254/a.jpg",
    ] {
        let (taken, missing) = ask(("cc-by-4.0", by), file).await;
        assert!(taken.is_empty() && missing.contains("no host of commons"), "{file}: {missing}");
    }
}

/// Pexels and Pixabay, as their documentation shows an answer.
fn stock(url: &Url) -> Option<Reply> {
    match url.host_str()? {
        "api.pexels.com" if url.path() == "/v1/search" => {
            Some(json(value!({"page": 1, "per_page": 20, "total_results": 2, "photos": [
            {"id": 1, "width": 4000, "height": 2500, "url": "https://www.pexels.com/photo/a-1/", "photographer": "Joe Roe",
             "alt": "Smiling man with gold bars", "src": {"large2x": "https://images.pexels.com/photos/1/a.jpeg"}},
            {"id": 2, "width": 4000, "height": 2500, "url": "https://www.pexels.com/photo/b-2/", "photographer": "Ann Poe",
             "alt": "Gold bars on a table", "src": {"large2x": "https://images.pexels.com/photos/2/b.jpeg?auto=compress&w=940&dpr=2"}}]})))
        }
        "images.pexels.com" if url.path() == "/photos/2/b.jpeg" => Some(jpeg(1880, 1175)),
        "pixabay.com" if url.path() == "/api/" => {
            assert_eq!(
                (param(url, "safesearch").as_deref(), param(url, "image_type").as_deref()),
                (Some("true"), Some("photo"))
            );
            Some(json(
                value!({"total": 1, "totalHits": 1, "hits": [{"id": 195_893, "pageURL": "https://pixabay.com/photos/gold-195893/",
                "type": "photo", "tags": "gold, bars", "user": "Ray", "largeImageURL": "https://pixabay.com/get/ed6a_1280.jpg"}]}),
            ))
        }
        "pixabay.com" => Some(jpeg(1280, 720)),
        other => panic!("{other} was asked"),
    }
}

#[tokio::test]
async fn pexels_and_pixabay_come_under_their_own_licences_and_in_the_channels_order() {
    let outside = Scripted::new(stock, Trouble::None);
    let (taken, missing) = asked(&outside, &channel("\"pexels\", \"pixabay\"", "")).await;
    let row = &taken.first().expect(&missing).row;
    assert_eq!(
        (row.provider.as_str(), row.author.as_str(), row.licence.as_str()),
        ("pexels", "Ann Poe", "Pexels"),
        "nobody in it"
    );
    assert_eq!(row.credit(), "Picture: Ann Poe, Pexels licence, via Pexels");
    let (taken, _) = asked(&outside, &channel("\"pixabay\", \"pexels\"", "")).await;
    assert_eq!((taken[0].row.licence.as_str(), taken[0].row.title.as_str()), ("Pixabay", ""));
    // A licence that the channel does not take is not looked for.
    let before = outside.asked.lock().unwrap().len();
    let (taken, _) = asked(&outside, &channel("\"pexels\", \"pixabay\"", "licences = [\"CC0-1.0\"]\n")).await;
    assert!(taken.is_empty() && outside.asked.lock().unwrap().len() == before);
}

#[tokio::test]
async fn every_provider_can_be_tried() {
    let outside = Scripted::new(
        |url| match url.host_str()? {
            "api.openverse.org" => openverse(url, &[work(1)]),
            "commons.wikimedia.org" => Some(json(value!({"batchcomplete": true}))),
            _ => stock(url),
        },
        Trouble::None,
    );
    let seen = probe(&desk(outside, true), ProviderLaw::embedded()).await;
    let told: Vec<(&str, String)> = seen.into_iter().map(|(name, outcome)| (name, outcome.unwrap())).collect();
    let expected = [("openverse", 1), ("commons", 0), ("pexels", 2), ("pixabay", 1)];
    assert_eq!(told, expected.map(|(name, count)| (name, format!("{count} pictures of gold bars"))));
}
