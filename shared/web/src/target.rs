//! An address as it is written: what may be asked at all.

use std::net::IpAddr;

use proofreel_model::policy::law;
use proofreel_ports::Reach;
use url::{Host, Url};

use crate::address;
use crate::refusal::{Refusal, Rule};

/// Longest address in an error, characters.
const SHOWN: usize = 300;

/// Reads and judges an address, without asking anybody for anything. A name still has to be resolved, and its addresses
/// judged.
pub fn read(written: &str, reach: Reach) -> Result<Url, Refusal> {
    form(written)?;
    let written = written.trim_matches(' ');
    let scheme = written.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let scheme = scheme.filter(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    match scheme.as_deref() {
        Some("http" | "https") => {}
        Some(other) => return Err(Refusal::new(Rule::Scheme, format!("{other} is neither http nor https"))),
        None => return Err(Refusal::new(Rule::Form, "it does not begin with http:// or https://")),
    }
    let rest = written.split_once(':').map_or("", |(_, rest)| rest);
    if !rest.starts_with("//") || rest.starts_with("///") {
        return Err(Refusal::new(Rule::Form, "http: must be followed by two slashes and a host"));
    }
    let url = Url::parse(written).map_err(|error| Refusal::new(Rule::Form, error.to_string()))?;
    judge(url, reach)
}

/// The address to which an answer of `base` points, read and judged.
pub(crate) fn follow(base: &Url, location: &str) -> Result<Url, Refusal> {
    form(location)?;
    let url = base.join(location).map_err(|error| Refusal::new(Rule::Form, error.to_string()))?;
    let url = judge(url, Reach::Public)?;
    if base.scheme() == "https" && url.scheme() == "http" {
        return Err(Refusal::new(Rule::Downgrade, "it leads from https to http"));
    }
    Ok(url)
}

/// Signs that programs read differently, or drop in silence.
fn form(written: &str) -> Result<(), Refusal> {
    if let Some(sign) = written.chars().find(|c| c.is_control()) {
        return Err(Refusal::new(Rule::Form, format!("it holds a control character (U+{:04X})", u32::from(sign))));
    }
    if written.contains('\\') {
        return Err(Refusal::new(Rule::Form, "it holds a backslash"));
    }
    Ok(())
}

/// Judges a parsed address; gives it back without a dot at the end of its name and without a fragment.
fn judge(mut url: Url, reach: Reach) -> Result<Url, Refusal> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal::new(Rule::Scheme, format!("{} is neither http nor https", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::new(Rule::Credentials, "it holds a user name or password"));
    }
    url.set_fragment(None);
    let Some(host) = url.host().map(|host| host.to_owned()) else {
        return Err(Refusal::new(Rule::Form, "it has no host"));
    };
    if reach == Reach::Configured {
        return Ok(url);
    }
    match &host {
        Host::Ipv4(address) => address::judge(IpAddr::V4(*address))?,
        Host::Ipv6(address) => address::judge(IpAddr::V6(*address))?,
        Host::Domain(name) => {
            let bare = name.trim_end_matches('.');
            self::name(bare)?;
            if bare != name && url.set_host(Some(bare)).is_err() {
                return Err(Refusal::new(Rule::Form, "its name ends with a dot"));
            }
        }
    }
    let port = url.port_or_known_default().unwrap_or_default();
    if !law().web.ports.contains(&port) {
        return Err(Refusal::new(Rule::Port, format!("port {port} is not one of a public web server")));
    }
    Ok(url)
}

/// Judges a name, in small letters and without a dot at its end.
fn name(name: &str) -> Result<(), Refusal> {
    let ends_with = |end: &str| name.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    for refused in &law().web.names {
        if refused.ends.iter().any(|end| ends_with(end)) {
            return Err(Refusal::new(Rule::Name, format!("{name} is {}", refused.why)));
        }
    }
    if !name.contains('.') {
        return Err(Refusal::new(Rule::Name, format!("{name} is a single word, which only a private network knows")));
    }
    Ok(())
}

/// The address for an error or a log: without user name, password and fragment, not too long, on one line.
pub fn shown(written: &str) -> String {
    let text = match Url::parse(written) {
        Ok(mut url) => {
            // Fails where there can be none.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.set_fragment(None);
            url.to_string()
        }
        Err(_) => written.rsplit_once('@').map_or_else(|| written.to_owned(), |(_, rest)| format!("…@{rest}")),
    };
    let text: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().count() <= SHOWN { text } else { text.chars().take(SHOWN).chain(['…']).collect() }
}
