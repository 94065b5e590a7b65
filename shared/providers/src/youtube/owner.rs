//! Whose channel a consent is for: an account may own several, and the wrong one is chosen easily.

use proofreel_ports::HostError;
use serde_json::Value;

use super::parts::items;
use super::{Ask, NAME, YouTube};

/// The channel at YouTube that a consent is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// YouTube's id of it, `UC…`.
    pub id: String,
    /// Its name, control characters taken out.
    pub title: String,
    /// False when films over fifteen minutes are refused, because the account's phone number was not verified.
    pub long_films: bool,
}

impl YouTube {
    /// The channel that the consent is for.
    ///
    /// # Errors
    /// The account has no channel; the host.
    pub async fn owner(&self) -> Result<Owner, HostError> {
        let url = self.resource("channels", &[("part", "snippet,status"), ("mine", "true")]);
        let mine = self.json(&Ask::get(url, self.law.units.list, "the channel")).await?;
        let channel = items(&mine).first().ok_or_else(|| HostError::Refused {
            host: NAME.into(),
            what: "the consent".into(),
            why: "the account has no channel".into(),
            hint: "make one on YouTube, or consent with the account that owns it".into(),
        })?;
        let text = |pointer: &str| channel.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let plain = |text: &str| text.chars().filter(|sign| !sign.is_control()).take(100).collect::<String>();
        Ok(Owner {
            id: plain(text("/id")),
            title: plain(text("/snippet/title")),
            long_films: text("/status/longUploadsStatus") == "allowed",
        })
    }
}
