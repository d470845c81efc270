//! What a target says of an IMAP mailbox.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Duration;

use secrecy::SecretString;

use crate::document::{Defaulted, Field, ReadContext};
use crate::language::{Choice, Node, Table};
use crate::otp::proof::{self, Proof};
use crate::otp::reading::{DATED, Reading};
use crate::otp::server::{self, Ports, Server};

/// What happens to a mail whose code was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum After {
    /// Nothing: the folder is opened for reading only.
    #[default]
    Keep,
    /// It is marked as read.
    Seen,
    /// It is deleted.
    Delete,
}

/// An IMAP mailbox as the target describes it.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) server: Server,
    pub(super) user: String,
    pub(super) proof: Proof,
    pub(super) folder: String,
    pub(super) after: After,
    /// How often it is looked at, if the target says so.
    pub(super) poll: Option<Duration>,
    pub(super) idle: bool,
    pub(super) reading: Reading,
}

const PORTS: Ports = Ports {
    field: Field::new("port", "993 with `tls`, 143 otherwise, unless given").example("993"),
    tls: 993,
    other: 143,
};
const USER: Field<String> = Field::new("user", "user name for the mailbox")
    .required()
    .example("ada");
const FOLDER: Defaulted<Cow<'static, str>> =
    Field::new("folder", "folder that is watched").or(INBOX);
const INBOX: &Cow<'static, str> = &Cow::Borrowed("INBOX");
const AFTER: Defaulted<After> =
    Field::new("after", "what becomes of a mail whose code was read").or(&After::Keep);
const POLL: Field<Duration> = Field::new(
    "poll",
    "how often the folder is looked at while somebody waits, unless the server's answers decide",
)
.example("2s");
const IDLE: Defaulted<bool> = Field::new(
    "idle",
    "whether the server is asked to tell of new mail (IDLE)",
)
.or(&true);

pub(in crate::otp) const FIELDS: Table = Table {
    what: "`otp`",
    keys: &[
        &[
            PORTS.field.key(),
            USER.key(),
            FOLDER.key(),
            AFTER.key(),
            POLL.key(),
            IDLE.key(),
        ],
        server::KEYS,
        proof::KEYS,
        DATED,
    ],
};

impl Settings {
    /// What messages call the mailbox.
    pub(super) fn name(&self) -> String {
        let Self { user, server, .. } = self;
        let Server { host, port, .. } = server;
        format!("the mailbox of `{user}` at {host}:{port}")
    }

    /// Of a server on this machine, without TLS.
    pub(super) fn local(host: IpAddr, port: u16, user: String, password: SecretString) -> Self {
        Self {
            server: Server::local(host, port),
            user,
            proof: Proof::Password(password),
            folder: INBOX.to_string(),
            after: After::Keep,
            poll: None,
            idle: true,
            reading: Reading::default(),
        }
    }

    pub(super) fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut fields = FIELDS.open(node, cx)?;
        let server = Server::read(&mut fields, &PORTS, cx);
        let user = fields.get(&USER, cx);
        let proof = Proof::read(&mut fields, cx);
        let folder = fields.get_or(&FOLDER, cx).into_owned();
        let after = fields.get_or(&AFTER, cx);
        let poll = fields.get(&POLL, cx);
        let idle = fields.get_or(&IDLE, cx);
        let reading = Reading::read(&mut fields, cx);
        if let Some(span) = fields.span_of("poll")
            && poll.is_some_and(|poll| poll < Duration::from_millis(10))
        {
            cx.problem(span, "`poll` is too short", "the shortest is `10ms`");
        }
        fields.finish(cx);
        Some(Self {
            server: server?,
            user: user?,
            proof: proof?,
            folder,
            after,
            poll,
            idle,
            reading,
        })
    }
}

impl Choice for After {
    const EXPECTED: &'static str = "`keep`, `seen` or `delete`";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("keep", Self::Keep),
        ("seen", Self::Seen),
        ("delete", Self::Delete),
    ];
}
