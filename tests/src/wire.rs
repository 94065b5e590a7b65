//! A line that misbehaves: a server on loopback between clients and a local AWS, which passes requests on, or answers in
//! its place, or breaks off. One request a connection, so that every fault meets exactly one of them.

#![allow(clippy::disallowed_types)] // a line on loopback is made of connections

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happens to a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Nothing: it is passed on, and its answer too.
    Pass,
    /// It is passed on and carried out, and its answer is lost.
    LoseAnswer,
    /// It is lost: the connection is closed.
    LoseRequest,
    /// It is passed on; of the answer only this many bytes of the body come.
    Truncate(usize),
    /// It is passed on; the answer comes, a byte at a time, with this pause before each.
    Drip(Duration),
    /// The same, but the head of the answer comes at once.
    DripBody(Duration),
    /// Nothing comes for this long.
    Silence(Duration),
    /// This comes instead: status line, further header lines, body.
    Answer(&'static str, &'static str, String),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method and path.
    pub line: String,
    /// Header lines in lower case.
    pub head: String,
    bytes: Vec<u8>,
}

impl Request {
    /// The action, as the protocol of DynamoDB and SQS names it, in lower case; empty for S3.
    pub fn action(&self) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix("x-amz-target:"));
        line.and_then(|target| target.rsplit('.').next()).unwrap_or_default().trim()
    }

    /// True when this text stands anywhere in it.
    pub fn mentions(&self, text: &str) -> bool {
        find(&self.bytes, text.as_bytes()).is_some()
    }
}

type Script = dyn Fn(usize, &Request) -> Fault + Send + Sync;

/// A line to `upstream`. It lives as long as the test's process.
pub struct Wire {
    address: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Wire {
    /// A line on which `script` decides by a request's number (from 0) and content what happens to it.
    pub fn to(upstream: Option<u16>, script: impl Fn(usize, &Request) -> Fault + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (log, script): (_, Arc<Script>) = (Arc::clone(&seen), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, script) = (Arc::clone(&log), Arc::clone(&script));
                // A connection that breaks is what this is for.
                std::thread::spawn(move || _ = serve(stream, upstream, &log, &*script));
            }
        });
        Self { address, seen }
    }

    /// Its address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The requests that came so far.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(
    mut client: TcpStream,
    upstream: Option<u16>,
    log: &Mutex<Vec<Request>>,
    script: &Script,
) -> std::io::Result<()> {
    let request = read_request(&mut client)?;
    let number = {
        let mut log = log.lock().unwrap();
        log.push(request.clone());
        log.len() - 1
    };
    let forward = || ask(upstream.expect("a fault that needs a server behind it"), &request);
    match script(number, &request) {
        Fault::Pass => client.write_all(&forward()?),
        Fault::LoseAnswer => forward().map(|_| ()),
        Fault::LoseRequest => Ok(()),
        Fault::Truncate(bytes) => {
            let answer = forward()?;
            client.write_all(&answer[..(body_of(&answer) + bytes).min(answer.len())])
        }
        Fault::Drip(pause) => drip(&mut client, &forward()?, pause),
        Fault::DripBody(pause) => {
            let answer = forward()?;
            let (head, body) = answer.split_at(body_of(&answer));
            client.write_all(head)?;
            drip(&mut client, body, pause)
        }
        Fault::Silence(long) => {
            std::thread::sleep(long);
            Ok(())
        }
        Fault::Answer(status, headers, body) => {
            let length = body.len();
            write!(client, "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
        }
    }?;
    client.shutdown(Shutdown::Both)
}

fn drip(client: &mut TcpStream, bytes: &[u8], pause: Duration) -> std::io::Result<()> {
    for byte in bytes {
        std::thread::sleep(pause);
        client.write_all(&[*byte])?;
    }
    Ok(())
}

/// Where the body of an answer begins.
fn body_of(answer: &[u8]) -> usize {
    find(answer, b"\r\n\r\n").map_or(answer.len(), |at| at + 4)
}

/// Reads a request with its body, of known length or in chunks.
fn read_request(client: &mut TcpStream) -> std::io::Result<Request> {
    let mut bytes = Vec::new();
    let mut welcomed = false;
    loop {
        if let Some(at) = find(&bytes, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..at]).to_lowercase();
            if head.contains("expect: 100-continue") && !welcomed {
                client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
                welcomed = true;
            }
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            let chunked = head.contains("transfer-encoding: chunked");
            let whole =
                if chunked { bytes.ends_with(b"0\r\n\r\n") } else { bytes.len() >= at + 4 + length.unwrap_or(0) };
            if whole {
                let line = String::from_utf8_lossy(&bytes[..at]).lines().next().unwrap_or_default().to_owned();
                return Ok(Request { line, head, bytes });
            }
        }
        let mut some = vec![0; 1 << 16];
        match client.read(&mut some)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => bytes.extend_from_slice(&some[..read]),
        }
    }
}

/// Passes a request on; its whole answer, which says that the connection ends.
fn ask(port: u16, request: &Request) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    let end_of_line = find(&request.bytes, b"\r\n").unwrap_or(0);
    server.write_all(&request.bytes[..end_of_line])?;
    server.write_all(b"\r\nconnection: close")?;
    server.write_all(&request.bytes[end_of_line..])?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    Ok(answer)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
