//! Exit codes and how a failure is told.

use std::process::ExitCode;

/// Shown under `proofreel --help`.
pub const HELP: &str = "Exit codes:
  0  done
  1  unexpected fault
  2  wrong use of the command line
  3  bad input: channel file, data package, topic or run id
  4  refused: QA or a stage rejected the episode, or it waits for a person
  5  the machine lacks something: ffmpeg, fonts, a voice, disk space
  6  a stage failed; `proofreel produce --resume RUN` goes on from there";

/// Class of a failure, which is also its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Unexpected = 1,
    Input = 3,
    Refused = 4,
    Machine = 5,
    Stage = 6,
}

impl Class {
    /// True when the run may be resumed after the cause is mended.
    pub fn is_resumable(self) -> bool {
        matches!(self, Self::Machine | Self::Stage | Self::Unexpected)
    }
}

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    pub class: Class,
    pub message: String,
    /// Run that can be resumed.
    pub run: Option<String>,
}

impl Failure {
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), run: None }
    }

    pub fn input(message: impl std::fmt::Display) -> Self {
        Self::new(Class::Input, message.to_string())
    }

    /// Tells the failure and gives the exit code.
    pub fn report(&self, json: bool) -> ExitCode {
        if json {
            let document = serde_json::json!({
                "status": "error", "exit_code": self.class as u8, "error": self.message, "run": self.run,
            });
            println!("{document:#}");
        }
        eprintln!("error: {}", self.message);
        if let Some(run) = &self.run {
            eprintln!("  hint: go on with `proofreel produce --resume {run}`");
        }
        ExitCode::from(self.class as u8)
    }
}

impl From<proofreel_pipeline::DriverError> for Failure {
    fn from(error: proofreel_pipeline::DriverError) -> Self {
        use proofreel_pipeline::DriverError as E;
        let class = match error {
            E::Port(error) => return error.into(),
            E::NoSuchRun { .. } | E::BadOrder { .. } => Class::Input,
            E::NotResumable { .. } | E::NotEditable { .. } | E::Occupied { .. } => Class::Refused,
            E::Scratch { .. } => Class::Machine,
            _ => Class::Unexpected,
        };
        Self::new(class, error.to_string())
    }
}

impl From<proofreel_ports::PortError> for Failure {
    fn from(error: proofreel_ports::PortError) -> Self {
        let class = match error {
            proofreel_ports::PortError::NoSpace { .. } => Class::Machine,
            proofreel_ports::PortError::IllegalKey { .. } | proofreel_ports::PortError::Refused { .. } => Class::Input,
            _ => Class::Unexpected,
        };
        Self::new(class, error.to_string())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Class::Unexpected, format!("{error:#}"))
    }
}
