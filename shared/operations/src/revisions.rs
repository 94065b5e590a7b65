//! What a source revised after a film was published: the facts of the episode computed again on the figures of today, and an
//! incident for each number on the screen or in the narration that would be another one now.
//!
//! | pk | sk | row |
//! |---|---|---|
//! | `revisions#<channel>` | `<run>` | digests of the packages that the run was last held against |
//! | `revisions-looked` | `revisions-looked` | when published films were last held against their sources |

use std::collections::{BTreeMap, BTreeSet};

use proofreel_evidence::{PackageBytes, revised};
use proofreel_model::brief::ResearchBrief;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::digest::Digest;
use proofreel_model::display;
use proofreel_model::fact::{Fact, series_of};
use proofreel_model::film::Film;
use proofreel_model::ids::RunId;
use proofreel_model::incident::IncidentKind;
use proofreel_model::policy::publishing::law;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::series::SeriesRef;
use proofreel_model::stage::StageName;
use proofreel_model::text::{Cite, Part, RichText, Style};
use proofreel_pipeline::{load_packages, run_head};
use proofreel_ports::{Condition, Item, Pager};
use proofreel_publishing::{Publication, PublishState};
use serde::{Deserialize, Serialize};

use crate::raise::{self, Trouble};
use crate::{Office, OperationError};

/// Changed numbers that an incident quotes; the rest is counted.
const QUOTED: usize = 5;

/// Where is noted when they were last looked at.
const LOOKED: &str = "revisions-looked";

/// A number that would be another one now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// Where a viewer meets it: `s3 narration 2`, `title 1`, `s4 bar`.
    pub place: String,
    /// The whole sentence or text.
    pub sentence: String,
    /// The same with every number as it would be now; none where it no longer holds.
    pub corrected: Option<String>,
    /// The number as it was said or shown.
    pub said: String,
    /// As it would be now; none where the sentence no longer holds at all.
    pub now: Option<String>,
    /// Why it no longer holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The fact behind it.
    pub fact: String,
}

/// What became of a published episode.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The run.
    pub run: RunId,
    /// Its title.
    pub title: String,
    /// Packages whose bytes differ from those it was made of.
    pub packages: Vec<String>,
    /// Numbers that would be others now, in the order of the episode.
    pub changes: Vec<Change>,
    /// What to post and to correct; empty when nothing changed.
    pub correction: String,
    /// True when an incident was opened for it now.
    pub opened: bool,
    /// What could not be compared, for a person.
    pub notes: Vec<String>,
}

#[derive(Deserialize, Serialize)]
struct HeldAgainst {
    packages: BTreeMap<String, Digest>,
}

/// Holds the published films of a channel against the packages as they are now. What was held against the same bytes before is left
/// out; nothing changed says nothing. `dry_run` stores nothing and calls nobody.
///
/// # Errors
/// The records, blobs or pager. An episode or package that cannot be read is a note of its episode.
pub async fn check(
    office: &Office,
    pager: &dyn Pager,
    profile: &ChannelProfile,
    current: &[PackageBytes],
    dry_run: bool,
) -> Result<Vec<Found>, OperationError> {
    let mut all = Vec::new();
    let public = |row: &Publication| matches!(row.state, PublishState::Published | PublishState::PublishLocked);
    for row in office.ledger().of_channel(&profile.id).await?.iter().filter(|row| public(row)) {
        let head = run_head(office.records.as_ref(), &row.run).await?;
        let order = office.order(&head).await?;
        let differs: BTreeMap<String, Digest> = order
            .packages
            .iter()
            .filter_map(|was| {
                let now = current.iter().find(|package| package.name == was.name)?;
                (now.digest != was.digest).then(|| (was.name.clone(), now.digest.clone()))
            })
            .collect();
        if differs.is_empty() || held_against(office, row).await?.is_some_and(|held| held.packages == differs) {
            continue;
        }
        let brief: ResearchBrief = office.read(&head, StageName::Research).await?;
        let script: Script = office.read(&head, StageName::Script).await?;
        let scenes: Scenes = office.read(&head, StageName::SceneBuilder).await?;
        let film: Film = office.read(&head, StageName::Render).await?;
        let packages = load_packages(office.blobs.as_ref(), &order.packages).await?;
        let shown = Shown { brief: &brief, script: &script, scenes: &scenes, title: &film.metadata.title };
        let mut found = Found {
            run: row.run.clone(),
            title: film.metadata.title.clone(),
            packages: differs.keys().cloned().collect(),
            changes: Vec::new(),
            correction: String::new(),
            opened: false,
            notes: Vec::new(),
        };
        compare(&shown, &packages, current, &mut found);
        if !found.changes.is_empty() {
            found.correction = correction(&found);
            if !dry_run {
                found.opened = raise::open(office, pager, &trouble(row, &found, &differs), true).await?;
            }
        }
        if !dry_run {
            put_held_against(office, row, HeldAgainst { packages: differs }).await?;
        }
        all.push(found);
    }
    Ok(all)
}

/// True when the published films were not held against their sources for as long as the policy allows.
///
/// # Errors
/// The records.
pub async fn is_due(office: &Office) -> Result<bool, OperationError> {
    let row = office.records.get(LOOKED, LOOKED).await?;
    let last = row.and_then(|row| row.get("at")?.as_str()?.parse::<jiff::Timestamp>().ok());
    let hours = jiff::SignedDuration::from_hours(law().revisions.every_hours);
    Ok(last.is_none_or(|last| office.clock.now().duration_since(last) >= hours))
}

/// Notes that they were.
///
/// # Errors
/// The records.
pub async fn note_looked(office: &Office) -> Result<(), OperationError> {
    let body = serde_json::json!({ "at": office.clock.now() });
    let item = Item { pk: LOOKED.into(), sk: LOOKED.into(), body };
    Ok(office.records.put(item, Condition::None).await?)
}

fn partition(row: &Publication) -> String {
    format!("revisions#{}", row.channel)
}

async fn held_against(office: &Office, row: &Publication) -> Result<Option<HeldAgainst>, OperationError> {
    let kept = office.records.get(&partition(row), row.run.as_str()).await?;
    // A row of another version is as good as none: the film is compared once more.
    Ok(kept.and_then(|kept| serde_json::from_value(kept).ok()))
}

async fn put_held_against(office: &Office, row: &Publication, held: HeldAgainst) -> Result<(), OperationError> {
    let body = serde_json::json!(held);
    let item = Item { pk: partition(row), sk: row.run.to_string(), body };
    Ok(office.records.put(item, Condition::None).await?)
}

/// What a viewer met of an episode.
struct Shown<'a> {
    brief: &'a ResearchBrief,
    script: &'a Script,
    scenes: &'a Scenes,
    title: &'a str,
}

impl Shown<'_> {
    /// The texts that went out, with their places: of the variants of titles, hooks and comments only those that were used.
    fn texts(&self) -> Vec<(String, &RichText)> {
        let unused = |place: &str, text: &RichText| {
            let tried = place.starts_with("hook ") || place.starts_with("other comment ");
            tried || (place.starts_with("title ") && text.text() != self.title)
        };
        let mut texts = self.script.texts();
        texts.retain(|(place, text)| !unused(place, text));
        for scene in &self.scenes.scenes {
            let of_scene = scene.visual.texts().into_iter();
            texts.extend(of_scene.map(|(place, text)| (format!("{} {place}", scene.scene_id), text)));
        }
        texts
    }
}

/// Computes the facts that a viewer met again, on the old rows with the figures of today.
fn compare(shown: &Shown<'_>, packages: &[PackageBytes], current: &[PackageBytes], found: &mut Found) {
    let series: BTreeSet<SeriesRef> =
        shown.brief.facts.iter().flat_map(|fact| series_of(&fact.formula).into_iter().cloned()).collect();
    let today = match revised(packages, current, &series) {
        Ok(today) => today,
        Err(error) => {
            found
                .notes
                .push(format!("cannot be compared: {error}\n  hint: compare by hand; the source changed its form"));
            return;
        }
    };
    for (resource, rows) in &today.gone {
        found.notes.push(format!("{resource}: {rows} rows are no longer in it; their old figures were used"));
    }
    let mut values: BTreeMap<&str, Result<f64, String>> = BTreeMap::new();
    let mut changes = Vec::new();
    for (place, text) in shown.texts() {
        let (mut of_text, mut corrected, mut holds) = (Vec::new(), String::new(), true);
        for span in &text.0 {
            let mut words = span.text.clone();
            if let Some(Cite::Fact { fact: id, part: Part::Value, style }) = &span.cite
                && let Some(fact) = shown.brief.facts.iter().find(|fact| fact.id == *id)
            {
                let value = values
                    .entry(fact.id.as_str())
                    .or_insert_with(|| today.recomputer.fact(fact).map_err(|error| error.to_string()));
                let (now, why) = match value {
                    Ok(value) => (worded(fact, *value, *style, &span.text), None),
                    Err(why) => (None, Some(why.clone())),
                };
                holds &= why.is_none();
                words = now.clone().unwrap_or(words);
                if now.is_some() || why.is_some() {
                    of_text.push((span.text.clone(), now, why, fact.id.to_string()));
                }
            }
            corrected.push_str(&words);
        }
        for (said, now, why, fact) in of_text {
            let corrected = holds.then(|| corrected.clone());
            changes.push(Change { place: place.clone(), sentence: text.text(), corrected, said, now, why, fact });
        }
    }
    changes.dedup();
    found.changes = changes;
}

/// How a number would be worded now; none when it would be worded as it was.
fn worded(fact: &Fact, value: f64, style: Style, said: &str) -> Option<String> {
    let now = Fact { value, ..fact.clone() };
    if let Some(words) = display::cite(&now, Part::Value, style) {
        return (words != said).then_some(words);
    }
    // A writer's own words are read by nobody here; the number on the screen decides.
    let words = display::display(value, &fact.unit, &fact.formula);
    (words != display::display(fact.value, &fact.unit, &fact.formula)).then_some(words)
}

/// What to post where the video is, with each sentence as it would be now.
fn correction(found: &Found) -> String {
    let mut text = format!(
        "Correction to “{}”: the source ({}) has revised its figures since.\n",
        found.title,
        found.packages.join(", ")
    );
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for change in found.changes.iter().filter(|change| told.insert(&change.sentence)).take(QUOTED) {
        match &change.corrected {
            Some(now) => text.push_str(&format!("We said: “{}” Now: “{now}”\n", change.sentence)),
            None => text.push_str(&format!("We said: “{}” This no longer holds.\n", change.sentence)),
        }
    }
    text
}

fn trouble(row: &Publication, found: &Found, differs: &BTreeMap<String, Digest>) -> Trouble {
    // Named by what the source says now: the next revision is another incident.
    let named: Vec<&str> = differs.values().map(Digest::short).collect();
    let quoted: Vec<String> = found
        .changes
        .iter()
        .take(QUOTED)
        .map(|change| {
            let now = change.now.as_deref().unwrap_or("no longer holds");
            let why = change.why.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
            format!("{}: “{}”: {} → {now}{why}", change.place, change.sentence, change.said)
        })
        .collect();
    let more = found.changes.len().saturating_sub(QUOTED);
    let rest = if more > 0 { format!("\nand {more} more") } else { String::new() };
    Trouble {
        kind: IncidentKind::Revision,
        cause: format!("revision#{}#{}#{}", row.channel, row.run, named.join("-")),
        channel: Some(row.channel.clone()),
        runs: vec![row.run.clone()],
        what: format!(
            "a source revised what “{}” says: {} numbers would be others now\n{}{rest}\nProposed:\n{}",
            found.title,
            found.changes.len(),
            quoted.join("\n"),
            found.correction
        ),
        runbook: "revision",
    }
}
