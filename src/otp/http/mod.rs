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
use mailbox::{HttpMailbox, Shape};
use path::Path;
use preset::Preset;
use secrecy::SecretString;
use template::{Place, UrlTemplate};

use super::polled::Polled;
use super::reading::DATED;
use super::{Access, BoxFuture, OtpSource, Reading, SourceError};
use crate::clock::Clock;
use crate::document::{Defaulted, Field, ReadContext};
use crate::language::{Fields, Node, Read, Shape as Written, Table, Text, entries};

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
const MESSAGES: Field<Path> = Field::new(
    "messages",
    "path of the list of messages in the answer; `/` is the answer itself",
)
.example("/messages")
.shown();
const ID: Field<Path> = Field::new("id", "path of the id in a message").example("/ID");
const RECIPIENT: Field<Path> = Field::new("recipient", "path of the recipient in a message")
    .example("/To/0/Address")
    .shown();
const BODY: Field<Path> = Field::new("body", "path of the text in a message")
    .example("/Snippet")
    .shown();
const HTML: Field<Path> = Field::new("html", "path of the HTML in a message").example("/HTML");
const DATE: Field<Path> = Field::new("date", "path of the date in a message").example("/Created");
const RAW: Field<Path> = Field::new(
    "raw",
    "path of a whole mail, headers included, in a message",
)
.example("/Raw");
const HEADERS: Field<Headers> =
    Field::new("headers", "headers of every request").example(r#"{X-Api-Key: "${API_KEY}"}"#);
const USER: Field<SecretString> = Field::new("user", "user name for the mailbox");
const PASSWORD: Field<SecretString> = Field::new("password", "password for the mailbox");
const POLL: Defaulted<Duration> =
    Field::new("poll", "how often the mailbox is looked at").or(&USUAL_POLL);

/// Those of an interface that is described, and those of known ones.
pub(super) const FIELDS: Table = Table {
    what: "`otp`",
    keys: &[
        &[
            PRESET.key(),
            URL.key(),
            MESSAGE_URL.key(),
            MESSAGES.key(),
            ID.key(),
            RECIPIENT.key(),
            BODY.key(),
            HTML.key(),
            DATE.key(),
            RAW.key(),
            HEADERS.key(),
            USER.key(),
            PASSWORD.key(),
            POLL.key(),
        ],
        DATED,
        preset::IDS,
    ],
};

pub(super) fn compile(arguments: &Node, cx: &mut ReadContext) -> Option<Arc<dyn OtpSource>> {
    let mut fields = FIELDS.open(arguments, cx)?;
    let own = !fields.has("preset");
    let (urls, mut shape) = if own {
        preset::hide(None, &mut fields);
        (read_urls(&mut fields, cx), Shape::default())
    } else {
        let preset = fields.get(&PRESET, cx)?;
        preset::hide(Some(preset), &mut fields);
        (preset.urls(&mut fields, cx), preset.shape())
    };
    shape.read(&mut fields, cx);
    let headers = fields.get(&HEADERS, cx);
    let user = fields.get(&USER, cx);
    let password = fields.get(&PASSWORD, cx);
    let poll = fields.get_or(&POLL, cx);
    let reading = Reading::read(&mut fields, cx);
    if let Some((url, message_url)) = &urls
        && own
    {
        shape.check(url, message_url.as_ref(), &fields, cx);
    }
    if user.is_none() && fields.has("password") {
        // Not where the password is: that line would be shown.
        let message = "`otp` has a `password` but no `user`";
        cx.problem(fields.span(), message, "add `user:`");
    }
    fields.finish(cx);
    let (url, message_url) = urls?;
    Some(Arc::new(HttpMailbox {
        url,
        message_url,
        headers: headers.map_or_else(Vec::new, |Headers(headers)| headers),
        login: user.map(|user| (user, password.unwrap_or_default())),
        shape,
        poll,
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

/// Names, and secrets.
struct Headers(Vec<(String, SecretString)>);

impl Read<ReadContext> for Headers {
    const EXPECTED: &'static str = "a mapping from names to texts";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut headers = Vec::new();
        for (name, value) in entries(node, "`headers`", "X-Api-Key: ${API_KEY}", cx)? {
            if reqwest::header::HeaderName::try_from(name.as_str()).is_err() {
                let message = format!("`{}` is not the name of a header", name.as_str());
                cx.problem(name.span, message, "");
            }
            headers.extend(SecretString::read(value, cx).map(|value| (name.text.clone(), value)));
        }
        Some(Self(headers))
    }

    fn shape() -> Written {
        SecretString::shape().entries()
    }
}

impl Shape {
    /// Reads the paths that are given.
    fn read(&mut self, fields: &mut Fields<'_>, cx: &mut ReadContext) {
        for (field, path) in [
            (MESSAGES, &mut self.messages),
            (ID, &mut self.id),
            (RECIPIENT, &mut self.recipient),
            (BODY, &mut self.body),
            (HTML, &mut self.html),
            (DATE, &mut self.date),
            (RAW, &mut self.raw),
        ] {
            if let Some(given) = fields.get(&field, cx) {
                *path = Some(given);
            }
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

    fn connect<'a>(&'a self, clock: &'a Clock) -> BoxFuture<'a, Result<Access, SourceError>> {
        Box::pin(async move {
            let api = Api::new(self)?;
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
