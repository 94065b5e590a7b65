//! Public addresses, and all others.

use std::net::IpAddr;
use std::sync::OnceLock;

use ipnet::IpNet;
use proofreel_model::policy::law;

use crate::refusal::{Refusal, Rule};

/// The refused ranges with their names, from the law.
fn ranges() -> &'static [(IpNet, &'static str)] {
    static RANGES: OnceLock<Vec<(IpNet, &'static str)>> = OnceLock::new();
    RANGES.get_or_init(|| {
        law().web.ranges.iter().filter_map(|range| Some((range.net.parse().ok()?, range.name.as_str()))).collect()
    })
}

/// What an address is when it is not public, for example `loopback`; none for a public one.
pub fn special(address: IpAddr) -> Option<&'static str> {
    ranges().iter().find(|(net, _)| net.contains(&address)).map(|(_, name)| *name)
}

/// Refuses an address that is not public.
pub fn judge(address: IpAddr) -> Result<(), Refusal> {
    match special(address) {
        None => Ok(()),
        Some(name) => Err(Refusal::new(Rule::Address, format!("{address} is not public ({name})"))),
    }
}

/// Refuses a name unless all of its addresses are public: who connects takes any of them.
pub fn judge_all(name: &str, addresses: &[IpAddr]) -> Result<(), Refusal> {
    if addresses.is_empty() {
        return Err(Refusal::new(Rule::Unresolved, format!("{name} has no address")));
    }
    match addresses.iter().find_map(|address| Some((address, special(*address)?))) {
        None => Ok(()),
        Some((address, kind)) => {
            Err(Refusal::new(Rule::Address, format!("{name} points to {address}, which is not public ({kind})")))
        }
    }
}
