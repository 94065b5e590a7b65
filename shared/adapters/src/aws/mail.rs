use async_trait::async_trait;
use aws_sdk_sns::Client;
use aws_sdk_sns::operation::publish::PublishError;
use proofreel_ports::{Mailer, PortError, Secret};
use tokio::sync::OnceCell;

use super::clients::request_limits;
use super::environment::sdk_config;
use super::errors::{genuine, port_error};

/// Longest subject that SNS takes, characters of ASCII.
const SUBJECT: usize = 99;
/// Longest text that SNS takes, bytes.
const TEXT: usize = 250_000;

/// The `Mailer` port over Amazon SNS: whoever confirmed their subscription of the topic gets the mail.
pub struct SnsMail {
    sns: OnceCell<Client>,
}

impl SnsMail {
    /// With the region and credentials of the environment, asked for by the first mail.
    pub fn when_needed() -> Self {
        Self { sns: OnceCell::new() }
    }

    /// With this client.
    pub fn new(sns: Client) -> Self {
        Self { sns: OnceCell::new_with(Some(sns)) }
    }

    async fn client(&self) -> &Client {
        self.sns.get_or_init(async || Client::new(&sdk_config(request_limits()).await)).await
    }
}

#[async_trait]
impl Mailer for SnsMail {
    async fn mail(&self, to: &Secret, subject: &str, text: &str) -> Result<(), PortError> {
        let what = "mail by SNS";
        let topic = to.reveal().trim();
        // Told without the address: it names the account.
        if !topic.starts_with("arn:aws") || topic.split(':').nth(2) != Some("sns") {
            return Err(PortError::Refused {
                what: what.into(),
                why: "its address is no ARN of a topic\n  hint: keep arn:aws:sns:REGION:ACCOUNT:NAME as the secret"
                    .into(),
            });
        }
        let mut end = text.len().min(TEXT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let request = self.client().await.publish().topic_arn(topic).subject(subject_of(subject)).message(&text[..end]);
        let scrubbed = |error: PortError| match error {
            PortError::Unavailable { what, detail } => {
                PortError::Unavailable { what, detail: detail.replace(topic, "[topic]") }
            }
            PortError::Refused { what, why } => PortError::Refused { what, why: why.replace(topic, "[topic]") },
            error => error,
        };
        match request.send().await {
            Ok(answer) => genuine(what, "sns:Publish", &answer),
            Err(error) if error.as_service_error().is_some_and(PublishError::is_not_found_exception) => {
                Err(PortError::Refused {
                    what: what.into(),
                    why: "there is no such topic\n  hint: is the stack deployed?".into(),
                })
            }
            Err(error) => Err(scrubbed(port_error(what, "sns:Publish", &error))),
        }
    }
}

/// A line that SNS takes for a subject: ASCII without control characters, not empty, beginning with a letter, digit or sign.
fn subject_of(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|sign| match sign {
            '“' | '”' => '"',
            '‘' | '’' => '\'',
            '–' | '—' => '-',
            '…' => '.',
            sign if sign.is_ascii_graphic() => sign,
            sign if sign.is_whitespace() || sign.is_control() => ' ',
            _ => '?',
        })
        .collect();
    let cut: String = plain.trim().chars().take(SUBJECT).collect();
    if cut.is_empty() { "Proofreel".into() } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_short_line_of_plain_letters() {
        assert_eq!(subject_of("a film waits: “Größe”\nBcc: x"), "a film waits: \"Gr??e\" Bcc: x");
        assert_eq!(subject_of(&"x".repeat(500)).len(), SUBJECT);
        assert_eq!(subject_of(" \n"), "Proofreel");
    }
}
