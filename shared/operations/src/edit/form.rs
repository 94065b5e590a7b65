use std::collections::BTreeMap;

use proofreel_model::digest::Digest;
use proofreel_model::edit::Changes;
use proofreel_model::ids::{RunId, SceneId};
use proofreel_model::script::{Script, ThumbnailDesign, ThumbnailVariant};

use crate::OperationError;

/// Digits of the script's digest that a form carries.
const BASE_DIGITS: usize = 12;
/// Longest form that is read, bytes.
const LONGEST: usize = 256 * 1024;

/// The words of an episode that a person may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The run.
    pub run: RunId,
    /// Digest of the script that it shows.
    pub script: Digest,
    /// Title variants, the leading one first.
    pub titles: Vec<String>,
    /// Thumbnail variants with their words, the leading one first.
    pub thumbnails: Vec<(ThumbnailDesign, String)>,
    /// The description, an entry a line, without chapters.
    pub description: Vec<String>,
    /// Sentences by scene, in playing order.
    pub scenes: Vec<(SceneId, Vec<String>)>,
    /// Why it cannot be changed now, if so; ends in what to do.
    pub open: Result<(), String>,
}

impl Form {
    /// The form of a script.
    pub(super) fn of(run: &RunId, digest: &Digest, script: &Script, open: Result<(), String>) -> Self {
        let words = |variant: &ThumbnailVariant| {
            let earlier = variant.earlier.as_ref().map(|text| format!(" / {text}")).unwrap_or_default();
            (variant.design, format!("{} / {}{earlier}", variant.words, variant.figure))
        };
        Self {
            run: run.clone(),
            script: digest.clone(),
            titles: script.titles.iter().map(ToString::to_string).collect(),
            thumbnails: script.thumbnails.iter().map(words).collect(),
            description: script.description.iter().map(ToString::to_string).collect(),
            scenes: script
                .scenes
                .iter()
                .map(|scene| {
                    let sentences = scene.narration.iter().map(|said| said.text.to_string()).collect();
                    (scene.scene_id.clone(), sentences)
                })
                .collect(),
            open,
        }
    }

    /// What a changed form names as the script that it was made of.
    pub fn base(&self) -> &str {
        self.script.0.get(..BASE_DIGITS).unwrap_or(&self.script.0)
    }

    /// The form as text, as [`Form::read`] takes it back.
    pub fn text(&self) -> String {
        let mut out = format!(
            "# Words of run {}. Change what you like, leave the rest, and give it back:\n#   proofreel edit {} --script FILE\n# Lines that begin with # are not read. One sentence a line. Numbers and dates must be those of the\n# episode's facts: QA reads every changed line like any other text.\n",
            self.run, self.run
        );
        if let Err(why) = &self.open {
            for line in why.lines() {
                out.push_str(&format!("# NOW IT CANNOT BE CHANGED: {line}\n"));
            }
        }
        out.push_str(&format!("script: {}\n\n[title]\n", self.base()));
        for (n, title) in self.titles.iter().enumerate() {
            out.push_str(&if n == 0 { format!("{title}\n") } else { format!("# or: {title}\n") });
        }
        out.push_str("\n[thumbnail]\n");
        for (n, (design, words)) in self.thumbnails.iter().enumerate() {
            out.push_str(&if n == 0 { format!("{design}\n# {words}\n") } else { format!("# or {design}: {words}\n") });
        }
        out.push_str("\n[description]\n");
        for line in &self.description {
            out.push_str(&format!("{line}\n"));
        }
        for (id, sentences) in &self.scenes {
            out.push_str(&format!("\n[{id}]\n"));
            for sentence in sentences {
                out.push_str(&format!("{sentence}\n"));
            }
        }
        out
    }

    /// What a form asks for. Sections that are left out stay as they are.
    ///
    /// # Errors
    /// Names the line that cannot be read.
    pub fn read(text: &str) -> Result<Changes, OperationError> {
        let wrong = |n: usize, why: &str| {
            OperationError::Input(format!(
                "line {} of the form: {why}\n  hint: `proofreel edit RUN --show` prints one to begin with",
                n + 1
            ))
        };
        if text.len() > LONGEST {
            return Err(wrong(0, "the form is very long"));
        }
        let mut changes = Changes::default();
        let mut sections: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut section: Option<String> = None;
        for (n, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                if sections.insert(name.to_owned(), Vec::new()).is_some() {
                    return Err(wrong(n, &format!("[{name}] stands twice")));
                }
                section = Some(name.to_owned());
            } else if let Some(lines) = section.as_ref().and_then(|name| sections.get_mut(name)) {
                lines.push(line.to_owned());
            } else if let Some(base) = line.strip_prefix("script:") {
                changes.base = Some(base.trim().to_owned());
            } else {
                return Err(wrong(n, "words before the first section; a section begins with [title] or [s01], say"));
            }
        }
        for (name, lines) in sections {
            let one = |what: &str| match lines.as_slice() {
                [line] => Ok(line.clone()),
                _ => Err(OperationError::Input(format!("[{name}] holds {} lines: write one {what}", lines.len()))),
            };
            match name.as_str() {
                "title" => changes.title = Some(one("title")?),
                "thumbnail" => {
                    let design = one("design")?.parse();
                    changes.thumbnail =
                        Some(design.map_err(|why| OperationError::Input(format!("[thumbnail] {why}")))?);
                }
                "description" => changes.description = Some(lines),
                _ => drop(changes.scenes.insert(SceneId::from(name.as_str()), lines)),
            }
        }
        Ok(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form {
        Form {
            run: "20261122t211924-k3f9".into(),
            script: Digest::of(b"script"),
            titles: vec!["Gold fell".into(), "What gold did".into()],
            thumbnails: vec![(ThumbnailDesign::BoldLine, "GOLD / −12%".into())],
            description: vec!["About gold.".into(), "Sources:".into(), "• The bank – https://bank.test".into()],
            scenes: vec![("s01".into(), vec!["Gold looks calm.".into(), "It is not.".into()])],
            open: Ok(()),
        }
    }

    #[test]
    fn a_form_that_nobody_touched_asks_for_what_is_there() {
        let form = form();
        let changes = Form::read(&form.text()).unwrap();
        assert_eq!(changes.base.as_deref(), Some(form.base()));
        assert_eq!(changes.title.as_deref(), Some("Gold fell"));
        assert_eq!(changes.thumbnail, Some(ThumbnailDesign::BoldLine));
        assert_eq!(changes.description.as_ref(), Some(&form.description));
        assert_eq!(changes.scenes.into_iter().collect::<Vec<_>>(), form.scenes);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, why) in [
            ("Gold rose", "line 1 of the form: words before the first section"),
            ("[s01]\nA.\n[s01]\nB.", "line 3 of the form: [s01] stands twice"),
            ("[title]\na\nb", "[title] holds 2 lines"),
            ("[thumbnail]\nthe second", "no design is called `the second`"),
        ] {
            let error = Form::read(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(Form::read(&"x".repeat(LONGEST + 1)).is_err());
        assert_eq!(Form::read("[s02]\nOnly this.").unwrap().scenes.len(), 1);
    }

    #[test]
    fn a_form_says_when_it_is_of_no_use() {
        let shut = Form { open: Err("it renders\n  hint: wait".into()), ..form() };
        assert!(shut.text().contains("# NOW IT CANNOT BE CHANGED: it renders"));
        assert!(Form::read(&shut.text()).is_ok());
    }
}
