//! Secrets in SSM parameters, over the wire against both local AWSs.

#![allow(clippy::unwrap_used)] // helpers outside of test functions

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ssm::types::ParameterType;
use proofreel_adapters::aws::SsmSecrets;
use proofreel_ports::{PortError, Secrets};
use proofreel_tests::local_aws::{Emulator, Server, settings};
use proofreel_tests::wire::{Fault, Wire};

fn client(address: &str) -> aws_sdk_ssm::Client {
    aws_sdk_ssm::Client::new(&settings(address, 2, Duration::from_secs(5)))
}

async fn put(ssm: &aws_sdk_ssm::Client, name: &str, value: &str, kind: ParameterType) {
    ssm.put_parameter().name(name).value(value).r#type(kind).overwrite(true).send().await.unwrap();
}

async fn everything(emulator: Emulator) {
    let aws = Server::start_with(emulator, "ssm,kms");
    let ssm = client(&aws.address());
    put(&ssm, "/proofreel-dev/fred_api_key", "hush-1\n", ParameterType::SecureString).await;
    put(&ssm, "/proofreel/fred_api_key", "another stack's", ParameterType::SecureString).await;
    put(&ssm, "/proofreel-dev/open", "hush-2", ParameterType::String).await;

    let wire = Wire::to(Some(aws.port()), |_, _| Fault::Pass);
    let secrets = Arc::new(SsmSecrets::new(client(wire.address()), "/proofreel-dev/"));
    // Eight at once, and once more after somebody changed it: one question, one answer.
    let asked = (0..8).map(|_| {
        let secrets = Arc::clone(&secrets);
        tokio::spawn(async move { secrets.get("fred_api_key").await })
    });
    let asked: Vec<_> = asked.collect();
    for answer in asked {
        assert_eq!(answer.await.unwrap().unwrap().unwrap().reveal(), "hush-1");
    }
    put(&ssm, "/proofreel-dev/fred_api_key", "changed", ParameterType::SecureString).await;
    assert_eq!(secrets.get("fred_api_key").await.unwrap().unwrap().reveal(), "hush-1");
    assert_eq!(wire.seen().len(), 1);
    let later = SsmSecrets::new(ssm.clone(), "/proofreel-dev/");
    assert_eq!(later.get("fred_api_key").await.unwrap().unwrap().reveal(), "changed");

    for _ in 0..2 {
        assert!(secrets.get("unknown").await.unwrap().is_none());
    }
    assert_eq!(wire.seen().len(), 2, "that there is none is asked once, too");
    let refused = secrets.get("open").await.unwrap_err();
    assert!(matches!(refused, PortError::Refused { .. }), "{refused}");
    assert!(refused.to_string().contains("SecureString") && !format!("{refused:?}").contains("hush"), "{refused:?}");
    assert!(matches!(secrets.get("../fred_api_key").await, Err(PortError::IllegalKey { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secure_strings_of_ministack() {
    Box::pin(everything(Emulator::Ministack)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secure_strings_of_moto() {
    Box::pin(everything(Emulator::Moto)).await;
}

#[tokio::test]
async fn a_service_that_fails_is_told_and_asked_again_later() {
    let denied = r#"{"__type":"AccessDeniedException","message":"not allowed"}"#;
    let wire = Wire::to(None, move |_, _| {
        let head = "content-type: application/x-amz-json-1.1\r\nx-amzn-requestid: r\r\n";
        Fault::Answer("400 Bad Request", head, denied.into())
    });
    let secrets = SsmSecrets::new(client(wire.address()), "/p/");
    for _ in 0..2 {
        let error = secrets.get("key").await.unwrap_err();
        assert!(error.is_retryable() && error.to_string().contains("ssm:GetParameter"), "{error}");
    }
    assert_eq!(wire.seen().len(), 2, "a failure is not remembered");
}
