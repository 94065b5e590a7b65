//! Writes the words: narration scene by scene, and all that is offered with the episode.

mod door;
mod draft;
pub mod edit;
mod narration;
mod offer;
mod outside;
mod packaging;
mod surroundings;

use async_trait::async_trait;
use proofreel_model::brief::ResearchBrief;
use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use serde::Deserialize;

use crate::directives;
use crate::prose::Story;
use crate::{Context, Outcome, Stage, StageError};

/// The script stage.
pub struct ScriptWriter;

/// What it reads.
#[derive(Debug, Deserialize)]
pub struct Input {
    /// The research brief.
    pub brief: ResearchBrief,
    /// The scenes.
    pub scenes: Scenes,
}

/// Name and version of the embedded writer.
pub const WRITER: &str = "embedded 1.0.0";

#[async_trait]
impl Stage for ScriptWriter {
    const NAME: StageName = StageName::Script;
    const READS: &'static [StageName] = &[StageName::Research, StageName::SceneBuilder];
    type Input = Input;
    type Output = Script;

    async fn run(&self, input: Input, context: &Context<'_>) -> Result<Outcome<Script>, StageError> {
        let story = Story { brief: &input.brief };
        let scenes = &input.scenes.scenes;
        if scenes.is_empty() {
            return Err(StageError::refused(
                "there are no scenes to write for",
                "start a new run: the scenes artifact is empty",
            ));
        }
        let mut composer = story.composer(context, "script");
        let narrated = narration::narrate(scenes, story, &mut composer, context);
        if let Some(silent) = narrated.iter().find(|scene| scene.narration.is_empty()) {
            return Err(StageError::refused(
                format!("nothing can be said in scene {}", silent.scene_id),
                "choose another topic with --topic, or look at the scene's claims in scenes.json",
            ));
        }
        let house = &context.order.channel.governance;
        let titles = packaging::titles(story, scenes, &mut composer, context);
        let thumbnails = packaging::thumbnails(story, scenes, &mut composer, context);
        let hooks = packaging::hooks(story, scenes, &narrated, &mut composer, context);
        let (pinned_comment, other_comments) = packaging::comments(story, scenes, &mut composer, context);
        let mut script = Script {
            schema_version: proofreel_model::schema_version(),
            writer: WRITER.to_owned(),
            authors: Vec::new(),
            titles,
            thumbnails,
            hooks,
            description: packaging::description(story, scenes, context),
            tags: packaging::tags(story, context),
            chapters: packaging::chapters(story, scenes),
            pinned_comment,
            other_comments,
            scenes: narrated,
            ai_disclosure: house.ai_disclosure.clone(),
            disclaimer: house.disclaimer.clone(),
            draft: context.order.draft,
            obeyed: Vec::new(),
        };
        directives::obey(&mut script, context);
        // The script is whole and sound before a stranger is asked for anything.
        Ok(Outcome::advance(match context.writer {
            Some(writer) => outside::rewrite(writer, script, (&input.brief, &input.scenes), context).await?,
            None => script,
        }))
    }
}
