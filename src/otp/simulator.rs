//! Reads the simulator's outbox, in this process or another, by long polling.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::polled::{Poll, Polled};
use super::reading::UNDATED;
use super::{Access, Body, Content, Message, OtpSource, Reading, Reply, Sent, SourceError};
use crate::ceilings;
use crate::clock::Clock;
use crate::document::{Field, ReadContext};
use crate::http::{client_builder, read_body};
use crate::language::{Node, Table};
use crate::wire::OutboxPage;

/// How long one poll waits for a message.
const POLL: Duration = Duration::from_secs(5);
/// How much longer its answer may take.
const LATE: Duration = Duration::from_secs(5);

const URL: Field<Url> = Field::new("url", "address of the simulator's outbox").required();

pub(super) const FIELDS: Table = Table {
    what: "`otp`",
    keys: &[&[URL.key()], UNDATED],
};

/// `otp: {source: simulator, url: …}`
#[derive(Debug)]
struct SimulatorOutbox {
    url: Url,
    reading: Reading,
}

pub(super) fn compile(arguments: &Node, cx: &mut ReadContext) -> Option<Arc<dyn OtpSource>> {
    let mut fields = FIELDS.open(arguments, cx)?;
    let url = fields.get(&URL, cx);
    // The simulator dates its messages exactly, by the clock of this machine.
    let reading = Reading::read_undated(&mut fields, cx);
    fields.finish(cx);
    Some(Arc::new(SimulatorOutbox { url: url?, reading }))
}

/// The outbox of a simulator.
pub fn outbox(url: Url) -> Arc<dyn OtpSource> {
    let reading = Reading {
        clock_skew: Duration::ZERO,
        ..Reading::default()
    };
    Arc::new(SimulatorOutbox { url, reading })
}

impl OtpSource for SimulatorOutbox {
    fn kind(&self) -> &'static str {
        "simulator"
    }

    fn connect<'a>(&'a self, _: &'a Clock) -> Reply<'a, Access> {
        Box::pin(async move {
            let client = client_builder()
                .no_proxy()
                .connect_timeout(LATE)
                .build()
                .map_err(|error| SourceError::of_request(name(&self.url), error))?;
            let mut mailbox = Outbox {
                client,
                url: self.url.clone(),
                after: u64::MAX,
                instance: String::new(),
            };
            // Only what comes from now on counts.
            mailbox.page(Duration::ZERO).await?;
            Ok(Access::Watched(Box::new(Polled::new(mailbox))))
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
    /// Sequences mean something in this one only.
    instance: String,
}

impl Outbox {
    async fn page(&mut self, wait: Duration) -> Result<OutboxPage, SourceError> {
        let mut url = self.url.clone();
        url.query_pairs_mut()
            .append_pair("after", &self.after.to_string())
            .append_pair("instance", &self.instance)
            .append_pair("wait", &wait.as_millis().to_string());
        let failure = |error| SourceError::of_request(name(&self.url), error);
        let answer = self
            .client
            .get(url)
            .timeout(wait + LATE)
            .send()
            .await
            .map_err(failure)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(SourceError::of_status(name(&self.url), status));
        }
        let body = read_body(answer, ceilings::CONTROL_BODY).await;
        let body = body.map_err(|error| SourceError::of_body(name(&self.url), error))?;
        let page: OutboxPage = serde_json::from_slice(&body)
            .map_err(|_| SourceError::new(name(&self.url), "the answer is not an outbox page"))?;
        self.after = page.last;
        self.instance.clone_from(&page.instance);
        Ok(page)
    }
}

impl Poll for Outbox {
    fn poll(&mut self) -> Reply<'_, Vec<Message>> {
        Box::pin(async move {
            let page = self.page(POLL).await?;
            let messages = page.messages.into_iter().map(|message| Message {
                recipients: vec![message.to],
                id: None,
                sent: Some(Sent {
                    at: message.sent_at,
                    within: 0,
                }),
                content: Content::Text {
                    plain: Some(Body::from(&message.body)),
                    html: None,
                },
                handle: message.sequence,
            });
            Ok(messages.collect())
        })
    }
}

fn name(url: &Url) -> String {
    format!("the simulator's outbox at {url}")
}
