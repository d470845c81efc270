//! Mailboxes whose interface is known.

use url::Url;

use super::mailbox::Shape;
use super::path::Path;
use super::template::UrlTemplate;
use crate::expression::Context;
use crate::language::{Fields, Node, Read, Shape as Written, Text};

/// What is written for a known mailbox.
pub(super) struct Preset {
    name: &'static str,
    /// Its address, when there is only one.
    url: Option<&'static str>,
    /// Path and query of the list of messages, newest first.
    list: &'static str,
    /// Path of one whole mail.
    message: Option<&'static str>,
    /// Keys whose values are put into the paths above.
    keys: &'static [&'static str],
    shape: &'static [(Part, &'static str)],
}

#[derive(Clone, Copy)]
enum Part {
    Messages,
    Id,
    Recipient,
    Body,
    Date,
    Raw,
}

const PRESETS: &[Preset] = &[
    // https://mailpit.axllent.org/docs/api-v1/
    Preset {
        name: "mailpit",
        url: None,
        list: "/api/v1/messages?limit=250&start={offset}",
        message: Some("/api/v1/message/{id}/raw"),
        keys: &[],
        shape: &[(Part::Messages, "/messages"), (Part::Id, "/ID")],
    },
    // https://github.com/mailhog/MailHog/blob/master/docs/APIv2.md
    Preset {
        name: "mailhog",
        url: None,
        list: "/api/v2/messages?limit=250&start={offset}",
        message: None,
        keys: &[],
        shape: &[
            (Part::Messages, "/items"),
            (Part::Id, "/ID"),
            (Part::Recipient, "/Raw/To"),
            (Part::Raw, "/Raw/Data"),
        ],
    },
    // https://api-docs.mailtrap.io/
    Preset {
        name: "mailtrap",
        url: Some("https://mailtrap.io"),
        list: "/api/accounts/{account}/inboxes/{inbox}/messages?page={page}",
        message: Some("/api/accounts/{account}/inboxes/{inbox}/messages/{id}/body.raw"),
        keys: &["account", "inbox"],
        shape: &[
            (Part::Messages, "/"),
            (Part::Id, "/id"),
            (Part::Recipient, "/to_email"),
        ],
    },
    // https://www.twilio.com/docs/messaging/api/message-resource
    Preset {
        name: "twilio",
        url: Some("https://api.twilio.com"),
        list: "/2010-04-01/Accounts/{account}/Messages.json?PageSize=250",
        message: None,
        keys: &["account"],
        shape: &[
            (Part::Messages, "/messages"),
            (Part::Id, "/sid"),
            (Part::Recipient, "/to"),
            (Part::Body, "/body"),
            (Part::Date, "/date_created"),
        ],
    },
];

/// What `url` is beside a preset.
const HOST: &str = "address of the mailbox's host";

/// The names of the presets.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|preset| preset.name)
}

/// One of them.
pub(super) fn shape() -> Written {
    Written::Words(names().collect())
}

/// Reads `preset`.
pub(super) fn read(node: &Node, cx: &mut Context<'_>) -> Option<&'static Preset> {
    let choices: Vec<_> = PRESETS.iter().map(|preset| (preset.name, preset)).collect();
    cx.choice(node, "the name of a known mailbox", &choices)
}

impl Preset {
    /// The addresses, from `url` and the keys of this preset.
    pub(super) fn urls(
        &self,
        fields: &mut Fields<'_>,
        cx: &mut Context<'_>,
    ) -> Option<(UrlTemplate, Option<UrlTemplate>)> {
        let host: Option<Url> = match self.url {
            None => fields.required("url", HOST, cx),
            Some(usual) if !fields.has("url") => {
                fields.node("url", HOST, Url::shape);
                usual.parse().ok()
            }
            Some(_) => fields.optional("url", HOST, cx),
        };
        let mut values = Vec::new();
        for key in self.keys {
            let value: Option<Text> = fields.required(key, "its id at this mailbox", cx);
            if let Some(value) = &value
                && !value.text.chars().all(|c| c.is_ascii_alphanumeric())
            {
                let message = format!("`{}` is not an id of {}", value.text, self.name);
                cx.problem(value.span, message, "it has letters and digits only");
            }
            values.extend(value.map(|value| (format!("{{{key}}}"), value.text)));
        }
        let host = host?;
        if values.len() < self.keys.len() {
            return None;
        }
        let full = |path: &str| {
            let path = values.iter().fold(path.to_owned(), |path, (place, value)| {
                path.replace(place, value)
            });
            UrlTemplate::known(format!("{}{path}", host.as_str().trim_end_matches('/')))
        };
        Some((full(self.list), self.message.map(full)))
    }

    /// Where things are in its answers.
    pub(super) fn shape(&self) -> Shape {
        let mut shape = Shape::default();
        for (part, path) in self.shape {
            let place = match part {
                Part::Messages => &mut shape.messages,
                Part::Id => &mut shape.id,
                Part::Recipient => &mut shape.recipient,
                Part::Body => &mut shape.body,
                Part::Date => &mut shape.date,
                Part::Raw => &mut shape.raw,
            };
            *place = Some(Path::parse(path));
        }
        shape
    }
}
