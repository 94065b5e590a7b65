//! What an episode, and a day, ask of the outside.

use proofreel_model::calls::CallKind;
use proofreel_ports::Spend;

use super::month::Way;

/// One asking: provider (none: the route of the kind), model, kind, what, and the estimate.
#[derive(Clone, Debug)]
pub struct Ask {
    pub provider: Option<&'static str>,
    pub model: Option<String>,
    pub kind: CallKind,
    pub what: String,
    pub spend: Spend,
}

/// An episode, stage by stage: those that make words, and those that make the film and publish it.
pub struct Episode {
    pub words: Vec<Vec<Ask>>,
    pub film: Vec<Vec<Ask>>,
}

fn ask(provider: &'static str, kind: CallKind, what: String) -> Ask {
    Ask { provider: Some(provider), model: None, kind, what, spend: Spend::default() }
}

/// Of a site, which is counted by host.
fn of_site(kind: CallKind, site: usize, what: String) -> Ask {
    Ask { model: Some(format!("site{site}.example")), ..ask("web", kind, what) }
}

/// What an episode of a channel asks for.
pub fn episode(channel: usize, number: usize, way: Way, rng: &mut fastrand::Rng) -> Episode {
    let own = Own { channel, shared: way.shared };
    let planner = planner(&own);
    let scoring = scoring(&own, &planner, rng);
    let research = research(&own, number, rng);
    let rewritten = rng.u32(0..3) == 0;
    let mut words = vec![planner, scoring, research.clone(), script(channel, number, 0)];
    if rewritten {
        // QA sends it back: three scenes change, and all are asked for again.
        words.push(script(channel, number, 3));
    }
    // QA: every page that a sentence cites, and the values once more.
    words.push(research.into_iter().filter(|ask| ask.kind != CallKind::Catalogue).collect());
    if !way.again {
        once(&mut words);
    }
    let render = render(&own, number, rewritten, rng);
    let mut film = vec![render.clone()];
    if rng.u32(0..4) == 0 && way.again {
        // The operator wants another thumbnail or voice speed: the film is made again.
        film.push(render);
    }
    film.push(publish());
    Episode { words, film }
}

/// Leaves out what an earlier stage has asked for.
fn once(stages: &mut [Vec<Ask>]) {
    let mut asked = std::collections::HashSet::new();
    for stage in stages {
        stage.retain(|ask| asked.insert(format!("{:?} {:?} {}", ask.provider, ask.kind, ask.what)));
    }
}

/// Numbers of what a channel looks at: the first ones are the other channel's too, unless nothing is shared.
struct Own {
    channel: usize,
    shared: bool,
}

impl Own {
    /// `count` things, of which `common` are common to both channels.
    fn things(&self, common: usize, count: usize) -> impl Iterator<Item = usize> + use<> {
        let (from, common) = if self.shared { (self.channel, common) } else { (self.channel, 0) };
        (0..common).chain((0..count - common).map(move |number| 1_000 * (from + 1) + number))
    }

    /// A drawn thing of `count`.
    fn drawn(&self, count: usize, rng: &mut fastrand::Rng) -> usize {
        rng.usize(0..count) + if self.shared { 0 } else { 1_000 * (self.channel + 1) }
    }
}

/// Thirty series, eighteen of them the other channel's too.
fn series(own: &Own) -> Vec<(&'static str, usize)> {
    const OF: [&str; 5] = ["fred", "fred", "world-bank", "bls", "treasury"];
    own.things(18, 30).map(|number| (OF[number % OF.len()], number)).collect()
}

/// The catalogue of every series, its values, demand for twelve topics, eight feeds, ten competitors.
fn planner(own: &Own) -> Vec<Ask> {
    let mut asks = Vec::new();
    for (provider, series) in series(own) {
        asks.push(ask(provider, CallKind::Catalogue, format!("about/{series}")));
        asks.push(ask(provider, CallKind::Data, format!("series/{series}")));
    }
    asks.extend(own.things(6, 12).map(|topic| ask("wikimedia-pageviews", CallKind::Demand, format!("views/{topic}"))));
    asks.extend(feeds(own));
    asks.extend(own.things(5, 10).map(|rival| ask("youtube", CallKind::Demand, format!("rival/{rival}"))));
    asks.extend((0..2).map(|query| Ask {
        model: Some("search.list".into()),
        ..ask("youtube", CallKind::Demand, format!("search/{}/{query}", own.channel))
    }));
    asks
}

fn feeds(own: &Own) -> Vec<Ask> {
    own.things(5, 8).map(|feed| of_site(CallKind::Feed, feed, format!("feed/{feed}"))).collect()
}

/// The demand again, and GDELT for the shortlist.
fn scoring(own: &Own, planner: &[Ask], rng: &mut fastrand::Rng) -> Vec<Ask> {
    let views = planner.iter().filter(|ask| ask.provider == Some("wikimedia-pageviews"));
    let mut asks: Vec<Ask> = views.cloned().collect();
    asks.extend((0..5).map(|_| ask("gdelt", CallKind::Demand, format!("gdelt/{}/{}", own.channel, rng.usize(0..20)))));
    asks
}

/// The series of the topic with their neighbours, six pages of an encyclopaedia, five articles.
fn research(own: &Own, number: usize, rng: &mut fastrand::Rng) -> Vec<Ask> {
    let all = series(own);
    let mut asks = Vec::new();
    for _ in 0..8 {
        let (provider, series) = all[rng.usize(0..all.len())];
        asks.push(ask(provider, CallKind::Data, format!("series/{series}")));
        asks.push(ask(provider, CallKind::Catalogue, format!("about/{series}")));
    }
    asks.extend((0..6).map(|_| ask("wikipedia", CallKind::Page, format!("wiki/{}", own.drawn(40, rng)))));
    asks.extend((0..5).map(|article| of_site(CallKind::Page, rng.usize(0..8), format!("article/{number}/{article}"))));
    asks
}

/// The lists of models; twelve scenes, two hooks and a title, the first `changed` of them in another version.
fn script(channel: usize, number: usize, changed: usize) -> Vec<Ask> {
    let mut asks: Vec<Ask> =
        ["gemini", "groq"].into_iter().map(|provider| ask(provider, CallKind::Models, "models".into())).collect();
    asks.extend((0..15).map(|scene| Ask {
        provider: None,
        model: None,
        kind: CallKind::Writer,
        what: format!("scene/{channel}/{number}/{scene}/{}", u8::from(scene < changed)),
        spend: Spend { tokens: 2_500, ..Spend::default() },
    }));
    asks
}

/// The voice by scene, four searches for pictures, and eight pictures.
fn render(own: &Own, number: usize, rewritten: bool, rng: &mut fastrand::Rng) -> Vec<Ask> {
    let mut asks: Vec<Ask> = (0..13)
        .map(|scene| Ask {
            model: Some("neural2".into()),
            spend: Spend { characters: 600, ..Spend::default() },
            ..ask("google-speech", CallKind::Speech, format!("say/{number}/{scene}/{}", rewritten && scene < 3))
        })
        .collect();
    asks.extend((0..4).map(|_| ask("openverse", CallKind::Media, format!("search/{}", own.drawn(30, rng)))));
    asks.extend((0..8).map(|picture| Ask {
        model: Some("media.example".into()),
        ..ask("web", CallKind::Media, format!("picture/{number}/{picture}"))
    }));
    asks
}

/// Insert, thumbnail, captions, playlist, update, and polls until it is processed.
fn publish() -> Vec<Ask> {
    let insert = Ask { model: Some("videos.insert".into()), ..ask("youtube", CallKind::Effect, "insert".into()) };
    let costs = [(50, "thumbnail"), (400, "captions"), (50, "playlist"), (50, "update")];
    let writes = costs.map(|(units, what)| (units, what.to_owned()));
    let polls = (0..10).map(|_| (1, "poll".to_owned()));
    let others = writes.into_iter().chain(polls).map(|(units, what)| Ask {
        spend: Spend { units, ..Spend::default() },
        ..ask("youtube", CallKind::Effect, what)
    });
    std::iter::once(insert).chain(others).collect()
}

/// What a day asks for a channel: three reports about its videos, and its feeds.
pub fn daily(channel: usize, day: usize, way: Way) -> Vec<Vec<Ask>> {
    let reports =
        (0..3).map(|report| ask("youtube-analytics", CallKind::Data, format!("report/{channel}/{day}/{report}")));
    vec![reports.chain(feeds(&Own { channel, shared: way.shared })).collect()]
}
