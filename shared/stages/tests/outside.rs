//! An outside writer: true words get through the door, and no lie of any kind does.

#![allow(clippy::unwrap_used)] // a test may

#[path = "outside/lies.rs"]
mod lies;
#[path = "outside/support.rs"]
mod support;
#[path = "outside/writers.rs"]
mod writers;

use async_trait::async_trait;
use lies::LIES;
use proofreel_model::policy::Policy;
use proofreel_model::qa::Decision;
use proofreel_model::scenes::Scenes;
use proofreel_model::stage::StageName;
use proofreel_model::text::{Cite, Part, Style};
use proofreel_model::visual::Visual;
use proofreel_ports::{ScenePlan, Writer, WriterError, Written, WrittenSentence};
use support::{Desk, heard};
use writers::{Liar, Truthful};

const TOPICS: [&str; 3] = ["gold boom", "treasury state", "gold long"];

#[test]
fn true_words_get_through_in_free_wording() {
    let (mut taken, mut scenes, mut own_words) = (0, 0, 0);
    for topic in TOPICS {
        let writer = Truthful::new();
        let (script, report) = Desk::of(topic).write(Some(&writer));
        assert_eq!(report.verdict, Decision::Pass, "{:#?}", report.findings);
        let outside: Vec<_> =
            script.scenes.iter().flat_map(|scene| &scene.narration).filter(|said| said.plan == "outside").collect();
        let written = |cite: &Option<Cite>| matches!(cite, Some(Cite::Fact { style: Style::Written, .. }));
        own_words += outside.iter().flat_map(|said| &said.text.0).filter(|span| written(&span.cite)).count();
        taken += outside.len();
        scenes += script.writer.matches("s0").count();
        assert!(script.writer.contains("by truthful 1.0"), "{}: {:#?}", script.writer, writer.log.lock().unwrap());
        for said in outside {
            println!("{}", said.text);
        }
        println!("{} {:#?}", script.writer, writer.log.lock().unwrap());
    }
    assert!(taken >= 20 && scenes >= 8 && own_words >= 10, "{taken} sentences, {scenes} scenes, {own_words} words");
}

#[test]
fn no_lie_of_any_kind_gets_a_sentence_through() {
    let mut told = 0;
    let mut through = Vec::new();
    for (name, lie) in LIES {
        let mut of_kind = 0;
        for topic in TOPICS {
            if of_kind >= 20 {
                break;
            }
            let liar = Liar::new(*lie);
            let (script, report) = Desk::of(topic).write(Some(&liar));
            assert_eq!(report.verdict, Decision::Pass, "{name}: {:#?}", report.findings);
            let heard = heard(&script);
            let lies = liar.told.into_inner().unwrap();
            of_kind += lies.len();
            through.extend(lies.into_iter().filter(|lie| heard.contains(lie)).map(|lie| format!("{name}: {lie}")));
        }
        assert!(of_kind > 0, "{name} was never told");
        told += of_kind;
    }
    assert!(through.is_empty(), "{} of {told} lies went through:\n{}", through.len(), through.join("\n"));
    println!("{told} lies of {} kinds", LIES.len());
}

#[test]
fn an_old_number_is_not_called_todays() {
    let lie: writers::Lie = |said, _| {
        said.text = format!("Today, {}", said.text.replacen(|c: char| c.is_uppercase(), "as of ", 0));
        said.text = said.text.replace("Today, For ", "Today, for ").replace("Today, By ", "Today, by ");
        said.text = said.text.replace("Today, Put ", "Today, put ").replace("Today, At ", "Today, at ");
        Some(())
    };
    let liar = Liar::new(lie);
    let desk = Desk { as_of: jiff::civil::date(2028, 11, 22), ..Desk::of("gold boom") };
    let (script, _) = desk.write(Some(&liar));
    let lies = liar.told.into_inner().unwrap();
    assert!(!lies.is_empty());
    let heard = heard(&script);
    assert!(lies.iter().all(|lie| !heard.contains(lie)), "{lies:#?}");
}

/// A writer that is broken in one way.
struct Broken(&'static str);

#[async_trait]
impl Writer for Broken {
    fn name(&self) -> String {
        if self.0 == "name" { panic!("no name") } else { self.0.to_owned() }
    }

    async fn write(&self, plan: &ScenePlan) -> Result<Written, WriterError> {
        match self.0 {
            "panic" => panic!("boom"),
            "late" => Err(WriterError::Late { seconds: 1 }),
            "error" => Err(WriterError::Failed { why: "\u{1b}[31mout of tokens\n<b>".into() }),
            "nothing" => Ok(Written::default()),
            "flood" => {
                let said = WrittenSentence { text: "It rose.".into(), facts: Vec::new() };
                Ok(vec![said; 10_000].into())
            }
            _ => Truthful::new().write(plan).await,
        }
    }
}

#[test]
fn a_broken_writer_leaves_the_embedded_words() {
    let (embedded, _) = Desk::of("gold boom").write(None);
    for how in ["panic", "late", "error", "nothing", "flood"] {
        let (script, report) = Desk::of("gold boom").write(Some(&Broken(how)));
        assert_eq!(report.verdict, Decision::Pass, "{how}");
        assert_eq!(script, embedded, "{how}");
    }
    let (script, report) = Desk::of("gold boom").write(Some(&Broken("name")));
    assert_eq!(report.verdict, Decision::Pass);
    assert!(script.writer.ends_with("by an outside writer"), "{}", script.writer);
}

/// Tells one thing of a scene, the first that it has words for.
struct Terse;

#[async_trait]
impl Writer for Terse {
    fn name(&self) -> String {
        "terse".into()
    }

    async fn write(&self, plan: &ScenePlan) -> Result<Written, WriterError> {
        let mut written = Truthful::new().write(plan).await?;
        written.sentences.truncate(1);
        Ok(written)
    }
}

#[test]
fn the_number_of_a_card_is_said_whoever_writes() {
    let (mut cards, mut taken) = (0, 0);
    for topic in TOPICS {
        let desk = Desk::of(topic);
        let prepared = desk.prepared();
        for writer in [&Truthful::new() as &dyn Writer, &Terse] {
            let (script, report) = prepared.write(Some(writer), &Policy::embedded());
            assert_eq!(report.verdict, Decision::Pass, "{topic}: {:#?}", report.findings);
            let done = &prepared.done[StageName::SceneBuilder.artifact()];
            let scenes: Scenes = serde_json::from_value(done.clone()).unwrap();
            for (scene, words) in scenes.scenes.iter().zip(&script.scenes) {
                let Visual::BigNumber { fact, .. } = &scene.visual else { continue };
                let mut spans = words.narration.iter().flat_map(|sentence| &sentence.text.0);
                let says =
                    |cite: &Cite| matches!(cite, Cite::Fact { fact: told, part: Part::Value, .. } if told == fact);
                assert!(spans.any(|span| span.cite.as_ref().is_some_and(says)), "{topic} {}", scene.scene_id);
                cards += 1;
                taken += usize::from(words.narration.iter().any(|said| said.plan == "outside"));
            }
        }
    }
    assert!(cards >= 4 && taken >= 1, "{cards} cards, {taken} of them in an outside writer's words");
}

#[test]
fn a_scene_that_the_gate_sent_back_is_not_given_out_again() {
    let (first, _) = Desk::of("gold boom").write(Some(&Truthful::new()));
    let scene = first.scenes.iter().find(|scene| scene.narration.iter().any(|said| said.plan == "outside")).unwrap();
    let id = scene.scene_id.to_string();
    let reasons = vec![format!("script {id} narration 1 (plan outside): direction_wrong: it went the other way")];
    let (second, _) = Desk { reasons, ..Desk::of("gold boom") }.write(Some(&Truthful::new()));
    let again = second.scenes.iter().find(|other| other.scene_id == scene.scene_id).unwrap();
    assert!(again.narration.iter().all(|said| said.plan != "outside"));
    assert!(second.writer.contains("by truthful"), "{}", second.writer);
}
