use async_trait::async_trait;
use proofreel_ports::{PortError, Stamp, Stamps};

use super::blobs::S3Blobs;
use super::errors::{genuine, port_error};

/// The stamp of a file is its `ETag`, which S3 makes of what was written.
#[async_trait]
impl Stamps for S3Blobs {
    async fn stamps(&self, prefix: &str) -> Result<Vec<Stamp>, PortError> {
        let mut pages = self.s3.list_objects_v2().bucket(&self.bucket).prefix(prefix).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| port_error(prefix, "s3:ListBucket", &error))?;
            genuine(prefix, "s3:ListBucket", &page)?;
            let stamped = |key: Option<&str>, tag: Option<&str>| Some(Stamp { key: key?.into(), stamp: tag?.into() });
            found.extend(page.contents().iter().filter_map(|object| stamped(object.key(), object.e_tag())));
        }
        found.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }
}
