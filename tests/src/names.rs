//! A name server that answers as its script says, and changes its mind when the script does.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

/// A question for the addresses of a name.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// Name in small letters, without a dot at its end.
    pub name: String,
    /// True when IPv6 addresses are asked for.
    pub sixth: bool,
    /// How often this was asked before.
    pub before: usize,
}

type Script = dyn Fn(&Spoken) -> Vec<IpAddr> + Send + Sync;
type Counts = Arc<Mutex<BTreeMap<(String, bool), usize>>>;

/// The server. It lives as long as the test's process.
pub struct Names {
    counts: Counts,
}

impl Names {
    /// A server at `address` whose `script` gives all addresses of a name; none of either kind means that there is no such
    /// name. Nothing it says may be kept.
    #[allow(clippy::disallowed_types)] // it is asked over UDP, and asks nobody
    pub fn open(
        address: SocketAddr,
        script: impl Fn(&Spoken) -> Vec<IpAddr> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let socket = std::net::UdpSocket::bind(address)?;
        let counts = Counts::default();
        let memory = Arc::clone(&counts);
        let script: Box<Script> = Box::new(script);
        std::thread::spawn(move || {
            let mut packet = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                if let Some(answer) = answer(&packet[..length], &script, &memory) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Ok(Self { counts })
    }

    /// How often the IPv4 addresses of a name were asked for.
    pub fn asked(&self, name: &str) -> usize {
        self.counts.lock().expect("no script panicked").get(&(name.to_owned(), false)).copied().unwrap_or_default()
    }
}

/// Answers a question as RFC 1035 wants it: the question again, then the records.
fn answer(question: &[u8], script: &Script, counts: &Counts) -> Option<Vec<u8>> {
    let mut at = 12;
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*question.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(question.get(at..at + length)?).to_ascii_lowercase());
        at += length;
    }
    let kind = u16::from_be_bytes([*question.get(at)?, *question.get(at + 1)?]);
    let end = at + 4;
    let (name, sixth) = (labels.join("."), kind == 28);
    let before = {
        let mut counts = counts.lock().ok()?;
        let count = counts.entry((name.clone(), sixth)).or_default();
        *count += 1;
        *count - 1
    };
    let all = script(&Spoken { name, sixth, before });
    let records: Vec<Vec<u8>> = all
        .iter()
        .filter_map(|address| match address {
            IpAddr::V4(address) if kind == 1 => Some(address.octets().to_vec()),
            IpAddr::V6(address) if kind == 28 => Some(address.octets().to_vec()),
            _ => None,
        })
        .collect();
    let mut answer = question.get(..2)?.to_vec();
    // An answer, with recursion as asked for; "no such name" when there is nothing of either kind.
    answer.extend([0x81, if all.is_empty() { 0x83 } else { 0x80 }, 0, 1, 0, records.len() as u8, 0, 0, 0, 0]);
    answer.extend(question.get(12..end)?);
    for record in records {
        // The name of the question, its kind, class IN, time to live 0.
        answer.extend([0xc0, 12, 0, kind as u8, 0, 1, 0, 0, 0, 0, 0, record.len() as u8]);
        answer.extend(record);
    }
    Some(answer)
}
