//! Who takes an e-mail from the outbox.

use std::sync::Arc;

use super::mailbox::Mailbox;
use super::smtp::Smtp;
use crate::clock::Clock;
use crate::simulator::{Config, Failure, SimulatorError};
use crate::wire::OutboxMessage;

/// Where e-mails go besides the outbox. SMS go nowhere else.
pub(in crate::simulator) enum Carrier {
    /// Nowhere.
    Nobody,
    /// Into the simulator's own mailbox.
    Mailbox(Arc<Mailbox>),
    /// Through an SMTP server.
    Smtp(Smtp),
}

/// Permission to hand over one message: there is room for it.
pub(in crate::simulator) enum Place<'a> {
    Nobody,
    Mailbox(&'a Mailbox),
    Smtp(super::smtp::Place<'a>),
}

impl Carrier {
    /// The carrier that a configuration asks for. With an SMTP server the own
    /// mailbox, if there is one, stays empty.
    ///
    /// # Errors
    /// When the SMTP server's host is unknown, or remote and that is not allowed.
    pub(in crate::simulator) async fn open(config: &Config) -> Result<Self, SimulatorError> {
        if let Some(server) = &config.smtp {
            return Ok(Self::Smtp(Smtp::start(server).await?));
        }
        Ok(match config.imap {
            Some(_) => Self::Mailbox(Arc::new(Mailbox::new(&config.clock))),
            None => Self::Nobody,
        })
    }

    /// The mailbox to serve: the one that is filled, or an empty one.
    pub(in crate::simulator) fn mailbox(&self, clock: &Clock) -> Arc<Mailbox> {
        match self {
            Self::Mailbox(mailbox) => Arc::clone(mailbox),
            Self::Nobody | Self::Smtp(_) => Arc::new(Mailbox::new(clock)),
        }
    }

    /// A place for a message to somebody, before it is sent.
    ///
    /// # Errors
    /// 503 when too many mails wait for the SMTP server.
    pub(in crate::simulator) fn place(
        &self,
        channel: &str,
        to: &str,
    ) -> Result<Place<'_>, Failure> {
        if channel != "email" {
            return Ok(Place::Nobody);
        }
        Ok(match self {
            Self::Nobody => Place::Nobody,
            Self::Mailbox(mailbox) => Place::Mailbox(mailbox),
            Self::Smtp(smtp) => Place::Smtp(smtp.place(to)?),
        })
    }

    /// Waits until mails that were taken are delivered or given up.
    pub(in crate::simulator) async fn finish(&self) {
        if let Self::Smtp(smtp) = self {
            smtp.finish().await;
        }
    }
}

impl Place<'_> {
    pub(in crate::simulator) fn take(self, message: Arc<OutboxMessage>) {
        match self {
            Self::Nobody => {}
            Self::Mailbox(mailbox) => mailbox.deliver(message),
            Self::Smtp(place) => place.take(message),
        }
    }
}
