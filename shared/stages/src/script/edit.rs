//! A person's changes to a script: bound to facts where they can be, and for QA to judge like any other text.

use std::collections::BTreeSet;

use proofreel_model::brief::ResearchBrief;
use proofreel_model::edit::Changes;
use proofreel_model::fact::Fact;
use proofreel_model::policy::Policy;
use proofreel_model::scenes::{Scene, Scenes};
use proofreel_model::script::{Script, Sentence, ThumbnailDesign};
use proofreel_model::text::RichText;

use super::outside::{self, door};
use crate::qa::lexicon::Lexicon;

/// Plan name of a person's sentences.
pub const PLAN: &str = "person";

/// Stands in the script's record of its writer before the places that a person wrote.
const BY_A_PERSON: &str = "; edited by a person: ";
/// Longest title and longest line of a description that is read at all, characters; QA has its own bounds.
const LONGEST: (usize, usize) = (300, 2000);
/// Most lines of a description.
const MOST_LINES: usize = 200;

/// An edited script.
#[derive(Clone, Debug, PartialEq)]
pub struct Edited {
    /// The script.
    pub script: Script,
    /// What is not as it was, in the words of [`Script::texts`].
    pub places: Vec<String>,
    /// Numbers that are no fact's, with the fact that comes nearest.
    pub notes: Vec<String>,
}

/// Applies changes to a script. What equals the present text keeps its citations.
///
/// # Errors
/// Every reason why the changes cannot be read as words of an episode. Whether they are true is for QA.
pub fn apply(
    script: &Script,
    (brief, scenes): (&ResearchBrief, &Scenes),
    changes: &Changes,
    policy: &Policy,
) -> Result<Edited, Vec<String>> {
    let lexicon = Lexicon::embedded().map_err(|why| vec![why])?;
    let mut desk =
        Desk { brief, policy, lexicon: &lexicon, reasons: Vec::new(), places: Vec::new(), notes: Vec::new() };
    let mut edited = script.clone();
    let mut written = persons_places(&script.writer);
    if let Some(design) = changes.thumbnail {
        desk.thumbnail(&mut edited, design);
    }
    if let Some(title) = &changes.title {
        desk.title(&mut edited, title, scenes, &mut written);
    }
    if let Some(lines) = &changes.description {
        desk.description(&mut edited, lines, scenes, &mut written);
    }
    for (id, sentences) in &changes.scenes {
        match scenes.scenes.iter().find(|scene| scene.scene_id == *id) {
            Some(scene) => desk.scene(&mut edited, scene, sentences),
            None => desk.reasons.push(format!("there is no scene `{}`", super::door::printable(id.as_str()))),
        }
    }
    if !desk.reasons.is_empty() {
        return Err(desk.reasons);
    }
    let (places, notes) = (desk.places, desk.notes);
    if !places.is_empty() {
        follow_the_hook(script, &mut edited);
        sign(&mut edited, written);
    }
    Ok(Edited { script: edited, places, notes })
}

/// One application.
struct Desk<'a> {
    brief: &'a ResearchBrief,
    policy: &'a Policy,
    lexicon: &'a Lexicon,
    reasons: Vec<String>,
    places: Vec<String>,
    notes: Vec<String>,
}

impl Desk<'_> {
    /// Text that may tell any fact of the brief, those of `first` before others.
    fn bound(&mut self, text: &str, place: &str, first: &Scene) -> RichText {
        let (text, notes, overclaims) = {
            let door = self.door(first);
            let (text, notes) = door.bound(text);
            let overclaims = door.overclaims(&text);
            (text, notes, overclaims)
        };
        self.notes.extend(notes.into_iter().map(|note| format!("{place}: {note}")));
        self.reasons.extend(overclaims.into_iter().map(|why| format!("{place}: {why}")));
        text
    }

    /// The door of a scene with every fact of the brief behind those of the scene: where a person tells a fact is theirs.
    fn door(&self, scene: &Scene) -> super::door::Door<'_> {
        let mut door = door(self.brief, scene, self.lexicon, self.policy);
        let own: BTreeSet<_> = door.facts.iter().map(|fact| &fact.id).collect();
        let others: Vec<&Fact> = self.brief.facts.iter().filter(|fact| !own.contains(&fact.id)).collect();
        door.facts.extend(others);
        door.subjects = self.brief.series.iter().collect();
        door
    }

    fn thumbnail(&mut self, script: &mut Script, design: ThumbnailDesign) {
        match script.thumbnails.iter().position(|variant| variant.design == design) {
            Some(0) => {}
            Some(at) => {
                script.thumbnails[..=at].rotate_right(1);
                self.places.push(format!("thumbnail {design} leads"));
            }
            None => {
                let there: Vec<String> = script.thumbnails.iter().map(|variant| variant.design.to_string()).collect();
                self.reasons.push(format!("there is no thumbnail {design}: there are {}", there.join(", ")));
            }
        }
    }

    fn title(&mut self, script: &mut Script, title: &str, scenes: &Scenes, written: &mut BTreeSet<String>) {
        let title = title.trim();
        if let Err(why) = plain_line(title, LONGEST.0) {
            return self.reasons.push(format!("title: {why}"));
        }
        match script.titles.iter().position(|variant| variant.text() == title) {
            Some(0) => {}
            Some(at) => {
                script.titles[..=at].rotate_right(1);
                self.places.push(format!("title variant {} leads", at + 1));
            }
            None => {
                let Some(scene) = scenes.scenes.first() else { return };
                let bound = self.bound(title, "title 1", scene);
                match script.titles.first_mut() {
                    Some(first) => *first = bound,
                    None => script.titles.push(bound),
                }
                self.places.push("title 1".into());
                written.insert("title".into());
            }
        }
    }

    fn description(&mut self, script: &mut Script, lines: &[String], scenes: &Scenes, written: &mut BTreeSet<String>) {
        let Some(scene) = scenes.scenes.first() else { return };
        let lines: Vec<&str> = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
        if lines.len() > MOST_LINES {
            return self.reasons.push(format!("description: {} lines are more than {MOST_LINES}", lines.len()));
        }
        let mut old: Vec<Option<RichText>> = script.description.iter().cloned().map(Some).collect();
        let mut new = Vec::new();
        for (n, line) in lines.iter().enumerate() {
            let known = old.iter_mut().find(|old| old.as_ref().is_some_and(|old| old.text().trim() == *line));
            if let Some(known) = known.and_then(Option::take) {
                new.push(known);
            } else if let Err(why) = plain_line(line, LONGEST.1) {
                self.reasons.push(format!("description line {}: {why}", n + 1));
            } else {
                let place = format!("description line {}", n + 1);
                written.insert("description".into());
                new.push(self.bound(line, &place, scene));
                self.places.push(place);
            }
        }
        // Lines that are gone or stand elsewhere have no new place of their own.
        let is_less = new.len() < script.description.len() && old.iter().any(Option::is_some);
        let is_told = self.places.iter().any(|place| place.starts_with("description"));
        if is_less || new != script.description && !is_told {
            self.places.push("description".into());
        }
        script.description = new;
    }

    fn scene(&mut self, script: &mut Script, scene: &Scene, sentences: &[String]) {
        let id = &scene.scene_id;
        let Some(n) = script.scenes.iter().position(|spoken| spoken.scene_id == *id) else {
            return self.reasons.push(format!("the script does not have scene {id}"));
        };
        let sentences: Vec<&str> =
            sentences.iter().map(|sentence| sentence.trim()).filter(|sentence| !sentence.is_empty()).collect();
        let most = self.policy.numbers.writer.sentences;
        if sentences.is_empty() || sentences.len() > most {
            return self.reasons.push(format!("{id}: write 1 to {most} sentences, not {}", sentences.len()));
        }
        let mut old: Vec<Option<Sentence>> = script.scenes[n].narration.iter().cloned().map(Some).collect();
        let mut new = Vec::new();
        for (n, sentence) in sentences.iter().enumerate() {
            let place = format!("{id} narration {}", n + 1);
            let known = old.iter_mut().find(|old| old.as_ref().is_some_and(|old| old.text.text().trim() == *sentence));
            if let Some(known) = known.and_then(Option::take) {
                new.push(known);
                continue;
            }
            let admitted = self.door(scene).by_person(sentence);
            match admitted {
                Ok((text, notes)) => {
                    self.notes.extend(notes.into_iter().map(|note| format!("{place}: {note}")));
                    new.push(outside::sentence(self.brief, scene, text, PLAN));
                    self.places.push(place);
                }
                Err(why) => self.reasons.extend(why.into_iter().map(|why| format!("{place}: {why}"))),
            }
        }
        let narration = &mut script.scenes[n].narration;
        if new != *narration && !self.places.iter().any(|place| place.starts_with(&format!("{id} "))) {
            self.places.push(format!("{id} narration"));
        }
        *narration = new;
    }
}

/// The first hook is what is said first: when a person said something else, that is the hook.
fn follow_the_hook(before: &Script, after: &mut Script) {
    let said = |script: &Script| -> Option<RichText> { Some(script.scenes.first()?.narration.first()?.text.clone()) };
    let (was, is) = (said(before), said(after));
    if was != is
        && let (Some(is), Some(hook)) = (is, after.hooks.first_mut())
    {
        *hook = is;
    }
}

/// Notes in the record of the writer where a person's words stand, and strikes models whose words are gone.
fn sign(script: &mut Script, mut written: BTreeSet<String>) {
    written.retain(|place| place == "title" || place == "description");
    for scene in &script.scenes {
        if scene.narration.iter().any(|said| said.plan == PLAN) {
            written.insert(scene.scene_id.to_string());
        }
    }
    let of_models: BTreeSet<_> = script
        .scenes
        .iter()
        .filter(|scene| scene.narration.iter().any(|said| said.plan == outside::PLAN))
        .map(|scene| scene.scene_id.clone())
        .collect();
    script.authors.retain(|author| of_models.contains(&author.scene_id));
    let writer = script.writer.split(BY_A_PERSON).next().unwrap_or_default().to_owned();
    let places: Vec<String> = written.into_iter().collect();
    script.writer = if places.is_empty() { writer } else { format!("{writer}{BY_A_PERSON}{}", places.join(", ")) };
}

/// The places that the record names as a person's.
fn persons_places(writer: &str) -> BTreeSet<String> {
    let list = writer.split_once(BY_A_PERSON).map_or("", |(_, list)| list);
    list.split(", ").filter(|place| !place.is_empty()).map(str::to_owned).collect()
}

/// A line of plain text: nothing that hides, opens markup or is long beyond reason.
fn plain_line(text: &str, longest: usize) -> Result<(), String> {
    let length = text.chars().count();
    if length == 0 || length > longest {
        return Err(format!("has {length} characters: write 1 to {longest}"));
    }
    match text.chars().find(|c| hides(*c) || matches!(c, '<' | '>')) {
        Some(c) => Err(format!("holds U+{:04X}, which has no place in it", u32::from(c))),
        None => Ok(()),
    }
}

/// Signs that nobody sees, or that turn what others see: control, zero width, bidirectional, variation, tags, private use.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{10ffff}')
}
