//! What two channels ask of the outside in a month, with two uploads a week each.
//!
//! What an episode asks is laid down in [`episode`]; what the day asks in [`daily`]. Both channels are made on Mondays and Thursdays
//! at six, as the batch does, and share part of their sources. A stage asks again for what an earlier stage of its run asked for,
//! because stages are functions and keep nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proofreel_governor::{Governor, usage};
use proofreel_model::calls::{CallCounts, CallKind};
use proofreel_model::ids::ChannelId;
use proofreel_model::policy::ProviderLaw;
use proofreel_ports::{Call, Clock as _, Outside as _, Route, Spend, WebRequest, take};

use super::providers::Providers;
use super::{Script, VirtualClock, World};

/// Keys that the operator of this month has; the other writers are on the route and cannot be asked.
const KEYS: [&str; 8] = [
    "gemini_api_key",
    "groq_api_key",
    "openrouter_api_key",
    "fred_api_key",
    "bls_api_key",
    "google_speech_api_key",
    "pexels_api_key",
    "youtube_api_key",
];
const CHANNELS: [&str; 2] = ["finance", "history"];
/// Workers at work for one channel at once.
const WORKERS: usize = 4;

/// What is asked: provider (none: the route of the kind), model, kind, what, and the estimate.
#[derive(Clone, Debug)]
struct Ask {
    provider: Option<&'static str>,
    model: Option<String>,
    kind: CallKind,
    what: String,
    spend: Spend,
}

fn ask(provider: &'static str, kind: CallKind, what: String) -> Ask {
    Ask { provider: Some(provider), model: None, kind, what, spend: Spend::default() }
}

/// The series that a channel looks at: eighteen of its thirty are the other one's too.
fn series(channel: usize) -> impl Iterator<Item = (&'static str, usize)> {
    const OF: [&str; 5] = ["fred", "fred", "world-bank", "bls", "treasury"];
    let own = 18 + channel * 12;
    (0..18).chain(own..own + 12).map(|number| (OF[number % OF.len()], number))
}

/// The stages of an episode, each with what it asks.
fn episode(channel: usize, number: usize, rng: &mut fastrand::Rng) -> Vec<Vec<Ask>> {
    use CallKind::{Catalogue, Data, Demand, Effect, Feed, Media, Models, Page, Speech, Writer};
    let mut stages = Vec::new();
    // Planner: the catalogue of every series, its values, demand for twelve topics, eight feeds, ten competitors.
    let mut planner = Vec::new();
    for (provider, series) in series(channel) {
        planner.push(ask(provider, Catalogue, format!("about/{series}")));
        planner.push(ask(provider, Data, format!("series/{series}")));
    }
    planner.extend((0..12).map(|topic| ask("wikimedia-pageviews", Demand, format!("views/{}", topic + channel * 6))));
    planner.extend((0..8).map(|feed| Ask {
        model: Some(format!("site{}.example", feed + channel * 3)),
        ..ask("web", Feed, format!("feed/{}", feed + channel * 3))
    }));
    planner.extend((0..10).map(|rival| ask("youtube", Demand, format!("rival/{}", rival + channel * 5))));
    planner.extend((0..2).map(|query| Ask {
        model: Some("search.list".into()),
        ..ask("youtube", Demand, format!("search/{channel}/{query}"))
    }));
    stages.push(planner.clone());
    // Topic scoring: the demand again, GDELT for the shortlist.
    let mut scoring: Vec<Ask> =
        planner.iter().filter(|ask| ask.provider == Some("wikimedia-pageviews")).cloned().collect();
    scoring.extend((0..5).map(|topic| ask("gdelt", Demand, format!("gdelt/{channel}/{}", rng.usize(0..8) + topic))));
    stages.push(scoring);
    // Research: the series of the topic with their neighbours, six encyclopaedia pages, five articles.
    let mut research = Vec::new();
    let all: Vec<_> = series(channel).collect();
    for _ in 0..8 {
        let (provider, series) = all[rng.usize(0..all.len())];
        research.push(ask(provider, Data, format!("series/{series}")));
        research.push(ask(provider, Catalogue, format!("about/{series}")));
    }
    research.extend((0..6).map(|_| ask("wikipedia", Page, format!("wiki/{}", rng.usize(0..40)))));
    research.extend((0..5).map(|article| Ask {
        model: Some(format!("site{}.example", rng.usize(0..8) + channel * 3)),
        ..ask("web", Page, format!("article/{channel}/{number}/{article}"))
    }));
    stages.push(research.clone());
    // Script: twelve scenes, two hooks, a title; a third of the episodes is sent back, and three scenes change.
    let write = |scene: usize, version: usize| Ask {
        provider: None,
        model: None,
        kind: Writer,
        what: format!("scene/{channel}/{number}/{scene}/{version}"),
        spend: Spend { tokens: 2_500, ..Spend::default() },
    };
    let mut script: Vec<Ask> =
        ["gemini", "groq"].into_iter().map(|provider| ask(provider, Models, "models".into())).collect();
    script.extend((0..15).map(|scene| write(scene, 0)));
    stages.push(script);
    let rewritten = rng.u32(0..3) == 0;
    if rewritten {
        stages.push((0..15).map(|scene| write(scene, usize::from(scene < 3))).collect());
    }
    // QA: every page that a sentence cites, and the values once more.
    stages.push(research.into_iter().filter(|ask| ask.kind != Catalogue).collect());
    // Render: the voice by scene, four searches and eight pictures; one film in four is made again.
    let voice = |scene: usize| Ask {
        model: Some("neural2".into()),
        spend: Spend { characters: 600, ..Spend::default() },
        ..ask(
            "google-speech",
            Speech,
            format!("say/{channel}/{number}/{scene}/{}", usize::from(rewritten && scene < 3)),
        )
    };
    let mut render: Vec<Ask> = (0..13).map(voice).collect();
    render.extend((0..4).map(|query| ask("openverse", Media, format!("search/{}", rng.usize(0..30) + query))));
    render.extend((0..8).map(|picture| Ask {
        model: Some("media.example".into()),
        ..ask("web", Media, format!("picture/{channel}/{number}/{picture}"))
    }));
    stages.push(render.clone());
    if rng.u32(0..4) == 0 {
        stages.push(render);
    }
    // Publish: insert, thumbnail, captions, playlist, and polls until it is processed.
    let units = |units| Spend { units, ..Spend::default() };
    let mut publish = vec![Ask { model: Some("videos.insert".into()), ..ask("youtube", Effect, "insert".into()) }];
    for (cost, what) in [(50, "thumbnail"), (400, "captions"), (50, "playlist"), (50, "update")] {
        publish.push(Ask { spend: units(cost), ..ask("youtube", Effect, what.into()) });
    }
    publish.extend((0..10).map(|_| Ask { spend: units(1), ..ask("youtube", Effect, "poll".into()) }));
    stages.push(publish);
    stages
}

/// What a day asks for a channel: figures of its videos, feeds, and whether a series has news.
fn daily(channel: usize, day: usize) -> Vec<Vec<Ask>> {
    let mut asks: Vec<Ask> = (0..3)
        .map(|report| ask("youtube-analytics", CallKind::Data, format!("report/{channel}/{day}/{report}")))
        .collect();
    asks.extend((0..8).map(|feed| Ask {
        model: Some(format!("site{}.example", feed + channel * 3)),
        ..ask("web", CallKind::Feed, format!("feed/{}", feed + channel * 3))
    }));
    vec![asks]
}

/// What a month came to.
pub struct Month {
    pub days: usize,
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

/// Lives through `days` days from Monday, 2 November 2026.
pub async fn live(days: usize, seed: u64) -> Month {
    let law = ProviderLaw::embedded().clone();
    let clock = VirtualClock::from("2026-11-02T05:00:00Z");
    let mut providers = Providers::new(law.clone(), clock.now(), seed);
    let said = Arc::clone(&clock);
    let web = Script::new(700, move |_, request| providers.say(said.now(), request));
    let keys: Vec<(&str, &str)> = KEYS.iter().map(|name| (*name, "a key")).collect();
    let world = World::with_keys(law, web, &keys).with_clock(clock);
    let mut rng = fastrand::Rng::with_seed(seed);
    let (mut episodes, mut lost) = (0, BTreeMap::new());
    for day in 0..days {
        let mut today: Vec<(usize, Vec<Vec<Ask>>)> =
            (0..CHANNELS.len()).map(|channel| (channel, daily(channel, day))).collect();
        if day % 7 == 0 || day % 7 == 3 {
            for channel in 0..CHANNELS.len() {
                today.push((channel, episode(channel, episodes, &mut rng)));
                episodes += 1;
            }
        }
        let begun = tokio::time::Instant::now();
        let runs: Vec<_> = today
            .into_iter()
            .enumerate()
            .map(|(index, (channel, stages))| {
                let governors: Vec<_> = (0..WORKERS)
                    .map(|worker| world.governor(seed ^ (day * 1_000 + index * 10 + worker) as u64))
                    .collect();
                tokio::spawn(run(governors, channel, stages))
            })
            .collect();
        for task in runs {
            for (kind, count) in task.await.unwrap() {
                *lost.entry(kind).or_insert(0) += count;
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
    Month { days, episodes, by_provider, total, seen: world.web.count(), lost, reads, writes }
}

/// Stages one after the other; what a stage asks is shared out among its workers.
async fn run(governors: Vec<Arc<Governor>>, channel: usize, stages: Vec<Vec<Ask>>) -> BTreeMap<String, u64> {
    let mut lost = BTreeMap::new();
    for asks in stages {
        let shares: Vec<_> = governors
            .iter()
            .enumerate()
            .map(|(worker, governor)| {
                let governor = Arc::clone(governor);
                let mine: Vec<Ask> = asks.iter().skip(worker).step_by(WORKERS).cloned().collect();
                tokio::spawn(async move {
                    let mut lost = Vec::new();
                    for ask in mine {
                        if !answered(&governor, channel, &ask).await {
                            lost.push(ask.kind.to_string());
                        }
                    }
                    lost
                })
            })
            .collect();
        for share in shares {
            for kind in share.await.unwrap() {
                *lost.entry(kind).or_insert(0) += 1;
            }
        }
    }
    lost
}

async fn answered(governor: &Arc<Governor>, channel: usize, ask: &Ask) -> bool {
    let channel = ChannelId::from(CHANNELS[channel]);
    let call = |provider: &str| {
        let model = match (provider, &ask.model) {
            ("gemini", None) if ask.kind == CallKind::Writer => Some("gemini-3.1-flash-lite".to_owned()),
            (_, None) if ask.kind == CallKind::Writer => Some("openai/gpt-oss-120b".to_owned()),
            (_, model) => model.clone(),
        };
        let Spend { tokens, characters, units } = ask.spend;
        let of = model.as_ref().map(|model| format!("&model={model}")).unwrap_or_default();
        let url = format!(
            "https://outside.example/{}?provider={provider}{of}&tokens={tokens}&characters={characters}&units={units}",
            ask.what
        );
        let mut call = Call::new(provider, ask.kind, WebRequest::get(url), channel.clone()).spend(ask.spend);
        call.model = model;
        call
    };
    let Some(provider) = ask.provider else {
        let route = Route::new(ask.kind, governor.law().route(ask.kind), &channel, None);
        let asked = |provider: &str| {
            let (governor, call) = (Arc::clone(governor), call(provider));
            async move { governor.call(&call, &take).await.map(|_| true) }
        };
        return route.ask(&**governor, asked, |_| true).await.value;
    };
    governor.call(&call(provider), &take).await.is_ok()
}
