//! An outside writer's turn: scene by scene, its words are bound and judged, and the embedded words stay where they fail.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use proofreel_model::brief::ResearchBrief;
use proofreel_model::ids::{ClaimId, FactId};
use proofreel_model::outlook::Passage;
use proofreel_model::policy::Policy;
use proofreel_model::qa::{Decision, QaReport};
use proofreel_model::scenes::{NarrativeRole, Scene, Scenes};
use proofreel_model::script::{Authorship, SceneAuthor, Script, ScriptScene, Sentence};
use proofreel_model::text::RichText;
use proofreel_model::visual::Visual;
use proofreel_ports::{Writer, WriterError, Written};

use super::door::{Door, printable};
use super::{offer, surroundings};
use crate::prose::composer::values;
use crate::prose::grammar::words;
use crate::qa::intake::Judged;
use crate::qa::lexicon::Lexicon;
use crate::qa::{QaInput, judge};
use crate::{Context, StageError};

/// Plan name of an outside writer's sentences.
pub const PLAN: &str = "outside";

/// Gives an outside writer its turn on a script that is sound without it.
///
/// # Errors
/// Only when the judge itself is broken; nothing that the writer does is an error.
pub async fn rewrite(
    writer: &dyn Writer,
    script: Script,
    (brief, scenes): (&ResearchBrief, &Scenes),
    context: &Context<'_>,
) -> Result<Script, StageError> {
    let lexicon = Lexicon::embedded().map_err(StageError::Failed)?;
    let mut turn = Turn::new(script, brief, scenes, context)?;
    for (n, scene) in scenes.scenes.iter().enumerate() {
        if !may_be_asked(scene, context) {
            continue;
        }
        let door = door(brief, scene, &lexicon, context.policy);
        // A writer that failed once is not waited for again in this script.
        if let Asked::Failed(why) = turn.scene(writer, &door, (n, scene)).await? {
            tracing::warn!(scene = %scene.scene_id, why, "the outside writer failed; the embedded writer keeps the rest");
            break;
        }
    }
    Ok(turn.finish(writer))
}

/// A hook is the promise of its picture, and an end card is the house's: both stay as they are. A scene that the gate
/// sent back with outside words in it is written by the embedded writer from then on.
fn may_be_asked(scene: &Scene, context: &Context<'_>) -> bool {
    let asked = scene.narrative_role != NarrativeRole::Hook
        && !matches!(scene.visual, Visual::End { .. })
        && !scene.key_claims.is_empty();
    let mark = format!("{} narration", scene.scene_id);
    let plan = format!("(plan {PLAN})");
    asked && !context.reasons.iter().any(|reason| reason.contains(&mark) && reason.contains(&plan))
}

/// The door of a scene.
pub(super) fn door<'a>(brief: &'a ResearchBrief, scene: &Scene, lexicon: &'a Lexicon, policy: &'a Policy) -> Door<'a> {
    let facts: BTreeSet<&FactId> = scene
        .key_claims
        .iter()
        .filter_map(|id| brief.claim(id))
        .flat_map(|claim| claim.finding.roles.values())
        .collect();
    let facts: Vec<_> = facts.into_iter().filter_map(|id| brief.fact(id)).collect();
    let read: BTreeSet<_> = facts.iter().flat_map(|fact| proofreel_model::fact::series_of(&fact.formula)).collect();
    Door {
        rules: &policy.numbers.writer,
        tolerance: &policy.numbers.tolerance,
        lexicon,
        facts,
        subjects: brief.series.iter().filter(|info| read.contains(&info.series)).collect(),
        series: brief.series.iter().collect(),
    }
}

/// The house's sentence about the number that the picture shows large, where the writer's words leave it out, and as many
/// of these words as the scene then still has time for.
fn with_shown(scene: &Scene, embedded: &ScriptScene, mut texts: Vec<RichText>) -> (Option<Sentence>, Vec<RichText>) {
    let Visual::BigNumber { fact, .. } = &scene.visual else { return (None, texts) };
    let says = |text: &RichText| values(text).any(|told| told == fact);
    if texts.iter().any(says) {
        return (None, texts);
    }
    let shown = embedded.narration.iter().find(|sentence| says(&sentence.text)).cloned();
    let mut said = shown.as_ref().map_or(0, |sentence| words(&sentence.text));
    let fits = texts.iter().take_while(|text| {
        said += words(text);
        said <= scene.word_budget as usize
    });
    // One sentence of the writer's is the least: whether that is too much, the gate says.
    let kept = fits.count().max(1);
    texts.truncate(kept);
    (shown, texts)
}

/// A sentence with the claims of the scene that its facts belong to.
pub(super) fn sentence(brief: &ResearchBrief, scene: &Scene, text: RichText, plan: &str) -> Sentence {
    let of = |id: &&ClaimId| {
        brief.claim(id).is_some_and(|claim| text.facts().any(|fact| claim.finding.roles.values().any(|id| id == fact)))
    };
    let claims = scene.key_claims.iter().filter(of).cloned().collect();
    Sentence { text, claims, plan: plan.into() }
}

/// How a scene went.
enum Asked {
    /// Answered, whether or not the words were taken.
    Answered,
    /// No answer.
    Failed(String),
}

/// The script so far, with what the gate says of it.
struct Turn<'a, 'c> {
    input: QaInput,
    script: Script,
    brief: &'a ResearchBrief,
    context: &'a Context<'c>,
    report: QaReport,
    taken: Vec<String>,
    authors: Vec<SceneAuthor>,
    /// What of the order's context is about the brief's subject.
    passages: Vec<Passage>,
}

impl<'a, 'c> Turn<'a, 'c> {
    fn new(
        script: Script,
        brief: &'a ResearchBrief,
        scenes: &Scenes,
        context: &'a Context<'c>,
    ) -> Result<Self, StageError> {
        let input = QaInput { brief: judged(brief)?, scenes: judged(scenes)?, script: judged(&script)? };
        let report = judge(&input, context)?;
        let passages = surroundings::about(brief, context);
        Ok(Self { input, script, brief, context, report, taken: Vec::new(), authors: Vec::new(), passages })
    }

    async fn scene(
        &mut self,
        writer: &dyn Writer,
        door: &Door<'_>,
        (n, scene): (usize, &Scene),
    ) -> Result<Asked, StageError> {
        let Some(embedded) = self.script.scenes.get(n).filter(|spoken| spoken.scene_id == scene.scene_id) else {
            return Ok(Asked::Answered);
        };
        let embedded = embedded.clone();
        let said = self.script.scenes[..n].iter().flat_map(|spoken| &spoken.narration);
        let said: Vec<String> = said.map(|sentence| sentence.text.text()).collect();
        let mut reasons = Vec::new();
        for asking in 1..=door.rules.tries {
            let plan = offer::plan(self.brief, scene, door, (&said, &reasons, asking), &self.passages);
            let Written { sentences, author } = match answer(writer, &plan).await {
                Ok(written) => written,
                Err(why) => return Ok(Asked::Failed(printable(&why))),
            };
            reasons = match door.admit(&sentences, scene.word_budget as usize) {
                Err(reasons) => reasons,
                Ok(texts) => {
                    // The house leads from scene to scene; the writer tells what the scene is about.
                    let lead = embedded.narration.iter().take_while(|said| said.claims.is_empty()).cloned();
                    let (shown, texts) = with_shown(scene, &embedded, texts);
                    let told = texts.into_iter().map(|text| sentence(self.brief, scene, text, PLAN));
                    self.script.scenes[n].narration = lead.chain(shown).chain(told).collect();
                    match self.judged_anew()? {
                        Ok(report) => {
                            self.report = report;
                            self.taken.push(scene.scene_id.to_string());
                            let named = author.map(named);
                            self.authors
                                .extend(named.map(|author| SceneAuthor { scene_id: scene.scene_id.clone(), author }));
                            return Ok(Asked::Answered);
                        }
                        Err(reasons) => {
                            self.script.scenes[n] = embedded.clone();
                            reasons
                        }
                    }
                }
            };
            reasons.truncate(12);
        }
        Ok(Asked::Answered)
    }

    /// The gate's report on the script as it stands, or what the gate has against it that it had not before.
    fn judged_anew(&mut self) -> Result<Result<QaReport, Vec<String>>, StageError> {
        self.input.script = judged(&self.script)?;
        let report = judge(&self.input, self.context)?;
        let news: Vec<String> = report
            .findings
            .iter()
            .filter(|finding| !self.report.findings.contains(finding))
            .map(|finding| format!("{}: {}: {}", finding.place, finding.rule, finding.detail))
            .collect();
        let worse = report.verdict != Decision::Pass && self.report.verdict == Decision::Pass;
        Ok(if news.is_empty() && !worse {
            Ok(report)
        } else if news.is_empty() {
            Err(vec!["the scene scores lower than the gate allows".into()])
        } else {
            Err(news)
        })
    }

    fn finish(self, writer: &dyn Writer) -> Script {
        let mut script = self.script;
        if !self.taken.is_empty() {
            let name = std::panic::catch_unwind(AssertUnwindSafe(|| writer.name())).unwrap_or_default();
            let name =
                Some(printable(&name)).filter(|name| !name.is_empty()).unwrap_or_else(|| "an outside writer".into());
            script.authors = self.authors;
            script.writer = format!("{}; {} by {name}", script.writer, self.taken.join(", "));
        }
        script
    }
}

/// The writer's answer; a panic is a failure like any other.
async fn answer(writer: &dyn Writer, plan: &proofreel_ports::ScenePlan) -> Result<Written, String> {
    match AssertUnwindSafe(async { writer.write(plan).await }).catch_unwind().await {
        Ok(Ok(written)) => Ok(written),
        Ok(Err(WriterError::Late { seconds })) => Err(format!("no answer within {seconds} s")),
        Ok(Err(WriterError::Failed { why })) => Err(why),
        Err(_) => Err("it panicked".into()),
    }
}

/// An author whose names are plain: a provider chose the model's.
fn named(author: Authorship) -> Authorship {
    let plain = |text: &str| -> String {
        let sign = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | ':' | '@');
        text.chars().filter(sign).take(120).collect()
    };
    Authorship {
        provider: plain(&author.provider),
        model: plain(&author.model),
        prompt: plain(&author.prompt),
        prompt_version: plain(&author.prompt_version),
        prompt_digest: author.prompt_digest,
    }
}

/// An artifact as QA takes it.
fn judged<T: serde::Serialize + Clone>(artifact: &T) -> Result<Judged<T>, StageError> {
    let raw = serde_json::to_value(artifact)
        .map_err(|error| StageError::Failed(format!("an artifact cannot be written as JSON: {error}")))?;
    Ok(Judged { raw, typed: Ok(artifact.clone()) })
}
