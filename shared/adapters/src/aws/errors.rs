//! What Amazon answers when it does not do what it was asked, in the ports' words.

use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use proofreel_ports::PortError;

/// Too much was asked at once: nothing was done, and later it may be.
const THROTTLED: [&str; 10] = [
    "OverLimit",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttling",
    "ThrottlingError",
    "ThrottlingException",
    "TooManyRequestsException",
];
/// A transaction was at the same row: nothing was done, and in a moment it can be.
const CONFLICT: &str = "TransactionConflictException";
/// Who asks is not known.
const UNKNOWN_CALLER: [&str; 9] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];
/// Who asks is known and may not.
const FORBIDDEN: [&str; 3] = ["AccessDenied", "AccessDeniedException", "KMS.AccessDeniedException"];
/// The table, bucket or queue itself is not there.
const NOT_DEPLOYED: [&str; 5] = [
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchBucket",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
    "com.amazonaws.sqs#QueueDoesNotExist",
];
/// It will never be taken.
const REFUSED: [&str; 9] = [
    "EntityTooLarge",
    "InvalidArgument",
    "InvalidMessageContents",
    "InvalidParameterValue",
    "ItemCollectionSizeLimitExceededException",
    "KeyTooLongError",
    "SerializationException",
    "ValidationError",
    "ValidationException",
];

/// An error of a request as the ports tell it. `what` is the thing, `action` what was asked, in Amazon's words
/// (`s3:PutObject`).
pub(super) fn port_error<E>(what: &str, action: &str, error: &SdkError<E>) -> PortError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let code = error.code().unwrap_or_default();
    let said = error.message().unwrap_or("no reason given");
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    if REFUSED.contains(&code) {
        return PortError::Refused { what: what.to_owned(), why: format!("{code}: {said}") };
    }
    let detail = if THROTTLED.contains(&code) || status == 429 {
        format!(
            "asked too often ({action}, {code}: {said})\n  hint: it is tried again later; when it stays so, raise the capacity or ask less at once"
        )
    } else if code == CONFLICT {
        format!("a transaction was at the same row ({action}, {code}: {said})\n  hint: it is tried again later")
    } else if UNKNOWN_CALLER.contains(&code) {
        format!("Amazon does not accept the credentials ({action}, {code}: {said})\n  hint: {CREDENTIALS}")
    } else if FORBIDDEN.contains(&code) || status == 403 {
        format!(
            "the credentials may not do {action} ({code}: {said})\n  hint: give the role this action on this resource; infra/template.yaml does so for every function"
        )
    } else if NOT_DEPLOYED.contains(&code) {
        format!(
            "it is not there ({action}, {code}: {said})\n  hint: deploy the stack, and check PROOFREEL_TABLE, PROOFREEL_BUCKET, PROOFREEL_QUEUE_PREFIX and AWS_REGION"
        )
    } else {
        other(action, status, error)
    };
    PortError::Unavailable { what: what.to_owned(), detail }
}

const CREDENTIALS: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, and AWS_REGION; a session that ended must be begun again";

/// What has no code of its own.
fn other<E>(action: &str, status: u16, error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let chain = DisplayErrorContext(error).to_string();
    match error {
        SdkError::TimeoutError(_) => format!("no answer in time ({action})"),
        SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_)
            if chain.to_lowercase().contains("credentials") || chain.to_lowercase().contains("missing region") =>
        {
            format!("no credentials or no region were found ({action}: {chain})\n  hint: {CREDENTIALS}")
        }
        SdkError::DispatchFailure(failure) if failure.is_timeout() => format!("no connection in time ({action})"),
        SdkError::DispatchFailure(_) => {
            format!("the connection failed ({action}: {chain})\n  hint: check the network and AWS_ENDPOINT_URL")
        }
        SdkError::ResponseError(_) => format!("the answer cannot be read ({action}, status {status}: {chain})"),
        _ => format!("{action} failed with status {status}: {chain}"),
    }
}

/// True when nobody can tell whether the request was carried out: no answer, half an answer, or one that says so.
pub(super) fn is_unsure<E>(error: &SdkError<E>) -> bool {
    match error {
        SdkError::ConstructionFailure(_) => false,
        SdkError::ServiceError(service) => service.raw().status().as_u16() >= 500,
        _ => true,
    }
}

/// An answer that carries no request id was not given by Amazon, whatever its status says.
pub(super) fn genuine(what: &str, action: &str, answer: &impl RequestId) -> Result<(), PortError> {
    if answer.request_id().is_some() {
        return Ok(());
    }
    Err(PortError::Unavailable {
        what: what.to_owned(),
        detail: format!(
            "an answer to {action} that is not Amazon's\n  hint: something on the way answers in its place; check the network, proxies and AWS_ENDPOINT_URL"
        ),
    })
}
