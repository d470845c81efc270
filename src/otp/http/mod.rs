//! `source: http`: a mailbox with an HTTP interface, described in YAML.
//!
//! When the address names `{recipient}`, the mailbox is asked for each user
//! who waits; otherwise it is watched, for all of them at once.

mod api;
mod dates;
mod mailbox;
mod path;
mod preset;
mod template;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use api::Api;
use mailbox::{Habits, HttpMailbox, Shape};
use preset::Preset;
use template::{Place, UrlTemplate};

use super::caller::Login;
use super::polled::Polled;
use super::reading::DATED;
use super::{Access, OtpSource, Reading, Reply};
use crate::clock::Clock;
use crate::document::{Field, ReadContext, Record, record};
use crate::language::{Fields, Node, Table, Text};

/// How often the mailbox is looked at, unless the target says otherwise.
const USUAL_POLL: Duration = Duration::from_secs(1);

const PRESET: Field<&Preset> = Field::new("preset", "a mailbox whose interface is known");
/// Needed, unless a preset has it.
const URL: Field<Text> = Field::new(
    "url",
    "address of the list of messages; `{recipient}`, `{since}`, `{page}` and `{offset}` in it \
     are filled in",
)
.example("http://localhost:8025/api/v1/messages")
.shown();
const MESSAGE_URL: Field<Text> = Field::new(
    "message_url",
    "address of one message, when the list has only a part of it; `{id}` in it is filled in",
)
.example(r#""http://localhost:8025/api/v1/message/{id}/raw""#);
record! {
    struct Asking of "`otp`" {
        /// how often the mailbox is looked at
        poll: Duration = USUAL_POLL;
    }
}

/// Those of an interface that is described, and those of known ones.
pub(super) const FIELDS: Table = Table {
    what: "`otp`",
    keys: &[
        &[PRESET.key(), URL.key(), MESSAGE_URL.key()],
        Shape::TABLE.keys[0],
        Login::TABLE.keys[0],
        Asking::TABLE.keys[0],
        DATED,
        preset::IDS,
    ],
};

pub(super) fn compile(arguments: &Node, cx: &mut ReadContext) -> Option<Arc<dyn OtpSource>> {
    let mut fields = FIELDS.open(arguments, cx)?;
    let own = !fields.has("preset");
    let (urls, usual, habits) = if own {
        preset::hide(None, &mut fields);
        let urls = read_urls(&mut fields, cx);
        (urls, Shape::default(), Habits::default())
    } else {
        let preset = fields.get(&PRESET, cx)?;
        preset::hide(Some(preset), &mut fields);
        (preset.urls(&mut fields, cx), preset.shape(), preset.habits)
    };
    let shape = Shape::take(&mut fields, cx)?.or(usual);
    let login = Login::take(&mut fields, cx)?;
    let asking = Asking::take(&mut fields, cx)?;
    let reading = Reading::read(&mut fields, cx);
    if let Some((url, message_url)) = &urls
        && own
    {
        shape.check(url, message_url.as_ref(), &fields, cx);
    }
    login.check(&fields, cx);
    fields.finish(cx);
    let (url, message_url) = urls?;
    Some(Arc::new(HttpMailbox {
        url,
        message_url,
        login,
        shape,
        habits,
        poll: asking.poll,
        reading,
    }))
}

/// Reads `url` and `message_url`.
fn read_urls(
    fields: &mut Fields<'_>,
    cx: &mut ReadContext,
) -> Option<(UrlTemplate, Option<UrlTemplate>)> {
    let url = fields.require(&URL, cx);
    let message_url = fields.get(&MESSAGE_URL, cx);
    let url = url.and_then(|text| UrlTemplate::read(&text, cx));
    let message_url = message_url.and_then(|text| UrlTemplate::read(&text, cx));
    Some((url?, message_url))
}

impl Shape {
    /// What is not given is as usual.
    fn or(self, usual: Self) -> Self {
        Self {
            messages: self.messages.or(usual.messages),
            id: self.id.or(usual.id),
            recipient: self.recipient.or(usual.recipient),
            body: self.body.or(usual.body),
            html: self.html.or(usual.html),
            date: self.date.or(usual.date),
            raw: self.raw.or(usual.raw),
        }
    }

    /// Finds out what a description lacks.
    fn check(
        &self,
        url: &UrlTemplate,
        message_url: Option<&UrlTemplate>,
        fields: &Fields<'_>,
        cx: &mut ReadContext,
    ) {
        let mut lacks = |name: &str, why: &str| {
            cx.problem(fields.span(), format!("`otp` needs `{name}`"), why);
        };
        if self.messages.is_none() {
            lacks(
                "messages",
                "add `messages:` with the path of the list in the answer; `/` is the answer itself",
            );
        }
        let whole = self.raw.is_some() || message_url.is_some();
        if !whole && self.body.is_none() && self.html.is_none() {
            lacks(
                "body",
                "add `body:` with the path of the text in a message, or `html:`, or `raw:` for a whole mail",
            );
        }
        let asked = url.has(Place::Recipient);
        if !whole && !asked && self.recipient.is_none() {
            lacks(
                "recipient",
                "add `recipient:` with the path of the address in a message, or put `{recipient}` into `url`",
            );
        }
        if asked && !whole && self.date.is_none() && !url.has(Place::Since) {
            lacks(
                "date",
                "older codes of the recipient must be told apart: add `date:` with the path of the date in a message, or put `{since}` into `url`",
            );
        }
        if message_url.is_some_and(|url| url.has(Place::Id)) && self.id.is_none() {
            lacks(
                "id",
                "`message_url` names `{id}`: add `id:` with its path in a message of the list",
            );
        }
    }
}

impl OtpSource for HttpMailbox {
    fn kind(&self) -> &'static str {
        "http"
    }

    fn connect<'a>(&'a self, clock: &'a Clock) -> Reply<'a, Access> {
        Box::pin(async move {
            let api = Api::new(self, clock)?;
            if self.url.has(Place::Recipient) {
                Ok(Access::Asked(Arc::new(api)))
            } else {
                let watcher = watch::Watcher::start(api, clock).await?;
                Ok(Access::Watched(Box::new(Polled::new(watcher))))
            }
        })
    }

    fn reading(&self) -> Reading {
        self.reading.clone()
    }
}
