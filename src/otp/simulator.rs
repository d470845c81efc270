//! Reads the simulator's outbox, in this process or another, by long polling.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::{
    Access, BoxFuture, Content, Mailbox, Message, News, OtpSource, Reading, Sent, SourceError,
};
use crate::scenario::{Context, Fields, Node};
use crate::wire::OutboxPage;

/// How long one poll waits for a message.
const POLL: Duration = Duration::from_secs(20);

/// `otp: {source: simulator, url: …}`
#[derive(Debug)]
struct SimulatorOutbox {
    url: Url,
    reading: Reading,
}

pub(super) fn compile(arguments: &Node, cx: &mut Context<'_>) -> Option<Box<dyn OtpSource>> {
    let mut fields = Fields::open(arguments, "`otp`", cx)?;
    let url = fields.required::<Url>("url", "address of the simulator's outbox", cx);
    // The simulator dates its messages exactly, by the clock of this machine.
    let reading = Reading::read_undated(&mut fields, cx);
    fields.finish(cx);
    Some(Box::new(SimulatorOutbox { url: url?, reading }))
}

impl OtpSource for SimulatorOutbox {
    fn connect(&self) -> BoxFuture<'_, Result<Access, SourceError>> {
        Box::pin(async move {
            let client = reqwest::Client::builder()
                .no_proxy()
                .build()
                .map_err(|error| failure(&self.url, error))?;
            let mut mailbox = Outbox {
                client,
                url: self.url.clone(),
                after: 0,
            };
            // Only what comes from now on counts.
            let page = mailbox.page(u64::MAX, Duration::ZERO).await?;
            mailbox.after = page.last;
            Ok(Access::Watched(Box::new(mailbox)))
        })
    }

    fn reading(&self) -> Reading {
        self.reading.clone()
    }
}

struct Outbox {
    client: reqwest::Client,
    url: Url,
    after: u64,
}

impl Outbox {
    async fn page(&self, after: u64, wait: Duration) -> Result<OutboxPage, SourceError> {
        let mut url = self.url.clone();
        url.query_pairs_mut()
            .append_pair("after", &after.to_string())
            .append_pair("wait", &wait.as_millis().to_string());
        let answer = self
            .client
            .get(url)
            .timeout(wait + Duration::from_secs(10))
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(|error| failure(&self.url, error))?;
        let body = answer
            .bytes()
            .await
            .map_err(|error| failure(&self.url, error))?;
        serde_json::from_slice(&body)
            .map_err(|_| SourceError::new(name(&self.url), "the answer is not an outbox page"))
    }
}

impl Mailbox for Outbox {
    fn next(&mut self) -> BoxFuture<'_, Result<News, SourceError>> {
        Box::pin(async move {
            let page = self.page(self.after, POLL).await?;
            self.after = page.last;
            let messages = page.messages.into_iter().map(|message| Message {
                recipients: vec![message.to],
                id: None,
                sent: Some(Sent {
                    at: message.sent_at,
                    within: 0,
                }),
                content: Content::Text {
                    plain: Some(SecretString::from(message.body.as_str())),
                    html: None,
                },
                handle: message.sequence,
            });
            Ok(News::Messages(messages.collect()))
        })
    }
}

fn name(url: &Url) -> String {
    format!("the simulator's outbox at {url}")
}

fn failure(url: &Url, error: reqwest::Error) -> SourceError {
    SourceError::new(name(url), error.without_url().to_string())
}
