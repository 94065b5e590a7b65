//! TLS against servers whose certificates and versions are wrong in every common way, each with its own authority.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

use async_trait::async_trait;
use proofreel_ports::{Reach, Web as _, WebAnswer, WebError, WebRequest};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{RootCertStore, ServerConfig, ServerConnection, Stream};

use crate::{Client, Identity, Resolver};

const NAME: &str = "series.example";

/// Every name is this machine.
struct Here;

#[async_trait]
impl Resolver for Here {
    async fn resolve(&self, _: &str) -> Result<Vec<IpAddr>, String> {
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }
}

fn authority(of: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, of);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// What a server shows, and its key.
type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// A certificate for `name`, changed by `change`.
fn shown(by: &CertifiedIssuer<'static, KeyPair>, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Shown {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, by).unwrap();
    (vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
}

fn trusting(authority: &CertifiedIssuer<'static, KeyPair>) -> Client {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    Client::trusting(&Identity::default(), Arc::new(Here), &roots).unwrap()
}

/// A server for one connection; it tells what it read.
struct Server {
    port: u16,
    read: Receiver<Vec<u8>>,
    thread: JoinHandle<()>,
}

/// Answers one request over TLS of these versions.
fn serve((chain, key): Shown, versions: &'static [&'static rustls::SupportedProtocolVersion]) -> Server {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let (told, read) = channel();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut connection = ServerConnection::new(config).unwrap();
        let mut stream = Stream::new(&mut connection, &mut socket);
        let mut heard = vec![0; 4096];
        // A client that goes away is what most of these tests want.
        let length = stream.read(&mut heard).unwrap_or(0);
        heard.truncate(length);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";
        let _ = stream.write_all(answer).and_then(|()| stream.flush());
        connection.send_close_notify();
        let _ = connection.write_tls(&mut socket);
        let _ = told.send(heard);
    });
    Server { port, read, thread }
}

/// A server that speaks an old version: whatever it hears, it greets with a `ServerHello` of that version.
fn serve_old(minor: u8) -> Server {
    let (told, read) = channel();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut heard = vec![0; 4096];
        let length = socket.read(&mut heard).unwrap_or(0);
        heard.truncate(length);
        let mut hello = vec![3, minor];
        hello.extend([7; 32]);
        // No session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
        hello.extend([0, 0x00, 0x2f, 0]);
        let mut record = vec![22, 3, minor, 0, hello.len() as u8 + 4, 2, 0, 0, hello.len() as u8];
        record.extend(hello);
        let _ = socket.write_all(&record);
        let mut rest = Vec::new();
        let _ = socket.read_to_end(&mut rest);
        heard.extend(rest);
        let _ = told.send(heard);
    });
    Server { port, read, thread }
}

/// Asks the server, with a key, and gives what came and what the server read of the request.
fn ask(client: &Client, server: Server) -> (Result<WebAnswer, WebError>, Vec<u8>) {
    let mut request =
        WebRequest { reach: Reach::Configured, ..WebRequest::get(format!("https://{NAME}:{}/", server.port)) };
    request.secret_headers.push(("authorization".into(), proofreel_ports::Secret::new("Bearer a-key-to-keep")));
    request.limits.seconds = 10;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(client.send(&request));
    drop(runtime);
    server.thread.join().unwrap();
    (answer, server.read.recv().unwrap())
}

const BOTH: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS12, &rustls::version::TLS13];

#[test]
fn a_certificate_of_a_trusted_authority_is_believed_in_both_versions() {
    let ours = authority("ours");
    for version in BOTH {
        let versions: &'static [_] =
            if version.version == rustls::ProtocolVersion::TLSv1_2 { &BOTH[..1] } else { &BOTH[1..] };
        let (answer, read) = ask(&trusting(&ours), serve(shown(&ours, NAME, |_| {}), versions));
        assert_eq!(answer.unwrap().body, b"hello", "{version:?}");
        assert!(String::from_utf8_lossy(&read).contains("Bearer a-key-to-keep"));
    }
}

#[test]
fn a_wrong_certificate_ends_the_call_before_anything_is_said() {
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let lone = KeyPair::generate().unwrap();
    let alone = CertificateParams::new(vec![NAME.to_owned()]).unwrap().self_signed(&lone).unwrap();
    let self_signed: Shown = (vec![alone.der().clone()], PrivatePkcs8KeyDer::from(lone.serialize_der()).into());
    let expired = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    };
    let early = |params: &mut CertificateParams| params.not_before = date_time_ymd(4000, 1, 1);
    let client_only =
        |params: &mut CertificateParams| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let cases: [(&str, Shown, &str); 8] = [
        ("another host's", shown(&ours, "other.example", |_| {}), "notvalidforname"),
        ("a name above", shown(&ours, "example", |_| {}), "notvalidforname"),
        ("a name with a star below", shown(&ours, "*.series.example", |_| {}), "notvalidforname"),
        ("expired", shown(&ours, NAME, expired), "expired"),
        ("not yet valid", shown(&ours, NAME, early), "notvalidyet"),
        ("self-signed", self_signed, "unknownissuer"),
        ("of an authority that is not trusted", shown(&theirs, NAME, |_| {}), "unknownissuer"),
        ("for clients only", shown(&ours, NAME, client_only), "extendedkeyusage"),
    ];
    for (what, shown, why) in cases {
        let (answer, read) = ask(&trusting(&ours), serve(shown, BOTH));
        let error = answer.expect_err(what).to_string();
        let meant = ["certificate", "Certificate"].iter().any(|word| error.contains(word));
        let words: String = error.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        assert!(meant && words.contains(why), "{what}: {error}");
        assert!(!error.contains("a-key") && read.is_empty(), "{what}: the server read {read:?}");
    }
}

#[test]
fn old_versions_are_neither_offered_nor_taken() {
    let ours = authority("ours");
    for minor in [0, 1, 2] {
        let (answer, heard) = ask(&trusting(&ours), serve_old(minor));
        let error = answer.unwrap_err().to_string();
        assert!(!error.contains("gave no whole answer"), "3.{minor}: {error}");
        // The extension 43 lists what is spoken: TLS 1.3 and 1.2, and nothing older.
        let offer = [0, 43, 0, 5, 4, 3, 4, 3, 3];
        assert!(heard.windows(offer.len()).any(|window| window == offer), "3.{minor}: {heard:?}");
        assert!(!String::from_utf8_lossy(&heard).contains("a-key"), "3.{minor}");
    }
}
