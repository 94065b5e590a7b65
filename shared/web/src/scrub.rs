//! Secrets in what comes back: some services write the key they were asked with into their answers, errors and links.

use memchr::memmem;
use proofreel_model::policy::law;
use proofreel_ports::{Secret, WebRequest};

/// What stands where a secret stood.
const MARK: &str = "[secret]";

/// Shortest part of a secret path that is a secret by itself.
const LEAST_PART: usize = 12;

/// The secrets of one request, in every form in which they travel.
pub(crate) struct Scrub {
    forms: Vec<String>,
}

impl Scrub {
    pub(crate) fn of(request: &WebRequest) -> Self {
        let headers = request.secret_headers.iter().map(|(_, secret)| secret);
        let query = request.secret_query.iter().map(|(_, secret)| secret);
        let mut forms = Vec::new();
        // A path comes back whole, or in its parts; short parts are words that anybody may say.
        let path = request.secret_path.as_ref().map(Secret::reveal).unwrap_or_default();
        let parts = path.split(['/', '?', '&', '=']).filter(|part| part.len() >= LEAST_PART);
        let texts = headers.chain(query).map(Secret::reveal).chain([path]).chain(parts);
        for text in texts {
            // `Bearer KEY` comes back as KEY.
            for part in std::iter::once(text).chain(text.split_whitespace()) {
                if part.len() < law().web.least_secret {
                    continue;
                }
                let encoded: String = url::form_urlencoded::byte_serialize(part.as_bytes()).collect();
                let escaped = part.replace('\\', "\\\\").replace('"', "\\\"");
                forms.extend([part.to_owned(), encoded.replace('+', "%20"), encoded, escaped]);
            }
        }
        // The longest first: a part must not leave the rest of a whole behind.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        Self { forms }
    }

    /// True when the text holds a secret.
    pub(crate) fn finds(&self, text: &str) -> bool {
        self.forms.iter().any(|form| text.contains(form.as_str()))
    }

    pub(crate) fn text(&self, text: &str) -> String {
        self.forms.iter().fold(text.to_owned(), |text, form| text.replace(form.as_str(), MARK))
    }

    pub(crate) fn bytes(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for form in &self.forms {
            let finder = memmem::Finder::new(form.as_bytes());
            if finder.find(&bytes).is_none() {
                continue;
            }
            let mut clean = Vec::with_capacity(bytes.len());
            let mut from = 0;
            for at in finder.find_iter(&bytes) {
                clean.extend_from_slice(&bytes[from..at]);
                clean.extend_from_slice(MARK.as_bytes());
                from = at + form.len();
            }
            clean.extend_from_slice(&bytes[from..]);
            bytes = clean;
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrub(secrets: &[&str]) -> Scrub {
        let mut request = WebRequest::get("https://example.org/");
        request.secret_headers = secrets.iter().map(|text| ("x".to_owned(), Secret::new(*text))).collect();
        Scrub::of(&request)
    }

    #[test]
    fn every_form_is_found_and_nothing_else_is_touched() {
        let scrub = scrub(&["Bearer abc/def+ghi", "say \"please\"", "tiny"]);
        for heard in [
            "Bearer abc/def+ghi",
            "abc/def+ghi",
            "abc%2Fdef%2Bghi",
            "{\"k\": \"say \\\"please\\\"\"}",
            "say%20%22please%22",
        ] {
            assert!(scrub.finds(heard), "{heard}");
            let clean = scrub.text(heard);
            assert!(clean.contains(MARK) && !clean.contains("def") && !clean.contains("lease"), "{clean}");
            assert_eq!(scrub.bytes(heard.as_bytes().to_vec()), clean.into_bytes());
        }
        let other = "a tiny Bear, abc/def";
        assert_eq!(scrub.text(other), other);
        assert_eq!(scrub.bytes(b"\xff\xfe tiny \x00".to_vec()), b"\xff\xfe tiny \x00");
    }

    #[test]
    fn a_secret_within_another_leaves_no_rest() {
        let scrub = scrub(&["abcdef", "abcdefghij"]);
        assert_eq!(scrub.text("abcdefghij abcdef"), format!("{MARK} {MARK}"));
    }
}
