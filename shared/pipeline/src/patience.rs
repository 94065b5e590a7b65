//! Bounds on an outside writer: it answers in time and in its own task, or it has failed.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use proofreel_ports::{ScenePlan, Writer, WriterError, Written};

/// A writer that is given so many seconds for an answer. It runs in a task of its own, so that neither a panic nor a
/// wait without end reaches the stage.
pub(crate) struct Patience {
    writer: Arc<dyn Writer>,
    seconds: u64,
}

impl Patience {
    /// `writer`, which may take `seconds` for an answer.
    pub(crate) fn new(writer: Arc<dyn Writer>, seconds: u64) -> Self {
        Self { writer, seconds }
    }
}

#[async_trait]
impl Writer for Patience {
    fn name(&self) -> String {
        self.writer.name()
    }

    async fn write(&self, plan: &ScenePlan) -> Result<Written, WriterError> {
        let (writer, plan) = (Arc::clone(&self.writer), plan.clone());
        let task = tokio::spawn(async move { writer.write(&plan).await });
        let stop = task.abort_handle();
        match tokio::time::timeout(Duration::from_secs(self.seconds), task).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(ended)) => Err(WriterError::Failed { why: ended.to_string() }),
            Err(_) => {
                stop.abort();
                Err(WriterError::Late { seconds: self.seconds })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_model::scenes::NarrativeRole;
    use proofreel_ports::WrittenSentence;

    struct Hand(&'static str);

    #[async_trait]
    impl Writer for Hand {
        fn name(&self) -> String {
            self.0.into()
        }

        async fn write(&self, _: &ScenePlan) -> Result<Written, WriterError> {
            match self.0 {
                "asleep" => std::future::pending().await,
                "mad" => panic!("mad"),
                _ => Ok(vec![WrittenSentence { text: "It rose.".into(), facts: Vec::new() }].into()),
            }
        }
    }

    fn plan() -> ScenePlan {
        ScenePlan {
            scene_id: "s02".into(),
            role: NarrativeRole::Proof,
            objective: String::new(),
            directions: String::new(),
            claims: Vec::new(),
            facts: Vec::new(),
            words: 20,
            said: Vec::new(),
            avoid: Vec::new(),
            reasons: Vec::new(),
            context: Vec::new(),
            asking: 1,
        }
    }

    #[tokio::test]
    async fn an_endless_wait_and_a_panic_are_failures_like_others() {
        let asked = async |how, seconds| Patience::new(Arc::new(Hand(how)), seconds).write(&plan()).await;
        assert!(matches!(asked("asleep", 0).await, Err(WriterError::Late { seconds: 0 })));
        assert!(matches!(asked("mad", 60).await, Err(WriterError::Failed { .. })));
        assert_eq!(asked("well", 60).await.unwrap().sentences.len(), 1);
    }
}
