//! Consent: the loopback flow with PKCE, and access tokens from a refresh token.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use proofreel_model::ids::ChannelId;
use proofreel_ports::{
    Call, CallError, CallKind, Clock, HostError, Method, Outside, Reach, Secret, Secrets, Spend, WebRequest,
};
use serde::Deserialize;
use serde_json::Value;

use super::NAME;

/// Provider of the token endpoint.
pub const PROVIDER: &str = "google-oauth";
/// Where tokens come from.
pub(super) const TOKEN: &str = "https://oauth2.googleapis.com/token";
/// Where a person consents.
const CONSENT: &str = "https://accounts.google.com/o/oauth2/v2/auth";
/// Everything that publishing does: upload, update, thumbnails and playlists; captions need the second one. Then what measuring
/// reads: the channel's figures, and its revenue.
const SCOPES: &str = "https://www.googleapis.com/auth/youtube https://www.googleapis.com/auth/youtube.force-ssl https://www.googleapis.com/auth/yt-analytics.readonly https://www.googleapis.com/auth/yt-analytics-monetary.readonly";
/// An access token is renewed so long before its end, seconds.
const EARLY_SECONDS: i64 = 120;

/// Name of a channel's refresh token among the secrets.
pub fn refresh_token_name(channel: &ChannelId) -> String {
    format!("youtube_refresh_token_{}", channel.as_str().replace('-', "_"))
}

/// Access tokens of one channel, renewed as needed.
#[derive(Clone)]
pub struct Tokens {
    secrets: Arc<dyn Secrets>,
    /// Elsewhere than the law says, for tests.
    endpoint: Option<String>,
    kept: Arc<Mutex<Option<(Secret, Timestamp)>>>,
}

/// What the token endpoint says.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    expires_in: i64,
    #[serde(default)]
    refresh_token: Option<String>,
    /// Seconds until the refresh token ends: only a consent screen in Testing gives one that ends.
    #[serde(default)]
    refresh_token_expires_in: Option<i64>,
}

impl Tokens {
    /// Tokens from the refresh token among these secrets.
    pub fn new(secrets: Arc<dyn Secrets>) -> Self {
        Self { secrets, endpoint: None, kept: Arc::default() }
    }

    /// The same from another endpoint, for tests.
    pub fn at(endpoint: &str, secrets: Arc<dyn Secrets>) -> Self {
        Self { secrets, endpoint: Some(endpoint.to_owned()), kept: Arc::default() }
    }

    /// Forgets the access token: the host refused it.
    pub(super) fn forget(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// An access token that is good for some minutes.
    pub(crate) async fn access(
        &self,
        outside: &dyn Outside,
        clock: &dyn Clock,
        channel: &ChannelId,
    ) -> Result<Secret, HostError> {
        let now = clock.now();
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((token, until)) = kept
            && now < until
        {
            return Ok(token);
        }
        let refresh = self.need(&refresh_token_name(channel), "run `proofreel auth youtube`").await?;
        let form = [("grant_type", "refresh_token")];
        let granted = self.ask(outside, channel, &form, vec![("refresh_token", refresh)]).await?;
        let until = now + SignedDuration::from_secs((granted.expires_in - EARLY_SECONDS).max(0));
        let token = Secret::new(granted.access_token);
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((token.clone(), until));
        Ok(token)
    }

    /// Who we are at the token endpoint: id and secret.
    async fn client(&self) -> Result<(Secret, Secret), HostError> {
        let hint = "make an OAuth client (Desktop app) in the Google console and store its id and secret";
        Ok((self.need("youtube_client_id", hint).await?, self.need("youtube_client_secret", hint).await?))
    }

    async fn need(&self, name: &str, hint: &str) -> Result<Secret, HostError> {
        let found = self
            .secrets
            .get(name)
            .await
            .map_err(|error| HostError::Transient { host: NAME.into(), why: error.to_string() })?;
        found.ok_or_else(|| HostError::Refused {
            host: NAME.into(),
            what: "the call".into(),
            why: format!("the secret {name} is missing"),
            hint: hint.into(),
        })
    }

    /// One call of the token endpoint. What is secret travels apart, so that it is taken out of an answer that repeats it.
    async fn ask(
        &self,
        outside: &dyn Outside,
        channel: &ChannelId,
        form: &[(&str, &str)],
        secrets: Vec<(&str, Secret)>,
    ) -> Result<Granted, HostError> {
        let (id, secret) = self.client().await?;
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", id.reveal())
            .extend_pairs(form)
            .finish();
        let lawful = || outside.address(PROVIDER).map_or_else(|| TOKEN.into(), |base| format!("{base}/token"));
        let mut request = WebRequest::get(self.endpoint.clone().unwrap_or_else(lawful));
        request.method = Method::Post;
        request.headers = vec![("content-type".into(), "application/x-www-form-urlencoded".into())];
        request.body = body.into_bytes();
        request.secret_form = secrets.into_iter().map(|(name, secret)| (name.to_owned(), secret)).collect();
        request.secret_form.push(("client_secret".into(), secret));
        request.reach = Reach::Configured;
        let call = Call {
            provider: PROVIDER.into(),
            model: None,
            kind: CallKind::Effect,
            request,
            spend: Spend::default(),
            channel: channel.clone(),
            run: None,
        };
        let (status, body) = match outside.call(&call, &proofreel_ports::take).await {
            Ok(answer) => (answer.answer.status, answer.answer.body),
            Err(CallError::Status { status, why, .. }) => (status, why.into_bytes()),
            Err(CallError::Quota { until, what, .. }) => {
                return Err(HostError::Wait { host: NAME.into(), until, why: what });
            }
            Err(error) => return Err(HostError::Transient { host: NAME.into(), why: error.to_string() }),
        };
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        let error = said.get("error").and_then(Value::as_str).unwrap_or_default();
        match status {
            200 => serde_json::from_value(said).map_err(|_| HostError::Transient {
                host: NAME.into(),
                why: "the token endpoint gave no token".into(),
            }),
            _ if error == "invalid_grant" => Err(HostError::Consent { host: NAME.into(), why: "invalid_grant".into() }),
            400..=499 => Err(HostError::Refused {
                host: NAME.into(),
                what: "the OAuth client".into(),
                why: format!(
                    "{status} {}",
                    error.chars().filter(|sign| !sign.is_control()).take(60).collect::<String>()
                ),
                hint: "check youtube_client_id and youtube_client_secret".into(),
            }),
            _ => Err(HostError::Transient { host: NAME.into(), why: format!("the token endpoint answered {status}") }),
        }
    }

    /// Ends the flow: the code becomes a refresh token, which is stored. Says how long it lasts, if it ends.
    pub async fn exchange(
        &self,
        outside: &dyn Outside,
        channel: &ChannelId,
        consent: &Consent,
        code: &str,
    ) -> Result<Option<SignedDuration>, HostError> {
        let form = [("grant_type", "authorization_code"), ("redirect_uri", consent.redirect.as_str())];
        let secrets = vec![("code", Secret::new(code)), ("code_verifier", consent.verifier.clone())];
        let granted = self.ask(outside, channel, &form, secrets).await?;
        let refresh = granted.refresh_token.ok_or_else(|| HostError::Refused {
            host: NAME.into(),
            what: "the consent".into(),
            why: "no refresh token came with it".into(),
            hint: "remove the app's access at myaccount.google.com/permissions and consent again".into(),
        })?;
        self.secrets.store(&refresh_token_name(channel), &Secret::new(refresh)).await.map_err(|error| {
            HostError::Refused {
                host: NAME.into(),
                what: "the refresh token".into(),
                why: error.to_string(),
                hint: "make the place of secrets writable for you, and consent again".into(),
            }
        })?;
        Ok(granted.refresh_token_expires_in.map(SignedDuration::from_secs))
    }
}

/// A consent being asked for.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Where the browser is sent.
    pub address: String,
    /// Guards against an answer to another question.
    pub state: String,
    redirect: String,
    verifier: Secret,
}

impl Consent {
    /// A question to the person at the browser. `noise` is 64 random bytes; `redirect` the loopback address that answers.
    pub fn ask(client_id: &str, redirect: &str, noise: &[u8; 64]) -> Self {
        let verifier = base64_url(&noise[..32]);
        let state = base64_url(&noise[32..]);
        let challenge = base64_url(&sha256(verifier.as_bytes()));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", redirect)
            .append_pair("response_type", "code")
            .append_pair("scope", SCOPES)
            .append_pair("access_type", "offline")
            .append_pair("prompt", "consent")
            .append_pair("state", &state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .finish();
        Self {
            address: format!("{CONSENT}?{query}"),
            state,
            redirect: redirect.to_owned(),
            verifier: Secret::new(verifier),
        }
    }

    /// The code in the query that the browser came back with.
    pub fn code(&self, query: &str) -> Result<String, String> {
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let one = |name: &str| {
            let mut found = pairs.iter().filter(|(key, _)| key == name);
            found.next().filter(|_| found.next().is_none()).map(|(_, value)| value.to_string())
        };
        if one("state").as_deref() != Some(self.state.as_str()) {
            return Err("the answer belongs to another question; start again".into());
        }
        if let Some(error) = one("error") {
            return Err(format!(
                "consent was not given: {}",
                error.chars().filter(char::is_ascii_graphic).take(60).collect::<String>()
            ));
        }
        one("code").filter(|code| !code.is_empty()).ok_or_else(|| "the answer holds no code; start again".into())
    }
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).to_vec()
}

fn base64_url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_carries_a_challenge_and_never_the_verifier() {
        let noise: [u8; 64] = std::array::from_fn(|n| n as u8);
        let consent = Consent::ask("id", "http://127.0.0.1:9/", &noise);
        let challenge = base64_url(&sha256(consent.verifier.reveal().as_bytes()));
        assert!(consent.address.contains(&challenge) && consent.address.contains("code_challenge_method=S256"));
        assert!(!consent.address.contains(consent.verifier.reveal()));
        assert!(!format!("{consent:?}").contains(consent.verifier.reveal()));
        // RFC 7636, appendix B.
        assert_eq!(
            base64_url(&sha256(b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn only_the_answer_to_this_question_gives_a_code() {
        let consent = Consent::ask("id", "http://127.0.0.1:9/", &[7; 64]);
        let state = &consent.state;
        assert_eq!(consent.code(&format!("state={state}&code=4%2Fabc")), Ok("4/abc".into()));
        for bad in [
            "code=4%2Fabc".to_owned(),
            "state=other&code=x".to_owned(),
            format!("state={state}&state={state}&code=x"),
            format!("state={state}&error=access_denied"),
            format!("state={state}&code="),
            format!("state={state}&code=a&code=b"),
        ] {
            assert!(consent.code(&bad).is_err(), "{bad}");
        }
    }
}
