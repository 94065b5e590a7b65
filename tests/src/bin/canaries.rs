//! Real listeners on addresses that stand for what must not be reached, and a web client that everybody tries to lead there.
//!
//! Runs in a network namespace of its own (`tests/tests/canaries.rs` makes it): every address, also the "public" ones, lies on
//! its loopback device, and names are answered by a server here, which changes its mind. Prints a report in JSON.

// Test support: a failed expectation is how a test says no.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::net::IpAddr;

use proofreel_ports::{Method, Reach, Secret, Web as _, WebAnswer, WebError, WebRequest};
use proofreel_tests::names::{Names, Spoken};
use proofreel_tests::site::{Reply, Site};
use proofreel_web::{Client, Identity};
use serde_json::{Value, json};

/// Where nobody may get: address and port.
const INSIDE: [&str; 9] = [
    "127.0.0.1:80",
    "127.0.0.1:443",
    "127.0.0.1:9001",
    "127.8.8.8:80",
    "169.254.169.254:80",
    "169.254.100.1:9001",
    "10.0.0.1:80",
    "[::1]:80",
    "[fd00:ec2::254]:80",
];
/// Public addresses of this namespace.
const FIRST: &str = "93.184.216.34";
const SECOND: &str = "93.184.216.35";
const SECRET: &str = "canary-secret-1234567890";

/// Where a redirector points to, in the order of its path.
const LURES: [&str; 22] = [
    "http://127.0.0.1/",
    "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:a00:1]/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0/",
    "http://localhost/",
    "http://[fd00:ec2::254]/",
    "//127.0.0.1/",
    "///127.0.0.1/",
    "\\\\127.0.0.1\\",
    "http://inside.example.org/",
    "http://sixth.example.org/",
    "http://mixed.example.org/",
    "file:///proc/self/environ",
    "http://first.example.org:9001/",
    "http://u:p@first.example.org/",
    "http://127.1#@first.example.org/",
];

fn public_site(_: usize, asked: &proofreel_tests::site::Asked) -> Reply {
    let reply = match asked.path.as_str() {
        "/ok" => Reply::text("hello"),
        "/again" => Reply::redirect(302, "/again"),
        "/home" => Reply::redirect(301, "/ok?b=2&key=canary-secret-1234567890"),
        "/away" => Reply::redirect(307, "http://second.example.org/ok"),
        "/leak" => Reply::redirect(302, "http://second.example.org/ok?stolen=canary-secret-1234567890"),
        "/round" => Reply::redirect(302, "http://second.example.org/back"),
        "/back" => Reply::redirect(302, "http://first.example.org/ok"),
        "/robots.txt" if asked.header("host") == Some("strict.example.org") => {
            Reply::text("User-agent: *\nDisallow: /private")
        }
        "/robots.txt" if asked.header("host") == Some("broken.example.org") => Reply::status(503),
        "/robots.txt" if asked.header("host") == Some("lure.example.org") => Reply::redirect(302, "http://127.0.0.1/"),
        "/strict" => Reply::redirect(302, "http://strict.example.org/private/page"),
        path => match path.strip_prefix("/to/").and_then(|number| number.parse::<usize>().ok()) {
            Some(number) => Reply::redirect([301, 302, 303, 307, 308][number % 5], LURES[number]),
            None => Reply::status(404),
        },
    };
    // So that every request connects, and asks for its address, anew.
    reply.header("connection", "close")
}

fn names() -> Names {
    let all = |text: &str| -> Vec<IpAddr> { text.split(' ').map(|address| address.parse().unwrap()).collect() };
    Names::open("127.0.0.1:53".parse().unwrap(), move |asked: &Spoken| match asked.name.as_str() {
        "first.example.org" | "strict.example.org" | "broken.example.org" | "lure.example.org" => all(FIRST),
        "second.example.org" => all(SECOND),
        "inside.example.org" => all("169.254.169.254"),
        "sixth.example.org" => all("::1"),
        "mixed.example.org" => all("93.184.216.34 10.0.0.1"),
        // Public when it is judged; inside ever after.
        "rebind.example.org" if asked.before == 0 => all(FIRST),
        "rebind.example.org" => all("127.0.0.1"),
        _ => Vec::new(),
    })
    .expect("port 53 of this namespace")
}

fn told(outcome: &Result<WebAnswer, WebError>) -> String {
    match outcome {
        Ok(answer) => format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)),
        Err(WebError::Refused { why, .. }) => format!("refused {why}"),
        Err(error) => format!("error {error}"),
    }
}

struct Attack<'a> {
    client: &'a Client,
    outcomes: BTreeMap<String, String>,
}

impl Attack<'_> {
    async fn get(&mut self, label: &str, url: &str) {
        let outcome = self.client.send(&WebRequest::get(url)).await;
        self.outcomes.insert(label.to_owned(), told(&outcome));
    }

    async fn page(&mut self, label: &str, url: &str) {
        let outcome = self.client.send_page(&WebRequest::get(url)).await;
        self.outcomes.insert(label.to_owned(), told(&outcome));
    }

    async fn secret(&mut self, label: &str, method: Method, url: &str) {
        let mut request = WebRequest::get(url);
        request.method = method;
        request.headers.push(("cookie".into(), "visible".into()));
        request.secret_headers.push(("authorization".into(), Secret::new(format!("Bearer {SECRET}"))));
        request.secret_query.push(("key".into(), Secret::new(SECRET)));
        let outcome = self.client.send(&request).await;
        self.outcomes.insert(label.to_owned(), told(&outcome));
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let inside: Vec<Site> =
        INSIDE.iter().map(|at| Site::at(at.parse().unwrap(), |_, _| Reply::text("inside")).expect(at)).collect();
    let first = Site::at(format!("{FIRST}:80").parse().unwrap(), public_site).unwrap();
    let second = Site::at(format!("{SECOND}:80").parse().unwrap(), public_site).unwrap();
    let names = names();
    let client = Client::new(&Identity::default()).unwrap();

    // The canaries sing when they are touched: otherwise their silence would say nothing.
    for (site, at) in inside.iter().zip(INSIDE) {
        let request = WebRequest { reach: Reach::Configured, ..WebRequest::get(site.url("/")) };
        assert_eq!(client.send(&request).await.expect(at).body, b"inside");
    }
    let touched = |inside: &[Site]| inside.iter().map(|site| site.asked().len()).sum::<usize>();
    assert_eq!(touched(&inside), INSIDE.len());

    let mut attack = Attack { client: &client, outcomes: BTreeMap::new() };
    for (number, at) in INSIDE.iter().enumerate() {
        attack.get(&format!("straight {number}"), &format!("http://{at}/")).await;
    }
    for (number, lure) in LURES.iter().enumerate() {
        attack.get(&format!("lure {number}"), lure).await;
        attack.get(&format!("redirected {number}"), &format!("http://first.example.org/to/{number}")).await;
    }
    attack.get("rebind 1", "http://rebind.example.org/ok").await;
    let rebind_questions = names.asked("rebind.example.org");
    for time in 2..5 {
        attack.get(&format!("rebind {time}"), "http://rebind.example.org/ok").await;
    }
    attack.get("again", "http://first.example.org/again").await;
    attack.get("good", "http://first.example.org/ok").await;
    attack.get("unknown", "http://unknown.example.org/").await;
    attack.page("page", "http://strict.example.org/ok").await;
    attack.page("page kept", "http://strict.example.org/private/page").await;
    attack.page("page kept elsewhere", "http://first.example.org/strict").await;
    attack.page("page unknown", "http://broken.example.org/ok").await;
    attack.page("page lure", "http://lure.example.org/ok").await;
    let seen = first.asked().len();
    attack.secret("secret home", Method::Get, "http://first.example.org/home").await;
    let at_home = first.asked()[seen..].to_vec();
    let seen = first.asked().len();
    attack.secret("secret away", Method::Get, "http://first.example.org/away").await;
    attack.secret("secret leak", Method::Get, "http://first.example.org/leak").await;
    attack.secret("secret round", Method::Get, "http://first.example.org/round").await;
    attack.secret("secret sent", Method::Post, "http://first.example.org/away").await;
    let away: Vec<String> = second.asked().iter().map(|asked| format!("{asked:?}")).collect();
    let back: Vec<String> =
        first.asked()[seen..].iter().filter(|asked| asked.path == "/ok").map(|asked| format!("{asked:?}")).collect();

    let hits: BTreeMap<&str, usize> =
        INSIDE.iter().zip(&inside).map(|(at, site)| (*at, site.asked().len() - 1)).collect();
    let queries = |asked: &[proofreel_tests::site::Asked]| -> Vec<Value> {
        asked.iter().map(|asked| json!({"path": asked.path, "query": asked.query, "headers": asked.headers})).collect()
    };
    let report = json!({
        "hits": hits, "outcomes": attack.outcomes, "rebind_questions": rebind_questions,
        "robots_asked": first.count("/robots.txt"), "at_home": queries(&at_home), "away": away, "back": back,
    });
    println!("{report:#}");
}
