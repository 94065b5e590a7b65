//! Names to addresses: asked once a connection, judged before it is made, and the connection goes to no other.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address;
use crate::refusal::{Refusal, Rule};

/// Who knows the addresses of names.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// All addresses of a name. The error is what the system said.
    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, String>;
}

/// The system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

#[async_trait]
#[allow(clippy::disallowed_methods)] // the one place that asks
impl Resolver for System {
    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, String> {
        let found = tokio::net::lookup_host((name, 0)).await.map_err(|error| error.to_string())?;
        let mut addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
        addresses.dedup();
        Ok(addresses)
    }
}

/// Asks for a name that a stranger chose, and judges what comes.
pub(crate) async fn public(resolver: &dyn Resolver, name: &str) -> Result<Vec<IpAddr>, Refusal> {
    // The dot at the end keeps the system from trying the names of its own network.
    let addresses = resolver
        .resolve(&format!("{name}."))
        .await
        .map_err(|error| Refusal::new(Rule::Unresolved, format!("{name} has no address: {error}")))?;
    address::judge_all(name, &addresses)?;
    Ok(addresses)
}

/// What the HTTP library connects to: only addresses that were judged, or that an operator's configuration named.
pub(crate) struct Door {
    pub resolver: Arc<dyn Resolver>,
    pub public: bool,
}

impl Resolve for Door {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolver, public) = (Arc::clone(&self.resolver), self.public);
        Box::pin(async move {
            let addresses = if public {
                self::public(resolver.as_ref(), name.as_str()).await?
            } else {
                resolver.resolve(name.as_str()).await?
            };
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
