//! The film of a folder, decoded from its first frame to its last and measured against what it must be.

use std::path::Path;
use std::sync::Mutex;

use proofreel_model::film::Film;
use proofreel_model::media::MediaReport;
use proofreel_model::policy::law;
use proofreel_model::script::Script;
use proofreel_ports::Progress as _;
use proofreel_studio::StudioError;
use proofreel_studio::media::{self, Expectation, Known};
use proofreel_studio::tools::Tools;
use proofreel_studio::{captions, storyboard};
use serde_json::{Value, json};

use crate::exit::{Class, Failure};
use crate::folder::Folder;
use crate::printer::Printer;

/// The film's file in a folder.
const FILE: &str = "video.mp4";

/// What became of a folder's film.
#[derive(Debug)]
pub enum Filmed {
    /// There is none, as before rendering.
    None,
    /// There is one, and nothing that says what it should be.
    Unknown(&'static str),
    /// It was decoded and measured.
    Measured(Box<MediaReport>),
}

impl Filmed {
    /// True when nothing is wrong with it.
    pub fn is_good(&self) -> bool {
        match self {
            Self::None => true,
            Self::Unknown(_) => false,
            Self::Measured(report) => report.findings.is_empty(),
        }
    }

    pub fn document(&self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Unknown(why) => json!({ "checked": false, "why": why }),
            Self::Measured(report) => json!({ "checked": true, "good": self.is_good(), "media": report }),
        }
    }

    pub fn print(&self) {
        match self {
            Self::None => println!("  no {FILE}: only words and pictures as they are planned were judged"),
            Self::Unknown(why) => println!("  {FILE}  not checked: {why}"),
            Self::Measured(report) => {
                let (streams, sound) = (&report.streams, &report.sound);
                println!(
                    "  {FILE}  {} × {} {}, {:.1} s; {:.1} LUFS, {:.1} dBTP; every frame and sample decoded{}",
                    streams.width,
                    streams.height,
                    streams.video_codec,
                    streams.video_seconds,
                    sound.integrated_lufs,
                    sound.true_peak_dbtp,
                    if self.is_good() { ": good" } else { "" }
                );
                for finding in &report.findings {
                    println!("  {FILE}  {finding}");
                }
            }
        }
    }
}

/// Films are checked one after another: each takes all processors by itself.
pub struct Booth {
    printer: Mutex<Printer>,
    tools: Tools,
}

impl Booth {
    pub fn new(quiet: bool) -> Self {
        Self { printer: Mutex::new(Printer::new(quiet)), tools: Tools::from_environment() }
    }

    /// Checks the film of a folder, where there is one.
    ///
    /// # Errors
    /// The programs that decode are missing or fail for want of time or space. A film that cannot be read is no error: it
    /// is what the report says.
    pub fn check(&self, path: &Path, folder: &Folder) -> Result<Filmed, Failure> {
        let file = path.join(FILE);
        match file.try_exists() {
            Ok(true) => {}
            Ok(false) => return Ok(Filmed::None),
            Err(error) => return Err(Failure::input(format!("{}: {error}", file.display()))),
        }
        let Some(Ok(film)) = folder.published.film.as_ref().map(|film| &film.typed) else {
            return Ok(Filmed::Unknown("film.json, which says what it should be, is missing or follows no schema"));
        };
        let Ok(script) = &folder.input.script.typed else {
            return Ok(Filmed::Unknown("script.json, whose words it should say, follows no schema"));
        };
        self.measure(&file, film, script)
            .map(|report| Filmed::Measured(Box::new(report)))
            .map_err(|error| failed(&error))
    }

    fn measure(&self, file: &Path, film: &Film, script: &Script) -> Result<MediaReport, StudioError> {
        let timeline = storyboard::timeline(script, Some(film))?;
        let cues = captions::cues(script, &timeline);
        let expected = Expectation {
            size: film.format.size(),
            frames: (u64::from(film.duration_ms) * u64::from(proofreel_studio::FPS)).div_ceil(1000) as u32,
            scenes: &film.timeline,
            words: &film.words,
            cues: &cues,
            // Nothing is drawn again: what the frames should show is judged from the artifacts.
            drawn: &[],
            policy: &law().media,
        };
        // A poisoned lock means that another check broke; this one needs only the printer.
        let printer = self.printer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        printer.line(&format!("{}: decoding {:.0} s of film", file.display(), expected.seconds()));
        printer.begin("decode", u64::from(expected.frames));
        let tell = |frames: u32| printer.at(u64::from(frames));
        let known = Known { watch: Some(&tell), ..Known::default() };
        let report = media::check(&self.tools, file, &expected, known);
        printer.end();
        let most_ms = law().episode.runtime_seconds.1 * 1000;
        report.map(|mut report| {
            report.findings.extend(media::too_long(expected.frames, expected.words.len(), most_ms));
            report
        })
    }
}

fn failed(error: &StudioError) -> Failure {
    let class = if matches!(error, StudioError::NoTool { .. }) { Class::Machine } else { Class::Unexpected };
    Failure::new(class, error.to_string())
}
