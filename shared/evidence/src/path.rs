//! Paths inside a package: nothing may point outside its folder.

/// The path with `./` removed, or why it is refused.
pub(crate) fn safe_path(path: &str) -> Result<String, &'static str> {
    let path = path.trim();
    if path.is_empty() {
        return Err("is empty");
    }
    if path.contains("://") || path.starts_with("//") {
        return Err("is an address on the network");
    }
    if path.contains('\\') {
        return Err("contains a backslash");
    }
    if path.starts_with('/') || path.starts_with('~') {
        return Err("is absolute");
    }
    if path.contains(':') {
        return Err("contains a colon, as a drive letter or an address does");
    }
    if path.chars().any(char::is_control) {
        return Err("contains a control character");
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err("climbs out of the package's folder");
    }
    if parts.is_empty() { Err("is empty") } else { Ok(parts.join("/")) }
}

#[cfg(test)]
mod tests {
    use super::safe_path;

    #[test]
    fn plain_paths_pass_and_others_do_not() {
        assert_eq!(safe_path("./data//x.csv").as_deref(), Ok("data/x.csv"));
        for path in ["", ".", "..", "a/../b", "/a", "~/a", "c:a", "file://a", "a\\b", "//host/a", "a\u{0}b"] {
            assert!(safe_path(path).is_err(), "{path:?}");
        }
    }
}
