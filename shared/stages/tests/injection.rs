//! A language model that obeys every order it finds: more than five thousand pairs of an order and a carrier, and no
//! consequence.
//!
//! The orders are two public sets. Each is put into a text that comes from outside, in every place where such a text can
//! stand, documents of strangers read by the product's own readers among them; the model knows the truth and spoils it as it is told, in turn in every way below. That nothing comes of it says
//! nothing about a model: it is a property of the prompt, the door and the gate.

#![allow(clippy::unwrap_used)] // a test may

#[path = "injection/carriers.rs"]
mod carriers;
#[path = "injection/obedient.rs"]
mod obedient;
#[path = "injection/readers.rs"]
mod readers;
#[path = "outside/support.rs"]
mod support;
#[path = "outside/writers.rs"]
#[allow(dead_code)] // its liar is for another test
mod writers;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use carriers::{Carried, Carrier, IN_A_PAGE, IN_A_PLAN};
use obedient::{Obedient, WAYS};
use proofreel_model::channel::WriterSettings;
use proofreel_model::outlook::Passage;
use proofreel_model::policy::{Policy, ProviderLaw, law};
use proofreel_model::qa::Decision;
use proofreel_model::script::Script;
use proofreel_providers::llm::{Narrator, PageReader, Providers};
use support::{Desk, heard};

/// The orders, by name.
fn orders() -> Vec<(String, String)> {
    let line = |line: &str| {
        let (name, text) = line.split_once('\t').unwrap();
        (name.to_owned(), serde_json::from_str(text).unwrap())
    };
    include_str!("injection/orders.tsv").lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

fn providers(model: &Arc<Obedient>) -> Providers {
    let settings =
        WriterSettings { providers: vec!["ollama".into()], tokens: Some(u64::MAX), ..WriterSettings::default() };
    Providers::new(model.clone(), ProviderLaw::embedded(), &settings, (&"t".into(), None)).unwrap()
}

/// Runs of five words, by which an order would be known again.
fn runs(text: &str) -> impl Iterator<Item = String> {
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    words.windows(5).map(|run| run.join(" ")).collect::<Vec<_>>().into_iter()
}

/// Every text of a script that anybody sees or hears.
fn texts(script: &Script) -> Vec<String> {
    let rich = script.texts().into_iter().map(|(_, text)| text.text());
    rich.chain(script.tags.iter().cloned()).chain([script.disclaimer.clone(), script.ai_disclosure.clone()]).collect()
}

/// The orders with the passages that the product's readers make of documents that hold them: an article's lead, an item of a feed,
/// three pages. Nearly all of them come through, or nothing would be shown.
fn read_by_the_product(orders: &[(String, String)]) -> Vec<(&String, Vec<Passage>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let read: Vec<_> = orders.iter().map(|(_, order)| (order, runtime.block_on(readers::gathered(order)))).collect();
    for (place, least) in [("wikipedia.org", 95), ("feeds.example", 90), ("/text", 90), ("/title", 80)] {
        let shows = |(order, passages): &&(&String, Vec<Passage>)| {
            let first: Option<String> = runs(order).next();
            let of = passages.iter().filter(|passage| passage.url.contains(place));
            let told: HashSet<String> =
                of.flat_map(|one| runs(&format!("{} {}", one.title, one.text)).collect::<Vec<_>>()).collect();
            first.is_none_or(|run| told.contains(&run))
        };
        let came = 100 * read.iter().filter(shows).count() / read.len();
        assert!(came >= least, "{place}: {came} % of the orders came through");
    }
    read
}

#[test]
fn no_order_in_any_text_has_a_consequence_in_a_script() {
    let orders = orders();
    let desk = Desk::of("gold boom");
    let prepared = desk.prepared();
    let (embedded, _) = prepared.write(None, &Policy::embedded());
    let own: HashSet<String> = texts(&embedded).iter().flat_map(|text| runs(text)).collect();
    let marks: HashSet<String> =
        orders.iter().flat_map(|(_, text)| runs(text)).filter(|run| !own.contains(run)).collect();

    // Asked very often for each scene, so that few scripts see all pairs.
    let mut policy = Policy::embedded();
    policy.numbers.writer.tries = 200;
    let model = Arc::new(Obedient::default());
    let put = orders.iter().flat_map(|(_, order)| IN_A_PLAN.iter().map(move |put| (order, Carrier::Put(put))));
    let read = read_by_the_product(&orders);
    let read = read.iter().flat_map(|(order, passages)| {
        let carried = passages.iter().map(move |passage| (*order, Carrier::Read(passage)));
        carried.collect::<Vec<_>>()
    });
    let pairs: Vec<_> = put.chain(read).collect();
    let count = pairs.len();
    assert!(count >= 5_000, "{count} pairs");
    let writer = Carried::new(Narrator::new(providers(&model)).unwrap(), &model, pairs);
    let mut scripts = 0;
    while writer.left() > 0 {
        let before = writer.left();
        let (script, report) = prepared.write(Some(&writer), &policy);
        assert_eq!(report.verdict, Decision::Pass, "{:#?}", report.findings);
        for text in texts(&script) {
            for canary in obedient::CANARIES {
                assert!(!text.to_lowercase().contains(canary), "`{canary}` in {text}");
            }
            let told: Vec<String> = runs(&text).filter(|run| marks.contains(run)).collect();
            assert!(told.is_empty(), "an order is told: {told:?} in {text}");
        }
        scripts += 1;
        assert!(writer.left() < before, "nothing was asked");
    }
    // The instructions, the schema and the address never moved, and nothing was asked but the scenes.
    model.check(count);
    println!("{count} pairs in {scripts} scripts, {} ways to obey", WAYS.len());
    assert!(model.ways_used() == (0..WAYS.len()).collect::<BTreeSet<_>>());
}

#[test]
fn the_same_model_gets_through_when_it_obeys_nobody() {
    let desk = Desk::of("gold boom");
    let model = Arc::new(Obedient::honest());
    let pairs = vec![(&carriers::NOTHING, Carrier::Put(&IN_A_PLAN[0])); 100];
    let writer = Carried::new(Narrator::new(providers(&model)).unwrap(), &model, pairs);
    let (script, report) = desk.write(Some(&writer));
    assert_eq!(report.verdict, Decision::Pass);
    assert!(script.authors.len() >= 2, "{}", script.writer);
    for scene in &script.authors {
        assert_eq!((scene.author.provider.as_str(), scene.author.model.as_str()), ("ollama", "qwen3-obedient"));
        assert_eq!((scene.author.prompt.as_str(), scene.author.prompt_digest.0.len()), ("narrate", 64));
    }
    assert!(script.writer.contains("by narrate 1."), "{}", script.writer);
    assert!(heard(&script).len() > 5);
}

#[test]
fn a_page_gives_nothing_but_its_own_words() {
    let model = Arc::new(Obedient::default());
    let reader = PageReader::new(providers(&model)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut pairs, mut quoted) = (0, 0);
    let (least, most) = law().episode.quote_words;
    for (_, order) in &orders() {
        for carrier in &IN_A_PAGE {
            let Some((subject, title, page)) = carrier(order) else { continue };
            model.next(order, &[]);
            let quotes = match runtime.block_on(reader.read(&subject, &title, &page)) {
                Ok((quotes, author)) => {
                    assert_eq!(author.prompt, "read-page");
                    quotes
                }
                Err(_) => Vec::new(),
            };
            for quote in quotes {
                assert_eq!(page[quote.place.clone()], quote.text);
                assert!((least..=most).contains(&quote.text.split_whitespace().count()), "{}", quote.text);
                assert!(
                    !quote.text.contains([
                        '<', '>', '[', ']', '{', '`', '|', '\\', '_', '*', '#', '@', '\u{200b}', '\u{202e}'
                    ])
                );
                assert!(
                    !quote.text.contains("://") && !obedient::CANARIES.iter().any(|canary| quote.text.contains(canary))
                );
                quoted += 1;
            }
            pairs += 1;
        }
    }
    model.check(pairs);
    assert!(pairs >= 1_700 && quoted > 0, "{pairs} pairs, {quoted} quotations");
    println!("{pairs} pairs, {quoted} quotations, all of them words of the page");
}
