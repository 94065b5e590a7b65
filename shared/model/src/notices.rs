//! Who is told what: of an installation, and of a channel.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How somebody is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Slack's incoming webhook.
    Slack,
    /// Discord's webhook.
    Discord,
    /// ntfy, here or elsewhere.
    Ntfy,
    /// Any other webhook: the notice as plain JSON.
    Webhook,
    /// E-mail, by a topic of Amazon SNS.
    Email,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Something is wrong, or over.
    Page,
    /// A film waits for a decision.
    Decision,
    /// A film was taken back.
    Retraction,
    /// A source revised what a published film says.
    Revision,
    /// The report of a week or a month was made.
    Report,
}

impl About {
    /// The word in keys and on the terminal.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Decision => "decision",
            Self::Retraction => "retraction",
            Self::Revision => "revision",
            Self::Report => "report",
        }
    }
}

/// Somebody to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// How.
    pub way: Way,
    /// Name of the secret that holds the address: a webhook's URL, or the ARN of a topic. Whoever knows a webhook's URL can write
    /// to it, so it stands in no file.
    pub address: String,
    /// About what; everything when it is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<About>,
    /// ntfy's topic, where the address does not end in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
}

impl Recipient {
    /// True when this is for them.
    pub fn wants(&self, about: About) -> bool {
        self.about.is_empty() || self.about.contains(&about)
    }
}

/// `[notices]` of a channel's file, or the file `notices.toml` of an installation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Notices {
    /// Where the console is reached, without a final slash, for the link in a notice; for an installation only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console: Option<String>,
    /// Whom to tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Recipient>,
}

impl Notices {
    /// True when nothing was said: such a section is left out of an order, whose bytes stay what they were.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Reads the file of an installation; `file` names it.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub fn parse(file: &str, text: &str) -> Result<Self, String> {
        let notices: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
            format!("{file}:{line}: {}\n  hint: see specs/OPERATIONS.md#notices", error.message())
        })?;
        match notices.fault(true) {
            Some((key, problem, hint)) => Err(format!("{file}: `{key}`: {problem}\n  hint: {hint}")),
            None => Ok(notices),
        }
    }

    /// What is wrong with it: key, fault, what to do. Only an installation has a console.
    pub fn fault(&self, installation: bool) -> Option<(&'static str, String, &'static str)> {
        if let Some(console) = &self.console {
            if !installation {
                return Some(("console", "a channel has no console of its own".into(), "set it in notices.toml"));
            }
            let rest = console.strip_prefix("https://").or_else(|| console.strip_prefix("http://"));
            let plain = |sign: char| sign.is_ascii_alphanumeric() || "-._~:/[]".contains(sign);
            if rest.is_none_or(|rest| rest.is_empty() || rest.ends_with('/') || !rest.chars().all(plain)) {
                return Some((
                    "console",
                    format!("`{console}` is no address that a link can begin with"),
                    "for example https://console.example.org, without a final slash",
                ));
            }
        }
        for one in &self.to {
            let name = &one.address;
            let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            if name.is_empty() || name.len() > 60 || !name.bytes().all(legal) {
                return Some((
                    "address",
                    "an address is the name of a secret, in small letters, digits and _".into(),
                    "put the webhook's URL into secrets.toml (or SSM) under a name, and write that name here",
                ));
            }
            let topic = |sign: char| sign.is_ascii_alphanumeric() || "-_".contains(sign);
            if one.topic.as_ref().is_some_and(|text| text.is_empty() || text.len() > 64 || !text.chars().all(topic)) {
                return Some(("topic", "is no topic of ntfy".into(), "use up to 64 letters, digits, - and _"));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_and_an_address_in_it_is_refused_unread() {
        let text = "console = \"https://console.example.org\"\n[[to]]\nway = \"slack\"\naddress = \"slack_ops\"\nabout = [\"page\", \"decision\"]\n";
        let notices = Notices::parse("notices.toml", text).unwrap();
        assert!(notices.to[0].wants(About::Page) && !notices.to[0].wants(About::Revision));
        let url = "[[to]]\nway = \"slack\"\naddress = \"https://hooks.example.org/T0/B0/canary\"\n";
        let error = Notices::parse("notices.toml", url).unwrap_err();
        assert!(error.contains("name of a secret") && !error.contains("canary"), "{error}");
        for (bad, said) in [
            ("[[to]]\nway = \"pigeon\"\naddress = \"a\"\n", "notices.toml:2"),
            ("console = \"javascript:alert(1)\"\n", "is no address"),
            ("console = \"https://a.example/\"\n", "final slash"),
            ("[[to]]\nway = \"ntfy\"\naddress = \"a\"\ntopic = \"a b\"\n", "topic"),
        ] {
            let error = Notices::parse("notices.toml", bad).unwrap_err();
            assert!(error.contains(said) && error.contains("hint:"), "{bad}: {error}");
        }
    }

    #[test]
    fn a_channel_says_nothing_of_the_console_and_silence_leaves_no_trace() {
        let notices = Notices { console: Some("https://a.example".into()), to: Vec::new() };
        assert_eq!(notices.fault(false).unwrap().0, "console");
        assert!(Notices::default().is_default());
    }
}
