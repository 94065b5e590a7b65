use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use proofreel_ports::{PortError, TriggerState, Triggers};

use super::memory::Memory;

/// Triggers that outlive processes: clones share them. They turn at once, and a process can die before and after.
#[derive(Clone, Default)]
pub struct FakeTriggers {
    on: Arc<Mutex<BTreeMap<String, bool>>>,
}

impl FakeTriggers {
    /// These triggers, all on or all off.
    pub fn of(names: &[&str], on: bool) -> Self {
        Self { on: Arc::new(Mutex::new(names.iter().map(|name| ((*name).to_owned(), on)).collect())) }
    }

    /// How all of them stand, when they stand alike.
    pub fn all(&self) -> Option<bool> {
        let states = self.on.lock().unwrap_or_else(PoisonError::into_inner);
        let first = states.values().next().copied()?;
        states.values().all(|on| *on == first).then_some(first)
    }
}

#[async_trait]
impl Triggers for FakeTriggers {
    async fn state(&self, trigger: &str) -> Result<TriggerState, PortError> {
        Memory::give_way().await;
        let states = self.on.lock().unwrap_or_else(PoisonError::into_inner);
        let on = states.get(trigger).ok_or_else(|| PortError::NotFound { what: trigger.to_owned() })?;
        Ok(if *on { TriggerState::On } else { TriggerState::Off })
    }

    async fn turn(&self, trigger: &str, on: bool) -> Result<(), PortError> {
        Memory::give_way().await;
        self.on.lock().unwrap_or_else(PoisonError::into_inner).insert(trigger.to_owned(), on);
        Memory::give_way().await;
        Ok(())
    }
}
