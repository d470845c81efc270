//! One-time passwords: where they are read, and who gets which.
//!
//! A mailbox is watched once, however many virtual users wait for mail in it:
//! a [`PushSource`] hands over what is new, and the [`Dispatcher`] gives each
//! message to whoever waits for its recipient. Where there is no mailbox to
//! watch, a [`PollSource`] is asked for one recipient at a time.
//!
//! To add a source: one file with an [`OtpSource`], one line in [`SOURCES`].

mod address;
mod backoff;
mod body;
mod caller;
mod candidates;
mod clock;
mod command;
mod css;
mod dispatcher;
mod error;
mod extract;
mod fixed;
mod group;
mod hints;
mod html;
mod http;
mod imap;
mod jmap;
mod link;
mod mail;
mod message;
mod oauth;
mod older;
mod polled;
mod pop3;
mod proof;
mod queue;
mod reading;
mod recent;
mod runs;
mod server;
mod simulator;
mod source;
mod style;
mod token;
mod words;

pub use dispatcher::{Dispatcher, Otp, PendingOtp};
pub use error::{OtpError, Prospect, SourceError};
pub use extract::{ExtractError, find_code, redact};
pub use imap::local_mailbox;
pub use message::{Body, Content, Message, Sent};
pub use queue::{MailCounts, Waiters};
pub use reading::Reading;
pub use simulator::outbox;
pub use source::{Access, News, OtpSource, PollSource, PushSource, Reply};

use std::sync::Arc;

use crate::document::ReadContext;
use crate::language::{Kind, Node, Table};

/// A kind of source, as named in a target under `otp.source`.
pub struct SourceKind {
    /// The name that a user writes.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// Its arguments.
    pub fields: Table,
    /// Reads its arguments; problems go to the context.
    pub compile: fn(&Node, &mut ReadContext) -> Option<Arc<dyn OtpSource>>,
}

impl SourceKind {
    /// What it is in the language.
    pub fn kind(&self) -> Kind {
        Kind {
            name: self.name,
            about: self.about,
            shape: self.fields.shape(),
        }
    }
}

/// Every kind of source. A further one is one file and one row: what reads
/// targets, schema, reference and messages take it from here.
pub const SOURCES: &[SourceKind] = &[
    SourceKind {
        name: "imap",
        about: "a mailbox, read over IMAP",
        fields: imap::FIELDS,
        compile: imap::compile,
    },
    SourceKind {
        name: "jmap",
        about: "a mailbox, read over JMAP",
        fields: jmap::FIELDS,
        compile: jmap::compile,
    },
    SourceKind {
        name: "pop3",
        about: "a mailbox, read over POP3",
        fields: pop3::FIELDS,
        compile: pop3::compile,
    },
    SourceKind {
        name: "http",
        about: "a mailbox or SMS service with an HTTP interface",
        fields: http::FIELDS,
        compile: http::compile,
    },
    SourceKind {
        name: "command",
        about: "a program that prints the code",
        fields: command::FIELDS,
        compile: command::compile,
    },
    SourceKind {
        name: "static",
        about: "a code that is always the same",
        fields: fixed::FIELDS,
        compile: fixed::compile,
    },
    SourceKind {
        name: "simulator",
        about: "the simulator's outbox",
        fields: simulator::FIELDS,
        compile: simulator::compile,
    },
];

#[cfg(test)]
mod tests;
