//! The law is written once: tables in `specs/*.md` quote `specs/policy/*.toml`, and `specs/schemas/` is what the types say.

use std::fs;
use std::path::PathBuf;

fn specs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../specs")
}

/// Rows of the form `| ``file.key`` | value | … |`.
fn quoted(markdown: &str) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    for line in markdown.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, key, value, ..] = cells[..]
            && let Some(key) = key.strip_prefix('`').and_then(|key| key.strip_suffix('`'))
            && key.contains('.')
            && !key.contains(' ')
        {
            rows.push((key.to_owned(), value.to_owned()));
        }
    }
    rows
}

#[test]
fn every_number_quoted_in_a_spec_is_the_one_in_the_policy() {
    let mut seen = 0;
    for entry in fs::read_dir(specs()).unwrap().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        for (key, value) in quoted(&fs::read_to_string(&path).unwrap()) {
            let mut parts = key.split('.');
            let file = specs().join("policy").join(format!("{}.toml", parts.next().unwrap()));
            let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: `{key}`: {error}", path.display()));
            let mut at = &text.parse::<toml::Table>().map(toml::Value::Table).unwrap();
            for part in parts {
                at = at.get(part).unwrap_or_else(|| panic!("{}: there is no `{key}` in the policy", path.display()));
            }
            let said: toml::Value = toml::from_str::<toml::Table>(&format!("v = {value}")).unwrap()["v"].clone();
            assert_eq!(&said, at, "{}: `{key}` differs from the policy", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 25, "only {seen} numbers found: the tables have changed shape");
}

#[test]
fn every_spec_carries_a_semantic_version() {
    let mut seen = 0;
    for entry in fs::read_dir(specs()).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name().into_string().unwrap();
        let is_spec = path.extension().is_some_and(|extension| extension == "md");
        if !is_spec || ["README.md", "RELEASE_NOTES.md"].contains(&name.as_str()) {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let version = text.lines().find_map(|line| line.strip_prefix("Version ")).unwrap_or_default();
        let parts: Vec<_> = version.split('.').map(str::parse::<u32>).collect();
        assert!(parts.len() == 3 && parts.iter().all(Result::is_ok), "{name}: version `{version}`");
        seen += 1;
    }
    assert!(seen >= 8, "only {seen} specs found");
}

#[test]
fn the_schemas_on_disk_are_the_types() {
    for named in proofreel_model::schema::all() {
        let path = specs().join("schemas").join(format!("{}.schema.json", named.name));
        let expected = serde_json::to_string_pretty(&named.schema).unwrap() + "\n";
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == expected, "{} differs from its Rust type: run `make schemas`", path.display());
    }
}
