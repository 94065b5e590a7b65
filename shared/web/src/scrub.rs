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
        let mut forms = Vec::new();
        // A path comes back whole, or in its parts; short parts are words that anybody may say.
        let path = request.secret_path.as_ref().map(Secret::reveal).unwrap_or_default();
        let parts = path.split(['/', '?', '&', '=']).filter(|part| part.len() >= LEAST_PART);
        for text in request.secrets().map(Secret::reveal).chain(parts) {
            // `Bearer KEY` comes back as KEY.
            for part in std::iter::once(text).chain(text.split_whitespace()) {
                if part.len() < law().web.least_secret {
                    continue;
                }
                let encoded: String = url::form_urlencoded::byte_serialize(part.as_bytes()).collect();
                let escaped = part.replace('\\', "\\\\").replace('"', "\\\"");
                // Some writers of JSON escape the slash too, and a refresh token begins with `1//`.
                let slashed = escaped.replace('/', "\\/");
                let small = small_escapes(&encoded);
                let html = part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
                forms.extend([
                    encoded.replace('+', "%20"),
                    small.replace('+', "%20"),
                    html.replace('\'', "&#39;"),
                    html,
                ]);
                forms.extend([part.to_owned(), encoded, small, escaped, slashed]);
            }
        }
        // The longest first: a part must not leave the rest of a whole behind.
        forms.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
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

/// Percent signs with small letters behind them, as some servers write them.
fn small_escapes(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut small = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        small.push('%');
        small.push_str(&code.to_ascii_lowercase());
        small.push_str(rest);
    }
    small
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
    fn what_other_writers_make_of_a_secret_is_found_too() {
        let scrub = scrub(&["1//0aB<c>&d'e"]);
        for heard in
            ["1\\/\\/0aB<c>&d'e", "1%2f%2f0aB%3cc%3e%26d%27e", "1//0aB&lt;c&gt;&amp;d&#39;e", "1//0aB&lt;c&gt;&amp;d'e"]
        {
            assert_eq!(scrub.text(heard), MARK, "{heard}");
        }
        assert_eq!(small_escapes("a%2FB%"), "a%2fB%");
    }

    #[test]
    fn the_secrets_of_a_form_are_secrets() {
        let mut request = WebRequest::get("https://example.org/");
        request.secret_form = vec![("refresh_token".into(), Secret::new("1//0refresh"))];
        assert_eq!(Scrub::of(&request).text("for 1%2F%2F0refresh there is none"), format!("for {MARK} there is none"));
    }

    #[test]
    fn a_secret_within_another_leaves_no_rest() {
        let scrub = scrub(&["abcdef", "abcdefghij"]);
        assert_eq!(scrub.text("abcdefghij abcdef"), format!("{MARK} {MARK}"));
    }
}
