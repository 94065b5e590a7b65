//! Whether an answer is of the kind that was asked for.

/// Why an answer is of the wrong kind, as `(found, wanted)`.
pub(crate) type Mismatch = (String, String);

/// Judges the declared type. An answer that declares none is judged by its first bytes alone.
pub(crate) fn declared(header: Option<&str>, wanted: &[String]) -> Result<(), Mismatch> {
    let Some(header) = header.filter(|_| !wanted.is_empty()) else { return Ok(()) };
    let essence = essence(header);
    if essence.is_empty() || wanted.iter().any(|wanted| covers(wanted, &essence)) {
        return Ok(());
    }
    Err((essence, wanted.join(" or ")))
}

/// Judges the first bytes: a page of HTML that calls itself data is a page of HTML.
pub(crate) fn seen(body: &[u8], wanted: &[String]) -> Result<(), Mismatch> {
    let welcome = wanted.is_empty() || wanted.iter().any(|wanted| covers(wanted, "text/html"));
    if welcome || !is_html(body) {
        return Ok(());
    }
    Err(("a page of HTML".into(), wanted.join(" or ")))
}

/// `application/json` of `Application/JSON; charset=utf-8`.
fn essence(header: &str) -> String {
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether `wanted` takes a type: the very one, a family (`text/`), or a dialect (`application/problem+json` is JSON).
fn covers(wanted: &str, essence: &str) -> bool {
    let wanted = wanted.to_ascii_lowercase();
    if let Some(family) = wanted.strip_suffix('*').or(wanted.ends_with('/').then_some(&wanted)) {
        return essence.starts_with(family);
    }
    let dialect = |kind: &str| essence == format!("text/{kind}") || essence.ends_with(&format!("+{kind}"));
    match wanted.as_str() {
        "application/json" => essence == wanted || dialect("json"),
        "application/xml" | "text/xml" => essence == "application/xml" || dialect("xml"),
        _ => essence == wanted,
    }
}

fn is_html(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    let start: Vec<u8> = body.iter().take(15).map(u8::to_ascii_lowercase).collect();
    [&b"<!doctype html"[..], b"<html", b"<head", b"<body", b"<script"].iter().any(|tag| start.starts_with(tag))
}
