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
use secrecy::SecretString;
use template::{Place, UrlTemplate};

use super::polled::Polled;
use super::{Access, BoxFuture, OtpSource, Reading, SourceError};
use crate::expression::Context;
use crate::language::{Fields, Node, Read, Shape as Written, Text};

/// How often the mailbox is looked at, unless the target says otherwise.
const POLL: Duration = Duration::from_secs(1);
/// Its settings: those of an interface that is described, and those of known
/// ones.
pub(super) fn shape() -> Written {
    let described = Written::asked_for(compile);
    let known = preset::names().map(|name| {
        let given = Node::mapping([("preset".to_owned(), Node::text(name))]);
        Written::asked_for_in(&given, compile)
    });
    let variants: Vec<Written> = std::iter::once(described).chain(known).collect();
    Written::variants(&variants)
}

pub(super) fn compile(arguments: &Node, cx: &mut Context<'_>) -> Option<Box<dyn OtpSource>> {
    let mut fields = Fields::open(arguments, "`otp`", cx)?;
    let preset = fields
        .node(
            "preset",
            "a mailbox whose interface is known",
            preset::shape,
        )
        .map(|node| preset::read(node, cx));
    let (urls, mut shape) = if let Some(preset) = preset {
        let preset = preset?;
        (preset.urls(&mut fields, cx), preset.shape())
    } else {
        (read_urls(&mut fields, cx), Shape::default())
    };
    let own = preset.is_none();
    shape.read(&mut fields, cx);
    let headers = read_headers(&mut fields, cx);
    let user: Option<SecretString> = fields.optional("user", "user name for the mailbox", cx);
    let password: Option<SecretString> =
        fields.optional("password", "password for the mailbox", cx);
    let poll = fields.or("poll", "how often the mailbox is looked at", POLL, cx);
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
    Some(Box::new(HttpMailbox {
        url,
        message_url,
        headers,
        login: user.map(|user| (user, password.unwrap_or_default())),
        shape,
        poll,
        reading,
    }))
}

/// Reads `url` and `message_url`.
fn read_urls(
    fields: &mut Fields<'_>,
    cx: &mut Context<'_>,
) -> Option<(UrlTemplate, Option<UrlTemplate>)> {
    let url: Option<Text> = fields.required(
        "url",
        "address of the list of messages; `{recipient}`, `{since}`, `{page}` and `{offset}` in it \
         are filled in",
        cx,
    );
    let message_url: Option<Text> = fields.optional(
        "message_url",
        "address of one message, when the list has only a part of it; `{id}` in it is filled in",
        cx,
    );
    let url = url.and_then(|text| UrlTemplate::read(&text, cx));
    let message_url = message_url.and_then(|text| UrlTemplate::read(&text, cx));
    Some((url?, message_url))
}

/// Reads `headers`: names and secrets.
fn read_headers(fields: &mut Fields<'_>, cx: &mut Context<'_>) -> Vec<(String, SecretString)> {
    let Some(node) = fields.node("headers", "headers of every request", || {
        SecretString::shape().entries()
    }) else {
        return Vec::new();
    };
    if Fields::open(node, "`headers`", cx).is_none() {
        return Vec::new();
    }
    let mut headers = Vec::new();
    for (name, value) in node.entries() {
        if reqwest::header::HeaderName::try_from(name.as_str()).is_err() {
            let message = format!("`{}` is not the name of a header", name.as_str());
            cx.problem(name.span, message, "");
        }
        headers.extend(SecretString::read(value, cx).map(|value| (name.text.clone(), value)));
    }
    headers
}

impl Shape {
    /// Reads the paths that are given.
    fn read(&mut self, fields: &mut Fields<'_>, cx: &mut Context<'_>) {
        for (name, about, path) in [
            (
                "messages",
                "path of the list of messages in the answer; `/` is the answer itself",
                &mut self.messages,
            ),
            ("id", "path of the id in a message", &mut self.id),
            (
                "recipient",
                "path of the recipient in a message",
                &mut self.recipient,
            ),
            ("body", "path of the text in a message", &mut self.body),
            ("html", "path of the HTML in a message", &mut self.html),
            ("date", "path of the date in a message", &mut self.date),
            (
                "raw",
                "path of a whole mail, headers included, in a message",
                &mut self.raw,
            ),
        ] {
            if let Some(given) = fields.optional(name, about, cx) {
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
        cx: &mut Context<'_>,
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
    fn connect(&self) -> BoxFuture<'_, Result<Access, SourceError>> {
        Box::pin(async move {
            let api = Api::new(self)?;
            if self.url.has(Place::Recipient) {
                Ok(Access::Asked(Arc::new(api)))
            } else {
                let watcher = watch::Watcher::start(api).await?;
                Ok(Access::Watched(Box::new(Polled::new(watcher))))
            }
        })
    }

    fn reading(&self) -> Reading {
        self.reading.clone()
    }
}
