//! What the outside says around a channel's subjects, gathered once before a run is ordered.
//!
//! Articles and feeds are those that the channel file names; a link inside of them is never followed.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proofreel_model::benchmark::Benchmark;
use proofreel_model::channel::ChannelProfile;
use proofreel_model::outlook::{Demand, Outlook, Passage, Share};
use proofreel_model::policy::law;
use proofreel_ports::SourceError;
use url::Url;

use crate::demand::benchmark::benchmark;
use crate::demand::rivals::Rival;
use crate::demand::{mentions, pageviews, rivals};
use crate::source::Desk;
use crate::text::feeds::Feed;
use crate::text::{article, feeds, wikipedia};

/// Days of page views asked for: two windows, and some for what comes late.
const VIEW_DAYS: i64 = 60;
/// Days of feeds that count.
const FEED_DAYS: i64 = 28;
/// Videos of a competing channel.
const VIDEOS: usize = 60;
/// Newest items of a feed that become context.
const ITEMS: usize = 5;
/// Characters of a passage that are kept.
const CHARACTERS: usize = 2_000;

/// What could be had, and why the rest could not. A channel that names nothing costs no call.
pub async fn gather(desk: &Desk, channel: &ChannelProfile) -> (Outlook, Vec<String>) {
    let mut missing = Vec::new();
    let rivals = rivals(desk, channel, &mut missing).await;
    let benchmark = measured(desk, channel, &rivals, &mut missing);
    let demand = demand(desk, channel, &rivals, &mut missing).await;
    let context = context(desk, channel, &mut missing).await;
    (Outlook { demand, benchmark, context }, missing)
}

fn had<T>(what: Result<T, SourceError>, missing: &mut Vec<String>) -> Option<T> {
    match what {
        Ok(value) => Some(value),
        Err(error) => {
            missing.push(error.to_string());
            None
        }
    }
}

/// The competing channels that could be read.
async fn rivals(desk: &Desk, channel: &ChannelProfile, missing: &mut Vec<String>) -> Vec<Rival> {
    let mut read = Vec::new();
    for handle in &channel.demand.rivals {
        read.extend(had(rivals::read(desk, handle, VIDEOS).await, missing));
    }
    read
}

/// What they do, as of the beginning of the day, so that a day's orders agree.
fn measured(desk: &Desk, channel: &ChannelProfile, rivals: &[Rival], missing: &mut Vec<String>) -> Option<Benchmark> {
    if rivals.is_empty() {
        return None;
    }
    let now = desk.today.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let accepted = channel.demand.amendment_accepted;
    match benchmark(rivals, &channel.interests, now, accepted, law().scoring.benchmark) {
        Ok(benchmark) => Some(benchmark),
        Err(why) => {
            missing.push(format!("competing channels: {why}"));
            None
        }
    }
}

async fn demand(desk: &Desk, channel: &ChannelProfile, rivals: &[Rival], missing: &mut Vec<String>) -> Vec<Demand> {
    let settings = &channel.demand;
    let day = |back: i64| desk.today.saturating_sub(back.days());
    let mut all: Vec<Demand> =
        channel.interests.iter().map(|subject| Demand { subject: subject.clone(), ..Demand::default() }).collect();
    for (subject, title) in &settings.articles {
        let views = pageviews::views(desk, "en.wikipedia", title, day(VIEW_DAYS), day(1)).await;
        let Some(views) = had(views, missing) else { continue };
        let trend = pageviews::interest(&views).and_then(|interest| interest.trend);
        if trend.is_none() {
            missing.push(format!("{title}: the page views of the newest eight weeks are not whole"));
        }
        if let Some(one) = all.iter_mut().find(|one| one.subject == *subject) {
            one.views_trend = trend.map(rounded);
        }
    }
    let mut read: Vec<Feed> = Vec::new();
    for address in &settings.feeds {
        read.extend(had(feeds::fetch(desk, address).await, missing));
    }
    let titles: Vec<&str> = rivals.iter().flat_map(|rival| &rival.videos).map(|video| video.title.as_str()).collect();
    for one in &mut all {
        if !read.is_empty() {
            let found = mentions::count(&one.subject, &read, day(FEED_DAYS), desk.today);
            one.mentions = Some(share(found.mentions, found.items));
        }
        // Only what the channel file's reader let pass with the amendment accepted gets here.
        if !titles.is_empty() {
            let naming = titles.iter().filter(|title| mentions::names(title, &one.subject)).count();
            one.rivals = Some(share(naming, titles.len()));
        }
    }
    all.retain(|one| one.views_trend.is_some() || one.mentions.is_some() || one.rivals.is_some());
    all
}

fn share(part: usize, of: usize) -> Share {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Share { part: count(part), of: count(of) }
}

/// Two decimals are more than page views deserve.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

async fn context(desk: &Desk, channel: &ChannelProfile, missing: &mut Vec<String>) -> Vec<Passage> {
    let settings = &channel.context;
    let mut all = Vec::new();
    for title in &settings.wikipedia {
        if let Some(lead) = had(wikipedia::lead(desk, "en", title).await, missing) {
            all.push(Passage {
                title: lead.title,
                text: clipped(&lead.text),
                publisher: wikipedia::INFO.publisher.into(),
                url: lead.url,
                day: day_of(&lead.revised),
                licence: lead.licence.into(),
            });
        }
    }
    for address in &settings.feeds {
        let Some(feed) = had(feeds::fetch(desk, address).await, missing) else { continue };
        let first = desk.today.saturating_sub(FEED_DAYS.days());
        let mut items: Vec<(Date, feeds::Item)> = feed
            .items
            .into_iter()
            .filter_map(|item| Some((day_of(&item.day)?, item)))
            .filter(|(day, _)| (first..=desk.today).contains(day))
            .collect();
        items.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.title.cmp(&other.1.title)));
        all.extend(items.into_iter().take(ITEMS).map(|(day, item)| Passage {
            title: item.title,
            text: clipped(&item.summary),
            publisher: if feed.title.is_empty() { host(address) } else { feed.title.clone() },
            url: if item.link.is_empty() { address.clone() } else { item.link },
            day: Some(day),
            licence: feeds::INFO.licence.into(),
        }));
    }
    for address in &settings.pages {
        if let Some(page) = had(article::fetch(desk, address).await, missing) {
            all.push(Passage {
                title: page.title,
                text: clipped(&page.text),
                publisher: if page.site.is_empty() { host(address) } else { page.site },
                url: address.clone(),
                day: day_of(&page.published),
                licence: feeds::INFO.licence.into(),
            });
        }
    }
    all
}

fn clipped(text: &str) -> String {
    text.chars().take(CHARACTERS).collect()
}

fn day_of(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

fn host(address: &str) -> String {
    Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}
