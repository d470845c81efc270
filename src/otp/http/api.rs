//! Asks a mailbox with an HTTP interface, and understands its answers.

use std::time::Duration;

use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine};
use futures_util::{StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use serde_json::Value;
use url::Url;

use super::dates;
use super::mailbox::{Habits, HttpMailbox, Shape};
use super::template::{Fill, Place, UrlTemplate};
use crate::ceilings;
use crate::clock::Clock;
use crate::otp::caller::Caller;
use crate::otp::html::visible;
use crate::otp::recent::Recent;
use crate::otp::{Body, Content, Message, PollSource, Reply, SourceError, mail};

/// Most pages of a list that are read at once.
const PAGES: usize = 20;
/// Messages that are asked for at the same time.
const AT_ONCE: usize = 8;
/// Whole mails in JSON, with or without what fills up the end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A mailbox with an HTTP interface.
pub(super) struct Api {
    caller: Caller,
    url: UrlTemplate,
    message_url: Option<UrlTemplate>,
    shape: Shape,
    habits: Habits,
    pub(super) poll: Duration,
    skew: Duration,
    known: Mutex<Recent>,
}

impl Api {
    pub(super) fn new(mailbox: &HttpMailbox, clock: &Clock) -> Result<Self, SourceError> {
        Ok(Self {
            caller: Caller::new(&mailbox.login, clock, &name(&mailbox.url))?,
            url: mailbox.url.clone(),
            message_url: mailbox.message_url.clone(),
            shape: mailbox.shape.clone(),
            habits: mailbox.habits,
            poll: mailbox.poll,
            skew: mailbox.reading.clock_skew,
            known: Mutex::default(),
        })
    }

    /// Remembers what is in the list now, so that it is not handed over.
    pub(super) async fn skip(&self, since: i64) -> Result<(), SourceError> {
        for entry in self
            .list(Fill {
                since,
                page: 1,
                ..Fill::default()
            })
            .await?
        {
            self.is_new(&entry);
        }
        Ok(())
    }

    /// What is in the list and was not handed over before, oldest first.
    pub(super) async fn news(
        &self,
        recipient: &str,
        since: i64,
    ) -> Result<Vec<Message>, SourceError> {
        let mut entries = Vec::new();
        let read = self.read(recipient, since, &mut entries).await;
        if read.is_err() {
            // They are asked for again.
            for entry in &entries {
                self.forget(entry);
            }
        }
        let mut messages = read?;
        // Lists have the newest first; where they do not, dates tell.
        messages.reverse();
        messages.sort_by_key(|message| message.sent.map(|sent| sent.at));
        Ok(messages)
    }

    /// Reads pages of the list until something is known, then the messages.
    async fn read(
        &self,
        recipient: &str,
        since: i64,
        entries: &mut Vec<Value>,
    ) -> Result<Vec<Message>, SourceError> {
        let has_pages = self.url.has(Place::Offset) || self.url.has(Place::Page);
        let mut fill = Fill {
            recipient,
            since,
            page: 1,
            ..Fill::default()
        };
        for _ in 0..PAGES {
            let page = self.list(fill).await?;
            let count = page.len();
            entries.extend(page.into_iter().filter(|entry| self.is_new(entry)));
            fill.page += 1;
            fill.offset += count;
            // Older ones are known already, or there are none.
            if !has_pages || count == 0 || entries.len() < fill.offset {
                break;
            }
        }
        let messages = entries.iter().map(|entry| self.message(entry, recipient));
        let messages: Vec<_> = messages.collect();
        stream::iter(messages).buffered(AT_ONCE).try_collect().await
    }

    async fn list(&self, fill: Fill<'_>) -> Result<Vec<Value>, SourceError> {
        let body = self.get(&self.url, fill).await?;
        let answer: Value = serde_json::from_slice(&body)
            .map_err(|_| failure(&self.url, "the answer is not JSON"))?;
        let path = self.shape.messages.as_ref();
        let found = path.map_or_else(|| vec![&answer], |path| path.all(&answer));
        match found[..] {
            [Value::Array(items)] => Ok(items.clone()),
            [Value::Null] => Ok(Vec::new()),
            [] if self.habits.no_empty_list && answer.is_object() => Ok(Vec::new()),
            _ => Err(
                failure(&self.url, "there is no list of messages in the answer")
                    .with_hint("is `messages` of the target's `otp` the right path?"),
            ),
        }
    }

    /// Reads one entry of the list.
    async fn message(&self, entry: &Value, asked: &str) -> Result<Message, SourceError> {
        let listed = self.recipients(entry, asked);
        let Some(url) = &self.message_url else {
            return Ok(self.understand(entry, listed));
        };
        let id = self.id(entry).unwrap_or_default();
        let body = self
            .get(
                url,
                Fill {
                    id: &id,
                    ..Fill::default()
                },
            )
            .await?;
        Ok(match serde_json::from_slice::<Value>(&body) {
            Ok(value @ Value::Object(_)) => {
                let listed = [self.recipients(&value, asked), listed].concat();
                self.understand(&value, listed)
            }
            // Not JSON: a whole mail.
            _ => whole(&body, listed),
        })
    }

    /// Understands a message as the shape says.
    fn understand(&self, value: &Value, recipients: Vec<String>) -> Message {
        let shape = &self.shape;
        if let Some(raw) = shape.raw.as_ref().and_then(|path| path.text(value)) {
            let decoded = self.habits.base64.then(|| BASE64.decode(raw.as_bytes()));
            let raw = decoded
                .and_then(Result::ok)
                .unwrap_or_else(|| raw.into_bytes());
            return whole(&raw, recipients);
        }
        let text = |path: &Option<_>| {
            path.as_ref()
                .and_then(|path: &super::path::Path| path.text(value))
        };
        let html = text(&shape.html).map(|html| visible(&html));
        Message {
            recipients,
            // The list's own ids have done their work.
            id: None,
            sent: text(&shape.date).and_then(|date| dates::parse(&date)),
            content: Content::Text {
                plain: text(&shape.body).map(Body::from),
                html,
            },
            handle: 0,
        }
    }

    fn recipients(&self, value: &Value, asked: &str) -> Vec<String> {
        let path = self.shape.recipient.as_ref();
        let found = path.map(|path| path.texts(value)).unwrap_or_default();
        if found.is_empty() && !asked.is_empty() {
            vec![asked.to_owned()]
        } else {
            found
        }
    }

    fn id(&self, entry: &Value) -> Option<String> {
        self.shape.id.as_ref()?.text(entry)
    }

    /// What tells an entry from all others: its id and date, or all of it. A
    /// mailbox that restarts may give an id again.
    fn key(&self, entry: &Value) -> String {
        let date = self.shape.date.as_ref().and_then(|path| path.text(entry));
        match self.id(entry) {
            Some(id) => format!("{id} {}", date.unwrap_or_default()),
            None => entry.to_string(),
        }
    }

    fn is_new(&self, entry: &Value) -> bool {
        self.known.lock().insert(&self.key(entry))
    }

    fn forget(&self, entry: &Value) {
        self.known.lock().remove(&self.key(entry));
    }

    async fn get(&self, template: &UrlTemplate, fill: Fill<'_>) -> Result<Vec<u8>, SourceError> {
        let url: Option<Url> = template.fill(fill);
        let url = url.ok_or_else(|| failure(template, "it is not an address once filled in"))?;
        self.caller.get(&name(template), &url).await
    }
}

/// Asked for one recipient: what is older than the question was already there.
impl PollSource for Api {
    fn ask<'a>(&'a self, recipient: &'a str, since: i64) -> Reply<'a, Vec<Message>> {
        Box::pin(async move {
            let skew = i64::try_from(self.skew.as_millis()).unwrap_or(i64::MAX);
            let from = since.saturating_sub(skew);
            let mut messages = self.news(recipient, from).await?;
            messages.retain(|message| {
                let sent = message.sent;
                sent.is_none_or(|sent| sent.at.saturating_add(sent.within) >= from)
            });
            Ok(messages)
        })
    }

    fn pause(&self) -> Duration {
        self.poll
    }

    fn name(&self) -> String {
        name(&self.url)
    }
}

/// A whole mail. What the list says of recipients comes first: it is what the
/// server took it for.
fn whole(raw: &[u8], listed: Vec<String>) -> Message {
    let mut message = mail::read(&raw[..raw.len().min(ceilings::MAIL)], None, 0);
    message.recipients = [listed, std::mem::take(&mut message.recipients)].concat();
    message
}

pub(super) fn failure(url: &UrlTemplate, reason: impl Into<String>) -> SourceError {
    SourceError::new(name(url), reason)
}

fn name(url: &UrlTemplate) -> String {
    format!("the mailbox at {}", url.as_str())
}
