//! From bytes to text, by the encoding that the descriptor declares.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Decoded text, and a note when the encoding had to be guessed.
pub(crate) struct Decoded {
    pub text: String,
    pub note: Option<String>,
}

/// Bytes that are not in the encoding declared.
pub(crate) struct NotInEncoding {
    pub encoding: String,
    pub line: usize,
}

/// Decodes a file. A byte order mark wins over the declaration. Without a declaration, text that is not
/// UTF-8 is read as windows-1252, which gives every byte a character, and a note says so.
pub(crate) fn decode(bytes: &[u8], declared: Option<&str>) -> Result<Decoded, NotInEncoding> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return strict(&bytes[length..], encoding);
    }
    match declared {
        None => strict(bytes, UTF_8).or_else(|_| {
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
            Ok(Decoded {
                text: text.into_owned(),
                note: Some("the text is not UTF-8 and no encoding is declared; read as windows-1252".into()),
            })
        }),
        Some(label) => match label.to_lowercase().as_str() {
            "utf-16" | "utf-16le" => strict(bytes, UTF_16LE),
            "utf-16be" => strict(bytes, UTF_16BE),
            _ => match Encoding::for_label(label.as_bytes()) {
                Some(encoding) => strict(bytes, encoding),
                None => {
                    Err(NotInEncoding { encoding: format!("in a known encoding (`{label}` is declared)"), line: 1 })
                }
            },
        },
    }
}

fn strict(bytes: &[u8], encoding: &'static Encoding) -> Result<Decoded, NotInEncoding> {
    if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        return Ok(Decoded { text: text.into_owned(), note: None });
    }
    let valid = Encoding::utf8_valid_up_to(bytes);
    let line = if encoding == UTF_8 { bytes[..valid].split(|byte| *byte == b'\n').count() } else { 1 };
    Err(NotInEncoding { encoding: encoding.name().to_owned(), line })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_declarations_and_guesses() {
        assert_eq!(decode(b"\xef\xbb\xbfa,b", None).map(|d| d.text).ok().as_deref(), Some("a,b"));
        assert_eq!(decode(b"caf\xe9", Some("latin1")).map(|d| d.text).ok().as_deref(), Some("café"));
        let guessed = decode(b"caf\xe9", None).ok().unwrap();
        assert!(guessed.text == "café" && guessed.note.is_some());
        assert_eq!(decode(b"a\nb\xe9", Some("utf-8")).err().map(|e| e.line), Some(2));
        assert_eq!(decode(b"\xff\xfea\0", None).map(|d| d.text).ok().as_deref(), Some("a"));
        assert!(decode(b"a", Some("klingon")).is_err());
    }
}
