//! Mailboxes whose interface is known.

use url::Url;

use super::mailbox::{Habits, Shape};
use super::path::Path;
use super::template::UrlTemplate;
use crate::document::{Field, ReadContext};
use crate::language::{Fields, Key, Node, Read, Shape as Written, Text};

/// What is written for a known mailbox.
pub(super) struct Preset {
    name: &'static str,
    /// Its address, when there is only one.
    url: Option<&'static str>,
    /// Path and query of the list of messages, newest first.
    list: &'static str,
    /// Path of one whole mail.
    message: Option<&'static str>,
    /// Ids that are put into the paths above.
    ids: &'static [Field<Text>],
    shape: &'static [(Part, &'static str)],
    pub(super) habits: Habits,
}

/// Those that most have.
const NONE: Habits = Habits {
    base64: false,
    no_empty_list: false,
};

#[derive(Clone, Copy)]
enum Part {
    Messages,
    Id,
    Recipient,
    Body,
    Date,
    Raw,
}

const ACCOUNT: Field<Text> = Field::new("account", "its id at this mailbox").example("12");
const MAILBOX: Field<Text> =
    Field::new("mailbox", "its user's address at this provider").example("qa@example.org");
const INBOX: Field<Text> = Field::new("inbox", "its id at this mailbox").example("34");

/// Ids of all presets.
pub(super) const IDS: &[Key] = &[ACCOUNT.key(), INBOX.key(), MAILBOX.key()];

const PRESETS: &[Preset] = &[
    // https://mailpit.axllent.org/docs/api-v1/
    Preset {
        name: "mailpit",
        url: None,
        list: "/api/v1/messages?limit=250&start={offset}",
        message: Some("/api/v1/message/{id}/raw"),
        ids: &[],
        shape: &[(Part::Messages, "/messages"), (Part::Id, "/ID")],
        habits: NONE,
    },
    // https://github.com/mailhog/MailHog/blob/master/docs/APIv2.md
    Preset {
        name: "mailhog",
        url: None,
        list: "/api/v2/messages?limit=250&start={offset}",
        message: None,
        ids: &[],
        shape: &[
            (Part::Messages, "/items"),
            (Part::Id, "/ID"),
            (Part::Recipient, "/Raw/To"),
            (Part::Raw, "/Raw/Data"),
        ],
        habits: NONE,
    },
    // https://api-docs.mailtrap.io/
    Preset {
        name: "mailtrap",
        url: Some("https://mailtrap.io"),
        list: "/api/accounts/{account}/inboxes/{inbox}/messages?page={page}",
        message: Some("/api/accounts/{account}/inboxes/{inbox}/messages/{id}/body.raw"),
        ids: &[ACCOUNT, INBOX],
        shape: &[
            (Part::Messages, "/"),
            (Part::Id, "/id"),
            (Part::Recipient, "/to_email"),
        ],
        habits: NONE,
    },
    // https://www.twilio.com/docs/messaging/api/message-resource
    Preset {
        name: "twilio",
        url: Some("https://api.twilio.com"),
        list: "/2010-04-01/Accounts/{account}/Messages.json?PageSize=250",
        message: None,
        ids: &[ACCOUNT],
        shape: &[
            (Part::Messages, "/messages"),
            (Part::Id, "/sid"),
            (Part::Recipient, "/to"),
            (Part::Body, "/body"),
            (Part::Date, "/date_created"),
        ],
        habits: NONE,
    },
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages
    Preset {
        name: "gmail",
        url: Some("https://gmail.googleapis.com"),
        list: "/gmail/v1/users/me/messages?maxResults=500&includeSpamTrash=true",
        message: Some("/gmail/v1/users/me/messages/{id}?format=raw"),
        ids: &[],
        shape: &[
            (Part::Messages, "/messages"),
            (Part::Id, "/id"),
            (Part::Raw, "/raw"),
        ],
        habits: Habits {
            base64: true,
            no_empty_list: true,
        },
    },
    // https://learn.microsoft.com/graph/api/user-list-messages
    Preset {
        name: "graph",
        url: Some("https://graph.microsoft.com"),
        list: "/v1.0/users/{mailbox}/messages?$select=id,receivedDateTime&$orderby=receivedDateTime%20desc&$top=250&$skip={offset}",
        message: Some("/v1.0/users/{mailbox}/messages/{id}/$value"),
        ids: &[MAILBOX],
        shape: &[
            (Part::Messages, "/value"),
            (Part::Id, "/id"),
            (Part::Date, "/receivedDateTime"),
        ],
        habits: NONE,
    },
];

/// Whether an id can stand in a path without changing it.
fn may_be(id: &Field<Text>, text: &str) -> bool {
    let is_address = id.key().name == MAILBOX.key().name && text.contains('@');
    let may_stand = |c: char| c.is_ascii_alphanumeric() || (is_address && "@.-_+".contains(c));
    text.chars().all(may_stand)
}

/// `url` beside a preset.
const HOST: Field<Url> = Field::new("url", "address of the mailbox's host");

/// `preset: mailpit`
impl Read<ReadContext> for &Preset {
    const EXPECTED: &'static str = "the name of a known mailbox";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let choices: Vec<_> = PRESETS.iter().map(|preset| (preset.name, preset)).collect();
        cx.choice(node, Self::EXPECTED, &choices)
    }

    fn shape() -> Written {
        Written::Words(PRESETS.iter().map(|preset| preset.name).collect())
    }
}

/// Takes back what means nothing with this preset, or with none.
pub(super) fn hide(preset: Option<&Preset>, fields: &mut Fields<'_>) {
    let ids = preset.map_or(&[][..], |preset| preset.ids);
    let mut hidden: Vec<&str> = IDS.iter().map(|key| key.name).collect();
    hidden.retain(|name| !ids.iter().any(|id| id.key().name == *name));
    hidden.extend(preset.map(|_| "message_url"));
    fields.without(&hidden);
}

impl Preset {
    /// The addresses, from `url` and the keys of this preset.
    pub(super) fn urls(
        &self,
        fields: &mut Fields<'_>,
        cx: &mut ReadContext,
    ) -> Option<(UrlTemplate, Option<UrlTemplate>)> {
        let host = match self.url {
            Some(usual) if !fields.has("url") => usual.parse().ok(),
            _ => fields.require(&HOST, cx),
        };
        let mut values = Vec::new();
        for id in self.ids {
            let value = fields.require(id, cx);
            if let Some(value) = &value
                && !may_be(id, &value.text)
            {
                let message = format!("`{}` is not an id of {}", value.text, self.name);
                cx.problem(value.span, message, "it has letters and digits only");
            }
            values.extend(value.map(|value| (format!("{{{}}}", id.key().name), value.text)));
        }
        let host = host?;
        if values.len() < self.ids.len() {
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
