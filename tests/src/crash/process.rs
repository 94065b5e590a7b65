//! What a process does with its life.

use std::sync::Arc;

use proofreel_pipeline::{Driver, DriverError, Step};

use super::{POLICY, Setting, Theatre};
use crate::fakes::{Memory, World};
use crate::rehearsal::order;

/// Storage errors that a worker meets with patience before it gives up.
const PATIENCE: u32 = 4;

impl Theatre {
    /// A whole process: start, work until the run rests and the queues are empty.
    pub async fn process(&self, memory: &Memory) -> Result<(), DriverError> {
        let driver = self.driver(memory);
        match self.setting {
            Setting::Cloud => Self::functions(memory, &driver).await,
            Setting::OneMachine => Self::worker(memory, &driver).await,
        }
    }

    /// The functions of the cloud and the queues that call them. A function that fails leaves its message, which comes
    /// back; nobody sweeps, nobody looks at the run.
    async fn functions(memory: &Memory, driver: &Driver) -> Result<(), DriverError> {
        let mut faults = 0;
        // The client repeats its order until it has an answer. Once a message was sent it had one.
        while memory.snapshot().sent == 0 {
            bear(driver.start_as(&Self::run(), &order(), None).await, &mut faults)?;
        }
        loop {
            let world = memory.snapshot();
            let visible =
                |queue: &Arc<str>| world.queues[queue].iter().any(|message| message.visible_at_ms <= world.now_ms);
            match world.queues.keys().find(|queue| visible(queue)) {
                Some(queue) => bear(Self::invocation(driver, queue).await, &mut faults)?,
                None if world.messages() == 0 && world.rows("outbox", "").is_empty() => return Ok(()),
                // The schedule that sweeps comes by when all is over, so that it cannot hide a message that was lost.
                None if world.messages() == 0 && Self::rests(&world) => {
                    bear(driver.sweep().await.map(|_| ()), &mut faults)?;
                }
                None if world.messages() == 0 => return Ok(()),
                None => _ = memory.sleep().await,
            }
        }
    }

    pub(super) fn rests(world: &World) -> bool {
        world.rows(&format!("run#{}", Self::run()), "head").iter().all(|(_, head)| head["state"] != "running")
    }

    pub(super) async fn invocation(driver: &Driver, queue: &str) -> Result<(), DriverError> {
        let messages = &driver.ports().queue;
        let policy = &POLICY.pipeline;
        let hidden_ms = u64::from(policy.visibility_seconds) * 1000;
        let Some(delivery) = messages.receive(queue, 1, hidden_ms, policy.max_receives).await?.pop() else {
            return Ok(());
        };
        match driver.handle(&delivery.body).await?.redeliver_after_ms() {
            None => messages.delete(queue, &delivery.receipt).await?,
            Some(ms) => messages.postpone(queue, &delivery.receipt, ms).await?,
        }
        Ok(())
    }

    /// The one-machine worker: `Driver::work_until_idle` over the clock of the fakes.
    async fn worker(memory: &Memory, driver: &Driver) -> Result<(), DriverError> {
        let run = Self::run();
        let (mut faults, mut started) = (0, false);
        loop {
            let step = if started { driver.step(&run).await } else { Self::begin(driver).await };
            match step {
                Ok(Step::Worked) => started = true,
                Ok(Step::Waiting) => _ = memory.sleep().await,
                Ok(Step::Ended(_)) => break,
                Err(error) => bear(Err(error), &mut faults)?,
            }
        }
        while memory.snapshot().messages() > 0 {
            bear(driver.drain(&run).await, &mut faults)?;
            memory.sleep().await;
        }
        Ok(())
    }

    async fn begin(driver: &Driver) -> Result<Step, DriverError> {
        driver.start_as(&Self::run(), &order(), None).await?;
        driver.sweep().await?;
        Ok(Step::Worked)
    }
}

/// Lets a storage error pass while there is patience left.
fn bear(answer: Result<(), DriverError>, faults: &mut u32) -> Result<(), DriverError> {
    match answer {
        Err(error) if error.is_retryable() && *faults < PATIENCE => {
            *faults += 1;
            Ok(())
        }
        answer => answer,
    }
}
