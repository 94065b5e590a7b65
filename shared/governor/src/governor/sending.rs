//! Within the quota, with a time limit, again if that may help.

use std::time::Duration;

use jiff::Timestamp;
use proofreel_model::digest::Digest;
use proofreel_model::policy::Auth;
use proofreel_ports::{Answer, Call, CallError, CallKind, Secret, Spend, WebAnswer, WebError, WebRequest};

use super::{Asking, Governor, Held, logged};
use crate::account::{Account, End, Hold, Outcome, Ticket};
use crate::hearing::{Heard, Verdict, hear};
use crate::usage::Added;
use crate::window::{Page, spent_until};

/// Beyond a request's own time limit, after which the client below counts as hanging.
const BACKSTOP: Duration = Duration::from_millis(250);
/// The most of a refusal's text that goes into an error.
const WHY_CHARS: usize = 400;

/// The lease to hold while a call is on its way.
type Lease<'a> = Option<(&'a Digest, &'a str)>;

/// How one try ended.
enum Tried {
    Answered(WebAnswer, Spend),
    /// With the answer that an effect's caller wants to see, whatever it is.
    Failed(CallError, Option<WebAnswer>),
    /// Failed, and may be tried again.
    Again(CallError),
}

impl Governor {
    /// Sends an effect: once, and its answer comes back whatever its status.
    pub(super) async fn send_once(&self, asking: &mut Asking<'_>) -> Result<Answer, CallError> {
        let Asking { call, held, .. } = *asking;
        let request = self.keyed(call, held).await?;
        asking.key = known_again(&request);
        let ticket = self.reserve(asking, self.deadline_ms(call, held), None).await?;
        match self.once(asking, &request, ticket, false).await {
            Tried::Answered(answer, _) | Tried::Failed(CallError::Status { .. }, Some(answer)) => Ok(self.made(answer)),
            Tried::Failed(error, _) | Tried::Again(error) => Err(error),
        }
    }

    /// Sends a call, as often as the policy allows.
    pub(super) async fn send(&self, asking: &mut Asking<'_>, lease: Lease<'_>) -> Result<Answer, CallError> {
        let Asking { call, held, .. } = *asking;
        let request = self.keyed(call, held).await?;
        asking.key = known_again(&request);
        asking.added.counts.misses += 1;
        let deadline_ms = self.deadline_ms(call, held);
        let mut tries = 0;
        let mut last = None;
        loop {
            let ticket = match self.reserve(asking, deadline_ms, lease).await {
                Ok(ticket) => ticket,
                // What the provider itself said tells more than that there is no room for another try.
                Err(refusal) => return Err(last.unwrap_or(refusal)),
            };
            if let Some((question, holder)) = lease.filter(|_| tries > 0) {
                self.cache.hold_flight(question, holder, self.lapses_ms(call)).await;
            }
            asking.added.counts.retries += u64::from(tries > 0);
            tries += 1;
            let more = tries < self.law.retry.tries;
            match self.once(asking, &request, ticket, more).await {
                Tried::Answered(answer, _) => return Ok(self.made(answer)),
                Tried::Failed(error, _) => return Err(error),
                Tried::Again(error) => {
                    last = Some(error);
                    self.pause.pause(self.back_off(tries)).await;
                }
            }
        }
    }

    fn deadline_ms(&self, call: &Call, held: &Held<'_>) -> i64 {
        let wait = self.law.freshness(call.kind, held.provider).wait_seconds;
        self.now().as_millisecond().saturating_add(wait as i64 * 1_000)
    }

    /// Full jitter: evenly from nothing to the whole of an exponentially growing wait.
    fn back_off(&self, tries: u32) -> Duration {
        let retry = self.law.retry;
        let most = retry.base_ms.saturating_mul(1 << tries.min(20)).min(retry.most_ms);
        Duration::from_millis((most as f64 * self.ledger.luck()) as u64)
    }

    fn made(&self, answer: WebAnswer) -> Answer {
        let digest = Digest::of(&answer.body);
        Answer { answer, fetched_at: self.now(), cached: false, stale: false, digest }
    }

    /// The request with its key. A client that brings secrets of its own is left alone.
    async fn keyed(&self, call: &Call, held: &Held<'_>) -> Result<WebRequest, CallError> {
        let mut request = call.request.clone();
        if request.secrets().next().is_some() {
            return Ok(request);
        }
        let Some(name) = &held.provider.secret else { return Ok(request) };
        let key = self.doors.secrets.get(name).await?.filter(|key| !key.reveal().trim().is_empty());
        let Some(key) = key else {
            if held.provider.key_needed {
                let why = format!(
                    "the key `{name}` is missing\n  hint: put {name} = \"…\" into secrets.toml of the state folder, or set PROOFREEL_{}",
                    name.to_ascii_uppercase()
                );
                return Err(CallError::Unusable { provider: call.provider.clone(), why });
            }
            return Ok(request);
        };
        // A line feed at the end of a key is the commonest slip; no key has one.
        let key = key.reveal().trim().to_owned();
        match &held.provider.auth {
            Auth::None => {}
            Auth::Bearer => request.secret_headers.push(("authorization".into(), Secret::new(format!("Bearer {key}")))),
            Auth::Header(header) => request.secret_headers.push((header.to_ascii_lowercase(), Secret::new(key))),
            Auth::Query(parameter) => request.secret_query.push((parameter.clone(), Secret::new(key))),
        }
        Ok(request)
    }

    /// A place in the quota, waited for until the deadline. Nothing is sent without one.
    async fn reserve(&self, asking: &Asking<'_>, deadline_ms: i64, lease: Lease<'_>) -> Result<Ticket, CallError> {
        let Asking { call, held, .. } = *asking;
        let pk = format!("quota#{}", held.row);
        loop {
            let now = self.now();
            let seconds = call.request.limits.seconds;
            let change = |account: &mut Account| {
                let told = account.reserve(&held.terms(asking.key.as_deref()), call.spend, now, seconds);
                let granted = told.is_ok();
                (told, granted)
            };
            let hold = match self.ledger.change(&pk, "account", change).await? {
                Ok(ticket) => return Ok(ticket),
                Err(hold) => hold,
            };
            let provider = call.provider.clone();
            let (until_ms, error) = match hold {
                Hold::Quota { what, until_ms } => {
                    (until_ms, CallError::Quota { provider, what, until: timestamp(until_ms) })
                }
                // Not waited for: whether it will be well by then nobody knows, and others can be asked.
                Hold::Open { until_ms, failures } => {
                    return Err(CallError::Open { provider, until: timestamp(until_ms), failures });
                }
                Hold::Key { until_ms } => {
                    return Err(CallError::Unusable {
                        provider,
                        why: key_refused(held, "lately", timestamp(until_ms)),
                    });
                }
                Hold::Never { what } => {
                    let why = format!(
                        "the call asks for {what}\n  hint: ask for less at once, or raise the limit in providers.toml"
                    );
                    return Err(CallError::Unusable { provider, why });
                }
            };
            if until_ms > deadline_ms {
                return Err(error);
            }
            if let Some((question, holder)) = lease {
                let lapses_ms = until_ms.max(now.as_millisecond()) - now.as_millisecond() + self.lapses_ms(call);
                self.cache.hold_flight(question, holder, lapses_ms).await;
            }
            // Those who wait for the same moment come apart by a little.
            let wait_ms = (until_ms - now.as_millisecond()).max(1) as f64 + 250.0 * self.ledger.luck();
            self.pause.pause(Duration::from_millis(wait_ms as u64)).await;
        }
    }

    /// One request, its judgement, and its account settled.
    async fn once(&self, asking: &mut Asking<'_>, request: &WebRequest, ticket: Ticket, more: bool) -> Tried {
        let Asking { call, held, .. } = *asking;
        let limit = Duration::from_secs(request.limits.seconds) + BACKSTOP;
        let sent = tokio::time::timeout(limit, self.exchange(call, held, request)).await;
        let sent =
            sent.unwrap_or_else(|_| Err(WebError::Late { url: request.url.clone(), seconds: request.limits.seconds }));
        asking.added.counts.calls += 1;
        let now = self.now();
        let provider = call.provider.clone();
        let (outcome, heard, tried) = match sent {
            Err(source @ WebError::Refused { .. }) => {
                asking.added.counts.calls -= 1;
                let error = CallError::Web { provider, source };
                (Outcome::Unsent, Heard::nothing(Verdict::Fault), Tried::Failed(error, None))
            }
            Err(source) => {
                let again = matches!(source, WebError::Late { .. } | WebError::Failed { .. });
                let error = CallError::Web { provider, source };
                let tried = if again { Tried::Again(error) } else { Tried::Failed(error, None) };
                (Outcome::Bad, Heard::nothing(Verdict::Failed), tried)
            }
            Ok(answer) => self.judged(asking, request, answer, now),
        };
        count(held, spent(call, &tried), &outcome, &heard, &mut asking.added);
        tracing::debug!(provider = %call.provider, outcome = ?outcome, "a call ended");

        let pk = format!("quota#{}", held.row);
        let luck = self.ledger.luck();
        let wants_retry = more && matches!(tried, Tried::Again(_));
        let settled = self
            .ledger
            .change(&pk, "account", |account: &mut Account| {
                let end = End { outcome: &outcome, heard: &heard, wants_retry, now, luck };
                (account.settle(&held.terms(asking.key.as_deref()), ticket, &end), true)
            })
            .await;
        let may = *settled.as_ref().unwrap_or(&false);
        logged("an account was not settled", settled.map(|_| ()));
        match tried {
            Tried::Again(error) if !may => Tried::Failed(error, None),
            tried => tried,
        }
    }

    /// A page of a site is asked for under the site's rules for programs. What a provider of the law answers is an interface made for
    /// programs, whatever it is asked for; sites keep such addresses from crawlers (Wikipedia all of `/w/`).
    async fn exchange(&self, call: &Call, held: &Held<'_>, request: &WebRequest) -> Result<WebAnswer, WebError> {
        if call.kind == CallKind::Page && held.provider.base_url.is_empty() {
            self.doors.web.send_page(request).await
        } else {
            self.doors.web.send(request).await
        }
    }

    /// What an answer is worth.
    fn judged(
        &self,
        asking: &Asking<'_>,
        request: &WebRequest,
        answer: WebAnswer,
        now: Timestamp,
    ) -> (Outcome, Heard, Tried) {
        let Asking { call, held, judge, .. } = *asking;
        let keyed = request.secrets().next().is_some();
        let mut heard = hear(&answer, keyed, now);
        let provider = call.provider.clone();
        if heard.verdict == Verdict::Fine {
            return match judge(&answer) {
                Ok(real) => (Outcome::Good(real), heard, Tried::Answered(answer, real)),
                Err(why) => {
                    let error = CallError::Useless { provider, why: shortened(&why) };
                    (Outcome::Bad, heard, Tried::Failed(error, Some(answer)))
                }
            };
        }
        let why = shortened(&String::from_utf8_lossy(&answer.body));
        let status = answer.status;
        let error = CallError::Status { provider: provider.clone(), status, why: why.clone() };
        match heard.verdict {
            Verdict::Throttled => (Outcome::Throttled, heard, again(call, error, answer)),
            Verdict::Failed => (Outcome::Bad, heard, again(call, error, answer)),
            Verdict::Spent { month } => {
                let page = if month { Page::Month } else { Page::Day };
                // A day that rolls frees itself bit by bit; what was said about it is the better word.
                let reset = match (&held.of.day, heard.until_ms) {
                    (proofreel_model::policy::Day::Rolling, Some(told)) => told,
                    _ => spent_until(page, now, &held.zone, self.law.retry.turn_lag_seconds).as_millisecond(),
                };
                heard.until_ms = Some(reset);
                heard.why = format!("allowance of the {} (it said so)", if month { "month" } else { "day" });
                (Outcome::Throttled, heard, Tried::Failed(error, Some(answer)))
            }
            Verdict::Key if call.kind != CallKind::Effect && held.provider.secret.is_some() => {
                let until = timestamp(now.as_millisecond() + self.law.retry.key_rest_seconds as i64 * 1_000);
                let why = key_refused(held, &format!("with {status}: {why}"), until);
                (Outcome::Key, heard, Tried::Failed(CallError::Unusable { provider, why }, Some(answer)))
            }
            _ => (Outcome::Fault, heard, Tried::Failed(error, Some(answer))),
        }
    }
}

/// An effect is never tried again by itself; its caller sees what came.
fn again(call: &Call, error: CallError, answer: WebAnswer) -> Tried {
    if call.kind == CallKind::Effect { Tried::Failed(error, Some(answer)) } else { Tried::Again(error) }
}

/// Counts what a try took.
fn count(held: &Held<'_>, spend: Spend, outcome: &Outcome, heard: &Heard, added: &mut Added) {
    let counts = &mut added.counts;
    match outcome {
        Outcome::Unsent => return,
        Outcome::Throttled => counts.throttled += 1,
        Outcome::Bad | Outcome::Fault | Outcome::Key => counts.failures += 1,
        Outcome::Good(_) => {
            let requests = 1;
            let price = &held.provider.price;
            counts.tokens += spend.tokens;
            counts.characters += spend.characters;
            counts.cost_micro_usd += price.micro_usd(spend.tokens, spend.characters, spend.units, requests);
        }
    }
    let limited = held.limits.units != proofreel_model::policy::Windows::default();
    // A refused request costs a unit or more too, and 429 none.
    if heard.verdict != Verdict::Throttled {
        counts.units += if limited { spend.units.max(1) } else { spend.units };
    }
}

/// What a try took: as told, or as estimated where nothing was.
fn spent(call: &Call, tried: &Tried) -> Spend {
    let told = if let Tried::Answered(_, real) = tried { *real } else { Spend::default() };
    let or = |real: u64, estimate: u64| if real == 0 { estimate } else { real };
    Spend {
        tokens: or(told.tokens, call.spend.tokens),
        characters: or(told.characters, call.spend.characters),
        units: or(told.units, call.spend.units),
    }
}

/// What is told of a key that was refused.
fn key_refused(held: &Held<'_>, how: &str, until: Timestamp) -> String {
    format!(
        "it refused the key `{}` {how}\n  hint: check the key and what it may do at {}; another key is tried at once, this one from {} on",
        held.provider.secret.as_deref().unwrap_or("key"),
        held.provider.name,
        until.strftime("%H:%M UTC")
    )
}

/// By what the secrets of a request are known again, without being told.
fn known_again(request: &WebRequest) -> Option<String> {
    const SIGNS: usize = 8;
    let secrets: Vec<&str> = request.secrets().map(Secret::reveal).collect();
    let digest = || Digest::of(secrets.join("\n").as_bytes()).to_string();
    (!secrets.is_empty()).then(|| digest().chars().take(SIGNS).collect())
}

fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}

/// One line, cut.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().filter(|c| !c.is_control()).take(WHY_CHARS).collect();
    if cut.is_empty() { "nothing".into() } else { cut }
}
