//! `/runs/{run}/work`: goes on with a run that nobody works; and what its page says while it is under way.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::records::{RunHead, RunState};
use proofreel_pipeline::run_head;
use proofreel_publishing::Role;

use super::episode::RunPath;
use crate::answer::{Fault, see_other};
use crate::visitor::{Signed, Visitor};
use crate::{Shared, Work};

/// What a page says of a run on its way.
pub struct UnderWay {
    /// In a sentence.
    pub words: String,
    /// True when it goes on by itself: the page looks again.
    pub moves: bool,
    /// True when a button makes it go on.
    pub button: bool,
    /// The command that makes it go on, where nothing here does.
    pub command: Option<String>,
}

/// What is to be said of a run that is on its way; nothing of one at rest.
pub fn under_way(shared: &Shared, visitor: &Visitor, head: &RunHead, profile: &ChannelProfile) -> Option<UnderWay> {
    let work = shared.works.as_ref().and_then(|works| works.work(&head.run_id));
    let RunState::Running { stage } = &head.state else {
        // The worker's last word is told although the run came to a rest.
        let Some(Work::Failed(why)) = work else { return None };
        return Some(UnderWay { words: why, moves: false, button: false, command: None });
    };
    if shared.works.is_none() {
        let words = format!("It is at {stage}. The functions go on by themselves; look again in a few minutes.");
        return Some(UnderWay { words, moves: true, button: false, command: None });
    }
    let may = visitor.roles(profile).iter().any(|role| *role != Role::Viewer);
    let command = Some(format!("proofreel produce --resume {}", head.run_id));
    Some(match work {
        Some(Work::Runs) => {
            let words = format!("It is being made here: at {stage} now.");
            UnderWay { words, moves: true, button: false, command: None }
        }
        Some(Work::Waits) => {
            let words = format!("It waits at {stage} until another run is made.");
            UnderWay { words, moves: true, button: false, command: None }
        }
        Some(Work::Failed(why)) => UnderWay { words: why, moves: false, button: may, command },
        None => {
            let words = format!("It is at {stage}, and nobody works it here.");
            UnderWay { words, moves: false, button: may, command }
        }
    })
}

pub async fn go_on(State(shared): State<Shared>, path: RunPath, signed: Signed) -> Result<Response, Fault> {
    let head = run_head(shared.office.records.as_ref(), &path.0).await?;
    signed.visitor.must_see(&head)?;
    let profile = shared.office.channels.current(&shared.office.order(&head).await?).await?;
    let refused =
        |status: StatusCode, why: String, hint: String| Err(Fault::Refused { status, why, hint, back: path.page() });
    if !signed.visitor.roles(&profile).iter().any(|role| *role != Role::Viewer) {
        let why = format!("{} may look at this run, and not work it.", signed.visitor.who);
        return refused(StatusCode::FORBIDDEN, why, "Operators and approvers of its channel may.".into());
    }
    let RunState::Running { .. } = head.state else {
        let why = "The run is at its rest.".to_owned();
        return refused(StatusCode::CONFLICT, why, format!("proofreel produce --resume {}", head.run_id));
    };
    let Some(works) = &shared.works else {
        let why = "Functions work the runs of this installation.".to_owned();
        return refused(StatusCode::CONFLICT, why, "Look again in a few minutes; the hourly sweep goes on.".into());
    };
    works.begin(&path.0, None);
    Ok(see_other(&format!("{}#work", path.page())))
}
