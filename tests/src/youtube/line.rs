//! The way to the server: every call gives way, may be lost before or after it happened, or breaks in the middle.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use proofreel_model::digest::Digest;
use proofreel_ports::{
    Answer, Call, CallError, Judge, Outside, PortError, Secret, Secrets, WebAnswer, WebError, WebRequest,
};

use super::server::{Server, error};
use crate::fakes::Memory;

/// What may happen on the way, each as one in so many calls, and between two processes, as one in so many of them; 0 is never.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    /// Lost before it came there.
    pub lost: u32,
    /// Done there, and the answer lost.
    pub unanswered: u32,
    /// Some of the bytes came.
    pub broken: u32,
    /// 500, 502, 503 or 504 instead.
    pub failing: u32,
    /// 429 or a spent quota instead.
    pub busy: u32,
    /// The access token is not good any more.
    pub stale: u32,
    /// All sessions are forgotten.
    pub forgotten: u32,
    /// Between two processes the clock jumps, forward by up to an hour or back by up to two minutes.
    pub jumps: u32,
    /// Between two processes everything is away for eight days, once at most; no session lasts as long.
    pub away: u32,
}

impl Weather {
    /// Bad in every way, sessions kept.
    pub fn storm() -> Self {
        let on_the_way =
            Self { lost: 12, unanswered: 8, broken: 5, failing: 12, busy: 40, stale: 40, ..Self::default() };
        Self { jumps: 12, ..on_the_way }
    }

    /// The same, and sessions are lost, by themselves and while everything is away.
    pub fn losing_sessions() -> Self {
        Self { forgotten: 6, away: 40, ..Self::storm() }
    }
}

/// One thing that happens to one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives.
    Lost,
    /// It is done, and its answer is lost.
    Unanswered,
    /// So many bytes of its body arrive, and the connection breaks.
    Broken(usize),
    /// Another answer: status, reason, message. With true it is done all the same.
    Answered(u16, &'static str, &'static str, bool),
    /// It is done, and what comes back is a page of some machine between.
    Garbled,
    /// The access token ends just before it.
    Stale,
    /// All sessions are forgotten just before it.
    Forgotten,
}

/// A line to the server, whose faults follow a seed.
#[derive(Clone)]
pub struct Line {
    inner: Arc<Mutex<Inner>>,
    clock: Memory,
}

struct Inner {
    server: Server,
    weather: Weather,
    dice: fastrand::Rng,
    exchanges: usize,
    fault: Option<(usize, Fault)>,
}

impl Line {
    /// A line in this weather.
    pub fn new(server: Server, weather: Weather, seed: u64, clock: Memory) -> Self {
        let dice = fastrand::Rng::with_seed(seed);
        Self { inner: Arc::new(Mutex::new(Inner { server, weather, dice, exchanges: 0, fault: None })), clock }
    }

    /// This happens to the exchange of this number, counted from 0, and to no other.
    pub fn plant(&self, exchange: usize, fault: Fault) {
        self.lock().fault = Some((exchange, fault));
    }

    /// Exchanges so far.
    pub fn exchanges(&self) -> usize {
        self.lock().exchanges
    }

    /// The weather changes.
    pub fn turn(&self, weather: Weather) {
        self.lock().weather = weather;
    }

    /// A look at the server, or a hand in it.
    pub fn server<T>(&self, look: impl FnOnce(&mut Server) -> T) -> T {
        look(&mut self.lock().server)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        proofreel_ports::Clock::now(&self.clock)
    }

    /// One exchange, in whatever weather it is.
    pub fn exchange(&self, request: &WebRequest) -> Result<WebAnswer, WebError> {
        let now = self.now();
        let mut inner = self.lock();
        let Inner { server, weather, dice, exchanges, fault } = &mut *inner;
        let lost = || Err(WebError::Failed { url: "https://youtube.test".into(), why: "the connection broke".into() });
        *exchanges += 1;
        match fault.filter(|(at, _)| *at + 1 == *exchanges).map(|(_, fault)| fault) {
            None => {}
            Some(Fault::Lost) => return lost(),
            Some(Fault::Unanswered) => {
                server.handle(request, now);
                return lost();
            }
            Some(Fault::Broken(bytes)) => {
                server.partial(request, bytes);
                return lost();
            }
            Some(Fault::Answered(status, reason, message, done)) => {
                if done {
                    server.handle(request, now);
                }
                return Ok(error(status, reason, message));
            }
            Some(Fault::Garbled) => {
                let mut answer = server.handle(request, now);
                answer.headers.clear();
                answer.body = b"<html>a proxy</html>".to_vec();
                return Ok(answer);
            }
            Some(Fault::Stale) => server.token += 1,
            Some(Fault::Forgotten) => server.forget_sessions(),
        }
        if one_in(dice, weather.forgotten) {
            server.forget_sessions();
        }
        if one_in(dice, weather.stale) {
            server.token += 1;
        }
        if one_in(dice, weather.lost) {
            return lost();
        }
        if one_in(dice, weather.broken) && !request.body.is_empty() {
            // Never the last byte: with it the upload would be whole.
            let keep = ((request.body.len() - 1) as f64 * dice.f64()) as usize;
            server.partial(request, keep);
            return lost();
        }
        if one_in(dice, weather.failing) {
            let status = [500, 502, 503, 504][dice.usize(0..4)];
            if dice.bool() {
                server.handle(request, now);
            }
            return Ok(error(status, "backendError", "Backend Error"));
        }
        if one_in(dice, weather.busy) {
            let busy = [
                (403, "quotaExceeded", "quota"),
                (429, "rateLimitExceeded", "Quota exceeded for 'Video Uploads per day'"),
                (400, "uploadLimitExceeded", "The user has exceeded the number of videos they may upload."),
                (403, "userRateLimitExceeded", "slow down"),
            ][dice.usize(0..4)];
            return Ok(error(busy.0, busy.1, busy.2));
        }
        let unanswered = one_in(dice, weather.unanswered);
        let answer = server.handle(request, now);
        if unanswered { lost() } else { Ok(answer) }
    }
}

#[async_trait]
impl Outside for Line {
    async fn call(&self, call: &Call, _: Judge<'_>) -> Result<Answer, CallError> {
        Memory::give_way().await;
        let answer = self.exchange(&call.request);
        Memory::give_way().await;
        match answer {
            Ok(answer) => {
                let digest = Digest::of(&[]);
                Ok(Answer { answer, fetched_at: self.now(), cached: false, stale: false, digest })
            }
            Err(source) => Err(CallError::Web { provider: call.provider.clone(), source }),
        }
    }
}

/// True once in so many throws; never for 0.
pub(super) fn one_in(dice: &mut fastrand::Rng, n: u32) -> bool {
    n > 0 && dice.u32(0..n) == 0
}

/// The secrets of a channel with consent.
pub struct Keys;

#[async_trait]
impl Secrets for Keys {
    async fn get(&self, name: &str) -> Result<Option<Secret>, PortError> {
        Ok(match name {
            "youtube_client_id" => Some(Secret::new("client")),
            "youtube_client_secret" => Some(Secret::new("hush")),
            "youtube_refresh_token_demo" => Some(Secret::new("refresh")),
            _ => None,
        })
    }
}
