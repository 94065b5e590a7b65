//! What competing channels do stands in the plan, and decides which of the titles leads: nothing else.

use proofreel_model::benchmark::{Benchmark, Titles, Traits};
use proofreel_model::kpi::{Directive, OrderKind};
use proofreel_model::outlook::Outlook;
use proofreel_model::qa::{Decision, QaReport};
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_model::text::RichText;
use proofreel_model::topic::TopicCandidates;

use super::{Wanted, demo, read, write};

/// Sixty videos whose best ask so often.
fn rivals(best_ask: f64) -> Outlook {
    let titles = Titles { asks: 0.5, characters: 50.0, ..Titles::default() };
    let benchmark = Benchmark {
        channels: 2,
        videos: 60,
        titles,
        best_titles: Titles { asks: best_ask, ..titles },
        cadence_days: 3.5,
        seconds: 600.0,
        best_seconds: 480.0,
        ..Benchmark::default()
    };
    Outlook { benchmark: Some(benchmark), ..Outlook::default() }
}

#[test]
fn the_plan_says_what_rivals_do_and_the_title_of_their_best_form_leads() {
    let packages = demo();
    let written = |outlook: Outlook, directives: Vec<Directive>| {
        let wanted = Wanted { topic: Some("gold state"), outlook, directives, ..Wanted::default() };
        let artifacts = write(&packages, &wanted).unwrap();
        let report: QaReport = read(&artifacts, StageName::Qa);
        assert_eq!(report.verdict, Decision::Pass, "{:#?}", report.findings);
        let script: Script = read(&artifacts, StageName::Script);
        (read::<TopicCandidates>(&artifacts, StageName::Planner), script)
    };
    let asks = |title: &RichText| Traits::of(&title.text()).asks;
    let (plan, usual) = written(Outlook::default(), Vec::new());
    assert!(plan.benchmark.is_none() && plan.benchmark_says.is_empty());
    let some = usual.titles.iter().filter(|title| asks(title)).count();
    assert!((1..usual.titles.len()).contains(&some), "titles of both kinds: {:?}", usual.titles);

    for (best, leads, says) in [(0.9, true, "leads"), (0.1, false, "comes last")] {
        let (plan, script) = written(rivals(best), Vec::new());
        assert_eq!(plan.benchmark, rivals(best).benchmark);
        let told = plan.benchmark_says.join("\n");
        assert!(told.contains("a video every 3.5 days, 600 s long, the best 480 s"), "{told}");
        assert!(told.contains(&format!("ask, 50 % of all: such a title of ours {says}")), "{told}");
        assert_eq!(asks(&script.titles[0]), leads, "{:?}", script.titles);
        let sorted = |titles: &[RichText]| {
            let mut texts: Vec<String> = titles.iter().map(RichText::text).collect();
            texts.sort();
            texts
        };
        assert_eq!(sorted(&script.titles), sorted(&usual.titles), "the same titles in another order");
        assert_eq!(Script { titles: usual.titles.clone(), ..script }, usual, "and nothing else");
    }
    let (_, alike) = written(rivals(0.6), Vec::new());
    assert_eq!(alike.titles, usual.titles, "a small difference says nothing");

    // What the channel's own figures order comes after it.
    let order = Directive { order: "o".into(), kind: OrderKind::Packaging, nth: 1, reason: "below".into() };
    let (_, under) = written(rivals(0.9), vec![order]);
    let (_, free) = written(rivals(0.9), Vec::new());
    assert_eq!(under.titles[0], free.titles[1]);
}
