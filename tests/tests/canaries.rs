//! The web client in a network of its own, where everybody tries to lead it inside: real listeners count who comes.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Makes the network: all addresses on one loopback device, its own name server, and nothing else. The proxies of the
/// environment point to a canary, because who honours them is led there.
const NETWORK: &str = r#"
set -e
ip link set lo up
for at in 93.184.216.34 93.184.216.35 169.254.169.254 169.254.100.1 10.0.0.1; do ip addr add $at/32 dev lo; done
ip -6 addr add fd00:ec2::254/128 dev lo nodad
mount --bind "$1/resolv.conf" /etc/resolv.conf
mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf
exec timeout 60 env -i AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001 CANARY=planted-in-the-environment \
  http_proxy=http://127.0.0.1:9001 https_proxy=http://127.0.0.1:9001 all_proxy=http://127.0.0.1:9001 \
  HTTP_PROXY=http://127.0.0.1:9001 HTTPS_PROXY=http://127.0.0.1:9001 ALL_PROXY=http://127.0.0.1:9001 "$2"
"#;

/// How a namespace can be made here: as root, or as a user who becomes root inside.
fn namespaces() -> Option<&'static [&'static str]> {
    [&["-n", "-m"][..], &["-r", "-n", "-m"][..]].into_iter().find(|flags| {
        let tried =
            Command::new("unshare").args(*flags).args(["ip", "link", "set", "lo", "up"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    })
}

fn report() -> Option<Value> {
    let Some(flags) = namespaces() else {
        assert!(
            std::env::var_os("PROOFREEL_NO_NAMESPACES").is_some_and(|value| value == "1"),
            "no network namespace can be made here, so nobody knows whether the client can be led inside. Install iproute2 \
             and util-linux (make setup-tests), allow user namespaces or run as root; where none of it is possible, set \
             PROOFREEL_NO_NAMESPACES=1 to go without"
        );
        eprintln!("SKIPPED: PROOFREEL_NO_NAMESPACES=1, the canaries were not asked");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n").unwrap();
    fs::write(folder.path().join("nsswitch.conf"), "hosts: files dns\n").unwrap();
    let output = Command::new("unshare")
        .args(flags)
        .args(["sh", "-c", NETWORK, "network"])
        .arg(folder.path())
        .arg(env!("CARGO_BIN_EXE_canaries"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains("planted-in-the-environment"), "{text}");
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn nobody_leads_the_client_inside() {
    let Some(report) = report() else { return };
    for (at, hits) in report["hits"].as_object().unwrap() {
        assert_eq!(hits, 0, "{at} was reached: {report:#}");
    }
    let outcomes = report["outcomes"].as_object().unwrap();
    let outcome = |label: &str| outcomes[label].as_str().unwrap();
    let refused = |label: &str, rule: &str| {
        assert!(outcome(label).starts_with(&format!("refused {rule}:")), "{label}: {}", outcome(label));
    };
    for (label, outcome) in outcomes {
        let hostile = ["straight", "lure", "redirected"].iter().any(|kind| label.starts_with(kind));
        assert!(!hostile || outcome.as_str().unwrap().starts_with("refused "), "{label}: {outcome}");
    }
    assert_eq!(outcomes.keys().filter(|label| label.starts_with("redirected")).count(), 22);

    // What is public is reached, so the refusals above are not of a client that reaches nothing.
    assert_eq!(outcome("good"), "200 hello");
    refused("unknown", "unresolved");
    refused("again", "redirects");

    // Asked once, and connected to what was judged, though the name server had changed its mind by then.
    assert_eq!(outcome("rebind 1"), "200 hello");
    assert_eq!(report["rebind_questions"], 1);
    for time in 2..5 {
        refused(&format!("rebind {time}"), "address");
    }
}

#[test]
fn pages_and_secrets_stay_where_they_belong() {
    let Some(report) = report() else { return };
    let outcome = |label: &str| report["outcomes"][label].as_str().unwrap().to_owned();
    let refused = |label: &str, rule: &str| {
        assert!(outcome(label).starts_with(&format!("refused {rule}:")), "{label}: {}", outcome(label));
    };
    assert_eq!(outcome("page"), "200 hello");
    for kept in ["page kept", "page kept elsewhere", "page unknown", "page lure"] {
        refused(kept, "robots");
    }
    // strict and first, once each; broken and lure.
    assert_eq!(report["robots_asked"], 4);

    let secret = "canary-secret-1234567890";
    assert_eq!(outcome("secret home"), "200 hello");
    let home: Vec<(&str, &str)> = report["at_home"]
        .as_array()
        .unwrap()
        .iter()
        .map(|asked| (asked["path"].as_str().unwrap(), asked["query"].as_str().unwrap()))
        .collect();
    let key = format!("key={secret}");
    assert_eq!(home, [("/home", key.as_str()), ("/ok", format!("b=2&{key}").as_str())]);
    assert!(report["at_home"].to_string().matches(&format!("Bearer {secret}")).count() == 2);

    assert_eq!(outcome("secret away"), "200 hello");
    refused("secret leak", "secret");
    assert_eq!(outcome("secret round"), "200 hello");
    refused("secret sent", "resend");
    let elsewhere = format!("{}{}", report["away"], report["back"]);
    assert!(elsewhere.contains("/ok") && elsewhere.contains("/back"), "{elsewhere}");
    assert!(!elsewhere.contains(secret) && !elsewhere.contains("visible"), "{elsewhere}");
    assert!(!report["outcomes"].to_string().contains(secret), "{report:#}");
}
