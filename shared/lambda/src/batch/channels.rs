//! Channels and their data packages as they lie in the bucket.

use std::path::{Component, Path, PathBuf};

use proofreel_evidence::PackageBytes;
use proofreel_model::channel::{self, ChannelProfile, SourceEntry};
use proofreel_operations::bucket_channels::{CHANNELS, is_channel_file};
use proofreel_pipeline::read_packages;

use super::mirror::{Mirror, MirrorError};

/// Where data packages lie, each in a folder of its own. Beside them lie the single files of orders, named by digest.
const DATA: &str = "data/";

/// Keys of the channel files: every one of them is an active channel.
pub(crate) async fn channel_files(mirror: &Mirror) -> Result<Vec<String>, MirrorError> {
    mirror.refresh(CHANNELS, is_channel_file).await
}

/// A channel's profile. The error is for people and says what to do.
pub(crate) fn profile(mirror: &Mirror, key: &str) -> Result<ChannelProfile, String> {
    let text = std::fs::read_to_string(mirror.folder().join(key)).map_err(|error| format!("{key}: {error}"))?;
    channel::parse(key, &text).map_err(|error| error.to_string())
}

/// The data packages that a channel's file names, and those that were `fetched` for it.
pub(crate) async fn packages(
    mirror: &Mirror,
    key: &str,
    profile: &ChannelProfile,
    fetched: Vec<PathBuf>,
) -> Result<Vec<PackageBytes>, String> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for source in profile.sources.iter().filter_map(SourceEntry::folder) {
        let prefix = prefix_of(source).ok_or_else(|| {
            format!("{key}: the source `{source}` does not lie below {DATA} in the bucket\n  hint: write `../data` or `../data/<package>`, as in channels/demo.toml")
        })?;
        mirror.refresh(&prefix, in_a_package).await.map_err(|error| error.to_string())?;
        folders.push(mirror.folder().join(prefix));
    }
    folders.extend(fetched);
    read_packages(&folders).map_err(|error| error.to_string())
}

/// True for a file in a folder below `data/`.
fn in_a_package(key: &str) -> bool {
    key.strip_prefix(DATA).is_some_and(|rest| rest.contains('/'))
}

/// The prefix, with its final `/`, of a source that a channel file in `channels/` names.
fn prefix_of(source: &str) -> Option<String> {
    let mut parts: Vec<&str> = vec![CHANNELS.trim_end_matches('/')];
    for component in Path::new(source).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()?),
            Component::Normal(name) => parts.push(name.to_str()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    let prefix = format!("{}/", parts.join("/"));
    prefix.starts_with(DATA).then_some(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_prefix_below_data_or_nothing() {
        assert_eq!(prefix_of("../data").as_deref(), Some("data/"));
        assert_eq!(prefix_of(".././data/gold/").as_deref(), Some("data/gold/"));
        for outside in ["../../data", "/data", "data", "../database", "../artifact", "..", "../data/.."] {
            assert_eq!(prefix_of(outside), None, "{outside}");
        }
    }

    #[test]
    fn files_of_orders_are_no_packages() {
        assert!(in_a_package("data/gold/datapackage.json") && in_a_package("data/gold/data/annual.csv"));
        assert!(!in_a_package(&format!("data/{}", "a".repeat(64))));
    }
}
