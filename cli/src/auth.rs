//! `proofreel auth`: consent to publish on YouTube, and keys for the webhook.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use proofreel_model::ids::ChannelId;
use proofreel_operations::{Office, consent};
use proofreel_ports::{HostError, Secret, VideoHost};
use proofreel_providers::youtube::{Consent, Owner, Tokens, YouTube, refresh_token_name};
use proofreel_publishing::audit::Deed;

use crate::args::Global;
use crate::exit::{Class, Failure};
use crate::outside::outside;
use crate::publish::{block, office};

/// Minutes that the browser is waited for.
const PATIENCE: Duration = Duration::from_mins(10);
/// A request of a browser to the loopback address is shorter.
const LONGEST_REQUEST: usize = 16 * 1024;

/// Consents and keys.
#[derive(Debug, Args)]
pub struct AuthArgs {
    #[command(subcommand)]
    pub command: AuthCommand,
}

#[derive(Debug, Subcommand)]
pub enum AuthCommand {
    /// Let a channel's owner consent in the browser; the refresh token is kept in the state folder, for you alone
    ///
    /// Needs the secrets `youtube_client_id` and `youtube_client_secret` of an OAuth client of the kind "Desktop app".
    Youtube {
        /// The channel, by the id in its file
        #[arg(long, value_name = "ID")]
        channel: String,
    },
    /// Make a key with which a person's decisions are signed, after the Standard Webhooks scheme; it is shown once
    Webhook {
        /// The person, as the channel's file names them
        name: String,
    },
}

pub fn auth(global: &Global, args: &AuthArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        AuthCommand::Youtube { channel } => youtube(global, &ChannelId::from(channel.as_str())),
        AuthCommand::Webhook { name } => webhook(global, name),
    }
}

/// YouTube for a channel, over the governor.
pub fn youtube_host(state: &Path, office: &Office, channel: &ChannelId) -> Result<Arc<dyn VideoHost>, Failure> {
    let (outside, secrets) = outside(state)?;
    Ok(Arc::new(YouTube::new(outside, Arc::clone(&office.clock), Tokens::new(secrets), channel.clone())))
}

fn noise() -> Result<[u8; 64], Failure> {
    let mut bytes = [0; 64];
    getrandom::fill(&mut bytes).map_err(|error| Failure::new(Class::Machine, format!("no random numbers: {error}")))?;
    Ok(bytes)
}

fn webhook(global: &Global, name: &str) -> Result<ExitCode, Failure> {
    use base64::Engine as _;
    let legal =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !legal || name.len() > 50 {
        return Err(Failure::input(format!(
            "`{name}` cannot name a key\n  hint: use small letters, digits and _, as in the channel's file"
        )));
    }
    block(async {
        let office = office(&global.state, Path::new("channels"))?;
        let (_, secrets) = outside(&global.state)?;
        let key = format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(&noise()?[..32]));
        let secret_name = format!("webhook_{name}");
        if let Some(before) = secrets.get(&secret_name).await? {
            let days = proofreel_model::policy::publishing::law().webhook.rotation_days;
            let ends = office.clock.now() + jiff::SignedDuration::from_hours(24 * i64::from(days));
            let kept = Secret::new(format!("{} {ends}", before.reveal()));
            secrets.store(&format!("{secret_name}_previous"), &kept).await?;
        }
        secrets.store(&secret_name, &Secret::new(key.clone())).await?;
        office.ledger().note(Deed::new("operator", "key.made", &secret_name)).await?;
        println!("{key}\nkeep it where {name}'s decisions are signed: it is not shown again");
        Ok(ExitCode::SUCCESS)
    })
}

fn youtube(global: &Global, channel: &ChannelId) -> Result<ExitCode, Failure> {
    block(async {
        let office = office(&global.state, Path::new("channels"))?;
        let (outside, secrets) = outside(&global.state)?;
        let client = secrets.get("youtube_client_id").await?.ok_or_else(|| {
            Failure::input(
                "the secret youtube_client_id is missing\n  hint: make an OAuth client of the kind Desktop app in the Google console, and put youtube_client_id and youtube_client_secret into secrets.toml of the state folder (mode 600)",
            )
        })?;
        let listener = TcpListener::bind("127.0.0.1:0")
            .map_err(|error| Failure::new(Class::Machine, format!("no loopback address: {error}")))?;
        let port = listener.local_addr().map_err(|error| anyhow::anyhow!("loopback: {error}"))?.port();
        let question = Consent::ask(client.reveal(), &format!("http://127.0.0.1:{port}/"), &noise()?);
        println!("open this address as the owner of the channel:\n\n{}\n", question.address);
        let code = wait_for(&listener, &question)?;
        let tokens = Tokens::new(secrets);
        let ends = tokens
            .exchange(outside.as_ref(), channel, &question, &code)
            .await
            .map_err(proofreel_publishing::PublishError::from)?;
        let clock = Arc::clone(&office.clock);
        let before = consent::known(&office, channel).await?;
        // The consent is stored; whose it is may be asked again.
        let owner = YouTube::new(outside, Arc::clone(&clock), tokens, channel.clone()).owner().await;
        let known = consent::Known {
            owner: owner.as_ref().ok().map(|owner| owner.id.clone()),
            since: clock.now(),
            ends_at: ends.map(|ends| clock.now() + ends),
        };
        consent::given(&office, channel, &known).await?;
        println!("the consent is kept as {} in the state folder", refresh_token_name(channel));
        told(&owner, before.and_then(|before| before.owner).as_deref());
        match ends {
            Some(ends) => println!(
                "WARNING: it ends after {} days, because the consent screen is in Testing.\n  hint: publish the app (Google console, OAuth consent screen, \"In production\"), then run this command again",
                ends.as_hours() / 24
            ),
            None => println!("it lasts until it is revoked or unused for six months"),
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Says whose channel the consent is for: whoever owns several chooses the wrong one easily.
fn told(owner: &Result<Owner, HostError>, before: Option<&str>) {
    match owner {
        Err(error) => println!("note: YouTube does not say now whose channel it is: {error}"),
        Ok(owner) => {
            println!("films go to “{}” (https://www.youtube.com/channel/{})", owner.title, owner.id);
            if before.is_some_and(|before| before != owner.id) {
                println!(
                    "WARNING: the consent before was for another channel, {}.\n  hint: if that was the right one, run this command again and choose it in the browser",
                    before.unwrap_or_default()
                );
            }
            if !owner.long_films {
                println!(
                    "note: films over fifteen minutes are refused until its owner's phone number is verified (https://www.youtube.com/verify)"
                );
            }
        }
    }
}

/// The code that the browser brings to the loopback address. Anything else that comes there is answered and forgotten.
fn wait_for(listener: &TcpListener, consent: &Consent) -> Result<String, Failure> {
    let give_up = std::time::Instant::now() + PATIENCE;
    listener.set_nonblocking(true).map_err(|error| anyhow::anyhow!("loopback: {error}"))?;
    loop {
        if std::time::Instant::now() > give_up {
            return Err(Failure::new(
                Class::Refused,
                "nobody consented within ten minutes\n  hint: run the command again",
            ));
        }
        let Ok((mut stream, _)) = listener.accept() else {
            std::thread::sleep(Duration::from_millis(100));
            continue;
        };
        // A browser that stalls is given up, and the next one is heard.
        let patient =
            stream.set_nonblocking(false).and_then(|()| stream.set_read_timeout(Some(Duration::from_secs(5))));
        let Some(query) = patient.ok().and_then(|()| asked(&mut stream)) else {
            answer(&mut stream, "404 Not Found", "Nothing is here.");
            continue;
        };
        match consent.code(&query) {
            Ok(code) => {
                answer(&mut stream, "200 OK", "Thank you. You can close this page; Proofreel goes on in the terminal.");
                return Ok(code);
            }
            Err(why) if query.contains("error=") && query.contains(&consent.state) => {
                answer(&mut stream, "200 OK", "Consent was not given. You can close this page.");
                return Err(Failure::new(Class::Refused, why));
            }
            Err(_) => answer(&mut stream, "400 Bad Request", "This is no answer to the question asked."),
        }
    }
}

/// The query of `GET /?…`, when that is what comes.
fn asked(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut some = [0; 1024];
    while !bytes.windows(4).any(|window| window == b"\r\n\r\n") && bytes.len() < LONGEST_REQUEST {
        match stream.read(&mut some).ok()? {
            0 => break,
            read => bytes.extend_from_slice(&some[..read]),
        }
    }
    let line = String::from_utf8(bytes).ok()?.lines().next()?.to_owned();
    let target = line.strip_prefix("GET /?")?;
    target.split(' ').next().map(str::to_owned)
}

fn answer(stream: &mut impl Write, status: &str, text: &str) {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        text.len()
    );
    // A browser that went away misses a courtesy.
    drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(text.as_bytes())));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_ports::{Reach, Web as _, WebRequest};

    #[test]
    fn the_browser_brings_the_code_and_strangers_bring_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let root = format!("http://{}/", listener.local_addr().unwrap());
        let consent = Consent::ask("id", &root, &[5; 64]);
        let state = consent.state.clone();
        let browser = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let client = proofreel_web::Client::new(&proofreel_web::Identity::default()).unwrap();
            let status = |path: String| {
                let request = WebRequest { reach: Reach::Configured, ..WebRequest::get(format!("{root}{path}")) };
                runtime.block_on(client.send(&request)).unwrap().status
            };
            [
                "favicon.ico".to_owned(),
                "?state=x&code=evil".into(),
                "?code=evil".into(),
                format!("?state={state}&code=4%2Fgood&scope=x"),
            ]
            .map(status)
        });
        assert_eq!(wait_for(&listener, &consent).unwrap(), "4/good");
        assert_eq!(browser.join().unwrap(), [404, 400, 400, 200]);
    }
}
