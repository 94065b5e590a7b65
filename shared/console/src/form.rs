//! Fields of a form or an address, read to the letter.

use url::form_urlencoded;

/// Fields by name, each at most once.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `a=1&b=2`; none when there are more than `most` fields, or one comes twice: two readers of the same bytes must
    /// not see two things.
    pub fn read(bytes: &[u8], most: usize) -> Option<Self> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            if fields.len() == most || fields.iter().any(|(known, _)| *known == *name) {
                return None;
            }
            fields.push((name.into_owned(), value.into_owned()));
        }
        Some(Self(fields))
    }

    /// A field, without white space at its ends; empty when it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// All fields, in their order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A field that was filled in.
    pub fn filled(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }
}

/// An address of this console to go on to: only what is plainly a path of ours.
pub fn own_path(text: &str) -> Option<&str> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte));
    (text.starts_with('/') && !text.starts_with("//") && plain && text.len() <= 200).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_comes_once_and_an_address_stays_here() {
        let fields = Fields::read(b"a=1+2%20&b=%C3%A9&c=", 8).unwrap();
        assert_eq!((fields.get("a"), fields.get("b"), fields.filled("c"), fields.get("d")), ("1 2", "é", None, ""));
        assert!(Fields::read(b"a=1&a=2", 8).is_none() && Fields::read(b"a=1&b=2", 1).is_none());
        assert_eq!(own_path("/runs/20261122t211924-k3f9"), Some("/runs/20261122t211924-k3f9"));
        for bad in
            ["", "runs", "//evil.example", "/\\evil.example", "/a?b=c", "https://evil.example", "/%2f", "/a\r\nb"]
        {
            assert_eq!(own_path(bad), None, "{bad}");
        }
    }
}
