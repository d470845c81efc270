//! One-time passwords: where they are read, and who gets which.
//!
//! A mailbox is watched once, however many virtual users wait for mail in it:
//! a [`Mailbox`] hands over what is new, and the [`Dispatcher`] gives each
//! message to whoever waits for its recipient.
//!
//! To add a source: one file with an [`OtpSource`], one line in [`SOURCES`].

mod dispatcher;
mod extract;
mod simulator;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use secrecy::SecretString;

pub use dispatcher::{Dispatcher, MailCounts, OtpError, PendingOtp};
pub use extract::{ExtractError, find_code, redact};

use crate::scenario::{Context, Node};

/// A boxed future, so that sources can be chosen at run time.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A place where one-time passwords can be read; not yet connected.
pub trait OtpSource: fmt::Debug + Send + Sync {
    /// Connects, and notes what is already there so that only newer messages
    /// are handed over.
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Mailbox>, SourceError>>;
}

/// A connected source.
pub trait Mailbox: Send {
    /// Waits for new messages and returns them in order of arrival; an empty
    /// list means that none came for a while.
    fn next(&mut self) -> BoxFuture<'_, Result<Vec<Message>, SourceError>>;
}

/// A message as it was delivered.
pub struct Message {
    /// E-mail address or phone number.
    pub recipient: String,
    /// Milliseconds since 1970, by the sender's clock.
    pub sent_at: i64,
    /// The text that holds the code.
    pub text: SecretString,
}

/// The mailbox cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot read one-time passwords from {source_name}: {reason}")]
pub struct SourceError {
    /// Name of the source, and where it is.
    pub source_name: String,
    /// What went wrong.
    pub reason: String,
}

/// A kind of source, as named in a target under `otp.source`.
pub struct SourceKind {
    /// The name that a user writes.
    pub name: &'static str,
    /// Reads its arguments; problems go to the context.
    pub compile: fn(&Node, &mut Context<'_>) -> Option<Box<dyn OtpSource>>,
}

/// Every kind of source.
pub const SOURCES: &[SourceKind] = &[SourceKind {
    name: "simulator",
    compile: simulator::compile,
}];
