//! Keys and tags. Neither can be compared with `==` or printed.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use proofreel_model::policy::publishing::WebhookLaw;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

use super::grammar::Headers;

/// Length of a tag, bytes.
pub(super) const TAG_BYTES: usize = 32;

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// Not `whsec_` and base64.
    #[error("a webhook key is written whsec_ and base64\n  hint: make one with `proofreel auth webhook NAME`")]
    Form,
    /// Too short or too long.
    #[error("a webhook key has 24 to 64 bytes\n  hint: make one with `proofreel auth webhook NAME`")]
    Length,
}

/// A key.
#[derive(Clone)]
pub struct Key(Vec<u8>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// Reads `whsec_<base64>`.
    pub fn read(text: &str, law: &WebhookLaw) -> Result<Self, BadKey> {
        use base64::Engine as _;
        let encoded = text.strip_prefix("whsec_").ok_or(BadKey::Form)?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).map_err(|_| BadKey::Form)?;
        Self::of(bytes, law)
    }

    /// A key of these bytes.
    pub fn of(bytes: Vec<u8>, law: &WebhookLaw) -> Result<Self, BadKey> {
        let (least, most) = law.key_bytes;
        if (least..=most).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(BadKey::Length) }
    }

    fn tag(&self, id: &str, timestamp: &str, body: &[u8]) -> Option<[u8; TAG_BYTES]> {
        // HMAC takes keys of every length; the error exists for other algorithms.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        Some(mac.finalize().into_bytes().into())
    }
}

/// The keys of one person: the one in use, and during rotation the one before until it ends.
#[derive(Clone, Debug)]
pub struct KeyRing {
    /// In use.
    pub current: Key,
    /// The one before, and when it ends.
    pub previous: Option<(Key, Timestamp)>,
}

impl KeyRing {
    /// True when one of the tags is that of these bytes under one of the keys. Takes as long for the first tag as for the
    /// last, and for a wrong bit at the front as for one at the end.
    pub fn verifies(&self, headers: &Headers, body: &[u8], now: Timestamp) -> bool {
        let previous = self.previous.iter().filter(|(_, ends)| now < *ends).map(|(key, _)| key);
        let mut good = Choice::from(0);
        for key in std::iter::once(&self.current).chain(previous) {
            let Some(expected) = key.tag(&headers.id, &headers.timestamp_text, body) else { continue };
            for tag in &headers.tags {
                good |= expected.ct_eq(tag);
            }
        }
        good.into()
    }
}

/// The signature header of a message: for whoever sends decisions, and for tests.
pub fn sign(key: &Key, id: &str, timestamp: u64, body: &[u8]) -> String {
    use base64::Engine as _;
    let tag = key.tag(id, &timestamp.to_string(), body).unwrap_or_default();
    format!("v1,{}", base64::engine::general_purpose::STANDARD.encode(tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_model::policy::publishing::law;

    /// Wycheproof's vectors for HMAC-SHA256 (C2SP, Apache-2.0), through the very function that the door uses. They sign a
    /// message; the door signs `id.timestamp.body`, so a vector counts where its message can be cut at its dots, and for the
    /// primitive all count.
    #[test]
    fn wycheproof() {
        let text = include_str!("../../tests/wycheproof/hmac_sha256_test.json");
        let vectors: serde_json::Value = serde_json::from_str(text).unwrap();
        let bytes = |value: &serde_json::Value| -> Vec<u8> {
            let hex = value.as_str().unwrap();
            (0..hex.len() / 2).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect()
        };
        let (mut valid, mut invalid) = (0, 0);
        for group in vectors["testGroups"].as_array().unwrap() {
            let length = group["tagSize"].as_u64().unwrap() as usize / 8;
            for test in group["tests"].as_array().unwrap() {
                let mut mac = Hmac::<Sha256>::new_from_slice(&bytes(&test["key"])).unwrap();
                mac.update(&bytes(&test["msg"]));
                let tag: [u8; TAG_BYTES] = mac.finalize().into_bytes().into();
                let good: bool = tag[..length].ct_eq(&bytes(&test["tag"])).into();
                assert_eq!(good, test["result"] == "valid", "test {}", test["tcId"]);
                if good { valid += 1 } else { invalid += 1 }
            }
        }
        assert_eq!((valid, invalid), (66, 108));
    }

    /// The scheme's own published example.
    #[test]
    fn the_schemes_example() {
        let key = Key::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &law().webhook).unwrap();
        let signature = sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_key_is_of_its_form_and_length_and_never_printed() {
        use base64::Engine as _;
        let text = |n: usize| format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(vec![b'k'; n]));
        for (n, good) in [(23, false), (24, true), (64, true), (65, false)] {
            assert_eq!(Key::read(&text(n), &law().webhook).is_ok(), good, "{n}");
        }
        assert!(Key::read("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &law().webhook).is_err());
        assert_eq!(format!("{:?}", Key::read(&text(24), &law().webhook).unwrap()), "Key(…)");
    }
}
