//! A page as the body that a webhook wants: Slack, Discord, ntfy, or plain JSON. Pure formatting; sending is for an adapter.

use proofreel_model::incident::Page;
use serde_json::{Value, json};

/// Whose words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Slack's incoming webhook.
    Slack,
    /// Discord's webhook.
    Discord,
    /// ntfy, publishing as JSON.
    Ntfy,
    /// The page itself.
    Plain,
}

/// Longest texts that are taken: Slack's section block, Discord's content, ntfy's message (bytes).
const SLACK: usize = 3000;
const DISCORD: usize = 2000;
const NTFY: usize = 4096;

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "slack" => Ok(Self::Slack),
            "discord" => Ok(Self::Discord),
            "ntfy" => Ok(Self::Ntfy),
            "plain" => Ok(Self::Plain),
            _ => Err(format!("unknown format `{text}`: expected slack, discord, ntfy or plain")),
        }
    }
}

/// What a notice has beside its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct With<'a> {
    /// ntfy's topic, which is part of its body.
    pub topic: &'a str,
    /// Where to go; our own address, never one of a stranger.
    pub link: Option<&'a str>,
    /// True when nobody need get up for it.
    pub calm: bool,
}

/// The JSON body of a page that calls somebody. See [`told`].
pub fn body(page: &Page, format: Format, topic: &str) -> Value {
    told(page, format, With { topic, ..With::default() })
}

/// The JSON body. Text of errors is data: it can neither call a channel together nor make a link.
pub fn told(page: &Page, format: Format, with: With<'_>) -> Value {
    let link = with.link;
    match format {
        Format::Plain => {
            let mut body =
                json!({"title": page.title, "text": page.text, "resolved": page.resolved, "cause": page.cause});
            if let Some(link) = link {
                body["link"] = link.into();
            }
            body
        }
        Format::Slack => {
            let sign = match (page.resolved, with.calm) {
                (true, _) => ":white_check_mark:",
                (false, true) => ":clapper:",
                (false, false) => ":rotating_light:",
            };
            let more = link.map_or_else(String::new, |link| format!("\n<{link}|Open it>"));
            let text = format!("{}{more}", cut(&slack(&page.text), SLACK - more.len()));
            json!({
                "text": cut(&format!("{sign} {}", slack(&page.title)), SLACK),
                "blocks": [
                    {"type": "header", "text": {"type": "plain_text", "text": cut(&page.title, 150)}},
                    {"type": "section", "text": {"type": "mrkdwn", "text": text}},
                ],
            })
        }
        Format::Discord => {
            let more = link.map_or_else(String::new, |link| format!("\n{link}"));
            let text = format!("**{}**\n{}", discord(&page.title), discord(&page.text));
            // No mention is ever meant.
            json!({
                "content": format!("{}{more}", cut(&text, DISCORD - more.len())), "allowed_mentions": {"parse": []},
            })
        }
        Format::Ntfy => {
            let priority = match (page.resolved, with.calm) {
                (true, _) => 2,
                (false, true) => 3,
                (false, false) => 5,
            };
            let tag = match (page.resolved, with.calm) {
                (true, _) => "white_check_mark",
                (false, true) => "clapper",
                (false, false) => "rotating_light",
            };
            let mut body = json!({
                "topic": with.topic,
                "title": cut(&page.title, 250),
                "message": cut(&page.text, NTFY),
                "priority": priority,
                "tags": [tag],
            });
            if let Some(link) = link {
                body["click"] = link.into();
            }
            body
        }
    }
}

fn slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn discord(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for sign in text.chars() {
        if matches!(sign, '*' | '_' | '`' | '~' | '|' | '>' | '[' | ']' | '\\') {
            plain.push('\\');
        }
        plain.push(sign);
    }
    plain
}

/// At most `bytes`, whole characters.
fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let mut end = bytes - '…'.len_utf8();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        Page {
            title: "publish of run r1 failed".into(),
            text: text.into(),
            resolved: false,
            cause: "publish_failed#r1".into(),
        }
    }

    #[test]
    fn text_of_an_error_calls_nobody_together() {
        let hostile = page("<!channel> & @everyone **bold** <http://evil|click>");
        let slack = body(&hostile, Format::Slack, "").to_string();
        assert!(slack.contains("&lt;!channel&gt; &amp;") && !slack.contains("<!channel>"), "{slack}");
        let discord = body(&hostile, Format::Discord, "");
        assert_eq!(discord["allowed_mentions"]["parse"], json!([]));
        assert!(discord["content"].as_str().unwrap().contains("\\*\\*bold\\*\\*"));
    }

    #[test]
    fn long_texts_stay_within_what_is_taken() {
        let long = page(&"ä".repeat(5000));
        let ntfy = body(&long, Format::Ntfy, "ops");
        assert!(ntfy["message"].as_str().unwrap().len() <= NTFY);
        assert_eq!((ntfy["topic"].as_str(), ntfy["priority"].as_u64()), (Some("ops"), Some(5)));
        assert!(body(&long, Format::Discord, "")["content"].as_str().unwrap().len() <= DISCORD);
        assert!(body(&long, Format::Slack, "")["blocks"][1]["text"]["text"].as_str().unwrap().len() <= SLACK);
    }

    #[test]
    fn a_link_leads_to_the_decision_and_fits_beside_a_long_text() {
        let link = "https://console.example.org/runs/r1#decision";
        let with = With { topic: "ops", link: Some(link), calm: true };
        for text in ["short".to_owned(), "ä".repeat(5000)] {
            let page = page(&text);
            let slack = told(&page, Format::Slack, with);
            let section = slack["blocks"][1]["text"]["text"].as_str().unwrap();
            assert!(section.ends_with(&format!("<{link}|Open it>")) && section.len() <= SLACK, "{}", section.len());
            let discord = told(&page, Format::Discord, with);
            let content = discord["content"].as_str().unwrap();
            assert!(content.ends_with(link) && content.len() <= DISCORD, "{}", content.len());
        }
        let ntfy = told(&page("x"), Format::Ntfy, with);
        assert_eq!((ntfy["click"].as_str(), ntfy["priority"].as_u64()), (Some(link), Some(3)));
        assert_eq!(told(&page("x"), Format::Plain, with)["link"], link);
    }

    #[test]
    fn what_is_over_is_told_quietly() {
        let over = Page { resolved: true, ..page("over") };
        assert_eq!(body(&over, Format::Ntfy, "ops")["priority"], 2);
        assert_eq!(body(&over, Format::Plain, "")["resolved"], true);
        assert!("teams".parse::<Format>().is_err());
    }
}
