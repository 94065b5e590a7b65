//! Addresses that lead inside, in every spelling: judged as written and as resolved, without a network.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use proofreel_model::policy::law;
use proofreel_ports::Reach;
use proofreel_web::{Client, Identity, Resolver, Rule, address, target};
use proptest::prelude::*;
use url::Host;

const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34));

/// Answers with what was written down, and with a public address for every other name.
struct Written(Vec<(&'static str, Vec<IpAddr>)>);

#[async_trait]
impl Resolver for Written {
    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, String> {
        let name = name.trim_end_matches('.');
        let known = self.0.iter().find(|(known, _)| *known == name);
        Ok(known.map_or_else(|| vec![PUBLIC], |(_, addresses)| addresses.clone()))
    }
}

fn client(names: Vec<(&'static str, Vec<IpAddr>)>) -> Client {
    Client::with_resolver(&Identity::default(), Arc::new(Written(names))).unwrap()
}

async fn judged(client: &Client, rows: &str) -> usize {
    let mut count = 0;
    for row in rows.lines().filter(|row| !row.starts_with("verdict") && !row.trim().is_empty()) {
        let (verdict, rest) = row.split_once('\t').unwrap();
        let written = rest.split('\t').next().unwrap();
        // `\r\n` stands for itself in a table; both readings must be refused.
        for written in [written.to_owned(), written.replace("\\r", "\r").replace("\\n", "\n")] {
            let outcome = client.check(&written).await;
            assert_eq!(outcome.is_ok(), verdict == "allow", "{row}: {outcome:?}");
        }
        count += 1;
    }
    count
}

#[tokio::test]
async fn every_row_of_our_table_is_judged_right() {
    let loopback = vec![Ipv4Addr::LOCALHOST.into()];
    let client = client(vec![("inside.example.org", loopback.clone()), ("127.0.0.1.nip.io", loopback)]);
    let table = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/web/targets.tsv");
    assert!(judged(&client, &fs::read_to_string(table).unwrap()).await > 100);
    let shared = std::env::var_os("PROOFREEL_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    match fs::read_to_string(shared.join("attacks/ssrf/targets.tsv")) {
        Ok(rows) => assert!(judged(&client, &rows).await > 50),
        Err(_) => eprintln!("skipped: no attacks/ssrf/targets.tsv beside the checkout"),
    }
}

/// The guard reads a host as the URL standard's own cases do, and never panics.
#[tokio::test]
async fn hosts_are_read_as_the_url_standard_reads_them() {
    let shared = std::env::var_os("PROOFREEL_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let Ok(cases) = fs::read(shared.join("attacks/ssrf/urltestdata.json")) else {
        eprintln!("skipped: no attacks/ssrf/urltestdata.json beside the checkout");
        return;
    };
    let cases: Vec<serde_json::Value> = serde_json::from_slice(&cases).unwrap();
    let (mut read, mut failed) = (0, 0);
    for case in cases.iter().filter(|case| case.is_object()) {
        let input = case["input"].as_str().unwrap();
        let _ = target::shown(input);
        for reach in [Reach::Public, Reach::Configured] {
            let judged = target::read(input, reach);
            if case["failure"] == true {
                assert!(judged.is_err(), "{input:?} must fail: {judged:?}");
                failed += 1;
            } else if let Ok(url) = judged {
                // What stands alone is read without a base, and the base must not matter to it.
                let expected = case["hostname"].as_str().unwrap();
                let expected = if reach == Reach::Public { expected.trim_end_matches('.') } else { expected };
                assert_eq!(url.host_str().unwrap_or_default(), expected, "{input:?}");
                read += 1;
            }
        }
    }
    assert!(read > 100 && failed > 300, "{read} read, {failed} failed");
}

#[tokio::test]
async fn one_inner_address_among_many_refuses_a_name() {
    let inner = IpAddr::V6("fd00::1".parse().unwrap());
    let client = client(vec![
        ("mixed.example.org", vec![PUBLIC, inner]),
        ("mapped.example.org", vec!["::ffff:10.0.0.1".parse().unwrap()]),
        ("none.example.org", vec![]),
    ]);
    let rule = async |url: &str| client.check(url).await.unwrap_err().rule;
    assert_eq!(rule("http://mixed.example.org/").await, Rule::Address);
    assert_eq!(rule("http://mapped.example.org./").await, Rule::Address);
    assert_eq!(rule("http://none.example.org/").await, Rule::Unresolved);
    assert_eq!(client.check("http://other.example.org/").await.unwrap(), [PUBLIC]);
}

#[test]
fn the_ranges_of_the_law_are_ranges_and_agree_with_the_standard_library() {
    for range in &law().web.ranges {
        let net: ipnet::IpNet = range.net.parse().unwrap();
        assert_eq!(net.trunc(), net, "{} has bits below its length", range.net);
        assert!(address::special(net.network()).is_some() && address::special(net.broadcast()).is_some());
    }
    // Every /16 and what lies at its edges, by another judge.
    for high in 0..=u16::MAX {
        for low in [0, 1, 255, 256, 511, 25600, 65535] {
            let ip = Ipv4Addr::from((u32::from(high) << 16) | low);
            if known_inside(ip) {
                assert!(address::special(ip.into()).is_some(), "{ip}");
            }
        }
    }
    for public in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "2606:4700::1",
        "2a00:1450::1",
        "2003::1",
    ] {
        assert_eq!(address::special(public.parse().unwrap()), None, "{public}");
    }
}

/// What the standard library calls not global, as far as it is stable.
fn known_inside(ip: Ipv4Addr) -> bool {
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || ip.is_unspecified()
}

/// One of the ways in which an IPv4 address can be written in a URL.
fn spelled(ip: Ipv4Addr, way: u8) -> String {
    let [a, b, c, d] = ip.octets();
    let whole = u32::from(ip);
    let low = whole & 0x00ff_ffff;
    let wide = |c: char| if c.is_ascii_digit() { char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c) } else { c };
    match way % 12 {
        0 => whole.to_string(),
        1 => format!("{whole:#x}"),
        2 => format!("0{whole:o}"),
        3 => format!("{a:#x}.{b:#x}.{c:#x}.{d:#x}"),
        4 => format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        5 => format!("{a}.{low}"),
        6 => format!("{a:#x}.{b}.{}", u16::from(c) * 256 + u16::from(d)),
        7 => ip.to_string().chars().map(wide).collect(),
        8 => format!("{a}\u{3002}{b}\u{ff0e}{c}\u{ff61}{d}"),
        9 => format!("{a}.{b}.{c}.{d}."),
        10 => format!("%{:02x}{}.{b}.{c}.{d}", a.to_string().as_bytes()[0], &a.to_string()[1..]),
        _ => format!("0x000{a:x}.{b}.000{c:o}.{d}"),
    }
}

/// One of the ways in which IPv6 can carry an IPv4 address.
fn carried(ip: Ipv4Addr, way: u8) -> Ipv6Addr {
    let [high, low] = [(u32::from(ip) >> 16) as u16, u32::from(ip) as u16];
    match way % 7 {
        0 => ip.to_ipv6_mapped(),
        1 => Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
        2 => Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
        3 => Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
        4 => Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
        5 => Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
        _ => Ipv6Addr::new(0x2001, 0, high, low, 0, 0, !high, !low),
    }
}

/// An address in one of the refused ranges.
fn inside() -> impl Strategy<Value = Ipv4Addr> {
    let nets: Vec<ipnet::Ipv4Net> = law().web.ranges.iter().filter_map(|range| range.net.parse().ok()).collect();
    (0..nets.len(), any::<u32>()).prop_map(move |(which, bits)| {
        let net = nets[which];
        Ipv4Addr::from(u32::from(net.network()) | (bits & u32::from(net.hostmask())))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_inner_address_is_refused_in_every_spelling(ip in inside(), way: u8, tls: bool, path in "[a-z0-9/?#@.]{0,12}") {
        let scheme = if tls { "https" } else { "http" };
        let url = format!("{scheme}://{}/{path}", spelled(ip, way));
        prop_assert_eq!(target::read(&url, Reach::Public).map_err(|why| why.rule), Err(Rule::Address), "{}", url);
    }

    #[test]
    fn a_spelling_does_not_make_an_address_an_inner_one(bits: u32, way: u8) {
        let ip = Ipv4Addr::from(bits);
        let verdict = target::read(&format!("http://{}/", spelled(ip, way)), Reach::Public);
        prop_assert_eq!(verdict.is_ok(), address::special(ip.into()).is_none(), "{}: {:?}", ip, verdict);
        if let Ok(url) = verdict {
            prop_assert_eq!(url.host(), Some(Host::Ipv4(ip)));
        }
    }

    #[test]
    fn nothing_is_carried_inside_of_ipv6(bits: u32, way: u8) {
        let carrier = carried(Ipv4Addr::from(bits), way);
        let url = format!("http://[{carrier}]/");
        prop_assert!(target::read(&url, Reach::Public).is_err(), "{}", url);
        prop_assert!(address::judge_all("a.example.org", &[PUBLIC, carrier.into()]).is_err());
    }

    #[test]
    fn what_is_allowed_leads_to_a_public_host(written in "(https?|HTTP|ftp|file):[/\\\\]{0,3}[a-z0-9.:@%\\[\\]\u{ff11}\u{3002}#?/_\u{0}\t -]{0,30}") {
        let _ = target::shown(&written);
        if let Ok(url) = target::read(&written, Reach::Public) {
            prop_assert!(matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none());
            prop_assert!(matches!(url.port_or_known_default(), Some(80 | 443)));
            match url.host() {
                Some(Host::Ipv4(ip)) => prop_assert!(!known_inside(ip), "{}", url),
                Some(Host::Ipv6(ip)) => prop_assert!(ip.segments()[0] & 0xe000 == 0x2000, "{}", url),
                Some(Host::Domain(name)) => prop_assert!(name.contains('.') && !name.ends_with("localhost"), "{}", url),
                None => prop_assert!(false, "{} has no host", url),
            }
            // Judging it again, as it is sent, changes nothing.
            prop_assert_eq!(target::read(url.as_str(), Reach::Public), Ok(url));
        }
    }
}
