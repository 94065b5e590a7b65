//! Text from the bytes of an answer.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use proofreel_model::policy::law;
use proofreel_ports::WebAnswer;

/// The body as text. A byte order mark decides, then the header, then what the page says of itself, then whether it can be
/// UTF-8; everything else is Windows-1252, as in browsers. What cannot be read becomes U+FFFD.
pub fn text(answer: &WebAnswer) -> String {
    let body = &answer.body;
    if let Some((encoding, mark)) = Encoding::for_bom(body) {
        return encoding.decode_without_bom_handling(&body[mark..]).0.into_owned();
    }
    let declared = answer.header("content-type").and_then(named);
    let encoding = declared
        .or_else(|| in_page(body))
        .unwrap_or_else(|| if std::str::from_utf8(body).is_ok() { UTF_8 } else { WINDOWS_1252 });
    encoding.decode_without_bom_handling(body).0.into_owned()
}

/// The encoding after `charset=`.
fn named(text: &str) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let after = lower.split_once("charset")?.1.trim_start().strip_prefix('=')?.trim_start();
    label(after)
}

/// An encoding's name at the beginning of a text, in quotes or without.
fn label(text: &str) -> Option<&'static Encoding> {
    let text = text.trim_start_matches(['"', '\'']);
    let end = text.find(|c: char| "\"'; \t\r\n/>?".contains(c)).unwrap_or(text.len());
    Encoding::for_label(&text.as_bytes()[..end])
}

/// What a page (`<meta charset=…>`) or an XML document (`encoding=…`) says of itself. It can be read, so it is not UTF-16.
fn in_page(body: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(&body[..body.len().min(law().web.meta_bytes)]).to_ascii_lowercase();
    let xml =
        start.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).and_then(|(declaration, _)| {
            label(declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start())
        });
    let meta = || start.split("<meta").skip(1).find_map(|tag| named(tag.split('>').next().unwrap_or_default()));
    let encoding = xml.or_else(meta)?;
    Some(if encoding.is_ascii_compatible() { encoding } else { UTF_8 })
}
