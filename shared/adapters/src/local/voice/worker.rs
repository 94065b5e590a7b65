//! One worker process: started once, asked in a pipeline, killed when it is dropped or misbehaves.

use std::path::Path;
use std::pin::pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use proofreel_ports::{Speech, Utterance, VoiceError};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::SETUP_HINT;
use super::protocol::{self, END_MARK, Greeting, MAX_LINE, Request, Settings};

/// Bytes of the worker's last words that are kept for an error message.
const STDERR_TAIL: usize = 2048;

/// How long to wait before the worker counts as hung. Generous: the machine may be encoding video meanwhile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For loading the model.
    pub(super) start: Duration,
    /// For an utterance, whatever its length.
    pub(super) utterance: Duration,
    /// In addition for each byte of its text.
    pub(super) byte: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { start: Duration::from_secs(90), utterance: Duration::from_secs(30), byte: Duration::from_millis(50) }
    }
}

/// A running worker.
pub(super) struct Worker {
    engine: String,
    patience: Patience,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    last_words: Arc<Mutex<Vec<u8>>>,
    listener: JoinHandle<()>,
}

/// Why an answer was not taken.
enum Trouble {
    Late(u64),
    Wrong(String),
}

impl Worker {
    /// Starts `python -I -u -c script`, waits until it has loaded its model, and hands it the settings.
    pub(super) async fn start(
        engine: &str,
        python: &Path,
        script: &str,
        settings: &Settings,
        patience: Patience,
    ) -> Result<Self, VoiceError> {
        let unavailable =
            |detail: String| VoiceError::Unavailable { engine: engine.to_owned(), detail, hint: SETUP_HINT.to_owned() };
        let mut child = Command::new(python)
            .args(["-I", "-u", "-c", script]) // -I: a stray numpy.py in the working folder must not be imported
            .env("OMP_NUM_THREADS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| unavailable(format!("{} cannot be started: {e}", python.display())))?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(unavailable("the worker has no pipes".to_owned()));
        };
        let last_words = Arc::new(Mutex::new(Vec::new()));
        let listener = tokio::spawn(listen(stderr, Arc::clone(&last_words)));
        let stdout = BufReader::with_capacity(1 << 16, stdout);
        let mut worker = Self { engine: engine.to_owned(), patience, child, stdin, stdout, last_words, listener };
        match worker.greet(settings).await {
            Ok(()) => Ok(worker),
            Err(Trouble::Late(seconds)) => {
                Err(VoiceError::Timeout { engine: worker.engine, utterance: "its start".to_owned(), seconds })
            }
            Err(Trouble::Wrong(detail)) => Err(unavailable(worker.obituary(detail).await)),
        }
    }

    async fn greet(&mut self, settings: &Settings) -> Result<(), Trouble> {
        let line = within(self.patience.start, read_line(&mut self.stdout)).await?;
        let greeting: Greeting = serde_json::from_slice(&line)
            .map_err(|_| Trouble::Wrong(format!("the worker began with {}", protocol::excerpt(&line))))?;
        if let Some(error) = greeting.error {
            return Err(Trouble::Wrong(error));
        }
        if greeting.ready != 1 {
            return Err(Trouble::Wrong(format!("the worker speaks protocol {}, not 1", greeting.ready)));
        }
        if *settings == Settings::default() {
            return Ok(());
        }
        let line = Request::Configure { configure: settings }.line().map_err(|e| wrong(&e))?;
        within(self.patience.utterance, async { self.stdin.write_all(&line).await.map_err(|e| e.to_string()) }).await
    }

    /// False when the process has ended since it was last asked.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Speaks all lines. After an error the worker must not be asked again: answers may be under way.
    pub(super) async fn speak(&mut self, lines: &[Utterance], seed: u64) -> Result<Vec<Speech>, VoiceError> {
        let mut requests = Vec::new();
        for line in lines {
            let request = Request::Speak { id: &line.id, text: &line.text, seed };
            requests.extend(request.line().map_err(|e| self.failed(line, e.to_string()))?);
        }
        let mut answers = Vec::with_capacity(lines.len());
        let trouble = {
            let stdin = &mut self.stdin;
            // A failed write needs no report of its own: the reader then meets the end of the stream.
            let mut write = pin!(async {
                if stdin.write_all(&requests).await.is_ok() {
                    stdin.flush().await.ok();
                }
            });
            let (stdout, patience) = (&mut self.stdout, self.patience);
            let mut read = pin!(async {
                for line in lines {
                    let limit = patience.utterance + patience.byte * u32::try_from(line.text.len()).unwrap_or(u32::MAX);
                    match within(limit, read_answer(stdout, line)).await {
                        Ok(speech) => answers.push(speech),
                        Err(trouble) => return Some((line, trouble)),
                    }
                }
                None
            });
            let mut written = false;
            loop {
                // Both at once: a worker that is not read from stops reading, and everything would stand still.
                tokio::select! {
                    trouble = &mut read => break trouble,
                    () = &mut write, if !written => written = true,
                }
            }
        };
        match trouble {
            None => Ok(answers),
            Some((line, Trouble::Late(seconds))) => {
                Err(VoiceError::Timeout { engine: self.engine.clone(), utterance: line.id.clone(), seconds })
            }
            Some((line, Trouble::Wrong(detail))) => {
                let detail = self.obituary(detail).await;
                Err(self.failed(line, detail))
            }
        }
    }

    fn failed(&self, line: &Utterance, detail: String) -> VoiceError {
        VoiceError::Failed { engine: self.engine.clone(), utterance: line.id.clone(), detail }
    }

    /// Ends the process and adds what it said last to `detail`.
    async fn obituary(&mut self, detail: String) -> String {
        self.child.start_kill().ok();
        timeout(Duration::from_secs(2), &mut self.listener).await.ok();
        let said = self.last_words.lock().unwrap_or_else(PoisonError::into_inner);
        let said = String::from_utf8_lossy(&said);
        let said = said.trim();
        if said.is_empty() { detail } else { format!("{detail}\n  the worker said: {said}") }
    }
}

fn wrong(error: &dyn std::error::Error) -> Trouble {
    Trouble::Wrong(error.to_string())
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, String>>) -> Result<T, Trouble> {
    match timeout(limit, work).await {
        Ok(result) => result.map_err(Trouble::Wrong),
        Err(_) => Err(Trouble::Late(limit.as_secs())),
    }
}

async fn read_line(stdout: &mut BufReader<ChildStdout>) -> Result<Vec<u8>, String> {
    let mut line = Vec::new();
    stdout.take(MAX_LINE).read_until(b'\n', &mut line).await.map_err(|e| e.to_string())?;
    match line.last() {
        Some(b'\n') => Ok(line),
        Some(_) => Err(format!("the worker stopped in the middle of {}", protocol::excerpt(&line))),
        None => Err("the worker ended without an answer".to_owned()),
    }
}

async fn read_answer(stdout: &mut BufReader<ChildStdout>, asked: &Utterance) -> Result<Speech, String> {
    let line = read_line(stdout).await?;
    let promise = protocol::promise(&line, asked)?;
    let mut bytes = vec![0; promise.samples * 2 + END_MARK.len()];
    stdout
        .read_exact(&mut bytes)
        .await
        .map_err(|e| format!("the worker promised {} samples but ended before ({e})", promise.samples))?;
    let (sound, mark) = bytes.split_at(promise.samples * 2);
    if mark != END_MARK {
        return Err(format!("the worker sent another number of bytes than the promised {}", promise.samples * 2));
    }
    Ok(Speech {
        id: asked.id.clone(),
        sample_rate: promise.sample_rate,
        samples: protocol::samples(sound),
        words: promise.words,
    })
}

/// Keeps the end of what the worker writes to its standard error, so that it never blocks on a full pipe.
async fn listen(mut stderr: ChildStderr, last_words: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        let mut said = last_words.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend_from_slice(&buffer[..count]);
        let surplus = said.len().saturating_sub(STDERR_TAIL);
        said.drain(..surplus);
    }
}
