//! Delivery through an SMTP server.
//!
//! Mails wait in bounded queues. A recipient's mails are all in the same one,
//! so that they arrive in the order in which they were sent, tried again or
//! not.

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use lettre::address::Envelope;
use lettre::transport::smtp::{self, PoolConfig};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::render::Mail;
use crate::shown::{self, terminal::Stream};
use crate::simulator::{Failure, SimulatorError};
use crate::wire::OutboxMessage;

/// Connections to the server, each with its queue.
const CONNECTIONS: usize = 8;

/// Mails that wait for one connection.
const QUEUE: usize = 2_000;

/// How often a mail is tried.
const TRIES: u32 = 6;

/// Pause before the second try; it doubles with each.
const PAUSE: Duration = Duration::from_millis(100);

/// How long the server may take for one answer.
const ANSWER: Duration = Duration::from_secs(10);

/// An SMTP server that takes mails without TLS and without a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpServer {
    /// `host:port`
    pub address: String,
    /// Also when it is not this machine: mails then travel in the clear.
    pub allow_remote: bool,
}

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Mails on their way to a server.
pub(in crate::simulator) struct Smtp {
    queues: Vec<mpsc::Sender<Arc<OutboxMessage>>>,
    hash: RandomState,
    tasks: TaskTracker,
    closing: CancellationToken,
}

/// Room for one mail.
pub(in crate::simulator) struct Place<'a>(mpsc::Permit<'a, Arc<OutboxMessage>>);

impl Place<'_> {
    pub(super) fn take(self, message: Arc<OutboxMessage>) {
        self.0.send(message);
    }
}

impl Smtp {
    /// Finds the server; connections are made when there is a mail.
    ///
    /// # Errors
    /// When its host is unknown, or remote and that is not allowed.
    pub(super) async fn start(server: &SmtpServer) -> Result<Self, SimulatorError> {
        let address = resolve(server).await?;
        let pool = PoolConfig::new().max_size(u32::try_from(CONNECTIONS).unwrap_or(1));
        let transport = Transport::builder_dangerous(address.ip().to_string())
            .port(address.port())
            .timeout(Some(ANSWER))
            .pool_config(pool)
            .build();
        let (tasks, closing) = (TaskTracker::new(), CancellationToken::new());
        let queues = (0..CONNECTIONS).map(|_| {
            let (sender, receiver) = mpsc::channel(QUEUE);
            tasks.spawn(deliver_all(transport.clone(), receiver, closing.clone()));
            sender
        });
        Ok(Self {
            queues: queues.collect(),
            hash: RandomState::new(),
            tasks,
            closing,
        })
    }

    /// Room in the recipient's queue.
    pub(super) fn place(&self, to: &str) -> Result<Place<'_>, Failure> {
        let count = self.queues.len() as u64;
        let index = self.hash.hash_one(to.to_lowercase()) % count.max(1);
        let queue = usize::try_from(index)
            .ok()
            .and_then(|index| self.queues.get(index));
        let permit = queue.and_then(|queue| queue.try_reserve().ok());
        permit.map(Place).ok_or_else(|| {
            let message = "too many mails wait for the SMTP server";
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, message)
        })
    }

    /// Delivers what waits, without trying again, and ends.
    pub(super) async fn finish(&self) {
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

async fn resolve(server: &SmtpServer) -> Result<SocketAddr, SimulatorError> {
    let found = tokio::net::lookup_host(&server.address).await;
    let mut found = found.map_err(|reason| SimulatorError::Smtp {
        address: server.address.clone(),
        reason: reason.to_string(),
    })?;
    let usable =
        |address: &SocketAddr| server.allow_remote || address.ip().to_canonical().is_loopback();
    found
        .find(usable)
        .ok_or_else(|| SimulatorError::SmtpRemote {
            address: server.address.clone(),
        })
}

async fn deliver_all(
    transport: Transport,
    mut queue: mpsc::Receiver<Arc<OutboxMessage>>,
    closing: CancellationToken,
) {
    loop {
        let message = tokio::select! {
            biased;
            message = queue.recv() => message,
            () = closing.cancelled() => None,
        };
        let Some(message) = message else {
            return;
        };
        if let Err(reason) = deliver(&transport, &message, &closing).await {
            // The code is in nothing of this.
            complain(&format!(
                "the mail to {} was not delivered: {reason}",
                message.to
            ));
        }
    }
}

async fn deliver(
    transport: &Transport,
    message: &OutboxMessage,
    closing: &CancellationToken,
) -> Result<(), String> {
    let to: Address = message
        .to
        .parse()
        .map_err(|_| "SMTP does not take the address".to_owned())?;
    // No sender, as of every automatic message: nobody wants it back.
    let envelope = Envelope::new(None, vec![to]).map_err(|error| error.to_string())?;
    let mail = Mail::of(message);
    // The end of the last line comes with the dot that ends the mail.
    let bytes = mail.bytes();
    let bytes = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
    let mut pause = PAUSE;
    for attempt in 1.. {
        let Err(error) = transport.send_raw(&envelope, bytes).await else {
            return Ok(());
        };
        let hopeless = error.is_permanent() || error.is_client();
        if hopeless || attempt == TRIES || closing.is_cancelled() {
            return Err(format!("{} (try {attempt})", described(&error)));
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = closing.cancelled() => {}
        }
        pause *= 2;
    }
    Ok(())
}

/// What the server or the network says, without any number that could be a
/// code that the server repeats.
fn described(error: &smtp::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    hide_numbers(&text)
}

/// Codes have four digits at least, answers of SMTP three.
fn hide_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let end = digits.find(|c: char| !c.is_ascii_digit());
        let (digits, after) = digits.split_at(end.unwrap_or(digits.len()));
        shown.push_str(before);
        shown.push_str(if digits.len() < 4 { digits } else { "…" });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// The simulator has no other place to say it: whoever sent the message has
/// had an answer. A reader who has gone away is no error.
fn complain(text: &str) {
    let _ = Stream::Err.write(&format!("simulator: {}\n", shown::line(text)));
}

#[cfg(test)]
mod tests;
