//! robots.txt: what a site keeps from programs.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use proofreel_model::policy::law;
use proofreel_ports::{Reach, Web, WebLimits, WebRequest};
use texting_robots::Robot;
use url::Url;

use crate::client::Client;
use crate::refusal::{Refusal, Rule};

/// The name by which a site addresses us.
const AGENT: &str = "proofreel";

/// What a site says.
#[derive(Clone)]
enum Rules {
    /// It has none (RFC 9309: any 4xx).
    None,
    /// It has some.
    Some(std::sync::Arc<Robot>),
    /// They cannot be had at the moment, so nothing may be read (RFC 9309: 5xx, and no answer).
    Unknown(String),
}

/// The rules of the sites that were asked lately.
#[derive(Default)]
pub(crate) struct Robots {
    kept: Mutex<HashMap<String, (Instant, Rules)>>,
}

impl Robots {
    /// Refuses a page that its site keeps from programs.
    pub(crate) async fn permit(&self, client: &Client, page: &Url) -> Result<(), Refusal> {
        let site = page.origin().ascii_serialization();
        let rules = match self.known(&site) {
            Some(rules) => rules,
            None => self.keep(&site, ask(client, &site).await),
        };
        match rules {
            Rules::None => Ok(()),
            Rules::Some(robot) if robot.allowed(page.as_str()) => Ok(()),
            Rules::Some(_) => Err(Refusal::new(Rule::Robots, format!("{site}/robots.txt keeps it from programs"))),
            Rules::Unknown(why) => {
                Err(Refusal::new(Rule::Robots, format!("{site}/robots.txt cannot be read now, try later: {why}")))
            }
        }
    }

    fn known(&self, site: &str) -> Option<Rules> {
        let most = Duration::from_secs(law().web.robots.hours * 3600);
        let kept = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.get(site).filter(|(since, _)| since.elapsed() < most).map(|(_, rules)| rules.clone())
    }

    /// Keeps what is known for sure; a site that could not be asked is asked again.
    fn keep(&self, site: &str, rules: Rules) -> Rules {
        if matches!(rules, Rules::Unknown(_)) {
            return rules;
        }
        let mut kept = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if kept.len() >= law().web.robots.sites
            && let Some(oldest) = kept.iter().min_by_key(|(_, (since, _))| *since).map(|(site, _)| site.clone())
        {
            kept.remove(&oldest);
        }
        kept.insert(site.to_owned(), (Instant::now(), rules.clone()));
        rules
    }
}

async fn ask(client: &Client, site: &str) -> Rules {
    let law = law().web.robots;
    let mut request = WebRequest::get(format!("{site}/robots.txt"));
    request.reach = Reach::Public;
    request.limits = WebLimits { bytes: law.bytes, seconds: law.seconds, types: Vec::new() };
    match client.send(&request).await {
        Ok(answer) if (200..300).contains(&answer.status) => match Robot::new(AGENT, &answer.body) {
            Ok(robot) => Rules::Some(std::sync::Arc::new(robot)),
            Err(_) => Rules::Unknown("it cannot be understood".into()),
        },
        Ok(answer) if (400..500).contains(&answer.status) && answer.status != 429 => Rules::None,
        Ok(answer) => Rules::Unknown(format!("status {}", answer.status)),
        Err(error) => Rules::Unknown(error.to_string()),
    }
}
