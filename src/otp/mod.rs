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
mod clock;
mod command;
mod dispatcher;
mod error;
mod extract;
mod fixed;
mod group;
mod html;
mod http;
mod imap;
mod mail;
mod polled;
mod queue;
mod reading;
mod recent;
mod simulator;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

pub use dispatcher::{Dispatcher, Otp, PendingOtp};
pub use error::{OtpError, Prospect, SourceError};
pub use extract::{ExtractError, Wanted, find_code, redact};
pub use queue::{MailCounts, Waiters};
pub use reading::Reading;

use crate::expression::Context;
use crate::language::{Node, Shape};

/// A boxed future, so that sources can be chosen at run time.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A place where one-time passwords can be read; not yet connected.
pub trait OtpSource: fmt::Debug + Send + Sync {
    /// Connects, and notes what is already there so that only newer messages
    /// are handed over.
    fn connect(&self) -> BoxFuture<'_, Result<Access, SourceError>>;

    /// How its messages are to be understood.
    fn reading(&self) -> Reading {
        Reading::default()
    }
}

/// A connected source.
pub enum Access {
    /// Hands over whatever is new, for everybody.
    Watched(Box<dyn PushSource>),
    /// Is asked for one recipient at a time.
    Asked(Arc<dyn PollSource>),
}

/// A mailbox that is watched.
pub trait PushSource: Send {
    /// Waits for something to happen. An error is the end: the mailbox cannot
    /// be read any more. What may pass is [`News::Lost`].
    fn next(&mut self) -> BoxFuture<'_, Result<News, SourceError>>;

    /// These messages, by [`Message::handle`], were given to somebody.
    fn used(&mut self, _handles: Vec<u64>) {}

    /// Where to look whether anybody waits; told once, before the first
    /// [`Self::next`].
    fn serves(&mut self, _waiters: Waiters) {}
}

/// What happens in a mailbox.
pub enum News {
    /// New messages, in order of arrival; none when none came for a while.
    Messages(Vec<Message>),
    /// The connection is lost, for this reason; it will be tried again.
    Lost(SourceError),
    /// The connection is there again.
    Back,
    /// The server did not tell of messages that are there, as it had agreed
    /// to; on this connection they are looked for from time to time.
    Untold,
}

/// A place where codes are asked for.
pub trait PollSource: Send + Sync {
    /// What there is for `recipient` that was sent after `since`
    /// (milliseconds since 1970) and was not handed over before. After an error
    /// that may pass it is asked again until the user's time is over.
    fn ask<'a>(
        &'a self,
        recipient: &'a str,
        since: i64,
    ) -> BoxFuture<'a, Result<Vec<Message>, SourceError>>;

    /// How long to wait before asking again.
    fn pause(&self) -> Duration;

    /// What it is, and where.
    fn name(&self) -> String;
}

/// A message as it was delivered.
pub struct Message {
    /// E-mail addresses or phone numbers it may be for, the surest first.
    pub recipients: Vec<String>,
    /// What no other message has; `None` when the source has no such thing.
    pub id: Option<String>,
    /// When it was sent, if it says so.
    pub sent: Option<Sent>,
    /// What it says.
    pub content: Content,
    /// How the mailbox calls it, for [`PushSource::used`].
    pub handle: u64,
}

/// A moment by the sender's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Milliseconds since 1970.
    pub at: i64,
    /// How much later it may have been, in milliseconds: mails are dated in
    /// whole seconds.
    pub within: i64,
}

/// What a message says.
pub enum Content {
    /// Texts that hold the code.
    Text {
        /// The plain one, searched first.
        plain: Option<SecretString>,
        /// What is seen of the HTML one, searched when the other has no code.
        html: Option<SecretString>,
    },
    /// The code itself.
    Code(SecretString),
}

/// A kind of source, as named in a target under `otp.source`.
pub struct SourceKind {
    /// The name that a user writes.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// Its arguments.
    pub shape: fn() -> Shape,
    /// Reads its arguments; problems go to the context.
    pub compile: fn(&Node, &mut Context<'_>) -> Option<Box<dyn OtpSource>>,
}

/// Every kind of source.
pub const SOURCES: &[SourceKind] = &[
    SourceKind {
        name: "imap",
        about: "a mailbox, read over IMAP",
        shape: imap::shape,
        compile: imap::compile,
    },
    SourceKind {
        name: "http",
        about: "a mailbox or SMS service with an HTTP interface",
        shape: http::shape,
        compile: http::compile,
    },
    SourceKind {
        name: "command",
        about: "a program that prints the code",
        shape: || Shape::asked_for(command::compile),
        compile: command::compile,
    },
    SourceKind {
        name: "static",
        about: "a code that is always the same",
        shape: || Shape::asked_for(fixed::compile),
        compile: fixed::compile,
    },
    SourceKind {
        name: "simulator",
        about: "the simulator's outbox",
        shape: || Shape::asked_for(simulator::compile),
        compile: simulator::compile,
    },
];

/// Now, in milliseconds since 1970.
fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests;
