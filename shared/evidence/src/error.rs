//! What can be wrong with a data package.

use thiserror::Error;

/// Why a data package cannot be used. Every message says where, what was expected and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EvidenceError {
    /// `datapackage.json` is absent from the package.
    #[error("{package}: there is no datapackage.json\n  hint: name the folder that holds it")]
    NoDescriptor {
        /// The package.
        package: String,
    },
    /// `datapackage.json` is not JSON.
    #[error(
        "{package}: datapackage.json, line {line}, column {column}: {detail}\n  hint: correct the JSON there; a JSON checker shows the place"
    )]
    BrokenDescriptor {
        /// Where the package came from.
        package: String,
        /// 1-based line of the fault.
        line: usize,
        /// 1-based column of the fault.
        column: usize,
        /// What the parser said.
        detail: String,
    },
    /// The descriptor is JSON but does not describe CSV resources.
    #[error("{package}: datapackage.json: {what}\n  hint: {hint}")]
    Descriptor {
        /// Where the package came from.
        package: String,
        /// What is wrong.
        what: String,
        /// What to do.
        hint: String,
    },
    /// A resource's path could reach outside the package.
    #[error(
        "{package}: datapackage.json: resource `{resource}` has the path `{path}`, which {why}\n  hint: a path names a file inside the package's folder, for example `data/prices.csv`"
    )]
    UnsafePath {
        /// Where the package came from.
        package: String,
        /// The resource.
        resource: String,
        /// The path as written.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A file that the descriptor names is not there.
    #[error(
        "{package}: {file} is named by resource `{resource}` but is not in the package\n  hint: add the file or correct `path` in datapackage.json"
    )]
    MissingFile {
        /// The package.
        package: String,
        /// The resource.
        resource: String,
        /// Its path.
        file: String,
    },
    /// The bytes of a file are not text in the encoding declared.
    #[error(
        "{package}: {file}, line {line}: the text is not {encoding}\n  hint: set the resource's `encoding` in datapackage.json to what the file is in, for example `windows-1252`"
    )]
    Encoding {
        /// The package.
        package: String,
        /// The file.
        file: String,
        /// 1-based line of the first wrong byte.
        line: usize,
        /// The encoding declared.
        encoding: String,
    },
    /// A table cannot be read as dated numbers.
    #[error("{package}: {file}: {what}\n  hint: {hint}")]
    Table {
        /// The package.
        package: String,
        /// The file.
        file: String,
        /// What is wrong, with the row where there is one.
        what: String,
        /// What to do.
        hint: String,
    },
    /// Two packages have the same name.
    #[error("{package}: two data packages have this name\n  hint: rename one of them: `name` in its datapackage.json")]
    DuplicateName {
        /// The name.
        package: String,
    },
}
