//! The least that a Lambda function in Rust can be: what `make bench-lambda` compares with.

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    Runtime::new(service_fn(async |event: LambdaEvent<Value>| Ok::<_, Error>(event.payload))).run().await
}
