//! A channel's data packages as they are now, for whoever orders nothing: published films are held against them.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use proofreel_evidence::PackageBytes;
use proofreel_model::channel::ChannelProfile;
use proofreel_operations::bucket_channels::CHANNELS;
use proofreel_pipeline::Ports;
use proofreel_ports::Stamps;

use super::live::SourceDesks;
use super::mirror::Mirror;
use super::{channels, live};

/// Where a channel's packages come from.
#[async_trait]
pub trait CurrentPackages: Send + Sync {
    /// The packages of a channel as they are now, its live series fetched when due. An error is for people.
    async fn of(&self, profile: &ChannelProfile) -> Result<Vec<PackageBytes>, String>;
}

/// Those of the bucket, and of the live sources that channels name.
pub struct BucketPackages {
    ports: Ports,
    desks: Arc<dyn SourceDesks>,
    mirror: Mirror,
    scratch: PathBuf,
}

impl BucketPackages {
    /// With copies below `scratch`.
    pub fn new(ports: Ports, stamps: Arc<dyn Stamps>, desks: Arc<dyn SourceDesks>, scratch: PathBuf) -> Self {
        let mirror = Mirror::new(Arc::clone(&ports.blobs), stamps, scratch.join("bucket"));
        Self { ports, desks, mirror, scratch }
    }
}

#[async_trait]
impl CurrentPackages for BucketPackages {
    async fn of(&self, profile: &ChannelProfile) -> Result<Vec<PackageBytes>, String> {
        let fetched = live::folders(&self.ports, Some(self.desks.as_ref()), profile, &self.scratch).await?;
        channels::packages(&self.mirror, &format!("{CHANNELS}{}.toml", profile.id), profile, fetched).await
    }
}
