use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use proofreel_ports::{PortError, Secret, Secrets};

use super::error::io_error;
use crate::secret_names::check_name;

/// The file's name in the state folder.
const FILE: &str = "secrets.toml";
/// Largest file, bytes.
const LARGEST: u64 = 1 << 20;
/// Rights of others than the owner.
const OTHERS: u32 = 0o077;

type Variable = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The `Secrets` port of one machine: the variable `PROOFREEL_<NAME>`, else a line of `<state>/secrets.toml`
/// (`fred_api_key = "…"`), which nobody but its owner may read. Both are read anew each time, so a new key counts at once.
/// What is empty is not there. No error quotes what was read.
#[derive(Clone)]
pub struct LocalSecrets {
    file: PathBuf,
    variable: Arc<Variable>,
}

impl LocalSecrets {
    /// The secrets of this process's environment and of a state folder, which need not exist.
    pub fn new(state: &Path) -> Self {
        Self::with_variables(state, |name| std::env::var(name).ok())
    }

    fn with_variables(state: &Path, variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { file: state.join(FILE), variable: Arc::new(variable) }
    }

    fn read(&self) -> Result<BTreeMap<String, String>, PortError> {
        let what = self.file.display().to_string();
        let refused = |why: String| PortError::Refused { what: what.clone(), why };
        let file = match File::open(&self.file) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(io_error(&what, &error)),
        };
        // Asked of the open file: the name may lead elsewhere a moment later.
        let rights = file.metadata().map_err(|error| io_error(&what, &error))?;
        if !rights.is_file() {
            return Err(refused("it is no file\n  hint: put the keys into a plain file of that name".into()));
        }
        if rights.mode() & OTHERS != 0 {
            return Err(refused(format!(
                "others than its owner may use it (mode {:03o})\n  hint: chmod 600 {what}; a key that others could read should be replaced",
                rights.mode() & 0o777
            )));
        }
        let mut text = String::new();
        file.take(LARGEST).read_to_string(&mut text).map_err(|error| refused(error.kind().to_string()))?;
        // The parser's own words quote the line, and with it the key.
        toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            refused(format!("line {line} is no `name = \"key\"`\n  hint: one secret a line, the key in quotes"))
        })
    }
}

#[async_trait]
impl Secrets for LocalSecrets {
    async fn get(&self, name: &str) -> Result<Option<Secret>, PortError> {
        check_name(name)?;
        let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        if let Some(text) = (self.variable)(&format!("PROOFREEL_{}", name.to_uppercase())).and_then(given) {
            return Ok(Some(Secret::new(text)));
        }
        Ok(self.read()?.remove(name).and_then(given).map(Secret::new))
    }

    /// Writes the file anew, for its owner alone, in one step: a reader sees the old one or the new one.
    async fn store(&self, name: &str, secret: &Secret) -> Result<(), PortError> {
        check_name(name)?;
        let mut all = self.read()?;
        all.insert(name.to_owned(), secret.reveal().to_owned());
        let what = self.file.display().to_string();
        let text = toml::to_string(&all)
            .map_err(|_| PortError::Refused { what: what.clone(), why: "it cannot be written as TOML".into() })?;
        let beside = self.file.with_extension(format!("unfinished-{}", std::process::id()));
        write_private(&beside, text.as_bytes())
            .and_then(|()| std::fs::rename(&beside, &self.file))
            .map_err(|error| io_error(&what, &error))
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn written(text: &str, mode: u32) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        folder
    }

    async fn revealed(secrets: &LocalSecrets, name: &str) -> Option<String> {
        secrets.get(name).await.unwrap().map(|secret| secret.reveal().to_owned())
    }

    #[tokio::test]
    async fn a_variable_comes_before_the_file_and_what_is_empty_is_not_there() {
        let folder = written("fred_api_key = \"from-file\"\nother = \" kept \"\nnothing = \"\"\n", 0o600);
        let secrets = LocalSecrets::with_variables(folder.path(), |name| match name {
            "PROOFREEL_FRED_API_KEY" => Some("from-variable\n".into()),
            "PROOFREEL_OTHER" => Some("  ".into()),
            _ => None,
        });
        assert_eq!(revealed(&secrets, "fred_api_key").await.as_deref(), Some("from-variable"));
        assert_eq!(revealed(&secrets, "other").await.as_deref(), Some("kept"));
        assert_eq!(revealed(&secrets, "nothing").await, None);
        assert_eq!(revealed(&secrets, "unknown").await, None);
        let none = LocalSecrets::with_variables(Path::new("/nowhere/at/all"), |_| None);
        assert_eq!(revealed(&none, "fred_api_key").await, None, "no folder is no fault");
    }

    #[tokio::test]
    async fn what_is_stored_is_there_beside_the_rest_and_for_its_owner_alone() {
        let folder = written("other = \"kept\"\n", 0o600);
        let secrets = LocalSecrets::with_variables(folder.path(), |_| None);
        secrets.store("youtube_refresh_token_demo", &Secret::new("1//a \"b\"")).await.unwrap();
        secrets.store("youtube_refresh_token_demo", &Secret::new("1//c \"d\"")).await.unwrap();
        assert_eq!(revealed(&secrets, "youtube_refresh_token_demo").await.as_deref(), Some("1//c \"d\""));
        assert_eq!(revealed(&secrets, "other").await.as_deref(), Some("kept"));
        let mode = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_file_that_others_may_use_is_refused_until_it_is_theirs_no_more() {
        for mode in [0o640, 0o604, 0o620, 0o610] {
            let folder = written("key = \"hush\"\n", mode);
            let secrets = LocalSecrets::with_variables(folder.path(), |_| None);
            let error = secrets.get("key").await.unwrap_err().to_string();
            assert!(error.contains("chmod 600") && !error.contains("hush"), "{mode:o}: {error}");
            let file = folder.path().join(FILE);
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o400)).unwrap();
            assert_eq!(revealed(&secrets, "key").await.as_deref(), Some("hush"));
        }
    }

    #[tokio::test]
    async fn no_error_quotes_a_key_and_the_line_is_named() {
        let folder = written("fine = \"hush-1\"\nbroken = hush-2\n", 0o600);
        let secrets = LocalSecrets::with_variables(folder.path(), |_| None);
        let error = secrets.get("fine").await.unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(told.contains("line 2") && !told.contains("hush"), "{told}");
        assert_eq!(format!("{:?}", Secret::new("hush")), "Secret(…)");
    }

    #[tokio::test]
    async fn a_name_that_is_none_is_refused() {
        let secrets = LocalSecrets::with_variables(Path::new("/nowhere"), |_| Some("x".into()));
        for name in ["", "A", "a-b", "a/b", "../a", "a b", "ä", &"a".repeat(65)] {
            assert!(matches!(secrets.get(name).await, Err(PortError::IllegalKey { .. })), "{name}");
        }
    }
}
