//! The console and the door for signed decisions behind a Function URL: the same router as on one machine.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use lambda_http::request::RequestContext;
use proofreel_model::policy::publishing::law;
use proofreel_operations::{ClientAddress, Office, OfficeRuns, key_rings};
use proofreel_pipeline::Driver;
use proofreel_ports::{Secrets, Waker};
use proofreel_publishing::webhook::{DeskDecisions, Door, Key};

/// What the people at the counter work with.
pub struct Counter {
    /// The installation.
    pub office: Office,
    /// The operator's verbs; it does no stage.
    pub driver: Arc<Driver>,
    /// The door for signed decisions.
    pub door: Arc<Door<OfficeRuns>>,
}

/// The door for signed decisions of everybody who has a key.
pub(crate) async fn door(
    office: &Office,
    driver: &Arc<Driver>,
    secrets: &dyn Secrets,
) -> Result<Door<OfficeRuns>, String> {
    let rings = key_rings(office, secrets).await.map_err(|error| error.to_string())?;
    let mut nobody = [0; 32];
    getrandom::fill(&mut nobody).map_err(|error| format!("no random numbers: {error}"))?;
    let nobody = Key::of(nobody.to_vec(), &law().webhook).map_err(|error| error.to_string())?;
    let candidates = OfficeRuns { office: office.clone(), driver: Arc::clone(driver) };
    Ok(Door::new(DeskDecisions { desk: office.desk(), candidates }, rings, nobody))
}

/// The router that also wakes the sweep after whatever was decided: it publishes what was approved, and works what was sent
/// back or edited.
pub fn waking(router: Router, waker: Arc<dyn Waker>) -> Router {
    router.layer(from_fn_with_state(waker, after))
}

async fn after(State(waker): State<Arc<dyn Waker>>, mut request: Request, next: Next) -> Response {
    // What was tried in vain is counted by the address that Amazon saw.
    if let Some(RequestContext::ApiGatewayV2(context)) = request.extensions().get::<RequestContext>()
        && let Some(address) = context.http.source_ip.clone()
    {
        request.extensions_mut().insert(ClientAddress(address));
    }
    let decides = request.method() == Method::POST && !request.uri().path().starts_with("/sign-");
    let answer = next.run(request).await;
    if decides
        && answer.status().as_u16() < 400
        && let Err(error) = waker.wake().await
    {
        // What was decided is written; the hourly sweep sees it.
        tracing::warn!(%error, "the sweep was not woken");
    }
    answer
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::routing::{get, post};
    use proofreel_ports::PortError;
    use tower::ServiceExt;

    use super::*;

    /// Counts, and fails all the same.
    #[derive(Default)]
    struct Counted(AtomicU32);

    #[async_trait]
    impl Waker for Counted {
        async fn wake(&self) -> Result<(), PortError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Err(PortError::Unavailable { what: "the batch".into(), detail: "not now".into() })
        }
    }

    #[tokio::test]
    async fn decisions_wake_the_sweep_and_looking_does_not() {
        let counted = Arc::new(Counted::default());
        let router = Router::new()
            .route("/runs/r", get(async || "r"))
            .route("/runs/r/approve", post(async || "done"))
            .route("/runs/r/reject", post(async || StatusCode::FORBIDDEN))
            .route("/sign-in", post(async || "welcome"));
        let router = waking(router, Arc::clone(&counted) as _);
        for (method, path, status, woken) in [
            ("GET", "/runs/r", 200, 0),
            ("POST", "/sign-in", 200, 0),
            ("POST", "/runs/r/reject", 403, 0),
            ("POST", "/runs/r/approve", 200, 1),
        ] {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!((answer.status().as_u16(), counted.0.load(Ordering::Relaxed)), (status, woken), "{path}");
        }
    }
}
