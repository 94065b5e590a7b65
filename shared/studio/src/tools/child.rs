//! A program that was started: bounded in time, in what it prints and in what it gives, and gone when it is dropped.
//!
//! Each child leads a process group of its own, so that whatever it starts is ended with it.

use std::io::Read;
use std::ops::{Deref, DerefMut};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use super::{failed, no_tool};
use crate::error::StudioError;

/// How a child may end, shared with the thread that watches the time.
#[derive(Debug, Default)]
struct Life {
    /// It was waited for: its number may belong to another process by now.
    ended: bool,
    /// It was ended because its time was over.
    timed_out: bool,
}

/// A running program. Dropping it ends it with all it started.
#[derive(Debug)]
pub struct Running {
    child: Child,
    program: String,
    doing: String,
    seconds: u64,
    life: Arc<Mutex<Life>>,
    /// Dropped to tell the watching thread that the child has ended.
    done: Option<Sender<()>>,
    clock: Option<JoinHandle<()>>,
}

/// How glibc allocates; other C libraries do not read it.
const ALLOCATION: &str = "GLIBC_TUNABLES";
/// ffmpeg asks for a buffer for each frame and gives it back. By default glibc maps such a buffer anew each time, and
/// the kernel clears its pages: a quarter of the processor time of a quick encoder. Kept in the heap it is used again.
const KEEP_MEMORY: &str =
    "glibc.malloc.mmap_threshold=67108864:glibc.malloc.trim_threshold=268435456:glibc.malloc.top_pad=16777216";

fn held(life: &Mutex<Life>) -> MutexGuard<'_, Life> {
    life.lock().unwrap_or_else(PoisonError::into_inner)
}

fn end_group(child: u32) {
    if let Some(pid) = i32::try_from(child).ok().and_then(Pid::from_raw) {
        // It may have ended by itself a moment ago; then there is nobody to tell.
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

impl Running {
    /// Starts a program that is ended after `seconds`. Never through a shell.
    pub fn start(command: &mut Command, program: &Path, doing: &str, seconds: u64) -> Result<Self, StudioError> {
        // A program that is told otherwise by its surroundings is left as it is.
        if std::env::var_os(ALLOCATION).is_none() {
            command.env(ALLOCATION, KEEP_MEMORY);
        }
        let child = command.process_group(0).spawn().map_err(|error| no_tool(program, &error))?;
        let life = Arc::new(Mutex::new(Life::default()));
        let (done, ended) = channel();
        let (watched, id) = (Arc::clone(&life), child.id());
        let clock = std::thread::spawn(move || {
            if ended.recv_timeout(Duration::from_secs(seconds)) == Err(RecvTimeoutError::Timeout) {
                let mut life = held(&watched);
                if !life.ended {
                    life.timed_out = true;
                    end_group(id);
                }
            }
        });
        let program = program.display().to_string();
        Ok(Self { child, program, doing: doing.to_owned(), seconds, life, done: Some(done), clock: Some(clock) })
    }

    /// Waits for its end. An error when its time was over.
    pub fn wait(&mut self) -> Result<ExitStatus, StudioError> {
        let mut pause = Duration::from_millis(1);
        let status = loop {
            // Under the lock: between the end and this note nobody may send a signal to its number.
            let mut life = held(&self.life);
            let status = self
                .child
                .try_wait()
                .map_err(|error| StudioError::io(format!("waiting for {}", self.program), error))?;
            if let Some(status) = status {
                life.ended = true;
                break status;
            }
            drop(life);
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        };
        self.stop_clock();
        if held(&self.life).timed_out {
            return Err(StudioError::TimedOut {
                program: self.program.clone(),
                doing: self.doing.clone(),
                seconds: self.seconds,
            });
        }
        Ok(status)
    }

    /// Ends it with all it started.
    pub fn end(&mut self) {
        let life = held(&self.life);
        if !life.ended {
            end_group(self.child.id());
        }
    }

    fn stop_clock(&mut self) {
        drop(self.done.take());
        if let Some(clock) = self.clock.take() {
            // The thread holds no resource but the lock, which is not poisoned by what it does.
            let _ = clock.join();
        }
    }
}

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.child
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.child
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let ended = held(&self.life).ended;
        if !ended {
            self.end();
            // Reaped, so that no dead process is left; how it ended is of no interest any more.
            let _ = self.child.wait();
            held(&self.life).ended = true;
        }
        self.stop_clock();
    }
}

/// What a program may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Seconds.
    pub seconds: u64,
    /// Bytes on its output.
    pub bytes: u64,
}

/// Runs a program to its end and gives what it wrote on its output.
pub fn run(program: &Path, doing: &str, args: &[std::ffi::OsString], bounds: Bounds) -> Result<Vec<u8>, StudioError> {
    let mut given = Vec::new();
    run_into(program, doing, args, bounds, |part| {
        given.extend_from_slice(part);
        Ok(())
    })?;
    Ok(given)
}

/// Bytes that are handed on together: a whole number of samples of any kind.
const PART: usize = 1 << 17;

/// Runs a program to its end and hands on what it writes on its output, in full parts but for the last. An error of
/// `take` ends it.
pub fn run_into(
    program: &Path,
    doing: &str,
    args: &[std::ffi::OsString],
    bounds: Bounds,
    mut take: impl FnMut(&[u8]) -> Result<(), StudioError>,
) -> Result<(), StudioError> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Running::start(&mut command, program, doing, bounds.seconds)?;
    let (out, errors) = (child.stdout.take(), child.stderr.take());
    let tail = std::thread::spawn(move || errors.map(read_tail).unwrap_or_default());
    let (mut part, mut given) = (Vec::with_capacity(PART), 0u64);
    let mut end = Ok(());
    let mut out = out.map(|out| out.take(bounds.bytes + 1));
    while let Some(out) = &mut out {
        part.clear();
        match out.take(PART as u64).read_to_end(&mut part) {
            Ok(0) => break,
            Ok(count) => given += count as u64,
            Err(error) => {
                end = Err(StudioError::io(format!("{doing}: reading what {} gives", program.display()), error));
                break;
            }
        }
        if given > bounds.bytes {
            end = Err(StudioError::TooMuch { doing: doing.to_owned(), bytes: bounds.bytes });
            break;
        }
        end = take(&part);
        if end.is_err() {
            break;
        }
    }
    if end.is_err() {
        child.end();
    }
    let status = child.wait();
    let printed = tail.join().unwrap_or_default();
    let status = status?;
    end?;
    if status.success() {
        return Ok(());
    }
    Err(failed(program, doing, &printed, &status.to_string()))
}

/// Reads what a child prints to its error stream until it ends; only the last 64 KiB are kept.
pub fn read_tail(mut from: impl Read) -> String {
    const MOST: usize = 1 << 16;
    let (mut kept, mut chunk) = (Vec::new(), [0; 4096]);
    while let Ok(count) = from.read(&mut chunk) {
        if count == 0 {
            break;
        }
        kept.extend_from_slice(&chunk[..count]);
        if kept.len() > 2 * MOST {
            kept.drain(..kept.len() - MOST);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}
