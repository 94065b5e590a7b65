//! Who may enter the stages that act on the outside world.

use proofreel_model::digest::BlobRef;
use proofreel_model::order::Order;
use proofreel_model::qa::{Decision, QaReport};
use proofreel_model::stage::StageName;

/// Why a stage may not be entered: what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub what: String,
    pub hint: &'static str,
}

/// Writing stages are open to all. An ops stage wants an order that is no draft, a verdict of QA that is a
/// pass, and that verdict to be about exactly the script that came with it.
pub(crate) fn admit(
    stage: StageName,
    order: &Order,
    verdict: Option<&QaReport>,
    script: Option<&BlobRef>,
) -> Result<(), Refusal> {
    if !stage.is_ops() {
        return Ok(());
    }
    let refuse = |what: String, hint| Err(Refusal { what, hint });
    if order.draft {
        return refuse(
            format!("the {stage} stage refuses a draft"),
            "drafts are for reading; order the episode with `proofreel produce`",
        );
    }
    let Some(verdict) = verdict else {
        return refuse(format!("the {stage} stage refuses an episode without a verdict of QA"), "start a new run");
    };
    if verdict.verdict != Decision::Pass {
        return refuse(
            format!("the {stage} stage refuses an episode that QA did not pass"),
            "read qa.json for what is wrong, mend the cause and start a new run",
        );
    }
    match script {
        Some(script) if script.digest == verdict.script_digest => Ok(()),
        Some(script) => refuse(
            format!(
                "QA judged the script {}, but the {stage} stage was given {}",
                verdict.script_digest.short(),
                script.digest.short()
            ),
            "the script was changed after its check; start a new run",
        ),
        None => refuse(format!("the {stage} stage was given no script"), "start a new run"),
    }
}
