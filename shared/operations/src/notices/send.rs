//! Sending one notice. No error holds an address: whoever knows a webhook's address can write to it.

use proofreel_insight::notice::{self, Format, With};
use proofreel_model::ids::ChannelId;
use proofreel_model::notices::{About, Recipient, Way};
use proofreel_model::policy::notice_law;
use proofreel_ports::{
    Call, CallError, CallKind, Method, PortError, Reach, Secret, Spend, WebAnswer, WebError, WebLimits, WebRequest,
};
use url::Url;

use super::{Event, Teller};

const PROVIDER: &str = "notices";
/// Bytes of an answer that are taken.
const ANSWER: u64 = 64 << 10;
/// Longest wait that a server's own word is believed, seconds.
const LONGEST_WAIT: i64 = 86_400;
/// Signs of an answer that are told.
const TOLD: usize = 120;

/// Why a notice was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Trying again may help.
    Passing {
        /// Why.
        why: String,
    },
    /// The server said when to come again.
    Wait {
        /// Seconds from now.
        seconds: i64,
        /// Why.
        why: String,
    },
    /// It will never be taken as it is.
    Lasting {
        /// Why, and what to do.
        why: String,
    },
}

impl Trouble {
    /// Why, for a person; without secrets.
    pub fn why(&self) -> &str {
        match self {
            Self::Passing { why } | Self::Wait { why, .. } | Self::Lasting { why } => why,
        }
    }

    fn lasting(why: impl Into<String>) -> Self {
        Self::Lasting { why: why.into() }
    }

    fn passing(why: impl Into<String>) -> Self {
        Self::Passing { why: why.into() }
    }
}

/// An address as it is kept: where to, what of it is secret, and a token that some servers want.
struct Address {
    host: String,
    open: String,
    path: Secret,
    topic: Option<String>,
    token: Option<Secret>,
}

impl Address {
    /// Reads `URL` or `URL TOKEN`. What is wrong with it is told without it.
    fn read(secret: &Secret, way: Way) -> Result<Self, Trouble> {
        let bad = |what: &str| {
            Trouble::lasting(format!(
                "its address {what}\n  hint: keep the webhook's whole URL as the secret, https://…"
            ))
        };
        let mut words = secret.reveal().split_whitespace();
        let url = Url::parse(words.next().unwrap_or_default()).map_err(|_| bad("is no URL"))?;
        let token = words.next().map(Secret::new);
        let host = url.host_str().ok_or_else(|| bad("has no host"))?.to_owned();
        if !matches!(url.scheme(), "https" | "http") {
            return Err(bad("is not of the web"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("holds a name or password; give a token behind it instead"));
        }
        let open = format!("{}/", url.origin().ascii_serialization());
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let (path, topic) = match way {
            // Published as JSON to the root; the address may end in the topic, as ntfy's own pages write it.
            Way::Ntfy => {
                let path = url.path().trim_end_matches('/');
                let (before, topic) = path.rsplit_once('/').unwrap_or(("", ""));
                (format!("{before}/"), (!topic.is_empty()).then(|| topic.to_owned()))
            }
            _ => (format!("{}{query}", url.path()), None),
        };
        Ok(Self { host, open, path: Secret::new(path), topic, token })
    }
}

impl Teller {
    /// Sends an event to somebody, once.
    pub(super) async fn send(&self, event: &Event, recipient: &Recipient) -> Result<(), Trouble> {
        let name = &recipient.address;
        let secret = self.secrets.get(name).await.map_err(|error| Trouble::passing(error.to_string()))?;
        let secret = secret.filter(|secret| !secret.reveal().trim().is_empty()).ok_or_else(|| {
            Trouble::lasting(format!(
                "the secret `{name}` is missing\n  hint: put {name} = \"…\" into secrets.toml of the state folder, or into SSM"
            ))
        })?;
        if recipient.way == Way::Email {
            return self.mail(event, &secret).await;
        }
        let address = Address::read(&secret, recipient.way)?;
        let format = match recipient.way {
            Way::Slack => Format::Slack,
            Way::Discord => Format::Discord,
            Way::Ntfy => Format::Ntfy,
            Way::Webhook | Way::Email => Format::Plain,
        };
        let topic = recipient.topic.as_deref().or(address.topic.as_deref()).unwrap_or("proofreel");
        let calm = !matches!(event.about, About::Page);
        let body = notice::told(&event.page(), format, With { topic, link: event.link.as_deref(), calm });
        let mut request = WebRequest {
            method: Method::Post,
            // The very host that the operator named, which may be in the house.
            reach: Reach::Configured,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.to_string().into_bytes(),
            limits: WebLimits { bytes: ANSWER, seconds: notice_law().seconds, types: Vec::new() },
            secret_path: Some(address.path),
            ..WebRequest::get(address.open)
        };
        if let Some(token) = address.token {
            let bearer = Secret::new(format!("Bearer {}", token.reveal()));
            request.secret_headers.push(("authorization".into(), bearer));
        }
        let channel = event.channel.clone().unwrap_or_else(|| ChannelId::from("installation"));
        let call = Call::new(PROVIDER, CallKind::Effect, request, channel).model(address.host);
        let way = recipient.way;
        let answer = self
            .outside
            .call(&call, &move |answer: &WebAnswer| taken(way, answer))
            .await
            .map_err(|error| trouble(&error))?;
        judged(&answer.answer)
    }

    async fn mail(&self, event: &Event, topic: &Secret) -> Result<(), Trouble> {
        let Some(mailer) = &self.mailer else {
            return Err(Trouble::lasting(
                "there is no mail here\n  hint: mail goes by Amazon SNS; use a webhook, or run where the stack is deployed",
            ));
        };
        let more = event.link.as_ref().map_or_else(String::new, |link| format!("\n\n{link}"));
        let sent = mailer.mail(topic, &event.title, &format!("{}{more}\n", event.text)).await;
        sent.map_err(|error| match error {
            PortError::Unavailable { .. } => Trouble::passing(error.to_string()),
            error => Trouble::lasting(error.to_string()),
        })
    }
}

/// Whether an answer with a good status is one of such a server, and no page of something between.
fn taken(way: Way, answer: &WebAnswer) -> Result<Spend, String> {
    let body = answer.body.trim_ascii();
    let good = match way {
        Way::Slack => body == b"ok",
        Way::Ntfy => serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|value| value.get("id").is_some()),
        Way::Discord => body.is_empty() || body.starts_with(b"{"),
        Way::Webhook | Way::Email => !body.starts_with(b"<"),
    };
    if good { Ok(Spend::default()) } else { Err("it answered something else than such a webhook does".into()) }
}

fn judged(answer: &WebAnswer) -> Result<(), Trouble> {
    let said: String =
        String::from_utf8_lossy(&answer.body).chars().filter(|sign| !sign.is_control()).take(TOLD).collect();
    let why = format!("it answered {}: {said}", answer.status);
    match answer.status {
        200..=299 => Ok(()),
        429 => Err(match answer.header("retry-after").and_then(|text| text.trim().parse::<f64>().ok()) {
            Some(seconds) if seconds.is_finite() && seconds >= 0.0 => {
                Trouble::Wait { seconds: (seconds.ceil() as i64).clamp(1, LONGEST_WAIT), why }
            }
            _ => Trouble::passing(why),
        }),
        408 | 500..=599 => Err(Trouble::passing(why)),
        _ => Err(Trouble::lasting(format!(
            "{why}\n  hint: is the webhook still there? `proofreel notices test` tries it"
        ))),
    }
}

fn trouble(error: &CallError) -> Trouble {
    let why = error.to_string();
    match error {
        CallError::Unusable { .. } | CallError::Web { source: WebError::Refused { .. }, .. } => Trouble::lasting(why),
        _ => Trouble::passing(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart_and_never_told() {
        let read = |text: &str, way| Address::read(&Secret::new(text), way);
        let slack = read("https://hooks.example.org/services/T0/B0/canary?x=1", Way::Slack).unwrap();
        assert_eq!((slack.open.as_str(), slack.host.as_str()), ("https://hooks.example.org/", "hooks.example.org"));
        assert_eq!(slack.path.reveal(), "/services/T0/B0/canary?x=1");
        let ntfy = read("http://10.0.0.7:8080/push/canary-topic tk_canary", Way::Ntfy).unwrap();
        assert_eq!((ntfy.open.as_str(), ntfy.path.reveal()), ("http://10.0.0.7:8080/", "/push/"));
        assert_eq!((ntfy.topic.as_deref(), ntfy.token.unwrap().reveal()), (Some("canary-topic"), "tk_canary"));
        for bad in ["canary", "ftp://canary.example/x", "https://me:canary@a.example/", "mailto:canary@a.example"] {
            let trouble = read(bad, Way::Webhook).err().unwrap();
            assert!(!trouble.why().contains("canary") && matches!(trouble, Trouble::Lasting { .. }), "{trouble:?}");
        }
    }
}
