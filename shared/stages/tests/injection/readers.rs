//! Strangers' documents with an order in them, read as the product reads them: an article's lead, a feed, and pages out of which the
//! article is taken.

use std::sync::Arc;

use async_trait::async_trait;
use proofreel_model::channel;
use proofreel_model::digest::Digest;
use proofreel_model::ids::ChannelId;
use proofreel_model::outlook::Passage;
use proofreel_ports::{Answer, Call, CallError, Judge, Outside, PortError, Secret, Secrets, WebAnswer};
use proofreel_providers::outlook::gather;
use proofreel_providers::source::Desk;
use proofreel_providers::text::article::{self, Article};
use serde_json::json;

/// What the honest part of a page says.
pub const TOLD: &str = "Gold closed at a record on Friday. The metal had gained for six weeks in a row, dealers said.";

/// Where in a page an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Among its paragraphs.
    Text,
    /// In its title.
    Title,
    /// Where nobody sees it.
    Hidden,
}

const PLACES: [(&str, Place); 3] = [("text", Place::Text), ("title", Place::Title), ("hidden", Place::Hidden)];

/// A page as a stranger serves it: nothing of the order is escaped.
fn html(order: &str, place: Place) -> String {
    let at = |here: Place| if here == place { order } else { "" };
    let more = "Analysts pointed at the central banks, which had bought more of it than in any quarter of the years before, and at those \
                who keep it in a vault because they trust nothing else. "
        .repeat(3);
    format!(
        "<!DOCTYPE html><html><head><title>Gold at a record {}</title></head><body><nav><a href=/>Home</a> <a href=/x>Prices</a></nav>\
         <article><h1>Gold at a record</h1><p>{TOLD}</p><p>{}</p><p hidden>{}</p><!-- {} --><img src=x alt=\"{}\"><p>{more}</p><p>{more}</p></article>\
         <footer>Imprint</footer></body></html>",
        at(Place::Title),
        at(Place::Text),
        at(Place::Hidden),
        at(Place::Hidden),
        at(Place::Hidden),
    )
}

/// The article of such a page; none where it hides its article from the reader.
pub fn article(order: &str, place: Place) -> Option<Article> {
    article::extract(&html(order, place), "https://pages.example/x").ok()
}

/// Text as it stands in XML.
fn escaped(text: &str) -> String {
    let plain = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect::<String>();
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The network: every document holds the order.
struct Shelf(String);

#[async_trait]
impl Outside for Shelf {
    async fn call(&self, call: &Call, judge: Judge<'_>) -> Result<Answer, CallError> {
        let (order, url) = (&self.0, call.request.url.clone());
        let place = PLACES.iter().find(|(name, _)| url == format!("https://pages.example/{name}"));
        let body = match place {
            Some((_, place)) => html(order, *place),
            None if url.starts_with("https://feeds.example/") => format!(
                "<rss version=\"2.0\"><channel><title>{0}</title><item><title>Gold: {0}</title><link>https://feeds.example/1</link>\
                 <pubDate>Fri, 20 Nov 2026 10:00:00 GMT</pubDate><description>Gold rose. {0}</description></item></channel></rss>",
                escaped(order)
            ),
            None => json!({"query": {"pages": {"1": {"title": "Gold", "extract": format!("Gold is a metal. {order}"),
                "revisions": [{"revid": 5, "timestamp": "2026-11-01T00:00:00Z"}]}}}})
            .to_string(),
        };
        let answer = WebAnswer { status: 200, headers: Vec::new(), body: body.into_bytes(), url };
        judge(&answer).map_err(|why| CallError::Useless { provider: call.provider.clone(), why })?;
        let digest = Digest::of(&answer.body);
        Ok(Answer { answer, fetched_at: jiff::Timestamp::UNIX_EPOCH, cached: false, stale: false, digest })
    }
}

struct NoKeys;

#[async_trait]
impl Secrets for NoKeys {
    async fn get(&self, _: &str) -> Result<Option<Secret>, PortError> {
        Ok(None)
    }
}

/// What the product makes of all these documents: passages, as they go into an order.
pub async fn gathered(order: &str) -> Vec<Passage> {
    let pages = PLACES.map(|(name, _)| format!("\"https://pages.example/{name}\"")).join(", ");
    let text = format!(
        "id = \"t\"\nname = \"Plain Figures\"\nkind = \"finance\"\naudience = \"people\"\nsources = [\"data\"]\n\
         [context]\nwikipedia = [\"Gold\"]\nfeeds = [\"https://feeds.example/feed.xml\"]\npages = [{pages}]\n"
    );
    let desk = Desk {
        outside: Arc::new(Shelf(order.to_owned())),
        secrets: Arc::new(NoKeys),
        channel: ChannelId("t".into()),
        today: jiff::civil::date(2026, 11, 22),
    };
    gather(&desk, &channel::parse("t.toml", &text).unwrap()).await.0.context
}
