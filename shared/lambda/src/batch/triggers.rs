//! Brings triggers to a wanted state: level-triggered, so that whoever is called next repairs what a crash left.

use std::time::Duration;

use proofreel_ports::{PortError, TriggerState, Triggers};

/// Between looks at a trigger that is being changed.
const PAUSE: Duration = Duration::from_secs(2);
/// Looks at a trigger that is being changed the other way, before it is left to the next call: a change takes seconds, at
/// times a minute.
const LOOKS: u32 = 40;
/// Times that turning may fail in a way that may pass.
const TRIES: u32 = 3;

/// Turns all `names` on or off where they are not so already, and returns how many were turned. All are tried; the first
/// error is told at the end.
pub(crate) async fn turn_all(triggers: &dyn Triggers, names: &[String], on: bool) -> Result<u32, PortError> {
    let (mut turned, mut failed) = (0, None);
    for name in names {
        match turn(triggers, name, on).await {
            Ok(done) => turned += u32::from(done),
            Err(error) => {
                tracing::error!(trigger = name, on, %error, "trigger not turned");
                failed.get_or_insert(error);
            }
        }
    }
    failed.map_or(Ok(turned), Err)
}

/// True when it had to be turned.
async fn turn(triggers: &dyn Triggers, name: &str, on: bool) -> Result<bool, PortError> {
    let wanted = if on { TriggerState::On } else { TriggerState::Off };
    let mut failures = 0;
    for _ in 0..LOOKS {
        let state = triggers.state(name).await?;
        if state == wanted || state == (TriggerState::Turning { on: Some(on) }) {
            return Ok(false);
        }
        if matches!(state, TriggerState::Turning { .. }) {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        match triggers.turn(name, on).await {
            Ok(()) => {
                tracing::info!(trigger = name, on, "trigger turned");
                return Ok(true);
            }
            // Another call may be turning it at this very moment: look again before complaining.
            Err(error) if error.is_retryable() && failures < TRIES => failures += 1,
            Err(error) => return Err(error),
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(PortError::Unavailable {
        what: format!("turning the trigger {name} {}", if on { "on" } else { "off" }),
        detail: "it is being changed all the time; the next sweep tries again".into(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;

    /// A trigger that stands as listed at each look, the last for ever, and counts what is asked of it.
    struct Staged {
        looks: Mutex<Vec<TriggerState>>,
        asked: Mutex<Vec<bool>>,
        /// So many calls fail first.
        busy: Mutex<u32>,
    }

    #[async_trait]
    impl Triggers for Staged {
        async fn state(&self, trigger: &str) -> Result<TriggerState, PortError> {
            if trigger == "gone" {
                return Err(PortError::NotFound { what: trigger.into() });
            }
            let mut looks = self.looks.lock().unwrap();
            Ok(if looks.len() > 1 { looks.remove(0) } else { looks[0] })
        }

        async fn turn(&self, _: &str, on: bool) -> Result<(), PortError> {
            let mut busy = self.busy.lock().unwrap();
            if *busy > 0 {
                *busy -= 1;
                return Err(PortError::Unavailable { what: "turning".into(), detail: "in use".into() });
            }
            self.asked.lock().unwrap().push(on);
            Ok(())
        }
    }

    async fn asked(looks: &[TriggerState], names: &[&str], on: bool, busy: u32) -> (Result<u32, PortError>, Vec<bool>) {
        let staged = Staged { looks: Mutex::new(looks.to_vec()), asked: Mutex::default(), busy: Mutex::new(busy) };
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let answer = turn_all(&staged, &names, on).await;
        let asked = staged.asked.lock().unwrap().clone();
        (answer, asked)
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_differs_is_turned_and_a_change_the_other_way_is_waited_for() {
        use TriggerState::{Off, On, Turning};
        let one = &["one"][..];
        for (looks, on, expected) in [
            (vec![Off], true, vec![true]),
            (vec![On], true, vec![]),
            (vec![Turning { on: Some(true) }], true, vec![]),
            (vec![Turning { on: Some(false) }, Turning { on: Some(false) }, Off], true, vec![true]),
            (vec![Turning { on: None }, On], false, vec![false]),
            (vec![Off], false, vec![]),
        ] {
            let (answer, done) = asked(&looks, one, on, 0).await;
            assert_eq!((answer.unwrap() as usize, done), (expected.len(), expected), "{looks:?} towards {on}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_fails_does_not_keep_the_others_from_being_turned() {
        let (answer, done) = asked(&[TriggerState::Off], &["gone", "two"], true, TRIES).await;
        assert!(matches!(answer, Err(PortError::NotFound { .. })));
        assert_eq!(done, [true]);
        let (answer, done) = asked(&[TriggerState::Off], &["busy"], true, TRIES + 1).await;
        assert!(answer.is_err() && done.is_empty(), "it does not try for ever");
        let (answer, _) = asked(&[TriggerState::Turning { on: Some(false) }], &["stuck"], true, 0).await;
        assert!(answer.unwrap_err().to_string().contains("next sweep"));
    }
}
