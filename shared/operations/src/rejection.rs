//! A person rejects a film: what the stage at fault is given of the sentence, and the run's way back to it. The same for command,
//! console and signed message.

use proofreel_model::ids::{ClaimId, SceneId};
use proofreel_model::records::RunHead;
use proofreel_model::scenes::{NarrativeRole, Scene, Scenes};
use proofreel_model::stage::StageName;
use proofreel_model::wish;
use proofreel_pipeline::Driver;
use proofreel_publishing::{Candidate, Publication};

use crate::{Office, OperationError};

/// Who rejects a film, and why.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who.
    pub who: &'a str,
    /// True for somebody who runs the command where the state folder lies.
    pub at_the_machine: bool,
    /// Why, in a sentence.
    pub words: &'a str,
    /// The stage whose fault it is.
    pub stage: StageName,
}

/// Rejects a film and sends its run back, in one transaction: a rejected film whose run stayed finished would wait for ever. The same
/// request again changes nothing, and sends what was broken off before it left.
///
/// # Errors
/// The person may not, the upload has begun, a scene cannot be dropped, somebody else was faster, or storage fails.
pub async fn reject(
    office: &Office,
    driver: &Driver,
    candidate: &Candidate,
    request: &Request<'_>,
) -> Result<Publication, OperationError> {
    let Request { who, at_the_machine, words, stage } = *request;
    let run = &candidate.head.run_id;
    let reasons = reasons(office, &candidate.head, who, words, stage).await?;
    let back = driver.way_back(run, stage, &reasons).await?;
    let row = office.desk().reject(candidate, (who, at_the_machine), words, stage, &back).await?;
    // Also a film that had been rejected before, whose run is finished all the same, goes back.
    driver.send_back(run, stage, &reasons).await?;
    Ok(row)
}

/// The reasons that a stage is given when a person rejects a run's film: the sentence, and for each scene that it wants dropped the
/// findings that are told no more. Asked before anything is decided.
///
/// # Errors
/// A scene that cannot be dropped, or storage.
pub async fn reasons(
    office: &Office,
    head: &RunHead,
    who: &str,
    words: &str,
    stage: StageName,
) -> Result<Vec<String>, OperationError> {
    let mut reasons = vec![wish::reason(who, words)];
    let drops = wish::dropped(words);
    if stage != StageName::SceneBuilder || drops.is_empty() {
        return Ok(reasons);
    }
    let scenes: Scenes = office.read(head, StageName::SceneBuilder).await?;
    for id in drops {
        let scene = scenes.scenes.iter().find(|scene| scene.scene_id == id);
        let scene = scene.filter(|scene| can_be_dropped(scene)).ok_or_else(|| refused(&id, &scenes))?;
        let claims: Vec<&str> = scene.key_claims.iter().map(ClaimId::as_str).collect();
        // In the words of the gate about a scene too many, which the scene builder follows.
        reasons.push(format!("{stage} {id} claims {}: redundant_scene: {who} asked to drop it", claims.join(", ")));
    }
    Ok(reasons)
}

/// The hook, what it all means and the end are every episode's; what tells a finding can go.
fn can_be_dropped(scene: &Scene) -> bool {
    scene.narrative_role == NarrativeRole::Proof && !scene.key_claims.is_empty()
}

fn refused(id: &SceneId, scenes: &Scenes) -> OperationError {
    let can: Vec<&str> =
        scenes.scenes.iter().filter(|scene| can_be_dropped(scene)).map(|scene| scene.scene_id.as_str()).collect();
    OperationError::Input(format!(
        "scene {id} cannot be dropped: only a scene that tells one finding can\n  hint: those are {}; nothing was decided yet",
        can.join(", ")
    ))
}
