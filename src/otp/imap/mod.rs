//! `source: imap`: a mailbox on a mail server, watched by one connection.
//!
//! The connection has a thread of its own ([`watcher`]): the `imap` crate
//! blocks. What it sees goes through a channel to the dispatcher; what was
//! used, and the order to end, come back through [`Orders`].

mod dial;
mod failure;
mod fetch;
mod fetched;
mod folder;
mod idle;
mod login;
mod nesting;
mod orders;
mod settings;
mod sieve;
mod watcher;
mod wire;

use std::net::IpAddr;
use std::sync::Arc;

use orders::Orders;
use secrecy::SecretString;
pub(super) use settings::FIELDS;
use settings::Settings;
use tokio::sync::{mpsc, oneshot};
use watcher::Watcher;

use super::{Access, News, OtpSource, PushSource, Reading, Reply, SourceError, Waiters};
use crate::clock::Clock;
use crate::document::ReadContext;
use crate::language::Node;

/// News that may lie in the channel; then the thread waits.
const CHANNEL: usize = 16;

pub(super) fn compile(arguments: &Node, cx: &mut ReadContext) -> Option<Arc<dyn OtpSource>> {
    let settings = Settings::read(arguments, cx)?;
    Some(Arc::new(ImapSource(Arc::new(settings))))
}

/// The mailbox of a server on this machine, read without TLS.
pub fn local_mailbox(
    host: IpAddr,
    port: u16,
    user: String,
    password: SecretString,
) -> Arc<dyn OtpSource> {
    let settings = Settings::local(host, port, user, password);
    Arc::new(ImapSource(Arc::new(settings)))
}

#[derive(Debug)]
struct ImapSource(Arc<Settings>);

impl OtpSource for ImapSource {
    fn kind(&self) -> &'static str {
        "imap"
    }

    fn connect<'a>(&'a self, clock: &'a Clock) -> Reply<'a, Access> {
        Box::pin(async move {
            let (news, incoming) = mpsc::channel(CHANNEL);
            let (ready, connected) = oneshot::channel();
            // From here on the thread ends when this is dropped.
            let mailbox = ImapMailbox {
                incoming,
                orders: Arc::new(Orders::new(clock)),
                name: self.0.name(),
            };
            let watcher = Watcher::new(Arc::clone(&self.0), news, Arc::clone(&mailbox.orders));
            std::thread::Builder::new()
                .name("imap".to_owned())
                .spawn(move || watcher.run(ready))
                .map_err(|error| SourceError::new(self.0.name(), error.to_string()))?;
            match connected.await {
                Ok(Ok(())) => Ok(Access::Watched(Box::new(mailbox))),
                Ok(Err(error)) => Err(error),
                Err(_) => Err(mailbox.ended()),
            }
        })
    }

    fn reading(&self) -> Reading {
        self.0.reading.clone()
    }
}

/// Our end of the channel. The thread ends when it is dropped.
struct ImapMailbox {
    incoming: mpsc::Receiver<Result<News, SourceError>>,
    orders: Arc<Orders>,
    name: String,
}

impl ImapMailbox {
    fn ended(&self) -> SourceError {
        SourceError::new(self.name.clone(), "the thread that reads it has ended")
    }
}

impl PushSource for ImapMailbox {
    fn next(&mut self) -> Reply<'_, News> {
        Box::pin(async move {
            let news = self.incoming.recv().await;
            news.unwrap_or_else(|| Err(self.ended()))
        })
    }

    fn used(&mut self, handles: Vec<u64>) {
        self.orders.used(handles);
    }

    fn serves(&mut self, waiters: Waiters) {
        self.orders.serve(waiters);
    }
}

impl Drop for ImapMailbox {
    fn drop(&mut self) {
        self.orders.end();
    }
}

#[cfg(test)]
pub(super) mod tests;
