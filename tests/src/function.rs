//! A function's real binary under the runtime API, as a Lambda sandbox runs it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::runtime_api::{Answer, RuntimeApi};

/// How long a function may take for anything in a test before it counts as stuck.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running function. It is killed when it is dropped.
pub struct Function {
    /// Its runtime API.
    pub api: RuntimeApi,
    child: Child,
    folder: TempDir,
}

/// The binary of a function, beside the one of this test.
///
/// # Panics
/// When it was not built.
pub fn binary(function: &str) -> PathBuf {
    program(&format!("proofreel-fn-{function}"))
}

/// A program of this workspace, beside the one of this test.
///
/// # Panics
/// When it was not built.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this program's path");
    let folder = test.parent().and_then(Path::parent).expect("the folder of programs");
    let program = folder.join(name);
    assert!(program.is_file(), "{} is not there: run `cargo build --workspace` first", program.display());
    program
}

impl Function {
    /// Starts the function with this environment on top of what Lambda gives, and nothing else; its `/tmp` is its own.
    pub async fn start(function: &str, environment: &[(&'static str, String)]) -> Self {
        let api = RuntimeApi::start().await;
        let folder = TempDir::new().expect("a folder");
        let log = std::fs::File::create(folder.path().join("log")).expect("a log");
        let errors = log.try_clone().expect("a log");
        let child = Command::new(binary(function))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", function)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "test")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "test")
            .env("TMPDIR", folder.path())
            .envs(environment.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .expect("the function starts");
        Self { api, child, folder }
    }

    /// One invocation that must end within `limit`; `None` when the process ended instead.
    ///
    /// # Panics
    /// When the function does neither.
    pub async fn invoke(&mut self, event: Value, limit: Duration) -> Option<Answer> {
        tokio::select! {
            answer = self.api.invoke(event, limit, PATIENCE) => {
                Some(answer.unwrap_or_else(|| panic!("no answer; the log says {:#?}", self.log())))
            }
            _ = self.child.wait() => None,
        }
    }

    /// Its process id.
    pub fn id(&self) -> i32 {
        self.child.id().and_then(|id| i32::try_from(id).ok()).expect("the function lives")
    }

    /// Sends the process a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_raw(self.id());
        rustix::process::kill_process(id.expect("the function lives"), signal).expect("the signal is sent");
    }

    /// Waits for the process's end, and gives how it ended.
    pub async fn ended(&mut self) -> std::process::ExitStatus {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.expect("the function ends").expect("how it ended")
    }

    /// Waits until the function asked for its n-th event.
    pub async fn asked(&self, nexts: u64) {
        let asks = async {
            while self.api.nexts() < nexts {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asks)
            .await
            .unwrap_or_else(|_| panic!("it does not ask; the log says {:#?}", self.log()));
    }

    /// The lines it wrote so far. What is no JSON is given as text.
    pub fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| line.into())).collect()
    }
}
