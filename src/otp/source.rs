//! What a source of one-time passwords is, wherever it reads them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::{Message, Reading, SourceError, Waiters};
use crate::clock::Clock;

/// What a source will have to say.
pub type Reply<'a, T> = BoxFuture<'a, Result<T, SourceError>>;

/// A place where one-time passwords can be read; not yet connected.
pub trait OtpSource: fmt::Debug + Send + Sync {
    /// What `otp.source` calls it.
    fn kind(&self) -> &'static str;

    /// Connects, and notes what is already there so that only newer messages
    /// are handed over.
    fn connect<'a>(&'a self, clock: &'a Clock) -> Reply<'a, Access>;

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
    fn next(&mut self) -> Reply<'_, News>;

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
    fn ask<'a>(&'a self, recipient: &'a str, since: i64) -> Reply<'a, Vec<Message>>;

    /// How long to wait before asking again.
    fn pause(&self) -> Duration;

    /// What it is, and where.
    fn name(&self) -> String;
}
