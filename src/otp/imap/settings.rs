//! What a target says of an IMAP mailbox.

use std::borrow::Cow;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use secrecy::SecretString;

use crate::document::{Defaulted, Field, ReadContext};
use crate::language::{Choice, Fields, Node, Read, Shape, Table, Text};
use crate::otp::reading::{DATED, Reading};
use crate::{ceilings, files};

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS after a command.
    StartTls,
    /// None; on this machine only.
    Plain,
}

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

/// How we prove who we are.
#[derive(Clone, Debug)]
pub(super) enum Proof {
    /// `LOGIN`
    Password(SecretString),
    /// `AUTHENTICATE XOAUTH2`
    Token(SecretString),
}

/// An IMAP mailbox as the target describes it.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    /// Certificates to trust, instead of those of this machine.
    pub(super) roots: Option<Vec<CertificateDer<'static>>>,
    pub(super) server_name: ServerName<'static>,
    pub(super) user: String,
    pub(super) proof: Proof,
    pub(super) folder: String,
    pub(super) after: After,
    /// How often it is looked at, if the target says so.
    pub(super) poll: Option<Duration>,
    pub(super) idle: bool,
    pub(super) reading: Reading,
}

const HOST: Field<Text> = Field::new("host", "name or address of the server")
    .required()
    .example("imap.example.org");
const SECURITY: Defaulted<Security> =
    Field::new("security", "how the connection is protected").or(&Security::Tls);
const PORT: Field<Port> =
    Field::new("port", "993 with `tls`, 143 otherwise, unless given").example("993");
const SERVER_NAME: Field<Text> = Field::new(
    "server_name",
    "name in the server's certificate, when it is not `host`",
)
.example("mail.example.org");
const CA_FILE: Field<Text> = Field::new(
    "ca_file",
    "path of a PEM file with certificates that are trusted instead of this machine's",
)
.example("ca.pem");
const USER: Field<String> = Field::new("user", "user name for the mailbox")
    .required()
    .example("ada");
/// Needed, unless there is `xoauth2`.
const PASSWORD: Field<SecretString> =
    Field::new("password", "password for the mailbox; or `xoauth2`").shown();
const XOAUTH2: Field<SecretString> = Field::new(
    "xoauth2",
    "an access token (XOAUTH2), instead of `password`",
);
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
            HOST.key(),
            SECURITY.key(),
            PORT.key(),
            SERVER_NAME.key(),
            CA_FILE.key(),
            USER.key(),
            XOAUTH2.key(),
            PASSWORD.key(),
            FOLDER.key(),
            AFTER.key(),
            POLL.key(),
            IDLE.key(),
        ],
        DATED,
    ],
};

impl Settings {
    /// What messages call the mailbox.
    pub(super) fn name(&self) -> String {
        let Self {
            user, host, port, ..
        } = self;
        format!("the mailbox of `{user}` at {host}:{port}")
    }

    /// Of a server on this machine, without TLS.
    pub(super) fn local(host: IpAddr, port: u16, user: String, password: SecretString) -> Self {
        Self {
            host: host.to_string(),
            port,
            security: Security::Plain,
            roots: None,
            server_name: host.into(),
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
        let host = fields.get(&HOST, cx);
        let security = fields.get_or(&SECURITY, cx);
        let port_given = fields.has("port");
        let port = fields.get(&PORT, cx);
        let server_name = fields.get(&SERVER_NAME, cx);
        let roots = fields.get(&CA_FILE, cx).map(|path| read_roots(&path, cx));
        let user = fields.get(&USER, cx);
        let proof = read_proof(&mut fields, cx);
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
        if security == Security::Plain {
            check_plain(host.as_ref(), &fields, cx);
        }
        fields.finish(cx);
        let host = host?;
        let server_name = read_name(server_name.as_ref().unwrap_or(&host), cx);
        Some(Self {
            port: match port {
                None if port_given => return None,
                port => port.map_or(security.port(), |Port(port)| port),
            },
            host: host.text,
            security,
            roots: match roots {
                None => None,
                Some(roots) => Some(roots?),
            },
            server_name: server_name?,
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

impl Security {
    /// Where servers listen.
    fn port(self) -> u16 {
        match self {
            Self::Tls => 993,
            Self::StartTls | Self::Plain => 143,
        }
    }
}

/// What cannot be without TLS.
fn check_plain(host: Option<&Text>, fields: &Fields<'_>, cx: &mut ReadContext) {
    if let Some(host) = host
        && !is_loopback(&host.text)
    {
        cx.problem(
            fields.span_of("security").unwrap_or(host.span),
            "without TLS, a password would cross the network in the clear",
            "write `security: tls` or `starttls`; `plain` is for mailboxes on this machine, `127.0.0.1` or `localhost`",
        );
    }
    for name in ["ca_file", "server_name"] {
        if let Some(span) = fields.span_of(name) {
            cx.problem(
                span,
                format!("`{name}` is for TLS, and this is `security: plain`"),
                "remove it",
            );
        }
    }
}

fn read_proof(fields: &mut Fields<'_>, cx: &mut ReadContext) -> Option<Proof> {
    if !fields.has("xoauth2") {
        return fields.require(&PASSWORD, cx).map(Proof::Password);
    }
    if fields.has("password") {
        // Not where they are: that line would be shown.
        let message = "`otp` has both `password` and `xoauth2`";
        cx.problem(fields.span(), message, "remove one of them");
    }
    fields.get(&XOAUTH2, cx).map(Proof::Token)
}

/// `port: 993`
struct Port(u16);

impl Read<ReadContext> for Port {
    const EXPECTED: &'static str = "a port";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let number = u64::read(node, cx)?;
        let port = u16::try_from(number).ok().filter(|port| *port > 0);
        if port.is_none() {
            cx.problem(
                node.span,
                format!("{number} is not a port"),
                "ports are 1 to 65535",
            );
        }
        port.map(Self)
    }

    fn shape() -> Shape {
        Shape::Whole(1)
    }
}

fn read_name(text: &Text, cx: &mut ReadContext) -> Option<ServerName<'static>> {
    let name = ServerName::try_from(text.text.clone()).ok();
    if name.is_none() {
        let message = format!("`{}` is not the name of a host", text.text);
        cx.problem(
            text.span,
            message,
            "expected a name such as `imap.example.org`",
        );
    }
    name
}

fn read_roots(path: &Text, cx: &mut ReadContext) -> Option<Vec<CertificateDer<'static>>> {
    if !cx.may_open(path) {
        return None;
    }
    let read = || -> Result<Vec<_>, String> {
        let pem = files::read(Path::new(&path.text), ceilings::CERTIFICATES)
            .map_err(|error| error.to_string())?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let found = found.map_err(|error| error.to_string())?;
        if found.is_empty() {
            return Err("there is no certificate in it".to_owned());
        }
        Ok(found)
    };
    match read() {
        Ok(roots) => Some(roots),
        Err(reason) => {
            let message = format!("cannot read certificates from `{}`: {reason}", path.text);
            cx.problem(
                path.span,
                message,
                "a PEM file, its path seen from the current folder",
            );
            None
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

impl Choice for Security {
    const EXPECTED: &'static str = "`tls`, `starttls` or `plain`";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("tls", Self::Tls),
        ("starttls", Self::StartTls),
        ("plain", Self::Plain),
    ];
}

impl Choice for After {
    const EXPECTED: &'static str = "`keep`, `seen` or `delete`";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("keep", Self::Keep),
        ("seen", Self::Seen),
        ("delete", Self::Delete),
    ];
}
