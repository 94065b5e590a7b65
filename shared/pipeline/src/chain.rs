//! What follows what, and through which queue.

use proofreel_model::ids::RunId;
use proofreel_model::stage::StageName;

/// How a stage's queue is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueNaming {
    /// `proofreel-<stage>`, shared by all runs: the cloud, where every stage has its own workers.
    #[default]
    PerStage,
    /// `proofreel-<stage>.<run>`: one machine, where the process that makes a run must not pick up
    /// another run that its user stopped on purpose.
    PerRun,
}

/// The order of stages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    stages: Vec<StageName>,
    naming: QueueNaming,
}

impl Default for Chain {
    fn default() -> Self {
        Self::of(&StageName::CHAIN)
    }
}

impl Chain {
    /// A chain of these stages, in this order, with queues shared by all runs.
    pub fn of(stages: &[StageName]) -> Self {
        Self { stages: stages.to_vec(), naming: QueueNaming::PerStage }
    }

    /// The same chain with other queue names.
    #[must_use]
    pub fn with_queues(self, naming: QueueNaming) -> Self {
        Self { naming, ..self }
    }

    /// How queues are named.
    pub fn naming(&self) -> QueueNaming {
        self.naming
    }

    /// The stages in order.
    pub fn stages(&self) -> &[StageName] {
        &self.stages
    }

    /// The first stage.
    pub fn first(&self) -> Option<StageName> {
        self.stages.first().copied()
    }

    /// The stage after `stage`. A draft ends before the stages that act on the outside world.
    pub fn next(&self, stage: StageName, draft: bool) -> Option<StageName> {
        let next = self.stages.get(self.position(stage)? + 1).copied()?;
        (!(draft && next.is_ops())).then_some(next)
    }

    /// The last stage of a draft.
    pub fn last_writing_stage(&self) -> Option<StageName> {
        self.stages.iter().rev().find(|stage| !stage.is_ops()).copied()
    }

    /// True when `earlier` stands before `later`.
    pub fn is_before(&self, earlier: StageName, later: StageName) -> bool {
        matches!((self.position(earlier), self.position(later)), (Some(first), Some(second)) if first < second)
    }

    /// True when both stand in the chain and `stage` does not stand before `from`.
    pub fn is_from(&self, stage: StageName, from: StageName) -> bool {
        matches!((self.position(stage), self.position(from)), (Some(at), Some(start)) if at >= start)
    }

    /// The queue that carries messages for `stage` of `run`.
    pub fn queue(&self, stage: StageName, run: &RunId) -> String {
        match self.naming {
            QueueNaming::PerStage => shared_queue(stage),
            QueueNaming::PerRun => format!("{}.{run}", shared_queue(stage)),
        }
    }

    fn position(&self, stage: StageName) -> Option<usize> {
        self.stages.iter().position(|candidate| *candidate == stage)
    }
}

/// The queue of a stage that all runs share.
pub(crate) fn shared_queue(stage: StageName) -> String {
    format!("proofreel-{stage}")
}

/// The dead letters of a queue.
pub fn dead_letters(queue: &str) -> String {
    format!("{queue}-dlq")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_ends_where_the_outside_world_begins() {
        let chain = Chain::default();
        assert_eq!(chain.next(StageName::Script, true), Some(StageName::Qa));
        assert_eq!(chain.next(StageName::Qa, true), None);
        assert_eq!(chain.next(StageName::Qa, false), Some(StageName::Render));
        assert_eq!(chain.next(StageName::Render, false), None);
        assert_eq!(chain.last_writing_stage(), Some(StageName::Qa));
    }

    #[test]
    fn queues_are_shared_in_the_cloud_and_a_runs_own_on_one_machine() {
        let run = RunId::from("20261122t211924-k3f9");
        assert_eq!(Chain::default().queue(StageName::TopicScoring, &run), "proofreel-topic-scoring");
        let own = Chain::default().with_queues(QueueNaming::PerRun);
        assert_eq!(own.queue(StageName::Qa, &run), "proofreel-qa.20261122t211924-k3f9");
    }

    #[test]
    fn order_is_the_chains_own() {
        let chain = Chain::of(&[StageName::Planner, StageName::Script, StageName::Qa]);
        assert!(chain.is_before(StageName::Planner, StageName::Qa));
        assert!(!chain.is_before(StageName::Qa, StageName::Qa));
        assert!(!chain.is_before(StageName::Research, StageName::Qa), "research is not in this chain");
        assert!(chain.is_from(StageName::Qa, StageName::Script));
    }
}
