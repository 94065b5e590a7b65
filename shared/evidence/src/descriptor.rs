//! `datapackage.json`: what the package says about itself.

use serde_json::Value;

use crate::error::EvidenceError;
use crate::origin::{Publisher, licence, publishers};
use crate::path::safe_path;

/// The part of a descriptor that intake needs: what the package is called and which files to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// `name`, or a name made from the title or the folder.
    pub name: String,
    /// Paths of the CSV files that its resources name, inside the package, `/`-separated, without repeats.
    pub files: Vec<String>,
}

/// The whole descriptor, read tolerantly: a key of another type counts as absent.
#[derive(Debug, Default)]
pub(crate) struct PackageText {
    pub title: String,
    pub description: String,
    pub publishers: Vec<Publisher>,
    pub licence: String,
    pub hints: NameHints,
    pub resources: Vec<ResourceText>,
    /// Resources that are not local CSV files, with the reason.
    pub left_out: Vec<String>,
}

/// Our own custom property `proofreel` on a field, resource or package.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameHints {
    pub subject: Option<String>,
    pub short: Option<String>,
    pub plural: Option<bool>,
    pub adjustment: Option<String>,
    pub money: Option<String>,
}

/// One CSV resource.
#[derive(Debug, Default)]
pub(crate) struct ResourceText {
    pub name: String,
    pub path: String,
    pub title: String,
    pub description: String,
    pub encoding: Option<String>,
    pub delimiter: Option<u8>,
    pub quote: u8,
    pub comment: Option<u8>,
    pub header: bool,
    pub missing: Vec<String>,
    pub fields: Vec<FieldText>,
    pub hints: NameHints,
}

/// One column as the schema describes it.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldText {
    pub name: String,
    pub title: String,
    pub description: String,
    pub kind: String,
    pub format: String,
    pub decimal: Option<char>,
    pub unit: Option<Value>,
    pub hints: NameHints,
}

/// Package name and the CSV paths its resources name. `origin` is where the descriptor came from, for messages.
///
/// # Errors
/// Broken JSON, no resource that is a CSV file, or a path that is absolute, climbs or is an address.
pub fn descriptor_files(descriptor: &[u8], origin: &str) -> Result<Descriptor, EvidenceError> {
    let json = parse_json(descriptor, origin)?;
    let package = read(&json, origin)?;
    let named = text(&json, "name");
    let name = [
        named,
        slug(&package.title),
        slug(origin.trim_end_matches("datapackage.json").trim_end_matches('/').rsplit('/').next().unwrap_or(origin)),
    ]
    .into_iter()
    .find(|name| !name.is_empty())
    .unwrap_or_else(|| "package".into());
    if name.contains(['/', '\\']) || name.contains("..") || name.chars().any(char::is_control) {
        return Err(EvidenceError::Descriptor {
            package: origin.to_owned(),
            what: format!("`name` is {name:?}, which is not a plain name"),
            hint: "use lower-case letters, digits, `-`, `_` and `.`".into(),
        });
    }
    let mut files = Vec::new();
    for resource in package.resources {
        if !files.contains(&resource.path) {
            files.push(resource.path);
        }
    }
    Ok(Descriptor { name, files })
}

/// The JSON of a descriptor; a byte order mark is allowed.
pub(crate) fn parse_json(bytes: &[u8], origin: &str) -> Result<Value, EvidenceError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| EvidenceError::BrokenDescriptor {
        package: origin.to_owned(),
        line: error.line(),
        column: error.column(),
        detail: error.to_string().split(" at line").next().unwrap_or_default().to_owned(),
    })
}

/// Reads a descriptor and checks the paths of its CSV resources.
pub(crate) fn read(json: &Value, origin: &str) -> Result<PackageText, EvidenceError> {
    let refuse = |what: &str, hint: &str| EvidenceError::Descriptor {
        package: origin.to_owned(),
        what: what.into(),
        hint: hint.into(),
    };
    if !json.is_object() {
        return Err(refuse(
            "an object was expected",
            "see https://specs.frictionlessdata.io for the shape of a data package",
        ));
    }
    let resources = json.get("resources").and_then(Value::as_array).ok_or_else(|| {
        refuse(
            "`resources` is missing or not a list",
            "list the CSV files: \"resources\": [{\"name\": \"prices\", \"path\": \"data/prices.csv\"}]",
        )
    })?;
    let mut package = PackageText {
        title: text(json, "title"),
        description: text(json, "description"),
        publishers: publishers(json, resources),
        licence: licence(json),
        hints: hints(json),
        ..PackageText::default()
    };
    for (n, resource) in resources.iter().enumerate() {
        match read_resource(resource, n, origin)? {
            Ok(read) if package.resources.iter().any(|other| other.name == read.name) => {
                package.left_out.push(format!("resource `{}`: a second resource has this name", read.name));
            }
            Ok(read) => package.resources.push(read),
            Err(reason) => package.left_out.push(reason),
        }
    }
    if package.resources.is_empty() {
        let why =
            if package.left_out.is_empty() { "`resources` is empty".to_owned() } else { package.left_out.join("; ") };
        return Err(refuse(&format!("no resource is a CSV file ({why})"), "add a resource whose `path` ends in .csv"));
    }
    Ok(package)
}

/// `Ok(Ok(..))` for a local CSV file, `Ok(Err(reason))` for something else, `Err` for a path that is refused.
fn read_resource(json: &Value, n: usize, origin: &str) -> Result<Result<ResourceText, String>, EvidenceError> {
    let name = text(json, "name");
    let label = if name.is_empty() { format!("number {}", n + 1) } else { name.clone() };
    let path = match json.get("path") {
        Some(Value::String(path)) => path.clone(),
        Some(Value::Array(parts)) => match parts.as_slice() {
            [Value::String(path)] => path.clone(),
            _ => return Ok(Err(format!("resource `{label}`: it is split over several files"))),
        },
        _ => return Ok(Err(format!("resource `{label}`: it has no path"))),
    };
    let path = safe_path(&path).map_err(|why| EvidenceError::UnsafePath {
        package: origin.to_owned(),
        resource: label.clone(),
        path: path.clone(),
        why,
    })?;
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default();
    let format = text(json, "format").to_lowercase();
    if !(matches!(extension.as_str(), "csv" | "tsv" | "tab")
        || (extension != "gz" && extension != "zip" && matches!(format.as_str(), "csv" | "tsv")))
    {
        return Ok(Err(format!("resource `{label}`: {path} is not a CSV file")));
    }
    let stem = path.rsplit('/').next().unwrap_or(&path).split('.').next().unwrap_or_default().to_owned();
    let dialect = json.get("dialect").cloned().unwrap_or(Value::Null);
    let schema = json.get("schema").cloned().unwrap_or(Value::Null);
    let byte = |key: &str| text(&dialect, key).bytes().next();
    let fields = schema
        .get("fields")
        .and_then(Value::as_array)
        .map(|fields| fields.iter().map(read_field).collect())
        .unwrap_or_default();
    let missing = schema.get("missingValues").and_then(Value::as_array);
    Ok(Ok(ResourceText {
        name: if name.is_empty() { stem } else { name },
        title: text(json, "title"),
        description: text(json, "description"),
        encoding: Some(text(json, "encoding")).filter(|encoding| !encoding.is_empty()),
        delimiter: byte("delimiter").or_else(|| (extension == "tsv" || format == "tsv").then_some(b'\t')),
        quote: byte("quoteChar").unwrap_or(b'"'),
        comment: byte("commentChar"),
        header: dialect.get("header").and_then(Value::as_bool).unwrap_or(true),
        missing: missing
            .map(|values| values.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default(),
        fields,
        hints: hints(json),
        path,
    }))
}

fn read_field(json: &Value) -> FieldText {
    let character = |key: &str| text(json, key).chars().next();
    FieldText {
        name: text(json, "name"),
        title: text(json, "title"),
        description: text(json, "description"),
        kind: text(json, "type").to_lowercase(),
        format: text(json, "format"),
        decimal: character("decimalChar"),
        unit: unit_property(json),
        hints: hints(json),
    }
}

/// The custom unit of a field: an object, or a word whose companions (`per`, `multiplier`, …) stand beside it.
fn unit_property(json: &Value) -> Option<Value> {
    match json.get("unit") {
        Some(Value::String(_)) => Some(json.clone()),
        Some(unit @ Value::Object(_)) => Some(unit.clone()),
        _ => json.get("proofreel").and_then(|own| own.get("unit")).cloned(),
    }
}

fn hints(json: &Value) -> NameHints {
    let own = json.get("proofreel").cloned().unwrap_or(Value::Null);
    let word = |key: &str| Some(text(&own, key)).filter(|text| !text.is_empty());
    NameHints {
        subject: word("subject"),
        short: word("short"),
        plural: own.get("plural").and_then(Value::as_bool),
        adjustment: word("adjustment"),
        money: word("money"),
    }
}

/// A text member, trimmed; empty when absent or of another type.
pub(crate) fn text(json: &Value, key: &str) -> String {
    json.get(key).and_then(Value::as_str).unwrap_or_default().trim().to_owned()
}

fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars() {
        if c.is_alphanumeric() {
            slug.extend(c.to_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_csv_files_and_nothing_else() {
        let json = br#"{"name":"x","resources":[{"path":"./data/a.csv"},{"path":"data/b.xlsx"},{"path":["c.csv"],"format":"csv"}]}"#;
        let found = descriptor_files(json, "x").unwrap();
        assert_eq!((found.name.as_str(), found.files), ("x", vec!["data/a.csv".to_owned(), "c.csv".to_owned()]));
    }

    #[test]
    fn a_package_without_a_name_takes_one_from_title_or_folder() {
        let json = br#"{"title":"Tea & Coffee (US)","resources":[{"path":"a.csv"}]}"#;
        assert_eq!(descriptor_files(json, "in/folder").unwrap().name, "tea-coffee-us");
        let json = br#"{"resources":[{"path":"a.csv"}]}"#;
        assert_eq!(descriptor_files(json, "in/My Folder/datapackage.json").unwrap().name, "my-folder");
    }

    #[test]
    fn broken_json_names_its_line() {
        let error = descriptor_files(b"{\n \"name\": \"x\",\n oops }", "pkg").unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("hint"), "{error}");
    }

    #[test]
    fn climbing_paths_and_names_are_refused() {
        for path in
            ["../secret.csv", "/etc/passwd.csv", "https://x.org/a.csv", "C:/a.csv", "a\\\\b.csv", "data/../../a.csv"]
        {
            let json = format!(r#"{{"name":"x","resources":[{{"name":"r","path":"{path}"}}]}}"#);
            assert!(matches!(descriptor_files(json.as_bytes(), "x"), Err(EvidenceError::UnsafePath { .. })), "{path}");
        }
        assert!(descriptor_files(br#"{"name":"../x","resources":[{"path":"a.csv"}]}"#, "x").is_err());
    }
}
