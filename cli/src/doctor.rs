//! `proofreel doctor`: what the machine lacks, and how to get it.

mod online;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use proofreel_model::channel::VoiceSettings;
use serde::Serialize;

use crate::args::{DoctorArgs, Global};
use crate::exit::{Class, Failure};
use crate::threads;

/// How bad it is when a part is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Good,
    /// A run works, less well.
    Degraded,
    Missing,
}

#[derive(Debug, Serialize)]
struct Finding {
    part: String,
    verdict: Verdict,
    seen: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

fn good(part: &str, seen: impl Into<String>) -> Finding {
    Finding { part: part.into(), verdict: Verdict::Good, seen: seen.into(), hint: None }
}

fn lacks(part: &str, verdict: Verdict, seen: impl Into<String>, hint: &str) -> Finding {
    Finding { part: part.into(), verdict, seen: seen.into(), hint: Some(hint.into()) }
}

pub fn doctor(global: &Global, args: &DoctorArgs) -> Result<ExitCode, Failure> {
    let mut findings = vec![
        program("ffmpeg"),
        program("ffprobe"),
        fonts(),
        script_fonts(),
        voice(),
        state(&global.state),
        parts(&global.state),
    ];
    if args.online {
        findings.extend(threads::many()?.block_on(online::findings(global, args.channel.as_deref()))?);
    }
    let missing = findings.iter().any(|finding| finding.verdict == Verdict::Missing);
    if global.json {
        println!("{:#}", serde_json::json!({ "ready": !missing, "parts": findings }));
    } else {
        for finding in &findings {
            let mark = match finding.verdict {
                Verdict::Good => "ok      ",
                Verdict::Degraded => "degraded",
                Verdict::Missing => "MISSING ",
            };
            println!("{mark}  {:<13} {}", finding.part, finding.seen);
            if let Some(hint) = &finding.hint {
                println!("                    hint: {hint}");
            }
        }
        println!("{}", if missing { "not ready" } else { "ready" });
    }
    Ok(if missing { ExitCode::from(Class::Machine as u8) } else { ExitCode::SUCCESS })
}

fn program(name: &'static str) -> Finding {
    let first_line = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned();
    match Command::new(name).arg("-version").output() {
        Ok(output) if output.status.success() => good(name, first_line(&output.stdout)),
        Ok(output) => {
            lacks(name, Verdict::Missing, first_line(&output.stderr), "make setup, or: apt-get install ffmpeg")
        }
        Err(error) => lacks(name, Verdict::Missing, error.to_string(), "make setup, or: apt-get install ffmpeg"),
    }
}

fn fonts() -> Finding {
    use proofreel_studio::text::{FontFiles, Typesetter};
    match Typesetter::new(&FontFiles::from_environment()) {
        Ok(typesetter) => good("fonts", typesetter.family()),
        Err(error) => {
            lacks("fonts", Verdict::Missing, error.to_string(), "make setup, or: apt-get install fonts-inter")
        }
    }
}

/// Fonts of scripts that the text fonts do not hold: names from data can be in any.
fn script_fonts() -> Finding {
    use proofreel_studio::text::{FontFiles, absent_scripts};
    let absent = absent_scripts(&FontFiles::from_environment());
    if absent.is_empty() {
        return good("scripts", "names in all known scripts can be drawn");
    }
    let seen = format!("no fonts of {}; a film with such names is refused", absent.join(" and "));
    lacks("scripts", Verdict::Degraded, seen, &format!("make setup, or: apt-get install {}", absent.join(" ")))
}

fn voice() -> Finding {
    use proofreel_ports::VoiceQuality;
    match proofreel_adapters::voice(&VoiceSettings::default(), &proofreel_adapters::voice_folders()) {
        Ok(voice) => {
            let info = voice.info();
            let seen = format!("{} ({}; {})", info.name, info.engine, info.licence);
            match info.quality {
                VoiceQuality::Neural => good("voice", seen),
                VoiceQuality::Robotic => {
                    lacks("voice", Verdict::Degraded, seen, "make setup installs the neural voice")
                }
            }
        }
        Err(error) => lacks("voice", Verdict::Missing, error.to_string(), "make setup"),
    }
}

/// Kept parts of films are never missing; their size is worth knowing.
fn parts(state: &Path) -> Finding {
    let folder = crate::state::parts_folder(state);
    let size = proofreel_adapters::local::FileParts::size(&folder);
    let most = proofreel_model::policy::law().pipeline.parts_megabytes;
    let seen = format!(
        "{} kept parts of films, {} of at most {most} MB (delete {} to clear)",
        size.count,
        size.bytes.div_ceil(1_000_000),
        folder.display()
    );
    good("parts", seen)
}

fn state(folder: &Path) -> Finding {
    let existing: PathBuf =
        folder.ancestors().find(|path| path.is_dir()).map_or_else(|| PathBuf::from("."), Path::to_owned);
    match tempfile::NamedTempFile::new_in(&existing) {
        Ok(_) => good("state", format!("{} is writable", folder.display())),
        Err(error) => lacks(
            "state",
            Verdict::Missing,
            format!("{}: {error}", folder.display()),
            "name a writable folder with --state or PROOFREEL_STATE",
        ),
    }
}
