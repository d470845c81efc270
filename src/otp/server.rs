//! Where a mail server is, and how connections to it are protected.

use std::net::IpAddr;
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};

use crate::document::{Defaulted, Field, ReadContext};
use crate::language::{Choice, Fields, Key, Node, Read, Shape, Text};
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

/// A mail server as the target describes it.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    /// Certificates to trust, instead of those of this machine.
    pub(super) roots: Option<Vec<CertificateDer<'static>>>,
    pub(super) name: ServerName<'static>,
}

/// Where servers of one protocol listen, and what is said of it.
pub(super) struct Ports {
    pub(super) field: Field<Port>,
    /// With TLS from the first byte.
    pub(super) tls: u16,
    pub(super) other: u16,
}

const HOST: Field<Text> = Field::new("host", "name or address of the server")
    .required()
    .example("imap.example.org");
const SECURITY: Defaulted<Security> =
    Field::new("security", "how the connection is protected").or(&Security::Tls);
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

/// Its keys, but for the port.
pub(super) const KEYS: &[Key] = &[HOST.key(), SECURITY.key(), SERVER_NAME.key(), CA_FILE.key()];

impl Server {
    /// One on this machine, without TLS.
    pub(super) fn local(host: IpAddr, port: u16) -> Self {
        Self {
            host: host.to_string(),
            port,
            security: Security::Plain,
            roots: None,
            name: host.into(),
        }
    }

    pub(super) fn read(
        fields: &mut Fields<'_>,
        ports: &Ports,
        cx: &mut ReadContext,
    ) -> Option<Self> {
        let host = fields.get(&HOST, cx);
        let security = fields.get_or(&SECURITY, cx);
        let port_given = fields.has("port");
        let port = fields.get(&ports.field, cx);
        let name = fields.get(&SERVER_NAME, cx);
        let roots = fields.get(&CA_FILE, cx).map(|path| read_roots(&path, cx));
        if security == Security::Plain {
            check_plain(host.as_ref(), fields, cx);
        }
        let host = host?;
        let name = read_name(name.as_ref().unwrap_or(&host), cx);
        let usual = if security == Security::Tls {
            ports.tls
        } else {
            ports.other
        };
        Some(Self {
            port: match port {
                None if port_given => return None,
                port => port.map_or(usual, |Port(port)| port),
            },
            host: host.text,
            security,
            roots: match roots {
                None => None,
                Some(roots) => Some(roots?),
            },
            name: name?,
        })
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

/// `port: 993`
pub(super) struct Port(u16);

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
