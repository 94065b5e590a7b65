//! What can go wrong in the studio, and what to do about it.

use std::io;

use proofreel_model::media::MediaFinding;
use thiserror::Error;

/// Why a film could not be made.
#[derive(Debug, Error)]
pub enum StudioError {
    /// No usable font was found.
    #[error(
        "no usable font in {searched}\n  hint: run `make setup` (or `apt-get install fonts-inter fonts-dejavu-core`), or set PROOFREEL_FONTS to a folder of OTF or TTF files"
    )]
    NoFonts {
        /// Places looked at.
        searched: String,
    },
    /// A text holds characters that no font draws.
    #[error(
        "no font draws {letters}\n  hint: {install}write it in words or in letters of a script in the channel file or the data package"
    )]
    NoGlyphs {
        /// The characters.
        letters: String,
        /// How to get fonts that hold some of them; empty when none of the known ones does.
        install: String,
    },
    /// A program is not there or cannot be started.
    #[error(
        "cannot start {program}: {detail}\n  hint: run `make setup`, or `apt-get install ffmpeg`; PROOFREEL_FFMPEG and PROOFREEL_FFPROBE name other copies"
    )]
    NoTool {
        /// The program.
        program: String,
        /// What the system said.
        detail: String,
    },
    /// A program ran and failed.
    #[error("{program} failed while {doing}: {detail}")]
    ToolFailed {
        /// The program.
        program: String,
        /// What it was doing.
        doing: String,
        /// End of what it printed.
        detail: String,
    },
    /// A program took longer than it may and was ended.
    #[error(
        "{program} did not come to an end with {doing} within {seconds} s and was stopped\n  hint: resume the run; if it happens again, look at the machine's load and disk, and at `proofreel doctor`"
    )]
    TimedOut {
        /// The program.
        program: String,
        /// What it was doing.
        doing: String,
        /// How long it was given.
        seconds: u64,
    },
    /// A program gave more than it may.
    #[error(
        "{doing} gave more than {bytes} bytes and was stopped\n  hint: choose another photograph or leave it out, if the film has one: what is all grain cannot be encoded; without one the fault is the installed ffmpeg's, whose version `proofreel doctor` shows"
    )]
    TooMuch {
        /// What was being done.
        doing: String,
        /// The bound.
        bytes: u64,
    },
    /// The device is full.
    #[error(
        "no space left while {doing}\n  hint: free some space and resume the run; nothing that was finished is lost"
    )]
    NoSpace {
        /// What was being written.
        doing: String,
    },
    /// A file could not be read or written.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done, with the path.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// A colour of the channel's look cannot be read.
    #[error("look.{key}: expected a colour as `#rrggbb`, found `{value}`\n  hint: correct the channel file")]
    BadColour {
        /// Key in the channel's `[look]`.
        key: String,
        /// What stands there.
        value: String,
    },
    /// The channel's look names a theme that there is not.
    #[error("look.theme: there is no theme `{name}`\n  hint: themes are {known}")]
    NoTheme {
        /// What stands there.
        name: String,
        /// Themes there are.
        known: String,
    },
    /// A scene cannot be drawn as it is.
    #[error("scene {scene} cannot be drawn: {why}")]
    BadScene {
        /// The scene.
        scene: String,
        /// What is wrong with it.
        why: String,
    },
    /// The spoken sound does not fit the script, or cannot be used.
    #[error("the sound cannot be used: {0}")]
    BadSound(String),
    /// The finished file is not as it must be.
    #[error("the film is out of specification: {}\n  hint: this is a fault of the renderer or of the installed ffmpeg; `proofreel doctor` shows its version", .0.join("; "))]
    OutOfSpec(Vec<String>),
    /// The media check found technical faults in a finished film. Whoever is told has it made once more, of nothing that was
    /// kept ([`crate::mend`]); the text is for those who are told after that.
    #[error("the film is out of specification: {}\n  hint: all of it was made anew and is no better, so no kept part is to blame but the renderer or the installed ffmpeg, whose version `proofreel doctor` shows; put that right and resume the run, which makes it anew once more", told(.0))]
    Faulty(Vec<MediaFinding>),
    /// The caller no longer wants the film.
    #[error("rendering was stopped")]
    Stopped,
}

impl StudioError {
    /// An input or output error, told apart from a full device.
    pub fn io(doing: impl Into<String>, source: io::Error) -> Self {
        let doing = doing.into();
        if source.kind() == io::ErrorKind::StorageFull { Self::NoSpace { doing } } else { Self::Io { doing, source } }
    }

    /// True when the same call may succeed later without another input.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::ToolFailed { .. }
                | Self::OutOfSpec(_)
                | Self::TimedOut { .. }
                | Self::Io { .. }
                | Self::NoSpace { .. }
                | Self::Stopped
        )
    }

    /// True when a kept part may be what is wrong: one that is whole and not what its name promises.
    pub fn is_of_parts(&self) -> bool {
        matches!(self, Self::Faulty(_) | Self::OutOfSpec(_) | Self::BadSound(_))
    }

    /// True when it is about what is spoken or sounds, and kept speech may be what is wrong.
    pub fn is_heard(&self) -> bool {
        match self {
            Self::BadSound(_) => true,
            Self::Faulty(findings) => findings.iter().any(|finding| finding.code.is_heard()),
            _ => false,
        }
    }
}

fn told(findings: &[MediaFinding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
