//! Where a channel's data come from: folders of packages, and series of live providers.

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// How often a live series is asked for anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Refresh {
    /// Every day.
    Daily,
    /// Every seven days.
    #[default]
    Weekly,
    /// Every thirty days.
    Monthly,
    /// Only when `proofreel sources fetch` is told to.
    Never,
}

impl Refresh {
    /// Days after which a copy is due again; none for [`Refresh::Never`].
    pub fn days(self) -> Option<u32> {
        match self {
            Self::Daily => Some(1),
            Self::Weekly => Some(7),
            Self::Monthly => Some(30),
            Self::Never => None,
        }
    }
}

/// Series of a live provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LiveSource {
    /// Provider, as `proofreel sources` lists it.
    pub provider: String,
    /// Ids of series, as the provider writes them.
    pub series: Vec<String>,
    /// How often they are asked for.
    #[serde(default)]
    pub refresh: Refresh,
    /// True when the operator has read the provider's terms, where there are some that bind.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub terms_read: bool,
    /// Of a lone table by its address: what it shows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Of a lone table: who publishes it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub publisher: String,
    /// Of a lone table: its licence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub licence: String,
    /// Of a lone table: the unit of its figures, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
}

/// One entry of `sources`: a folder as a text, or a table with a provider.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(untagged)]
pub enum SourceEntry {
    /// A folder with data packages, relative to the channel file's folder.
    Folder(String),
    /// Series of a live provider.
    Live(LiveSource),
}

impl SourceEntry {
    /// The folder, when it is one.
    pub fn folder(&self) -> Option<&str> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Live(_) => None,
        }
    }

    /// The live series, when it is such.
    pub fn live(&self) -> Option<&LiveSource> {
        match self {
            Self::Folder(_) => None,
            Self::Live(live) => Some(live),
        }
    }
}

impl Serialize for SourceEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Folder(folder) => folder.serialize(serializer),
            Self::Live(live) => live.serialize(serializer),
        }
    }
}

/// By hand, so that a wrong key in a table is named as in every other table of the file.
impl<'de> Deserialize<'de> for SourceEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = SourceEntry;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a folder, or a table with `folder` or `provider` and `series`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<SourceEntry, E> {
                Ok(SourceEntry::Folder(text.to_owned()))
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<SourceEntry, M::Error> {
                let table = Table::deserialize(MapAccessDeserializer::new(map))?;
                table.entry().map_err(serde::de::Error::custom)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// A table of `[[sources]]` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    folder: Option<String>,
    provider: Option<String>,
    series: Option<Vec<String>>,
    refresh: Option<Refresh>,
    #[serde(default)]
    terms_read: bool,
    #[serde(default)]
    title: String,
    #[serde(default)]
    publisher: String,
    #[serde(default)]
    licence: String,
    #[serde(default)]
    unit: String,
}

impl Table {
    fn entry(self) -> Result<SourceEntry, &'static str> {
        match (self.folder, self.provider, self.series) {
            (Some(folder), None, None) if self.refresh.is_none() && !self.terms_read => Ok(SourceEntry::Folder(folder)),
            (None, Some(provider), Some(series)) if !series.is_empty() => Ok(SourceEntry::Live(LiveSource {
                provider,
                series,
                refresh: self.refresh.unwrap_or_default(),
                terms_read: self.terms_read,
                title: self.title,
                publisher: self.publisher,
                licence: self.licence,
                unit: self.unit,
            })),
            _ => Err("a source has a `folder` alone, or a `provider` with a list of `series`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::parse;

    const REST: &str = "id = \"demo\"\nname = \"Demo\"\nkind = \"finance\"\naudience = \"people\"\n";

    #[test]
    fn folders_and_providers_stand_side_by_side() {
        let text = format!(
            "{REST}[[sources]]\nfolder = \"../data\"\n[[sources]]\nprovider = \"fred\"\nseries = [\"UNRATE\"]\nrefresh = \"daily\"\nterms_read = true\n"
        );
        let profile = parse("x.toml", &text).unwrap();
        let live = profile.sources[1].live().unwrap();
        assert_eq!((profile.sources[0].folder(), live.refresh.days()), (Some("../data"), Some(1)));
        let inline =
            format!("{REST}sources = [\"../data\", {{ provider = \"ecb\", series = [\"EXR/M.USD.EUR.SP00.A\"] }}]\n");
        assert_eq!(parse("x.toml", &inline).unwrap().sources[1].live().unwrap().refresh, Refresh::Weekly);
    }

    #[test]
    fn a_typo_in_a_source_names_its_line_and_the_right_key() {
        let text = format!("{REST}[[sources]]\nprovider = \"fred\"\nserie = [\"UNRATE\"]\n");
        let error = parse("x.toml", &text).unwrap_err();
        assert_eq!((error.line, error.hint.as_str()), (7, "did you mean `series`?"), "{error}");
        for (wrong, said) in [
            ("[[sources]]\nprovider = \"fred\"\n", "list of `series`"),
            ("[[sources]]\nfolder = \"a\"\nprovider = \"fred\"\nseries = [\"X\"]\n", "`folder` alone"),
            ("[[sources]]\nprovider = \"fred\"\nseries = []\n", "list of `series`"),
            ("[[sources]]\nprovider = \"fred\"\nseries = [\"X\"]\nrefresh = \"hourly\"\n", "daily"),
            ("sources = [7]\n", "a folder"),
        ] {
            let error = parse("x.toml", &format!("{REST}{wrong}")).unwrap_err();
            assert!(error.problem.contains(said), "{wrong}: {error}");
        }
    }

    #[test]
    fn what_was_read_is_written_as_it_was() {
        let entries = vec![
            SourceEntry::Folder("../data".into()),
            SourceEntry::Live(LiveSource {
                provider: "ecb".into(),
                series: vec!["X/Y".into()],
                ..LiveSource::default()
            }),
        ];
        let json = serde_json::to_string(&entries).unwrap();
        assert_eq!(json, r#"["../data",{"provider":"ecb","series":["X/Y"],"refresh":"weekly"}]"#);
        assert_eq!(serde_json::from_str::<Vec<SourceEntry>>(&json).unwrap(), entries);
    }
}
