//! The grammar of keys, the same for every store.

use proofreel_ports::PortError;

/// The grammar of keys, see `Blobs`.
pub(crate) fn check(key: &str) -> Result<(), PortError> {
    let illegal = |why: &str| Err(PortError::IllegalKey { key: key.to_owned(), why: why.to_owned() });
    for segment in key.split('/') {
        if segment.is_empty() {
            return illegal("a segment is empty");
        }
        if segment == "." || segment == ".." {
            return illegal("a segment must not be `.` or `..`");
        }
        if !segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
            return illegal("only letters A-Z and a-z, digits, `.`, `_`, `-` and `/` are allowed");
        }
        if segment.len() > 255 {
            return illegal("a segment is longer than 255 bytes");
        }
    }
    Ok(())
}

/// A prefix is the beginning of a key: nothing, or a key, or a key with `/` behind it.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), PortError> {
    if prefix.is_empty() { Ok(()) } else { check(prefix.strip_suffix('/').unwrap_or(prefix)) }
}
