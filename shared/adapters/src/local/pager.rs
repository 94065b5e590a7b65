//! Pages on one machine: a line in a file, and on the terminal.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use proofreel_model::incident::Page;
use proofreel_ports::{Pager, PortError};

/// Appends each page as a line of JSON to a file, and says it on standard error.
pub struct FilePager {
    file: PathBuf,
    aloud: bool,
}

impl FilePager {
    /// A pager that writes to `pages.jsonl` in a state folder.
    pub fn new(state: &Path, aloud: bool) -> Self {
        Self { file: state.join("pages.jsonl"), aloud }
    }
}

#[async_trait]
impl Pager for FilePager {
    async fn page(&self, page: &Page) -> Result<(), PortError> {
        let failed = |what: &str, detail: String| PortError::Unavailable {
            what: format!("{what} {}", self.file.display()),
            detail,
        };
        let line = serde_json::to_string(page).map_err(|error| failed("a page for", error.to_string()))?;
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.file)
            .map_err(|error| failed("opening", error.to_string()))?;
        // One write, so that pages of two processes do not mix.
        file.write_all(format!("{line}\n").as_bytes()).map_err(|error| failed("writing", error.to_string()))?;
        if self.aloud {
            eprintln!("{}: {}", if page.resolved { "over" } else { "PAGE" }, page.title);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_page_is_a_line() {
        let state = tempfile::tempdir().unwrap();
        let pager = FilePager::new(state.path(), false);
        let page = Page { title: "one\ntwo".into(), text: "t".into(), resolved: false, cause: "c".into() };
        pager.page(&page).await.unwrap();
        pager.page(&Page { resolved: true, ..page.clone() }).await.unwrap();
        let text = std::fs::read_to_string(state.path().join("pages.jsonl")).unwrap();
        let lines: Vec<Page> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines, [page.clone(), Page { resolved: true, ..page }]);
    }
}
