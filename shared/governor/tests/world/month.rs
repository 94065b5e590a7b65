//! A month of two channels with two uploads a week each.
//!
//! Both are made on Monday and Thursday mornings at once, as the batch does, and share part of their sources. A stage asks again for
//! what an earlier stage of its run asked for, because stages are functions and keep nothing. The evening before, the operator lets the
//! words be drafted and looks at them. [`Way`] leaves one of these out, so that it can be told what the hit rate is made of.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proofreel_governor::{Governor, usage};
use proofreel_model::calls::{CallCounts, CallKind};
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::policy::ProviderLaw;
use proofreel_ports::{Call, Clock as _, Outside, Route, Spend, WebRequest, take};

use super::episode::{Ask, Episode, daily, episode};
use super::providers::Providers;
use super::{Script, VirtualClock, World};

/// Keys that the operator of this month has; the other writers are on the route and cannot be asked.
const KEYS: [&str; 7] = [
    "gemini_api_key",
    "groq_api_key",
    "openrouter_api_key",
    "fred_api_key",
    "bls_api_key",
    "google_speech_api_key",
    "youtube_api_key",
];
const CHANNELS: [&str; 2] = ["finance", "history"];
/// Workers at work for one run at once, each a process of its own.
const WORKERS: usize = 4;
/// Hours from the morning to the evening.
const EVENING: u64 = 13;

/// How the month is lived.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// The words are drafted the evening before.
    pub drafts: bool,
    /// The channels look at some of the same sources.
    pub shared: bool,
    /// Later stages ask again for what earlier ones asked for.
    pub again: bool,
}

impl Way {
    pub const USUAL: Self = Self { drafts: true, shared: true, again: true };
}

/// What a month came to.
pub struct Month {
    pub episodes: usize,
    pub by_provider: BTreeMap<String, CallCounts>,
    pub total: CallCounts,
    /// Requests that the network saw.
    pub seen: usize,
    /// Askings that gave nothing, by kind.
    pub lost: BTreeMap<String, u64>,
    pub reads: u64,
    pub writes: u64,
}

/// Lives through `days` days from Sunday, 1 November 2026.
pub async fn live(days: usize, seed: u64, way: Way) -> Month {
    let law = ProviderLaw::embedded().clone();
    let clock = VirtualClock::from("2026-11-01T05:00:00Z");
    let mut providers = Providers::new(law.clone(), clock.now(), seed);
    let said = Arc::clone(&clock);
    let web = Script::new(700, move |_, request| Ok(providers.say(said.now(), request)));
    let keys: Vec<(&str, &str)> = KEYS.iter().map(|name| (*name, "a key")).collect();
    let world = World::with_keys(law, web, &keys).with_clock(clock);
    let mut rng = fastrand::Rng::with_seed(seed);
    let (mut episodes, mut next, mut lost) = (0, Vec::<Episode>::new(), BTreeMap::new());
    for day in 0..days {
        let begun = tokio::time::Instant::now();
        let mut morning: Vec<_> = (0..CHANNELS.len()).map(|channel| (channel, daily(channel, day, way))).collect();
        for (channel, Episode { words, film }) in next.drain(..).enumerate() {
            morning.push((channel, words.into_iter().chain(film).collect()));
        }
        together(&world, seed, morning, &mut lost).await;
        if day % 7 == 0 || day % 7 == 3 {
            for channel in 0..CHANNELS.len() {
                next.push(episode(channel, episodes, way, &mut rng));
                episodes += 1;
            }
            if way.drafts {
                tokio::time::sleep(Duration::from_hours(EVENING).saturating_sub(begun.elapsed())).await;
                let drafts = next.iter().enumerate().map(|(channel, episode)| (channel, episode.words.clone()));
                together(&world, seed, drafts.collect(), &mut lost).await;
            }
        }
        tokio::time::sleep(Duration::from_hours(24).saturating_sub(begun.elapsed())).await;
    }
    let mut by_provider: BTreeMap<String, CallCounts> = BTreeMap::new();
    for month in [jiff::civil::date(2026, 11, 1), jiff::civil::date(2026, 12, 1)] {
        for row in usage::month(world.memory.as_ref(), month).await.unwrap() {
            let sum = by_provider.entry(row.provider).or_default();
            *sum = sum.plus(&row.counts);
        }
    }
    let total = by_provider.values().fold(CallCounts::default(), |sum, counts| sum.plus(counts));
    let (reads, writes) = (*world.memory.reads.lock().unwrap(), *world.memory.writes.lock().unwrap());
    Month { episodes, by_provider, total, seen: world.web.count(), lost, reads, writes }
}

/// Runs of several channels side by side.
async fn together(world: &World, seed: u64, runs: Vec<(usize, Vec<Vec<Ask>>)>, lost: &mut BTreeMap<String, u64>) {
    let begun = runs.into_iter().enumerate().map(|(index, (channel, stages))| {
        let name = |worker: usize| seed ^ ((world.web.count() * 100 + index * 10 + worker) as u64);
        let governors: Vec<_> = (0..WORKERS).map(|worker| world.governor(name(worker))).collect();
        let id = RunId::from(format!("{}-{}-{index}", CHANNELS[channel], world.web.count()));
        tokio::spawn(run(governors, (channel, id), stages))
    });
    let begun: Vec<_> = begun.collect();
    for task in begun {
        for kind in task.await.unwrap() {
            *lost.entry(kind.to_string()).or_insert(0) += 1;
        }
    }
}

/// Stages one after the other; what a stage asks is shared out among its workers. Gives the kinds of what got no answer.
async fn run(governors: Vec<Arc<Governor>>, of: (usize, RunId), stages: Vec<Vec<Ask>>) -> Vec<CallKind> {
    let mut lost = Vec::new();
    for asks in stages {
        let shares = governors.iter().enumerate().map(|(worker, governor)| {
            let (governor, of) = (Arc::clone(governor), of.clone());
            let mine: Vec<Ask> = asks.iter().skip(worker).step_by(WORKERS).cloned().collect();
            tokio::spawn(async move {
                let mut lost = Vec::new();
                for ask in mine {
                    if !answered(&governor, &of, &ask).await {
                        lost.push(ask.kind);
                    }
                }
                lost
            })
        });
        let shares: Vec<_> = shares.collect();
        for share in shares {
            lost.extend(share.await.unwrap());
        }
    }
    lost
}

async fn answered(governor: &Arc<Governor>, (channel, id): &(usize, RunId), ask: &Ask) -> bool {
    let channel = ChannelId::from(CHANNELS[*channel]);
    let Some(provider) = ask.provider else {
        let route = Route::new(ask.kind, governor.law().route(ask.kind), &channel, Some(id));
        let asked = |provider: &str, door: Arc<dyn Outside>| {
            let call = call(provider, &channel, ask).run(id.clone());
            async move { door.call(&call, &take).await.map(|_| true) }
        };
        let outside: Arc<dyn Outside> = Arc::clone(governor) as _;
        return route.ask(&outside, asked, |_| true).await.value;
    };
    governor.call(&call(provider, &channel, ask).run(id.clone()), &take).await.is_ok()
}

fn call(provider: &str, channel: &ChannelId, ask: &Ask) -> Call {
    let model = match (provider, &ask.model) {
        ("gemini", None) if ask.kind == CallKind::Writer => Some("gemini-3.1-flash-lite".to_owned()),
        (_, None) if ask.kind == CallKind::Writer => Some("openai/gpt-oss-120b".to_owned()),
        (_, model) => model.clone(),
    };
    let Spend { tokens, characters, units } = ask.spend;
    let of = model.as_ref().map(|model| format!("&model={model}")).unwrap_or_default();
    let spend = format!("tokens={tokens}&characters={characters}&units={units}");
    let url = format!("https://outside.example/{}?provider={provider}{of}&{spend}", ask.what);
    let mut call = Call::new(provider, ask.kind, WebRequest::get(url), channel.clone()).spend(ask.spend);
    call.model = model;
    call
}
