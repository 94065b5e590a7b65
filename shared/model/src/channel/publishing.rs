//! `[publishing]` in a channel's file: who may decide, and how a film becomes public.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who sees a published film.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody.
    #[default]
    Public,
    /// Whoever has the address.
    Unlisted,
    /// The channel's owner.
    Private,
}

impl Visibility {
    /// The host's own word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Private => "private",
        }
    }
}

impl std::fmt::Display for Visibility {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Visibility {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Public, Self::Unlisted, Self::Private]
            .into_iter()
            .find(|visibility| visibility.as_str() == text)
            .ok_or_else(|| format!("unknown visibility `{text}`: expected public, unlisted or private"))
    }
}

/// Who may decide about a channel's films, and how they become public.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Publishing {
    /// May order, edit, publish and retract. With no name in any of the three lists, whoever runs the command on this
    /// machine is operator and approver, and nobody is anything from outside.
    pub operators: Vec<String>,
    /// May approve and reject.
    pub approvers: Vec<String>,
    /// May look.
    pub viewers: Vec<String>,
    /// An episode is not approved by a person who ordered or edited it.
    pub two_persons: bool,
    /// A film that passes the policy's strictest reading is approved without a person.
    pub auto_approve: bool,
    /// Who sees a film once it is published.
    pub visibility: Visibility,
    /// Made for children (the United States' COPPA); YouTube demands an answer, and nobody guesses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_for_kids: Option<bool>,
    /// YouTube's number of the category; 27 is education.
    pub category: u32,
    /// YouTube playlist that every film joins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub playlist: Option<String>,
    /// Subscribers are told of a new film.
    pub notify_subscribers: bool,
    /// Films within seven days at most; the policy's figure when it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uploads_per_week: Option<u32>,
}

impl Default for Publishing {
    fn default() -> Self {
        Self {
            operators: Vec::new(),
            approvers: Vec::new(),
            viewers: Vec::new(),
            two_persons: false,
            auto_approve: false,
            visibility: Visibility::default(),
            made_for_kids: None,
            category: 27,
            playlist: None,
            notify_subscribers: true,
            uploads_per_week: None,
        }
    }
}

impl Publishing {
    /// True when nothing was said: such a section is left out of an order, whose bytes stay what they were.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with it: key, fault, what to do.
    pub(super) fn fault(&self) -> Option<(&'static str, String, &'static str)> {
        let lists = [("operators", &self.operators), ("approvers", &self.approvers), ("viewers", &self.viewers)];
        for (key, names) in lists {
            let bad = names.iter().find(|name| {
                name.is_empty()
                    || name.len() > 64
                    || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._@-".contains(&b))
            });
            if let Some(bad) = bad {
                return Some((
                    key,
                    format!("`{bad}` is no name"),
                    "use letters, digits and . _ @ - (up to 64), as --as and the webhook give them",
                ));
            }
        }
        let bad_playlist = self.playlist.as_ref().is_some_and(|id| {
            id.is_empty() || id.len() > 64 || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        });
        if bad_playlist {
            return Some((
                "playlist",
                "`playlist` is no id of a playlist".into(),
                "copy what follows list= in the playlist's address",
            ));
        }
        if !(1..=99).contains(&self.category) {
            return Some((
                "category",
                format!("`category` is {}", self.category),
                "use YouTube's number, for example 27 (education) or 25 (news)",
            ));
        }
        if self.uploads_per_week.is_some_and(|most| !(1..=14).contains(&most)) {
            return Some(("uploads_per_week", "out of range".into(), "use 1 to 14"));
        }
        let approvers_known = !self.approvers.is_empty() || self.operators.is_empty();
        if !approvers_known {
            return Some((
                "approvers",
                "there are operators and nobody may approve".into(),
                "name an approver; it may be the operator, unless two_persons is on",
            ));
        }
        let alone = self.approvers.iter().all(|name| self.operators == [name.clone()]);
        if self.two_persons && (self.approvers.is_empty() || self.approvers.len() == 1 && alone) {
            return Some((
                "two_persons",
                "`two_persons` is on, and one person would have to be both".into(),
                "name an approver who is not the operator",
            ));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn read(section: &str) -> Result<Publishing, String> {
        let file = format!(
            "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"../data\"]\n[publishing]\n{section}\n"
        );
        parse("x.toml", &file).map(|profile| profile.publishing).map_err(|error| error.to_string())
    }

    #[test]
    fn a_section_reads_and_its_faults_name_line_and_way_out() {
        let read_one =
            read("approvers = [\"anna\"]\noperators = [\"ben\"]\ntwo_persons = true\nmade_for_kids = false").unwrap();
        assert_eq!((read_one.approvers.len(), read_one.made_for_kids, read_one.category), (1, Some(false), 27));
        for (section, said) in [
            ("approvers = [\"an na\"]", "no name"),
            ("operators = [\"ben\"]", "nobody may approve"),
            ("operators = [\"ben\"]\napprovers = [\"ben\"]\ntwo_persons = true", "one person"),
            ("two_persons = true", "one person"),
            ("playlist = \"a b\"", "playlist"),
            ("uploads_per_week = 0", "1 to 14"),
            ("visibility = \"all\"", "unknown variant `all`"),
        ] {
            let error = read(section).unwrap_err();
            assert!(
                error.contains(said) && error.contains("hint:") && error.starts_with("x.toml:"),
                "{section}: {error}"
            );
        }
        let error = read("auto_aprove = true").unwrap_err();
        assert!(error.contains("did you mean `auto_approve`?"), "{error}");
    }

    #[test]
    fn a_silent_section_leaves_no_trace_in_an_order() {
        let profile =
            parse("x.toml", "id = \"d\"\nname = \"D\"\nkind = \"finance\"\naudience = \"p\"\nsources = [\"s\"]\n")
                .unwrap();
        assert!(!serde_json::to_string(&profile).unwrap().contains("publishing"));
    }
}
