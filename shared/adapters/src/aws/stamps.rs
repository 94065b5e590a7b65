use async_trait::async_trait;
use proofreel_ports::{PortError, Stamp, Stamps};

use super::blobs::S3Blobs;
use super::errors::{genuine, port_error};

/// The stamp of a file is its `ETag`, which S3 computes from what was written.
#[async_trait]
impl Stamps for S3Blobs {
    async fn stamps(&self, prefix: &str) -> Result<Vec<Stamp>, PortError> {
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let request = self.s3.list_objects_v2().bucket(&self.bucket).prefix(prefix).set_continuation_token(next);
            let answer =
                request.send().await.map_err(|error| port_error(&self.bucket, "s3:ListBucket", &error))?;
            genuine(&self.bucket, "s3:ListBucket", &answer)?;
            for file in answer.contents() {
                let (Some(key), Some(stamp)) = (file.key(), file.e_tag()) else { continue };
                found.push(Stamp { key: key.to_owned(), stamp: stamp.to_owned() });
            }
            next = answer.next_continuation_token().map(str::to_owned);
            if next.is_none() {
                return Ok(found);
            }
        }
    }
}
